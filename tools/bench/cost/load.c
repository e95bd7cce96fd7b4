// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opens connections between two network namespaces, and sends over all of
 * them the same number of bytes.
 *
 * usage: load FROM TO ADDRESS PEERS CONNECTIONS ACTIVE BYTES COMMAND
 *
 * The connections go to PEERS addresses in turn, the first is ADDRESS; ACTIVE
 * of them send at a time. COMMAND is run (by sh) with one word more: "open"
 * when all connections are, "sent" when all bytes are with the receivers.
 * Prints how long the transfer took, and for how much of it the CPU was busy.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT		5001
#define MAX_FLOWS	20000
#define CHUNK		65536
#define EVENTS		256
#define AWAIT_MS	120000
#define BACKLOG		16

struct flow {
	int out;
	int in;
	long long left;
	long long due;
};

static struct flow *flows;
static int count;
static char chunk[CHUNK];

static void enter(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static long long number(const char *text, long long most)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < 0 || value > most)
		errx(2, "%s should be 0 to %lld", text, most);
	return value;
}

static int listen_in(const char *name)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
	};
	int one = 1;
	int fd;

	enter(name);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
				 sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(fd, BACKLOG))
		err(1, "listen");
	return fd;
}

static void open_one(struct flow *flow, struct in_addr address, int listener)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr = address,
	};
	struct linger hard = { .l_onoff = 1 };

	flow->out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (flow->out < 0 ||
	    connect(flow->out, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect to %s", inet_ntoa(address));
	flow->in = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (flow->in < 0)
		err(1, "accept");
	/* Closed at once, not in a minute. */
	if (fcntl(flow->out, F_SETFL, O_NONBLOCK) ||
	    setsockopt(flow->out, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)))
		err(1, "a connection");
}

static void tell(const char *command, const char *word)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s %s", command, word);
	if (system(line))
		errx(1, "%s failed", line);
}

/* A value of /proc/timer_list, in nanoseconds: the only clock of idle time
 * that is not in hundredths of a second. One CPU.
 */
static long long read_timer_list(const char *format)
{
	FILE *file = fopen("/proc/timer_list", "r");
	long long value = -1;
	char line[256];

	if (!file)
		err(1, "/proc/timer_list");
	while (value < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &value) != 1)
			value = -1;
	fclose(file);
	if (value < 0)
		errx(1, "no \"%s\" in /proc/timer_list", format);
	return value;
}

static void watch(int epoll, int fd, int index, unsigned int events)
{
	struct epoll_event event = { .events = events, .data.u32 = index };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void start(int epoll, int index, long long bytes)
{
	flows[index].left = bytes;
	flows[index].due = bytes;
	watch(epoll, flows[index].out, 2 * index, EPOLLOUT);
	watch(epoll, flows[index].in, 2 * index + 1, EPOLLIN);
}

static void forget(int epoll, int fd)
{
	if (epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL))
		err(1, "epoll_ctl");
}

/* One chunk a turn: the flows take turns, whatever their order. */
static void send_some(int epoll, struct flow *flow)
{
	size_t size = flow->left < CHUNK ? flow->left : CHUNK;
	ssize_t sent = send(flow->out, chunk, size, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN)
		err(1, "send");
	if (sent > 0)
		flow->left -= sent;
	if (!flow->left)
		forget(epoll, flow->out);
}

/* Returns whether that was the last byte. */
static int receive_some(int epoll, struct flow *flow)
{
	ssize_t got = recv(flow->in, NULL, 1 << 20, MSG_TRUNC);

	if (got == 0 || (got < 0 && errno != EAGAIN))
		err(1, "recv");
	if (got < 0)
		return 0;
	flow->due -= got;
	if (flow->due)
		return 0;
	forget(epoll, flow->in);
	return 1;
}

static void transfer(int active, long long bytes)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int next = 0, done = 0;
	int i, ready;

	if (epoll < 0)
		err(1, "epoll_create1");
	while (next < count && next < active)
		start(epoll, next++, bytes);
	while (done < count) {
		ready = epoll_wait(epoll, events, EVENTS, AWAIT_MS);
		if (ready < 0)
			err(1, "epoll_wait");
		if (!ready)
			errx(1, "%d of %d transfers hang", count - done, count);
		for (i = 0; i < ready; i++) {
			struct flow *flow = &flows[events[i].data.u32 / 2];

			if (events[i].data.u32 % 2 == 0) {
				if (flow->left)
					send_some(epoll, flow);
			} else if (receive_some(epoll, flow)) {
				done++;
				if (next < count)
					start(epoll, next++, bytes);
			}
		}
	}
	close(epoll);
}

int main(int argc, char **argv)
{
	struct rlimit limit = { 2 * MAX_FLOWS + 64, 2 * MAX_FLOWS + 64 };
	struct in_addr first, address;
	int i, peers, active, listener;
	long long bytes, begin, idle;

	if (argc != 9)
		errx(2, "usage: load FROM TO ADDRESS PEERS CONNECTIONS ACTIVE BYTES COMMAND");
	if (!inet_aton(argv[3], &first))
		errx(2, "%s is no address", argv[3]);
	peers = number(argv[4], MAX_FLOWS);
	count = number(argv[5], MAX_FLOWS);
	active = number(argv[6], MAX_FLOWS);
	bytes = number(argv[7], 1LL << 40);
	if (!peers || !active)
		errx(2, "no peers, or nothing active");
	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "setrlimit");
	flows = calloc(count, sizeof(*flows));
	if (!flows)
		err(1, "calloc");

	listener = listen_in(argv[2]);
	enter(argv[1]);
	for (i = 0; i < count; i++) {
		address.s_addr = htonl(ntohl(first.s_addr) + i % peers);
		open_one(&flows[i], address, listener);
	}
	tell(argv[8], "open");
	if (bytes) {
		idle = read_timer_list(" .idle_sleeptime : %lld");
		begin = read_timer_list("now at %lld");
		transfer(active, bytes);
		begin = read_timer_list("now at %lld") - begin;
		idle = read_timer_list(" .idle_sleeptime : %lld") - idle;
		printf("transfer_ns %lld\nbusy_ns %lld\n", begin, begin - idle);
		tell(argv[8], "sent");
	}
	return 0;
}
