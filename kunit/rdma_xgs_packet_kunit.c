// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what rdma_xgs reads and writes on the wire: headers, ICRC, CNPs.
 *
 * The ICRC of the module is the kernel's crc32_le(), which a kernel without
 * CONFIG_CRC32 (User Mode Linux here) lacks. The tests bring a plain one, bit
 * by bit, so that what they check is what goes into it.
 */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/module.h>
#include <linux/string.h>

#include "random.h"

static u32 slow_crc32_le(u32 crc, const unsigned char *bytes, size_t length)
{
	int bit;

	while (length--) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

#define crc32_le slow_crc32_le

/* rdma_xgs.ko needs a kernel with InfiniBand; its pure files don't. */
#include "../rdma_xgs/packet.c"
#include "../rdma_xgs/icrc.c"
#include "../rdma_xgs/cnp.c"

/*
 * A CNP as a ConnectX-4 Lx sends it, and a packet of UC: scapy,
 * test/contrib/roce.uts.
 */
static const u8 connectx_cnp[] = {
	0x45, 0xc2, 0x00, 0x3c, 0x71, 0x8c, 0x40, 0x00,
	0x40, 0x11, 0x91, 0x61, 0x0a, 0x00, 0x11, 0x01,
	0x0a, 0x00, 0x12, 0x01, 0x00, 0x00, 0x12, 0xb7,
	0x00, 0x28, 0x00, 0x00, 0x81, 0x00, 0xff, 0xff,
	0x40, 0x00, 0x01, 0x18, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x82, 0xfd, 0x00, 0x2a,
};

static const u8 uc_send[] = {
	0x45, 0x01, 0x00, 0x40, 0x04, 0x78, 0x40, 0x00,
	0x40, 0x11, 0xb4, 0xd5, 0xc0, 0xa8, 0x00, 0x07,
	0xc0, 0xa8, 0x00, 0x07, 0xc0, 0x00, 0x12, 0xb7,
	0x00, 0x2c, 0xac, 0xa2, 0x24, 0x60, 0xff, 0xff,
	0x00, 0x00, 0x00, 0xd3, 0x00, 0xcf, 0x17, 0x10,
	0x46, 0x30, 0x81, 0x8b, 0xe2, 0x89, 0x35, 0xd9,
	0x0e, 0x9a, 0x95, 0x50, 0x54, 0x01, 0xbe, 0x88,
	0x5e, 0x50, 0x00, 0x00, 0x78, 0xf3, 0x53, 0xf3,
};

static enum xgs_parse parse(struct xgs_packet *packet, const u8 *data, u32 size)
{
	return xgs_packet_parse(packet, data, size, size);
}

static void reads_a_cnp(struct kunit *test)
{
	struct xgs_packet packet;

	KUNIT_ASSERT_EQ(test, parse(&packet, connectx_cnp, sizeof(connectx_cnp)),
			XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, packet.kind, XGS_KIND_CNP);
	KUNIT_EXPECT_EQ(test, packet.opcode, 0x81);
	KUNIT_EXPECT_EQ(test, packet.dqpn, 0x118U);
	KUNIT_EXPECT_EQ(test, packet.udp, 20);
	KUNIT_EXPECT_EQ(test, packet.icrc, 56U);
	KUNIT_EXPECT_EQ(test, packet.ecn, XGS_ECN_ECT_0);
	KUNIT_EXPECT_TRUE(test, packet.plain);
	KUNIT_EXPECT_FALSE(test, packet.ipv6);
	KUNIT_EXPECT_FALSE(test, packet.reliable);
	KUNIT_EXPECT_FALSE(test, xgs_packet_carries_data(&packet));
}

static void reads_data(struct kunit *test)
{
	struct xgs_packet packet;

	KUNIT_ASSERT_EQ(test, parse(&packet, uc_send, sizeof(uc_send)),
			XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, packet.kind, XGS_KIND_DATA);
	KUNIT_EXPECT_EQ(test, packet.dqpn, 211U);
	KUNIT_EXPECT_EQ(test, packet.psn, 13571856U);
	KUNIT_EXPECT_EQ(test, packet.ecn, 1);
	KUNIT_EXPECT_FALSE(test, packet.reliable);
	KUNIT_EXPECT_FALSE(test, packet.datagram);
	KUNIT_EXPECT_FALSE(test, packet.ack_req);
	KUNIT_EXPECT_TRUE(test, xgs_packet_carries_data(&packet));
}

/* The opcodes by hand from the specification, table 38. */
static void knows_opcodes(struct kunit *test)
{
	static const struct {
		u8 from, to;
		enum xgs_kind kind;
	} of[] = {
		{ 0x00, 0x0b, XGS_KIND_DATA },		/* RC */
		{ 0x0c, 0x0c, XGS_KIND_READ },
		{ 0x0d, 0x10, XGS_KIND_RESPONSE },
		{ 0x11, 0x12, XGS_KIND_ACK },
		{ 0x13, 0x14, XGS_KIND_DATA },
		{ 0x15, 0x15, XGS_KIND_OTHER },
		{ 0x16, 0x17, XGS_KIND_DATA },
		{ 0x18, 0x1f, XGS_KIND_OTHER },
		{ 0x20, 0x2b, XGS_KIND_DATA },		/* UC */
		{ 0x2c, 0x63, XGS_KIND_OTHER },		/* UC, RD, UD */
		{ 0x64, 0x65, XGS_KIND_DATA },		/* UD */
		{ 0x66, 0x80, XGS_KIND_OTHER },
		{ 0x81, 0x81, XGS_KIND_CNP },
		{ 0x82, 0xff, XGS_KIND_OTHER },
	};
	u8 data[sizeof(uc_send)];
	struct xgs_packet packet;
	u32 opcode, i;

	memcpy(data, uc_send, sizeof(data));
	for (i = 0; i < ARRAY_SIZE(of); i++) {
		for (opcode = of[i].from; opcode <= of[i].to; opcode++) {
			data[28] = opcode;
			KUNIT_ASSERT_EQ(test, parse(&packet, data, sizeof(data)),
					XGS_PARSE_ROCE);
			KUNIT_EXPECT_EQ_MSG(test, packet.kind, of[i].kind,
					    "opcode 0x%x", opcode);
			KUNIT_EXPECT_EQ(test, packet.reliable, opcode < 0x20 &&
					of[i].kind != XGS_KIND_OTHER);
		}
	}
}

static void reads_extended_headers(struct kunit *test)
{
	u8 data[sizeof(uc_send)];
	struct xgs_packet packet;

	memcpy(data, uc_send, sizeof(data));
	data[36] = 0x80;		/* AckReq */
	data[28] = 0x11;		/* an ACK, then a NAK */
	data[40] = 0x1f;
	KUNIT_ASSERT_EQ(test, parse(&packet, data, sizeof(data)), XGS_PARSE_ROCE);
	KUNIT_EXPECT_TRUE(test, packet.ack_req);
	KUNIT_EXPECT_EQ(test, packet.syndrome, 0x1f);
	KUNIT_EXPECT_TRUE(test, xgs_packet_is_ack(&packet));
	data[40] = 0x60;
	parse(&packet, data, sizeof(data));
	KUNIT_EXPECT_FALSE(test, xgs_packet_is_ack(&packet));
	data[40] = 0x20;
	parse(&packet, data, sizeof(data));
	KUNIT_EXPECT_FALSE(test, xgs_packet_is_ack(&packet));

	data[28] = 0x0d;
	parse(&packet, data, sizeof(data));
	KUNIT_EXPECT_TRUE(test, xgs_packet_begins_response(&packet));
	data[28] = 0x0e;
	parse(&packet, data, sizeof(data));
	KUNIT_EXPECT_FALSE(test, xgs_packet_begins_response(&packet));
	KUNIT_EXPECT_EQ(test, packet.syndrome, 0);

	data[28] = 0x64;		/* UD: Q_Key, source QP */
	parse(&packet, data, sizeof(data));
	KUNIT_EXPECT_TRUE(test, packet.datagram);
	KUNIT_EXPECT_EQ(test, packet.sqpn, 0x8935d9U);
}

/* Every shorter packet is refused, and none is read beyond its end (KASAN). */
static void refuses_truncated(struct kunit *test)
{
	struct xgs_packet packet;
	u32 size;
	u8 *data;

	for (size = 0; size < sizeof(uc_send); size++) {
		data = kunit_kmalloc(test, size ?: 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, data);
		memcpy(data, uc_send, size);
		KUNIT_EXPECT_EQ_MSG(test, parse(&packet, data, size),
				    size < 28 ? XGS_PARSE_OTHER :
				    XGS_PARSE_MALFORMED, "%u bytes", size);
		/* All of it is there, but only the beginning can be read. */
		KUNIT_EXPECT_EQ_MSG(test,
				    xgs_packet_parse(&packet, data, size,
						     sizeof(uc_send)),
				    size < 28 ? XGS_PARSE_OTHER : size < 40 ?
				    XGS_PARSE_MALFORMED : XGS_PARSE_ROCE,
				    "%u bytes", size);
		kunit_kfree(test, data);
	}
}

static void refuses_nonsense(struct kunit *test)
{
	static const struct {
		const char *what;
		u8 at, value;
		enum xgs_parse answer;
	} flaws[] = {
		{ "IP version", 0, 0x55, XGS_PARSE_OTHER },
		{ "header of 16 bytes", 0, 0x44, XGS_PARSE_OTHER },
		{ "header beyond the end", 0, 0x4f, XGS_PARSE_OTHER },
		{ "IP length beyond the end", 3, 0x41, XGS_PARSE_MALFORMED },
		{ "IP length within the header", 3, 19, XGS_PARSE_MALFORMED },
		{ "IP length within UDP", 3, 63, XGS_PARSE_MALFORMED },
		{ "TCP", 9, 6, XGS_PARSE_OTHER },
		{ "another port", 23, 0xb8, XGS_PARSE_OTHER },
		{ "UDP length beyond IP", 25, 0x2d, XGS_PARSE_MALFORMED },
		{ "UDP length 11", 25, 11, XGS_PARSE_MALFORMED },
		{ "UDP length 7", 25, 7, XGS_PARSE_MALFORMED },
		{ "UDP without room for a BTH", 25, 23, XGS_PARSE_MALFORMED },
		{ "transport version", 29, 0x61, XGS_PARSE_VERSION },
		{ "first fragment", 6, 0x20, XGS_PARSE_FRAGMENT },
		{ "later fragment", 7, 1, XGS_PARSE_OTHER },
	};
	u8 data[sizeof(uc_send)];
	struct xgs_packet packet;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flaws); i++) {
		memcpy(data, uc_send, sizeof(data));
		data[flaws[i].at] = flaws[i].value;
		KUNIT_EXPECT_EQ_MSG(test, parse(&packet, data, sizeof(data)),
				    flaws[i].answer, "%s", flaws[i].what);
	}
	/* No room for what the opcode has behind the BTH. */
	memcpy(data, uc_send, sizeof(data));
	data[25] = 8 + 12 + 3 + 4;
	data[28] = 0x11;
	KUNIT_EXPECT_EQ(test, parse(&packet, data, sizeof(data)),
			XGS_PARSE_MALFORMED);
	data[25]++;
	KUNIT_EXPECT_EQ(test, parse(&packet, data, sizeof(data)),
			XGS_PARSE_ROCE);
	data[25] = 8 + 12 + 7 + 4;
	data[28] = 0x64;
	KUNIT_EXPECT_EQ(test, parse(&packet, data, sizeof(data)),
			XGS_PARSE_MALFORMED);
}

static void reads_options(struct kunit *test)
{
	u8 data[sizeof(uc_send) + 4] = {};
	struct xgs_packet packet;

	memcpy(data, uc_send, 20);
	memcpy(data + 24, uc_send + 20, sizeof(uc_send) - 20);
	data[0] = 0x46;
	data[3] += 4;
	KUNIT_ASSERT_EQ(test, parse(&packet, data, sizeof(data)), XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, packet.udp, 24);
	KUNIT_EXPECT_EQ(test, packet.dqpn, 211U);
	KUNIT_EXPECT_FALSE(test, packet.plain);
	KUNIT_EXPECT_FALSE(test, xgs_icrc_valid(data, &packet));
}

/* The payload of uc_send behind IPv6 and @size bytes of extensions. */
static u32 make_ipv6(u8 *data, u8 next, const u8 *extensions, u32 size)
{
	u32 udp = sizeof(uc_send) - 20;

	memset(data, 0, 40);
	data[0] = 0x60 | 0xb >> 2;
	data[1] = (0xb & 3) << 6 | XGS_ECN_CE << 4;
	data[5] = size + udp;
	data[6] = next;
	memcpy(data + 40, extensions, size);
	memcpy(data + 40 + size, uc_send + 20, udp);
	return 40 + size + udp;
}

static void reads_ipv6(struct kunit *test)
{
	static const u8 hop[] = { 60, 0, 0, 0, 0, 0, 0, 0 };
	static const u8 options[] = { 60, 0, 0, 0, 0, 0, 0, 0,
				      17, 1, 0, 0, 0, 0, 0, 0,
				      0, 0, 0, 0, 0, 0, 0, 0 };
	static const u8 whole[] = { 17, 0, 0, 0, 0, 0, 0, 1 };
	static const u8 first[] = { 17, 0, 0, 1, 0, 0, 0, 1 };
	static const u8 later[] = { 17, 0, 0, 8, 0, 0, 0, 1 };
	struct xgs_packet packet;
	u8 endless[80], data[256];
	u32 size;

	size = make_ipv6(data, 17, NULL, 0);
	KUNIT_ASSERT_EQ(test, parse(&packet, data, size), XGS_PARSE_ROCE);
	KUNIT_EXPECT_TRUE(test, packet.ipv6);
	KUNIT_EXPECT_TRUE(test, packet.plain);
	KUNIT_EXPECT_EQ(test, packet.udp, 40);
	KUNIT_EXPECT_EQ(test, packet.ecn, XGS_ECN_CE);
	KUNIT_EXPECT_EQ(test, packet.psn, 13571856U);
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size - 1),
			XGS_PARSE_MALFORMED);

	size = make_ipv6(data, 0, options, sizeof(options));
	KUNIT_ASSERT_EQ(test, parse(&packet, data, size), XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, packet.udp, 64);
	KUNIT_EXPECT_EQ(test, packet.dqpn, 211U);
	KUNIT_EXPECT_FALSE(test, packet.plain);

	size = make_ipv6(data, 44, whole, sizeof(whole));
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size), XGS_PARSE_ROCE);
	size = make_ipv6(data, 44, first, sizeof(first));
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size), XGS_PARSE_FRAGMENT);
	size = make_ipv6(data, 44, later, sizeof(later));
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size), XGS_PARSE_OTHER);
	/* An extension whose end is not there, ESP, and nothing but headers. */
	size = make_ipv6(data, 0, hop, sizeof(hop));
	data[41] = 255;
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size), XGS_PARSE_OTHER);
	size = make_ipv6(data, 50, hop, sizeof(hop));
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size), XGS_PARSE_OTHER);
	for (size = 0; size < sizeof(endless); size += 8)
		memcpy(endless + size, hop, 8);
	size = make_ipv6(data, 60, endless, sizeof(endless));
	KUNIT_EXPECT_EQ(test, parse(&packet, data, size), XGS_PARSE_OTHER);
}

static void icrc_is_that_of_hardware(struct kunit *test)
{
	struct xgs_packet packet;

	KUNIT_ASSERT_EQ(test, parse(&packet, connectx_cnp, sizeof(connectx_cnp)),
			XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, xgs_icrc(connectx_cnp, &packet), 0x2a00fd82U);
	KUNIT_EXPECT_TRUE(test, xgs_icrc_valid(connectx_cnp, &packet));
	KUNIT_ASSERT_EQ(test, parse(&packet, uc_send, sizeof(uc_send)),
			XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, xgs_icrc(uc_send, &packet), 0xf353f378U);
	KUNIT_EXPECT_TRUE(test, xgs_icrc_valid(uc_send, &packet));
}

/* Whatever bit changes: routers' fields do not matter, all others do. */
static void icrc_covers_what_it_should(struct kunit *test)
{
	u8 data[sizeof(connectx_cnp)];
	struct xgs_packet packet;
	bool free;
	u32 at;

	parse(&packet, connectx_cnp, sizeof(connectx_cnp));
	for (at = 0; at < sizeof(data); at++) {
		memcpy(data, connectx_cnp, sizeof(data));
		data[at] ^= 0x10;
		free = at == 1 || at == 8 || at == 10 || at == 11 ||
		       at == 26 || at == 27 || at == 32;
		KUNIT_EXPECT_EQ_MSG(test, xgs_icrc_valid(data, &packet), free,
				    "byte %u", at);
	}
}

static void icrc_covers_ipv6(struct kunit *test)
{
	struct xgs_packet packet;
	u8 data[128];
	__le32 icrc;
	u32 size, at;
	bool free;

	size = make_ipv6(data, 17, NULL, 0);
	parse(&packet, data, size);
	icrc = cpu_to_le32(xgs_icrc(data, &packet));
	memcpy(data + packet.icrc, &icrc, sizeof(icrc));
	KUNIT_EXPECT_TRUE(test, xgs_icrc_valid(data, &packet));
	for (at = 0; at < size; at++) {
		data[at] ^= 0x01;
		free = (at > 0 && at < 4) || at == 7 || at == 46 || at == 47 ||
		       at == 52;
		/* The lower half of the first byte is traffic class too. */
		free |= at == 0;
		KUNIT_EXPECT_EQ_MSG(test, xgs_icrc_valid(data, &packet), free,
				    "byte %u", at);
		data[at] ^= 0x01;
	}
}

static struct xgs_cnp cnp_of_capture(void)
{
	struct xgs_cnp cnp = {
		.source = { 10, 0, 17, 1 },
		.destination = { 10, 0, 18, 1 },
		.dqpn = 0x118,
		.tos = 0xc2,
		.hops = 64,
	};

	return cnp;
}

/* Byte for byte as hardware, but for its ID, and so checksum and ICRC. */
static void cnp_is_that_of_hardware(struct kunit *test)
{
	struct xgs_cnp cnp = cnp_of_capture();
	u8 data[XGS_CNP_SIZE_MAX], wanted[sizeof(connectx_cnp)];
	struct xgs_packet packet;

	memcpy(wanted, connectx_cnp, sizeof(wanted));
	memset(wanted + 4, 0, 2);
	memset(wanted + 10, 0, 2);
	xgs_cnp_write(data, &cnp);
	KUNIT_EXPECT_EQ(test, xgs_cnp_size(false), (u32)sizeof(wanted));
	KUNIT_EXPECT_EQ(test, memcmp(data, wanted, 56), 0);
	KUNIT_ASSERT_EQ(test, parse(&packet, data, xgs_cnp_size(false)),
			XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, true), XGS_CNP_GOOD);
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(connectx_cnp, &packet, true),
			XGS_CNP_GOOD);
}

static void cnp_of_ipv6(struct kunit *test)
{
	struct xgs_cnp cnp = cnp_of_capture();
	u8 data[XGS_CNP_SIZE_MAX];
	struct xgs_packet packet;

	cnp.ipv6 = true;
	xgs_cnp_write(data, &cnp);
	KUNIT_EXPECT_EQ(test, xgs_cnp_size(true), 80U);
	KUNIT_ASSERT_EQ(test, parse(&packet, data, 80), XGS_PARSE_ROCE);
	KUNIT_EXPECT_EQ(test, packet.kind, XGS_KIND_CNP);
	KUNIT_EXPECT_EQ(test, packet.dqpn, 0x118U);
	KUNIT_EXPECT_EQ(test, packet.ecn, XGS_ECN_ECT_0);
	KUNIT_EXPECT_EQ(test, data[0], 0x6c);
	KUNIT_EXPECT_EQ(test, data[7], 64);
	KUNIT_EXPECT_EQ(test, memcmp(data + 8, cnp.source, 16), 0);
	KUNIT_EXPECT_EQ(test, memcmp(data + 24, cnp.destination, 16), 0);
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, true), XGS_CNP_GOOD);
}

static void cnp_is_checked(struct kunit *test)
{
	u8 data[sizeof(connectx_cnp) + 4] = {};
	struct xgs_packet packet;
	u32 at;

	/* The reserved bytes, even if nobody checks the ICRC. */
	for (at = 40; at < 56; at++) {
		memcpy(data, connectx_cnp, sizeof(connectx_cnp));
		data[at] = 1;
		parse(&packet, data, sizeof(connectx_cnp));
		KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, false),
				XGS_CNP_SHAPE);
	}
	memcpy(data, connectx_cnp, sizeof(connectx_cnp));
	data[32] = 0;			/* no BECN */
	parse(&packet, data, sizeof(connectx_cnp));
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, false),
			XGS_CNP_SHAPE);
	memcpy(data, connectx_cnp, sizeof(connectx_cnp));
	data[29] = 0x10;		/* padding */
	parse(&packet, data, sizeof(connectx_cnp));
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, false),
			XGS_CNP_SHAPE);
	memcpy(data, connectx_cnp, sizeof(connectx_cnp));
	data[3] = 64;			/* four bytes more */
	data[25] = 44;
	parse(&packet, data, sizeof(data));
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, false),
			XGS_CNP_SHAPE);
	memcpy(data, connectx_cnp, sizeof(connectx_cnp));
	data[56] ^= 1;
	parse(&packet, data, sizeof(connectx_cnp));
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, true), XGS_CNP_ICRC);
	KUNIT_EXPECT_EQ(test, xgs_cnp_check(data, &packet, false), XGS_CNP_GOOD);
}

static void cnps_are_rare(struct kunit *test)
{
	u64 next = 0;

	KUNIT_EXPECT_TRUE(test, xgs_cnp_is_due(&next, 1000, 50000));
	KUNIT_EXPECT_FALSE(test, xgs_cnp_is_due(&next, 1000, 50000));
	KUNIT_EXPECT_FALSE(test, xgs_cnp_is_due(&next, 50999, 50000));
	KUNIT_EXPECT_TRUE(test, xgs_cnp_is_due(&next, 51000, 50000));
	KUNIT_EXPECT_EQ(test, next, 101000ULL);
	KUNIT_EXPECT_TRUE(test, xgs_cnp_is_due(&next, 999999, 50000));
	KUNIT_EXPECT_FALSE(test, xgs_cnp_is_due(&next, 1000000, 50000));
}

/* Random bytes, half of them with right beginnings: nothing is read that is
 * not there, and what parses lies within the packet.
 */
static void random_bytes(struct kunit *test)
{
	struct xgs_packet packet;
	struct rnd_state rnd;
	u32 i, size, at, parsed = 0;
	u8 *data;

	prandom_seed_state(&rnd, 4791);
	for (i = 0; i < 20000; i++) {
		size = prandom_u32_state(&rnd) % 160;
		data = kunit_kmalloc(test, size ?: 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, data);
		for (at = 0; at < size; at++)
			data[at] = prandom_u32_state(&rnd);
		memcpy(data, uc_send, min_t(u32, size, sizeof(uc_send)));
		for (at = prandom_u32_state(&rnd) % 4; size && at; at--)
			data[prandom_u32_state(&rnd) % size] =
				prandom_u32_state(&rnd);
		if (parse(&packet, data, size) == XGS_PARSE_ROCE) {
			parsed++;
			KUNIT_EXPECT_LE(test, packet.icrc + 4, size);
			KUNIT_EXPECT_GE(test, packet.icrc, packet.udp + 20U);
			if (packet.plain)
				xgs_icrc(data, &packet);
			xgs_cnp_check(data, &packet, true);
		}
		kunit_kfree(test, data);
	}
	KUNIT_EXPECT_GT(test, parsed, 2000U);
}

static struct kunit_case rdma_xgs_packet_cases[] = {
	KUNIT_CASE(reads_a_cnp),
	KUNIT_CASE(reads_data),
	KUNIT_CASE(knows_opcodes),
	KUNIT_CASE(reads_extended_headers),
	KUNIT_CASE(refuses_truncated),
	KUNIT_CASE(refuses_nonsense),
	KUNIT_CASE(reads_options),
	KUNIT_CASE(reads_ipv6),
	KUNIT_CASE(icrc_is_that_of_hardware),
	KUNIT_CASE(icrc_covers_what_it_should),
	KUNIT_CASE(icrc_covers_ipv6),
	KUNIT_CASE(cnp_is_that_of_hardware),
	KUNIT_CASE(cnp_of_ipv6),
	KUNIT_CASE(cnp_is_checked),
	KUNIT_CASE(cnps_are_rare),
	KUNIT_CASE(random_bytes),
	{}
};

static struct kunit_suite rdma_xgs_packet_suite = {
	.name = "rdma_xgs_packet",
	.test_cases = rdma_xgs_packet_cases,
};

kunit_test_suite(rdma_xgs_packet_suite);

MODULE_DESCRIPTION("KUnit tests of the packets of rdma_xgs");
MODULE_LICENSE("GPL");
