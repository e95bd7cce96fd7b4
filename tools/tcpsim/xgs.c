// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tcp_xgs: the law is the module's own source. What joins it to the stack here
 * follows tcp_xgs/main.c and xgs_core/path.c, without warm starts, without an idle
 * application.
 */
#include <linux/kernel.h>
#include <linux/time64.h>

#include "../../include/xgs/distance.h"
#include "../../include/xgs/share.h"
#include "../../tcp_xgs/law.h"
#include "../../tcp_xgs/look.h"
#include "../../tcp_xgs/start.h"
#include "sim.h"

#define RTT_SAMPLES	8
#define RTT_SPAN_US	4096U
#define ROUND_PACKETS	6
#define ROUND_RTTS	8
#define RTT_WINDOW_MS	10000
#define NO_RTT		U32_MAX

struct xgs_flow {
	struct xgs_law law;
	u32 round_delivered;
	u32 round_lost;
	u32 round_marked;
	u32 round_stamp_us;
	u32 round_rtt_us;
	u32 base_us;
	u32 rtt_us;
	u32 rtt_before_us;
	u32 start_limit_us;
	u32 leap_rest;
	u32 rtt_stamp_us;
	u32 claimed;
	u32 rtt_count;
	u32 busy;
	u32 drain_slot;
};

static const struct xgs_law_params params = XGS_LAW_PARAMS_DEFAULT;

static struct xgs_path {
	struct xgs_base_rtt base;
	struct xgs_share share;
} paths[SIM_HOSTS];

static u32 now_us(const struct sim_flow *flow)
{
	return flow->sim->now_ns / NS_PER_US;
}

static u32 now_ms(const struct sim_flow *flow)
{
	return flow->sim->now_ns / NS_PER_MS;
}

static u32 rtt_now(const struct xgs_flow *x)
{
	u32 rtt_us = min(x->rtt_us, x->rtt_before_us);

	return rtt_us == NO_RTT ? x->base_us : rtt_us;
}

static u32 rtt_mean(const struct sim_flow *flow)
{
	return min(flow->srtt_us, 2 * rtt_now(flow->own));
}

static u32 burst_bytes(const struct sim_flow *flow)
{
	const struct xgs_flow *x = flow->own;

	return xgs_burst_bytes(x->law.rate, x->base_us, sim_mss(flow->sim),
			       xgs_burst_is_fine(&x->law, x->busy),
			       &params);
}

static u32 start_window(const struct sim_flow *flow)
{
	const struct xgs_flow *x = flow->own;
	u32 mss = sim_mss(flow->sim);
	u64 bytes = xgs_law_looks(&x->law) ?
		    xgs_look_bytes(&x->law, x->base_us, mss, &params) :
		    xgs_bytes_in(x->law.rate, x->base_us);

	return (bytes + mss / 2) / mss;
}

static void apply(struct sim_flow *flow)
{
	struct xgs_flow *x = flow->own;
	u32 burst = burst_bytes(flow), mss = sim_mss(flow->sim);
	u32 burst_us = xgs_time_of(burst, x->law.rate);
	u32 path_us = x->base_us, seen_us = 0;

	flow->pacing = max(xgs_law_pacing(&x->law),
			   xgs_law_pacing_least(&x->law, mss, rtt_mean(flow)));
	flow->burst = xgs_burst_packets(burst, x->base_us, mss, x->law.marks);
	flow->ahead_ns = NS_PER_S >> xgs_pacing_shift(x->base_us);
	if (xgs_law_leaps(&x->law)) {
		flow->cwnd = start_window(flow);
		x->leap_rest = max(flow->cwnd / XGS_LEAP_REST, 2U);
		if (xgs_law_looks(&x->law)) {
			x->leap_rest = flow->cwnd - x->leap_rest;
			flow->cwnd += sim_in_flight(flow);
			x->law.train = (struct xgs_train) {};
		}
		return;
	}
	if (xgs_law_starts(&x->law)) {
		if (x->round_rtt_us != NO_RTT)
			seen_us = x->round_rtt_us;
		if (x->law.mode == XGS_START && x->law.rate_full)
			seen_us = XGS_RTT_MAX_US;
		x->start_limit_us = xgs_start_limit(x->base_us, seen_us, burst_us,
						    x->law.mode == XGS_PROVE,
						    &params);
		xgs_train_begin(&x->law.train, x->base_us, seen_us,
				x->start_limit_us);
		return;
	}
	if (x->law.mode == XGS_COMPETE)
		path_us = max(path_us, rtt_now(x));
	flow->cwnd = xgs_law_window(&x->law, path_us, burst_us, mss, &params);
}

static void round_begin(struct sim_flow *flow)
{
	struct xgs_flow *x = flow->own;

	x->round_delivered = flow->delivered;
	x->round_lost = flow->lost;
	x->round_marked = flow->marked;
	x->round_stamp_us = now_us(flow);
	x->round_rtt_us = NO_RTT;
}

static u64 sample_bw(const struct sim_flow *flow, const struct sim_ack *ack,
		     u32 interval_us)
{
	const struct xgs_flow *x = flow->own;

	if (!ack->delivered || !interval_us || ack->interval_us < x->base_us ||
	    ack->interval_us > 2 * ROUND_RTTS * max(x->base_us, rtt_now(x)))
		return 0;
	return xgs_rate_of((u64)ack->delivered * sim_mss(flow->sim), interval_us);
}

static bool drain_is_due(const struct sim_flow *flow, struct xgs_flow *x)
{
	u32 slot = now_ms(flow) / params.drain_interval_ms;

	if (slot == x->drain_slot)
		return false;
	x->drain_slot = slot;
	return x->law.mode >= XGS_CRUISE;
}

static u32 leaper(const struct sim_flow *flow)
{
	return flow - flow->sim->flow + 1;
}

static void share_round(struct sim_flow *flow, struct xgs_round *round)
{
	struct xgs_flow *x = flow->own;
	struct xgs_path *path = &paths[flow->host];
	u32 claim = xgs_law_claim(&x->law, x->busy, x->base_us);
	struct xgs_share_view view;

	if (x->round_rtt_us != NO_RTT)
		xgs_base_rtt_update(&path->base, RTT_WINDOW_MS, now_ms(flow),
				    x->round_rtt_us);
	x->base_us = xgs_base_rtt_get(&path->base) ?: x->base_us;
	xgs_share_claim(&path->share, x->claimed, claim, x->base_us,
			now_ms(flow), &view);
	x->claimed = claim;
	round->fair = (u64)view.fair << XGS_RATE_SHIFT;
	round->freed = (u64)view.freed << XGS_RATE_SHIFT;
	round->may_leap = xgs_share_leap(&path->share,
					 xgs_law_leaps(&x->law) ? leaper(flow) : 0,
					 x->base_us, now_ms(flow));
}

static void trace(const struct sim_flow *flow, const struct xgs_round *round,
		  enum xgs_cause cause)
{
	const struct xgs_flow *x = flow->own;

	if (!flow->sim->trace)
		return;
	fprintf(flow->sim->trace,
		"%.6f flow=%d mode=%d cause=%d rate=%.3f full=%.3f bw=%.3f ack_bw=%.3f base=%u rtt=%u alpha=%.4f marked=%u lost=%u delivered=%u clean=%u stuck=%u cwnd=%u fair=%.3f\n",
		flow->sim->now_ns / 1e9, (int)(flow - flow->sim->flow),
		x->law.mode, cause, x->law.rate / 125e3, x->law.rate_full / 125e3,
		round->bw / 125e3, round->ack_bw / 125e3, round->base_us,
		round->rtt_us, x->law.alpha / (double)XGS_FRAC_ONE, round->marked,
		round->lost, round->delivered, x->law.clean, x->law.stuck,
		flow->cwnd, round->fair / 125e3);
}

static u64 train_bw(const struct sim_flow *flow)
{
	const struct xgs_flow *x = flow->own;

	return xgs_train_rate(&x->law.train, flow->delivered, now_us(flow),
			      sim_mss(flow->sim), x->law.mode <= XGS_PROVE);
}

static void round_end(struct sim_flow *flow, const struct sim_ack *ack)
{
	struct xgs_flow *x = flow->own;
	bool leaps = xgs_law_leaps(&x->law);
	u32 before_us = x->base_us;
	struct xgs_round round = {
		.least_us = x->round_rtt_us == NO_RTT ? 0 : x->round_rtt_us,
		.srtt_us = rtt_mean(flow),
		.elapsed_us = now_us(flow) - x->round_stamp_us,
		.mss = sim_mss(flow->sim),
		.delivered = flow->delivered - x->round_delivered,
		.marked = flow->marked - x->round_marked,
		.lost = flow->lost - x->round_lost,
		.bw = xgs_law_looks(&x->law) ? train_bw(flow) :
		      sample_bw(flow, ack, ack->interval_us),
		.ack_bw = sample_bw(flow, ack, ack->ack_interval_us),
		.window = (u64)flow->cwnd * sim_mss(flow->sim),
	};
	enum xgs_cause cause;
	bool uncovers;

	if (round.least_us)
		round.moved_us = max(round.least_us, before_us) -
				 min(round.least_us, before_us);
	x->busy = min(x->busy + 1, 255U);
	round.busy = x->busy;
	share_round(flow, &round);
	round.base_us = x->base_us;
	round.rtt_us = rtt_now(x);
	round.burst_us = xgs_time_of(burst_bytes(flow), x->law.rate);
	round.marks_live = xgs_marks_are_live(&x->law.marked_ms, now_ms(flow),
					      round.marked);
	cause = xgs_law_round(&x->law, &round, &params);
	if (!leaps && xgs_law_leaps(&x->law))
		xgs_share_leap(&paths[flow->host].share, leaper(flow), x->base_us,
			       now_ms(flow));
	if (cause == XGS_RELEARN)
		x->base_us = xgs_base_rtt_reset(&paths[flow->host].base,
						now_ms(flow), round.rtt_us);
	uncovers = xgs_law_uncovers(&x->law, before_us, &round, &params);
	if (drain_is_due(flow, x) || uncovers)
		x->law.draining = 1;
	apply(flow);
	if (x->law.mode == XGS_PROVE ||
	    (leaps && xgs_law_starts(&x->law) && !xgs_law_leaps(&x->law)))
		flow->cwnd = start_window(flow);
	if (leaps) {
		x->rtt_us = NO_RTT;
		x->rtt_count = 0;
	}
	if (uncovers)
		flow->cwnd = max(flow->cwnd / 2, params.min_cwnd);
	trace(flow, &round, cause);
	round_begin(flow);
}

static bool sample_rtt(struct xgs_flow *x, u32 rtt_us, u32 us)
{
	bool start = xgs_law_starts(&x->law);

	x->round_rtt_us = min(x->round_rtt_us, rtt_us);
	if (x->rtt_count >= RTT_SAMPLES &&
	    (start || us - x->rtt_stamp_us >= min(x->base_us / 8, RTT_SPAN_US))) {
		x->rtt_before_us = x->rtt_us;
		x->rtt_us = NO_RTT;
		x->rtt_count = 0;
	}
	if (!x->rtt_count && !start)
		x->rtt_stamp_us = us;
	x->rtt_us = min(x->rtt_us, rtt_us);
	x->rtt_count = min(x->rtt_count + 1, RTT_SAMPLES + 1U);
	return x->rtt_count == RTT_SAMPLES;
}

static void leap_ack(struct sim_flow *flow, const struct sim_ack *ack)
{
	struct xgs_flow *x = flow->own;

	if ((x->law.mode != XGS_LEAP && !xgs_law_looks(&x->law)) || !ack->acked ||
	    (s32)(ack->prior_delivered - x->round_delivered) < 0 ||
	    now_us(flow) - x->round_stamp_us > x->base_us + x->base_us / 2)
		return;
	xgs_train_note(&x->law.train, x->base_us, flow->delivered, now_us(flow));
	if (x->law.mode == XGS_LEAP)
		x->law.rate_full = train_bw(flow) ?: x->law.rate_full;
}

static void start_ack(struct sim_flow *flow, const struct sim_ack *ack, bool group)
{
	struct xgs_flow *x = flow->own;
	bool leaps = xgs_law_leaps(&x->law);
	u32 known = ack->acked + ack->lost;

	if (leaps)
		leap_ack(flow, ack);
	else if (group)
		xgs_train_note(&x->law.train, x->rtt_us, flow->delivered,
			       now_us(flow));
	if (group && !leaps && x->rtt_us >= x->start_limit_us) {
		u64 bw = train_bw(flow);

		if (x->law.mode != XGS_PROVE)
			bw = max(bw, sample_bw(flow, ack, ack->interval_us));
		xgs_start_end(&x->law, bw);
		apply(flow);
		round_begin(flow);
		return;
	}
	if (leaps && !xgs_law_looks(&x->law))
		flow->cwnd = max(flow->cwnd, known + 1) - known;
	else if (!leaps && 2 * (sim_in_flight(flow) + ack->acked) >= flow->cwnd)
		flow->cwnd += ack->acked;
}

static bool round_is_over(const struct sim_flow *flow, const struct sim_ack *ack)
{
	const struct xgs_flow *x = flow->own;
	u32 elapsed_us = now_us(flow) - x->round_stamp_us;

	if (xgs_law_leaps(&x->law) && elapsed_us >= 2 * x->base_us)
		return true;
	if (xgs_law_looks(&x->law))
		return x->law.train.since_us &&
		       flow->delivered - x->law.train.delivered >= x->leap_rest;
	if (xgs_law_leaps(&x->law))
		return flow->cwnd <= x->leap_rest;
	if (!ack->acked || (s32)(ack->prior_delivered - x->round_delivered) < 0 ||
	    elapsed_us < x->base_us / 2)
		return false;
	return flow->delivered - x->round_delivered >= ROUND_PACKETS ||
	       elapsed_us >= ROUND_RTTS * x->base_us;
}

static void xgs_ack(struct sim_flow *flow, const struct sim_ack *ack)
{
	struct xgs_flow *x = flow->own;
	bool group = false;

	if (ack->acked)
		group = sample_rtt(x, ack->rtt_us, now_us(flow));
	if (xgs_law_starts(&x->law))
		start_ack(flow, ack, group);
	if (round_is_over(flow, ack))
		round_end(flow, ack);
}

static void xgs_init(struct sim_flow *flow)
{
	struct xgs_flow *x = flow->own;
	u32 known_us = xgs_base_rtt_get(&paths[flow->host].base);

	*x = (struct xgs_flow) {
		.round_rtt_us = NO_RTT,
		.rtt_us = NO_RTT,
		.rtt_before_us = NO_RTT,
		.base_us = known_us ?: flow->srtt_us,
		.drain_slot = now_ms(flow) / params.drain_interval_ms,
	};
	xgs_start_begin(&x->law, x->base_us,
			xgs_rate_of((u64)flow->cwnd * sim_mss(flow->sim), x->base_us),
			0);
	apply(flow);
	round_begin(flow);
}

static void xgs_leave(struct sim_flow *flow)
{
	struct xgs_flow *x = flow->own;

	xgs_share_leave(&paths[flow->host].share, x->claimed, x->base_us,
			now_ms(flow));
}

const struct sim_control sim_xgs = {
	.name = "xgs",
	.size = sizeof(struct xgs_flow),
	.paced = true,
	.init = xgs_init,
	.ack = xgs_ack,
	.leave = xgs_leave,
};
