// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan: one JSON object. Each object in it is described by a table of its
 * keys; a key that no table has, and a value that cannot be meant, is refused
 * with a line that says where it is.
 *
 * {
 *   "seed": 1, "end_us": 10000000, "warm_us": 2000000, "series_us": 50000,
 *   "queues": [ { "name": "b", "netns": "core", "dev": "gw-b", "handle": "1:",
 *                 "interval_us": 100, "start_us": 0 } ],
 *   "flows": [ { "name": "far", "from": "a", "to": "b", "address": "10.0.2.1",
 *                "port": 5001, "cc": "cubic", "start_us": 0, "stop_us": 5000000,
 *                "traffic": { "kind": "bulk", "rate_bps": 1e9, "bulk_at_us": 5 } },
 *              { ... "traffic": { "kind": "step", "group": "g", "bytes": 1000 } },
 *              { ... "traffic": { "kind": "requests", "bytes": 1000,
 *                                 "rate_per_s": 10.5, "connections": 8 } } ],
 *   "groups": { "g": { "start_us": 0, "think_us": 0, "spread_us": 0,
 *                      "phases": 1, "count": 0 } },
 *   "events": [ { "at_us": 3000000, "netns": "core", "argv": [ "tc", "..." ] } ]
 * }
 *
 * Required: end_us and all of a queue but start_us, all of a flow but cc and
 * the times, argv and at_us of an event. rate_bps makes a bulk flow an
 * application of that rate, until bulk_at_us if that is given.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowgen.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* An hour; more is a mistake, and a queue's samples must fit into memory. */
#define MAX_US		(3600 * 1000000LL)
#define MAX_SAMPLES	20000000
#define MAX_BYTES	1000000000000000LL
#define MAX_CONNECTIONS	10000
#define MAX_PLAN	100000000
#define PIECE		65536
#define DEFAULT_SERIES_US	50000

struct plan plan = {
	.series_us = DEFAULT_SERIES_US,
	.warm_us = NEVER,
};

static const char *plan_path;

enum field_type {
	FIELD_INT,		/* int64_t, min to max */
	FIELD_COUNT,		/* unsigned int, min to max */
	FIELD_NUMBER,		/* double, min to max */
	FIELD_TEXT,		/* char *, not empty */
	FIELD_ANY,		/* struct json_object * */
};

struct field {
	const char *name;
	enum field_type type;
	void *to;
	bool required;
	long long min, max;
};

#define bad(where, format, ...) \
	refuse("%s: %s" format, plan_path, where, ##__VA_ARGS__)

static void read_value(const char *where, const struct field *field,
		       struct json_object *value)
{
	enum json_type type = json_object_get_type(value);
	int64_t number;
	double real;

	switch (field->type) {
	case FIELD_INT:
	case FIELD_COUNT:
		if (type != json_type_int)
			bad(where, "%s: not a whole number", field->name);
		errno = 0;
		number = json_object_get_int64(value);
		if (errno || number < field->min || number > field->max)
			bad(where, "%s: not in %lld to %lld",
			    field->name, field->min, field->max);
		if (field->type == FIELD_INT)
			*(int64_t *)field->to = number;
		else
			*(unsigned int *)field->to = number;
		break;
	case FIELD_NUMBER:
		if (type != json_type_int && type != json_type_double)
			bad(where, "%s: not a number", field->name);
		real = json_object_get_double(value);
		/* In this way round also for what is not a number. */
		if (!(real >= field->min && real <= field->max))
			bad(where, "%s: not in %lld to %lld",
			    field->name, field->min, field->max);
		*(double *)field->to = real;
		break;
	case FIELD_TEXT:
		if (type != json_type_string || !json_object_get_string_len(value))
			bad(where, "%s: not a text", field->name);
		*(char **)field->to = text("%s", json_object_get_string(value));
		break;
	case FIELD_ANY:
		*(struct json_object **)field->to = value;
		break;
	}
}

static void read_object(const char *where, struct json_object *object,
			const struct field *fields, size_t count)
{
	size_t i;

	if (json_object_get_type(object) != json_type_object)
		bad(where, "not an object");
	json_object_object_foreach(object, key, value) {
		for (i = 0; i < count; i++)
			if (!strcmp(key, fields[i].name))
				break;
		if (i == count)
			bad(where, "unknown key \"%s\"", key);
		read_value(where, &fields[i], value);
	}
	for (i = 0; i < count; i++)
		if (fields[i].required &&
		    !json_object_object_get_ex(object, fields[i].name, NULL))
			bad(where, "%s is missing", fields[i].name);
}

static size_t array_length(const char *where, struct json_object *array)
{
	if (json_object_get_type(array) != json_type_array)
		bad(where, "not a list");
	return json_object_array_length(array);
}

/* ---- queues ---- */

static uint32_t read_handle(const char *where, const char *handle)
{
	char *end;
	unsigned long major = strtoul(handle, &end, 16);

	if (end == handle || strcmp(end, ":") || major == 0 || major > 0xffff)
		bad(where, "handle: \"%s\" is not like \"1:\"", handle);
	return major << 16;
}

static void read_queue(const char *where, struct json_object *object, void *item)
{
	struct queue *queue = item;
	char *netns, *handle;
	const struct field fields[] = {
		{ "name", FIELD_TEXT, &queue->name, true },
		{ "netns", FIELD_TEXT, &netns, true },
		{ "dev", FIELD_TEXT, &queue->dev, true },
		{ "handle", FIELD_TEXT, &handle, true },
		{ "interval_us", FIELD_INT, &queue->interval_us, true, 1, MAX_US },
		{ "start_us", FIELD_INT, &queue->start_us, false, 0, MAX_US },
	};

	read_object(where, object, fields, ARRAY_SIZE(fields));
	queue->netns = netns_get(netns);
	queue->handle = read_handle(where, handle);
	if (strlen(queue->dev) >= IF_NAMESIZE)
		bad(where, "dev: \"%s\" is too long", queue->dev);
	if (queue->start_us < plan.end_us)
		queue->samples_room = (plan.end_us - queue->start_us - 1) /
				      queue->interval_us + 1;
	if (queue->samples_room > MAX_SAMPLES)
		bad(where, "interval_us: more than %d samples", MAX_SAMPLES);
	free(netns);
	free(handle);
}

/* ---- flows ---- */

static void read_address(const char *where, struct flow *flow,
			 const char *address, unsigned int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&flow->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&flow->address;

	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		flow->address_size = sizeof(*v4);
	} else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		flow->address_size = sizeof(*v6);
	} else {
		bad(where, "address: \"%s\" is none", address);
	}
}

static struct group *find_group(const char *name)
{
	unsigned int i;

	for (i = 0; i < plan.group_count; i++)
		if (!strcmp(plan.groups[i].name, name))
			return &plan.groups[i];
	return NULL;
}

static void read_bulk(const char *where, struct json_object *object,
		      struct flow *flow)
{
	char *kind;
	const struct field fields[] = {
		{ "kind", FIELD_TEXT, &kind, true },
		{ "rate_bps", FIELD_NUMBER, &flow->rate_bps, false, 8, INT64_MAX },
		{ "bulk_at_us", FIELD_INT, &flow->bulk_at_us, false, 0, MAX_US },
	};

	flow->kind = TRAFFIC_BULK;
	read_object(where, object, fields, ARRAY_SIZE(fields));
	if (flow->bulk_at_us != NEVER && !flow->rate_bps)
		bad(where, "bulk_at_us without rate_bps");
	free(kind);
}

static void read_step(const char *where, struct json_object *object,
		      struct flow *flow)
{
	char *kind, *group;
	const struct field fields[] = {
		{ "kind", FIELD_TEXT, &kind, true },
		{ "group", FIELD_TEXT, &group, true },
		{ "bytes", FIELD_INT, &flow->bytes, true, 1, MAX_BYTES },
	};

	flow->kind = TRAFFIC_STEP;
	read_object(where, object, fields, ARRAY_SIZE(fields));
	flow->group = find_group(group);
	if (!flow->group)
		bad(where, "group: there is no \"%s\" in groups", group);
	flow->group->flows = grow(flow->group->flows, (flow->group->used + 1) *
				  sizeof(struct flow *));
	flow->group->flows[flow->group->used++] = flow;
	free(kind);
	free(group);
}

static void read_requests(const char *where, struct json_object *object,
			  struct flow *flow)
{
	char *kind;
	const struct field fields[] = {
		{ "kind", FIELD_TEXT, &kind, true },
		{ "bytes", FIELD_INT, &flow->bytes, true, 1, MAX_BYTES },
		{ "rate_per_s", FIELD_NUMBER, &flow->rate_per_s, true, 0, 10000000 },
		{ "connections", FIELD_COUNT, &flow->connections, false, 1,
		  MAX_CONNECTIONS },
	};

	flow->kind = TRAFFIC_REQUESTS;
	read_object(where, object, fields, ARRAY_SIZE(fields));
	if (flow->rate_per_s <= 0)
		bad(where, "rate_per_s: must be above 0");
	free(kind);
}

static const struct {
	const char *name;
	void (*read)(const char *where, struct json_object *object,
		     struct flow *flow);
} kinds[] = {
	{ "bulk", read_bulk },
	{ "step", read_step },
	{ "requests", read_requests },
};

static void read_traffic(const char *where, struct json_object *object,
			 struct flow *flow)
{
	struct json_object *kind;
	const char *name;
	size_t i;

	if (json_object_get_type(object) != json_type_object)
		bad(where, "not an object");
	if (!json_object_object_get_ex(object, "kind", &kind) ||
	    json_object_get_type(kind) != json_type_string)
		bad(where, "kind is missing");
	name = json_object_get_string(kind);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(name, kinds[i].name)) {
			kinds[i].read(where, object, flow);
			return;
		}
	}
	bad(where, "kind: \"%s\" is none of bulk, step, requests", name);
}

static void read_flow(const char *where, struct json_object *object, void *item)
{
	struct flow *flow = item;
	char *from, *to, *address, *below;
	struct json_object *traffic;
	unsigned int port;
	const struct field fields[] = {
		{ "name", FIELD_TEXT, &flow->name, true },
		{ "from", FIELD_TEXT, &from, true },
		{ "to", FIELD_TEXT, &to, true },
		{ "address", FIELD_TEXT, &address, true },
		{ "port", FIELD_COUNT, &port, true, 1, 65535 },
		{ "cc", FIELD_TEXT, &flow->cc, false },
		{ "start_us", FIELD_INT, &flow->start_us, false, 0, MAX_US },
		{ "stop_us", FIELD_INT, &flow->stop_us, false, 0, MAX_US },
		{ "traffic", FIELD_ANY, &traffic, true },
	};

	flow->stop_us = plan.end_us;
	flow->bulk_at_us = NEVER;
	flow->connections = 1;
	read_object(where, object, fields, ARRAY_SIZE(fields));
	if (flow->stop_us > plan.end_us)
		flow->stop_us = plan.end_us;
	if (flow->stop_us <= flow->start_us)
		bad(where, "stops before it starts");
	flow->from = netns_get(from);
	flow->to = netns_get(to);
	read_address(where, flow, address, port);
	below = text("%straffic: ", where);
	read_traffic(below, traffic, flow);
	flow->from->senders += flow->connections;
	free(below);
	free(from);
	free(to);
	free(address);
}

/* ---- groups ---- */

static void read_group(const char *where, struct json_object *object,
		       struct group *group)
{
	const struct field fields[] = {
		{ "start_us", FIELD_INT, &group->start_us, false, 0, MAX_US },
		{ "think_us", FIELD_INT, &group->think_us, false, 0, MAX_US },
		{ "spread_us", FIELD_INT, &group->spread_us, false, 0, MAX_US },
		{ "phases", FIELD_COUNT, &group->phases, false, 1, INT_MAX },
		{ "count", FIELD_COUNT, &group->count, false, 0, INT_MAX },
	};

	group->phases = 1;
	read_object(where, object, fields, ARRAY_SIZE(fields));
}

static void read_groups(struct json_object *object)
{
	if (json_object_get_type(object) != json_type_object)
		bad("groups: ", "not an object");
	plan.groups = zalloc(json_object_object_length(object),
			     sizeof(*plan.groups));
	json_object_object_foreach(object, name, value) {
		struct group *group = &plan.groups[plan.group_count++];
		char *where = text("groups.%s: ", name);

		group->name = text("%s", name);
		read_group(where, value, group);
		free(where);
	}
}

/* ---- events ---- */

static void read_event(const char *where, struct json_object *object, void *item)
{
	struct event *event = item;
	struct json_object *argv, *word;
	char *netns = NULL, *below;
	const struct field fields[] = {
		{ "at_us", FIELD_INT, &event->at_us, true, 0, MAX_US },
		{ "netns", FIELD_TEXT, &netns, false },
		{ "argv", FIELD_ANY, &argv, true },
	};
	size_t count, i;

	read_object(where, object, fields, ARRAY_SIZE(fields));
	if (event->at_us >= plan.end_us)
		bad(where, "at_us: not before the end");
	if (netns)
		event->netns = netns_get(netns);
	below = text("%sargv: ", where);
	count = array_length(below, argv);
	if (!count ||
	    !json_object_get_string_len(json_object_array_get_idx(argv, 0)))
		bad(below, "no command");
	event->argv = zalloc(count + 1, sizeof(char *));
	for (i = 0; i < count; i++) {
		word = json_object_array_get_idx(argv, i);
		if (json_object_get_type(word) != json_type_string)
			bad(below, "not a list of texts");
		event->argv[i] = text("%s", json_object_get_string(word));
	}
	free(below);
	free(netns);
}

/* ---- all ---- */

/* The objects of a list, each `size` bytes of the array that is returned. */
static void *read_list(struct json_object *array, const char *name, size_t size,
		       unsigned int *count,
		       void (*read)(const char *where,
				    struct json_object *object, void *item))
{
	char *items, *where = text("%s: ", name);
	size_t length = array ? array_length(where, array) : 0, i;

	free(where);
	items = zalloc(length, size);
	for (i = 0; i < length; i++) {
		where = text("%s[%zu]: ", name, i);
		read(where, json_object_array_get_idx(array, i),
		     items + i * size);
		free(where);
	}
	*count = length;
	return items;
}

static char *whole_file(const char *path, int *size)
{
	FILE *file = fopen(path, "re");
	char *data = NULL;
	size_t used = 0, got;

	if (!file)
		refuse("%s: %s", path, strerror(errno));
	do {
		data = grow(data, used + PIECE);
		got = fread(data + used, 1, PIECE, file);
		used += got;
		if (used > MAX_PLAN)
			refuse("%s: larger than %d bytes", path, MAX_PLAN);
	} while (got);
	if (ferror(file))
		refuse("%s: %s", path, strerror(errno));
	fclose(file);
	*size = used;
	return data;
}

static struct json_object *parse(const char *path)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *top;
	size_t end, i;
	int size, line = 1;
	char *data = whole_file(path, &size);

	if (!tokener) {
		errno = ENOMEM;
		die("%s", path);
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	top = json_tokener_parse_ex(tokener, data, size);
	end = json_tokener_get_parse_end(tokener);
	for (i = 0; i < end; i++)
		line += data[i] == '\n';
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		refuse("%s: line %d: the file ends early", path, line);
	if (!top)
		refuse("%s: line %d: %s", path, line,
		       json_tokener_error_desc(json_tokener_get_error(tokener)));
	json_tokener_free(tokener);
	free(data);
	return top;
}

void plan_read(const char *path)
{
	struct json_object *queues = NULL, *flows = NULL, *groups = NULL;
	struct json_object *events = NULL, *top;
	int64_t seed = 1;
	unsigned int i;
	const struct field fields[] = {
		{ "seed", FIELD_INT, &seed, false, 0, INT64_MAX },
		{ "end_us", FIELD_INT, &plan.end_us, true, 1, MAX_US },
		{ "warm_us", FIELD_INT, &plan.warm_us, false, 0, MAX_US },
		{ "series_us", FIELD_INT, &plan.series_us, false, 10, MAX_US },
		{ "queues", FIELD_ANY, &queues },
		{ "flows", FIELD_ANY, &flows, true },
		{ "groups", FIELD_ANY, &groups },
		{ "events", FIELD_ANY, &events },
	};

	plan_path = path;
	top = parse(path);
	read_object("", top, fields, ARRAY_SIZE(fields));
	plan.seed = seed;
	plan.intervals = plan.end_us / plan.series_us;
	if (plan.warm_us >= plan.end_us)
		bad("", "warm_us: not before end_us");
	if (groups)
		read_groups(groups);
	plan.queues = read_list(queues, "queues", sizeof(*plan.queues),
				&plan.queue_count, read_queue);
	plan.flows = read_list(flows, "flows", sizeof(*plan.flows),
			       &plan.flow_count, read_flow);
	plan.events = read_list(events, "events", sizeof(*plan.events),
				&plan.event_count, read_event);
	for (i = 0; i < plan.flow_count; i++)
		plan.flows[i].id = i;
	for (i = 0; i < plan.group_count; i++)
		if (!plan.groups[i].used)
			bad("", "groups.%s: no flow belongs to it",
			    plan.groups[i].name);
	json_object_put(top);
}
