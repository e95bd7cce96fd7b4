// SPDX-License-Identifier: GPL-2.0
/*
 * Beside a rival: a flow of another control that keeps its buffer filled.
 *
 * Delay is everybody's queue. Flows of xgs give way to it until it is short,
 * which a control that only answers loss never notices: it takes what they
 * leave. So a queue that does not yield to us is answered in its own way.
 *
 * Suspicion. Since the queueing delay was last below lo, half of the rate has been
 * given up, and for 0.6 s in all it was beyond halfway from lo to what flows of xgs with
 * a rate like ours leave each other: a far one needs as long to give way to a near one.
 * While the delay is below hi, three quarters, or four times as long and for 40 round trips
 * with an alpha above the one in which flows of xgs with our rate are in balance: others of
 * xgs, however far away, press us to our share and no further.
 * If it is above hi, then for relearn_rounds, and it has not become shorter by a quarter.
 * Whatever the rate, four times as many.
 *
 * Recognition. BBR (draft-cardwell-iccrg-bbr-congestion-control, ProbeBW) sends a
 * quarter more for one of eight of its round trips, and a quarter less in the next. What
 * it leaves to a small flow is a queue that stands still, and drains for one round in
 * 5 to 9. A queue of flows of xgs grows between such rounds. From 25 ms on the small flow's
 * own swings hide that, and it is the probe that shows: a queue that is longer for one round,
 * by a sixteenth of the base RTT and by hi. Nine cycles, and the rival is known, and counts
 * as deaf.
 *
 * Among farther flows. One nearer than 2 ms has thresholds of its own, and a queue
 * that others from farther away leave each other is above them for good. When it
 * has been above lo for 0.4 s and half of the rate is lost, or for 0.8 s, and moved,
 * the flow takes their thresholds until the next drain. If that is no help it suspects
 * a rival. Where their queue is gone at times it swings with their round trips: eight
 * times in a row it is above lo for 17 of ours, and nearly hi meanwhile. Near flows alone
 * make it swing, too, but faster.
 *
 * Distance. A longer path shows a delay at once, and it stays the same while the flow
 * gives way to it: no queue does. Nearer than 2 ms farther flows' might.
 *
 * Proof. Three quarters of the rate are restored, below hi at most twice what is
 * left, and held. When the RTT stays the same for 8 rounds and 0.1 s, the delay is
 * no queue at all: the path became longer. When the queue falls below hi, or below what
 * it was if that was less, within 16 rounds and 0.4 s, it was one of flows of xgs, and
 * they have made room. Otherwise we compete.
 *
 * Competition. CUBIC (RFC 9438), in rate: a loss beyond the path's own costs
 * three tenths, and with W packets per round trip at the loss, time t since,
 *
 *	r = r_full (1 + 0.3 ((t - K) / K)^3)	K = cbrt(0.75 W) seconds
 *
 * A rival that does not answer loss (BBR's first version) takes whatever such
 * cuts leave. After a cut that the rival joins, the RTT falls by three tenths within
 * two round trips; after one that it does not join by our share of that, or, if it
 * paces, slowly and for as long as the cut lasts. A cut that is not
 * joined is taken back. After some of these the rival counts as deaf: loss is
 * then answered by a quarter of what was lost, the rate grows by a sixteenth a
 * round while the queue is shorter than one base RTT (such rivals are content
 * with that much), and cuts are a test that is repeated now and then: joined twice in a
 * row, the rival is not deaf any more. Until the first loss nothing is known, and the
 * rate grows by half of that.
 *
 * The end. The queue is gone for some rounds, and the rate of the last loss is back, or
 * that is 2 s ago: after a cut that all join nobody has one. Or the path marks. Or it
 * shows that the others are of xgs: they pace, so that a cut that all make empties the
 * queue, where windows would leave it seven tenths of the RTT; and they drain at the same
 * time, when each gives up as much as drains the queue if all do.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include <kunit/visibility.h>

#include "../include/xgs/distance.h"
#include "law.h"
#include "rival.h"

/*
 * So many times relearn_rounds are suspicious whatever the rate: it may have nothing left
 * to give. So many times the least time is, below hi, when half of it is gone.
 */
#define XGS_STUCK_LONG		4
/*
 * Three round trips of the farthest flow of xgs, microseconds: it needs so long to
 * give way to a near one. Two for a near one to try the thresholds of others.
 */
#define XGS_STUCK_MIN_US	600000U
#define XGS_NARROW_MIN_US	400000U
/*
 * Rounds from one in which the queue drains to the next, where BBR goes through its
 * eight phases: a bit less than eight, as ours have a queue in them. One may be missed.
 */
#define XGS_CYCLE_LEAST		5U
#define XGS_CYCLE_MOST		9U
/* So many such cycles in a row are no chance (Documentation/algorithm.rst). */
#define XGS_CYCLES		9U
/*
 * A queue stands still if it moves by no more than so many microseconds, or by so much
 * of the base RTT, in these rounds of a cycle.
 */
#define XGS_CYCLE_FLAT_US	300U
#define XGS_CYCLE_FLAT_SHIFT	7
#define XGS_CYCLE_FLAT_FIRST	2U
#define XGS_CYCLE_FLAT_LAST	4U
/*
 * From so far on it is not the drain that tells, but the probe: a quarter of the rate more
 * for one round trip is a quarter of it in queue, where BBR has all of the link. By so much
 * of the base RTT, at least hi, it must rise and fall again in the next round.
 */
#define XGS_CYCLE_PEAK_BASE_US	25000U
#define XGS_CYCLE_PEAK_SHIFT	4
#define XGS_CYCLE_PEAK_MOST_US	8000U
/* What law->queue counts in, microseconds, and the bounds of that and of others. */
#define XGS_QUEUE_UNIT_US	64U
#define XGS_QUEUE_MOST		((1U << 8) - 1)
#define XGS_CYCLE_ROUNDS_MOST	((1U << 5) - 1)
#define XGS_STUCK_RTT_MOST	((1U << 20) - 1)
#define XGS_STUCK_US_MOST	((1U << 26) - 1)
/* Round trips in which flows of xgs that join others have taken half of their rate. */
#define XGS_STUCK_RTTS		40U
/*
 * An alpha that is above balance by more than so many 32nds of it: beside flows of xgs up
 * to 8 %, beside CUBIC nearly always more (Documentation/algorithm.rst).
 */
#define XGS_PRESSED		3U
#define XGS_PRESSED_SHIFT	5
/*
 * Rounds above lo that are a swing of farther flows if one of them is five eighths of the
 * way from there to hi: those of near ones are hardly ever more than 16. Eight in a row
 * are no chance, and fewer than the cycles that tell BBR, which are counted in the same
 * place. After so many rounds without congestion there is no row
 * (Documentation/algorithm.rst).
 */
#define XGS_SWING_ROUNDS	17U
#define XGS_SWINGS		(XGS_CYCLES - 1)
#define XGS_SWING_CLEAN		64
/* A pair of packets explains a queue of so much, microseconds. */
#define XGS_OWN_QUEUE_MAX_US	4000U
/* From how many rounds on the answer to a change of the rate shows. */
#define XGS_PROOF_ROUNDS	3
#define XGS_PROOF_END		6
/* A path that became longer shows one RTT for so long: microseconds, rounds. */
#define XGS_PROOF_US		100000U
#define XGS_PROOF_LEAST		8U
#define XGS_PROOF_MOST		250U
/*
 * Or it shows one RTT while the flow gives way: so many rounds at least, and the rounds
 * above hi in which its own queue goes.
 */
#define XGS_STILL_LEAST		4U
#define XGS_STILL_DRAINS	4
/* What a stamp leaves of the way back in the least of some RTTs, microseconds. */
#define XGS_STILL_STAMP_US	250U
/* The part of the delivery rate that is given up by the time it counts for all of it. */
#define XGS_STILL_SHIFT		6
/* Other flows of xgs make room for what has been restored: microseconds, rounds. */
#define XGS_ROOM_US		400000U
#define XGS_ROOM_LEAST		16U
#define XGS_ROOM_MOST		250U
/*
 * The part of the RTT, per cent, above which a cut was not joined: between 70,
 * when all flows cut, and 85, when we cut and have half of the link. And how many
 * rounds later that is seen first. Beside a rival that paces a queue goes on to fall
 * by what we gave up, and is gone some rounds later, too.
 */
#define XGS_JOINED_PCT		78
#define XGS_JOINED_ROUNDS	2
/*
 * A cut to 7/10 leaves 0.7 (1 - s) / (1 - 0.7 s) of the RTT, when s is our share and
 * windows hold the rest: a third only if s is 4/5.
 */
#define XGS_PACED_PART		3
/* Before we compete deaf counts rounds of one RTT, up to this. */
#define XGS_ONE_RTT		15U
/* Values of deaf then: unknown, deaf, time for a test, and for one more. */
#define XGS_DEAF_UNKNOWN	1
#define XGS_DEAF		3
#define XGS_DEAF_TEST		11
#define XGS_DEAF_AGAIN		12
/* A loss longer ago counts as that long ago: an hour. */
#define XGS_CUBIC_MS_MAX	3600000U
/* compete_ms when no loss has been answered by a cut. */
#define XGS_NO_CUT		U32_MAX
/*
 * Rounds without a queue after which the rival is gone. After a cut that all join there
 * is none until they have come back, or for so long, milliseconds.
 */
#define XGS_GONE_ROUNDS		32
#define XGS_GONE_MS		2000U
/* In their place clean counts the rounds in which we yield, from here on. */
#define XGS_YIELDS		64

/* The cube root, rounded down, below 2^21. */
static u32 xgs_cube_root(u64 x)
{
	u64 root = 0, bit;

	for (bit = 1 << 20; bit; bit >>= 1) {
		u64 more = root | bit;

		if (more * more * more <= x)
			root = more;
	}
	return root;
}

/**
 * xgs_cubic_time() - how long CUBIC takes back to the rate of the last loss
 * @packets: packets per round trip at that rate
 *
 * K of RFC 9438, section 4.2: the cube root of W (1 - 0.7) / 0.4, seconds.
 *
 * Return: milliseconds, at least 1.
 */
u32 xgs_cubic_time(u32 packets)
{
	return max(xgs_cube_root(750000000ULL * packets), 1U);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_cubic_time);

/**
 * xgs_cubic_rate() - what CUBIC would have some time after a loss
 * @full: the rate at the loss, bytes per second, up to XGS_RATE_MAX
 * @packets: packets per round trip at that rate
 * @ms: time since, milliseconds
 * @rtt_us: RTT, microseconds
 *
 * W(t) = 0.4 (t - K)^3 + W, but not less than what Reno would have with the
 * same cut, 0.53 packets more a round trip (RFC 9438, sections 4.2 and 4.3).
 * Both as rates, and at most 154 times @full.
 *
 * Return: bytes per second, at most XGS_RATE_MAX.
 */
u64 xgs_cubic_rate(u64 full, u32 packets, u32 ms, u32 rtt_us)
{
	u32 k = xgs_cubic_time(packets);
	u32 away = ms < k ? k - ms : ms - k;
	u64 cut, change, rate, reno;

	full = min(full, XGS_RATE_MAX);
	cut = full / 10 * 3;
	away = min_t(u64, div_u64((u64)away << 10, k), 8 << 10);
	change = cut * ((u64)away * away * away >> 20) >> 10;
	rate = ms < k ? full - change : full + change;

	reno = div_u64((u64)ms * USEC_PER_MSEC, max(rtt_us, 1U));
	reno = full - cut + div_u64(full / 100 * 53 * min(reno, 4096ULL),
				    max(packets, 1U));
	return min3(max(rate, reno), 154 * full, XGS_RATE_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_cubic_rate);

/**
 * xgs_rival_forget() - nothing suspicious has been seen
 * @law: the flow's state
 */
void xgs_rival_forget(struct xgs_law *law)
{
	law->stuck = 0;
	law->stuck_us = 0;
	law->stuck_rate = 0;
	law->deaf = 0;
}

static void xgs_rival_note_rtt(struct xgs_law *law, u32 rtt_us)
{
	law->stuck_rtt_us = min(rtt_us, XGS_STUCK_RTT_MOST);
}

static u64 xgs_rival_rate_before(const struct xgs_law *law)
{
	return (u64)law->stuck_rate << XGS_RATE_SHIFT;
}

/**
 * xgs_rival_leave() - back to the law
 * @law: the flow's state
 * @cause: why
 *
 * Return: @cause.
 */
enum xgs_cause xgs_rival_leave(struct xgs_law *law, enum xgs_cause cause)
{
	xgs_rival_forget(law);
	law->stuck_rtt_us = 0;
	law->cycle = 0;
	law->cycles = 0;
	law->mode = XGS_CRUISE;
	law->draining = 0;
	law->clean = 0;
	law->alpha = 0;
	return cause;
}

/* It was no rival: what the flow remembered is as good as before. */
static enum xgs_cause xgs_rival_dismiss(struct xgs_law *law, enum xgs_cause cause)
{
	law->rate_full = max(law->rate_full, xgs_rival_rate_before(law));
	return xgs_rival_leave(law, cause);
}

/*
 * The queue that a pair of our own packets is, at the rate when the delay began:
 * at the rate that is left by now they would explain any.
 */
static u32 xgs_rival_own_queue(const struct xgs_law *law,
			       const struct xgs_round *round)
{
	u64 rate = max(law->rate, xgs_rival_rate_before(law));

	return min(xgs_time_of(2ULL * round->mss, rate), XGS_OWN_QUEUE_MAX_US);
}

/**
 * xgs_rival_is_narrow() - nearer than others that the flow may be among?
 * @law: the flow's state
 * @round: what the round showed
 *
 * Return: true while it has thresholds of its own, lower than theirs.
 */
bool xgs_rival_is_narrow(const struct xgs_law *law,
			 const struct xgs_round *round)
{
	return !law->wide && round->base_us < XGS_DELAY_FAR_US;
}

/* A path that became longer shows one RTT, farther flows leave a queue that moves. */
static void xgs_rival_note_moves(struct xgs_law *law,
				 const struct xgs_round *round, u32 lo_us)
{
	if (round->rtt_us + lo_us / 2 < law->stuck_rtt_us) {
		xgs_rival_note_rtt(law, round->rtt_us);
		law->stuck = 0;
		law->deaf = 0;
	} else if (round->rtt_us > law->stuck_rtt_us + lo_us / 2) {
		xgs_rival_note_rtt(law, round->rtt_us);
		law->deaf = 0;
	} else {
		law->deaf = min(law->deaf + 1U, XGS_ONE_RTT);
	}
}

/*
 * Nor does the RTT of a longer path move while the flow gives way. It has become that in
 * one round, by lo and more: a queue that others fill grows slowly, and what we give may
 * be as much as they take. A round that it came in the middle of shows the rest of it
 * in the next one. At first our own queue goes.
 */
static void xgs_rival_note_still(struct xgs_law *law,
				 const struct xgs_round *round,
				 const struct xgs_curve *curve, u32 queue_us)
{
	u32 before_us = law->stuck_rtt_us -
			min_t(u32, law->stuck_rtt_us, round->base_us);
	u32 moved_us = curve->others_lo_us / 4 +
		       (round->back_us ? XGS_STILL_STAMP_US : 0);
	bool down = queue_us + moved_us < before_us;
	bool up = queue_us > before_us + moved_us;

	if (up && queue_us > before_us + curve->others_lo_us)
		law->deaf = 1;
	else if (up)
		law->deaf = law->deaf == 1 ? 2 : 0;
	else if (down)
		law->deaf = min_t(u32, law->deaf, 2);
	else if (law->deaf)
		law->deaf = min(law->deaf + 1U, XGS_ONE_RTT);
	if (queue_us >= curve->hi_us && queue_us < before_us - before_us / 4)
		law->stuck = 0;
	if ((up || down) && law->stuck <= XGS_STILL_DRAINS)
		xgs_rival_note_rtt(law, round->rtt_us);
}

/* Does the queue stand still, but for the rounds about a probe? */
static bool xgs_rival_is_flat(const struct xgs_law *law,
			      const struct xgs_round *round, u32 queue)
{
	u32 moved = max_t(u32, queue, law->queue) -
		    min_t(u32, queue, law->queue);
	u32 flat_us = max(XGS_CYCLE_FLAT_US,
			  round->base_us >> XGS_CYCLE_FLAT_SHIFT);

	return law->cycle < XGS_CYCLE_FLAT_FIRST ||
	       law->cycle > XGS_CYCLE_FLAT_LAST ||
	       moved * XGS_QUEUE_UNIT_US <= flat_us;
}

/* Counts swings of farther flows' queue in a row. */
static void xgs_rival_note_swing(struct xgs_law *law,
				 const struct xgs_curve *curve, u32 queue_us)
{
	u32 high_us = (3 * curve->lo_us + 5 * curve->hi_us) / 8;
	bool slow = law->cycle >= XGS_SWING_ROUNDS;

	if (law->clean > XGS_SWING_CLEAN)
		law->cycles = 0;
	if (queue_us > curve->lo_us) {
		law->cycle = min_t(u32, law->cycle + 1, XGS_CYCLE_ROUNDS_MOST);
		law->queue |= queue_us >= high_us;
	} else if (law->cycle) {
		law->cycles = slow && law->queue ?
			      min_t(u32, law->cycles + 1, XGS_SWINGS) : 0;
		law->cycle = 0;
		law->queue = 0;
	}
}

/* If it was as long as BBR's it counts; one twice as long has one more in it. */
static void xgs_rival_end_cycle(struct xgs_law *law)
{
	if (law->cycle < XGS_CYCLE_LEAST || law->cycle > 2 * XGS_CYCLE_MOST)
		law->cycles = 0;
	else if (law->cycle <= XGS_CYCLE_MOST)
		law->cycles = min_t(u32, law->cycles + 1, XGS_CYCLES);
	law->cycle = 0;
}

/* Of a queue that stands still and drains for a round. */
static void xgs_rival_note_drain(struct xgs_law *law,
				 const struct xgs_round *round,
				 const struct xgs_curve *curve, u32 queue_us,
				 u32 queue, bool clear)
{
	/* In a short buffer all queues are short, and short ones look alike. */
	u32 lo_us = 3 * curve->lo_us / 2 << law->shallow;

	if (queue_us <= lo_us || (!clear && !xgs_rival_is_flat(law, round, queue)))
		law->cycles = 0;
	else if (clear && law->cycle > 1)	/* of two the first counts */
		xgs_rival_end_cycle(law);
}

/* Of a queue that is longer for a round, by more than flows of xgs ever make it. */
static void xgs_rival_note_peak(struct xgs_law *law,
				const struct xgs_round *round,
				const struct xgs_curve *curve, u32 queue)
{
	u32 least_us = max(round->base_us >> XGS_CYCLE_PEAK_SHIFT,
			   curve->others_hi_us << law->shallow);
	u32 least = min(least_us, XGS_CYCLE_PEAK_MOST_US) / XGS_QUEUE_UNIT_US;

	if (law->rose && queue + least < law->queue)
		xgs_rival_end_cycle(law);
	law->rose = queue > law->queue + least;
}

/* Counts cycles like BBR's. Near by, rounds are too short for its round trips. */
static void xgs_rival_note_cycle(struct xgs_law *law,
				 const struct xgs_round *round,
				 const struct xgs_curve *curve, u32 queue_us,
				 bool clear)
{
	u32 queue = min(queue_us / XGS_QUEUE_UNIT_US, XGS_QUEUE_MOST);

	law->cycle = min_t(u32, law->cycle + 1, XGS_CYCLE_ROUNDS_MOST);
	if (round->base_us < XGS_DELAY_FAR_US)
		law->cycles = 0;
	else if (round->base_us < XGS_CYCLE_PEAK_BASE_US)
		xgs_rival_note_drain(law, round, curve, queue_us, queue, clear);
	else
		xgs_rival_note_peak(law, round, curve, queue);
	law->queue = queue;
}

/*
 * Halfway from lo to the queue in which flows of xgs with a rate like ours are in
 * balance: what stays above it while the rate falls is suspicious.
 */
static u32 xgs_rival_odd_us(const struct xgs_law *law,
			    const struct xgs_curve *curve)
{
	u64 half_us = (curve->others_hi_us - curve->others_lo_us) / 2;

	return curve->others_lo_us +
	       (half_us * xgs_fair_alpha(law->rate) >> XGS_FRAC_SHIFT);
}

/**
 * xgs_rival_watch() - count rounds of a delay that does not yield
 * @law: the flow's state
 * @round: what the round showed
 * @curve: the law's coefficients
 * @queue_us: queueing delay, microseconds
 * @clear: the law has seen no congestion in the round
 */
void xgs_rival_watch(struct xgs_law *law, const struct xgs_round *round,
		     const struct xgs_curve *curve, u32 queue_us, bool clear)
{
	bool narrow = xgs_rival_is_narrow(law, round);
	/* A near flow's rate may be small because of what it is to find out. */
	u32 own_us = narrow ? 0 : xgs_rival_own_queue(law, round);

	/* Where the path marks, before_us is in the place of cycles and swings. */
	if (narrow && !round->marks_live)
		xgs_rival_note_swing(law, curve, queue_us);
	else if (!round->marks_live)
		xgs_rival_note_cycle(law, round, curve, queue_us, clear);
	if (queue_us <= max(curve->lo_us, own_us) || round->marks_live) {
		xgs_rival_forget(law);
		return;
	}
	if (!law->stuck_rate) {
		law->stuck_rate = law->rate >> XGS_RATE_SHIFT;
		xgs_rival_note_rtt(law, narrow ? round->rtt_us :
					round->base_us + curve->lo_us);
	}
	if (narrow)
		xgs_rival_note_moves(law, round, curve->lo_us);
	else
		xgs_rival_note_still(law, round, curve, queue_us);
	if (!narrow && queue_us <= own_us + xgs_rival_odd_us(law, curve))
		return;
	law->stuck_us += min_t(u32, round->elapsed_us,
			       XGS_STUCK_US_MOST - law->stuck_us);
	if (queue_us < curve->hi_us)
		return;
	if (!law->stuck)
		xgs_rival_note_rtt(law, round->rtt_us);
	law->stuck = min(law->stuck + 1, U8_MAX);
}

/**
 * xgs_rival_is_distance() - is the delay no queue at all?
 * @law: the flow's state
 * @round: what the round showed
 * @f_loss: xgs_law_loss() of it; a buffer that overflows shows one RTT, too
 * @params: the operator's
 *
 * Whoever fills it, a queue moves when a part of a flow's rate is taken from it: a
 * quarter in few rounds where the delay is above hi, or anything in as many rounds as
 * the delivery rate is remembered for.
 *
 * Return: true when the RTT stayed as it was while that was given up.
 */
bool xgs_rival_is_distance(const struct xgs_law *law,
			   const struct xgs_round *round, u32 f_loss,
			   const struct xgs_law_params *params)
{
	u32 rounds = max3(params->relearn_rounds / 2, XGS_STILL_LEAST,
			  XGS_PROOF_US / max(round->rtt_us, 1U));
	u64 bw = xgs_law_bw(law);

	if (!params->relearn_rounds || !params->enabled || f_loss ||
	    round->base_us < XGS_DELAY_FAR_US)
		return false;
	if (law->deaf >= XGS_ONE_RTT && params->relearn_rounds / 2 <= XGS_ONE_RTT)
		return law->rate <= bw - (bw >> XGS_STILL_SHIFT);
	return law->stuck > XGS_STILL_LEAST && law->deaf >= rounds &&
	       law->rate <= bw - (bw >> 2);
}

/**
 * xgs_rival_relearn() - the path became longer: go on with what it carries
 * @law: the flow's state
 *
 * Return: what the round told.
 */
enum xgs_cause xgs_rival_relearn(struct xgs_law *law)
{
	u64 bw = xgs_law_bw(law);

	law->rate = xgs_rate_clamp(bw - (bw >> 4));
	law->rate_full = bw;
	return xgs_rival_leave(law, XGS_RELEARN);
}

/*
 * Do others press us below what flows of xgs come to? A rate that goes down to its balance
 * with them has little more than the alpha of that. But so it has with what stamps leave of
 * the way back's queue, which nobody shares with us.
 */
static bool xgs_rival_is_pressed(const struct xgs_law *law,
				 const struct xgs_round *round)
{
	u32 fair = xgs_fair_alpha(law->rate);

	return round->back_us ||
	       law->alpha > fair + (XGS_PRESSED * fair >> XGS_PRESSED_SHIFT);
}

/**
 * xgs_rival_is_suspected() - was the delay there for long, whatever we did?
 * @law: the flow's state
 * @round: what the round showed
 * @above_hi: the delay is above hi
 * @params: the operator's
 *
 * Return: true when it was.
 */
bool xgs_rival_is_suspected(const struct xgs_law *law,
			    const struct xgs_round *round, bool above_hi,
			    const struct xgs_law_params *params)
{
	bool narrow = xgs_rival_is_narrow(law, round);
	bool pressed = law->stuck_us > max(XGS_STUCK_LONG * XGS_STUCK_MIN_US,
					   XGS_STUCK_RTTS * round->base_us) &&
		       xgs_rival_is_pressed(law, round);
	u64 before = xgs_rival_rate_before(law);
	/* Below hi it is more likely that others of xgs have joined. */
	bool gave = law->rate <= before >> (narrow || above_hi || pressed ? 1 : 2);

	if (!params->relearn_rounds || !params->enabled || !before)
		return false;
	if (narrow && law->cycles >= XGS_SWINGS)
		return true;
	if (law->stuck_us < (narrow ? XGS_NARROW_MIN_US : XGS_STUCK_MIN_US))
		return false;
	if (narrow && law->stuck_us > 2 * XGS_NARROW_MIN_US)
		return true;
	if (gave && (narrow || !above_hi))
		return true;
	return law->stuck >= params->relearn_rounds *
			     (gave ? 1 : XGS_STUCK_LONG);
}

/**
 * xgs_rival_is_known() - has the rival shown who it is?
 * @law: the flow's state
 * @round: what the round showed
 * @params: the operator's
 *
 * Return: true when its queue has gone through enough of BBR's cycles; near by they are not
 * counted.
 */
bool xgs_rival_is_known(const struct xgs_law *law,
			const struct xgs_round *round,
			const struct xgs_law_params *params)
{
	return !law->marks && law->cycles >= XGS_CYCLES &&
	       round->base_us >= XGS_DELAY_FAR_US &&
	       params->relearn_rounds && params->enabled;
}

/* Competes from here on, with a rival of which so much is known. */
static void xgs_rival_begin(struct xgs_law *law, u32 deaf)
{
	law->rate_full = law->rate;
	law->mode = XGS_COMPETE;
	law->deaf = deaf;
	law->compete_ms = XGS_NO_CUT;
	law->stuck_rtt_us = 0;
	law->stuck = 0;
	law->clean = 0;
}

/**
 * xgs_rival_recognise() - compete with a rival that is known
 * @law: the flow's state
 *
 * Return: what the round told.
 */
enum xgs_cause xgs_rival_recognise(struct xgs_law *law)
{
	xgs_rival_begin(law, XGS_DEAF);
	return XGS_RIVAL;
}

static u32 xgs_rival_packets(u64 rate, const struct xgs_round *round)
{
	u64 bytes = xgs_bytes_in(rate, round->rtt_us);

	return min_t(u64, div_u64(bytes, max(round->mss, 1U)) + 1, 1U << 24);
}

/*
 * The queue below which others have made room for what is restored. Many flows' pairs
 * of packets are one, but what was below hi has them in it.
 */
static u32 xgs_rival_room(const struct xgs_law *law,
			  const struct xgs_round *round,
			  const struct xgs_curve *curve)
{
	if (law->room_us)
		return law->room_us;
	return curve->others_hi_us + xgs_rival_own_queue(law, round);
}

/**
 * xgs_rival_meet() - somebody else's queue: begin to compete
 * @law: the flow's state
 * @round: what the round showed
 * @above_hi: the delay is above hi: the rate comes back. Below it no more than
 *	twice what is left does, because other flows of xgs may have joined.
 *
 * A near flow takes the thresholds of farther ones first, and goes on to watch:
 * flows of xgs from farther away leave such a queue.
 *
 * Return: what the round told.
 */
enum xgs_cause xgs_rival_meet(struct xgs_law *law,
			      const struct xgs_round *round, bool above_hi)
{
	u32 queue_us = round->rtt_us - min(round->rtt_us, round->base_us);
	u64 before = xgs_rival_rate_before(law), most;

	if (xgs_rival_is_narrow(law, round) && law->deaf < XGS_ONE_RTT) {
		law->wide = 1;
		law->stuck = 0;
		law->stuck_us = 0;
		return XGS_DELAY;
	}
	/* Not all: it filled the link then, and must leave it clear now. */
	most = max(law->rate, before - (before >> 2));
	law->rate = xgs_rate_clamp(above_hi ? most : min(2 * law->rate, most));
	if (!above_hi)
		law->stuck_rate = max(before, law->rate_full) >> XGS_RATE_SHIFT;
	xgs_rival_begin(law, XGS_DEAF_UNKNOWN);
	xgs_rival_note_rtt(law, round->rtt_us);
	law->room_us = above_hi ? 0 : min_t(u32, queue_us, U16_MAX);
	return XGS_RIVAL;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_rival_meet);

/* CUBIC's cut; who lost before getting back to the last loss gives more. */
static enum xgs_cause xgs_rival_cut(struct xgs_law *law,
				    const struct xgs_round *round)
{
	u64 rate = round->bw ? min(law->rate, round->bw) : law->rate;
	bool early = rate < law->rate_full / 16 * 15;

	law->rate_full = early ? rate / 20 * 17 : rate;
	law->rate = xgs_rate_clamp(rate / 10 * 7);
	law->compete_ms = 0;
	xgs_rival_note_rtt(law, round->rtt_us);
	return XGS_LOSS;
}

/* The rounds that take so long, within limits. */
static u32 xgs_rival_rounds(u32 us, const struct xgs_round *round, u32 least,
			    u32 most)
{
	return clamp(us / max(round->rtt_us, 1U), least, most);
}

/*
 * What has been restored is held. A longer path shows one RTT all the time; a queue
 * moves. XGS_CLEAR for nothing yet.
 */
static enum xgs_cause xgs_rival_prove(struct xgs_law *law,
				      const struct xgs_round *round,
				      const struct xgs_curve *curve, u32 f_loss)
{
	law->stuck_rtt_us = min_t(u32, law->stuck_rtt_us, round->rtt_us);
	/* A buffer that overflows does not become longer either. */
	if (f_loss ||
	    round->rtt_us > law->stuck_rtt_us + curve->others_lo_us / 2) {
		law->stuck_rtt_us = 0;
		/* Beside farther flows it is theirs. */
		if (!xgs_rival_is_narrow(law, round))
			return XGS_CLEAR;
		law->wide = 1;
		return XGS_DELAY;
	}
	if (law->stuck < xgs_rival_rounds(XGS_PROOF_US, round, XGS_PROOF_LEAST,
					  XGS_PROOF_MOST))
		return XGS_CLEAR;
	return XGS_RELEARN;
}

static bool xgs_rival_yields(const struct xgs_law *law)
{
	return law->clean >= XGS_YIELDS;
}

/*
 * The queue shows what came of the last change; XGS_CLEAR for nothing new. A cut that
 * empties a long one was joined by flows that pace, as those of xgs, not by windows.
 * Without a cut of ours a queue that goes proves nothing: BBR leaves none for 0.2 s
 * of ten (ProbeRTT), and less now and then.
 */
static enum xgs_cause xgs_rival_judge(struct xgs_law *law,
				      const struct xgs_round *round,
				      const struct xgs_curve *curve,
				      u32 queue_us, u32 f_loss)
{
	/* A drain that is due waits for this; once begun, the queue shows it. */
	if (!law->stuck_rtt_us || xgs_rival_yields(law))
		return XGS_CLEAR;
	if (law->compete_ms == XGS_NO_CUT)
		return xgs_rival_prove(law, round, curve, f_loss);
	if (round->rtt_us < law->stuck_rtt_us / XGS_PACED_PART)
		return XGS_DELAY;
	if (law->stuck < XGS_JOINED_ROUNDS)
		return XGS_CLEAR;
	if (queue_us > curve->lo_us &&
	    round->rtt_us > law->stuck_rtt_us / 100 * XGS_JOINED_PCT) {
		law->deaf = clamp(law->deaf + 1, XGS_DEAF_UNKNOWN + 1, XGS_DEAF);
		law->compete_ms = XGS_NO_CUT;
		law->stuck_rtt_us = 0;
	} else if (law->stuck >= XGS_PROOF_END) {
		law->stuck_rtt_us = 0;
		/* Who is deaf has a short queue, too, now and then. */
		if (law->deaf == XGS_DEAF_TEST) {
			law->deaf = XGS_DEAF_AGAIN;
			law->compete_ms = XGS_NO_CUT;
		} else {
			law->deaf = 0;
		}
	}
	return XGS_CLEAR;
}

/*
 * Nothing is known of the rival, and nothing was lost. What has been restored is
 * held for a while: flows of xgs make room for it. If it grew meanwhile they would
 * take us for a rival, too.
 */
static bool xgs_rival_is_new(const struct xgs_law *law,
			     const struct xgs_round *round, u32 f_loss)
{
	return law->deaf == XGS_DEAF_UNKNOWN && !f_loss &&
	       law->compete_ms == XGS_NO_CUT &&
	       (law->stuck_rtt_us ||
		law->stuck < xgs_rival_rounds(XGS_ROOM_US, round,
					      XGS_ROOM_LEAST, XGS_ROOM_MOST));
}

/* The rate of a flow that does not follow CUBIC's curve. */
static u64 xgs_rival_push(const struct xgs_law *law,
			  const struct xgs_round *round, u32 queue_us,
			  u32 f_loss)
{
	u64 sent = (u64)round->delivered + round->lost;
	u64 rate = max(law->rate_full, law->rate);
	u64 bw = xgs_law_bw(law), step;

	if (f_loss)
		return rate - div64_u64((rate >> 2) * round->lost, sent);
	if (queue_us >= round->base_us || law->draining)
		return rate;
	step = max(rate >> (law->deaf < XGS_DEAF ? 5 : 4),
		   xgs_rate_of(round->mss / 2, round->rtt_us));
	return max(rate, min(rate + step, bw + (bw >> 2)));
}

/* What to give up for a while, so that our own queue would be gone. */
static u64 xgs_rival_yield(struct xgs_law *law, const struct xgs_round *round)
{
	u32 rtt_us, queue_us, rounds;

	if (!xgs_rival_yields(law)) {
		/* Not while another change is judged. */
		if (law->stuck_rtt_us)
			return 0;
		xgs_rival_note_rtt(law, round->rtt_us);
		law->clean = XGS_YIELDS;
	}
	rtt_us = max_t(u32, law->stuck_rtt_us, 1);
	queue_us = rtt_us - min(rtt_us, round->base_us);
	rounds = XGS_YIELDS + 1 + 5 * queue_us / (2 * rtt_us);
	if (law->clean++ < rounds)
		return min(law->rate >> 1,
			   div_u64(law->rate * 5 * queue_us, 4 * rtt_us));
	/* Two rounds later its effect has been seen. */
	if (law->clean > rounds + 2) {
		law->draining = 0;
		law->stuck_rtt_us = 0;
		law->clean = 0;
	}
	return 0;
}

/* Counts rounds without a queue; true when the rival is gone. */
static bool xgs_rival_is_gone(struct xgs_law *law,
			      const struct xgs_round *round,
			      const struct xgs_curve *curve, u32 queue_us)
{
	if (round->marks_live)
		return true;
	if (queue_us > curve->lo_us) {
		if (!xgs_rival_yields(law))
			law->clean = 0;
		return false;
	}
	/* Our share drained it: it was ours. */
	if (xgs_rival_yields(law))
		return true;
	law->draining = 0;
	law->clean = min(law->clean + 1, XGS_GONE_ROUNDS);
	return law->clean == XGS_GONE_ROUNDS &&
	       (law->rate >= law->rate_full || law->compete_ms >= XGS_GONE_MS);
}

/**
 * xgs_rival_round() - a round trip beside a rival is over
 * @law: the flow's state
 * @round: what the round showed
 * @curve: the law's coefficients
 * @queue_us: queueing delay, microseconds
 *
 * Return: what the round told; on XGS_RELEARN the delay was distance.
 */
enum xgs_cause xgs_rival_round(struct xgs_law *law,
			       const struct xgs_round *round,
			       const struct xgs_curve *curve, u32 queue_us)
{
	u32 f_loss = xgs_law_loss(law, round, curve);
	enum xgs_cause cause;
	u32 packets;

	if (xgs_law_is_broken(law, round, f_loss))
		return xgs_rival_leave(law, XGS_LOSS);
	if (xgs_rival_is_gone(law, round, curve, queue_us))
		return xgs_rival_leave(law, XGS_CLEAR);
	if (round->app_limited)
		return XGS_CLEAR;

	law->stuck = min(law->stuck + 1, U8_MAX);
	if (law->compete_ms < XGS_CUBIC_MS_MAX)
		law->compete_ms += max_t(u32, 1, round->elapsed_us /
						 USEC_PER_MSEC);
	/* The rounds after a loss still show the same one. */
	if (f_loss && law->stuck >= XGS_PROOF_END) {
		law->stuck = 0;
		law->draining = 0;
		law->clean = 0;
		if (law->deaf < XGS_DEAF || law->deaf >= XGS_DEAF_TEST)
			return xgs_rival_cut(law, round);
		law->deaf++;
		law->stuck_rtt_us = 0;
	}
	cause = xgs_rival_judge(law, round, curve, queue_us, f_loss);
	if (cause == XGS_RELEARN)
		return xgs_rival_dismiss(law, cause);
	if (cause == XGS_DELAY)
		return xgs_rival_leave(law, cause);

	if (xgs_rival_is_new(law, round, f_loss)) {
		law->rate = law->rate_full;
		if (!law->stuck_rtt_us && law->stuck >= XGS_PROOF_ROUNDS &&
		    queue_us < xgs_rival_room(law, round, curve))
			return xgs_rival_dismiss(law, XGS_CLEAR);
	} else if (law->compete_ms == XGS_NO_CUT) {
		law->rate = xgs_rival_push(law, round, queue_us, f_loss);
		law->rate_full = law->rate;
	} else {
		packets = xgs_rival_packets(law->rate_full, round);
		law->rate = xgs_cubic_rate(law->rate_full, packets,
					   law->compete_ms, round->rtt_us);
	}
	law->rate = xgs_rate_clamp(law->rate);
	if (law->draining)
		law->rate = xgs_rate_clamp(law->rate -
					   xgs_rival_yield(law, round));
	return XGS_CLEAR;
}
