// SPDX-License-Identifier: GPL-2.0
/*
 * How a flow of tcp_xgs starts.
 *
 * A cold flow knows the base RTT R of its path and nothing else. What it finds out is
 * the rate b that the path carries:
 *
 *	LEAP	a window r R at 16 r, and then nothing until it is back
 *	TRY	one such window at b
 *	PROVE	r up to 17/16 b; if more comes through, twice with a b of 5/4
 *	START	a window that doubles per round trip, at 2 r
 *	SETTLE	r = b, and no more in flight than r R
 *
 *	       spread            alone           b comes through
 *	LEAP ----------> TRY ------------> PROVE -----------------> SETTLE
 *	   \               \ with others      | more than b            ^
 *	    \ late, lost,   \                 v                       |
 *	     `-------------- `-----------> START ----------------------'
 *	       others leap                       delay, marks, loss,
 *	                                         no growth in 3 rounds
 *
 * Far away a start leaps. If a window came back as it was sent the path carries 16 r,
 * and the next one is four times as large (SUSS, Arghavani et al., SIGCOMM 2024, has the
 * factor). If it was spread, it came back as fast as the path carries it: that rate b is
 * tried with one window more, which takes longer than r R / b if others are there; then
 * r goes to b by steps of up to four times, and 17/16 b prove that b is right. What
 * isn't as it should be makes an ordinary start of it, which doubles, as does a start
 * near by.
 *
 * While the start's queue grew the path was full: what was delivered in that time
 * is all that it carries. So r is right at once, and what is in flight beyond r R
 * is the queue: nothing is sent until it is gone.
 *
 * A warm flow starts from a part of what an earlier flow has proven on its path, doubles
 * and stops just below it (the idea of Careful Resume: Kuhn et al.,
 * draft-ietf-tsvwg-careful-resume).
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include <kunit/visibility.h>

#include "../include/xgs/distance.h"
#include "law.h"
#include "look.h"
#include "start.h"

/* Marked rounds, or rounds without growth, after which the start is over. */
#define XGS_START_MARKED	2
#define XGS_START_FLAT		3
#define XGS_SETTLE_ROUNDS	4
/* What hosts add to a leap, microseconds. */
#define XGS_LEAP_NOISE_US	32U
/* What a leap has met is proven by a sixteenth more. */
#define XGS_PROVE_SHIFT		4
#define XGS_PROVE_ROUNDS	2
/* If more comes through, a quarter more is proven, so many times. */
#define XGS_PROVE_AGAIN		2
/* Growth of a leap, eighths: twice at XGS_LEAP_US, four times from twice as far on. */
#define XGS_LEAP_GROWTH_SHIFT	5
#define XGS_LEAP_GROWTH_LEAST	16U
#define XGS_LEAP_GROWTH_MOST	32U
/* In place of marked rounds: the round before this one was the last leap. */
#define XGS_START_LEAPT		U8_MAX
/* Packets from which on the end of a start tells of the path's rate. */
#define XGS_TRAIN_PACKETS	16U
#define XGS_LEAP_PACKETS	6U

/**
 * xgs_start_begin() - a flow begins
 * @law: its state
 * @base_us: base RTT, microseconds
 * @rate: the rate to start from, bytes per second
 * @proven: the rate that an earlier flow has proven on this path, bytes per
 *	second; 0 for none
 */
void xgs_start_begin(struct xgs_law *law, u32 base_us, u64 rate, u64 proven)
{
	*law = (struct xgs_law) {
		.rate = xgs_rate_clamp(rate),
		.rate_full = proven,
		.mode = proven || base_us < XGS_LEAP_US ? XGS_START : XGS_LEAP,
	};
}
EXPORT_SYMBOL_IF_KUNIT(xgs_start_begin);

/**
 * xgs_start_pacing() - the rate at which packets leave
 * @law: the flow's state, in its start
 *
 * Return: bytes per second.
 */
u64 xgs_start_pacing(const struct xgs_law *law)
{
	switch (law->mode) {
	case XGS_LEAP:
		return law->rate << XGS_LEAP_SHIFT;
	case XGS_TRY:
		return law->rate_full;
	case XGS_PROVE:
		return min(2 * law->rate, law->rate_full +
					  (law->rate_full >> XGS_PROVE_SHIFT));
	default:
		return 2 * law->rate;
	}
}

/**
 * xgs_start_limit() - the RTT at which the start is over
 * @base_us: base RTT, microseconds
 * @seen_us: the least RTT of the round trip before, microseconds; 0 for none
 * @burst_us: time of the sender's own burst, microseconds
 * @met: a leap has met the path's rate, and half of the queue that its proof makes is
 *	enough
 * @params: the operator's
 *
 * A queue that has grown by an eighth of the base RTT within a round trip, but not
 * by less than lo nor more than a quarter of hi and a burst: it is this flow that
 * makes it grow. What stands there already is others', and a reason to end only where it
 * is an eighth of the base RTT, or hi, by itself. (HyStart++, RFC 9406, compares
 * with the round before, too.) Of hi up to twice counts, by a quarter of the base RTT: a
 * start makes more of a queue than the law keeps.
 *
 * Return: microseconds.
 */
u32 xgs_start_limit(u32 base_us, u32 seen_us, u32 burst_us, bool met,
		    const struct xgs_law_params *params)
{
	struct xgs_curve curve;
	u32 stands, grows, hi_us;

	base_us = min(base_us, XGS_RTT_MAX_US);
	seen_us = clamp(seen_us, base_us, XGS_RTT_MAX_US);
	xgs_curve_at(&curve, base_us, burst_us, params);
	burst_us = min(burst_us, curve.hi_us);
	hi_us = curve.hi_us + min(curve.hi_us - burst_us, base_us / 4);
	stands = clamp(base_us / 8, curve.lo_us, hi_us);
	grows = min(stands, max(curve.lo_us, burst_us +
					     (hi_us - burst_us) / 4));
	if (met)
		grows = min(grows, base_us >> (XGS_PROVE_SHIFT + 1));
	return min(base_us + stands, seen_us + grows);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_start_limit);

/**
 * xgs_train_begin() - a round trip of the start begins
 * @train: its state; what has been noted stays
 * @base_us: base RTT, microseconds
 * @seen_us: the least RTT of the round trip before, microseconds; 0 for none
 * @limit_us: of xgs_start_limit()
 */
void xgs_train_begin(struct xgs_train *train, u32 base_us, u32 seen_us,
		     u32 limit_us)
{
	u32 before_us = min(max(base_us, seen_us), limit_us);

	train->grown_us = before_us + (limit_us - before_us) / 2;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_train_begin);

/**
 * xgs_train_note() - what some ACKs of the start tell
 * @train: the state
 * @rtt_us: the least RTT of them, microseconds
 * @delivered: packets delivered until now; wraps
 * @now_us: now, microseconds; wraps
 */
void xgs_train_note(struct xgs_train *train, u32 rtt_us, u32 delivered,
		    u32 now_us)
{
	if (rtt_us < train->grown_us) {
		train->since_us = 0;
	} else if (!train->since_us) {
		train->since_us = now_us ?: 1;	/* 1 us too late is no harm */
		train->delivered = delivered;
	}
}
EXPORT_SYMBOL_IF_KUNIT(xgs_train_note);

/**
 * xgs_train_rate() - what the bottleneck lets through
 * @train: the state
 * @delivered: packets delivered until now; wraps
 * @now_us: now, microseconds; wraps
 * @mss: bytes per packet
 * @few: fewer packets are enough, as the start leaps or has met the path's rate
 *
 * A start doubles, so that the delivery rate of its last round trip is far less than
 * what came through at the end of it. But while its queue grew the bottleneck
 * was never idle: what was delivered then is all of its rate.
 *
 * Return: bytes per second; 0 when there is no queue or it was seen too briefly.
 */
u64 xgs_train_rate(const struct xgs_train *train, u32 delivered, u32 now_us,
		   u32 mss, bool few)
{
	u32 least = few ? XGS_LEAP_PACKETS : XGS_TRAIN_PACKETS;
	u32 packets = delivered - train->delivered;

	if (!train->since_us || packets < least)
		return 0;
	return xgs_rate_of((u64)packets * mss, now_us - train->since_us);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_train_rate);

/**
 * xgs_start_turn() - what follows counts its own rounds
 * @law: the flow's state
 * @mode: where the flow is from now on
 */
void xgs_start_turn(struct xgs_law *law, enum xgs_mode mode)
{
	law->mode = mode;
	law->train = (struct xgs_train) {};
	law->clean = 0;
	law->stuck = 0;
	law->age = 0;
}

/**
 * xgs_start_end() - the path is full: settle at what it delivers
 * @law: the flow's state
 * @bw: delivery rate when that was found, bytes per second; 0 when nothing is
 *	known of what the path would have delivered: the rate stays, or is what a
 *	leap has met
 */
void xgs_start_end(struct xgs_law *law, u64 bw)
{
	if (law->mode == XGS_PROVE) {
		/* What made a queue is enough, however fast its ACKs came. */
		law->rate = xgs_rate_clamp(min(law->rate, bw ?: law->rate_full));
		xgs_law_proves(law, law->rate);
	} else if (bw) {
		xgs_law_proves(law, bw);
		law->rate = xgs_rate_clamp(min(law->rate, xgs_law_bw(law)));
	}
	law->rate_full = law->rate;
	/* It takes many rounds to learn; a flow alone would be right with this. */
	law->alpha = xgs_fair_alpha(law->rate);
	xgs_start_turn(law, XGS_SETTLE);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_start_end);

/* More was lost than a path loses by itself, and not by chance. */
static bool xgs_start_overshot(const struct xgs_round *round, u32 most)
{
	u64 sent = (u64)round->delivered + round->lost;

	return round->lost >= XGS_OVERSHOT_LOST &&
	       (u64)round->lost * XGS_LOSS_ONE > most * sent;
}

/* An ordinary start takes over; what is still found of the last leap is no news to it. */
static enum xgs_cause xgs_start_land(struct xgs_law *law, bool overshot)
{
	law->mode = XGS_START;
	law->rate_full = 0;
	law->clean = 0;
	law->stuck = XGS_START_LEAPT;
	return overshot ? XGS_LOSS : XGS_CLEAR;
}

/* What a round brings that has grown: a quarter more than any before it. */
static u64 xgs_start_grown(const struct xgs_law *law)
{
	u64 bw = xgs_law_bw(law);

	return bw + (bw >> 2);
}

/*
 * A window has been sent at 16 times the rate that it makes of a round trip. If it came
 * back in a sixteenth, too, the path carries more than that, and the next one is larger.
 * If it was spread, it came back as fast as the path carries it; but where others leap,
 * too, the path is idle while none of them does, and that is nobody's rate.
 */
static enum xgs_cause xgs_start_leap(struct xgs_law *law,
				     const struct xgs_round *round, bool overshot)
{
	u32 growth = clamp(round->base_us >> XGS_LEAP_GROWTH_SHIFT,
			   XGS_LEAP_GROWTH_LEAST, XGS_LEAP_GROWTH_MOST);
	bool spread = law->rate_full &&
		      law->rate_full < XGS_LEAP_SPREAD * law->rate;
	bool lost = round->lost > 1 && round->lost > round->delivered >> 4;
	bool clear = !lost && !round->marked && !round->app_limited &&
		     round->may_leap;
	u64 bw = xgs_law_bw(law), grown = xgs_start_grown(law);
	bool moves;

	if (round->bw)
		xgs_law_proves(law, round->bw);
	if (!spread) {
		if (!law->rate_full)	/* too few packets to tell */
			growth = XGS_LEAP_GROWTH_LEAST;
		law->rate_full = 0;
		law->clean = round->bw < grown ? law->clean + 1 : 0;
		/* What the handshake took is no measure of a queue that moves. */
		moves = bw && round->moved_us > round->base_us / 64 +
						XGS_LEAP_NOISE_US;
		if (clear && !moves && law->clean < XGS_START_FLAT &&
		    round->elapsed_us <= round->base_us + round->base_us / 8) {
			law->rate = xgs_rate_clamp(law->rate * growth >> 3);
			return XGS_CLEAR;
		}
	}
	if (overshot && round->bw)
		law->rate = xgs_rate_clamp(min(law->rate, round->bw));
	if (!spread || !round->may_leap)
		return xgs_start_land(law, overshot);
	law->mode = XGS_TRY;
	return overshot ? XGS_LOSS : XGS_CLEAR;
}

/*
 * What a leap has met is what the path carries, or, with more than that of others'
 * behind it in the queue, a part. So a window is sent at that rate: if others are there
 * it takes longer than that.
 */
static bool xgs_start_is_alone(const struct xgs_law *law,
			       const struct xgs_round *round)
{
	u64 window = xgs_bytes_in(law->rate, round->base_us);
	u64 alone_us = xgs_time_of(window - window / XGS_LEAP_REST,
				   law->rate_full);

	return round->elapsed_us <= alone_us + alone_us / 8 +
				    round->base_us + round->base_us / 256 +
				    XGS_LEAP_NOISE_US;
}

/* No more than four times as much at once: windows and buffers of hosts grow so. */
static void xgs_start_approach(struct xgs_law *law)
{
	law->rate = xgs_rate_clamp(min(4 * law->rate, law->rate_full +
					(law->rate_full >> (XGS_PROVE_SHIFT - 1))));
}

/**
 * xgs_start_prove() - a rate has been found: does it prove right?
 * @law: the flow's state, with that rate in rate_full
 */
void xgs_start_prove(struct xgs_law *law)
{
	xgs_start_approach(law);
	law->mode = XGS_PROVE;
	law->clean = 0;
	law->stuck = XGS_START_LEAPT;
}

static enum xgs_cause xgs_start_try(struct xgs_law *law,
				    const struct xgs_round *round, bool overshot)
{
	if (round->bw)
		xgs_law_proves(law, round->bw);
	/* What is found lost now may be of the leap before. */
	if (!round->marked && !round->app_limited && round->may_leap &&
	    xgs_start_is_alone(law, round)) {
		xgs_start_prove(law);
		return overshot ? XGS_LOSS : XGS_CLEAR;
	}
	/* The window was as much for the others, too. */
	law->rate = xgs_rate_clamp(law->rate >> 1);
	return xgs_start_land(law, overshot);
}

/*
 * It may also have been a pause of a host, or of a receiver that held back its ACKs when
 * a packet of the leap was lost. So a sixteenth more is sent: in the second round trip
 * from then either a queue is seen, or no more than that comes through, or it was not
 * the path's. Then a quarter more is likelier than twice as much, and is tried first.
 */
static enum xgs_cause xgs_start_prove_round(struct xgs_law *law,
					    const struct xgs_round *round)
{
	u64 bw = law->rate_full + (law->rate_full >> (XGS_PROVE_SHIFT + 1));
	u64 grown = xgs_start_grown(law);

	if (round->bw)
		xgs_law_proves(law, round->bw);
	if (law->rate < law->rate_full) {
		xgs_start_approach(law);
		return XGS_CLEAR;
	}
	if (!round->bw || round->app_limited || round->rwnd_limited ||
	    ++law->age < XGS_PROVE_ROUNDS)
		return XGS_CLEAR;
	if (round->bw <= bw) {
		/* The receiver's window opens by and by. */
		if (round->bw > grown)
			return XGS_CLEAR;
		xgs_start_end(law, min(round->bw, law->rate_full));
		return XGS_CLEAR;
	}
	if (law->met)
		return xgs_look_end(law);
	law->age = 0;
	if (law->clean++ < XGS_PROVE_AGAIN) {
		law->rate_full = xgs_rate_clamp(law->rate_full +
						(law->rate_full >> 2));
		xgs_start_approach(law);
		return XGS_CLEAR;
	}
	law->clean = 0;
	law->mode = XGS_START;
	law->rate_full = 0;
	return XGS_CLEAR;
}

/* The rate follows the window, and a warm flow's ends below what is proven. */
static enum xgs_cause xgs_start_double(struct xgs_law *law,
				       const struct xgs_round *round)
{
	u64 rate = xgs_rate_of(round->window, round->base_us);
	u64 grown = xgs_start_grown(law);
	/* After leaps that went wrong it has yet to come to what they met. */
	bool behind = law->rate < min(rate, grown);

	if (!round->app_limited && round->bw) {
		if (!round->rwnd_limited && !behind)
			law->clean = round->bw < grown ? law->clean + 1 : 0;
		xgs_law_proves(law, round->bw);
		if (law->clean >= XGS_START_FLAT) {
			xgs_start_end(law, round->bw);
			return XGS_CLEAR;
		}
	}
	law->rate = xgs_rate_clamp(max(law->rate, rate));
	if (law->rate_full && law->rate >= law->rate_full / 8 * 7) {
		law->rate = xgs_rate_clamp(law->rate_full / 16 * 15);
		xgs_law_proves(law, law->rate);
		xgs_start_turn(law, XGS_CRUISE);
	}
	return XGS_CLEAR;
}

/**
 * xgs_start_round() - a round trip of the start is over
 * @law: the flow's state, in its start
 * @round: what the round showed
 * @params: the operator's
 *
 * Return: what the round told.
 */
enum xgs_cause xgs_start_round(struct xgs_law *law,
			       const struct xgs_round *round,
			       const struct xgs_law_params *params)
{
	bool leapt = law->stuck == XGS_START_LEAPT, overshot;
	struct xgs_curve curve;

	if (xgs_law_looks(law))
		return xgs_look_round(law, round);
	xgs_curve_at(&curve, round->base_us, round->burst_us, params);
	/*
	 * An overshoot loses far more, and of some hundred packets a path that
	 * loses one per cent loses two now and then.
	 */
	overshot = xgs_start_overshot(round, 2 * curve.loss_hard);
	if (xgs_law_leaps(law) && round->base_us < XGS_LEAP_US)
		law->mode = law->mode == XGS_TRY ? XGS_PROVE : XGS_START;
	if (xgs_law_leaps(law))
		law->train = (struct xgs_train) {};
	if (law->mode == XGS_LEAP)
		return xgs_start_leap(law, round, overshot);
	if (law->mode == XGS_TRY)
		return xgs_start_try(law, round, overshot);

	if (leapt)
		law->stuck = 0;
	if (overshot && !leapt) {
		xgs_start_end(law, law->mode == XGS_PROVE ? 0 : round->bw);
		return XGS_LOSS;
	}
	if (round->marked && !leapt &&
	    (++law->stuck >= XGS_START_MARKED ||
	     round->marked >= round->delivered / 2)) {
		xgs_start_end(law, law->mode == XGS_PROVE ? 0 : round->bw);
		law->alpha = xgs_mark_fraction(round->marked, round->delivered);
		return XGS_MARKS;
	}
	if (law->mode == XGS_PROVE)
		return xgs_start_prove_round(law, round);
	return xgs_start_double(law, round);
}

/**
 * xgs_settle_round() - a round trip of letting go is over
 * @law: the flow's state, after its start
 * @round: what the round showed
 * @curve: the law's coefficients
 * @queue_us: queueing delay, microseconds
 *
 * Return: what the round told.
 */
enum xgs_cause xgs_settle_round(struct xgs_law *law,
				const struct xgs_round *round,
				const struct xgs_curve *curve, u32 queue_us)
{
	bool overshot = round->lost >= XGS_TRAIN_PACKETS &&
			xgs_start_overshot(round, curve->loss_hard);

	/*
	 * What the start left queued arrives at the rate of the bottleneck:
	 * the first round shows it whole, even if the start ended early.
	 */
	if (round->bw && !round->rwnd_limited) {
		xgs_law_proves(law, round->bw);
		law->rate = xgs_rate_clamp(xgs_law_bw(law));
		law->rate_full = law->rate;
	}
	/* Losses that are still being found are the start's. */
	if (++law->clean < XGS_SETTLE_ROUNDS &&
	    (overshot || queue_us > curve->lo_us))
		return overshot ? XGS_LOSS : XGS_DELAY;
	law->mode = XGS_CRUISE;
	law->clean = 0;
	return XGS_CLEAR;
}
