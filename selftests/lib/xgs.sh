# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The modules under test and their files in sysfs.
#
# Modules come from modprobe, or from a folder of .ko files in XGS_MODULES.

readonly XGS=/sys/kernel/xgs
readonly XGS_PATHS=/sys/kernel/debug/xgs/paths
readonly XGS_BANDS="rack campus metro region continent global"

loaded()	# loaded MODULE
{
	[ -d "/sys/module/$1" ]
}

# insert MODULE [PARAMETER=VALUE...]
insert()
{
	local module=$1
	shift

	if [ -n "${XGS_MODULES:-}" ]; then
		insmod "$XGS_MODULES/$module.ko" "$@"
	else
		modprobe "$module" "$@"
	fi
}

# Whether the modules are here at all; a suite without them proves nothing.
have_modules()
{
	if [ -n "${XGS_MODULES:-}" ]; then
		[ -e "$XGS_MODULES/tcp_xgs.ko" ]
	else
		modinfo -n tcp_xgs >/dev/null 2>&1
	fi
}

unload_one()
{
	! loaded "$1" || rmmod "$1" 2>/dev/null
}

# A module stays busy for a while after its last socket was closed.
unload()
{
	poll "${1:-10}" unload_one tcp_xgs
	poll 2 unload_one xgs_core
}

# fresh [PARAMETER=VALUE...]: load tcp_xgs, all tunables at their defaults; the
# parameters are xgs_core's
fresh()
{
	have_modules ||
		fail "no tcp_xgs module for $(uname -r): make install, or set XGS_MODULES"
	if loaded tcp_xgs; then
		unload
	fi
	at_end leave_as_found
	[ -z "${XGS_MODULES:-}$*" ] || insert xgs_core "$@"
	insert tcp_xgs
}

# Later ends run first: by now the sockets of this case are gone.
leave_as_found()
{
	unload 20
	[ -z "$xgs_was_loaded" ] || insert xgs_core
	[ -z "$xgs_was_loaded" ] || insert tcp_xgs
}

# Without a process for it: on a kernel with sanitizers each costs a lot.
get()		# get FILE: below /sys/kernel/xgs
{
	local lines

	mapfile -t lines <"$XGS/$1" && printf '%s\n' "${lines[@]}"
}

set_to()	# set_to FILE VALUE
{
	printf '%s\n' "$2" >"$XGS/$1"
}

stat_of()	# stat_of NAME: a counter of tcp_xgs
{
	cat "$XGS/tcp/stats/$1"
}

# path_field LOCAL REMOTE FIELD: of the path table; nothing where there is none
path_field()
{
	awk -v local="$1" -v remote="$2" -v field="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		$2 == local && $3 == remote { print $column[field]; exit }
	' $XGS_PATHS
}

xgs_was_loaded=
! loaded tcp_xgs || xgs_was_loaded=yes
