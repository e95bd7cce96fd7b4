// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of how the flows of a path divide what they have.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../include/xgs/share.h"
#include "random.h"

#define FAR_US		60000U
#define FLOWS		16U

/* Claims, and what each flow claimed before: what a path's flows remember. */
struct crowd {
	struct xgs_share share;
	u32 claimed[FLOWS];
	u32 now_ms;
};

static struct xgs_share_view crowd_claim(struct crowd *crowd, u32 flow,
					 u32 claim)
{
	struct xgs_share_view view;

	xgs_share_claim(&crowd->share, crowd->claimed[flow], claim, FAR_US,
			crowd->now_ms, &view);
	crowd->claimed[flow] = claim;
	return view;
}

static u8 crowd_rest(struct crowd *crowd, u32 flow, u32 rate)
{
	u8 rest = xgs_share_rest(&crowd->share, crowd->claimed[flow], rate,
				 FAR_US, crowd->now_ms);

	crowd->claimed[flow] = 0;
	return rest;
}

static void crowd_leave(struct crowd *crowd, u32 flow)
{
	xgs_share_leave(&crowd->share, crowd->claimed[flow], FAR_US,
			crowd->now_ms);
	crowd->claimed[flow] = 0;
}

static void alone_there_is_nothing_to_share(struct kunit *test)
{
	struct crowd crowd = {};
	struct xgs_share_view view;
	u32 i;

	for (i = 0; i < 10; i++) {
		view = crowd_claim(&crowd, 0, 1000 + i);
		KUNIT_EXPECT_EQ(test, view.fair, 0U);
		KUNIT_EXPECT_EQ(test, view.freed, 0U);
		crowd.now_ms += 60;
	}
	/* One that has nothing to send is nobody. */
	view = crowd_claim(&crowd, 1, 0);
	KUNIT_EXPECT_EQ(test, view.fair, 0U);
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 0, 1000).fair, 0U);
	KUNIT_EXPECT_EQ(test, crowd.share.flows, 1U);
	KUNIT_EXPECT_EQ(test, crowd.share.rate, 1000ULL);
}

static void a_newcomer_is_made_room_for(struct kunit *test)
{
	struct crowd crowd = { .now_ms = U32_MAX - 300 };	/* wraps */
	u32 begin_ms;

	crowd_claim(&crowd, 0, 900);
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 1, 100).fair, 500U);
	begin_ms = crowd.now_ms;
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 0, 800).fair, 450U);
	/* For twenty round trips. */
	crowd.now_ms = begin_ms + 20 * FAR_US / 1000;
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 0, 800).fair, 450U);
	crowd.now_ms += 100;
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 0, 800).fair, 0U);
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 1, 100).fair, 0U);
	/* Not even when the clock has gone round. */
	crowd.now_ms = begin_ms + 10;
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 1, 100).fair, 0U);
	/* Data again after a pause is as good as new. */
	crowd_claim(&crowd, 1, 0);
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 1, 200).fair, 500U);
}

static void what_a_flow_had_is_handed_on(struct kunit *test)
{
	struct crowd crowd = {};
	struct xgs_share_view view;
	u64 taken = 0;
	u32 i, rate = 1600;

	crowd_claim(&crowd, 0, rate);
	crowd_claim(&crowd, 1, 1600);
	crowd.now_ms += 5000;
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 0, rate).freed, 0U);
	crowd_leave(&crowd, 1);
	for (i = 0; i < 20; i++) {
		view = crowd_claim(&crowd, 0, rate);
		KUNIT_EXPECT_EQ(test, view.fair, 0U);
		KUNIT_EXPECT_LE(test, view.freed, rate / 16);
		rate += view.freed;
		taken += view.freed;
		crowd.now_ms += FAR_US / 1000;
	}
	KUNIT_EXPECT_EQ(test, taken, 1600ULL);
	KUNIT_EXPECT_EQ(test, crowd.share.freed, 0ULL);
}

static void what_nobody_took_is_forgotten(struct kunit *test)
{
	struct crowd crowd = {};

	crowd_claim(&crowd, 0, 1000);
	crowd_claim(&crowd, 1, 1000);
	crowd_leave(&crowd, 1);
	crowd.now_ms += 20 * FAR_US / 1000 + 100;
	KUNIT_EXPECT_EQ(test, crowd_claim(&crowd, 0, 1000).freed, 0U);
	KUNIT_EXPECT_EQ(test, crowd.share.freed, 0ULL);
	/* Nor does it add to what is left later. */
	crowd_claim(&crowd, 1, 1000);
	crowd_leave(&crowd, 1);
	crowd.now_ms += 20 * FAR_US / 1000 + 100;
	crowd_claim(&crowd, 2, 500);
	crowd_leave(&crowd, 2);
	KUNIT_EXPECT_EQ(test, crowd.share.freed, 500ULL);
	/* Who claims nothing frees nothing. */
	crowd_leave(&crowd, 3);
	KUNIT_EXPECT_EQ(test, crowd.share.freed, 500ULL);
}

static void who_rests_together_wakes_with_the_mean(struct kunit *test)
{
	struct crowd crowd = { .now_ms = U32_MAX - 300 };	/* wraps */
	u32 step, flow;
	u8 rest[4];

	for (step = 1; step < 600; step++) {	/* more than numbers */
		for (flow = 0; flow < 4; flow++) {
			crowd_claim(&crowd, flow, 1000);
			crowd.now_ms += 100;
			rest[flow] = crowd_rest(&crowd, flow,
						step * (flow + 1));
			KUNIT_ASSERT_NE(test, (u32)rest[flow], 0U);
		}
		KUNIT_ASSERT_EQ(test, crowd.share.flows, 0U);
		crowd.now_ms += 10000;
		for (flow = 0; flow < 4; flow++)
			KUNIT_ASSERT_EQ(test,
					xgs_share_wake(&crowd.share, rest[flow]),
					step * 10 / 4);
	}
}

static void nobody_else_gives_a_rate(struct kunit *test)
{
	struct crowd crowd = {};
	u8 first, second;

	/* Nobody has rested. */
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, 0), 0U);
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, 1), 0U);
	/* Others went on. */
	first = crowd_rest(&crowd, 0, 1000);
	crowd_claim(&crowd, 1, 3000);
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, first), 0U);
	/* They rest, too, but twenty round trips later. */
	crowd.now_ms += 20 * FAR_US / 1000 + 100;
	second = crowd_rest(&crowd, 1, 3000);
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, first), 0U);
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, second), 3000U);
	/* Who rests after somebody has gone on is of the next step. */
	first = crowd_rest(&crowd, 0, 1000);
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, second), 0U);
	KUNIT_EXPECT_EQ(test, xgs_share_wake(&crowd.share, first), 1000U);
}

/* Against a sum over all flows, whatever they do. */
static void sums_are_right(struct kunit *test)
{
	struct xgs_share_view view;
	struct crowd crowd = {};
	struct rnd_state rnd;
	u32 i, k;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 100000; i++) {
		u32 flow = prandom_u32_state(&rnd) % FLOWS, flows = 0;
		u64 sum = 0, freed = crowd.share.freed;

		crowd.now_ms += xgs_random(&rnd, 3000);
		view = (struct xgs_share_view) {};
		if (xgs_chance(&rnd, 10))
			crowd_leave(&crowd, flow);
		else if (xgs_chance(&rnd, 10))
			crowd_rest(&crowd, flow, 1);
		else
			view = crowd_claim(&crowd, flow,
					   xgs_random(&rnd, U32_MAX));
		for (k = 0; k < FLOWS; k++) {
			sum += crowd.claimed[k];
			flows += crowd.claimed[k] > 0;
		}
		KUNIT_ASSERT_EQ(test, crowd.share.rate, sum);
		KUNIT_ASSERT_EQ(test, crowd.share.flows, flows);
		if (view.fair)
			KUNIT_ASSERT_EQ(test, (u64)view.fair,
					div_u64(sum, flows));
		KUNIT_ASSERT_LE(test, view.freed, crowd.claimed[flow] / 16);
		KUNIT_ASSERT_LE(test, (u64)view.freed, freed);
	}
	for (k = 0; k < FLOWS; k++)
		crowd_leave(&crowd, k);
	KUNIT_EXPECT_EQ(test, crowd.share.rate, 0ULL);
	KUNIT_EXPECT_EQ(test, crowd.share.flows, 0U);
}

/* Each a quarter of the way, in turn: equal, and the sum is what it was. */
static void moves_add_up_to_nothing(struct kunit *test)
{
	struct crowd crowd = {};
	struct rnd_state rnd;
	u32 i, k, flow;
	u64 sum;

	prandom_seed_state(&rnd, 2);
	for (k = 0; k < FLOWS; k++)
		crowd_claim(&crowd, k, 1000000 +
				       prandom_u32_state(&rnd) % 100000000);
	sum = crowd.share.rate;
	for (i = 0; i < XGS_SHARE_ROUNDS; i++) {
		for (k = 0; k < FLOWS; k++) {
			/* As it claims: what the sum says is one round old. */
			s64 rate = crowd.claimed[k];
			u32 fair = crowd_claim(&crowd, k, rate).fair;

			KUNIT_ASSERT_GT(test, fair, 0U);
			crowd_claim(&crowd, k, rate + ((s64)fair - rate) / 4);
		}
		crowd.now_ms += FAR_US / 1000;
	}
	for (flow = 0; flow < FLOWS; flow++) {
		u64 mean = div_u64(crowd.share.rate, FLOWS);

		KUNIT_EXPECT_GE(test, (u64)crowd.claimed[flow],
				mean - mean / 32);
		KUNIT_EXPECT_LE(test, (u64)crowd.claimed[flow],
				mean + mean / 32);
	}
	KUNIT_EXPECT_GE(test, crowd.share.rate, sum - sum / 8);
	KUNIT_EXPECT_LE(test, crowd.share.rate, sum + sum / 8);
}

static bool leaps(struct xgs_share *share, u32 who, u32 now_ms)
{
	return xgs_share_leap(share, who, FAR_US, now_ms);
}

/* Until nobody has for four round trips, of which a clock may hide a tick. */
static void who_leaps_leaps_alone(struct kunit *test)
{
	struct xgs_share share = {};
	u32 at_ms = U32_MAX - 90, i;

	for (i = 0; i < 10; i++, at_ms += 70)
		KUNIT_EXPECT_TRUE(test, leaps(&share, 1, at_ms));
	/* Neither may who comes now, nor who was there, nor a third. */
	KUNIT_EXPECT_FALSE(test, leaps(&share, 2, at_ms));
	KUNIT_EXPECT_FALSE(test, leaps(&share, 1, at_ms + 10));
	KUNIT_EXPECT_FALSE(test, leaps(&share, 2, at_ms + 70));
	KUNIT_EXPECT_FALSE(test, leaps(&share, 3, at_ms + 250));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 3, at_ms + 10 + 242));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 3, at_ms + 10 + 300));
	/* What was contested once is not for ever: it starts anew after a pause. */
	KUNIT_EXPECT_FALSE(test, leaps(&share, 1, at_ms + 10 + 310));
	KUNIT_EXPECT_FALSE(test, leaps(&share, 3, at_ms + 10 + 370));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 3, at_ms + 10 + 370 + 242));
}

static void who_asks_does_not_leap(struct kunit *test)
{
	struct xgs_share share = {};

	KUNIT_EXPECT_TRUE(test, leaps(&share, 0, 1000));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 1, 1010));
	KUNIT_EXPECT_FALSE(test, leaps(&share, 0, 1020));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 1, 1030));
	KUNIT_EXPECT_FALSE(test, leaps(&share, 0, 1030 + 240));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 0, 1030 + 242));
	KUNIT_EXPECT_TRUE(test, leaps(&share, 2, 1030 + 243));
}

/* However near, two that leap within a millisecond know of each other. */
static void leaps_meet_near_by(struct kunit *test)
{
	struct xgs_share share = {};

	KUNIT_EXPECT_TRUE(test, xgs_share_leap(&share, 1, 0, 7));
	KUNIT_EXPECT_FALSE(test, xgs_share_leap(&share, 2, 0, 8));
	KUNIT_EXPECT_TRUE(test, xgs_share_leap(&share, 2, 0, 9));
	/* No sum of times overflows. */
	KUNIT_EXPECT_FALSE(test, xgs_share_leap(&share, 3, U32_MAX, 4009));
	KUNIT_EXPECT_TRUE(test, xgs_share_leap(&share, 3, U32_MAX, 4011));
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(alone_there_is_nothing_to_share),
	KUNIT_CASE(a_newcomer_is_made_room_for),
	KUNIT_CASE(what_a_flow_had_is_handed_on),
	KUNIT_CASE(what_nobody_took_is_forgotten),
	KUNIT_CASE(who_rests_together_wakes_with_the_mean),
	KUNIT_CASE(nobody_else_gives_a_rate),
	KUNIT_CASE(sums_are_right),
	KUNIT_CASE(moves_add_up_to_nothing),
	KUNIT_CASE(who_leaps_leaps_alone),
	KUNIT_CASE(who_asks_does_not_leap),
	KUNIT_CASE(leaps_meet_near_by),
	{}
};

static struct kunit_suite share_suite = {
	.name = "xgs_share",
	.test_cases = share_cases,
};

kunit_test_suite(share_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of how flows of a path share");
MODULE_LICENSE("GPL");
