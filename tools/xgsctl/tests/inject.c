// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into xgsctl: a device that fails. A shared object.
 *
 * INJECT has rules "NAME,FROM,TO,WHAT", separated by spaces. From the FROMth
 * write to a file called NAME (* for any parameter, rp_...) to the TOth:
 *
 *	ERRNO	fails with that number
 *	short	takes one byte, as the number's only digit
 *	lost	takes all and keeps nothing
 *	kill	the process is killed before
 *
 * INJECT_LOG names a file that gets a line for every parameter's write.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES	8

static int seen[RULES];

static ssize_t real_write(int fd, const void *data, size_t size)
{
	ssize_t (*next)(int fd, const void *data, size_t size);

	*(void **)&next = dlsym(RTLD_NEXT, "write");
	return next(fd, data, size);
}

static void name_of(int fd, char *name, size_t size)
{
	char link[32], path[4096];
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, path, sizeof(path) - 1);
	path[got < 0 ? 0 : got] = '\0';
	snprintf(name, size, "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 :
		 path);
}

static bool is_param(const char *name)
{
	return !strncmp(name, "rp_", 3);
}

static void note(const char *name, const char *data, size_t size)
{
	const char *log = getenv("INJECT_LOG");
	char line[128];
	int fd, used;

	if (!log || !is_param(name))
		return;
	used = snprintf(line, sizeof(line), "%s %.*s", name, (int)size, data);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	real_write(fd, line, used);
	close(fd);
}

/* What the rules say of this write: a WHAT, or nothing. */
static const char *verdict(const char *name, char what[16])
{
	const char *rule = getenv("INJECT");
	const char *found = NULL;
	int i;

	for (i = 0; rule && *rule && i < RULES; i++) {
		char wanted[64];
		int from, to;

		if (sscanf(rule, "%63[^,],%d,%d,%15s", wanted, &from, &to,
			   what) != 4)
			abort();
		if (!strcmp(wanted, name) ||
		    (!strcmp(wanted, "*") && is_param(name))) {
			seen[i]++;
			if (seen[i] >= from && seen[i] <= to) {
				found = what;
				break;
			}
		}
		rule += strcspn(rule, " ");
		rule += strspn(rule, " ");
	}
	return found;
}

ssize_t write(int fd, const void *data, size_t size)
{
	char name[256], what[16];
	const char *found;

	name_of(fd, name, sizeof(name));
	found = verdict(name, what);
	if (!found) {
		note(name, data, size);
		return real_write(fd, data, size);
	}
	if (!strcmp(found, "kill"))
		raise(SIGKILL);
	if (!strcmp(found, "short")) {
		dprintf(fd, "%.1s\n", (const char *)data);
		return 1;
	}
	if (!strcmp(found, "lost"))
		return size;
	errno = atoi(found);
	return -1;
}
