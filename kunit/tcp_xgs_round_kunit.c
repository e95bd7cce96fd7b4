// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the control law round by round: how the start ends, what congestion
 * does and what it never does, when the distance is learnt anew.
 *
 * Rounds are made up one by one here. Whether the law fills a path and keeps
 * its queue short is asked in tcp_xgs_path_kunit.c.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/module.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../tcp_xgs/law.h"
#include "../tcp_xgs/start.h"
#include "params.h"
#include "random.h"
#include "rounds.h"

#define METRO_US	2000U

/* The same with so many of 1000 packets marked. */
static struct xgs_round marked_round(const struct xgs_law *law, u32 base_us,
				     u32 marked)
{
	struct xgs_round round = calm(law, base_us);

	round.marked = marked;
	round.marks_live = true;
	return round;
}

static void cruise_at(struct kunit *test, struct xgs_law *law, u64 rate,
		      u32 base_us)
{
	struct xgs_round round;

	xgs_start_begin(law, FAR_US, rate, 0);
	xgs_start_end(law, rate);
	round = calm(law, base_us);
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, (int)law->mode, (int)XGS_CRUISE);
	expect_proven(test, law->rate, rate);
	law->rate = rate;
}

/* -- without congestion ------------------------------------------------ */

static void clear_rounds_raise(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	u32 base_us, i;

	for (base_us = 10; base_us <= XGS_RTT_MAX_US; base_us *= 10) {
		struct xgs_round round;
		struct xgs_law law;
		u64 before;

		cruise_at(test, &law, GBIT, base_us);
		for (i = 0; i < 5000; i++) {
			before = law.rate;
			round = calm(&law, base_us);
			KUNIT_ASSERT_EQ(test, (int)xgs_law_round(&law, &round,
								 &params),
					(int)XGS_CLEAR);
			if (law.rate == XGS_RATE_MAX)
				break;
			KUNIT_ASSERT_GT(test, law.rate, before);
			KUNIT_ASSERT_LE(test, law.rate, before + before / 8);
		}
		/* From 1 Gbit/s to 1.6 Tbit/s, if the path is that fast. */
		KUNIT_ASSERT_EQ(test, law.rate, XGS_RATE_MAX);
	}
}

/*
 * However long it has been free of congestion, a far flow takes a step, or what
 * makes a queue of hi within a round trip.
 */
static void far_raises_are_bounded(struct kunit *test)
{
	static const u32 bases[] = { 30000, FAR_US, 150000 };
	struct xgs_curve curve;
	struct xgs_round round;
	struct xgs_law law;
	u64 before, most, step;
	size_t nr;
	u32 i;

	for (nr = 0; nr < ARRAY_SIZE(bases); nr++) {
		xgs_curve_at(&curve, bases[nr], 0, &defaults);
		cruise_at(test, &law, GBIT, bases[nr]);
		for (i = 0; i < 100; i++) {
			before = law.rate;
			most = div_u64(before * curve.hi_us, bases[nr]);
			most = min(most, before / 8);
			step = xgs_step(before, curve.gain);
			round = calm(&law, bases[nr]);
			xgs_law_round(&law, &round, &defaults);
			KUNIT_ASSERT_LE(test, law.rate,
					before + max(most + 1, step));
		}
		/* And yet it has found a link ten times as fast by then. */
		if (bases[nr] <= FAR_US)
			KUNIT_EXPECT_GE(test, law.rate, 10 * GBIT);
	}
}

/* The rate to come back to is one that the path has carried. */
static void the_way_back_ends_at_what_was_carried(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	round = calm(&law, FAR_US);
	xgs_law_round(&law, &round, &defaults);
	law.rate = 2 * GBIT;
	round = marked_round(&law, FAR_US, 1000);
	round.bw = GBIT;
	round.ack_bw = GBIT;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_GE(test, law.rate_full, GBIT);
	KUNIT_EXPECT_LE(test, law.rate_full, GBIT + GBIT / 8);
}

static void a_raise_needs_proof(struct kunit *test)
{
	/* A quarter more, and a burst per round trip. */
	const u64 most = GBIT + GBIT / 4 + xgs_rate_of(2 * MSS, REGION_US);
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < 1000; i++) {
		round = calm(&law, REGION_US);
		round.bw = GBIT;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_LE(test, law.rate, most);
	}
	for (i = 0; i < 1000; i++) {
		round = calm(&law, REGION_US);
		round.bw = 0;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_LE(test, law.rate, most);
	}
}

/*
 * Of a rate that is one to four bursts per round trip a sample sees whole bursts
 * only: at the most unlucky the rate is never seen carried.
 */
static void a_few_bursts_are_proof(struct kunit *test)
{
	const u64 burst = xgs_rate_of(2 * MSS, REGION_US);
	u32 bursts, i;

	for (bursts = 4; bursts <= 16; bursts++) {
		u64 rate = burst / 4 * bursts - 64;
		struct xgs_round round;
		struct xgs_law law;

		cruise_at(test, &law, rate, REGION_US);
		law.bw[0] = 0;
		for (i = 0; i < 2000 && law.rate < 8 * burst; i++) {
			round = calm(&law, REGION_US);
			round.bw = max(div64_u64(law.rate, burst), 1ULL) * burst;
			round.ack_bw = round.bw;
			xgs_law_round(&law, &round, &defaults);
		}
		KUNIT_EXPECT_LT(test, i, 2000U);
	}
}

static void proof_lasts(struct kunit *test, u32 rounds_before)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < rounds_before + 33; i++) {
		round = calm(&law, REGION_US);
		round.bw = i == rounds_before ? 2 * GBIT : GBIT;
		/* This proves nothing. */
		if (i == rounds_before + 4) {
			round.bw = 3 * GBIT;
			round.app_limited = true;
		}
		xgs_law_round(&law, &round, &defaults);
		if (i >= rounds_before && i <= rounds_before + 8)
			KUNIT_EXPECT_EQ(test, xgs_law_bw(&law),
					2 * GBIT);
	}
	KUNIT_EXPECT_EQ(test, xgs_law_bw(&law), GBIT);
}

/* A rate is believed for eight rounds more, and forgotten within thirty-two. */
static void proof_is_forgotten(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 20; i++)
		proof_lasts(test, i);
}

/* A round that took long raises more, but not for ever. */
static void long_rounds_raise_more(struct kunit *test)
{
	u64 raise[3];
	static const u32 rtts[] = { 1, 4, 1000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rtts); i++) {
		struct xgs_round round;
		struct xgs_law law;

		cruise_at(test, &law, 10 * GBIT, REGION_US);
		round = calm(&law, REGION_US);
		round.elapsed_us = rtts[i] * REGION_US;
		xgs_law_round(&law, &round, &defaults);
		raise[i] = law.rate - 10 * GBIT;
	}
	KUNIT_EXPECT_EQ(test, raise[1], 4 * raise[0]);
	KUNIT_EXPECT_GE(test, raise[2], raise[1]);
	KUNIT_EXPECT_LE(test, raise[2], 16 * raise[0]);
}

/* Half lost to congestion comes back sooner than it came at first. */
static void a_lost_share_is_taken_back(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, 100 * GBIT, FAR_US);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_ASSERT_EQ(test, law.rate, 50 * GBIT);
	for (i = 0; i < 16 && law.rate < 90 * GBIT; i++) {
		round = calm(&law, FAR_US);
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_LT(test, i, 16U);
}

static void app_limited_rounds_change_nothing(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 2);
	for (i = 0; i < 10000; i++) {
		u32 base_us = 1 + xgs_random(&rnd, XGS_RTT_MAX_US - 1);
		struct xgs_round round;
		struct xgs_law law;
		u64 rate = any_rate(&rnd);

		cruise_at(test, &law, rate, base_us);
		round = calm(&law, base_us);
		round.app_limited = true;
		round.rtt_us += xgs_random(&rnd, XGS_RTT_MAX_US);
		round.marked = xgs_random(&rnd, round.delivered);
		round.bw = xgs_random(&rnd, XGS_RATE_MAX);
		KUNIT_ASSERT_EQ(test, (int)xgs_law_round(&law, &round, &params),
				(int)XGS_CLEAR);
		KUNIT_ASSERT_EQ(test, law.rate, rate);
	}
}

/* After a pause the stack calls a whole window limited by the application. */
static void a_full_round_is_not_limited(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	round = calm(&law, FAR_US);
	round.delivered = div_u64(xgs_bytes_in(GBIT, FAR_US), MSS);
	KUNIT_EXPECT_TRUE(test, xgs_law_fills(&law, &round));
	round.elapsed_us *= 2;
	KUNIT_EXPECT_FALSE(test, xgs_law_fills(&law, &round));
	round.elapsed_us /= 2;
	round.delivered = round.delivered / 8 * 6;
	KUNIT_EXPECT_FALSE(test, xgs_law_fills(&law, &round));
	/* A request that is over within a short round trip. */
	round = calm(&law, 1000);
	round.delivered = div_u64(xgs_bytes_in(GBIT, 1000), MSS);
	KUNIT_EXPECT_FALSE(test, xgs_law_fills(&law, &round));
}

static void bursts_begin_below_the_last_congestion(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	law.rate = GBIT + GBIT / 8;
	xgs_law_resume(&law, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT + GBIT / 8);
	round = marked_round(&law, FAR_US, 1);
	xgs_law_round(&law, &round, &defaults);
	law.rate_full = GBIT;
	law.rate = GBIT + GBIT / 8;
	xgs_law_resume(&law, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT - GBIT / 16);
	/* Pause after pause the same. */
	xgs_law_resume(&law, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT - GBIT / 16);
	KUNIT_EXPECT_EQ(test, law.rate_full, GBIT);
	law.rate = GBIT / 2;
	xgs_law_resume(&law, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	/* Nor does what was too much long ago. */
	law.rate_full = GBIT / 4;
	law.clean = 16;
	xgs_law_resume(&law, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	/* Near by it goes on as it was. */
	law.clean = 0;
	law.rate_full = GBIT / 2;
	law.rate = GBIT;
	xgs_law_resume(&law, 100);
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 128 * 127);
	law.rate = GBIT / 2;
	/* Beside a rival pauses are no reason to give way. */
	law.rate_full = GBIT / 4;
	law.mode = XGS_COMPETE;
	xgs_law_resume(&law, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
}

static void a_step_begins_with_the_mean(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	law.rate_full = GBIT + GBIT / 8;
	xgs_law_level(&law, GBIT / 2, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	KUNIT_EXPECT_EQ(test, law.rate_full, GBIT / 2 + GBIT / 8);
	/* What it remembers is below what it has. */
	law.rate_full = GBIT / 4;
	xgs_law_level(&law, GBIT, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, law.rate_full, GBIT);
	law.rate_full = XGS_RATE_MAX;
	xgs_law_level(&law, XGS_RATE_MAX, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, XGS_RATE_MAX);
	KUNIT_EXPECT_EQ(test, law.rate_full, XGS_RATE_MAX);
	/* Half of the way at 8 ms, and none in a rack. */
	law.rate_full = GBIT;
	law.rate = GBIT;
	xgs_law_level(&law, GBIT / 2, 8192);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 4 * 3);
	law.rate = GBIT;
	xgs_law_level(&law, GBIT / 2, 0);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	/* Neither before it has a rate nor beside a rival. */
	law.rate = GBIT;
	law.mode = XGS_COMPETE;
	xgs_law_level(&law, GBIT / 2, FAR_US);
	law.mode = XGS_START;
	xgs_law_level(&law, GBIT / 2, FAR_US);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
}

/* -- alpha --------------------------------------------------------------- */

/* What alpha makes of one round that is all marked or delayed, from nothing. */
static u32 alpha_after(struct kunit *test, u32 base_us, bool marks)
{
	struct xgs_round round;
	struct xgs_curve curve;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, base_us);
	law.alpha = 0;
	xgs_curve_at(&curve, base_us, 0, &defaults);
	round = calm(&law, base_us);
	if (marks)
		round = marked_round(&law, base_us, 1000);
	else
		round.rtt_us += 2 * curve.hi_us;
	xgs_law_round(&law, &round, &defaults);
	return law.alpha;
}

/* Marks over 16 rounds; delay over half a second, but 128 rounds at most. */
static void alpha_averages_time_where_nothing_marks(struct kunit *test)
{
	static const u32 bases[] = { 20, 100, METRO_US, REGION_US, FAR_US };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		KUNIT_EXPECT_EQ(test, alpha_after(test, bases[i], true),
				XGS_FRAC_ONE / 16);
	KUNIT_EXPECT_EQ(test, alpha_after(test, 200000, false),
			XGS_FRAC_ONE / 16);
	KUNIT_EXPECT_EQ(test, alpha_after(test, FAR_US, false),
			XGS_FRAC_ONE / 16);
	KUNIT_EXPECT_EQ(test, alpha_after(test, 16384, false),
			XGS_FRAC_ONE / 32);
	KUNIT_EXPECT_EQ(test, alpha_after(test, 8192, false),
			XGS_FRAC_ONE / 64);
	KUNIT_EXPECT_EQ(test, alpha_after(test, 4096, false),
			XGS_FRAC_ONE / 128);
	KUNIT_EXPECT_EQ(test, alpha_after(test, 100, false),
			XGS_FRAC_ONE / 128);
}

/*
 * The fraction that the law saw in a round with that queue whose ACKs came at the
 * rate less 2^-@shift of it.
 */
static u32 fraction_seen(struct kunit *test, u32 base_us, u32 queue_us, u32 shift)
{
	u64 rate = XGS_RATE_MAX;	/* where an increase is tiny */
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, rate, base_us);
	law.alpha = 0;
	round = calm(&law, base_us);
	round.rtt_us += queue_us;
	round.ack_bw = rate - (rate >> shift);
	xgs_law_round(&law, &round, &defaults);
	return law.alpha * ((1U << 20) / clamp(2 * base_us, 8192U, 65536U));
}

/* Three round trips ahead where it is far, two at 2 ms, about one in a rack. */
static void the_law_looks_ahead(struct kunit *test)
{
	static const struct {
		u32 base_us;
		u32 rtts;
		u32 shift;
	} ways[] = {
		{ 50, 1, 7 }, { 2048, 2, 4 }, { 4096, 3, 4 },
		{ 20000, 3, 5 }, { FAR_US, 3, 6 }, { 100000, 3, 7 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		u32 even_us = ways[i].rtts * min(3 * ways[i].base_us / 512,
						 350U);
		u32 span_us = ways[i].rtts * ways[i].base_us;
		struct xgs_curve curve;
		u32 queue_us, expected, seen, growth_us;

		xgs_curve_at(&curve, ways[i].base_us, 0, &defaults);
		queue_us = curve.lo_us + 1;
		/* Two increases of up to 0.06 % and what is even are left out. */
		growth_us = span_us / ((1U << ways[i].shift) - 1);
		growth_us -= span_us / 800 + even_us * 33 / 32;
		expected = xgs_delay_fraction(queue_us + growth_us,
					      curve.lo_us, curve.hi_us);
		KUNIT_ASSERT_LT(test, expected, XGS_FRAC_ONE);
		seen = fraction_seen(test, ways[i].base_us, queue_us,
				     ways[i].shift);
		/* Up to a sixteenth of it goes into the drift at once. */
		KUNIT_EXPECT_GE_MSG(test, seen + 128 + expected / 16, expected,
				    "at %u us", ways[i].base_us);
		KUNIT_EXPECT_LE_MSG(test, seen, expected / 4 * 5 + 128,
				    "at %u us", ways[i].base_us);
	}
}

/* Half a per cent above what is delivered is no growth, but 0.35 ms a round trip is. */
static void nearly_even_rates_are_even(struct kunit *test)
{
	struct xgs_curve curve;
	u32 here;

	xgs_curve_at(&curve, FAR_US, 0, &defaults);
	here = xgs_delay_fraction(1000, curve.lo_us, curve.hi_us);
	KUNIT_EXPECT_LE(test, fraction_seen(test, FAR_US, 1000, 8), here);
	KUNIT_EXPECT_GT(test, fraction_seen(test, FAR_US, 1000, 6), here);
	KUNIT_EXPECT_GT(test, fraction_seen(test, 200000, 1000, 7), 2 * here);
	/* Nearer it would stand for good, at the expense of who is nearest. */
	KUNIT_EXPECT_GT(test, fraction_seen(test, 5000, 1000, 8),
			here + XGS_FRAC_ONE / 100);
}

/* The congestion that a queue stands for which stays, whatever its ACKs say. */
static u32 alpha_of_a_queue(struct kunit *test, u32 base_us, u32 queue_us,
			    s64 faster)
{
	struct xgs_law_params params = defaults;
	u64 rate = XGS_RATE_MAX / 2;	/* where an increase is tiny */
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	params.relearn_rounds = 0;
	cruise_at(test, &law, rate, base_us);
	for (i = 0; i < 10000; i++) {
		law.rate = rate;
		round = calm(&law, base_us);
		round.rtt_us += queue_us;
		round.ack_bw = rate + faster;
		xgs_law_round(&law, &round, &params);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	}
	return law.alpha;
}

/* A queue that always seems to grow, or to fall, and stays, is what it is. */
static void growth_that_never_comes_is_none(struct kunit *test)
{
	static const struct {
		u32 base_us;
		u32 shift;
	} ways[] = { { 2500, 5 }, { 10000, 7 }, { 30000, 10 } };
	struct xgs_curve curve;
	u32 expected, seen, queue_us;
	size_t i;
	s64 off;
	int way;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		xgs_curve_at(&curve, ways[i].base_us, 0, &defaults);
		queue_us = (curve.lo_us + curve.hi_us) / 2;
		expected = XGS_FRAC_ONE / 2;
		off = (XGS_RATE_MAX / 2) >> ways[i].shift;
		for (way = -1; way <= 1; way++) {
			seen = alpha_of_a_queue(test, ways[i].base_us, queue_us,
						way * off);
			KUNIT_EXPECT_GE_MSG(test, seen + XGS_FRAC_ONE / 50,
					    expected, "at %u us", ways[i].base_us);
			KUNIT_EXPECT_LE_MSG(test, seen,
					    expected + XGS_FRAC_ONE / 50,
					    "at %u us", ways[i].base_us);
		}
	}
}

/* What is foreseen beyond hi is answered like hi, and averaged like it. */
static void growth_counts_up_to_hi(struct kunit *test)
{
	struct xgs_curve curve;
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	xgs_curve_at(&curve, FAR_US, 0, &defaults);
	round = calm(&law, FAR_US);
	round.rtt_us += curve.lo_us + 100;
	round.ack_bw = law.rate / 2;	/* 180 ms in three round trips */
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_GT(test, (s32)law.drift, 0);
	KUNIT_EXPECT_LE(test, (s32)law.drift,
			(s32)(curve.hi_us * XGS_DRIFT_ONE / 16));
}

/* Where there is no queue a drift from before makes none. */
static void drift_is_no_queue(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_curve curve;
	struct xgs_law law;

	xgs_curve_at(&curve, REGION_US, 0, &defaults);
	cruise_at(test, &law, GBIT, REGION_US);
	law.drift = -600 * XGS_DRIFT_ONE;
	round = calm(&law, REGION_US);
	round.rtt_us += curve.lo_us / 4;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_CLEAR);
	/* What is seen of a queue may be the end of one. */
	law.drift = -600 * XGS_DRIFT_ONE;
	round = calm(&law, REGION_US);
	round.rtt_us += curve.lo_us / 4 + 1;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_DELAY);
	/* Where the path marks it means nothing, nor is it learnt. */
	cruise_at(test, &law, GBIT, REGION_US);
	law.drift = -600 * XGS_DRIFT_ONE;
	round = marked_round(&law, REGION_US, 0);
	round.rtt_us += curve.lo_us;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (s32)law.drift, -600 * XGS_DRIFT_ONE);
}

/* The part of a rate that a round of delay takes, 2^-20. */
static u64 cut_by_delay(struct kunit *test, u32 base_us, u32 alpha)
{
	struct xgs_round round;
	struct xgs_curve curve;
	struct xgs_law law;

	cruise_at(test, &law, XGS_RATE_MAX / 2, base_us);
	law.alpha = alpha;
	xgs_curve_at(&curve, base_us, 0, &defaults);
	round = calm(&law, base_us);
	round.bw = 0;
	round.rtt_us += 2 * curve.hi_us;
	xgs_law_round(&law, &round, &defaults);
	return div64_u64((XGS_RATE_MAX / 2 - law.rate) << 20, XGS_RATE_MAX / 2);
}

/* News counts in full up to 20 ms; what alpha knows already does everywhere. */
static void news_from_far_away_is_taken_calmly(struct kunit *test)
{
	u32 alpha = XGS_FRAC_ONE / 8, after = alpha + (XGS_FRAC_ONE - alpha) / 16;
	u32 base_us;

	for (base_us = 40000; base_us <= 160000; base_us *= 2) {
		u32 calm = after + (XGS_FRAC_ONE - after) / (base_us / 20000);
		u64 cut = cut_by_delay(test, base_us, alpha);
		u64 own = xgs_cut(calm, after, XGS_GAIN_ONE, XGS_RTTS_ONE);
		/* So fast a flow has too much with that alpha. */
		u32 much = base_us < 100000 ? XGS_CUT_ONE / 64 : 0;

		KUNIT_EXPECT_LE_MSG(test, cut, own + much, "at %u us", base_us);
		if (much)
			KUNIT_EXPECT_GT_MSG(test, cut, own, "at %u us",
					    base_us);
		KUNIT_EXPECT_GE_MSG(test, cut + 200, own / 8 * 7, "at %u us",
				    base_us);
	}
	KUNIT_EXPECT_GE(test, cut_by_delay(test, 20000, alpha) + 200,
			xgs_cut(XGS_FRAC_ONE, after, XGS_GAIN_ONE,
				XGS_RTTS_ONE) / 8 * 7);
}

/* A calm flow has no reason to rise as long as alpha holds it. */
static void clear_rounds_go_by_alpha_far_away(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 before;

	cruise_at(test, &law, GBIT, FAR_US);
	law.rate_full = GBIT;
	law.alpha = XGS_FRAC_ONE / 2;
	round = calm(&law, FAR_US);
	law.clean = 8;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	/* alpha forgets, and it does. */
	before = law.rate;
	law.alpha = xgs_fair_alpha(GBIT);
	round = calm(&law, FAR_US);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_GT(test, law.rate, before);
	KUNIT_EXPECT_LT(test, law.rate,
			before + xgs_step(before, XGS_GAIN_ONE) * 2 / 3);
	/* Nearer than 20 ms there is a whole step, and where the path marks. */
	cruise_at(test, &law, GBIT, 20000);
	law.alpha = XGS_FRAC_ONE / 2;
	law.clean = 8;
	round = calm(&law, 20000);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_GE(test, law.rate, GBIT + xgs_step(GBIT, XGS_GAIN_ONE));
	cruise_at(test, &law, GBIT, FAR_US);
	law.alpha = XGS_FRAC_ONE / 2;
	round = marked_round(&law, FAR_US, 0);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_GE(test, law.rate, GBIT + xgs_step(GBIT, XGS_GAIN_ONE));
}

static u64 given_up(struct kunit *test, u32 base_us, u32 alpha, u32 clean,
		    bool marks)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, base_us);
	law.rate_full = GBIT;
	law.alpha = alpha;
	law.clean = clean;
	round = calm(&law, base_us);
	round.marks_live = marks;
	xgs_law_round(&law, &round, &defaults);
	if (law.rate < GBIT)
		KUNIT_EXPECT_LE(test, law.rate_full, law.rate);
	return GBIT - min(law.rate, GBIT);
}

/* Who meets more congestion than is in balance with his rate has too much. */
static void a_surplus_is_given_up(struct kunit *test)
{
	u32 fair = xgs_fair_alpha(GBIT);

	KUNIT_EXPECT_GT(test, given_up(test, FAR_US, 3 * fair, 0, false),
			GBIT / 128);
	KUNIT_EXPECT_LE(test, given_up(test, FAR_US, 4 * fair, 0, false),
			GBIT / 64);
	KUNIT_EXPECT_GT(test, given_up(test, FAR_US, 3 * fair, 3, false), 0ULL);
	/* Not alone, nor when it is over, nor where alpha is old or marks tell. */
	KUNIT_EXPECT_EQ(test, given_up(test, FAR_US, fair * 5 / 4, 0, false),
			0ULL);
	KUNIT_EXPECT_EQ(test, given_up(test, FAR_US, 3 * fair, 4, false), 0ULL);
	KUNIT_EXPECT_EQ(test, given_up(test, 100000, 3 * fair, 0, false), 0ULL);
	KUNIT_EXPECT_EQ(test, given_up(test, FAR_US, 3 * fair, 0, true), 0ULL);
}

/* A cut drains its queue within a round, or within 100 ms. */
static void far_cuts_give_their_part(struct kunit *test)
{
	static const u32 bases[] = { REGION_US, FAR_US, 100000, 200000 };
	u64 rate = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xgs_round round;
		struct xgs_curve curve;
		struct xgs_law law;
		u32 most;

		cruise_at(test, &law, GBIT, bases[i]);
		law.alpha = XGS_FRAC_ONE;
		xgs_curve_at(&curve, bases[i], 0, &defaults);
		round = calm(&law, bases[i]);
		round.bw = 0;
		round.rtt_us += curve.lo_us + 1500;
		xgs_law_round(&law, &round, &defaults);
		most = 1000 * 1500 / (min(bases[i], 100000U) +
				      curve.lo_us + 1500);
		/* And what it has too much, 1.6 %. */
		if (bases[i] < 100000)
			most += 16;
		KUNIT_EXPECT_GE(test, law.rate, GBIT / 1000 * (999 - most));
		if (bases[i] >= 100000)
			KUNIT_EXPECT_LE(test, law.rate,
					GBIT / 1000 * (1001 - most) +
					xgs_step(GBIT, curve.gain));
		/* From there on all give the same. */
		if (bases[i] > 100000)
			KUNIT_EXPECT_EQ(test, law.rate, rate);
		rate = law.rate;
	}
}

/* -- flows of one path ------------------------------------------------- */

static void what_a_flow_claims(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 2, FAR_US),
			(u32)(GBIT >> XGS_RATE_SHIFT));
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 1, FAR_US), 0U);
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 0, FAR_US), 0U);
	/* Near by rounds are short; 255 is all that is counted. */
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 199, 100), 0U);
	KUNIT_EXPECT_NE(test, xgs_law_claim(&law, 200, 100), 0U);
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 254, 1), 0U);
	KUNIT_EXPECT_NE(test, xgs_law_claim(&law, 255, 1), 0U);
	KUNIT_EXPECT_NE(test, xgs_law_claim(&law, 255, 0), 0U);
	law.rate = XGS_RATE_MAX;
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 255, FAR_US),
			(u32)(XGS_RATE_MAX >> XGS_RATE_SHIFT));
	law.mode = XGS_COMPETE;
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 255, FAR_US), 0U);
	xgs_start_begin(&law, FAR_US, GBIT, 0);
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 255, FAR_US), 0U);
}

/* What one gives the other takes, but for the law's own step. */
static void flows_of_a_path_meet_half_way(struct kunit *test)
{
	static const u32 bases[] = { 50, METRO_US, FAR_US };
	struct xgs_law rich, poor;
	u64 fair = GBIT / 2;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xgs_round down, up;
		u64 step;

		cruise_at(test, &rich, GBIT / 10 * 9, bases[i]);
		cruise_at(test, &poor, GBIT / 10, bases[i]);
		rich.rate_full = rich.rate;
		poor.rate_full = poor.rate;
		step = xgs_step(rich.rate, 1024) + xgs_step(poor.rate, 1024);
		down = calm(&rich, bases[i]);
		up = calm(&poor, bases[i]);
		down.fair = fair;
		up.fair = fair;
		xgs_law_round(&rich, &down, &defaults);
		xgs_law_round(&poor, &up, &defaults);
		KUNIT_EXPECT_LE(test, rich.rate, GBIT / 10 * 8 + step);
		KUNIT_EXPECT_GE(test, rich.rate, GBIT / 10 * 8 - 1);
		KUNIT_EXPECT_GE(test, poor.rate, GBIT / 10 * 2 - 1);
		KUNIT_EXPECT_GE(test, rich.rate + poor.rate, GBIT - 2);
		KUNIT_EXPECT_LE(test, rich.rate + poor.rate, GBIT + step);
		/* Nobody goes back for what was given away. */
		KUNIT_EXPECT_LE(test, rich.rate_full, GBIT / 10 * 8 + step);
		KUNIT_EXPECT_GE(test, poor.rate_full, GBIT / 10 * 2 - 1);
	}
}

/* With marks on all of a round nobody takes, but those who have more give. */
static void a_queue_comes_before_sharing(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT / 10, FAR_US);
	law.alpha = XGS_FRAC_ONE / 2;
	round = marked_round(&law, FAR_US, 1000);
	round.fair = GBIT;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, GBIT / 10);

	cruise_at(test, &law, GBIT, FAR_US);
	round = marked_round(&law, FAR_US, 1000);
	round.fair = GBIT / 2;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, GBIT / 8 * 7 + 1);
}

static void what_is_freed_is_taken(struct kunit *test)
{
	struct xgs_law law, with;
	struct xgs_round round;
	struct xgs_curve curve;

	xgs_curve_at(&curve, FAR_US, 0, &defaults);
	cruise_at(test, &law, GBIT, FAR_US);
	law.rate_full = GBIT;
	with = law;
	round = calm(&law, FAR_US);
	xgs_law_round(&law, &round, &defaults);
	round.freed = GBIT / 32;
	xgs_law_round(&with, &round, &defaults);
	KUNIT_EXPECT_EQ(test, with.rate, GBIT + GBIT / 32);
	KUNIT_EXPECT_GT(test, with.rate, law.rate);
	/* But no more than would make a queue of hi. */
	cruise_at(test, &with, GBIT, FAR_US);
	round.freed = GBIT;
	xgs_law_round(&with, &round, &defaults);
	KUNIT_EXPECT_LE(test, with.rate,
			GBIT + div_u64(GBIT * curve.hi_us, FAR_US));
}

static void shared_rates_stay_in_range(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 9);
	for (i = 0; i < 20000; i++) {
		u32 base_us = 1 + xgs_random(&rnd, XGS_RTT_MAX_US - 1);
		u64 rate = any_rate(&rnd);
		struct xgs_round round;
		struct xgs_law law;

		cruise_at(test, &law, rate, base_us);
		law.rate_full = xgs_random(&rnd, XGS_RATE_MAX);
		round = calm(&law, base_us);
		round.fair = max(xgs_random(&rnd, XGS_RATE_MAX), 64ULL);
		round.freed = xgs_random(&rnd, XGS_RATE_MAX);
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_GE(test, law.rate, slowest_rate());
		KUNIT_ASSERT_LE(test, law.rate, XGS_RATE_MAX);
		KUNIT_ASSERT_LE(test, law.rate_full, XGS_RATE_MAX);
		KUNIT_ASSERT_GE(test, law.rate, min(rate, round.fair) / 4 * 3);
	}
}

/* Much loss is congestion even so. */
static void app_limited_loss_is_answered(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	round = calm(&law, FAR_US);
	round.app_limited = true;
	round.lost = 100;
	round.bw = GBIT / 2;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_LOSS);
	KUNIT_EXPECT_LE(test, law.rate, GBIT / 2);
}

/* A base RTT that falls by more than lo is uncovered, in cruise only. */
static void a_drain_goes_on(struct kunit *test)
{
	static const enum xgs_mode others[] = {
		XGS_LEAP, XGS_TRY, XGS_PROVE, XGS_START, XGS_SETTLE, XGS_COMPETE,
	};
	struct xgs_law_params never = defaults;
	struct xgs_round round;
	struct xgs_curve curve;
	struct xgs_law law;
	size_t i;

	never.drain_interval_ms = 0;
	cruise_at(test, &law, GBIT, REGION_US);
	round = calm(&law, REGION_US);
	KUNIT_EXPECT_FALSE(test, xgs_law_uncovers(&law, 2 * REGION_US, &round,
						  &never));
	xgs_curve_at(&curve, REGION_US, round.burst_us, &defaults);
	KUNIT_EXPECT_FALSE(test, xgs_law_uncovers(&law, REGION_US +
						  curve.lo_us, &round,
						  &defaults));
	KUNIT_EXPECT_TRUE(test, xgs_law_uncovers(&law, REGION_US +
						 curve.lo_us + 1, &round,
						 &defaults));
	KUNIT_EXPECT_FALSE(test, xgs_law_uncovers(&law, REGION_US, &round,
						  &defaults));
	KUNIT_EXPECT_FALSE(test, xgs_law_uncovers(&law, REGION_US / 2, &round,
						  &defaults));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		law.mode = others[i];
		KUNIT_EXPECT_FALSE(test, xgs_law_uncovers(&law, 2 * REGION_US,
							  &round, &defaults));
	}
}

static void drains_change_nothing(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, REGION_US);
	law.draining = 1;
	KUNIT_EXPECT_LT(test, xgs_law_pacing(&law), GBIT);
	round = calm(&law, REGION_US);
	round.rtt_us = 3 * REGION_US;
	round.marked = round.delivered;
	round.bw = 3 * GBIT / 4;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_CLEAR);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, (int)law.draining, 0);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), GBIT);
}

/* -- congestion -------------------------------------------------------- */

static const struct congestion_case {
	const char *name;
	u32 queue_us;
	u32 marked;		/* of 1000 */
	u32 lost;
	bool marks_live;
	enum xgs_cause cause;
	bool falls;		/* the rate, from the first round on */
} congestion_cases[] = {
	{ "all marked", .marked = 1000, .marks_live = true,
	  .cause = XGS_MARKS, .falls = true },
	{ "one marked", .marked = 1, .marks_live = true, .cause = XGS_MARKS },
	{ "long queue", .queue_us = 50000, .cause = XGS_DELAY, .falls = true },
	{ "much loss", .lost = 100, .cause = XGS_LOSS, .falls = true },
	{ "some loss", .lost = 12, .cause = XGS_LOSS },
	{ "loss in a queue", .queue_us = 500, .lost = 100, .cause = XGS_LOSS,
	  .falls = true },
	{ "marks in a queue", .queue_us = 4000, .marked = 500,
	  .marks_live = true, .cause = XGS_MARKS, .falls = true },
	{ "unmarked long queue of a path that marks", .queue_us = 50000,
	  .marks_live = true, .cause = XGS_DELAY, .falls = true },
	{ "unmarked queue of a path that marks", .queue_us = 4000,
	  .marks_live = true, .cause = XGS_CLEAR },
	{ "short queue", .queue_us = 10, .cause = XGS_CLEAR },
	{ "own loss", .lost = 1, .cause = XGS_CLEAR },
	{ "nothing", .cause = XGS_CLEAR },
};

static void congestion_describe(const struct congestion_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(congestion, congestion_cases, congestion_describe);

static void congestion_has_a_cause(struct kunit *test)
{
	const struct congestion_case *c = test->param_value;
	struct xgs_round round;
	struct xgs_law law;
	u64 before;
	u32 i;

	cruise_at(test, &law, GBIT, FAR_US);
	law.alpha = XGS_FRAC_ONE;	/* it has been like that */
	for (i = 0; i < 3; i++) {
		round = calm(&law, FAR_US);
		round.rtt_us += c->queue_us;
		round.marked = c->marked;
		round.lost = c->lost;
		round.marks_live = c->marks_live;
		before = law.rate;
		KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round,
							 &defaults),
				(int)c->cause);
		if (c->falls)
			KUNIT_EXPECT_LT(test, law.rate, before);
		else if (c->cause == XGS_LOSS)
			KUNIT_EXPECT_LE(test, law.rate, before);
		KUNIT_EXPECT_GE(test, law.rate, before / 2);
	}
}

/* What was delivered during congestion is there. */
static void a_cut_keeps_what_is_delivered(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	law.alpha = XGS_FRAC_ONE;
	round = calm(&law, FAR_US);
	round.marked = round.delivered;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, GBIT);
	KUNIT_EXPECT_GE(test, law.rate, GBIT * 3 / 4);

	cruise_at(test, &law, GBIT, FAR_US);
	law.alpha = XGS_FRAC_ONE;
	round.bw = 0;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, GBIT * 3 / 4);

	/* At the highest rate, what is taken away is beyond 32 bits. */
	cruise_at(test, &law, XGS_RATE_MAX, FAR_US);
	law.alpha = XGS_FRAC_ONE;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, XGS_RATE_MAX * 3 / 4);
}

/* One bad round is answered gently, many in a row are not. */
static void congestion_is_averaged(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 before = GBIT;
	u32 i;

	cruise_at(test, &law, GBIT, FAR_US);
	for (i = 0; i < 40; i++) {
		before = law.rate;
		round = marked_round(&law, FAR_US, 1000);
		round.bw = 0;
		xgs_law_round(&law, &round, &defaults);
		if (!i)
			KUNIT_EXPECT_GE(test, law.rate, before * 7 / 8);
		if (law.rate == slowest_rate())
			break;
	}
	KUNIT_EXPECT_GT(test, i, 10U);
	KUNIT_EXPECT_LE(test, law.rate, max(before * 3 / 4, slowest_rate()));
}

/* More of the same is answered more, whatever the signal. */
static void congestion_is_answered_in_proportion(struct kunit *test)
{
	u64 by_marks = U64_MAX, by_delay = U64_MAX;
	u32 i;

	for (i = 1; i <= 1000; i++) {
		struct xgs_round round;
		struct xgs_law law;

		cruise_at(test, &law, GBIT, FAR_US);
		law.alpha = XGS_FRAC_ONE;
		round = calm(&law, FAR_US);
		round.bw = 0;
		round.marked = i;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_LE(test, law.rate, by_marks);
		by_marks = law.rate;

		cruise_at(test, &law, GBIT, FAR_US);
		law.alpha = XGS_FRAC_ONE;
		round = calm(&law, FAR_US);
		round.bw = 0;
		round.rtt_us += 10 * i;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_LE(test, law.rate, by_delay);
		by_delay = law.rate;
	}
	KUNIT_EXPECT_LT(test, by_marks, GBIT);
	KUNIT_EXPECT_LT(test, by_delay, GBIT);
}

/*
 * The rate where a flow ends up whose packets are marked by so many per mille.
 * With all_or_nothing a round is marked whole or not at all, as a near flow's
 * are, instead of a little each time, as a far one's.
 */
static u64 rate_when_marked(struct kunit *test, u32 base_us, u32 marked,
			    bool all_or_nothing)
{
	struct xgs_round round;
	struct rnd_state rnd;
	struct xgs_law law;
	u64 sum = 0;
	u32 i;

	prandom_seed_state(&rnd, 4);
	cruise_at(test, &law, GBIT, base_us);
	for (i = 0; i < 40000; i++) {
		round = calm(&law, base_us);
		round.marks_live = true;
		if (!all_or_nothing)
			round.marked = marked;
		else if (prandom_u32_state(&rnd) % 1000 < marked)
			round.marked = round.delivered;
		xgs_law_round(&law, &round, &defaults);
		if (i >= 20000)
			sum += law.rate;
	}
	return div_u64(sum, 20000);
}

/*
 * The point of f * alpha and of an increase in rate: flows that see the same
 * marks get the same rate, however far away their peers are.
 */
static void equal_marks_give_equal_rates(struct kunit *test)
{
	static const u32 bases[] = { 100, 1000, 10000, 60000, 200000 };
	static const u32 marked[] = { 50, 100, 200, 300 };	/* of 1000 */
	u64 rate, nearest, before = U64_MAX;
	size_t i, j;

	for (j = 0; j < ARRAY_SIZE(marked); j++) {
		nearest = rate_when_marked(test, bases[0], marked[j], false);
		for (i = 1; i < ARRAY_SIZE(bases); i++) {
			rate = rate_when_marked(test, bases[i], marked[j],
						false);
			KUNIT_EXPECT_GE(test, rate, nearest - nearest / 10);
			KUNIT_EXPECT_LE(test, rate, nearest + nearest / 10);
		}
		/* Twice the marks, well below half the rate. */
		KUNIT_EXPECT_LT(test, nearest, before / 2);
		KUNIT_EXPECT_GT(test, nearest, slowest_rate());
		before = nearest;
	}
}

/*
 * And however the marks fall into rounds, but for what a flow gains while it is
 * not marked: by DCTCP's cut, alpha / 2 in any marked round, the far flow would
 * get a hundredth of the near one's rate at a tenth marked.
 */
static void marks_in_bursts_count_the_same(struct kunit *test)
{
	static const u32 marked[] = { 50, 100, 200 };	/* of 1000 */
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marked); i++) {
		u64 near = rate_when_marked(test, 100, marked[i], true);
		u64 far = rate_when_marked(test, FAR_US, marked[i], false);

		KUNIT_EXPECT_GE(test, near, far / 8);
		KUNIT_EXPECT_LE(test, near, far * 8);
	}
}

/* rounds_to_grow(): from a hundredth of what is fair at a mark in ten, to half */
static u32 rounds_to_grow(struct kunit *test, u32 base_us)
{
	u64 goal = xgs_fair_rate(XGS_FRAC_ONE / 10) / 2;
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, goal / 50, base_us);
	law.alpha = XGS_FRAC_ONE / 10;
	for (i = 0; law.rate < goal - goal / 4 && i < 100000; i++) {
		round = marked_round(&law, base_us, 100);
		xgs_law_round(&law, &round, &defaults);
	}
	return i;
}

/*
 * A far flow gets its share in a number of rounds that a person can wait for.
 * Near by, where rounds are short, the law alone does it.
 */
static void far_flows_catch_up(struct kunit *test)
{
	u32 far = rounds_to_grow(test, FAR_US);
	u32 half_way = rounds_to_grow(test, 4000);
	u32 near = rounds_to_grow(test, 100);

	KUNIT_EXPECT_LE(test, far, 40U);
	KUNIT_EXPECT_GT(test, half_way, far);
	KUNIT_EXPECT_GT(test, near, half_way);
	/* A second, all the same. */
	KUNIT_EXPECT_LE(test, half_way, 1000000U / 4000);
	KUNIT_EXPECT_LE(test, near, 1000000U / 100);
}

/* What the path does not carry is not caught up with, nor is lost again. */
static void catching_up_is_bounded(struct kunit *test)
{
	u64 goal = xgs_fair_rate(XGS_FRAC_ONE / 10) / 2;
	u64 stuck = goal / 50;
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, stuck, FAR_US);
	for (i = 0; i < 100; i++) {
		round = marked_round(&law, FAR_US, 100);
		round.bw = stuck;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_LE(test, law.rate, 2 * stuck);
	}

	cruise_at(test, &law, stuck, FAR_US);
	law.alpha = XGS_FRAC_ONE / 10;
	round = marked_round(&law, FAR_US, 300);
	round.lost = 20;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LE(test, law.rate, stuck);
}

/* -- loss -------------------------------------------------------------- */

static void loss_of_its_own_is_tolerated(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i, cuts = 0;

	cruise_at(test, &law, GBIT, FAR_US);
	for (i = 0; i < 1000; i++) {
		round = calm(&law, FAR_US);
		round.delivered = 5000;
		round.lost = i % 2 ? 4 : 6;	/* 0.1 % */
		round.bw = GBIT;
		cuts += xgs_law_round(&law, &round, &defaults) != XGS_CLEAR;
	}
	KUNIT_EXPECT_LT(test, cuts, 10U);
	KUNIT_EXPECT_GE(test, law.rate, GBIT);
}

/* What a path always loses is its own, and is unlearnt when it stops. */
static void loss_is_measured_against_its_average(struct kunit *test)
{
	struct xgs_law_params params = defaults;
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, FAR_US);
	for (i = 0; i < 200; i++) {
		round = calm(&law, FAR_US);
		round.delivered = 985;
		round.lost = 15;
		xgs_law_round(&law, &round, &params);
	}
	round.delivered = 975;
	round.lost = 25;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &params),
			(int)XGS_CLEAR);
	for (i = 0; i < 200; i++) {
		round = calm(&law, FAR_US);
		xgs_law_round(&law, &round, &params);
	}
	round.delivered = 975;
	round.lost = 25;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &params),
			(int)XGS_LOSS);
}

/* A flow that has the link, behind a buffer that overflows at this queue. */
static enum xgs_cause spill(struct xgs_law *law, u32 queue_us, u32 lost)
{
	struct xgs_round round;

	law->rate = GBIT;
	round = calm(law, REGION_US);
	round.rtt_us += queue_us;
	round.delivered -= lost;
	round.lost = lost;
	return xgs_law_round(law, &round, &defaults);
}

/* The same with a small part of the link: five of 20 packets are lost. */
static void few_spill(struct xgs_law *law)
{
	struct xgs_round round;

	law->rate = GBIT / 100;
	round = calm(law, REGION_US);
	round.rtt_us += 800;
	round.delivered = 15;
	round.lost = 5;
	xgs_law_round(law, &round, &defaults);
}

/* 200 and 2000 us, then 100 and 1000: a buffer of 1 ms. */
static void short_buffers_halve_the_thresholds(struct kunit *test)
{
	static const u32 shallow[] = { 0, 1, 1, 1, 1, 1 };
	struct xgs_law law;
	u32 i, before;

	cruise_at(test, &law, GBIT, REGION_US);
	before = xgs_law_window(&law, REGION_US, 0, MSS, &defaults);
	KUNIT_EXPECT_EQ(test, (int)spill(&law, 175, 0), (int)XGS_CLEAR);
	for (i = 0; i < ARRAY_SIZE(shallow); i++) {
		spill(&law, 800, 15);	/* of 1000 */
		KUNIT_EXPECT_EQ(test, (u32)law.shallow, shallow[i]);
	}
	/* What was no queue is one now, and the window knows. */
	law.rate = GBIT;
	KUNIT_EXPECT_LT(test,
			xgs_law_window(&law, REGION_US, 0, MSS, &defaults),
			before);
	KUNIT_EXPECT_EQ(test, (int)spill(&law, 175, 0), (int)XGS_DELAY);
	KUNIT_EXPECT_EQ(test, (int)spill(&law, 90, 0), (int)XGS_CLEAR);
}

static void thresholds_are_halved_twice_at_most(struct kunit *test)
{
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < 20; i++) {
		spill(&law, 110, 40);
		KUNIT_EXPECT_EQ(test, (u32)law.shallow, min(i + 1, 2U));
	}
}

/* As many as a path does not lose by itself: once is enough. */
static void an_overshoot_halves_at_once(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, REGION_US);
	spill(&law, 400, 80);
	KUNIT_EXPECT_EQ(test, (u32)law.shallow, 1U);
	spill(&law, 400, 80);
	KUNIT_EXPECT_EQ(test, (u32)law.shallow, 2U);
	/* Five of 20 packets may be chance, and are not twice. */
	cruise_at(test, &law, GBIT, REGION_US);
	few_spill(&law);
	KUNIT_EXPECT_EQ(test, (u32)law.shallow, 0U);
	few_spill(&law);
	KUNIT_EXPECT_EQ(test, (u32)law.shallow, 1U);
}

/* Chance, the path's own loss, no queue, a queue that was answered anyway. */
static void other_loss_halves_nothing(struct kunit *test)
{
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < 100; i++) {
		spill(&law, 800, i % 2 ? 15 : 0);
		KUNIT_ASSERT_EQ(test, (u32)law.shallow, 0U);
	}
	for (i = 0; i < 100; i++) {
		spill(&law, 0, 40);
		KUNIT_ASSERT_EQ(test, (u32)law.shallow, 0U);
		spill(&law, 3000, 40);
		KUNIT_ASSERT_EQ(test, (u32)law.shallow, 0U);
	}
	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < 100; i++) {
		spill(&law, 800, 2);
		KUNIT_ASSERT_EQ(test, (u32)law.shallow, 0U);
	}
}

static void halved_thresholds_return(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < 2; i++)
		spill(&law, 400, 40);
	KUNIT_ASSERT_EQ(test, (u32)law.shallow, 2U);
	for (i = 2; i--;) {
		law.draining = 1;
		spill(&law, 0, 0);
		KUNIT_EXPECT_EQ(test, (u32)law.shallow, i);
	}
	law.draining = 1;
	spill(&law, 0, 0);
	KUNIT_EXPECT_EQ(test, (u32)law.shallow, 0U);

	law.shallow = 2;
	round = marked_round(&law, REGION_US, 1);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (u32)law.shallow, 0U);
}

/* A rack loses packets only to congestion. */
static void loss_nearby_is_congestion(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, 50);
	round = calm(&law, 50);
	round.delivered = 30;
	round.lost = 2;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_LOSS);
	KUNIT_EXPECT_LE(test, law.rate, GBIT);

	/* Far away two packets mean nothing. */
	cruise_at(test, &law, GBIT, FAR_US);
	round = calm(&law, FAR_US);
	round.delivered = 30;
	round.lost = 2;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_CLEAR);
}

/* Each limit that an operator may set: just below it, and well above. */
static void loss_limit_is_obeyed(struct kunit *test)
{
	static const u32 ppm[] = { 1000, 5000, 20000, 100000, 150000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ppm); i++) {
		struct xgs_law_params params = defaults;
		struct xgs_round round;
		struct xgs_law law;

		params.loss_limit_ppm = ppm[i];
		cruise_at(test, &law, GBIT, FAR_US);
		round = calm(&law, FAR_US);
		round.delivered = 1000000 - ppm[i] * 5 / 4;
		round.lost = ppm[i] * 5 / 4;
		round.bw = GBIT / 2;
		round.elapsed_us = xgs_time_of((u64)round.delivered * round.mss,
					       GBIT / 2) + 1;
		KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &params),
				(int)XGS_LOSS);
		KUNIT_EXPECT_LE_MSG(test, law.rate, GBIT / 2, "at %u ppm",
				    ppm[i]);

		cruise_at(test, &law, GBIT, FAR_US);
		round.delivered = 1000000 - ppm[i] * 9 / 10;
		round.lost = ppm[i] * 9 / 10;
		xgs_law_round(&law, &round, &params);
		KUNIT_EXPECT_GT_MSG(test, law.rate, GBIT / 2, "at %u ppm",
				    ppm[i]);
	}
}

static u64 rate_after_loss(struct kunit *test, u32 percent, u32 rounds,
			   struct xgs_law *law)
{
	struct xgs_round round;

	cruise_at(test, law, GBIT, FAR_US);
	while (rounds--) {
		round = calm(law, FAR_US);
		round.delivered = 1000 - 10 * percent;
		round.lost = 10 * percent;
		xgs_law_round(law, &round, &defaults);
	}
	return law->rate;
}

static void flood_of_loss_stops_the_flow(struct kunit *test)
{
	u64 two = xgs_rate_of(2 * MSS, FAR_US);
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	KUNIT_EXPECT_GT(test, rate_after_loss(test, 25, 2, &law), two);
	KUNIT_EXPECT_EQ(test, rate_after_loss(test, 25, 8, &law), two);
	KUNIT_EXPECT_EQ(test, rate_after_loss(test, 100, 8, &law), two);
	KUNIT_EXPECT_GT(test, rate_after_loss(test, 18, 8, &law), two);

	/* And it comes back. */
	rate_after_loss(test, 25, 8, &law);
	for (i = 0; i < 300 && law.rate < GBIT / 2; i++) {
		round = calm(&law, FAR_US);
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_LT(test, i, 300U);
}

static void flood_must_last(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, FAR_US);
	for (i = 0; i < 100; i++) {
		round = calm(&law, FAR_US);
		round.bw = GBIT;
		round.lost = i % 3 ? 0 : 500;
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_GT(test, law.rate, 100 * slowest_rate());
}

/* The ACK clock is not trusted before as many rounds lost less. */
static void flood_is_forgotten_round_by_round(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	rate_after_loss(test, 25, 3, &law);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, xgs_law_pacing_least(&law, MSS, FAR_US),
				0ULL);
		round = calm(&law, FAR_US);
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_GT(test, xgs_law_pacing_least(&law, MSS, FAR_US), 0ULL);
}

/* -- distance ---------------------------------------------------------- */

/* What a path that has become longer shows. */
struct reroute {
	u32 base_us;
	u32 longer_us;
	u32 keep;		/* of 1000 of it, from round to round */
	u32 relearn_rounds;
	bool marks_live;
	bool app_limited;
};

/* Rounds until the law asks for a new base RTT; 0 if it does not in 500. */
static u32 rounds_to_relearn(struct kunit *test, const struct reroute *way,
			     struct xgs_law *law)
{
	struct xgs_law_params params = defaults;
	u64 longer_us = way->longer_us;
	struct xgs_round round;
	u32 i;

	params.relearn_rounds = way->relearn_rounds;
	cruise_at(test, law, GBIT, way->base_us);
	round = calm(law, way->base_us);
	xgs_law_round(law, &round, &params);
	for (i = 1; i <= 500; i++) {
		round = calm(law, way->base_us);
		round.rtt_us += longer_us;
		round.elapsed_us += longer_us;
		round.marks_live = way->marks_live;
		round.app_limited = way->app_limited;
		if (xgs_law_round(law, &round, &params) == XGS_RELEARN)
			return i;
		longer_us = div_u64(longer_us * way->keep, 1000);
	}
	return 0;
}

static void a_longer_path_is_relearnt(struct kunit *test)
{
	static const u32 rounds[] = { 1, 2, 4, 8, 16, 64 };
	struct reroute way = { REGION_US, .longer_us = 70000, .keep = 1000 };
	u32 i, got, before = 0;
	struct xgs_round round;
	struct xgs_law law;
	size_t nr;

	for (nr = 0; nr < ARRAY_SIZE(rounds); nr++) {
		way.relearn_rounds = rounds[nr];
		got = rounds_to_relearn(test, &way, &law);
		KUNIT_EXPECT_GE(test, got, rounds[nr] / 2);
		/* More than twice what is counted, and eight for the proof. */
		KUNIT_EXPECT_LE(test, got, rounds[nr] > 30 ? rounds[nr] + 9 :
				max(rounds[nr] / 2, 4U) + 5);
		KUNIT_EXPECT_GE(test, got, before);
		before = got;
	}
	/* The rate was not to blame, and comes back. */
	for (i = 0; i < 100 && law.rate < GBIT * 7 / 8; i++) {
		round = calm(&law, REGION_US + way.longer_us);
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_LT(test, i, 100U);
}

/* What may be a longer path, from the tenth round on. */
struct delay {
	const char *what;
	u32 (*queue_us)(u32 i);
	u32 base_us;
	u32 back_us;
	u32 lost;
	u64 fair;
};

/* The round, of 60, in which the RTT is taken for the base RTT; 0 for none. */
static u32 round_of_relearning(struct kunit *test, const struct delay *delay,
			       struct xgs_law *law)
{
	struct xgs_round round;
	u32 i;

	cruise_at(test, law, GBIT, delay->base_us);
	law->rate_full = GBIT;
	for (i = 0; i < 60; i++) {
		round = calm(law, delay->base_us);
		round.rtt_us += delay->queue_us(i);
		round.back_us = i < 10 ? 0 : delay->back_us;
		round.elapsed_us = round.rtt_us + round.back_us;
		round.lost = delay->lost;
		round.fair = min(delay->fair, law->rate);
		if (xgs_law_round(law, &round, &defaults) == XGS_RELEARN)
			return i;
	}
	return 0;
}

static u32 longer_at_once(u32 i)
{
	return i < 10 ? 0 : 1000;
}

/* What was queued at the time goes. */
static u32 longer_behind_a_queue(u32 i)
{
	return i < 10 ? 500 : 1000 + (500 >> min(i - 9, 10U));
}

static u32 longer_by_and_by(u32 i)
{
	return i < 10 ? 0 : min(50 * (i - 9), 1000U);
}

static u32 longer_and_moving(u32 i)
{
	return i < 10 ? 0 : 1000 + i % 2 * 75;
}

static u32 a_peak(u32 i)
{
	return i == 10 ? 1000 : 150;
}

/*
 * Long before a rival would be suspected. The rate of before is right at once, but for
 * a sixteenth.
 */
static void a_path_is_longer_if_its_rtt_stays(struct kunit *test)
{
	struct delay delay = { .queue_us = longer_at_once, .base_us = 10000 };
	struct xgs_law law;
	u32 got;

	got = round_of_relearning(test, &delay, &law);
	KUNIT_EXPECT_GE(test, got, 10U + 14);
	KUNIT_EXPECT_LE(test, got, 10U + 16);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_EQ(test, law.rate_full, xgs_law_bw(&law));
	KUNIT_EXPECT_EQ(test, law.rate, law.rate_full - law.rate_full / 16);
	KUNIT_EXPECT_GE(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, (u32)law.alpha, 0U);

	delay.queue_us = longer_behind_a_queue;
	got = round_of_relearning(test, &delay, &law);
	KUNIT_EXPECT_GE(test, got, 10U + 14);
	KUNIT_EXPECT_LE(test, got, 10U + 20);

	/* What stamps leave out of a longer way back moves. */
	delay.queue_us = longer_and_moving;
	delay.back_us = 2000;
	got = round_of_relearning(test, &delay, &law);
	KUNIT_EXPECT_GE(test, got, 10U + 14);
	KUNIT_EXPECT_LE(test, got, 10U + 16);
}

static void a_queue_is_no_distance(struct kunit *test)
{
	static const struct delay ways[] = {
		{ "grew slowly", longer_by_and_by, 10000 },
		{ "moves", longer_and_moving, 10000 },
		{ "went at once", a_peak, 10000 },
		{ "overflows", longer_at_once, 10000, .lost = 60 },
		{ "given to the path's flows", longer_at_once, 10000,
		  .fair = GBIT / 16 },
		{ "may be farther flows'", longer_at_once, 2000 },
	};
	struct xgs_law law;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    round_of_relearning(test, &ways[i], &law), 0U,
				    "a queue that %s", ways[i].what);
}

/*
 * A receiver that calls all of a queue the way back's holds what the flow has, and what
 * it had when it met congestion last, and gets no more.
 */
static void the_way_back_only_holds(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 before;
	u32 i;

	cruise_at(test, &law, GBIT / 2, FAR_US);
	law.rate_full = GBIT;
	for (i = 0; i < 500; i++) {
		round = calm(&law, FAR_US);
		round.back_us = 20000;
		round.freed = i % 2 ? 0 : GBIT;
		round.busy = U8_MAX;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_LE(test, law.rate, GBIT);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	}
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 16 * 15);
	/* Its marks and losses are no delay. */
	round = calm(&law, FAR_US);
	round.back_us = 20000;
	round.lost = round.delivered / 8;
	before = law.rate;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, before);
}

/*
 * However little longer it is, if it is more than the law lets pass. Farther
 * away the rate sinks so slowly that the window of the base RTT ends first.
 */
static void a_little_longer_path_is_relearnt(struct kunit *test)
{
	struct reroute way = { .keep = 1000, .relearn_rounds = 8 };
	struct xgs_curve curve;
	struct xgs_law law;
	u32 got;

	for (way.base_us = 1000; way.base_us <= 27000; way.base_us *= 3) {
		xgs_curve_at(&curve, way.base_us, 0, &defaults);
		way.longer_us = (curve.lo_us + curve.hi_us) / 2 +
				way.base_us / 16;
		got = rounds_to_relearn(test, &way, &law);
		KUNIT_EXPECT_NE_MSG(test, got, 0U, "at %u us", way.base_us);
		KUNIT_EXPECT_LE_MSG(test, got, 400U, "at %u us", way.base_us);
	}
}

static void only_a_stuck_delay_is_relearnt(struct kunit *test)
{
	static const struct reroute ways[] = {
		/* never, says the operator */
		{ REGION_US, 70000, 1000, .relearn_rounds = 0 },
		/* marks explain the queue */
		{ REGION_US, 70000, 1000, 8, .marks_live = true },
		/* an application that pauses has not tried */
		{ REGION_US, 70000, 1000, 8, .app_limited = true },
		/* there is no queue to speak of */
		{ REGION_US, 20, 1000, 8 },
	};
	struct xgs_law law;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		KUNIT_EXPECT_EQ(test, rounds_to_relearn(test, &ways[i], &law),
				0U);
}

/*
 * A delay that does not yield is tested with cuts that alpha doesn't account for; a
 * near flow has the thresholds of farther ones to try before.
 */
static void a_near_flow_does_not_test_a_delay(struct kunit *test)
{
	static const struct {
		u32 base_us;
		bool wide, tests;
	} ways[] = {
		{ 200, false, false }, { 1500, false, false },
		{ 200, true, true }, { 2048, false, true }, { FAR_US, false, true },
	};
	struct xgs_round round;
	struct xgs_law law;
	size_t i;
	u64 rate;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		cruise_at(test, &law, GBIT, ways[i].base_us);
		law.wide = ways[i].wide;
		law.stuck = 3;
		law.stuck_us = 1000;
		law.stuck_rate = GBIT >> XGS_RATE_SHIFT;
		law.stuck_rtt_us = ways[i].base_us + 9000;
		law.alpha = XGS_FRAC_ONE / 64;
		rate = law.rate;
		round = calm(&law, ways[i].base_us);
		round.rtt_us += 9000;
		round.elapsed_us += 9000;
		round.bw = 0;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ_MSG(test, law.rate <= rate - rate / 16,
				    ways[i].tests, "at %u us", ways[i].base_us);
	}
}

/* It is no rival's as long as it is long, and what is left is no distance. */
static void a_queue_that_yields_is_ours(struct kunit *test)
{
	struct xgs_curve curve;
	struct xgs_round round;
	struct xgs_law law;
	u32 queue_us;

	cruise_at(test, &law, GBIT, REGION_US);
	xgs_curve_at(&curve, REGION_US, 0, &defaults);
	for (queue_us = 70000; queue_us > curve.hi_us;
	     queue_us -= queue_us / 7) {
		round = calm(&law, REGION_US);
		round.rtt_us += queue_us;
		round.elapsed_us += queue_us;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	}
}

/* A round whose packets came back after that long, as fast as that. */
static void slow_round(struct xgs_law *law, u32 queue_us, u64 ack_bw)
{
	struct xgs_round round = calm(law, FAR_US);

	round.rtt_us += queue_us;
	round.elapsed_us += queue_us;
	round.delivered = div_u64(xgs_bytes_in(law->rate, FAR_US), MSS) + 1;
	round.bw = ack_bw;
	round.ack_bw = ack_bw;
	xgs_law_round(law, &round, &defaults);
}

/* From 1 Gbit/s to 400 or 200 Mbit/s: half a round trip's worth is queued. */
static void a_slower_link_is_seen_at_once(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	slow_round(&law, FAR_US / 2, GBIT / 5 * 3);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 5 * 3);
	KUNIT_EXPECT_LE(test, law.rate_full, GBIT / 5 * 3);

	cruise_at(test, &law, GBIT, FAR_US);
	slow_round(&law, FAR_US / 2, GBIT / 5);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	/* The delay stays: it may be distance, and is not asked again. */
	slow_round(&law, FAR_US / 2, GBIT / 5);
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 8 * 3);
	/* It becomes shorter: it was a queue. */
	slow_round(&law, FAR_US / 4, GBIT / 5);
	KUNIT_EXPECT_LE(test, law.rate, GBIT / 4);

	/* Little was in flight, and says nothing of the link. */
	cruise_at(test, &law, GBIT, FAR_US);
	law.alpha = 0;
	law.rate = GBIT / 4;
	slow_round(&law, FAR_US / 2, GBIT / 6);
	law.rate = GBIT;
	slow_round(&law, FAR_US / 2, GBIT / 5);
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 8 * 7);
}

/*
 * While losses are repaired, little is delivered on any link, and while a queue on the
 * way back grows ACKs come more slowly than they were sent.
 */
static void a_repair_is_no_slower_link(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 back;

	for (back = 0; back < 2; back++) {
		cruise_at(test, &law, GBIT, FAR_US);
		round = calm(&law, FAR_US);
		round.rtt_us += FAR_US / 2;
		round.delivered = xgs_bytes_in(GBIT, FAR_US) / MSS;
		round.lost = !back;
		round.back_us = back * 3000;
		round.bw = GBIT / 5;
		round.ack_bw = GBIT / 5;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_GE(test, law.rate, GBIT / 8 * 7);
	}
}

/* One packet that waited says nothing where a thousand came through. */
static void a_single_packet_is_no_measure_of_loss(struct kunit *test)
{
	static const u32 bases[] = { 100, METRO_US, FAR_US };
	struct xgs_round round;
	struct xgs_law law;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		cruise_at(test, &law, GBIT, bases[i]);
		round = calm(&law, bases[i]);
		round.delivered = 900;
		round.lost = 100;
		round.elapsed_us = xgs_time_of(900 * MSS, GBIT);
		round.bw = GBIT / 100;
		round.ack_bw = GBIT / 100;
		KUNIT_EXPECT_EQ(test,
				(int)xgs_law_round(&law, &round, &defaults),
				(int)XGS_LOSS);
		KUNIT_EXPECT_GE(test, law.rate, GBIT / 4 * 3);

		/* All of the round tells the same. */
		round.elapsed_us = xgs_time_of(900 * MSS, GBIT / 100);
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_LE(test, law.rate, GBIT / 50);
	}
}

/* The rate after rounds of some queue and then one of another. */
static u64 rate_after_queues(struct kunit *test, u32 base_us, u32 from_us,
			     u32 to_us)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, base_us);
	law.alpha = 0;
	for (i = 0; i < 3; i++) {
		round = calm(&law, base_us);
		round.marks_live = true;
		round.rtt_us += i < 2 ? from_us : to_us;
		/* So that nothing else changes the rate. */
		law.rate_full = GBIT;
		law.rate = GBIT;
		round.bw = GBIT / 2;
		round.ack_bw = GBIT / 2;
		xgs_law_round(&law, &round, &defaults);
	}
	return law.rate;
}

/* Where marks control, a queue that grows costs rate, and gives it back. */
static void a_queue_damps_where_marks_control(struct kunit *test)
{
	u32 base_us;

	for (base_us = 20; base_us <= FAR_US; base_us *= 2) {
		u64 more = rate_after_queues(test, base_us, 10, 60);
		u64 less = rate_after_queues(test, base_us, 60, 10);
		u64 still = rate_after_queues(test, base_us, 60, 60);

		KUNIT_EXPECT_EQ(test, rate_after_queues(test, base_us, 10, 10),
				still);
		KUNIT_EXPECT_EQ(test, more,
				xgs_damped(still, base_us, base_us + 10,
					   base_us + 60));
		KUNIT_EXPECT_EQ(test, less,
				xgs_damped(still, base_us, base_us + 60,
					   base_us + 10));
		KUNIT_EXPECT_LT(test, more, still);
		KUNIT_EXPECT_GT(test, less, still);
	}
}

/* What it met before marks, or beside a rival, is another queue. */
static void damping_begins_with_the_first_mark(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, 100);
	law.stuck_rtt_us = 100000;
	round = marked_round(&law, 100, 10);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.before_us, 100U);
	KUNIT_EXPECT_GE(test, law.rate, GBIT - GBIT / 50);
	KUNIT_EXPECT_LE(test, law.rate, GBIT + GBIT / 50);

	cruise_at(test, &law, GBIT, 100);
	law.mode = XGS_COMPETE;
	law.marks = 1;
	law.stuck_rtt_us = 100000;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	round = marked_round(&law, 100, 10);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LE(test, law.rate, GBIT + GBIT / 50);
}

/* The start keeps what it notes of its queue where that begins. */
static void a_mark_leaves_the_start_its_train(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, 100, GBIT / 100, 0);
	law.train.grown_us = 130;
	round = marked_round(&law, 100, 10);
	round.window = GBIT / 100000;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	KUNIT_EXPECT_EQ(test, law.train.grown_us, 130U);
}

/* Samples of several rounds show an old queue where few packets are in flight. */
static void the_rounds_own_queue_damps(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, 100);
	round = marked_round(&law, 100, 10);
	round.least_us = 155;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.before_us, 155U);
}

/* A cut near by is made good only after some rounds without congestion. */
static void the_way_back_takes_patience_near_by(struct kunit *test)
{
	static const u32 bases[] = { 100, FAR_US };
	struct xgs_round round;
	struct xgs_law law;
	u64 before;
	size_t nr;
	u32 i;

	for (nr = 0; nr < ARRAY_SIZE(bases); nr++) {
		cruise_at(test, &law, GBIT, bases[nr]);
		law.rate = GBIT / 2;
		for (i = 1; i <= 8; i++) {
			before = law.rate;
			round = calm(&law, bases[nr]);
			round.bw = GBIT;
			xgs_law_round(&law, &round, &defaults);
			if (bases[nr] < METRO_US && i < 8)
				KUNIT_EXPECT_LT(test, law.rate - before,
						(GBIT - before) / 8);
			else if (i == 1 || i == 8)
				KUNIT_EXPECT_GE(test, law.rate - before,
						(GBIT - before) / 4 - 1);
		}
	}
}

/* Half as much again where marks control, but no more than an eighth. */
static void steps_are_larger_where_marks_control(struct kunit *test)
{
	static const u64 rates[] = { 1000000, 3000000, GBIT, 100 * GBIT };
	struct xgs_round round;
	struct xgs_law law;
	u64 step, most;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		cruise_at(test, &law, rates[i], FAR_US);
		round = calm(&law, FAR_US);
		round.bw = 2 * rates[i];
		round.marks_live = true;
		xgs_law_round(&law, &round, &defaults);
		step = xgs_step(rates[i], XGS_GAIN_ONE);
		most = rates[i] / 8;
		KUNIT_EXPECT_EQ(test, law.rate - rates[i],
				min(step + step / 2, most));
	}
}

/* And after more where the path marks, as such rounds are between marked ones. */
static void marks_take_more_patience(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 step = 0;
	u32 i;

	cruise_at(test, &law, GBIT, 100);
	law.rate = GBIT / 2;
	for (i = 0; i < 80 && step < (GBIT - law.rate) / 8; i++) {
		u64 before = law.rate;

		round = calm(&law, 100);
		round.bw = GBIT;
		round.marks_live = true;
		xgs_law_round(&law, &round, &defaults);
		step = law.rate - before;
	}
	KUNIT_EXPECT_GE(test, i, 50U);
	KUNIT_EXPECT_LE(test, i, 64U);
}

/* Cut by the average before: of a round marked whole a sixteenth would be in it. */
static void marks_are_cut_by_what_was_before(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, 100);
	law.alpha = 0;
	round = marked_round(&law, 100, 1000);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, (u32)law.alpha, XGS_FRAC_ONE / 16);
}

/* A round counts for its time, not for the queue that it met. */
static void rounds_are_as_long_with_a_queue(struct kunit *test)
{
	static const u32 known[][2] = {
		/* elapsed, RTT */
		{ 400, 100 }, { 400, 160 }, { 160, 160 },
	};
	u64 rate[ARRAY_SIZE(known)];
	struct xgs_round round;
	struct xgs_law law;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		cruise_at(test, &law, GBIT, 100);
		law.alpha = XGS_FRAC_ONE / 8;
		round = marked_round(&law, 100, 1000);
		round.elapsed_us = known[i][0];
		round.rtt_us = known[i][1];
		xgs_law_round(&law, &round, &defaults);
		rate[i] = law.rate;
	}
	KUNIT_EXPECT_EQ(test, rate[0], rate[1]);
	KUNIT_EXPECT_LT(test, rate[0], rate[2]);
}

/* Where the step is an eighth of the rate any rate is in balance. */
static void slow_flows_have_no_goal(struct kunit *test)
{
	const u64 slow = 2000000;
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, slow, FAR_US);
	law.alpha = XGS_FRAC_ONE / 5 * 2;
	round = marked_round(&law, FAR_US, 400);
	round.bw = 2 * slow;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LE(test, law.rate, slow + slow / 40);
	KUNIT_EXPECT_GE(test, law.rate, slow - slow / 40);
}

/* However much is marked, if not all of it. */
static void a_packet_per_round_trip_is_left(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, 100);
	for (i = 0; i < 2000; i++) {
		round = marked_round(&law, 100, 999);
		round.srtt_us = 1000;
		round.bw = 0;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_GE(test, law.rate, xgs_rate_of(MSS, 1000));
	}
	KUNIT_EXPECT_LE(test, law.rate, 2 * xgs_rate_of(MSS, 1000));
}

/* -- pauses, timeouts -------------------------------------------------- */

static void idle_halves(struct kunit *test)
{
	static const struct {
		u32 idle_ms;
		u32 halvings;
	} known[] = {
		{ 0, 0 }, { 1, 0 }, { 999, 0 }, { 1000, 1 }, { 1999, 1 },
		{ 2000, 2 }, { 9999, 9 },
	};
	struct xgs_law law;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		cruise_at(test, &law, 10 * GBIT, FAR_US);
		KUNIT_EXPECT_FALSE(test, xgs_law_idle(&law, FAR_US, known[i].idle_ms,
						      1000, GBIT / 100));
		KUNIT_EXPECT_EQ_MSG(test, law.rate,
				    10 * GBIT >> known[i].halvings,
				    "after %u ms", known[i].idle_ms);
		KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	}
	/* 63, 64, 65 halvings: a shift by the width would change nothing. */
	for (i = 63; i <= 65; i++) {
		cruise_at(test, &law, XGS_RATE_MAX, FAR_US);
		xgs_law_idle(&law, FAR_US, 100 * i, 100, 0);
		KUNIT_EXPECT_EQ(test, law.rate, slowest_rate());
	}
	cruise_at(test, &law, XGS_RATE_MAX, FAR_US);
	xgs_law_idle(&law, FAR_US, U32_MAX, 1, 0);
	KUNIT_EXPECT_EQ(test, law.rate, slowest_rate());
}

/* Less than an initial window is not worth remembering. */
static void idle_long_enough_is_a_new_start(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	KUNIT_EXPECT_TRUE(test, xgs_law_idle(&law, FAR_US, 60000, 1000, GBIT / 100));
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 100);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_LEAP);

	/* Not before its time, however slow the flow is. */
	cruise_at(test, &law, GBIT / 1000, FAR_US);
	KUNIT_EXPECT_FALSE(test, xgs_law_idle(&law, FAR_US, 999, 1000, GBIT / 100));
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 1000);
}

static void timeout_halves(struct kunit *test)
{
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, FAR_US);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	/* Its losses are as many as there can be: paced by the rate alone. */
	KUNIT_EXPECT_EQ(test, xgs_law_pacing_least(&law, MSS, 1000), 0ULL);
	for (i = 0; i < 100; i++)
		xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_EXPECT_EQ(test, law.rate, slowest_rate());
}

/* A link that lets nothing through for a while is the same link afterwards. */
static void a_blackout_costs_an_eighth(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	law.rate_full = GBIT + GBIT / 64;
	xgs_law_timeout(&law, MSS, FAR_US, true);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT - GBIT / 8);
	KUNIT_EXPECT_EQ(test, law.rate_full, GBIT + GBIT / 64);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	/* It was one after all: what was lost is undone. */
	xgs_law_undo(&law);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT + GBIT / 64);

	/* What was only tried is not known. */
	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_law_timeout(&law, MSS, FAR_US, true);
	KUNIT_EXPECT_EQ(test, law.rate_full, law.rate);
}

/*
 * The first packet sent again must not hold up the second for long: a quarter of a
 * packet per round trip is left, and who has less keeps it.
 */
static void timeouts_leave_a_quarter_of_a_packet(struct kunit *test)
{
	u64 least = xgs_rate_of(MSS / 4, 1000);
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, 100);
	for (i = 0; i < 100; i++)
		xgs_law_timeout(&law, MSS, 1000, false);
	KUNIT_EXPECT_EQ(test, law.rate, least);
	law.rate = least / 2;
	xgs_law_timeout(&law, MSS, 1000, false);
	KUNIT_EXPECT_EQ(test, law.rate, least / 2);
}

/* One timeout is not the end of what was known; each takes a quarter of it. */
static void timeouts_forget_slowly(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_EXPECT_EQ(test, law.rate_full, GBIT);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_EXPECT_EQ(test, law.rate_full, GBIT / 4 * 3);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 4);

	/* What was only tried is not known. */
	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_EXPECT_EQ(test, law.rate_full, law.rate);
}

/*
 * Where all is marked and two packets per round trip is all there is, the rate
 * says something that a window could: a quarter of a packet.
 */
static void many_flows_keep_a_rate(struct kunit *test)
{
	u64 least = xgs_rate_of(MSS / 4, 1000);
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, 100);
	for (i = 0; i < 200; i++) {
		round = marked_round(&law, 100, 2);
		round.delivered = 2;
		round.rtt_us = 1000;
		round.srtt_us = 1000;
		round.elapsed_us = 1000;
		round.bw = 0;
		round.ack_bw = 0;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_GE(test, law.rate, least);
	}
	KUNIT_EXPECT_EQ(test, law.rate, least);
	/* Who has less is not given more for that. */
	law.rate = least / 2;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.rate, least / 2);
}

static void timeout_ends_the_start(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);

	/* From what was delivered, not from what was tried. */
	xgs_start_begin(&law, FAR_US, GBIT, 0);
	round = calm(&law, FAR_US);
	round.bw = GBIT / 4;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_ASSERT_TRUE(test, xgs_law_starts(&law));
	xgs_law_timeout(&law, MSS, FAR_US, false);
	expect_proven(test, law.rate, GBIT / 8);

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, GBIT / 4);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	expect_proven(test, law.rate, GBIT / 8);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
}

/* Rounds at a delay that stays, until it is suspected; 0 if not in 200. */
static u32 rounds_to_suspicion(struct kunit *test, u32 base_us, u32 lost,
			       bool enabled)
{
	struct xgs_law_params params = defaults;
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	params.enabled = enabled;
	cruise_at(test, &law, GBIT, base_us);
	for (i = 1; i <= 200; i++) {
		round = calm(&law, base_us);
		round.rtt_us += 10000 + i % 2 * 500;
		round.elapsed_us = round.rtt_us;
		round.lost = lost;
		if (xgs_law_round(&law, &round, &params) == XGS_RIVAL)
			return i;
	}
	return 0;
}

/*
 * However little is left of the rate, half of the queue in which flows that have as much
 * are in balance is not suspicious: alpha^2 r / 2 = 250 sqrt(r) (1 - alpha).
 */
static void flows_of_xgs_are_no_rivals(struct kunit *test)
{
	static const struct {
		u64 rate;
		u32 alpha;	/* per mille */
	} cases[] = { { 10000000, 327 }, { 100000000, 200 }, { 1000000000, 118 } };
	struct xgs_curve curve;
	struct xgs_round round;
	u32 nr, stands_us, i, us;

	xgs_curve_at(&curve, REGION_US, 0, &defaults);
	for (nr = 0; nr < ARRAY_SIZE(cases); nr++) {
		struct xgs_law law = {};

		cruise_at(test, &law, 16 * cases[nr].rate, REGION_US);
		stands_us = curve.lo_us + (curve.hi_us - curve.lo_us) *
					  cases[nr].alpha / 2000;
		for (i = 0, us = 0; i < 400; i++) {
			round = calm(&law, REGION_US);
			/* It moves, and a peak now and then is no evidence either. */
			round.rtt_us += stands_us - 20 - i % 2 * 75 +
					(i % 20 ? 0 : 50);
			us += i % 20 ? 0 : round.elapsed_us;
			KUNIT_ASSERT_NE(test, (int)xgs_law_round(&law, &round,
								 &defaults),
					(int)XGS_RIVAL);
			law.rate = cases[nr].rate;
		}
		/* What stays above that is. */
		for (i = 0; i < 400; i++) {
			round = calm(&law, REGION_US);
			round.rtt_us += stands_us + 20 + i % 2 * 75;
			us += round.elapsed_us;
			if (xgs_law_round(&law, &round, &defaults) == XGS_RIVAL)
				break;
			law.rate = cases[nr].rate;
		}
		KUNIT_EXPECT_GE(test, us, 600000U);
		KUNIT_EXPECT_LE(test, us, 600000U + 2 * REGION_US);
	}
}

/*
 * Rounds with such a rate and queue, and alpha unless it is 0, and so much more of the way
 * back, until a rival is suspected; 0 if not in 600.
 */
static u32 rounds_beside(struct kunit *test, u32 base_us, u64 rate, u32 queue_us,
			 u32 alpha, u32 back_us)
{
	u32 moves_us = back_us ? 760 : 150;	/* or it would be distance */
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, base_us);
	for (i = 0; i < 600; i++) {
		law.rate = i ? rate : GBIT;
		law.alpha = alpha ?: law.alpha;
		round = calm(&law, base_us);
		round.rtt_us += queue_us + moves_us / 2 - i % 2 * moves_us;
		round.back_us = back_us;
		if (xgs_law_round(&law, &round, &defaults) == XGS_RIVAL)
			return i;
	}
	return 0;
}

/*
 * Who gave up three quarters has waited for 0.6 s, and who gave half for 2.4 s and for
 * 40 round trips: flows of xgs that join may have it.
 */
static void who_gave_less_waits_longer(struct kunit *test)
{
	static const struct {
		u32 base_us;
		u32 part;
		u32 us;
	} cases[] = {
		{ 10000, 5, 600000 }, { 10000, 4, 600000 },
		{ 10000, 3, 2400000 }, { 10000, 2, 2400000 },
		{ 30000, 2, 2400000 }, { 60000, 4, 600000 },
		{ 60000, 2, 2400000 }, { 150000, 4, 600000 },
		{ 150000, 2, 6000000 },
	};
	struct xgs_curve curve;
	u32 i, rounds, queue_us;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		xgs_curve_at(&curve, cases[i].base_us, 0, &defaults);
		queue_us = curve.hi_us / 4 * 3;
		rounds = rounds_beside(test, cases[i].base_us,
				       GBIT / cases[i].part, queue_us, 0, 0);
		KUNIT_EXPECT_GE(test, rounds,
				cases[i].us / cases[i].base_us - 4);
		KUNIT_EXPECT_LE(test, rounds,
				cases[i].us / cases[i].base_us + 4);
		KUNIT_EXPECT_EQ(test, 0U,
				rounds_beside(test, cases[i].base_us,
					      GBIT / 8 * 5, queue_us, 0, 0));
	}
}

/*
 * Flows of xgs come to a balance, and who goes down to that beside one that is farther
 * away may take seconds. With half of what it had it is not suspicious at the alpha of that,
 * nor at one that is 5 % larger; it is at one that is a quarter larger.
 */
static void a_balance_is_no_rival(struct kunit *test)
{
	static const u32 bases[] = { 5000, 10000, 30000, 60000, 150000 };
	u32 fair = xgs_fair_alpha(GBIT / 2), i, queue_us;
	struct xgs_curve curve;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		xgs_curve_at(&curve, bases[i], 0, &defaults);
		queue_us = curve.lo_us +
			   ((curve.hi_us - curve.lo_us) * fair >> XGS_FRAC_SHIFT);
		KUNIT_EXPECT_EQ(test, 0U, rounds_beside(test, bases[i], GBIT / 2,
							queue_us, fair, 0));
		KUNIT_EXPECT_EQ(test, 0U, rounds_beside(test, bases[i], GBIT / 2,
							queue_us,
							fair + fair / 20, 0));
		KUNIT_EXPECT_NE(test, 0U, rounds_beside(test, bases[i], GBIT / 2,
							queue_us,
							fair + fair / 4, 0));
		/* Who gave up three quarters is, whatever alpha. */
		KUNIT_EXPECT_NE(test, 0U, rounds_beside(test, bases[i], GBIT / 4,
							2 * queue_us, fair, 0));
		/* Of the way back's queue stamps leave as much as flows in balance. */
		KUNIT_EXPECT_NE(test, 0U, rounds_beside(test, bases[i], GBIT / 2,
							queue_us + 300, fair,
							2000));
	}
}

static void suspicion_takes_time(struct kunit *test)
{
	u32 rounds;

	/* However short the rounds, 0.6 s: a far flow needs as long. */
	rounds = rounds_to_suspicion(test, 3000, 0, true);
	KUNIT_EXPECT_GE(test, rounds, 600000U / 13000);
	KUNIT_EXPECT_LE(test, rounds, 600000U / 13000 + 8);
	/* However long the rounds, relearn_rounds of them. */
	rounds = rounds_to_suspicion(test, 100000, 0, true);
	KUNIT_EXPECT_GE(test, rounds, defaults.relearn_rounds);
	/* A rival that floods the path is one, too. */
	KUNIT_EXPECT_NE(test, rounds_to_suspicion(test, 30000, 100, true), 0U);
	KUNIT_EXPECT_EQ(test, rounds_to_suspicion(test, 30000, 0, false), 0U);
}

/* What ACKs say is two increases old, and that is no growth of the queue. */
static void own_steps_are_no_growth(struct kunit *test)
{
	struct xgs_law steady, raised;
	struct xgs_curve curve;
	struct xgs_round round;
	u64 step;

	cruise_at(test, &steady, GBIT / 4, FAR_US);
	steady.alpha = 0;
	raised = steady;
	xgs_curve_at(&curve, FAR_US, 0, &defaults);
	step = xgs_step(steady.rate, curve.gain);
	round = calm(&steady, FAR_US);
	round.rtt_us += curve.lo_us + 100;
	/* As far above what is delivered as is even, 0.35 ms a round trip. */
	round.ack_bw = steady.rate - div_u64(steady.rate * 350, FAR_US);
	xgs_law_round(&steady, &round, &defaults);
	KUNIT_ASSERT_GT(test, steady.alpha, 0);
	round.ack_bw -= 2 * step;
	xgs_law_round(&raised, &round, &defaults);
	KUNIT_EXPECT_EQ(test, raised.alpha, steady.alpha);
	KUNIT_EXPECT_EQ(test, raised.rate, steady.rate);

	/* More than that is. */
	round.ack_bw -= 2 * step;
	xgs_law_round(&raised, &round, &defaults);
	KUNIT_EXPECT_GT(test, raised.alpha, 2 * steady.alpha);
}

/* -- among flows from farther away -------------------------------------- */

#define RACK_US 100U

/* Others' queue, which rises and falls by two fifths in 40 rounds. */
static struct xgs_round among_others(const struct xgs_law *law, u32 queue_us,
				     u32 i)
{
	struct xgs_round round = calm(law, RACK_US);
	u32 phase = i % 40 < 20 ? i % 40 : 40 - i % 40;

	queue_us = queue_us * (30 + 2 * phase) / 50;
	round.rtt_us += queue_us;
	round.srtt_us += queue_us;
	round.elapsed_us += queue_us;
	return round;
}

/* The average rate of the second half of so many rounds. */
static u64 rate_among(struct kunit *test, struct xgs_law *law, u32 queue_us,
		      u32 rounds)
{
	struct xgs_round round;
	u64 sum = 0;
	u32 i;

	cruise_at(test, law, GBIT, RACK_US);
	for (i = 0; i < rounds; i++) {
		round = among_others(law, queue_us, i);
		xgs_law_round(law, &round, &defaults);
		if (i >= rounds / 2)
			sum += law->rate;
	}
	return div_u64(sum, rounds - rounds / 2);
}

/* A near flow ends where a far one would, with the same queue. */
static void near_flows_take_far_thresholds(struct kunit *test)
{
	u64 fair, rate;
	struct xgs_law law;
	u32 alpha;

	rate = rate_among(test, &law, 400, 4000);
	KUNIT_EXPECT_EQ(test, (u32)law.wide, 1U);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	/* f of 400 us, with 200 and at 100 us 1696 of 2000. */
	alpha = XGS_FRAC_ONE * 200 / 1496;
	fair = xgs_fair_rate(alpha);
	KUNIT_EXPECT_GE(test, rate, fair / 2);
	KUNIT_EXPECT_LE(test, rate, 2 * fair);
}

/* An RTT that does not move is a longer path, and tested first. */
static void one_rtt_is_no_queue_of_others(struct kunit *test)
{
	enum xgs_cause cause = XGS_CLEAR;
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, RACK_US);
	for (i = 0; i < 4000 && cause != XGS_RELEARN; i++) {
		round = calm(&law, RACK_US);
		round.rtt_us += 800;
		round.srtt_us = round.rtt_us;
		round.elapsed_us = round.rtt_us;
		cause = xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (u32)law.wide, 0U);
	}
	KUNIT_EXPECT_EQ(test, (int)cause, (int)XGS_RELEARN);
}

static void far_thresholds_end(struct kunit *test)
{
	struct xgs_law law, drained, marked, idle;
	struct xgs_round round;

	rate_among(test, &law, 1500, 4000);
	KUNIT_ASSERT_EQ(test, (u32)law.wide, 1U);

	drained = law;
	drained.draining = 1;
	round = among_others(&drained, 1500, 0);
	xgs_law_round(&drained, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (u32)drained.wide, 0U);

	marked = law;
	round = among_others(&marked, 1500, 0);
	round.marks_live = true;
	xgs_law_round(&marked, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (u32)marked.wide, 0U);

	idle = law;
	xgs_law_idle(&idle, FAR_US, 2000, 1000, 1);
	KUNIT_EXPECT_EQ(test, (u32)idle.wide, 0U);
}

/* A queue that the far ones' thresholds don't allow is a rival's all the same. */
static void far_thresholds_are_no_excuse(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, RACK_US);
	for (i = 0; i < 4000 && !(law.wide && law.mode == XGS_COMPETE); i++) {
		round = among_others(&law, 20000, i);
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_LT(test, i, 4000U);
}

/* lo is 200 us and hi 1053 there: 733 is nearly that. */
#define SITE_US 900U

/* A queue that swings. */
struct swings {
	u32 base_us;
	u32 rounds;		/* above lo */
	u32 peak_us;		/* in one of them */
	u32 gap;		/* rounds below lo */
	u32 hurried;		/* of so many, one has a round less; 0 for none */
	bool marks;
};

/* How many of them it takes to be known for farther flows'; 0 for never. */
static u32 swings_known(const struct swings *swings,
			const struct xgs_law_params *params, struct xgs_law *law)
{
	struct xgs_round round;
	u32 i, j, rounds;

	for (i = 1; i <= 40; i++) {
		rounds = swings->rounds -
			 (swings->hurried && i % swings->hurried == 0);
		for (j = 0; j < rounds + swings->gap; j++) {
			round = calm(law, swings->base_us);
			if (j < rounds)
				round.rtt_us += j == rounds / 2 ?
						swings->peak_us : 600;
			round.srtt_us = round.rtt_us;
			round.elapsed_us = round.rtt_us;
			round.marks_live = swings->marks;
			xgs_law_round(law, &round, params);
			if (law->wide)
				return i;
		}
	}
	return 0;
}

/* Not of near ones' if it is above lo for 17 rounds, with nearly hi among them. */
static void slow_swings_are_farther_flows(struct kunit *test)
{
	static const struct {
		struct swings swings;
		u32 known;
	} cases[] = {
		/* In the round after the eighth. */
		{ { SITE_US, 17, 740, 5 }, 9 },
		{ { SITE_US, 40, 740, 5 }, 9 },
		{ { SITE_US, 17, 740, 60 }, 9 },
		{ { SITE_US, 16, 740, 5 }, 0 },
		{ { SITE_US, 17, 725, 5 }, 0 },
		/* Not so many in a row. */
		{ { SITE_US, 17, 1100, 5, 9 }, 9 },
		{ { SITE_US, 17, 1100, 5, 8 }, 0 },
		{ { SITE_US, 17, 1100, 70 }, 0 },
		/* With marks, and from 2 ms on, all have the same thresholds. */
		{ { SITE_US, 17, 1100, 5, 0, true }, 0 },
		{ { XGS_DELAY_FAR_US, 17, 2500, 5 }, 0 },
	};
	struct xgs_law_params off = defaults;
	struct xgs_law law;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cruise_at(test, &law, GBIT, cases[i].swings.base_us);
		KUNIT_EXPECT_EQ_MSG(test,
				    swings_known(&cases[i].swings, &defaults,
						 &law),
				    cases[i].known, "case %zu", i);
		KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	}

	off.relearn_rounds = 0;
	cruise_at(test, &law, GBIT, SITE_US);
	KUNIT_EXPECT_EQ(test, swings_known(&cases[0].swings, &off, &law), 0U);
}

/* They are counted anew after a drain, and are no cycles of BBR's. */
static void swings_are_counted_anew(struct kunit *test)
{
	static const struct swings slow = { SITE_US, 17, 1100, 5 };
	struct xgs_round round;
	struct xgs_law law;

	cruise_at(test, &law, GBIT, SITE_US);
	KUNIT_ASSERT_EQ(test, swings_known(&slow, &defaults, &law), 9U);
	round = calm(&law, SITE_US);
	round.rtt_us += 600;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	law.draining = 1;
	round = calm(&law, SITE_US);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, (u32)law.wide, 0U);
	KUNIT_EXPECT_GE(test, swings_known(&slow, &defaults, &law), 8U);
}

/* Whoever is not near has them anyway. */
static void far_flows_are_not_widened(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	cruise_at(test, &law, GBIT, REGION_US);
	for (i = 0; i < 1000; i++) {
		round = calm(&law, REGION_US);
		round.rtt_us += 20000 + 300 * (i % 40);
		round.elapsed_us = round.rtt_us;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (u32)law.wide, 0U);
	}
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
}

/* Switched off: whatever a round shows, nobody gets more than he had. */
static void switched_off_flows_take_no_more(struct kunit *test)
{
	struct xgs_law_params off = defaults;
	struct xgs_round round;
	struct rnd_state rnd;
	struct xgs_law law;
	u64 most;
	int i;

	off.enabled = 0;
	prandom_seed_state(&rnd, 24);
	for (i = 0; i < 20000; i++) {
		if (i % 100 == 0) {
			xgs_start_begin(&law, FAR_US, any_rate(&rnd), 0);
			if (xgs_random(&rnd, 1))
				xgs_start_end(&law, any_rate(&rnd));
			law.mode = xgs_random(&rnd, XGS_COMPETE);
		}
		most = max(law.rate, law.rate_full);
		round = calm(&law, 1 + xgs_random(&rnd, XGS_RTT_MAX_US - 1));
		round.bw = xgs_random(&rnd, XGS_RATE_MAX);
		round.ack_bw = round.bw;
		round.window = 2 * round.window;
		if (xgs_random(&rnd, 3) == 0)
			round.rtt_us += xgs_random(&rnd, round.base_us);
		if (xgs_random(&rnd, 3) == 0)
			round.lost = xgs_random(&rnd, 10);
		xgs_law_round(&law, &round, &off);
		KUNIT_ASSERT_LE(test, law.rate, most);
		KUNIT_ASSERT_LE(test, law.rate_full, most);
		KUNIT_ASSERT_FALSE(test, xgs_law_starts(&law));
		KUNIT_ASSERT_NE(test, (int)law.mode, (int)XGS_COMPETE);
	}
}

/* ... and he gets back what congestion took for a while. */
static void switched_off_flows_recover(struct kunit *test)
{
	struct xgs_law_params off = defaults;
	struct xgs_round round;
	struct xgs_law law;
	int i;

	off.enabled = 0;
	cruise_at(test, &law, GBIT, FAR_US);
	round = calm(&law, FAR_US);
	xgs_law_round(&law, &round, &defaults);
	for (i = 0; i < 8; i++) {
		round = marked_round(&law, FAR_US, 1000);
		xgs_law_round(&law, &round, &off);
	}
	KUNIT_ASSERT_LT(test, law.rate, GBIT * 9 / 10);
	for (i = 0; i < 40; i++) {
		round = calm(&law, FAR_US);
		xgs_law_round(&law, &round, &off);
	}
	KUNIT_EXPECT_GE(test, law.rate, GBIT * 15 / 16);
	KUNIT_EXPECT_LE(test, law.rate, GBIT * 17 / 16);
}

static void undo_restores(struct kunit *test)
{
	struct xgs_law law;

	cruise_at(test, &law, GBIT, FAR_US);
	xgs_law_timeout(&law, MSS, FAR_US, false);
	xgs_law_undo(&law);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	xgs_law_undo(&law);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);

	/* The rate of the latest timeout, not of an earlier one. */
	law.bw[0] = 2 * GBIT >> XGS_RATE_SHIFT;
	law.rate = 2 * GBIT;
	xgs_law_timeout(&law, MSS, FAR_US, false);
	xgs_law_undo(&law);
	KUNIT_EXPECT_EQ(test, law.rate, 2 * GBIT);
	law.rate = GBIT;
	xgs_law_timeout(&law, MSS, FAR_US, false);
	xgs_law_undo(&law);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);

	/* A proven rate is not one that was lost. */
	xgs_start_begin(&law, FAR_US, GBIT, 2 * GBIT);
	xgs_law_undo(&law);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
}

/* -- whatever happens -------------------------------------------------- */

enum mood { CALM, QUEUED, MARKED, LOSSY, WILD, MOODS };

/* A flow whose rounds are random but, like real ones, resemble each other. */
struct wanderer {
	struct rnd_state rnd;
	struct xgs_law_params params;
	struct xgs_law law;
	u32 base_us;
	u32 delayed;		/* rounds in a row that could be stuck */
	u32 looks;
	enum mood mood;
};

static void wanderer_begin(struct wanderer *w)
{
	u64 proven = xgs_chance(&w->rnd, 50) ? any_rate(&w->rnd) : 0;

	w->base_us = xgs_random(&w->rnd, XGS_RTT_MAX_US);
	w->delayed = 0;
	w->mood = CALM;
	xgs_start_begin(&w->law, w->base_us,
			xgs_random(&w->rnd, proven ?: U64_MAX), proven);
}

static struct xgs_round wanderer_round(struct wanderer *w)
{
	struct xgs_round round = calm(&w->law, w->base_us);
	struct rnd_state *rnd = &w->rnd;

	if (xgs_chance(rnd, 10))
		w->mood = prandom_u32_state(rnd) % MOODS;
	round.delivered = xgs_random(rnd, 100000);
	round.window += xgs_random(rnd, round.window + MSS);
	round.burst_us = xgs_random(rnd, 1000);
	round.app_limited = xgs_chance(rnd, 10);
	round.busy = xgs_random(rnd, U8_MAX);
	round.elapsed_us += xgs_random(rnd, 10ULL * w->base_us);
	if (xgs_chance(rnd, 30))
		round.bw -= round.bw / 8;
	round.ack_bw = xgs_chance(rnd, 90) ? round.bw :
					     xgs_random(rnd, XGS_RATE_MAX);
	if (xgs_chance(rnd, 10))
		round.bw = xgs_chance(rnd, 50) ? xgs_random(rnd, XGS_RATE_MAX) :
						 0;
	if (xgs_chance(rnd, 10))
		round.fair = xgs_random(rnd, (u64)U32_MAX << XGS_RATE_SHIFT);
	if (xgs_chance(rnd, 10))
		round.freed = xgs_random(rnd, (u64)U32_MAX << XGS_RATE_SHIFT);
	switch (w->mood) {
	case QUEUED:
		round.rtt_us += xgs_random(rnd, XGS_RTT_MAX_US);
		break;
	case MARKED:
		round.marked = xgs_random(rnd, round.delivered);
		round.marks_live = true;
		break;
	case LOSSY:
		round.lost = xgs_random(rnd, round.delivered);
		break;
	case WILD:
		round.rtt_us = xgs_random(rnd, U32_MAX);
		round.elapsed_us = xgs_random(rnd, U32_MAX);
		round.burst_us = xgs_random(rnd, U32_MAX);
		round.delivered = xgs_random(rnd, U32_MAX);
		round.marked = xgs_random(rnd, U32_MAX);
		round.lost = xgs_random(rnd, U32_MAX);
		round.window = xgs_random(rnd, U64_MAX);
		round.marks_live = xgs_chance(rnd, 50);
		break;
	default:
		break;
	}
	return round;
}

static void check_state(struct kunit *test, const struct wanderer *w)
{
	const struct xgs_law *law = &w->law;
	u32 window = xgs_law_window(law, w->base_us, 0, MSS, &w->params);
	u64 pacing = xgs_law_pacing(law);

	KUNIT_ASSERT_GE(test, law->rate, slowest_rate());
	KUNIT_ASSERT_LE(test, law->rate, XGS_RATE_MAX);
	KUNIT_ASSERT_LE(test, (int)law->mode, (int)XGS_COMPETE);
	KUNIT_ASSERT_LE(test, (u32)law->loss_base, XGS_LOSS_ONE / 20);
	KUNIT_ASSERT_LE(test, (u32)law->shallow, 3U);
	KUNIT_ASSERT_GE(test, window, w->params.min_cwnd);
	KUNIT_ASSERT_GE(test, pacing, law->rate / 4);
	KUNIT_ASSERT_LE(test, pacing, law->rate * (xgs_law_leaps(law) ? 16 : 3));
}

/* What damping alone makes of a rate. */
static u64 wanderer_damped(const struct xgs_law *before, u64 rate,
			   const struct xgs_round *round, enum xgs_cause cause)
{
	if (!before->marks || !round->marks_live || !before->before_us ||
	    round->app_limited || (cause != XGS_CLEAR && cause != XGS_MARKS))
		return rate;
	rate = xgs_damped(rate, round->base_us, before->before_us,
			  round->rtt_us);
	return clamp(rate, slowest_rate(), XGS_RATE_MAX);
}

/* A round of a flow that cruised, and was not about to drain. */
static void check_cruise(struct kunit *test, struct wanderer *w,
			 const struct xgs_law *before,
			 const struct xgs_round *round, enum xgs_cause cause)
{
	u64 was = wanderer_damped(before, before->rate, round, cause);
	u64 rate = w->law.rate, least = was;
	u64 sent = (u64)round->delivered + round->lost;
	bool quiet = sent && !round->marked && !round->lost &&
		     round->rtt_us <= round->base_us;
	struct xgs_curve curve;
	u64 most;

	xgs_curve_at(&curve, round->base_us, round->burst_us, &w->params);
	if (quiet)
		KUNIT_ASSERT_EQ(test, (int)cause, (int)XGS_CLEAR);
	/* Of sharing there are tests of their own. */
	if (round->fair)
		return;

	/* What one round may take: half, or down to half of what got there. */
	if (round->lost && round->bw)
		least = min(least, round->bw);
	if (sent && 5ULL * round->lost <= sent)
		KUNIT_ASSERT_GE(test, rate, least / 2);
	if (round->app_limited && round->lost < curve.loss_min)
		KUNIT_ASSERT_EQ(test, rate, was);
	if (round->app_limited)
		KUNIT_ASSERT_LE(test, rate, was);

	switch (cause) {
	case XGS_CLEAR:
		/* But for what it has too much. */
		KUNIT_ASSERT_GE(test, rate, max(was - was / 64, slowest_rate()));
		most = xgs_law_bw(&w->law);
		most += most / 4 + xgs_rate_of(2ULL * round->mss,
					       round->rtt_us);
		most = wanderer_damped(before, most, round, cause);
		KUNIT_ASSERT_LE(test, rate, max(was, most));
		break;
	case XGS_RELEARN:
		/* Only what competes learns that it was distance. */
		KUNIT_FAIL(test, "relearnt while cruising");
		break;
	case XGS_RIVAL:
		KUNIT_ASSERT_GT(test, w->params.relearn_rounds, 0U);
		/* Without a delay only BBR's probes tell, the ninth at the latest now. */
		if (!w->delayed)
			KUNIT_ASSERT_GE(test, (u32)before->cycles, 8U);
		KUNIT_ASSERT_EQ(test, (int)w->law.mode, (int)XGS_COMPETE);
		KUNIT_ASSERT_GE(test, rate, was);
		break;
	case XGS_LOSS:
		/* Silence after a flood of loss is no news. */
		if (sent)
			KUNIT_ASSERT_GE(test, round->lost, curve.loss_min);
		KUNIT_ASSERT_LE(test, rate, was);
		break;
	default:
		/* Little congestion leaves a little of the increase. */
		most = max(before->rate, xgs_rate_of(MSS, round->srtt_us)) +
		       8 * xgs_step(before->rate, curve.gain);
		if (cause == XGS_MARKS)
			most += before->rate / 4;	/* catching up */
		most = wanderer_damped(before, most, round, cause);
		KUNIT_ASSERT_LE(test, rate, most);
		break;
	}
	if (cause == XGS_MARKS) {
		KUNIT_ASSERT_GT(test, round->marked, 0U);
		if (round->marked >= round->delivered)
			KUNIT_ASSERT_LE(test, rate, was);
	}
	if (cause == XGS_DELAY)
		KUNIT_ASSERT_GT(test, round->rtt_us, round->base_us +
				(curve.lo_us >> before->shallow) / 4);
}

static void wanderer_step(struct kunit *test, struct wanderer *w)
{
	struct xgs_round round = wanderer_round(w);
	struct xgs_law before = w->law;
	struct xgs_curve curve;
	enum xgs_cause cause;

	xgs_curve_at(&curve, round.base_us, round.burst_us, &w->params);
	if (round.rtt_us > (u64)round.base_us + curve.lo_us &&
	    !round.marks_live)
		w->delayed++;
	else if (!round.app_limited && !before.draining)
		w->delayed = 0;

	cause = xgs_law_round(&w->law, &round, &w->params);
	switch (before.mode) {
	case XGS_LEAP:
	case XGS_TRY:
	case XGS_PROVE:
		KUNIT_ASSERT_LE(test, (int)cause, (int)XGS_LOSS);
		if (!before.met) {
			KUNIT_ASSERT_LE(test, (int)w->law.mode, (int)XGS_SETTLE);
			break;
		}
		/* A look ends where it began, or as a start does. */
		KUNIT_ASSERT_NE(test, (int)w->law.mode, (int)XGS_START);
		KUNIT_ASSERT_LE(test, (int)w->law.mode, (int)XGS_CRUISE);
		KUNIT_ASSERT_LE(test, w->law.rate, 4 * before.rate);
		break;
	case XGS_START:
		KUNIT_ASSERT_GE(test, (int)w->law.mode, (int)XGS_START);
		KUNIT_ASSERT_NE(test, (int)cause, (int)XGS_RELEARN);
		if (w->law.mode != XGS_CRUISE)
			break;
		KUNIT_ASSERT_GT(test, before.rate_full, 0ULL);
		KUNIT_ASSERT_LE(test, w->law.rate,
				max(before.rate_full, slowest_rate()));
		break;
	case XGS_SETTLE:
		KUNIT_ASSERT_FALSE(test, xgs_law_starts(&w->law));
		KUNIT_ASSERT_NE(test, (int)cause, (int)XGS_RELEARN);
		break;
	case XGS_COMPETE:
		KUNIT_ASSERT_NE(test, (int)cause, (int)XGS_RIVAL);
		if (cause == XGS_RELEARN)
			KUNIT_ASSERT_EQ(test, (int)w->law.mode,
					(int)XGS_CRUISE);
		if (round.marks_live)
			KUNIT_ASSERT_EQ(test, (int)w->law.mode,
					(int)XGS_CRUISE);
		break;
	default:
		if (cause != XGS_RIVAL && !xgs_law_looks(&w->law))
			KUNIT_ASSERT_EQ(test, (int)w->law.mode,
					(int)XGS_CRUISE);
		if (xgs_law_looks(&w->law)) {
			KUNIT_ASSERT_EQ(test, (int)cause, (int)XGS_CLEAR);
			KUNIT_ASSERT_GT(test, w->params.enabled, 0U);
			w->looks++;
		}
		KUNIT_ASSERT_EQ(test, (int)w->law.draining, 0);
		if (before.draining)
			KUNIT_ASSERT_EQ(test, w->law.rate, before.rate);
		else
			check_cruise(test, w, &before, &round, cause);
		break;
	}
	if (cause == XGS_RELEARN) {
		w->base_us = min(round.rtt_us, XGS_RTT_MAX_US);
		w->delayed = 0;
	}
	check_state(test, w);
}

/* What befalls a flow between rounds. */
static void wanderer_event(struct kunit *test, struct wanderer *w)
{
	struct xgs_law before = w->law;
	bool anew, blackout;
	u32 mss, srtt_us;
	u64 cold, least;

	switch (prandom_u32_state(&w->rnd) % 16) {
	case 0:
		cold = any_rate(&w->rnd);
		anew = xgs_law_idle(&w->law, w->base_us, xgs_random(&w->rnd, U32_MAX),
				    100 + xgs_random(&w->rnd, 59900), cold);
		KUNIT_ASSERT_LE(test, w->law.rate,
				anew ? cold : before.rate);
		KUNIT_ASSERT_GE(test, w->law.rate, min(before.rate, cold));
		w->delayed = 0;
		break;
	case 1:
		mss = 1 + xgs_random(&w->rnd, U16_MAX);
		srtt_us = xgs_random(&w->rnd, U32_MAX);
		blackout = prandom_u32_state(&w->rnd) % 2;
		xgs_law_timeout(&w->law, mss, srtt_us, blackout);
		KUNIT_ASSERT_LE(test, w->law.rate, max(before.rate,
						       slowest_rate()));
		least = blackout ? before.rate - before.rate / 8 :
				   before.rate / 2;
		KUNIT_ASSERT_LE(test, w->law.rate,
				max3(least, slowest_rate(),
				     xgs_rate_of(mss / 4, srtt_us)));
		w->delayed = 0;
		break;
	case 2:
		xgs_law_undo(&w->law);
		KUNIT_ASSERT_GE(test, w->law.rate, before.rate);
		break;
	case 3:
		if (w->law.mode >= XGS_CRUISE)
			w->law.draining = 1;
		break;
	case 4:
		if (!xgs_law_starts(&w->law))
			break;
		xgs_start_end(&w->law, xgs_random(&w->rnd, XGS_RATE_MAX));
		KUNIT_ASSERT_LE(test, w->law.rate, before.rate);
		break;
	case 5:
		w->base_us = xgs_random(&w->rnd, XGS_RTT_MAX_US);
		break;
	default:
		break;
	}
	check_state(test, w);
}

static void invariants_under_random_rounds(struct kunit *test)
{
	struct wanderer *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u32 flow, i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->params = xgs_corner_params(test);
	prandom_seed_state(&w->rnd, 3);
	for (flow = 0; flow < 500; flow++) {
		wanderer_begin(w);
		for (i = 0; i < 300; i++) {
			wanderer_step(test, w);
			wanderer_event(test, w);
		}
	}
	if (w->params.enabled)
		KUNIT_EXPECT_GT(test, w->looks, 0U);
}

static struct kunit_case round_cases[] = {
	KUNIT_CASE_PARAM(clear_rounds_raise, xgs_corner_gen_params),
	KUNIT_CASE(far_raises_are_bounded),
	KUNIT_CASE(the_way_back_ends_at_what_was_carried),
	KUNIT_CASE(a_raise_needs_proof),
	KUNIT_CASE(a_few_bursts_are_proof),
	KUNIT_CASE(proof_is_forgotten),
	KUNIT_CASE(long_rounds_raise_more),
	KUNIT_CASE(a_lost_share_is_taken_back),
	KUNIT_CASE_PARAM(app_limited_rounds_change_nothing,
			 xgs_corner_gen_params),
	KUNIT_CASE(app_limited_loss_is_answered),
	KUNIT_CASE(a_full_round_is_not_limited),
	KUNIT_CASE(bursts_begin_below_the_last_congestion),
	KUNIT_CASE(a_step_begins_with_the_mean),
	KUNIT_CASE(alpha_averages_time_where_nothing_marks),
	KUNIT_CASE(the_law_looks_ahead),
	KUNIT_CASE(nearly_even_rates_are_even),
	KUNIT_CASE(growth_that_never_comes_is_none),
	KUNIT_CASE(growth_counts_up_to_hi),
	KUNIT_CASE(drift_is_no_queue),
	KUNIT_CASE(news_from_far_away_is_taken_calmly),
	KUNIT_CASE(clear_rounds_go_by_alpha_far_away),
	KUNIT_CASE(a_surplus_is_given_up),
	KUNIT_CASE(far_cuts_give_their_part),
	KUNIT_CASE(what_a_flow_claims),
	KUNIT_CASE(flows_of_a_path_meet_half_way),
	KUNIT_CASE(a_queue_comes_before_sharing),
	KUNIT_CASE(what_is_freed_is_taken),
	KUNIT_CASE(shared_rates_stay_in_range),
	KUNIT_CASE(drains_change_nothing),
	KUNIT_CASE(a_drain_goes_on),
	KUNIT_CASE_PARAM(congestion_has_a_cause, congestion_gen_params),
	KUNIT_CASE(a_cut_keeps_what_is_delivered),
	KUNIT_CASE(congestion_is_averaged),
	KUNIT_CASE(congestion_is_answered_in_proportion),
	KUNIT_CASE(equal_marks_give_equal_rates),
	KUNIT_CASE(marks_in_bursts_count_the_same),
	KUNIT_CASE(far_flows_catch_up),
	KUNIT_CASE(catching_up_is_bounded),
	KUNIT_CASE(loss_of_its_own_is_tolerated),
	KUNIT_CASE(loss_is_measured_against_its_average),
	KUNIT_CASE(short_buffers_halve_the_thresholds),
	KUNIT_CASE(thresholds_are_halved_twice_at_most),
	KUNIT_CASE(an_overshoot_halves_at_once),
	KUNIT_CASE(other_loss_halves_nothing),
	KUNIT_CASE(halved_thresholds_return),
	KUNIT_CASE(loss_nearby_is_congestion),
	KUNIT_CASE(loss_limit_is_obeyed),
	KUNIT_CASE(flood_of_loss_stops_the_flow),
	KUNIT_CASE(flood_must_last),
	KUNIT_CASE(flood_is_forgotten_round_by_round),
	KUNIT_CASE(a_longer_path_is_relearnt),
	KUNIT_CASE(a_path_is_longer_if_its_rtt_stays),
	KUNIT_CASE(a_queue_is_no_distance),
	KUNIT_CASE(the_way_back_only_holds),
	KUNIT_CASE(a_little_longer_path_is_relearnt),
	KUNIT_CASE(only_a_stuck_delay_is_relearnt),
	KUNIT_CASE(a_near_flow_does_not_test_a_delay),
	KUNIT_CASE(a_queue_that_yields_is_ours),
	KUNIT_CASE(a_slower_link_is_seen_at_once),
	KUNIT_CASE(a_repair_is_no_slower_link),
	KUNIT_CASE(a_single_packet_is_no_measure_of_loss),
	KUNIT_CASE(a_queue_damps_where_marks_control),
	KUNIT_CASE(damping_begins_with_the_first_mark),
	KUNIT_CASE(the_rounds_own_queue_damps),
	KUNIT_CASE(a_mark_leaves_the_start_its_train),
	KUNIT_CASE(the_way_back_takes_patience_near_by),
	KUNIT_CASE(steps_are_larger_where_marks_control),
	KUNIT_CASE(marks_take_more_patience),
	KUNIT_CASE(marks_are_cut_by_what_was_before),
	KUNIT_CASE(rounds_are_as_long_with_a_queue),
	KUNIT_CASE(slow_flows_have_no_goal),
	KUNIT_CASE(a_packet_per_round_trip_is_left),
	KUNIT_CASE(idle_halves),
	KUNIT_CASE(idle_long_enough_is_a_new_start),
	KUNIT_CASE(timeout_halves),
	KUNIT_CASE(a_blackout_costs_an_eighth),
	KUNIT_CASE(timeouts_leave_a_quarter_of_a_packet),
	KUNIT_CASE(timeouts_forget_slowly),
	KUNIT_CASE(many_flows_keep_a_rate),
	KUNIT_CASE(timeout_ends_the_start),
	KUNIT_CASE(flows_of_xgs_are_no_rivals),
	KUNIT_CASE(who_gave_less_waits_longer),
	KUNIT_CASE(a_balance_is_no_rival),
	KUNIT_CASE(suspicion_takes_time),
	KUNIT_CASE(own_steps_are_no_growth),
	KUNIT_CASE(near_flows_take_far_thresholds),
	KUNIT_CASE(one_rtt_is_no_queue_of_others),
	KUNIT_CASE(far_thresholds_end),
	KUNIT_CASE(far_thresholds_are_no_excuse),
	KUNIT_CASE(slow_swings_are_farther_flows),
	KUNIT_CASE(swings_are_counted_anew),
	KUNIT_CASE(far_flows_are_not_widened),
	KUNIT_CASE(switched_off_flows_take_no_more),
	KUNIT_CASE(switched_off_flows_recover),
	KUNIT_CASE(undo_restores),
	KUNIT_CASE_PARAM(invariants_under_random_rounds,
			 xgs_corner_gen_params),
	{}
};

static struct kunit_suite round_suite = {
	.name = "tcp_xgs_round",
	.test_cases = round_cases,
};

kunit_test_suite(round_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of the control law of tcp_xgs");
MODULE_LICENSE("GPL");
