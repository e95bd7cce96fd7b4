# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Soft-RoCE on both ends of a router, all of it in one kernel: rxe's sockets
# live in the first network namespace (up to 6.12), so both devices do too.
#
#	rxa on a0 --- a1 [router] b1 --- b0 on rxb
#	10.88.1.1                        10.88.2.1
#	fd88:1::1                        fd88:2::1
#
# a0 and b0 send through fq, no QP faster than $port_mbit: in simulated time one
# that nobody controls would send without end. Delay is netem's on the way to b0
# and back.
#
#	roce [MTU]		make all of it, and load rdma_xgs
#	roce_vlan		VLAN 7 on both ends, 10.88.3.1 and 10.88.4.1
#	delay US		base RTT
#	ce PERCENT		mark at random what goes to b0
#	write_bw OPTION...	and read_bw, send_bw: perftest from rxa to rxb;
#				Mbit/s to $mbps, the client's output to $said.
#				On simulated time it is ../verbs.c by that name
#	stat NAME		a counter
#	rset FILE VALUE		a setting

lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=lib/ktap.sh
. "$lib/ktap.sh"
# shellcheck source=lib/xgs.sh
. "$lib/xgs.sh"

readonly ROUTER=xgs-router
readonly RDMA=$XGS/rdma
readonly RDMA_FLOWS=/sys/kernel/debug/xgs/rdma_flows
readonly VERBS=$lib/../build/verbs

# GIDs by index: 0 is fe80, 1 IPv4, 2 IPv6 as they are added below.
gid=1
mbps=0
said=
gid_b=
perftest_port=18500
perftest_swap=
# Slow QPs with 14, perftest's 67 ms, would send again what still waits.
patience=18
port_mbit=500
roce_delay=0
roce_marks=()

router()
{
	nsenter --net="/run/netns/$ROUTER" -- "$@"
}

rset()
{
	set_to "rdma/$1" "$2"
}

stat()
{
	get "rdma/stats/$1"
}

# Without a process for it.
sleep()
{
	breathe "$1"
}

unload_rdma()
{
	! loaded rdma_xgs || poll 10 rmmod rdma_xgs
	! loaded xgs_core || loaded tcp_xgs || poll 2 rmmod xgs_core
}

load_rdma()
{
	unload_rdma
	at_end unload_rdma
	[ -z "${XGS_MODULES:-}" ] || loaded xgs_core || insert xgs_core
	[ -z "${XGS_MODULES:-}" ] || modprobe ib_core
	insert rdma_xgs
}

# remove FILE COMMAND...: take away what the file stands for, unless it has gone
# already, or goes meanwhile: the end of a test that was killed may come late
remove()
{
	local file=$1 said
	shift

	[ -e "$file" ] || return 0
	said=$("$@" 2>&1) || [ ! -e "$file" ] || {
		note "$said"
		return 1
	}
}

roce_end()
{
	local name

	pkill -KILL -x 'ib_.*' || true
	roce_rules_end
	for name in rxa rxb; do
		remove /sys/class/infiniband/$name rdma link delete $name
	done
	for name in a0 b0; do
		remove /sys/class/net/$name ip link delete $name
	done
	remove /run/netns/$ROUTER ip netns delete $ROUTER
}

# wire SIDE NET: the host's end and the router's end of one link
wire()
{
	local host=${1}0 hop=${1}1 net=$2 lladdr=02:88:00:00:$2

	# A QP is connected only if its gateway's address is known by then.
	ip -b - <<-END
		link add $host mtu $roce_mtu address $lladdr:01 type veth peer name $hop mtu $roce_mtu address $lladdr:fe netns $ROUTER
		address add 10.88.$net.1/24 dev $host
		address add fd88:$net::1/64 dev $host nodad
		link set $host up
		neighbour add 10.88.$net.254 lladdr $lladdr:fe dev $host
		neighbour add fd88:$net::fe lladdr $lladdr:fe dev $host
	END
	ip -n $ROUTER -b - <<-END
		address add 10.88.$net.254/24 dev $hop
		address add fd88:$net::fe/64 dev $hop nodad
		link set $hop up
		neighbour add 10.88.$net.1 lladdr $lladdr:01 dev $hop
		neighbour add fd88:$net::1 lladdr $lladdr:01 dev $hop
	END
	sysctl -qw "net.ipv4.conf.$host.accept_local=1" \
		"net.ipv4.conf.$host.rp_filter=0" net.ipv4.conf.all.rp_filter=0
	ethtool -K "$host" tso off gso off gro off >/dev/null
	router ethtool -K "$hop" tso off gso off gro off >/dev/null
	tc qdisc add dev "$host" root fq limit 200000 flow_limit 65536 \
		maxrate "${port_mbit}mbit"
}

# Processes are costly where this runs: there are as few as can be.
roce()
{
	local device

	! on_simulated_time || replace_perftest
	need_tool ib_write_bw ib_read_bw ib_send_bw rdma tc ethtool nsenter
	modprobe rdma_rxe || skip "no soft-RoCE for this kernel"
	roce_mtu=${1:-4500}
	[ ! -e /run/netns/$ROUTER ] || roce_end
	at_end roce_end
	ip netns add $ROUTER
	router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	wire a 1
	wire b 2
	ip -b - <<-END
		route add 10.88.2.1/32 via 10.88.1.254 dev a0
		route add 10.88.1.1/32 via 10.88.2.254 dev b0
	END
	roce_rules
	for device in a b; do
		rdma link add rx$device type rxe netdev ${device}0
		poll 5 has_ipv4_gid rx$device
	done
	load_rdma
}

on_simulated_time()
{
	grep -q 'User Mode Linux' /proc/cpuinfo
}

# perftest would stop the clock by polling.
replace_perftest()
{
	local folder=/run/xgs-perftest name

	[ -x "$VERBS" ] || skip "build/verbs is missing: make -C selftests"
	mkdir -p $folder
	for name in ib_write_bw ib_read_bw ib_send_bw ib_send_lat; do
		ln -sf "$(realpath "$VERBS")" $folder/$name
	done
	PATH=$folder:$PATH
}

reaches()
{
	ping -q -c 1 -W 1 -I "$1" "$2" >/dev/null
}

# Both addresses are this host's, and of IPv6 a local route always wins: let
# what is bound to a device, as rxe is, look elsewhere before.
roce_rules()
{
	ip -6 -b - <<-END
		rule add pref 100 lookup local
		rule del pref 0
		rule add pref 10 oif a0 lookup 881
		rule add pref 10 oif b0 lookup 882
		route add fd88:2::1/128 via fd88:1::fe dev a0 table 881
		route add fd88:1::1/128 via fd88:2::fe dev b0 table 882
	END
}

# Those that are not there cannot be deleted: no harm.
roce_rules_end()
{
	ip -6 -force -b - 2>/dev/null <<-END || true
		rule add pref 0 lookup local
		rule del pref 10
		rule del pref 10
		rule del pref 100
	END
}

has_ipv4_gid()
{
	grep -qs 0000:0000:0000:0000:0000:ffff: \
		"/sys/class/infiniband/$1/ports/1/gids/1"
}

# gid_of DEVICE TEXT: the index of the GID that holds TEXT
gid_of()
{
	local index

	for index in 0 1 2 3 4 5 6 7; do
		grep -qs "$2" "/sys/class/infiniband/$1/ports/1/gids/$index" &&
			echo "$index" && return
	done
	fail "$1 has no GID with $2"
}

roce_vlan()
{
	ip link add link a0 name a0.7 type vlan id 7
	ip link add link b0 name b0.7 type vlan id 7
	ip -n $ROUTER link add link a1 name a1.7 type vlan id 7
	ip -n $ROUTER link add link b1 name b1.7 type vlan id 7
	sysctl -qw net.ipv4.conf.a0/7.accept_local=1 \
		net.ipv4.conf.b0/7.accept_local=1 \
		net.ipv4.conf.a0/7.rp_filter=0 net.ipv4.conf.b0/7.rp_filter=0
	ip address add 10.88.3.1/24 dev a0.7
	ip address add 10.88.4.1/24 dev b0.7
	ip link set a0.7 up
	ip link set b0.7 up
	ip -n $ROUTER address add 10.88.3.254/24 dev a1.7
	ip -n $ROUTER address add 10.88.4.254/24 dev b1.7
	ip -n $ROUTER link set a1.7 up
	ip -n $ROUTER link set b1.7 up
	ip route add 10.88.4.1/32 via 10.88.3.254 dev a0.7
	ip route add 10.88.3.1/32 via 10.88.4.254 dev b0.7
	poll 10 reaches a0.7 10.88.3.254
	poll 10 reaches b0.7 10.88.4.254
}

path_qdiscs()
{
	router tc qdisc replace dev a1 root netem limit 20000 \
		delay "$((roce_delay / 2))us"
	router tc qdisc replace dev b1 root handle 1: netem limit 20000 \
		delay "$((roce_delay - roce_delay / 2))us" "${roce_marks[@]}"
}

delay()
{
	roce_delay=$1
	path_qdiscs
}

# netem marks what it would lose, if that is ECN-capable
ce()
{
	roce_marks=(loss random "$1%" ecn)
	path_qdiscs
}

# perftest TOOL OPTION...: run it on both ends
perftest()
{
	local tool=$1 server client=rxa
	local -A device=([rxa]=rxb [rxb]=rxa)
	shift

	[ -z "$perftest_swap" ] || client=rxb
	perftest_port=$((perftest_port + 1))
	# Events, as polling keeps the processor busy; WRITE knows none.
	[ "$tool" = ib_write_bw ] || set -- -e "$@"
	set -- -F -u $patience -p $perftest_port "$@"
	"$tool" -d "${device[$client]}" -x "${gid_b:-$gid}" "$@" \
		>"${ktap_log}.server" 2>&1 &
	server=$!
	poll 10 perftest_listens $perftest_port
	said=$(timeout 30 "$tool" -d $client -x "$gid" "$@" \
		--report_gbits 127.0.0.1 2>&1) || {
		note "$said"
		cat "${ktap_log}.server"
		fail "$tool $* failed"
	}
	wait $server || fail "$tool's server failed: $(cat "${ktap_log}.server")"
	rm -f "${ktap_log}.server"
	mbps=$(awk '$1 ~ /^[0-9]+$/ && NF >= 5 { printf "%d", $4 * 1000 }' \
		<<<"$said" | tail -n 1)
}

perftest_listens()
{
	[ -n "$(ss -Htln "sport = :$1")" ]
}

write_bw()
{
	perftest ib_write_bw "$@"
}

read_bw()
{
	perftest ib_read_bw "$@"
}

send_bw()
{
	perftest ib_send_bw "$@"
}
