#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: law
#
# The distance of a peer is measured within 2 %, from 0.1 to 150 ms, as the
# flow's model and as the path table's base RTT, kilometres and band.
#
#	                     .-- b1	0.1 ms
#	                     |-- b2	0.5 ms
#	a1 ---- ga ---- gb --|-- b3	  1 ms
#	                     |-- b4	 10 ms
#	                     |-- b5	 60 ms
#	                     '-- b6	150 ms
#
# What veth and the hosts add to the configured delay is measured with CUBIC
# on a path without any; the kernel's own minimum over the flow's life (minrtt),
# which knows the handshake's small packets as well, is the second witness.

. "$(dirname "$0")/lib/test.sh"

# Bursts of ten packets with pauses: no queue, and RTT samples enough.
light="-n 14480 -r 100000 -p 25"

minrtt_us()	# minrtt_us FLOW
{
	field "$1" minrtt | awk '{ printf "%d\n", $1 * 1000 + 0.5 }'
}

delivered()	# delivered FLOW PACKETS
{
	local packets

	packets=$(field "$1" delivered)
	[ "${packets:-0}" -ge "$2" ]
}

# within_2_percent WHAT GOT LOW HIGH
within_2_percent()
{
	at_least "$1" "$2" $(($3 - $3 / 50))
	at_most "$1" "$2" $(($4 + $4 / 50))
}

distances_are_measured()
{
	local i us overhead path
	local delay=(0 100 500 1000 10000 60000 150000)
	local band=('' rack campus metro region continent global)
	local flows=()

	fresh
	sites
	host a1 b1 b2 b3 b4 b5 b6
	# shellcheck disable=SC2086 # options
	flow a1 b1 cubic $light
	poll 10 delivered "$flow" 200
	overhead=$(minrtt_us "$flow")
	at_most "RTT without distance, us" "$overhead" 1000
	stop "$flow"

	for i in {1..6}; do
		hop_delay[b$i]=${delay[i]}
		hop b"$i"
		# shellcheck disable=SC2086 # options
		flow a1 b$i xgs $light
		flows[i]=$flow
	done
	for i in {1..6}; do
		poll 60 delivered "${flows[i]}" 200
	done
	for i in {1..6}; do
		note "--- ${delay[i]} us"
		us=$(base_us "${flows[i]}")
		within_2_percent "flow's base RTT" "$us" "${delay[i]}" \
			$((delay[i] + overhead))
		at_most "its distance from the kernel's minrtt, us" \
			$((us - $(minrtt_us "${flows[i]}"))) \
			$((us / 50 + overhead / 2))
		path=$(path_field "$(address a1)" "$(address b"$i")" base_rtt_us)
		within_2_percent "path's base RTT" "$path" "${delay[i]}" \
			$((delay[i] + overhead))
		is "path's km" \
			"$(path_field "$(address a1)" "$(address b"$i")" km)" \
			$(((path + 5) / 10))
		is "path's band" \
			"$(path_field "$(address a1)" "$(address b"$i")" band)" \
			"${band[i]}"
	done
	for i in {1..6}; do
		is "paths in band ${band[i]}" "$(get "band/${band[i]}/paths")" 1
	done
}

# Under load the queue must not be taken for distance.
load_does_not_hide_it()
{
	local us

	fresh
	sites
	host a1 b1
	distance a1 b1 10000
	rate 20 50000
	flow a1 b1 xgs
	nap_ms 4000
	us=$(base_us "$flow")
	within_2_percent "base RTT under load" "$us" 10000 10500
}

run_cases distances_are_measured load_does_not_hide_it
