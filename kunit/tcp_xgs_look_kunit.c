// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a flow that looks for what has become idle: when it does, how long its
 * trains are, what they tell, and that nothing is lost where there is nothing.
 */
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/module.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../tcp_xgs/law.h"
#include "../tcp_xgs/look.h"
#include "../tcp_xgs/start.h"
#include "params.h"
#include "random.h"
#include "rounds.h"

/* A flow that has met congestion at a gigabit, and has risen by a tenth since. */
static void risen(struct xgs_law *law)
{
	*law = (struct xgs_law) {
		.rate = GBIT + GBIT / 10,
		.rate_full = GBIT,
		.mode = XGS_CRUISE,
		.clean = 3,
	};
	law->bw[0] = law->rate >> XGS_RATE_SHIFT;
}

static struct xgs_round idle_round(const struct xgs_law *law)
{
	struct xgs_round round = calm(law, FAR_US);

	round.busy = 34;
	return round;
}

/* -- when -------------------------------------------------------------- */

struct look_case {
	const char *name;
	u32 clean, queue_us, base_us, mss;
	u64 risen;
	u8 busy;
	bool marks, others, rwnd, app, off, looks;
};

static const struct look_case look_cases[] = {
	{ "as it should be", .looks = true },
	{ "a round fewer", .clean = 2 },
	{ "near, for 60 ms", .base_us = 10000, .clean = 5, .looks = true },
	{ "near, for less", .base_us = 10000, .clean = 4 },
	{ "a sixteenth", .risen = GBIT / 16 },
	{ "a queue", .queue_us = 26 },
	{ "hardly a queue", .queue_us = 25, .looks = true },
	{ "near", .base_us = 511 },
	{ "far enough, but not busy for 20 ms", .base_us = 512 },
	{ "a window of 15 packets", .mss = 550000 },
	{ "not busy for long", .busy = 33 },
	{ "the path marks", .marks = true },
	{ "another leaps", .others = true },
	{ "the receiver's window", .rwnd = true },
	{ "no more data", .app = true },
	{ "switched off", .off = true },
};

static void look_describe(const struct look_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(look, look_cases, look_describe);

static void it_looks_when_the_path_is_idle(struct kunit *test)
{
	const struct look_case *c = test->param_value;
	struct xgs_law_params params = defaults;
	struct xgs_round round;
	struct xgs_law law;

	risen(&law);
	if (c->clean)
		law.clean = c->clean;
	/* What it rises by in this round comes on top. */
	if (c->risen)
		law.rate = GBIT + c->risen / 4;
	round = idle_round(&law);
	if (c->base_us) {
		round.base_us = c->base_us;
		round.rtt_us = c->base_us;
	}
	round.rtt_us += c->queue_us;
	if (c->mss)
		round.mss = c->mss;
	if (c->busy)
		round.busy = c->busy;
	round.marks_live = c->marks;
	round.may_leap = !c->others;
	round.rwnd_limited = c->rwnd;
	round.app_limited = c->app;
	params.enabled = !c->off;
	KUNIT_EXPECT_EQ(test, (int)xgs_law_round(&law, &round, &params),
			(int)XGS_CLEAR);
	KUNIT_EXPECT_EQ(test, (int)law.mode,
			(int)(c->looks ? XGS_LEAP : XGS_CRUISE));
	KUNIT_EXPECT_EQ(test, xgs_law_looks(&law), c->looks);
	if (!c->looks)
		return;
	KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);
	KUNIT_EXPECT_GE(test, law.rate, GBIT + GBIT / 10);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), 16 * law.rate);
}

/* Where a step is an eighth of the rate, one is not enough. */
static void some_steps_are_no_reason(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	risen(&law);
	law.rate = GBIT / 100;
	law.rate_full = law.rate / 8 * 7;
	law.bw[0] = law.rate >> XGS_RATE_SHIFT;
	law.clean = 20;
	for (i = 0; law.mode == XGS_CRUISE && i < 20; i++) {
		u64 step = xgs_step(law.rate, 1024), before = law.rate;

		round = idle_round(&law);
		round.delivered = 10;
		xgs_law_round(&law, &round, &defaults);
		if (law.rate <= law.rate_full + 3 * step)
			KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
		KUNIT_ASSERT_GE(test, law.rate, before);
	}
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_LEAP);
	KUNIT_EXPECT_GE(test, i, 3U);
}

/* -- trains ------------------------------------------------------------ */

/* Whatever the flow, they make a queue of hi, or are few, or no more than a window. */
static void trains_are_short(struct kunit *test)
{
	struct xgs_law_params params = xgs_corner_params(test);
	struct xgs_curve curve;
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 71);
	for (i = 0; i < 100000; i++) {
		u32 base_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		u32 mss = 1 + xgs_random(&rnd, U16_MAX);
		struct xgs_law law = {
			.rate = any_rate(&rnd),
			.rate_full = any_rate(&rnd),
			.mode = xgs_chance(&rnd, 50) ? XGS_LEAP : XGS_TRY,
			.shallow = xgs_random(&rnd, 3),
			.met = 1,
		};
		u64 rate = law.mode == XGS_TRY ? law.rate_full : law.rate;
		u64 window = xgs_bytes_in(law.rate, base_us), hi, bytes;

		xgs_curve_at(&curve, base_us, 0, &params);
		hi = xgs_bytes_in(rate, curve.hi_us >> law.shallow);
		bytes = xgs_look_bytes(&law, base_us, mss, &params);
		KUNIT_ASSERT_LE(test, bytes, window);
		KUNIT_ASSERT_LE(test, bytes, max(hi, 16ULL * mss));
		KUNIT_ASSERT_GE(test, bytes, min3(hi, window, 16ULL * mss));
		if (bytes < window)
			KUNIT_ASSERT_GE(test, bytes, hi);
	}
}

/* The rate at which a train comes that is sent at @p beside @x on a link of @c. */
static u64 comes_at(u64 p, u64 c, u64 x)
{
	if (p + x <= c)
		return p;
	return mul_u64_u64_div_u64(c, p, p + x);
}

static void two_trains_tell_what_is_left(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, told = 0;

	prandom_seed_state(&rnd, 72);
	for (i = 0; i < 100000; i++) {
		u64 c = 1000000 + xgs_random(&rnd, XGS_RATE_MAX - 1000000);
		u64 x = mul_u64_u64_div_u64(c, xgs_random(&rnd, 1000), 1000);
		u64 fast = c + xgs_random(&rnd, 15 * c);
		u64 met = comes_at(fast, c, x);
		u64 tried = comes_at(met, c, x);
		u64 left = xgs_look_left(fast, met, tried);

		KUNIT_ASSERT_LE(test, left, XGS_RATE_MAX);
		/* Of p near b little is left of the difference. */
		if (fast < met + met / 4)
			continue;
		KUNIT_ASSERT_LE(test, left, c - x + c / 64);
		if (x > c / 10 * 9)
			continue;
		KUNIT_ASSERT_GE(test, left + c / 64, c - x);
		told++;
	}
	KUNIT_EXPECT_GT(test, told, 20000U);
}

static void trains_that_make_no_sense_tell_nothing(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	KUNIT_EXPECT_EQ(test, xgs_look_left(16 * GBIT, GBIT, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_look_left(GBIT, GBIT, GBIT), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_look_left(GBIT, 2 * GBIT, GBIT), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_look_left(16 * GBIT, GBIT, 1), 0ULL);
	/* What came faster than it was sent met nobody. */
	KUNIT_EXPECT_EQ(test, xgs_look_left(16 * GBIT, GBIT, 2 * GBIT), GBIT);
	KUNIT_EXPECT_EQ(test, xgs_look_left(16 * XGS_RATE_MAX, XGS_RATE_MAX,
					    XGS_RATE_MAX), XGS_RATE_MAX);
	KUNIT_EXPECT_LE(test, xgs_look_left(16 * XGS_RATE_MAX, XGS_RATE_MAX,
					    XGS_RATE_MAX / 2 + 1), XGS_RATE_MAX);

	prandom_seed_state(&rnd, 73);
	for (i = 0; i < 100000; i++)
		KUNIT_ASSERT_LE(test,
				xgs_look_left(xgs_random(&rnd, 16 * XGS_RATE_MAX),
					      xgs_random(&rnd, XGS_RATE_MAX),
					      xgs_random(&rnd, XGS_RATE_MAX)),
				XGS_RATE_MAX);
}

/* -- rounds ------------------------------------------------------------ */

static void look(struct kunit *test, struct xgs_law *law)
{
	struct xgs_round round;

	risen(law);
	round = idle_round(law);
	xgs_law_round(law, &round, &defaults);
	KUNIT_ASSERT_TRUE(test, xgs_law_looks(law));
}

/* A train is back, at a rate. */
static struct xgs_round train(const struct xgs_law *law, u64 bw)
{
	struct xgs_round round = idle_round(law);

	round.delivered = 100;
	round.bw = bw;
	return round;
}

/* The first has come at a rate. */
static void leap_meets(struct xgs_law *law, u64 bw)
{
	struct xgs_round round = train(law, bw);

	law->rate_full = bw;
	xgs_law_round(law, &round, &defaults);
}

/* The second has. */
static enum xgs_cause try_meets(struct xgs_law *law, u64 bw)
{
	struct xgs_round round = train(law, bw);

	return xgs_law_round(law, &round, &defaults);
}

static void expect_as_before(struct kunit *test, const struct xgs_law *law,
			     u64 rate)
{
	KUNIT_EXPECT_EQ(test, (int)law->mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_EQ(test, law->rate, rate);
	KUNIT_EXPECT_EQ(test, law->rate_full, rate);
	KUNIT_EXPECT_EQ(test, (int)law->clean, 0);
}

static void who_is_alone_takes_all(struct kunit *test)
{
	struct xgs_law law;
	u64 rate;

	look(test, &law);
	rate = law.rate;
	leap_meets(&law, 4 * GBIT);
	KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_TRY);
	KUNIT_EXPECT_EQ(test, law.rate, rate);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), 4 * GBIT);
	KUNIT_EXPECT_EQ(test, (int)try_meets(&law, 4 * GBIT / 8 * 7),
			(int)XGS_CLEAR);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_PROVE);
	KUNIT_EXPECT_EQ(test, law.rate_full, 4 * GBIT);
	KUNIT_EXPECT_EQ(test, xgs_law_pacing(&law), 4 * GBIT + GBIT / 4);
}

/* Half of a link is left beside half of it: that and the flow's own is known. */
static void who_is_not_takes_a_quarter(struct kunit *test)
{
	u64 c = 8 * GBIT, x = 4 * GBIT, met, want;
	struct xgs_law law;

	look(test, &law);
	met = comes_at(16 * law.rate, c, x);
	want = law.rate + (c - x - law.rate) / 4;
	leap_meets(&law, met);
	KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_TRY);
	try_meets(&law, comes_at(met, c, x));
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_PROVE);
	KUNIT_EXPECT_GE(test, law.rate_full, want - want / 32);
	KUNIT_EXPECT_LE(test, law.rate_full, want + want / 32);
}

static void where_nothing_is_left_nothing_is_taken(struct kunit *test)
{
	u64 c = 8 * GBIT, x, met, rate;
	struct xgs_law law;

	/* All but its own, and a little. */
	look(test, &law);
	rate = law.rate;
	x = c - rate - rate / 8;
	met = comes_at(16 * rate, c, x);
	leap_meets(&law, met);
	KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_TRY);
	try_meets(&law, comes_at(met, c, x));
	expect_as_before(test, &law, rate);

	/* The link is full with what it has. */
	look(test, &law);
	leap_meets(&law, law.rate + law.rate / 16);
	expect_as_before(test, &law, rate);

	/* The first train was not seen to come. */
	look(test, &law);
	leap_meets(&law, 0);
	expect_as_before(test, &law, rate);

	/* Nor the second one. */
	look(test, &law);
	leap_meets(&law, 4 * GBIT);
	try_meets(&law, 0);
	expect_as_before(test, &law, rate);
}

/* The path carries more than 16 times as much. */
static void what_comes_as_it_was_sent_is_not_enough(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u64 rate;

	look(test, &law);
	rate = law.rate;
	leap_meets(&law, 12 * rate);
	KUNIT_EXPECT_TRUE(test, xgs_law_looks(&law));
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_LEAP);
	KUNIT_EXPECT_EQ(test, law.rate, 4 * rate);
	KUNIT_EXPECT_EQ(test, law.rate_full, 0ULL);
	/* That rate is nobody's if nothing comes of it. */
	leap_meets(&law, 0);
	KUNIT_EXPECT_LE(test, law.rate, rate + rate / 4 + 64);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);

	look(test, &law);
	round = train(&law, 16 * rate);
	round.elapsed_us += round.elapsed_us / 8 + 1;
	law.rate_full = 16 * rate;
	xgs_law_round(&law, &round, &defaults);
	expect_as_before(test, &law, rate);

	look(test, &law);
	round = train(&law, 16 * rate);
	round.lost = 2;
	law.rate_full = 16 * rate;
	xgs_law_round(&law, &round, &defaults);
	expect_as_before(test, &law, rate);
}

/* In each of its rounds, and whatever the train says. */
static void looks_end_when_they_should(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 tries, why;
	u64 rate;

	for (tries = 0; tries < 2; tries++) {
		for (why = 0; why < 4; why++) {
			look(test, &law);
			rate = law.rate;
			if (tries)
				leap_meets(&law, 4 * GBIT);
			law.rate_full = 4 * GBIT;
			round = train(&law, 4 * GBIT);
			round.marked = why == 0;
			round.app_limited = why == 1;
			round.may_leap = why != 2;
			if (why == 3)
				round.base_us = 511;
			xgs_law_round(&law, &round, &defaults);
			expect_as_before(test, &law, rate);
		}
	}
}

/* More comes through than was to be proven: what the trains met was something else. */
static void what_proves_wrong_is_left(struct kunit *test)
{
	struct xgs_round round;
	struct xgs_law law;
	u32 i;

	look(test, &law);
	leap_meets(&law, 4 * GBIT);
	try_meets(&law, 4 * GBIT);
	for (i = 0; law.mode == XGS_PROVE && i < 10; i++) {
		round = idle_round(&law);
		round.bw = 4 * GBIT + GBIT / 4;
		xgs_law_round(&law, &round, &defaults);
	}
	KUNIT_EXPECT_LE(test, i, 3U);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_GE(test, law.rate, 4 * GBIT);
	KUNIT_EXPECT_LE(test, law.rate, 4 * GBIT + GBIT / 2);
}

/*
 * The ACKs of the second train may come while a queue grows, and faster than anything
 * that the flow sends now.
 */
static void a_proof_finds_no_more_than_it_sends(struct kunit *test)
{
	struct xgs_law law;
	u64 rate;

	look(test, &law);
	leap_meets(&law, 4 * GBIT);
	try_meets(&law, 4 * GBIT);
	KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_PROVE);
	rate = law.rate;
	xgs_start_end(&law, 8 * rate);
	KUNIT_EXPECT_EQ(test, law.rate, rate);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_SETTLE);
}

/* It shares while it looks; what it has found is a claim of its own. */
static void who_looks_still_claims(struct kunit *test)
{
	struct xgs_law law;

	look(test, &law);
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 34, FAR_US),
			(u32)(law.rate >> XGS_RATE_SHIFT));
	leap_meets(&law, 4 * GBIT);
	KUNIT_EXPECT_NE(test, xgs_law_claim(&law, 34, FAR_US), 0U);
	try_meets(&law, 4 * GBIT);
	KUNIT_EXPECT_EQ(test, xgs_law_claim(&law, 34, FAR_US), 0U);
}

/* A pause in a look is not one in a start: what the flow had counts. */
static void a_pause_ends_the_look(struct kunit *test)
{
	struct xgs_law law;
	u64 rate;

	look(test, &law);
	rate = law.rate;
	KUNIT_EXPECT_FALSE(test, xgs_law_idle(&law, FAR_US, 1000, 1000, GBIT / 1000));
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_EQ(test, law.rate, rate / 2);
}

static struct kunit_case look_suite_cases[] = {
	KUNIT_CASE_PARAM(it_looks_when_the_path_is_idle, look_gen_params),
	KUNIT_CASE(some_steps_are_no_reason),
	KUNIT_CASE_PARAM(trains_are_short, xgs_corner_gen_params),
	KUNIT_CASE(two_trains_tell_what_is_left),
	KUNIT_CASE(trains_that_make_no_sense_tell_nothing),
	KUNIT_CASE(who_is_alone_takes_all),
	KUNIT_CASE(who_is_not_takes_a_quarter),
	KUNIT_CASE(where_nothing_is_left_nothing_is_taken),
	KUNIT_CASE(what_comes_as_it_was_sent_is_not_enough),
	KUNIT_CASE(looks_end_when_they_should),
	KUNIT_CASE(what_proves_wrong_is_left),
	KUNIT_CASE(a_proof_finds_no_more_than_it_sends),
	KUNIT_CASE(who_looks_still_claims),
	KUNIT_CASE(a_pause_ends_the_look),
	{}
};

static struct kunit_suite look_suite = {
	.name = "tcp_xgs_look",
	.test_cases = look_suite_cases,
};

kunit_test_suite(look_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of how a flow of tcp_xgs looks for more");
MODULE_LICENSE("GPL");
