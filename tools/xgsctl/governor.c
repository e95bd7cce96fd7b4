// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xgsctl rdma governor: keeps a port's congestion control parameters at what
 * its distance asks for.
 *
 * A port has one set of parameters for all of its flows. They are those of the
 * longest base RTT among its paths: too long a distance costs near flows little,
 * too short a one is what makes far flows swing.
 *
 *	base RTT  --longer-->  at once
 *	          --shorter--> when it has been so for HOLD looks
 *	          --about the same, or unknown--> as it is
 *
 * Up to MLX5_NEAR_US the port has what it had before. So it has when this
 * program ends, for whatever reason: else the next one begins with that.
 */
#include <argp.h>
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../number.h"
#include "governor.h"
#include "paths.h"
#include "port.h"

#define REMOTES		64
/* About the same: not by an eighth longer or shorter. */
#define SLACK		8
/* So many looks in a row. */
#define HOLD		6

static const char doc[] =
	"Adapt the congestion control of a ConnectX port to its distance.\v\n"
	"DEVICE is an RDMA device of mlx5 (mlx5_0) or its PCI function\n"
	"(0000:3b:00.0). The distance is the longest base RTT that xgs has\n"
	"measured to any --remote, or --rtt. It runs until SIGTERM or SIGINT\n"
	"and then puts back what was there before.\n\n"
	"Not tested on hardware.";

enum option_key { OPT_RTT = 256, OPT_RATE, OPT_KEEP, OPT_SYSFS, OPT_STATE };

static struct {
	const char *device, *sysfs, *state;
	struct prefix remotes[REMOTES];
	int remote_count;
	uint32_t rtt_us, rate_mbps;
	unsigned int keep, interval_ms;
	bool dry_run, restore, json;
} options = {
	.sysfs = "/sys",
	.state = "/run/xgs",
	.interval_ms = 10000,
};

static const struct argp_option option_list[] = {
	{ "remote", 'r', "PREFIX", 0,
	  "Peers of this port, as 10.2.0.0/16; may be repeated", 0 },
	{ "rtt", OPT_RTT, "US", 0,
	  "The base RTT, microseconds, if xgs has none", 0 },
	{ "rate", OPT_RATE, "MBIT", 0,
	  "The port's rate, Mbit/s, if its network device does not tell", 0 },
	{ "keep", OPT_KEEP, "PARAMETER", 0,
	  "Leave one alone, as rp_ai_rate; may be repeated", 0 },
	{ "interval", 'i', "S", 0, "Between two looks (10)", 0 },
	{ "json", 'j', NULL, 0, "A line of JSON for each event", 0 },
	{ "state", OPT_STATE, "DIR", 0,
	  "Where it is kept what was there before (/run/xgs)", 0 },
	{ "sysfs", OPT_SYSFS, "DIR", 0, "Where sysfs is (/sys)", 0 },
	{ NULL, 0, NULL, 0, "Instead of running:", 1 },
	{ "dry-run", 'n', NULL, 0, "Say what would be written, and end", 1 },
	{ "restore", 'R', NULL, 0,
	  "Put back what a run that was killed has left, and end", 1 },
	{ }
};

static void keep_param(struct argp_state *state, const char *name)
{
	int param;

	for (param = 0; param < MLX5_PARAMS; param++) {
		if (strcmp(mlx5_param_names[param], name))
			continue;
		options.keep |= 1U << param;
		return;
	}
	argp_error(state, "keep: '%s' is none of the governor's parameters",
		   name);
}

static void add_remote(struct argp_state *state, const char *text)
{
	if (options.remote_count == REMOTES)
		argp_error(state, "remote: more than %d", REMOTES);
	if (prefix_parse(&options.remotes[options.remote_count], text))
		argp_error(state, "remote: '%s' is no ADDRESS[/BITS]", text);
	options.remote_count++;
}

static void check_options(struct argp_state *state)
{
	if (!options.device)
		argp_error(state, "which DEVICE?");
	if (options.dry_run && options.restore)
		argp_error(state, "either --dry-run or --restore");
	if (options.restore)
		return;
	if (!options.rtt_us && !options.remote_count)
		argp_error(state, "give --remote, or --rtt");
	if (options.rtt_us && options.remote_count)
		argp_error(state, "either --remote or --rtt");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	switch (key) {
	case 'r':
		add_remote(state, text);
		return 0;
	case OPT_RTT:
		options.rtt_us = parse_number(state, text, 1, MLX5_RTT_MAX_US,
					      "rtt");
		return 0;
	case OPT_RATE:
		options.rate_mbps = parse_number(state, text, 1, 1600000,
						 "rate");
		return 0;
	case OPT_KEEP:
		keep_param(state, text);
		return 0;
	case 'i':
		options.interval_ms = 1000 * parse_number(state, text, 0.01,
							  3600, "interval");
		return 0;
	case 'j':
		options.json = true;
		return 0;
	case OPT_STATE:
		options.state = text;
		return 0;
	case OPT_SYSFS:
		options.sysfs = text;
		return 0;
	case 'n':
		options.dry_run = true;
		return 0;
	case 'R':
		options.restore = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options.device)
			argp_error(state, "one DEVICE only");
		options.device = text;
		return 0;
	case ARGP_KEY_END:
		check_options(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = option_list,
	.parser = parse_option,
	.args_doc = "DEVICE",
	.doc = doc,
};

/* -- what is said -------------------------------------------------------- */

static int complain(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* One line, and the exit status. */
static int complain(const char *format, ...)
{
	va_list words;

	fputs("xgsctl: ", stderr);
	va_start(words, format);
	vfprintf(stderr, format, words);
	va_end(words);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

static void report_json(const struct port *port, const char *event,
			uint32_t rtt_us, const uint32_t *from,
			const uint32_t *to)
{
	struct json_object *line = json_object_new_object();
	struct json_object *all = json_object_new_object(), *one;
	int param;

	json_object_object_add(line, "port",
			       json_object_new_string(port->name));
	json_object_object_add(line, "event", json_object_new_string(event));
	if (rtt_us)
		json_object_object_add(line, "base_rtt_us",
				       json_object_new_int64(rtt_us));
	for (param = 0; from && param < MLX5_PARAMS; param++) {
		if (!(port->mine & 1U << param) || from[param] == to[param])
			continue;
		one = json_object_new_object();
		json_object_object_add(one, "from",
				       json_object_new_int64(from[param]));
		json_object_object_add(one, "to",
				       json_object_new_int64(to[param]));
		json_object_object_add(all, mlx5_param_names[param], one);
	}
	json_object_object_add(line, "parameters", all);
	puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
	json_object_put(line);
}

static void report(const struct port *port, const char *event, uint32_t rtt_us,
		   const uint32_t *from, const uint32_t *to)
{
	int param;

	if (options.json) {
		report_json(port, event, rtt_us, from, to);
		fflush(stdout);
		return;
	}
	printf("%s: %s", port->name, event);
	if (rtt_us)
		printf(", base RTT %u us", rtt_us);
	for (param = 0; from && param < MLX5_PARAMS; param++)
		if (port->mine & 1U << param && from[param] != to[param])
			printf(", %s %u -> %u", mlx5_param_names[param],
			       from[param], to[param]);
	putchar('\n');
	fflush(stdout);
}

/* -- looking and acting -------------------------------------------------- */

/**
 * struct governor - what is remembered from look to look
 * @port: the port
 * @rtt_us: the base RTT that is acted upon, microseconds; 0 for none yet
 * @shorter: looks in a row that found less
 * @shorter_us: the most that they found, microseconds
 * @rate_mbps: the port's rate
 */
struct governor {
	struct port port;
	uint32_t rtt_us;
	int shorter;
	uint32_t shorter_us;
	uint32_t rate_mbps;
};

/* Is there a base RTT? 0 in @rtt_us: not yet. */
static int look(struct governor *governor, uint32_t *rtt_us)
{
	struct port *port = &governor->port;
	char table[PORT_PATH];
	int err;

	*rtt_us = options.rtt_us;
	if (*rtt_us)
		return 0;
	snprintf(table, sizeof(table), "%s/kernel/debug/xgs/paths",
		 options.sysfs);
	err = paths_longest(table, options.remotes, options.remote_count,
			    rtt_us);
	if (err)
		snprintf(port->why, sizeof(port->why), "%s: %s", table,
			 err == -EPROTO ? "no table of paths" : strerror(-err));
	return err;
}

static void settle(struct governor *governor, uint32_t rtt_us)
{
	uint32_t now = governor->rtt_us, slack = now / SLACK;

	if (!rtt_us)
		return;
	if (now && rtt_us + slack >= now) {
		governor->shorter = 0;
		governor->shorter_us = 0;
		if (rtt_us > now + slack)
			governor->rtt_us = rtt_us;
		return;
	}
	if (rtt_us > governor->shorter_us)
		governor->shorter_us = rtt_us;
	if (now && ++governor->shorter < HOLD)
		return;
	governor->rtt_us = governor->shorter_us;
	governor->shorter = 0;
	governor->shorter_us = 0;
}

static int learn_rate(struct governor *governor)
{
	uint32_t mbps;
	int err;

	if (options.rate_mbps) {
		governor->rate_mbps = options.rate_mbps;
		return 0;
	}
	err = port_speed(&governor->port, &mbps);
	if (!err)
		governor->rate_mbps = mbps;
	/* A link that is down for a while has no speed: go on with the last. */
	return governor->rate_mbps ? 0 : err;
}

/* Let the port have what its distance asks for. */
static int act(struct governor *governor)
{
	struct port *port = &governor->port;
	uint32_t from[MLX5_PARAMS], to[MLX5_PARAMS];
	int err;

	if (governor->rtt_us <= MLX5_NEAR_US) {
		if (!port->is_saved)
			return 0;
		err = port_restore(port);
		if (!err)
			report(port, "near, as before", governor->rtt_us, NULL,
			       NULL);
		return err;
	}
	err = learn_rate(governor);
	if (err)
		return err;
	mlx5_params_for(governor->rtt_us, governor->rate_mbps, to);
	err = port_read(port, from);
	if (!err && !port->is_saved)
		err = port_save(port, from);
	if (err)
		return err;
	err = port_write(port, from, to);
	if (err > 0)
		report(port, "set", governor->rtt_us, from, to);
	return err < 0 ? err : 0;
}

static int dry_run(struct governor *governor)
{
	struct port *port = &governor->port;
	uint32_t from[MLX5_PARAMS], to[MLX5_PARAMS], rtt_us;

	if (look(governor, &rtt_us) || port_read(port, from))
		return complain("%s", port->why);
	if (rtt_us <= MLX5_NEAR_US) {
		report(port, rtt_us ? "near, would leave it as it is" :
		       "no base RTT yet, would wait", rtt_us, NULL, NULL);
		return 0;
	}
	if (learn_rate(governor))
		return complain("%s", port->why);
	mlx5_params_for(rtt_us, governor->rate_mbps, to);
	report(port, "would set", rtt_us, from, to);
	return 0;
}

/* What a run that was killed has left. */
static int put_back(struct port *port, bool asked)
{
	unsigned int mine = port->mine;
	bool left;

	if (port_load(port))
		return complain("%s", port->why);
	left = port->is_saved;
	if (port_restore(port))
		return complain("%s; %s has what was there", port->why,
				port->state);
	port->mine = mine;
	if (left || asked)
		report(port, left ? "put back what was there" :
		       "nothing to put back", 0, NULL, NULL);
	return 0;
}

/* The end of a run that failed: is anything left behind? */
static int give_up(struct port *port)
{
	char why[sizeof(port->why)];

	if (!port->is_saved)
		return complain("%s", port->why);
	memcpy(why, port->why, sizeof(why));
	if (!port_restore(port))
		return complain("%s; what was there is back", why);
	return complain("%s; putting back failed as well, %s has what was there",
			why, port->state);
}

static int run(struct governor *governor)
{
	struct timespec interval = {
		.tv_sec = options.interval_ms / 1000,
		.tv_nsec = options.interval_ms % 1000 * 1000000L,
	};
	struct port *port = &governor->port;
	uint32_t rtt_us;
	sigset_t ends;

	/* A signal comes between two looks, never between two parameters. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	do {
		if (look(governor, &rtt_us))
			return give_up(port);
		settle(governor, rtt_us);
		if (governor->rtt_us && act(governor))
			return give_up(port);
	} while (sigtimedwait(&ends, NULL, &interval) < 0);
	if (!port->is_saved)
		return 0;
	if (port_restore(port))
		return complain("%s; %s has what was there", port->why,
				port->state);
	report(port, "put back what was there", 0, NULL, NULL);
	return 0;
}

/**
 * governor_main() - the command
 * @argc: of main()
 * @argv: of main(), from the command on
 *
 * Return: the exit status.
 */
int governor_main(int argc, char **argv)
{
	struct governor *governor;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	governor = calloc(1, sizeof(*governor));
	if (!governor)
		return complain("no memory");
	if (port_find(&governor->port, options.sysfs, options.device)) {
		status = complain("%s", governor->port.why);
		goto out;
	}
	governor->port.mine &= ~options.keep;
	if (options.dry_run) {
		status = dry_run(governor);
		goto out;
	}
	if (port_lock(&governor->port, options.state)) {
		status = complain("%s", governor->port.why);
		goto out;
	}
	status = put_back(&governor->port, options.restore);
	if (!status && !options.restore)
		status = run(governor);
out:
	free(governor);
	return status;
}
