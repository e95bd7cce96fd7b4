// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the control law in a closed loop: one flow on a path of a given
 * rate, distance, buffer, loss and marking, computed round by round as a fluid.
 * Does it fill the path, is its queue short, does it follow a path that
 * changes?
 *
 * The bounds are far from what the law reaches: they are there to find a law
 * that is broken, not to tune one.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/time64.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../tcp_xgs/law.h"
#include "../tcp_xgs/start.h"
#include "random.h"

#define MBIT		125000ULL
#define GBIT		125000000ULL
#define MSS		8948U
#define INITIAL_WINDOW	10U

/* A bottleneck and the way there. */
struct road {
	u64 rate;		/* bytes per second */
	u32 base_us;
	u32 buffer_us;		/* the longest queue, as delay */
	u32 mark_us;		/* the queue from which on it marks; 0 never */
	u32 loss_ppm;		/* packets lost for no reason */
};

struct flow {
	struct rnd_state rnd;
	struct xgs_law_params params;
	struct xgs_law law;
	u64 window;		/* bytes */
	u64 queue;		/* bytes at the bottleneck */
	u32 base_us;
	bool marks_live;
	u32 drain_us;		/* since the latest drain */
	u64 sent;		/* totals: what could be delivered, what was */
	u64 delivered;
	u64 queue_us;		/* and the mean queue, times rounds */
	u32 rounds;
	u32 longest_us;
	u32 shortest_us;
	u32 relearnt;
};

static u32 flow_burst_us(const struct flow *f)
{
	return xgs_time_of(xgs_burst_bytes(f->law.rate, f->base_us, MSS,
					   f->law.marks, &f->params),
			   f->law.rate);
}

static struct flow *flow_begin(struct kunit *test, const struct road *road,
			       u32 seed)
{
	struct flow *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	prandom_seed_state(&f->rnd, seed);
	f->params = (struct xgs_law_params)XGS_LAW_PARAMS_DEFAULT;
	f->base_us = road->base_us;
	f->window = INITIAL_WINDOW * MSS;
	/* As near by: a fluid has no spacing, and none of it leaps. */
	xgs_start_begin(&f->law, 0, xgs_rate_of(f->window, road->base_us), 0);
	return f;
}

static void flow_forget_totals(struct flow *f)
{
	f->sent = 0;
	f->delivered = 0;
	f->queue_us = 0;
	f->rounds = 0;
	f->longest_us = 0;
	f->shortest_us = U32_MAX;
}

/* Packets of the path's own loss: random, and right on average. */
static u32 flow_lost(struct flow *f, const struct road *road, u64 packets)
{
	u64 ppm = packets * road->loss_ppm * (prandom_u32_state(&f->rnd) % 1024);
	u64 lost = div_u64(ppm, 512 * USEC_PER_SEC);
	u32 rest = div_u64(ppm - lost * 512 * USEC_PER_SEC, 512);

	return lost + (prandom_u32_state(&f->rnd) % USEC_PER_SEC < rest);
}

/* The part of a round, of 1000, that a queue going from one to other marks. */
static u32 marked_share(u32 from_us, u32 to_us, u32 mark_us)
{
	u32 low = min(from_us, to_us), high = max(from_us, to_us);

	if (!mark_us || high <= mark_us)
		return 0;
	if (low >= mark_us)
		return 1000;
	return div_u64(1000ULL * (high - mark_us), high - low);
}

/* One round trip: what is sent meets the bottleneck, the law sees the result. */
static void flow_round(struct flow *f, const struct road *road)
{
	u32 before_us = xgs_time_of(f->queue, road->rate), after_us;
	u32 elapsed_us = road->base_us + before_us;
	u64 room = xgs_bytes_in(road->rate, road->buffer_us);
	u64 carried = xgs_bytes_in(road->rate, elapsed_us);
	u64 sent = min(xgs_bytes_in(xgs_law_pacing(&f->law), elapsed_us),
		       f->window);
	u64 delivered = min(f->queue + sent, carried);
	u64 overflow = 0;
	u32 known_us = f->base_us;
	struct xgs_round round = {
		.base_us = f->base_us,
		.elapsed_us = elapsed_us,
		.burst_us = flow_burst_us(f),
		.window = f->window,
		.bw = xgs_rate_of(delivered, elapsed_us),
		.ack_bw = before_us ? road->rate :
				      min(road->rate, xgs_law_pacing(&f->law)),
		.marks_live = f->marks_live,
	};
	bool uncovers;

	f->queue += sent - delivered;
	if (f->queue > room) {
		overflow = f->queue - room;
		f->queue = room;
	}
	after_us = xgs_time_of(f->queue, road->rate);

	round.rtt_us = road->base_us + min(before_us, after_us);
	round.delivered = div_u64(delivered, MSS) + 1;
	round.lost = flow_lost(f, road, round.delivered);
	f->delivered += delivered - min(delivered, (u64)round.lost * MSS);
	round.delivered -= min(round.delivered, round.lost);
	round.lost += div_u64(overflow, MSS);
	round.marked = div_u64((u64)round.delivered *
			       marked_share(before_us, after_us, road->mark_us),
			       1000);
	f->marks_live |= round.marked > 0;
	f->sent += carried;
	f->queue_us += after_us;
	f->rounds++;
	f->longest_us = max(f->longest_us, after_us);
	f->shortest_us = min(f->shortest_us, after_us);

	f->base_us = min(f->base_us, round.rtt_us);
	round.base_us = f->base_us;
	if (f->law.mode == XGS_START &&
	    round.rtt_us >= xgs_start_limit(f->base_us, 0, round.burst_us,
						false, &f->params)) {
		xgs_start_end(&f->law, round.bw);
	} else if (xgs_law_round(&f->law, &round, &f->params) == XGS_RELEARN) {
		f->base_us = round.rtt_us;
		f->relearnt++;
	}
	uncovers = xgs_law_uncovers(&f->law, known_us, &round, &f->params);
	f->law.draining |= uncovers;
	f->drain_us += elapsed_us;
	if (f->drain_us >= f->params.drain_interval_ms * USEC_PER_MSEC) {
		f->law.draining = f->law.mode == XGS_CRUISE;
		f->drain_us = 0;
	}
	if (f->law.mode == XGS_START)
		f->window += delivered;
	else
		f->window = (u64)xgs_law_window(&f->law, f->base_us,
						flow_burst_us(f), MSS,
						&f->params) * MSS;
	if (uncovers)
		f->window /= 2;
}

static void flow_run(struct flow *f, const struct road *road, u32 rounds)
{
	while (rounds--)
		flow_round(f, road);
}

/* Per cent of what the path could carry. */
static u32 flow_used(const struct flow *f)
{
	return div64_u64(f->delivered * 100, f->sent);
}

static u32 flow_queue_us(const struct flow *f)
{
	return div_u64(f->queue_us, f->rounds);
}

static const struct road_case {
	const char *name;
	struct road road;
} road_cases[] = {
	{ "rack 10G",	    { 10 * GBIT, 50, 10000 } },
	{ "campus 100G",    { 100 * GBIT, 300, 10000 } },
	{ "metro 25G",	    { 25 * GBIT, 2000, 10000 } },
	{ "region 1G",	    { GBIT, 10000, 20000 } },
	{ "continent 1G",   { GBIT, 60000, 60000 } },
	{ "continent 400G", { 400 * GBIT, 60000, 60000 } },
	{ "global 10G",	    { 10 * GBIT, 200000, 50000 } },
	{ "one second",	    { 100 * MBIT, XGS_RTT_MAX_US, 100000 } },
	{ "1.6 Tbit/s",	    { XGS_RATE_MAX, 100000, 50000 } },
	{ "shallow 10G",    { 10 * GBIT, 30000, 3000 } },
	{ "lossy 1G",	    { GBIT, 60000, 60000, .loss_ppm = 1000 } },
	{ "lossy 10G",	    { 10 * GBIT, 100000, 10000, .loss_ppm = 1000 } },
	{ "very lossy 2.5G", { 5 * GBIT / 2, 30000, 10000, .loss_ppm = 10000 } },
	{ "marked rack",    { 25 * GBIT, 50, 10000, .mark_us = 40 } },
	{ "marked region",  { 25 * GBIT, 10000, 20000, .mark_us = 200 } },
	{ "marked global",  { 100 * GBIT, 100000, 50000, .mark_us = 1000 } },
};

static void road_describe(const struct road_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(road, road_cases, road_describe);

static void a_flow_fills_its_path(struct kunit *test)
{
	const struct road_case *c = test->param_value;
	struct flow *f = flow_begin(test, &c->road, 1);
	struct xgs_curve curve;

	flow_run(f, &c->road, 1000);
	KUNIT_EXPECT_EQ(test, (int)f->law.mode, (int)XGS_CRUISE);
	flow_forget_totals(f);
	flow_run(f, &c->road, 4000);
	kunit_info(test, "%s: %u %% used, %u us queued", c->name, flow_used(f),
		   flow_queue_us(f));
	KUNIT_EXPECT_GE(test, flow_used(f), 90U);
	xgs_curve_at(&curve, c->road.base_us, flow_burst_us(f), &f->params);
	KUNIT_EXPECT_LE(test, flow_queue_us(f),
			max(curve.hi_us, c->road.base_us / 25));
	KUNIT_EXPECT_EQ(test, f->base_us, c->road.base_us);
	KUNIT_EXPECT_EQ(test, f->relearnt, 0U);
}

/* The start is over before its queue does harm, and soon. */
static void a_start_is_short(struct kunit *test)
{
	const struct road_case *c = test->param_value;
	struct flow *f = flow_begin(test, &c->road, 2);
	u32 rounds = 0;

	while (f->law.mode == XGS_START && rounds++ < 100)
		flow_round(f, &c->road);
	KUNIT_EXPECT_LE(test, rounds, 40U);
	while (f->law.mode == XGS_SETTLE && rounds++ < 100)
		flow_round(f, &c->road);
	KUNIT_EXPECT_EQ(test, (int)f->law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_GE(test, f->law.rate, c->road.rate / 4);
	KUNIT_EXPECT_LE(test, f->law.rate, c->road.rate + c->road.rate / 8);
}

static const struct road_case still_cases[] = {
	{ "2.5G 10 ms",	  { 5 * GBIT / 2, 10000, 20000 } },
	{ "10G 30 ms",	  { 10 * GBIT, 30000, 30000 } },
	{ "2.5G 60 ms",	  { 5 * GBIT / 2, 60000, 60000 } },
	{ "100G 60 ms",	  { 100 * GBIT, 60000, 60000 } },
	{ "10G 100 ms",	  { 10 * GBIT, 100000, 60000 } },
	{ "2.5G 150 ms",  { 5 * GBIT / 2, 150000, 150000 } },
	{ "10G 200 ms",	  { 10 * GBIT, 200000, 200000 } },
};

KUNIT_ARRAY_PARAM(still, still_cases, road_describe);

/*
 * Where nothing happens, rate and queue come to rest; far away, and where what is in
 * balance is less than a per cent of the round trip, they nearly do.
 */
static void a_queue_stands_still(struct kunit *test)
{
	const struct road_case *c = test->param_value;
	bool rests = c->road.base_us <= 30000 && c->road.rate <= 10 * GBIT;
	struct flow *f = flow_begin(test, &c->road, 4);

	f->params.drain_interval_ms = XGS_RTT_MAX_US;
	flow_run(f, &c->road, 1000);
	flow_forget_totals(f);
	flow_run(f, &c->road, 200);
	kunit_info(test, "%s: %u %% used, %u to %u us queued", c->name,
		   flow_used(f), f->shortest_us, f->longest_us);
	KUNIT_EXPECT_GE(test, flow_used(f), 99U);
	KUNIT_EXPECT_LE(test, f->longest_us,
			rests ? f->shortest_us + 150 : c->road.base_us / 20);
}

static const struct change_case {
	const char *name;
	struct road before;
	struct road after;
	bool longer;		/* by more than the law lets pass */
} change_cases[] = {
	{ "10 to 80 ms", { GBIT, 10000, 50000 }, { GBIT, 80000, 50000 }, true },
	{ "80 to 10 ms", { GBIT, 80000, 50000 }, { GBIT, 10000, 50000 } },
	{ "60 to 63 ms", { GBIT, 60000, 50000 }, { GBIT, 63000, 50000 }, true },
	{ "1 to 2 ms", { 10 * GBIT, 1000, 5000 }, { 10 * GBIT, 2000, 5000 },
	  true },
	{ "10 to 2 Gbit/s", { 10 * GBIT, 30000, 30000 },
	  { 2 * GBIT, 30000, 30000 } },
	{ "2 to 10 Gbit/s", { 2 * GBIT, 30000, 30000 },
	  { 10 * GBIT, 30000, 30000 } },
	{ "loss begins", { 10 * GBIT, 60000, 30000 },
	  { 10 * GBIT, 60000, 30000, .loss_ppm = 5000 } },
	{ "loss ends", { 10 * GBIT, 60000, 30000, .loss_ppm = 15000 },
	  { 10 * GBIT, 60000, 30000 } },
	{ "marks begin", { 10 * GBIT, 20000, 20000 },
	  { 10 * GBIT, 20000, 20000, .mark_us = 200 } },
};

static void change_describe(const struct change_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(change, change_cases, change_describe);

static void a_flow_follows_its_path(struct kunit *test)
{
	const struct change_case *c = test->param_value;
	struct flow *f = flow_begin(test, &c->before, 3);

	flow_run(f, &c->before, 1000);
	/* A near one may have taken farther flows' thresholds, until it drains. */
	flow_run(f, &c->after, 6000);
	flow_forget_totals(f);
	flow_run(f, &c->after, 1000);
	kunit_info(test, "%s: %u %% used, %u us queued, relearnt %u", c->name,
		   flow_used(f), flow_queue_us(f), f->relearnt);
	KUNIT_EXPECT_GE(test, flow_used(f), 85U);
	KUNIT_EXPECT_EQ(test, f->relearnt > 0, c->longer);
	KUNIT_EXPECT_GE(test, f->base_us, c->after.base_us);
	KUNIT_EXPECT_LE(test, f->base_us,
			c->after.base_us + c->after.base_us / 20);
}

/*
 * The first sample of a shorter path holds what the longer one had in flight; the
 * rest is found before the next drain that the clock asks for.
 */
static void a_shorter_path_is_uncovered(struct kunit *test)
{
	static const struct road road = { GBIT, 10000, 50000 };
	struct flow *f = flow_begin(test, &road, 5);

	f->params.drain_interval_ms = XGS_RTT_MAX_US;
	flow_run(f, &road, 200);
	KUNIT_ASSERT_EQ(test, f->base_us, road.base_us);
	f->base_us = 80000;
	f->queue = xgs_bytes_in(road.rate, 12000);
	f->window = xgs_bytes_in(road.rate, road.base_us + 12000);
	flow_run(f, &road, 10);
	KUNIT_EXPECT_LE(test, f->base_us, road.base_us + road.base_us / 20);
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE_PARAM(a_flow_fills_its_path, road_gen_params),
	KUNIT_CASE_PARAM(a_start_is_short, road_gen_params),
	KUNIT_CASE_PARAM(a_queue_stands_still, still_gen_params),
	KUNIT_CASE_PARAM(a_flow_follows_its_path, change_gen_params),
	KUNIT_CASE(a_shorter_path_is_uncovered),
	{}
};

static struct kunit_suite path_suite = {
	.name = "tcp_xgs_path",
	.test_cases = path_cases,
};

kunit_test_suite(path_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of tcp_xgs in a closed loop");
MODULE_LICENSE("GPL");
