/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows through one bottleneck, packet by packet. What the stack and the network
 * do stands in sim.c; a control is a struct sim_control in a file of its own.
 */
#ifndef _TCPSIM_H
#define _TCPSIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SIM_FLOWS_MAX	64
/* Hosts that flows may name; who names none has one of its own. */
#define SIM_HOSTS_NAMED	32
#define SIM_HOSTS	(SIM_HOSTS_NAMED + SIM_FLOWS_MAX)
#define SIM_NEVER	UINT64_MAX
/* Headers of IPv4 and TCP with timestamps, and of Ethernet, bytes. */
#define SIM_HEADERS	52
#define SIM_ETHERNET	14
#define NS_PER_US	1000ULL
#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL

struct sim;
struct sim_flow;

/**
 * struct sim_packet - one that is on its way
 * @sent_ns: when it left the host
 * @seen_ns: when the sender learns of it
 * @delivered_ns: when the flow had last been told of a delivery, as it was sent
 * @first_ns: when the packet left that this delivery was of
 * @delivered: packets delivered by then
 * @lost: it was dropped
 * @marked: it was CE-marked
 */
struct sim_packet {
	uint64_t sent_ns;
	uint64_t seen_ns;
	uint64_t delivered_ns;
	uint64_t first_ns;
	uint32_t delivered;
	bool lost;
	bool marked;
};

/**
 * struct sim_ack - what an ACK tells, as struct rate_sample does
 * @rtt_us: RTT of the last packet that it acknowledges
 * @acked: packets
 * @lost: packets found lost by it
 * @delivered: packets of the rate sample
 * @prior_delivered: delivered when the last packet was sent
 * @interval_us: the sample's time, the longer of sending and acknowledging
 * @ack_interval_us: the same by the ACKs alone
 */
struct sim_ack {
	uint32_t rtt_us;
	uint32_t acked;
	uint32_t lost;
	uint32_t delivered;
	uint32_t prior_delivered;
	uint32_t interval_us;
	uint32_t ack_interval_us;
};

/**
 * struct sim_control - a congestion control
 * @name: of it
 * @size: of what it remembers, bytes
 * @paced: without it packets leave as the window allows
 * @init: the flow's handshake is over
 * @ack: of each ACK
 * @leave: the flow ends; may be NULL
 */
struct sim_control {
	const char *name;
	size_t size;
	bool paced;
	void (*init)(struct sim_flow *flow);
	void (*ack)(struct sim_flow *flow, const struct sim_ack *ack);
	void (*leave)(struct sim_flow *flow);
};

extern const struct sim_control sim_xgs, sim_cubic, sim_bbr;

/**
 * struct sim_flow - one flow
 * @sim: where it is
 * @control: its congestion control
 * @own: what that remembers
 * @rtt_ns: its base RTT
 * @start_ns: when it begins
 * @stop_ns: when it ends
 * @host: flows of one host to one peer share a path
 * @running: it has begun and not ended
 * @cwnd: window, packets
 * @pacing: bytes of payload per second
 * @burst: packets that leave together
 * @ahead_ns: how much of the rate may wait in the host
 * @srtt_us: smoothed RTT
 * @delivered: packets delivered
 * @lost: packets lost
 * @marked: packets delivered that were marked
 * @delivered_ns: when the last was delivered
 * @first_ns: when that packet left
 * @measured: packets delivered while it is measured
 * @resent: packets lost meanwhile
 * @ring: packets from the oldest that waits for its ACK to the youngest
 * @size: places in @ring, a power of two
 * @acked: packets that are no longer in it
 * @left: packets that have left the host
 * @handed: packets that were handed to the qdisc
 * @next_ns: when the next may leave
 * @held_ns: when an ACK that is delayed is sent, or SIM_NEVER
 * @last_seen_ns: when the youngest is seen
 */
struct sim_flow {
	struct sim *sim;
	const struct sim_control *control;
	void *own;
	uint64_t rtt_ns;
	uint64_t start_ns;
	uint64_t stop_ns;
	int host;
	bool running;
	uint32_t cwnd;
	double pacing;
	uint32_t burst;
	uint64_t ahead_ns;
	uint32_t srtt_us;
	uint32_t delivered;
	uint32_t lost;
	uint32_t marked;
	uint64_t delivered_ns;
	uint64_t first_ns;
	uint64_t measured;
	uint64_t resent;
	struct sim_packet *ring;
	uint64_t size;
	uint64_t acked;
	uint64_t left;
	uint64_t handed;
	uint64_t next_ns;
	uint64_t held_ns;
	uint64_t last_seen_ns;
};

/**
 * struct sim - one run
 * @rate: of the bottleneck, bytes per second on the wire
 * @mtu: bytes of an IP packet
 * @buffer: bytes that it holds
 * @mark_bytes: a longer queue marks, bytes; 0 for never
 * @mark_most: ... by a part that grows from @mark_bytes to here; 0 for a step
 * @mark_p: the part marked just below @mark_most; beyond it all are
 * @loss: part of the packets that is lost at random
 * @path_ns: when the path changes, or SIM_NEVER
 * @path_rtt_ns: the base RTT of every flow from then on
 * @duration_ns: of the run
 * @warm_ns: when measuring begins
 * @seed: of the random numbers
 * @trace: a line for each round of each flow of xgs goes here, or NULL
 * @flow: the flows
 * @flows: how many
 * @now_ns: the time
 * @free_ns: when the bottleneck will have sent all that it has
 * @random: state of the random numbers
 * @queue_us: how often the queue was so long, in steps of 10 us
 * @samples: how often it was looked at
 * @next_sample_ns: when it is looked at next
 */
struct sim {
	double rate;
	uint32_t mtu;
	double buffer;
	double mark_bytes;
	double mark_most;
	double mark_p;
	double loss;
	uint64_t path_ns;
	uint64_t path_rtt_ns;
	uint64_t duration_ns;
	uint64_t warm_ns;
	uint64_t seed;
	FILE *trace;
	struct sim_flow flow[SIM_FLOWS_MAX];
	int flows;
	uint64_t now_ns;
	uint64_t free_ns;
	uint64_t random;
	uint32_t queue_us[100001];
	uint64_t samples;
	uint64_t next_sample_ns;
};

void sim_run(struct sim *sim);
double sim_queue_us(const struct sim *sim, double part);
double sim_random(struct sim *sim);

/* Bytes of payload in a packet. */
static inline uint32_t sim_mss(const struct sim *sim)
{
	return sim->mtu - SIM_HEADERS;
}

/* What it takes on the link, bytes. */
static inline uint32_t sim_wire(const struct sim *sim)
{
	return sim->mtu + SIM_ETHERNET;
}

/* Packets that are in the host's qdisc or on their way. */
static inline uint32_t sim_in_flight(const struct sim_flow *flow)
{
	return flow->handed - flow->acked;
}

#endif /* _TCPSIM_H */
