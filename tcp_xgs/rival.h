/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the control law that competes with other controls: pure
 * arithmetic, no kernel state. rival.c explains it.
 */
#ifndef _TCP_XGS_RIVAL_H
#define _TCP_XGS_RIVAL_H

#include <linux/types.h>

#include "law.h"

u32 xgs_cubic_time(u32 packets);
u64 xgs_cubic_rate(u64 full, u32 packets, u32 ms, u32 rtt_us);

void xgs_rival_forget(struct xgs_law *law);
bool xgs_rival_is_narrow(const struct xgs_law *law,
			 const struct xgs_round *round);
void xgs_rival_watch(struct xgs_law *law, const struct xgs_round *round,
		     const struct xgs_curve *curve, u32 queue_us, bool clear);
bool xgs_rival_is_known(const struct xgs_law *law,
			const struct xgs_round *round,
			const struct xgs_law_params *params);
enum xgs_cause xgs_rival_recognise(struct xgs_law *law);
bool xgs_rival_is_suspected(const struct xgs_law *law,
			    const struct xgs_round *round, bool above_hi,
			    const struct xgs_law_params *params);
bool xgs_rival_is_distance(const struct xgs_law *law,
			   const struct xgs_round *round, u32 f_loss,
			   const struct xgs_law_params *params);
enum xgs_cause xgs_rival_relearn(struct xgs_law *law);
enum xgs_cause xgs_rival_meet(struct xgs_law *law,
			      const struct xgs_round *round, bool above_hi);
enum xgs_cause xgs_rival_leave(struct xgs_law *law, enum xgs_cause cause);
enum xgs_cause xgs_rival_round(struct xgs_law *law,
			       const struct xgs_round *round,
			       const struct xgs_curve *curve, u32 queue_us);

#endif /* _TCP_XGS_RIVAL_H */
