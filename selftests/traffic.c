// SPDX-License-Identifier: GPL-2.0
/*
 * traffic: TCP traffic that costs little besides the stack itself, and the
 * system calls that no shell has. What it prints is in microseconds of
 * CLOCK_MONOTONIC, a line at a time.
 *
 * The sink wakes for every 64 KB, not for every packet, and throws data away
 * unseen: on an emulated processor the programs would cost more than TCP.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCK		(256 * 1024)
#define WAKE_BYTES	(64 * 1024)

static char block[BLOCK];

static struct {
	const char *control;
	const char *other;
	long long bytes;
	long ms;
	long pause_ms;
	long step_ms;
	long repeat;
	int rcvbuf;
} option = {
	.repeat = 1,
};

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	fputs("traffic: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, ": %s\n", strerror(err));
	va_end(args);
	exit(1);
}

static void __attribute__((noreturn)) usage(void)
{
	fputs("usage: traffic sink [-R BYTES] PORT\n"
	      "       traffic send [-C CONTROL] [-n BYTES | -t MS] [-r TIMES] [-p MS | -a MS] ADDRESS PORT\n"
	      "       traffic short [-C CONTROL] [-n BYTES] [-r CONNECTIONS] ADDRESS PORT\n"
	      "       traffic reuse [-C CONTROL] [-n BYTES] [-r TIMES] ADDRESS PORT\n"
	      "       traffic swap -C CONTROL -D CONTROL [-n BYTES] [-r TIMES] ADDRESS PORT\n"
	      "       traffic hold [-C CONTROL] [-n BYTES] [-r CONNECTIONS] ADDRESS PORT\n"
	      "sink   accepts and discards, for ever; -R fixes the receive buffer\n"
	      "send   one connection; -r bursts with pauses, the time of each until all is\n"
	      "       acknowledged, or everything that fits into -t; with -a they begin at\n"
	      "       multiples of it on the clock, for all senders at the same time\n"
	      "short  one connection after the other\n"
	      "reuse  one socket, disconnected by connect(AF_UNSPEC) and connected again\n"
	      "swap   one connection that changes its control between bursts\n"
	      "hold   connections that stay open until the process is killed\n",
	      stderr);
	exit(2);
}

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void pause_to_step(long step_ms)
{
	long long step_us = step_ms * 1000LL, now = now_us();
	long long next = (now / step_us + 1) * step_us;
	struct timespec time = { next / 1000000, next % 1000000 * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void report(long long us)
{
	printf("%lld\n", us);
	fflush(stdout);
}

static struct addrinfo *resolve(const char *host, const char *port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	int err = getaddrinfo(host, port, &hints, &found);

	if (err) {
		fprintf(stderr, "traffic: %s port %s: %s\n", host, port,
			gai_strerror(err));
		exit(1);
	}
	return found;
}

static void set_control(int fd, const char *name)
{
	if (name && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name,
			       strlen(name)))
		die("TCP_CONGESTION %s", name);
}

static int new_socket(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	set_control(fd, option.control);
	return fd;
}

static void join(int fd, const struct addrinfo *to)
{
	if (connect(fd, to->ai_addr, to->ai_addrlen))
		die("connect");
}

static void send_bytes(int fd, long long bytes)
{
	while (bytes > 0) {
		ssize_t sent = send(fd, block, bytes < BLOCK ? bytes : BLOCK,
				    MSG_NOSIGNAL);

		if (sent < 0)
			die("send");
		bytes -= sent;
	}
}

/* There is no event for "all acknowledged": look every quarter millisecond. */
static void wait_acked(int fd)
{
	const struct timespec tick = { 0, 250000 };
	int left, err;
	socklen_t size = sizeof(err);

	while (!ioctl(fd, SIOCOUTQ, &left) && left) {
		if (!getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) && err) {
			errno = err;
			die("wait");
		}
		nanosleep(&tick, NULL);
	}
}

/* Tell the sink that this is all, and wait until it agrees. */
static void finish(int fd)
{
	char byte;

	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	if (recv(fd, &byte, 1, 0) < 0)
		die("recv");
	close(fd);
}

static void do_sink(const char *port)
{
	const struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(atoi(port)),
	};
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int events = epoll_create1(0), wake = WAKE_BYTES, on = 1;
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };

	if (listener < 0 || events < 0)
		die("socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (option.rcvbuf &&
	    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &option.rcvbuf,
		       sizeof(option.rcvbuf)))
		die("SO_RCVBUF");
	if (bind(listener, (const struct sockaddr *)&any, sizeof(any)) ||
	    listen(listener, 4096))
		die("port %s", port);
	epoll_ctl(events, EPOLL_CTL_ADD, listener, &event);

	for (;;) {
		ssize_t got;
		int fd;

		if (epoll_wait(events, &event, 1, -1) < 1)
			continue;
		fd = event.data.fd;
		if (fd == listener) {
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd < 0)
				continue;
			if (!option.rcvbuf)
				setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &wake,
					   sizeof(wake));
			event.data.fd = fd;
			epoll_ctl(events, EPOLL_CTL_ADD, fd, &event);
			continue;
		}
		got = recv(fd, NULL, 1 << 30, MSG_TRUNC);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			close(fd);
	}
}

static void do_send(const struct addrinfo *to)
{
	int fd = new_socket(to);
	long long begin;
	long i;

	join(fd, to);
	begin = now_us();
	if (option.ms) {
		while (now_us() - begin < option.ms * 1000LL)
			send_bytes(fd, 16 * 1024);
	} else {
		for (i = 0; i < option.repeat; i++) {
			if (option.step_ms)
				pause_to_step(option.step_ms);
			else if (i && option.pause_ms)
				pause_ms(option.pause_ms);
			begin = now_us();
			send_bytes(fd, option.bytes);
			wait_acked(fd);
			report(now_us() - begin);
		}
	}
	finish(fd);
}

static void do_short(const struct addrinfo *to)
{
	long long begin = now_us();
	long i;

	for (i = 0; i < option.repeat; i++) {
		int fd = new_socket(to);

		join(fd, to);
		send_bytes(fd, option.bytes);
		finish(fd);
	}
	report(now_us() - begin);
}

static void do_reuse(const struct addrinfo *to)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	int fd = new_socket(to);
	long i;

	for (i = 0; i < option.repeat; i++) {
		join(fd, to);
		send_bytes(fd, option.bytes);
		/* Every other time with data still in flight. */
		if (i % 2)
			wait_acked(fd);
		if (connect(fd, &nowhere, sizeof(nowhere)))
			die("disconnect");
	}
	join(fd, to);
	send_bytes(fd, option.bytes);
	finish(fd);
}

static void do_swap(const struct addrinfo *to)
{
	int fd = new_socket(to);
	long i;

	join(fd, to);
	for (i = 0; i < option.repeat; i++) {
		set_control(fd, i % 2 ? option.control : option.other);
		send_bytes(fd, option.bytes);
	}
	wait_acked(fd);
	finish(fd);
}

static void do_hold(const struct addrinfo *to)
{
	long i;

	for (i = 0; i < option.repeat; i++) {
		int fd = new_socket(to);

		join(fd, to);
		send_bytes(fd, option.bytes);
	}
	pause();
}

static const struct {
	const char *name;
	void (*run)(const struct addrinfo *to);
} verbs[] = {
	{ "send", do_send },
	{ "short", do_short },
	{ "reuse", do_reuse },
	{ "swap", do_swap },
	{ "hold", do_hold },
};

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	unsigned int i;
	int letter;

	optind = 2;
	while ((letter = getopt(argc, argv, "C:D:n:t:p:a:r:R:")) != -1) {
		switch (letter) {
		case 'C':
			option.control = optarg;
			break;
		case 'D':
			option.other = optarg;
			break;
		case 'n':
			option.bytes = atoll(optarg);
			break;
		case 't':
			option.ms = atol(optarg);
			break;
		case 'p':
			option.pause_ms = atol(optarg);
			break;
		case 'a':
			option.step_ms = atol(optarg);
			break;
		case 'r':
			option.repeat = atol(optarg);
			break;
		case 'R':
			option.rcvbuf = atoi(optarg);
			break;
		default:
			usage();
		}
	}
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(verb, "sink") && optind + 1 == argc)
		do_sink(argv[optind]);
	if (optind + 2 != argc)
		usage();
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verb, verbs[i].name)) {
			verbs[i].run(resolve(argv[optind], argv[optind + 1]));
			return 0;
		}
	}
	usage();
}
