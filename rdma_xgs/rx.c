// SPDX-License-Identifier: GPL-2.0
/*
 * What arrives: the notification point (NP), which answers marks with CNPs; the
 * CNPs that others send us; and ACKs, which end RTT samples.
 *
 * None of it changes what RDMA receives, but for CNPs that were understood,
 * which end here. A packet's QP number means nothing until the QP has been
 * found (resolve.c): what comes before that is counted and forgotten.
 */
#include <linux/ktime.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "cnp.h"
#include "rdma_xgs.h"
#include "trace.h"

/* A path hears of a flow's samples once per its base RTT, at least. */
#define XGS_FEED_MIN_NS		(1 * NSEC_PER_MSEC)

/* The flow that a received packet is about. */
static struct xgs_flow *xgs_flow_of_qp(const struct xgs_qp *qp)
{
	struct xgs_flow_key key = qp->key;

	if (qp->datagram)
		key.datagram = 1;
	else
		key.qpn = qp->remote_qpn;
	return xgs_flow_find(&key);
}

static bool xgs_is_off(const struct xgs_rdma_device *device)
{
	return rcu_dereference(device->conf)->profile == XGS_RDMA_OFF;
}

static unsigned int xgs_hear_cnp(struct sk_buff *skb,
				 const struct xgs_packet *packet,
				 const struct xgs_qp *qp)
{
	const struct xgs_rdma_conf *conf;
	u64 now = ktime_get_ns(), before;
	struct xgs_flow *flow;

	if (!qp) {
		xgs_rdma_count(XGS_RDMA_CNPS_UNRESOLVED);
		goto consume;
	}
	if (xgs_is_off(qp->device))
		return NF_ACCEPT;
	flow = xgs_flow_of_qp(qp);
	if (!flow) {
		xgs_rdma_count(XGS_RDMA_CNPS_STRAY);
		goto consume;
	}
	spin_lock_bh(&flow->lock);
	conf = xgs_flow_refresh(flow, now);
	before = flow->rp.rate;
	xgs_rp_cnp(&flow->rp, &conf->rp, now);
	flow->cnps++;
	trace_xgs_rdma_cnp(flow, before);
	spin_unlock_bh(&flow->lock);
	xgs_rdma_count(XGS_RDMA_CNPS_RECEIVED);
consume:
	consume_skb(skb);
	return NF_STOLEN;
}

static bool xgs_cnp_is_good(const struct sk_buff *skb,
			    const struct xgs_packet *packet)
{
	switch (xgs_cnp_check(skb->data, packet,
			      READ_ONCE(xgs_rdma_settings.verify_icrc))) {
	case XGS_CNP_GOOD:
		return true;
	case XGS_CNP_SHAPE:
		xgs_rdma_count(XGS_RDMA_CNPS_SHAPE);
		break;
	case XGS_CNP_ICRC:
		xgs_rdma_count(XGS_RDMA_CNPS_ICRC);
		break;
	}
	return false;
}

static void xgs_answer_mark(const struct nf_hook_state *state,
			    const struct xgs_packet *packet, struct xgs_qp *qp)
{
	u64 interval = READ_ONCE(xgs_rdma_settings.cnp_interval_us) *
		       (u64)NSEC_PER_USEC;
	bool due;

	xgs_rdma_count(XGS_RDMA_CE_SEEN);
	if (!qp) {
		xgs_rdma_count(XGS_RDMA_CE_UNRESOLVED);
		return;
	}
	if (xgs_is_off(qp->device) || qp->datagram != packet->datagram)
		return;
	spin_lock_bh(&qp->lock);
	due = xgs_cnp_is_due(&qp->cnp_due, ktime_get_ns(), interval);
	spin_unlock_bh(&qp->lock);
	if (!due) {
		xgs_rdma_count(XGS_RDMA_CE_LIMITED);
		return;
	}
	xgs_notify(state->net, state->in, &qp->key,
		   qp->datagram ? packet->sqpn : qp->remote_qpn, packet->ipv6);
}

static void xgs_take_sample(const struct xgs_packet *packet,
			    const struct xgs_qp *qp)
{
	struct xgs_path_round round = {};
	struct xgs_path_view view;
	u64 now = ktime_get_ns(), sample;
	struct xgs_flow *flow;

	flow = xgs_flow_of_qp(qp);
	if (!flow)
		return;
	spin_lock_bh(&flow->lock);
	flow->timeout = qp->timeout;
	sample = xgs_rtt_answered(&flow->rtt, packet->psn,
				  packet->kind == XGS_KIND_RESPONSE, now);
	if (sample) {
		u32 us = max_t(u64, sample / NSEC_PER_USEC, 1);

		xgs_rdma_count(XGS_RDMA_RTT_SAMPLES);
		trace_xgs_rdma_rtt(flow, sample);
		if (!flow->sampled_us || us < flow->sampled_us)
			flow->sampled_us = us;
		if (now - flow->fed_at >= max(XGS_FEED_MIN_NS, sample)) {
			round.rtt_us = flow->sampled_us;
			flow->sampled_us = 0;
			flow->fed_at = now;
		}
	}
	spin_unlock_bh(&flow->lock);
	if (round.rtt_us && flow->path)
		xgs_path_update(flow->path, &round, &view);
}

/* Cheap, as all that this host receives comes by. */
static bool xgs_may_be_roce(const struct sk_buff *skb)
{
	__be16 ports[2], *found;
	u32 offset;

	if (ip_hdr(skb)->version == 4) {
		if (ip_hdr(skb)->protocol != IPPROTO_UDP)
			return false;
		offset = ip_hdrlen(skb);
	} else {
		if (ipv6_hdr(skb)->nexthdr != IPPROTO_UDP)
			return ipv6_ext_hdr(ipv6_hdr(skb)->nexthdr);
		offset = sizeof(struct ipv6hdr);
	}
	found = skb_header_pointer(skb, offset, sizeof(ports), ports);
	return found && found[1] == htons(XGS_ROCE_PORT);
}

/**
 * xgs_rdma_rx() - netfilter's LOCAL_IN
 * @priv: unused
 * @skb: a packet for this host
 * @state: where it came from
 *
 * Return: NF_ACCEPT; NF_STOLEN for a CNP that needs nobody else.
 */
unsigned int xgs_rdma_rx(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	struct xgs_packet packet;
	struct xgs_flow_key key;
	bool cnp, marked, sample;
	struct xgs_qp *qp;

	if (!xgs_rdma_is_active() || !xgs_may_be_roce(skb) ||
	    skb->pkt_type != PACKET_HOST || !xgs_rdma_pull(skb, &packet) ||
	    packet.dqpn < XGS_ROCE_QPN_FIRST)
		return NF_ACCEPT;
	cnp = packet.kind == XGS_KIND_CNP &&
	      READ_ONCE(xgs_rdma_settings.rp_enable) &&
	      xgs_cnp_is_good(skb, &packet);
	marked = packet.ecn == XGS_ECN_CE && xgs_packet_carries_data(&packet) &&
		 READ_ONCE(xgs_rdma_settings.np_enable);
	sample = xgs_packet_is_ack(&packet) ||
		 xgs_packet_begins_response(&packet);
	if (!cnp && !marked && !sample)
		return NF_ACCEPT;

	key = xgs_rdma_key(state->net, skb, &packet, false);
	qp = xgs_qp_find(&key);
	if (!qp)
		xgs_resolve_qp(state->net, state->in, &key);
	if (marked)
		xgs_answer_mark(state, &packet, qp);
	if (sample && qp)
		xgs_take_sample(&packet, qp);
	return cnp ? xgs_hear_cnp(skb, &packet, qp) : NF_ACCEPT;
}
