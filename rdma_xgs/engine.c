// SPDX-License-Identifier: GPL-2.0
/*
 * The rate engine of rdma_xgs: the reaction point (RP) of DCQCN, and what it
 * becomes over distance.
 *
 * Near, up to near_us of base RTT and wait (below), and at every distance in the
 * profile dcqcn, it is DCQCN (Zhu et al., "Congestion Control for Large-Scale RDMA
 * Deployments", SIGCOMM 2015). The notification point (NP) answers marked
 * packets with at most one CNP per QP and 50 us. On a CNP
 *
 *	RT = RC;  RC = RC (1 - alpha / 2);  alpha = (1 - g) alpha + g
 *
 * and all counters start again. K without a CNP: alpha = (1 - g) alpha. Every T
 * and every B bytes, with TS and BS such events since the last CNP,
 *
 *	max(TS, BS) < F:  fast recovery
 *	min(TS, BS) > F:  RT = RT + i R_HAI,  i = min(TS, BS) - F
 *	else:             RT = RT + R_AI
 *	always:           RC = (RC + RT) / 2
 *
 * Its clock is 55 us. Where feedback takes 30 ms, hundreds of CNPs arrive
 * before the first one shows an effect: the rate falls to nothing and climbs
 * for seconds.
 *
 * Far, time goes in epochs a little longer than the way that feedback takes,
 * and the RP asks what part of an epoch had CNPs:
 *
 *	E     = 1.25 (R + H) + 50 us
 *	F     = CNPs / min(E / 50 us, packets)		of an epoch
 *	alpha = alpha + (F - alpha) / 16
 *
 *	on a CNP: r = r - r_epoch alpha / (2 slots)	in all r F alpha / 2
 *	loss:	r = r_epoch / 2		where there were CNPs, once per epoch
 *	F > 0:	r = r + a (1 - F)
 *	F = 0:	r = r + a, more where that is safe (below)
 *
 *	a     = min(c sqrt(r), r / 8)			bytes per second
 *	c     = min(250, max(250 L / 10 Gbit/s, sqrt(L) / 512))
 *
 * L is the port's rate. H is how long packets wait in the host for their
 * departure: a new rate is for those behind them, so that its feedback takes
 * longer by as much. rxe has up to 64 waiting, which at 100 Mbit/s is more than
 * most paths take. So it counts as distance, too: DCQCN at 250 Mbit/s would hear
 * of a cut after 8 ms.
 *
 * This is the law of tcp_xgs (see tcp_xgs/law.c) with CNPs for marks. Cut and
 * increase are per epoch and in rate, so that flows are in balance at
 * r F alpha / 2 = a (1 - F), whatever their distance. It also is the balance
 * that DCQCN's near flows have: they see a CNP in 8 % of their slots, and at
 * 50 Gbit/s the law does at alpha = 8 %. On ports below 10 Gbit/s, which only
 * soft-RoCE has, no near flow is DCQCN's, and c follows the port: 250 sqrt(r)
 * is 4.5 % of 250 Mbit/s, and cuts are as deep as steps are coarse.
 *
 * A queue that marks is tiny beside what is in flight: 1 % of 400 Gbit/s for
 * one round trip of 30 ms are 15 MB. So flows come up to the path's rate slowly
 * and know where it is. With r_full the rate before the last congestion,
 *
 *	F = 0, r < r_full:		r = r + 6 a	not beyond r_full
 *	r near r_full:			r = r + a
 *	r > r_full + max(r_full / 256, 2 a):
 *		r = r + 7 (r - r_full), up to max(r / 4, L / 16)
 *
 * Above r_full somebody must have left, and the way up is steep; but no step is
 * large beside the rate, as all who have stayed take it, and when the path is full
 * again it overruns the queue for a round trip. 6 and 7 are for 16 ms and more, and
 * fade to 1 near by; on slow ports 7 is 1 at any distance.
 *
 * That is efficient and slow to become fair. But all flows that share a queue
 * see the same CNPs. From one congestion to the next (a cycle), a flow added A
 * and CNPs took the part c of its rate. Steps go with sqrt(r); a flow at r*
 * would have got back what it lost:
 *
 *	A sqrt(r* / r) = c r*   =>   r* = (A / c)^2 / r
 *
 * A flow below 13/16 of r* goes there by an eighth of the gap per epoch that
 * is not much marked. Flows above yield by their ordinary cuts.
 *
 *	          a CNP                     far flows only:
 *	  START --------> LAW               near ones begin at the line rate
 *	 r = 1.5 r per epoch                and know no start
 *
 * Evaluation is lazy: nothing runs when nothing is sent or heard. A flow
 * catches up with at most 64 periods. What leaves later looks ahead: near it goes
 * at the rates that the timers will have made. An epoch in which it sent less than
 * half of its rate proves nothing and does not raise it; above r*, one of which it
 * left more than a sixteenth unused.
 *
 * Units: rates in bytes per second up to 1.6 Tbit/s (38 bits), base RTTs in
 * microseconds up to 1 s (20 bits), epochs up to 10 s (24 bits), the caller's
 * clock in ns. All products fit 64 bits.
 */
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "engine.h"

/* Of an epoch's CNP fraction, alpha's gain far away. */
#define XGS_RP_ALPHA_SHIFT	4
/* Epochs last at least so many packets, and at most so many times longer. */
#define XGS_RP_EPOCH_PACKETS	64
#define XGS_RP_EPOCH_STRETCH	8
/* Below that line rate a port is slow: 10 Gbit/s. */
#define XGS_RP_SLOW		1250000000U
/*
 * Increase in units of sqrt(bytes/s), as in tcp_xgs: all of it unless the port
 * is slow, and at least 2^-9 of the rate of a flow that has the line alone.
 */
#define XGS_RP_STEP_SQRT	250U
#define XGS_RP_STEP_ALONE	9
/* On a slow port a flow begins with half as much. */
#define XGS_RP_SLOW_START	1
/* Times as much on the way back, from here on, microseconds. */
#define XGS_RP_FAST		6
#define XGS_RP_FAR_US		16384U
/* Between r_full - r_full / 256 and + r_full / 256, no hurry. */
#define XGS_RP_KNEE_SHIFT	8
#define XGS_RP_KNEE_STEPS	2
/*
 * Above it, times the excess, but on a slow port, whose queue takes epochs to mark;
 * no epoch adds more than a quarter of the rate, or of the line rate a sixteenth.
 */
#define XGS_RP_HURRY		7
#define XGS_RP_PROBE_SHIFT	2
#define XGS_RP_PROBE_LEAST	4
/* Cycles are averaged by halves, and end after so many marked epochs. */
#define XGS_RP_CYCLE_SHIFT	1
#define XGS_RP_CYCLE_MARKED	16
/* What an epoch may count for in a cycle: an eighth of the rate. */
#define XGS_RP_TAKEN_MAX	(1U << (XGS_RP_TAKEN_SHIFT - 3))
#define XGS_RP_ADDED_MAX	60000000000ULL
/* 13/16 of the fair rate; an eighth of the way there, or of the rate. */
#define XGS_RP_GOAL		13
#define XGS_RP_GOAL_SHIFT	3
/* Above a quarter marked, nobody hurries anywhere. */
#define XGS_RP_GOAL_MARKED	(XGS_RP_ONE / 4)
/* Of an epoch, what a flow with more than its share may leave unused. */
#define XGS_RP_UNUSED_SHIFT	4
/* alpha after the start. */
#define XGS_RP_ALPHA_START	(XGS_RP_ONE / 8)

static u64 xgs_rp_ns(u32 us)
{
	return (u64)us * NSEC_PER_USEC;
}

static u64 xgs_rp_clamp(const struct xgs_rp_params *params, u64 rate)
{
	return clamp(rate, params->min_rate, params->line_rate);
}

/**
 * xgs_rp_params_init() - the defaults
 * @params: where they go
 * @profile: which law
 * @line_rate: the port's rate, bytes per second; taken as XGS_RP_RATE_MAX
 *	beyond that
 *
 * DCQCN's values are those of the paper: T 55 us, B 10 MB, F 5, g 1/256, R_AI
 * 40 Mbit/s, K 55 us. It does not name R_HAI: 200 Mbit/s is what its authors'
 * simulator has (github.com/bobzhuyb/ns3-rdma, mix/config.txt).
 */
void xgs_rp_params_init(struct xgs_rp_params *params,
			enum xgs_rp_profile profile, u64 line_rate)
{
	*params = (struct xgs_rp_params) {
		.line_rate	= clamp(line_rate, 2 * XGS_RP_RATE_MIN,
					XGS_RP_RATE_MAX),
		.min_rate	= 2 * XGS_RP_RATE_MIN,
		.ai_rate	= 5000000,
		.hai_rate	= 25000000,
		.byte_reset	= 10000000,
		.time_reset_us	= 55,
		.alpha_us	= 55,
		.threshold	= 5,
		.g_shift	= 8,
		.cnp_us		= 50,
		.mtu		= 4096,
		.near_us	= 100,
		.epoch_pct	= 125,
		.start_shift	= 3,
		.start_bytes	= 128000000,
		.profile	= profile,
	};
}

/**
 * xgs_rp_params_valid() - can the engine compute with these?
 * @params: what an operator set
 *
 * Everything else in this file relies on it.
 *
 * Return: true if every value, and the order of those that belong together, is
 * within the engine's range.
 */
bool xgs_rp_params_valid(const struct xgs_rp_params *params)
{
	return params->line_rate <= XGS_RP_RATE_MAX &&
	       params->min_rate >= XGS_RP_RATE_MIN &&
	       params->min_rate <= params->line_rate &&
	       params->ai_rate <= XGS_RP_RATE_MAX &&
	       params->hai_rate <= XGS_RP_RATE_MAX &&
	       params->byte_reset >= 4096 &&
	       params->time_reset_us >= 1 &&
	       params->time_reset_us <= USEC_PER_SEC &&
	       params->alpha_us >= 1 && params->alpha_us <= USEC_PER_SEC &&
	       params->threshold >= 1 && params->threshold <= 31 &&
	       params->g_shift >= 1 && params->g_shift <= 16 &&
	       params->cnp_us >= 1 && params->cnp_us <= 10000 &&
	       params->mtu >= 256 && params->mtu <= 65536 &&
	       params->near_us <= XGS_RP_RTT_MAX_US &&
	       params->epoch_pct >= 50 && params->epoch_pct <= 800 &&
	       params->start_shift <= 16 && params->start_bytes >= 65536 &&
	       params->profile <= XGS_RP_XGS;
}

/* How long a new rate takes to be heard of, but for queues. */
static u32 xgs_rp_feedback_us(const struct xgs_rp *rp)
{
	return min_t(u64, rp->base_us + div_u64(rp->held_ns, NSEC_PER_USEC),
		     XGS_RP_RTT_MAX_US);
}

/* Too long for DCQCN. */
static bool xgs_rp_is_far(const struct xgs_rp *rp,
			  const struct xgs_rp_params *params)
{
	return params->profile == XGS_RP_XGS &&
	       xgs_rp_ns(rp->base_us) + rp->held_ns > xgs_rp_ns(params->near_us);
}

/* -- near: DCQCN ------------------------------------------------------- */

static void xgs_rp_increase(struct xgs_rp *rp,
			    const struct xgs_rp_params *params)
{
	u32 most = max(rp->time_stage, rp->byte_stage);
	u32 least = min(rp->time_stage, rp->byte_stage);

	if (least > params->threshold)
		rp->target += (least - params->threshold) * params->hai_rate;
	else if (most >= params->threshold)
		rp->target += params->ai_rate;
	rp->target = xgs_rp_clamp(params, rp->target);
	rp->rate = xgs_rp_clamp(params, (rp->rate + rp->target) / 2);
}

static void xgs_rp_count(u8 *stage)
{
	if (*stage < U8_MAX)
		++*stage;
}

/* Periods that have ended, of which at most XGS_RP_CATCH_UP count. */
static u32 xgs_rp_due(u64 *at, u64 now, u32 us)
{
	u64 periods;

	if (now < *at)
		return 0;
	periods = div64_u64(now - *at, xgs_rp_ns(us)) + 1;
	if (periods > XGS_RP_CATCH_UP) {
		*at = now + xgs_rp_ns(us);
		return XGS_RP_CATCH_UP;
	}
	*at += periods * xgs_rp_ns(us);
	return periods;
}

/* At the line rate, but for rounding: an increase changes nothing. */
static bool xgs_rp_is_full(const struct xgs_rp *rp,
			   const struct xgs_rp_params *params)
{
	return rp->target == params->line_rate && rp->rate + 1 >= rp->target;
}

static void xgs_rp_near_timer(struct xgs_rp *rp,
			      const struct xgs_rp_params *params, u64 now)
{
	u32 periods = xgs_rp_due(&rp->timer_at, now, params->time_reset_us);

	for (; periods && !xgs_rp_is_full(rp, params); periods--) {
		xgs_rp_count(&rp->time_stage);
		xgs_rp_increase(rp, params);
	}
	rp->time_stage = min(rp->time_stage + periods, (u32)U8_MAX);
}

static void xgs_rp_near_advance(struct xgs_rp *rp,
				const struct xgs_rp_params *params, u64 now)
{
	u32 periods = xgs_rp_due(&rp->alpha_at, now, params->alpha_us);
	u32 alpha = rp->alpha, shift = params->g_shift;

	for (; periods; periods--)
		alpha -= alpha >> shift;
	rp->alpha = alpha;
	xgs_rp_near_timer(rp, params, now);
}

static void xgs_rp_near_reset(struct xgs_rp *rp,
			      const struct xgs_rp_params *params, u64 now)
{
	rp->alpha_at = now + xgs_rp_ns(params->alpha_us);
	rp->timer_at = now + xgs_rp_ns(params->time_reset_us);
	rp->time_stage = 0;
	rp->byte_stage = 0;
	rp->bytes = 0;
}

static void xgs_rp_near_cnp(struct xgs_rp *rp,
			    const struct xgs_rp_params *params, u64 now)
{
	rp->target = rp->rate;
	rp->rate -= rp->rate * rp->alpha >> (XGS_RP_ONE_SHIFT + 1);
	rp->rate = xgs_rp_clamp(params, rp->rate);
	rp->alpha += (XGS_RP_ONE - rp->alpha) >> params->g_shift;
	rp->start = 0;
	xgs_rp_near_reset(rp, params, now);
}

/**
 * xgs_rp_near_sent() - the byte counter's events
 * @rp: the flow's state
 * @params: the operator's, valid
 *
 * For xgs_rp_sent().
 */
void xgs_rp_near_sent(struct xgs_rp *rp, const struct xgs_rp_params *params)
{
	u32 periods;

	for (periods = 0; rp->bytes >= params->byte_reset; periods++) {
		if (periods == XGS_RP_CATCH_UP) {
			rp->bytes = 0;
			break;
		}
		rp->bytes -= params->byte_reset;
		xgs_rp_count(&rp->byte_stage);
		xgs_rp_increase(rp, params);
	}
}

/**
 * xgs_rp_near_gap() - how long a packet takes at rates that rise meanwhile
 * @rp: the flow's state
 * @params: the operator's, valid
 * @from: when it leaves, ns
 * @bytes: how much, at most 65535
 *
 * For xgs_rp_gap(). Hardware's next packet leaves as soon as the rate has risen
 * enough. Ours has its time when it is handed over: at the rate of a moment after
 * some cuts, 64 of them would wait for what is 10,000 periods of recovery.
 *
 * Return: ns.
 */
u64 xgs_rp_near_gap(const struct xgs_rp *rp, const struct xgs_rp_params *params,
		    u64 from, u32 bytes)
{
	u64 cost = (u64)bytes * NSEC_PER_SEC, at = from;
	struct xgs_rp ahead = *rp;
	u32 periods;

	xgs_rp_near_timer(&ahead, params, from);
	for (periods = 0; periods < XGS_RP_CATCH_UP; periods++) {
		u64 left = ahead.timer_at - at;

		if (xgs_rp_is_full(&ahead, params) ||
		    div64_u64(cost, ahead.rate) < left)
			break;
		cost -= left * ahead.rate;
		at = ahead.timer_at;
		xgs_rp_near_timer(&ahead, params, at);
	}
	return at - from + div64_u64(cost, ahead.rate);
}

/* -- far: epochs ------------------------------------------------------- */

/**
 * xgs_rp_epoch_us() - how long an epoch is
 * @params: the operator's
 * @base_us: base RTT, microseconds, up to XGS_RP_RTT_MAX_US
 * @rate: the flow's, bytes per second, not 0
 *
 * What the feedback takes, and a margin: shorter, and one congestion is
 * answered twice. At low rates it takes longer to see enough packets.
 *
 * Return: microseconds, from 1 to less than 2^27; 2^24 at an epoch_pct of 125.
 */
u32 xgs_rp_epoch_us(const struct xgs_rp_params *params, u32 base_us, u64 rate)
{
	u32 us = base_us * (u64)params->epoch_pct / 100 + params->cnp_us;
	u64 packets = (u64)XGS_RP_EPOCH_PACKETS * params->mtu * USEC_PER_SEC;

	packets = div64_u64(packets, rate);
	return clamp_t(u64, packets, us, (u64)us * XGS_RP_EPOCH_STRETCH);
}

/**
 * xgs_rp_step() - the increase of an epoch
 * @rate: bytes per second, up to XGS_RP_RATE_MAX
 * @line_rate: the port's, the same
 *
 * Return: bytes per second.
 */
u64 xgs_rp_step(u64 rate, u64 line_rate)
{
	u64 root = int_sqrt64(rate), step = XGS_RP_STEP_SQRT * root;

	if (line_rate < XGS_RP_SLOW)
		step = max(div_u64(step * line_rate, XGS_RP_SLOW),
			   root * int_sqrt64(line_rate) >> XGS_RP_STEP_ALONE);
	return min(step, rate >> 3);
}

/* Once near by, so many times from 16 ms on. */
static u64 xgs_rp_far_times(u64 step, u32 times, u32 us)
{
	u64 more = step * (times - 1) * min(us, XGS_RP_FAR_US);

	return step + div_u64(more, XGS_RP_FAR_US);
}

/**
 * xgs_rp_fast_step() - the same on the way back to a rate known to fit
 * @step: the ordinary increase, bytes per second
 * @us: how long feedback takes, microseconds
 *
 * A flow at 1 ms meets epochs without a CNP between those with some where one
 * at 30 ms meets none; hurrying in them would give it the larger share.
 *
 * Return: bytes per second: once the step near by, six times it from 16 ms on.
 */
u64 xgs_rp_fast_step(u64 step, u32 us)
{
	return xgs_rp_far_times(step, XGS_RP_FAST, us);
}

/**
 * xgs_rp_fair_rate() - the rate in balance with what a cycle added and took
 * @added: what increases added, bytes per second
 * @taken: the part of the rate that cuts took, 2^-24
 * @ref: the flow's rate, bytes per second
 * @line_rate: the port's, bytes per second
 *
 * Increases go with sqrt(r): a flow at @ref that gains @added would at r* gain
 * @added * sqrt(r* / @ref), which is to be @taken * r*.
 *
 * Return: bytes per second, at most @line_rate; 0 when nothing was taken.
 */
u64 xgs_rp_fair_rate(u64 added, u32 taken, u64 ref, u64 line_rate)
{
	u64 balance, ratio;

	if (!taken || !ref)
		return 0;
	balance = div_u64(min(added, XGS_RP_ADDED_MAX) << XGS_RP_TAKEN_SHIFT,
			  taken);
	balance = min(balance, line_rate);
	/* Of 2^-12; above 1024 the line rate is what limits. */
	ratio = min_t(u64, div64_u64(balance << 12, ref), 1 << 22);
	return min(balance * ratio >> 12, line_rate);
}

static void xgs_rp_begin_epoch(struct xgs_rp *rp,
			       const struct xgs_rp_params *params)
{
	u64 packets;

	rp->epoch_us = xgs_rp_epoch_us(params, xgs_rp_feedback_us(rp),
				       rp->rate);
	rp->held_ns /= 2;
	rp->unused_ns = 0;
	packets = div64_u64(rp->rate * rp->epoch_us,
			    (u64)params->mtu * USEC_PER_SEC);
	rp->slots = clamp_t(u64, packets, 1,
			    max(rp->epoch_us / params->cnp_us, 1U));
	rp->ref = rp->rate;
	rp->cnps = 0;
	rp->bytes = 0;
	rp->lost = 0;
}

/* The cycle is over: what does it say about the flow's share? */
static void xgs_rp_end_cycle(struct xgs_rp *rp,
			     const struct xgs_rp_params *params)
{
	rp->marked = 0;
	if (!rp->taken)
		return;
	if (!rp->skip && rp->taken_avg) {
		rp->added_avg += ((s64)rp->added - (s64)rp->added_avg) >>
				 XGS_RP_CYCLE_SHIFT;
		rp->taken_avg += ((s32)rp->taken - (s32)rp->taken_avg) >>
				 XGS_RP_CYCLE_SHIFT;
	} else if (!rp->skip) {
		rp->added_avg = rp->added;
		rp->taken_avg = rp->taken;
	}
	rp->skip = 0;
	rp->added = 0;
	rp->taken = 0;
	rp->goal = xgs_rp_fair_rate(rp->added_avg, rp->taken_avg, rp->ref,
				    params->line_rate) / 16 * XGS_RP_GOAL;
}

/* What an epoch without a CNP adds. */
static u64 xgs_rp_clean_step(const struct xgs_rp *rp,
			     const struct xgs_rp_params *params, u64 step)
{
	u64 margin = rp->target >> XGS_RP_KNEE_SHIFT;
	u32 us = xgs_rp_feedback_us(rp);
	u64 over, most;

	if (rp->rate < rp->target - margin)
		return max(step, min(rp->target - margin - rp->rate,
				     xgs_rp_fast_step(step, us)));
	margin = max(margin, XGS_RP_KNEE_STEPS * step);
	if (rp->rate <= rp->target + margin)
		return step;
	over = rp->rate - rp->target;
	if (params->line_rate >= XGS_RP_SLOW)
		over = xgs_rp_far_times(over, XGS_RP_HURRY, us);
	most = max(rp->rate >> XGS_RP_PROBE_SHIFT,
		   params->line_rate >> XGS_RP_PROBE_LEAST);
	return max(step, min(over, most));
}

static void xgs_rp_law(struct xgs_rp *rp, const struct xgs_rp_params *params,
		       u32 fraction, bool idle)
{
	u64 step = xgs_rp_step(rp->ref, params->line_rate);
	u64 taken = rp->ref - min(rp->rate, rp->ref);

	rp->alpha += ((s32)fraction - (s32)rp->alpha) >> XGS_RP_ALPHA_SHIFT;
	if (fraction) {
		if (rp->clean)
			rp->target = rp->ref;
		rp->clean = 0;
		rp->marked++;
		if (fraction > XGS_RP_GOAL_MARKED)
			rp->goal = 0;
		step = step * (XGS_RP_ONE - fraction) >> XGS_RP_ONE_SHIFT;
	} else {
		rp->clean = 1;
		step = xgs_rp_clean_step(rp, params, step);
	}
	if (idle)
		step = 0;
	taken = div64_u64(taken << XGS_RP_TAKEN_SHIFT, rp->ref);
	rp->taken += min_t(u64, taken, XGS_RP_TAKEN_MAX);
	rp->added = min(rp->added + step, XGS_RP_ADDED_MAX);

	if (rp->goal > rp->rate && !idle) {
		u64 gap = min(rp->goal - rp->rate, rp->rate) >>
			  XGS_RP_GOAL_SHIFT;

		/* The share moves, the path's rate does not. */
		rp->target = min(rp->target + gap, params->line_rate);
		step += gap;
	}
	rp->rate = xgs_rp_clamp(params, rp->rate + step);
	if (rp->marked && (!fraction || rp->marked > XGS_RP_CYCLE_MARKED))
		xgs_rp_end_cycle(rp, params);
}

/*
 * A flow that sends less than half of its rate proves nothing. Nor does one that
 * has more than its share and does not use it: its cuts would be of what it does
 * not send.
 */
static bool xgs_rp_is_idle(const struct xgs_rp *rp)
{
	u64 whole = div_u64(rp->ref * rp->epoch_us, USEC_PER_SEC);

	if (rp->bytes < whole / 2)
		return true;
	return !rp->start && rp->rate > rp->goal &&
	       rp->unused_ns > xgs_rp_ns(rp->epoch_us) >> XGS_RP_UNUSED_SHIFT;
}

static void xgs_rp_end_epoch(struct xgs_rp *rp,
			     const struct xgs_rp_params *params)
{
	u32 fraction = div_u64((u64)rp->cnps << XGS_RP_ONE_SHIFT, rp->slots);
	bool idle = xgs_rp_is_idle(rp);

	if (!rp->start) {
		xgs_rp_law(rp, params, fraction, idle);
	} else if (!idle) {
		rp->rate = xgs_rp_clamp(params, rp->rate + rp->rate / 2);
		rp->grown = 1;
	}
}

static void xgs_rp_begin_near(struct xgs_rp *rp,
			      const struct xgs_rp_params *params, u64 now)
{
	rp->epoch_us = 0;
	rp->start = 0;
	rp->target = rp->rate;
	xgs_rp_near_reset(rp, params, now);
}

static void xgs_rp_far_advance(struct xgs_rp *rp,
			       const struct xgs_rp_params *params, u64 now)
{
	u32 periods;

	for (periods = 0; now >= rp->timer_at; periods++) {
		if (periods == XGS_RP_CATCH_UP) {
			rp->timer_at = now + xgs_rp_ns(rp->epoch_us);
			break;
		}
		xgs_rp_end_epoch(rp, params);
		/* Its packets no longer wait. */
		if (!xgs_rp_is_far(rp, params)) {
			xgs_rp_begin_near(rp, params, now);
			break;
		}
		xgs_rp_begin_epoch(rp, params);
		rp->timer_at += xgs_rp_ns(rp->epoch_us);
	}
}

/* The path is full: go back to where it was not yet. */
static void xgs_rp_end_start(struct xgs_rp *rp,
			     const struct xgs_rp_params *params)
{
	if (rp->grown)
		rp->rate = xgs_rp_clamp(params, rp->rate - rp->rate / 3);
	rp->alpha = XGS_RP_ALPHA_START;
	rp->ref = rp->rate;
	rp->target = rp->rate;
	rp->start = 0;
	rp->skip = 1;
}

static void xgs_rp_far_cnp(struct xgs_rp *rp,
			   const struct xgs_rp_params *params)
{
	u64 cut;

	if (rp->start)
		xgs_rp_end_start(rp, params);
	/* Forged or repeated CNPs do no more than a marked epoch does. */
	if (rp->cnps >= rp->slots)
		return;
	rp->cnps++;
	/* No epoch takes more than half. */
	if (rp->lost)
		return;
	cut = div_u64(rp->ref * rp->alpha >> (XGS_RP_ONE_SHIFT + 1), rp->slots);
	rp->rate = xgs_rp_clamp(params, rp->rate - min(rp->rate, cut));
}

static void xgs_rp_far_lost(struct xgs_rp *rp,
			    const struct xgs_rp_params *params)
{
	if (rp->lost || rp->start || (rp->clean && !rp->cnps))
		return;
	rp->lost = 1;
	rp->rate = xgs_rp_clamp(params, min(rp->rate, rp->ref / 2));
}

/* -- what the caller sees ---------------------------------------------- */

/*
 * Who has heard no CNP yet may be much too fast; on a slow port, for 64 packets
 * that rxe has handed over by then.
 */
static u64 xgs_rp_start_rate(const struct xgs_rp *rp,
			     const struct xgs_rp_params *params)
{
	u32 shift = params->start_shift;
	u64 rate = div_u64((u64)params->start_bytes * USEC_PER_SEC,
			   max(xgs_rp_feedback_us(rp), 1U));

	if (params->line_rate < XGS_RP_SLOW)
		shift += XGS_RP_SLOW_START;
	rate = min(rate, params->line_rate >> shift);
	return min(rate, rp->rate);
}

static void xgs_rp_begin_far(struct xgs_rp *rp,
			     const struct xgs_rp_params *params, u64 now)
{
	if (rp->start)
		rp->rate = xgs_rp_clamp(params, xgs_rp_start_rate(rp, params));
	rp->target = rp->rate;
	xgs_rp_begin_epoch(rp, params);
	rp->timer_at = now + xgs_rp_ns(rp->epoch_us);
}

/**
 * xgs_rp_init() - a flow begins
 * @rp: its state
 * @params: the operator's, valid
 * @base_us: base RTT, microseconds; taken as XGS_RP_RTT_MAX_US beyond that
 * @now: the caller's clock, ns
 *
 * DCQCN begins at the line rate. A far flow would fill a buffer with that long
 * before it hears of it: it begins with no more than start_bytes in flight.
 */
void xgs_rp_init(struct xgs_rp *rp, const struct xgs_rp_params *params,
		 u32 base_us, u64 now)
{
	*rp = (struct xgs_rp) {
		.rate = params->line_rate,
		.target = params->line_rate,
		.alpha = XGS_RP_ONE,
		.base_us = min(base_us, XGS_RP_RTT_MAX_US),
		.start = 1,
	};
	xgs_rp_near_reset(rp, params, now);
	if (xgs_rp_is_far(rp, params))
		xgs_rp_begin_far(rp, params, now);
}

/**
 * xgs_rp_set_base() - the path's base RTT is another, or the parameters are
 * @rp: the flow's state
 * @params: the operator's, valid
 * @base_us: base RTT, microseconds; taken as XGS_RP_RTT_MAX_US beyond that
 * @now: the caller's clock, ns
 *
 * The rate stays, within the limits, unless the flow becomes far before it has
 * heard a CNP: then it begins as far flows do. From near to far and back it
 * changes its law at once, a far flow's epoch takes its new length when the next
 * one begins.
 */
void xgs_rp_set_base(struct xgs_rp *rp, const struct xgs_rp_params *params,
		     u32 base_us, u64 now)
{
	bool far;

	xgs_rp_advance(rp, params, now);
	rp->base_us = min(base_us, XGS_RP_RTT_MAX_US);
	rp->rate = xgs_rp_clamp(params, rp->rate);
	rp->target = xgs_rp_clamp(params, rp->target);
	far = xgs_rp_is_far(rp, params);
	if (far && !rp->epoch_us)
		xgs_rp_begin_far(rp, params, now);
	else if (!far && rp->epoch_us)
		xgs_rp_begin_near(rp, params, now);
}

/**
 * xgs_rp_advance() - time has passed
 * @rp: the flow's state
 * @params: the operator's, valid
 * @now: the caller's clock, ns; never goes back
 *
 * To be called before rp->rate is used.
 */
void xgs_rp_advance(struct xgs_rp *rp, const struct xgs_rp_params *params,
		    u64 now)
{
	if (rp->epoch_us)
		xgs_rp_far_advance(rp, params, now);
	else
		xgs_rp_near_advance(rp, params, now);
}

/**
 * xgs_rp_unused() - the flow had nothing to send for a while
 * @rp: the flow's state
 * @params: the operator's, valid
 * @since: since when the rate would have let another packet go, ns
 * @now: the caller's clock, ns; not before @since
 *
 * Its program has no more, or its window of unacknowledged packets is full. To be
 * called before xgs_rp_sent().
 */
void xgs_rp_unused(struct xgs_rp *rp, const struct xgs_rp_params *params,
		   u64 since, u64 now)
{
	u64 begin;

	if (rp->epoch_us && now >= rp->timer_at) {
		begin = rp->timer_at - xgs_rp_ns(rp->epoch_us);
		if (since < rp->timer_at)
			rp->unused_ns += rp->timer_at - max(since, begin);
		xgs_rp_advance(rp, params, now);
	}
	if (!rp->epoch_us)
		return;
	begin = rp->timer_at - xgs_rp_ns(rp->epoch_us);
	if (now > begin)
		rp->unused_ns += now - max(since, begin);
}

/**
 * xgs_rp_held() - a packet waits before it leaves
 * @rp: the flow's state
 * @params: the operator's, valid
 * @ns: for how long, ns
 * @now: the caller's clock, ns
 *
 * The longest such time of late counts as distance.
 */
void xgs_rp_held(struct xgs_rp *rp, const struct xgs_rp_params *params, u64 ns,
		 u64 now)
{
	rp->held_ns = max(rp->held_ns, min(ns, xgs_rp_ns(XGS_RP_RTT_MAX_US)));
	if (!rp->epoch_us && xgs_rp_is_far(rp, params))
		xgs_rp_begin_far(rp, params, now);
}

/**
 * xgs_rp_capped() - a packet leaves sooner than the rate would let it
 * @rp: the flow's state
 * @params: the operator's, valid
 * @early: by how much, ns
 * @lead: how long packets may wait, ns
 *
 * That rate is not what the flow sends at. A law that goes on from it sees its
 * cuts change nothing and cuts again, and its epochs become as long as if it were
 * that slow. So a far flow's rate is raised to what makes the packet wait for
 * @lead. At the start that is growth as any: the first CNP takes a third back.
 */
void xgs_rp_capped(struct xgs_rp *rp, const struct xgs_rp_params *params,
		   u64 early, u64 lead)
{
	u64 lead_us = clamp_t(u64, div_u64(lead, NSEC_PER_USEC), 1,
			      XGS_RP_RTT_MAX_US);
	u64 early_us = min(div_u64(early, NSEC_PER_USEC), lead_us);

	if (!rp->epoch_us)
		return;
	rp->rate = xgs_rp_clamp(params, rp->rate + div64_u64(rp->rate * early_us,
							     lead_us));
	rp->grown = 1;
}

/**
 * xgs_rp_cnp() - a CNP has arrived
 * @rp: the flow's state
 * @params: the operator's, valid
 * @now: the caller's clock, ns
 */
void xgs_rp_cnp(struct xgs_rp *rp, const struct xgs_rp_params *params,
		u64 now)
{
	xgs_rp_advance(rp, params, now);
	if (rp->epoch_us)
		xgs_rp_far_cnp(rp, params);
	else
		xgs_rp_near_cnp(rp, params, now);
}

/**
 * xgs_rp_lost() - packets have to be sent again
 * @rp: the flow's state
 * @params: the operator's, valid
 * @now: the caller's clock, ns
 *
 * A far flow has overrun the queue if that has been marking, too: then it goes
 * down to half, or all that share the queue would do the same again after their
 * timeouts. Without a CNP it is the path's fault. DCQCN expects no loss.
 */
void xgs_rp_lost(struct xgs_rp *rp, const struct xgs_rp_params *params,
		 u64 now)
{
	xgs_rp_advance(rp, params, now);
	if (rp->epoch_us)
		xgs_rp_far_lost(rp, params);
}
