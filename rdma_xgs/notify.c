// SPDX-License-Identifier: GPL-2.0
/*
 * Sending CNPs. They are never paced, and Linux's queues take them first.
 */
#include <linux/jhash.h>
#include <linux/pkt_sched.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "cnp.h"
#include "rdma_xgs.h"
#include "trace.h"

/* Source ports of RoCEv2: the range that IANA leaves to hosts. */
#define XGS_CNP_PORT		0xc000
#define XGS_CNP_PORT_MASK	0x3fff

static struct dst_entry *xgs_route_ipv4(struct net *net,
					const struct net_device *in,
					const struct xgs_flow_key *key)
{
	struct flowi4 flow = {
		.flowi4_oif = in->ifindex,
		.flowi4_proto = IPPROTO_UDP,
		.saddr = key->local.s6_addr32[3],
		.daddr = key->remote.s6_addr32[3],
		.fl4_dport = htons(XGS_ROCE_PORT),
	};
	struct rtable *route = ip_route_output_key(net, &flow);

	return IS_ERR(route) ? NULL : &route->dst;
}

static struct dst_entry *xgs_route_ipv6(struct net *net,
					const struct net_device *in,
					const struct xgs_flow_key *key)
{
	struct flowi6 flow = {
		.flowi6_oif = in->ifindex,
		.flowi6_proto = IPPROTO_UDP,
		.saddr = key->local,
		.daddr = key->remote,
		.fl6_dport = htons(XGS_ROCE_PORT),
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &flow);

	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static void xgs_fill(struct xgs_cnp *cnp, const struct xgs_flow_key *key,
		     const struct dst_entry *dst, u32 remote_qpn)
{
	cnp->dqpn = remote_qpn;
	cnp->port = XGS_CNP_PORT |
		    (jhash_2words(key->qpn, remote_qpn, 0) & XGS_CNP_PORT_MASK);
	if (cnp->ipv6) {
		cnp->hops = ip6_dst_hoplimit((struct dst_entry *)dst);
		memcpy(cnp->source, &key->local, sizeof(cnp->source));
		memcpy(cnp->destination, &key->remote,
		       sizeof(cnp->destination));
	} else {
		cnp->hops = ip4_dst_hoplimit(dst);
		memcpy(cnp->source, &key->local.s6_addr32[3], 4);
		memcpy(cnp->destination, &key->remote.s6_addr32[3], 4);
	}
}

/**
 * xgs_notify() - send a CNP
 * @net: the network namespace
 * @in: where the marked packet came in
 * @key: the QP that it came to
 * @remote_qpn: the QP that it came from
 * @ipv6: the addresses are IPv6
 */
void xgs_notify(struct net *net, const struct net_device *in,
		const struct xgs_flow_key *key, u32 remote_qpn, bool ipv6)
{
	struct xgs_cnp cnp = {
		.tos = READ_ONCE(xgs_rdma_settings.cnp_dscp) << 2 |
		       XGS_ECN_ECT_0,
		.ipv6 = ipv6,
	};
	u32 size = xgs_cnp_size(ipv6);
	struct dst_entry *dst;
	struct sk_buff *skb;

	dst = ipv6 ? xgs_route_ipv6(net, in, key) :
		     xgs_route_ipv4(net, in, key);
	if (!dst)
		goto failed;
	skb = alloc_skb(LL_RESERVED_SPACE(dst->dev) + size, GFP_ATOMIC);
	if (!skb) {
		dst_release(dst);
		goto failed;
	}
	skb_reserve(skb, LL_RESERVED_SPACE(dst->dev));
	xgs_fill(&cnp, key, dst, remote_qpn);
	xgs_cnp_write(skb_put(skb, size), &cnp);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, size - XGS_CNP_UDP_SIZE);
	skb->protocol = ipv6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb->priority = TC_PRIO_CONTROL;
	skb->ip_summed = CHECKSUM_NONE;
	skb_dst_set(skb, dst);

	trace_xgs_rdma_notify(key->qpn, remote_qpn);
	xgs_rdma_count(XGS_RDMA_CNPS_SENT);
	if (ipv6)
		ip6_local_out(net, NULL, skb);
	else
		ip_local_out(net, NULL, skb);
	return;
failed:
	xgs_rdma_count(XGS_RDMA_CNPS_FAILED);
}
