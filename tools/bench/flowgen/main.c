// SPDX-License-Identifier: GPL-2.0-or-later
/* The course of a run. */
#include <signal.h>
#include <stdlib.h>

#include "flowgen.h"

static size_t interval;

static void series_fires(struct timer *timer)
{
	flows_sample(interval++);
	if (interval < plan.intervals)
		timer_set(timer, (int64_t)(interval + 1) * plan.series_us);
}

static void warm_fires(struct timer *timer)
{
	(void)timer;
	flows_warm();
	queues_warm();
	netns_warm();
}

static void end_fires(struct timer *timer)
{
	(void)timer;
	loop_end();
}

static struct timer series = { .fire = series_fires };
static struct timer warm = { .fire = warm_fires };
static struct timer end = { .fire = end_fires };

int main(int argc, char **argv)
{
	bool good;
	unsigned int i;

	if (argc != 3)
		refuse("usage: flowgen PLAN OUTPUT");
	signal(SIGPIPE, SIG_IGN);
	plan_read(argv[1]);
	output_open(argv[2]);
	netns_prepare();
	flows_prepare();
	queues_prepare();
	netns_start();

	/* What is set first comes first where times are the same. */
	loop_start();
	if (plan.intervals)
		timer_set(&series, plan.series_us);
	if (plan.warm_us != NEVER)
		timer_set(&warm, plan.warm_us);
	timer_set(&end, plan.end_us);
	queues_start();
	flows_start();
	groups_start();
	events_start();
	loop_run();

	/* The end may have come before what else is due now. */
	if (interval < plan.intervals)
		flows_sample(interval);
	flows_finish();
	queues_finish();
	netns_finish();
	good = events_finish();
	output_write();
	for (i = 0; i < plan.flow_count; i++)
		good = good && !plan.flows[i].error;
	return good ? EXIT_SUCCESS : EXIT_TROUBLE;
}
