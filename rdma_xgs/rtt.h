/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RTT samples from the sequence numbers of a reliable connection. Pure: no
 * kernel state. rtt.c explains it.
 */
#ifndef _RDMA_XGS_RTT_H
#define _RDMA_XGS_RTT_H

#include <linux/types.h>

#define XGS_RTT_PROBES		8

/**
 * struct xgs_rtt - packets under way whose answer is a sample
 * @at: when they left, ns
 * @psn: their sequence numbers, oldest first
 * @next: the PSN after the newest that was ever sent
 * @latest: the PSN sent last
 * @back: the PSN that the sequence last went back to
 * @count: how many packets are under way whose answer is a sample
 * @backs: how often it went back to that, or to one before it
 * @any: something was sent
 * @stuck: too often, and nothing new was sent since
 */
struct xgs_rtt {
	u64 at[XGS_RTT_PROBES];
	u32 psn[XGS_RTT_PROBES];
	u32 next;
	u32 latest;
	u32 back;
	u8 count;
	u8 backs;
	bool any;
	bool stuck;
};

/**
 * enum xgs_rtt_order - where a request stands in its sequence
 * @XGS_RTT_NEW: it was never sent before
 * @XGS_RTT_AGAIN: it was, and so was the one before it
 * @XGS_RTT_BACK: with it the sequence goes back: something was lost
 */
enum xgs_rtt_order {
	XGS_RTT_NEW,
	XGS_RTT_AGAIN,
	XGS_RTT_BACK,
};

s32 xgs_psn_compare(u32 a, u32 b);
enum xgs_rtt_order xgs_rtt_sent(struct xgs_rtt *rtt, u32 psn, bool probe,
				u64 at);
u64 xgs_rtt_answered(struct xgs_rtt *rtt, u32 psn, bool exactly, u64 now);

#endif /* _RDMA_XGS_RTT_H */
