// SPDX-License-Identifier: GPL-2.0
/*
 * Two tables: flows, which are what local QPs send, and QPs, which are what a
 * received packet's number means.
 *
 * A packet that leaves names the peer's QP, one that arrives the local one. So
 * a flow is found by the peer's QP; a CNP or an ACK finds the local QP first,
 * and by the number of its peer the flow. A UD QP has no peer: its flow goes by
 * its own number.
 *
 * Memory is bounded by max_flows, for each table. A flow begins with a packet
 * that a QP of this host sends, an entry for a QP when the QP has been found to
 * exist and to be connected to the packet's sender: a remote host adds nothing
 * by sending packets. Both are dropped when nobody has used them for seconds.
 */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <rdma/ib_verbs.h>

#include "../include/xgs/table.h"
#include "rdma_xgs.h"

#define XGS_GC_INTERVAL		HZ
#define XGS_FLOW_IDLE		(10 * HZ)
#define XGS_QP_IDLE		(5 * HZ)
/* Until the QP's own is known: what most programs set, 4.096 us times 2^14. */
#define XGS_TIMEOUT_DEFAULT	67108864ULL
/* QP numbers are given again: a QP is looked for anew after a while. */
#define XGS_QP_AGE		(60 * HZ)
/* UD QPs hear anybody: they get at most a quarter of the QPs' table. */
#define XGS_DATAGRAM_SHIFT	2

/*
 * All that a remote host can choose is hashed in full. In IPv4's keys that is
 * a quarter of the words; a packet is looked up once or twice.
 */
static __always_inline u32 xgs_key_hash(const void *data, u32 length, u32 seed)
{
	const struct xgs_flow_key *key = data;

	if (!ipv6_addr_v4mapped(&key->remote))
		return jhash2(data, length / sizeof(u32), seed);
	return jhash_3words((__force u32)key->remote.s6_addr32[3],
			    (__force u32)key->local.s6_addr32[3],
			    key->qpn | key->datagram << 31,
			    seed + (u32)key->netns);
}

static __always_inline bool xgs_key_differs(const struct xgs_flow_key *a,
					    const struct xgs_flow_key *b)
{
	return a->qpn != b->qpn || a->datagram != b->datagram ||
	       a->netns != b->netns ||
	       !ipv6_addr_equal(&a->remote, &b->remote) ||
	       !ipv6_addr_equal(&a->local, &b->local);
}

static __always_inline int
xgs_key_compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	return xgs_key_differs(arg->key, obj + arg->ht->p.key_offset);
}

static const struct rhashtable_params xgs_flow_params = {
	.key_len = sizeof(struct xgs_flow_key),
	.key_offset = offsetof(struct xgs_flow, key),
	.head_offset = offsetof(struct xgs_flow, node),
	.hashfn = xgs_key_hash,
	.obj_cmpfn = xgs_key_compare,
	.automatic_shrinking = true,
};

static const struct rhashtable_params xgs_qp_params = {
	.key_len = sizeof(struct xgs_flow_key),
	.key_offset = offsetof(struct xgs_qp, key),
	.head_offset = offsetof(struct xgs_qp, node),
	.hashfn = xgs_key_hash,
	.obj_cmpfn = xgs_key_compare,
	.automatic_shrinking = true,
};

static struct rhashtable xgs_flows;
static struct rhashtable xgs_qps;
static atomic_t xgs_flows_count = ATOMIC_INIT(0);
static atomic_t xgs_qps_count = ATOMIC_INIT(0);
static atomic_t xgs_datagrams_count = ATOMIC_INIT(0);

DEFINE_PER_CPU(struct xgs_flow *, xgs_flow_latest);

static void xgs_gc(struct work_struct *work);
static DECLARE_DELAYED_WORK(xgs_gc_work, xgs_gc);

/**
 * xgs_rdma_flow_count() - flows now
 *
 * Return: their number.
 */
u32 xgs_rdma_flow_count(void)
{
	return atomic_read(&xgs_flows_count);
}

/**
 * xgs_rdma_qp_count() - QPs known now
 *
 * Return: their number.
 */
u32 xgs_rdma_qp_count(void)
{
	return atomic_read(&xgs_qps_count);
}

static bool xgs_reserve(atomic_t *count, u32 limit)
{
	if ((u32)atomic_inc_return(count) <= limit)
		return true;
	atomic_dec(count);
	xgs_rdma_count(XGS_RDMA_FLOWS_REJECTED);
	return false;
}

/* -- flows --------------------------------------------------------------- */

static void xgs_flow_free(struct rcu_head *rcu)
{
	struct xgs_flow *flow = container_of(rcu, struct xgs_flow, rcu);

	xgs_path_put(flow->path);
	kfree(flow);
}

/* Afterwards only those know of it who have found it under RCU before. */
static void xgs_flow_forget(struct xgs_flow *flow)
{
	int cpu;

	spin_lock_bh(&flow->lock);
	flow->dropped = true;
	spin_unlock_bh(&flow->lock);
	for_each_possible_cpu(cpu)
		cmpxchg(per_cpu_ptr(&xgs_flow_latest, cpu), flow, NULL);
}

static void xgs_flow_drop(struct xgs_flow *flow)
{
	if (rhashtable_remove_fast(&xgs_flows, &flow->node, xgs_flow_params))
		return;		/* somebody else was faster */
	xgs_flow_forget(flow);
	atomic_dec(&flow->device->flows);
	atomic_dec(&xgs_flows_count);
	xgs_rdma_count(XGS_RDMA_FLOWS_ENDED);
	call_rcu(&flow->rcu, xgs_flow_free);
}

/**
 * xgs_flow_find() - find a flow
 * @key: which; call it under RCU
 *
 * Return: the flow, or NULL.
 */
struct xgs_flow *xgs_flow_find(const struct xgs_flow_key *key)
{
	return rhashtable_lookup(&xgs_flows, key, xgs_flow_params);
}

/* The same as to compare keys, without making one. */
static bool xgs_flow_is_of(const struct xgs_flow *flow, const struct net *net,
			   const struct sk_buff *skb,
			   const struct xgs_packet *packet)
{
	const struct xgs_flow_key *key = &flow->key;

	if (key->qpn != (packet->datagram ? packet->sqpn : packet->dqpn) ||
	    key->datagram != packet->datagram || key->netns != net->net_cookie)
		return false;
	if (packet->ipv6)
		return ipv6_addr_equal(&key->remote, &ipv6_hdr(skb)->daddr) &&
		       ipv6_addr_equal(&key->local, &ipv6_hdr(skb)->saddr);
	return key->remote.s6_addr32[3] == ip_hdr(skb)->daddr &&
	       key->local.s6_addr32[3] == ip_hdr(skb)->saddr &&
	       ipv6_addr_v4mapped(&key->remote);
}

/**
 * xgs_flow_of_sent() - find the flow of a packet that is sent
 * @net: the network namespace
 * @skb: the packet; call it under RCU
 * @packet: its headers
 *
 * Return: the flow, or NULL.
 */
struct xgs_flow *xgs_flow_of_sent(const struct net *net,
				  const struct sk_buff *skb,
				  const struct xgs_packet *packet)
{
	struct xgs_flow *flow = this_cpu_read(xgs_flow_latest);
	struct xgs_flow_key key;

	if (flow && xgs_flow_is_of(flow, net, skb, packet))
		return flow;
	key = xgs_rdma_key(net, skb, packet, true);
	return rhashtable_lookup(&xgs_flows, &key, xgs_flow_params);
}

static struct xgs_flow *xgs_flow_insert(struct xgs_flow *flow)
{
	struct xgs_flow *old;

	old = rhashtable_lookup_get_insert_fast(&xgs_flows, &flow->node,
						xgs_flow_params);
	if (!old) {
		atomic_inc(&flow->device->flows);
		xgs_rdma_count(XGS_RDMA_FLOWS_STARTED);
		return flow;
	}
	xgs_path_put(flow->path);
	kfree(flow);
	atomic_dec(&xgs_flows_count);
	return IS_ERR(old) ? NULL : old;
}

/**
 * xgs_flow_renew() - new parameters, or a look at the distance
 * @flow: the flow, locked
 * @conf: the parameters
 * @now: the time, ns
 */
void xgs_flow_renew(struct xgs_flow *flow, const struct xgs_rdma_conf *conf,
		    u64 now)
{
	u32 base_us = xgs_flow_base_us(flow);

	flow->refreshed = jiffies;
	if (flow->generation == conf->generation && flow->rp.base_us == base_us)
		return;
	flow->generation = conf->generation;
	xgs_rp_set_base(&flow->rp, &conf->rp, base_us, now);
}

/**
 * xgs_flow_make() - a flow begins
 * @net: the network namespace
 * @out: where it leaves
 * @skb: its first packet
 * @packet: the packet's headers
 * @now: the time, ns
 *
 * Call it under RCU.
 *
 * Return: the flow; NULL if its device is none of RDMA or off, or there is no
 * room.
 */
struct xgs_flow *xgs_flow_make(const struct net *net, struct net_device *out,
			       const struct sk_buff *skb,
			       const struct xgs_packet *packet, u64 now)
{
	const struct xgs_rdma_conf *conf;
	struct xgs_rdma_device *device;
	struct ib_device *ibdev;
	struct xgs_flow *flow = NULL;

	ibdev = xgs_rdma_device_get(xgs_rdma_real_dev(out), &device);
	if (!ibdev)
		return NULL;
	conf = rcu_dereference(device->conf);
	if (conf->profile == XGS_RDMA_OFF ||
	    !xgs_reserve(&xgs_flows_count,
			 READ_ONCE(xgs_rdma_settings.max_flows)))
		goto out;
	flow = kzalloc(sizeof(*flow), GFP_ATOMIC | __GFP_NOWARN);
	if (!flow) {
		atomic_dec(&xgs_flows_count);
		xgs_rdma_count(XGS_RDMA_FLOWS_REJECTED);
		goto out;
	}
	flow->key = xgs_rdma_key(net, skb, packet, true);
	spin_lock_init(&flow->lock);
	flow->device = device;
	flow->used = jiffies;
	flow->generation = conf->generation;
	flow->refreshed = jiffies;
	flow->timeout = XGS_TIMEOUT_DEFAULT;
	flow->path = xgs_path_get_between(net, &flow->key.local,
					  &flow->key.remote);
	xgs_rp_init(&flow->rp, &conf->rp, xgs_flow_base_us(flow), now);
	flow = xgs_flow_insert(flow);
out:
	ib_device_put(ibdev);
	return flow;
}

/* -- queue pairs --------------------------------------------------------- */

static void xgs_qp_drop(struct xgs_qp *qp)
{
	if (rhashtable_remove_fast(&xgs_qps, &qp->node, xgs_qp_params))
		return;		/* somebody else was faster */
	atomic_dec(&xgs_qps_count);
	if (qp->datagram)
		atomic_dec(&xgs_datagrams_count);
	kfree_rcu(qp, rcu);
}

/**
 * xgs_qp_find() - find a local QP
 * @key: which; call it under RCU
 *
 * Return: the QP, or NULL.
 */
struct xgs_qp *xgs_qp_find(const struct xgs_flow_key *key)
{
	struct xgs_qp *qp = rhashtable_lookup(&xgs_qps, key, xgs_qp_params);

	if (qp)
		WRITE_ONCE(qp->used, jiffies);
	return qp;
}

/**
 * xgs_qp_add() - a QP has been found to exist
 * @found: what is known of it
 *
 * May sleep.
 *
 * Return: 0; -ENOSPC or -ENOMEM if there is no room.
 */
int xgs_qp_add(const struct xgs_qp *found)
{
	u32 limit = READ_ONCE(xgs_rdma_settings.max_flows);
	struct xgs_qp *qp;
	int err = -ENOSPC;

	if (!xgs_reserve(&xgs_qps_count, limit))
		return err;
	if (found->datagram && !xgs_reserve(&xgs_datagrams_count,
					    limit >> XGS_DATAGRAM_SHIFT))
		goto unreserve;
	qp = kmemdup(found, sizeof(*found), GFP_KERNEL);
	if (!qp) {
		err = -ENOMEM;
		goto unreserve_datagram;
	}
	spin_lock_init(&qp->lock);
	qp->resolved = jiffies;
	qp->used = jiffies;
	err = rhashtable_lookup_insert_fast(&xgs_qps, &qp->node,
					    xgs_qp_params);
	if (!err)
		return 0;
	kfree(qp);
unreserve_datagram:
	if (found->datagram)
		atomic_dec(&xgs_datagrams_count);
unreserve:
	atomic_dec(&xgs_qps_count);
	return err;
}

/* -- dropping them ------------------------------------------------------- */

struct xgs_drop {
	u64 netns;
	const struct xgs_rdma_device *device;
	bool old;
};

static bool xgs_flow_to_drop(const struct xgs_flow *flow,
			     const struct xgs_drop *drop)
{
	if (drop->old)
		return time_after(jiffies, READ_ONCE(flow->used) +
					   XGS_FLOW_IDLE);
	return drop->device ? flow->device == drop->device :
			      flow->key.netns == drop->netns;
}

static bool xgs_qp_to_drop(const struct xgs_qp *qp,
			   const struct xgs_drop *drop)
{
	if (drop->old)
		return time_after(jiffies, READ_ONCE(qp->used) + XGS_QP_IDLE) ||
		       time_after(jiffies, qp->resolved + XGS_QP_AGE);
	return drop->device ? qp->device == drop->device :
			      qp->key.netns == drop->netns;
}

static void xgs_drop_walk(struct rhashtable *table, const struct xgs_drop *drop)
{
	struct rhashtable_iter iter;
	void *entry;

	rhashtable_walk_enter(table, &iter);
	rhashtable_walk_start(&iter);
	while ((entry = rhashtable_walk_next(&iter))) {
		if (IS_ERR(entry))
			continue;	/* -EAGAIN: the table was resized */
		if (table == &xgs_qps) {
			if (xgs_qp_to_drop(entry, drop))
				xgs_qp_drop(entry);
		} else if (xgs_flow_to_drop(entry, drop)) {
			xgs_flow_drop(entry);
		}
		if (need_resched()) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

static void xgs_drop(const struct xgs_drop *drop)
{
	xgs_drop_walk(&xgs_flows, drop);
	xgs_drop_walk(&xgs_qps, drop);
}

/**
 * xgs_rdma_drop_netns() - a network namespace goes
 * @net: the namespace; its hooks are gone
 */
void xgs_rdma_drop_netns(const struct net *net)
{
	xgs_drop(&(struct xgs_drop){ .netns = net->net_cookie });
}

/**
 * xgs_rdma_drop_device() - a device goes
 * @device: the device; it gets no new flows
 */
void xgs_rdma_drop_device(struct xgs_rdma_device *device)
{
	xgs_drop(&(struct xgs_drop){ .device = device });
}

static void xgs_gc(struct work_struct *work)
{
	xgs_drop(&(struct xgs_drop){ .old = true });
	queue_delayed_work(system_power_efficient_wq, &xgs_gc_work,
			   XGS_GC_INTERVAL);
}

/* -- the flows as text, for people --------------------------------------- */

static int xgs_flow_show(struct seq_file *seq, void *v)
{
	struct xgs_flow *flow = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "netns device local remote kind qpn base_rtt_us ");
		seq_puts(seq, "law rate_bps alpha_ppm packets bytes cnps ");
		seq_puts(seq, "paced idle_ms\n");
		return 0;
	}
	seq_printf(seq, "%llu %s ", flow->key.netns,
		   dev_name(&flow->device->ibdev->dev));
	xgs_table_address(seq, &flow->key.local);
	xgs_table_address(seq, &flow->key.remote);
	spin_lock_bh(&flow->lock);
	seq_printf(seq, "%s %u %u %s %llu %llu %llu %llu %llu %s %u\n",
		   flow->key.datagram ? "datagram" : "connected",
		   flow->key.qpn, flow->rp.base_us,
		   flow->rp.epoch_us ? "far" : "near", flow->rp.rate * 8,
		   (u64)flow->rp.alpha * 1000000 >> XGS_RP_ONE_SHIFT,
		   flow->packets, flow->bytes, flow->cnps,
		   READ_ONCE(flow->device->fq) ? "paced" : "unpaced",
		   jiffies_to_msecs(jiffies - flow->used));
	spin_unlock_bh(&flow->lock);
	return 0;
}

static const struct seq_operations xgs_flow_seq_ops = {
	.start = xgs_table_start,
	.next = xgs_table_next,
	.stop = xgs_table_stop,
	.show = xgs_flow_show,
};

const struct xgs_table xgs_flow_table = {
	.rows = &xgs_flows,
	.ops = &xgs_flow_seq_ops,
};

/* -- all of it ----------------------------------------------------------- */

/**
 * xgs_rdma_flows_init() - make the empty tables
 *
 * Return: 0, or -ENOMEM.
 */
int xgs_rdma_flows_init(void)
{
	int err;

	err = rhashtable_init(&xgs_flows, &xgs_flow_params);
	if (err)
		return err;
	err = rhashtable_init(&xgs_qps, &xgs_qp_params);
	if (err) {
		rhashtable_destroy(&xgs_flows);
		return err;
	}
	queue_delayed_work(system_power_efficient_wq, &xgs_gc_work,
			   XGS_GC_INTERVAL);
	return 0;
}

/**
 * xgs_rdma_flows_exit() - drop the tables
 *
 * The devices are gone, and all flows and QPs with them.
 */
void xgs_rdma_flows_exit(void)
{
	cancel_delayed_work_sync(&xgs_gc_work);
	rcu_barrier();		/* xgs_flow_free() is in this module */
	rhashtable_destroy(&xgs_qps);
	rhashtable_destroy(&xgs_flows);
}
