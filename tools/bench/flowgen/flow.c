// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections. Both ends are here: the sender hands the kernel pages of one
 * file in memory, which nobody copies, and the receiver throws away what
 * arrives unseen.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "flowgen.h"

/* What one system call sends. */
#define SOURCE_BYTES	(4 * 1024 * 1024)
/* The receiver wakes for so much, or for the end of a message. */
#define WAKE_BYTES	(1024 * 1024)
#define BACKLOG		4096
#define CC_NAME_SIZE	16

static int source_fd = -1;

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- errors and ends ---- */

static void remember(struct conn *conn);

/* The sender leaves at once and takes what it has not sent along. */
static void conn_abort(struct conn *conn)
{
	const struct linger now = { .l_onoff = 1 };

	if (conn->tx.fd < 0)
		return;
	remember(conn);
	conn->up = false;
	conn->want = 0;
	setsockopt(conn->tx.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	watch_close(&conn->tx);
}

static void flow_stop(struct flow *flow)
{
	unsigned int i;

	flow->stopped = true;
	timer_cancel(&flow->start);
	timer_cancel(&flow->stop);
	traffic_end(flow);
	for (i = 0; i < flow->connections; i++)
		conn_abort(&flow->conns[i]);
}

void flow_fail(struct flow *flow, const char *format, ...)
{
	va_list args;

	if (!flow->error) {
		va_start(args, format);
		if (vasprintf(&flow->error, format, args) < 0)
			die("memory");
		va_end(args);
		fprintf(stderr, "flowgen: flow %u (%s): %s\n", flow->id,
			flow->name, flow->error);
	}
	flow_stop(flow);
}

static void stop_fires(struct timer *timer)
{
	struct flow *flow = container_of(timer, struct flow, stop);

	if (flow->up_us == NEVER)
		flow_fail(flow, "connect: no answer");
	flow_stop(flow);
}

/* ---- counters ---- */

static bool tcp_info(int fd, struct tcp_info *info)
{
	socklen_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return fd >= 0 && !getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size);
}

/* Bring a connection's counters up to date, as far as its sockets exist. */
static void remember(struct conn *conn)
{
	struct counters *counters = &conn->counters;
	struct tcp_info info;

	if (tcp_info(conn->rx.fd, &info))
		counters->rx_bytes = info.tcpi_bytes_received;
	conn->rtt_us = 0;
	conn->cwnd = 0;
	if (!conn->up || !tcp_info(conn->tx.fd, &info))
		return;
	counters->segs_out = info.tcpi_segs_out;
	counters->data_segs_out = info.tcpi_data_segs_out;
	counters->retrans_segs = info.tcpi_total_retrans;
	counters->bytes_sent = info.tcpi_bytes_sent;
	counters->bytes_retrans = info.tcpi_bytes_retrans;
	counters->delivered = info.tcpi_delivered;
	counters->delivered_ce = info.tcpi_delivered_ce;
	conn->rtt_us = info.tcpi_rtt;
	conn->min_rtt_us = info.tcpi_min_rtt;
	conn->cwnd = info.tcpi_snd_cwnd;
	conn->ecn = info.tcpi_options & TCPI_OPT_ECN;
}

void flow_counters(const struct flow *flow, struct counters *sum)
{
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < flow->connections; i++) {
		const struct counters *one = &flow->conns[i].counters;

		sum->rx_bytes += one->rx_bytes;
		sum->segs_out += one->segs_out;
		sum->data_segs_out += one->data_segs_out;
		sum->retrans_segs += one->retrans_segs;
		sum->bytes_sent += one->bytes_sent;
		sum->bytes_retrans += one->bytes_retrans;
		sum->delivered += one->delivered;
		sum->delivered_ce += one->delivered_ce;
	}
}

static void flow_remember(struct flow *flow)
{
	unsigned int i;

	if (now_us < flow->start_us)
		return;
	for (i = 0; i < flow->connections; i++)
		remember(&flow->conns[i]);
}

/* Of several connections: the sum of the windows, the mean of the RTTs. */
static void flow_sample(struct flow *flow, size_t interval)
{
	uint64_t rtt = 0, cwnd = 0, up = 0;
	struct counters sum;
	unsigned int i;

	flow_remember(flow);
	for (i = 0; i < flow->connections; i++) {
		cwnd += flow->conns[i].cwnd;
		rtt += flow->conns[i].rtt_us;
		up += flow->conns[i].rtt_us != 0;
	}
	flow->rtt_series[interval] = up ? rtt / up : 0;
	flow->cwnd_series[interval] = cwnd;
	flow_counters(flow, &sum);
	flow->rx_series[interval] = sum.rx_bytes - flow->rx_seen;
	flow->rx_seen = sum.rx_bytes;
}

void flows_sample(size_t interval)
{
	unsigned int i;

	for (i = 0; i < plan.flow_count; i++)
		flow_sample(&plan.flows[i], interval);
}

void flows_warm(void)
{
	unsigned int i;

	for (i = 0; i < plan.flow_count; i++) {
		flow_remember(&plan.flows[i]);
		flow_counters(&plan.flows[i], &plan.flows[i].warm);
	}
}

void flows_finish(void)
{
	unsigned int i;

	for (i = 0; i < plan.flow_count; i++) {
		struct flow *flow = &plan.flows[i];

		flow_remember(flow);
		if (flow->up_us == NEVER && flow->start_us < plan.end_us)
			flow_fail(flow, "connect: no answer");
	}
}

/* ---- the receiver ---- */

/* One byte back when a message is whole. */
static void send_answer(struct conn *conn)
{
	if (send(conn->rx.fd, "", 1, MSG_NOSIGNAL) != 1)
		flow_fail(conn->flow, "answer: %s", strerror(errno));
}

static void set_lowat(struct conn *conn)
{
	int bytes = WAKE_BYTES;

	if (conn->flow->bytes)
		bytes = smaller(conn->missing ? conn->missing : conn->flow->bytes,
				WAKE_BYTES);
	if (bytes == conn->lowat)
		return;
	conn->lowat = bytes;
	if (setsockopt(conn->rx.fd, SOL_SOCKET, SO_RCVLOWAT, &bytes,
		       sizeof(bytes)))
		flow_fail(conn->flow, "SO_RCVLOWAT: %s", strerror(errno));
}

static void rx_ready(struct watch *watch, uint32_t events)
{
	struct conn *conn = container_of(watch, struct conn, rx);
	ssize_t got = recv(watch->fd, NULL, 1 << 30, MSG_TRUNC);

	(void)events;
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		/* The sender has left, or the connection is broken. */
		if (!conn->flow->stopped)
			flow_fail(conn->flow, "receive: %s",
				  got ? strerror(errno) : "unexpected end");
		remember(conn);
		watch_close(watch);
		return;
	}
	if (!conn->flow->bytes || conn->flow->stopped)
		return;
	conn->missing -= got;
	if (conn->missing <= 0)
		send_answer(conn);
	set_lowat(conn);
}

static void accept_ready(struct watch *watch, uint32_t events)
{
	struct flow *flow = container_of(watch, struct flow, listener);
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);
	/* In the same place for both families. */
	in_port_t port;
	unsigned int i;
	int fd, on = 1;

	(void)events;
	fd = accept4(watch->fd, (struct sockaddr *)&peer, &size,
		     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			flow_fail(flow, "accept: %s", strerror(errno));
		return;
	}
	port = ((struct sockaddr_in *)&peer)->sin_port;
	for (i = 0; i < flow->connections; i++) {
		struct conn *conn = &flow->conns[i];

		if (conn->tx_port != port || conn->rx.fd >= 0)
			continue;
		conn->rx.fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		set_lowat(conn);
		if (conn->rx.fd >= 0)
			watch_add(&conn->rx, EPOLLIN);
		return;
	}
	/* The sender gave up before we came to accept it. */
	close(fd);
}

/* ---- the sender ---- */

static void tx_push(struct conn *conn)
{
	while (conn->want > 0 && conn->up) {
		off_t offset = 0;
		size_t size = smaller(conn->want, SOURCE_BYTES);
		ssize_t sent = sendfile(conn->tx.fd, source_fd, &offset, size);

		if (sent < 0) {
			if (errno != EAGAIN)
				flow_fail(conn->flow, "send: %s",
					  strerror(errno));
			return;
		}
		conn->want -= sent;
		/* Less than asked for: the edge of EPOLLOUT will come. */
		if ((size_t)sent < size)
			return;
	}
}

void conn_send(struct conn *conn, int64_t bytes)
{
	conn->want = bytes;
	conn->missing = bytes;
	tx_push(conn);
}

static int socket_error(int fd)
{
	int err = 0;
	socklen_t size = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size))
		return errno;
	return err;
}

static void tx_up(struct conn *conn)
{
	struct flow *flow = conn->flow;
	char name[CC_NAME_SIZE + 1] = "";
	socklen_t size = CC_NAME_SIZE;

	conn->up = true;
	if (flow->up_us == NEVER)
		flow->up_us = now_us;
	if (!flow->cc_used &&
	    !getsockopt(conn->tx.fd, IPPROTO_TCP, TCP_CONGESTION, name, &size))
		flow->cc_used = text("%s", name);
	traffic_up(conn);
}

static void tx_ready(struct watch *watch, uint32_t events)
{
	struct conn *conn = container_of(watch, struct conn, tx);
	char byte;

	if (events & EPOLLERR || (events & EPOLLHUP && conn->up)) {
		int err = socket_error(watch->fd);

		flow_fail(conn->flow, "%s: %s", conn->up ? "send" : "connect",
			  err ? strerror(err) : "the connection is gone");
		return;
	}
	if (!conn->up) {
		if (!(events & EPOLLOUT))
			return;
		tx_up(conn);
	}
	if (events & EPOLLOUT && watch->fd >= 0)
		tx_push(conn);
	if (events & EPOLLIN && watch->fd >= 0 && conn->flow->bytes &&
	    recv(watch->fd, &byte, 1, 0) == 1)
		traffic_answered(conn);
}

static bool set_control(struct flow *flow, int fd)
{
	if (!flow->cc || !setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, flow->cc,
				     strlen(flow->cc)))
		return true;
	flow_fail(flow, "congestion control %s: %s", flow->cc, strerror(errno));
	return false;
}

static int new_socket(struct flow *flow, const struct netns *netns)
{
	int fd;

	netns_enter(netns);
	fd = socket(flow->address.ss_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		flow_fail(flow, "socket: %s", strerror(errno));
		return -1;
	}
	if (set_control(flow, fd))
		return fd;
	close(fd);
	return -1;
}

static void conn_open(struct conn *conn)
{
	struct flow *flow = conn->flow;
	struct sockaddr_storage own = { 0 };
	socklen_t size = sizeof(own);
	int on = 1;

	conn->tx.fd = new_socket(flow, flow->from);
	if (conn->tx.fd < 0)
		return;
	setsockopt(conn->tx.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(conn->tx.fd, (struct sockaddr *)&flow->address,
		    flow->address_size) && errno != EINPROGRESS) {
		flow_fail(flow, "connect: %s", strerror(errno));
		return;
	}
	if (getsockname(conn->tx.fd, (struct sockaddr *)&own, &size)) {
		flow_fail(flow, "getsockname: %s", strerror(errno));
		return;
	}
	conn->tx_port = ((struct sockaddr_in *)&own)->sin_port;
	watch_add(&conn->tx, EPOLLIN | EPOLLOUT | EPOLLET);
}

static void start_fires(struct timer *timer)
{
	struct flow *flow = container_of(timer, struct flow, start);
	unsigned int i;

	for (i = 0; i < flow->connections && !flow->stopped; i++)
		conn_open(&flow->conns[i]);
	if (!flow->stopped)
		traffic_begin(flow);
}

/* ---- the course of a run ---- */

static void listen_for(struct flow *flow)
{
	int on = 1, fd = new_socket(flow, flow->to);

	if (fd < 0)
		return;
	flow->listener.fd = fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&flow->address, flow->address_size) ||
	    listen(fd, BACKLOG))
		flow_fail(flow, "listen: %s", strerror(errno));
	else
		watch_add(&flow->listener, EPOLLIN);
}

static void prepare(struct flow *flow)
{
	unsigned int i;

	flow->listener.fd = -1;
	flow->listener.ready = accept_ready;
	flow->start.fire = start_fires;
	flow->stop.fire = stop_fires;
	flow->up_us = NEVER;
	flow->rx_series = zalloc(plan.intervals, sizeof(*flow->rx_series));
	flow->rtt_series = zalloc(plan.intervals, sizeof(*flow->rtt_series));
	flow->cwnd_series = zalloc(plan.intervals, sizeof(*flow->cwnd_series));
	flow->conns = zalloc(flow->connections, sizeof(*flow->conns));
	for (i = 0; i < flow->connections; i++) {
		struct conn *conn = &flow->conns[i];

		conn->flow = flow;
		conn->tx.fd = -1;
		conn->tx.ready = tx_ready;
		conn->rx.fd = -1;
		conn->rx.ready = rx_ready;
		conn->request = NO_REQUEST;
	}
	traffic_prepare(flow);
}

void flows_prepare(void)
{
	void *source = zalloc(1, SOURCE_BYTES);
	unsigned int i;

	/* Written, not merely allocated: of holes the kernel makes new pages. */
	source_fd = memfd_create("flowgen", MFD_CLOEXEC);
	if (source_fd < 0 ||
	    write(source_fd, source, SOURCE_BYTES) != SOURCE_BYTES)
		die("memory file");
	free(source);
	for (i = 0; i < plan.flow_count; i++)
		prepare(&plan.flows[i]);
}

void flows_start(void)
{
	unsigned int i;

	for (i = 0; i < plan.flow_count; i++) {
		struct flow *flow = &plan.flows[i];

		listen_for(flow);
		if (flow->stopped)
			continue;
		timer_set(&flow->start, flow->start_us);
		if (flow->stop_us < plan.end_us)
			timer_set(&flow->stop, flow->stop_us);
	}
}
