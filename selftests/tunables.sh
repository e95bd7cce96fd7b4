#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every file of /sys/kernel/xgs is what the table below says: there, with its
# mode, its default and its range. What is not a number or not in the range is
# refused with the right error and changes nothing, and nobody but root writes.
#
# The table was written by hand from the documentation, not from the modules.

. "$(dirname "$0")/lib/test.sh"
# shellcheck source=lib/tunables.sh
. "$lib/tunables.sh"

# file default lowest highest
tunables="
path/max_paths 65536 16 1048576
path/max_age_s 600 1 86400
path/rtt_window_ms 10000 100 600000
band/rack/warm_start 1 0 1
band/campus/warm_start 1 0 1
band/metro/warm_start 1 0 1
band/region/warm_start 1 0 1
band/continent/warm_start 1 0 1
band/global/warm_start 1 0 1
tcp/enabled 1 0 1
tcp/delay_target_pct 100 25 400
tcp/gain_pct 100 25 400
tcp/loss_limit_ppm 20000 1000 200000
tcp/relearn_rounds 8 0 64
tcp/idle_halving_ms 1000 100 60000
tcp/drain_interval_ms 8000 0 60000
tcp/warm_start_pct 50 0 100
tcp/min_cwnd 2 2 64
tcp/share 1 0 1
"

# file, and what a fresh module shows; - for anything
readonly_files="
version -
path/count 0
path/rejected 0
band/rack/rtt_floor_us 0
band/campus/rtt_floor_us 200
band/metro/rtt_floor_us 1000
band/region/rtt_floor_us 5000
band/continent/rtt_floor_us 20000
band/global/rtt_floor_us 80000
band/rack/paths 0
band/campus/paths 0
band/metro/paths 0
band/region/paths 0
band/continent/paths 0
band/global/paths 0
tcp/stats/flows_started 0
tcp/stats/flows_ended 0
tcp/stats/warm_starts 0
tcp/stats/rounds 0
tcp/stats/cuts_marks 0
tcp/stats/cuts_delay 0
tcp/stats/cuts_loss 0
tcp/stats/relearns 0
tcp/stats/rivals 0
tcp/stats/drains 0
tcp/stats/timeouts 0
tcp/stats/undos 0
tcp/stats/idle_restarts 0
tcp/stats/fallbacks 0
"

writeonly_files="
path/flush
"

flush_takes_only_1()
{
	local text

	fresh
	try path/flush $'1\n'
	is "error for 1" "$error" none
	for text in 0 2 4294967297; do
		try path/flush "$text"
		is "error for $text" "$error" ERANGE
	done
	for text in $'\n' -1 yes '1 1' 0x1; do
		try path/flush "$text"
		is "error for '$text'" "$error" EINVAL
	done
}

run_cases files_are_those_documented modes_are_right defaults_are_right \
	ranges_are_accepted junk_is_refused out_of_range_is_refused \
	flush_takes_only_1 only_root_writes
