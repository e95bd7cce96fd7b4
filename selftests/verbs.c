// SPDX-License-Identifier: GPL-2.0
/*
 * verbs: RDMA traffic that waits for completions where perftest polls for them,
 * and reads the clock where perftest counts the processor's cycles: for
 * simulated time, which stands still while a program computes.
 *
 * It goes by the names of perftest's programs, takes those of their options that
 * the tests use, and reports as they do. ib_send_lat has one message of a QP
 * under way at a time, which the server sends back. What is its own:
 *
 *	--from=SECONDS	with -D: leave out what was done before, and list what each
 *			QP did after
 *
 * A QP that fails is left alone; the others go on, and the exit status is 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <infiniband/verbs.h>
#include <linux/types.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT		1
#define QKEY		0x11111111
#define GRH		40
#define SEND_DEPTH	128
#define RECEIVE_DEPTH	512
#define QPS_MAX		256

enum verb { WRITE, READ, SEND };

/* What the ends tell each other of a QP. */
struct end {
	__u32 qpn;
	__u32 psn;
	__u32 rkey;
	__u64 address;
	union ibv_gid gid;
};

struct qp {
	struct ibv_qp *qp;
	struct ibv_ah *ah;
	struct end far;
	int queued;
	long long posted;
	long long done;
	long long done_before;
	bool failed;
};

static struct {
	enum verb verb;
	bool latency;
	enum ibv_qp_type type;
	const char *device;
	const char *server;
	int gid;
	int tcp_port;
	__u32 size;
	long long count;
	int qps;
	int seconds;
	int from;
	int timeout;
	int tclass;
} option = {
	.type = IBV_QPT_RC,
	.tcp_port = 18515,
	.size = 65536,
	.count = 1000,
	.qps = 1,
	.timeout = 14,
};

static struct ibv_context *context;
static struct ibv_comp_channel *channel;
static struct ibv_pd *pd;
static struct ibv_cq *cq;
static struct ibv_mr *mr;
static struct ibv_port_attr port;
static struct ibv_device_attr device;
static struct qp qps[QPS_MAX];
static char *buffer;

/* Half of each round trip, ns. */
static long long *times;
static long long times_count, times_size;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("verbs: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, " (errno: %s)\n", strerror(errno));
	va_end(args);
	exit(1);
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long now_us(void)
{
	return now_ns() / 1000;
}

/* -- the device and its QPs ---------------------------------------------- */

static bool is_client(void)
{
	return option.server;
}

static void open_device(void)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	int i;

	for (i = 0; list && list[i]; i++)
		if (!strcmp(ibv_get_device_name(list[i]), option.device))
			context = ibv_open_device(list[i]);
	if (!context)
		die("no device %s", option.device);
	if (ibv_query_port(context, PORT, &port) ||
	    ibv_query_device(context, &device))
		die("%s does not tell what it can do", option.device);
	channel = ibv_create_comp_channel(context);
	pd = ibv_alloc_pd(context);
	if (!channel || !pd)
		die("no channel, no domain");
	cq = ibv_create_cq(context,
			   option.qps * (SEND_DEPTH + RECEIVE_DEPTH), NULL,
			   channel, 0);
	if (!cq || ibv_req_notify_cq(cq, 0))
		die("no completion queue");
	buffer = calloc(1, option.size + GRH);
	mr = buffer ? ibv_reg_mr(pd, buffer, option.size + GRH,
				 IBV_ACCESS_LOCAL_WRITE |
				 IBV_ACCESS_REMOTE_WRITE |
				 IBV_ACCESS_REMOTE_READ) : NULL;
	if (!mr)
		die("no memory for messages");
}

static void create(struct qp *qp)
{
	struct ibv_qp_init_attr init = {
		.send_cq = cq,
		.recv_cq = cq,
		.cap = {
			.max_send_wr = SEND_DEPTH,
			.max_recv_wr = option.verb == SEND ? RECEIVE_DEPTH : 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.qp_type = option.type,
	};
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT,
		.port_num = PORT,
		.qkey = QKEY,
		.qp_access_flags = IBV_ACCESS_REMOTE_WRITE,
	};
	int mask = IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT;

	if (option.type == IBV_QPT_UD)
		mask |= IBV_QP_QKEY;
	else
		mask |= IBV_QP_ACCESS_FLAGS;
	if (option.type == IBV_QPT_RC)
		attr.qp_access_flags |= IBV_ACCESS_REMOTE_READ;
	qp->qp = ibv_create_qp(pd, &init);
	if (!qp->qp || ibv_modify_qp(qp->qp, &attr, mask))
		die("no QP");
}

static void receive(struct qp *qp)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)buffer,
		.length = option.size + GRH,
		.lkey = mr->lkey,
	};
	struct ibv_recv_wr *bad, wr = {
		.wr_id = qp - qps,
		.sg_list = &sge,
		.num_sge = 1,
	};

	if (ibv_post_recv(qp->qp, &wr, &bad))
		die("cannot post a buffer");
}

static struct ibv_ah_attr route(const struct end *far)
{
	return (struct ibv_ah_attr) {
		.is_global = 1,
		.port_num = PORT,
		.grh = {
			.dgid = far->gid,
			.sgid_index = option.gid,
			.hop_limit = 64,
			.traffic_class = option.tclass,
		},
	};
}

static void make_ready(struct qp *qp, const struct end *near)
{
	bool rc = option.type == IBV_QPT_RC, ud = option.type == IBV_QPT_UD;
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = port.active_mtu,
		.dest_qp_num = qp->far.qpn,
		.rq_psn = qp->far.psn,
		.ah_attr = route(&qp->far),
		.max_dest_rd_atomic = device.max_qp_rd_atom,
		.min_rnr_timer = 12,
	};
	int i, mask = IBV_QP_STATE;

	if (!ud)
		mask |= IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN |
			IBV_QP_RQ_PSN;
	if (rc)
		mask |= IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER;
	if (ibv_modify_qp(qp->qp, &attr, mask))
		die("a QP does not become ready to receive");

	attr = (struct ibv_qp_attr) {
		.qp_state = IBV_QPS_RTS,
		.sq_psn = near->psn,
		.timeout = option.timeout,
		.retry_cnt = 7,
		.rnr_retry = 7,
		.max_rd_atomic = device.max_qp_rd_atom,
	};
	mask = IBV_QP_STATE | IBV_QP_SQ_PSN;
	if (rc)
		mask |= IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			IBV_QP_MAX_QP_RD_ATOMIC;
	if (ibv_modify_qp(qp->qp, &attr, mask))
		die("a QP does not become ready to send");
	if (ud && is_client()) {
		struct ibv_ah_attr to = route(&qp->far);

		qp->ah = ibv_create_ah(pd, &to);
		if (!qp->ah)
			die("no address handle");
	}
	if (option.verb != SEND || (is_client() && !option.latency))
		return;
	for (i = 0; i < RECEIVE_DEPTH; i++)
		receive(qp);
}

/* -- the other end ------------------------------------------------------- */

static int meet(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(option.tcp_port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	int listener, on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (is_client()) {
		if (inet_pton(AF_INET, option.server, &to.sin_addr) != 1 ||
		    connect(fd, (struct sockaddr *)&to, sizeof(to)))
			die("no server at %s", option.server);
		return fd;
	}
	listener = fd;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) ||
	    listen(listener, 1))
		die("cannot listen on port %d", option.tcp_port);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("no client");
	close(listener);
	return fd;
}

static void swap(int fd, const void *mine, void *theirs, size_t size)
{
	if (send(fd, mine, size, MSG_NOSIGNAL) != (ssize_t)size ||
	    recv(fd, theirs, size, MSG_WAITALL) != (ssize_t)size)
		die("the other end is gone");
}

static void connect_all(int fd)
{
	struct end near[QPS_MAX] = {}, far[QPS_MAX];
	size_t size = option.qps * sizeof(*near);
	union ibv_gid gid;
	int i;

	if (ibv_query_gid(context, PORT, option.gid, &gid))
		die("%s has no GID %d", option.device, option.gid);
	for (i = 0; i < option.qps; i++) {
		create(&qps[i]);
		near[i] = (struct end) {
			.qpn = qps[i].qp->qp_num,
			.psn = lrand48() & 0xffffff,
			.rkey = mr->rkey,
			.address = (uintptr_t)buffer,
			.gid = gid,
		};
	}
	swap(fd, near, far, size);
	for (i = 0; i < option.qps; i++) {
		qps[i].far = far[i];
		make_ready(&qps[i], &near[i]);
	}
	swap(fd, near, far, 1);		/* both are ready */
}

/* -- traffic ------------------------------------------------------------- */

static void post_one(struct qp *qp)
{
	static const enum ibv_wr_opcode opcodes[] = {
		[WRITE] = IBV_WR_RDMA_WRITE,
		[READ] = IBV_WR_RDMA_READ,
		[SEND] = IBV_WR_SEND,
	};
	struct ibv_sge sge = {
		.addr = (uintptr_t)buffer,
		.length = option.size,
		.lkey = mr->lkey,
	};
	struct ibv_send_wr *bad, wr = {
		.wr_id = qp - qps,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = opcodes[option.verb],
		.send_flags = IBV_SEND_SIGNALED,
	};

	if (option.type == IBV_QPT_UD) {
		wr.wr.ud.ah = qp->ah;
		wr.wr.ud.remote_qpn = qp->far.qpn;
		wr.wr.ud.remote_qkey = QKEY;
	} else {
		wr.wr.rdma.remote_addr = qp->far.address;
		wr.wr.rdma.rkey = qp->far.rkey;
	}
	if (ibv_post_send(qp->qp, &wr, &bad))
		die("cannot post a request");
	qp->queued++;
	qp->posted++;
}

static void fail(struct qp *qp, const struct ibv_wc *wc)
{
	if (!qp->failed)
		fprintf(stderr, "QP %u: %s\n", qp->qp->qp_num,
			ibv_wc_status_str(wc->status));
	qp->failed = true;
}

/* To and fro. */
static void bounce(struct qp *qp, const struct ibv_wc *wc)
{
	if (wc->status != IBV_WC_SUCCESS) {
		fail(qp, wc);
	} else if (wc->opcode != IBV_WC_RECV) {
		qp->queued--;
	} else {
		receive(qp);
		if (is_client())
			qp->done++;
		else
			post_one(qp);
	}
}

static void complete(const struct ibv_wc *wc)
{
	struct qp *qp = &qps[wc->wr_id];

	if (option.latency) {
		bounce(qp, wc);
		return;
	}
	if (!is_client()) {
		if (wc->status == IBV_WC_SUCCESS)
			receive(qp);
		return;
	}
	qp->queued--;
	if (wc->status == IBV_WC_SUCCESS)
		qp->done++;
	else
		fail(qp, wc);
}

static void complete_all(void)
{
	struct ibv_wc wc[64];
	int i, count;

	while ((count = ibv_poll_cq(cq, 64, wc)) > 0)
		for (i = 0; i < count; i++)
			complete(&wc[i]);
	if (count < 0)
		die("the completion queue fails");
}

/* Wait for completions, or the other end, or a time; true for the other end. */
static bool wait_until(int fd, long long until)
{
	struct pollfd events[] = {
		{ .fd = channel->fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	long long left = until ? until - now_us() : 0;
	struct ibv_cq *which;
	void *unused;

	if (left < 0)
		left = 0;
	if (poll(events, 2, until ? left / 1000 + 1 : -1) < 0)
		die("poll");
	if (events[0].revents) {
		if (ibv_get_cq_event(channel, &which, &unused))
			die("no event");
		ibv_ack_cq_events(cq, 1);
		if (ibv_req_notify_cq(cq, 0))
			die("no further events");
	}
	complete_all();
	return events[1].revents;
}

static void serve(int fd)
{
	while (!wait_until(fd, 0))
		;
}

/* Post what may be posted; tell whether anything is still to come. */
static bool post_all(bool more)
{
	bool any = false;
	int i;

	for (i = 0; i < option.qps; i++) {
		struct qp *qp = &qps[i];

		while (more && !qp->failed && qp->queued < SEND_DEPTH &&
		       (option.seconds || qp->posted < option.count))
			post_one(qp);
		any |= qp->queued;
	}
	return any;
}

static void begin_account(void)
{
	int i;

	for (i = 0; i < option.qps; i++)
		qps[i].done_before = qps[i].done;
}

static void report(long long us)
{
	long long done = 0;
	double gbps;
	int i;

	for (i = 0; i < option.qps; i++) {
		long long all = qps[i].done - qps[i].done_before;

		if (option.from)
			printf("# QP %u: %lld bytes\n", qps[i].qp->qp_num,
			       all * option.size);
		done += all;
	}
	gbps = us ? done * 0.008 * option.size / us : 0;
	puts(" #bytes #iterations BW peak[Gb/sec] BW average[Gb/sec] MsgRate[Mpps]");
	printf(" %u %lld %.6f %.6f %.6f\n", option.size, done, gbps, gbps,
	       us ? (double)done / us : 0);
}

static int demand(int fd)
{
	long long begin = now_us(), end = 0, from = 0, ended = 0;
	bool more = true;
	int i, failed = 0;

	if (option.seconds)
		end = begin + option.seconds * 1000000LL;
	if (option.from)
		from = begin + option.from * 1000000LL;
	while (post_all(more)) {
		if (wait_until(fd, from ? from : more ? end : 0))
			die("the server is gone");
		if (from && now_us() >= from) {
			begin = now_us();
			begin_account();
			from = 0;
		}
		/* With --from what is under way by then does not count. */
		if (end && more && now_us() >= end) {
			more = false;
			if (option.from) {
				ended = now_us();
				report(ended - begin);
			}
		}
	}
	if (!ended)
		report(now_us() - begin);
	for (i = 0; i < option.qps; i++)
		failed |= qps[i].failed;
	return failed;
}

static void add_time(long long ns)
{
	if (times_count == times_size) {
		times_size = times_size ? 2 * times_size : 1024;
		times = realloc(times, times_size * sizeof(*times));
		if (!times)
			die("no memory for %lld round trips", times_size);
	}
	times[times_count++] = ns;
}

static int by_length(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static double time_at(double part)
{
	return times[(long long)((times_count - 1) * part)] / 1e3;
}

static void report_times(void)
{
	double sum = 0, squares = 0, mean;
	long long i;

	if (!times_count)
		die("no round trip ended");
	qsort(times, times_count, sizeof(*times), by_length);
	for (i = 0; i < times_count; i++)
		sum += times[i] / 1e3;
	mean = sum / times_count;
	for (i = 0; i < times_count; i++)
		squares += (times[i] / 1e3 - mean) * (times[i] / 1e3 - mean);
	fputs(" #bytes #iterations t_min[usec] t_max[usec] t_typical[usec]", stdout);
	puts(" t_avg[usec] t_stdev[usec] 99% percentile[usec] 99.9% percentile[usec]");
	printf(" %u %lld %.2f %.2f %.2f %.2f %.2f %.2f %.2f\n", option.size,
	       times_count, time_at(0), time_at(1), time_at(0.5), mean,
	       sqrt(squares / times_count), time_at(0.99), time_at(0.999));
}

static int ping(int fd)
{
	long long begin = now_us(), sent, trips = 0;
	struct qp *qp = &qps[0];

	while (option.seconds ? now_us() < begin + option.seconds * 1000000LL :
				trips < option.count) {
		sent = now_ns();
		post_one(qp);
		for (trips++; qp->done < trips; )
			if (qp->failed || wait_until(fd, 0))
				die("the server is gone");
		if (now_us() >= begin + option.from * 1000000LL)
			add_time((now_ns() - sent) / 2);
	}
	report_times();
	return 0;
}

/* -- options ------------------------------------------------------------- */

static void __attribute__((noreturn)) usage(void)
{
	fputs("usage: ib_{write,read,send}_bw, ib_send_lat\n"
	      "       -d DEVICE [-x GID_INDEX] [-p PORT]\n"
	      "       [-s BYTES] [-n MESSAGES | -D SECONDS [--from=SECONDS]] [-q QPS]\n"
	      "       [-c RC|UC|UD] [-u TIMEOUT] [--tclass=N] [SERVER]\n",
	      stderr);
	exit(2);
}

static long long number(const char *text, long long low, long long high)
{
	char *end;
	long long value = strtoll(text, &end, 0);

	if (*end || end == text || value < low || value > high)
		usage();
	return value;
}

static enum ibv_qp_type type_of(const char *name)
{
	if (!strcmp(name, "RC"))
		return IBV_QPT_RC;
	if (!strcmp(name, "UC") && option.verb != READ)
		return IBV_QPT_UC;
	if (!strcmp(name, "UD") && option.verb == SEND)
		return IBV_QPT_UD;
	usage();
}

static enum verb verb_of(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	if (!strcmp(name, "ib_write_bw"))
		return WRITE;
	if (!strcmp(name, "ib_read_bw"))
		return READ;
	option.latency = !strcmp(name, "ib_send_lat");
	if (option.latency || !strcmp(name, "ib_send_bw"))
		return SEND;
	usage();
}

static void parse(int argc, char **argv)
{
	static const struct option names[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "tclass", required_argument, NULL, 'T' },
		{ "report_gbits", no_argument, NULL, 'F' },
		{}
	};
	int word;

	option.verb = verb_of(argv[0]);
	while ((word = getopt_long(argc, argv, "d:x:p:s:n:D:q:c:u:eF", names,
				   NULL)) >= 0) {
		switch (word) {
		case 'd':
			option.device = optarg;
			break;
		case 'x':
			option.gid = number(optarg, 0, 255);
			break;
		case 'p':
			option.tcp_port = number(optarg, 1, 65535);
			break;
		case 's':
			option.size = number(optarg, 1, 1 << 30);
			break;
		case 'n':
			option.count = number(optarg, 1, 1LL << 40);
			break;
		case 'D':
			option.seconds = number(optarg, 1, 86400);
			break;
		case 'q':
			option.qps = number(optarg, 1, QPS_MAX);
			break;
		case 'c':
			option.type = type_of(optarg);
			break;
		case 'u':
			option.timeout = number(optarg, 0, 31);
			break;
		case 'f':
			option.from = number(optarg, 1, 86400);
			break;
		case 'T':
			option.tclass = number(optarg, 0, 255);
			break;
		case 'e':
		case 'F':
			break;	/* as it is anyway */
		default:
			usage();
		}
	}
	option.server = argv[optind];
	if (!option.device || (argv[optind] && argv[optind + 1]) ||
	    (option.latency && (option.qps > 1 || option.type == IBV_QPT_UD)) ||
	    (option.from && option.from >= option.seconds))
		usage();
}

int main(int argc, char **argv)
{
	int fd, status = 0;
	char done = 0;

	parse(argc, argv);
	open_device();
	fd = meet();
	connect_all(fd);
	if (is_client())
		status = option.latency ? ping(fd) : demand(fd);
	else
		serve(fd);
	/* Either may leave first. */
	send(fd, &done, 1, MSG_NOSIGNAL);
	return status;
}
