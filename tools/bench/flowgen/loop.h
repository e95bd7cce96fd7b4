/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: file descriptors and timers. Times are microseconds since
 * loop_start(), of CLOCK_MONOTONIC.
 */
#ifndef FLOWGEN_LOOP_H
#define FLOWGEN_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

/* Part of what owns the descriptor; must stay in memory while the loop runs. */
struct watch {
	int fd;
	void (*ready)(struct watch *watch, uint32_t events);
};

struct timer {
	void (*fire)(struct timer *timer);
	int64_t at_us;
	uint64_t order;		/* of two at the same time, the first set */
	size_t place;		/* in the heap, from 1; 0: not set */
};

/* When the turn of the loop began: reading the clock is not free. */
extern int64_t now_us;

void loop_start(void);
void loop_run(void);
void loop_end(void);

void watch_add(struct watch *watch, uint32_t events);
void watch_close(struct watch *watch);

void timer_set(struct timer *timer, int64_t at_us);
void timer_cancel(struct timer *timer);

#endif
