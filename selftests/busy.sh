#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The modules cannot be pulled from under a flow: unloading is refused, the
# flow never notices, and soon after its end unloading works. Nor does it harm
# when sockets are abused and a namespace goes away with flows open.
#
#	a1 ---- 50 Mbit/s, 4 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

setup()
{
	fresh
	one_path 4000 50 50000
}

all_have_ended()
{
	[ "$(stat_of flows_started)" = "$(stat_of flows_ended)" ]
}

unload_is_refused()
{
	local i before

	setup
	flow a1 b1 xgs
	nap_ms 500
	before=$(goodput "$flow" 1000)
	for ((i = 0; i < 20; i++)); do
		refused 'in use' rmmod tcp_xgs
	done
	refused 'in use by: tcp_xgs' rmmod xgs_core
	at_least "goodput after it, kbit/s" "$(goodput "$flow" 1000)" \
		$((before * 9 / 10))
	stop "$flow"
	poll 10 all_have_ended
	unload 5
	[ ! -e "$XGS" ] || fail "$XGS is still there"
}

# A closed socket whose peer has gone silent still runs xgs for a while.
unload_waits_for_orphans()
{
	setup
	flow a1 b1 xgs
	nap_ms 200
	sever
	abandon "$flow"
	refused 'in use' rmmod tcp_xgs
	mend
	poll 20 all_have_ended
	unload 5
}

# The selection itself does not hold the module; what it needs is loaded again.
selected_but_unused()
{
	setup
	on a1 sysctl -qw net.ipv4.tcp_congestion_control=xgs
	refused 'in use' rmmod tcp_xgs
	on a1 sysctl -qw net.ipv4.tcp_congestion_control=cubic
	unload 5
}

sockets_are_reused()
{
	setup
	sink b1 7000
	on a1 "$TRAFFIC" reuse -C xgs -n 20000 -r 40 "$(address b1)" 7000
	is "flows that chose xgs" "$(stat_of flows_started)" 41
	poll 10 all_have_ended
	is "flows of the path" \
		"$(path_field "$(address a1)" "$(address b1)" flows)" 0
}

control_is_swapped_in_flight()
{
	setup
	sink b1 7000
	on a1 "$TRAFFIC" swap -C xgs -D cubic -n 60000 -r 60 \
		"$(address b1)" 7000
	is "flows that chose xgs" "$(stat_of flows_started)" 31
	poll 10 all_have_ended
	is "flows of the path" \
		"$(path_field "$(address a1)" "$(address b1)" flows)" 0
}

many_short_connections()
{
	setup
	sink b1 7000
	on a1 "$TRAFFIC" short -C xgs -n 3000 -r 300 "$(address b1)" 7000
	is "flows that chose xgs" "$(stat_of flows_started)" 300
	poll 10 all_have_ended
	is "paths" "$(get path/count)" 1
	is "packets dropped" "$(dropped)" 0
}

namespace_goes_with_flows_open()
{
	local i

	fresh
	for i in 1 2 3; do
		sites
		host a1 b1
		distance a1 b1 20000
		flow a1 b1 xgs
		flow6 a1 b1 xgs
		# Their devices go first, then the processes.
		ip netns del "${NS}a1"
		ip netns del "${NS}ga"
		{ jobs -p | xargs kill -KILL; wait || true; } 2>/dev/null
		ip netns del "${NS}gb"
		ip netns del "${NS}b1"
		hosts=
		namespaces=
	done
	poll 60 all_have_ended
	set_to path/flush 1
	is "paths" "$(get path/count)" 0
}

run_cases unload_is_refused unload_waits_for_orphans selected_but_unused \
	sockets_are_reused control_is_swapped_in_flight \
	many_short_connections namespace_goes_with_flows_open
