// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of when rdma_xgs lets packets leave, and of the RTT samples that it
 * takes from sequence numbers.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "random.h"

/* rdma_xgs.ko needs a kernel with InfiniBand; its pure files don't. */
#include "../rdma_xgs/pace.c"
#include "../rdma_xgs/rtt.c"

#define NOW	1000000000ULL
#define LEAD	500000000ULL

static u64 send_at(struct xgs_pace *pace, u64 now, u64 lead, u64 rate,
		   u32 bytes)
{
	return xgs_pace_send(pace, now, lead, (u64)bytes * NSEC_PER_SEC /
					      max(rate, 1ULL));
}

static void paces_at_the_rate(struct kunit *test)
{
	struct xgs_pace pace = {};
	u64 rate = NSEC_PER_SEC;

	/* 1000 bytes at 1 GB/s: a microsecond. */
	KUNIT_EXPECT_EQ(test, send_at(&pace, NOW, LEAD, rate, 1000), NOW);
	KUNIT_EXPECT_EQ(test, send_at(&pace, NOW, LEAD, rate, 1000),
			NOW + 1000);
	/* The rate of the latest packet is the gap behind it. */
	KUNIT_EXPECT_EQ(test, send_at(&pace, NOW, LEAD, rate / 2, 1000),
			NOW + 2000);
	KUNIT_EXPECT_EQ(test, send_at(&pace, NOW, LEAD, rate, 1000),
			NOW + 4000);
	/* A pause earns nothing. */
	KUNIT_EXPECT_EQ(test, send_at(&pace, 2 * NOW, LEAD, rate, 1000),
			2 * NOW);
}

static void lead_is_within_the_timeout(struct kunit *test)
{
	/* Three quarters of what the round trip leaves, or of a quarter. */
	KUNIT_EXPECT_EQ(test, xgs_pace_lead(0, 30000000, LEAD), LEAD);
	KUNIT_EXPECT_EQ(test, xgs_pace_lead(64000000, 0, LEAD), 48000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_pace_lead(64000000, 24000000, LEAD),
			30000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_pace_lead(64000000, 60000000, LEAD),
			12000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_pace_lead(64000000, 90000000, LEAD),
			12000000ULL);
	KUNIT_EXPECT_EQ(test, xgs_pace_lead(4096ULL << 31, 1, LEAD), LEAD);
}

static void lead_is_bounded(struct kunit *test)
{
	struct xgs_pace pace = {};
	u64 at, before = 0;
	u32 i;

	/* 10 ms a packet, and the sender waits for nothing. */
	for (i = 0; i < 1000; i++) {
		u64 early = xgs_pace_early(&pace, NOW + i, LEAD);

		/* At the limit it is the time of a packet, less what passed. */
		KUNIT_EXPECT_EQ(test, early, i <= 50 ? 0 : i == 51 ?
				10000000ULL - 51 : 9999999ULL);
		at = send_at(&pace, NOW + i, LEAD, 100000, 1000);
		KUNIT_EXPECT_GE(test, at, before);
		KUNIT_EXPECT_LE(test, at, NOW + i + LEAD);
		before = at;
	}
	KUNIT_EXPECT_EQ(test, at, NOW + 999 + LEAD);
}

/* After ten seconds without a break nothing waits for a millisecond. */
static void breaks_are_taken(struct kunit *test)
{
	struct xgs_pace pace = {};
	u64 now = NOW, at = 0, begin;
	u32 packets, i;

	xgs_pace_take_breaks(&pace, 0);
	/* 64 packets of 1 ms each wait all the time. */
	for (i = 0; i < 64; i++)
		at = send_at(&pace, now, LEAD, 1000000, 1000);
	for (packets = 0; now < NOW + 9999000000ULL; packets++) {
		now += 1000000;
		KUNIT_ASSERT_GT(test, send_at(&pace, now, LEAD, 1000000, 1000),
				at);
		at = pace.last;
	}
	KUNIT_EXPECT_EQ(test, packets, 9999U);
	/* Now all leave with the latest one, and then at once. */
	begin = NOW + XGS_PACE_BUSY_MAX;
	for (now = begin; now < at; now += 1000000)
		KUNIT_EXPECT_EQ(test, send_at(&pace, now, LEAD, 1000000, 1000),
				at);
	for (now = at; now < at + XGS_PACE_BREAK; now += 100000)
		KUNIT_EXPECT_EQ(test, send_at(&pace, now, LEAD, 1000000, 1000),
				now);
	/* And again. */
	KUNIT_EXPECT_EQ(test, send_at(&pace, now, LEAD, 1000000, 1000), now);
	KUNIT_EXPECT_EQ(test, send_at(&pace, now, LEAD, 1000000, 1000),
			now + 1000000);
}

/* Who needs none takes none; flows that begin together break at other times. */
static void breaks_are_spread(struct kunit *test)
{
	struct xgs_pace pace = {};
	u64 now = NOW;
	u32 packets;

	for (packets = 0; packets < 20000; packets++, now += 1000000)
		send_at(&pace, now, LEAD, 990000, 1000);
	KUNIT_EXPECT_GT(test, pace.last, now + 100000000);

	xgs_pace_take_breaks(&pace, 0);
	KUNIT_EXPECT_EQ(test, pace.most, XGS_PACE_BUSY_MAX);
	xgs_pace_take_breaks(&pace, 1234);
	KUNIT_EXPECT_EQ(test, pace.most, 8766000000ULL);
	xgs_pace_take_breaks(&pace, 5000 + 1234);
	KUNIT_EXPECT_EQ(test, pace.most, 8766000000ULL);
	xgs_pace_take_breaks(&pace, 4999);
	KUNIT_EXPECT_EQ(test, pace.most, 5001000000ULL);
	xgs_pace_take_breaks(&pace, U32_MAX);
	KUNIT_EXPECT_GT(test, pace.most, XGS_PACE_BUSY_MAX / 2);
}

static void backlog_is_estimated(struct kunit *test)
{
	struct xgs_pace pace = {};
	u32 i;

	KUNIT_EXPECT_EQ(test, xgs_pace_backlog(&pace, NOW, 1000000), 0U);
	for (i = 0; i < 50; i++)
		send_at(&pace, NOW, LEAD, 1000000, 1000);
	/* The first one has left. */
	KUNIT_EXPECT_EQ(test, xgs_pace_backlog(&pace, NOW, 1000000), 50U);
	KUNIT_EXPECT_EQ(test, xgs_pace_backlog(&pace, NOW + 48500000, 1000000),
			1U);
	KUNIT_EXPECT_EQ(test, xgs_pace_backlog(&pace, NOW + 49000000, 1000000),
			0U);
	KUNIT_EXPECT_EQ(test, xgs_pace_backlog(&pace, NOW, 0), 49000001U);
}

static void answers_keep_their_place(struct kunit *test)
{
	struct xgs_pace pace = {};

	KUNIT_EXPECT_EQ(test, xgs_pace_follow(&pace, NOW), NOW);
	send_at(&pace, NOW, LEAD, 1000000, 1000);
	send_at(&pace, NOW, LEAD, 1000000, 1000);
	KUNIT_EXPECT_EQ(test, xgs_pace_follow(&pace, NOW + 5), NOW + 1000000);
	KUNIT_EXPECT_EQ(test, xgs_pace_follow(&pace, NOW + 5), NOW + 1000000);
	KUNIT_EXPECT_EQ(test, xgs_pace_follow(&pace, NOW + 1000001),
			NOW + 1000001);
}

/* Whatever rates, sizes and times come: departures never go back. */
static void order_is_kept(struct kunit *test)
{
	u64 now = NOW, at, before = 0, rate;
	struct xgs_pace pace = {};
	struct rnd_state rnd;
	u32 i, bytes;

	prandom_seed_state(&rnd, 128);
	for (i = 0; i < 100000; i++) {
		now += xgs_random(&rnd, 100000000);
		rate = xgs_random(&rnd, 200000000000ULL);
		bytes = xgs_random(&rnd, 65535);
		if (xgs_chance(&rnd, 20))
			at = xgs_pace_follow(&pace, now);
		else
			at = send_at(&pace, now, LEAD, rate, bytes);
		KUNIT_ASSERT_GE(test, at, max(before, now));
		KUNIT_ASSERT_LE(test, at, now + LEAD);
		before = at;
	}
}

/* -- RTT samples --------------------------------------------------------- */

static void compares_psns(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xgs_psn_compare(5, 5), 0);
	KUNIT_EXPECT_GT(test, xgs_psn_compare(6, 5), 0);
	KUNIT_EXPECT_LT(test, xgs_psn_compare(5, 6), 0);
	KUNIT_EXPECT_GT(test, xgs_psn_compare(0, 0xffffff), 0);
	KUNIT_EXPECT_LT(test, xgs_psn_compare(0xffffff, 0), 0);
	KUNIT_EXPECT_GT(test, xgs_psn_compare(0x7fffff, 0), 0);
	KUNIT_EXPECT_LT(test, xgs_psn_compare(0x800001, 0), 0);
}

/* A request that was never sent before. */
static void send_new(struct kunit *test, struct xgs_rtt *rtt, u32 psn,
		     bool probe, u64 at)
{
	KUNIT_EXPECT_EQ(test, xgs_rtt_sent(rtt, psn, probe, at), XGS_RTT_NEW);
}

static void samples_acks(struct kunit *test)
{
	struct xgs_rtt rtt = {};

	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 0, false, NOW), 0ULL);
	send_new(test, &rtt, 0xfffffe, false, NOW);
	send_new(test, &rtt, 0xffffff, true, NOW + 10);
	send_new(test, &rtt, 0, false, NOW + 20);
	send_new(test, &rtt, 1, true, NOW + 30);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 0xfffffe, false, NOW + 90),
			0ULL);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 0xffffff, false, NOW + 100),
			90ULL);
	/* Once. */
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 0xffffff, false, NOW + 101),
			0ULL);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 5, false, NOW + 130),
			100ULL);
	KUNIT_EXPECT_EQ(test, rtt.count, 0);
}

static void samples_reads(struct kunit *test)
{
	struct xgs_rtt rtt = {};

	xgs_rtt_sent(&rtt, 10, true, NOW);
	xgs_rtt_sent(&rtt, 20, true, NOW + 5);
	/* The response to another request ends no sample. */
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 15, true, NOW + 50), 0ULL);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 10, true, NOW + 60), 60ULL);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 20, true, NOW + 60), 55ULL);
}

/* Karn: what was sent twice, and what was under way with it, is no sample. */
static void retransmission_is_no_sample(struct kunit *test)
{
	struct xgs_rtt rtt = {};
	u32 psn;

	for (psn = 100; psn < 104; psn++)
		send_new(test, &rtt, psn, true, NOW);
	for (psn = 101; psn < 104; psn++)
		KUNIT_EXPECT_EQ(test,
				xgs_rtt_sent(&rtt, psn, true, NOW + 1000),
				psn == 101 ? XGS_RTT_BACK : XGS_RTT_AGAIN);
	/* The same one again: back, too. */
	KUNIT_EXPECT_EQ(test, xgs_rtt_sent(&rtt, 103, true, NOW + 1050),
			XGS_RTT_BACK);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 103, false, NOW + 1100),
			0ULL);
	send_new(test, &rtt, 104, true, NOW + 2000);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 104, false, NOW + 2500),
			500ULL);
	/* The same numbers for a new connection. */
	send_new(test, &rtt, 0xf00000, true, NOW + 3000);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 0xf00000, false,
					       NOW + 3700), 700ULL);
}

static void sends(struct xgs_rtt *rtt, u32 from, u32 to)
{
	for (; from < to; from++)
		xgs_rtt_sent(rtt, from & 0xffffff, true, NOW);
}

/* Who repeats the same again and again is stuck, until something moves. */
static void stuck_is_noticed(struct kunit *test)
{
	const u32 first = 0xfffffa;
	struct xgs_rtt rtt = {};
	u32 round;

	sends(&rtt, first, first + 10);
	for (round = 1; round < 6; round++) {
		sends(&rtt, first, first + 10);
		KUNIT_EXPECT_EQ(test, rtt.stuck, round >= 3);
	}
	/* A new packet goes out, but the same one is lost. */
	sends(&rtt, first + 10, first + 12);
	KUNIT_EXPECT_FALSE(test, rtt.stuck);
	sends(&rtt, first, first + 12);
	KUNIT_EXPECT_TRUE(test, rtt.stuck);
	/* What was before it has arrived. */
	for (round = 1; round < 10; round++) {
		sends(&rtt, first + round, first + 12);
		KUNIT_EXPECT_FALSE(test, rtt.stuck);
	}
	sends(&rtt, first + 4, first + 12);
	KUNIT_EXPECT_FALSE(test, rtt.stuck);
	sends(&rtt, first + 4, first + 12);
	KUNIT_EXPECT_TRUE(test, rtt.stuck);
}

static void impossible_is_no_sample(struct kunit *test)
{
	struct xgs_rtt rtt = {};

	/* Before it has left, and after a suspend. */
	xgs_rtt_sent(&rtt, 1, true, NOW + 500);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 1, false, NOW), 0ULL);
	xgs_rtt_sent(&rtt, 2, true, NOW);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 2, false,
					       NOW + 10000000001ULL), 0ULL);
	/* For what was never sent. */
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 77, false, NOW + 5), 0ULL);
}

static void probes_are_few(struct kunit *test)
{
	struct xgs_rtt rtt = {};
	u32 psn;

	for (psn = 0; psn < 100; psn++)
		xgs_rtt_sent(&rtt, psn, true, NOW + psn);
	KUNIT_EXPECT_EQ(test, rtt.count, XGS_RTT_PROBES);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 0, false, NOW + 1000),
			1000ULL);
	xgs_rtt_sent(&rtt, 100, true, NOW + 1000);
	KUNIT_EXPECT_EQ(test, xgs_rtt_answered(&rtt, 100, false, NOW + 3000),
			2000ULL);
}

static struct kunit_case rdma_xgs_pace_cases[] = {
	KUNIT_CASE(paces_at_the_rate),
	KUNIT_CASE(lead_is_within_the_timeout),
	KUNIT_CASE(lead_is_bounded),
	KUNIT_CASE(breaks_are_taken),
	KUNIT_CASE(breaks_are_spread),
	KUNIT_CASE(backlog_is_estimated),
	KUNIT_CASE(answers_keep_their_place),
	KUNIT_CASE(order_is_kept),
	KUNIT_CASE(compares_psns),
	KUNIT_CASE(samples_acks),
	KUNIT_CASE(samples_reads),
	KUNIT_CASE(retransmission_is_no_sample),
	KUNIT_CASE(stuck_is_noticed),
	KUNIT_CASE(impossible_is_no_sample),
	KUNIT_CASE(probes_are_few),
	{}
};

static struct kunit_suite rdma_xgs_pace_suite = {
	.name = "rdma_xgs_pace",
	.test_cases = rdma_xgs_pace_cases,
};

kunit_test_suite(rdma_xgs_pace_suite);

MODULE_DESCRIPTION("KUnit tests of the pacing and the RTT samples of rdma_xgs");
MODULE_LICENSE("GPL");
