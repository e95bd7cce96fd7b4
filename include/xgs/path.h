/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path table: what this host has learned about the way to each peer.
 */
#ifndef _XGS_PATH_H
#define _XGS_PATH_H

#include <linux/types.h>

#include "share.h"

struct in6_addr;
struct net;
struct sock;
struct xgs_path;

struct xgs_path *xgs_path_get(const struct sock *sk);
struct xgs_path *xgs_path_get_between(const struct net *net,
				      const struct in6_addr *local,
				      const struct in6_addr *remote);
void xgs_path_put(struct xgs_path *path);

/**
 * struct xgs_path_round - what one round trip of a flow showed
 * @rtt_us: the smallest RTT in it, microseconds; 0 for none
 * @delivered: packets delivered
 * @lost: packets found lost
 * @marked: packets of @delivered that were CE-marked
 * @rate: delivery rate not limited by the application, bytes per second; 0 for
 *	none
 * @claimed: what the flow claimed the last time, see xgs_share_claim()
 * @claim: what it claims now
 * @leaper: where the round was a leap, a number of the flow; or 0
 */
struct xgs_path_round {
	u32 rtt_us;
	u32 delivered;
	u32 lost;
	u32 marked;
	u64 rate;
	u32 claimed;
	u32 claim;
	u32 leaper;
};

/**
 * struct xgs_path_view - what it is told of the path's others
 * @share: how they divide what they have
 * @may_leap: none of them leaps
 */
struct xgs_path_view {
	struct xgs_share_view share;
	bool may_leap;
};

u32 xgs_path_update(struct xgs_path *path, const struct xgs_path_round *round,
		    struct xgs_path_view *view);
void xgs_path_leap(struct xgs_path *path, u32 leaper);
u8 xgs_path_rest(struct xgs_path *path, u32 claimed, u32 rate);
u32 xgs_path_wake(struct xgs_path *path, u8 rest);
void xgs_path_leave(struct xgs_path *path, u32 claimed);
u32 xgs_path_relearn(struct xgs_path *path, u32 rtt_us);
u32 xgs_path_base_rtt(const struct xgs_path *path);
bool xgs_path_is_shared(const struct xgs_path *path);
u64 xgs_path_proven_rate(const struct xgs_path *path);

#endif /* _XGS_PATH_H */
