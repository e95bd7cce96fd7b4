#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a flow is paced at is its law's rate: a rate of payload, whoever keeps the
# time, fq or TCP's own timer. With the headers of 1500 bytes added, a flow sends 3 %
# more than it believes, and over distance its queue never goes.
#
#	a1 ---- 50 Mbit/s, 20 ms, buffer of 1 BDP ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 20000 50 125000
}

# pacing_permille FLOW: of the law's rate and gain, as ss has all three
pacing_permille()
{
	flow_socket "$1" | tr '(),' ' ' | awk '
		{
			for (i = 1; i <= NF; i++) {
				if (split($i, part, ":") == 2)
					value[part[1]] = part[2] + 0
				else if ($i == "pacing_rate")
					value[$i] = $(i + 1) + 0
			}
		}
		END {
			rate = value["bw"] * value["pacing_gain"]
			printf "%d\n", rate ? value["pacing_rate"] * 1000 / rate : 0
		}'
}

is_paced_by_the_law()
{
	local i part

	flow a1 b1 xgs
	for i in 1 2 3 4 5 6; do
		nap_ms 300
		part=$(pacing_permille "$flow")
		at_least "pacing rate, permille of the law's" "$part" 990
		at_most "pacing rate, permille of the law's" "$part" 1010
	done
}

by_fq()
{
	setup
	on a1 tc qdisc replace dev ga root fq
	is_paced_by_the_law
}

by_the_stack()
{
	setup
	is_paced_by_the_law
}

run_cases by_fq by_the_stack
