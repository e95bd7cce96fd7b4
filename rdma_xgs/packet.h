/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RoCEv2 packets as bytes: what IP, UDP and the transport headers say. Pure:
 * no kernel state. packet.c explains it.
 */
#ifndef _RDMA_XGS_PACKET_H
#define _RDMA_XGS_PACKET_H

#include <linux/types.h>

/* The UDP port of RoCEv2 (IANA). */
#define XGS_ROCE_PORT		4791
/* Queue pairs 0 and 1 are management's; nobody controls their rate. */
#define XGS_ROCE_QPN_FIRST	2U
/* The sender of a CNP has nothing to say but this; InfiniBand annex 17. */
#define XGS_ROCE_OPCODE_CNP	0x81
/* IP header with extensions, UDP, BTH and DETH or AETH lie within. */
#define XGS_ROCE_HEADERS_MAX	128U

/* ECN, the last two bits of the traffic class (RFC 3168). */
#define XGS_ECN_MASK		3
#define XGS_ECN_NOT_ECT		0
#define XGS_ECN_ECT_0		2
#define XGS_ECN_CE		3

/**
 * enum xgs_parse - is it RoCEv2?
 * @XGS_PARSE_ROCE: yes, and struct xgs_packet is filled
 * @XGS_PARSE_OTHER: another protocol or port
 * @XGS_PARSE_FRAGMENT: the first part of a datagram
 * @XGS_PARSE_MALFORMED: lengths that contradict each other
 * @XGS_PARSE_VERSION: a transport version that nobody has defined
 */
enum xgs_parse {
	XGS_PARSE_ROCE,
	XGS_PARSE_OTHER,
	XGS_PARSE_FRAGMENT,
	XGS_PARSE_MALFORMED,
	XGS_PARSE_VERSION,
};

/**
 * enum xgs_kind - what a packet is to congestion control
 * @XGS_KIND_OTHER: an opcode not known here
 * @XGS_KIND_CNP: a congestion notification
 * @XGS_KIND_DATA: SEND, RDMA WRITE or an atomic request
 * @XGS_KIND_READ: a READ request, which asks the other side for data
 * @XGS_KIND_RESPONSE: data that a READ asked for
 * @XGS_KIND_ACK: an ACK, NAK or atomic response
 */
enum xgs_kind {
	XGS_KIND_OTHER,
	XGS_KIND_CNP,
	XGS_KIND_DATA,
	XGS_KIND_READ,
	XGS_KIND_RESPONSE,
	XGS_KIND_ACK,
};

/**
 * struct xgs_packet - a RoCEv2 packet's headers
 * @kind: what it is
 * @opcode: of the BTH
 * @udp: offset of the UDP header from the IP header
 * @icrc: offset of the ICRC, which ends the packet
 * @dqpn: destination QP
 * @sqpn: source QP, where the packet has one (UD); else 0
 * @psn: packet sequence number, 24 bits
 * @ecn: of the IP header
 * @syndrome: of an AETH, else 0
 * @ipv6: it is IPv6
 * @plain: the IP header has no options or extensions
 * @datagram: of the UD transport, which has no connection
 * @reliable: of the RC transport, which acknowledges
 * @ack_req: the sender asks for an ACK
 */
struct xgs_packet {
	enum xgs_kind kind;
	u8 opcode;
	u16 udp;
	u32 icrc;
	u32 dqpn;
	u32 sqpn;
	u32 psn;
	u8 ecn;
	u8 syndrome;
	bool ipv6;
	bool plain;
	bool datagram;
	bool reliable;
	bool ack_req;
};

enum xgs_parse xgs_packet_parse(struct xgs_packet *packet, const void *data,
				u32 available, u32 length);
bool xgs_packet_is_ack(const struct xgs_packet *packet);
bool xgs_packet_begins_response(const struct xgs_packet *packet);

/**
 * xgs_packet_carries_data() - is it a packet whose rate is controlled?
 * @packet: a parsed packet
 *
 * Return: true if it brings data, false if it asks, answers or notifies.
 */
static inline bool xgs_packet_carries_data(const struct xgs_packet *packet)
{
	return packet->kind == XGS_KIND_DATA ||
	       packet->kind == XGS_KIND_RESPONSE;
}

/* -- the headers as they are on the wire --------------------------------- */

struct xgs_ipv4 {
	u8 version;		/* and the header's length, in words */
	u8 tos;
	__be16 length;
	__be16 id;
	__be16 fragment;
	u8 ttl;
	u8 protocol;
	__be16 checksum;
	u8 source[4];
	u8 destination[4];
} __packed;

struct xgs_ipv6 {
	__be32 flow;		/* version, traffic class, flow label */
	__be16 length;
	u8 next;
	u8 hops;
	u8 source[16];
	u8 destination[16];
} __packed;

struct xgs_udp {
	__be16 source;
	__be16 destination;
	__be16 length;
	__be16 checksum;
} __packed;

struct xgs_bth {
	u8 opcode;
	u8 flags;		/* SE, migration, padding, version */
	__be16 pkey;
	__be32 dqpn;		/* FECN, BECN, 6 bits reserved, QPN */
	__be32 psn;		/* AckReq, 7 bits reserved, PSN */
} __packed;

#define XGS_BTH_VERSION		0x0f
#define XGS_BTH_PAD		0x30
#define XGS_BTH_BECN		0x40000000
#define XGS_BTH_ACK_REQ		0x80000000
#define XGS_BTH_24		0x00ffffff
#define XGS_ICRC_SIZE		4

#endif /* _RDMA_XGS_PACKET_H */
