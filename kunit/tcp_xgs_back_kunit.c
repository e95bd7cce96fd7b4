// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what is known of the way back: two clocks, one of microseconds and one of
 * milliseconds, and queues on both ways.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/time64.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../tcp_xgs/back.h"
#include "random.h"

/* A path both of whose ways take 15 ms, and who is at its other end. */
struct ways {
	struct xgs_back back;
	struct rnd_state rnd;
	bool known;
	u32 now_us;
	u32 there_us;		/* queueing delays */
	u32 here_us;
	u32 offset_ms;		/* of the receiver's clock */
	u32 tick_us;
};

#define WAY_US		15000U
#define ACKS		64

static void ways_begin(struct ways *ways)
{
	*ways = (struct ways) {
		.back = { .least = XGS_BACK_NONE },
		.now_us = U32_MAX - 3000000,	/* it wraps soon */
		.offset_ms = 0xdeadbeef,
		.tick_us = 1000,
	};
	prandom_seed_state(&ways->rnd, 1);
}

/*
 * A round trip of 64 ACKs: the least RTT that they leave when the way back's queue is
 * taken off, above the base RTT.
 */
static u32 ways_round(struct ways *ways)
{
	u32 i, least_us = U32_MAX;

	for (i = 0; i < ACKS; i++) {
		u32 queue_us = ways->there_us + ways->here_us, back_us = 0, stamp;
		s16 late;

		ways->now_us += 300 + xgs_random(&ways->rnd, 400);
		stamp = (ways->now_us - WAY_US - ways->here_us) / ways->tick_us +
			ways->offset_ms;
		late = xgs_back_note(&ways->back, stamp, ways->now_us);
		if (ways->known)
			back_us = xgs_back_queue(late, queue_us);
		if (back_us == XGS_BACK_WRONG) {
			ways->known = false;
			back_us = 0;
		}
		least_us = min(least_us, queue_us - min(queue_us, back_us));
	}
	if (xgs_back_round(&ways->back, !(ways->there_us + ways->here_us)))
		ways->known = true;
	return least_us;
}

static void a_queue_is_told_by_its_way(struct kunit *test)
{
	static const u32 queues[] = { 0, 300, 1500, 4000, 30000, 400000 };
	struct ways ways;
	size_t there, here;

	for (there = 0; there < ARRAY_SIZE(queues); there++) {
		for (here = 0; here < ARRAY_SIZE(queues); here++) {
			u32 least_us;

			ways_begin(&ways);
			ways_round(&ways);
			KUNIT_ASSERT_TRUE(test, ways.known);
			ways.there_us = queues[there];
			ways.here_us = queues[here];
			least_us = ways_round(&ways);
			if (queues[here] < 1000) {
				KUNIT_EXPECT_EQ(test, least_us, queues[there] +
							       queues[here]);
				continue;
			}
			KUNIT_EXPECT_GE(test, least_us + 100, queues[there]);
			/* Less than two milliseconds of it may be overlooked. */
			KUNIT_EXPECT_LE(test, least_us, queues[there] +
					(queues[here] < 2000 ? queues[here] : 200));
			KUNIT_EXPECT_TRUE(test, ways.known);
		}
	}
}

static void nothing_is_known_without_a_clear_round(struct kunit *test)
{
	struct ways ways;

	ways_begin(&ways);
	ways.here_us = 5000;
	KUNIT_EXPECT_EQ(test, ways_round(&ways), 5000U);
	KUNIT_EXPECT_FALSE(test, ways.known);
	KUNIT_EXPECT_EQ(test, ways_round(&ways), 5000U);
	ways.here_us = 0;
	ways_round(&ways);
	ways.here_us = 5000;
	KUNIT_EXPECT_LE(test, ways_round(&ways), 200U);

	/* Nor in one without ACKs. */
	ways_begin(&ways);
	KUNIT_EXPECT_FALSE(test, xgs_back_round(&ways.back, true));
	xgs_back_moves(&ways.back, 5000);
	KUNIT_EXPECT_EQ(test, ways.back.base, (u16)0);
}

/* Ten milliseconds, a hundred, and a microsecond, are not what is counted in. */
static void other_clocks_are_not_believed(struct kunit *test)
{
	static const u32 ticks[] = { 1, 100, 500, 2000, 4000, 10000, 100000 };
	struct ways ways;
	size_t nr;
	u32 i;

	for (nr = 0; nr < ARRAY_SIZE(ticks); nr++) {
		ways_begin(&ways);
		ways.tick_us = ticks[nr];
		ways_round(&ways);
		/* The way there is full: no more than what a round hides of it. */
		ways.there_us = 10000;
		ways_round(&ways);
		for (i = 0; i < 20; i++)
			KUNIT_EXPECT_EQ_MSG(test, ways_round(&ways), 10000U,
					    "a tick of %u us", ticks[nr]);
	}
}

/* 100 ppm for 20 s are 2 ms, of which one is a stamp's own. */
static void clocks_may_differ(struct kunit *test)
{
	struct ways ways;
	u32 i;

	for (i = 0; i < 2; i++) {
		ways_begin(&ways);
		ways_round(&ways);
		ways.there_us = 8000;
		ways.here_us = i ? 1900 : 0;
		KUNIT_EXPECT_GE(test, ways_round(&ways), 8000U);
		ways.here_us = i ? 6000 : 0;
		KUNIT_EXPECT_GE(test, ways_round(&ways), 7800U);
	}

	/* Up to half a millisecond nothing is taken; more is found. */
	ways_begin(&ways);
	ways_round(&ways);
	ways.there_us = 8000;
	ways.here_us = 400;
	KUNIT_EXPECT_EQ(test, ways_round(&ways), 8400U);
	ways.here_us = 800;
	KUNIT_EXPECT_LE(test, ways_round(&ways), 8200U);
}

/* When a queue has stayed so long that it counts as distance. */
static void what_counts_as_distance_is_no_queue(struct kunit *test)
{
	struct ways ways;
	u32 stamp, i;
	s16 late;

	ways_begin(&ways);
	ways_round(&ways);
	ways.here_us = 12000;
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_LE(test, ways_round(&ways), 200U);
	stamp = (ways.now_us - WAY_US - ways.here_us) / 1000 + ways.offset_ms;
	xgs_back_note(&ways.back, stamp, ways.now_us);
	xgs_back_moves(&ways.back, 12000);
	/* Nothing is above the base RTT any more, on either way. */
	late = xgs_back_note(&ways.back, stamp, ways.now_us);
	KUNIT_EXPECT_EQ(test, xgs_back_queue(late, 0), 0U);
	/* When it goes after all, while the way there is full, the next one is told. */
	ways.there_us = 8000;
	ways.here_us = 0;
	KUNIT_EXPECT_EQ(test, ways_round(&ways), 8000U);
	ways.there_us = 0;
	ways.here_us = 12000;
	KUNIT_EXPECT_LE(test, ways_round(&ways), 1100U);
	KUNIT_EXPECT_TRUE(test, ways.known);

	/* A base RTT that grows while no ACK is late is the way there's. */
	ways_begin(&ways);
	ways_round(&ways);
	xgs_back_note(&ways.back, stamp, ways.now_us);
	stamp = ways.back.base;
	xgs_back_moves(&ways.back, 12000);
	KUNIT_EXPECT_LE(test, (u32)(u16)(ways.back.base - stamp), 16U);
}

/* Never more than there is, whatever a peer writes into its ACKs. */
static void stamps_take_no_more_than_there_is(struct kunit *test)
{
	struct xgs_back back = { .least = XGS_BACK_NONE };
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 3);
	for (i = 0; i < 100000; i++) {
		u32 stamp = xgs_random(&rnd, U32_MAX);
		u32 now_us = xgs_random(&rnd, U32_MAX);
		u32 queue_us = xgs_random(&rnd, XGS_RTT_MAX_US);
		s16 late = xgs_back_note(&back, stamp, now_us);
		u32 back_us = xgs_back_queue(late, queue_us);

		if (back_us != XGS_BACK_WRONG)
			KUNIT_ASSERT_LE(test, back_us, queue_us);
		if (i % 5 == 0)
			xgs_back_moves(&back, xgs_random(&rnd, XGS_RTT_MAX_US));
		if (i % 7 == 0)
			xgs_back_round(&back, prandom_u32_state(&rnd) % 2);
	}
}

static struct kunit_case back_suite_cases[] = {
	KUNIT_CASE(a_queue_is_told_by_its_way),
	KUNIT_CASE(nothing_is_known_without_a_clear_round),
	KUNIT_CASE(other_clocks_are_not_believed),
	KUNIT_CASE(clocks_may_differ),
	KUNIT_CASE(what_counts_as_distance_is_no_queue),
	KUNIT_CASE(stamps_take_no_more_than_there_is),
	{}
};

static struct kunit_suite back_suite = {
	.name = "tcp_xgs_back",
	.test_cases = back_suite_cases,
};

kunit_test_suite(back_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of what tcp_xgs knows of the way back");
MODULE_LICENSE("GPL");
