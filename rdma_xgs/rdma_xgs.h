/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of rdma_xgs share among themselves.
 */
#ifndef _RDMA_XGS_H
#define _RDMA_XGS_H

#include <linux/if_vlan.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "../include/xgs/path.h"
#include "engine.h"
#include "pace.h"
#include "packet.h"
#include "rtt.h"

struct ib_device;
struct xgs_table;

/* -- counters (sysfs.c) -------------------------------------------------- */

/**
 * enum xgs_rdma_stat - events that are counted, as files below stats/
 * @XGS_RDMA_FLOWS_STARTED: flows that began to be controlled
 * @XGS_RDMA_FLOWS_ENDED: of them, those that are gone
 * @XGS_RDMA_FLOWS_REJECTED: flows and QPs for which there was no room
 * @XGS_RDMA_PACED: packets given a departure time
 * @XGS_RDMA_UNPACED: packets that left at once as there is no fq to hold them
 * @XGS_RDMA_OPENED: packets that left early, before fq would drop them
 * @XGS_RDMA_CAPPED: packets that left early as they would wait too long
 * @XGS_RDMA_MARKED_ECT: packets made ECN-capable
 * @XGS_RDMA_RTT_SAMPLES: round trips measured
 * @XGS_RDMA_RESENT: packets whose sequence number had been sent before
 * @XGS_RDMA_CE_SEEN: data packets that arrived with a mark
 * @XGS_RDMA_CE_UNRESOLVED: of them, those of QPs not known
 * @XGS_RDMA_CE_LIMITED: of them, those too soon after a CNP
 * @XGS_RDMA_CNPS_SENT: CNPs sent
 * @XGS_RDMA_CNPS_FAILED: CNPs for which there was no route or no memory
 * @XGS_RDMA_CNPS_RECEIVED: CNPs that a flow has heard
 * @XGS_RDMA_CNPS_SHAPE: CNPs refused for their length, flags or content
 * @XGS_RDMA_CNPS_ICRC: CNPs refused for their ICRC
 * @XGS_RDMA_CNPS_UNRESOLVED: CNPs to QPs not known
 * @XGS_RDMA_CNPS_STRAY: CNPs to QPs that have not sent
 * @XGS_RDMA_RESOLVED: QPs found
 * @XGS_RDMA_RESOLVE_UNKNOWN: QPs that do not exist, or not with that peer
 * @XGS_RDMA_RESOLVE_FULL: questions that found the queue full
 * @XGS_RDMA_MALFORMED: packets whose lengths contradict each other
 * @XGS_RDMA_VERSION: packets of an unknown transport version
 * @XGS_RDMA_FRAGMENTS: fragments
 * @XGS_RDMA_STATS: how many there are
 */
enum xgs_rdma_stat {
	XGS_RDMA_FLOWS_STARTED,
	XGS_RDMA_FLOWS_ENDED,
	XGS_RDMA_FLOWS_REJECTED,
	XGS_RDMA_PACED,
	XGS_RDMA_UNPACED,
	XGS_RDMA_OPENED,
	XGS_RDMA_CAPPED,
	XGS_RDMA_MARKED_ECT,
	XGS_RDMA_RTT_SAMPLES,
	XGS_RDMA_RESENT,
	XGS_RDMA_CE_SEEN,
	XGS_RDMA_CE_UNRESOLVED,
	XGS_RDMA_CE_LIMITED,
	XGS_RDMA_CNPS_SENT,
	XGS_RDMA_CNPS_FAILED,
	XGS_RDMA_CNPS_RECEIVED,
	XGS_RDMA_CNPS_SHAPE,
	XGS_RDMA_CNPS_ICRC,
	XGS_RDMA_CNPS_UNRESOLVED,
	XGS_RDMA_CNPS_STRAY,
	XGS_RDMA_RESOLVED,
	XGS_RDMA_RESOLVE_UNKNOWN,
	XGS_RDMA_RESOLVE_FULL,
	XGS_RDMA_MALFORMED,
	XGS_RDMA_VERSION,
	XGS_RDMA_FRAGMENTS,
	XGS_RDMA_STATS
};

struct xgs_rdma_stats {
	unsigned long count[XGS_RDMA_STATS];
};

DECLARE_PER_CPU(struct xgs_rdma_stats, xgs_rdma_stats);

/**
 * xgs_rdma_count() - count an event
 * @stat: which
 */
static inline void xgs_rdma_count(enum xgs_rdma_stat stat)
{
	this_cpu_inc(xgs_rdma_stats.count[stat]);
}

/* -- what an operator sets (sysfs.c) ------------------------------------- */

/**
 * enum xgs_rdma_profile - how a device's flows are controlled
 * @XGS_RDMA_OFF: not at all
 * @XGS_RDMA_DCQCN: DCQCN as published
 * @XGS_RDMA_XGS: the distance-aware law
 * @XGS_RDMA_INHERIT: of a device: as all devices
 */
enum xgs_rdma_profile {
	XGS_RDMA_OFF,
	XGS_RDMA_DCQCN,
	XGS_RDMA_XGS,
	XGS_RDMA_INHERIT,
};

/**
 * struct xgs_rdma_settings - the files of /sys/kernel/xgs/rdma
 *
 * Each is described in Documentation/ABI; units are in the names.
 */
struct xgs_rdma_settings {
	/* private: one file each */
	u32 profile;
	u32 np_enable;
	u32 rp_enable;
	u32 mark_ect;
	u32 verify_icrc;
	u32 cnp_interval_us;
	u32 cnp_dscp;
	u32 line_rate_mbps;
	u32 min_rate_kbps;
	u32 default_rtt_us;
	u32 max_flows;
	u32 near_us;
	u32 epoch_pct;
	u32 start_shift;
	u32 start_kbytes;
	u32 ai_rate_mbps;
	u32 hai_rate_mbps;
	u32 byte_reset_kbytes;
	u32 time_reset_us;
	u32 alpha_us;
	u32 threshold;
	u32 g_shift;
};

extern struct xgs_rdma_settings xgs_rdma_settings;

int xgs_rdma_sysfs_init(void);
void xgs_rdma_sysfs_exit(void);
int xgs_rdma_device_show_in_sysfs(struct kobject *kobj, const char *name);

/* -- devices (device.c) -------------------------------------------------- */

/**
 * struct xgs_rdma_conf - what a device's flows are to do; never changes
 * @rcu: for freeing it
 * @generation: different from that of every other
 * @profile: off or a law
 * @controlled: flows have a rate
 * @mark_ect: their packets are made ECN-capable
 * @rp: the engine's parameters
 */
struct xgs_rdma_conf {
	struct rcu_head rcu;
	u32 generation;
	enum xgs_rdma_profile profile;
	bool controlled;
	bool mark_ect;
	struct xgs_rp_params rp;
};

/**
 * struct xgs_rdma_device - an RDMA device
 * @kobj: its directory in sysfs
 * @node: in the list of all
 * @rcu: for freeing it
 * @ibdev: the device
 * @conf: what its flows are to do
 * @profile: what the operator set for it
 * @line_rate_mbps: what the operator set for it; 0 for none
 * @port_mbps: what its port says
 * @port_mtu: bytes of payload in a packet
 * @flows: how many it has
 * @gone: it is being removed and gets no more flows
 * @fq_seen: jiffies when its queues were last looked at; 0 for never
 * @fq: all of its queues are fq's
 * @fq_full: one of them is half full
 * @fq_flow_limit: packets that fq takes per QP
 * @inspected: jiffies when its port and fq's limits were last asked for
 */
struct xgs_rdma_device {
	struct kobject kobj;
	struct list_head node;
	struct rcu_head rcu;
	struct ib_device *ibdev;
	struct xgs_rdma_conf __rcu *conf;
	u32 profile;
	u32 line_rate_mbps;
	u32 port_mbps;
	u32 port_mtu;
	atomic_t flows;
	bool gone;
	unsigned long fq_seen;
	bool fq;
	bool fq_full;
	u32 fq_flow_limit;
	unsigned long inspected;
};

extern struct mutex xgs_rdma_mutex;
extern bool xgs_rdma_active;

int xgs_rdma_devices_init(void);
void xgs_rdma_devices_exit(void);
void xgs_rdma_reconfigure(void);
struct ib_device *xgs_rdma_device_get(struct net_device *dev,
				      struct xgs_rdma_device **device);
void xgs_rdma_device_inspect(struct xgs_rdma_device *device,
			     struct net_device *dev);
void xgs_rdma_device_look(struct xgs_rdma_device *device,
			  const struct net_device *dev);

/**
 * xgs_rdma_is_active() - is there anything to control?
 *
 * Return: false where no device has a profile but off.
 */
static inline bool xgs_rdma_is_active(void)
{
	return READ_ONCE(xgs_rdma_active);
}

/**
 * xgs_rdma_real_dev() - the device that has the queues
 * @dev: where packets leave or arrive
 *
 * Return: the device below a VLAN, else @dev.
 */
static inline struct net_device *xgs_rdma_real_dev(struct net_device *dev)
{
	return is_vlan_dev(dev) ? vlan_dev_real_dev(dev) : dev;
}

/**
 * xgs_rdma_device_is_due() - is it time to look at a device?
 * @device: the RDMA device
 *
 * Return: true if this tick nobody did.
 */
static inline bool xgs_rdma_device_is_due(const struct xgs_rdma_device *device)
{
	unsigned long tick = jiffies;

	return READ_ONCE(device->fq_seen) != tick;
}

/* -- flows and queue pairs (flow.c) -------------------------------------- */

/**
 * struct xgs_flow_key - who talks to whom
 * @netns: cookie of the network namespace
 * @local: address of this host, IPv4 as ::ffff:a.b.c.d
 * @remote: address of the peer
 * @qpn: of a flow the peer's QP, or of UD the local one; of a QP itself
 * @datagram: 1 for UD's flows
 */
struct xgs_flow_key {
	u64 netns;
	struct in6_addr local;
	struct in6_addr remote;
	u32 qpn;
	u32 datagram;
};

/**
 * struct xgs_flow - what a local QP sends to a peer
 * @node: in the table
 * @key: which
 * @lock: serialises what follows
 * @dropped: it is no longer in the table
 * @rp: its rate
 * @pace: its departures
 * @rtt: what it measures round trips with
 * @generation: of the parameters that @rp has
 * @refreshed: jiffies when @rp was last told the distance
 * @timeout: after which its QP sends again, ns; 0 for never
 * @fed_at: when the path last heard of it, ns
 * @sampled_us: the smallest sample since, microseconds; 0 for none
 * @bytes: sent
 * @packets: sent
 * @cnps: heard
 * @used: jiffies when it last sent
 * @device: where it leaves
 * @path: its path, or NULL
 * @rcu: for freeing it
 */
struct xgs_flow {
	struct rhash_head node;
	struct xgs_flow_key key;
	spinlock_t lock;	/* serialises what follows */
	bool dropped;
	struct xgs_rp rp;
	struct xgs_pace pace;
	struct xgs_rtt rtt;
	u32 generation;
	unsigned long refreshed;
	u64 timeout;
	u64 fed_at;
	u32 sampled_us;
	u64 bytes;
	u64 packets;
	u64 cnps;
	unsigned long used;
	struct xgs_rdma_device *device;
	struct xgs_path *path;
	struct rcu_head rcu;
};

/**
 * struct xgs_qp - a local QP as one peer sees it
 * @node: in the table
 * @key: the QP's number and both addresses
 * @lock: serialises @cnp_due
 * @cnp_due: when the next CNP may be sent, ns
 * @remote_qpn: the QP it is connected to; 0 of UD
 * @datagram: it is UD and connected to nobody
 * @timeout: after which it sends again, ns; 0 for never
 * @resolved: jiffies when it was found
 * @used: jiffies when it was last asked for
 * @device: where it is
 * @rcu: for freeing it
 */
struct xgs_qp {
	struct rhash_head node;
	struct xgs_flow_key key;
	spinlock_t lock;	/* serialises cnp_due */
	u64 cnp_due;
	u32 remote_qpn;
	bool datagram;
	u64 timeout;
	unsigned long resolved;
	unsigned long used;
	struct xgs_rdma_device *device;
	struct rcu_head rcu;
};

int xgs_rdma_flows_init(void);
void xgs_rdma_flows_exit(void);
struct xgs_flow *xgs_flow_find(const struct xgs_flow_key *key);
struct xgs_flow *xgs_flow_of_sent(const struct net *net,
				  const struct sk_buff *skb,
				  const struct xgs_packet *packet);
struct xgs_flow *xgs_flow_make(const struct net *net, struct net_device *out,
			       const struct sk_buff *skb,
			       const struct xgs_packet *packet, u64 now);
void xgs_flow_renew(struct xgs_flow *flow, const struct xgs_rdma_conf *conf,
		    u64 now);
struct xgs_qp *xgs_qp_find(const struct xgs_flow_key *key);
int xgs_qp_add(const struct xgs_qp *found);
void xgs_rdma_drop_netns(const struct net *net);
void xgs_rdma_drop_device(struct xgs_rdma_device *device);
u32 xgs_rdma_flow_count(void);
u32 xgs_rdma_qp_count(void);

extern const struct xgs_table xgs_flow_table;

/* The flow of the latest packet that a CPU sent. */
DECLARE_PER_CPU(struct xgs_flow *, xgs_flow_latest);

/**
 * xgs_flow_remember() - the next packet may be of the same flow
 * @flow: the flow, locked
 *
 * A QP sends many packets in a row. Who drops a flow makes all CPUs forget it
 * before the grace period begins: it is found as in the table, under RCU.
 */
static inline void xgs_flow_remember(struct xgs_flow *flow)
{
	if (!flow->dropped)
		this_cpu_write(xgs_flow_latest, flow);
}

/**
 * xgs_flow_base_us() - how far a flow goes
 * @flow: the flow
 *
 * Return: the base RTT that it is to compute with, microseconds.
 */
static inline u32 xgs_flow_base_us(const struct xgs_flow *flow)
{
	u32 us = flow->path ? xgs_path_base_rtt(flow->path) : 0;

	us = us ?: READ_ONCE(xgs_rdma_settings.default_rtt_us);
	return min(us, XGS_RP_RTT_MAX_US);
}

/**
 * xgs_flow_is_measured() - is that more than a guess?
 * @flow: the flow
 *
 * Return: false while nobody has measured its path, but somebody may.
 */
static inline bool xgs_flow_is_measured(const struct xgs_flow *flow)
{
	return !flow->path || xgs_path_base_rtt(flow->path);
}

/**
 * xgs_flow_refresh() - let a flow know of new parameters and distances
 * @flow: the flow, locked
 * @now: the time, ns
 *
 * Parameters hold at once, a distance from the next tick on.
 *
 * Return: the parameters, until the end of the RCU section.
 */
static inline const struct xgs_rdma_conf *
xgs_flow_refresh(struct xgs_flow *flow, u64 now)
{
	const struct xgs_rdma_conf *conf = rcu_dereference(flow->device->conf);
	unsigned long tick = jiffies;

	if (flow->generation != conf->generation || flow->refreshed != tick)
		xgs_flow_renew(flow, conf, now);
	return conf;
}

/* -- finding queue pairs (resolve.c) ------------------------------------- */

int xgs_resolve_init(void);
void xgs_resolve_exit(void);
void xgs_resolve_flush(void);
void xgs_resolve_qp(struct net *net, const struct net_device *dev,
		    const struct xgs_flow_key *key);
void xgs_resolve_inspect(struct net *net, const struct net_device *dev);

/* -- hooks (tx.c, rx.c, notify.c) ---------------------------------------- */

struct nf_hook_state;

bool xgs_rdma_refuse(enum xgs_parse parsed);
unsigned int xgs_rdma_tx(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);
unsigned int xgs_rdma_rx(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);
void xgs_notify(struct net *net, const struct net_device *in,
		const struct xgs_flow_key *key, u32 remote_qpn, bool ipv6);

/**
 * xgs_rdma_pull() - parse a packet
 * @skb: the packet, from its IP header on
 * @packet: where its headers go
 *
 * Packets that are almost RoCEv2 are counted.
 *
 * Return: true for a RoCEv2 packet, whose headers then are linear.
 */
static inline bool xgs_rdma_pull(struct sk_buff *skb, struct xgs_packet *packet)
{
	u32 size = min(skb->len, XGS_ROCE_HEADERS_MAX);
	enum xgs_parse parsed;

	if (skb_is_gso(skb) || !pskb_may_pull(skb, size))
		return false;
	parsed = xgs_packet_parse(packet, skb->data, size, skb->len);
	return parsed == XGS_PARSE_ROCE || xgs_rdma_refuse(parsed);
}

/**
 * xgs_rdma_key() - what a packet is looked up by
 * @net: the network namespace
 * @skb: the packet
 * @packet: its headers
 * @sent: it is sent by this host, not received
 *
 * Return: the key.
 */
static __always_inline struct xgs_flow_key
xgs_rdma_key(const struct net *net, const struct sk_buff *skb,
	     const struct xgs_packet *packet, bool sent)
{
	bool datagram = sent && packet->datagram;
	struct xgs_flow_key key = {
		.netns = net->net_cookie,
		.qpn = datagram ? packet->sqpn : packet->dqpn,
		.datagram = datagram,
	};
	struct in6_addr *source = sent ? &key.local : &key.remote;
	struct in6_addr *destination = sent ? &key.remote : &key.local;

	if (packet->ipv6) {
		*source = ipv6_hdr(skb)->saddr;
		*destination = ipv6_hdr(skb)->daddr;
	} else {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, source);
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, destination);
	}
	return key;
}

/* -- telemetry (debugfs.c) ----------------------------------------------- */

void xgs_rdma_debugfs_init(void);
void xgs_rdma_debugfs_exit(void);

#endif /* _RDMA_XGS_H */
