#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: performance
#
# ACKs that are late because somebody else fills the queue of their way are no reason
# to send less, and not a rival either.
#
#	a1 ---- 50 Mbit/s both ways, 40 ms, buffers of 1.5 BDP ---- b1

. "$(dirname "$0")/lib/test.sh"

# beside CC: goodput of xgs, and of CC the other way
beside()
{
	local there back result before

	fresh
	sites
	host a1 b1
	hop_delay[a1]=20000
	hop_delay[b1]=20000
	hop a1
	hop b1
	rate 50 375000
	rate 50 375000 gb ga
	flow a1 b1 xgs
	there=$flow
	nap_ms 4000
	before=$(field "$there" bytes_retrans)
	flow b1 a1 "$1"
	back=$flow
	nap_ms 3000
	mapfile -t result < <(goodput_all 9000 "$there" "$back")
	note "${result[0]} there and ${result[1]} kbit/s back"
	at_least "there, kbit/s" "${result[0]}" 38000
	at_least "back, kbit/s" "${result[1]}" 33000
	at_most "sent again, bytes" \
		$(($(field "$there" bytes_retrans) - ${before:-0})) 300000
}

cubic_comes_back()
{
	beside cubic
}

bbr_comes_back()
{
	beside bbr
}

run_cases cubic_comes_back bbr_comes_back
