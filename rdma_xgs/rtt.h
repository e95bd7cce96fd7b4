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
 * @count: how many
 * @next: the PSN after the newest that was ever sent
 * @any: something was sent
 */
struct xgs_rtt {
	u64 at[XGS_RTT_PROBES];
	u32 psn[XGS_RTT_PROBES];
	u32 next;
	u8 count;
	bool any;
};

s32 xgs_psn_compare(u32 a, u32 b);
bool xgs_rtt_sent(struct xgs_rtt *rtt, u32 psn, bool probe, u64 at);
u64 xgs_rtt_answered(struct xgs_rtt *rtt, u32 psn, bool exactly, u64 now);

#endif /* _RDMA_XGS_RTT_H */
