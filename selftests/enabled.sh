#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kill switch, tcp/enabled: switched off, new flows get CUBIC, and those
# under way take no more than they had, though the link has more. Switched on
# again, both have what they chose. References stay right all the time.
#
#	a1 ---- 20 ms, 20 or 40 Mbit/s ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 20000 20 100000
}

moves()		# moves FLOW: it carries data
{
	[ "$(goodput "$1" 500)" -ge 1000 ]
}

new_flows_get_cubic()
{
	setup
	set_to tcp/enabled 0
	flow a1 b1 xgs
	is "control of the flow" "$(control "$flow")" cubic
	poll 5 moves "$flow"
	flow6 a1 b1 xgs
	is "control over IPv6" "$(control "$flow")" cubic
	poll 5 moves "$flow"
	is "flows given CUBIC" "$(stat_of fallbacks)" 2
	is "flows that started" "$(stat_of flows_started)" 0
}

what_a_server_accepts_gets_cubic()
{
	setup
	on b1 sysctl -qw net.ipv4.tcp_congestion_control=xgs
	set_to tcp/enabled 0
	flow a1 b1 cubic
	is "control of the server" "$(on b1 ss -tinHO state established \
		"sport = :$flow_port" | grep -ow cubic)" cubic
	is "flows given CUBIC" "$(stat_of fallbacks)" 1
}

flows_under_way_stay()
{
	local before

	setup
	flow a1 b1 xgs
	nap_ms 2000
	before=$(goodput "$flow" 1000)
	at_least "goodput, kbit/s" "$before" 16000
	set_to tcp/enabled 0
	rate 40 200000
	nap_ms 2000
	at_most "goodput when switched off, kbit/s" \
		"$(goodput "$flow" 1000)" 28000
	at_least "the same" "$(goodput "$flow" 1000)" 14000
	is "control of the flow" "$(control "$flow")" xgs

	set_to tcp/enabled 1
	nap_ms 4000
	at_least "goodput when switched on, kbit/s" \
		"$(goodput "$flow" 1000)" 33000
}

a_start_ends()
{
	setup
	distance a1 b1 100000
	rate 100 2000000
	flow a1 b1 xgs
	nap_ms 450
	set_to tcp/enabled 0
	nap_ms 1000
	at_most "goodput, kbit/s" "$(goodput "$flow" 1000)" 40000
}

most_kbit()	# most_kbit FLOW: the most that the law gives it in a second
{
	largest 5 200 law_kbit "$1"
}

# Flows that pause together go on alike (selftest join), but not when switched off:
# a guest that found the link full has little, and keeps it. At times it has less
# than is its own, after a cut; so what counts is the most of several samples.
a_pause_gives_nothing()
{
	local host guest before

	setup
	distance a1 b1 40000
	rate 200 1000000
	set_to tcp/share 0
	flow a1 b1 xgs -n 1500000 -r 100 -a 500
	host=$flow
	nap_ms 4000
	flow a1 b1 xgs -n 1500000 -r 100 -a 500
	guest=$flow
	nap_ms 3000
	set_to tcp/enabled 0
	nap_ms 1000
	before=$(most_kbit "$guest")
	at_most "the guest's rate, kbit/s" "$before" \
		$(($(most_kbit "$host") * 7 / 8))
	set_to tcp/share 1
	nap_ms 2000
	at_most "the same, some pauses later" "$(most_kbit "$guest")" \
		$((before + before / 16))
}

on_again_is_for_new_flows()
{
	local given

	setup
	set_to tcp/enabled 0
	flow a1 b1 xgs
	given=$flow
	set_to tcp/enabled 1
	flow a1 b1 xgs
	is "control of a new flow" "$(control "$flow")" xgs
	is "control of the old one" "$(control "$given")" cubic
	is "flows that started" "$(stat_of flows_started)" 1
}

references_are_right()
{
	setup
	set_to tcp/enabled 0
	flow a1 b1 xgs
	refused 'in use' rmmod tcp_xgs
	poll 5 moves "$flow"
	stop "$flow"
	unload
	loaded tcp_xgs && fail "a flow that was given CUBIC holds the module"
	is "CUBIC" "$(grep -ow cubic \
		/proc/sys/net/ipv4/tcp_available_congestion_control)" cubic
	insert xgs_core
	insert tcp_xgs
	is tcp/enabled "$(get tcp/enabled)" 1
	flow a1 b1 xgs
	is "control of a flow" "$(control "$flow")" xgs
}

# Back and forth while flows come and go: nothing is lost, nothing is left.
switched_under_load()
{
	local round

	setup
	sink b1 5998
	for ((round = 0; round < 12; round++)); do
		set_to tcp/enabled $((round % 2))
		on a1 "$TRAFFIC" short -C xgs -n 300000 "$(address b1)" 5998
	done
	is "flows" $(($(stat_of fallbacks) + $(stat_of flows_started))) 12
	is "flows given CUBIC" "$(stat_of fallbacks)" 6
	unload
	loaded tcp_xgs && fail "something holds the module"
	return 0
}

run_cases new_flows_get_cubic what_a_server_accepts_gets_cubic \
	flows_under_way_stay a_start_ends a_pause_gives_nothing \
	on_again_is_for_new_flows references_are_right switched_under_load
