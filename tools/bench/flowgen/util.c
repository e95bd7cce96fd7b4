// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowgen.h"

static void say(const char *format, va_list args, const char *more)
{
	fputs("flowgen: ", stderr);
	vfprintf(stderr, format, args);
	if (more)
		fprintf(stderr, ": %s", more);
	fputc('\n', stderr);
}

/* The machine is at fault, errno says how. */
void die(const char *format, ...)
{
	const char *why = strerror(errno);
	va_list args;

	va_start(args, format);
	say(format, args, why);
	va_end(args);
	exit(EXIT_TROUBLE);
}

/* Who asked is at fault. */
void refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args, NULL);
	va_end(args);
	exit(EXIT_USAGE);
}

static void *got(void *memory)
{
	if (!memory) {
		errno = ENOMEM;
		die("memory");
	}
	return memory;
}

void *grow(void *old, size_t size)
{
	return got(realloc(old, size));
}

void *zalloc(size_t count, size_t size)
{
	return got(calloc(count ? count : 1, size));
}

char *text(const char *format, ...)
{
	va_list args;
	char *made;
	int length;

	va_start(args, format);
	length = vasprintf(&made, format, args);
	va_end(args);
	return got(length < 0 ? NULL : made);
}
