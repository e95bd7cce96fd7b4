// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the rate engine of rdma_xgs: DCQCN step by step against values
 * worked out by hand from the paper's equations (Zhu et al., SIGCOMM 2015), and
 * what must hold of the law for far flows whatever happens.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../include/xgs/compat.h"
#include "random.h"

/* rdma_xgs.ko needs a kernel with InfiniBand; its pure files don't. */
#include "../rdma_xgs/engine.c"

#define GBIT		125000000ULL
#define MSEC		(1000ULL * NSEC_PER_USEC)
/* T and K of DCQCN. */
#define PERIOD		(55ULL * NSEC_PER_USEC)
/* A clock never begins at zero. */
#define BEGIN		(12345ULL * MSEC)

static struct xgs_rp_params params_of(enum xgs_rp_profile profile,
				      u64 line_rate)
{
	struct xgs_rp_params params;

	xgs_rp_params_init(&params, profile, line_rate);
	return params;
}

/* -- DCQCN ------------------------------------------------------------- */

/* Begins at the line rate, alpha 1: the first CNP halves it. */
static void dcqcn_first_cnp(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp;

	xgs_rp_init(&rp, &params, 30000, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 5000000000ULL);
	KUNIT_EXPECT_EQ(test, rp.alpha, XGS_RP_ONE);

	/* RT = RC = 5e9; RC = 5e9 (1 - 1/2); alpha = 255/256 + 1/256 */
	xgs_rp_cnp(&rp, &params, BEGIN + 10 * NSEC_PER_USEC);
	KUNIT_EXPECT_EQ(test, rp.rate, 2500000000ULL);
	KUNIT_EXPECT_EQ(test, rp.target, 5000000000ULL);
	KUNIT_EXPECT_EQ(test, rp.alpha, XGS_RP_ONE);
}

/* K without a CNP: alpha = (1 - g) alpha, and a CNP's next cut is less. */
static void dcqcn_alpha(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp;

	xgs_rp_init(&rp, &params, 50, BEGIN);
	xgs_rp_advance(&rp, &params, BEGIN + PERIOD - 1);
	KUNIT_EXPECT_EQ(test, rp.alpha, XGS_RP_ONE);
	/* 2^20 * 255/256 = 1048576 - 4096 */
	xgs_rp_advance(&rp, &params, BEGIN + PERIOD);
	KUNIT_EXPECT_EQ(test, rp.alpha, 1044480U);
	/* 1044480 * 255/256 = 1044480 - 4080 */
	xgs_rp_advance(&rp, &params, BEGIN + 2 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.alpha, 1040400U);

	/*
	 * RC = 5e9 (1 - 1040400 / 2^21) = 5e9 - 2480506896.97
	 * alpha = 1040400 + (1048576 - 1040400) / 256 = 1040400 + 31.9
	 */
	xgs_rp_cnp(&rp, &params, BEGIN + 2 * PERIOD + 1);
	KUNIT_EXPECT_EQ(test, rp.rate, 5000000000ULL - 2480506896ULL);
	KUNIT_EXPECT_EQ(test, rp.alpha, 1040431U);
	/* The CNP starts K again. */
	xgs_rp_advance(&rp, &params, BEGIN + 3 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.alpha, 1040431U);
	xgs_rp_advance(&rp, &params, BEGIN + 3 * PERIOD + 1);
	KUNIT_EXPECT_EQ(test, rp.alpha, 1040431U - 4064);
}

/* RT 2.5e9, RC 1.25e9 and nothing counted yet. */
static void two_cnps(struct xgs_rp *rp, const struct xgs_rp_params *params)
{
	xgs_rp_init(rp, params, 50, BEGIN - 2);
	xgs_rp_cnp(rp, params, BEGIN - 1);
	xgs_rp_cnp(rp, params, BEGIN);
}

/* max(TS, BS) < 5: half of the gap; then RT = RT + R_AI, 5e6 bytes/s. */
static void dcqcn_timer(struct kunit *test)
{
	static const struct {
		u64 rate, target;
	} after[] = {
		{ 1250000000, 2500000000 },
		{ 1875000000, 2500000000 },	/* (1.25 + 2.5) / 2 */
		{ 2187500000, 2500000000 },
		{ 2343750000, 2500000000 },
		{ 2421875000, 2500000000 },
		{ 2463437500, 2505000000 },	/* (2.421875 + 2.505) / 2 */
		{ 2486718750, 2510000000 },
		{ 2500859375, 2515000000 },
		{ 2510429687, 2520000000 },
	};
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp;
	size_t i;

	two_cnps(&rp, &params);
	for (i = 0; i < ARRAY_SIZE(after); i++) {
		/* Nothing happens before its time. */
		if (i)
			xgs_rp_advance(&rp, &params, BEGIN + i * PERIOD - 1);
		KUNIT_EXPECT_EQ(test, rp.rate, after[i ? i - 1 : 0].rate);
		xgs_rp_advance(&rp, &params, BEGIN + i * PERIOD);
		KUNIT_EXPECT_EQ(test, rp.rate, after[i].rate);
		KUNIT_EXPECT_EQ(test, rp.target, after[i].target);
	}
}

/* Every B = 10 MB the same event; a CNP forgets what was counted. */
static void dcqcn_bytes(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp;

	two_cnps(&rp, &params);
	xgs_rp_sent(&rp, &params, 9999999, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 1250000000ULL);
	xgs_rp_sent(&rp, &params, 1, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 1875000000ULL);
	/* Two events at once, and 5 bytes towards the next. */
	xgs_rp_sent(&rp, &params, 20000005, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 2343750000ULL);
	xgs_rp_sent(&rp, &params, 9999994, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 2343750000ULL);

	two_cnps(&rp, &params);
	xgs_rp_sent(&rp, &params, 9999999, BEGIN);
	xgs_rp_cnp(&rp, &params, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 625000000ULL);
	xgs_rp_sent(&rp, &params, 9999999, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.rate, 625000000ULL);
	/* Stages too: of both counters, fast recovery begins anew. */
	xgs_rp_sent(&rp, &params, 100000000, BEGIN);
	xgs_rp_advance(&rp, &params, BEGIN + 10 * PERIOD);
	xgs_rp_cnp(&rp, &params, BEGIN + 10 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.byte_stage, 0);
	KUNIT_EXPECT_EQ(test, rp.time_stage, 0);
}

/*
 * Hyper increase needs both counters above F. Six events of the byte counter
 * (4 of fast recovery, 2 of R_AI), five of the timer (R_AI each, as the byte
 * counter is past F), then min(6, 6) - 5 = 1 and min(7, 7) - 5 = 2 times R_HAI.
 */
static void dcqcn_hyper(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp;
	u64 target = 2500000000ULL;

	two_cnps(&rp, &params);
	xgs_rp_sent(&rp, &params, 60000000, BEGIN);
	KUNIT_EXPECT_EQ(test, rp.target, target + 2 * 5000000);
	xgs_rp_advance(&rp, &params, BEGIN + 5 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.target, target + 7 * 5000000);
	xgs_rp_advance(&rp, &params, BEGIN + 6 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.target, target + 7 * 5000000 + 25000000);
	/* The byte counter's seventh: min(6, 7) - 5 = 1; the timer's: 2. */
	xgs_rp_sent(&rp, &params, 10000000, BEGIN + 6 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.target, target + 7 * 5000000 + 2 * 25000000);
	xgs_rp_advance(&rp, &params, BEGIN + 7 * PERIOD);
	KUNIT_EXPECT_EQ(test, rp.target, target + 7 * 5000000 + 4 * 25000000);
}

/* Any number of CNPs ends at the minimum, any silence at the line rate. */
static void dcqcn_limits(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp;
	u64 now = BEGIN;
	u32 i;

	xgs_rp_init(&rp, &params, 50, now);
	for (i = 0; i < 1000; i++)
		xgs_rp_cnp(&rp, &params, ++now);
	KUNIT_EXPECT_EQ(test, rp.rate, params.min_rate);
	for (i = 0; i < 100000; i++) {
		now += PERIOD;
		xgs_rp_sent(&rp, &params, U32_MAX, now);
	}
	/* The mean of two is rounded down. */
	KUNIT_EXPECT_GE(test, rp.rate, params.line_rate - 1);
	KUNIT_EXPECT_EQ(test, rp.target, params.line_rate);
	/* Decay by shifts stops where a shift is nothing: 2^-12. */
	KUNIT_EXPECT_LT(test, rp.alpha, 256U);
}

/* A flow that comes back after long does 64 periods of work, not more. */
static void dcqcn_catch_up(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 1600 * GBIT);
	struct xgs_rp late, steady;
	u64 now = BEGIN;
	u32 i;

	two_cnps(&late, &params);
	two_cnps(&steady, &params);
	for (i = 0; i < XGS_RP_CATCH_UP; i++) {
		now += PERIOD;
		xgs_rp_advance(&steady, &params, now);
	}
	now += 3600ULL * NSEC_PER_SEC;
	xgs_rp_advance(&late, &params, now);
	KUNIT_EXPECT_EQ(test, late.rate, steady.rate);
	KUNIT_EXPECT_EQ(test, late.target, steady.target);
	KUNIT_EXPECT_EQ(test, late.alpha, steady.alpha);
	/* What was missed is forgotten. */
	KUNIT_EXPECT_EQ(test, late.timer_at, now + PERIOD);
	KUNIT_EXPECT_EQ(test, late.alpha_at, now + PERIOD);
}

/* At the line rate nothing is computed, but increases are counted. */
static void dcqcn_full(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 100 * GBIT);
	struct xgs_rp rp;
	u32 i;

	for (i = 0; i < 2; i++) {
		xgs_rp_init(&rp, &params, 20, BEGIN);
		rp.rate -= i;	/* what rounding leaves */
		xgs_rp_advance(&rp, &params, BEGIN + 3 * PERIOD);
		KUNIT_EXPECT_EQ(test, rp.rate, params.line_rate - i);
		KUNIT_EXPECT_EQ(test, rp.target, params.line_rate);
		KUNIT_EXPECT_EQ(test, rp.time_stage, 3);
		KUNIT_EXPECT_EQ(test, rp.timer_at, BEGIN + 4 * PERIOD);
		rp.time_stage = U8_MAX - 1;
		xgs_rp_advance(&rp, &params, BEGIN + 9 * PERIOD);
		KUNIT_EXPECT_EQ(test, rp.time_stage, U8_MAX);
	}
	/* One more below it, and there is something to do. */
	xgs_rp_init(&rp, &params, 20, BEGIN);
	rp.rate -= 2;
	xgs_rp_advance(&rp, &params, BEGIN + PERIOD);
	KUNIT_EXPECT_EQ(test, rp.rate, params.line_rate - 1);
}

/* A packet that waits leaves at the rates of then: by hand, event by event. */
static void near_gap(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_DCQCN, 40 * GBIT);
	struct xgs_rp rp, before;

	two_cnps(&rp, &params);
	before = rp;
	/* 62500 bytes at 1.25e9: 50 us, before the timer's event. */
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, BEGIN, 62500), 50000ULL);
	/* From 30 us on: 25 us at 1.25e9 are 31250, the rest at 1.875e9. */
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, BEGIN + 30000, 62500),
			25000ULL + 16666);
	/* From 70 us on, after the first event, at 1.875e9. */
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, BEGIN + 70000, 62500),
			33333ULL);
	/*
	 * From 600 us on, after ten, two more than in dcqcn_timer: 5 us at
	 * 2.523857421e9 are 12619.3 bytes, the rest goes at 2.52942871e9.
	 */
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, BEGIN + 600000, 62500),
			5000ULL + 19720);
	/*
	 * At the floor, 125000: five periods of it, 34.375 bytes, then RC is
	 * 2.625e6, 144.375 bytes, and 6.375e6, 350.625 bytes; the rest of 1000
	 * goes at 10.75e6.
	 */
	rp.rate = 125000;
	rp.target = 125000;
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, BEGIN, 1000),
			7 * PERIOD + 43779);
	/* To look ahead changes nothing. */
	rp.rate = before.rate;
	rp.target = before.target;
	KUNIT_EXPECT_EQ(test, memcmp(&rp, &before, sizeof(rp)), 0);
	/* At the line rate it does not rise, and far it is not known. */
	rp.rate = params.line_rate;
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, BEGIN + PERIOD, 65000),
			13000ULL);
	params.profile = XGS_RP_XGS;
	xgs_rp_init(&rp, &params, 30000, BEGIN);
	rp.rate = 1000000;
	KUNIT_EXPECT_EQ(test, xgs_rp_gap(&rp, &params, rp.timer_at + PERIOD,
					 65000), 65000000ULL);
}

/* -- what must always hold --------------------------------------------- */

static u64 random_between(struct rnd_state *rnd, u64 least, u64 most)
{
	return least + xgs_random(rnd, most - least);
}

static struct xgs_rp_params random_params(struct rnd_state *rnd)
{
	struct xgs_rp_params params = {
		.line_rate = random_between(rnd, XGS_RP_RATE_MIN,
					    XGS_RP_RATE_MAX),
		.ai_rate = xgs_random(rnd, XGS_RP_RATE_MAX),
		.hai_rate = xgs_random(rnd, XGS_RP_RATE_MAX),
		.byte_reset = random_between(rnd, 4096, 1ULL << 40),
		.time_reset_us = random_between(rnd, 1, USEC_PER_SEC),
		.alpha_us = random_between(rnd, 1, USEC_PER_SEC),
		.threshold = random_between(rnd, 1, 31),
		.g_shift = random_between(rnd, 1, 16),
		.cnp_us = random_between(rnd, 1, 10000),
		.mtu = random_between(rnd, 256, 65536),
		.near_us = xgs_random(rnd, XGS_RP_RTT_MAX_US),
		.epoch_pct = random_between(rnd, 50, 800),
		.start_shift = xgs_random(rnd, 16),
		.start_bytes = random_between(rnd, 65536, U32_MAX),
		.profile = xgs_chance(rnd, 20) ? XGS_RP_DCQCN : XGS_RP_XGS,
	};

	params.min_rate = random_between(rnd, XGS_RP_RATE_MIN,
					 params.line_rate);
	return params;
}

static void random_event(struct rnd_state *rnd, struct xgs_rp *rp,
			 const struct xgs_rp_params *params, u64 *now)
{
	/* Mostly a fraction of an epoch, now and then up to an hour. */
	*now += xgs_chance(rnd, 98) ? xgs_random(rnd, 20 * MSEC) :
				      xgs_random(rnd, 3600 * NSEC_PER_SEC);
	switch (prandom_u32_state(rnd) % 16) {
	case 0:
		xgs_rp_set_base(rp, params, xgs_random(rnd, U32_MAX), *now);
		break;
	case 1:
	case 2:
	case 3:
		xgs_rp_advance(rp, params, *now);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		xgs_rp_cnp(rp, params, *now);
		break;
	case 8:
		xgs_rp_lost(rp, params, *now);
		break;
	case 9:
		xgs_rp_advance(rp, params, *now);
		xgs_rp_held(rp, params, xgs_random(rnd, 20 * MSEC), *now);
		break;
	case 10:
		xgs_rp_advance(rp, params, *now);
		xgs_rp_capped(rp, params, prandom_u32_state(rnd),
			      prandom_u32_state(rnd));
		break;
	case 11:
		xgs_rp_unused(rp, params, *now - xgs_random(rnd, 20 * MSEC),
			      *now);
		xgs_rp_advance(rp, params, *now);
		break;
	default:
		xgs_rp_sent(rp, params, xgs_random(rnd, U32_MAX), *now);
		break;
	}
}

/* What waits leaves no later than at the present rate, and never too fast. */
static void gap_is_bounded(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, bytes;

	prandom_seed_state(&rnd, 55);
	for (i = 0; i < 20000; i++) {
		struct xgs_rp_params params;
		u64 gap, later, now = BEGIN, from;
		struct xgs_rp rp;
		u32 cnps;

		params = params_of(XGS_RP_DCQCN,
				   random_between(&rnd, 1 * GBIT / 10,
						  XGS_RP_RATE_MAX));
		xgs_rp_init(&rp, &params, 50, now);
		for (cnps = xgs_random(&rnd, 60); cnps; cnps--) {
			now += random_between(&rnd, 50000, 300000);
			xgs_rp_cnp(&rp, &params, now);
		}
		bytes = random_between(&rnd, 1, U16_MAX);
		from = now + xgs_random(&rnd, 10 * MSEC);
		gap = xgs_rp_gap(&rp, &params, from, bytes);
		KUNIT_ASSERT_LE(test, gap, bytes * NSEC_PER_SEC / rp.rate);
		KUNIT_ASSERT_GE(test, gap,
				bytes * NSEC_PER_SEC / params.line_rate);
		/* The later, the faster. */
		later = xgs_rp_gap(&rp, &params,
				   from + xgs_random(&rnd, MSEC), bytes);
		KUNIT_ASSERT_LE(test, later, gap + 1);
	}
}

static void always_within_limits(struct kunit *test)
{
	struct xgs_rp_params params;
	struct rnd_state rnd;
	struct xgs_rp rp;
	u32 flow, i;

	prandom_seed_state(&rnd, 1);
	for (flow = 0; flow < 2000; flow++) {
		u64 now = xgs_random(&rnd, 1ULL << 60);

		params = random_params(&rnd);
		KUNIT_ASSERT_TRUE(test, xgs_rp_params_valid(&params));
		xgs_rp_init(&rp, &params, xgs_random(&rnd, U32_MAX), now);
		for (i = 0; i < 200; i++) {
			random_event(&rnd, &rp, &params, &now);
			KUNIT_ASSERT_GE(test, rp.rate, params.min_rate);
			KUNIT_ASSERT_LE(test, rp.rate, params.line_rate);
			KUNIT_ASSERT_LE(test, rp.target, params.line_rate);
			KUNIT_ASSERT_LE(test, rp.alpha, XGS_RP_ONE);
			KUNIT_ASSERT_LE(test, rp.base_us, XGS_RP_RTT_MAX_US);
			KUNIT_ASSERT_GT(test, rp.timer_at, now);
			if (!rp.epoch_us)
				continue;
			KUNIT_ASSERT_GT(test, rp.slots, 0U);
			KUNIT_ASSERT_LE(test, rp.cnps, rp.slots);
			/* No epoch takes more than half. */
			KUNIT_ASSERT_GE(test, rp.rate, rp.ref / 2);
		}
	}
}

/* Up to near_us, bit for bit what DCQCN does. */
static void near_is_dcqcn(struct kunit *test)
{
	struct xgs_rp_params plain, params;
	struct xgs_rp expected, rp;
	struct rnd_state rnd;
	u32 flow, i;

	prandom_seed_state(&rnd, 2);
	for (flow = 0; flow < 100; flow++) {
		u32 base_us = prandom_u32_state(&rnd) % 101;
		u64 now = BEGIN;

		plain = params_of(XGS_RP_DCQCN, 400 * GBIT);
		params = params_of(XGS_RP_XGS, 400 * GBIT);
		xgs_rp_init(&expected, &plain, base_us, now);
		xgs_rp_init(&rp, &params, base_us, now);
		for (i = 0; i < 1000; i++) {
			now += xgs_random(&rnd, 200 * NSEC_PER_USEC);
			if (xgs_chance(&rnd, 10)) {
				xgs_rp_cnp(&expected, &plain, now);
				xgs_rp_cnp(&rp, &params, now);
			} else {
				u32 bytes = xgs_random(&rnd, 5000000);

				xgs_rp_sent(&expected, &plain, bytes, now);
				xgs_rp_sent(&rp, &params, bytes, now);
			}
			KUNIT_ASSERT_EQ(test, rp.rate, expected.rate);
			KUNIT_ASSERT_EQ(test, rp.alpha, expected.alpha);
		}
	}
}

/* -- far: the pieces --------------------------------------------------- */

static void epoch_as_documented(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);

	/* 1.25 R + 50 us */
	KUNIT_EXPECT_EQ(test, xgs_rp_epoch_us(&params, 1000, 50 * GBIT), 1300U);
	KUNIT_EXPECT_EQ(test, xgs_rp_epoch_us(&params, 30000, 50 * GBIT),
			37550U);
	/* 64 packets of 4096 bytes at 0.1 Gbit/s take 20971.52 us. */
	KUNIT_EXPECT_EQ(test, xgs_rp_epoch_us(&params, 10000, GBIT / 10),
			20971U);
	/* but at most eight times as long */
	KUNIT_EXPECT_EQ(test, xgs_rp_epoch_us(&params, 1000, GBIT / 10),
			8 * 1300U);
}

/* Neither distance nor rate has a step anywhere. */
static void epoch_has_no_step(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 rates[] = { 62500, GBIT / 10, GBIT, 400 * GBIT };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		u32 us, epoch, before = xgs_rp_epoch_us(&params, 0, rates[i]);

		for (us = 1; us <= XGS_RP_RTT_MAX_US; us++) {
			epoch = xgs_rp_epoch_us(&params, us, rates[i]);
			KUNIT_ASSERT_GE(test, epoch, before);
			KUNIT_ASSERT_LE(test, epoch - before,
					2U * XGS_RP_EPOCH_STRETCH);
			before = epoch;
		}
	}
}

static void step_as_documented(struct kunit *test)
{
	u64 step, far, before;
	u32 us;

	KUNIT_EXPECT_EQ(test, xgs_rp_step(0, 400 * GBIT), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_step(1000000, 400 * GBIT), 125000ULL);
	/* 250 sqrt(1e10), and on any port of 10 Gbit/s or more */
	KUNIT_EXPECT_EQ(test, xgs_rp_step(10000000000ULL, 400 * GBIT),
			25000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_step(100000000, 400 * GBIT), 2500000ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_step(100000000, 10 * GBIT), 2500000ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_step(100000000, 5 * GBIT), 1250000ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_step(100000000, GBIT), 250000ULL);
	/* sqrt(1e6) sqrt(4e6) / 512 */
	KUNIT_EXPECT_EQ(test, xgs_rp_step(1000000, 4000000), 3906ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_step(XGS_RP_RATE_MIN, XGS_RP_RATE_MIN),
			XGS_RP_RATE_MIN / 512);

	/* Once it near by, six times it far away, no step between. */
	step = xgs_rp_step(XGS_RP_RATE_MAX, XGS_RP_RATE_MAX);
	KUNIT_EXPECT_EQ(test, xgs_rp_fast_step(step, 0), step);
	KUNIT_EXPECT_EQ(test, xgs_rp_fast_step(step, 16384), 6 * step);
	KUNIT_EXPECT_EQ(test, xgs_rp_fast_step(step, U32_MAX), 6 * step);
	for (us = 1, before = step; us < 20000; us++) {
		far = xgs_rp_fast_step(step, us);
		KUNIT_ASSERT_GE(test, far, before);
		KUNIT_ASSERT_LE(test, far - before, step / 3000);
		before = far;
	}
}

/* In balance at r, flows at other rates are told r too. */
static void fair_rate_is_the_balance(struct kunit *test)
{
	u64 line = 400 * GBIT, rate, fair, off;
	u32 taken, part;

	for (rate = GBIT; rate <= 200 * GBIT; rate *= 2) {
		taken = div64_u64(16 * xgs_rp_step(rate, line) <<
				  XGS_RP_TAKEN_SHIFT, rate);
		for (part = 1; part <= 16; part *= 2) {
			u64 added = 16 * xgs_rp_step(rate / part, line);

			fair = xgs_rp_fair_rate(added, taken, rate / part,
						line);
			off = fair > rate ? fair - rate : rate - fair;
			KUNIT_EXPECT_LE(test, off, rate / 100);
		}
	}
	/* Nothing taken tells nothing; little taken, no more than the line. */
	KUNIT_EXPECT_EQ(test, xgs_rp_fair_rate(1000, 0, GBIT, line), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_rp_fair_rate(U64_MAX, 1, GBIT, line), line);
	KUNIT_EXPECT_EQ(test, xgs_rp_fair_rate(U64_MAX, 1, 1, XGS_RP_RATE_MAX),
			XGS_RP_RATE_MAX);
	KUNIT_EXPECT_EQ(test, xgs_rp_fair_rate(0, U32_MAX, 1, line), 0ULL);
}

/* -- far: the law ------------------------------------------------------ */

/* All that the rate allows, from now until the epoch ends. */
static void send_epoch(struct xgs_rp *rp, const struct xgs_rp_params *params,
		       u64 *now)
{
	u64 bytes = div_u64(rp->rate * rp->epoch_us, USEC_PER_SEC) + 1;
	u64 end = rp->timer_at;

	while (bytes) {
		u32 some = min_t(u64, bytes, U32_MAX);

		xgs_rp_sent(rp, params, some, *now);
		bytes -= some;
	}
	*now = end;
	xgs_rp_advance(rp, params, *now);
}

/* An epoch of which a part, 2^-20, has CNPs. */
static void marked_epoch(struct xgs_rp *rp, const struct xgs_rp_params *params,
			 u64 *now, u32 part)
{
	u32 cnps = (u64)rp->slots * part >> XGS_RP_ONE_SHIFT;

	while (cnps--)
		xgs_rp_cnp(rp, params, *now);
	send_epoch(rp, params, now);
}

/* A flow past its start, at some rate with some alpha. */
static void far_flow(struct xgs_rp *rp, const struct xgs_rp_params *params,
		     u32 base_us, u64 rate, u32 alpha)
{
	xgs_rp_init(rp, params, base_us, BEGIN);
	rp->start = 0;
	rp->rate = rate;
	rp->alpha = alpha;
	xgs_rp_begin_far(rp, params, BEGIN);
}

static void far_start(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, GBIT);
	u64 now = BEGIN, rate;
	struct xgs_rp rp;

	/* A sixteenth of a slow line, an eighth of others, 128 MB in flight. */
	xgs_rp_init(&rp, &params, 1000, now);
	KUNIT_EXPECT_EQ(test, rp.rate, GBIT / 16);
	params = params_of(XGS_RP_XGS, 10 * GBIT);
	xgs_rp_init(&rp, &params, 1000, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 10 * GBIT / 8);
	params = params_of(XGS_RP_XGS, 400 * GBIT);
	xgs_rp_init(&rp, &params, 1000, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 50 * GBIT);
	xgs_rp_init(&rp, &params, 100000, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 1280000000ULL);

	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.rate, 1920000000ULL);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.rate, 2880000000ULL);
	/* Nothing sent, nothing proven. */
	now = rp.timer_at;
	xgs_rp_advance(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 2880000000ULL);

	/* Back by a third, and the first cut of many. */
	xgs_rp_cnp(&rp, &params, now);
	rate = 1920000000ULL;
	KUNIT_EXPECT_FALSE(test, rp.start);
	KUNIT_EXPECT_TRUE(test, rp.skip);
	KUNIT_EXPECT_EQ(test, rp.target, rate);
	KUNIT_EXPECT_LE(test, rp.rate, rate);
	KUNIT_EXPECT_GE(test, rp.rate, rate - rate / 1000);
}

/* A whole epoch of CNPs takes alpha / 2; more of them take no more. */
static void far_cut(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 rate = 100 * GBIT, cut;
	struct xgs_rp rp;
	u32 i;

	far_flow(&rp, &params, 30000, rate, XGS_RP_ONE / 4);
	/* 37550 us / 50 us */
	KUNIT_EXPECT_EQ(test, rp.slots, 751U);
	for (i = 0; i < rp.slots; i++)
		xgs_rp_cnp(&rp, &params, BEGIN);
	cut = rate - rp.rate;
	KUNIT_EXPECT_LE(test, cut, rate / 8);
	KUNIT_EXPECT_GE(test, cut, rate / 8 - rp.slots);
	for (i = 0; i < 10000; i++)
		xgs_rp_cnp(&rp, &params, BEGIN + i);
	KUNIT_EXPECT_EQ(test, rate - rp.rate, cut);

	/* Half of them take half. */
	far_flow(&rp, &params, 30000, rate, XGS_RP_ONE / 4);
	for (i = 0; i < 375; i++)
		xgs_rp_cnp(&rp, &params, BEGIN);
	cut = rate - rp.rate;
	KUNIT_EXPECT_LE(test, cut, rate / 16);
	KUNIT_EXPECT_GE(test, cut, rate / 16 - rate / 8 / 751);
}

/* alpha goes a sixteenth of the way to F per epoch. */
static void far_alpha(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	struct xgs_rp rp;
	u64 now = BEGIN;

	far_flow(&rp, &params, 30000, 100 * GBIT, XGS_RP_ONE / 2);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.alpha, XGS_RP_ONE / 32 * 15);
	far_flow(&rp, &params, 30000, 100 * GBIT, 0);
	now = BEGIN;
	marked_epoch(&rp, &params, &now, XGS_RP_ONE);
	KUNIT_EXPECT_EQ(test, rp.alpha, XGS_RP_ONE / 16);
}

/*
 * The way back: six steps an epoch, but not beyond 255/256 of the rate before;
 * one step up to 257/256; then doubling what is above it, up to L / 8.
 */
static void far_way_back(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 full = 100 * GBIT, before, step, now = BEGIN, over;
	u32 epochs, slow = 0, hurry = 0;
	struct xgs_rp rp;

	far_flow(&rp, &params, 30000, 90 * GBIT, XGS_RP_ONE / 16);
	rp.target = full;
	for (epochs = 0; rp.rate < params.line_rate; epochs++) {
		KUNIT_ASSERT_LT(test, epochs, 100U);
		before = rp.rate;
		step = xgs_rp_step(before, params.line_rate);
		send_epoch(&rp, &params, &now);
		KUNIT_EXPECT_EQ(test, rp.target, full);
		if (before < full - full / 256) {
			KUNIT_EXPECT_LE(test, rp.rate - before, 6 * step);
			KUNIT_EXPECT_LE(test, rp.rate, full - full / 256 + step);
		} else if (before <= full + full / 256) {
			KUNIT_EXPECT_EQ(test, rp.rate - before, step);
			slow++;
		} else {
			over = min(7 * (before - full),
				   max(before / 4, 25 * GBIT));
			over = min(max(over, step), params.line_rate - before);
			KUNIT_EXPECT_EQ(test, rp.rate - before, over);
			hurry++;
		}
	}
	KUNIT_EXPECT_GE(test, slow, 2U);
	KUNIT_EXPECT_GE(test, hurry, 6U);

	/* At 1 ms the excess little more than doubles. */
	far_flow(&rp, &params, 1000, 102 * GBIT, XGS_RP_ONE / 16);
	rp.target = full;
	now = BEGIN;
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.rate, 104 * GBIT +
			2 * GBIT * 6 * 1000 / 16384);
	/* On a slow port it doubles at any distance. */
	params = params_of(XGS_RP_XGS, 9 * GBIT);
	far_flow(&rp, &params, 30000, 21 * GBIT / 10, XGS_RP_ONE / 16);
	rp.target = 2 * GBIT;
	now = BEGIN;
	send_epoch(&rp, &params, &now);
	step = xgs_rp_step(21 * GBIT / 10, params.line_rate);
	KUNIT_EXPECT_LT(test, step, GBIT / 10);
	KUNIT_EXPECT_EQ(test, rp.rate, 22 * GBIT / 10);
	params = params_of(XGS_RP_XGS, 400 * GBIT);
	/* Of a slow flow a step is a sixteenth of the line. */
	far_flow(&rp, &params, 30000, 40 * GBIT, XGS_RP_ONE / 16);
	rp.target = 10 * GBIT;
	now = BEGIN;
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.rate, 65 * GBIT);
}

/* Below its share a flow hurries, unless there are many CNPs. */
static void far_goal(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 now = BEGIN, rate = 20 * GBIT, step;
	struct xgs_rp rp;

	step = xgs_rp_step(rate, params.line_rate);
	far_flow(&rp, &params, 30000, rate, XGS_RP_ONE / 16);
	rp.goal = 60 * GBIT;
	send_epoch(&rp, &params, &now);
	/* min(60 - 20, 20) / 8 */
	KUNIT_EXPECT_EQ(test, rp.rate, rate + step + 20 * GBIT / 8);
	KUNIT_EXPECT_EQ(test, rp.target, rate + 20 * GBIT / 8);

	far_flow(&rp, &params, 30000, rate, XGS_RP_ONE / 16);
	rp.goal = 60 * GBIT;
	now = BEGIN;
	marked_epoch(&rp, &params, &now, XGS_RP_ONE / 2);
	KUNIT_EXPECT_EQ(test, rp.goal, 0ULL);
	KUNIT_EXPECT_LT(test, rp.rate, rate + step);
}

/*
 * From the first epoch with CNPs after one without to the next: what was added
 * and what was taken name the goal. The cycle that a start begins does not.
 */
static void far_cycle(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 now = BEGIN, rate, added = 0, taken, first;
	struct xgs_rp rp;
	u32 i;

	far_flow(&rp, &params, 30000, 100 * GBIT, XGS_RP_ONE / 8);
	rp.skip = 1;
	marked_epoch(&rp, &params, &now, XGS_RP_ONE);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.goal, 0ULL);
	KUNIT_EXPECT_EQ(test, rp.added_avg, 0ULL);
	KUNIT_EXPECT_EQ(test, rp.taken, 0U);

	/* Four clean epochs, two marked: what was before is the first's. */
	for (i = 0; i < 4; i++) {
		rate = rp.rate;
		send_epoch(&rp, &params, &now);
		added += rp.rate - rate;
	}
	KUNIT_EXPECT_EQ(test, rp.added, added);
	rate = rp.rate;
	taken = (u64)rate * rp.alpha >> (XGS_RP_ONE_SHIFT + 1);
	marked_epoch(&rp, &params, &now, XGS_RP_ONE);
	KUNIT_EXPECT_EQ(test, rp.target, rate);
	taken = div64_u64(taken << XGS_RP_TAKEN_SHIFT, rate);
	KUNIT_EXPECT_LE(test, rp.taken, taken);
	KUNIT_EXPECT_GE(test, rp.taken, taken - 1000);
	first = rp.taken;
	marked_epoch(&rp, &params, &now, XGS_RP_ONE);
	KUNIT_EXPECT_EQ(test, rp.target, rate);
	KUNIT_EXPECT_GT(test, rp.taken, first);
	taken = rp.taken;

	/* The goal: 13/16 of the balance of both, plus the epoch's step. */
	rate = rp.rate;
	send_epoch(&rp, &params, &now);
	added += rp.rate - rate;
	KUNIT_EXPECT_EQ(test, rp.added, 0ULL);
	KUNIT_EXPECT_EQ(test, rp.taken, 0U);
	KUNIT_EXPECT_EQ(test, rp.added_avg, added);
	KUNIT_EXPECT_EQ(test, rp.taken_avg, taken);
	KUNIT_EXPECT_EQ(test, rp.goal,
			xgs_rp_fair_rate(added, taken, rate, 400 * GBIT) /
			16 * 13);

	/* The next cycle counts as much as all before. */
	rp.goal = 0;
	marked_epoch(&rp, &params, &now, XGS_RP_ONE);
	first = rp.taken;
	rate = rp.rate;
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.taken_avg, (first + taken) / 2);
	KUNIT_EXPECT_EQ(test, rp.added_avg, (added + rp.rate - rate) / 2);

	/* Where no epoch is clean, seventeen of them are a cycle. */
	far_flow(&rp, &params, 30000, 100 * GBIT, XGS_RP_ONE / 8);
	now = BEGIN;
	for (i = 0; i < 16; i++)
		marked_epoch(&rp, &params, &now, XGS_RP_ONE / 8);
	KUNIT_EXPECT_EQ(test, rp.goal, 0ULL);
	marked_epoch(&rp, &params, &now, XGS_RP_ONE / 8);
	KUNIT_EXPECT_GT(test, rp.goal, 0ULL);
}

/* A flow that sends less than half of its rate does not raise it. */
static void far_idle(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 rate = 10 * GBIT, now = BEGIN;
	struct xgs_rp rp;
	u32 half;

	far_flow(&rp, &params, 10000, rate, XGS_RP_ONE / 16);
	half = div_u64(rate * rp.epoch_us, 2 * USEC_PER_SEC);
	xgs_rp_sent(&rp, &params, half - 1, now);
	now = rp.timer_at;
	xgs_rp_advance(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
	xgs_rp_sent(&rp, &params, half, now);
	now = rp.timer_at;
	xgs_rp_advance(&rp, &params, now);
	KUNIT_EXPECT_GT(test, rp.rate, rate);
	/* Its answer to CNPs is the same. */
	rate = rp.rate;
	marked_epoch(&rp, &params, &now, XGS_RP_ONE);
	KUNIT_EXPECT_LT(test, rp.rate, rate);
}

/* An epoch in which all is sent, but for some time at its end nothing is left. */
static void part_unused(struct xgs_rp *rp, const struct xgs_rp_params *params,
			u64 *now, u64 unused)
{
	u64 end = rp->timer_at;

	xgs_rp_sent(rp, params, rp->rate / 100, *now);
	*now = end;
	xgs_rp_unused(rp, params, end - unused, *now);
}

/* Who has more than its share and does not use it gets no more. */
static void far_unused(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 rate = 10 * GBIT, now = BEGIN, epoch;
	struct xgs_rp rp;

	far_flow(&rp, &params, 10000, rate, XGS_RP_ONE / 16);
	epoch = rp.epoch_us * (u64)NSEC_PER_USEC;
	part_unused(&rp, &params, &now, epoch / 16 + 1);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
	part_unused(&rp, &params, &now, epoch / 16);
	KUNIT_EXPECT_GT(test, rp.rate, rate);

	/* Up to its share, or at the start, half is enough. */
	rate = rp.rate;
	rp.goal = rate;
	part_unused(&rp, &params, &now, epoch / 2);
	KUNIT_EXPECT_GT(test, rp.rate, rate);
	rate = rp.rate;
	rp.goal = 0;
	part_unused(&rp, &params, &now, epoch / 2);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
	rp.start = 1;
	part_unused(&rp, &params, &now, epoch / 2);
	KUNIT_EXPECT_GT(test, rp.rate, rate);
}

/* Each epoch has its own part of a pause. */
static void far_unused_parts(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	struct xgs_rp rp, near;
	u64 epoch, end;

	far_flow(&rp, &params, 10000, 10 * GBIT, XGS_RP_ONE / 16);
	epoch = rp.epoch_us * (u64)NSEC_PER_USEC;
	xgs_rp_unused(&rp, &params, BEGIN, BEGIN + 1000);
	KUNIT_EXPECT_EQ(test, rp.unused_ns, 1000ULL);
	xgs_rp_unused(&rp, &params, BEGIN + 5000, BEGIN + 7000);
	KUNIT_EXPECT_EQ(test, rp.unused_ns, 3000ULL);
	/* It began before the epoch. */
	xgs_rp_unused(&rp, &params, 1, BEGIN + 7000);
	KUNIT_EXPECT_EQ(test, rp.unused_ns, 3000ULL + 7000);
	/* It goes on in the next one, or ends one epoch after that. */
	end = rp.timer_at;
	xgs_rp_unused(&rp, &params, end - 500, end + 200);
	KUNIT_EXPECT_EQ(test, rp.timer_at, end + epoch);
	KUNIT_EXPECT_EQ(test, rp.unused_ns, 200ULL);
	xgs_rp_unused(&rp, &params, end + 1000, end + 2 * epoch + 300);
	KUNIT_EXPECT_EQ(test, rp.unused_ns, 300ULL);

	xgs_rp_init(&near, &params, 20, BEGIN);
	xgs_rp_unused(&near, &params, 1, BEGIN + 1000);
	KUNIT_EXPECT_EQ(test, near.unused_ns, 0ULL);
}

static void far_catch_up(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	struct xgs_rp late, steady;
	u64 now = BEGIN;
	u32 i;

	far_flow(&late, &params, 1000, 50 * GBIT, XGS_RP_ONE);
	far_flow(&steady, &params, 1000, 50 * GBIT, XGS_RP_ONE);
	for (i = 0; i < XGS_RP_CATCH_UP; i++) {
		now = steady.timer_at;
		xgs_rp_advance(&steady, &params, now);
	}
	now += 3600ULL * NSEC_PER_SEC;
	xgs_rp_advance(&late, &params, now);
	KUNIT_EXPECT_EQ(test, late.rate, steady.rate);
	KUNIT_EXPECT_EQ(test, late.alpha, steady.alpha);
	KUNIT_EXPECT_EQ(test, late.timer_at,
			now + late.epoch_us * (u64)NSEC_PER_USEC);
}

/*
 * One F for all, as flows of one queue see it: r F^2 / 2 = 250 sqrt(r) (1 - F),
 * at F = 1/8 sqrt(r) = 28000, at every distance.
 */
static void far_balance(struct kunit *test)
{
	static const u32 bases[] = { 500, 1000, 10000, 30000, 100000 };
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 balance = 28000ULL * 28000;
	struct xgs_rp rp;
	u32 k, owed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u64 now = BEGIN;

		far_flow(&rp, &params, bases[i], 20 * GBIT, XGS_RP_ONE / 8);
		for (k = 0, owed = 0; k < 3000; k++) {
			for (owed += rp.slots; owed >= 8; owed -= 8)
				xgs_rp_cnp(&rp, &params, now);
			send_epoch(&rp, &params, &now);
		}
		/* Few slots: F is not the same in all epochs. */
		KUNIT_EXPECT_GE(test, rp.rate, balance - balance / 3);
		KUNIT_EXPECT_LE(test, rp.rate, balance + balance / 3);
		if (bases[i] < 10000)
			continue;
		KUNIT_EXPECT_GE(test, rp.rate, balance - balance / 20);
		KUNIT_EXPECT_LE(test, rp.rate, balance + balance / 20);
	}
}

/* -- a path that changes its length, and what an operator sets --------- */

static void distance_changes(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 now = BEGIN, rate;
	struct xgs_rp rp;

	xgs_rp_init(&rp, &params, 50, now);
	xgs_rp_cnp(&rp, &params, now);
	rate = rp.rate;
	xgs_rp_set_base(&rp, &params, 30000, ++now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
	KUNIT_EXPECT_EQ(test, rp.target, rate);
	KUNIT_EXPECT_FALSE(test, rp.start);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 37550U);
	/* Farther: with the next epoch. */
	xgs_rp_set_base(&rp, &params, 60000, ++now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 37550U);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 75050U);
	rate = rp.rate;
	xgs_rp_set_base(&rp, &params, 100, ++now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
	KUNIT_EXPECT_EQ(test, rp.target, rate);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 0U);
	KUNIT_EXPECT_EQ(test, rp.timer_at, now + PERIOD);

	/* Far before there was a CNP: it begins as it had been from the start. */
	xgs_rp_init(&rp, &params, 50, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 400 * GBIT);
	xgs_rp_set_base(&rp, &params, 1000, ++now);
	KUNIT_EXPECT_EQ(test, rp.rate, 50 * GBIT);
	KUNIT_EXPECT_TRUE(test, rp.start);

	/* A slower port, and then another profile. */
	xgs_rp_init(&rp, &params, 1000, now);
	params.line_rate = 10 * GBIT;
	xgs_rp_set_base(&rp, &params, 1000, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 10 * GBIT);
	KUNIT_EXPECT_EQ(test, rp.target, 10 * GBIT);
	KUNIT_EXPECT_NE(test, rp.epoch_us, 0U);
	params.profile = XGS_RP_DCQCN;
	xgs_rp_set_base(&rp, &params, 1000, now);
	KUNIT_EXPECT_EQ(test, rp.rate, 10 * GBIT);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 0U);
}

/* What waits in the host is on its way for longer. */
static void far_held(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 now = BEGIN;
	struct xgs_rp rp;

	xgs_rp_init(&rp, &params, 1000, now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 1300U);
	xgs_rp_held(&rp, &params, 20 * MSEC, now);
	xgs_rp_held(&rp, &params, 10 * NSEC_PER_USEC, now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 1300U);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 26300U);
	/* Without more of it, half as much each time. */
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 13800U);
	/* No longer than over the longest path. */
	xgs_rp_held(&rp, &params, U64_MAX, now);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 1250050U);

	/* DCQCN knows no epochs. */
	params.profile = XGS_RP_DCQCN;
	xgs_rp_init(&rp, &params, 50, now);
	xgs_rp_held(&rp, &params, 20 * MSEC, now);
	xgs_rp_advance(&rp, &params, now + PERIOD);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 0U);
	KUNIT_EXPECT_EQ(test, rp.rate, 400 * GBIT);
}

/* Packets that wait make a near flow a far one, for as long as they do. */
static void near_held(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 now = BEGIN, rate;
	struct xgs_rp rp;
	u32 epochs;

	xgs_rp_init(&rp, &params, 60, now);
	xgs_rp_held(&rp, &params, 40 * NSEC_PER_USEC, now);
	xgs_rp_sent(&rp, &params, 4096, ++now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 0U);
	KUNIT_EXPECT_EQ(test, rp.rate, 400 * GBIT);
	/* Without a CNP so far it has to begin slowly. */
	xgs_rp_held(&rp, &params, 140 * NSEC_PER_USEC, now);
	xgs_rp_sent(&rp, &params, 4096, ++now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 300U);
	KUNIT_EXPECT_EQ(test, rp.rate, 50 * GBIT);
	for (epochs = 0; epochs < 4; epochs++) {
		xgs_rp_held(&rp, &params, 140 * NSEC_PER_USEC, now);
		send_epoch(&rp, &params, &now);
		KUNIT_EXPECT_EQ(test, rp.epoch_us, 300U);
	}
	xgs_rp_cnp(&rp, &params, now);
	/* Half of 140 us still is far, half of that no longer. */
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_NE(test, rp.epoch_us, 0U);
	rate = rp.rate;
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_EQ(test, rp.epoch_us, 0U);
	KUNIT_EXPECT_EQ(test, rp.timer_at, now + PERIOD);
	KUNIT_EXPECT_GE(test, rp.rate, rate);
	/* Its rate is known: it does not begin again. */
	rate = rp.rate;
	xgs_rp_held(&rp, &params, 140 * NSEC_PER_USEC, now);
	xgs_rp_sent(&rp, &params, 4096, ++now);
	KUNIT_EXPECT_NE(test, rp.epoch_us, 0U);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
	KUNIT_EXPECT_FALSE(test, rp.start);
}

/* A rate that pacing cannot keep is no rate. */
static void far_capped(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, GBIT);
	u64 now = BEGIN, wait;
	struct xgs_rp rp;
	u32 packets;

	/* 64 packets of 4000 bytes at 1 MB/s are 256 ms, and 128 may wait. */
	far_flow(&rp, &params, 100000, 1000000, XGS_RP_ONE / 16);
	for (packets = 0, wait = 0; packets < 64; packets++) {
		if (wait > 128 * MSEC) {
			xgs_rp_capped(&rp, &params, wait - 128 * MSEC,
				      128 * MSEC);
			wait = 128 * MSEC;
		}
		wait += 4000 * NSEC_PER_SEC / rp.rate;
	}
	/* At 2 MB/s they are. */
	KUNIT_EXPECT_GE(test, rp.rate, 1950000ULL);
	KUNIT_EXPECT_LE(test, rp.rate, 2000000ULL);

	/* Whatever is asked: within the limits, and at most twice. */
	far_flow(&rp, &params, 100000, 1000000, XGS_RP_ONE / 16);
	xgs_rp_capped(&rp, &params, 0, 128 * MSEC);
	KUNIT_EXPECT_EQ(test, rp.rate, 1000000ULL);
	xgs_rp_capped(&rp, &params, U64_MAX, 0);
	KUNIT_EXPECT_EQ(test, rp.rate, 2000000ULL);
	rp.rate = params.line_rate;
	xgs_rp_capped(&rp, &params, U64_MAX, U64_MAX);
	KUNIT_EXPECT_EQ(test, rp.rate, params.line_rate);

	/* At the start it is growth, of which the first CNP takes a third. */
	xgs_rp_init(&rp, &params, 100000, now);
	rp.rate = 3000000;
	xgs_rp_cnp(&rp, &params, now);
	KUNIT_EXPECT_GE(test, rp.target, 3000000ULL);
	xgs_rp_init(&rp, &params, 100000, now);
	rp.rate = 3000000;
	xgs_rp_capped(&rp, &params, 128 * MSEC, 128 * MSEC);
	KUNIT_EXPECT_EQ(test, rp.rate, 6000000ULL);
	xgs_rp_cnp(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.target, 4000000ULL);

	/* DCQCN's equations stay the paper's. */
	params.profile = XGS_RP_DCQCN;
	xgs_rp_init(&rp, &params, 100000, now);
	rp.rate = 1000000;
	xgs_rp_capped(&rp, &params, 128 * MSEC, 128 * MSEC);
	KUNIT_EXPECT_EQ(test, rp.rate, 1000000ULL);
}

/* Loss where the queue marks halves the rate, once per epoch. */
static void far_loss(struct kunit *test)
{
	struct xgs_rp_params params = params_of(XGS_RP_XGS, 400 * GBIT);
	u64 now = BEGIN, rate = 20 * GBIT;
	struct xgs_rp rp;

	/* Nothing was marked: the path loses, not the queue. */
	far_flow(&rp, &params, 30000, rate, XGS_RP_ONE / 16);
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_TRUE(test, rp.clean);
	rate = rp.rate;
	xgs_rp_lost(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);

	xgs_rp_cnp(&rp, &params, now);
	xgs_rp_lost(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate / 2);
	xgs_rp_lost(&rp, &params, now);
	xgs_rp_cnp(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate / 2);
	/* An epoch later there may be no CNP: the loss is of that before. */
	send_epoch(&rp, &params, &now);
	KUNIT_EXPECT_FALSE(test, rp.clean);
	rate = rp.rate;
	xgs_rp_lost(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate / 2);

	/* DCQCN knows no loss. */
	xgs_rp_init(&rp, &params, 50, now);
	xgs_rp_cnp(&rp, &params, now);
	rate = rp.rate;
	xgs_rp_lost(&rp, &params, now);
	KUNIT_EXPECT_EQ(test, rp.rate, rate);
}

static void params_are_checked(struct kunit *test)
{
	struct xgs_rp_params good = params_of(XGS_RP_XGS, 400 * GBIT), bad;

	KUNIT_EXPECT_TRUE(test, xgs_rp_params_valid(&good));
	good = params_of(XGS_RP_XGS, 0);
	KUNIT_EXPECT_TRUE(test, xgs_rp_params_valid(&good));
	good = params_of(XGS_RP_XGS, U64_MAX);
	KUNIT_EXPECT_TRUE(test, xgs_rp_params_valid(&good));

#define REFUSED(field, value) do {					\
	bad = good;							\
	bad.field = value;						\
	KUNIT_EXPECT_FALSE_MSG(test, xgs_rp_params_valid(&bad),		\
			       "%s", #field " = " #value);		\
} while (0)
	REFUSED(line_rate, XGS_RP_RATE_MAX + 1);
	REFUSED(line_rate, good.min_rate - 1);
	REFUSED(min_rate, XGS_RP_RATE_MIN - 1);
	REFUSED(ai_rate, XGS_RP_RATE_MAX + 1);
	REFUSED(hai_rate, XGS_RP_RATE_MAX + 1);
	REFUSED(byte_reset, 4095);
	REFUSED(time_reset_us, 0);
	REFUSED(time_reset_us, 1000001);
	REFUSED(alpha_us, 0);
	REFUSED(alpha_us, 1000001);
	REFUSED(threshold, 0);
	REFUSED(threshold, 32);
	REFUSED(g_shift, 0);
	REFUSED(g_shift, 17);
	REFUSED(cnp_us, 0);
	REFUSED(cnp_us, 10001);
	REFUSED(mtu, 255);
	REFUSED(mtu, 65537);
	REFUSED(near_us, 1000001);
	REFUSED(epoch_pct, 49);
	REFUSED(epoch_pct, 801);
	REFUSED(start_shift, 17);
	REFUSED(start_bytes, 65535);
	REFUSED(profile, XGS_RP_XGS + 1);
#undef REFUSED
}

static struct kunit_case rdma_xgs_engine_cases[] = {
	KUNIT_CASE(dcqcn_first_cnp),
	KUNIT_CASE(dcqcn_alpha),
	KUNIT_CASE(dcqcn_timer),
	KUNIT_CASE(dcqcn_bytes),
	KUNIT_CASE(dcqcn_hyper),
	KUNIT_CASE(dcqcn_limits),
	KUNIT_CASE(dcqcn_catch_up),
	KUNIT_CASE(dcqcn_full),
	KUNIT_CASE(near_gap),
	KUNIT_CASE(gap_is_bounded),
	KUNIT_CASE(always_within_limits),
	KUNIT_CASE(near_is_dcqcn),
	KUNIT_CASE(epoch_as_documented),
	KUNIT_CASE(epoch_has_no_step),
	KUNIT_CASE(step_as_documented),
	KUNIT_CASE(fair_rate_is_the_balance),
	KUNIT_CASE(far_start),
	KUNIT_CASE(far_cut),
	KUNIT_CASE(far_alpha),
	KUNIT_CASE(far_way_back),
	KUNIT_CASE(far_goal),
	KUNIT_CASE(far_cycle),
	KUNIT_CASE(far_idle),
	KUNIT_CASE(far_unused),
	KUNIT_CASE(far_unused_parts),
	KUNIT_CASE(far_catch_up),
	KUNIT_CASE(far_balance),
	KUNIT_CASE(far_held),
	KUNIT_CASE(near_held),
	KUNIT_CASE(far_capped),
	KUNIT_CASE(far_loss),
	KUNIT_CASE(distance_changes),
	KUNIT_CASE(params_are_checked),
	{}
};

static struct kunit_suite rdma_xgs_engine_suite = {
	.name = "rdma_xgs_engine",
	.test_cases = rdma_xgs_engine_cases,
};

kunit_test_suite(rdma_xgs_engine_suite);

MODULE_DESCRIPTION("KUnit tests of the rate engine of rdma_xgs");
MODULE_LICENSE("GPL");
