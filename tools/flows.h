/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows on the command lines of the simulators. */
#ifndef _FLOWS_H
#define _FLOWS_H

#include <argp.h>
#include <stdio.h>

/**
 * struct flow_words - COUNT@MS[+START[-STOP]]
 * @count: how many
 * @ms: their base RTT, milliseconds
 * @start: when they begin, seconds
 * @stop: when they end, seconds
 */
struct flow_words {
	int count;
	double ms;
	double start;
	double stop;
};

/**
 * scan_flows() - read what the user wrote of some flows
 * @text: it
 * @words: where it goes; what @text does not name stays
 *
 * Return: characters read; 0 when it is nothing of the kind.
 */
static inline int scan_flows(const char *text, struct flow_words *words)
{
	int used = 0;

	if (sscanf(text, "%d@%lf%n+%lf%n-%lf%n", &words->count, &words->ms,
		   &used, &words->start, &used, &words->stop, &used) < 2)
		return 0;
	return used;
}

/**
 * check_flows() - end, and say why, when there can be no such flows
 * @state: argp's
 * @text: what the user wrote
 * @words: what it means
 * @have: flows that there are already
 * @most: flows that there can be
 */
static inline void check_flows(struct argp_state *state, const char *text,
			       const struct flow_words *words, int have, int most)
{
	if (words->count < 1 || words->count > most - have)
		argp_error(state, "flows: '%s': there can be 1 to %d flows", text,
			   most);
	if (!(words->ms >= 0.01 && words->ms <= 1000))
		argp_error(state, "flows: '%s': an RTT is 0.01 to 1000 ms", text);
	if (!(words->start >= 0 && words->stop > words->start))
		argp_error(state, "flows: '%s': they end before they begin", text);
}

#endif /* _FLOWS_H */
