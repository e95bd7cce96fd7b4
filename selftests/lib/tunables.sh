# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Cases that hold a table of sysfs files against the kernel: the file that uses
# them sets
#
#	tunables	lines of: file default lowest highest
#	readonly_files	lines of: file, and what a fresh module shows; - for
#			anything
#	writeonly_files	lines of: file
#	tunables_below	the folder that all of them are in, below $XGS
#
# and may define `fresh` anew.

tunables=
readonly_files=
writeonly_files=
tunables_below=

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
	diff <(find "$XGS/$tunables_below" -type f \
		-printf "${tunables_below:+$tunables_below/}%P\n" | sort) \
		<(printf '%s' "$tunables$readonly_files$writeonly_files" |
			sed '/^$/d; s/ .*//' | sort) ||
		fail "files differ from the table"
}

mode_is()	# mode_is FILE MODE
{
	is "mode of $1" "$(command stat -c '%a %U %G' "$XGS/$1")" "$2 root root"
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
