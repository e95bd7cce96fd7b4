// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_xgs: TCP congestion control that knows how far away its peer is.
 *
 * This file joins the control law (law.c, start.c, rival.c) to the TCP stack: it
 * cuts the stream of ACKs into rounds, tells the law what each round showed, and
 * hands rate and window back. Nothing here decides.
 *
 *	every ACK		sample the RTT; in the start, grow the window
 *	every round trip	path table, law, pacing rate, window
 *
 * A round is one packet-timed round trip: it ends when a packet sent after its
 * beginning is acknowledged. It is longer where so few packets are in flight
 * that a round trip says little.
 *
 * ECN: xgs negotiates it and, as a receiver, echoes marks as DCTCP does (RFC
 * 8257, section 3.2), so that a sender learns the fraction marked. Where a
 * peer does not speak ECN, xgs goes on without.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hash.h>
#include <linux/inet_diag.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <net/tcp.h>

#include "../include/xgs/compat.h"
#include "../include/xgs/distance.h"
#include "../include/xgs/path.h"
#include "back.h"
#include "look.h"
#include "start.h"
#include "tcp_xgs.h"
#include "trace.h"

/* RTT samples whose minimum stands for the queueing delay now. */
#define XGS_RTT_SAMPLES		8
/* ... and at least an eighth of the base RTT, or so much of it. */
#define XGS_RTT_SPAN_US		4096U
/* A round covers so many packets, or lasts so many times the base RTT. */
#define XGS_ROUND_PACKETS	6
#define XGS_ROUND_RTTS		8
/* Packets of a round trip below which the end of the data is no news. */
#define XGS_EMPTIED_PACKETS	16
/* A round with less queue than that is one without, microseconds. */
#define XGS_CLEAR_US		100
/* Packets of which a buffer that is full lets one through. */
#define XGS_BLACKOUT_PACKETS	64
/* Base RTT before the first sample, as BBR has it. */
#define XGS_RTT_GUESS_US	USEC_PER_MSEC
/* Of 20 bits, and more than XGS_RTT_MAX_US. */
#define XGS_NO_RTT		0xfffffU
/* What sock_init_data() gives a socket. */
#define XGS_PACING_SHIFT_DEFAULT	10

static bool ecn __read_mostly = true;
module_param(ecn, bool, 0444);
MODULE_PARM_DESC(ecn, "Negotiate ECN and respond to its marks (default Y)");

/**
 * struct xgs_tcp - what a flow remembers, in the socket's private area
 * @law: the control law's state
 * @path: the path table's entry, or NULL
 * @round_delivered: tp->delivered when the round began
 * @round_lost: tp->lost when it began
 * @round_marked: tp->delivered_ce when it began
 * @round_stamp_us: when it began, low bits of tp->tcp_mstamp
 * @round_rtt_us: smallest RTT in it
 * @base_us: base RTT
 * @rtt_us: smallest of the latest, incomplete group of RTT samples
 * @rtt_before_us: smallest of the group before
 * @back_is_known: @back has its base
 * @back: of the way back
 * @rtt_stamp_us: when the latest group began, low bits of tp->tcp_mstamp
 * @start_limit_us: RTT that ends the start
 * @leap_rest: while it leaps, instead, packets of the window that are not waited for;
 *	while it looks for more, packets that are
 * @claimed: what the flow claims of its path, 64 bytes per second; 0 for nothing
 * @prior_rcv_nxt: as a receiver, what the last packet began with
 * @rtt_count: samples in the latest group
 * @busy: rounds in a row that nothing but the law has limited the flow
 * @drain_slot: low bits of the wall clock's drain interval seen last
 * @rest: of xgs_path_rest() when the data ran out, until a round is over; or 0
 * @receives_marks: as a receiver, the last packet was CE-marked
 * @shares: for a round trip or more nothing but the law has limited the flow since
 *	it had data
 * @undone: in this round a timeout was found spurious
 */
struct xgs_tcp {
	struct xgs_law law;
	struct xgs_path *path;
	u32 round_delivered;
	u32 round_lost;
	u32 round_marked;
	u32 round_stamp_us;
	u64 round_rtt_us:20,
	    rtt_us:20,
	    rtt_before_us:20,
	    back_is_known:1;
	struct xgs_back back;
	u32 base_us;
	union {
		u32 start_limit_us;
		u32 leap_rest;
		u32 rtt_stamp_us;
	};
	u32 claimed;
	u32 prior_rcv_nxt;
	u8 busy;
	u8 drain_slot;
	u8 rest;
	u8 rtt_count:5,
	   receives_marks:1,
	   shares:1,
	   undone:1;
};

static struct tcp_congestion_ops xgs_tcp_ops;
static struct tcp_congestion_ops xgs_tcp_ops_no_ecn;

/* 0 where there was no sample. */
static u32 xgs_rtt_of(u32 least_us)
{
	return least_us == XGS_NO_RTT ? 0 : least_us;
}

/* The RTT of the latest samples; the base RTT where there are none. */
static u32 xgs_rtt_now(const struct xgs_tcp *x)
{
	u32 rtt_us = min_t(u32, x->rtt_us, x->rtt_before_us);

	return rtt_us == XGS_NO_RTT ? x->base_us : rtt_us;
}

/*
 * What a round trip takes on average. An ACK that came after a timeout, or that the
 * receiver delayed, stays in the stack's average for tens of samples.
 */
static u32 xgs_rtt_mean(const struct sock *sk)
{
	return min(tcp_sk(sk)->srtt_us >> 3,
		   2 * xgs_rtt_now(inet_csk_ca(sk)));
}

static u32 xgs_burst(const struct sock *sk, const struct xgs_tcp *x,
		     const struct xgs_law_params *params)
{
	return xgs_burst_bytes(x->law.rate, x->base_us,
			       tcp_sk(sk)->mss_cache,
			       xgs_burst_is_fine(&x->law, x->busy), params);
}

/*
 * Below half a millisecond of RTT the stack sends 64 KB at once whatever the
 * rate; cap that. The device's own limit is restored on release.
 */
static void xgs_limit_bursts(struct sock *sk, u32 burst)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	const struct xgs_tcp *x = inet_csk_ca(sk);
	u32 packets = xgs_burst_packets(burst, x->base_us,
					tcp_sk(sk)->mss_cache, x->law.marks);

	if (dst)
		sk->sk_gso_max_segs = min(packets,
					  max(READ_ONCE(dst->dev->gso_max_segs),
					      1U));
}

/* What a round of the start sends. */
static u32 xgs_start_window(const struct sock *sk,
			    const struct xgs_law_params *params)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 bytes = xgs_law_looks(&x->law) ?
		    xgs_look_bytes(&x->law, x->base_us, tp->mss_cache, params) :
		    xgs_bytes_in(x->law.rate, x->base_us);

	return clamp_t(u64, div_u64(bytes + tp->mss_cache / 2, tp->mss_cache),
		       1, tp->snd_cwnd_clamp);
}

/*
 * A leap is a window, as far as the receiver takes it. Who looks for more goes on at the
 * pace of the ACKs, and sends it besides.
 */
static void xgs_leap_begin(struct sock *sk, const struct xgs_law_params *params)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 packets = min(xgs_start_window(sk, params),
			  max(tp->snd_wnd / tp->mss_cache, 1U));

	x->leap_rest = max(packets / XGS_LEAP_REST, 2U);
	if (xgs_law_looks(&x->law)) {
		x->leap_rest = packets - min(packets, x->leap_rest);
		x->law.train = (struct xgs_train) {};
		packets = min(packets + tcp_packets_in_flight(tp),
			      tp->snd_cwnd_clamp);
	} else {
		x->law.rate = xgs_rate_clamp(xgs_rate_of((u64)packets *
							 tp->mss_cache,
							 x->base_us));
	}
	tcp_snd_cwnd_set(tp, packets);
}

/* The way back's queue needs a window, too. */
static void xgs_apply(struct sock *sk, const struct xgs_law_params *params,
		      u32 back_us)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	bool leaps = xgs_law_leaps(&x->law);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 path_us = x->base_us + back_us, seen_us = 0;
	u32 burst, burst_us;
	u64 rate;

	if (leaps)
		xgs_leap_begin(sk, params);
	burst = xgs_burst(sk, x, params);
	burst_us = xgs_time_of(burst, x->law.rate);
	rate = max(xgs_law_pacing(&x->law),
		   xgs_law_pacing_least(&x->law, tp->mss_cache,
					xgs_rtt_mean(sk)));
	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, rate, READ_ONCE(sk->sk_max_pacing_rate)));
	xgs_limit_bursts(sk, burst);
	sk_pacing_shift_update(sk, xgs_pacing_shift(x->base_us));

	if (xgs_law_starts(&x->law)) {
		if (leaps)	/* all of it is a train */
			return;
		/*
		 * Of the round that is over, as long as none has begun. A warm
		 * start's first burst is larger than what it may grow by.
		 */
		if (x->law.mode == XGS_START && x->law.rate_full)
			seen_us = XGS_RTT_MAX_US;
		else if (x->round_rtt_us != XGS_NO_RTT)
			seen_us = x->round_rtt_us;
		x->start_limit_us = xgs_start_limit(x->base_us, seen_us, burst_us,
						    x->law.mode == XGS_PROVE,
						    params);
		xgs_train_begin(&x->law.train, x->base_us, seen_us,
				x->start_limit_us);
		return;
	}
	if (x->law.mode == XGS_COMPETE)
		path_us = max(path_us, xgs_rtt_now(x));
	tcp_snd_cwnd_set(tp, min(xgs_law_window(&x->law, path_us, burst_us,
						tp->mss_cache, params),
				 tp->snd_cwnd_clamp));
}

static void xgs_round_begin(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct xgs_tcp *x = inet_csk_ca(sk);

	x->round_delivered = tp->delivered;
	x->round_lost = tp->lost;
	x->round_marked = tp->delivered_ce;
	x->round_stamp_us = tp->tcp_mstamp;
	x->round_rtt_us = XGS_NO_RTT;
	x->undone = 0;
}

/*
 * The application's data has run out, which no sample tells before it goes on.
 * A flow of few packets per round trip is at its end all the time.
 */
static bool xgs_is_emptied(const struct sock *sk)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	return !tcp_send_head(sk) &&
	       (2ULL * tcp_packets_in_flight(tp) + XGS_EMPTIED_PACKETS) *
	       tp->mss_cache < xgs_bytes_in(x->law.rate, x->base_us);
}

static bool xgs_is_rwnd_limited(const struct sock *sk)
{
	return tcp_sk(sk)->chrono_type == TCP_CHRONO_RWND_LIMITED;
}

static __always_inline u64 xgs_sample_bw(const struct sock *sk,
					 const struct rate_sample *rs,
					 long interval_us)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);

	/* The stack refuses a sample by its interval. */
	if (rs->delivered <= 0 || rs->interval_us <= 0 || interval_us <= 0)
		return 0;
	/* Over a pause of the path, it tells of the pause. */
	if (rs->interval_us > 2L * XGS_ROUND_RTTS *
			      max(x->base_us, xgs_rtt_now(x)))
		return 0;
	return xgs_rate_of((u64)rs->delivered * tcp_sk(sk)->mss_cache,
			   min_t(long, interval_us, U32_MAX));
}

/* True once per wall-clock interval: hosts with a common clock drain together. */
static bool xgs_drain_is_due(struct xgs_tcp *x, u32 interval_ms)
{
	u64 now_ms = ktime_to_ms(ktime_get_coarse_real());
	u8 slot;

	if (!interval_ms)
		return false;
	slot = div_u64(now_ms, interval_ms);
	if (slot == x->drain_slot)
		return false;
	x->drain_slot = slot;
	return x->law.mode >= XGS_CRUISE;
}

static void xgs_count_cause(enum xgs_cause cause)
{
	static const enum xgs_tcp_stat stat[] = {
		[XGS_CLEAR] = XGS_STAT_ROUNDS,
		[XGS_MARKS] = XGS_STAT_CUTS_MARKS,
		[XGS_DELAY] = XGS_STAT_CUTS_DELAY,
		[XGS_LOSS] = XGS_STAT_CUTS_LOSS,
		[XGS_RELEARN] = XGS_STAT_RELEARNS,
		[XGS_RIVAL] = XGS_STAT_RIVALS,
	};

	xgs_tcp_count(XGS_STAT_ROUNDS);
	if (cause != XGS_CLEAR)
		xgs_tcp_count(stat[cause]);
}

/*
 * A flow that its receiver, its own buffer or a limit of the socket's rate holds
 * back would not use what others made room for.
 */
static bool xgs_is_held_back(const struct sock *sk)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);

	return tcp_sk(sk)->chrono_type > TCP_CHRONO_BUSY ||
	       x->law.rate > READ_ONCE(sk->sk_max_pacing_rate);
}

static void xgs_count_busy(struct sock *sk, bool idle)
{
	struct xgs_tcp *x = inet_csk_ca(sk);

	if (idle || xgs_is_held_back(sk))
		x->busy = 0;
	else
		x->busy = min(x->busy + 1, U8_MAX);
}

/* How far a round's least RTT is from the base RTT that was known before. */
static u32 xgs_moved(const struct xgs_tcp *x)
{
	u32 least_us = xgs_rtt_of(x->round_rtt_us) ?: x->base_us;

	return max(least_us, x->base_us) - min(least_us, x->base_us);
}

/* Who leaps, for those that might at the same time. */
static u32 xgs_leaper(const struct xgs_tcp *x)
{
	return hash_ptr(x, 32) | 1;
}

/* A new base RTT: what has stayed for long is partly the way back's. */
static void xgs_base_is(struct xgs_tcp *x, u32 base_us)
{
	if (x->back_is_known && base_us > x->base_us)
		xgs_back_moves(&x->back, base_us - x->base_us);
	x->base_us = base_us;
}

/* Shares the round with the path's other flows and learns from theirs. */
static void xgs_share_round(struct xgs_tcp *x, struct xgs_round *round,
			    const struct xgs_law_params *params)
{
	struct xgs_path_round seen = {
		.rtt_us = round->least_us,
		.delivered = round->delivered,
		.lost = round->lost,
		.marked = round->marked,
		.rate = round->app_limited ? 0 : round->bw,
		.claimed = x->claimed,
		.leaper = xgs_law_leaps(&x->law) ? xgs_leaper(x) : 0,
	};
	struct xgs_path_view view;
	u32 base_us;

	if (!x->path) {
		x->base_us = min_t(u32, x->base_us, x->round_rtt_us);
		round->may_leap = true;
		return;
	}
	if (params->share)
		seen.claim = xgs_law_claim(&x->law, x->busy, x->base_us);
	base_us = xgs_path_update(x->path, &seen, &view);
	if (base_us)
		xgs_base_is(x, base_us);
	x->claimed = seen.claim;
	x->rest = 0;
	x->shares |= params->share && x->busy && x->law.mode == XGS_CRUISE;
	round->fair = (u64)view.share.fair << XGS_RATE_SHIFT;
	round->freed = (u64)view.share.freed << XGS_RATE_SHIFT;
	round->may_leap = view.may_leap;
}

/*
 * What was lost in the round, as far as it tells of now. A timeout is answered as
 * such, and so is all that was sent before it: after a blackout the first ACK makes the
 * stack take it for spurious, and then it finds a whole window lost.
 */
static u32 xgs_lost(const struct sock *sk)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);

	if (x->undone || inet_csk(sk)->icsk_ca_state == TCP_CA_Loss)
		return 0;
	return tcp_sk(sk)->lost - x->round_lost;
}

/*
 * All of a leap but an eighth, or two packets: the last one may wait for a delayed ACK,
 * the stack may hold back what is no full segment, and of packets that are lost at the
 * end nobody tells before more are sent.
 */
static bool xgs_leap_is_back(const struct sock *sk)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	if (xgs_law_looks(&x->law))
		return x->law.train.since_us &&
		       tp->delivered - x->law.train.delivered >= x->leap_rest;
	return tcp_snd_cwnd(tp) <= x->leap_rest;
}

/* What came through while the start's queue grew, or since a leap came back; or 0. */
static u64 xgs_train_bw(const struct sock *sk)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	return xgs_train_rate(&x->law.train, tp->delivered, tp->tcp_mstamp,
			      tp->mss_cache, x->law.mode <= XGS_PROVE);
}

/* The way back's part of the queue; near by a clock of milliseconds says nothing. */
static u32 xgs_back_now(struct sock *sk, u32 rtt_us)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct xgs_tcp *x = inet_csk_ca(sk);
	u32 back_us;
	s16 late;

	if (!tp->rx_opt.saw_tstamp)
		return 0;
	late = xgs_back_note(&x->back, tp->rx_opt.rcv_tsval, tp->tcp_mstamp);
	if (!x->back_is_known)
		return 0;
	back_us = xgs_back_queue(late, rtt_us - min(rtt_us, x->base_us));
	if (back_us == XGS_BACK_WRONG) {
		x->back_is_known = 0;
		return 0;
	}
	return back_us;
}

static void xgs_relearn(struct xgs_tcp *x, u32 rtt_us)
{
	xgs_base_is(x, x->path ? xgs_path_relearn(x->path, rtt_us) : rtt_us);
}

/* Apart, so that the other ACKs need no place on the stack. */
static noinline void xgs_round_end(struct sock *sk, const struct rate_sample *rs,
				   u32 back_us)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct xgs_tcp *x = inet_csk_ca(sk);
	u32 now_ms = div_u64(tp->tcp_mstamp, USEC_PER_MSEC);
	bool leaps = xgs_law_leaps(&x->law);
	struct xgs_law_params params;
	struct xgs_round round = {
		.least_us = xgs_rtt_of(x->round_rtt_us),
		.moved_us = xgs_moved(x),
		.srtt_us = xgs_rtt_mean(sk),
		.elapsed_us = (u32)tp->tcp_mstamp - x->round_stamp_us,
		.mss = tp->mss_cache,
		.delivered = tp->delivered - x->round_delivered,
		.marked = tp->delivered_ce - x->round_marked,
		.lost = xgs_lost(sk),
		.bw = xgs_sample_bw(sk, rs, rs->interval_us),
		.ack_bw = xgs_sample_bw(sk, rs, rs->rcv_interval_us),
		.window = (u64)tcp_snd_cwnd(tp) * tp->mss_cache,
		.app_limited = rs->is_app_limited,
		.rwnd_limited = xgs_is_rwnd_limited(sk),
	};
	bool emptied = xgs_is_emptied(sk);
	u32 before_us = x->base_us;
	enum xgs_cause cause;
	bool uncovers;

	if (round.app_limited && (leaps ? xgs_leap_is_back(sk) :
				  xgs_law_fills(&x->law, &round)))
		round.app_limited = false;
	if (emptied) {
		round.bw = 0;
		round.ack_bw = 0;
	}
	xgs_count_busy(sk, round.app_limited || emptied);
	xgs_tcp_params_get(&params);
	xgs_share_round(x, &round, &params);
	round.busy = x->busy;
	if (xgs_law_looks(&x->law))	/* the path has not carried so much */
		round.bw = emptied ? 0 : xgs_train_bw(sk);
	round.base_us = x->base_us;
	round.rtt_us = xgs_rtt_now(x);
	round.back_us = round.least_us - min(round.least_us, round.rtt_us);
	round.burst_us = xgs_time_of(xgs_burst(sk, x, &params), x->law.rate);
	round.marks_live = xgs_marks_are_live(&x->law.marked_ms, now_ms,
					      round.marked);

	cause = xgs_law_round(&x->law, &round, &params);
	if (!leaps && xgs_law_leaps(&x->law) && x->path)
		xgs_path_leap(x->path, xgs_leaper(x));
	if (cause == XGS_RELEARN)
		xgs_relearn(x, round.rtt_us + round.back_us);
	/* What counts as distance from now on is in the base RTT. */
	if (x->base_us > before_us)
		back_us -= min(back_us, x->base_us - before_us);
	if (xgs_back_round(&x->back, round.least_us &&
			   round.least_us <= x->base_us + XGS_CLEAR_US))
		x->back_is_known = x->base_us >= XGS_DELAY_FAR_US;
	uncovers = xgs_law_uncovers(&x->law, before_us, &round, &params);
	if (xgs_drain_is_due(x, params.drain_interval_ms) || uncovers) {
		x->law.draining = 1;
		xgs_tcp_count(XGS_STAT_DRAINS);
	}
	xgs_count_cause(cause);
	xgs_apply(sk, &params, back_us);
	if (x->law.mode == XGS_PROVE || (leaps && x->law.mode == XGS_START))
		tcp_snd_cwnd_set(tp, xgs_start_window(sk, &params));
	if (leaps) {
		/* The queue of one leap tells nothing of the next. */
		x->rtt_us = XGS_NO_RTT;
		x->rtt_count = 0;
	}
	if (uncovers)	/* for a round */
		tcp_snd_cwnd_set(tp, max(tcp_snd_cwnd(tp) / 2, params.min_cwnd));
	trace_xgs_tcp_round(sk, &x->law, &round, cause, tcp_snd_cwnd(tp));
	xgs_round_begin(sk);
}

/* True when a group of samples, less the queue of the way back, is complete. */
static bool xgs_sample_rtt(struct xgs_tcp *x, u32 rtt_us, u32 now_us)
{
	bool start = xgs_law_starts(&x->law);

	if (x->rtt_count >= XGS_RTT_SAMPLES &&
	    (start || now_us - x->rtt_stamp_us >=
		      min(x->base_us / 8, XGS_RTT_SPAN_US))) {
		x->rtt_before_us = x->rtt_us;
		x->rtt_us = XGS_NO_RTT;
		x->rtt_count = 0;
	}
	if (!x->rtt_count && !start)
		x->rtt_stamp_us = now_us;
	x->rtt_us = min_t(u32, x->rtt_us, rtt_us);
	x->rtt_count = min(x->rtt_count + 1, XGS_RTT_SAMPLES + 1);
	return x->rtt_count == XGS_RTT_SAMPLES;
}

static bool xgs_sample(struct sock *sk, const struct rate_sample *rs, u32 *back_us)
{
	u32 rtt_us = min_t(long, rs->rtt_us, XGS_RTT_MAX_US);
	struct xgs_tcp *x = inet_csk_ca(sk);

	x->round_rtt_us = min_t(u32, x->round_rtt_us, rtt_us);
	*back_us = xgs_back_now(sk, rtt_us);
	return xgs_sample_rtt(x, rtt_us - *back_us, tcp_sk(sk)->tcp_mstamp);
}

/*
 * Some of a leap is back. What is sent again is none of it. What the first start tries
 * tells by the time that it takes.
 */
static void xgs_leap_ack(struct sock *sk, const struct rate_sample *rs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct xgs_tcp *x = inet_csk_ca(sk);
	u32 elapsed_us = (u32)tp->tcp_mstamp - x->round_stamp_us;

	if ((x->law.mode == XGS_TRY && !xgs_law_looks(&x->law)) ||
	    !rs->prior_mstamp ||
	    before(rs->prior_delivered, x->round_delivered) ||
	    elapsed_us > x->base_us + x->base_us / 2)
		return;
	xgs_train_note(&x->law.train, x->base_us, tp->delivered, tp->tcp_mstamp);
	if (x->law.mode == XGS_LEAP)
		x->law.rate_full = xgs_train_bw(sk) ?: x->law.rate_full;
}

static noinline void xgs_path_is_full(struct sock *sk,
				      const struct rate_sample *rs)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct xgs_law_params params;
	u64 bw = xgs_train_bw(sk);

	xgs_tcp_params_get(&params);
	/*
	 * What the receiver's window let through is not what the path does, but
	 * what came while a queue grew is.
	 */
	if (x->law.mode != XGS_PROVE && !xgs_is_rwnd_limited(sk))
		bw = max(bw, xgs_sample_bw(sk, rs, rs->interval_us));
	xgs_start_end(&x->law, bw);
	xgs_apply(sk, &params, 0);
	xgs_round_begin(sk);
}

static void xgs_start_ack(struct sock *sk, const struct rate_sample *rs,
			  bool group)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool leaps = xgs_law_leaps(&x->law);
	u32 known = rs->acked_sacked + rs->losses;

	if (leaps)
		xgs_leap_ack(sk, rs);
	else if (group)
		xgs_train_note(&x->law.train, x->rtt_us, tp->delivered,
			       tp->tcp_mstamp);
	if (group && !leaps && x->rtt_us >= x->start_limit_us) {
		xgs_path_is_full(sk, rs);
		return;
	}
	/* A leap is a window, and then nothing until what became of that is known. */
	if (xgs_law_looks(&x->law))
		return;
	if (leaps)
		tcp_snd_cwnd_set(tp, max(tcp_snd_cwnd(tp), known + 1) - known);
	else if (tcp_is_cwnd_limited(sk))
		tcp_snd_cwnd_set(tp, min(tcp_snd_cwnd(tp) + rs->acked_sacked,
					 tp->snd_cwnd_clamp));
}

static bool xgs_round_is_over(const struct sock *sk,
			      const struct rate_sample *rs)
{
	const struct xgs_tcp *x = inet_csk_ca(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 elapsed_us = (u32)tp->tcp_mstamp - x->round_stamp_us;

	if (xgs_law_leaps(&x->law))
		return xgs_leap_is_back(sk) || elapsed_us >= 2 * x->base_us;
	if (!rs->prior_mstamp || before(rs->prior_delivered, x->round_delivered))
		return false;
	/*
	 * What was sent again for nothing is acknowledged at once. Thousands
	 * of packets are after a start that overshot, and no round trip is over.
	 */
	if (elapsed_us < x->base_us / 2)
		return false;
	if (tp->delivered - x->round_delivered >= XGS_ROUND_PACKETS)
		return true;
	return elapsed_us >= XGS_ROUND_RTTS * x->base_us;
}

/*
 * All is delivered, and there is no more: the path's others are told at once. What
 * a flow had that ends is handed on when it is released.
 */
static noinline void xgs_rest(const struct sock *sk)
{
	struct xgs_tcp *x = inet_csk_ca(sk);

	if (tcp_send_head(sk) || (sk->sk_state != TCP_ESTABLISHED &&
				  sk->sk_state != TCP_CLOSE_WAIT))
		return;
	x->rest = xgs_path_rest(x->path, x->claimed,
				x->law.rate >> XGS_RATE_SHIFT);
	x->claimed = 0;
	x->shares = 0;
}

/* Who came to rest together goes on alike; switched off, nobody gets more. */
static void xgs_wake(struct xgs_tcp *x, const struct xgs_law_params *params)
{
	u32 rate = x->rest ? xgs_path_wake(x->path, x->rest) : 0;

	x->rest = 0;
	if (rate && params->enabled)
		xgs_law_level(&x->law, (u64)rate << XGS_RATE_SHIFT,
			      x->base_us);
}

static XGS_CONG_CONTROL(xgs_cong_control)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	bool group = false;
	u32 back_us = 0;

	if (rs->rtt_us > 0)
		group = xgs_sample(sk, rs, &back_us);
	if (xgs_law_starts(&x->law)) {
		if (!x->base_us)	/* the ACK of the SYN comes before init() */
			return;
		xgs_start_ack(sk, rs, group);
	}
	if (xgs_round_is_over(sk, rs))
		xgs_round_end(sk, rs, back_us);
	if (!tcp_sk(sk)->packets_out && x->shares)
		xgs_rest(sk);
}

/* The rate to start from, and the window that goes with it. */
static void xgs_start(struct sock *sk)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 known_us = x->path ? xgs_path_base_rtt(x->path) : 0;
	u32 rtt_us = tp->srtt_us >> 3;
	u64 rate, proven = 0, warm = 0;
	struct xgs_law_params params;
	bool agrees;

	xgs_tcp_params_get(&params);
	/*
	 * A handshake that takes longer than what the table remembers from
	 * flows of the past tells of a longer path; one that takes longer than
	 * what other flows see now has met a queue.
	 */
	agrees = known_us && rtt_us &&
		 rtt_us < xgs_start_limit(known_us, rtt_us, 0, false, &params);
	if (known_us && rtt_us && !agrees && !xgs_path_is_shared(x->path))
		known_us = xgs_path_relearn(x->path, rtt_us);

	x->base_us = min_not_zero(known_us, rtt_us);
	if (!x->base_us)
		x->base_us = XGS_RTT_GUESS_US;
	x->base_us = min(x->base_us, XGS_RTT_MAX_US);
	rate = xgs_rate_of((u64)tcp_snd_cwnd(tp) * tp->mss_cache, x->base_us);

	if (agrees) {
		proven = xgs_path_proven_rate(x->path);
		warm = div_u64(proven * params.warm_start_pct, 100);
	}
	if (warm <= rate) {
		xgs_start_begin(&x->law, x->base_us, rate, 0);
	} else {
		xgs_start_begin(&x->law, x->base_us, warm, proven);
		tcp_snd_cwnd_set(tp, xgs_start_window(sk, &params));
		xgs_tcp_count(XGS_STAT_WARM_STARTS);
	}
	xgs_apply(sk, &params, 0);
}

static void xgs_init(struct sock *sk)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!xgs_tcp_is_enabled()) {
		xgs_fallback_take(sk);
		return;
	}
	if (tcp_ca_needs_ecn(sk) && !xgs_ecn_is_on(tp))
		inet_csk(sk)->icsk_ca_ops = &xgs_tcp_ops_no_ecn;

	*x = (struct xgs_tcp) {
		.path = xgs_path_get(sk),
		.rtt_us = XGS_NO_RTT,
		.rtt_before_us = XGS_NO_RTT,
		.back = { .least = XGS_BACK_NONE },
		.prior_rcv_nxt = tp->rcv_nxt,
	};
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	cmpxchg(&sk->sk_pacing_status, SK_PACING_NONE, SK_PACING_NEEDED);
	xgs_start(sk);
	xgs_round_begin(sk);
	xgs_tcp_count(XGS_STAT_FLOWS_STARTED);
}

static void xgs_release(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct xgs_tcp *x = inet_csk_ca(sk);

	/* A listener, or a socket that never connected, had no init(). */
	if (!x->base_us)
		return;
	if (x->path)
		xgs_path_leave(x->path, x->claimed);
	xgs_path_put(x->path);
	x->path = NULL;
	x->base_us = 0;
	if (dst)
		sk->sk_gso_max_segs =
			max(READ_ONCE(dst->dev->gso_max_segs), 1U);
	sk_pacing_shift_update(sk, XGS_PACING_SHIFT_DEFAULT);
	xgs_tcp_count(XGS_STAT_FLOWS_ENDED);
}

/* Data is sent again after the flow was quiet. */
static void xgs_tx_start(struct sock *sk)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct xgs_law_params params;
	u32 idle_ms;
	u64 cold;

	if (tp->packets_out || !tp->lsndtime)
		return;
	/* It goes on to share, but looks for no more for a while. */
	x->busy = min_t(u32, x->busy, xgs_law_patience(x->base_us));
	/* Data had run out within a leap, and what comes now is another. */
	if (xgs_law_leaps(&x->law)) {
		xgs_tcp_params_get(&params);
		xgs_apply(sk, &params, 0);
		xgs_round_begin(sk);
	}
	idle_ms = jiffies_to_msecs(tcp_jiffies32 - tp->lsndtime);
	if ((u64)idle_ms * USEC_PER_MSEC <= x->base_us)
		return;
	/* The pause is nobody's round trip, and its queue is gone. */
	x->rtt_us = XGS_NO_RTT;
	x->rtt_before_us = XGS_NO_RTT;
	x->rtt_count = 0;
	x->round_stamp_us = tp->tcp_mstamp;

	xgs_tcp_params_get(&params);
	if (idle_ms < params.idle_halving_ms) {
		xgs_wake(x, &params);
		xgs_law_resume(&x->law, x->base_us);
		xgs_apply(sk, &params, 0);
		return;
	}
	cold = xgs_rate_of((u64)TCP_INIT_CWND * tp->mss_cache, x->base_us);
	if (xgs_law_idle(&x->law, x->base_us, idle_ms, params.idle_halving_ms,
			 cold))
		tcp_snd_cwnd_set(tp, min_t(u32, TCP_INIT_CWND,
					   tp->snd_cwnd_clamp));
	xgs_tcp_count(XGS_STAT_IDLE_RESTARTS);
	xgs_apply(sk, &params, 0);
	xgs_round_begin(sk);
}

/*
 * As a receiver: ECE says whether the latest packet was marked. When that
 * changes while an ACK is delayed, what it stands for is acknowledged first.
 */
static void xgs_echo_mark(struct sock *sk, bool marked)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (x->receives_marks != marked) {
		if (inet_csk(sk)->icsk_ack.pending & ICSK_ACK_TIMER) {
			if (x->receives_marks)
				tp->ecn_flags |= TCP_ECN_DEMAND_CWR;
			else
				tp->ecn_flags &= ~TCP_ECN_DEMAND_CWR;
			xgs_send_ack(sk, x->prior_rcv_nxt);
		}
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW;
	}
	x->prior_rcv_nxt = tp->rcv_nxt;
	x->receives_marks = marked;
	if (marked)
		tp->ecn_flags |= TCP_ECN_DEMAND_CWR;
	else
		tp->ecn_flags &= ~TCP_ECN_DEMAND_CWR;
}

static void xgs_cwnd_event(struct sock *sk, enum tcp_ca_event event)
{
	switch (event) {
	case CA_EVENT_TX_START:
		xgs_tx_start(sk);
		break;
	case CA_EVENT_ECN_IS_CE:
	case CA_EVENT_ECN_NO_CE:
		/* AccECN tells the sender how many there were. */
		if (xgs_ecn_is_classic(tcp_sk(sk)))
			xgs_echo_mark(sk, event == CA_EVENT_ECN_IS_CE);
		break;
	default:
		break;
	}
}

/* Nothing of a window came back: no queue does that to so many packets. */
static bool xgs_is_blackout(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return tp->packets_out >= XGS_BLACKOUT_PACKETS && !tp->sacked_out;
}

static void xgs_set_state(struct sock *sk, u8 state)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct xgs_law_params params;

	/* A timeout that is repeated is the same event. */
	if (state != TCP_CA_Loss || inet_csk(sk)->icsk_ca_state == TCP_CA_Loss)
		return;
	xgs_tcp_params_get(&params);
	xgs_law_timeout(&x->law, tcp_sk(sk)->mss_cache, xgs_rtt_mean(sk),
			xgs_is_blackout(sk));
	xgs_tcp_count(XGS_STAT_TIMEOUTS);
	xgs_apply(sk, &params, 0);
	/* What the timeout found lost belongs to the past. */
	xgs_round_begin(sk);
}

static u32 xgs_ssthresh(struct sock *sk)
{
	return tcp_sk(sk)->snd_ssthresh;	/* the law has no use for it */
}

static u32 xgs_undo_cwnd(struct sock *sk)
{
	struct xgs_tcp *x = inet_csk_ca(sk);
	struct xgs_law_params params;

	xgs_tcp_params_get(&params);
	xgs_law_undo(&x->law);
	xgs_tcp_count(XGS_STAT_UNDOS);
	xgs_apply(sk, &params, 0);
	/* Nothing was lost in this round, and what was sent is in flight. */
	xgs_round_begin(sk);
	x->undone = inet_csk(sk)->icsk_ca_state == TCP_CA_Loss;
	return max(tcp_snd_cwnd(tcp_sk(sk)), tcp_sk(sk)->prior_cwnd);
}

static u32 xgs_sndbuf_expand(struct sock *sk)
{
	return 3;	/* windows in flight, being repaired, being written */
}

/*
 * struct tcp_cc_info is fixed ABI. Of what it offers, BBR's record holds just
 * what xgs has: bbr_bw the law's rate, bbr_min_rtt the base RTT, and the two
 * gains what they say, pacing rate over rate and window over rate times base
 * RTT.
 */
static size_t xgs_get_info(struct sock *sk, u32 ext, int *attr,
			   union tcp_cc_info *info)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct xgs_tcp *x = inet_csk_ca(sk);
	u64 bdp, rate = x->law.rate;

	if (!(ext & (1 << (INET_DIAG_BBRINFO - 1))) &&
	    !(ext & (1 << (INET_DIAG_VEGASINFO - 1))))
		return 0;
	if (!x->base_us)
		return 0;
	bdp = max(xgs_bytes_in(rate, x->base_us), 1ULL);
	memset(&info->bbr, 0, sizeof(info->bbr));
	info->bbr.bbr_bw_lo = (u32)rate;
	info->bbr.bbr_bw_hi = (u32)(rate >> 32);
	info->bbr.bbr_min_rtt = x->base_us;
	info->bbr.bbr_pacing_gain =
		div64_u64(xgs_law_pacing(&x->law) << 8,
			  max(rate, 1ULL));
	info->bbr.bbr_cwnd_gain =
		min_t(u64, div64_u64(((u64)tcp_snd_cwnd(tp) *
				      tp->mss_cache) << 8, bdp), U32_MAX);
	*attr = INET_DIAG_BBRINFO;
	return sizeof(info->bbr);
}

static struct tcp_congestion_ops xgs_tcp_ops __read_mostly = {
	.flags		= TCP_CONG_NON_RESTRICTED | TCP_CONG_NEEDS_ECN,
	.name		= "xgs",
	.owner		= THIS_MODULE,
	.init		= xgs_init,
	.release	= xgs_release,
	.cong_control	= xgs_cong_control,
	.cwnd_event	= xgs_cwnd_event,
	XGS_TX_START_OP(xgs_tx_start)
	.set_state	= xgs_set_state,
	.ssthresh	= xgs_ssthresh,
	.undo_cwnd	= xgs_undo_cwnd,
	.sndbuf_expand	= xgs_sndbuf_expand,
	.get_info	= xgs_get_info,
};

/* What a flow gets whose peer does not speak ECN; never registered. */
static struct tcp_congestion_ops xgs_tcp_ops_no_ecn __read_mostly;

static int __init tcp_xgs_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct xgs_tcp) > ICSK_CA_PRIV_SIZE);

	if (!ecn)
		xgs_tcp_ops.flags &= ~TCP_CONG_NEEDS_ECN;
	xgs_tcp_ops_no_ecn = xgs_tcp_ops;
	xgs_tcp_ops_no_ecn.flags &= ~TCP_CONG_NEEDS_ECN;

	err = xgs_fallback_init(THIS_MODULE);
	if (err)
		return err;
	err = xgs_tcp_sysfs_init();
	if (err)
		goto no_sysfs;
	err = tcp_register_congestion_control(&xgs_tcp_ops);
	if (err)
		goto no_control;
	return 0;

no_control:
	xgs_tcp_sysfs_exit();
no_sysfs:
	xgs_fallback_exit();
	return err;
}

static void __exit tcp_xgs_exit(void)
{
	tcp_unregister_congestion_control(&xgs_tcp_ops);
	xgs_tcp_sysfs_exit();
	xgs_fallback_exit();
}

module_init(tcp_xgs_init);
module_exit(tcp_xgs_exit);
MODULE_DESCRIPTION("xgs: distance-aware TCP congestion control");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
