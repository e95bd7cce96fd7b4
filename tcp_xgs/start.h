/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the control law that a flow starts with: pure arithmetic, no kernel
 * state. start.c explains it.
 */
#ifndef _TCP_XGS_START_H
#define _TCP_XGS_START_H

#include <linux/types.h>

#include "law.h"

/* Nearer than this nothing leaps, microseconds: a sixteenth of it is noise. */
#define XGS_LEAP_US		512U
/* A leap is sent at 16 times its rate, and may return in an eighth of a round trip. */
#define XGS_LEAP_SHIFT		4
/* One that returns at less than 12 times its rate has been spread. */
#define XGS_LEAP_SPREAD		12U

void xgs_start_begin(struct xgs_law *law, u32 base_us, u64 rate, u64 proven);
void xgs_start_turn(struct xgs_law *law, enum xgs_mode mode);
void xgs_start_prove(struct xgs_law *law);
u64 xgs_start_pacing(const struct xgs_law *law);
u32 xgs_start_limit(u32 base_us, u32 seen_us, u32 burst_us, bool met,
		    const struct xgs_law_params *params);
enum xgs_cause xgs_start_round(struct xgs_law *law,
			       const struct xgs_round *round,
			       const struct xgs_law_params *params);
void xgs_start_end(struct xgs_law *law, u64 bw);
enum xgs_cause xgs_settle_round(struct xgs_law *law,
				const struct xgs_round *round,
				const struct xgs_curve *curve, u32 queue_us);

void xgs_train_begin(struct xgs_train *train, u32 base_us, u32 seen_us,
		     u32 limit_us);
void xgs_train_note(struct xgs_train *train, u32 rtt_us, u32 delivered,
		    u32 now_us);
u64 xgs_train_rate(const struct xgs_train *train, u32 delivered, u32 now_us,
		   u32 mss, bool few);

#endif /* _TCP_XGS_START_H */
