#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The modules say who they are, load, leave nothing behind when they are
# unloaded, load again, any number of times, and refuse bad parameters with a
# clear message in the kernel's log.

. "$(dirname "$0")/lib/test.sh"

available()
{
	grep -qw xgs /proc/sys/net/ipv4/tcp_available_congestion_control
}

module_file()
{
	if [ -n "${XGS_MODULES:-}" ]; then
		echo "$XGS_MODULES/$1.ko"
	else
		modinfo -n "$1"
	fi
}

absent()
{
	fresh
	unload
}

tells_who_it_is()
{
	local module file

	have_modules || fail "no modules"
	for module in xgs_core tcp_xgs; do
		file=$(module_file "$module")
		is "licence of $module" "$(modinfo -F license "$file")" GPL
		[[ $(modinfo -F version "$file") =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
			fail "$module has no version"
		[[ $(modinfo -F description "$file") == xgs:* ]] ||
			fail "$module has no description"
		is "release of $module" \
			"$(modinfo -F vermagic "$file" | cut -d ' ' -f 1)" \
			"$(uname -r)"
	done
	is "what tcp_xgs needs" "$(modinfo -F depends "$(module_file tcp_xgs)")" \
		xgs_core
	is "parameters of xgs_core" \
		"$(modinfo -F parm "$(module_file xgs_core)" | cut -d : -f 1)" \
		max_paths
	is "parameters of tcp_xgs" \
		"$(modinfo -F parm "$(module_file tcp_xgs)" | cut -d : -f 1)" ecn
}

loads()
{
	absent
	insert xgs_core
	insert tcp_xgs
	available || fail "xgs cannot be selected"
	[ -d "$XGS"/tcp ] || fail "no $XGS/tcp"
	[ -e "$XGS_PATHS" ] || fail "no $XGS_PATHS"
	is version "$(get version)" \
		"$(modinfo -F version "$(module_file xgs_core)")"
	is "taint of the module" \
		"$(tr -d 'OE\n' </sys/module/tcp_xgs/taint)" ""
}

brings_its_core()
{
	[ -z "${XGS_MODULES:-}" ] || skip "insmod follows no dependencies"
	absent
	modprobe tcp_xgs
	loaded xgs_core || fail "modprobe tcp_xgs did not load xgs_core"
}

needs_its_core()
{
	absent
	refused 'Unknown symbol' insmod "$(module_file tcp_xgs)"
	loaded tcp_xgs && fail "tcp_xgs is there without xgs_core"
	insert xgs_core
	insert tcp_xgs
	refused 'in use by: tcp_xgs' rmmod xgs_core
}

leaves_nothing()
{
	absent
	available && fail "xgs can still be selected"
	[ ! -e "$XGS" ] || fail "$XGS is still there"
	[ ! -e /sys/kernel/debug/xgs ] || fail "debugfs files are still there"
	[ ! -e /sys/module/tcp_xgs ] || fail "/sys/module/tcp_xgs is still there"
}

unloads_in_halves()
{
	fresh
	rmmod tcp_xgs
	available && fail "xgs can still be selected"
	[ ! -e "$XGS"/tcp ] || fail "$XGS/tcp is still there"
	is "default of path/max_paths" "$(get path/max_paths)" 65536
	insert tcp_xgs
	available || fail "xgs cannot be selected again"
	[ -d "$XGS"/tcp/stats ] || fail "no $XGS/tcp/stats"
}

forgets_its_tunables()
{
	fresh
	set_to tcp/gain_pct 50
	set_to path/max_age_s 7
	set_to band/metro/warm_start 0
	unload
	insert xgs_core
	insert tcp_xgs
	is tcp/gain_pct "$(get tcp/gain_pct)" 100
	is path/max_age_s "$(get path/max_age_s)" 600
	is band/metro/warm_start "$(get band/metro/warm_start)" 1
}

loads_many_times()
{
	local i core tcp

	absent
	core=$(module_file xgs_core)
	tcp=$(module_file tcp_xgs)
	for ((i = 0; i < 25; i++)); do
		insmod "$core"
		insmod "$tcp"
		rmmod tcp_xgs xgs_core
	done
	insmod "$core"
	insmod "$tcp"
	is "default of tcp/gain_pct" "$(get tcp/gain_pct)" 100
}

takes_parameters()
{
	local n

	absent
	for n in 16 1234 1048576; do
		insert xgs_core max_paths="$n"
		is path/max_paths "$(get path/max_paths)" "$n"
		is "the parameter" \
			"$(cat /sys/module/xgs_core/parameters/max_paths)" "$n"
		rmmod xgs_core
	done
	insert xgs_core
	insert tcp_xgs ecn=0
	is "parameter ecn" "$(cat /sys/module/tcp_xgs/parameters/ecn)" N
	is "mode of max_paths" \
		"$(stat -c %a /sys/module/xgs_core/parameters/max_paths)" 444
	is "mode of ecn" \
		"$(stat -c %a /sys/module/tcp_xgs/parameters/ecn)" 444
}

# log_lines: the kernel log from the latest mark on
log_mark=
mark_log()
{
	log_mark="xgs selftest $(now_us)"
	echo "$log_mark" >/dev/kmsg
}

log_lines()
{
	dmesg | sed "0,/$log_mark/d"
}

refuses_parameters()
{
	local value words

	absent
	for value in 0 15 1048577 4294967296 18446744073709551616 -1 12x '' \
		0x20 16.5 many; do
		case $value in
		*[!0-9]* | '') words='Invalid' ;;
		*) words='out of range' ;;
		esac
		mark_log
		# insmod, as modprobe words the error its own way.
		refused "$words" insmod "$(module_file xgs_core)" \
			"max_paths=$value"
		loaded xgs_core && fail "loaded with max_paths=$value"
		log_lines | grep -qF "xgs_core: max_paths=$value is not a number from 16 to 1048576" ||
			fail "no clear message for max_paths=$value: $(log_lines)"
	done
	insert xgs_core
	refused 'Invalid' insmod "$(module_file tcp_xgs)" ecn=perhaps
	loaded tcp_xgs && fail "loaded with ecn=perhaps"
	return 0
}

run_cases tells_who_it_is loads brings_its_core needs_its_core leaves_nothing \
	unloads_in_halves forgets_its_tunables loads_many_times \
	takes_parameters refuses_parameters
