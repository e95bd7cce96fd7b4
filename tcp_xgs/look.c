// SPDX-License-Identifier: GPL-2.0
/*
 * How a flow of tcp_xgs finds out that its path has become idle.
 *
 * Others have left, or the path leads over a larger link: the law's steps come to what
 * is there in tens of round trips. A flow that has risen above where it met congestion
 * last, and meets no queue at all, looks for more:
 *
 *	LEAP	besides what it sends, a train of packets at p = 16 r
 *	TRY	one more, at the rate b at which the first came back
 *	PROVE	r up to 17/16 of what is left, as in the start
 *
 * With X of others on a link of C, what is sent at p comes at ``C p / (p + X)`` (Dovrolis,
 * Ramanathan and Moore, INFOCOM 2001: a long train's rate of dispersion is less than the
 * link's and more than what others leave). Two trains tell both: the second comes at t,
 *
 *	X / C = p (b - t) / (t (p - b))
 *
 * If t = b the flow is alone, and C is its own. If not, others may look at the same
 * time, and it takes a quarter of what is left.
 *
 * A train makes a queue of hi at most when the path was not idle after all. Whatever
 * isn't as it should be ends the look, and the law goes on with r. The flow never
 * pauses: flows that do hide from each other.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include <kunit/visibility.h>

#include "../include/xgs/distance.h"
#include "law.h"
#include "look.h"
#include "start.h"

/* Rounds without congestion, and as many steps, until a flow looks for more. */
#define XGS_LOOK_ROUNDS		4
/* So long at least, microseconds: a round trip of a far flow, whose queue comes and goes. */
#define XGS_LOOK_US		60000U
/* The part of the rate that it has risen by then. */
#define XGS_LOOK_SHIFT		4
/* Rounds for which it has been busy: who pauses shares the path with others that do. */
#define XGS_LOOK_BUSY		32
/* The shortest train, packets. */
#define XGS_LOOK_PACKETS	16U
/* An eighth slower than it was sent, and the second train met others. */
#define XGS_LOOK_ALONE_SHIFT	3
/* What is taken beside others. */
#define XGS_LOOK_TAKE_SHIFT	2
/* Parts of a link: 2^-10. */
#define XGS_LOOK_PART_SHIFT	10
#define XGS_LOOK_PART_ONE	1024U

/**
 * xgs_look_begin() - has the path become idle?
 * @law: the flow's state, while it cruises
 * @round: what the round showed: no congestion
 * @curve: the law's coefficients
 * @step: the increase of a round without it, bytes per second
 *
 * Where marks control they tell in time. Nearer than a leap's least distance there
 * are round trips enough, and trains are too short to be timed.
 */
void xgs_look_begin(struct xgs_law *law, const struct xgs_round *round,
		    const struct xgs_curve *curve, u64 step)
{
	u64 risen = law->rate - min(law->rate, law->rate_full);
	u64 window = xgs_bytes_in(law->rate, round->base_us);

	if (law->clean < XGS_LOOK_ROUNDS || round->marks_live ||
	    round->rwnd_limited || !round->may_leap ||
	    round->base_us < XGS_LEAP_US ||
	    round->rtt_us > round->base_us + curve->lo_us / 8)
		return;
	if (law->clean < XGS_LOOK_US / round->base_us ||
	    round->busy < XGS_LOOK_BUSY + xgs_law_patience(round->base_us) ||
	    window < (u64)XGS_LOOK_PACKETS * round->mss ||
	    risen <= max(law->rate_full >> XGS_LOOK_SHIFT,
			 XGS_LOOK_ROUNDS * step))
		return;
	law->rate_full = 0;
	law->met = 1;
	xgs_start_turn(law, XGS_LEAP);
}

/**
 * xgs_look_bytes() - how long a train is
 * @law: the flow's state, while it looks
 * @base_us: base RTT, microseconds
 * @mss: bytes per packet
 * @params: the operator's
 *
 * If the path was not idle it is a queue of hi at most, or of few packets.
 *
 * Return: bytes.
 */
u64 xgs_look_bytes(const struct xgs_law *law, u32 base_us, u32 mss,
		   const struct xgs_law_params *params)
{
	u64 rate = law->mode == XGS_TRY ? law->rate_full : law->rate;
	struct xgs_curve curve;
	u64 bytes;

	xgs_curve_at(&curve, base_us, 0, params);
	bytes = xgs_bytes_in(rate, curve.hi_us >> law->shallow);
	return min(xgs_bytes_in(law->rate, base_us),
		   max(bytes, (u64)XGS_LOOK_PACKETS * mss));
}
EXPORT_SYMBOL_IF_KUNIT(xgs_look_bytes);

/**
 * xgs_look_left() - what others leave of a link, by two trains
 * @fast: p, at which the first was sent, bytes per second, up to 16 XGS_RATE_MAX
 * @met: b, at which it came and the second was sent, up to XGS_RATE_MAX
 * @tried: t, at which that one came, the same
 *
 * Return: C - X, bytes per second, at most XGS_RATE_MAX; 0 when there is none or the
 * rates make no sense.
 */
u64 xgs_look_left(u64 fast, u64 met, u64 tried)
{
	u64 part, link;

	if (!tried || fast <= met)
		return 0;
	if (tried >= met)
		return met;
	/* X / C */
	part = div64_u64((met - tried) << XGS_LOOK_PART_SHIFT, tried);
	if (part >= XGS_LOOK_PART_ONE)
		return 0;
	part = part * div64_u64(fast << XGS_LOOK_PART_SHIFT, fast - met) >>
	       XGS_LOOK_PART_SHIFT;
	if (part >= XGS_LOOK_PART_ONE)
		return 0;
	/* C = b / (1 - X b / (C p)) */
	link = part * div64_u64(met << XGS_LOOK_PART_SHIFT, fast) >>
	       XGS_LOOK_PART_SHIFT;
	link = div64_u64(met << XGS_LOOK_PART_SHIFT, XGS_LOOK_PART_ONE - link);
	return min(link, XGS_RATE_MAX) * (XGS_LOOK_PART_ONE - part) >>
	       XGS_LOOK_PART_SHIFT;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_look_left);

/**
 * xgs_look_end() - the law goes on, as before and not above what the path carried
 * @law: the flow's state, while it looks or proves
 *
 * Return: that nothing was congested.
 */
enum xgs_cause xgs_look_end(struct xgs_law *law)
{
	u64 bw = xgs_law_bw(law);

	law->rate = xgs_rate_clamp(min(law->rate, bw + (bw >> 2)));
	law->rate_full = law->rate;
	xgs_start_turn(law, XGS_CRUISE);
	return XGS_CLEAR;
}

/* The first train is back. What came as it was sent says that there is more. */
static enum xgs_cause xgs_look_leap(struct xgs_law *law,
				    const struct xgs_round *round)
{
	u64 met = law->rate_full;

	if (!met || met <= law->rate + (law->rate >> XGS_LOOK_SHIFT))
		return xgs_look_end(law);
	if (met < XGS_LEAP_SPREAD * law->rate) {
		law->mode = XGS_TRY;
		return XGS_CLEAR;
	}
	if (round->lost > 1 ||
	    round->elapsed_us > round->base_us + round->base_us / 8)
		return xgs_look_end(law);
	law->rate_full = 0;
	law->rate = xgs_rate_clamp(4 * law->rate);
	return XGS_CLEAR;
}

/* The second is, too: how much is left? */
static enum xgs_cause xgs_look_try(struct xgs_law *law,
				   const struct xgs_round *round)
{
	u64 met = law->rate_full, left;

	if (round->bw < met - (met >> XGS_LOOK_ALONE_SHIFT)) {
		left = xgs_look_left(law->rate << XGS_LEAP_SHIFT, met, round->bw);
		if (left <= law->rate + (law->rate >> 2))
			return xgs_look_end(law);
		law->rate_full = law->rate +
				 ((left - law->rate) >> XGS_LOOK_TAKE_SHIFT);
	}
	xgs_start_prove(law);
	return XGS_CLEAR;
}

/**
 * xgs_look_round() - a train is back
 * @law: the flow's state, while it looks
 * @round: what the round showed; its delivery rate is that of the train
 *
 * Return: what the round told.
 */
enum xgs_cause xgs_look_round(struct xgs_law *law, const struct xgs_round *round)
{
	law->train = (struct xgs_train) {};
	if (round->marked || round->app_limited || !round->may_leap ||
	    round->base_us < XGS_LEAP_US)
		return xgs_look_end(law);
	if (law->mode == XGS_LEAP)
		return xgs_look_leap(law, round);
	return xgs_look_try(law, round);
}
