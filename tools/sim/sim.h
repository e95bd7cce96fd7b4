/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows of rdma_xgs's rate engine through one marking bottleneck, in user
 * space. See sim.c.
 */
#ifndef _SIM_H
#define _SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../../rdma_xgs/engine.h"

#define SIM_MAX_FLOWS	256
#define SIM_NEVER	1e9

/**
 * enum sim_profile - whose reaction points the flows have
 * @SIM_DCQCN: rdma_xgs's, plain
 * @SIM_XGS: rdma_xgs's
 * @SIM_MLX5: a ConnectX's, as it comes
 * @SIM_GOVERNED: the same with the governor, all flows on one port
 * @SIM_PROFILES: how many there are
 */
enum sim_profile {
	SIM_DCQCN = XGS_RP_DCQCN,
	SIM_XGS = XGS_RP_XGS,
	SIM_MLX5,
	SIM_GOVERNED,
	SIM_PROFILES
};

/**
 * struct sim_flow - one queue pair
 * @rtt: base RTT, seconds
 * @start: when it begins to send, seconds
 * @stop: when it ends, seconds; SIM_NEVER for not at all
 */
struct sim_flow {
	double rtt;
	double start;
	double stop;
};

/**
 * struct sim_config - one run
 * @rate: the bottleneck's, bytes per second
 * @line: the senders' line rate, bytes per second; 0 for the bottleneck's
 * @kmin: queue at which marking begins, bytes
 * @kmax: queue at which all is marked, bytes
 * @pmax: marking probability just below @kmax
 * @buffer: what the queue holds, bytes
 * @mtu: bytes per packet
 * @cnp_interval: least time between two CNPs of a QP, seconds
 * @ahead: packets that a sender hands over before they leave, at the rate of
 *	that moment, and again when a quarter of them is left; 0 for none
 * @window: packets that may be unacknowledged; 0 for any number
 * @duration: length of the run, seconds
 * @warm: when measuring begins, seconds
 * @event: when flows join or leave, seconds; SIM_NEVER for none
 * @rtt_scale: the base RTT that the engine is told, over the true one
 * @profile: of all flows
 * @seed: of the random numbers
 * @flows: how many there are in @flow
 * @flow: the flows
 * @csv: where a time series goes; NULL for nowhere
 * @csv_step: seconds between its lines
 */
struct sim_config {
	double rate;
	double line;
	double kmin;
	double kmax;
	double pmax;
	double buffer;
	double mtu;
	double cnp_interval;
	uint32_t ahead;
	uint32_t window;
	double duration;
	double warm;
	double event;
	double rtt_scale;
	enum sim_profile profile;
	uint64_t seed;
	int flows;
	struct sim_flow flow[SIM_MAX_FLOWS];
	FILE *csv;
	double csv_step;
};

/**
 * struct sim_result - what a run showed
 * @utilisation: of the bottleneck, from the warm-up on
 * @queue_mean: bytes, from the warm-up on
 * @queue_max: bytes, from the warm-up on
 * @loss: part of all bytes that were dropped, start included
 * @jain: Jain's index of the flows' goodput, from the warm-up on
 * @goodput: of each flow, from the warm-up on, bytes per second
 * @fair_after: from the event until Jain's index of goodput, averaged over
 *	100 ms, stays at 0.95 for half a second; seconds, SIM_NEVER if it
 *	doesn't
 * @full_after: from the event until the bottleneck carries 95 % over 50 ms;
 *	seconds, SIM_NEVER if it doesn't
 */
struct sim_result {
	double utilisation;
	double queue_mean;
	double queue_max;
	double loss;
	double jain;
	double goodput[SIM_MAX_FLOWS];
	double fair_after;
	double full_after;
};

void sim_defaults(struct sim_config *config);
void sim_run(const struct sim_config *config, struct sim_result *result);

#endif /* _SIM_H */
