// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands that run at a given time, without a shell. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flowgen.h"

#define NO_COMMAND	127

static void ended(struct watch *watch, uint32_t events)
{
	struct event *event = container_of(watch, struct event, watch);
	int status;

	(void)events;
	if (waitpid(event->pid, &status, 0) < 0)
		die("%s", event->argv[0]);
	event->ended = true;
	event->status = WIFEXITED(status) ? WEXITSTATUS(status) :
			128 + WTERMSIG(status);
	watch_close(watch);
	if (event->status)
		fprintf(stderr, "flowgen: event at %lld us: %s: status %d\n",
			(long long)event->at_us, event->argv[0], event->status);
}

static void __attribute__((noreturn)) child(const struct event *event)
{
	if (event->netns)
		netns_enter(event->netns);
	signal(SIGPIPE, SIG_DFL);
	execvp(event->argv[0], event->argv);
	fprintf(stderr, "flowgen: %s: %s\n", event->argv[0], strerror(errno));
	_exit(NO_COMMAND);
}

static void event_fires(struct timer *timer)
{
	struct event *event = container_of(timer, struct event, timer);

	event->pid = fork();
	if (event->pid < 0)
		die("fork");
	if (!event->pid)
		child(event);
	event->watch.fd = syscall(SYS_pidfd_open, event->pid, 0);
	if (event->watch.fd < 0)
		die("pidfd_open");
	event->watch.ready = ended;
	watch_add(&event->watch, EPOLLIN);
}

void events_start(void)
{
	unsigned int i;

	for (i = 0; i < plan.event_count; i++) {
		plan.events[i].watch.fd = -1;
		plan.events[i].timer.fire = event_fires;
		timer_set(&plan.events[i].timer, plan.events[i].at_us);
	}
}

/* Did all of them end well? */
bool events_finish(void)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < plan.event_count; i++) {
		struct event *event = &plan.events[i];

		if (!event->ended)
			fprintf(stderr, "flowgen: event at %lld us: %s: still running\n",
				(long long)event->at_us, event->argv[0]);
		good = good && event->ended && !event->status;
	}
	return good;
}
