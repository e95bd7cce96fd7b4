// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion notification packets (InfiniBand annex A17, section 17.9.3): the
 * receiver of a CE-marked packet tells the sender's QP about it.
 *
 *	IP | UDP | BTH: opcode 0x81, BECN, destination QP | 16 zeroes | ICRC
 */
#include <linux/string.h>

#include <asm/byteorder.h>

#include "cnp.h"
#include "icrc.h"

#define XGS_CNP_RESERVED	16

/**
 * xgs_cnp_size() - how long a CNP is
 * @ipv6: of IPv6
 *
 * Return: bytes from the IP header on.
 */
u32 xgs_cnp_size(bool ipv6)
{
	return XGS_CNP_UDP_SIZE + (ipv6 ? sizeof(struct xgs_ipv6) :
					  sizeof(struct xgs_ipv4));
}

/**
 * xgs_cnp_write() - write a CNP
 * @data: room for xgs_cnp_size() bytes
 * @cnp: what it says
 *
 * All but the checksum of IPv4, which is the stack's to compute. IPv4's ID is
 * 0, as in a datagram that is never fragmented it means nothing (RFC 6864).
 */
void xgs_cnp_write(void *data, const struct xgs_cnp *cnp)
{
	struct xgs_packet packet = {
		.udp = xgs_cnp_size(cnp->ipv6) - XGS_CNP_UDP_SIZE,
		.icrc = xgs_cnp_size(cnp->ipv6) - XGS_ICRC_SIZE,
		.ipv6 = cnp->ipv6,
	};
	struct xgs_udp *udp = data + packet.udp;
	struct xgs_bth *bth = data + packet.udp + sizeof(*udp);
	struct xgs_ipv4 *ipv4 = data;
	struct xgs_ipv6 *ipv6 = data;
	__le32 icrc;

	memset(data, 0, xgs_cnp_size(cnp->ipv6));
	if (cnp->ipv6) {
		ipv6->flow = cpu_to_be32(6U << 28 | (u32)cnp->tos << 20);
		ipv6->length = cpu_to_be16(XGS_CNP_UDP_SIZE);
		ipv6->next = 17;
		ipv6->hops = cnp->hops;
		memcpy(ipv6->source, cnp->source, sizeof(ipv6->source));
		memcpy(ipv6->destination, cnp->destination,
		       sizeof(ipv6->destination));
	} else {
		ipv4->version = 0x45;
		ipv4->tos = cnp->tos;
		ipv4->length = cpu_to_be16(xgs_cnp_size(false));
		ipv4->fragment = cpu_to_be16(0x4000);
		ipv4->ttl = cnp->hops;
		ipv4->protocol = 17;
		memcpy(ipv4->source, cnp->source, sizeof(ipv4->source));
		memcpy(ipv4->destination, cnp->destination,
		       sizeof(ipv4->destination));
	}
	udp->source = cpu_to_be16(cnp->port);
	udp->destination = cpu_to_be16(XGS_ROCE_PORT);
	udp->length = cpu_to_be16(XGS_CNP_UDP_SIZE);
	bth->opcode = XGS_ROCE_OPCODE_CNP;
	bth->pkey = cpu_to_be16(0xffff);
	bth->dqpn = cpu_to_be32(XGS_BTH_BECN | cnp->dqpn);
	icrc = cpu_to_le32(xgs_icrc(data, &packet));
	memcpy(data + packet.icrc, &icrc, sizeof(icrc));
}

/**
 * xgs_cnp_check() - may a packet with the opcode of a CNP count as one?
 * @data: the packet from its IP header to its end, all of it
 * @packet: what parsing it said
 * @verify_icrc: whether its ICRC matters
 *
 * Return: XGS_CNP_GOOD, or what is wrong with it.
 */
enum xgs_cnp_fault xgs_cnp_check(const void *data,
				 const struct xgs_packet *packet,
				 bool verify_icrc)
{
	static const u8 zeroes[XGS_CNP_RESERVED];
	u32 reserved = packet->udp + sizeof(struct xgs_udp) +
		       sizeof(struct xgs_bth);
	const struct xgs_bth *bth = data + packet->udp + sizeof(struct xgs_udp);

	if (packet->icrc + XGS_ICRC_SIZE != packet->udp + XGS_CNP_UDP_SIZE ||
	    !packet->plain || bth->flags & XGS_BTH_PAD ||
	    !(bth->dqpn & cpu_to_be32(XGS_BTH_BECN)) ||
	    memcmp(data + reserved, zeroes, sizeof(zeroes)))
		return XGS_CNP_SHAPE;
	if (verify_icrc && !xgs_icrc_valid(data, packet))
		return XGS_CNP_ICRC;
	return XGS_CNP_GOOD;
}

/**
 * xgs_cnp_is_due() - may another CNP be sent?
 * @next: when the next one may be; moved on if it is now
 * @now: the time, ns
 * @interval: the least time between two, ns
 *
 * Return: true if so.
 */
bool xgs_cnp_is_due(u64 *next, u64 now, u64 interval)
{
	if (now < *next)
		return false;
	*next = now + interval;
	return true;
}
