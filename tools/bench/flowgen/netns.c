// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowgen.h"

#define FOLDER		"/run/netns/"
#define NETSTAT		"/proc/thread-self/net/netstat"
#define NETSTAT_SIZE	(64 * 1024)

struct netns *all_netns;

/* A namespace by its name, not opened yet. */
struct netns *netns_get(const char *name)
{
	struct netns **end = &all_netns;

	for (; *end; end = &(*end)->next)
		if (!strcmp((*end)->name, name))
			return *end;
	*end = zalloc(1, sizeof(**end));
	(*end)->name = text("%s", name);
	return *end;
}

void netns_prepare(void)
{
	struct netns *netns;

	for (netns = all_netns; netns; netns = netns->next) {
		char *path = text(FOLDER "%s", netns->name);

		netns->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (netns->fd < 0)
			die("network namespace %s", path);
		netns_enter(netns);
		netns->netstat_fd = open(NETSTAT, O_RDONLY | O_CLOEXEC);
		if (netns->netstat_fd < 0)
			die(NETSTAT);
		free(path);
	}
}

void netns_enter(const struct netns *netns)
{
	if (setns(netns->fd, CLONE_NEWNET))
		die("setns %s", netns->name);
}

/* Retransmission timeouts: the kernel counts them for a namespace only. */
static int64_t timeouts(const struct netns *netns)
{
	static char data[NETSTAT_SIZE];
	char *names, *values, *name, *value, *names_left, *values_left;
	ssize_t size = pread(netns->netstat_fd, data, sizeof(data) - 1, 0);

	if (size < 0)
		die(NETSTAT);
	data[size] = '\0';
	/* Two lines: the names, and the values in the same order. */
	names = strstr(data, "TcpExt:");
	values = names ? strstr(names + 1, "TcpExt:") : NULL;
	if (!values)
		return 0;
	values[-1] = '\0';
	name = strtok_r(names, "\n ", &names_left);
	value = strtok_r(values, "\n ", &values_left);
	while (name && value) {
		if (!strcmp(name, "TCPTimeouts"))
			return atoll(value);
		name = strtok_r(NULL, "\n ", &names_left);
		value = strtok_r(NULL, "\n ", &values_left);
	}
	return 0;
}

void netns_start(void)
{
	struct netns *netns;

	for (netns = all_netns; netns; netns = netns->next)
		netns->timeouts_start = timeouts(netns);
}

void netns_warm(void)
{
	struct netns *netns;

	for (netns = all_netns; netns; netns = netns->next)
		netns->timeouts_warm = timeouts(netns) - netns->timeouts_start;
}

void netns_finish(void)
{
	struct netns *netns;

	for (netns = all_netns; netns; netns = netns->next)
		netns->timeouts = timeouts(netns) - netns->timeouts_start;
}
