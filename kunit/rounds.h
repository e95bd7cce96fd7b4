/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rounds that are made up one by one, and what every test of the law needs.
 */
#ifndef _XGS_KUNIT_ROUNDS_H
#define _XGS_KUNIT_ROUNDS_H

#include <kunit/test.h>
#include <linux/minmax.h>

#include "../tcp_xgs/law.h"
#include "../tcp_xgs/start.h"
#include "random.h"

#define GBIT		125000000ULL
#define MSS		1448U
#define REGION_US	10000U
#define FAR_US		60000U

static const struct xgs_law_params defaults = XGS_LAW_PARAMS_DEFAULT;

static inline u64 slowest_rate(void)
{
	struct xgs_law law;

	xgs_start_begin(&law, 0, 0, 0);
	return law.rate;
}

/* A round without congestion that carried what the flow sent. */
static inline struct xgs_round calm(const struct xgs_law *law, u32 base_us)
{
	struct xgs_round round = {
		.base_us = base_us,
		.rtt_us = base_us,
		.srtt_us = base_us,
		.elapsed_us = base_us,
		.mss = MSS,
		.delivered = 1000,
		.bw = law->rate,
		.ack_bw = law->rate,
		.window = xgs_bytes_in(law->rate, base_us),
		.may_leap = true,
	};

	return round;
}

/* What a path delivers is remembered in units of 64 bytes per second. */
static inline void expect_proven(struct kunit *test, u64 rate, u64 bw)
{
	KUNIT_EXPECT_GE(test, rate, bw);
	KUNIT_EXPECT_LT(test, rate, bw + 64);
}

/* A rate within bounds, as random as the rest. */
static inline u64 any_rate(struct rnd_state *rnd)
{
	return max(xgs_random(rnd, XGS_RATE_MAX), slowest_rate());
}

#endif /* _XGS_KUNIT_ROUNDS_H */
