// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a flow sends how much.
 *
 * bulk		all that the connection takes, or an application's rate
 * step		a message when the group's step says so, or a little later
 * requests	messages at random times, whether or not earlier ones have
 *		ended; one that finds no idle connection waits
 *
 * A message is over when the receiver's answer of one byte has come back.
 */
#include <string.h>

#include "flowgen.h"

/* An application with a rate writes this much at a time, within limits. */
#define PACE_BYTES	(64 * 1024)
#define PACE_MIN_US	50
#define PACE_MAX_US	10000

#define UNLIMITED	INT64_MAX
#define USEC_PER_SEC	1000000.0

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* ---- bulk ---- */

static void pace_fires(struct timer *timer)
{
	struct flow *flow = container_of(timer, struct flow, pace);
	struct conn *conn = &flow->conns[0];
	double us = PACE_BYTES * 8 * USEC_PER_SEC / flow->rate_bps;
	int64_t owed, next_us;

	if (flow->bulk_at_us != NEVER && now_us >= flow->bulk_at_us) {
		conn_send(conn, UNLIMITED);
		return;
	}
	owed = flow->rate_bps / 8 * (now_us - flow->up_us) / USEC_PER_SEC;
	/* What the kernel did not take so far is still to be sent. */
	conn_send(conn, conn->want + owed - flow->paced_bytes);
	flow->paced_bytes = owed;
	if (us < PACE_MIN_US)
		us = PACE_MIN_US;
	if (us > PACE_MAX_US)
		us = PACE_MAX_US;
	next_us = now_us + (int64_t)us;
	if (flow->bulk_at_us != NEVER && next_us > flow->bulk_at_us)
		next_us = flow->bulk_at_us;
	timer_set(timer, next_us);
}

/* ---- steps ---- */

static struct step *step_of(struct group *group)
{
	return &group->steps[group->steps_used - 1];
}

static void phase_begin(struct group *group)
{
	unsigned int i;

	group->waiting = group->used;
	for (i = 0; i < group->used; i++) {
		struct flow *flow = group->flows[i];

		timer_set(&flow->begin, now_us + random_next(&flow->random) %
			  (group->spread_us + 1));
	}
}

static void begin_fires(struct timer *timer)
{
	struct flow *flow = container_of(timer, struct flow, begin);

	if (!flow->group->broken)
		conn_send(&flow->conns[0], flow->bytes);
}

static void step_fires(struct timer *timer)
{
	struct group *group = container_of(timer, struct group, next);
	struct step *step;
	unsigned int i;

	if (group->broken)
		return;
	if (group->steps_used == group->steps_room) {
		group->steps_room = group->steps_room ? 2 * group->steps_room : 16;
		group->steps = grow(group->steps, group->steps_room *
				    sizeof(*group->steps));
	}
	group->steps_used++;
	step = step_of(group);
	step->start_us = now_us;
	step->end_us = NEVER;
	step->flows_us = zalloc(group->used, sizeof(*step->flows_us));
	for (i = 0; i < group->used; i++)
		step->flows_us[i] = NEVER;
	group->phase = 0;
	phase_begin(group);
}

static void step_answered(struct flow *flow)
{
	struct group *group = flow->group;
	struct step *step = step_of(group);
	unsigned int i;

	for (i = 0; group->flows[i] != flow; i++)
		;
	if (group->phase == group->phases - 1)
		step->flows_us[i] = now_us - step->start_us;
	if (--group->waiting)
		return;
	if (++group->phase < group->phases) {
		phase_begin(group);
		return;
	}
	step->end_us = now_us;
	if (!group->count || group->steps_used < group->count)
		timer_set(&group->next, now_us + group->think_us);
}

void groups_start(void)
{
	unsigned int i;

	for (i = 0; i < plan.group_count; i++) {
		plan.groups[i].next.fire = step_fires;
		timer_set(&plan.groups[i].next, plan.groups[i].start_us);
	}
}

/* ---- requests ---- */

/*
 * An exponentially distributed number of mean 1, by von Neumann's method: it
 * only compares, so that no machine's logarithm has a say in what repeats.
 */
static double random_exponential(uint64_t *state)
{
	uint64_t first, last, next;
	unsigned int whole = 0, run;

	for (;; whole++) {
		first = random_next(state);
		last = first;
		for (run = 1; (next = random_next(state)) < last; run++)
			last = next;
		if (run % 2)
			return whole + first / 0x1p64;
	}
}

/* Requests that have arrived go to connections that are idle. */
static void requests_begin(struct flow *flow)
{
	unsigned int i;

	for (i = 0; i < flow->connections; i++) {
		struct conn *conn = &flow->conns[i];

		if (flow->requests_begun == flow->requests_used)
			return;
		if (!conn->up || conn->request != NO_REQUEST)
			continue;
		conn->request = flow->requests_begun++;
		conn_send(conn, flow->bytes);
	}
}

static void next_arrival(struct flow *flow)
{
	flow->arrival_us += random_exponential(&flow->random) * USEC_PER_SEC /
			    flow->rate_per_s;
	if (flow->arrival_us < flow->stop_us)
		timer_set(&flow->arrival, flow->arrival_us);
}

static void arrival_fires(struct timer *timer)
{
	struct flow *flow = container_of(timer, struct flow, arrival);
	struct request *request;

	if (flow->requests_used == flow->requests_room) {
		flow->requests_room = flow->requests_room ?
				      2 * flow->requests_room : 256;
		flow->requests = grow(flow->requests, flow->requests_room *
				      sizeof(*flow->requests));
	}
	request = &flow->requests[flow->requests_used++];
	request->at_us = flow->arrival.at_us;
	request->end_us = NEVER;
	next_arrival(flow);
	requests_begin(flow);
}

static void request_answered(struct conn *conn)
{
	struct flow *flow = conn->flow;

	flow->requests[conn->request].end_us = now_us;
	conn->request = NO_REQUEST;
	requests_begin(flow);
}

/* ---- all ---- */

void traffic_prepare(struct flow *flow)
{
	flow->pace.fire = pace_fires;
	flow->begin.fire = begin_fires;
	flow->arrival.fire = arrival_fires;
	flow->arrival_us = flow->start_us;
	/* Mixed, so that flows of neighbouring seeds have nothing in common. */
	flow->random = plan.seed;
	flow->random = random_next(&flow->random) + flow->id;
	flow->random = random_next(&flow->random);
}

/* The flow's time has come; its connections are being made. */
void traffic_begin(struct flow *flow)
{
	if (flow->kind == TRAFFIC_REQUESTS)
		next_arrival(flow);
}

void traffic_end(struct flow *flow)
{
	timer_cancel(&flow->pace);
	timer_cancel(&flow->begin);
	timer_cancel(&flow->arrival);
	if (flow->group) {
		flow->group->broken = true;
		timer_cancel(&flow->group->next);
	}
}

void traffic_up(struct conn *conn)
{
	struct flow *flow = conn->flow;

	if (flow->kind == TRAFFIC_REQUESTS)
		requests_begin(flow);
	else if (flow->kind == TRAFFIC_BULK && flow->rate_bps)
		pace_fires(&flow->pace);
	else if (flow->kind == TRAFFIC_BULK)
		conn_send(conn, UNLIMITED);
}

void traffic_answered(struct conn *conn)
{
	if (conn->flow->kind == TRAFFIC_STEP)
		step_answered(conn->flow);
	else if (conn->request != NO_REQUEST)
		request_answered(conn);
}
