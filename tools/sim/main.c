// SPDX-License-Identifier: GPL-2.0-or-later
/* The simulator's command line. */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../flows.h"
#include "../number.h"
#include "scenario.h"

enum { BOTH = -1 };

static const char doc[] =
	"Simulate the rate engine of rdma_xgs beside plain DCQCN, or a ConnectX\n"
	"with and without the governor.\v\n"
	"Without a scenario or flows it runs all scenarios.\n"
	"It exits 0 if it could simulate, whatever came of it.";

enum option_key {
	OPT_RATE = 256, OPT_KMIN, OPT_KMAX, OPT_PMAX, OPT_BUFFER, OPT_DURATION,
	OPT_WARM, OPT_RTT_SCALE, OPT_MTU, OPT_STEP, OPT_AHEAD, OPT_WINDOW,
};

static struct {
	struct sim_config config;
	const struct scenario *wanted[64];
	int wanted_count;
	int profile;
	bool own, quiet;
	const char *csv;
} options = { .profile = BOTH };

static const struct argp_option option_list[] = {
	{ "list", 'l', NULL, 0, "Name the scenarios", 0 },
	{ "profile", 'p', "NAME", 0, "xgs, dcqcn or both (default); mlx5 or governed", 0 },
	{ "seed", 's', "N", 0, "Of the random numbers, from 1 (default)", 0 },
	{ "csv", 'c', "FILE", 0,
	  "Time series of the one run; needs one scenario and one profile", 0 },
	{ "csv-step", OPT_STEP, "MS", 0, "Between its lines (1)", 0 },
	{ "quiet", 'q', NULL, 0, "The closing line only", 0 },
	{ NULL, 0, NULL, 0, "A run of one's own, instead of scenarios:", 1 },
	{ "flows", 'f', "COUNT@MS[+START[-STOP]]", 0,
	  "Flows of one base RTT, from and to a second; may be repeated", 1 },
	{ "rate", OPT_RATE, "GBIT", 0, "Of the bottleneck (400)", 1 },
	{ "kmin", OPT_KMIN, "KB", 0, "Queue where marking begins (1000)", 1 },
	{ "kmax", OPT_KMAX, "KB", 0, "Queue where all is marked (4000)", 1 },
	{ "pmax", OPT_PMAX, "PERCENT", 0, "Marked just below kmax (20)", 1 },
	{ "buffer", OPT_BUFFER, "KB", 0, "What the queue holds (256000)", 1 },
	{ "mtu", OPT_MTU, "BYTES", 0, "Of a packet (4096)", 1 },
	{ "ahead", OPT_AHEAD, "PACKETS", 0,
	  "Handed over before they leave; 64 with soft-RoCE (0)", 1 },
	{ "window", OPT_WINDOW, "PACKETS", 0,
	  "Unacknowledged at most; 128 with soft-RoCE (0, any number)", 1 },
	{ "duration", OPT_DURATION, "S", 0, "Of the run (10)", 1 },
	{ "warm", OPT_WARM, "S", 0, "When measuring begins (2.5)", 1 },
	{ "rtt-scale", OPT_RTT_SCALE, "X", 0,
	  "The base RTT the engine is told, over the true one (1)", 1 },
	{ }
};

static const char * const profiles[SIM_PROFILES] = {
	[SIM_DCQCN]	= "dcqcn",
	[SIM_XGS]	= "xgs",
	[SIM_MLX5]	= "mlx5",
	[SIM_GOVERNED]	= "governed",
};

static void add_flows(struct argp_state *state, const char *text)
{
	struct flow_words words = { .stop = SIM_NEVER };
	struct sim_config *config = &options.config;
	int used = scan_flows(text, &words);

	if (!used || text[used])
		argp_error(state, "flows: '%s' is not COUNT@MS[+START[-STOP]]",
			   text);
	check_flows(state, text, &words, config->flows, SIM_MAX_FLOWS);
	while (words.count--)
		config->flow[config->flows++] = (struct sim_flow) {
			.rtt = words.ms / 1e3,
			.start = words.start,
			.stop = words.stop,
		};
	options.own = true;
}

static void add_scenario(struct argp_state *state, const char *name)
{
	int i;

	if (options.wanted_count == 64)
		argp_error(state, "too many scenarios");
	for (i = 0; i < scenario_count; i++) {
		if (strcmp(scenarios[i].name, name))
			continue;
		options.wanted[options.wanted_count++] = &scenarios[i];
		return;
	}
	argp_error(state, "no scenario is called '%s' (see --list)", name);
}

static int profile_of(struct argp_state *state, const char *name)
{
	int profile;

	for (profile = 0; profile < SIM_PROFILES; profile++)
		if (!strcmp(name, profiles[profile]))
			return profile;
	if (strcmp(name, "both"))
		argp_error(state,
			   "profile: '%s' is not xgs, dcqcn or both, mlx5 or governed",
			   name);
	return BOTH;
}

static void check_options(struct argp_state *state)
{
	const struct sim_config *config = &options.config;
	int runs = options.own ? 1 : options.wanted_count;

	if (options.own && options.wanted_count)
		argp_error(state, "either --flows or scenarios");
	if (options.csv && (runs != 1 || options.profile == BOTH))
		argp_error(state, "csv: needs one scenario and one profile");
	if (config->kmax <= config->kmin)
		argp_error(state, "kmax is not above kmin");
	if (config->buffer < config->kmax)
		argp_error(state, "the buffer is smaller than kmax");
	if (config->warm >= config->duration)
		argp_error(state, "warm: the run ends before");
}

static void list_scenarios(void)
{
	int i;

	for (i = 0; i < scenario_count; i++)
		printf("%-16s%s\n", scenarios[i].name, scenarios[i].about);
	exit(EXIT_SUCCESS);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct sim_config *config = &options.config;
	const char *name = option_name(option_list, key);

	switch (key) {
	case 'l':
		list_scenarios();
		break;
	case 'p':
		options.profile = profile_of(state, text);
		break;
	case 's':
		config->seed = parse_number(state, text, 1, 1e9, name);
		break;
	case 'c':
		options.csv = text;
		break;
	case 'q':
		options.quiet = true;
		break;
	case 'f':
		add_flows(state, text);
		break;
	case OPT_STEP:
		config->csv_step = parse_number(state, text, 0.001, 1e6, name) /
				   1e3;
		break;
	case OPT_RATE:
		config->rate = parse_number(state, text, 0.001, 1600, name) *
			       125e6;
		break;
	case OPT_KMIN:
		config->kmin = parse_number(state, text, 0, 1e9, name) * 1e3;
		break;
	case OPT_KMAX:
		config->kmax = parse_number(state, text, 0, 1e9, name) * 1e3;
		break;
	case OPT_PMAX:
		config->pmax = parse_number(state, text, 0, 100, name) / 100;
		break;
	case OPT_BUFFER:
		config->buffer = parse_number(state, text, 1, 1e9, name) * 1e3;
		break;
	case OPT_MTU:
		config->mtu = parse_number(state, text, 256, 65536, name);
		break;
	case OPT_AHEAD:
		config->ahead = parse_number(state, text, 0, 1e6, name);
		break;
	case OPT_WINDOW:
		config->window = parse_number(state, text, 0, 1e6, name);
		break;
	case OPT_DURATION:
		config->duration = parse_number(state, text, 0.001, 1e4, name);
		break;
	case OPT_WARM:
		config->warm = parse_number(state, text, 0, 1e4, name);
		break;
	case OPT_RTT_SCALE:
		config->rtt_scale = parse_number(state, text, 0.01, 100, name);
		break;
	case ARGP_KEY_ARG:
		add_scenario(state, text);
		break;
	case ARGP_KEY_END:
		check_options(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const char *seconds(double value, char *text, size_t size)
{
	if (value >= SIM_NEVER)
		return "never";
	snprintf(text, size, "%.2f", value);
	return text;
}

static void print_head(void)
{
	if (options.quiet)
		return;
	printf("%-40s %-8s %6s %9s %9s %8s %6s %6s %6s\n", "", "", "util.",
	       "queue", "max", "loss", "Jain", "fair", "full");
	printf("%-40s %-8s %6s %9s %9s %8s %6s %6s %6s\n", "scenario",
	       "", "%", "mean MB", "MB", "%", "", "s", "s");
}

static void print_result(const char *about, enum sim_profile profile,
			 bool event, const struct sim_result *result)
{
	char fair[16], full[16];

	if (options.quiet)
		return;
	printf("%-40s %-8s %6.2f %9.2f %9.1f %8.4f %6.3f %6s %6s\n", about,
	       profiles[profile],
	       result->utilisation * 100, result->queue_mean / 1e6,
	       result->queue_max / 1e6, result->loss * 100, result->jain,
	       event ? seconds(result->fair_after, fair, sizeof(fair)) : "",
	       event ? seconds(result->full_after, full, sizeof(full)) : "");
	fflush(stdout);
}

static void print_shares(const struct sim_config *config,
			 const struct sim_result *result)
{
	int i;

	if (options.quiet)
		return;
	for (i = 0; i < config->flows; i++)
		printf("  flow %d, %g ms: %.2f Gbit/s\n", i,
		       config->flow[i].rtt * 1e3, result->goodput[i] / 125e6);
}

static void run(const char *about, struct sim_config *config,
		struct sim_result *results)
{
	int profile;

	for (profile = 0; profile < SIM_PROFILES; profile++) {
		if (options.profile == BOTH ? profile > SIM_XGS :
		    options.profile != profile)
			continue;
		config->profile = profile;
		sim_run(config, &results[profile]);
		print_result(about, profile, config->event < SIM_NEVER,
			     &results[profile]);
		if (options.own)
			print_shares(config, &results[profile]);
	}
}

static void run_scenario(const struct scenario *scenario, int *asked, int *met)
{
	struct sim_config config = options.config;
	struct sim_result results[SIM_PROFILES] = { };
	char missed[128];
	int targets;

	scenario_config(scenario, &config);
	run(scenario->about, &config, results);
	if (options.profile != BOTH)
		return;
	*met += scenario_check(&scenario->targets, &results[SIM_XGS],
			       &results[SIM_DCQCN], config.kmin, &targets,
			       missed, sizeof(missed));
	*asked += targets;
	if (missed[0] && !options.quiet)
		printf("%-40s missed: %s\n", "", missed);
}

static void open_csv(void)
{
	if (!options.csv)
		return;
	options.config.csv = fopen(options.csv, "w");
	if (!options.config.csv)
		err(EXIT_FAILURE, "%s", options.csv);
}

static void close_csv(void)
{
	if (options.config.csv &&
	    (ferror(options.config.csv) || fclose(options.config.csv)))
		err(EXIT_FAILURE, "%s", options.csv);
}

int main(int argc, char **argv)
{
	const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "[SCENARIO...]",
		.doc = doc,
	};
	int asked = 0, met = 0, i;

	sim_defaults(&options.config);
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	open_csv();
	print_head();
	if (options.own) {
		struct sim_result results[SIM_PROFILES];

		run("", &options.config, results);
	} else if (options.wanted_count) {
		for (i = 0; i < options.wanted_count; i++)
			run_scenario(options.wanted[i], &asked, &met);
	} else {
		for (i = 0; i < scenario_count; i++)
			run_scenario(&scenarios[i], &asked, &met);
	}
	close_csv();
	if (!options.own && options.profile == BOTH)
		printf("%d of %d targets met\n", met, asked);
	return EXIT_SUCCESS;
}
