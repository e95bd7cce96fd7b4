/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When a flow's packets leave. Pure: no kernel state. pace.c explains it.
 */
#ifndef _RDMA_XGS_PACE_H
#define _RDMA_XGS_PACE_H

#include <linux/types.h>

/* sch_fq drops what is due in more than 10 s; far below that. */
#define XGS_PACE_LEAD_MAX	2000000000ULL

/**
 * struct xgs_pace - the departures of a flow
 * @next: when the next packet may leave, ns
 * @last: when the latest one leaves, ns
 */
struct xgs_pace {
	u64 next;
	u64 last;
};

bool xgs_pace_is_capped(const struct xgs_pace *pace, u64 now);
u32 xgs_pace_backlog(const struct xgs_pace *pace, u64 now, u64 rate, u32 bytes);
u64 xgs_pace_send(struct xgs_pace *pace, u64 now, u64 rate, u32 bytes);
u64 xgs_pace_follow(const struct xgs_pace *pace, u64 now);

#endif /* _RDMA_XGS_PACE_H */
