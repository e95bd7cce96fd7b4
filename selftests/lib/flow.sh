# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TCP flows between hosts of the topology.
#
#	flow A B [CONTROL [OPTION...]]	start one in the background; options are
#				those of `traffic send`, by default endless data
#	flow6 ...		the same over IPv6
#	transfer A B CONTROL OPTION...	one that ends; its bursts' microseconds go to
#				the array $times
#
# A flow's name is the sender and its port, "a1 5001"; the latest is in $flow.
#
#	field FLOW FIELD	of `ss -ti` at the sender: cwnd, mrtt, bw ...
#	acked FLOW		bytes acknowledged
#	has_acked FLOW BYTES	so much and more
#	goodput FLOW MS		kbit/s, acknowledged from now on
#	carries FLOW KBIT	so much and more in the second to come
#	abandon FLOW		end the sender; the kernel goes on with what it has
#	stop FLOW		with all that it has not sent
#
# Times are those of the machine's clock; in the lab it is virtual.

readonly TRAFFIC=${BASH_SOURCE[0]%/*}/../build/traffic

flow=
times=()
flow_port=5000
declare -A flow_pids

need_traffic()
{
	[ -x "$TRAFFIC" ] || skip "build/traffic is missing: make -C selftests"
}

listens()	# listens HOST PORT
{
	[ -n "$(on "$1" ss -Htln "sport = :$2")" ]
}

# sink HOST PORT [OPTION...]
sink()
{
	local name=$1 port=$2
	shift 2

	need_traffic
	nsenter --net="/run/netns/$NS$name" -- "$TRAFFIC" sink "$@" "$port" &
	poll 5 listens "$name" "$port"
}

# The sender is a job itself, not a child of a function's subshell: stop kills
# it.
flow_to()	# flow_to ADDRESS A B [CONTROL [OPTION...]]
{
	local to=$1 from=$2 at=$3 control=${4:-}
	local options=("${@:5}")

	[ ${#options[@]} -gt 0 ] || options=(-t 600000)
	flow_port=$((flow_port + 1))
	# shellcheck disable=SC2086 # options
	sink "$at" $flow_port ${sink_options:-}
	nsenter --net="/run/netns/$NS$from" -- "$TRAFFIC" send \
		${control:+-C "$control"} "${options[@]}" "$to" $flow_port \
		>/dev/null &
	flow="$from $flow_port"
	flow_pids[$flow]=$!
	poll 5 flow_lives "$flow"
}

flow()		# flow A B CONTROL ...
{
	flow_to "$(address "$2")" "$@"
}

flow6()
{
	flow_to "$(address6 "$2")" "$@"
}

transfer()
{
	local from=$1 at=$2 control=$3 to
	shift 3

	flow_port=$((flow_port + 1))
	sink "$at" $flow_port
	to=$(address "$at")
	mapfile -t times < <(on "$from" "$TRAFFIC" send \
		${control:+-C "$control"} "$@" "$to" $flow_port)
	[ ${#times[@]} -gt 0 ] || fail "no data from $from to $at"
}

flow_socket()	# flow_socket FLOW: what ss says about its sender
{
	local name=${1% *} port=${1#* }

	on "$name" ss -tionHO state established "dport = :$port"
}

flow_lives()
{
	[ -n "$(flow_socket "$1")" ]
}

flow_is_over()
{
	! flow_lives "$1"
}

field()
{
	flow_socket "$1" | tr -s '(,) \t' '\n' | sed -n "s/^$2://p" | head -n 1
}

# control FLOW: the congestion control in use
control()
{
	flow_socket "$1" | grep -Eow 'xgs|cubic|bbr|dctcp|reno' | head -n 1
}

acked()
{
	local bytes

	bytes=$(field "$1" bytes_acked)
	echo "${bytes:-0}"
}

has_acked()
{
	[ "$(acked "$1")" -ge "$2" ]
}

# base_us FLOW: the base RTT that xgs has, microseconds
base_us()
{
	field "$1" mrtt | awk '{ printf "%d\n", $1 * 1000 + 0.5 }'
}

# law_kbit FLOW: the rate that xgs has for it, kbit/s
law_kbit()
{
	field "$1" bw | awk '
		{ bits = $1 + 0 }
		/K/ { bits *= 1e3 } /M/ { bits *= 1e6 } /G/ { bits *= 1e9 }
		END { printf "%d\n", bits / 1e3 }'
}

nap_ms()	# nap_ms MS: let so much time pass
{
	sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"
}

# largest LOOKS MS COMMAND...: the largest number of so many looks, MS apart
largest()
{
	local looks=$1 ms=$2 most=0 look now
	shift 2

	for ((look = 0; look < looks; look++)); do
		now=$("$@")
		most=$((now > most ? now : most))
		nap_ms "$ms"
	done
	echo "$most"
}

goodput()
{
	local before after begin end

	before=$(acked "$1")
	begin=$(now_us)
	nap_ms "$2"
	after=$(acked "$1")
	end=$(now_us)
	echo $(((after - before) * 8000 / (end - begin)))
}

carries()
{
	[ "$(goodput "$1" 1000)" -ge "$2" ]
}

# goodput_all MS FLOW...: the same for several flows at a time, a line each
goodput_all()
{
	local ms=$1 begin end name
	local -A before
	shift

	begin=$(now_us)
	for name; do
		before[$name]=$(acked "$name")
	done
	nap_ms "$ms"
	end=$(now_us)
	for name; do
		echo $((($(acked "$name") - ${before[$name]}) * 8000 / (end - begin)))
	done
}

abandon()
{
	{
		kill -KILL "${flow_pids[$1]}"
		wait "${flow_pids[$1]}" || true
	} 2>/dev/null
	unset "flow_pids[$1]"
}

# Megabytes may be left to send, beside whatever comes next.
stop()
{
	local name=${1% *} port=${1#* }

	abandon "$1"
	on "$name" ss -K state connected "dport = :$port" >/dev/null
}
