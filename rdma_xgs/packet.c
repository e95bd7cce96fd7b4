// SPDX-License-Identifier: GPL-2.0
/*
 * RoCEv2 packets as bytes.
 *
 *	IP | UDP, port 4791 | BTH | AETH or DETH | payload | padding | ICRC
 *
 * (InfiniBand Architecture Specification, annexes A16 and A17.) BTH, the base
 * transport header, is 12 bytes: opcode, flags, P_Key, FECN, BECN, destination
 * QP, AckReq, PSN. The upper three bits of the opcode are the transport.
 *
 * Every byte may have been made by an attacker. Nothing is read beyond what is
 * there, and a length counts only if the one around it has room for it.
 */
#include <linux/minmax.h>

#include <asm/byteorder.h>

#include "packet.h"

#define XGS_PROTOCOL_HOP	0
#define XGS_PROTOCOL_UDP	17
#define XGS_PROTOCOL_ROUTING	43
#define XGS_PROTOCOL_FRAGMENT	44
#define XGS_PROTOCOL_OPTIONS	60
/* IPv6 extension headers that are followed. */
#define XGS_EXTENSIONS_MAX	8

#define XGS_IPV4_MORE		0x2000
#define XGS_IPV4_OFFSET		0x1fff
#define XGS_IPV6_MORE		0x0001
#define XGS_IPV6_OFFSET		0xfff8

/* Transports, the opcode's upper three bits. */
#define XGS_TRANSPORT_RC	0
#define XGS_TRANSPORT_UC	1
#define XGS_TRANSPORT_UD	3

/* Opcodes of RC, of which UC and UD have the first ones. */
#define XGS_OP_SEND_ONLY	0x04
#define XGS_OP_SEND_ONLY_IMM	0x05
#define XGS_OP_WRITE_ONLY_IMM	0x0b
#define XGS_OP_READ_REQUEST	0x0c
#define XGS_OP_READ_FIRST	0x0d
#define XGS_OP_READ_MIDDLE	0x0e
#define XGS_OP_READ_ONLY	0x10
#define XGS_OP_ACK		0x11
#define XGS_OP_ATOMIC_ACK	0x12
#define XGS_OP_COMPARE_SWAP	0x13
#define XGS_OP_FETCH_ADD	0x14
#define XGS_OP_SEND_LAST_INV	0x16
#define XGS_OP_SEND_ONLY_INV	0x17

#define XGS_RC(op)		(XGS_TRANSPORT_RC << 5 | (op))
#define XGS_UC(op)		(XGS_TRANSPORT_UC << 5 | (op))
#define XGS_UD(op)		(XGS_TRANSPORT_UD << 5 | (op))

/* By opcode, an enum xgs_kind. */
static const u8 xgs_kinds[256] = {
	[XGS_RC(0) ... XGS_RC(XGS_OP_WRITE_ONLY_IMM)] = XGS_KIND_DATA,
	[XGS_RC(XGS_OP_READ_REQUEST)] = XGS_KIND_READ,
	[XGS_RC(XGS_OP_READ_FIRST) ... XGS_RC(XGS_OP_READ_ONLY)] =
		XGS_KIND_RESPONSE,
	[XGS_RC(XGS_OP_ACK) ... XGS_RC(XGS_OP_ATOMIC_ACK)] = XGS_KIND_ACK,
	[XGS_RC(XGS_OP_COMPARE_SWAP) ... XGS_RC(XGS_OP_FETCH_ADD)] =
		XGS_KIND_DATA,
	[XGS_RC(XGS_OP_SEND_LAST_INV) ... XGS_RC(XGS_OP_SEND_ONLY_INV)] =
		XGS_KIND_DATA,
	[XGS_UC(0) ... XGS_UC(XGS_OP_WRITE_ONLY_IMM)] = XGS_KIND_DATA,
	[XGS_UD(XGS_OP_SEND_ONLY) ... XGS_UD(XGS_OP_SEND_ONLY_IMM)] =
		XGS_KIND_DATA,
	[XGS_ROCE_OPCODE_CNP] = XGS_KIND_CNP,
};

#define XGS_AETH_SIZE		4
/* The upper three bits of a syndrome: 0 is an ACK. */
#define XGS_SYNDROME_TYPE	0xe0

struct xgs_ipv6_extension {
	u8 next;
	u8 length;		/* in 8 bytes, the first 8 not counted */
	__be16 fragment;	/* of a fragment header only */
	__be32 id;
} __packed;

struct xgs_deth {
	__be32 qkey;
	__be32 sqpn;		/* 8 bits reserved, QPN */
} __packed;

/* What the IP header says about the datagram. */
struct xgs_ip {
	u32 payload;		/* offset */
	u32 end;		/* offset of what follows the datagram */
	bool more;		/* fragments follow */
};

static bool xgs_parse_ipv4(struct xgs_packet *packet, struct xgs_ip *ip,
			   const u8 *data, u32 available)
{
	const struct xgs_ipv4 *header = (const struct xgs_ipv4 *)data;

	if (available < sizeof(*header))
		return false;
	ip->payload = (header->version & 0xf) * 4;
	ip->end = be16_to_cpu(header->length);
	ip->more = header->fragment & cpu_to_be16(XGS_IPV4_MORE);
	packet->ipv6 = false;
	packet->plain = ip->payload == sizeof(*header);
	packet->ecn = header->tos & XGS_ECN_MASK;
	return ip->payload >= sizeof(*header) &&
	       header->protocol == XGS_PROTOCOL_UDP &&
	       !(header->fragment & cpu_to_be16(XGS_IPV4_OFFSET));
}

static bool xgs_parse_ipv6(struct xgs_packet *packet, struct xgs_ip *ip,
			   const u8 *data, u32 available)
{
	const struct xgs_ipv6 *header = (const struct xgs_ipv6 *)data;
	const struct xgs_ipv6_extension *extension;
	u32 count;
	u8 next;

	if (available < sizeof(*header))
		return false;
	ip->payload = sizeof(*header);
	ip->end = sizeof(*header) + be16_to_cpu(header->length);
	ip->more = false;
	packet->ipv6 = true;
	packet->ecn = be32_to_cpu(header->flow) >> 20 & XGS_ECN_MASK;
	next = header->next;
	packet->plain = next == XGS_PROTOCOL_UDP;
	for (count = 0; next != XGS_PROTOCOL_UDP; count++) {
		if (count == XGS_EXTENSIONS_MAX || available < ip->payload ||
		    available - ip->payload < sizeof(*extension))
			return false;
		extension = (const struct xgs_ipv6_extension *)
			    (data + ip->payload);
		switch (next) {
		case XGS_PROTOCOL_FRAGMENT:
			if (extension->fragment & cpu_to_be16(XGS_IPV6_OFFSET))
				return false;
			if (extension->fragment & cpu_to_be16(XGS_IPV6_MORE))
				ip->more = true;
			ip->payload += sizeof(*extension);
			break;
		case XGS_PROTOCOL_HOP:
		case XGS_PROTOCOL_ROUTING:
		case XGS_PROTOCOL_OPTIONS:
			ip->payload += (extension->length + 1) * 8;
			break;
		default:
			return false;
		}
		next = extension->next;
	}
	return true;
}

/* @room: bytes between UDP header and ICRC that are in @data. */
static __always_inline enum xgs_parse
xgs_parse_transport(struct xgs_packet *packet, const u8 *data, u32 room)
{
	const struct xgs_bth *bth = (const struct xgs_bth *)data;
	const struct xgs_deth *deth;
	u8 opcode;

	if (room < sizeof(*bth))
		return XGS_PARSE_MALFORMED;
	if (bth->flags & XGS_BTH_VERSION)
		return XGS_PARSE_VERSION;
	opcode = bth->opcode;
	packet->opcode = opcode;
	packet->kind = xgs_kinds[opcode];
	packet->reliable = packet->kind != XGS_KIND_OTHER &&
			   opcode >> 5 == XGS_TRANSPORT_RC;
	packet->datagram = packet->kind == XGS_KIND_DATA &&
			   opcode >> 5 == XGS_TRANSPORT_UD;
	packet->dqpn = be32_to_cpu(bth->dqpn) & XGS_BTH_24;
	packet->psn = be32_to_cpu(bth->psn) & XGS_BTH_24;
	packet->ack_req = bth->psn & cpu_to_be32(XGS_BTH_ACK_REQ);
	packet->sqpn = 0;
	packet->syndrome = 0;

	data += sizeof(*bth);
	room -= sizeof(*bth);
	if (packet->kind == XGS_KIND_ACK ||
	    (packet->kind == XGS_KIND_RESPONSE &&
	     opcode != XGS_OP_READ_MIDDLE)) {
		if (room < XGS_AETH_SIZE)
			return XGS_PARSE_MALFORMED;
		packet->syndrome = data[0];
	} else if (packet->datagram) {
		deth = (const struct xgs_deth *)data;
		if (room < sizeof(*deth))
			return XGS_PARSE_MALFORMED;
		packet->sqpn = be32_to_cpu(deth->sqpn) & XGS_BTH_24;
	}
	return XGS_PARSE_ROCE;
}

/* @payload: where the IP header ends. */
static __always_inline enum xgs_parse
xgs_parse_udp(struct xgs_packet *packet, const struct xgs_ip *ip, u32 payload,
	      const u8 *data, u32 available, u32 length)
{
	const struct xgs_udp *udp = (const struct xgs_udp *)(data + payload);
	u32 begin = payload + sizeof(*udp), size;

	if (available < begin ||
	    udp->destination != cpu_to_be16(XGS_ROCE_PORT))
		return XGS_PARSE_OTHER;
	if (ip->more)
		return XGS_PARSE_FRAGMENT;

	size = be16_to_cpu(udp->length);
	if (ip->end > length || ip->end < payload ||
	    size > ip->end - payload || size < sizeof(*udp) + XGS_ICRC_SIZE)
		return XGS_PARSE_MALFORMED;
	packet->udp = payload;
	packet->icrc = payload + size - XGS_ICRC_SIZE;
	return xgs_parse_transport(packet, data + begin,
				   min(packet->icrc, available) - begin);
}

/**
 * xgs_packet_parse() - read the headers of a datagram
 * @packet: where the answer goes
 * @data: the datagram from its IP header on
 * @available: how many bytes of it can be read
 * @length: how many there are, those that cannot be read included
 *
 * Return: XGS_PARSE_ROCE if @packet tells about a whole RoCEv2 packet; else
 * why not, and @packet means nothing.
 */
enum xgs_parse xgs_packet_parse(struct xgs_packet *packet, const void *data,
				u32 available, u32 length)
{
	const u8 *bytes = data;
	struct xgs_ip ip;
	bool is_udp;

	available = min(available, length);
	if (!available)
		return XGS_PARSE_OTHER;
	switch (bytes[0] >> 4) {
	case 4:
		is_udp = xgs_parse_ipv4(packet, &ip, bytes, available);
		break;
	case 6:
		is_udp = xgs_parse_ipv6(packet, &ip, bytes, available);
		break;
	default:
		return XGS_PARSE_OTHER;
	}
	if (!is_udp)
		return XGS_PARSE_OTHER;
	/* Nearly all packets: the compiler then knows the offsets. */
	if (ip.payload == sizeof(struct xgs_ipv4))
		return xgs_parse_udp(packet, &ip, sizeof(struct xgs_ipv4),
				     bytes, available, length);
	return xgs_parse_udp(packet, &ip, ip.payload, bytes, available, length);
}

/**
 * xgs_packet_is_ack() - does it say that a packet has arrived?
 * @packet: a parsed packet
 *
 * Return: true for a positive ACK, false for a NAK and all else.
 */
bool xgs_packet_is_ack(const struct xgs_packet *packet)
{
	return packet->kind == XGS_KIND_ACK &&
	       !(packet->syndrome & XGS_SYNDROME_TYPE);
}

/**
 * xgs_packet_begins_response() - is it the first answer to a READ request?
 * @packet: a parsed packet
 *
 * Return: true if so; its PSN is that of the request.
 */
bool xgs_packet_begins_response(const struct xgs_packet *packet)
{
	return packet->kind == XGS_KIND_RESPONSE &&
	       (packet->opcode == XGS_OP_READ_FIRST ||
		packet->opcode == XGS_OP_READ_ONLY);
}
