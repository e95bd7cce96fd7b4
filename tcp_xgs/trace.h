/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of tcp_xgs: a flow's model, once per round trip.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xgs

#if !defined(_TCP_XGS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TCP_XGS_TRACE_H

#include <linux/tracepoint.h>
#include <net/inet_sock.h>

#include "law.h"

TRACE_DEFINE_ENUM(XGS_CLEAR);
TRACE_DEFINE_ENUM(XGS_MARKS);
TRACE_DEFINE_ENUM(XGS_DELAY);
TRACE_DEFINE_ENUM(XGS_LOSS);
TRACE_DEFINE_ENUM(XGS_RELEARN);
TRACE_DEFINE_ENUM(XGS_RIVAL);
TRACE_DEFINE_ENUM(XGS_LEAP);
TRACE_DEFINE_ENUM(XGS_TRY);
TRACE_DEFINE_ENUM(XGS_PROVE);
TRACE_DEFINE_ENUM(XGS_START);
TRACE_DEFINE_ENUM(XGS_SETTLE);
TRACE_DEFINE_ENUM(XGS_CRUISE);
TRACE_DEFINE_ENUM(XGS_COMPETE);

TRACE_EVENT(xgs_tcp_round,

	TP_PROTO(const struct sock *sk, const struct xgs_law *law,
		 const struct xgs_round *round, enum xgs_cause cause,
		 u32 cwnd),

	TP_ARGS(sk, law, round, cause, cwnd),

	TP_STRUCT__entry(
		__field(u16, sport)
		__field(u16, dport)
		__field(u8, mode)
		__field(u8, cause)
		__field(u16, alpha)
		__field(u32, cwnd)
		__field(u32, base_us)
		__field(u32, rtt_us)
		__field(u32, back_us)
		__field(u32, delivered)
		__field(u32, marked)
		__field(u32, lost)
		__field(u64, bw)
		__field(u64, rate)
	),

	TP_fast_assign(
		__entry->sport = ntohs(inet_sk(sk)->inet_sport);
		__entry->dport = ntohs(inet_sk(sk)->inet_dport);
		__entry->mode = law->mode;
		__entry->cause = cause;
		__entry->alpha = law->mode == XGS_COMPETE ? 0 : law->alpha;
		__entry->cwnd = cwnd;
		__entry->base_us = round->base_us;
		__entry->rtt_us = round->rtt_us;
		__entry->back_us = round->back_us;
		__entry->delivered = round->delivered;
		__entry->marked = round->marked;
		__entry->lost = round->lost;
		__entry->bw = round->bw;
		__entry->rate = law->rate;
	),

	TP_printk("sport=%u dport=%u mode=%s cause=%s base_us=%u rtt_us=%u back_us=%u delivered=%u marked=%u lost=%u bw=%llu rate=%llu alpha=%u cwnd=%u",
		  __entry->sport, __entry->dport,
		  __print_symbolic(__entry->mode,
				   { XGS_LEAP, "leap" },
				   { XGS_TRY, "try" },
				   { XGS_PROVE, "prove" },
				   { XGS_START, "start" },
				   { XGS_SETTLE, "settle" },
				   { XGS_CRUISE, "cruise" },
				   { XGS_COMPETE, "compete" }),
		  __print_symbolic(__entry->cause,
				   { XGS_CLEAR, "clear" },
				   { XGS_MARKS, "marks" },
				   { XGS_DELAY, "delay" },
				   { XGS_LOSS, "loss" },
				   { XGS_RELEARN, "relearn" },
				   { XGS_RIVAL, "rival" }),
		  __entry->base_us, __entry->rtt_us, __entry->back_us,
		  __entry->delivered, __entry->marked, __entry->lost,
		  __entry->bw, __entry->rate, __entry->alpha, __entry->cwnd)
);

#endif /* _TCP_XGS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
