// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Models of two rivals, no more of them than a queue that they share sees.
 *
 * CUBIC after RFC 9438, unpaced, with a start that ends at the first loss or when
 * the RTT has grown by an eighth, as HyStart's does. BBR's first version after
 * Cardwell et al., ACM Queue 14(5), 2016.
 */
#include <math.h>

#include "sim.h"

/* -- CUBIC --------------------------------------------------------------- */

struct cubic {
	double window, full, reno;
	uint64_t since_ns;
	uint32_t recover;	/* packets delivered when the loss is repaired */
	uint32_t least_us;
	bool start;
};

static void cubic_init(struct sim_flow *flow)
{
	*(struct cubic *)flow->own = (struct cubic) {
		.window = flow->cwnd,
		.start = true,
		.least_us = UINT32_MAX,
	};
}

static void cubic_lost(struct sim_flow *flow, struct cubic *c)
{
	if ((int32_t)(flow->delivered - c->recover) < 0)
		return;
	c->full = c->window < c->full ? c->window * 0.85 : c->window;
	c->window = fmax(c->window * 0.7, 2);
	c->reno = c->window;
	c->start = false;
	c->since_ns = flow->sim->now_ns;
	c->recover = flow->delivered + sim_in_flight(flow);
}

static void cubic_ack(struct sim_flow *flow, const struct sim_ack *ack)
{
	struct cubic *c = flow->own;
	double t, k, goal;

	if (ack->lost)
		cubic_lost(flow, c);
	if (ack->acked && ack->rtt_us < c->least_us)
		c->least_us = ack->rtt_us;
	if (c->start) {
		c->window += ack->acked;
		if (c->window > 16 && ack->acked &&
		    ack->rtt_us > c->least_us + fmin(fmax(c->least_us / 8, 4000),
						     16000)) {
			c->start = false;
			c->full = c->window;
			c->reno = c->window;
			c->since_ns = flow->sim->now_ns;
		}
	} else if ((int32_t)(flow->delivered - c->recover) >= 0 && ack->acked) {
		t = (flow->sim->now_ns - c->since_ns) / 1e9 + flow->srtt_us / 1e6;
		k = cbrt(fmax(c->full - c->reno, 0) / 0.4);
		goal = 0.4 * pow(t - k, 3) + c->full;
		c->reno += 0.53 * ack->acked / c->window;
		goal = fmax(fmin(goal, 1.5 * c->window), c->reno);
		if (goal > c->window)
			c->window += (goal - c->window) / c->window * ack->acked;
	}
	flow->cwnd = c->window;
}

const struct sim_control sim_cubic = {
	.name = "cubic",
	.size = sizeof(struct cubic),
	.init = cubic_init,
	.ack = cubic_ack,
};

/* -- BBR ----------------------------------------------------------------- */

enum bbr_mode { BBR_START, BBR_DRAIN, BBR_PROBE_BW, BBR_PROBE_RTT };

#define BBR_ROUNDS	10

struct bbr {
	enum bbr_mode mode;
	double bw[BBR_ROUNDS];		/* packets per second */
	double full;
	uint32_t round, round_end;
	uint32_t flat;
	uint32_t least_us;
	uint64_t least_ns, phase_ns, probe_ns;
	int phase;
};

static double bbr_bw(const struct bbr *b)
{
	double most = 0;
	int i;

	for (i = 0; i < BBR_ROUNDS; i++)
		most = fmax(most, b->bw[i]);
	return most;
}

static double bbr_bdp(const struct bbr *b)
{
	return bbr_bw(b) * b->least_us / 1e6;
}

static void bbr_set(struct sim_flow *flow, struct bbr *b)
{
	static const double gains[] = { 1.25, 0.75, 1, 1, 1, 1, 1, 1 };
	double gain = b->mode == BBR_START ? 2.885 :
		      b->mode == BBR_DRAIN ? 0.347 :
		      b->mode == BBR_PROBE_RTT ? 1 : gains[b->phase];

	flow->pacing = fmax(gain * bbr_bw(b) * 0.99, 10) * sim_mss(flow->sim);
	flow->burst = fmin(fmax(gain * bbr_bw(b) / 1000, 1),
			   65536 / flow->sim->mtu);
	if (b->mode == BBR_PROBE_RTT)
		flow->cwnd = 4;
	else if (b->mode <= BBR_DRAIN)
		flow->cwnd = fmax(2.885 * bbr_bdp(b), flow->cwnd);
	else
		flow->cwnd = fmax(2 * bbr_bdp(b) + 3 * flow->burst, 4);
}

static void bbr_init(struct sim_flow *flow)
{
	struct bbr *b = flow->own;

	*b = (struct bbr) {
		.least_us = flow->srtt_us,
		.least_ns = flow->sim->now_ns,
	};
	b->bw[0] = flow->cwnd / (flow->srtt_us / 1e6);
	flow->ahead_ns = NS_PER_MS;
	bbr_set(flow, b);
}

static void bbr_round(struct bbr *b)
{
	b->round++;
	b->bw[b->round % BBR_ROUNDS] = 0;
	if (b->mode != BBR_START)
		return;
	if (bbr_bw(b) >= 1.25 * b->full) {
		b->full = bbr_bw(b);
		b->flat = 0;
	} else if (++b->flat >= 3) {
		b->mode = BBR_DRAIN;
	}
}

static void bbr_ack(struct sim_flow *flow, const struct sim_ack *ack)
{
	uint64_t now = flow->sim->now_ns;
	struct bbr *b = flow->own;

	if (!ack->acked)
		return;
	if ((int32_t)(ack->prior_delivered - b->round_end) >= 0) {
		b->round_end = flow->delivered;
		bbr_round(b);
	}
	if (ack->interval_us >= b->least_us)
		b->bw[b->round % BBR_ROUNDS] =
			fmax(b->bw[b->round % BBR_ROUNDS],
			     ack->delivered / (ack->interval_us / 1e6));
	if (ack->rtt_us <= b->least_us) {
		b->least_us = ack->rtt_us;
		b->least_ns = now;
	}
	if (b->mode == BBR_DRAIN && sim_in_flight(flow) <= bbr_bdp(b)) {
		b->mode = BBR_PROBE_BW;
		b->phase = 2 + 6 * sim_random(flow->sim);
		b->phase_ns = now;
	}
	if (b->mode == BBR_PROBE_BW) {
		bool full = now - b->phase_ns > b->least_us * NS_PER_US;

		if (b->phase == 0)
			full = full && (ack->lost ||
					sim_in_flight(flow) >= 1.25 * bbr_bdp(b));
		if (b->phase == 1)
			full = full || sim_in_flight(flow) <= bbr_bdp(b);
		if (full) {
			b->phase = (b->phase + 1) % 8;
			b->phase_ns = now;
		}
	}
	if (b->mode != BBR_PROBE_RTT && now - b->least_ns > 10 * NS_PER_S) {
		b->mode = BBR_PROBE_RTT;
		b->probe_ns = now;
		b->least_us = ack->rtt_us;
	}
	if (b->mode == BBR_PROBE_RTT &&
	    now - b->probe_ns > 200 * NS_PER_MS + b->least_us * NS_PER_US) {
		b->least_ns = now;
		b->mode = b->flat >= 3 ? BBR_PROBE_BW : BBR_START;
		b->phase_ns = now;
		b->phase = 2;
	}
	bbr_set(flow, b);
}

const struct sim_control sim_bbr = {
	.name = "bbr",
	.size = sizeof(struct bbr),
	.paced = true,
	.init = bbr_init,
	.ack = bbr_ack,
};
