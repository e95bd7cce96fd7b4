#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Under traffic: profiles change, programs are killed, devices and network
# namespaces go, the module is unloaded and comes back.
#
#	rxa ---- 200 us, 1 % marked ---- rxb

. "$(dirname "$0")/../lib/roce.sh"

client=
server=

# traffic TOOL OPTION...: in the background, for a minute
traffic()
{
	local tool=$1
	shift

	perftest_port=$((perftest_port + 1))
	"$tool" -d rxb -x 1 -F -p "$perftest_port" -D 60 "$@" >/dev/null 2>&1 &
	server=$!
	poll 10 perftest_listens "$perftest_port"
	"$tool" -d rxa -x 1 -F -p "$perftest_port" -D 60 "$@" 127.0.0.1 \
		>/dev/null 2>&1 &
	client=$!
	poll 10 flows_are 1
}

flows_are()
{
	[ "$(get rdma/flows)" -ge "$1" ]
}

setup()
{
	roce
	delay 200
	ce 1
	rset line_rate_mbps 50
}

# within SECONDS PID: a killed process is gone, and its QPs with it
within()
{
	local begin
	begin=$(now_us)
	{
		kill -KILL "$2" || true
		wait "$2" || true
	} 2>/dev/null
	at_most "ms to destroy its QPs" $((($(now_us) - begin) / 1000)) \
		$(($1 * 1000))
}

killed_programs_let_go()
{
	setup
	traffic ib_write_bw -s 65536
	sleep 0.5
	within 2 "$client"
	within 2 "$server"
	traffic ib_read_bw -s 65536
	sleep 0.5
	within 2 "$server"
	within 2 "$client"
	# Of UC nothing is acknowledged: it goes on until the flow's break.
	traffic ib_write_bw -s 65536 -c UC
	sleep 0.5
	within 12 "$client"
	within 2 "$server"
}

still_runs()
{
	kill -0 "$client" || fail "the client has ended"
	kill -0 "$server" || fail "the server has ended"
}

profiles_change()
{
	local i before

	setup
	traffic ib_write_bw -s 65536 -q 2
	for i in off dcqcn xgs off xgs dcqcn; do
		rset profile "$i"
		sleep 0.2
		rset device/rxa/profile xgs
		rset rp_enable 0
		sleep 0.1
		rset rp_enable 1
		rset device/rxa/profile inherit
	done
	rset profile xgs
	before=$(stat packets_paced)
	sleep 0.5
	at_least "packets in half a second" \
		$(($(stat packets_paced) - before)) 100
	still_runs
}

none_sends()
{
	local before
	before=$(stat packets_paced)
	sleep 0.2
	[ "$(stat packets_paced)" -eq "$before" ]
}

# rxe cannot take a device from programs that have it open: its removal waits
# for them to end, with and without this module. But first of all this module
# lets go of it, while its QPs are sending.
device_goes()
{
	local deletion

	setup
	traffic ib_write_bw -s 65536
	sleep 0.5
	flows_are 1 || fail "the flow has gone already"
	rdma link delete rxa &
	deletion=$!
	poll 5 test ! -e "$RDMA"/device/rxa
	still_runs
	[ -e "$RDMA"/device/rxb ] || fail "device/rxb is gone"
	is "flows" "$(get rdma/flows)" 0
	none_sends || fail "packets of a device that is gone are paced"
	kill -0 "$deletion" || fail "the device went while a program had it open"
	within 2 "$client"
	poll 10 test ! -e /sys/class/infiniband/rxa
	wait "$deletion"
	rdma link add rxa type rxe netdev a0
	poll 5 test -e "$RDMA"/device/rxa
	# Also with the network device under it.
	ip link delete a0
	poll 10 test ! -e "$RDMA"/device/rxa
}

# gone_under_traffic COMMAND...: it takes away what rxa stands on, or waits to.
# Nothing of rxa is left here, though its programs may still run; they end, and
# all of it does.
gone_under_traffic()
{
	local removal

	setup
	traffic ib_write_bw -s 65536 -q 2
	poll 5 flows_are 2
	"$@" &
	removal=$!
	poll 10 test ! -e "$RDMA"/device/rxa
	# 6.12's rxe gives a QP up that cannot send, also without this module.
	kill -0 "$client" 2>/dev/null || note "its QPs have failed"
	is "flows of rxa" "$(awk '$2 == "rxa"' "$RDMA_FLOWS" | wc -l)" 0
	none_sends || fail "packets of a device that is gone are paced"
	within 2 "$client"
	within 2 "$server"
	poll 10 test ! -e /sys/class/infiniband/rxa
	wait "$removal"
	unload_rdma
}

netdev_goes()
{
	gone_under_traffic ip link delete a0
}

# With the router's namespace both hosts' devices go.
peers_namespace_goes()
{
	gone_under_traffic ip netns delete "$ROUTER"
}

# A network device that moves leaves its RDMA device behind, which goes.
netdev_moves()
{
	at_end second_namespace_end
	ip netns add xgs-second
	gone_under_traffic ip link set a0 netns xgs-second
}

second_namespace_end()
{
	remove /run/netns/xgs-second ip netns delete xgs-second
}

namespaces_come_and_go()
{
	local i

	setup
	traffic ib_write_bw -s 65536
	for ((i = 0; i < 4; i++)); do
		ip netns add xgs-short
		ip -n xgs-short link set lo up
		nsenter --net=/run/netns/xgs-short ping -q -c 1 -i 0.01 \
			127.0.0.1 >/dev/null
		ip netns delete xgs-short
	done
	still_runs
	is "flows" "$(get rdma/flows)" 1
}

module_comes_and_goes()
{
	local i

	setup
	traffic ib_write_bw -s 65536
	for ((i = 0; i < 3; i++)); do
		rmmod rdma_xgs
		[ ! -e "$RDMA" ] || fail "$RDMA is still there"
		insert rdma_xgs
		rset line_rate_mbps 50
		poll 5 flows_are 1
		sleep 0.1
	done
	still_runs
}

# Flows and QPs that nobody uses are forgotten.
idle_flows_end()
{
	setup
	write_bw -s 4096 -n 20
	is "flows" "$(get rdma/flows)" 1
	sleep 13
	is "flows after 13 s" "$(get rdma/flows)" 0
	is "QPs after 13 s" "$(get rdma/qps)" 0
	is "flows ended" "$(stat flows_ended)" "$(stat flows_started)"
}

# Above max_flows flows work as if nobody controlled them.
full_tables_reject()
{
	setup
	rset max_flows 16
	write_bw -s 4096 -n 5 -q 20
	at_most "flows" "$(get rdma/flows)" 16
	at_most "QPs" "$(get rdma/qps)" 16
	at_least "rejected" "$(stat flows_rejected)" 4
}

run_cases killed_programs_let_go profiles_change device_goes \
	netdev_goes peers_namespace_goes netdev_moves namespaces_come_and_go \
	module_comes_and_goes idle_flows_end full_tables_reject
