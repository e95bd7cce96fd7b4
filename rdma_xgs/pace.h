/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When a flow's packets leave. Pure: no kernel state. pace.c explains it.
 */
#ifndef _RDMA_XGS_PACE_H
#define _RDMA_XGS_PACE_H

#include <linux/types.h>

/* Packets wait no longer than this without a break, which lasts so long: ns. */
#define XGS_PACE_BUSY_MAX	10000000000ULL
#define XGS_PACE_BREAK		1000000ULL

/**
 * struct xgs_pace - the departures of a flow
 * @next: when the next packet may leave, ns
 * @last: when the latest one leaves, ns
 * @busy: since when packets have been waiting without a break, ns
 */
struct xgs_pace {
	u64 next;
	u64 last;
	u64 busy;
};

u64 xgs_pace_lead(u64 timeout, u64 rtt, u64 most);
bool xgs_pace_is_capped(const struct xgs_pace *pace, u64 now, u64 lead);
u32 xgs_pace_backlog(const struct xgs_pace *pace, u64 now, u64 rate, u32 bytes);
u64 xgs_pace_send(struct xgs_pace *pace, u64 now, u64 lead, u64 rate,
		  u32 bytes);
u64 xgs_pace_follow(const struct xgs_pace *pace, u64 now);

#endif /* _RDMA_XGS_PACE_H */
