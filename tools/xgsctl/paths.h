/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The path table of xgs_core, as debugfs shows it.
 */
#ifndef _XGSCTL_PATHS_H
#define _XGSCTL_PATHS_H

#include <netinet/in.h>
#include <stdint.h>

/**
 * struct prefix - addresses that begin alike
 * @address: the first, IPv4 as ::ffff:a.b.c.d
 * @bits: how much of it they share, of 128
 */
struct prefix {
	struct in6_addr address;
	int bits;
};

int prefix_parse(struct prefix *prefix, const char *text);
int paths_longest(const char *file, const struct prefix *remotes, int count,
		  uint32_t *rtt_us);

#endif /* _XGSCTL_PATHS_H */
