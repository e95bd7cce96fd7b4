// SPDX-License-Identifier: GPL-2.0-or-later
/* The simulator's command line. */
#include <argp.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "../flows.h"
#include "../number.h"
#include "sim.h"

static const char doc[] =
	"Simulate the control law of tcp_xgs, packet by packet: flows through one\n"
	"bottleneck, alone or beside models of CUBIC and BBR.\v\n"
	"A flow's control is xgs (default), cubic or bbr. Each has a host of its own, or\n"
	"the one named: flows of one host share what they know of the path.\n"
	"It exits 0 if it could simulate, whatever came of it.";

enum option_key {
	OPT_RATE = 256, OPT_MTU, OPT_BUFFER, OPT_MARK, OPT_RED, OPT_LOSS, OPT_PATH,
	OPT_DURATION, OPT_WARM,
};

static const struct argp_option option_list[] = {
	{ "flows", 'f', "[CONTROL:]COUNT@MS[+START[-STOP]][/HOST]", 0,
	  "Flows of one base RTT, from and to a second; may be repeated", 0 },
	{ "rate", OPT_RATE, "GBIT", 0, "Of the bottleneck (1)", 0 },
	{ "mtu", OPT_MTU, "BYTES", 0, "Of a packet (1500)", 0 },
	{ "buffer", OPT_BUFFER, "MS", 0, "What it holds, at its rate (60)", 0 },
	{ "mark", OPT_MARK, "US", 0, "A queue beyond which packets are marked", 0 },
	{ "red", OPT_RED, "US-US:PERCENT", 0,
	  "Marked with a queue from and to, and just below that", 0 },
	{ "loss", OPT_LOSS, "PERCENT", 0, "Lost at random (0)", 0 },
	{ "path", OPT_PATH, "MS@S", 0, "The base RTT of all from a second on", 0 },
	{ "duration", OPT_DURATION, "S", 0, "Of the run (40)", 0 },
	{ "warm", OPT_WARM, "S", 0, "When measuring begins (half of it)", 0 },
	{ "seed", 's', "N", 0, "Of the random numbers, from 1 (default)", 0 },
	{ "trace", 't', "FILE", 0, "A line for each round of each flow of xgs", 0 },
	{ "quiet", 'q', NULL, 0, "The closing line only", 0 },
	{ }
};

static struct {
	struct sim sim;
	double buffer_ms, mark_us, red_us, red_percent, warm;
	bool quiet;
	int hosts;
} options = { .sim = { .seed = 1, .rate = 125e6, .mtu = 1500,
		       .path_ns = SIM_NEVER, .duration_ns = 40 * NS_PER_S },
	      .buffer_ms = 60, .warm = -1 };

static const struct sim_control *control_of(struct argp_state *state,
					    const char *name, size_t length)
{
	static const struct sim_control * const controls[] = {
		&sim_xgs, &sim_cubic, &sim_bbr,
	};
	size_t i;

	for (i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (strlen(controls[i]->name) == length &&
		    !strncmp(controls[i]->name, name, length))
			return controls[i];
	argp_error(state, "flows: '%.*s' is not xgs, cubic or bbr", (int)length,
		   name);
	return NULL;
}

static void add_flows(struct argp_state *state, const char *text)
{
	const char *colon = strchr(text, ':'), *rest = colon ? colon + 1 : text;
	const struct sim_control *control = &sim_xgs;
	struct flow_words words = { .stop = 1e6 };
	int used = scan_flows(rest, &words), more = 0, host = -1;

	if (colon)
		control = control_of(state, text, colon - text);
	if (used && rest[used] == '/' &&
	    sscanf(rest + used, "/%d%n", &host, &more) == 1)
		used += more;
	if (!used || rest[used] || (more && host < 0))
		argp_error(state,
			   "flows: '%s' is not [CONTROL:]COUNT@MS[+START[-STOP]][/HOST]",
			   text);
	check_flows(state, text, &words, options.sim.flows, SIM_FLOWS_MAX);
	if (host >= SIM_HOSTS_NAMED)
		argp_error(state, "flows: '%s': hosts are 0 to %d", text,
			   SIM_HOSTS_NAMED - 1);
	while (words.count--)
		options.sim.flow[options.sim.flows++] = (struct sim_flow) {
			.control = control,
			.rtt_ns = words.ms * NS_PER_MS,
			.start_ns = words.start * NS_PER_S,
			.stop_ns = words.stop * NS_PER_S,
			.host = host,
		};
}

static void set_red(struct argp_state *state, const char *text)
{
	int used = 0;

	if (sscanf(text, "%lf-%lf:%lf%n", &options.mark_us, &options.red_us,
		   &options.red_percent, &used) != 3 || text[used])
		argp_error(state, "red: '%s' is not US-US:PERCENT", text);
	if (!(options.mark_us > 0 && options.red_us > options.mark_us &&
	      options.red_percent >= 0 && options.red_percent <= 100))
		argp_error(state, "red: '%s' cannot be", text);
}

static void set_path(struct argp_state *state, const char *text)
{
	double ms, second;
	int used = 0;

	if (sscanf(text, "%lf@%lf%n", &ms, &second, &used) != 2 || text[used])
		argp_error(state, "path: '%s' is not MS@S", text);
	if (!(ms >= 0.001 && ms <= 1000 && second >= 0 && second <= 1e4))
		argp_error(state, "path: '%s' cannot be", text);
	options.sim.path_rtt_ns = ms * NS_PER_MS;
	options.sim.path_ns = second * NS_PER_S;
}

/* What depends on several options. */
static void finish(struct argp_state *state)
{
	struct sim *sim = &options.sim;
	int i;

	if (!sim->flows)
		argp_error(state, "no flows: nothing to simulate");
	sim->buffer = options.buffer_ms / 1e3 * sim->rate;
	sim->mark_bytes = options.mark_us / 1e6 * sim->rate;
	sim->mark_most = options.red_us / 1e6 * sim->rate;
	sim->mark_p = options.red_percent / 100;
	sim->warm_ns = options.warm < 0 ? sim->duration_ns / 2 :
					  options.warm * NS_PER_S;
	if (sim->warm_ns >= sim->duration_ns)
		argp_error(state, "warm: the run ends before");
	/* Flows that name no host have one each. */
	for (i = 0; i < sim->flows; i++)
		if (sim->flow[i].host < 0)
			sim->flow[i].host = SIM_HOSTS_NAMED + i;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct sim *sim = &options.sim;
	const char *name = option_name(option_list, key);

	switch (key) {
	case 'f':
		add_flows(state, text);
		break;
	case 's':
		sim->seed = parse_number(state, text, 1, 1e9, name);
		break;
	case 't':
		sim->trace = fopen(text, "w");
		if (!sim->trace)
			err(EXIT_FAILURE, "%s", text);
		break;
	case 'q':
		options.quiet = true;
		break;
	case OPT_RATE:
		sim->rate = parse_number(state, text, 0.0001, 400, name) * 125e6;
		break;
	case OPT_MTU:
		sim->mtu = parse_number(state, text, 256, 65536, name);
		break;
	case OPT_BUFFER:
		options.buffer_ms = parse_number(state, text, 0.001, 1e4, name);
		break;
	case OPT_MARK:
		options.mark_us = parse_number(state, text, 1, 1e6, name);
		break;
	case OPT_RED:
		set_red(state, text);
		break;
	case OPT_LOSS:
		sim->loss = parse_number(state, text, 0, 100, name) / 100;
		break;
	case OPT_PATH:
		set_path(state, text);
		break;
	case OPT_DURATION:
		sim->duration_ns = parse_number(state, text, 0.001, 1e4, name) *
				   NS_PER_S;
		break;
	case OPT_WARM:
		options.warm = parse_number(state, text, 0, 1e4, name);
		break;
	case ARGP_KEY_END:
		finish(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void print_results(const struct sim *sim)
{
	double seconds = (sim->duration_ns - sim->warm_ns) / 1e9;
	double sum = 0, squares = 0, lost = 0, sent = 0;
	int i;

	for (i = 0; i < sim->flows; i++) {
		const struct sim_flow *flow = &sim->flow[i];
		double rate = flow->measured * (double)sim_mss(sim) / seconds;

		sum += rate;
		squares += rate * rate;
		lost += flow->resent;
		sent += flow->measured + flow->resent;
		if (!options.quiet)
			printf("flow %d, %s %g ms: %.2f Mbit/s\n", i,
			       flow->control->name, flow->rtt_ns / 1e6,
			       rate / 125e3);
	}
	printf("utilisation %.2f %%, queue %.2f ms, p99 %.2f ms, Jain %.3f, lost %.3f %%\n",
	       sum * sim_wire(sim) / sim_mss(sim) / sim->rate * 100,
	       sim_queue_us(sim, 0.5) / 1e3, sim_queue_us(sim, 0.99) / 1e3,
	       squares ? sum * sum / squares / sim->flows : 0,
	       sent ? lost / sent * 100 : 0);
}

int main(int argc, char **argv)
{
	const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.doc = doc,
	};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	sim_run(&options.sim);
	if (options.sim.trace &&
	    (ferror(options.sim.trace) || fclose(options.sim.trace)))
		err(EXIT_FAILURE, "trace");
	print_results(&options.sim);
	return EXIT_SUCCESS;
}
