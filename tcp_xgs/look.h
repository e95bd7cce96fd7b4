/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the control law that looks for what has become idle: pure arithmetic, no
 * kernel state. look.c explains it.
 */
#ifndef _TCP_XGS_LOOK_H
#define _TCP_XGS_LOOK_H

#include <linux/types.h>

#include "law.h"

void xgs_look_begin(struct xgs_law *law, const struct xgs_round *round,
		    const struct xgs_curve *curve, u64 step);
u64 xgs_look_bytes(const struct xgs_law *law, u32 base_us, u32 mss,
		   const struct xgs_law_params *params);
u64 xgs_look_left(u64 fast, u64 met, u64 tried);
enum xgs_cause xgs_look_round(struct xgs_law *law, const struct xgs_round *round);
enum xgs_cause xgs_look_end(struct xgs_law *law);

#endif /* _TCP_XGS_LOOK_H */
