// SPDX-License-Identifier: GPL-2.0
/*
 * What leaves: the reaction point (RP). Each packet of a controlled flow gets a
 * departure time, which sch_fq keeps, and is made ECN-capable.
 *
 * A qdisc that drops a packet puts its QP into an error state (6.12) or lets
 * it spin (6.1). So nothing is delayed that fq might not have room for:
 *
 *	no fq on all of the device's queues	nothing is delayed
 *	an fq half full				no packet waits longer than the
 *						flow's latest one does
 *	READ responses, of which rxe sends any	at once, if fq's flow_limit is
 *	number at a time			less than four times of what
 *						waits
 *
 * Requests need no such care: rxe has at most 64 of a QP under way.
 */
#include <linux/etherdevice.h>
#include <linux/ktime.h>
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/sock.h>
#include <rdma/ib_verbs.h>

#include "../include/xgs/compat.h"
#include "rdma_xgs.h"

/*
 * A packet that waits holds its QP, which nobody can destroy for so long; who
 * tries frees it all the same when rxe's patience ends. 500 ms are what 64 packets
 * of 4096 bytes take at 4 Mbit/s.
 */
#define XGS_LEAD_MAX		min_t(u64, 500 * NSEC_PER_MSEC, \
				      XGS_RXE_PATIENCE_NS / 8 * 5)
/* What rxe may have under way of a QP's requests, and as much again. */
#define XGS_FQ_REQUESTS		128
#define XGS_FQ_MARGIN		4

/**
 * xgs_rdma_refuse() - count a packet that is almost RoCEv2
 * @parsed: why it is not
 *
 * Return: false.
 */
bool xgs_rdma_refuse(enum xgs_parse parsed)
{
	switch (parsed) {
	case XGS_PARSE_MALFORMED:
		xgs_rdma_count(XGS_RDMA_MALFORMED);
		break;
	case XGS_PARSE_VERSION:
		xgs_rdma_count(XGS_RDMA_VERSION);
		break;
	case XGS_PARSE_FRAGMENT:
		xgs_rdma_count(XGS_RDMA_FRAGMENTS);
		break;
	case XGS_PARSE_ROCE:
	case XGS_PARSE_OTHER:
		break;
	}
	return false;
}

static void xgs_mark_ect(struct sk_buff *skb, const struct xgs_packet *packet)
{
	if (skb_try_make_writable(skb, packet->udp))
		return;
	if (packet->ipv6)
		ipv6_change_dsfield(ipv6_hdr(skb), (u8)~XGS_ECN_MASK,
				    XGS_ECN_ECT_0);
	else
		ipv4_change_dsfield(ip_hdr(skb), (u8)~XGS_ECN_MASK,
				    XGS_ECN_ECT_0);
	xgs_rdma_count(XGS_RDMA_MARKED_ECT);
}

/* May fq hold this packet longer than the flow's others? */
static bool xgs_has_room(const struct xgs_flow *flow,
			 const struct xgs_packet *packet,
			 const struct xgs_rdma_conf *conf, u64 now, u32 bytes)
{
	u32 limit = READ_ONCE(flow->device->fq_flow_limit);
	u64 gap;

	if (READ_ONCE(flow->device->fq_full) || limit < XGS_FQ_REQUESTS)
		return false;
	if (packet->kind != XGS_KIND_RESPONSE)
		return true;
	gap = xgs_rp_gap(&flow->rp, &conf->rp, max(flow->pace.next, now),
			 bytes);
	return xgs_pace_backlog(&flow->pace, now, gap) < limit / XGS_FQ_MARGIN;
}

/* When does a packet with data leave? */
static u64 xgs_departure(struct xgs_flow *flow, const struct xgs_packet *packet,
			 const struct xgs_rdma_conf *conf, u64 now, u32 bytes)
{
	bool request = packet->kind == XGS_KIND_DATA;
	bool acked = request && packet->reliable;
	u64 lead, early, gap;

	/* It may be the QP of a killed program: don't hold that. */
	if (request && flow->rtt.stuck) {
		xgs_rdma_count(XGS_RDMA_OPENED);
		return xgs_pace_follow(&flow->pace, now);
	}
	if (!xgs_has_room(flow, packet, conf, now, bytes)) {
		xgs_rdma_count(XGS_RDMA_OPENED);
		return request ? xgs_pace_follow(&flow->pace, now) : now;
	}
	/* Nobody finds a QP that is being destroyed: its READs end. */
	if (!packet->reliable && !flow->pace.most)
		xgs_pace_take_breaks(&flow->pace, get_random_u32());
	lead = xgs_pace_lead(acked ? flow->timeout : 0,
			     (u64)flow->rp.base_us * NSEC_PER_USEC,
			     XGS_LEAD_MAX);
	early = xgs_pace_early(&flow->pace, now, lead);
	if (early) {
		xgs_rdma_count(XGS_RDMA_CAPPED);
		xgs_rp_capped(&flow->rp, &conf->rp, early, lead);
	}
	xgs_rdma_count(XGS_RDMA_PACED);
	gap = xgs_rp_gap(&flow->rp, &conf->rp,
			 xgs_pace_next(&flow->pace, now, lead), bytes);
	return xgs_pace_send(&flow->pace, now, lead, gap);
}

/*
 * A far flow begins to grow when it has sent at its rate. Over a path that nobody
 * has measured so far that proves nothing before the first ACK: until then
 * default_rtt_us may be a small part of the round trip.
 */
static bool xgs_proves_nothing(const struct xgs_flow *flow,
			       const struct xgs_packet *packet)
{
	return flow->rp.start && flow->rp.epoch_us &&
	       packet->kind == XGS_KIND_DATA && packet->reliable &&
	       !xgs_flow_is_measured(flow);
}

static u64 xgs_send_data(struct xgs_flow *flow, const struct xgs_packet *packet,
			 const struct xgs_rdma_conf *conf, u64 now, u32 bytes)
{
	u64 leaves;

	flow->bytes += bytes;
	flow->packets++;
	if (now > flow->pace.next && flow->pace.next)
		xgs_rp_unused(&flow->rp, &conf->rp, flow->pace.next, now);
	xgs_rp_sent(&flow->rp, &conf->rp,
		    xgs_proves_nothing(flow, packet) ? 0 : bytes, now);
	if (!READ_ONCE(flow->device->fq)) {
		xgs_rdma_count(XGS_RDMA_UNPACED);
		return now;
	}
	leaves = xgs_departure(flow, packet, conf, now, bytes);
	if (leaves > now + flow->rp.held_ns)
		xgs_rp_held(&flow->rp, &conf->rp, leaves - now, now);
	return leaves;
}

/* Has the sequence gone back? */
static bool xgs_measure(struct xgs_flow *flow, const struct xgs_packet *packet,
			u64 at)
{
	bool probe = packet->ack_req || packet->kind == XGS_KIND_READ;
	enum xgs_rtt_order order;

	if (!packet->reliable || (packet->kind != XGS_KIND_DATA &&
				  packet->kind != XGS_KIND_READ))
		return false;
	order = xgs_rtt_sent(&flow->rtt, packet->psn, probe, at);
	if (order != XGS_RTT_NEW)
		xgs_rdma_count(XGS_RDMA_RESENT);
	return order == XGS_RTT_BACK;
}

static void xgs_send(struct xgs_flow *flow, struct sk_buff *skb,
		     const struct xgs_packet *packet, u64 now)
{
	const struct xgs_rdma_conf *conf;
	u64 leaves = now;

	spin_lock_bh(&flow->lock);
	conf = xgs_flow_refresh(flow, now);
	if (conf->controlled && xgs_packet_carries_data(packet))
		leaves = xgs_send_data(flow, packet, conf, now,
				       skb->len + ETH_HLEN);
	else if (READ_ONCE(flow->device->fq))
		leaves = xgs_pace_follow(&flow->pace, now);
	if (xgs_measure(flow, packet, leaves) && conf->controlled)
		xgs_rp_lost(&flow->rp, &conf->rp, now);
	xgs_flow_remember(flow);
	WRITE_ONCE(flow->used, jiffies);
	spin_unlock_bh(&flow->lock);

	/* rxe leaves its own time stamp, of another clock: always set it. */
	xgs_set_departure(skb, leaves > now ? leaves : 0);
	if (conf->mark_ect && packet->ecn == XGS_ECN_NOT_ECT)
		xgs_mark_ect(skb, packet);
}

/* Once a tick look at the device's queues, once a second at all else. */
static noinline void xgs_keep_up(struct net *net,
				 struct xgs_rdma_device *device,
				 struct net_device *out)
{
	unsigned long at = READ_ONCE(device->inspected);

	out = xgs_rdma_real_dev(out);
	xgs_rdma_device_look(device, out);
	if (time_before(jiffies, at + HZ) ||
	    cmpxchg(&device->inspected, at, jiffies) != at)
		return;
	xgs_resolve_inspect(net, out);
}

/* A packet of a socket of the kernel's. */
static noinline unsigned int xgs_control(struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	struct xgs_packet packet;
	struct xgs_flow *flow;
	u64 now;

	if (!xgs_rdma_pull(skb, &packet) || packet.kind == XGS_KIND_CNP ||
	    packet.kind == XGS_KIND_OTHER || packet.dqpn < XGS_ROCE_QPN_FIRST)
		return NF_ACCEPT;
	now = ktime_get_ns();
	flow = xgs_flow_of_sent(state->net, skb, &packet);
	if (!flow && xgs_packet_carries_data(&packet))
		flow = xgs_flow_make(state->net, state->out, skb, &packet, now);
	if (flow) {
		if (xgs_rdma_device_is_due(flow->device))
			xgs_keep_up(state->net, flow->device, state->out);
		xgs_send(flow, skb, &packet, now);
	}
	return NF_ACCEPT;
}

/**
 * xgs_rdma_tx() - netfilter's LOCAL_OUT
 * @priv: unused
 * @skb: a packet that this host sends
 * @state: where it goes
 *
 * All that this host sends comes by. The sockets of RDMA are the kernel's: what
 * a user sends is not it.
 *
 * Return: NF_ACCEPT.
 */
unsigned int xgs_rdma_tx(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	const struct sock *sk = skb->sk;

	if (!xgs_rdma_is_active() || !sk || !sk_fullsock(sk) ||
	    sk->sk_protocol != IPPROTO_UDP || !sk->sk_kern_sock)
		return NF_ACCEPT;
	return xgs_control(skb, state);
}
