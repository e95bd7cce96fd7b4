#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything at once: long and short flows, writers that set every tunable to
# anything, readers of every file, attempts to unload. Nothing breaks, and
# afterwards all is accounted for.
#
#	a1 ---- 50 Mbit/s, 4 ms ---- b1

. "$(dirname "$0")/lib/test.sh"

all_have_ended()
{
	[ "$(stat_of flows_started)" = "$(stat_of flows_ended)" ]
}

# scribble SEED: write right and wrong values for ever
scribble()
{
	local files file values=('' -1 0 1 2 4 16 50 99 100 101 400 401 1000 5000
		60000 65536 200000 4294967295 4294967296 junk)

	RANDOM=$1
	mapfile -t files < <(find "$XGS" -type f -perm -200)
	while :; do
		file=${files[RANDOM % ${#files[@]}]}
		echo "${values[RANDOM % ${#values[@]}]}" >"$file" || true
		breathe
	done 2>/dev/null
}

read_all()
{
	local files file

	mapfile -t files < <(find "$XGS" -type f -perm -400)
	while :; do
		for file in "${files[@]}" "$XGS_PATHS"; do
			mapfile -t <"$file"
		done
		breathe
	done
}

short_flows()
{
	while on a1 "$TRAFFIC" short -C xgs -n 20000 -r 10 \
			"$(address b1)" 7000 &&
	      on a1 "$TRAFFIC" reuse -C xgs -n 20000 -r 4 \
			"$(address b1)" 7000; do
		:
	done >/dev/null
}

# in_range FILE LOW HIGH
in_range()
{
	at_least "$1" "$(get "$1")" "$2" >/dev/null
	at_most "$1" "$(get "$1")" "$3" >/dev/null
}

all_at_once()
{
	local i workers=() before

	fresh
	sites
	host a1 b1
	distance a1 b1 4000
	rate 50 50000
	flow a1 b1 xgs
	flow6 a1 b1 xgs
	sink b1 7000
	for i in 1 2; do
		scribble "$i" &
		workers+=($!)
	done
	read_all &
	workers+=($!)
	short_flows &
	workers+=($!)

	for ((i = 0; i < 15; i++)); do
		refused 'in use' rmmod tcp_xgs
		before=$(acked "$flow")
		nap_ms 200
	done
	{ kill -KILL "${workers[@]}"; wait "${workers[@]}" || true; } 2>/dev/null

	in_range path/max_paths 16 1048576
	in_range path/max_age_s 1 86400
	in_range tcp/gain_pct 25 400
	in_range tcp/min_cwnd 2 64
	# With all tunables back the flow is what it was.
	set_to path/rtt_window_ms 10000
	for i in "delay_target_pct 100" "gain_pct 100" "loss_limit_ppm 20000" \
		"relearn_rounds 8" "idle_halving_ms 1000" "min_cwnd 2"; do
		set_to "tcp/${i% *}" "${i#* }"
	done
	before=$(acked "$flow")
	nap_ms 3000
	at_least "bytes in 3 s" $(($(acked "$flow") - before)) 1000000

	stop "$flow"
	stop "a1 $((flow_port - 1))"
	{ jobs -p | xargs kill -KILL; wait || true; } 2>/dev/null
	poll 20 all_have_ended
	set_to path/flush 1
	is "paths" "$(get path/count)" 0
	unload 5
}

# Half of the time the module is not there when a flow asks for it.
loads_and_unloads_beside_flows()
{
	local i asked=0

	need_traffic
	fresh
	sites
	host a1 b1
	sink b1 7000
	for ((i = 0; i < 10; i++)); do
		on a1 "$TRAFFIC" short -C xgs -n 50000 -r 5 \
			"$(address b1)" 7000 >/dev/null 2>&1 &
		rmmod tcp_xgs 2>/dev/null && insert tcp_xgs
		wait $! && asked=$((asked + 1))
	done
	# Which of them came while the module was away is the scheduler's choice.
	note "clients served beside it: $asked"
	poll 10 all_have_ended
	on a1 "$TRAFFIC" short -C xgs -n 50000 -r 5 "$(address b1)" 7000 \
		>/dev/null
	at_least "flows that chose xgs" "$(stat_of flows_started)" 5
	poll 10 all_have_ended
}

run_cases all_at_once loads_and_unloads_beside_flows
