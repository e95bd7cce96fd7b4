// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A simulator of the control loop: reaction points that run the very engine of
 * rdma_xgs, or what is known of mlx5's, one bottleneck, notification points.
 *
 * Time goes in steps much shorter than any base RTT and than the CNP interval.
 * In a step each flow that is due sends whole packets, paced at its engine's
 * rate. They join one FIFO queue. RED marks by the queue's length at that
 * moment (Kmin, Kmax, Pmax; everything above Kmax); what does not fit the
 * buffer is lost and never sent again. The notification point answers marks
 * with a CNP, at most one per interval and QP. Feedback arrives a base RTT and
 * the packet's time in the queue after it was sent: where on the way the
 * bottleneck is shifts signals in time and does not change the loop.
 *
 * What is left out: PFC, retransmission, several hops, jitter of the path.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "sim.h"

#define NS	1e9
/* Windows that the measures after an event are taken over, seconds. */
#define FAIR_WINDOW	0.1
#define FAIR_JAIN	0.95
#define FAIR_FOR	0.5
#define FULL_WINDOW	0.05
#define FULL		0.95

/* A ring of times, the earliest first. */
struct times {
	u64 *at;
	u32 head, tail, size;
};

struct flow {
	struct xgs_rp rp;
	struct firmware_rp firmware;
	u64 rtt, start, stop;
	u64 last_cnp;
	double credit;
	/* Departures of packets handed over, and then the way of their ACKs. */
	struct times waiting, unacked;
	double last, next;
	bool full;
	/* CNPs on their way, by time of arrival. */
	struct times cnps;
	double bytes, warm_bytes, window_bytes;
	bool begun;
};

struct sim {
	const struct sim_config *config;
	struct xgs_rp_params params;
	struct firmware_params port;
	struct flow flow[SIM_MAX_FLOWS];
	uint64_t random;
	u64 now, step;
	double queue;
	double sent, lost, delivered;
	/* What is measured, from the warm-up and from the event on. */
	double warm_delivered, queue_sum;
	u64 steps;
	bool warmed;
	double full_bytes, fair_since;
	u64 full_end, fair_end;
};

/* splitmix64 (Steele, Lea, Flood: Fast splittable PRNGs, OOPSLA 2014) */
static uint64_t random_bits(struct sim *sim)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static double random_unit(struct sim *sim)
{
	return (random_bits(sim) >> 11) / 9007199254740992.;
}

/* -- the reaction point ------------------------------------------------- */

static bool is_firmware(const struct sim *sim)
{
	return sim->config->profile >= SIM_MLX5;
}

static void rp_init(struct sim *sim, struct flow *flow)
{
	if (is_firmware(sim))
		firmware_init(&flow->firmware, &sim->port);
	else
		xgs_rp_init(&flow->rp, &sim->params,
			    flow->rtt * sim->config->rtt_scale / 1000,
			    sim->now);
}

static void rp_advance(struct sim *sim, struct flow *flow)
{
	if (is_firmware(sim))
		firmware_advance(&flow->firmware, &sim->port, sim->now);
	else
		xgs_rp_advance(&flow->rp, &sim->params, sim->now);
}

static void rp_sent(struct sim *sim, struct flow *flow, double bytes)
{
	if (is_firmware(sim))
		firmware_sent(&flow->firmware, &sim->port, bytes, sim->now);
	else
		xgs_rp_sent(&flow->rp, &sim->params, bytes, sim->now);
}

static void rp_cnp(struct sim *sim, struct flow *flow, u64 when)
{
	if (is_firmware(sim))
		firmware_cnp(&flow->firmware, &sim->port, when);
	else
		xgs_rp_cnp(&flow->rp, &sim->params, when);
}

static void rp_held(struct sim *sim, struct flow *flow, double ns)
{
	if (!is_firmware(sim))
		xgs_rp_held(&flow->rp, &sim->params, ns, sim->now);
}

static void rp_unused(struct sim *sim, struct flow *flow, double since)
{
	if (!is_firmware(sim))
		xgs_rp_unused(&flow->rp, &sim->params, since, sim->now);
}

static double rp_rate(const struct sim *sim, const struct flow *flow)
{
	return is_firmware(sim) ? flow->firmware.rate : flow->rp.rate;
}

/* How long a packet takes that leaves later. */
static double rp_gap(const struct sim *sim, const struct flow *flow,
		     double from)
{
	if (is_firmware(sim))
		return sim->config->mtu / rp_rate(sim, flow) * NS;
	return xgs_rp_gap(&flow->rp, &sim->params, from, sim->config->mtu);
}

static double rp_alpha(const struct sim *sim, const struct flow *flow)
{
	return is_firmware(sim) ? flow->firmware.alpha :
	       flow->rp.alpha / (double)XGS_RP_ONE;
}

/* -- packets and CNPs --------------------------------------------------- */

static void times_add(struct times *times, u64 when)
{
	if (times->head - times->tail == times->size) {
		u32 size = times->size ? 2 * times->size : 128;
		u64 *at = calloc(size, sizeof(*at));
		u32 i;

		if (!at)
			err(EXIT_FAILURE, "packets in flight");
		for (i = times->tail; i != times->head; i++)
			at[i % size] = times->at[i % times->size];
		free(times->at);
		times->at = at;
		times->size = size;
	}
	times->at[times->head++ % times->size] = when;
}

static u32 times_count(const struct times *times)
{
	return times->head - times->tail;
}

/* Is the first one due? Then it is taken out. */
static bool times_take(struct times *times, u64 now, u64 *when)
{
	if (!times_count(times) || times->at[times->tail % times->size] > now)
		return false;
	*when = times->at[times->tail++ % times->size];
	return true;
}

static void cnp_hear(struct sim *sim, struct flow *flow)
{
	u64 when;

	while (times_take(&flow->cnps, sim->now, &when))
		rp_cnp(sim, flow, when);
}

static double mark_probability(const struct sim_config *config, double queue)
{
	if (queue <= config->kmin)
		return 0;
	if (queue >= config->kmax)
		return 1;
	return config->pmax * (queue - config->kmin) /
	       (config->kmax - config->kmin);
}

/* A flow's packets of this step join the queue. */
static void send_packets(struct sim *sim, struct flow *flow, u32 packets)
{
	const struct sim_config *config = sim->config;
	double bytes = packets * config->mtu, fits;
	double p, delay;
	u32 i, all = packets;
	u64 there;

	sim->sent += bytes;
	fits = config->mtu *
	       floor((config->buffer - sim->queue) / config->mtu);
	fits = fmax(fmin(bytes, fits), 0);
	sim->lost += bytes - fits;
	for (i = 0; config->window && i < all; i++)
		times_add(&flow->unacked, sim->now + flow->rtt +
			  (sim->queue + fits) / config->rate * NS);
	if (fits == 0)
		return;
	packets = fits / config->mtu;
	p = mark_probability(config, sim->queue + fits / 2);
	sim->queue += fits;
	delay = sim->queue / config->rate;
	flow->bytes += fits;
	there = sim->now + delay * NS;
	if (p > 0 && there >= flow->last_cnp + config->cnp_interval * NS &&
	    (p >= 1 || random_unit(sim) < -expm1(packets * log1p(-p)))) {
		flow->last_cnp = there;
		times_add(&flow->cnps, there + flow->rtt);
	}
}

/* As rxe does: some dozens of packets, and then none until most have left. */
static void hand_over(struct sim *sim, struct flow *flow)
{
	const struct sim_config *config = sim->config;
	u64 when;

	while (times_take(&flow->unacked, sim->now, &when))
		;
	if (times_count(&flow->waiting) >= config->ahead)
		flow->full = true;
	if (times_count(&flow->waiting) < (config->ahead + 3) / 4)
		flow->full = false;
	while (!flow->full && times_count(&flow->waiting) < config->ahead &&
	       (!config->window || times_count(&flow->waiting) +
		times_count(&flow->unacked) < config->window)) {
		if (sim->now > flow->next && flow->next > 0)
			rp_unused(sim, flow, flow->next);
		rp_sent(sim, flow, config->mtu);
		flow->last = fmax(flow->next, sim->now);
		flow->next = flow->last + rp_gap(sim, flow, flow->last);
		if (flow->last > sim->now)
			rp_held(sim, flow, flow->last - sim->now);
		times_add(&flow->waiting, flow->last);
	}
}

static u32 departures(struct sim *sim, struct flow *flow)
{
	u32 packets = 0;
	u64 when;

	hand_over(sim, flow);
	while (times_take(&flow->waiting, sim->now, &when))
		packets++;
	return packets;
}

static void step_flow(struct sim *sim, struct flow *flow)
{
	const struct sim_config *config = sim->config;
	u32 packets;

	if (sim->now < flow->start || sim->now >= flow->stop)
		return;
	if (!flow->begun) {
		flow->begun = true;
		rp_init(sim, flow);
	}
	cnp_hear(sim, flow);
	rp_advance(sim, flow);
	if (config->ahead) {
		packets = departures(sim, flow);
		if (packets)
			send_packets(sim, flow, packets);
		return;
	}
	flow->credit += rp_rate(sim, flow) * (sim->step / NS);
	if (flow->credit < config->mtu)
		return;
	packets = flow->credit / config->mtu;
	flow->credit -= packets * config->mtu;
	rp_sent(sim, flow, packets * config->mtu);
	send_packets(sim, flow, packets);
}

static double jain_of(const double *rates, int count)
{
	double sum = 0, squares = 0;
	int i;

	for (i = 0; i < count; i++) {
		sum += rates[i];
		squares += rates[i] * rates[i];
	}
	return squares > 0 ? sum * sum / (count * squares) : 1;
}

static void print_csv_head(const struct sim_config *config)
{
	int i;

	fputs("seconds,queue_bytes,delivered_gbps", config->csv);
	for (i = 0; i < config->flows; i++)
		fprintf(config->csv, ",rate%d_gbps,alpha%d", i, i);
	fputc('\n', config->csv);
}

static void print_csv(struct sim *sim, double delivered, double seconds)
{
	const struct sim_config *config = sim->config;
	int i;

	fprintf(config->csv, "%.6f,%.0f,%.3f", sim->now / NS, sim->queue,
		delivered / seconds / 125e6);
	for (i = 0; i < config->flows; i++) {
		const struct flow *flow = &sim->flow[i];
		bool on = flow->begun && sim->now < flow->stop;

		fprintf(config->csv, ",%.3f,%.4f",
			on ? rp_rate(sim, flow) / 125e6 : 0.,
			on ? rp_alpha(sim, flow) : 0.);
	}
	fputc('\n', config->csv);
}

/* Jain's index of what the flows that are on got since the last window. */
static double window_jain(struct sim *sim)
{
	double got[SIM_MAX_FLOWS];
	int i, count = 0;

	for (i = 0; i < sim->config->flows; i++) {
		struct flow *flow = &sim->flow[i];

		if (flow->begun && sim->now < flow->stop)
			got[count++] = flow->bytes - flow->window_bytes;
		flow->window_bytes = flow->bytes;
	}
	return jain_of(got, count);
}

static u64 step_for(const struct sim_config *config)
{
	double shortest = 1;
	int i;

	for (i = 0; i < config->flows; i++)
		shortest = fmin(shortest, config->flow[i].rtt);
	return fmin(fmax(shortest * NS / 25, 500), 5000);
}

/**
 * sim_defaults() - the link of the tables in Documentation/rdma.rst
 * @config: where they go
 */
void sim_defaults(struct sim_config *config)
{
	*config = (struct sim_config) {
		.rate = 50e9,
		.kmin = 1e6,
		.kmax = 4e6,
		.pmax = 0.2,
		.buffer = 256e6,
		.mtu = 4096,
		.cnp_interval = 0.00005,
		.duration = 10,
		.warm = 2.5,
		.event = SIM_NEVER,
		.rtt_scale = 1,
		.profile = SIM_XGS,
		.seed = 1,
		.csv_step = 0.001,
	};
}

static void sim_begin(struct sim *sim, const struct sim_config *config)
{
	double line, longest = 0;
	int i;

	sim->config = config;
	sim->random = config->seed;
	sim->step = step_for(config);
	line = config->line ? config->line : config->rate;
	xgs_rp_params_init(&sim->params, config->profile == SIM_DCQCN ?
			   XGS_RP_DCQCN : XGS_RP_XGS, line);
	firmware_params_init(&sim->port, line);
	for (i = 0; i < config->flows; i++)
		longest = fmax(longest, config->flow[i].rtt);
	if (config->profile == SIM_GOVERNED)
		firmware_params_govern(&sim->port,
				       longest * config->rtt_scale);
	sim->params.mtu = config->mtu;
	for (i = 0; i < config->flows; i++) {
		const struct sim_flow *from = &config->flow[i];
		struct flow *flow = &sim->flow[i];

		flow->rtt = from->rtt * NS;
		flow->start = from->start * NS;
		flow->stop = from->stop * NS;
		/* Flows that begin together are not in phase. */
		flow->credit = random_unit(sim) * config->mtu;
	}
}

/* One step of time. */
static void step_all(struct sim *sim)
{
	const struct sim_config *config = sim->config;
	/* Nobody's packets are always the first of a step. */
	int first = random_bits(sim) % config->flows;
	double out;
	int i;

	for (i = first; i < config->flows; i++)
		step_flow(sim, &sim->flow[i]);
	for (i = 0; i < first; i++)
		step_flow(sim, &sim->flow[i]);
	out = fmin(sim->queue, config->rate * sim->step / NS);
	sim->queue -= out;
	sim->delivered += out;
}

static void measure_warm(struct sim *sim)
{
	int i;

	sim->warmed = true;
	sim->warm_delivered = sim->delivered;
	for (i = 0; i < sim->config->flows; i++)
		sim->flow[i].warm_bytes = sim->flow[i].bytes;
}

static void measure_step(struct sim *sim, struct sim_result *result)
{
	sim->queue_sum += sim->queue;
	sim->steps++;
	result->queue_max = fmax(result->queue_max, sim->queue);
}

static void measure_fair(struct sim *sim, struct sim_result *result,
			 double since)
{
	bool fair = window_jain(sim) >= FAIR_JAIN;

	if (!fair)
		sim->fair_since = SIM_NEVER;
	else if (sim->fair_since >= SIM_NEVER)
		sim->fair_since = since;
	if (fair && result->fair_after >= SIM_NEVER &&
	    since >= sim->fair_since + FAIR_FOR)
		result->fair_after = sim->fair_since;
	sim->fair_end += FAIR_WINDOW * NS;
}

static void measure_full(struct sim *sim, struct sim_result *result,
			 double since)
{
	double bytes = sim->delivered - sim->full_bytes;

	if (bytes >= FULL * FULL_WINDOW * sim->config->rate &&
	    result->full_after >= SIM_NEVER)
		result->full_after = since;
	sim->full_bytes = sim->delivered;
	sim->full_end += FULL_WINDOW * NS;
}

static void measure_event(struct sim *sim, struct sim_result *result)
{
	u64 event = sim->config->event * NS;
	double since = (sim->now - event) / NS;

	if (!sim->full_end) {
		window_jain(sim);
		sim->fair_since = SIM_NEVER;
		sim->fair_end = event + FAIR_WINDOW * NS;
		sim->full_end = event + FULL_WINDOW * NS;
		sim->full_bytes = sim->delivered;
	}
	if (sim->now >= sim->fair_end)
		measure_fair(sim, result, since);
	if (sim->now >= sim->full_end)
		measure_full(sim, result, since);
}

static void measure_end(struct sim *sim, struct sim_result *result)
{
	const struct sim_config *config = sim->config;
	double seconds = config->duration - config->warm;
	int i;

	for (i = 0; i < config->flows; i++)
		result->goodput[i] = (sim->flow[i].bytes -
				      sim->flow[i].warm_bytes) / seconds;
	result->utilisation = (sim->delivered - sim->warm_delivered) /
			      (seconds * config->rate);
	result->queue_mean = sim->steps ? sim->queue_sum / sim->steps : 0;
	result->loss = sim->sent > 0 ? sim->lost / sim->sent : 0;
	result->jain = jain_of(result->goodput, config->flows);
}

static void free_flow(struct flow *flow)
{
	free(flow->cnps.at);
	free(flow->waiting.at);
	free(flow->unacked.at);
}

/**
 * sim_run() - simulate
 * @config: what
 * @result: what came of it
 */
void sim_run(const struct sim_config *config, struct sim_result *result)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	u64 end = config->duration * NS, warm = config->warm * NS;
	double csv_delivered = 0;
	u64 csv_next = 0;
	int i;

	if (!sim)
		err(EXIT_FAILURE, "simulator");
	sim_begin(sim, config);
	*result = (struct sim_result) {
		.fair_after = SIM_NEVER,
		.full_after = SIM_NEVER,
	};
	if (config->csv)
		print_csv_head(config);

	for (; sim->now < end; sim->now += sim->step) {
		if (!sim->warmed && sim->now >= warm)
			measure_warm(sim);
		step_all(sim);
		if (sim->warmed)
			measure_step(sim, result);
		if (config->csv && sim->now >= csv_next) {
			print_csv(sim, sim->delivered - csv_delivered,
				  config->csv_step);
			csv_delivered = sim->delivered;
			csv_next += config->csv_step * NS;
		}
		if (sim->now >= config->event * NS)
			measure_event(sim, result);
	}
	measure_end(sim, result);
	for (i = 0; i < config->flows; i++)
		free_flow(&sim->flow[i]);
	free(sim);
}
