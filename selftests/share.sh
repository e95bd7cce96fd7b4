#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: performance
#
# Flows of xgs share a bottleneck: alike at the same distance, and a far flow
# is not starved by a near one, with marks or without. Nor does xgs starve
# beside CUBIC, or starve it.
#
#	a1 --.  2 ms
#	      ga ---- 50 Mbit/s ---- gb ---- b1
#	a2 --'  2 or 40 ms

. "$(dirname "$0")/lib/test.sh"

setup()		# setup A1_US A2_US
{
	fresh
	sites
	host a1 a2 b1
	hop_delay[a1]=$1
	hop_delay[a2]=$2
	hop a1
	hop a2
	rate 50 125000
}

# share LEAD_MS MS [CC]: goodput of a flow of CC, default xgs, and one of xgs
# into $first and $second
first=
second=
share()
{
	local one result

	flow a1 b1 "${3:-xgs}"
	one=$flow
	nap_ms 1000
	flow a2 b1 xgs
	nap_ms "$1"
	mapfile -t result < <(goodput_all "$2" "$one" "$flow")
	first=${result[0]}
	second=${result[1]}
	note "$first and $second kbit/s"
	at_least "both, kbit/s" $((first + second)) 42000
}

# smaller_part: of the sum, per cent
smaller_part()
{
	echo $((100 * (first < second ? first : second) / (first + second)))
}

same_distance()
{
	setup 20000 20000
	share 10000 5000
	at_least "the smaller part, per cent" "$(smaller_part)" 33
}

near_and_far()
{
	setup 2000 40000
	share 12000 6000
	at_least "the smaller part, per cent" "$(smaller_part)" 12
}

near_and_far_with_marks()
{
	setup 2000 40000
	# Who listens has a say in whether ECN is spoken.
	on b1 sysctl -qw net.ipv4.tcp_congestion_control=xgs
	marks 1000
	share 12000 6000
	at_least "the smaller part, per cent" "$(smaller_part)" 12
	at_least "packets marked" "$(marked)" 1
}

beside_cubic()
{
	setup 20000 20000
	share 15000 15000 cubic
	at_least "the smaller part, per cent" "$(smaller_part)" 20
	at_least "delays that did not yield" "$(stat_of rivals)" 1
}

run_cases same_distance near_and_far near_and_far_with_marks beside_cubic
