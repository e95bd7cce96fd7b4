#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# CNPs: what they look like on the wire, how often they come, whom they reach,
# and who believes them.
#
#	rxa ---- [router: marks, capture] ---- rxb

. "$(dirname "$0")/../lib/roce.sh"

readonly ROCE=${BASH_SOURCE[0]%/*}/../build/roce
readonly CNP=0x81
readonly WORKERS=/sys/devices/virtual/workqueue/cpumask

# capture DEVICE FILTER: what passes a device of the hosts or the router, to the
# file $captured
captured=
capture()
{
	local place=$1 where=
	shift

	need_tool tcpdump
	[[ $place == [ab]0 ]] || where=router
	captured=${ktap_log}.pcap
	at_end forget_capture
	$where tcpdump -Z root -i "$place" -w "$captured" -U \
		--immediate-mode "$@" 2>"$captured.log" &
	poll 10 grep -q 'listening on' "$captured.log"
}

forget_capture()
{
	rm -f "${ktap_log}.pcap" "${ktap_log}.pcap.log"
}

# cnps FORMAT: of the captured CNPs, seconds and QPN
cnps()
{
	tcpdump -Z root -r "$captured" -nn -tt -x "udp port 4791 and udp[8] = $CNP" \
		2>/dev/null | awk '
		/^[0-9]/ { time = $1; words = "" }
		/^\t0x/ { for (i = 2; i <= NF; i++) words = words $i }
		/0x0030/ { print time, words }'
}

marks_become_cnps()
{
	local time packet

	roce
	delay 1000
	ce 3
	rset line_rate_mbps 200
	capture a1 "udp port 4791 and udp[8] = $CNP"
	write_bw -s 65536 -n 60
	sleep 0.5
	read -r time packet <<<"$(cnps)" || true
	note "$time $packet"
	[ -n "$packet" ] || fail "no CNP in the capture"
	# IPv4, DSCP 48 and ECT(0), 60 bytes, DF, UDP.
	is "the IP header" "${packet:0:8} ${packet:12:4} ${packet:18:2}" \
		"45c2003c 4000 11"
	is "the addresses" "${packet:24:16}" 0a5802010a580101
	is "port and length" "${packet:44:8}" 12b70028
	is "opcode to BECN" "${packet:56:10}" 8100ffff40
	is "PSN and reserved bytes" "${packet:72:40}" "$(printf '0%.0s' {1..40})"
	is "CNPs on the wire" "$(cnps | wc -l)" "$(stat cnps_sent)"
	is "CNPs heard" "$(stat cnps_received)" \
		"$(($(stat cnps_sent) - $(stat cnps_unresolved)))"
	is "marks that were answered" "$(stat cnps_sent)" \
		$(($(stat ce_seen) - $(stat ce_limited) - $(stat ce_unresolved)))
	[ -z "${XGS_OUT:-}" ] || cp "$captured" "$XGS_OUT/cnp.pcap"
}

# Between two CNPs to a QP lies an interval, whatever is marked.
cnps_are_rare()
{
	local least

	roce
	delay 1000
	ce 50
	rset line_rate_mbps 100
	rset cnp_interval_us 10000
	# Where they are made: to the router they come in batches.
	capture b0 "udp port 4791 and udp[8] = $CNP"
	write_bw -s 65536 -n 80 -q 2
	sleep 0.5
	at_least "QPs with CNPs" "$(cnps | cut -c 85-90 | sort -u | wc -l)" 2
	least=$(cnps | awk '{
			qpn = substr($2, 67, 6)
			gap = ($1 - last[qpn]) * 1e6
			if (qpn in last && (!least || gap < least))
				least = gap
			last[qpn] = $1
		} END { printf "%d", least }')
	at_least "CNPs" "$(stat cnps_sent)" 10
	# The capture is a moment later than the clock.
	at_least "least time between two, us" "$least" 9900
	at_least "marks not answered" "$(stat ce_limited)" 100
}

# Of eight QPs only one is marked: only its peer slows down.
right_qp_is_told()
{
	local qpn count

	roce
	delay 1000
	rset line_rate_mbps 400
	rset min_rate_kbps 1000
	write_bw -s 16384 -n 5 -q 8
	# QPs get numbers in turn: the next eight follow the last eight.
	qpn=$(awk '$2 == "rxa" && $6 > q { q = $6 } END { print q + 4 }' \
		"$RDMA_FLOWS")
	router tc qdisc delete dev b1 root
	router tc qdisc replace dev b1 root handle 1: prio bands 2 priomap \
		0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	router tc qdisc add dev b1 parent 1:2 handle 2: netem limit 20000 \
		delay 500us loss random 20% ecn
	router tc qdisc add dev b1 parent 1:1 handle 3: netem limit 20000 \
		delay 500us
	router tc filter add dev b1 parent 1: protocol ip u32 \
		match u32 "$qpn" 0x00ffffff at 32 flowid 1:2
	write_bw -s 65536 -n 20 -q 8
	cat "$RDMA_FLOWS"
	count=$(awk -v q="$qpn" '$2 == "rxa" && $6 == q { print $13 }' \
		"$RDMA_FLOWS")
	at_least "CNPs of the marked QP" "${count:-0}" 1
	is "CNPs of all others" \
		"$(awk -v q="$qpn" '$2 == "rxa" && $6 != q { n += $13 }
			END { print n + 0 }' "$RDMA_FLOWS")" 0
}

need_roce()
{
	[ -x "$ROCE" ] || skip "build/roce is missing: make -C selftests"
}

# forge COUNTER OPTION...: one packet of the router's, which this counts
forge()
{
	local counter=$1 before
	shift

	before=$(stat "$counter")
	router "$ROCE" "$@"
	sleep 0.2
	is "$counter after '$*'" $(($(stat "$counter") - before)) 1
}

# a connection that lives on, and its QPN at rxa in $live, at rxb in $peer
live=
peer=
connection()
{
	ib_write_bw -d rxb -x 1 -F -p 18400 -s 4096 -D 60 >/dev/null 2>&1 &
	poll 10 perftest_listens 18400
	ib_write_bw -d rxa -x 1 -F -p 18400 -s 4096 -D 60 127.0.0.1 \
		>/dev/null 2>&1 &
	poll 10 qps_are_known
	peer=$(awk '$2 == "rxa" { print $6; exit }' "$RDMA_FLOWS")
	live=$(rdma resource show qp link rxa type RC | head -n 1 |
		sed 's/.* lqpn \([0-9]*\) .*/\1/')
}

qps_are_known()
{
	[ "$(get rdma/qps)" -ge 1 ]
}

forgeries_change_nothing()
{
	local a=10.88.1.1 b=10.88.2.1 qps flows cnp

	need_roce
	roce
	delay 200
	rset line_rate_mbps 20
	connection
	qps=$(get rdma/qps)
	flows=$(get rdma/flows)
	cnp="$b $a $CNP $live"

	# A right one counts, as nobody can tell who sent it.
	# shellcheck disable=SC2086 # words
	{
		forge cnps_received $cnp
		forge cnps_bad_icrc -I $cnp
		forge cnps_bad_shape -B $cnp
		forge cnps_bad_shape -R $cnp
		forge cnps_bad_shape -O $cnp
		forge malformed -L $cnp
		forge malformed -l 30 $cnp
		forge wrong_version -V $cnp
	}
	forge cnps_unresolved "$b" "$a" "$CNP" 0x7ffff
	forge qps_unknown "$b" "$a" "$CNP" 0x7fffe
	# The QP exists, but its peer is somebody else.
	forge cnps_unresolved 10.88.2.9 "$a" "$CNP" "$live"
	forge qps_unknown 10.88.2.10 "$a" "$CNP" "$live"
	# Data for QPs that are not there, or not with that peer.
	forge ce_unresolved -e 3 "$b" "$a" 0x0a 0x7fffd
	forge ce_unresolved -e 3 10.88.2.11 "$a" 0x0a "$live"
	# Management's QPs are nobody's business.
	router "$ROCE" -e 3 "$b" "$a" 0x0a 1
	is "CNPs for forged marks" "$(stat cnps_sent)" 0

	# Thousands of them are no more: a queue of fixed size, and no entry.
	router "$ROCE" -e 3 -s 1 "$b" "$a" 0x0a 0x100000 3000
	router "$ROCE" -s 1 "$b" "$a" "$CNP" 0x200000 3000
	sleep 0.5
	is "QPs known" "$(get rdma/qps)" "$qps"
	is "flows" "$(get rdma/flows)" "$flows"
	is "CNPs for forged marks" "$(stat cnps_sent)" 0
}

# What a peer floods the resolver with leaves room for the question that comes
# right behind it from another. A machine of several CPUs may answer as fast as it
# is asked, and then room is no merit: who answers has to wait on one CPU until all
# has been asked. That is less than what the network keeps for a CPU that is late.
floods_leave_room()
{
	local trace=/sys/kernel/tracing event=xgs/xgs_rdma_resolve

	need_roce
	roce
	delay 200
	echo 1 >"$trace/events/$event/enable"
	at_end trace_end
	need_tool chrt taskset
	workers=$(cat "$WORKERS")
	at_end workers_go_anywhere
	echo 1 >"$WORKERS"
	router taskset -c 0 chrt -f 50 "$ROCE" -s 1 -t 10.88.2.10 10.88.2.9 \
		10.88.1.1 "$CNP" 0x300000 900
	sleep 0.5
	note "answered: $(stat qps_unknown)"
	at_least "questions that were dropped" "$(stat qps_unasked)" 100
	grep -q "local_qpn=$((0x300000 + 899)) " "$trace/trace" ||
		fail "the other peer's question was dropped"
}

workers_go_anywhere()
{
	echo "$workers" >"$WORKERS"
}

trace_end()
{
	echo 0 >/sys/kernel/tracing/events/xgs/enable
	: >/sys/kernel/tracing/trace
}

# A flood of right CNPs slows the flow it names to min_rate, and no other.
floods_have_a_floor()
{
	local rate

	need_roce
	roce
	delay 200
	rset line_rate_mbps 50
	rset min_rate_kbps 2000
	connection
	router "$ROCE" 10.88.2.1 10.88.1.1 "$CNP" "$live" 2000
	sleep 0.02
	rate=$(awk '$2 == "rxa" { print $9; exit }' "$RDMA_FLOWS")
	at_least "rate under a flood, bit/s" "$rate" 2000000
	at_least "CNPs heard" "$(stat cnps_received)" 2000
}

run_cases marks_become_cnps cnps_are_rare right_qp_is_told \
	forgeries_change_nothing floods_leave_room floods_have_a_floor
