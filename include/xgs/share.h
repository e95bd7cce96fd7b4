/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the flows of one path divide what they have. Pure arithmetic, no kernel
 * state.
 */
#ifndef _XGS_SHARE_H
#define _XGS_SHARE_H

#include <linux/types.h>

/* Round trips after a flow came or left in which the others make room. */
#define XGS_SHARE_ROUNDS	20U

/* Round trips after which a flow that leapt is no longer thought to. */
#define XGS_SHARE_LEAP_ROUNDS	4U

/**
 * struct xgs_share - what the flows of a path that always have data are using
 * @rate: the sum of their claims, 64 bytes per second
 * @freed: what flows that left have not handed on yet, 64 bytes per second
 * @rest_rate: the sum of what flows had that came to rest together, 64 bytes per
 *	second
 * @flows: how many claim something
 * @until_ms: when sharing ends, milliseconds; wraps
 * @rest_flows: how many came to rest together
 * @rest_ms: when the first of them did, milliseconds; wraps
 * @leaper: the flow that leaps; 0 for none
 * @leapt_ms: when it did last, milliseconds; wraps
 * @rest: a number for them, not 0; wraps
 * @woken: one of them has data again: who rests from now on does so anew
 * @open: sharing has not ended yet
 * @contested: another flow leapt while @leaper did
 */
struct xgs_share {
	u64 rate;
	u64 freed;
	u64 rest_rate;
	u32 flows;
	u32 until_ms;
	u32 rest_flows;
	u32 rest_ms;
	u32 leaper;
	u32 leapt_ms;
	u8 rest;
	bool woken;
	bool open;
	bool contested;
};

/**
 * struct xgs_share_view - what a flow is told
 * @fair: what each flow would have if all had the same, 64 bytes per second; 0
 *	when nothing is to be done
 * @freed: a flow that left had this, and it is the caller's now, 64 bytes per
 *	second
 */
struct xgs_share_view {
	u32 fair;
	u32 freed;
};

void xgs_share_claim(struct xgs_share *share, u32 before, u32 claim,
		     u32 base_us, u32 now_ms, struct xgs_share_view *view);
u8 xgs_share_rest(struct xgs_share *share, u32 before, u32 rate, u32 base_us,
		  u32 now_ms);
u32 xgs_share_wake(struct xgs_share *share, u8 rest);
bool xgs_share_leap(struct xgs_share *share, u32 who, u32 base_us, u32 now_ms);
void xgs_share_leave(struct xgs_share *share, u32 before, u32 base_us,
		     u32 now_ms);

#endif /* _XGS_SHARE_H */
