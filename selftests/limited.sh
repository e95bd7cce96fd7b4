#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: law
#
# Flows that the path does not limit: by the application, by the receiver, by
# think time. What they don't use proves nothing: model and window stay in
# bounds, and a restart finds the rate it had.
#
#	a1 ---- 50 Mbit/s, 20 ms, buffer of 1 BDP ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 20000 50 125000
}

by_the_application()
{
	setup
	# 12500 bytes each 10 ms: at most 10 Mbit/s.
	flow a1 b1 xgs -n 12500 -r 100000 -p 10
	nap_ms 8000
	at_most "window, packets" "$(field "$flow" cwnd)" 400
	at_most "the law's rate, kbit/s" "$(law_kbit "$flow")" 100000
	is "packets dropped" "$(dropped)" 0
	at_most "base RTT, us" "$(base_us "$flow")" 20500
}

by_the_receiver()
{
	local sink_options="-R 32768"

	setup
	flow a1 b1 xgs
	nap_ms 5000
	at_least "goodput, kbit/s" "$(goodput "$flow" 1000)" 5000
	at_most "window, packets" "$(field "$flow" cwnd)" 400
	at_most "the law's rate, kbit/s" "$(law_kbit "$flow")" 100000
	is "packets dropped" "$(dropped)" 0
}

# bursts PAUSE_MS: four of 1 MB, 160 ms at the full rate
bursts()
{
	transfer a1 b1 xgs -n 1000000 -r 4 -p "$1"
	is "bursts" ${#times[@]} 4
	note "bursts took ${times[*]} us"
}

by_think_time()
{
	setup
	bursts 300
	is "restarts after idle" "$(stat_of idle_restarts)" 0
	# The rate is kept: 160 ms of data, a round trip, and some slack.
	at_most "the last burst, us" "${times[3]}" 280000
	at_most "the last burst, us" "${times[3]}" "${times[0]}"
	at_most "packets dropped" "$(dropped)" 200
}

by_a_long_pause()
{
	setup
	bursts 2500
	at_least "restarts after idle" "$(stat_of idle_restarts)" 3
	# Two halvings: slower than before, faster than nothing.
	at_most "the last burst, us" "${times[3]}" 700000
}

run_cases by_the_application by_the_receiver by_think_time by_a_long_pause
