// SPDX-License-Identifier: GPL-2.0
/*
 * The path table: what this host has learned about the way to each peer.
 *
 * A path is (network namespace, local address, remote address). Its entry is
 * created by the first flow that asks for it and holds the base RTT, the
 * delivery rate that flows have proven, and the fractions lost and marked.
 * Flows hold a reference, readers use RCU, and writers come once per round
 * trip, so one spinlock per entry is enough.
 *
 * Memory is bounded: above max_paths no entry is created and flows go on
 * without one; entries that no flow has used for max_age_s are dropped, and
 * under pressure any unused one is. A remote host can only create an entry by
 * completing a handshake, or with a queue pair that is connected to it.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "../include/xgs/path.h"
#include "../include/xgs/table.h"
#include "core.h"

#define XGS_PATH_GC_INTERVAL	(5 * HZ)
/* A full table is swept sooner, but not for every flow that finds it full. */
#define XGS_PATH_GC_PRESSURE	HZ
/* Rates are kept in KiB/s, so that 1.6 Tbit/s fits the filter's 32 bits. */
#define XGS_PATH_RATE_SHIFT	10
/* The weight of a new round in the loss and mark averages, 2^-n. */
#define XGS_PATH_EWMA_SHIFT	4
/* Fractions are in units of 2^-16. */
#define XGS_PATH_ONE		65536U

struct xgs_path_key {
	u64 netns;		/* cookie, never used twice */
	struct in6_addr local;	/* IPv4 as ::ffff:a.b.c.d */
	struct in6_addr remote;
};

struct xgs_path {
	struct rhash_head node;
	struct xgs_path_key key;
	refcount_t refs;	/* the table's own and one per flow */
	spinlock_t lock;	/* serialises writers of what follows */
	struct xgs_base_rtt base;
	struct minmax rate;	/* proven delivery rate, KiB/s */
	struct xgs_share share;	/* what its flows use now */
	u32 base_us;		/* copy of base for lockless readers */
	u32 loss;		/* EWMA of lost / sent, 2^-16 */
	u32 mark;		/* EWMA of marked / delivered, 2^-16 */
	unsigned long used;	/* jiffies when a flow last held it */
	struct rcu_head rcu;
};

static const struct rhashtable_params xgs_path_params = {
	.key_len = sizeof(struct xgs_path_key),
	.key_offset = offsetof(struct xgs_path, key),
	.head_offset = offsetof(struct xgs_path, node),
	.automatic_shrinking = true,
};

struct xgs_path_limits xgs_path_limits = {
	.max_paths = XGS_MAX_PATHS_DEFAULT,
	.max_age_s = 600,
	.rtt_window_ms = 10000,
};

static struct rhashtable xgs_paths;
static atomic_t xgs_paths_count = ATOMIC_INIT(0);
static atomic64_t xgs_paths_rejected = ATOMIC64_INIT(0);

/* When the table was last swept. */
static unsigned long xgs_path_gc_last;

static void xgs_path_gc(struct work_struct *work);
static DECLARE_DELAYED_WORK(xgs_path_gc_work, xgs_path_gc);

static u32 xgs_path_now_ms(void)
{
	return (u32)jiffies_to_msecs(jiffies);
}

/* Takes the entry out of the table; the flows that hold it keep it alive. */
static void xgs_path_unlink(struct xgs_path *path)
{
	if (rhashtable_remove_fast(&xgs_paths, &path->node, xgs_path_params))
		return;		/* somebody else was faster */
	atomic_dec(&xgs_paths_count);
	xgs_path_put(path);
}

static bool xgs_path_is_idle(const struct xgs_path *path)
{
	return refcount_read(&path->refs) == 1;
}

/*
 * Calls @drop for every entry and unlinks those it says true for. The table may
 * be large: let others run in between.
 */
static void xgs_path_walk(bool (*drop)(const struct xgs_path *path, void *arg),
			  void *arg)
{
	struct rhashtable_iter iter;
	struct xgs_path *path;

	rhashtable_walk_enter(&xgs_paths, &iter);
	rhashtable_walk_start(&iter);
	while ((path = rhashtable_walk_next(&iter))) {
		if (IS_ERR(path))
			continue;	/* -EAGAIN: the table was resized */
		if (drop(path, arg))
			xgs_path_unlink(path);
		if (need_resched()) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

static bool xgs_path_expired(const struct xgs_path *path, void *arg)
{
	const unsigned long *max_age = arg;

	return xgs_path_is_idle(path) &&
	       time_after_eq(jiffies, READ_ONCE(path->used) + *max_age);
}

static void xgs_path_gc(struct work_struct *work)
{
	unsigned long max_age = READ_ONCE(xgs_path_limits.max_age_s) * HZ;

	WRITE_ONCE(xgs_path_gc_last, jiffies);
	/* Full: an idle entry is worth less than a place for a live flow. */
	if (xgs_path_count() >= READ_ONCE(xgs_path_limits.max_paths))
		max_age = 0;
	xgs_path_walk(xgs_path_expired, &max_age);
	queue_delayed_work(system_power_efficient_wq, &xgs_path_gc_work,
			   XGS_PATH_GC_INTERVAL);
}

static bool xgs_path_any_idle(const struct xgs_path *path, void *arg)
{
	return xgs_path_is_idle(path);
}

/**
 * xgs_path_flush() - drop every entry that no flow holds
 */
void xgs_path_flush(void)
{
	xgs_path_walk(xgs_path_any_idle, NULL);
}

static bool xgs_path_of_netns(const struct xgs_path *path, void *arg)
{
	const u64 *netns = arg;

	return path->key.netns == *netns;
}

static void __net_exit xgs_path_net_exit(struct net *net)
{
	if (xgs_path_count())
		xgs_path_walk(xgs_path_of_netns, &net->net_cookie);
}

static struct pernet_operations xgs_path_net_ops = {
	.exit = xgs_path_net_exit,
};

/* Counts a new entry against the limit; false when there is no room. */
static bool xgs_path_reserve(void)
{
	u32 limit = READ_ONCE(xgs_path_limits.max_paths);

	if ((u32)atomic_inc_return(&xgs_paths_count) <= limit)
		return true;
	atomic_dec(&xgs_paths_count);
	atomic64_inc(&xgs_paths_rejected);
	if (time_after(jiffies, READ_ONCE(xgs_path_gc_last) +
				XGS_PATH_GC_PRESSURE))
		mod_delayed_work(system_power_efficient_wq, &xgs_path_gc_work,
				 0);
	return false;
}

static struct xgs_path *xgs_path_create(const struct xgs_path_key *key)
{
	struct xgs_path *path, *old;

	if (!xgs_path_reserve())
		return NULL;
	path = kzalloc(sizeof(*path), GFP_ATOMIC | __GFP_NOWARN);
	if (!path)
		goto unreserve;
	path->key = *key;
	refcount_set(&path->refs, 2);	/* the table's and the caller's */
	spin_lock_init(&path->lock);
	path->used = jiffies;

	old = rhashtable_lookup_get_insert_fast(&xgs_paths, &path->node,
						xgs_path_params);
	if (!old)
		return path;
	kfree(path);
	/* Another flow to the same peer was faster: share its entry. */
	if (!IS_ERR(old) && refcount_inc_not_zero(&old->refs)) {
		atomic_dec(&xgs_paths_count);
		return old;
	}
unreserve:
	atomic_dec(&xgs_paths_count);
	return NULL;
}

/**
 * xgs_path_get_between() - the entry of a path, made if need be
 * @net: the network namespace
 * @local: address on this host, IPv4 as ::ffff:a.b.c.d
 * @remote: address of the peer
 *
 * Any context. Every entry got is given back with xgs_path_put(). Not for
 * addresses that a packet merely claims: entries are for peers that this host
 * talks to.
 *
 * Return: the entry, or NULL when the table is full or memory is short: the
 * caller goes on without one.
 */
struct xgs_path *xgs_path_get_between(const struct net *net,
				      const struct in6_addr *local,
				      const struct in6_addr *remote)
{
	struct xgs_path_key key = {
		.netns = net->net_cookie,
		.local = *local,
		.remote = *remote,
	};
	struct xgs_path *path;

	rcu_read_lock();
	path = rhashtable_lookup(&xgs_paths, &key, xgs_path_params);
	if (!path || !refcount_inc_not_zero(&path->refs))
		path = xgs_path_create(&key);
	if (path)
		WRITE_ONCE(path->used, jiffies);
	rcu_read_unlock();
	return path;
}
EXPORT_SYMBOL_GPL(xgs_path_get_between);

/**
 * xgs_path_get() - the entry of a connected socket's path, made if need be
 * @sk: a socket whose addresses are set
 *
 * As xgs_path_get_between().
 *
 * Return: the entry, or NULL when the table is full or memory is short.
 */
struct xgs_path *xgs_path_get(const struct sock *sk)
{
	struct in6_addr local, remote;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return xgs_path_get_between(sock_net(sk), &sk->sk_v6_rcv_saddr,
					    &sk->sk_v6_daddr);
#endif
	ipv6_addr_set_v4mapped(sk->sk_rcv_saddr, &local);
	ipv6_addr_set_v4mapped(sk->sk_daddr, &remote);
	return xgs_path_get_between(sock_net(sk), &local, &remote);
}
EXPORT_SYMBOL_GPL(xgs_path_get);

/**
 * xgs_path_put() - give an entry back
 * @path: an entry from xgs_path_get(), or NULL
 */
void xgs_path_put(struct xgs_path *path)
{
	if (!path)
		return;
	WRITE_ONCE(path->used, jiffies);
	if (refcount_dec_and_test(&path->refs))
		kfree_rcu(path, rcu);
}
EXPORT_SYMBOL_GPL(xgs_path_put);

/**
 * xgs_path_base_rtt() - the base RTT of a path
 * @path: an entry
 *
 * Return: microseconds; 0 while no flow has measured it.
 */
u32 xgs_path_base_rtt(const struct xgs_path *path)
{
	return READ_ONCE(path->base_us);
}
EXPORT_SYMBOL_GPL(xgs_path_base_rtt);

static u32 xgs_path_ewma(u32 average, u32 part, u32 whole)
{
	s32 now = div_u64((u64)min(part, whole) * XGS_PATH_ONE, whole);

	return average + ((now - (s32)average) >> XGS_PATH_EWMA_SHIFT);
}

/**
 * xgs_path_update() - feed one round trip of a flow
 * @path: an entry
 * @round: what it showed
 * @view: what it is told of the path's others
 *
 * The path keeps the largest delivery rate over max_age_s: a flow's rate at
 * its end says more about its rivals then than about the path.
 *
 * Return: the path's base RTT, microseconds; 0 while there is none.
 */
u32 xgs_path_update(struct xgs_path *path, const struct xgs_path_round *round,
		    struct xgs_path_view *view)
{
	u32 now = xgs_path_now_ms(), sent = round->delivered + round->lost;
	u32 base;

	spin_lock_bh(&path->lock);
	if (round->rtt_us)
		xgs_base_rtt_update(&path->base,
				    READ_ONCE(xgs_path_limits.rtt_window_ms),
				    now, round->rtt_us);
	base = xgs_base_rtt_get(&path->base);
	WRITE_ONCE(path->base_us, base);
	if (round->rate)
		minmax_running_max(&path->rate,
				   READ_ONCE(xgs_path_limits.max_age_s) *
				   MSEC_PER_SEC, now,
				   min_t(u64, round->rate >> XGS_PATH_RATE_SHIFT,
					 U32_MAX));
	if (sent)
		path->loss = xgs_path_ewma(path->loss, round->lost, sent);
	if (round->delivered)
		path->mark = xgs_path_ewma(path->mark, round->marked,
					   round->delivered);
	xgs_share_claim(&path->share, round->claimed, round->claim, base, now,
			&view->share);
	view->may_leap = xgs_share_leap(&path->share, round->leaper, base, now);
	spin_unlock_bh(&path->lock);
	return base;
}
EXPORT_SYMBOL_GPL(xgs_path_update);

/**
 * xgs_path_leap() - a flow that may leap is about to
 * @path: an entry
 * @leaper: a number of the flow, not 0
 */
void xgs_path_leap(struct xgs_path *path, u32 leaper)
{
	spin_lock_bh(&path->lock);
	xgs_share_leap(&path->share, leaper, READ_ONCE(path->base_us),
		       xgs_path_now_ms());
	spin_unlock_bh(&path->lock);
}
EXPORT_SYMBOL_GPL(xgs_path_leap);

/**
 * xgs_path_rest() - a flow that claimed a part of the path has no more data
 * @path: the entry, which the caller holds
 * @claimed: what it claimed the last time; 0 for nothing
 * @rate: its rate, 64 bytes per second
 *
 * Return: for xgs_path_wake(), not 0.
 */
u8 xgs_path_rest(struct xgs_path *path, u32 claimed, u32 rate)
{
	u8 rest;

	spin_lock_bh(&path->lock);
	rest = xgs_share_rest(&path->share, claimed, rate,
			      READ_ONCE(path->base_us), xgs_path_now_ms());
	spin_unlock_bh(&path->lock);
	return rest;
}
EXPORT_SYMBOL_GPL(xgs_path_rest);

/**
 * xgs_path_wake() - the flow has data again
 * @path: the entry, which the caller holds
 * @rest: of xgs_path_rest()
 *
 * Return: the rate to go on with, 64 bytes per second; 0 for its own.
 */
u32 xgs_path_wake(struct xgs_path *path, u8 rest)
{
	u32 rate;

	spin_lock_bh(&path->lock);
	rate = xgs_share_wake(&path->share, rest);
	spin_unlock_bh(&path->lock);
	return rate;
}
EXPORT_SYMBOL_GPL(xgs_path_wake);

/**
 * xgs_path_leave() - a flow that claimed a part of the path ends
 * @path: the entry, which the caller still holds
 * @claimed: what it claimed the last time; 0 for nothing
 */
void xgs_path_leave(struct xgs_path *path, u32 claimed)
{
	spin_lock_bh(&path->lock);
	xgs_share_leave(&path->share, claimed, READ_ONCE(path->base_us),
			xgs_path_now_ms());
	spin_unlock_bh(&path->lock);
}
EXPORT_SYMBOL_GPL(xgs_path_leave);

/**
 * xgs_path_relearn() - the path has become longer
 * @path: an entry
 * @rtt_us: its new RTT, microseconds
 *
 * Return: the path's base RTT, microseconds.
 */
u32 xgs_path_relearn(struct xgs_path *path, u32 rtt_us)
{
	u32 base;

	spin_lock_bh(&path->lock);
	base = xgs_base_rtt_reset(&path->base, xgs_path_now_ms(), rtt_us);
	WRITE_ONCE(path->base_us, base);
	spin_unlock_bh(&path->lock);
	return base;
}
EXPORT_SYMBOL_GPL(xgs_path_relearn);

/**
 * xgs_path_is_shared() - does another flow use the path now?
 * @path: an entry the caller holds
 *
 * Return: true if so.
 */
bool xgs_path_is_shared(const struct xgs_path *path)
{
	return refcount_read(&path->refs) > 2;	/* the table's, the caller's */
}
EXPORT_SYMBOL_GPL(xgs_path_is_shared);

/**
 * xgs_path_proven_rate() - the share a new flow may count on
 * @path: an entry the caller holds
 *
 * What one flow has proven, divided among the flows that hold the path now;
 * none where the operator has switched warm starts off for the path's band.
 *
 * Return: bytes per second; 0 when nothing is known.
 */
u64 xgs_path_proven_rate(const struct xgs_path *path)
{
	enum xgs_band band = xgs_band_of(xgs_path_base_rtt(path));
	u32 flows = max(refcount_read(&path->refs), 2U) - 1;
	u64 rate;

	if (!READ_ONCE(xgs_band_warm_start[band]))
		return 0;
	rate = READ_ONCE(path->rate.s[0].v);
	return div_u64(rate << XGS_PATH_RATE_SHIFT, flows);
}
EXPORT_SYMBOL_GPL(xgs_path_proven_rate);

/**
 * xgs_path_count() - entries in the table
 *
 * Return: their number.
 */
u32 xgs_path_count(void)
{
	return atomic_read(&xgs_paths_count);
}

/**
 * xgs_path_rejected() - flows that found the table full
 *
 * Return: their number since the module was loaded.
 */
u64 xgs_path_rejected(void)
{
	return atomic64_read(&xgs_paths_rejected);
}

struct xgs_band_count {
	enum xgs_band band;
	u32 count;
};

static bool xgs_path_count_one(const struct xgs_path *path, void *arg)
{
	u32 base_us = xgs_path_base_rtt(path);
	struct xgs_band_count *paths = arg;

	if (base_us && xgs_band_of(base_us) == paths->band)
		paths->count++;
	return false;
}

/**
 * xgs_path_count_band() - entries whose base RTT lies in a band
 * @band: the band
 *
 * Return: their number; an entry that has not been measured is in none.
 */
u32 xgs_path_count_band(enum xgs_band band)
{
	struct xgs_band_count paths = { .band = band };

	xgs_path_walk(xgs_path_count_one, &paths);
	return paths.count;
}

/*
 * The table as text, for people: a line per path.
 */

static int xgs_path_show(struct seq_file *seq, void *v)
{
	const struct xgs_path *path = v;
	u32 base_us, flows;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "netns local remote base_rtt_us km band flows ");
		seq_puts(seq, "rate_bps loss_ppm mark_ppm idle_ms\n");
		return 0;
	}
	base_us = xgs_path_base_rtt(path);
	seq_printf(seq, "%llu ", path->key.netns);
	xgs_table_address(seq, &path->key.local);
	xgs_table_address(seq, &path->key.remote);
	seq_printf(seq, "%u %u %s ", base_us, xgs_distance_km(base_us),
		   base_us ? xgs_band_name(xgs_band_of(base_us)) : "unknown");
	flows = max(refcount_read(&path->refs), 1U) - 1;
	seq_printf(seq, "%u %llu %llu %llu %u\n", flows,
		   (u64)READ_ONCE(path->rate.s[0].v) <<
		   (XGS_PATH_RATE_SHIFT + 3),
		   (u64)READ_ONCE(path->loss) * 1000000 / XGS_PATH_ONE,
		   (u64)READ_ONCE(path->mark) * 1000000 / XGS_PATH_ONE,
		   flows ? 0 :
		   jiffies_to_msecs(jiffies - READ_ONCE(path->used)));
	return 0;
}

static const struct seq_operations xgs_path_seq_ops = {
	.start = xgs_table_start,
	.next = xgs_table_next,
	.stop = xgs_table_stop,
	.show = xgs_path_show,
};

const struct xgs_table xgs_path_table = {
	.rows = &xgs_paths,
	.ops = &xgs_path_seq_ops,
};

/**
 * xgs_path_table_init() - make the empty table
 *
 * Return: 0, or -ENOMEM.
 */
int xgs_path_table_init(void)
{
	int err;

	err = rhashtable_init(&xgs_paths, &xgs_path_params);
	if (err)
		return err;
	err = register_pernet_subsys(&xgs_path_net_ops);
	if (err) {
		rhashtable_destroy(&xgs_paths);
		return err;
	}
	queue_delayed_work(system_power_efficient_wq, &xgs_path_gc_work,
			   XGS_PATH_GC_INTERVAL);
	return 0;
}

static void xgs_path_free(void *ptr, void *arg)
{
	kfree(ptr);
}

/**
 * xgs_path_table_exit() - drop the table
 *
 * Nobody holds an entry any more: the users of xgs_path_get() depend on this
 * module and are gone.
 */
void xgs_path_table_exit(void)
{
	unregister_pernet_subsys(&xgs_path_net_ops);
	cancel_delayed_work_sync(&xgs_path_gc_work);
	rhashtable_free_and_destroy(&xgs_paths, xgs_path_free, NULL);
}
