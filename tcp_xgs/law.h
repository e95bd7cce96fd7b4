/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control law of tcp_xgs: pure arithmetic, no kernel state. law.c explains
 * it.
 */
#ifndef _TCP_XGS_LAW_H
#define _TCP_XGS_LAW_H

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include <linux/types.h>

/* Fractions of packets marked or delayed, and their average: 2^-15. */
#define XGS_FRAC_SHIFT		15
#define XGS_FRAC_ONE		32768U
/* The law's gain: 2^-10. */
#define XGS_GAIN_SHIFT		10
#define XGS_GAIN_ONE		1024U
/* The part of a rate to take away, tiny at 1.6 Tbit/s: 2^-20. */
#define XGS_CUT_SHIFT		20
#define XGS_CUT_ONE		1048576U
/* Round trips that a round stands for: 2^-3. */
#define XGS_RTTS_SHIFT		3
#define XGS_RTTS_ONE		8U
/* Congestion fraction that loss stands for. */
#define XGS_FRAC_LOSS_SOFT	(XGS_FRAC_ONE / 8)
#define XGS_FRAC_LOSS_HARD	(XGS_FRAC_ONE / 2)
/* Fractions of packets lost are small: 2^-16. */
#define XGS_LOSS_ONE		65536U
/* The law's fastest rate, bytes per second: 1.6 Tbit/s. */
#define XGS_RATE_MAX		200000000000ULL
/* Rates that are remembered: 64 bytes per second, to fit 32 bits. */
#define XGS_RATE_SHIFT		6

/**
 * struct xgs_law_params - what an operator may tune
 * @delay_target_pct: scale of the queueing delay thresholds, per cent
 * @gain_pct: scale of increase and decrease together, per cent; changes the
 *	speed of convergence, not where it ends
 * @loss_limit_ppm: loss above which a flow backs off, however far its peer,
 *	parts per million
 * @relearn_rounds: rounds that an unexplained delay lasts before it is taken
 *	for the distance; 0 never
 * @idle_halving_ms: idle time after which the remembered rate halves,
 *	milliseconds
 * @drain_interval_ms: time between drains that uncover the base RTT,
 *	milliseconds; 0 never
 * @warm_start_pct: share of a path's proven rate that a new flow starts with,
 *	per cent; 0 starts cold
 * @min_cwnd: the smallest window, packets
 * @share: flows of one path make room for each other
 * @enabled: 0: flows don't look for more than they had at the last congestion
 */
struct xgs_law_params {
	u32 delay_target_pct;
	u32 gain_pct;
	u32 loss_limit_ppm;
	u32 relearn_rounds;
	u32 idle_halving_ms;
	u32 drain_interval_ms;
	u32 warm_start_pct;
	u32 min_cwnd;
	u32 share;
	u32 enabled;
};

#define XGS_LAW_PARAMS_DEFAULT {	\
	.delay_target_pct	= 100,	\
	.gain_pct		= 100,	\
	.loss_limit_ppm		= 20000, \
	.relearn_rounds		= 8,	\
	.idle_halving_ms	= 1000,	\
	.drain_interval_ms	= 8000,	\
	.warm_start_pct		= 50,	\
	.min_cwnd		= 2,	\
	.share			= 1,	\
	.enabled		= 1,	\
}

/**
 * struct xgs_curve - the law's coefficients at one distance
 * @lo_us: queueing delay where the response begins, microseconds
 * @hi_us: queueing delay where it is full
 * @others_lo_us: @lo_us without the sender's own burst, which delays others only
 * @others_hi_us: @hi_us without it
 * @slack_us: delay that the window allows beyond the base RTT
 * @slack_marks_us: the same where the path marks
 * @gain: scale of increase and decrease, 2^-10
 * @loss_soft: loss that stops the increase, 2^-16
 * @loss_hard: loss that counts as congestion, 2^-16
 * @loss_min: packets that must be lost in a round before they mean anything
 */
struct xgs_curve {
	u32 lo_us;
	u32 hi_us;
	u32 others_lo_us;
	u32 others_hi_us;
	u32 slack_us;
	u32 slack_marks_us;
	u32 gain;
	u32 loss_soft;
	u32 loss_hard;
	u32 loss_min;
};

/**
 * enum xgs_mode - where a flow is; up to XGS_START it starts
 * @XGS_LEAP: far away, a window at a time, up to four times as large as the last
 * @XGS_TRY: a window at the rate that a leap has met: are others there?
 * @XGS_PROVE: up to a sixteenth above that rate
 * @XGS_START: doubling per round trip, until the path is full
 * @XGS_SETTLE: letting go of the queue that the start built
 * @XGS_CRUISE: the law
 * @XGS_COMPETE: as CUBIC, beside a rival that keeps its queue filled
 */
enum xgs_mode {
	XGS_LEAP,
	XGS_TRY,
	XGS_PROVE,
	XGS_START,
	XGS_SETTLE,
	XGS_CRUISE,
	XGS_COMPETE,
};

/**
 * enum xgs_cause - what a round told the law
 * @XGS_CLEAR: no congestion
 * @XGS_MARKS: CE marks
 * @XGS_DELAY: queueing delay
 * @XGS_LOSS: more loss than the path's own
 * @XGS_RELEARN: the distance has changed
 * @XGS_RIVAL: a queue that does not yield: it is tested whether it is a rival's
 */
enum xgs_cause {
	XGS_CLEAR,
	XGS_MARKS,
	XGS_DELAY,
	XGS_LOSS,
	XGS_RELEARN,
	XGS_RIVAL,
};

/**
 * struct xgs_round - what one round trip showed
 * @base_us: base RTT, microseconds
 * @rtt_us: smallest of the latest RTT samples, less what the queue of the way back
 *	had of them where that is known, microseconds
 * @back_us: by how much that is less than @least_us, microseconds
 * @least_us: smallest RTT sample of the round, microseconds; 0 for none
 * @moved_us: its difference from the base RTT that was known before, microseconds
 * @srtt_us: smoothed RTT, at most twice @rtt_us, microseconds
 * @elapsed_us: how long the round took, microseconds
 * @burst_us: time that one burst of the sender takes at its rate, microseconds
 * @mss: bytes per packet
 * @delivered: packets delivered
 * @marked: of them CE-marked
 * @lost: packets found lost
 * @bw: delivery rate, bytes per second; 0 when there is no valid sample
 * @ack_bw: the same by the spacing of the ACKs alone: what the bottleneck let
 *	through, even while the window held the sender back
 * @window: the congestion window, bytes
 * @fair: what each of the path's flows would have if all had the same, bytes per
 *	second; 0 when nothing is to be done about it
 * @freed: what a flow that left has handed on to this one, bytes per second
 * @busy: rounds in a row, up to 255, that nothing but its control has limited the flow
 * @app_limited: the application did not fill the window
 * @rwnd_limited: the receiver's window held the sender back
 * @marks_live: the path has marked within the last second
 * @may_leap: no other flow of the path leaps
 */
struct xgs_round {
	u32 base_us;
	u32 rtt_us;
	u32 back_us;
	u32 least_us;
	u32 moved_us;
	u32 srtt_us;
	u32 elapsed_us;
	u32 burst_us;
	u32 mss;
	u32 delivered;
	u32 marked;
	u32 lost;
	u64 bw;
	u64 ack_bw;
	u64 window;
	u64 fair;
	u64 freed;
	u8 busy;
	bool app_limited;
	bool rwnd_limited;
	bool marks_live;
	bool may_leap;
};

/**
 * struct xgs_train - the end of a start: packets that met a queue as it grew
 * @grown_us: RTT from which on the queue counts as grown, microseconds
 * @since_us: when the RTT reached that, low bits of a clock in microseconds; 0
 *	while it has not
 * @delivered: packets delivered by then; wraps
 */
struct xgs_train {
	u32 grown_us;
	u32 since_us;
	u32 delivered;
};

/**
 * struct xgs_law - the state of one flow's law
 * @rate: the rate, bytes per second
 * @rate_full: the rate at the last congestion, bytes per second; in the start,
 *	the rate that an earlier flow has proven, or at which a leap came through
 * @bw: largest delivery rate in this and the previous eight rounds, 64 bytes
 *	per second
 * @train: in the start, the queue that it builds
 * @stuck_rtt_us: afterwards, RTT when a delay that does not yield began, or when it
 *	moved last, microseconds
 * @queue: queueing delay of the round before, 64 microseconds; near by, 1 if it has been
 *	nearly hi since it was below lo
 * @cycles: cycles like BBR's in a row, up to what tells who the rival is; near by, swings
 *	of farther flows' queue
 * @before_us: where the path marks, instead of these, the RTT that the rate is damped
 *	for, microseconds below 2^20; 0 for none
 * @stuck_rate: the rate when a delay began that is still there, 64 bytes per
 *	second
 * @stuck_us: how long it has been more than flows of xgs leave, microseconds
 * @rose: the queue has risen like BBR's in its probes
 * @cycle: rounds since the queue last drained, or rose, for one; near by, since it was
 *	below lo
 * @compete_ms: beside a rival, instead, time since the last loss, milliseconds
 * @drift: average of what the queue seemed to grow by in the time that it is
 *	foreseen for, 2^-5 microseconds
 * @marked_ms: low bits of when the path last marked, milliseconds; 0 for not lately
 * @alpha: average of the congestion fraction, 2^-15
 * @room_us: beside a rival, instead, the queue below which others have made room for
 *	what was restored, microseconds
 * @loss_base: average of the path's own loss, 2^-16
 * @shallow: how often the delay thresholds were halved, for a short buffer
 * @spilled: the last round lost packets at a queue below the thresholds
 * @met: congestion has been met since the start; in the start, it is not the first one
 * @clean: rounds without congestion, up to XGS_CLEAN_MOST; in the start, rounds
 *	without growth; beside a rival, rounds without a queue, or that the flow yields
 * @wide: among flows from farther away: the delay thresholds are theirs
 * @age: rounds in the current half of @bw
 * @stuck: rounds that the delay has not yielded; in the start, rounds marked, or
 *	that the last leap is over
 * @flood: rounds that lost more than a fifth, less those that lost less since
 * @mode: an enum xgs_mode
 * @draining: this round runs at a lower rate to uncover the base RTT
 * @marks: the path has marked lately
 * @deaf: cuts that the rival did not join; before that, rounds of one RTT
 */
struct xgs_law {
	u64 rate;
	u64 rate_full;
	u32 bw[2];
	union {
		struct xgs_train train;
		struct {
			union {
				struct {
					u32 stuck_rtt_us:20,
					    queue:8,
					    cycles:4;
				};
				u32 before_us;
			};
			u32 stuck_rate;
			union {
				struct {
					u32 stuck_us:26,
					    rose:1,
					    cycle:5;
				};
				u32 compete_ms;
			};
		};
	};
	s16 drift;
	u16 marked_ms;
	union {
		u16 alpha;
		u16 room_us;
	};
	u16 loss_base:12,
	    shallow:2,
	    spilled:1,
	    met:1;
	u8 clean:7,
	   wide:1;
	u8 age:4,
	   deaf:4;
	u8 stuck;
	u8 flood:3,
	   mode:3,
	   draining:1,
	   marks:1;
};

/* A microsecond of drift, and its logarithm. */
#define XGS_DRIFT_SHIFT		5
#define XGS_DRIFT_ONE		32
/* More rounds without congestion are no news. */
#define XGS_CLEAN_MOST		127
/* Packets lost in a round that are too many for a path's own loss. */
#define XGS_OVERSHOT_LOST	6
/* Of a leap, one of so many packets is not waited for. */
#define XGS_LEAP_REST		8U
/* Base RTT from which on the delay thresholds are the same, microseconds. */
#define XGS_DELAY_FAR_US	2048U

/**
 * xgs_law_starts() - does the flow look for the path's rate yet?
 * @law: its state
 *
 * Return: true until it settles.
 */
static inline bool xgs_law_starts(const struct xgs_law *law)
{
	return law->mode <= XGS_START;
}

/**
 * xgs_law_leaps() - does the flow send a window at a time?
 * @law: its state
 *
 * Return: true when a round is a window, over with seven eighths of it acknowledged,
 * and nothing is sent before that; or a train besides, while it looks for more.
 */
static inline bool xgs_law_leaps(const struct xgs_law *law)
{
	return law->mode <= XGS_TRY;
}

/**
 * xgs_law_looks() - does the flow leap to look for more than it has?
 * @law: its state
 *
 * Return: true if so, and not for the first time.
 */
static inline bool xgs_law_looks(const struct xgs_law *law)
{
	return law->met && xgs_law_leaps(law);
}

/**
 * xgs_time_of() - how long an amount of data takes
 * @bytes: the amount
 * @rate: bytes per second, up to XGS_RATE_MAX
 *
 * Return: microseconds, rounded down; U32_MAX when longer or @rate is 0.
 */
static inline u32 xgs_time_of(u64 bytes, u64 rate)
{
	u64 seconds, rest;

	if (!rate)
		return U32_MAX;
	if (bytes <= U32_MAX)	/* always so for a burst */
		return min_t(u64, div64_u64(bytes * USEC_PER_SEC, rate),
			     U32_MAX);
	seconds = div64_u64_rem(bytes, rate, &rest);
	if (seconds > U32_MAX / USEC_PER_SEC)
		return U32_MAX;
	/* The rest is below the rate, so its product fits. */
	rest = div64_u64(min(rest, XGS_RATE_MAX) * USEC_PER_SEC, rate);
	return min_t(u64, seconds * USEC_PER_SEC + rest, U32_MAX);
}

/**
 * xgs_bytes_in() - how much a rate carries in a time
 * @rate: bytes per second, up to XGS_RATE_MAX
 * @us: microseconds
 *
 * Return: bytes, rounded down.
 */
static inline u64 xgs_bytes_in(u64 rate, u32 us)
{
	return mul_u64_u32_div(min(rate, XGS_RATE_MAX), us, USEC_PER_SEC);
}

/**
 * xgs_rate_of() - the rate of an amount of data over a time
 * @bytes: the amount
 * @us: microseconds
 *
 * Return: bytes per second, rounded down and at most XGS_RATE_MAX; 0 when @us
 * is 0.
 */
static inline u64 xgs_rate_of(u64 bytes, u32 us)
{
	if (!us)
		return 0;
	if (bytes >= XGS_RATE_MAX / USEC_PER_SEC * us)
		return XGS_RATE_MAX;
	return mul_u64_u32_div(bytes, USEC_PER_SEC, us);
}

void xgs_curve_at(struct xgs_curve *curve, u32 base_us, u32 burst_us,
		  const struct xgs_law_params *params);
u32 xgs_burst_bytes(u64 rate, u32 base_us, u32 mss, bool fine,
		    const struct xgs_law_params *params);
bool xgs_burst_is_fine(const struct xgs_law *law, u32 busy);
u32 xgs_burst_packets(u32 burst, u32 base_us, u32 mss, bool marks);
u32 xgs_pacing_shift(u32 base_us);
u32 xgs_mark_fraction(u32 marked, u32 delivered);
s16 xgs_drift(s16 drift, s32 growth_us, u32 gain);
bool xgs_marks_are_live(u16 *marked_ms, u16 now_ms, u32 marked);
u32 xgs_queue_ahead(u32 queue_us, u32 span_us, u32 lo_us, u64 rate, u64 bw);
u32 xgs_delay_fraction(u32 queue_us, u32 lo_us, u32 hi_us);
u64 xgs_step(u64 rate, u32 gain);
u32 xgs_cut(u32 fraction, u32 alpha, u32 gain, u32 rtts);
u64 xgs_damped(u64 rate, u32 base_us, u32 before_us, u32 now_us);
u64 xgs_fair_rate(u32 alpha);
u32 xgs_fair_alpha(u64 rate);

u64 xgs_rate_clamp(u64 rate);

u64 xgs_law_bw(const struct xgs_law *law);
void xgs_law_proves(struct xgs_law *law, u64 bw);
u32 xgs_law_loss(struct xgs_law *law, const struct xgs_round *round,
		 const struct xgs_curve *curve);
u32 xgs_law_patience(u32 base_us);
u32 xgs_law_claim(const struct xgs_law *law, u32 busy, u32 base_us);
bool xgs_law_is_broken(struct xgs_law *law, const struct xgs_round *round,
		       u32 f_loss);
enum xgs_cause xgs_law_round(struct xgs_law *law,
			     const struct xgs_round *round,
			     const struct xgs_law_params *params);
u32 xgs_law_window(const struct xgs_law *law, u32 base_us, u32 burst_us,
		   u32 mss, const struct xgs_law_params *params);
u64 xgs_law_pacing_least(const struct xgs_law *law, u32 mss, u32 srtt_us);
u64 xgs_law_pacing(const struct xgs_law *law);
bool xgs_law_fills(const struct xgs_law *law, const struct xgs_round *round);
bool xgs_law_uncovers(const struct xgs_law *law, u32 before_us,
		      const struct xgs_round *round,
		      const struct xgs_law_params *params);
void xgs_law_level(struct xgs_law *law, u64 rate, u32 base_us);
void xgs_law_resume(struct xgs_law *law, u32 base_us);
bool xgs_law_idle(struct xgs_law *law, u32 base_us, u32 idle_ms, u32 halving_ms,
		  u64 cold);
void xgs_law_timeout(struct xgs_law *law, u32 mss, u32 srtt_us, bool blackout);
void xgs_law_undo(struct xgs_law *law);

#endif /* _TCP_XGS_LAW_H */
