// SPDX-License-Identifier: GPL-2.0
/*
 * The invariant CRC of a RoCEv2 packet: the CRC32 of Ethernet over all that no
 * router changes (InfiniBand annex A17, section 7.3.1).
 *
 *	8 bytes of ones, in place of InfiniBand's local route header
 *	IP:  of IPv4 TOS, TTL and checksum, of IPv6 traffic class, flow label
 *	     and hop limit taken as ones
 *	UDP: the checksum taken as ones
 *	BTH: FECN, BECN and the reserved bits beside them taken as ones
 *	the rest, up to the ICRC itself, which is stored little-endian
 *
 * ECN bits are not in it: marking a packet leaves its ICRC right.
 */
#include <linux/crc32.h>
#include <linux/string.h>

#include <asm/byteorder.h>

#include "icrc.h"

/* Where in the BTH the bits beside the QPN are. */
#define XGS_BTH_NOTIFICATION	4

struct xgs_icrc_masked {
	u8 route[8];
	union {
		struct xgs_ipv4 ipv4;
		struct xgs_ipv6 ipv6;
		u8 ip[sizeof(struct xgs_ipv6)];
	};
};

/**
 * xgs_icrc() - compute the ICRC of a packet
 * @data: the packet from its IP header to its end
 * @packet: what parsing it said; it has to be plain
 *
 * Return: the ICRC.
 */
u32 xgs_icrc(const void *data, const struct xgs_packet *packet)
{
	u8 headers[sizeof(struct xgs_udp) + sizeof(struct xgs_bth)];
	u32 crc, begin = packet->udp + sizeof(headers);
	struct xgs_icrc_masked masked;
	const u8 *bytes = data;

	memset(masked.route, 0xff, sizeof(masked.route));
	memcpy(masked.ip, bytes, packet->udp);
	if (packet->ipv6) {
		masked.ipv6.flow |= cpu_to_be32(0x0fffffff);
		masked.ipv6.hops = 0xff;
	} else {
		masked.ipv4.tos = 0xff;
		masked.ipv4.ttl = 0xff;
		masked.ipv4.checksum = cpu_to_be16(0xffff);
	}
	memcpy(headers, bytes + packet->udp, sizeof(headers));
	memset(headers + offsetof(struct xgs_udp, checksum), 0xff, 2);
	headers[sizeof(struct xgs_udp) + XGS_BTH_NOTIFICATION] = 0xff;

	crc = crc32_le(~0, masked.route, sizeof(masked.route) + packet->udp);
	crc = crc32_le(crc, headers, sizeof(headers));
	return ~crc32_le(crc, bytes + begin, packet->icrc - begin);
}

/**
 * xgs_icrc_valid() - does a packet have the ICRC that it should?
 * @data: the packet from its IP header to its end
 * @packet: what parsing it said
 *
 * Return: true if so; false also where IP options or extensions leave it open
 * what the ICRC covers.
 */
bool xgs_icrc_valid(const void *data, const struct xgs_packet *packet)
{
	__le32 stored;

	if (!packet->plain)
		return false;
	memcpy(&stored, (const u8 *)data + packet->icrc, sizeof(stored));
	return le32_to_cpu(stored) == xgs_icrc(data, packet);
}
