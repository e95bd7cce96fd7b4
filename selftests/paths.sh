#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The path table remembers a path for as long as it is told to and no longer,
# never holds more than it may, and forgets a network namespace with the
# namespace. Flows work whether there is room for their path or not.
#
# Most cases need many peers and little traffic: one namespace, and the
# addresses 127.0.0.x of its loopback device.

. "$(dirname "$0")/lib/test.sh"

one_namespace()
{
	need_traffic
	need_tool ip nsenter tc
	namespace a1
	hosts=a1
	ip -n "${NS}a1" link set lo up mtu 1500
	# A round trip that no emulated CPU can blur into another band.
	tc -n "${NS}a1" qdisc replace dev lo root netem limit 50000 delay 1ms
	sink a1 7000
}

# hold FIRST LAST [BYTES]: an open flow to each of 127.0.0.FIRST to LAST, beside
# those that are held already
hold_pids=
hold()
{
	local i

	for ((i = $1; i <= $2; i++)); do
		nsenter --net="/run/netns/${NS}a1" -- "$TRAFFIC" hold -C xgs \
			-n "${3:-100000}" 127.0.0."$i" 7000 &
		hold_pids="$hold_pids $!"
	done
	poll 10 holds "$(wc -w <<<"$hold_pids")"
}

# Established, and the data of all of them has arrived.
holds()
{
	[ "$(on a1 ss -tinHO state established 'dport = :7000' |
		grep -c 'bytes_acked:[0-9]\{6\}')" -ge "$1" ]
}

release()
{
	# shellcheck disable=SC2086 # many
	{ kill -KILL $hold_pids; wait $hold_pids || true; } 2>/dev/null
	hold_pids=
	poll 5 all_have_ended
}

all_have_ended()
{
	[ "$(stat_of flows_started)" = "$(stat_of flows_ended)" ]
}

count_is()
{
	[ "$(get path/count)" = "$1" ]
}

counts_paths_and_flows()
{
	fresh
	one_namespace
	hold 1 3
	hold 3 4
	is "paths" "$(get path/count)" 4
	is "flows of a path" "$(path_field 127.0.0.1 127.0.0.2 flows)" 1
	is "flows of a shared path" "$(path_field 127.0.0.1 127.0.0.3 flows)" 2
	is "band" "$(path_field 127.0.0.1 127.0.0.2 band)" metro
	is "paths in band metro" "$(get band/metro/paths)" 4
	is "paths in band rack" "$(get band/rack/paths)" 0
	is "lines of the table" "$(wc -l <"$XGS_PATHS")" 5
	release
	is "paths afterwards" "$(get path/count)" 4
	is "flows afterwards" "$(path_field 127.0.0.1 127.0.0.3 flows)" 0
}

is_bounded()
{
	fresh max_paths=16
	one_namespace
	hold 1 24
	is "paths" "$(get path/count)" 16
	is "lines of the table" "$(wc -l <"$XGS_PATHS")" 17
	is "flows without a path" "$(get path/rejected)" 8
	is "flows that chose xgs" "$(stat_of flows_started)" 24
	release
	is "flows that ended" "$(stat_of flows_ended)" 24
	# Idle entries make room for a live flow.
	hold 101 110
	at_most "paths with new peers" "$(get path/count)" 16
	set_to path/flush 1
	hold 111 112
	is "flows of a new path" "$(path_field 127.0.0.1 127.0.0.111 flows)" 1
}

limit_can_be_lowered()
{
	fresh
	one_namespace
	hold 1 10
	release
	hold 11 30
	is "paths" "$(get path/count)" 30
	set_to path/max_paths 16
	# What is idle goes, what is used stays.
	poll 12 count_is 20
	hold 31 31
	is "paths with a new peer" "$(get path/count)" 20
	is "flows without a path" "$(get path/rejected)" 1
	set_to path/max_paths 32
	hold 32 32
	is "paths with room again" "$(get path/count)" 21
}

forgets_with_age()
{
	fresh
	one_namespace
	hold 1 2
	release
	hold 3 4
	nap_ms 6000
	is "paths before they are old" "$(get path/count)" 4
	set_to path/max_age_s 1
	poll 12 count_is 2
	is "flows of a path in use" "$(path_field 127.0.0.1 127.0.0.3 flows)" 1
}

flush_drops_what_is_idle()
{
	fresh
	one_namespace
	hold 1 2
	release
	hold 3 4
	set_to path/flush 1
	is "paths" "$(get path/count)" 2
	is "flows of a path in use" "$(path_field 127.0.0.1 127.0.0.3 flows)" 1
	release
	set_to path/flush 1
	is "paths" "$(get path/count)" 0
	is "lines of the table" "$(wc -l <"$XGS_PATHS")" 1
}

namespace_takes_its_paths()
{
	fresh
	one_namespace
	namespace a2
	ip -n "${NS}a2" link set lo up
	sink a2 7000
	on a2 "$TRAFFIC" short -C xgs -n 1000 -r 1 127.0.0.9 7000
	hold 1 3
	is "paths" "$(get path/count)" 4
	release
	# A namespace lives on while its processes do: the sink of a1.
	{ kill -KILL %1; wait %1 || true; } 2>/dev/null
	ip netns del "${NS}a1"
	hosts=
	namespaces=a2
	poll 10 count_is 1
	is "the path that is left" \
		"$(path_field 127.0.0.1 127.0.0.9 flows)" 0
}

run_cases counts_paths_and_flows is_bounded limit_can_be_lowered \
	forgets_with_age flush_drops_what_is_idle namespace_takes_its_paths
