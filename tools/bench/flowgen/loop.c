// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "flowgen.h"
#include "loop.h"

#define NSEC_PER_SEC	1000000000LL
#define NSEC_PER_USEC	1000LL
#define TURN_EVENTS	256

int64_t now_us;

static int poller = -1;
static bool running;
static int64_t start_ns;

/* A binary heap, heap[1] is the next. */
static struct timer **heap;
static size_t heap_used, heap_room;
static uint64_t heap_order;

/* The clock that wakes the loop for heap[1]. */
static int alarm_fd = -1;
static int64_t alarm_us = -1;

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static bool before(const struct timer *a, const struct timer *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void put(struct timer *timer, size_t place)
{
	heap[place] = timer;
	timer->place = place;
}

/* Find the place for a timer, from a place that is free. */
static void sift(struct timer *timer, size_t place)
{
	while (place > 1 && before(timer, heap[place / 2])) {
		put(heap[place / 2], place);
		place /= 2;
	}
	for (;;) {
		size_t child = 2 * place;

		if (child > heap_used)
			break;
		if (child < heap_used && before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], timer))
			break;
		put(heap[child], place);
		place = child;
	}
	put(timer, place);
}

void timer_cancel(struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (!place)
		return;
	timer->place = 0;
	last = heap[heap_used--];
	if (last != timer)
		sift(last, place);
}

void timer_set(struct timer *timer, int64_t at_us)
{
	timer_cancel(timer);
	if (heap_used + 1 >= heap_room) {
		heap_room = heap_room ? 2 * heap_room : 64;
		heap = grow(heap, heap_room * sizeof(*heap));
	}
	timer->at_us = at_us;
	timer->order = heap_order++;
	sift(timer, ++heap_used);
}

static void set_alarm(void)
{
	struct itimerspec when = { 0 };
	int64_t at_us = heap_used ? heap[1]->at_us : -1;
	int64_t ns = start_ns + at_us * NSEC_PER_USEC;

	if (at_us == alarm_us)
		return;
	alarm_us = at_us;
	if (at_us >= 0) {
		when.it_value.tv_sec = ns / NSEC_PER_SEC;
		when.it_value.tv_nsec = ns % NSEC_PER_SEC;
	}
	if (timerfd_settime(alarm_fd, TFD_TIMER_ABSTIME, &when, NULL))
		die("timerfd_settime");
}

static void alarm_ready(struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	alarm_us = -1;
}

static struct watch alarm_watch = { .ready = alarm_ready };

void watch_add(struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, watch->fd, &event))
		die("epoll_ctl");
}

void watch_close(struct watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

void loop_start(void)
{
	poller = epoll_create1(EPOLL_CLOEXEC);
	alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (poller < 0 || alarm_fd < 0)
		die("event loop");
	alarm_watch.fd = alarm_fd;
	/* By edges: nobody has to read it. */
	watch_add(&alarm_watch, EPOLLIN | EPOLLET);
	start_ns = clock_ns();
	now_us = 0;
}

void loop_run(void)
{
	struct epoll_event events[TURN_EVENTS];
	struct timer *timer;
	int count, i;

	for (running = true; running;) {
		set_alarm();
		count = epoll_wait(poller, events, TURN_EVENTS, -1);
		if (count < 0 && errno != EINTR)
			die("epoll_wait");
		now_us = (clock_ns() - start_ns) / NSEC_PER_USEC;
		for (i = 0; i < count; i++) {
			struct watch *watch = events[i].data.ptr;

			/* One before it in this turn may have closed it. */
			if (watch->fd >= 0)
				watch->ready(watch, events[i].events);
		}
		while (running && heap_used && heap[1]->at_us <= now_us) {
			timer = heap[1];
			timer_cancel(timer);
			timer->fire(timer);
		}
	}
}

void loop_end(void)
{
	running = false;
}
