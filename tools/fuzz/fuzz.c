// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: what rdma_xgs does with bytes that anybody may have sent.
 *
 * The input is a sequence of events of one flow. Each begins with a byte that
 * says what happens and how much time has passed:
 *
 *	0	a packet comes in: length, then that many bytes
 *	1	a packet goes out: size
 *	2	the base RTT is another: 16 bits, times 16 us
 *	3	the profile changes
 *
 * What must hold whatever comes: no byte is read that is not there (ASan), no
 * arithmetic overflows (UBSan), rates stay within their limits, a CNP takes no
 * more than half of the rate of an epoch, departures never go back.
 */
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "../../rdma_xgs/cnp.h"
#include "../../rdma_xgs/engine.h"
#include "../../rdma_xgs/icrc.h"
#include "../../rdma_xgs/pace.h"
#include "../../rdma_xgs/rtt.h"

#define LINE_RATE	1250000000ULL
#define LEAD		500000000ULL

#define MUST(condition) do {		\
	if (!(condition))		\
		abort();		\
} while (0)

struct input {
	const u8 *data;
	size_t left;
};

struct flow {
	struct xgs_rp_params params;
	struct xgs_rp rp;
	struct xgs_pace pace;
	struct xgs_rtt rtt;
	u64 now;
	u64 due;	/* the next CNP */
	u32 psn;
};

static u8 take(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static u16 take16(struct input *input)
{
	u16 high = take(input);

	return high << 8 | take(input);
}

static void notified(struct flow *flow)
{
	u64 before;

	xgs_rp_advance(&flow->rp, &flow->params, flow->now);
	before = flow->rp.rate;
	xgs_rp_cnp(&flow->rp, &flow->params, flow->now);
	MUST(flow->rp.rate >= before / 2 || flow->rp.rate >= flow->rp.ref / 2 ||
	     flow->rp.rate == flow->params.min_rate);
	MUST(flow->rp.rate <= before);
}

static void hears(struct flow *flow, struct input *input)
{
	u8 cnp[XGS_CNP_SIZE_MAX], *copy;
	struct xgs_packet packet;
	size_t size = take(input);
	struct xgs_cnp reply = {};
	u64 sample;

	size = size < input->left ? size : input->left;
	/* A block of its own, so that ASan sees its end. */
	copy = malloc(size ? size : 1);
	memcpy(copy, input->data, size);
	input->data += size;
	input->left -= size;
	if (xgs_packet_parse(&packet, copy, size, size) != XGS_PARSE_ROCE)
		goto out;
	MUST(packet.icrc + XGS_ICRC_SIZE <= size);
	if (packet.plain)
		xgs_icrc(copy, &packet);
	if (packet.kind == XGS_KIND_CNP &&
	    xgs_cnp_check(copy, &packet, flow->now & 1) == XGS_CNP_GOOD)
		notified(flow);
	if (xgs_packet_is_ack(&packet) ||
	    xgs_packet_begins_response(&packet)) {
		sample = xgs_rtt_answered(&flow->rtt, packet.psn,
					  packet.kind == XGS_KIND_RESPONSE,
					  flow->now);
		if (sample)
			xgs_rp_set_base(&flow->rp, &flow->params,
					sample / NSEC_PER_USEC, flow->now);
	}
	if (packet.ecn == XGS_ECN_CE && xgs_packet_carries_data(&packet) &&
	    xgs_cnp_is_due(&flow->due, flow->now, 50000)) {
		reply.ipv6 = packet.ipv6;
		reply.dqpn = packet.datagram ? packet.sqpn : packet.dqpn;
		xgs_cnp_write(cnp, &reply);
		size = xgs_cnp_size(reply.ipv6);
		MUST(xgs_packet_parse(&packet, cnp, size, size) ==
		     XGS_PARSE_ROCE);
		MUST(xgs_cnp_check(cnp, &packet, true) == XGS_CNP_GOOD);
		MUST(packet.dqpn == reply.dqpn);
	}
out:
	free(copy);
}

/* Never longer than at the present rate, or shorter than at the fastest. */
static u64 gap_of(const struct flow *flow, u16 size)
{
	u64 from = xgs_pace_next(&flow->pace, flow->now, LEAD), gap;

	gap = xgs_rp_gap(&flow->rp, &flow->params, from, size);
	MUST(gap <= (u64)size * NSEC_PER_SEC / flow->rp.rate);
	MUST(gap >= (u64)size * NSEC_PER_SEC / LINE_RATE);
	return gap;
}

static u64 departs(struct flow *flow, u16 size)
{
	u64 early = xgs_pace_early(&flow->pace, flow->now, LEAD);
	u64 before = flow->rp.rate;

	if (early)
		xgs_rp_capped(&flow->rp, &flow->params, early, LEAD);
	MUST(flow->rp.rate >= before && flow->rp.rate <= LINE_RATE);
	return xgs_pace_send(&flow->pace, flow->now, LEAD, gap_of(flow, size));
}

static void sends(struct flow *flow, struct input *input)
{
	u64 before = flow->pace.last, at;
	u16 size = take16(input);

	if (flow->now > flow->pace.next)
		xgs_rp_unused(&flow->rp, &flow->params, flow->pace.next,
			      flow->now);
	xgs_rp_sent(&flow->rp, &flow->params, size, flow->now);
	xgs_pace_backlog(&flow->pace, flow->now, gap_of(flow, size));
	if (size & 1)
		at = xgs_pace_follow(&flow->pace, flow->now);
	else
		at = departs(flow, size);
	MUST(at >= before && at >= flow->now);
	MUST(at <= flow->now + LEAD);
	xgs_rp_held(&flow->rp, &flow->params, at - flow->now, flow->now);
	/* Now and then it is a retransmission. */
	flow->psn = (size & 14) == 14 ? flow->psn - size % 99 : flow->psn + 1;
	if (xgs_rtt_sent(&flow->rtt, flow->psn & 0xffffff, size & 2, at) ==
	    XGS_RTT_BACK)
		xgs_rp_lost(&flow->rp, &flow->params, flow->now);
	MUST(flow->rtt.count <= XGS_RTT_PROBES);
}

static void switches(struct flow *flow, struct input *input)
{
	xgs_rp_advance(&flow->rp, &flow->params, flow->now);
	xgs_rp_params_init(&flow->params, take(input) & 1, LINE_RATE);
	xgs_rp_set_base(&flow->rp, &flow->params, flow->rp.base_us, flow->now);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input input = { data, size };
	struct flow flow = { .now = NSEC_PER_SEC };
	u8 event;

	xgs_rp_params_init(&flow.params, XGS_RP_XGS, LINE_RATE);
	if (size & 1)
		xgs_pace_take_breaks(&flow.pace, size);
	xgs_rp_init(&flow.rp, &flow.params, take16(&input), flow.now);
	while (input.left) {
		event = take(&input);
		/* 0, or 64 ns to 2 s. */
		if (event >> 2)
			flow.now += 32ULL << ((event >> 2) % 27);
		switch (event & 3) {
		case 0:
			hears(&flow, &input);
			break;
		case 1:
			sends(&flow, &input);
			break;
		case 2:
			xgs_rp_set_base(&flow.rp, &flow.params,
					take16(&input) * 16, flow.now);
			break;
		case 3:
			switches(&flow, &input);
			break;
		}
		MUST(flow.rp.rate >= flow.params.min_rate);
		MUST(flow.rp.rate <= flow.params.line_rate);
	}
	return 0;
}
