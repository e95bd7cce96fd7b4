#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: performance
#
# A flow that joins another one of its path has its share within 20 round trips,
# as the other one makes room; who stays takes what somebody leaves. Flows that
# pause together begin the next burst with the same rate.
#
#	a1 ---- 200 Mbit/s, 40 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

readonly RTT_MS=40

setup()
{
	fresh
	one_path $((RTT_MS * 1000)) 200 1000000
}

# meet: a flow that was alone for a while, and another one 20 round trips later,
# in $resident and $guest, the smaller's part of a second, per cent, in $part
resident=
guest=
part=
meet()
{
	local result

	flow a1 b1 xgs
	resident=$flow
	nap_ms 6000
	flow a1 b1 xgs
	guest=$flow
	nap_ms $((20 * RTT_MS))
	mapfile -t result < <(goodput_all 1000 "$resident" "$guest")
	note "$1: ${result[0]} and ${result[1]} kbit/s"
	part=$((result[0] < result[1] ? result[0] : result[1]))
	part=$((100 * part / (result[0] + result[1])))
	at_least "both, kbit/s" $((result[0] + result[1])) 150000
}

a_guest_has_its_share()
{
	setup
	meet "with sharing"
	at_least "the smaller part, per cent" "$part" 35
}

sharing_can_be_switched_off()
{
	setup
	set_to tcp/share 0
	meet "without"
	at_most "the smaller part, per cent" "$part" 30
}

what_is_left_is_taken()
{
	setup
	meet "with sharing"
	stop "$guest"
	nap_ms $((15 * RTT_MS))
	at_least "the one that stays, kbit/s" "$(goodput "$resident" 1000)" \
		160000
}

# spread FLOW...: of the laws' rates, per cent of the largest
spread()
{
	local name

	for name; do
		law_kbit "$name"
	done | sort -n | awk '
		NR == 1 { least = $1 }
		END { printf "%d\n", 100 * ($1 - least) / $1 }'
}

# Steps of six round trips, and a pause after each.
bursts_begin_alike()
{
	local flows=() i least=100 now

	setup
	for i in 1 2 3 4; do
		flow a1 b1 xgs -n 1500000 -r 100 -a 1000
		flows+=("$flow")
	done
	nap_ms 6000
	for i in {1..40}; do
		now=$(spread "${flows[@]}")
		least=$((now < least ? now : least))
		nap_ms 50
	done
	at_most "their rates differ by, per cent" "$least" 1
}

run_cases a_guest_has_its_share sharing_can_be_switched_off \
	what_is_left_is_taken bursts_begin_alike
