// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the path table (xgs_core/path.c): a heading, then a line per path.
 * The columns are found by their names, as more of them may come.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

#define COLUMNS	32

static int address_parse(struct in6_addr *address, const char *text)
{
	struct in_addr ipv4;

	if (inet_pton(AF_INET6, text, address) == 1)
		return 128;
	if (inet_pton(AF_INET, text, &ipv4) != 1)
		return -EINVAL;
	memset(address, 0, sizeof(*address));
	address->s6_addr16[5] = 0xffff;
	address->s6_addr32[3] = ipv4.s_addr;
	return 32;
}

/**
 * prefix_parse() - read ADDRESS[/BITS]
 * @prefix: where it goes
 * @text: of IPv4 or IPv6
 *
 * Return: 0, or -EINVAL.
 */
int prefix_parse(struct prefix *prefix, const char *text)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/');
	int size = slash - text, most;
	char *end;
	long bits;

	if (size >= (int)sizeof(address))
		return -EINVAL;
	memcpy(address, text, size);
	address[size] = '\0';
	most = address_parse(&prefix->address, address);
	if (most < 0)
		return most;
	bits = most;
	if (*slash) {
		bits = strtol(slash + 1, &end, 10);
		if (end == slash + 1 || *end || bits < 0 || bits > most)
			return -EINVAL;
	}
	prefix->bits = 128 - most + bits;
	return 0;
}

static bool prefix_has(const struct prefix *prefix,
		       const struct in6_addr *address)
{
	int bytes = prefix->bits / 8, rest = prefix->bits % 8;
	int difference;

	if (memcmp(&prefix->address, address, bytes))
		return false;
	if (!rest)
		return true;
	difference = prefix->address.s6_addr[bytes] ^ address->s6_addr[bytes];
	return !(difference >> (8 - rest));
}

static int split(char *line, char *words[COLUMNS])
{
	char *rest, *word = strtok_r(line, "\n ", &rest);
	int count = 0;

	while (word && count < COLUMNS) {
		words[count++] = word;
		word = strtok_r(NULL, "\n ", &rest);
	}
	return count;
}

static int column(char *words[COLUMNS], int count, const char *name)
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(words[i], name))
			return i;
	return -EPROTO;
}

static bool is_wanted(const char *text, const struct prefix *remotes, int count)
{
	struct in6_addr address;
	int i;

	if (address_parse(&address, text) < 0)
		return false;
	for (i = 0; i < count; i++)
		if (prefix_has(&remotes[i], &address))
			return true;
	return false;
}

static int longest_of(FILE *file, const struct prefix *remotes, int count,
		      uint32_t *rtt_us)
{
	char line[1024], *words[COLUMNS];
	int found, remote, rtt;

	if (!fgets(line, sizeof(line), file))
		return -EPROTO;
	found = split(line, words);
	remote = column(words, found, "remote");
	rtt = column(words, found, "base_rtt_us");
	if (remote < 0 || rtt < 0)
		return -EPROTO;
	while (fgets(line, sizeof(line), file)) {
		unsigned long us;

		found = split(line, words);
		if (remote >= found || rtt >= found)
			return -EPROTO;
		us = strtoul(words[rtt], NULL, 10);
		if (us > *rtt_us && us <= UINT32_MAX &&
		    is_wanted(words[remote], remotes, count))
			*rtt_us = us;
	}
	return ferror(file) ? -EIO : 0;
}

/**
 * paths_longest() - the longest base RTT to some peers
 * @file: the table
 * @remotes: where the peers are
 * @count: how many of these
 * @rtt_us: where it goes, microseconds; 0 if nobody has measured one
 *
 * Return: 0; -EPROTO if this is no such table, or another negative error.
 */
int paths_longest(const char *file, const struct prefix *remotes, int count,
		  uint32_t *rtt_us)
{
	FILE *table = fopen(file, "re");
	int err;

	*rtt_us = 0;
	if (!table)
		return -errno;
	err = longest_of(table, remotes, count, rtt_us);
	fclose(table);
	return err;
}
