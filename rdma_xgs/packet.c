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
#include <linux/string.h>

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
#define XGS_OP_WRITE_ONLY_IMM	0x0b
#define XGS_OP_READ_REQUEST	0x0c
#define XGS_OP_READ_FIRST	0x0d
#define XGS_OP_READ_MIDDLE	0x0e
#define XGS_OP_READ_LAST	0x0f
#define XGS_OP_READ_ONLY	0x10
#define XGS_OP_ACK		0x11
#define XGS_OP_ATOMIC_ACK	0x12
#define XGS_OP_COMPARE_SWAP	0x13
#define XGS_OP_FETCH_ADD	0x14
#define XGS_OP_SEND_LAST_INV	0x16
#define XGS_OP_SEND_ONLY_INV	0x17
#define XGS_OP_SEND_ONLY	0x04
#define XGS_OP_SEND_ONLY_IMM	0x05

#define XGS_AETH_SIZE		4
#define XGS_DETH_SIZE		8
/* The upper three bits of a syndrome: 0 is an ACK. */
#define XGS_SYNDROME_TYPE	0xe0

struct xgs_ipv6_extension {
	u8 next;
	u8 length;		/* in 8 bytes, the first 8 not counted */
	__be16 fragment;	/* of a fragment header only */
	__be32 id;
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
	struct xgs_ipv4 header;
	u16 fragment;

	if (available < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	ip->payload = (header.version & 0xf) * 4;
	ip->end = be16_to_cpu(header.length);
	fragment = be16_to_cpu(header.fragment);
	ip->more = fragment & XGS_IPV4_MORE;
	packet->ipv6 = false;
	packet->plain = ip->payload == sizeof(header);
	packet->ecn = header.tos & XGS_ECN_MASK;
	return ip->payload >= sizeof(header) &&
	       header.protocol == XGS_PROTOCOL_UDP &&
	       !(fragment & XGS_IPV4_OFFSET);
}

static bool xgs_parse_ipv6(struct xgs_packet *packet, struct xgs_ip *ip,
			   const u8 *data, u32 available)
{
	struct xgs_ipv6_extension extension;
	struct xgs_ipv6 header;
	u32 count;
	u8 next;

	if (available < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	ip->payload = sizeof(header);
	ip->end = sizeof(header) + be16_to_cpu(header.length);
	ip->more = false;
	packet->ipv6 = true;
	packet->ecn = be32_to_cpu(header.flow) >> 20 & XGS_ECN_MASK;
	next = header.next;
	packet->plain = next == XGS_PROTOCOL_UDP;
	for (count = 0; next != XGS_PROTOCOL_UDP; count++) {
		if (count == XGS_EXTENSIONS_MAX || available < ip->payload ||
		    available - ip->payload < sizeof(extension))
			return false;
		memcpy(&extension, data + ip->payload, sizeof(extension));
		switch (next) {
		case XGS_PROTOCOL_FRAGMENT:
			if (be16_to_cpu(extension.fragment) & XGS_IPV6_OFFSET)
				return false;
			if (be16_to_cpu(extension.fragment) & XGS_IPV6_MORE)
				ip->more = true;
			ip->payload += sizeof(extension);
			break;
		case XGS_PROTOCOL_HOP:
		case XGS_PROTOCOL_ROUTING:
		case XGS_PROTOCOL_OPTIONS:
			ip->payload += (extension.length + 1) * 8;
			break;
		default:
			return false;
		}
		next = extension.next;
	}
	return true;
}

static enum xgs_kind xgs_kind_of_rc(u8 op)
{
	switch (op) {
	case 0 ... XGS_OP_WRITE_ONLY_IMM:
	case XGS_OP_COMPARE_SWAP:
	case XGS_OP_FETCH_ADD:
	case XGS_OP_SEND_LAST_INV:
	case XGS_OP_SEND_ONLY_INV:
		return XGS_KIND_DATA;
	case XGS_OP_READ_REQUEST:
		return XGS_KIND_READ;
	case XGS_OP_READ_FIRST ... XGS_OP_READ_ONLY:
		return XGS_KIND_RESPONSE;
	case XGS_OP_ACK:
	case XGS_OP_ATOMIC_ACK:
		return XGS_KIND_ACK;
	}
	return XGS_KIND_OTHER;
}

static enum xgs_kind xgs_kind_of(u8 opcode)
{
	u8 op = opcode & 0x1f;

	if (opcode == XGS_ROCE_OPCODE_CNP)
		return XGS_KIND_CNP;
	switch (opcode >> 5) {
	case XGS_TRANSPORT_RC:
		return xgs_kind_of_rc(op);
	case XGS_TRANSPORT_UC:
		return op <= XGS_OP_WRITE_ONLY_IMM ? XGS_KIND_DATA :
						     XGS_KIND_OTHER;
	case XGS_TRANSPORT_UD:
		return op == XGS_OP_SEND_ONLY || op == XGS_OP_SEND_ONLY_IMM ?
		       XGS_KIND_DATA : XGS_KIND_OTHER;
	}
	return XGS_KIND_OTHER;
}

static bool xgs_has_aeth(const struct xgs_packet *packet)
{
	return packet->kind == XGS_KIND_ACK ||
	       (packet->kind == XGS_KIND_RESPONSE &&
		packet->opcode != XGS_OP_READ_MIDDLE);
}

/* @room: bytes between UDP header and ICRC; @seen: those of them in @data. */
static enum xgs_parse xgs_parse_transport(struct xgs_packet *packet,
					  const u8 *data, u32 room, u32 seen)
{
	struct xgs_bth bth;
	__be32 more[2];

	if (min(room, seen) < sizeof(bth))
		return XGS_PARSE_MALFORMED;
	memcpy(&bth, data, sizeof(bth));
	if (bth.flags & XGS_BTH_VERSION)
		return XGS_PARSE_VERSION;
	packet->opcode = bth.opcode;
	packet->kind = xgs_kind_of(bth.opcode);
	packet->datagram = packet->kind == XGS_KIND_DATA &&
			   bth.opcode >> 5 == XGS_TRANSPORT_UD;
	packet->reliable = packet->kind != XGS_KIND_OTHER &&
			   bth.opcode >> 5 == XGS_TRANSPORT_RC;
	packet->pad = (bth.flags & XGS_BTH_PAD) >> XGS_BTH_PAD_SHIFT;
	packet->dqpn = be32_to_cpu(bth.dqpn) & XGS_BTH_24;
	packet->becn = be32_to_cpu(bth.dqpn) & XGS_BTH_BECN;
	packet->psn = be32_to_cpu(bth.psn) & XGS_BTH_24;
	packet->ack_req = be32_to_cpu(bth.psn) & XGS_BTH_ACK_REQ;

	data += sizeof(bth);
	room = min(room, seen) - sizeof(bth);
	if (xgs_has_aeth(packet)) {
		if (room < XGS_AETH_SIZE)
			return XGS_PARSE_MALFORMED;
		packet->syndrome = data[0];
	}
	if (packet->datagram) {
		if (room < XGS_DETH_SIZE)
			return XGS_PARSE_MALFORMED;
		memcpy(more, data, sizeof(more));
		packet->sqpn = be32_to_cpu(more[1]) & XGS_BTH_24;
	}
	return XGS_PARSE_ROCE;
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
	struct xgs_ip ip = {};
	struct xgs_udp udp;
	const u8 *bytes = data;
	u32 begin, size;
	bool is_udp;

	memset(packet, 0, sizeof(*packet));
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
		is_udp = false;
	}
	if (!is_udp || available < ip.payload ||
	    available - ip.payload < sizeof(udp))
		return XGS_PARSE_OTHER;
	memcpy(&udp, bytes + ip.payload, sizeof(udp));
	if (be16_to_cpu(udp.destination) != XGS_ROCE_PORT)
		return XGS_PARSE_OTHER;
	if (ip.more)
		return XGS_PARSE_FRAGMENT;

	size = be16_to_cpu(udp.length);
	if (ip.end > length || ip.end < ip.payload ||
	    size > ip.end - ip.payload || size < sizeof(udp) + XGS_ICRC_SIZE)
		return XGS_PARSE_MALFORMED;
	packet->udp = ip.payload;
	begin = ip.payload + sizeof(udp);
	packet->icrc = ip.payload + size - XGS_ICRC_SIZE;
	return xgs_parse_transport(packet, bytes + begin, packet->icrc - begin,
				   available - begin);
}

/**
 * xgs_packet_carries_data() - is it a packet whose rate is controlled?
 * @packet: a parsed packet
 *
 * Return: true if it brings data, false if it asks, answers or notifies.
 */
bool xgs_packet_carries_data(const struct xgs_packet *packet)
{
	return packet->kind == XGS_KIND_DATA ||
	       packet->kind == XGS_KIND_RESPONSE;
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
