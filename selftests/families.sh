#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# xgs carries IPv4, IPv6 and IPv4 through an IPv6 socket; paths of the first
# and the last are one entry of the path table.
#
#	a1 ---- ga ---- gb ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 4000 50 100000
}

# carried FLOW
carried()
{
	is "control of the flow" "$(control "$1")" xgs
	nap_ms 500
	at_least "goodput in kbit/s" "$(goodput "$1" 1000)" 40000
}

path_is_known()	# path_is_known LOCAL REMOTE
{
	local us

	us=$(path_field "$1" "$2" base_rtt_us)
	at_least "base RTT from $1 to $2" "${us:-0}" 4000
	at_most "base RTT from $1 to $2" "$us" 4200
}

ipv4()
{
	setup
	flow a1 b1 xgs
	carried "$flow"
	path_is_known "$(address a1)" "$(address b1)"
	is "paths" "$(get path/count)" 1
}

ipv6()
{
	setup
	flow6 a1 b1 xgs
	carried "$flow"
	path_is_known "$(address6 a1)" "$(address6 b1)"
	is "paths" "$(get path/count)" 1
}

mapped()
{
	setup
	flow_to "::ffff:$(address b1)" a1 b1 xgs
	carried "$flow"
	path_is_known "$(address a1)" "$(address b1)"
	flow a1 b1 xgs
	poll 5 runs_two_flows
	is "paths" "$(get path/count)" 1
}

runs_two_flows()
{
	[ "$(path_field "$(address a1)" "$(address b1)" flows)" = 2 ]
}

families_are_two_paths()
{
	setup
	flow a1 b1 xgs
	flow6 a1 b1 xgs
	is "paths" "$(get path/count)" 2
}

run_cases ipv4 ipv6 mapped families_are_two_paths
