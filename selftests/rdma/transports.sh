#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every transport, operation and address family works under control, is paced,
# has its marks answered, and the answer slows it down.
#
#	rxa ---- 2 ms, 3 % marked ---- rxb

. "$(dirname "$0")/../lib/roce.sh"

# under_control COMMAND...: the transfer works, and all of it is at work
under_control()
{
	delay 2000
	ce 3
	rset line_rate_mbps 200
	"$@"
	note "$*: $mbps Mbit/s"
	sleep 0.02	# the last CNP arrives
	at_least "Mbit/s" "$mbps" 1
	at_least "packets paced" "$(stat packets_paced)" 100
	at_least "marks seen" "$(stat ce_seen)" 1
	at_least "CNPs sent" "$(stat cnps_sent)" 1
	at_least "CNPs received" "$(stat cnps_received)" 1
	is "CNPs lost on the way" $(($(stat cnps_sent) - $(stat cnps_received) -
		$(stat cnps_unresolved) - $(stat cnps_stray))) 0
	is "CNPs that were refused" \
		"$(($(stat cnps_bad_shape) + $(stat cnps_bad_icrc)))" 0
	is "malformed packets" "$(stat malformed)" 0
	cat "$RDMA_FLOWS"
}

rc_write()
{
	roce
	under_control write_bw -s 65536 -n 60 -q 2
	# Its own packets have measured the path.
	at_least "base RTT, us" "$(awk '$2 == "rxa" { print $7; exit }' \
		"$RDMA_FLOWS")" 2000
	at_most "base RTT, us" "$(awk '$2 == "rxa" { print $7; exit }' \
		"$RDMA_FLOWS")" 2400
}

rc_send()
{
	roce
	under_control send_bw -s 65536 -n 60
}

# The data goes from rxb to rxa: marks are on the other way.
rc_read()
{
	roce
	perftest_swap=yes
	under_control read_bw -s 65536 -n 60
}

uc_write()
{
	roce
	under_control write_bw -c UC -s 65536 -n 100
}

ud_send()
{
	roce
	under_control send_bw -c UD -s 4096 -n 1000
	is "flows of datagrams" \
		"$(awk '$5 == "datagram" && $2 == "rxa"' "$RDMA_FLOWS" | wc -l)" 1
}

ipv6()
{
	roce
	gid=$(gid_of rxa fd88)
	gid_b=$(gid_of rxb fd88)
	under_control write_bw -s 65536 -n 60
	grep -q fd88:2::1 "$RDMA_FLOWS" || fail "no flow of IPv6"
}

vlan()
{
	roce
	roce_vlan
	poll 5 gid_of rxa 0a58:0301 >/dev/null
	poll 5 gid_of rxb 0a58:0401 >/dev/null
	gid=$(gid_of rxa 0a58:0301)
	gid_b=$(gid_of rxb 0a58:0401)
	under_control write_bw -s 65536 -n 60
	grep -q 10.88.4.1 "$RDMA_FLOWS" || fail "no flow of the VLAN"
	is "pacing of rxa" "$(get rdma/device/rxa/pacing)" paced
}

# base_rtt DEVICE KIND: microseconds, of its flow that sent last
base_rtt()
{
	awk -v device="$1" -v kind="$2" '
		$2 == device && $5 == kind && (!n || $NF < least) {
			n = 1; least = $NF; us = $7
		} END { print us + 0 }' "$RDMA_FLOWS"
}

# What cannot measure its path, as UC, UD and READ's responder cannot, is told by
# the path table; until somebody has measured, default_rtt_us is all there is.
paths_are_told()
{
	roce
	delay 5000
	rset line_rate_mbps 200
	rset default_rtt_us 700
	write_bw -c UC -s 65536 -n 20
	is "base RTT of UC at first, us" "$(base_rtt rxa connected)" 700
	read_bw -s 65536 -n 20
	is "base RTT of the responder at first, us" \
		"$(base_rtt rxb connected)" 700
	# Requests of its own measure the way of each.
	write_bw -s 65536 -n 20
	perftest_swap=yes
	write_bw -s 65536 -n 20
	perftest_swap=
	write_bw -c UC -s 65536 -n 20
	at_least "base RTT of UC, us" "$(base_rtt rxa connected)" 5000
	at_most "base RTT of UC, us" "$(base_rtt rxa connected)" 5500
	send_bw -c UD -s 4096 -n 100
	at_least "base RTT of UD, us" "$(base_rtt rxa datagram)" 5000
	at_most "base RTT of UD, us" "$(base_rtt rxa datagram)" 5500
	read_bw -s 65536 -n 20
	at_least "base RTT of the responder, us" \
		"$(base_rtt rxb connected)" 5000
	at_most "base RTT of the responder, us" \
		"$(base_rtt rxb connected)" 5500
	# All flows run the law for that distance.
	is "flows that run DCQCN" "$(awk '$8 == "near"' "$RDMA_FLOWS")" ""
}

run_cases rc_write rc_send rc_read uc_write ud_send ipv6 vlan paths_are_told
