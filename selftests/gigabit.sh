#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: performance
#
# The main job: 1 Gbit/s over 60 ms (6000 km) with 0.1 % random loss. xgs holds
# 90 % of it where CUBIC, in the same run, collapses.
#
#	a1 ---- 1 Gbit/s, 60 ms, 0.1 % loss, buffer of 1/2 BDP ---- b1
#
# Frames of 9000 bytes: an emulated processor cannot forward more packets.

. "$(dirname "$0")/lib/test.sh"

holds_the_link_where_cubic_collapses()
{
	local xgs cubic

	fresh
	sites 9000
	host a1 b1
	distance a1 b1 60000
	rate 1000 3750000
	loss b1 0.1
	flow a1 b1 cubic
	nap_ms 3000
	cubic=$(goodput "$flow" 3000)
	stop "$flow"
	at_most "CUBIC, kbit/s" "$cubic" 300000
	flow a1 b1 xgs
	nap_ms 3000
	xgs=$(goodput "$flow" 4000)
	at_least "xgs, kbit/s" "$xgs" 900000
}

run_cases holds_the_link_where_cubic_collapses
