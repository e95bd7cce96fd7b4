#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# xgs is selected in every way that TCP offers: by sysctl in a network
# namespace of its own, by a new namespace's default, per route, by
# setsockopt(), by an unprivileged user, and for what a server accepts; and a
# flow that selected it runs it.
#
#	a1 ---- ga ---- gb ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 2000 50 100000
}

select_in()	# select_in HOST CONTROL
{
	on "$1" sysctl -qw "net.ipv4.tcp_congestion_control=$2"
}

# runs_xgs FLOW: it is xgs's and carries data
runs_xgs()
{
	is "control of the flow" "$(control "$1")" xgs
	poll 5 has_acked "$1" 500000
	[ -n "$(field "$1" mrtt)" ] || fail "ss does not show the model"
}

by_sysctl_in_a_namespace()
{
	setup
	select_in a1 xgs
	is "the sysctl" "$(on a1 sysctl -n net.ipv4.tcp_congestion_control)" xgs
	is "the sysctl elsewhere" "$(on b1 sysctl -n \
		net.ipv4.tcp_congestion_control)" cubic
	flow a1 b1
	runs_xgs "$flow"
	is "flows that chose xgs" "$(stat_of flows_started)" 1
}

by_setsockopt()
{
	setup
	flow a1 b1 xgs
	runs_xgs "$flow"
	is "the sysctl" "$(on a1 sysctl -n net.ipv4.tcp_congestion_control)" cubic
}

by_iperf3()
{
	need_tool iperf3
	setup
	on b1 iperf3 -s -1 -p 5201 >/dev/null &
	poll 5 listens b1 5201
	on a1 iperf3 -C xgs -c "$(address b1)" -p 5201 -n 2M -J >"$ktap_log.json"
	is "what iperf3 says of its sender" "$(sed -n \
		's/.*"sender_tcp_congestion":[^"]*"\([a-z]*\)".*/\1/p' \
		"$ktap_log.json")" xgs
	rm "$ktap_log.json"
	at_least "flows that chose xgs" "$(stat_of flows_started)" 1
}

per_route()
{
	setup
	on a1 ip route add "$(address b1)" via "10.77.$(network a1).2" \
		congctl xgs
	flow a1 b1
	runs_xgs "$flow"
	# The other family has no such route.
	flow6 a1 b1
	is "control without that route" "$(control "$flow")" cubic
	on a1 ip -6 route add "$(address6 b1)" via "fd77:$(network a1)::2" \
		congctl xgs
	stop "$flow"
	flow6 a1 b1
	runs_xgs "$flow"
}

by_an_unprivileged_user()
{
	need_tool setpriv
	setup
	sink b1 5999
	on a1 setpriv --reuid=65534 --regid=65534 --clear-groups \
		--bounding-set=-all "$TRAFFIC" short -C xgs \
		-n 1000000 "$(address b1)" 5999
	is "flows that chose xgs" "$(stat_of flows_started)" 1
}

for_what_a_server_accepts()
{
	setup
	select_in b1 xgs
	flow a1 b1 cubic
	is "control of the client" "$(control "$flow")" cubic
	is "control of the server" "$(on b1 ss -tinHO state established \
		"sport = :$flow_port" | grep -ow xgs)" xgs
}

by_a_new_namespace()
{
	local was

	setup
	was=$(sysctl -n net.ipv4.tcp_congestion_control)
	is "default of a namespace" "$(on a1 sysctl -n \
		net.ipv4.tcp_congestion_control)" "$was"
	select_in a1 xgs
	# Namespaces inherit from the first one, not from their parent's.
	is "default of a namespace" "$(on a1 unshare -n cat \
		/proc/sys/net/ipv4/tcp_congestion_control)" "$was"
	is "selected in a namespace" "$(on a1 unshare -n sh -c '
		echo xgs >/proc/sys/net/ipv4/tcp_congestion_control
		cat /proc/sys/net/ipv4/tcp_congestion_control')" xgs
}

loads_on_demand()
{
	[ -z "${XGS_MODULES:-}" ] || skip "needs modprobe"
	fresh
	unload
	sites
	host a1
	# The sysctl asks for the module tcp_<name>.
	select_in a1 xgs
	loaded tcp_xgs || fail "not loaded"
	is "the sysctl" "$(on a1 sysctl -n net.ipv4.tcp_congestion_control)" xgs
}

run_cases by_sysctl_in_a_namespace by_setsockopt by_iperf3 per_route \
	by_an_unprivileged_user for_what_a_server_accepts by_a_new_namespace \
	loads_on_demand
