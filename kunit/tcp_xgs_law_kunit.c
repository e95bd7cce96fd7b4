// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the arithmetic that the control law is made of: the curve of its
 * coefficients over distance, conversions, fractions, steps, window, pacing.
 *
 * What must hold is tested, not how the law is tuned: quotients against
 * 128-bit products, bounds, monotonicity, and no step anywhere in distance.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/time64.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../tcp_xgs/law.h"
#include "../tcp_xgs/start.h"
#include "params.h"
#include "random.h"
#include "rounds.h"

/* Where TCP stops: 2^31 packets, and windows in bytes beyond 32 bits. */
#define PACKETS_MAX	(U32_MAX / 2)

/* Amounts and rates that something special happens at or near; they rise. */
static const u64 edges[] = {
	0, 1, 2, 1000, USEC_PER_SEC - 1, USEC_PER_SEC, USEC_PER_SEC + 1,
	U32_MAX - 1, U32_MAX, 1ULL << 32, (1ULL << 32) + 1,
	XGS_RATE_MAX - 1, XGS_RATE_MAX, XGS_RATE_MAX + 1,
	(1ULL << 44) - 1, 1ULL << 44, (1ULL << 52) - 1,
};

/* -- the curve --------------------------------------------------------- */

/*
 * No coefficient falls with distance, or jumps by a hundredth of its range. All
 * of them are u32.
 */
static bool curves_join(const struct xgs_curve *before,
			const struct xgs_curve *curve,
			const struct xgs_curve *nearest,
			const struct xgs_curve *farthest)
{
	const u32 *was = &before->lo_us, *is = &curve->lo_us;
	const u32 *least = &nearest->lo_us, *most = &farthest->lo_us;
	size_t i;

	for (i = 0; i < sizeof(*curve) / sizeof(u32); i++)
		if (is[i] < was[i] ||
		    is[i] - was[i] > 1 + (most[i] - least[i]) / 100)
			return false;
	return true;
}

static void curve_has_no_step(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve nearest, farthest, before, curve;
	u32 us;

	xgs_curve_at(&nearest, 0, 0, &params);
	xgs_curve_at(&farthest, XGS_RTT_MAX_US, 0, &params);
	before = nearest;
	for (us = 1; us <= XGS_RTT_MAX_US; us++) {
		xgs_curve_at(&curve, us, 0, &params);
		KUNIT_ASSERT_TRUE_MSG(test, curves_join(&before, &curve,
							&nearest, &farthest),
				      "a step at %u us", us);
		before = curve;
	}
}

static void curve_is_sane(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve curve;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 100000; i++) {
		u32 base_us = xgs_random(&rnd, U32_MAX);
		u32 burst_us = xgs_random(&rnd, U32_MAX);

		xgs_curve_at(&curve, base_us, burst_us, &params);
		KUNIT_ASSERT_LT(test, curve.lo_us, curve.hi_us);
		KUNIT_ASSERT_GE(test, curve.slack_us, curve.hi_us);
		/* In a rack that marks the window shares in the control. */
		KUNIT_ASSERT_LE(test, curve.slack_marks_us, curve.slack_us);
		if (base_us < 200 || base_us >= 4096)
			KUNIT_ASSERT_GE(test, curve.slack_marks_us,
					curve.lo_us);
		if (base_us >= 32768)
			KUNIT_ASSERT_GE(test, curve.slack_marks_us,
					curve.hi_us);
		KUNIT_ASSERT_GT(test, curve.gain, 0U);
		KUNIT_ASSERT_GT(test, curve.loss_min, 0U);
		KUNIT_ASSERT_LT(test, curve.loss_soft, XGS_LOSS_ONE);
		KUNIT_ASSERT_LT(test, curve.loss_hard, XGS_LOSS_ONE);
	}
}

static void curve_ends_at_one_second(struct kunit *test)
{
	struct xgs_curve end, beyond;

	xgs_curve_at(&end, XGS_RTT_MAX_US, 0, &defaults);
	xgs_curve_at(&beyond, XGS_RTT_MAX_US + 1, 0, &defaults);
	KUNIT_EXPECT_EQ(test, memcmp(&end, &beyond, sizeof(end)), 0);
	xgs_curve_at(&beyond, U32_MAX, 0, &defaults);
	KUNIT_EXPECT_EQ(test, memcmp(&end, &beyond, sizeof(end)), 0);
	xgs_curve_at(&end, 0, XGS_RTT_MAX_US, &defaults);
	xgs_curve_at(&beyond, 0, U32_MAX, &defaults);
	KUNIT_EXPECT_EQ(test, memcmp(&end, &beyond, sizeof(end)), 0);
}

/* What law.c, the ABI and the documentation say about the default. */
static void curve_as_documented(struct kunit *test)
{
	struct xgs_curve curve;

	xgs_curve_at(&curve, 0, 0, &defaults);
	KUNIT_EXPECT_EQ(test, curve.lo_us, 30U);
	KUNIT_EXPECT_EQ(test, curve.hi_us, 150U);
	KUNIT_EXPECT_EQ(test, curve.gain, XGS_GAIN_ONE / 4);
	KUNIT_EXPECT_EQ(test, curve.loss_min, 1U);
	KUNIT_EXPECT_EQ(test, curve.loss_hard, XGS_LOSS_ONE / 200);

	xgs_curve_at(&curve, 640, 0, &defaults);
	KUNIT_EXPECT_EQ(test, curve.lo_us, 150U);
	KUNIT_EXPECT_EQ(test, curve.hi_us, 630U);

	xgs_curve_at(&curve, 1024, 0, &defaults);
	KUNIT_EXPECT_EQ(test, curve.lo_us, 200U);
	KUNIT_EXPECT_EQ(test, curve.hi_us, 1302U);

	xgs_curve_at(&curve, 1314, 0, &defaults);
	KUNIT_EXPECT_EQ(test, curve.lo_us, 200U);
	KUNIT_EXPECT_EQ(test, curve.hi_us, 2000U);

	xgs_curve_at(&curve, 31000, 0, &defaults);
	KUNIT_EXPECT_EQ(test, curve.lo_us, 200U);
	KUNIT_EXPECT_EQ(test, curve.hi_us, 2000U);
	KUNIT_EXPECT_EQ(test, curve.gain, XGS_GAIN_ONE);
	KUNIT_EXPECT_EQ(test, curve.loss_min, 3U);
	KUNIT_EXPECT_EQ(test, curve.loss_hard, XGS_LOSS_ONE / 50);
}

/* Twice the percentage is twice the coefficient, but for rounding. */
static bool scales(u32 value, u32 base, u32 percent)
{
	u32 want = base * percent / 100, slack = 2 + 2 * percent / 100;

	return value + slack >= want && value <= want + slack;
}

static void curve_follows_the_operator(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve plain, scaled;
	u32 us;

	for (us = 1; us <= XGS_RTT_MAX_US; us *= 3) {
		xgs_curve_at(&plain, us, 0, &defaults);
		xgs_curve_at(&scaled, us, 0, &params);
		KUNIT_EXPECT_TRUE(test, scales(scaled.lo_us, plain.lo_us,
					       params.delay_target_pct));
		KUNIT_EXPECT_TRUE(test, scales(scaled.hi_us, plain.hi_us,
					       params.delay_target_pct));
		KUNIT_EXPECT_TRUE(test, scales(scaled.gain, plain.gain,
					       params.gain_pct));
		KUNIT_EXPECT_TRUE(test, scales(scaled.loss_hard,
					       plain.loss_hard,
					       params.loss_limit_ppm / 200));
	}
}

/* A flow must not take its own bursts for congestion. */
static void curve_allows_for_bursts(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve plain, burst;
	u32 us, burst_us;

	for (us = 1; us <= XGS_RTT_MAX_US; us *= 7) {
		xgs_curve_at(&plain, us, 0, &params);
		for (burst_us = 1; burst_us <= XGS_RTT_MAX_US; burst_us *= 7) {
			xgs_curve_at(&burst, us, burst_us, &params);
			KUNIT_ASSERT_GE(test, burst.lo_us, plain.lo_us);
			KUNIT_ASSERT_GE(test, burst.hi_us,
					min(burst_us, max(us / 4, 4000U)));
			KUNIT_ASSERT_LE(test, burst.hi_us,
					plain.hi_us + burst_us);
			KUNIT_ASSERT_EQ(test, burst.gain, plain.gain);
			KUNIT_ASSERT_EQ(test, burst.loss_hard,
					plain.loss_hard);
		}
	}
	KUNIT_EXPECT_GT(test, burst.lo_us, plain.lo_us);
	KUNIT_EXPECT_GT(test, burst.hi_us, plain.hi_us);
}

/* -- bytes, times, rates ----------------------------------------------- */

static bool time_is_right(u64 bytes, u64 rate)
{
	u32 us = xgs_time_of(bytes, rate);

	if (!rate)
		return us == U32_MAX;
	if (us == U32_MAX)	/* at least that long */
		return xgs_product_reaches(bytes, USEC_PER_SEC, rate, U32_MAX);
	return xgs_is_quotient(us, bytes, USEC_PER_SEC, rate);
}

static void time_of_bytes(struct kunit *test)
{
	struct rnd_state rnd;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (j = 0; edges[j] <= XGS_RATE_MAX; j++)
			KUNIT_EXPECT_TRUE_MSG(test,
					      time_is_right(edges[i], edges[j]),
					      "%llu bytes at %llu bytes/s: %u us",
					      edges[i], edges[j],
					      xgs_time_of(edges[i], edges[j]));
	prandom_seed_state(&rnd, 2);
	for (i = 0; i < 200000; i++) {
		u64 bytes = xgs_random(&rnd, U64_MAX);
		u64 rate = xgs_random(&rnd, XGS_RATE_MAX);

		KUNIT_ASSERT_TRUE_MSG(test, time_is_right(bytes, rate),
				      "%llu bytes at %llu bytes/s: %u us",
				      bytes, rate, xgs_time_of(bytes, rate));
	}
}

static bool bytes_are_right(u64 rate, u32 us)
{
	return xgs_is_quotient(xgs_bytes_in(rate, us), min(rate, XGS_RATE_MAX),
			       us, USEC_PER_SEC);
}

static void bytes_in_a_time(struct kunit *test)
{
	struct rnd_state rnd;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			KUNIT_EXPECT_TRUE_MSG(test,
					      bytes_are_right(edges[i],
							      edges[j]),
					      "%llu bytes/s for %u us",
					      edges[i], (u32)edges[j]);
	KUNIT_EXPECT_TRUE(test, bytes_are_right(U64_MAX, U32_MAX));
	prandom_seed_state(&rnd, 3);
	for (i = 0; i < 200000; i++) {
		u64 rate = xgs_random(&rnd, XGS_RATE_MAX);
		u32 us = xgs_random(&rnd, U32_MAX);

		KUNIT_ASSERT_TRUE_MSG(test, bytes_are_right(rate, us),
				      "%llu bytes/s for %u us", rate, us);
	}
}

static bool rate_is_right(u64 bytes, u32 us)
{
	u64 rate = xgs_rate_of(bytes, us);

	if (!us)
		return rate == 0;
	if (rate == XGS_RATE_MAX)	/* at least that fast */
		return xgs_product_reaches(bytes, USEC_PER_SEC, XGS_RATE_MAX,
					   us);
	return xgs_is_quotient(rate, bytes, USEC_PER_SEC, us);
}

static void rate_of_bytes(struct kunit *test)
{
	struct rnd_state rnd;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			KUNIT_EXPECT_TRUE_MSG(test, rate_is_right(edges[i],
								  edges[j]),
					      "%llu bytes in %u us: %llu bytes/s",
					      edges[i], (u32)edges[j],
					      xgs_rate_of(edges[i], edges[j]));
	prandom_seed_state(&rnd, 4);
	for (i = 0; i < 200000; i++) {
		u64 bytes = xgs_random(&rnd, (1ULL << 52) - 1);
		u32 us = xgs_random(&rnd, U32_MAX);

		KUNIT_ASSERT_TRUE_MSG(test, rate_is_right(bytes, us),
				      "%llu bytes in %u us: %llu bytes/s",
				      bytes, us, xgs_rate_of(bytes, us));
	}
}

/* -- fractions --------------------------------------------------------- */

static void marks_at_the_edges(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(0, 0), 0U);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(0, U32_MAX), 0U);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(1, 0), XGS_FRAC_ONE);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(1, 1), XGS_FRAC_ONE);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(2, 1), XGS_FRAC_ONE);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(1, 2), XGS_FRAC_ONE / 2);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(1, U32_MAX), 1U);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(U32_MAX - 1, U32_MAX),
			XGS_FRAC_ONE - 1);
	KUNIT_EXPECT_EQ(test, xgs_mark_fraction(U32_MAX, U32_MAX),
			XGS_FRAC_ONE);
}

static void marks_against_an_oracle(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 5);
	for (i = 0; i < 200000; i++) {
		u32 delivered = xgs_random(&rnd, U32_MAX);
		u32 marked = xgs_random(&rnd, delivered);
		u32 fraction = xgs_mark_fraction(marked, delivered);

		KUNIT_ASSERT_EQ(test, fraction > 0, marked > 0);
		KUNIT_ASSERT_LE(test, fraction, XGS_FRAC_ONE);
		if (fraction > 1)
			KUNIT_ASSERT_TRUE(test,
					  xgs_is_quotient(fraction, marked,
							  XGS_FRAC_ONE,
							  delivered));
		KUNIT_ASSERT_GE(test, xgs_mark_fraction(marked + 1, delivered),
				marked < U32_MAX ? fraction : 0);
	}
}

/* At every millisecond, from the mark on, for a second. */
static void marks_live_for_a_second(struct kunit *test)
{
	u16 begin, after, marked_ms = 0;

	for (begin = U16_MAX - 3; begin != 5; begin++) {
		KUNIT_EXPECT_TRUE(test,
				  xgs_marks_are_live(&marked_ms, begin, 1));
		for (after = 0; after < 1000; after++)
			KUNIT_ASSERT_TRUE(test,
					  xgs_marks_are_live(&marked_ms,
							     begin + after, 0));
		KUNIT_EXPECT_FALSE(test, xgs_marks_are_live(&marked_ms,
							    begin + 1001, 0));
		KUNIT_EXPECT_FALSE(test, xgs_marks_are_live(&marked_ms,
							    begin + 60000, 0));
	}
}

static void no_marks_are_not_live(struct kunit *test)
{
	u16 now_ms, marked_ms = 0;

	for (now_ms = U16_MAX - 2000; now_ms != 2000; now_ms++)
		KUNIT_ASSERT_FALSE(test,
				   xgs_marks_are_live(&marked_ms, now_ms, 0));
	KUNIT_EXPECT_EQ(test, marked_ms, 0U);
}

static void delay_at_the_edges(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(0, 30, 150), 0U);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(30, 30, 150), 0U);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(90, 30, 150),
			XGS_FRAC_ONE / 2);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(150, 30, 150), XGS_FRAC_ONE);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(U32_MAX, 30, 150),
			XGS_FRAC_ONE);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(0, 0, 1), 0U);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(1, 0, 1), XGS_FRAC_ONE);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(U32_MAX - 1, 0, U32_MAX),
			XGS_FRAC_ONE - 1);
	KUNIT_EXPECT_EQ(test, xgs_delay_fraction(U32_MAX, 0, U32_MAX),
			XGS_FRAC_ONE);
}

static void delay_against_an_oracle(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 6);
	for (i = 0; i < 200000; i++) {
		u32 hi = 1 + xgs_random(&rnd, U32_MAX - 1);
		u32 lo = xgs_random(&rnd, hi - 1);
		u32 queue = xgs_random(&rnd, U32_MAX);
		u32 fraction = xgs_delay_fraction(queue, lo, hi);

		if (queue <= lo)
			KUNIT_ASSERT_EQ(test, fraction, 0U);
		else if (queue >= hi)
			KUNIT_ASSERT_EQ(test, fraction, XGS_FRAC_ONE);
		else
			KUNIT_ASSERT_TRUE(test,
					  xgs_is_quotient(fraction, queue - lo,
							  XGS_FRAC_ONE,
							  hi - lo));
	}
}

static void queue_ahead_of_a_steady_flow(struct kunit *test)
{
	u32 base_us, queue_us;

	for (base_us = 1; base_us <= XGS_RTT_MAX_US; base_us *= 9)
		for (queue_us = 1; queue_us <= XGS_RTT_MAX_US; queue_us *= 9) {
			KUNIT_ASSERT_EQ(test,
					xgs_queue_ahead(queue_us, base_us, 100,
							GBIT, 0), queue_us);
			KUNIT_ASSERT_EQ(test,
					xgs_queue_ahead(queue_us, base_us, 100,
							GBIT, GBIT), queue_us);
		}
}

static void queue_ahead_grows_and_drains(struct kunit *test)
{
	/* A quarter more than is drained, for 10 ms. */
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(500, 10000, 400, 5 * GBIT,
					      4 * GBIT), 3000U);
	/* The path is not full: what arrives is what was sent. */
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(400, 10000, 400, 5 * GBIT,
					      4 * GBIT), 400U);
	/* A quarter less than is drained. */
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(4000, 10000, 400, 3 * GBIT,
					      4 * GBIT), 1500U);
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(2000, 10000, 400, 3 * GBIT,
					      4 * GBIT), 0U);
	/* Extremes */
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(500, XGS_RTT_MAX_US, 400,
					      XGS_RATE_MAX, 1), XGS_RTT_MAX_US);
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(500, U32_MAX, 400, XGS_RATE_MAX,
					      1), XGS_RTT_MAX_US);
	KUNIT_EXPECT_EQ(test, xgs_queue_ahead(U32_MAX, 0, 0, 1, XGS_RATE_MAX),
			U32_MAX);
}

static void queue_ahead_is_bounded(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 7);
	for (i = 0; i < 200000; i++) {
		u32 queue_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 base_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 lo_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u64 rate = xgs_random(&rnd, XGS_RATE_MAX);
		u64 bw = xgs_random(&rnd, XGS_RATE_MAX);
		u32 ahead = xgs_queue_ahead(queue_us, base_us, lo_us, rate, bw);

		KUNIT_ASSERT_LE(test, ahead, XGS_RTT_MAX_US);
		if (rate <= bw)
			KUNIT_ASSERT_LE(test, ahead, queue_us);
		else
			KUNIT_ASSERT_GE(test, ahead, queue_us);
	}
}

/* -- increase and decrease --------------------------------------------- */

/* Of a number that repeats it becomes that number, but for its rounding. */
static void drift_becomes_what_repeats(struct kunit *test)
{
	static const u32 gains[] = { 65536, 8192 };
	static const s32 growths[] = { 0, 1, -1, 40, -300, 599, -600 };
	size_t gain, nr;
	u32 i;

	for (gain = 0; gain < ARRAY_SIZE(gains); gain++) {
		for (nr = 0; nr < ARRAY_SIZE(growths); nr++) {
			s32 expected = growths[nr] * XGS_DRIFT_ONE;
			/* Half of the last bit, in what is averaged. */
			s32 off = (1 << 19) / gains[gain] + 1;
			s16 drift = 0;

			for (i = 0; i < 8000; i++)
				drift = xgs_drift(drift, growths[nr], gains[gain]);
			KUNIT_EXPECT_GE(test, (s32)drift, expected - off);
			KUNIT_EXPECT_LE(test, (s32)drift, expected + off);
		}
	}
}

/* Whichever way, and never more than 600 us. */
static void drift_is_bounded(struct kunit *test)
{
	s16 up = 0, down = 0;
	u32 i;

	for (i = 0; i < 100; i++) {
		up = xgs_drift(up, XGS_RTT_MAX_US, 65536);
		down = xgs_drift(down, -(s32)XGS_RTT_MAX_US, 65536);
		KUNIT_ASSERT_EQ(test, (s32)up, 600 * XGS_DRIFT_ONE);
		KUNIT_ASSERT_EQ(test, (s32)down, -600 * XGS_DRIFT_ONE);
	}
}

/* A step of the average, by division. */
static void drift_against_an_oracle(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 20000; i++) {
		s16 drift = (s32)xgs_random(&rnd, 38400) - 19200;
		s32 growth_us = (s32)xgs_random(&rnd, 4000) - 2000;
		u32 gain = xgs_random(&rnd, 65536);
		s64 twice = 2 * ((s64)growth_us * 32 - drift) * gain + (1 << 20);
		s64 step = div_s64(twice, 1 << 21);

		/* Division goes towards nothing, and the average down. */
		if (step * (1 << 21) > twice)
			step--;
		KUNIT_ASSERT_EQ(test, (s64)xgs_drift(drift, growth_us, gain),
				clamp(drift + step, -19200LL, 19200LL));
	}
}

static void step_moves_every_rate(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve curve;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 8);
	for (i = 0; i < 100000; i++) {
		u64 rate = max(xgs_random(&rnd, XGS_RATE_MAX), slowest_rate());
		u64 step;

		xgs_curve_at(&curve, xgs_random(&rnd, XGS_RTT_MAX_US), 0,
			     &params);
		step = xgs_step(rate, curve.gain);
		KUNIT_ASSERT_GT(test, step, 0ULL);
		KUNIT_ASSERT_LE(test, step, rate / 2);
		KUNIT_ASSERT_LE(test, step, xgs_step(rate + 1, curve.gain));
		KUNIT_ASSERT_LE(test, step, xgs_step(rate, curve.gain + 1));
	}
}

static u64 step_by_hand(u64 rate)
{
	return min(250ULL * int_sqrt64(rate), rate / 8);
}

/* Also beside every square, where a root that is rounded changes. */
static void step_against_an_oracle(struct kunit *test)
{
	struct rnd_state rnd;
	u64 rate, root;

	for (rate = 0; rate < 10000; rate++)
		KUNIT_ASSERT_EQ(test, xgs_step(rate, XGS_GAIN_ONE),
				step_by_hand(rate));
	for (root = 1; root * root <= XGS_RATE_MAX; root++)
		for (rate = root * root - 1; rate <= root * root + 1; rate++)
			KUNIT_ASSERT_EQ_MSG(test, xgs_step(rate, XGS_GAIN_ONE),
					    step_by_hand(rate), "%llu", rate);
	prandom_seed_state(&rnd, 21);
	for (root = 0; root < 200000; root++) {
		rate = xgs_random(&rnd, XGS_RATE_MAX);
		KUNIT_ASSERT_EQ_MSG(test, xgs_step(rate, XGS_GAIN_ONE),
				    step_by_hand(rate), "%llu", rate);
	}
}

/* Gentler in proportion the faster a flow is, and never more than an eighth. */
static void step_is_ever_gentler(struct kunit *test)
{
	u64 rate, step, before = 0;

	for (rate = slowest_rate(); rate <= XGS_RATE_MAX; rate *= 4) {
		step = xgs_step(rate, XGS_GAIN_ONE);
		KUNIT_EXPECT_LE(test, step, rate / 8);
		if (before) {
			KUNIT_EXPECT_GE(test, step, 2 * before);
			KUNIT_EXPECT_LE(test, step, 4 * before + 4);
		}
		if (rate >= GBIT)	/* a square root: four times, twice */
			KUNIT_EXPECT_LE(test, step,
					2 * before + before / 1000);
		before = step;
	}
	KUNIT_EXPECT_LE(test, xgs_step(XGS_RATE_MAX, XGS_GAIN_ONE),
			XGS_RATE_MAX / 100);
}

static void step_scales_with_gain(struct kunit *test)
{
	u64 rate;

	for (rate = slowest_rate(); rate <= XGS_RATE_MAX; rate *= 10) {
		u64 whole = xgs_step(rate, XGS_GAIN_ONE);
		u64 half = xgs_step(rate, XGS_GAIN_ONE / 2);

		KUNIT_EXPECT_EQ(test, half, whole / 2);
		KUNIT_EXPECT_EQ(test, xgs_step(rate, 0), 0ULL);
	}
}

static void cut_is_the_product(struct kunit *test)
{
	const u32 one = XGS_FRAC_ONE;
	struct rnd_state rnd;
	u32 i;

	KUNIT_EXPECT_EQ(test, xgs_cut(one, one, XGS_GAIN_ONE, XGS_RTTS_ONE),
			XGS_CUT_ONE / 2);
	KUNIT_EXPECT_EQ(test, xgs_cut(one / 2, one / 2, XGS_GAIN_ONE, XGS_RTTS_ONE),
			XGS_CUT_ONE / 8);
	KUNIT_EXPECT_EQ(test, xgs_cut(one, one, XGS_GAIN_ONE / 4, XGS_RTTS_ONE),
			XGS_CUT_ONE / 8);
	KUNIT_EXPECT_EQ(test, xgs_cut(one, one, XGS_GAIN_ONE / 4, 2 * XGS_RTTS_ONE),
			XGS_CUT_ONE / 4);
	prandom_seed_state(&rnd, 9);
	for (i = 0; i < 100000; i++) {
		u32 f = xgs_random(&rnd, one), alpha = xgs_random(&rnd, one);
		u32 gain = xgs_random(&rnd, XGS_GAIN_ONE);
		u64 of = 2ULL * one * one * XGS_GAIN_ONE / XGS_CUT_ONE;

		KUNIT_ASSERT_TRUE(test,
				  xgs_is_quotient(xgs_cut(f, alpha, gain,
							  XGS_RTTS_ONE),
						  (u64)f * alpha, gain, of));
	}
}

static void cut_is_bounded_and_monotonic(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 10);
	for (i = 0; i < 100000; i++) {
		u32 f = xgs_random(&rnd, XGS_FRAC_ONE);
		u32 alpha = xgs_random(&rnd, XGS_FRAC_ONE);
		u32 gain = xgs_random(&rnd, 4 * XGS_GAIN_ONE);
		u32 rtts = xgs_random(&rnd, U32_MAX - 1);
		u32 cut = xgs_cut(f, alpha, gain, rtts);

		KUNIT_ASSERT_LE(test, cut, XGS_CUT_ONE / 2);
		KUNIT_ASSERT_LE(test, cut, xgs_cut(f + 1, alpha, gain, rtts));
		KUNIT_ASSERT_LE(test, cut, xgs_cut(f, alpha + 1, gain, rtts));
		KUNIT_ASSERT_LE(test, cut, xgs_cut(f, alpha, gain + 1, rtts));
		KUNIT_ASSERT_LE(test, cut, xgs_cut(f, alpha, gain, rtts + 1));
		KUNIT_ASSERT_EQ(test, xgs_cut(0, alpha, gain, rtts), 0U);
		KUNIT_ASSERT_EQ(test, xgs_cut(f, 0, gain, rtts), 0U);
	}
}

/* However long a round was, it is one sample of congestion. */
static void fair_rate_by_hand(struct kunit *test)
{
	/* alpha 1/2: (500 (1/2) / (1/4))^2; 1/4: (500 (3/4) 16)^2 */
	KUNIT_EXPECT_EQ(test, xgs_fair_rate(XGS_FRAC_ONE / 2), 1000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_fair_rate(XGS_FRAC_ONE / 4), 36000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_fair_rate(XGS_FRAC_ONE), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_fair_rate(1), XGS_RATE_MAX);
	KUNIT_EXPECT_EQ(test, xgs_fair_rate(0), XGS_RATE_MAX);
}

/* At the fair rate the law's step and its cut are the same. */
/* alpha^2 / (1 - alpha) = 500 / sqrt(r): 1/2 at 1 MB/s without the bound on a. */
static void fair_alpha_by_hand(struct kunit *test)
{
	/* 500 / 6000 = 0.25^2 / 0.75, rounded down */
	KUNIT_EXPECT_EQ(test, xgs_fair_alpha(36000000), XGS_FRAC_ONE / 4 - 1);
	/* sqrt(r) 35355: 0.01414 = 0.1121^2 / 0.8879 */
	KUNIT_EXPECT_EQ(test, xgs_fair_alpha(1250000000) * 1000 / XGS_FRAC_ONE,
			112U);
	/* An eighth: 0.25 = 0.3904^2 / 0.6096 */
	KUNIT_EXPECT_EQ(test, xgs_fair_alpha(4000000) * 1000 / XGS_FRAC_ONE,
			390U);
	KUNIT_EXPECT_EQ(test, xgs_fair_alpha(0), xgs_fair_alpha(3900000));
}

static void fair_alpha_is_the_inverse(struct kunit *test)
{
	u32 before = XGS_FRAC_ONE;
	u64 rate;

	for (rate = 4000000; rate <= XGS_RATE_MAX; rate += rate / 64) {
		u32 alpha = xgs_fair_alpha(rate);

		KUNIT_ASSERT_LE(test, alpha, before);
		KUNIT_ASSERT_GE(test, alpha, 1U);
		KUNIT_ASSERT_GE(test, xgs_fair_rate(alpha), rate / 100 * 98);
		KUNIT_ASSERT_LE(test, xgs_fair_rate(alpha + 1),
				rate / 100 * 102);
		before = alpha;
	}
}

static void fair_rate_is_the_equilibrium(struct kunit *test)
{
	u64 before = XGS_RATE_MAX;
	u32 alpha;

	for (alpha = 0; alpha <= XGS_FRAC_ONE; alpha++) {
		u64 rate = xgs_fair_rate(alpha), step, cut;

		KUNIT_ASSERT_LE(test, rate, before);
		before = rate;
		/* Below, the step is an eighth of the rate instead. */
		if (rate < 8000000 || rate == XGS_RATE_MAX)
			continue;
		step = xgs_step(rate, XGS_GAIN_ONE) * (XGS_FRAC_ONE - alpha) >>
		       XGS_FRAC_SHIFT;
		cut = rate * xgs_cut(alpha, alpha, XGS_GAIN_ONE, XGS_RTTS_ONE) >>
		      XGS_CUT_SHIFT;
		KUNIT_ASSERT_LE(test, cut, step + step / 256);
		KUNIT_ASSERT_GE(test, cut, step - step / 256);
	}
}

static void cut_of_a_long_round(struct kunit *test)
{
	u32 once = xgs_cut(XGS_FRAC_ONE, XGS_FRAC_ONE, 64, XGS_RTTS_ONE);
	u32 most = xgs_cut(XGS_FRAC_ONE, XGS_FRAC_ONE, 64, U32_MAX);

	KUNIT_EXPECT_GT(test, most, once);
	KUNIT_EXPECT_LE(test, most, 4 * once);
}

/* r (4 R + q before) / (4 R + q now), each q up to 4 R. */
static void damped_by_hand(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 100, 100, 200), 4000ULL);
	KUNIT_EXPECT_EQ(test, xgs_damped(4000, 100, 200, 100), 5000ULL);
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 100, 150, 150), 5000ULL);
	/* A queue of 4 R halves, and so does a longer one. */
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 100, 100, 500), 2500ULL);
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 100, 100, U32_MAX), 2500ULL);
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 100, U32_MAX, 0), 10000ULL);
	/* An RTT below the base RTT is no queue. */
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 100, 0, 200), 4000ULL);
	/* And lies about distance divide by nothing. */
	KUNIT_EXPECT_EQ(test, xgs_damped(5000, 0, 0, 0), 5000ULL);
	KUNIT_EXPECT_EQ(test, xgs_damped(0, U32_MAX, 0, U32_MAX), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_damped(U64_MAX, U32_MAX, U32_MAX, U32_MAX),
			XGS_RATE_MAX);
	KUNIT_EXPECT_EQ(test, xgs_damped(XGS_RATE_MAX, 1, U32_MAX, 0),
			XGS_RATE_MAX);
}

/* Whatever the queue does in between, the rate is what goes with the queue. */
static void damping_is_memoryless(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, n;

	prandom_seed_state(&rnd, 23);
	for (i = 0; i < 10000; i++) {
		u64 rate = 1000000000 + xgs_random(&rnd, XGS_RATE_MAX / 4);
		u32 base_us = 20 + xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 before_us = base_us, now_us;
		u64 damped = rate;

		for (n = 0; n < 20; n++) {
			now_us = base_us + xgs_random(&rnd, 3000);
			damped = xgs_damped(damped, base_us, before_us, now_us);
			before_us = now_us;
		}
		damped = xgs_damped(damped, base_us, before_us, base_us);
		KUNIT_ASSERT_LE(test, damped, rate);
		KUNIT_ASSERT_GE(test, damped, rate - rate / 1000000);
	}
}

/* -- bursts, window, pacing -------------------------------------------- */

static void burst_is_bounded(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve curve;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 11);
	for (i = 0; i < 100000; i++) {
		u64 rate = xgs_random(&rnd, XGS_RATE_MAX);
		u32 base_us = xgs_random(&rnd, U32_MAX);
		u32 mss = 1 + xgs_random(&rnd, 65535);
		bool fine = i % 2;
		u32 least = fine ? min(2 * mss, max(mss, 8192U)) : 2 * mss;
		u32 burst = xgs_burst_bytes(rate, base_us, mss, fine, &params);

		KUNIT_ASSERT_GE(test, burst, least);
		KUNIT_ASSERT_LE(test, burst, max(65536U, 2 * mss));
		KUNIT_ASSERT_LE(test, burst,
				xgs_burst_bytes(rate + rate / 2, base_us, mss,
						fine, &params));
		KUNIT_ASSERT_LE(test,
				xgs_burst_bytes(rate, base_us, mss, true,
						&params),
				xgs_burst_bytes(rate, base_us, mss, false,
						&params));
		xgs_curve_at(&curve, base_us, 0, &params);
		if (burst > least)
			KUNIT_ASSERT_LE(test, xgs_time_of(burst, rate),
					min(curve.lo_us, 1000U));
	}
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(0, 1000, MSS, false, &params),
			2 * MSS);
	KUNIT_EXPECT_EQ(test,
			xgs_burst_bytes(XGS_RATE_MAX, 1000, MSS, false, &params),
			65536U);
}

/* Where marks control, bursts are the same from everywhere. */
static void fine_bursts(struct kunit *test)
{
	u32 base_us;

	for (base_us = 20; base_us <= 200000; base_us += 7 + base_us / 10)
		KUNIT_ASSERT_EQ(test,
				xgs_burst_bytes(10 * GBIT, base_us, MSS, true,
						&defaults),
				(u32)(10 * GBIT / 1000000 * 15));
	/* A pair of small packets, one large one. */
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(0, 100, MSS, true, &defaults),
			2 * MSS);
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(0, 100, 4344, true, &defaults),
			8192U);
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(0, 100, 8948, true, &defaults),
			8948U);
}

static void fine_where_marks_control(struct kunit *test)
{
	struct xgs_law law = { .marks = 1 };

	KUNIT_EXPECT_TRUE(test, xgs_burst_is_fine(&law, 3));
	KUNIT_EXPECT_FALSE(test, xgs_burst_is_fine(&law, 2));
	law.marks = 0;
	KUNIT_EXPECT_FALSE(test, xgs_burst_is_fine(&law, 255));
}

/* Between the least and the most, a burst takes lo, or 30 us and R / 16. */
static void burst_uses_its_time(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(GBIT, 100000, MSS, false,
					      &defaults),
			(u32)(GBIT / 1000000 * 200));
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(GBIT, 1600, MSS, false,
					      &defaults),
			(u32)(GBIT / 1000000 * 130));
	KUNIT_EXPECT_EQ(test, xgs_burst_bytes(10 * GBIT, 0, MSS, false,
					      &defaults),
			(u32)(10 * GBIT / 1000000 * 30));
}

static void slow_far_flows_send_one_by_one(struct kunit *test)
{
	u32 slow = xgs_burst_bytes(GBIT / 50, 40000, MSS, false, &defaults);
	u32 fast = xgs_burst_bytes(GBIT, 40000, MSS, false, &defaults);

	KUNIT_EXPECT_EQ(test, slow, 2 * MSS);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(slow, 40000, MSS, true), 1U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(slow, 2048, MSS, true), 1U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(slow, 2047, MSS, true), 2U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(fast, 40000, MSS, true),
			fast / MSS);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(3 * MSS, 40000, MSS, true), 3U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(0, 0, 0, true), 1U);
	/* Where nothing marks a pair costs half, if it is a small one. */
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(slow, 40000, MSS, false), 2U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(2 * 4096, 40000, 4096, false),
			2U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(2 * 4097, 40000, 4097, false),
			1U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(0, 40000, 0, false), 1U);
	KUNIT_EXPECT_EQ(test, xgs_burst_packets(U32_MAX, 0, 1, true),
			U32_MAX);
}

static void little_waits_in_the_host(struct kunit *test)
{
	u32 base_us, shift;

	KUNIT_EXPECT_EQ(test, xgs_pacing_shift(0), 12U);
	KUNIT_EXPECT_EQ(test, xgs_pacing_shift(2047), 12U);
	KUNIT_EXPECT_EQ(test, xgs_pacing_shift(2048), 11U);
	KUNIT_EXPECT_EQ(test, xgs_pacing_shift(4095), 11U);
	KUNIT_EXPECT_EQ(test, xgs_pacing_shift(4096), 10U);
	KUNIT_EXPECT_EQ(test, xgs_pacing_shift(U32_MAX), 10U);
	for (base_us = 1024; base_us < 100000; base_us += 7) {
		shift = xgs_pacing_shift(base_us);
		KUNIT_ASSERT_LE(test, 1000000U >> shift, base_us / 4);
		KUNIT_ASSERT_GE(test, 1000000U >> shift,
				min(base_us / 10, 976U));
	}
}

static void window_against_an_oracle(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve curve;
	struct xgs_law law;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 12);
	for (i = 0; i < 100000; i++) {
		u32 base_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 burst_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 mss = 1 + xgs_random(&rnd, 65535);
		u64 bytes;
		u32 window;

		xgs_start_begin(&law, 0, xgs_random(&rnd, XGS_RATE_MAX), 0);
		law.marks = i % 2;
		window = xgs_law_window(&law, base_us, burst_us, mss, &params);
		KUNIT_ASSERT_GE(test, window, params.min_cwnd);
		KUNIT_ASSERT_LE(test, window, PACKETS_MAX);
		if (window == params.min_cwnd || window == PACKETS_MAX)
			continue;
		/* The whole packets, and one for the rest. */
		xgs_curve_at(&curve, base_us, burst_us, &params);
		bytes = xgs_bytes_in(law.rate, base_us +
				     (law.marks ? curve.slack_marks_us :
						  curve.slack_us));
		KUNIT_ASSERT_TRUE(test, xgs_is_quotient(window - 1, bytes, 1,
							mss));
	}
}

static void window_at_the_maxima(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_law law;

	xgs_start_begin(&law, 0, U64_MAX, 0);
	KUNIT_EXPECT_EQ(test, law.rate, XGS_RATE_MAX);
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, XGS_RTT_MAX_US, 0, 1,
					     &params), PACKETS_MAX);
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, U32_MAX, U32_MAX, 1,
					     &params), PACKETS_MAX);
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, U32_MAX, U32_MAX, 0,
					     &params), PACKETS_MAX);
	/* 200 GB in flight: more than 2^32 bytes, in whole packets. */
	KUNIT_EXPECT_GE(test, xgs_law_window(&law, XGS_RTT_MAX_US, 0, MSS,
					     &params),
			(u32)(XGS_RATE_MAX / MSS));
	KUNIT_EXPECT_LE(test, xgs_law_window(&law, XGS_RTT_MAX_US, 0, MSS,
					     &params),
			(u32)(XGS_RATE_MAX / MSS * 5 / 4));

	xgs_start_begin(&law, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, 0, 0, MSS, &params),
			params.min_cwnd);
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, 0, 0, U32_MAX, &params),
			params.min_cwnd);
}

/* Where a switch marks late, the window lets a near flow into its queue. */
static void window_follows_what_is_not_marked(struct kunit *test)
{
	struct xgs_law law = {
		.mode = XGS_CRUISE, .rate = GBIT, .marks = 1, .before_us = 100,
	};
	u32 none = xgs_law_window(&law, 100, 0, MSS, &defaults);
	u32 all, half;

	law.before_us = 600;
	all = xgs_law_window(&law, 100, 0, MSS, &defaults);
	KUNIT_EXPECT_GE(test, all, none + (u32)(GBIT / 2000 / MSS));
	KUNIT_EXPECT_LE(test, all, none + (u32)(GBIT / 2000 / MSS) + 1);
	law.alpha = XGS_FRAC_ONE / 2;
	half = xgs_law_window(&law, 100, 0, MSS, &defaults);
	KUNIT_EXPECT_GE(test, half, none + (u32)(GBIT / 4000 / MSS));
	KUNIT_EXPECT_LE(test, half, none + (u32)(GBIT / 4000 / MSS) + 1);
	/* Not what is marked, nor what was before the path began to mark. */
	law.alpha = XGS_FRAC_ONE;
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, 100, 0, MSS, &defaults),
			none);
	law.alpha = 0;
	law.before_us = 0;
	KUNIT_EXPECT_EQ(test, xgs_law_window(&law, 100, 0, MSS, &defaults),
			none);
}

/* The window holds the path and what the law tolerates, not much more. */
static void window_has_no_step(struct kunit *test)
{
	static const u64 rates[] = { GBIT / 100, GBIT, 100 * GBIT,
				     XGS_RATE_MAX };
	struct xgs_law_params params = xgs_corner_params(test);
	/* One for the path, and what may grow with it in a microsecond. */
	u32 most_us = 4 + 5 * params.delay_target_pct / 100;
	struct xgs_law law;
	size_t i;
	u32 us;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		u64 most = most_us * rates[i] / USEC_PER_SEC / MSS + 2;
		u32 before = params.min_cwnd;

		xgs_start_begin(&law, 0, rates[i], 0);
		for (us = 1; us <= XGS_RTT_MAX_US; us++) {
			u32 window = xgs_law_window(&law, us, 0, MSS, &params);

			KUNIT_ASSERT_GE_MSG(test, window, before,
					    "at %u us", us);
			if (us > 1)
				KUNIT_ASSERT_LE_MSG(test, window - before,
						    most, "at %u us", us);
			KUNIT_ASSERT_GE_MSG(test, (u64)window * MSS,
					    xgs_bytes_in(law.rate, us),
					    "at %u us", us);
			before = window;
		}
	}
}

static void window_grows_with_rate(struct kunit *test)
{
	struct xgs_law slow, fast;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 13);
	for (i = 0; i < 100000; i++) {
		u64 rate = xgs_random(&rnd, XGS_RATE_MAX);
		u32 us = xgs_random(&rnd, XGS_RTT_MAX_US);

		xgs_start_begin(&slow, 0, rate, 0);
		xgs_start_begin(&fast, 0, rate + rate / 8 + 1, 0);
		KUNIT_ASSERT_LE(test,
				xgs_law_window(&slow, us, 0, MSS, &defaults),
				xgs_law_window(&fast, us, 0, MSS, &defaults));
	}
}

static void pacing_by_mode(struct kunit *test)
{
	u64 rate;

	for (rate = slowest_rate(); rate <= XGS_RATE_MAX; rate *= 3) {
		struct xgs_law law = { .rate = rate, .mode = XGS_START };

		/* Twice per round trip, or faster, is what a start is. */
		KUNIT_EXPECT_GE(test, xgs_law_pacing(&law), 2 * rate);
		KUNIT_EXPECT_LE(test, xgs_law_pacing(&law), 3 * rate);
		law.mode = XGS_SETTLE;
		KUNIT_EXPECT_LE(test, xgs_law_pacing(&law), rate);
		KUNIT_EXPECT_GE(test, xgs_law_pacing(&law), rate * 7 / 8);
		law.mode = XGS_CRUISE;
		KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), rate);
		law.draining = 1;
		KUNIT_EXPECT_LT(test, xgs_law_pacing(&law), rate * 7 / 8);
		KUNIT_EXPECT_GE(test, xgs_law_pacing(&law), rate / 2);
	}
}

/* Two and a half packets of 1448 bytes per millisecond are 3.62 MB/s. */
static void pacing_keeps_two_packets_apart(struct kunit *test)
{
	struct xgs_law law = {};

	KUNIT_EXPECT_EQ(test, xgs_law_pacing_least(&law, MSS, 1000), 3620000ULL);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing_least(&law, MSS, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing_least(&law, U32_MAX, 1),
			XGS_RATE_MAX);
	/* Unless too much is lost. */
	law.flood = 1;
	KUNIT_EXPECT_EQ(test, xgs_law_pacing_least(&law, MSS, 1000), 0ULL);
}

static struct kunit_case law_cases[] = {
	KUNIT_CASE_PARAM(curve_has_no_step, xgs_corner_gen_params),
	KUNIT_CASE_PARAM(curve_is_sane, xgs_corner_gen_params),
	KUNIT_CASE(curve_ends_at_one_second),
	KUNIT_CASE(curve_as_documented),
	KUNIT_CASE_PARAM(curve_follows_the_operator, xgs_corner_gen_params),
	KUNIT_CASE_PARAM(curve_allows_for_bursts, xgs_corner_gen_params),
	KUNIT_CASE(time_of_bytes),
	KUNIT_CASE(bytes_in_a_time),
	KUNIT_CASE(rate_of_bytes),
	KUNIT_CASE(marks_at_the_edges),
	KUNIT_CASE(marks_against_an_oracle),
	KUNIT_CASE(marks_live_for_a_second),
	KUNIT_CASE(no_marks_are_not_live),
	KUNIT_CASE(delay_at_the_edges),
	KUNIT_CASE(delay_against_an_oracle),
	KUNIT_CASE(queue_ahead_of_a_steady_flow),
	KUNIT_CASE(queue_ahead_grows_and_drains),
	KUNIT_CASE(queue_ahead_is_bounded),
	KUNIT_CASE(drift_becomes_what_repeats),
	KUNIT_CASE(drift_is_bounded),
	KUNIT_CASE(drift_against_an_oracle),
	KUNIT_CASE_PARAM(step_moves_every_rate, xgs_corner_gen_params),
	KUNIT_CASE(step_against_an_oracle),
	KUNIT_CASE(step_is_ever_gentler),
	KUNIT_CASE(step_scales_with_gain),
	KUNIT_CASE(cut_is_the_product),
	KUNIT_CASE(cut_is_bounded_and_monotonic),
	KUNIT_CASE(fair_rate_by_hand),
	KUNIT_CASE(fair_rate_is_the_equilibrium),
	KUNIT_CASE(fair_alpha_by_hand),
	KUNIT_CASE(fair_alpha_is_the_inverse),
	KUNIT_CASE(cut_of_a_long_round),
	KUNIT_CASE(damped_by_hand),
	KUNIT_CASE(damping_is_memoryless),
	KUNIT_CASE_PARAM(burst_is_bounded, xgs_corner_gen_params),
	KUNIT_CASE(burst_uses_its_time),
	KUNIT_CASE(fine_bursts),
	KUNIT_CASE(fine_where_marks_control),
	KUNIT_CASE(slow_far_flows_send_one_by_one),
	KUNIT_CASE(little_waits_in_the_host),
	KUNIT_CASE_PARAM(window_against_an_oracle, xgs_corner_gen_params),
	KUNIT_CASE_PARAM(window_at_the_maxima, xgs_corner_gen_params),
	KUNIT_CASE(window_follows_what_is_not_marked),
	KUNIT_CASE_PARAM(window_has_no_step, xgs_corner_gen_params),
	KUNIT_CASE(window_grows_with_rate),
	KUNIT_CASE(pacing_by_mode),
	KUNIT_CASE(pacing_keeps_two_packets_apart),
	{}
};

static struct kunit_suite law_suite = {
	.name = "tcp_xgs_law",
	.test_cases = law_cases,
};

kunit_test_suite(law_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of the arithmetic of tcp_xgs");
MODULE_LICENSE("GPL");
