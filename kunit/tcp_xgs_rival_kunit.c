// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the law does beside a flow of another control: the arithmetic
 * of CUBIC, and both kinds of rivals at a modelled bottleneck.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/time64.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../tcp_xgs/law.h"
#include "../tcp_xgs/start.h"
#include "../tcp_xgs/rival.h"
#include "random.h"
#include "rounds.h"

/* -- CUBIC ------------------------------------------------------------- */

/* The whole milliseconds whose cube is 0.75 W seconds cubed, or next below. */
static void cubic_time_is_the_cube_root(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 20000; i++) {
		u32 packets = xgs_random(&rnd, U32_MAX);
		u64 cube = 750000000ULL * packets;
		u64 ms = xgs_cubic_time(packets);

		if (!packets) {
			KUNIT_ASSERT_EQ(test, ms, 1ULL);
			continue;
		}
		KUNIT_ASSERT_LE(test, ms * ms * ms, cube);
		KUNIT_ASSERT_GT(test, (ms + 1) * (ms + 1) * (ms + 1), cube);
	}
	/* 750^(1/3) = 9.0856, (3/4 2^32)^(1/3) = 1476.863. */
	KUNIT_EXPECT_EQ(test, xgs_cubic_time(1000), 9085U);
	KUNIT_EXPECT_EQ(test, xgs_cubic_time(U32_MAX), 1476863U);
}

/*
 * Seven tenths at the loss, 1 - 0.3 / 8 after half of K, all of it after K, and
 * as much above after 2 K.
 */
static void cubic_passes_its_points(struct kunit *test)
{
	static const u32 windows[] = { 100, 1000, 100000, 10000000 };
	/* So far away that Reno's packet per round trip is less. */
	const u32 rtt_us = USEC_PER_SEC;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		u32 k = xgs_cubic_time(windows[i]);
		u64 near = GBIT / 500;

		KUNIT_EXPECT_LE(test, abs((s64)(GBIT / 10 * 7 -
			xgs_cubic_rate(GBIT, windows[i], 0, rtt_us))), near);
		KUNIT_EXPECT_LE(test, abs((s64)(GBIT / 10000 * 9625 -
			xgs_cubic_rate(GBIT, windows[i], k / 2, rtt_us))),
			near);
		KUNIT_EXPECT_LE(test, abs((s64)(GBIT -
			xgs_cubic_rate(GBIT, windows[i], k, rtt_us))), near);
		KUNIT_EXPECT_LE(test, abs((s64)(GBIT / 10 * 13 -
			xgs_cubic_rate(GBIT, windows[i], 2 * k, rtt_us))),
			near);
	}
}

/* Small windows grow as Reno's: 0.53 packets of W = 10 per round trip. */
static void cubic_is_not_below_reno(struct kunit *test)
{
	u64 rate = xgs_cubic_rate(GBIT, 10, 40, 10000);

	KUNIT_EXPECT_GE(test, rate, GBIT / 100 * (70 + 4 * 5));
	KUNIT_EXPECT_LE(test, rate, GBIT / 100 * (70 + 4 * 6));
}

static void cubic_never_falls(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, j;

	prandom_seed_state(&rnd, 2);
	for (i = 0; i < 500; i++) {
		u64 full = xgs_random(&rnd, U64_MAX);
		u32 packets = xgs_random(&rnd, U32_MAX);
		u32 rtt_us = xgs_random(&rnd, U32_MAX);
		u32 step = 1 + xgs_random(&rnd, U32_MAX / 64);
		u64 before = 0;

		for (j = 0; j < 64; j++) {
			u64 rate = xgs_cubic_rate(full, packets, j * step,
						  rtt_us);

			KUNIT_ASSERT_GE(test, rate, before);
			KUNIT_ASSERT_LE(test, rate, XGS_RATE_MAX);
			KUNIT_ASSERT_LE(test, rate,
					154 * min(full, XGS_RATE_MAX));
			before = rate;
		}
	}
}

/* -- a bottleneck that is shared ---------------------------------------- */

enum kind {
	NOBODY,
	ANSWERS,	/* loss: seven tenths, and back in two hundred rounds */
	DEAF,		/* what got through lately, and a quarter more now and then */
};

struct link {
	struct xgs_law law;
	struct xgs_law_params params;
	enum kind kind;
	u64 capacity;		/* bytes per second */
	u64 buffer;		/* bytes */
	u64 rival;		/* bytes in flight */
	u64 rival_full;		/* bytes in flight at its last loss */
	u64 rival_share;	/* bytes per second */
	u64 rival_rate;		/* the most that a deaf rival remembers */
	u32 rounds;
	u32 base_us;
	u32 queue_us;
	enum xgs_cause cause;
};

static void link_init(struct kunit *test, struct link *link, enum kind kind,
		      u32 buffer_pct)
{
	*link = (struct link) {
		.params = defaults,
		.kind = kind,
		.capacity = GBIT,
		.base_us = 30000,
	};
	link->buffer = xgs_bytes_in(GBIT, link->base_us) * buffer_pct / 100;
	xgs_start_begin(&link->law, link->base_us, GBIT / 2, 0);
	xgs_start_end(&link->law, GBIT / 2);
	link->law.mode = XGS_CRUISE;
	if (kind != NOBODY)
		link->rival = xgs_bytes_in(GBIT, link->base_us);
	link->rival_full = link->rival;
	link->rival_rate = GBIT;
}

static u64 link_bdp(const struct link *link)
{
	return xgs_bytes_in(link->capacity, link->base_us);
}

static void rival_round(struct link *link, bool lost)
{
	switch (link->kind) {
	case ANSWERS:
		if (lost) {
			link->rival_full = link->rival;
			link->rival = link->rival / 10 * 7;
		} else {
			link->rival += link->rival_full / 600;
		}
		break;
	case DEAF:
		link->rival_rate = max(link->rival_rate / 100 * 97,
				       link->rival_share);
		link->rival = xgs_bytes_in(link->rival_rate,
					   min(link->base_us + link->queue_us,
					       2 * link->base_us));
		if (link->rounds++ % 8 == 0)
			link->rival += link->rival / 4;
		break;
	default:
		link->rival = 0;
		break;
	}
}

static void link_round(struct link *link)
{
	u32 rtt_us = link->base_us + link->queue_us;
	u64 pacing = xgs_law_pacing(&link->law);
	u64 own = xgs_bytes_in(pacing, rtt_us), flight = own + link->rival;
	u64 queue = flight - min(flight, link_bdp(link));
	u64 over = queue - min(queue, link->buffer);
	u64 sum = max(flight, 1ULL), carried;
	struct xgs_round round;

	queue -= over;
	link->queue_us = xgs_time_of(queue, link->capacity);
	carried = min(link->capacity, xgs_rate_of(flight, rtt_us));
	link->rival_share = div64_u64(carried * (link->rival >> 8), sum >> 8);
	own -= div64_u64(over * (own >> 8), sum >> 8);
	round = (struct xgs_round) {
		.base_us = link->base_us,
		.rtt_us = link->base_us + link->queue_us,
		.srtt_us = link->base_us + link->queue_us,
		.elapsed_us = link->base_us + link->queue_us,
		.mss = MSS,
		.delivered = div_u64(own, MSS),
		.lost = div64_u64(div64_u64(over * (own >> 8), sum >> 8), MSS),
		.bw = carried - link->rival_share,
		.ack_bw = carried - link->rival_share,
		.window = own,
	};
	link->cause = xgs_law_round(&link->law, &round, &link->params);
	rival_round(link, over > 0);
}

/* Our part of the link, per cent, on average. */
static u32 share_of(struct kunit *test, struct link *link, u32 rounds)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < rounds; i++) {
		link_round(link);
		KUNIT_ASSERT_LE(test, link->law.rate, XGS_RATE_MAX);
		sum += min(link->law.rate, link->capacity -
			   min(link->rival_share, link->capacity));
	}
	return div64_u64(100 * sum, link->capacity * rounds);
}

/* A hundred rounds beside a rival that answers loss. */
static void link_compete(struct kunit *test, struct link *link, u32 buffer_pct)
{
	link_init(test, link, ANSWERS, buffer_pct);
	share_of(test, link, 100);
	KUNIT_ASSERT_EQ(test, (int)link->law.mode, (int)XGS_COMPETE);
}

static void a_rival_is_met(struct kunit *test)
{
	static const enum kind kinds[] = { ANSWERS, DEAF };
	struct link link;
	size_t nr;
	u32 i;

	for (nr = 0; nr < ARRAY_SIZE(kinds); nr++) {
		link_init(test, &link, kinds[nr], 100);
		for (i = 0; i < 100 && link.law.mode != XGS_COMPETE; i++)
			link_round(&link);
		KUNIT_EXPECT_LT(test, i, 100U);
		KUNIT_EXPECT_GE(test, i, defaults.relearn_rounds);
		KUNIT_EXPECT_EQ(test, (int)link.cause, (int)XGS_RIVAL);
	}
	/* Never, says the operator. */
	link_init(test, &link, ANSWERS, 100);
	link.params.relearn_rounds = 0;
	for (i = 0; i < 200; i++) {
		link_round(&link);
		KUNIT_ASSERT_EQ(test, (int)link.law.mode, (int)XGS_CRUISE);
	}
}

static void nobody_is_no_rival(struct kunit *test)
{
	struct link link;
	u32 i;

	link_init(test, &link, NOBODY, 100);
	for (i = 0; i < 1000; i++) {
		link_round(&link);
		KUNIT_ASSERT_EQ(test, (int)link.law.mode, (int)XGS_CRUISE);
	}
}

static void both_get_their_share(struct kunit *test)
{
	static const enum kind kinds[] = { ANSWERS, DEAF };
	static const u32 buffers[] = { 50, 100, 400 };
	struct link link;
	size_t kind, i;
	u32 share;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (i = 0; i < ARRAY_SIZE(buffers); i++) {
			link_init(test, &link, kinds[kind], buffers[i]);
			share_of(test, &link, 200);
			share = share_of(test, &link, 1000);
			kunit_info(test, "kind %u, buffer %u %%: %u %%",
				   kinds[kind], buffers[i], share);
			KUNIT_EXPECT_GE(test, share, 12U);
			KUNIT_EXPECT_LE(test, share, 97U);
		}
	}
}

/* A round in which half of the link came through. */
static struct xgs_round half_round(u32 base_us, u32 rtt_us)
{
	return (struct xgs_round) {
		.base_us = base_us, .rtt_us = rtt_us, .srtt_us = rtt_us,
		.elapsed_us = rtt_us, .mss = MSS, .delivered = 1000,
		.bw = GBIT / 2, .ack_bw = GBIT / 2,
	};
}

/* The same round, but for what a full buffer takes from it. */
static enum xgs_cause lose(struct xgs_law *law, struct xgs_round round)
{
	round.lost = 50;
	return xgs_law_round(law, &round, &defaults);
}

/* A flow that competes, loses, cuts, and then sees an RTT that falls to that one. */
static void lose_and_watch(struct kunit *test, struct xgs_law *law,
			   u32 falls_us, u32 rtt_us)
{
	struct xgs_round round = half_round(30000, 60000);
	u32 i;

	KUNIT_ASSERT_EQ(test, (int)law->mode, (int)XGS_COMPETE);
	KUNIT_ASSERT_EQ(test, (int)lose(law, round), (int)XGS_LOSS);
	KUNIT_ASSERT_LE(test, law->rate, GBIT / 20 * 7);
	round.bw = law->rate;
	round.ack_bw = law->rate;
	for (i = 0; i < 6; i++) {
		round.rtt_us = max(round.rtt_us - falls_us, rtt_us);
		xgs_law_round(law, &round, &defaults);
	}
}

/* The same, at once. */
static void lose_and_see(struct kunit *test, struct xgs_law *law, u32 rtt_us)
{
	lose_and_watch(test, law, 30000, rtt_us);
}

/* A flow that suspects a rival, above hi: the proof begins. */
static void suspect(struct xgs_law *law, const struct xgs_round *round)
{
	xgs_start_begin(law, round->base_us, GBIT / 2, 0);
	xgs_start_end(law, GBIT / 2);
	xgs_rival_meet(law, round, true);
}

static void compete(struct xgs_law *law)
{
	const struct xgs_round round = { .base_us = 30000, .rtt_us = 60000,
					 .mss = MSS };

	suspect(law, &round);
	law->rate = GBIT / 2;
	law->stuck = 10;
	law->stuck_rtt_us = 0;
}

/* A cut that is joined stays; one that is not is taken back. */
static void the_deaf_are_told_from_the_others(struct kunit *test)
{
	struct xgs_law law;

	compete(&law);
	lose_and_see(test, &law, 43000);
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 0);
	KUNIT_EXPECT_LE(test, law.rate, GBIT / 20 * 8);

	compete(&law);
	lose_and_see(test, &law, 55000);
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 2);
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 20 * 9);

	/* A queue that is gone tells nothing of who left it. */
	compete(&law);
	lose_and_see(test, &law, 30010);
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 0);
}

/*
 * A rival that paces leaves a queue that goes on to fall by what our cut took. Windows
 * have cut within two round trips, of which one may be that of the loss.
 */
static void who_paces_has_not_joined(struct kunit *test)
{
	struct xgs_law law;
	u32 falls_us;

	for (falls_us = 1000; falls_us <= 9000; falls_us += 500) {
		compete(&law);
		lose_and_watch(test, &law, falls_us, 30000);
		/* 60 ms less twice that is above 46.8 or not. */
		KUNIT_EXPECT_EQ(test, (int)law.deaf, falls_us <= 6500 ? 2 : 0);
	}
}

/*
 * BBR leaves no queue for 0.2 s of ten (ProbeRTT), whatever we do. That happens after a
 * loss as well as at any other time, and the flow keeps what it has.
 */
static void the_deaf_probe_the_rtt(struct kunit *test)
{
	struct xgs_round round = half_round(30000, 60000);
	struct xgs_law law;
	u32 after, i;
	u64 rate;

	for (after = 0; after < 8; after++) {
		compete(&law);
		law.deaf = 3;
		round.rtt_us = 60000;
		lose(&law, round);
		for (i = 0; i < after; i++)
			xgs_law_round(&law, &round, &defaults);
		rate = law.rate;
		round.rtt_us = 30000;
		for (i = 0; i < 8; i++)
			xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
		KUNIT_EXPECT_EQ(test, (int)law.deaf, 4);
		KUNIT_EXPECT_GE(test, law.rate, rate);
	}
}

/* A loss ends a drain beside who is deaf, but not the competition: also near by. */
static void a_loss_ends_a_drain(struct kunit *test)
{
	static const u32 bases[] = { 1000, 30000 };
	struct xgs_round round;
	struct xgs_law law;
	u32 nr, i;

	for (nr = 0; nr < ARRAY_SIZE(bases); nr++) {
		round = half_round(bases[nr], 2 * bases[nr]);
		compete(&law);
		law.deaf = 3;
		law.draining = 1;
		xgs_law_round(&law, &round, &defaults);
		lose(&law, round);
		KUNIT_EXPECT_EQ(test, (int)law.draining, 0);
		for (i = 0; i < 20; i++) {
			xgs_law_round(&law, &round, &defaults);
			KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
		}
	}
}

/* One cut that a deaf rival seems to join is chance, and is taken back; two are not. */
static void the_deaf_hear_twice(struct kunit *test)
{
	struct xgs_law law;

	compete(&law);
	law.deaf = 11;
	lose_and_see(test, &law, 43000);
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 12);
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 20 * 9);
	lose_and_see(test, &law, 43000);
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 0);
	KUNIT_EXPECT_LE(test, law.rate, GBIT / 20 * 8);

	compete(&law);
	law.deaf = 11;
	lose_and_see(test, &law, 43000);
	lose_and_see(test, &law, 55000);
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 3);
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 20 * 9);
}

/* A small flow beside a queue that drains, or is longer, for a round now and then. */
struct cycle_case {
	const char *name;
	u32 base_us;
	u32 rounds;		/* from drain to drain */
	u32 queue_us;		/* in the round after the drain */
	u32 grows_us;		/* in each round until the next */
	u32 peak_us;		/* more in the last rounds before the drain */
	u32 peaks;		/* so many */
	u32 missed;		/* one of so many drains; 0 for none */
	u32 shallow;
	bool marks;
	bool off;
	bool no_rivals;
	bool known;
};

static const struct cycle_case cycle_cases[] = {
	{ "BBR", 10000, 7, 700, .grows_us = 40, .known = true },
	{ "5 rounds", 10000, 5, 700, .grows_us = 40, .known = true },
	{ "9 rounds", 10000, 9, 700, .grows_us = 40, .known = true },
	{ "25 ms away", 25000, 8, 700, 20, 2100, 1, .known = true },
	{ "far away", 60000, 8, 700, 20, 3900, 1, .known = true },
	{ "far away, 5 rounds", 60000, 5, 700, 20, 3900, 1, .known = true },
	{ "far away, one in four is missed", 60000, 8, 700, 20, 3900, 1, 4, .known = true },
	{ "far away, a short buffer", 60000, 8, 700, 20, 3900, 1, .shallow = 1,
	  .known = true },
	{ "25 ms away, below hi", 25000, 8, 700, 20, 1900, 1 },
	{ "far away, low peaks", 60000, 8, 700, 20, 3600, 1 },
	{ "far away, long peaks", 60000, 8, 700, 20, 3900, 2 },
	{ "far away, 4 rounds", 60000, 4, 700, 20, 3900, 1 },
	{ "far away, a drain alone", 60000, 8, 700, 20 },
	{ "2.1 ms away", 2100, 7, 640, .grows_us = 30, .known = true },
	{ "it moves a bit", 10000, 7, 700, .grows_us = 150, .known = true },
	{ "one in four is missed", 10000, 7, 700, .grows_us = 40, .missed = 4, .known = true },
	{ "4 rounds", 10000, 4, 700, .grows_us = 40 },
	{ "19 rounds", 10000, 19, 700, .grows_us = 40 },
	{ "it grows", 10000, 7, 500, .grows_us = 260 },
	{ "below one and a half lo", 10000, 7, 280 },
	{ "a short buffer", 10000, 7, 280, .shallow = 1 },
	{ "near by", 1900, 7, 700, .grows_us = 40 },
	{ "it marks", 10000, 7, 700, .grows_us = 40, .marks = true },
	{ "switched off", 10000, 7, 700, .grows_us = 40, .off = true },
	{ "without rivals", 10000, 7, 700, .grows_us = 40, .no_rivals = true },
};

static void cycle_describe(const struct cycle_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cycle, cycle_cases, cycle_describe);

static void bbr_is_known_by_its_cycle(struct kunit *test)
{
	const struct cycle_case *c = test->param_value;
	struct xgs_law_params params = defaults;
	u32 i, phase, queue_us, drains = 0;
	struct xgs_law law = {};
	struct xgs_round round;

	params.enabled = !c->off;
	if (c->no_rivals)
		params.relearn_rounds = 0;
	xgs_start_begin(&law, c->base_us, GBIT / 20, 0);
	xgs_start_end(&law, GBIT / 20);
	law.mode = XGS_CRUISE;
	for (i = 0; i < (c->missed ? 20 : 13) * c->rounds &&
	     law.mode == XGS_CRUISE; i++) {
		phase = i % c->rounds;
		queue_us = c->queue_us + phase * c->grows_us;
		if (phase + c->peaks >= c->rounds &&
		    (!c->missed || (drains + 1) % c->missed))
			queue_us += c->peak_us;
		round = half_round(c->base_us, c->base_us + queue_us);
		round.marks_live = c->marks;
		drains += !phase;
		law.rate = GBIT / 20;
		law.shallow = c->shallow;
		round.bw = law.rate - law.rate / 64;
		/* What drains is delivered besides. */
		if (!phase && (!c->missed || drains % c->missed))
			round.bw = law.rate + law.rate / 8;
		round.ack_bw = round.bw;
		xgs_law_round(&law, &round, &params);
	}
	KUNIT_EXPECT_EQ(test, law.mode == XGS_COMPETE, c->known);
	if (!c->known)
		return;
	KUNIT_EXPECT_EQ(test, (int)law.deaf, 3);
	KUNIT_EXPECT_GT(test, drains, 9U);
	KUNIT_EXPECT_LE(test, drains, c->missed ? 18U : 11U);
	/* From now on it takes what the rival leaves. */
	for (i = 0; i < 20; i++) {
		round = half_round(c->base_us, c->base_us + c->queue_us);
		round.bw = law.rate;
		round.ack_bw = law.rate;
		xgs_law_round(&law, &round, &params);
	}
	KUNIT_EXPECT_GE(test, law.rate, GBIT / 10);
}

/* Who was met is not new again when a cut is joined and the next one is not. */
static void who_was_met_is_not_new(struct kunit *test)
{
	struct xgs_round round = half_round(30000, 31000);
	struct xgs_law law;
	u32 i;

	compete(&law);
	lose_and_see(test, &law, 43000);
	KUNIT_ASSERT_EQ(test, (int)law.deaf, 0);
	lose_and_see(test, &law, 55000);
	/* A queue that is short for a while: of a new one it would be room. */
	for (i = 0; i < 20; i++)
		xgs_law_round(&law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
}

/*
 * After a cut that all joined there is no queue until they have come back. It tells
 * nothing of a rival, nor does a drain that falls into that time.
 */
static void a_queue_is_gone_after_a_cut(struct kunit *test)
{
	struct xgs_round round = half_round(10000, 10000);
	struct xgs_law law;
	u32 ms, due;

	for (due = 0; due < 3000; due += 50) {
		compete(&law);
		lose_and_see(test, &law, 43000);
		for (ms = 0; ms < 3000 && law.mode == XGS_COMPETE; ms += 10) {
			if (ms == due)
				law.draining = 1;
			round.bw = law.rate;
			round.ack_bw = law.rate;
			xgs_law_round(&law, &round, &defaults);
			if (law.mode == XGS_COMPETE)
				KUNIT_ASSERT_EQ(test, (int)law.draining, 0);
		}
		KUNIT_ASSERT_GE(test, ms, 1500U);
		KUNIT_ASSERT_LE(test, ms, 2000U);
	}
}

/* A rival that ends leaves no queue behind. */
static void a_rival_that_leaves_is_forgotten(struct kunit *test)
{
	struct link link;
	u32 i;

	link_compete(test, &link, 100);
	link.kind = NOBODY;
	link.rival = 0;
	for (i = 0; i < 100 && link.law.mode != XGS_CRUISE; i++)
		link_round(&link);
	KUNIT_EXPECT_LT(test, i, 40U);
	share_of(test, &link, 50);
	KUNIT_EXPECT_LT(test, link.queue_us, 5000U);
}

/* Nor does a queue of our own that grew while we competed survive a drain. */
static void a_drain_ends_a_queue_of_our_own(struct kunit *test)
{
	struct link link;
	u32 i;

	link_compete(test, &link, 400);
	link.kind = NOBODY;
	link.rival = 0;
	link.law.rate = GBIT;
	link.law.rate_full = GBIT;
	link.law.deaf = 0;
	link.law.stuck_rtt_us = 0;
	link.law.stuck = 10;
	link.queue_us = 60000;
	link.law.draining = 1;
	for (i = 0; i < 12 && link.law.mode != XGS_CRUISE; i++)
		link_round(&link);
	KUNIT_EXPECT_LT(test, i, 12U);
	KUNIT_EXPECT_EQ(test, (int)link.law.draining, 0);
}

/*
 * A drain that falls due while a delay is being proved waits: the delay is found
 * to be distance, or the rival's, all the same.
 */
static void a_drain_waits_for_the_proof(struct kunit *test)
{
	struct xgs_round round = half_round(30000, 60000);
	enum xgs_cause cause;
	struct xgs_law law;
	u32 due, grows, i;

	for (due = 0; due < 3; due++) {
		for (grows = 0; grows < 2; grows++) {
			round.rtt_us = 60000;
			suspect(&law, &round);
			round.rtt_us += grows * 10000;
			cause = XGS_CLEAR;
			for (i = 0; i < 10 && cause == XGS_CLEAR; i++) {
				if (i == due)
					law.draining = 1;
				cause = xgs_law_round(&law, &round, &defaults);
			}
			if (!grows) {
				KUNIT_EXPECT_EQ(test, (int)cause,
						(int)XGS_RELEARN);
				continue;
			}
			KUNIT_EXPECT_EQ(test, (int)cause, (int)XGS_CLEAR);
			KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
			KUNIT_EXPECT_EQ(test, (int)law.draining, 0);
		}
	}
}

/* A drain that comes after some rounds without a queue, into a new one. */
static void a_drain_may_come_at_any_time(struct kunit *test)
{
	struct xgs_round round = {
		.base_us = 30000, .srtt_us = 60000, .elapsed_us = 60000,
		.mss = MSS, .delivered = 1000, .bw = GBIT / 2,
		.ack_bw = GBIT / 2,
	};
	struct xgs_law law;
	u32 clean, i;

	for (clean = 0; clean < 20; clean++) {
		compete(&law);
		law.stuck = 20;		/* nobody has made room */
		round.rtt_us = 30000;
		for (i = 0; i < clean; i++)
			xgs_law_round(&law, &round, &defaults);
		law.draining = 1;
		round.rtt_us = 60000;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
		KUNIT_ASSERT_LE(test, law.rate, GBIT / 3);
		for (i = 0; i < 10; i++)
			xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.draining, 0);
	}
}

/* Distance is one RTT for eight rounds and 0.1 s; what moves meanwhile is a queue. */
static void a_queue_that_moves_is_no_distance(struct kunit *test)
{
	struct xgs_round round = {
		.base_us = 5000, .srtt_us = 20000, .elapsed_us = 20000,
		.mss = MSS, .delivered = 1000, .bw = GBIT / 2,
		.ack_bw = GBIT / 2,
	};
	enum xgs_cause cause;
	struct xgs_curve curve;
	struct xgs_law law;
	u32 rtt_us, rounds, moves, i;

	for (rtt_us = 10000; rtt_us <= 80000; rtt_us *= 2) {
		rounds = max(100000 / rtt_us, 8U);
		round.base_us = rtt_us / 2;
		/* One's own burst is no excuse for what moves. */
		round.burst_us = rtt_us / 20;
		xgs_curve_at(&curve, round.base_us, 0, &defaults);
		for (moves = 0; moves < rounds; moves++) {
			round.rtt_us = rtt_us;
			suspect(&law, &round);
			cause = XGS_CLEAR;
			for (i = 1; i < 60 && cause == XGS_CLEAR; i++) {
				round.rtt_us = rtt_us;
				if (i == moves)
					round.rtt_us += curve.lo_us / 2 + 1;
				cause = xgs_law_round(&law, &round, &defaults);
			}
			if (moves) {
				KUNIT_ASSERT_EQ(test, (int)cause, (int)XGS_CLEAR);
				continue;
			}
			KUNIT_ASSERT_EQ(test, (int)cause, (int)XGS_RELEARN);
			KUNIT_ASSERT_EQ(test, i - 1, rounds);
		}
	}
}

static const struct room_case {
	const char *name;
	u32 base_us;
	u32 rtt_us;
	u32 burst_us;	/* of the flow itself, which makes nobody's queue longer */
	u32 rounds;	/* 0.4 s, and at least 16 */
} room_cases[] = {
	{ "30 ms", 30000, 45000, 0, 16 },
	{ "30 ms, low rate", 30000, 45000, 4000, 16 },
	{ "6 ms", 6000, 11000, 0, 36 },
	{ "6 ms, low rate", 6000, 11000, 4000, 36 },
};

static void room_describe(const struct room_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room, room_cases, room_describe);

/*
 * What was restored is held. Flows of xgs make room for it, and it is over; who
 * does not is a rival, and is pressed.
 */
static void flows_of_xgs_make_room(struct kunit *test)
{
	const struct room_case *c = test->param_value;
	struct xgs_round round = {
		.base_us = c->base_us, .burst_us = c->burst_us,
		.srtt_us = c->rtt_us, .elapsed_us = c->rtt_us, .mss = MSS,
		.delivered = 1000, .bw = GBIT / 2, .ack_bw = GBIT / 2,
	};
	struct xgs_curve curve;
	struct xgs_law law;
	u32 room, i;
	u64 rate;

	xgs_curve_at(&curve, c->base_us, 0, &defaults);
	for (room = 0; room < 2; room++) {
		round.rtt_us = c->base_us + curve.hi_us;
		suspect(&law, &round);
		rate = law.rate;
		round.rtt_us = c->rtt_us;
		for (i = 0; i < c->rounds - 1; i++) {
			if (room && i == c->rounds - 2)
				break;
			xgs_law_round(&law, &round, &defaults);
			KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
			KUNIT_ASSERT_EQ(test, law.rate, rate);
		}
		if (room)
			round.rtt_us = c->base_us + curve.hi_us - 1;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode,
				room ? (int)XGS_CRUISE : (int)XGS_COMPETE);
		if (room)
			KUNIT_EXPECT_EQ(test, law.rate, rate);
		else
			KUNIT_EXPECT_GT(test, law.rate, rate);
	}
}

/* Among many flows, of a pair of packets each, the pair is what the queue is. */
static void small_flows_need_less_room(struct kunit *test)
{
	const u64 rate = 1000000;
	const u32 own_us = 2 * MSS;	/* at a byte per microsecond */
	struct xgs_round round = {
		.base_us = 30000, .srtt_us = 45000, .elapsed_us = 45000,
		.mss = MSS, .delivered = 30, .bw = rate, .ack_bw = rate,
	};
	struct xgs_curve curve;
	struct xgs_law law;
	u32 enough, i;

	xgs_curve_at(&curve, 30000, 0, &defaults);
	for (enough = 0; enough < 2; enough++) {
		round.rtt_us = 34000;
		suspect(&law, &round);
		law.rate = rate;
		law.rate_full = rate;
		round.rtt_us = 45000;
		for (i = 0; i < 5; i++)
			xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
		round.rtt_us = 30000 + curve.hi_us + own_us - enough;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode,
				enough ? (int)XGS_CRUISE : (int)XGS_COMPETE);
	}
}

/*
 * A suspicion that comes to nothing, because others made room or it was distance, leaves
 * a flow what it remembered: where it may go back to. A queue below hi is no room made
 * if it was there before.
 */
static void what_was_no_rival_costs_no_memory(struct kunit *test)
{
	const u64 rate = 1 << 27;	/* remembered to the byte */
	struct xgs_round round = {
		.base_us = 30000, .rtt_us = 33000, .srtt_us = 33000,
		.elapsed_us = 33000, .mss = MSS, .delivered = 1000,
		.bw = rate / 4, .ack_bw = rate / 4,
	};
	enum xgs_cause cause;
	struct xgs_law law;
	u32 far, i;

	for (far = 0; far < 2; far++) {
		xgs_start_begin(&law, round.base_us, rate, 0);
		xgs_start_end(&law, rate);
		law.rate = rate / 8;
		law.stuck_rate = rate / 2 >> XGS_RATE_SHIFT;
		round.rtt_us = 33000;
		xgs_rival_meet(&law, &round, far);
		KUNIT_ASSERT_EQ(test, law.rate, far ? rate / 8 * 3 : rate / 4);
		round.rtt_us += far ? 0 : 500;	/* a queue moves */
		for (i = 0; i < 7; i++)
			xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
		round.rtt_us = far ? 33000 : 32999;
		cause = xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode, (int)XGS_CRUISE);
		KUNIT_EXPECT_EQ(test, (int)cause,
				(int)(far ? XGS_RELEARN : XGS_CLEAR));
		KUNIT_EXPECT_EQ(test, law.rate_full, far ? rate / 2 : rate);
	}
}

/* After a cut that all make windows leave 0.7 of the RTT, paced flows nothing. */
static void flows_that_pace_are_no_rivals(struct kunit *test)
{
	struct xgs_round round = {
		.base_us = 10000, .srtt_us = 60000, .elapsed_us = 60000,
		.mss = MSS, .bw = GBIT / 2, .ack_bw = GBIT / 2,
	};
	struct xgs_law law;
	u32 paced;

	for (paced = 0; paced < 2; paced++) {
		compete(&law);
		round.rtt_us = 60000;
		round.delivered = 1000;
		KUNIT_ASSERT_EQ(test, (int)lose(&law, round), (int)XGS_LOSS);
		round.rtt_us = 45000;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_ASSERT_EQ(test, (int)law.mode, (int)XGS_COMPETE);
		round.rtt_us = paced ? 19999 : 20000;
		xgs_law_round(&law, &round, &defaults);
		KUNIT_EXPECT_EQ(test, (int)law.mode,
				paced ? (int)XGS_CRUISE : (int)XGS_COMPETE);
	}
}

static void marks_end_it(struct kunit *test)
{
	struct xgs_round round = {
		.base_us = 30000, .rtt_us = 60000, .srtt_us = 60000,
		.elapsed_us = 60000, .mss = MSS, .delivered = 1000,
		.marked = 10, .marks_live = true,
	};
	struct link link;

	link_compete(test, &link, 100);
	xgs_law_round(&link.law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)link.law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_EQ(test, link.law.stuck_rate, 0U);
}

/* Two thirds of the packets lost for long, beside whomever. */
static void a_broken_path_ends_it(struct kunit *test)
{
	struct xgs_round round = {
		.base_us = 30000, .rtt_us = 60000, .srtt_us = 60000,
		.elapsed_us = 60000, .mss = MSS, .delivered = 100,
		.lost = 200,
	};
	struct link link;
	u32 i;

	link_init(test, &link, ANSWERS, 100);
	share_of(test, &link, 100);
	for (i = 0; i < 4; i++)
		xgs_law_round(&link.law, &round, &defaults);
	KUNIT_EXPECT_EQ(test, (int)link.law.mode, (int)XGS_CRUISE);
	KUNIT_EXPECT_EQ(test, link.law.rate, xgs_rate_of(2 * MSS, 60000));
}

static struct kunit_case xgs_rival_cases[] = {
	KUNIT_CASE(cubic_time_is_the_cube_root),
	KUNIT_CASE(cubic_passes_its_points),
	KUNIT_CASE(cubic_is_not_below_reno),
	KUNIT_CASE(cubic_never_falls),
	KUNIT_CASE(a_rival_is_met),
	KUNIT_CASE(nobody_is_no_rival),
	KUNIT_CASE(both_get_their_share),
	KUNIT_CASE(the_deaf_are_told_from_the_others),
	KUNIT_CASE(who_paces_has_not_joined),
	KUNIT_CASE(the_deaf_probe_the_rtt),
	KUNIT_CASE(a_loss_ends_a_drain),
	KUNIT_CASE(the_deaf_hear_twice),
	KUNIT_CASE_PARAM(bbr_is_known_by_its_cycle, cycle_gen_params),
	KUNIT_CASE(who_was_met_is_not_new),
	KUNIT_CASE(a_queue_is_gone_after_a_cut),
	KUNIT_CASE(a_rival_that_leaves_is_forgotten),
	KUNIT_CASE(a_drain_ends_a_queue_of_our_own),
	KUNIT_CASE(a_drain_waits_for_the_proof),
	KUNIT_CASE(a_drain_may_come_at_any_time),
	KUNIT_CASE(a_queue_that_moves_is_no_distance),
	KUNIT_CASE_PARAM(flows_of_xgs_make_room, room_gen_params),
	KUNIT_CASE(small_flows_need_less_room),
	KUNIT_CASE(what_was_no_rival_costs_no_memory),
	KUNIT_CASE(flows_that_pace_are_no_rivals),
	KUNIT_CASE(marks_end_it),
	KUNIT_CASE(a_broken_path_ends_it),
	{}
};

static struct kunit_suite xgs_rival_suite = {
	.name = "tcp_xgs_rival",
	.test_cases = xgs_rival_cases,
};

kunit_test_suite(xgs_rival_suite);

XGS_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of tcp_xgs beside other controls");
MODULE_LICENSE("GPL");
