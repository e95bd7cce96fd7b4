// SPDX-License-Identifier: GPL-2.0
/*
 * Sends RoCEv2 packets that nobody asked for, from any address, right or wrong
 * in one respect, over a raw socket. Its ICRC is computed bit by bit, apart
 * from the module's.
 *
 * usage: roce [OPTION...] SOURCE DESTINATION OPCODE QPN [COUNT]
 *
 *	-e ECN		of the IP header, default 2
 *	-l BYTES	cut the packet to this length
 *	-p PSN		sequence number
 *	-q QPN		source QP of UD
 *	-s STEP		add to the QPN with each packet
 *	-t ADDRESS	source of the last packet
 *	-B		no BECN bit
 *	-I		wrong ICRC
 *	-L		UDP says it is longer than it is
 *	-R		reserved bytes are not zero
 *	-V		transport version 1
 *	-O		IP options
 */
#include <arpa/inet.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROCE_PORT	4791
#define CNP		0x81
#define UD_SEND		0x64
#define RC_ACK		0x11
#define PAYLOAD		16

static struct {
	int ecn, cut, no_becn, bad_icrc, long_udp, reserved, version, options;
	__u32 psn, source_qpn, step;
} option = { .ecn = 2 };

static __u32 crc(__u32 value, const __u8 *bytes, size_t length)
{
	while (length--) {
		value ^= *bytes++;
		for (int bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
	}
	return value;
}

static void put32(__u8 *at, __u32 value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static size_t make(__u8 *packet, in_addr_t from, in_addr_t to, int opcode,
		   __u32 qpn)
{
	size_t ip = option.options ? 24 : 20, more = 0, size;
	__u8 *udp = packet + ip, *bth = udp + 8, masked[128];
	__u32 icrc;

	if (opcode == UD_SEND)
		more = 8;
	else if (opcode == RC_ACK)
		more = 4;
	size = ip + 8 + 12 + more + PAYLOAD + 4;
	memset(packet, 0, size);
	packet[0] = 0x40 | ip / 4;
	packet[1] = option.ecn;
	packet[3] = size;
	packet[6] = 0x40;
	packet[8] = 64;
	packet[9] = IPPROTO_UDP;
	memcpy(packet + 12, &from, 4);
	memcpy(packet + 16, &to, 4);
	if (option.options)
		memset(packet + 20, 1, 4);
	udp[0] = 0xc0;
	udp[2] = ROCE_PORT >> 8;
	udp[3] = ROCE_PORT & 0xff;
	udp[5] = size - ip + (option.long_udp ? 40 : 0);
	bth[0] = opcode;
	bth[1] = option.version;
	bth[2] = 0xff;
	bth[3] = 0xff;
	put32(bth + 4, qpn | (opcode == CNP && !option.no_becn ? 1U << 30 : 0));
	put32(bth + 8, option.psn);
	if (opcode == UD_SEND)
		put32(bth + 16, option.source_qpn);
	if (option.reserved)
		bth[20] = 1;

	memset(masked, 0xff, 8);
	memcpy(masked + 8, packet, size - 4);
	masked[8 + 1] = 0xff;
	masked[8 + 8] = 0xff;
	memset(masked + 8 + 10, 0xff, 2);
	memset(masked + 8 + ip + 6, 0xff, 2);
	masked[8 + ip + 8 + 4] = 0xff;
	/* An ID of 0 would be replaced on the way out. */
	packet[4] = 0x12;
	masked[8 + 4] = 0x12;
	icrc = ~crc(~0, masked, 8 + size - 4);
	if (option.bad_icrc)
		icrc ^= 1;
	for (int i = 0; i < 4; i++)
		packet[size - 4 + i] = icrc >> 8 * i;
	if (option.cut && (size_t)option.cut < size) {
		size = option.cut;
		packet[3] = size;
	}
	return size;
}

static int explain(void)
{
	fprintf(stderr, "usage: roce [OPTION...] SOURCE DESTINATION OPCODE QPN [COUNT]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	__u8 packet[128];
	__u32 qpn, count;
	struct in_addr from, last = {};
	int opcode, letter, fd;
	size_t size;

	while ((letter = getopt(argc, argv, "e:l:p:q:s:t:BILORV")) != -1) {
		switch (letter) {
		case 'e':
			option.ecn = atoi(optarg);
			break;
		case 'l':
			option.cut = atoi(optarg);
			break;
		case 'p':
			option.psn = strtoul(optarg, NULL, 0);
			break;
		case 'q':
			option.source_qpn = strtoul(optarg, NULL, 0);
			break;
		case 's':
			option.step = strtoul(optarg, NULL, 0);
			break;
		case 't':
			if (!inet_aton(optarg, &last))
				return explain();
			break;
		case 'B':
			option.no_becn = 1;
			break;
		case 'I':
			option.bad_icrc = 1;
			break;
		case 'L':
			option.long_udp = 1;
			break;
		case 'O':
			option.options = 1;
			break;
		case 'R':
			option.reserved = 1;
			break;
		case 'V':
			option.version = 1;
			break;
		default:
			return explain();
		}
	}
	argv += optind;
	argc -= optind;
	if (argc < 4 || argc > 5 || !inet_aton(argv[0], &from) ||
	    !inet_aton(argv[1], &to.sin_addr))
		return explain();
	opcode = strtol(argv[2], NULL, 0);
	qpn = strtoul(argv[3], NULL, 0);
	count = argc == 5 ? strtoul(argv[4], NULL, 0) : 1;

	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0) {
		perror("roce: socket");
		return 1;
	}
	for (; count; count--, qpn = (qpn + option.step) & 0xffffff) {
		if (count == 1 && last.s_addr)
			from = last;
		size = make(packet, from.s_addr, to.sin_addr.s_addr, opcode,
			    qpn);
		if (sendto(fd, packet, size, 0, (struct sockaddr *)&to,
			   sizeof(to)) < 0) {
			perror("roce: sendto");
			return 1;
		}
	}
	return 0;
}
