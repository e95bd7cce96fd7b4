/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers on the command lines of the tools that use argp. */
#ifndef _NUMBER_H
#define _NUMBER_H

#include <argp.h>
#include <errno.h>
#include <stdlib.h>

/**
 * parse_number() - read an option's number, or say what is wrong and end
 * @state: argp's
 * @text: what the user wrote
 * @least: the smallest that is accepted
 * @most: the largest
 * @name: the option
 *
 * Return: the number.
 */
static inline double parse_number(struct argp_state *state, const char *text,
				  double least, double most, const char *name)
{
	double value;
	char *end;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end || errno || !(value >= least && value <= most))
		argp_error(state, "%s: '%s' is no number from %g to %g", name,
			   text, least, most);
	return value;
}

/**
 * option_name() - an option's long name
 * @option: the tool's options
 * @key: one of theirs, or what argp adds
 *
 * Return: the name; NULL for a key that is not theirs.
 */
static inline const char *option_name(const struct argp_option *option, int key)
{
	while (option->key != key && (option->key || option->doc))
		option++;
	return option->name;
}

#endif /* _NUMBER_H */
