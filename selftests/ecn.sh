#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ECN: xgs negotiates it, sends at the rate that marks allow while the queue
# stays short, and echoes every mark as a receiver. Peers that do not speak
# ECN, and senders that know only the classic kind, are served as well.
#
#	a1 ---- 100 Mbit/s, marks above a threshold ---- b1

. "$(dirname "$0")/lib/test.sh"

buffer=250000	# bytes: 20 ms

setup()		# setup RTT_US MARK_US
{
	sites
	host a1 b1
	distance a1 b1 "$1"
	rate 100 "$buffer"
	marks "$2"
}

speaks_ecn()	# speaks_ecn FLOW
{
	flow_socket "$1" | grep -qw ecn
}

srtt_us()	# srtt_us FLOW: smoothed RTT, microseconds
{
	field "$1" rtt | awk -F / '{ printf "%d\n", $1 * 1000 }'
}

marks_are_answered()
{
	local before

	fresh
	setup 2000 300
	on b1 sysctl -qw net.ipv4.tcp_congestion_control=xgs
	flow a1 b1 xgs
	speaks_ecn "$flow" || fail "ECN was not negotiated"
	nap_ms 1000
	before=$(dropped)
	at_least "goodput, kbit/s" "$(goodput "$flow" 2000)" 80000
	at_least "packets marked" "$(marked)" 10
	at_least "packets under marks at the sender" \
		"$(field "$flow" delivered_ce)" 10
	at_least "rounds with marks" "$(stat_of cuts_marks)" 2
	is "packets dropped once it ran" $(($(dropped) - before)) 0
	# CUBIC would fill 20 ms.
	at_most "RTT, us" "$(largest 10 50 srtt_us "$flow")" 6000
}

# The receiver echoes each mark once: what the sender counts is what was marked.
receiver_echoes_exactly()
{
	local told was

	fresh
	setup 2000 300
	on b1 sysctl -qw net.ipv4.tcp_congestion_control=xgs
	flow a1 b1 xgs
	nap_ms 1500
	stop_sending "$flow"
	told=$(field "$flow" delivered_ce)
	was=$(marked)
	at_least "packets marked" "$was" 20
	at_least "marks that the sender heard of" "$told" $((was * 9 / 10))
	# An ACK stands for two packets, and its mark for both.
	at_most "marks that the sender heard of" "$told" $((was * 2 + 10))
}

# The process stops, what it wrote is delivered, the socket stays.
stop_sending()
{
	kill -STOP "${flow_pids[$1]}"
	poll 10 all_acked "$1"
}

all_acked()
{
	[ -z "$(field "$1" unacked)" ]
}

# works_without_ecn: on a bottleneck that marks, but not these packets
works_without_ecn()
{
	flow a1 b1 xgs
	speaks_ecn "$flow" && fail "ECN was negotiated"
	nap_ms 1500
	at_least "goodput, kbit/s" "$(goodput "$flow" 2000)" 80000
	is "packets marked" "$(marked)" 0
	is "rounds with marks" "$(stat_of cuts_marks)" 0
}

peer_without_ecn()
{
	fresh
	setup 10000 1000
	on b1 sysctl -qw net.ipv4.tcp_ecn=0
	works_without_ecn
}

switched_off_by_parameter()
{
	fresh
	unload
	insert xgs_core
	insert tcp_xgs ecn=0
	setup 10000 1000
	works_without_ecn
}

# A classic sender hears of congestion once per round trip and answers.
classic_sender()
{
	fresh
	setup 10000 2000
	on a1 sysctl -qw net.ipv4.tcp_ecn=1
	on b1 sysctl -qw net.ipv4.tcp_congestion_control=xgs
	flow a1 b1 cubic
	speaks_ecn "$flow" || fail "ECN was not negotiated"
	is "control of the receiver" "$(on b1 ss -tinHO state established \
		"sport = :$flow_port" | grep -ow xgs)" xgs
	nap_ms 1500
	at_least "goodput, kbit/s" "$(goodput "$flow" 3000)" 60000
	at_least "packets marked" "$(marked)" 1
	# Without an answer to the marks the buffer would be full.
	at_most "RTT, us" "$(largest 10 50 srtt_us "$flow")" 20000
}

run_cases marks_are_answered receiver_echoes_exactly peer_without_ecn \
	switched_off_by_parameter classic_sender
