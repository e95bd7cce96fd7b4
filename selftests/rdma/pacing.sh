#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rates are kept where fq can keep them; where it cannot, nothing breaks, and
# the counters say so. A qdisc that drops a packet would put the QP in error.
#
#	rxa ---- 200 us ---- rxb

. "$(dirname "$0")/../lib/roce.sh"

drops()		# drops DEVICE
{
	tc -s qdisc show dev "$1" |
		sed -n '0,/dropped/s/.*(dropped \([0-9]*\),.*/\1/p'
}

# The rate is that of frames: 4096 of 4170 bytes or so are payload.
rate_is_kept()
{
	roce
	delay 200
	rset line_rate_mbps 50
	rset near_us 1000000	# from the start at that rate
	write_bw -s 65536 -n 60
	at_least "Mbit/s" "$mbps" 45
	at_most "Mbit/s" "$mbps" 50
	rset device/rxa/line_rate_mbps 100
	write_bw -s 65536 -n 60
	at_least "Mbit/s" "$mbps" 90
	at_most "Mbit/s" "$mbps" 100
	is "packets opened" "$(stat packets_opened)" 0
	is "packets resent" "$(stat packets_resent)" 0
}

read_responses_are_paced()
{
	roce
	delay 200
	rset line_rate_mbps 50
	rset near_us 1000000	# from the start at that rate
	read_bw -s 65536 -n 60
	at_least "Mbit/s" "$mbps" 45
	at_most "Mbit/s" "$mbps" 50
	is "drops" "$(drops b0)" 0
}

# For longer than any break may be away: 16 READs at once would be 5 % more.
reads_take_no_breaks()
{
	roce
	delay 200
	rset line_rate_mbps 20
	rset near_us 1000000	# from the start at that rate
	read_bw -s 65536 -n 420
	at_least "Mbit/s" "$mbps" 18
	at_most "Mbit/s" "$mbps" 19
}

# All is marked, and DCQCN's rate down to the least again and again; without a CNP
# it is back after 2 ms. Packets handed over meanwhile leave by then.
near_packets_leave_when_rates_are_back()
{
	roce
	delay 40
	rset profile dcqcn
	rset line_rate_mbps 500
	ce 100
	write_bw -s 65536 -n 200
	at_least "Mbit/s" "$mbps" 200
	is "packets capped" "$(stat packets_capped)" 0
}

without_fq_nothing_waits()
{
	roce
	delay 200
	tc qdisc replace dev a0 root pfifo limit 20000
	rset line_rate_mbps 20
	write_bw -s 65536 -n 60
	at_least "Mbit/s" "$mbps" 40
	is "pacing of rxa" "$(get rdma/device/rxa/pacing)" unpaced
	is "packets paced" "$(stat packets_paced)" 0
	at_least "packets not paced" "$(stat packets_unpaced)" 960
	# It may come later.
	tc qdisc replace dev a0 root fq limit 200000 flow_limit 65536
	write_bw -s 65536 -n 120
	at_most "Mbit/s" "$mbps" 21
	is "pacing of rxa" "$(get rdma/device/rxa/pacing)" paced
}

# Defaults of fq for READ, and less than a QP may have under way for WRITE.
small_fq_is_left_open()
{
	roce
	delay 200
	tc qdisc replace dev b0 root fq
	tc qdisc replace dev a0 root fq limit 1000 flow_limit 70
	rset line_rate_mbps 20
	# The limits are asked for once a second.
	write_bw -s 4096 -n 5
	read_bw -s 4096 -n 5
	sleep 1.5
	write_bw -s 65536 -n 60
	note "WRITE: $mbps Mbit/s"
	read_bw -s 262144 -n 16
	note "READ: $mbps Mbit/s"
	at_least "packets opened" "$(stat packets_opened)" 100
	is "drops at a0" "$(drops a0)" 0
	is "drops at b0" "$(drops b0)" 0
}

profile_off_leaves_all_alone()
{
	roce
	delay 200
	rset line_rate_mbps 20
	rset device/rxa/profile off
	write_bw -s 65536 -n 60
	at_least "Mbit/s" "$mbps" 40
	is "flows" "$(get rdma/device/rxa/flows)" 0
	is "packets made ECN-capable" "$(stat packets_marked_ect)" 0
	# What is not ECN-capable would be lost: now the program makes it so.
	ce 3
	write_bw -s 65536 -n 60 --tclass=2
	at_least "Mbit/s" "$mbps" 40
	at_least "CNPs sent by rxb" "$(stat cnps_sent)" 1
	is "CNPs believed by rxa" "$(stat cnps_received)" 0
	is "flows" "$(get rdma/device/rxa/flows)" 0
	rset device/rxa/profile dcqcn
	write_bw -s 65536 -n 120
	at_most "Mbit/s" "$mbps" 21
	grep -q ' near ' "$RDMA_FLOWS" || fail "the flow does not run DCQCN"
	at_least "CNPs" "$(stat cnps_received)" 1
}

run_cases rate_is_kept read_responses_are_paced reads_take_no_breaks \
	near_packets_leave_when_rates_are_back without_fq_nothing_waits \
	small_fq_is_left_open profile_off_leaves_all_alone
