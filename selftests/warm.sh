#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Warm start: the second flow over a path starts at a share of what the first
# one has proven, so its first megabyte arrives sooner; switched off, for the
# path's band or at all, it starts like the first.
#
#	a1 ---- 50 Mbit/s, 60 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	sites
	host a1 b1
	distance a1 b1 60000
	rate 50 400000
}

# first_megabyte WHAT: of a new flow, microseconds, into $took
took=
first_megabyte()
{
	transfer a1 b1 xgs -n 1000000
	took=${times[0]}
	note "$1: $took us"
}

# prove: let a flow show what the path carries
prove()
{
	transfer a1 b1 xgs -n 10000000
	at_least "proven rate, bit/s" \
		"$(path_field "$(address a1)" "$(address b1)" rate_bps)" 35000000
}

second_flow_is_faster()
{
	local cold

	setup
	# Hosts look each other's address up, which takes a round trip.
	transfer a1 b1 reno -n 1000
	first_megabyte cold
	cold=$took
	# What the cold flow has proven would warm the next one.
	set_to path/flush 1
	prove
	is "warm starts so far" "$(stat_of warm_starts)" 0
	first_megabyte warm
	is "warm starts" "$(stat_of warm_starts)" 1
	at_most "warm, us" "$took" $((cold * 92 / 100))
	set_to path/flush 1
	first_megabyte "cold again"
	at_least "cold again, us" "$took" $((cold * 9 / 10))
	is "warm starts" "$(stat_of warm_starts)" 1
}

is_off_for_a_band()
{
	setup
	prove
	set_to band/continent/warm_start 0
	first_megabyte "switched off"
	is "warm starts" "$(stat_of warm_starts)" 0
	set_to band/continent/warm_start 1
	set_to band/region/warm_start 0
	set_to band/global/warm_start 0
	first_megabyte "other bands switched off"
	is "warm starts" "$(stat_of warm_starts)" 1
}

is_off_at_all()
{
	setup
	prove
	set_to tcp/warm_start_pct 0
	first_megabyte "switched off"
	is "warm starts" "$(stat_of warm_starts)" 0
}

# What was known is of no use when the handshake tells of another distance.
not_on_a_longer_path()
{
	setup
	prove
	distance a1 b1 120000
	first_megabyte "twice as far"
	# What is known of the shorter path must not look like a queue.
	at_most "twice as far, us" "$took" 1500000
	is "warm starts" "$(stat_of warm_starts)" 0
}

run_cases second_flow_is_faster is_off_for_a_band is_off_at_all \
	not_on_a_longer_path
