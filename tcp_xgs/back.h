/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of a delay is the way back's; back.c explains it.
 */
#ifndef _TCP_XGS_BACK_H
#define _TCP_XGS_BACK_H

#include <linux/limits.h>
#include <linux/types.h>

/* Ages are counted in 64 us, and wrap after 4 s. */
#define XGS_BACK_SHIFT		6
#define XGS_BACK_NONE		S16_MAX
/* What cannot be. */
#define XGS_BACK_WRONG		U32_MAX

/**
 * struct xgs_back - how old ACKs are when they arrive
 * @base: age without a queue, by the clocks of both hosts, 64 us; wraps
 * @least: the smallest age of the round above it, 64 us; XGS_BACK_NONE for none
 */
struct xgs_back {
	u16 base;
	s16 least;
};

s16 xgs_back_note(struct xgs_back *back, u32 stamp_ms, u32 now_us);
u32 xgs_back_queue(s16 late, u32 queue_us);
void xgs_back_moves(struct xgs_back *back, u32 more_us);
bool xgs_back_round(struct xgs_back *back, bool clear);

#endif /* _TCP_XGS_BACK_H */
