# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Two sites, a and b. Each is a gateway and hosts, a network namespace each;
# what joins the gateways is the bottleneck.
#
#	a1 --.                                      .-- b1
#	      ga ---- rate, buffer, marks --> ---- gb
#	a2 --'                                      '-- b2
#
# A device is named after the far end of its link: device b1 of gb leads to
# b1. Distance and loss are netem's, at the gateway, on the way to a host;
# rate and buffer are tbf's, on another link, so that none of them disturbs
# another. No device offloads segmentation: each packet crosses the bottleneck
# by itself, and only one of them is lost at a time.
#
#	sites [MTU]		ga, gb and their link
#	host NAME...		a1, a2 ... at site a, b1 ... at site b
#	on NAME COMMAND...
#	address NAME, address6 NAME
#	one_path US MBIT BYTES [MTU]	all of it for a1 and b1: base RTT, rate, buffer
#	distance A B US		base RTT between two hosts, half of it each way
#	loss NAME PERCENT	random, of what is sent to NAME
#	rate MBIT BYTES [gb ga]	of the link from a to b, or back, and its buffer
#	marks US		CE-mark what was queued for longer
#	dropped, marked		packets at the bottleneck since its rate was set
#	sever, mend		the link between the sites

readonly NS=xgs-

declare -A hop_delay hop_loss
hosts=
namespaces=
topology_mtu=

on()
{
	local name=$1
	shift

	nsenter --net="/run/netns/$NS$name" -- "$@"
}

# namespace NAME SYSCTL...
namespace()
{
	local name=$1
	shift


	# A run that was killed may have left it.
	[ ! -e "/run/netns/$NS$name" ] || ip netns del "$NS$name"
	ip netns add "$NS$name"
	namespaces="$namespaces $name"
	at_end topology_end
	# Nobody else has our IPv6 addresses, and asking takes a second.
	on "$name" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 "$@"
}

# join A B: a link between two namespaces
join()
{
	ip -n "$NS$1" link add "$2" mtu "$topology_mtu" type veth \
		peer name "$1" mtu "$topology_mtu" netns "$NS$2"
	on "$1" ethtool -K "$2" tso off gro off >/dev/null
	on "$2" ethtool -K "$1" tso off gro off >/dev/null
}

# number NAME DEVICE NETWORK HOST [GATEWAY]: addresses, and the default route
number()
{
	local way=${5:+route add default via}

	ip -n "$NS$1" -batch - <<-EOF
		link set lo up
		link set $2 up
		address add 10.77.$3.$4/24 dev $2
		address add fd77:$3::$4/64 dev $2 nodad
		${way:+$way 10.77.$3.$5}
		${way:+$way fd77:$3::$5}
	EOF
}

# network NAME: the number of a host's network, 11 for a1, 21 for b1
network()
{
	case $1 in
	a*) echo "1${1#a}" ;;
	b*) echo "2${1#b}" ;;
	esac
}

address()
{
	echo "10.77.$(network "$1").1"
}

address6()
{
	echo "fd77:$(network "$1")::1"
}

sites()
{
	local gateway

	need_tool ip tc ethtool nsenter
	topology_mtu=${1:-1500}
	for gateway in ga gb; do
		namespace $gateway net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.forwarding=1 \
			net.ipv6.conf.default.keep_addr_on_down=1
	done
	join ga gb
	number ga gb 1 1 2
	number gb ga 1 2 1
}

host()
{
	local name gateway net

	for name; do
		gateway=g${name:0:1}
		net=$(network "$name")
		hosts="$hosts $name"
		# What one flow learns about a peer must not help the next,
		# and no socket may outlive its process for long.
		namespace "$name" net.ipv4.tcp_no_metrics_save=1 \
			net.ipv4.tcp_orphan_retries=2 \
			net.ipv4.tcp_rmem='4096 131072 33554432' \
			net.ipv4.tcp_wmem='4096 65536 33554432'
		join "$name" "$gateway"
		number "$name" "$gateway" "$net" 1 2
		number "$gateway" "$name" "$net" 2
	done
}

# The delay line is long enough never to be the buffer.
hop()
{
	tc -n "${NS}g${1:0:1}" qdisc replace dev "$1" root handle 1: netem \
		limit 50000 delay "${hop_delay[$1]:-0}us" \
		loss random "${hop_loss[$1]:-0}%"
}

distance()
{
	hop_delay[$1]=$(($3 / 2))
	hop_delay[$2]=$(($3 - $3 / 2))
	hop "$1"
	hop "$2"
}

loss()
{
	hop_loss[$1]=$2
	hop "$1"
}

rate()
{
	# The bucket: what the link carries in 100 us, but two packets at least.
	local bucket=$(($1 * 100 / 8)) packets=$((2 * (topology_mtu + 14)))

	tc -n "$NS${3:-ga}" qdisc replace dev "${4:-gb}" root handle 1: tbf rate "$1mbit" \
		burst $((bucket > packets ? bucket : packets)) limit "$2"
}

one_path()
{
	sites "${4:-1500}"
	host a1 b1
	distance a1 b1 "$1"
	rate "$2" "$3"
}

# CoDel with its own law switched off: all that is left is the threshold.
marks()
{
	tc -n ${NS}ga qdisc replace dev gb parent 1: handle 2: codel \
		limit 10000 target 10s interval 100s ecn ce_threshold "$1us"
}

dropped()
{
	tc -n ${NS}ga -s qdisc show dev gb |
		sed -n '0,/dropped/s/.*(dropped \([0-9]*\),.*/\1/p'
}

marked()
{
	local packets

	packets=$(tc -n ${NS}ga -s qdisc show dev gb |
		sed -n 's/.*ce_mark \([0-9]*\).*/\1/p')
	echo "${packets:-0}"	# tc does not print zero
}

sever()
{
	ip -n ${NS}gb link set ga down
}

mend()
{
	ip -n ${NS}gb link set ga up
	ip -n ${NS}gb route add default via 10.77.1.1
	ip -n ${NS}gb route add default via fd77:1::1
}

# Orphans keep a namespace, and a congestion control's module, alive.
host_is_quiet()
{
	[ -z "$(on "$1" ss -Htan state connected exclude time-wait)" ] &&
		return
	on "$1" ss -K >/dev/null 2>&1
	return 1
}

topology_end()
{
	local name

	for name in $hosts; do
		ip netns pids "$NS$name" | xargs -r kill -KILL
		poll 20 host_is_quiet "$name"
	done
	for name in $namespaces; do
		ip netns del "$NS$name"
	done
}
