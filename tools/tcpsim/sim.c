// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stack and the network: windows, pacing, delayed ACKs, rate samples as in
 * net/ipv4/tcp_rate.c, and a queue of one size behind which each flow's packets
 * travel for its base RTT.
 *
 * A packet's whole way is known when it leaves the host, as the queue is first in,
 * first out. Losses are found when the packet's place in the order is reached,
 * and what is sent again is a packet like others: throughput is counted, not data.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* Linux's TCP_DELACK_MIN, and packets of a flow that are acknowledged at once. */
#define DELACK_NS	(40 * NS_PER_MS)
#define QUICK_ACKS	16
#define SAMPLE_NS	(100 * NS_PER_US)

/* SplitMix64 */
double sim_random(struct sim *sim)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return (z >> 11) / 9007199254740992.;
}

static struct sim_packet *packet_at(const struct sim_flow *flow, uint64_t n)
{
	return &flow->ring[n & (flow->size - 1)];
}

static struct sim_packet *packet_add(struct sim_flow *flow)
{
	struct sim_packet *ring;
	uint64_t n;

	if (flow->handed - flow->acked == flow->size) {
		ring = calloc(2 * flow->size, sizeof(*ring));
		if (!ring)
			err(EXIT_FAILURE, "packets");
		for (n = flow->acked; n < flow->handed; n++)
			ring[n & (2 * flow->size - 1)] = *packet_at(flow, n);
		free(flow->ring);
		flow->ring = ring;
		flow->size *= 2;
	}
	return packet_at(flow, flow->handed++);
}

/* As far as window, pacing and the host's own limit allow. */
static void flow_send(struct sim_flow *flow)
{
	uint64_t now = flow->sim->now_ns;
	struct sim_packet *packet;
	uint32_t n;

	while (flow->running && sim_in_flight(flow) < flow->cwnd) {
		if (flow->control->paced && flow->next_ns > now + flow->ahead_ns &&
		    flow->handed - flow->left >= 2 * flow->burst)
			return;
		if (flow->next_ns < now)
			flow->next_ns = now;
		if (!sim_in_flight(flow)) {
			flow->delivered_ns = flow->next_ns;
			flow->first_ns = flow->next_ns;
		}
		for (n = 0; n < flow->burst && sim_in_flight(flow) < flow->cwnd;
		     n++) {
			packet = packet_add(flow);
			*packet = (struct sim_packet) {
				.sent_ns = flow->next_ns,
				.seen_ns = SIM_NEVER,
				.delivered_ns = flow->delivered_ns,
				.first_ns = flow->first_ns,
				.delivered = flow->delivered,
			};
		}
		if (flow->control->paced)
			flow->next_ns += n * sim_mss(flow->sim) / flow->pacing * 1e9;
	}
}

static bool queue_marks(struct sim *sim, double bytes)
{
	if (!sim->mark_bytes || bytes < sim->mark_bytes)
		return false;
	if (bytes >= sim->mark_most)
		return true;
	return sim_random(sim) < sim->mark_p * (bytes - sim->mark_bytes) /
				 (sim->mark_most - sim->mark_bytes);
}

/* The oldest packet in the host leaves it, and its way is decided. */
static void flow_depart(struct sim_flow *flow)
{
	struct sim *sim = flow->sim;
	struct sim_packet *packet = packet_at(flow, flow->left++);
	uint64_t free_ns = sim->free_ns > sim->now_ns ? sim->free_ns : sim->now_ns;
	double bytes = (free_ns - sim->now_ns) / 1e9 * sim->rate;

	if (bytes + sim_wire(sim) > sim->buffer) {
		packet->lost = true;
	} else {
		packet->marked = queue_marks(sim, bytes);
		free_ns += sim_wire(sim) / sim->rate * 1e9;
		sim->free_ns = free_ns;
		packet->lost = sim->loss && sim_random(sim) < sim->loss;
	}
	packet->seen_ns = free_ns + (sim->now_ns < sim->path_ns ?
				     flow->rtt_ns : sim->path_rtt_ns);
	if (packet->seen_ns < flow->last_seen_ns)
		packet->seen_ns = flow->last_seen_ns;
	flow->last_seen_ns = packet->seen_ns;
	flow_send(flow);
}

/* An ACK for the oldest @count packets. */
static void flow_ack(struct sim_flow *flow, uint32_t count)
{
	struct sim *sim = flow->sim;
	const struct sim_packet *last = NULL;
	struct sim_ack ack = { };
	uint64_t send_ns, ack_ns;

	while (count--) {
		const struct sim_packet *packet = packet_at(flow, flow->acked++);

		if (packet->lost) {
			ack.lost++;
			continue;
		}
		last = packet;
		ack.acked++;
		flow->marked += packet->marked;
	}
	flow->lost += ack.lost;
	flow->delivered += ack.acked;
	if (sim->now_ns >= sim->warm_ns) {
		flow->resent += ack.lost;
		flow->measured += ack.acked;
	}
	if (last) {
		flow->delivered_ns = sim->now_ns;
		flow->first_ns = last->sent_ns;
		ack.rtt_us = (sim->now_ns - last->sent_ns) / NS_PER_US;
		ack.prior_delivered = last->delivered;
		ack.delivered = flow->delivered - last->delivered;
		send_ns = last->sent_ns - last->first_ns;
		ack_ns = sim->now_ns - last->delivered_ns;
		ack.ack_interval_us = ack_ns / NS_PER_US;
		ack.interval_us = (send_ns > ack_ns ? send_ns : ack_ns) / NS_PER_US;
		flow->srtt_us = flow->srtt_us ?
				(7 * flow->srtt_us + ack.rtt_us) / 8 : ack.rtt_us;
	}
	if (!flow->running)
		return;
	flow->control->ack(flow, &ack);
	flow_send(flow);
}

/* The oldest packet has arrived, or would have. */
static void flow_arrive(struct sim_flow *flow)
{
	const struct sim_packet *packet;

	if (flow->held_ns != SIM_NEVER) {	/* the second, or its time is over */
		bool second = flow->left - flow->acked > 1 &&
			      packet_at(flow, flow->acked + 1)->seen_ns <=
			      flow->sim->now_ns;

		flow->held_ns = SIM_NEVER;
		flow_ack(flow, 1 + second);
		return;
	}
	packet = packet_at(flow, flow->acked);
	if (packet->lost || flow->delivered < QUICK_ACKS)
		flow_ack(flow, 1);
	else
		flow->held_ns = flow->sim->now_ns + DELACK_NS;
}

static uint64_t flow_arrival_ns(const struct sim_flow *flow)
{
	uint64_t next = SIM_NEVER, n = flow->acked + (flow->held_ns != SIM_NEVER);

	if (n < flow->left)
		next = packet_at(flow, n)->seen_ns;
	return next < flow->held_ns ? next : flow->held_ns;
}

static uint64_t flow_departure_ns(const struct sim_flow *flow)
{
	return flow->left < flow->handed ? packet_at(flow, flow->left)->sent_ns :
					   SIM_NEVER;
}

static void flow_begin(struct sim_flow *flow)
{
	flow->running = true;
	flow->cwnd = 10;
	flow->burst = 2;
	flow->srtt_us = flow->rtt_ns / NS_PER_US;
	flow->own = calloc(1, flow->control->size);
	flow->size = 64;
	flow->ring = calloc(flow->size, sizeof(*flow->ring));
	if (!flow->own || !flow->ring)
		err(EXIT_FAILURE, "flow");
	flow->control->init(flow);
	flow_send(flow);
}

static void flow_end(struct sim_flow *flow)
{
	flow->running = false;
	if (flow->control->leave)
		flow->control->leave(flow);
}

enum event { NOTHING, BEGIN, END, DEPART, ARRIVE };

static void earlier(uint64_t *at_ns, enum event *what, struct sim_flow **whose,
		    uint64_t ns, enum event event, struct sim_flow *flow)
{
	if (ns >= *at_ns)
		return;
	*at_ns = ns;
	*what = event;
	*whose = flow;
}

static enum event next_event(struct sim *sim, struct sim_flow **whose)
{
	enum event what = NOTHING;
	uint64_t at_ns = sim->duration_ns;
	int i;

	for (i = 0; i < sim->flows; i++) {
		struct sim_flow *flow = &sim->flow[i];

		if (!flow->own) {
			earlier(&at_ns, &what, whose, flow->start_ns, BEGIN, flow);
			continue;
		}
		if (flow->running)
			earlier(&at_ns, &what, whose, flow->stop_ns, END, flow);
		earlier(&at_ns, &what, whose, flow_departure_ns(flow), DEPART,
			flow);
		earlier(&at_ns, &what, whose, flow_arrival_ns(flow), ARRIVE, flow);
	}
	if (at_ns > sim->now_ns)
		sim->now_ns = at_ns;
	return what;
}

/* The queue as it was from the last event to this one. */
static void look_at_queue(struct sim *sim)
{
	while (sim->next_sample_ns <= sim->now_ns) {
		uint64_t at = sim->next_sample_ns, us = 0;

		if (sim->free_ns > at)
			us = (sim->free_ns - at) / (10 * NS_PER_US);
		if (us > 100000)
			us = 100000;
		if (at >= sim->warm_ns) {
			sim->queue_us[us]++;
			sim->samples++;
		}
		sim->next_sample_ns += SAMPLE_NS;
	}
}

/**
 * sim_run() - simulate
 * @sim: what, and what came of it
 */
void sim_run(struct sim *sim)
{
	struct sim_flow *flow = NULL;
	enum event what;
	int i;

	sim->random = sim->seed * 0x9e3779b97f4a7c15ULL;
	for (i = 0; i < sim->flows; i++) {
		sim->flow[i].sim = sim;
		sim->flow[i].held_ns = SIM_NEVER;
	}
	while ((what = next_event(sim, &flow)) != NOTHING) {
		look_at_queue(sim);
		switch (what) {
		case BEGIN:
			flow_begin(flow);
			break;
		case END:
			flow_end(flow);
			break;
		case DEPART:
			flow_depart(flow);
			break;
		default:
			flow_arrive(flow);
			break;
		}
	}
	look_at_queue(sim);
	for (i = 0; i < sim->flows; i++) {
		free(sim->flow[i].own);
		free(sim->flow[i].ring);
	}
}

/**
 * sim_queue_us() - a percentile of the queueing delay
 * @sim: what was simulated
 * @part: 0 to 1
 *
 * Return: microseconds.
 */
double sim_queue_us(const struct sim *sim, double part)
{
	uint64_t seen = 0;
	int i;

	for (i = 0; i < 100000; i++) {
		seen += sim->queue_us[i];
		if (seen >= part * sim->samples)
			break;
	}
	return i * 10.;
}
