/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between the kernels xgs builds on, and nothing else.
 *
 * Kbuild.compat looks for each feature in the headers of the kernel being
 * built against and defines XGS_HAVE_*: distributions backport, so a version
 * number proves little.
 */
#ifndef _XGS_COMPAT_H
#define _XGS_COMPAT_H

#include <linux/stringify.h>
#include <linux/version.h>
#include <net/tcp.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "xgs needs Linux 6.1 or newer"
#endif

/* 6.10: cong_control() is told the ACK number and its flags as well. */
#ifdef XGS_HAVE_CONG_CONTROL_ACK_FLAG
#define XGS_CONG_CONTROL(name) \
	void name(struct sock *sk, u32 ack, int flag, \
		  const struct rate_sample *rs)
#else
#define XGS_CONG_CONTROL(name) \
	void name(struct sock *sk, const struct rate_sample *rs)
#endif

/* 6.13: the namespace of MODULE_IMPORT_NS() is a string. */
#ifdef XGS_HAVE_STRING_IMPORT_NS
#define XGS_IMPORT_NS(ns) MODULE_IMPORT_NS(__stringify(ns))
#else
#define XGS_IMPORT_NS(ns) MODULE_IMPORT_NS(ns)
#endif

/* 7.1: the start of a transmission after idle is an operation of its own. */
#ifdef XGS_HAVE_CWND_EVENT_TX_START
#define XGS_TX_START_OP(fn) .cwnd_event_tx_start = (fn),
#else
#define XGS_TX_START_OP(fn)
#endif

/* 6.12.y: the sender of an ACK may set header flags, for AccECN. */
#ifdef XGS_HAVE_SEND_ACK_FLAGS
#define xgs_send_ack(sk, rcv_nxt) __tcp_send_ack(sk, rcv_nxt, 0)
#else
#define xgs_send_ack(sk, rcv_nxt) __tcp_send_ack(sk, rcv_nxt)
#endif

/* 6.15: with ECN a connection is classic (RFC 3168) or AccECN. */
#ifdef XGS_HAVE_ECN_MODE
#define xgs_ecn_is_on(tp) tcp_ecn_mode_any(tp)
#define xgs_ecn_is_classic(tp) tcp_ecn_mode_rfc3168(tp)
#else
#define xgs_ecn_is_on(tp) ((tp)->ecn_flags & TCP_ECN_OK)
#define xgs_ecn_is_classic(tp) true
#endif

/*
 * 6.14 and the stable kernels of February 2025: who destroys an object of
 * rdma_rxe waits for 50 s for what holds it, no longer for 200 jiffies (commit
 * edc4ef0e0154). No header shows it.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 3) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 14) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 77) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 130) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0))
#define XGS_RXE_PATIENCE_NS (50ULL * NSEC_PER_SEC)
#else
#define XGS_RXE_PATIENCE_NS (200ULL * NSEC_PER_SEC / HZ)
#endif

/* 6.11: a departure time names its clock. */
#ifdef XGS_HAVE_TSTAMP_TYPE
#define xgs_set_departure(skb, time) \
	skb_set_delivery_time(skb, time, SKB_CLOCK_MONOTONIC)
#else
#define xgs_set_departure(skb, time) skb_set_delivery_time(skb, time, true)
#endif

#endif /* _XGS_COMPAT_H */
