/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of rdma_xgs: notifications, round trips and found QPs.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xgs

#if !defined(_RDMA_XGS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RDMA_XGS_TRACE_H

#include <linux/tracepoint.h>

#include "rdma_xgs.h"

/* A flow has heard a CNP; rates in bytes per second. */
TRACE_EVENT(xgs_rdma_cnp,

	TP_PROTO(const struct xgs_flow *flow, u64 before),

	TP_ARGS(flow, before),

	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u32, base_us)
		__field(u64, before)
		__field(u64, rate)
		__field(u32, alpha)
	),

	TP_fast_assign(
		__entry->qpn = flow->key.qpn;
		__entry->base_us = flow->rp.base_us;
		__entry->before = before;
		__entry->rate = flow->rp.rate;
		__entry->alpha = flow->rp.alpha;
	),

	TP_printk("qpn=%u base_us=%u before=%llu rate=%llu alpha=%u",
		  __entry->qpn, __entry->base_us, __entry->before,
		  __entry->rate, __entry->alpha)
);

/* A CNP has been sent to a peer's QP. */
TRACE_EVENT(xgs_rdma_notify,

	TP_PROTO(u32 local_qpn, u32 remote_qpn),

	TP_ARGS(local_qpn, remote_qpn),

	TP_STRUCT__entry(
		__field(u32, local_qpn)
		__field(u32, remote_qpn)
	),

	TP_fast_assign(
		__entry->local_qpn = local_qpn;
		__entry->remote_qpn = remote_qpn;
	),

	TP_printk("local_qpn=%u remote_qpn=%u", __entry->local_qpn,
		  __entry->remote_qpn)
);

/* A round trip has been measured. */
TRACE_EVENT(xgs_rdma_rtt,

	TP_PROTO(const struct xgs_flow *flow, u64 sample_ns),

	TP_ARGS(flow, sample_ns),

	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(u32, base_us)
		__field(u64, sample_ns)
		__field(u64, rate)
	),

	TP_fast_assign(
		__entry->qpn = flow->key.qpn;
		__entry->base_us = flow->rp.base_us;
		__entry->sample_ns = sample_ns;
		__entry->rate = flow->rp.rate;
	),

	TP_printk("qpn=%u base_us=%u sample_ns=%llu rate=%llu", __entry->qpn,
		  __entry->base_us, __entry->sample_ns, __entry->rate)
);

/* A QP has been looked for. */
TRACE_EVENT(xgs_rdma_resolve,

	TP_PROTO(u32 local_qpn, u32 remote_qpn, bool known),

	TP_ARGS(local_qpn, remote_qpn, known),

	TP_STRUCT__entry(
		__field(u32, local_qpn)
		__field(u32, remote_qpn)
		__field(bool, known)
	),

	TP_fast_assign(
		__entry->local_qpn = local_qpn;
		__entry->remote_qpn = remote_qpn;
		__entry->known = known;
	),

	TP_printk("local_qpn=%u remote_qpn=%u known=%d", __entry->local_qpn,
		  __entry->remote_qpn, __entry->known)
);

#endif /* _RDMA_XGS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
