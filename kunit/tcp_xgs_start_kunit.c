// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the start of a flow: how it leaps, how it doubles, how it finds out that
 * the path is full, and how it lets go of the queue that it has made.
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

/* A start that doubles, as it does near by and when the last leap is over. */
static void start_at(struct xgs_law *law, u64 rate)
{
	xgs_start_begin(law, 0, rate, 0);
}

/* -- its measures ------------------------------------------------------ */

static void start_limit_has_no_step(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	u32 most = 2 + params.delay_target_pct / 100;
	u32 us, limit, before = 0;

	for (us = 1; us <= XGS_RTT_MAX_US; us++) {
		limit = xgs_start_limit(us, 0, 0, false, &params);
		KUNIT_ASSERT_GT_MSG(test, limit, us, "at %u us", us);
		KUNIT_ASSERT_GE_MSG(test, limit, before, "at %u us", us);
		if (before)
			KUNIT_ASSERT_LE_MSG(test, limit - before, most,
					    "at %u us", us);
		before = limit;
	}
	KUNIT_EXPECT_EQ(test, xgs_start_limit(U32_MAX, 0, 0, false, &params),
			before);
}

/* The queue that ends the start is one that the law would answer, and up to twice hi. */
static void start_limit_is_within_the_curve(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve curve;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 14);
	for (i = 0; i < 100000; i++) {
		u32 base_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 seen_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 burst_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 limit = xgs_start_limit(base_us, seen_us, burst_us,
						false, &params);

		xgs_curve_at(&curve, base_us, burst_us, &params);
		KUNIT_ASSERT_GE(test, limit, base_us + curve.lo_us);
		KUNIT_ASSERT_LE(test, limit, base_us + 2 * curve.hi_us);
	}
}

static void start_goes_on_beside_a_queue(struct kunit *test)
{
	/* A queue of 1 ms ends it at 30 ms when it is new, not when it stood. */
	KUNIT_EXPECT_EQ(test, xgs_start_limit(30000, 0, 0, false, &defaults),
			31000U);
	KUNIT_EXPECT_EQ(test, xgs_start_limit(30000, 31500, 0, false, &defaults),
			32500U);
	/* An eighth of the base RTT does, whoever made it, and 4 ms do. */
	KUNIT_EXPECT_EQ(test, xgs_start_limit(10000, 11000, 0, false, &defaults),
			11250U);
	KUNIT_EXPECT_EQ(test, xgs_start_limit(90000, 93900, 0, false, &defaults),
			94000U);
	/* Less than the base RTT has not been seen. */
	KUNIT_EXPECT_EQ(test, xgs_start_limit(30000, 29000, 0, false, &defaults),
			31000U);
	KUNIT_EXPECT_EQ(test, xgs_start_limit(30000, U32_MAX, 0, false, &defaults),
			33750U);
	/* Of a sixteenth of the base RTT that a proof makes, half is enough. */
	KUNIT_EXPECT_EQ(test, xgs_start_limit(10000, 0, 0, true, &defaults),
			10312U);
	KUNIT_EXPECT_EQ(test, xgs_start_limit(60000, 0, 0, true, &defaults),
			61000U);
}

static void train_tells_the_rate_of_a_full_path(struct kunit *test)
{
	struct xgs_train train = {};
	u32 near_wrap = U32_MAX - 40;

	xgs_train_begin(&train, 30000, 0, 31000);
	xgs_train_note(&train, 30499, near_wrap, 1000);
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 100, 2000, MSS, false),
			0ULL);
	/* 200 packets a millisecond, across the wrap of both. */
	xgs_train_note(&train, 30500, near_wrap, U32_MAX - 300);
	xgs_train_note(&train, 30800, near_wrap + 100, 199);
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 200, 699, MSS, false),
			200000ULL * MSS);
	/* Fewer are enough for a leap. */
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 6, U32_MAX - 270,
					     MSS, true), 200000ULL * MSS);
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 5, U32_MAX - 270,
					     MSS, true), 0ULL);
	/* Too few, no time, and a queue that went away in between. */
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 15, 699, MSS, false),
			0ULL);
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 200,
					     U32_MAX - 300, MSS, false), 0ULL);
	xgs_train_note(&train, 30400, near_wrap + 300, 1199);
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, near_wrap + 400, 1699, MSS, false),
			0ULL);
	/* A clock at zero is a time, too. */
	xgs_train_note(&train, 30900, 7, 0);
	KUNIT_EXPECT_EQ(test, xgs_train_rate(&train, 107, 1001, MSS, false),
			100000ULL * MSS);
}

static void train_begins_halfway(struct kunit *test)
{
	struct xgs_train train = {};
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 15);
	for (i = 0; i < 100000; i++) {
		u32 base_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 seen_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 limit = xgs_start_limit(base_us, seen_us, 0, false, &defaults);

		xgs_train_begin(&train, base_us, seen_us, limit);
		KUNIT_ASSERT_GE(test, train.grown_us, base_us);
		KUNIT_ASSERT_LE(test, train.grown_us, limit);
		if (seen_us <= base_us)
			KUNIT_ASSERT_EQ(test, train.grown_us,
					(base_us + limit) / 2);
	}
}

/* -- the start --------------------------------------------------------- */

static void start_from_any_rate(struct kunit *test)
{
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, 0, 0);
	KUNIT_EXPECT_GT(test, law.rate, 0ULL);
	KUNIT_EXPECT_LE(test, law.rate, 100000ULL);
	xgs_start_begin(&law, FAR_US, U64_MAX, 0);
	KUNIT_EXPECT_EQ(test, law.rate, XGS_RATE_MAX);
	xgs_start_begin(&law, FAR_US, GBIT, 2 * GBIT);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
}

static void start_follows_the_window(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 rate;

	start_at(&law, 1000000);
	for (rate = 2000000; rate < XGS_RATE_MAX; rate *= 2) {
		round = calm(&law, REGION_US);
		round.window = xgs_bytes_in(rate, REGION_US);
		KUNIT_ASSERT_EQ(test, (int)xgs_law_round(&law, &round,
							 &defaults),
				(int)XGS_CLEAR);
		KUNIT_ASSERT_EQ(test, law.rate, rate);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_START);
	}
	round.window = U64_MAX / 2;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.rate, XGS_RATE_MAX);
	/* A window that shrinks does not. */
	round = calm(&law, REGION_US);
	round.window = 1;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.rate, XGS_RATE_MAX);
}

static const struct start_case {
	const char *name;
	u32 delivered;
	u32 marked;
	u32 lost;
	bool flat;		/* the path delivers no more than before */
	bool silent;		/* there is no delivery rate */
	bool app_limited;
	bool rwnd_limited;
	u32 within;		/* rounds until it ends; 0: it does not */
	enum xgs_cause cause;
} start_cases[] = {
	{ "much loss", 100, .lost = 50, .within = 1, .cause = XGS_LOSS },
	{ "all lost", 0, .lost = 10, .within = 1, .cause = XGS_LOSS },
	{ "loss in 2^32 packets", U32_MAX, .lost = U32_MAX, .within = 1,
	  .cause = XGS_LOSS },
	{ "mostly marked", 100, .marked = 80, .within = 1,
	  .cause = XGS_MARKS },
	{ "all marked", 1, .marked = 1, .within = 1, .cause = XGS_MARKS },
	{ "marked again", 1000, .marked = 1, .within = 2,
	  .cause = XGS_MARKS },
	{ "no growth", 1000, .flat = true, .within = 4, .cause = XGS_CLEAR },
	{ "nothing", 1000 },
	{ "little loss", 10000, .lost = 9 },
	{ "one of ten lost", 9, .lost = 1 },
	{ "a path's loss by chance", 300, .lost = 11 },
	{ "little of 2^32 packets lost", U32_MAX, .lost = 1000000 },
	{ "no growth, app limited", 1000, .flat = true, .app_limited = true },
	{ "no growth of the window", 1000, .flat = true, .rwnd_limited = true },
	{ "no delivery rate", 1000, .silent = true },
};

static void start_describe(const struct start_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(start, start_cases, start_describe);

static void start_ends_when_it_should(struct kunit *test)
{
	const struct start_case *c = test->param_value;
	enum xgs_cause cause = XGS_CLEAR;
	struct xgs_round round;
	struct xgs_law law;
	u32 i, most = c->within ?: 12;

	start_at(&law, GBIT / 100);
	for (i = 0; i < most && law.mode == XGS_START; i++) {
		round = calm(&law, FAR_US);
		round.window *= 2;
		round.delivered = c->delivered;
		round.marked = c->marked;
		round.lost = c->lost;
		round.app_limited = c->app_limited;
		round.rwnd_limited = c->rwnd_limited;
		if (c->flat)
			round.bw = GBIT / 100;
		if (c->silent)
			round.bw = 0;
		cause = xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_EQ(test, i, most);
	KUNIT_EXPECT_EQ(test, (int)law.mode,
			(int)(c->within ? XGS_SETTLE : XGS_START));
	KUNIT_EXPECT_EQ(test, (int)cause, (int)c->cause);
	/* It settles at what was delivered, not at what it tried. */
	if (c->within)
		KUNIT_EXPECT_LT(test, law.rate, round.bw + 64);
}

/* What a receiver's window let through is a rate of the path nevertheless. */
static void start_learns_behind_a_window(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	start_at(&law, GBIT);
	round = calm(&law, FAR_US);
	round.rwnd_limited = true;
	xgs_law_round(&law, &round, &defaults);
	xgs_start_end(&law, GBIT / 100);
	expect_proven(test, law.rate, GBIT);
}

static void start_ends_at_what_is_delivered(struct kunit *test)
{
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, 4 * GBIT, 0);
	xgs_start_end(&law, GBIT);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	KUNIT_EXPECT_EQ(test, (u32)law.alpha, xgs_fair_alpha(GBIT));

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, 4 * GBIT);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, 0);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, 1);
	KUNIT_EXPECT_EQ(test, law.rate, slowest_rate());
}

static void settle_ends_with_the_queue(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, GBIT / 2);
	round = calm(&law, FAR_US);
	round.bw = GBIT;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_CLEAR);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	/* What the bottleneck showed meanwhile is its rate. */
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
}

/* What the start noted of its queue is no rival's to those that come after it. */
static void the_queue_of_the_start_is_forgotten(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 warm;

	for (warm = 0; warm < 2; warm++) {
		xgs_start_begin(&law, FAR_US, GBIT, warm ? GBIT : 0);
		xgs_train_begin(&law.train, FAR_US, 0, FAR_US + 1000);
		xgs_train_note(&law.train, FAR_US + 900, 1000, 1000);
		if (!warm)
			xgs_start_end(&law, GBIT);
		round = calm(&law, FAR_US);
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
		KUNIT_EXPECT_EQ(test, law.before_us, 0U);
		KUNIT_EXPECT_EQ(test, law.stuck_rate, 0U);
		KUNIT_EXPECT_EQ(test, law.compete_ms, 0U);
	}
}

/* Nothing more than the path holds is in flight, and all of its rate is used. */
static void settle_lets_the_queue_go(struct kunit *test)
{
	struct xgs_curve curve;
	struct xgs_law law;
	u32 packets;

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, GBIT);
	xgs_curve_at(&curve, FAR_US, 0, &defaults);
	packets = div_u64(xgs_bytes_in(GBIT, FAR_US), MSS);
	KUNIT_EXPECT_GE(test, xgs_law_window(&law, FAR_US, 0, MSS, &defaults),
			packets);
	KUNIT_EXPECT_LE(test, xgs_law_window(&law, FAR_US, 0, MSS, &defaults),
			packets + 1 +
			div_u64(xgs_bytes_in(GBIT, curve.lo_us), MSS) + 1);
}

static void settle_ends_behind_a_standing_queue(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 rounds;

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, GBIT);
	for (rounds = 0; law.mode == XGS_SETTLE && rounds < 100; rounds++) {
		round = calm(&law, FAR_US);
		round.rtt_us = 3 * FAR_US;
		round.bw = 0;
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_GT(test, rounds, 1U);
	KUNIT_EXPECT_LE(test, rounds, 8U);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
}

/* What the start lost is found within some round trips, and answered by its end. */
static void losses_of_the_start_are_its_own(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 rounds;

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, GBIT);
	round = calm(&law, FAR_US);
	round.lost = 500;
	round.delivered -= round.lost;
	round.bw = GBIT / 10;
	for (rounds = 0; rounds < 2; rounds++)
		KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
				(int)XGS_LOSS);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	/* But not for ever, and a few packets are no start that overshot. */
	for (; law.mode == XGS_SETTLE && rounds < 100; rounds++)
		xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LE(test, rounds, 4U);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_LT(test, law.rate, GBIT);

	xgs_start_begin(&law, FAR_US, GBIT, 0);
	xgs_start_end(&law, GBIT);
	round.lost = 15;
	round.delivered = 15;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
}

static void warm_start_stays_below_the_proven_rate(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, round_nr;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 10000; i++) {
		u64 proven = any_rate(&rnd);
		u32 base_us = 1 + xgs_random(&rnd, XGS_RTT_MAX_US - 1);
		struct xgs_round round;
		struct xgs_law law;

		xgs_start_begin(&law, FAR_US, xgs_random(&rnd, proven), proven);
		for (round_nr = 0; law.mode == XGS_START && round_nr < 64;
		     round_nr++) {
			round = calm(&law, base_us);
			round.window += round.window / 2 + MSS;
			xgs_law_round(&law, &round, &defaults);
			KUNIT_ASSERT_LE(test, law.rate,
					max(proven, slowest_rate()));
		}
		/* Near what is proven the law takes over. */
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
		KUNIT_ASSERT_GE(test, law.rate, proven - proven / 8);
		if (law.rate > slowest_rate())
			KUNIT_ASSERT_LT(test, law.rate, proven);
	}
}

static void warm_start_retreats(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT / 2, GBIT);
	round = calm(&law, FAR_US);
	round.marked = round.delivered;
	round.bw = GBIT / 10;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_MARKS);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	expect_proven(test, law.rate, GBIT / 10);
}

/* -- leaps ------------------------------------------------------------- */

/* A leap that came back within a sixteenth of a round trip. */
static struct xgs_round leap(struct xgs_law *law, u32 base_us)
{
	struct xgs_round round = calm(law, base_us);

	round.delivered = xgs_bytes_in(law->rate, base_us) / MSS;
	round.elapsed_us = base_us + base_us / 16;
	round.least_us = base_us;
	law->rate_full = 16 * law->rate;
	return round;
}

static void leaps_grow_with_distance(struct kunit *test)
{
	u64 before = 0;
	u32 base_us;

	for (base_us = 1; base_us <= XGS_RTT_MAX_US; base_us += 1 + base_us / 64) {
		struct xgs_round round;
		struct xgs_law law;

		xgs_start_begin(&law, base_us, GBIT / 100, 0);
		KUNIT_ASSERT_EQ(test, (int)law.mode,
				(int)(base_us < 512 ? XGS_START : XGS_LEAP));
		if (!xgs_law_leaps(&law)) {
			KUNIT_ASSERT_EQ(test, xgs_law_pacing(&law),
					GBIT / 50);
			continue;
		}
		KUNIT_ASSERT_EQ(test, xgs_law_pacing(&law),
				16 * (GBIT / 100));
		round = leap(&law, base_us);
		KUNIT_ASSERT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
				(int)XGS_CLEAR);
		KUNIT_ASSERT_TRUE(test, xgs_law_leaps(&law));
		/* Twice where an ordinary start begins, and four times at most. */
		KUNIT_ASSERT_GE(test, law.rate, 2 * (GBIT / 100));
		KUNIT_ASSERT_LE(test, law.rate, 4 * (GBIT / 100));
		if (before) {
			KUNIT_ASSERT_GE(test, law.rate, before);
			KUNIT_ASSERT_LE(test, law.rate, before + before / 16);
		}
		before = law.rate;
	}
	KUNIT_EXPECT_EQ(test, before, 4 * (GBIT / 100));
}

/* A flow that knows its path has no need of them. */
static void warm_starts_do_not_leap(struct kunit *test)
{
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT / 2, GBIT);
	KUNIT_EXPECT_FALSE(test, xgs_law_leaps(&law));
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), GBIT);
}

/* A handshake that met a queue tells of a longer path than the packets after it. */
static void what_proves_near_leaps_no_more(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, 600, GBIT / 100, 0);
	KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_LEAP);
	round = leap(&law, 511);
	law.rate_full = 0;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	/* Nor does a start that began near by begin with it. */
	round = calm(&law, 600);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);

	law.mode = XGS_TRY;
	law.rate_full = GBIT;
	round = calm(&law, 511);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_PROVE);
}

/* A few packets have no spacing, and are no licence for four times as many. */
static void few_packets_leap_less(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT / 100, 0);
	round = leap(&law, FAR_US);
	law.rate_full = 0;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, law.rate, 2 * (GBIT / 100));
	KUNIT_EXPECT_TRUE(test, xgs_law_leaps(&law));
}

static const struct leap_case {
	const char *name;
	u32 late_us;
	u32 moved_us;
	u32 marked;
	u32 lost;
	bool app_limited;
	bool others;		/* leap on the path */
	bool goes_on;
} leap_cases[] = {
	{ "nothing", .goes_on = true },
	{ "a sixteenth late", .late_us = FAR_US / 16, .goes_on = true },
	{ "more than that", .late_us = FAR_US / 16 + 1 },
	{ "the RTT moved a little", .moved_us = FAR_US / 64, .goes_on = true },
	{ "the RTT moved", .moved_us = FAR_US / 32 },
	{ "a mark", .marked = 1 },
	{ "one lost", .lost = 1, .goes_on = true },
	{ "a tenth lost", .lost = 5 },
	{ "half lost", .lost = 30 },
	{ "no more data", .app_limited = true },
	{ "another leaps", .others = true },
};

static void leap_describe(const struct leap_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(leap, leap_cases, leap_describe);

static void leaps_end_when_they_should(struct kunit *test)
{
	const struct leap_case *c = test->param_value;
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT / 400, 0);
	round = leap(&law, FAR_US);
	/* A handshake may take longer than the first leap, as it finds the way. */
	round.moved_us = FAR_US;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_ASSERT_TRUE(test, xgs_law_leaps(&law));
	KUNIT_ASSERT_EQ(test, law.rate, GBIT / 100);
	round = leap(&law, FAR_US);
	round.elapsed_us += c->late_us;
	round.moved_us = c->moved_us;
	round.marked = c->marked;
	round.lost = c->lost;
	round.app_limited = c->app_limited;
	round.may_leap = !c->others;
	xgs_law_round(&law, &round, &defaults);
	/* The start goes on, in any case, and with no more than was sent. */
	KUNIT_EXPECT_EQ(test, (int)law.mode,
			(int)(c->goes_on ? XGS_LEAP : XGS_START));
	KUNIT_EXPECT_EQ(test, law.rate, (c->goes_on ? 4 : 1) * (GBIT / 100));
	if (!c->goes_on)
		KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);
}

/* Where the receiver's window does not grow there is nothing to leap to. */
static void leaps_without_growth_end(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 rounds = 0;

	xgs_start_begin(&law, FAR_US, GBIT / 100, 0);
	while (xgs_law_leaps(&law) && rounds < 100) {
		round = leap(&law, FAR_US);
		round.bw = GBIT / 100;
		xgs_law_round(&law, &round, &defaults);
		law.rate = GBIT / 100;
		rounds++;
	}
	KUNIT_EXPECT_EQ(test, rounds, 4U);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
}

/* Leaps of a flow until one of them meets the rate of its path. */
static void leap_until_met(struct kunit *test, struct xgs_law *law, u64 rate)
{
	struct xgs_round round;

	xgs_start_begin(law, FAR_US, rate / 32, 0);
	round = leap(law, FAR_US);
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, law->rate, rate / 8);
	round = leap(law, FAR_US);
	round.elapsed_us = FAR_US + FAR_US / 8;
	law->rate_full = rate;
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, law->rate, rate / 8);
	KUNIT_ASSERT_EQ(test, (int)law->mode, (int)XGS_TRY);
	KUNIT_ASSERT_EQ(test, law->rate_full, rate);
}

/* The rate that a leap met is tried with no more than the leap itself. */
static void what_a_leap_met_is_tried(struct kunit *test)
{
	/* Seven eighths of it take so long at all of the rate, and some more. */
	u32 alone_us = FAR_US * 7 / 64, noise_us = FAR_US / 256 + 32;
	struct xgs_round round;
	struct xgs_law law;

	leap_until_met(test, &law, GBIT);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), GBIT);
	round = leap(&law, FAR_US);
	law.rate_full = GBIT;
	round.elapsed_us = FAR_US + alone_us + alone_us / 8 + noise_us;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_CLEAR);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_PROVE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 2);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), GBIT);

	/* It took longer: there are others, whose share that is. */
	leap_until_met(test, &law, GBIT);
	round.elapsed_us += 2;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 16);
	KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);
}

/*
 * Flows of a path that leap at once are silent while the others' windows pass: what one
 * of them met may be all of the path's rate, and is not its own.
 */
static void who_leaps_among_others_meets_nothing(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT / 8, 0);
	round = leap(&law, FAR_US);
	law.rate_full = GBIT;
	round.may_leap = false;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 8);
	KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);

	leap_until_met(test, &law, GBIT);
	round = leap(&law, FAR_US);
	law.rate_full = GBIT;
	round.may_leap = false;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 16);
	KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);
}

/* A flow alone that has come to what a leap has met, and its next round. */
static void come_to_what_was_met(struct kunit *test, struct xgs_law *law)
{
	struct xgs_round round;

	leap_until_met(test, law, GBIT);
	round = calm(law, FAR_US);
	round.elapsed_us += FAR_US / 8;
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, law->rate, GBIT / 2);
	round = calm(law, FAR_US);
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, law->rate, GBIT + GBIT / 8);
	KUNIT_ASSERT_EQ(test, xgs_law_pacing(law), GBIT + GBIT / 16);
	/* What is acknowledged in this round was sent in the one before. */
	round.bw = GBIT;
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_EQ(test, (int)law->mode, (int)XGS_PROVE);
}

static void what_a_leap_met_is_proven(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	come_to_what_was_met(test, &law);
	round = calm(&law, FAR_US);
	round.bw = GBIT + GBIT / 32;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);

	/* Less comes through: it was too much. */
	come_to_what_was_met(test, &law);
	round.bw = GBIT * 9 / 10;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT * 9 / 10);

	/* A receiver that held the flow back proves nothing. */
	come_to_what_was_met(test, &law);
	round.bw = GBIT / 2;
	round.rwnd_limited = true;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_PROVE);

	/* Nor one whose window has just been opened; it shows how far. */
	come_to_what_was_met(test, &law);
	law.bw[0] = (GBIT / 2) >> XGS_RATE_SHIFT;
	law.bw[1] = 0;
	round = calm(&law, FAR_US);
	round.bw = GBIT * 7 / 8;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_PROVE);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT * 7 / 8);
}

/*
 * More comes through: a packet of the leap was lost, and its ACKs were late. A quarter
 * more is proven twice. If that comes through as well a host had paused, and the start
 * goes on.
 */
static void what_proves_too_little_is_raised(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 tried = GBIT;
	u32 i;

	come_to_what_was_met(test, &law);
	round = calm(&law, FAR_US);
	for (i = 0; i < 2; i++) {
		round.bw = tried + tried / 16;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_PROVE);
		tried += tried / 4;
		KUNIT_EXPECT_EQ(test, law.rate_full, tried);
		KUNIT_EXPECT_EQ(test, law.rate, tried + tried / 8);
		KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), tried + tried / 16);
		/* That is acknowledged a round trip later. */
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_PROVE);
	}
	round.bw = tried + tried / 16;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), 2 * law.rate);

	/* The first quarter is enough. */
	come_to_what_was_met(test, &law);
	round.bw = GBIT + GBIT / 16;
	xgs_law_round(&law, &round, &defaults);
	xgs_law_round(&law, &round, &defaults);
	round.bw = GBIT * 9 / 8;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT * 9 / 8);
}

/* A queue that the proof makes ends the start at what came through it. */
static void a_queue_ends_the_proof(struct kunit *test)
{
	struct xgs_law law;

	come_to_what_was_met(test, &law);
	xgs_start_end(&law, GBIT - GBIT / 64);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT - GBIT / 64);
	come_to_what_was_met(test, &law);
	xgs_start_end(&law, 0);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT);
	/* Not all of it has been sent yet. */
	leap_until_met(test, &law, GBIT);
	xgs_start_end(&law, 0);
	KUNIT_EXPECT_EQ(test, law.rate, GBIT / 8);
}

/* What leaps have met that went wrong is still to come; that is no lack of growth. */
static void a_start_comes_back_to_what_leaps_met(struct kunit *test)
{
	u64 sent = GBIT / 16, more = GBIT;
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, sent, 0);
	law.mode = XGS_START;
	law.bw[0] = GBIT >> XGS_RATE_SHIFT;
	while (more < 8ULL * GBIT) {
		round = calm(&law, FAR_US);
		round.bw = sent;
		sent = law.rate;
		more = 2 * law.rate;
		round.window = xgs_bytes_in(more, FAR_US);
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_START);
	}
	/* And then nothing more comes. */
	round.bw = xgs_law_bw(&law);
	xgs_law_round(&law, &round, &defaults);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
}

/* What a leap lost, and what it had marked, is found in the round after it. */
static void the_last_leap_is_answered_once(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;

	xgs_start_begin(&law, FAR_US, GBIT / 100, 0);
	round = leap(&law, FAR_US);
	round.lost = 30;
	round.delivered = 20;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &defaults),
			(int)XGS_LOSS);
	KUNIT_EXPECT_FALSE(test, xgs_law_leaps(&law));
	round = calm(&law, FAR_US);
	round.lost = 500;
	round.marked = 500;
	round.delivered = 500;
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_START);
	xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
}

static struct kunit_case start_suite_cases[] = {
	KUNIT_CASE_PARAM(start_limit_has_no_step, xgs_corner_gen_params),
	KUNIT_CASE_PARAM(start_limit_is_within_the_curve,
			 xgs_corner_gen_params),
	KUNIT_CASE(start_goes_on_beside_a_queue),
	KUNIT_CASE(train_tells_the_rate_of_a_full_path),
	KUNIT_CASE(train_begins_halfway),
	KUNIT_CASE(start_from_any_rate),
	KUNIT_CASE(start_follows_the_window),
	KUNIT_CASE_PARAM(start_ends_when_it_should, start_gen_params),
	KUNIT_CASE(start_learns_behind_a_window),
	KUNIT_CASE(start_ends_at_what_is_delivered),
	KUNIT_CASE(settle_ends_with_the_queue),
	KUNIT_CASE(the_queue_of_the_start_is_forgotten),
	KUNIT_CASE(settle_lets_the_queue_go),
	KUNIT_CASE(settle_ends_behind_a_standing_queue),
	KUNIT_CASE(losses_of_the_start_are_its_own),
	KUNIT_CASE(warm_start_stays_below_the_proven_rate),
	KUNIT_CASE(warm_start_retreats),
	KUNIT_CASE(leaps_grow_with_distance),
	KUNIT_CASE(warm_starts_do_not_leap),
	KUNIT_CASE(what_proves_near_leaps_no_more),
	KUNIT_CASE(few_packets_leap_less),
	KUNIT_CASE_PARAM(leaps_end_when_they_should, leap_gen_params),
	KUNIT_CASE(leaps_without_growth_end),
	KUNIT_CASE(what_a_leap_met_is_tried),
	KUNIT_CASE(who_leaps_among_others_meets_nothing),
	KUNIT_CASE(what_a_leap_met_is_proven),
	KUNIT_CASE(what_proves_too_little_is_raised),
	KUNIT_CASE(a_queue_ends_the_proof),
	KUNIT_CASE(a_start_comes_back_to_what_leaps_met),
	KUNIT_CASE(the_last_leap_is_answered_once),
	{}
};

static struct kunit_suite start_suite = {
	.name = "tcp_xgs_start",
	.test_cases = start_suite_cases,
};

kunit_test_suite(start_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of the start of tcp_xgs");
MODULE_LICENSE("GPL");
