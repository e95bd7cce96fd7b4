#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kind: law
#
# Leaps: a flow that starts far away, alone and with nothing known of its path sends a
# window at a time, and finds the path's rate with few of them. One whose path becomes
# idle sends a train besides what it sends anyway. Round by round, as the tracepoint
# shows it.
#
#	a1 ---- 400 Mbit/s, 20 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

readonly TRACING=/sys/kernel/tracing EVENT=events/xgs/xgs_tcp_round

trace()		# trace 0|1
{
	[ -e "$TRACING/trace" ] || mount -t tracefs tracefs "$TRACING" ||
		skip "the kernel has no tracefs"
	echo "$1" >"$TRACING/$EVENT/enable"
	[ "$1" = 0 ] || : >"$TRACING/trace"
}

setup()		# setup US
{
	fresh
	sites
	host a1 b1
	distance a1 b1 "$1"
	rate 400 1000000
	# Hosts look each other's address up, which takes a round trip.
	transfer a1 b1 reno -n 1000
	trace 1
}

# rounds: time in us, mode, base RTT, packets lost; of the flow to $flow_port
rounds()
{
	sed -n "s/.* \([0-9]*\)\.\([0-9]*\): xgs_tcp_round:.* dport=$flow_port \
mode=\([a-z]*\) .* base_us=\([0-9]*\) .* lost=\([0-9]*\) .*/\1\2 \3 \4 \5/p" \
		"$TRACING/trace"
}

# modes: of its rounds, each where it is new; it may settle within one
modes()
{
	rounds | awk '$2 != mode && $2 != "settle" { printf "%s ", mode = $2 }'
}

leaps()
{
	rounds | awk '$2 == "leap"' | wc -l
}

# The round that ends in a mode is of the mode before: it says what is next.
far_starts_leap()
{
	setup 20000
	transfer a1 b1 xgs -n 10000000
	trace 0
	note "$(modes)"
	is "modes" "$(modes)" "leap try prove cruise "
	at_least "leaps" "$(leaps)" 2
	at_most "leaps" "$(leaps)" 4
	is "lost" "$(rounds | awk '{ lost += $4 } END { print lost + 0 }')" 0
	# It is back within 20 ms and an eighth, and its last packets are not waited for.
	at_most "longest leap, us" "$(rounds | awk '
		$2 == "leap" || $2 == "try" {
			if (before && $1 - before > longest)
				longest = $1 - before
			before = $1
		}
		END { print longest }')" 22700
}

# Neither of them is alone, and the second one finds out.
not_two_at_once()
{
	local to port first senders=()

	setup 20000
	to=$(address b1)
	first=$((flow_port + 1))
	for port in $first $((first + 1)); do
		sink b1 "$port"
	done
	for port in $first $((first + 1)); do
		on a1 "$TRAFFIC" send -C xgs -n 3000000 "$to" "$port" >/dev/null &
		senders+=($!)
	done
	wait "${senders[@]}"
	trace 0
	for flow_port in $first $((first + 1)); do
		note "$(modes)"
		at_least "rounds" "$(rounds | wc -l)" 5
		at_most "leaps" "$(leaps)" 2
		is "tries" "$(rounds | awk '$2 == "try"' | wc -l)" 0
	done
}

not_near_by()
{
	setup 200
	transfer a1 b1 xgs -n 3000000
	trace 0
	note "$(modes)"
	is "leaps" "$(leaps)" 0
}

not_warm()
{
	setup 20000
	transfer a1 b1 xgs -n 10000000
	transfer a1 b1 xgs -n 3000000
	trace 0
	is "warm starts" "$(stat_of warm_starts)" 1
	note "$(modes)"
	is "leaps" "$(leaps)" 0
}

# The link is five times as fast from one moment to the next. (A host that stumbles
# meanwhile makes a train tell of that, and the flow looks once more.)
idle_paths_are_looked_at()
{
	setup 20000
	rate 80 200000
	flow a1 b1 xgs
	nap_ms 2500
	: >"$TRACING/trace"
	nap_ms 1000
	is "looks while it is busy" "$(leaps)" 0
	rate 400 1000000
	nap_ms 1500
	trace 0
	note "$(modes)"
	case " $(modes)" in
	*" leap try prove "*) ;;
	*) fail "it did not look" ;;
	esac
	at_most "looks" "$(rounds | awk '$2 == "prove" && before != "prove" { n++ }
		{ before = $2 } END { print n + 0 }')" 3
	trace 1
	at_least "goodput, kbit/s" "$(goodput "$flow" 1000)" 320000
	trace 0
	is "looks when it has all" "$(leaps)" 0
}

run_cases far_starts_leap not_two_at_once idle_paths_are_looked_at not_near_by not_warm
