#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every file of /sys/kernel/xgs is what the table below says: there, with its
# mode, its default and its range. What is not a number or not in the range is
# refused with the right error and changes nothing, and nobody but root writes.
#
# The table was written by hand from the documentation, not from the modules.

. "$(dirname "$0")/lib/test.sh"

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

# each COMMAND: call it with every line of the table on its standard input
each()
{
	local line

	while read -r line; do
		# shellcheck disable=SC2086 # words
		[ -z "$line" ] || "$1" $line
	done
}

# try FILE TEXT: write TEXT as it is, in one piece; the error goes to $error
error=
try()
{
	local said

	said=$(printf '%s' "$2" 2>&1 >"$XGS/$1") || true
	case $said in
	'') error=none ;;
	*'Invalid argument') error=EINVAL ;;
	*'out of range') error=ERANGE ;;
	*'Permission denied') error=EACCES ;;
	*) error=$said ;;
	esac
}

value=
read_value()	# read_value FILE
{
	IFS= read -r value <"$XGS/$1"
}

# refuses FILE ERROR TEXT
refuses()
{
	local before

	read_value "$1"
	before=$value
	try "$1" "$3"
	is "error of $1 for '${3:0:40}'" "$error" "$2"
	read_value "$1"
	is "$1 after '${3:0:40}'" "$value" "$before"
}

files_are_those_documented()
{
	fresh
	diff <(find "$XGS" -type f -printf '%P\n' | sort) \
		<(printf '%s' "$tunables$readonly_files$writeonly_files" |
			sed '/^$/d; s/ .*//' | sort) ||
		fail "files differ from the table"
}

mode_is()	# mode_is FILE MODE
{
	is "mode of $1" "$(stat -c '%a %U %G' "$XGS/$1")" "$2 root root"
}

tunable_mode()
{
	mode_is "$1" 644
}

readonly_mode()
{
	mode_is "$1" 444
	try "$1" 1
	is "error of a write to $1" "$error" EACCES
}

writeonly_mode()
{
	mode_is "$1" 200
	refused 'Permission denied' cat "$XGS/$1"
}

modes_are_right()
{
	fresh
	each tunable_mode <<<"$tunables"
	each readonly_mode <<<"$readonly_files"
	each writeonly_mode <<<"$writeonly_files"
}

starts_at()
{
	[ "$2" != - ] || return 0
	is "default of $1" "$(cat "$XGS/$1")" "$2"
}

defaults_are_right()
{
	fresh
	each starts_at <<<"$tunables$readonly_files"
}

takes_its_range()
{
	local file=$1 default=$2 low=$3 high=$4 number

	for number in "$low" "$high" $(((low + high) / 2)) "$default"; do
		try "$file" "$number"$'\n'
		is "error of $file for $number" "$error" none
		read_value "$file"
		is "$file" "$value" "$number"
	done
	# Without a newline, and with what C calls a plus sign.
	try "$file" "$low"
	is "error of $file without newline" "$error" none
	read_value "$file"
	is "$file" "$value" "$low"
}

ranges_are_accepted()
{
	fresh
	each takes_its_range <<<"$tunables"
}

refuses_junk()
{
	local file=$1 low=$3 high=$4 text

	for text in $'\n' ' ' 'junk' 'yes' '-1' "-$high" "${low}x" "$low " \
		" $low" "$low"$'\n\n' "$low $high" "0x$low" "$low.0" \
		"${high}e0" "1,000" '٣' 'nan' "$(printf 'x%.0s' {1..5000})"; do
		refuses "$file" EINVAL "$text"
		[ "$text" = $'\n' ] || refuses "$file" EINVAL "$text"$'\n'
	done
}

junk_is_refused()
{
	fresh
	each refuses_junk <<<"$tunables"
}

refuses_out_of_range()
{
	local file=$1 low=$3 high=$4 text

	# 2^32, 2^64 and what would wrap around to the lowest valid value.
	for text in $((high + 1)) $((high * 10)) 4294967295 4294967296 \
		$((4294967296 + low)) 9223372036854775808 \
		18446744073709551615 18446744073709551616 \
		1844674407370955$((1616 + low)) \
		"$(printf '9%.0s' {1..4000})"; do
		refuses "$file" ERANGE "$text"$'\n'
	done
	[ "$low" -eq 0 ] || refuses "$file" ERANGE $((low - 1))
	[ "$low" -eq 0 ] || refuses "$file" ERANGE 0
}

out_of_range_is_refused()
{
	fresh
	each refuses_out_of_range <<<"$tunables"
}

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

only_root_writes()
{
	local said

	need_tool setpriv
	fresh
	# shellcheck disable=SC2016 # for the other shell
	said=$(setpriv --reuid=65534 --regid=65534 --clear-groups bash -c '
		for file in $(find "$1" -type f); do
			{ echo 1 >"$file"; } 2>/dev/null && echo "writes $file"
			[[ $file == */flush ]] && continue
			read -r value <"$file" || echo "cannot read $file"
		done
		echo "saw $value"' - "$XGS")
	[[ $said == 'saw '[0-9]* ]] || fail "nobody $said"
	each starts_at <<<"$tunables"
}

run_cases files_are_those_documented modes_are_right defaults_are_right \
	ranges_are_accepted junk_is_refused out_of_range_is_refused \
	flush_takes_only_1 only_root_writes
