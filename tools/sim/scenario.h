/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `make sim` runs, and what is asked of it. */
#ifndef _SCENARIO_H
#define _SCENARIO_H

#include "sim.h"

#define SCENARIO_GROUPS	3

/**
 * struct group - flows that are alike
 * @count: how many; 0 ends the list
 * @rtt_us: base RTT, microseconds
 * @start: when they begin, seconds
 * @stop: when they end, seconds; 0 for not at all
 */
struct group {
	int count;
	double rtt_us;
	double start;
	double stop;
};

/**
 * struct targets - what must hold of the profile xgs; 0 for nothing
 * @utilisation: at least
 * @as_dcqcn: utilisation at most this much from plain DCQCN's, of it
 * @queue_of_dcqcn: mean queue at most this part of plain DCQCN's, or Kmin
 * @loss: at most
 * @jain: at least
 * @fair_after: at most, seconds
 * @full_after: at most, seconds
 */
struct targets {
	double utilisation;
	double as_dcqcn;
	double queue_of_dcqcn;
	double loss;
	double jain;
	double fair_after;
	double full_after;
};

/**
 * struct scenario - a row of the table
 * @name: of one word, for the command line
 * @about: for people
 * @group: the flows
 * @stagger: flows begin at random within so many seconds
 * @duration: seconds
 * @warm: measuring begins, seconds
 * @event: flows join or leave, seconds; 0 for never
 * @gbps: the bottleneck's rate; 0 for 400
 * @kmin: bytes; 0 for the default, also of what follows
 * @kmax: bytes
 * @buffer: bytes
 * @soft: the senders are soft-RoCE
 * @targets: what is asked
 */
struct scenario {
	const char *name;
	const char *about;
	struct group group[SCENARIO_GROUPS];
	double stagger;
	double duration;
	double warm;
	double event;
	double gbps;
	double kmin;
	double kmax;
	double buffer;
	bool soft;
	struct targets targets;
};

extern const struct scenario scenarios[];
extern const int scenario_count;

void scenario_config(const struct scenario *scenario,
		     struct sim_config *config);
int scenario_check(const struct targets *targets,
		   const struct sim_result *xgs,
		   const struct sim_result *dcqcn, double kmin,
		   int *asked, char *missed, size_t size);

#endif /* _SCENARIO_H */
