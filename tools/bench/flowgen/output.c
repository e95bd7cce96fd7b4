// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The results, one JSON object a line; "type" says of what:
 *
 * flow		counters as of the end of the flow, or of the run; "warm": the
 *		same as of warm_us. Series have a number for each interval of
 *		series_us. rx_bytes is what arrived in order, whoever read it.
 *		timeouts: null unless the flow is the only sender of its
 *		namespace
 * site		retransmission timeouts in a namespace
 * step		flows_us: each flow's last answer, since start_us; null: never
 * request	at_us: when it arrived; end_us: its answer; null: never
 * queue	backlog in bytes at each interval; counters since the start
 * event	status: 0 - 255, 128 + signal; null: still running
 * end		the last line: without it the results are not whole
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowgen.h"

static FILE *out;
static const char *out_path;
static char *new_path;

/* json-c reports lack of memory as NULL, which would become a null. */
static struct json_object *made(struct json_object *object)
{
	if (!object) {
		errno = ENOMEM;
		die("%s", out_path);
	}
	return object;
}

static void add(struct json_object *object, const char *key,
		struct json_object *value)
{
	if (json_object_object_add(object, key, value))
		made(NULL);
}

static void append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value))
		made(NULL);
}

static struct json_object *number(int64_t value)
{
	return made(json_object_new_int64(value));
}

static struct json_object *time_or_null(int64_t us)
{
	return us == NEVER ? NULL : number(us);
}

static struct json_object *string(const char *value)
{
	return value ? made(json_object_new_string(value)) : NULL;
}

static struct json_object *list(size_t room)
{
	return made(json_object_new_array_ext(room ? room : 1));
}

static struct json_object *line(const char *type)
{
	struct json_object *object = made(json_object_new_object());

	add(object, "type", string(type));
	return object;
}

static void end_line(struct json_object *object)
{
	const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	size_t size;
	const char *data = json_object_to_json_string_length(object, flags, &size);

	if (!data)
		made(NULL);
	if (fwrite(data, 1, size, out) != size || putc('\n', out) == EOF)
		die("%s", out_path);
	json_object_put(object);
}

/* ---- flows ---- */

static void add_counters(struct json_object *object,
			 const struct counters *counters)
{
	add(object, "rx_bytes", number(counters->rx_bytes));
	add(object, "segs_out", number(counters->segs_out));
	add(object, "data_segs_out", number(counters->data_segs_out));
	add(object, "retrans_segs", number(counters->retrans_segs));
	add(object, "bytes_sent", number(counters->bytes_sent));
	add(object, "bytes_retrans", number(counters->bytes_retrans));
	add(object, "delivered", number(counters->delivered));
	add(object, "delivered_ce", number(counters->delivered_ce));
}

static struct json_object *series32(const uint32_t *values, size_t count)
{
	struct json_object *array = list(count);
	size_t i;

	for (i = 0; i < count; i++)
		append(array, number(values[i]));
	return array;
}

static struct json_object *series64(const int64_t *values, size_t count)
{
	struct json_object *array = list(count);
	size_t i;

	for (i = 0; i < count; i++)
		append(array, time_or_null(values[i]));
	return array;
}

static struct json_object *timeouts(const struct flow *flow, int64_t value)
{
	return flow->from->senders == 1 ? number(value) : NULL;
}

static void write_flow(const struct flow *flow)
{
	struct json_object *object = line("flow"), *warm;
	struct counters counters;
	uint32_t min_rtt_us = 0;
	bool ecn = false;
	unsigned int i;

	for (i = 0; i < flow->connections; i++) {
		const struct conn *conn = &flow->conns[i];

		if (!min_rtt_us || (conn->min_rtt_us &&
				    conn->min_rtt_us < min_rtt_us))
			min_rtt_us = conn->min_rtt_us;
		ecn |= conn->ecn;
	}
	flow_counters(flow, &counters);
	add(object, "id", number(flow->id));
	add(object, "name", string(flow->name));
	add(object, "cc", string(flow->cc_used));
	add(object, "ecn", made(json_object_new_boolean(ecn)));
	add(object, "error", string(flow->error));
	add(object, "start_us", number(flow->start_us));
	add(object, "connected_us", time_or_null(flow->up_us));
	add(object, "stop_us", number(flow->stop_us));
	add(object, "min_rtt_us", number(min_rtt_us));
	add_counters(object, &counters);
	add(object, "timeouts", timeouts(flow, flow->from->timeouts));
	if (plan.warm_us != NEVER) {
		warm = made(json_object_new_object());
		add_counters(warm, &flow->warm);
		add(warm, "timeouts", timeouts(flow, flow->from->timeouts_warm));
		add(object, "warm", warm);
	}
	add(object, "rx_series", series64(flow->rx_series, plan.intervals));
	add(object, "rtt_series", series32(flow->rtt_series, plan.intervals));
	add(object, "cwnd_series", series32(flow->cwnd_series, plan.intervals));
	end_line(object);
}

static void write_site(const struct netns *netns)
{
	struct json_object *object = line("site"), *warm;

	add(object, "name", string(netns->name));
	add(object, "timeouts", number(netns->timeouts));
	if (plan.warm_us != NEVER) {
		warm = made(json_object_new_object());
		add(warm, "timeouts", number(netns->timeouts_warm));
		add(object, "warm", warm);
	}
	end_line(object);
}

static void write_steps(const struct group *group)
{
	size_t i;

	for (i = 0; i < group->steps_used; i++) {
		const struct step *step = &group->steps[i];
		struct json_object *object = line("step");

		add(object, "group", string(group->name));
		add(object, "number", number(i));
		add(object, "start_us", number(step->start_us));
		add(object, "end_us", time_or_null(step->end_us));
		add(object, "flows_us", series64(step->flows_us, group->used));
		end_line(object);
	}
}

static void write_requests(const struct flow *flow)
{
	size_t i;

	for (i = 0; i < flow->requests_used; i++) {
		struct json_object *object = line("request");

		add(object, "flow", number(flow->id));
		add(object, "at_us", number(flow->requests[i].at_us));
		add(object, "end_us", time_or_null(flow->requests[i].end_us));
		end_line(object);
	}
}

/* ---- queues and events ---- */

static void add_queue_counters(struct json_object *object,
			       const struct queue_counters *counters)
{
	add(object, "drops", number(counters->drops));
	add(object, "marks", number(counters->marks));
	add(object, "packets", number(counters->packets));
	add(object, "bytes", number(counters->bytes));
}

static void write_queue(const struct queue *queue)
{
	struct json_object *object = line("queue"), *warm;

	add(object, "name", string(queue->name));
	add(object, "start_us", number(queue->start_us));
	add(object, "interval_us", number(queue->interval_us));
	add_queue_counters(object, &queue->last);
	if (plan.warm_us != NEVER) {
		warm = made(json_object_new_object());
		add_queue_counters(warm, &queue->warm);
		add(object, "warm", warm);
	}
	add(object, "backlog", series32(queue->backlog, queue->samples));
	end_line(object);
}

static void write_event(const struct event *event)
{
	struct json_object *object = line("event");

	add(object, "at_us", number(event->at_us));
	add(object, "status", event->ended ? number(event->status) : NULL);
	end_line(object);
}

static void write_all(void)
{
	struct json_object *object;
	const struct netns *netns;
	unsigned int i;

	for (i = 0; i < plan.flow_count; i++)
		write_flow(&plan.flows[i]);
	for (netns = all_netns; netns; netns = netns->next)
		write_site(netns);
	for (i = 0; i < plan.group_count; i++)
		write_steps(&plan.groups[i]);
	for (i = 0; i < plan.flow_count; i++)
		write_requests(&plan.flows[i]);
	for (i = 0; i < plan.queue_count; i++)
		write_queue(&plan.queues[i]);
	for (i = 0; i < plan.event_count; i++)
		write_event(&plan.events[i]);
	object = line("end");
	add(object, "us", number(plan.end_us));
	end_line(object);
}

static void remove_new(void)
{
	if (new_path)
		unlink(new_path);
}

/* Under another name until it is whole. */
void output_open(const char *path)
{
	struct stat state;

	/* Renamed onto, a device would be gone. */
	if (!stat(path, &state) && !S_ISREG(state.st_mode))
		refuse("%s: not a regular file", path);
	out_path = path;
	new_path = text("%s.new", path);
	out = fopen(new_path, "we");
	if (!out)
		die("%s", new_path);
	atexit(remove_new);
}

void output_write(void)
{
	write_all();
	if (fflush(out) || fsync(fileno(out)) || fclose(out) ||
	    rename(new_path, out_path))
		die("%s", out_path);
	free(new_path);
	new_path = NULL;
}
