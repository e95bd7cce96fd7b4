// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of `make sim`, and how they are judged. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

#define FAR	{ .utilisation = 0.95, .queue_of_dcqcn = 0.05, .loss = 0.001 }
#define MIXED	{ .utilisation = 0.96, .jain = 0.97 }
#define NEAR	{ .as_dcqcn = 0.01 }
/* rxe's limits, and the queue of tools/rdma/measure. */
#define SOFT	.soft = true, .kmin = 40e3, .kmax = 160e3, .buffer = 2e6
#define SOFT_AHEAD	64
#define SOFT_WINDOW	128

const struct scenario scenarios[] = {
	/* Within a site nothing is to change. */
	{ "near-20us", "4 x 20 us", { { 4, 20 } },
	  .duration = 0.4, .warm = 0.1, .targets = NEAR },
	{ "near-50us", "4 x 50 us", { { 4, 50 } },
	  .duration = 0.4, .warm = 0.1, .targets = NEAR },
	{ "near-100us", "4 x 100 us", { { 4, 100 } },
	  .duration = 0.4, .warm = 0.1, .targets = NEAR },

	{ "far-4x1ms", "4 x 1 ms", { { 4, 1e3 } },
	  .stagger = 0.2, .duration = 2, .warm = 0.5, .targets = FAR },
	{ "far-16x1ms", "16 x 1 ms", { { 16, 1e3 } },
	  .stagger = 0.2, .duration = 2, .warm = 0.5, .targets = FAR },
	{ "far-4x10ms", "4 x 10 ms", { { 4, 10e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5, .targets = FAR },
	{ "far-16x10ms", "16 x 10 ms", { { 16, 10e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5, .targets = FAR },
	{ "far-4x30ms", "4 x 30 ms", { { 4, 30e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5, .targets = FAR },
	{ "far-16x30ms", "16 x 30 ms", { { 16, 30e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5, .targets = FAR },
	{ "far-4x100ms", "4 x 100 ms", { { 4, 100e3 } },
	  .stagger = 2.5, .duration = 30, .warm = 7.5, .targets = FAR },
	{ "far-16x100ms", "16 x 100 ms", { { 16, 100e3 } },
	  .stagger = 2.5, .duration = 30, .warm = 7.5, .targets = FAR },

	{ "mixed-50us", "4 x 50 us + 4 x 30 ms", { { 4, 50 }, { 4, 30e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5, .targets = MIXED },
	{ "mixed-1ms", "4 x 1 ms + 4 x 30 ms", { { 4, 1e3 }, { 4, 30e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5, .targets = MIXED },

	{ "leave", "4 x 30 ms, 3 leave",
	  { { 1, 30e3 }, { 3, 30e3, 0, 5 } }, .stagger = 0.75,
	  .duration = 10, .warm = 2.5, .event = 5,
	  .targets = { .full_after = 0.6 } },
	{ "join", "3 x 30 ms, equal, 1 joins",
	  { { 3, 30e3 }, { 1, 30e3, 5 } },
	  .duration = 15, .warm = 2.5, .event = 5,
	  .targets = { .fair_after = 3 } },

	/* Soft-RoCE, at a tenth of these packet rates and less. */
	{ "soft-100us", "1G, 4 x 100 us, soft-RoCE", { { 4, 100 } },
	  .gbps = 1, SOFT, .stagger = 0.75, .duration = 10, .warm = 2.5,
	  .targets = { .utilisation = 0.9, .jain = 0.9 } },
	{ "soft-1ms", "1G, 4 x 1 ms, soft-RoCE", { { 4, 1e3 } },
	  .gbps = 1, SOFT, .stagger = 0.75, .duration = 10, .warm = 2.5,
	  .targets = { .utilisation = 0.9, .jain = 0.9 } },
	{ "soft-30ms", "1G, 16 x 30 ms, soft-RoCE", { { 16, 30e3 } },
	  .gbps = 1, SOFT, .stagger = 0.75, .duration = 15, .warm = 5,
	  .targets = { .utilisation = 0.9, .jain = 0.9 } },
	{ "soft-mixed", "1G, 8 x 100 us + 8 x 30 ms, soft-RoCE",
	  { { 8, 100 }, { 8, 30e3 } },
	  .gbps = 1, SOFT, .stagger = 0.75, .duration = 15, .warm = 5,
	  .targets = { .utilisation = 0.9 } },

	/* Nothing is asked of these. They are there so that the law is not
	 * fitted to what is above.
	 */
	{ "far-2x30ms", "2 x 30 ms", { { 2, 30e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5 },
	{ "far-8x3ms", "8 x 3 ms", { { 8, 3e3 } },
	  .stagger = 0.75, .duration = 5, .warm = 2.5 },
	{ "far-8x60ms", "8 x 60 ms", { { 8, 60e3 } },
	  .stagger = 2.5, .duration = 20, .warm = 5 },
	{ "far-64x30ms", "64 x 30 ms", { { 64, 30e3 } },
	  .stagger = 2.5, .duration = 10, .warm = 5 },
	{ "far-4x120us", "4 x 120 us", { { 4, 120 } },
	  .duration = 0.4, .warm = 0.1 },
	{ "far-4x300us", "4 x 300 us", { { 4, 300 } },
	  .duration = 0.4, .warm = 0.1 },
	{ "mixed-3", "3 x 50 us + 3 x 3 ms + 3 x 60 ms",
	  { { 3, 50 }, { 3, 3e3 }, { 3, 60e3 } },
	  .stagger = 0.75, .duration = 20, .warm = 5 },
	{ "mixed-10-100ms", "2 x 10 ms + 2 x 100 ms",
	  { { 2, 10e3 }, { 2, 100e3 } },
	  .stagger = 0.75, .duration = 30, .warm = 7.5 },
	{ "mixed-1-1", "1 x 50 us + 1 x 30 ms", { { 1, 50 }, { 1, 30e3 } },
	  .stagger = 0.75, .duration = 10, .warm = 2.5 },
	{ "leave-2", "4 x 30 ms, 2 leave",
	  { { 2, 30e3 }, { 2, 30e3, 0, 5 } }, .stagger = 0.75,
	  .duration = 10, .warm = 2.5, .event = 5 },
	{ "join-uneven", "3 x 30 ms, not yet equal, 1 joins",
	  { { 3, 30e3 }, { 1, 30e3, 5 } }, .stagger = 0.75,
	  .duration = 25, .warm = 2.5, .event = 5 },
	{ "join-1-1", "1 x 30 ms, 1 joins",
	  { { 1, 30e3 }, { 1, 30e3, 5 } }, .stagger = 0.75,
	  .duration = 15, .warm = 2.5, .event = 5 },
	{ "100g-30ms", "100G, 4 x 30 ms", { { 4, 30e3 } }, .gbps = 100,
	  .stagger = 0.75, .duration = 10, .warm = 2.5 },
	{ "100g-3ms", "100G, 8 x 3 ms, 1/4 of the marks' queue",
	  { { 8, 3e3 } }, .gbps = 100, .kmin = 250e3, .kmax = 1e6,
	  .buffer = 64e6, .stagger = 0.75, .duration = 5, .warm = 2.5 },
	{ "soft-2x10ms", "0.3G, 2 x 10 ms, soft-RoCE", { { 2, 10e3 } },
	  .gbps = 0.3, SOFT, .stagger = 0.75, .duration = 10, .warm = 2.5 },
	{ "soft-4x100ms", "80M, 4 x 100 ms, soft-RoCE", { { 4, 100e3 } },
	  .gbps = 0.08, SOFT, .stagger = 2.5, .duration = 60, .warm = 20 },
	{ "soft-join", "0.3G, 3 x 30 ms, 1 joins, soft-RoCE",
	  { { 3, 30e3 }, { 1, 30e3, 10 } }, .gbps = 0.3, SOFT,
	  .duration = 30, .warm = 5, .event = 10 },
	{ "soft-leave", "0.3G, 4 x 30 ms, 2 leave, soft-RoCE",
	  { { 2, 30e3 }, { 2, 30e3, 0, 10 } }, .gbps = 0.3, SOFT,
	  .duration = 20, .warm = 5, .event = 10 },
};

const int scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);

/**
 * scenario_config() - what the simulator is to do for a row
 * @scenario: the row
 * @config: where it goes; its seed is set
 */
void scenario_config(const struct scenario *scenario,
		     struct sim_config *config)
{
	struct drand48_data random;
	const struct group *group;
	int i;

	config->duration = scenario->duration;
	config->warm = scenario->warm;
	if (scenario->event)
		config->event = scenario->event;
	if (scenario->gbps)
		config->rate = scenario->gbps * 125e6;
	if (scenario->kmin)
		config->kmin = scenario->kmin;
	if (scenario->kmax)
		config->kmax = scenario->kmax;
	if (scenario->buffer)
		config->buffer = scenario->buffer;
	if (scenario->soft) {
		config->ahead = SOFT_AHEAD;
		config->window = SOFT_WINDOW;
	}

	srand48_r(config->seed, &random);
	config->flows = 0;
	for (group = scenario->group;
	     group < scenario->group + SCENARIO_GROUPS; group++) {
		for (i = 0; i < group->count; i++) {
			double late;

			drand48_r(&random, &late);
			if (group->start)
				late = 0;
			config->flow[config->flows++] = (struct sim_flow) {
				.rtt = group->rtt_us / 1e6,
				.start = group->start +
					 late * scenario->stagger,
				.stop = group->stop ? group->stop : SIM_NEVER,
			};
		}
	}
}

struct verdict {
	int asked, met;
	char *missed;
	size_t size;
};

static void judge(struct verdict *verdict, double target, bool good,
		  const char *name)
{
	size_t used = strlen(verdict->missed);

	if (!target)
		return;
	verdict->asked++;
	verdict->met += good;
	if (!good)
		snprintf(verdict->missed + used, verdict->size - used, "%s%s",
			 used ? ", " : "", name);
}

/**
 * scenario_check() - how many targets are met
 * @targets: what is asked
 * @xgs: what the profile xgs did
 * @dcqcn: what plain DCQCN did
 * @kmin: where marking begins, bytes
 * @asked: where it goes how many targets there are
 * @missed: where the names of those go that are missed
 * @size: of @missed
 *
 * A queue below Kmin is as short as marks can make it: where plain DCQCN leaves
 * the link idle, its queue is no measure.
 *
 * Return: how many are met.
 */
int scenario_check(const struct targets *targets,
		   const struct sim_result *xgs,
		   const struct sim_result *dcqcn, double kmin,
		   int *asked, char *missed, size_t size)
{
	struct verdict verdict = { .missed = missed, .size = size };
	double queue = fmax(targets->queue_of_dcqcn * dcqcn->queue_mean, kmin);

	missed[0] = '\0';
	judge(&verdict, targets->utilisation,
	      xgs->utilisation >= targets->utilisation, "utilisation");
	judge(&verdict, targets->as_dcqcn,
	      fabs(xgs->utilisation - dcqcn->utilisation) <=
	      targets->as_dcqcn * dcqcn->utilisation, "as DCQCN");
	judge(&verdict, targets->queue_of_dcqcn, xgs->queue_mean <= queue,
	      "queue");
	judge(&verdict, targets->loss, xgs->loss <= targets->loss, "loss");
	judge(&verdict, targets->jain, xgs->jain >= targets->jain, "Jain");
	judge(&verdict, targets->fair_after,
	      xgs->fair_after <= targets->fair_after, "time to fair");
	judge(&verdict, targets->full_after,
	      xgs->full_after <= targets->full_after, "time to full");
	*asked = verdict.asked;
	return verdict.met;
}
