#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Small and shrinking path MTUs, and jumbo frames.
#
#	a1 ---- 20 or 100 Mbit/s, 10 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()		# setup MTU MBIT
{
	fresh
	one_path 10000 "$2" $(($2 * 2500)) "$1"
}

# shrink MTU: of the link between the gateways
shrink()
{
	ip -n "${NS}ga" link set gb mtu "$1"
	ip -n "${NS}gb" link set ga mtu "$1"
}

jumbo()
{
	setup 9000 100
	flow a1 b1 xgs
	nap_ms 1000
	is "path MTU" "$(field "$flow" pmtu)" 9000
	at_least "goodput, kbit/s" "$(goodput "$flow" 1500)" 80000
}

shrinks_under_a_flow()
{
	setup 1500 20
	flow a1 b1 xgs
	nap_ms 1000
	shrink 600
	poll 10 carries "$flow" 14000
	is "path MTU" "$(field "$flow" pmtu)" 600
	is "control of the flow" "$(control "$flow")" xgs
}

shrinks_under_a_flow_of_ipv6()
{
	setup 1500 20
	flow6 a1 b1 xgs
	nap_ms 1000
	shrink 1280
	poll 10 carries "$flow" 14000
	is "path MTU" "$(field "$flow" pmtu)" 1280
}

run_cases jumbo shrinks_under_a_flow shrinks_under_a_flow_of_ipv6
