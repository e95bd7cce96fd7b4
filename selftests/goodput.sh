#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: performance
#
# Goodput of xgs at four distances, with and without random loss, beside what
# CUBIC gets on the same path: no less, and with loss far more from
# 60 ms on.
#
#	a1 ---- 40 Mbit/s, 1 to 150 ms, buffer of 1 BDP ---- b1

. "$(dirname "$0")/lib/test.sh"

# 40 Mbit/s of Ethernet frames carry so much, kbit/s.
full=38260
loss_percent=0.3

# measure CONTROL LEAD_MS MS: kbit/s into $result
result=
measure()
{
	flow a1 b1 "$1"
	nap_ms "$2"
	result=$(goodput "$flow" "$3")
	stop "$flow"
}

# compare RTT_MS LEAD_MS MS UTILISATION_PERCENT XGS_TO_CUBIC_PERCENT LOSS
compare()
{
	local rtt=$1 lead=$2 ms=$3 percent=$4 ratio=$5 cubic buffer

	fresh
	sites
	host a1 b1
	distance a1 b1 $((rtt * 1000))
	buffer=$((rtt * 5000))
	rate 40 $((buffer > 30000 ? buffer : 30000))
	[ -z "${6:-}" ] || loss b1 "$6"
	measure cubic "$lead" "$ms"
	cubic=$result
	note "CUBIC: $cubic kbit/s"
	measure xgs "$lead" "$ms"
	at_least "xgs, kbit/s" "$result" $((full * percent / 100))
	at_least "xgs to CUBIC, per cent" $((100 * result / cubic)) "$ratio"
}

at_1_ms()
{
	compare 1 500 1500 90 90
}

at_10_ms()
{
	compare 10 1000 2000 90 90
}

at_60_ms()
{
	compare 60 2500 3000 90 90
}

at_150_ms()
{
	compare 150 5000 4000 85 90
}

at_1_ms_with_loss()
{
	compare 1 500 1500 85 90 "$loss_percent"
}

at_10_ms_with_loss()
{
	compare 10 1000 2000 85 100 "$loss_percent"
}

at_60_ms_with_loss()
{
	compare 60 2500 3000 85 300 "$loss_percent"
}

at_150_ms_with_loss()
{
	compare 150 5000 4000 80 400 "$loss_percent"
}

run_cases at_1_ms at_10_ms at_60_ms at_150_ms at_1_ms_with_loss \
	at_10_ms_with_loss at_60_ms_with_loss at_150_ms_with_loss
