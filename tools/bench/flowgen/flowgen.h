/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flowgen: TCP traffic between network namespaces, and what became of it.
 *
 *	plan.c		what is asked for (JSON)
 *	main.c		the course of a run
 *	loop.c		file descriptors and timers
 *	netns.c		namespaces
 *	flow.c		connections, their counters and time series
 *	traffic.c	when a flow sends how much
 *	queue.c		the queues at the bottlenecks
 *	event.c		commands at a given time
 *	output.c	results (JSON lines)
 *
 * Nothing spins and nothing reads the clock for every packet: on simulated
 * time the clock stands still while a program computes.
 */
#ifndef FLOWGEN_H
#define FLOWGEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "loop.h"

/* A time that never comes, a plan's key that is not there. */
#define NEVER		(-1)

enum {
	EXIT_TROUBLE = 1,	/* a flow or an event failed, or the machine */
	EXIT_USAGE = 2,		/* the plan is at fault */
};

/* ---- util.c ---- */

void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...);
void __attribute__((noreturn, format(printf, 1, 2)))
refuse(const char *format, ...);
void *grow(void *old, size_t size);
void *zalloc(size_t count, size_t size);
char __attribute__((format(printf, 1, 2))) *text(const char *format, ...);

/* ---- netns.c ---- */

struct netns {
	struct netns *next;
	char *name;
	int fd;
	int netstat_fd;
	unsigned int senders;	/* connections */
	int64_t timeouts, timeouts_warm, timeouts_start;
};

extern struct netns *all_netns;

struct netns *netns_get(const char *name);
void netns_enter(const struct netns *netns);
void netns_prepare(void);
void netns_start(void);
void netns_warm(void);
void netns_finish(void);

/* ---- plan.c ---- */

enum traffic_kind {
	TRAFFIC_BULK,
	TRAFFIC_STEP,
	TRAFFIC_REQUESTS,
};

/* What TCP counts, sums over a flow's connections. */
struct counters {
	int64_t rx_bytes;
	int64_t segs_out;
	int64_t data_segs_out;
	int64_t retrans_segs;
	int64_t bytes_sent;
	int64_t bytes_retrans;
	int64_t delivered;
	int64_t delivered_ce;
};

struct request {
	int64_t at_us;
	int64_t end_us;
};

struct flow;
struct group;

/* One TCP connection, both ends. */
struct conn {
	struct flow *flow;
	struct watch tx;
	struct watch rx;
	in_port_t tx_port;	/* network order */
	bool up;
	int64_t want;		/* bytes that the kernel does not have yet */
	int64_t missing;	/* bytes of the message that have not arrived */
	int lowat;		/* the receiver's */
	size_t request;		/* under way, NO_REQUEST: idle */
	struct counters counters;
	uint32_t rtt_us, min_rtt_us, cwnd;
	bool ecn;
};

#define NO_REQUEST	((size_t)-1)

struct flow {
	/* the plan */
	unsigned int id;
	char *name;
	struct netns *from, *to;
	struct sockaddr_storage address;
	socklen_t address_size;
	char *cc;
	int64_t start_us, stop_us;
	enum traffic_kind kind;
	double rate_bps;
	int64_t bulk_at_us;
	struct group *group;
	int64_t bytes;
	double rate_per_s;
	unsigned int connections;

	/* the run */
	struct watch listener;
	struct conn *conns;
	struct timer start, stop;
	bool stopped;
	int64_t up_us;
	char *error;
	char *cc_used;
	struct counters warm;
	int64_t *rx_series;
	uint32_t *rtt_series, *cwnd_series;
	int64_t rx_seen;
	uint64_t random;

	/* bulk at a rate */
	struct timer pace;
	int64_t paced_bytes;

	/* step */
	struct timer begin;
	bool answered;
	int64_t answered_us;

	/* requests */
	struct timer arrival;
	double arrival_us;
	struct request *requests;
	size_t requests_used, requests_room, requests_begun;
};

struct step {
	int64_t start_us, end_us;
	int64_t *flows_us;
};

struct group {
	/* the plan */
	char *name;
	int64_t start_us, think_us, spread_us;
	unsigned int phases, count;
	unsigned int used;
	struct flow **flows;

	/* the run */
	struct timer next;
	bool broken;
	unsigned int phase, waiting;
	struct step *steps;
	size_t steps_used, steps_room;
};

struct queue_counters {
	int64_t drops, marks, packets, bytes;
};

struct queue {
	/* the plan */
	char *name;
	struct netns *netns;
	char *dev;
	uint32_t handle;
	int64_t interval_us, start_us;

	/* the run */
	struct mnl_socket *socket;
	unsigned int port, sequence, ifindex;
	struct timer tick;
	uint32_t *backlog;
	size_t samples, samples_room;
	struct queue_counters first, warm, last;
};

struct event {
	/* the plan */
	int64_t at_us;
	struct netns *netns;
	char **argv;

	/* the run */
	struct timer timer;
	struct watch watch;
	int pid;
	bool ended;
	int status;
};

struct plan {
	uint64_t seed;
	int64_t end_us, series_us, warm_us;
	size_t intervals;
	struct queue *queues;
	unsigned int queue_count;
	struct flow *flows;
	unsigned int flow_count;
	struct group *groups;
	unsigned int group_count;
	struct event *events;
	unsigned int event_count;
};

extern struct plan plan;

void plan_read(const char *path);

/* ---- flow.c ---- */

void flows_prepare(void);
void flows_start(void);
void flows_sample(size_t interval);
void flows_warm(void);
void flows_finish(void);
void __attribute__((format(printf, 2, 3)))
flow_fail(struct flow *flow, const char *format, ...);
void flow_counters(const struct flow *flow, struct counters *sum);
void conn_send(struct conn *conn, int64_t bytes);

/* ---- traffic.c ---- */

void traffic_prepare(struct flow *flow);
void traffic_begin(struct flow *flow);
void traffic_end(struct flow *flow);
void traffic_up(struct conn *conn);
void traffic_answered(struct conn *conn);
void groups_start(void);

/* ---- queue.c ---- */

void queues_prepare(void);
void queues_start(void);
void queues_warm(void);
void queues_finish(void);

/* ---- event.c ---- */

void events_start(void);
bool events_finish(void);

/* ---- output.c ---- */

void output_open(const char *path);
void output_write(void);

#endif
