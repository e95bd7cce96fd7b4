#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The files of /sys/kernel/xgs/rdma are what the table below says, as those of
# the other modules are (see ../tunables.sh), and profiles have names.
#
# The table was written by hand from the documentation, not from the module.

. "$(dirname "$0")/../lib/roce.sh"
# shellcheck source=lib/tunables.sh
. "$lib/tunables.sh"

tunables_below=rdma
tunables="
rdma/np_enable 1 0 1
rdma/rp_enable 1 0 1
rdma/mark_ect 1 0 1
rdma/verify_icrc 1 0 1
rdma/cnp_interval_us 50 1 10000
rdma/cnp_dscp 48 0 63
rdma/line_rate_mbps 0 0 1600000
rdma/min_rate_kbps 1000 500 10000000
rdma/default_rtt_us 1000 1 1000000
rdma/max_flows 65536 16 1048576
rdma/near_us 100 0 1000000
rdma/epoch_pct 125 50 800
rdma/start_shift 3 0 16
rdma/start_kbytes 128000 66 4000000
rdma/ai_rate_mbps 40 1 100000
rdma/hai_rate_mbps 200 1 100000
rdma/byte_reset_kbytes 10000 5 4000000
rdma/time_reset_us 55 1 1000000
rdma/alpha_us 55 1 1000000
rdma/threshold 5 1 31
rdma/g_shift 8 1 16
rdma/device/rxt/line_rate_mbps 0 0 1600000
"
readonly_files="
rdma/flows 0
rdma/qps 0
rdma/device/rxt/port_rate_mbps -
rdma/device/rxt/flows 0
rdma/device/rxt/pacing unknown
rdma/stats/flows_started 0
rdma/stats/flows_ended 0
rdma/stats/flows_rejected 0
rdma/stats/packets_paced 0
rdma/stats/packets_unpaced 0
rdma/stats/packets_opened 0
rdma/stats/packets_capped 0
rdma/stats/packets_marked_ect 0
rdma/stats/rtt_samples 0
rdma/stats/packets_resent 0
rdma/stats/ce_seen 0
rdma/stats/ce_unresolved 0
rdma/stats/ce_limited 0
rdma/stats/cnps_sent 0
rdma/stats/cnps_failed 0
rdma/stats/cnps_received 0
rdma/stats/cnps_bad_shape 0
rdma/stats/cnps_bad_icrc 0
rdma/stats/cnps_unresolved 0
rdma/stats/cnps_stray 0
rdma/stats/qps_found 0
rdma/stats/qps_unknown 0
rdma/stats/qps_unasked 0
rdma/stats/malformed 0
rdma/stats/wrong_version 0
rdma/stats/fragments 0
"
writeonly_files=""
profiles="
rdma/profile xgs
rdma/device/rxt/profile inherit
"

fresh()
{
	modprobe rdma_rxe || skip "no soft-RoCE for this kernel"
	fresh_end
	at_end fresh_end
	ip link add xgs-t0 type veth peer name xgs-t1
	ip link set xgs-t0 up
	rdma link add rxt type rxe netdev xgs-t0
	load_rdma
}

fresh_end()
{
	[ ! -e /sys/class/infiniband/rxt ] || rdma link delete rxt
	[ ! -e /sys/class/net/xgs-t0 ] || ip link delete xgs-t0
}

# Those with numbers, and the profiles.
all_files_are_those_documented()
{
	readonly_files+=$profiles
	files_are_those_documented
}

takes_profiles()
{
	local file=$1 default=$2 name

	is "default of $file" "$(cat "$XGS/$file")" "$default"
	for name in off dcqcn xgs; do
		try "$file" "$name"$'\n'
		is "error of $file for $name" "$error" none
		read_value "$file"
		is "$file" "$value" "$name"
	done
	for name in '' $'\n' OFF 'xgs ' ' xgs' dcqc 0 1 $'off\n\n' nonsense; do
		[ -z "$name" ] || refuses "$file" EINVAL "$name"
	done
}

profiles_have_names()
{
	fresh
	each takes_profiles <<<"$profiles"
	refuses rdma/profile EINVAL inherit
	try rdma/device/rxt/profile inherit
	is "error for inherit" "$error" none
}

# What cannot be together is made to fit: no rate is above the line's.
least_is_not_above_most()
{
	fresh
	set_to rdma/min_rate_kbps 10000000
	set_to rdma/line_rate_mbps 1
	set_to rdma/device/rxt/line_rate_mbps 1
	set_to rdma/min_rate_kbps 500
	dmesg | grep -q 'rdma_xgs.*WARN' && fail "refused by the engine"
	return 0
}

run_cases all_files_are_those_documented modes_are_right defaults_are_right \
	ranges_are_accepted junk_is_refused out_of_range_is_refused \
	profiles_have_names least_is_not_above_most
