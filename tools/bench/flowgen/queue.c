// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The queues at the bottlenecks: the backlog at an interval, counters at the
 * start, after the warm-up and at the end.
 *
 * The backlog is that of the qdisc asked for. Marks are those of all qdiscs
 * of the device, because it is a child that marks; drops are the qdisc's own
 * and those of a filter before it (clsact).
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "flowgen.h"

#define REPLY_SIZE	32768

struct qdisc {
	uint32_t handle, ifindex;
	const char *kind;
	int64_t packets, bytes, drops;
	uint32_t backlog;
	int64_t marks;
};

static const void *part(const struct nlattr *attr, size_t least)
{
	return mnl_attr_get_payload_len(attr) >= least ?
	       mnl_attr_get_payload(attr) : NULL;
}

static int64_t marks(const char *kind, const struct nlattr *app)
{
	const struct tc_codel_xstats *codel;
	const struct tc_fq_codel_xstats *fq_codel;
	const struct tc_red_xstats *red;

	if (!strcmp(kind, "codel")) {
		codel = part(app, sizeof(*codel));
		return codel ? codel->ecn_mark + codel->ce_mark : 0;
	}
	if (!strcmp(kind, "fq_codel")) {
		fq_codel = part(app, sizeof(*fq_codel));
		return fq_codel && fq_codel->type == TCA_FQ_CODEL_XSTATS_QDISC ?
		       fq_codel->qdisc_stats.ecn_mark +
		       fq_codel->qdisc_stats.ce_mark : 0;
	}
	if (!strcmp(kind, "red")) {
		red = part(app, sizeof(*red));
		return red ? red->marked : 0;
	}
	return 0;
}

static void parse_stats(const struct nlattr *nest, struct qdisc *qdisc)
{
	const struct gnet_stats_basic *basic;
	const struct gnet_stats_queue *queue;
	const struct nlattr *attr;
	const uint64_t *packets;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case TCA_STATS_BASIC:
			/* Shorter than the padded structure. */
			basic = part(attr, 12);
			if (basic) {
				qdisc->bytes = basic->bytes;
				qdisc->packets = basic->packets;
			}
			break;
		case TCA_STATS_PKT64:
			packets = part(attr, sizeof(*packets));
			if (packets)
				qdisc->packets = *packets;
			break;
		case TCA_STATS_QUEUE:
			queue = part(attr, sizeof(*queue));
			if (queue) {
				qdisc->drops = queue->drops;
				qdisc->backlog = queue->backlog;
			}
			break;
		case TCA_STATS_APP:
			qdisc->marks = marks(qdisc->kind, attr);
			break;
		}
	}
}

static void parse(const struct nlmsghdr *message, struct qdisc *qdisc)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr, *stats = NULL;

	memset(qdisc, 0, sizeof(*qdisc));
	qdisc->handle = tcm->tcm_handle;
	qdisc->ifindex = tcm->tcm_ifindex;
	qdisc->kind = "";
	mnl_attr_for_each(attr, message, sizeof(*tcm)) {
		if (mnl_attr_get_type(attr) == TCA_KIND)
			qdisc->kind = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == TCA_STATS2)
			stats = attr;
	}
	if (stats)
		parse_stats(stats, qdisc);
}

static void __attribute__((noreturn)) lost(const struct queue *queue)
{
	die("queue %s: qdisc %x: of %s in %s", queue->name, queue->handle >> 16,
	    queue->dev, queue->netns->name);
}

static void ask(struct queue *queue, unsigned int flags, uint32_t handle)
{
	char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct tcmsg))];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct tcmsg *tcm;

	message->nlmsg_type = RTM_GETQDISC;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++queue->sequence;
	tcm = mnl_nlmsg_put_extra_header(message, sizeof(*tcm));
	tcm->tcm_ifindex = queue->ifindex;
	tcm->tcm_handle = handle;
	if (mnl_socket_sendto(queue->socket, message, message->nlmsg_len) < 0)
		lost(queue);
}

/* Each qdisc that the answer names; stops at the first for which f says so. */
static void answers(struct queue *queue,
		    int (*take)(const struct nlmsghdr *message, void *data),
		    void *data)
{
	static char reply[REPLY_SIZE];
	ssize_t size;
	int more;

	do {
		size = mnl_socket_recvfrom(queue->socket, reply, sizeof(reply));
		if (size < 0)
			lost(queue);
		more = mnl_cb_run(reply, size, queue->sequence, queue->port,
				  take, data);
		if (more < 0)
			lost(queue);
	} while (more > MNL_CB_STOP);
}

static int take_one(const struct nlmsghdr *message, void *data)
{
	parse(message, data);
	return MNL_CB_STOP;
}

static uint32_t backlog(struct queue *queue)
{
	struct qdisc qdisc = { 0 };

	/* The reply to one that is no dump comes only as an echo. */
	ask(queue, NLM_F_ECHO, queue->handle);
	answers(queue, take_one, &qdisc);
	return qdisc.backlog;
}

struct census {
	struct queue *queue;
	struct queue_counters *counters;
	bool found;
};

static int take_all(const struct nlmsghdr *message, void *data)
{
	struct census *census = data;
	struct queue_counters *counters = census->counters;
	struct qdisc qdisc;

	parse(message, &qdisc);
	if (qdisc.ifindex != census->queue->ifindex)
		return MNL_CB_OK;
	counters->marks += qdisc.marks;
	if (qdisc.handle == census->queue->handle) {
		census->found = true;
		counters->packets = qdisc.packets;
		counters->bytes = qdisc.bytes;
		counters->drops += qdisc.drops;
	} else if (!strcmp(qdisc.kind, "clsact")) {
		counters->drops += qdisc.drops;
	}
	return MNL_CB_OK;
}

static void count(struct queue *queue, struct queue_counters *counters)
{
	struct census census = { .queue = queue, .counters = counters };

	memset(counters, 0, sizeof(*counters));
	ask(queue, NLM_F_DUMP, 0);
	answers(queue, take_all, &census);
	if (!census.found) {
		errno = ENOENT;
		lost(queue);
	}
}

static void since(struct queue *queue, struct queue_counters *counters)
{
	const struct queue_counters *first = &queue->first;

	count(queue, counters);
	counters->drops -= first->drops;
	counters->marks -= first->marks;
	counters->packets -= first->packets;
	counters->bytes -= first->bytes;
}

static void tick_fires(struct timer *timer)
{
	struct queue *queue = container_of(timer, struct queue, tick);

	queue->backlog[queue->samples++] = backlog(queue);
	if (queue->samples < queue->samples_room)
		timer_set(timer, queue->start_us +
			  (int64_t)queue->samples * queue->interval_us);
}

static void prepare(struct queue *queue)
{
	netns_enter(queue->netns);
	queue->ifindex = if_nametoindex(queue->dev);
	if (!queue->ifindex)
		die("queue %s: %s in %s", queue->name, queue->dev,
		    queue->netns->name);
	queue->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!queue->socket ||
	    mnl_socket_bind(queue->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		die("queue %s: netlink", queue->name);
	queue->port = mnl_socket_get_portid(queue->socket);
	queue->backlog = zalloc(queue->samples_room, sizeof(*queue->backlog));
	queue->tick.fire = tick_fires;
	backlog(queue);
}

void queues_prepare(void)
{
	unsigned int i;

	for (i = 0; i < plan.queue_count; i++)
		prepare(&plan.queues[i]);
}

void queues_start(void)
{
	unsigned int i;

	for (i = 0; i < plan.queue_count; i++) {
		struct queue *queue = &plan.queues[i];

		count(queue, &queue->first);
		if (queue->samples_room)
			timer_set(&queue->tick, queue->start_us);
	}
}

void queues_warm(void)
{
	unsigned int i;

	for (i = 0; i < plan.queue_count; i++)
		since(&plan.queues[i], &plan.queues[i].warm);
}

void queues_finish(void)
{
	unsigned int i;

	for (i = 0; i < plan.queue_count; i++)
		since(&plan.queues[i], &plan.queues[i].last);
}
