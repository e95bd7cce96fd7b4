#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: law
#
# A path whose distance changes under a flow, 10 -> 80 -> 10 ms, and a path
# that is gone for three seconds: the base RTT follows both ways, and soon the
# flow carries again what it did.
#
#	a1 ---- 50 Mbit/s, 10 or 80 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 10000 50 250000
	flow a1 b1 xgs
	nap_ms 1500
}

base_between()	# base_between FLOW LOW HIGH
{
	local us

	us=$(base_us "$1")
	[ "${us:-0}" -ge "$2" ] && [ "$us" -le "$3" ]
}

# took WHAT BEGIN_US [MOST_MS]
took()
{
	local ms=$((($(now_us) - $2) / 1000))

	if [ $# -gt 2 ]; then
		at_most "$1 after so many ms" "$ms" "$3"
	else
		note "$1 after $ms ms"
	fi
}

distance_changes()
{
	local before begin

	setup
	before=$(goodput "$flow" 1000)
	at_least "goodput at 10 ms, kbit/s" "$before" 42000
	is "band" "$(path_field "$(address a1)" "$(address b1)" band)" region

	distance a1 b1 80000
	begin=$(now_us)
	poll 15 base_between "$flow" 80000 84000
	# The window of the base RTT would take ten seconds.
	took "80 ms were learnt" "$begin" 6000
	poll 20 carries "$flow" $((before * 8 / 10))
	took "goodput was back" "$begin"
	is "band" "$(path_field "$(address a1)" "$(address b1)" band)" global
	at_least "delays taken for distance" "$(stat_of relearns)" 1

	distance a1 b1 10000
	begin=$(now_us)
	# The first sample holds what the longer path had in flight; some rounds
	# with half the window find the rest.
	poll 3 base_between "$flow" 10000 10500
	took "10 ms were learnt" "$begin"
	poll 10 carries "$flow" $((before * 8 / 10))
	took "goodput was back" "$begin"
	is "band" "$(path_field "$(address a1)" "$(address b1)" band)" region
}

# Without relearning the window of the base RTT does it.
window_follows_alone()
{
	local begin

	setup
	set_to tcp/relearn_rounds 0
	set_to path/rtt_window_ms 2000
	distance a1 b1 40000
	begin=$(now_us)
	poll 15 base_between "$flow" 40000 42000
	took "40 ms were learnt" "$begin"
	is "delays taken for distance" "$(stat_of relearns)" 0
}

# What was lost meanwhile is found after the first ACK, and is of the past.
blackout()
{
	local before begin rate dark

	setup
	before=$(goodput "$flow" 1000)
	rate=$(law_kbit "$flow")
	sever
	nap_ms 3000
	is "goodput without a link" "$(goodput "$flow" 100)" 0
	dark=$(acked "$flow")
	mend
	begin=$(now_us)
	poll 12 has_acked "$flow" $((dark + 1))
	took "the first ACK came" "$begin"
	nap_ms 50
	at_least "the law's rate five round trips later, kbit/s" \
		"$(law_kbit "$flow")" $((rate * 8 / 10))
	poll 12 carries "$flow" $((before * 8 / 10))
	took "goodput was back" "$begin"
	at_least "timeouts" "$(stat_of timeouts)" 1
	poll 5 base_between "$flow" 10000 10500
}

run_cases distance_changes window_follows_alone blackout
