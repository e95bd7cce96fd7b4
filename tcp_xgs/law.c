// SPDX-License-Identifier: GPL-2.0
/*
 * The control law of tcp_xgs.
 *
 * A flow has a rate r and knows the base RTT R of its path. Once per round
 * trip it learns what fraction f of the round met congestion and keeps an
 * average of it:
 *
 *	f     = max(f_mark, f_delay, f_loss)
 *	alpha = alpha + g (f - alpha)		g = 1/16, less near by without marks
 *
 *	f = 0:	r = r + a
 *	f > 0:	r = r (1 - k f alpha / 2) + a (1 - f)
 *
 *	a     = k min(250 sqrt(r), r / 8)	bytes per second, per round trip; 375
 *						where marks control
 *
 * Why f * alpha. DCTCP (Alizadeh et al., SIGCOMM 2010; RFC 8257) cuts by
 * alpha / 2 in every round that saw a mark. Near a threshold a near flow sees
 * rounds that are marked or not, while a far flow's round averages many of
 * them, so that nearly every one of its rounds has some mark: at one marking
 * probability p the near flow cuts by p^2 / 2 on average and the far one by
 * p / 2. With the product, E[f alpha] is about p^2 for both.
 *
 * Why a rate. The increase is the same per round trip in rate, not in window.
 * In equilibrium r p^2 / 2 = a (1 - p), whatever R is: near and far flows at
 * one bottleneck get the same share. k scales increase and decrease together:
 * it changes how fast a flow gets there, not where. It is small near by, where
 * rounds are many and noisy. Far away a round takes long, but its marks are a
 * good average: a flow that is below the rate where alpha is in balance goes there
 * by up to a quarter a round.
 *
 * Where marks control, r is damped. A queue integrates rates and rates integrate its
 * marks; without more the two swing. With q the queueing delay (RTT above R), each
 * round besides
 *
 *	r = r (1 + q_before / 4R) / (1 + q_now / 4R)
 *
 * which takes from r as a queue grows and gives it back as it goes, and leaves what
 * the equations above balance. alpha is then the average without the latest f, as
 * near by f is 0 or 1 and part of it in alpha would count twice.
 *
 * Delay stands in where nothing marks. With b the rate delivered,
 *
 *	q'      = q + 3 R (r - b) / b
 *	f_delay = clamp((q' - lo) / (hi - lo), 0, 1)
 *
 * q' is the queue in three round trips if nothing changes: one is met while it
 * builds, and one that an earlier cut already drains is not cut for twice. Of r a
 * half per cent and two steps of its own are left out, as that is no growth. And a
 * queue that stays between nothing and full has none on average: what q' - q is on
 * average, our own making that differs from flow to flow, is taken off (the drift).
 * Where R is above D = 20 ms, f is alpha + (f - alpha) D / R in the equations above:
 * what is new is answered by less, as the answer comes when the queue is another.
 * The thresholds are absolute delays that grow with R, as noise does, up to 1.3 ms.
 * Where packets are lost at a queue below them, the buffer is shorter than they
 * are, and they are halved.
 *
 * Loss is tolerated while it looks like the path's own: a slow average of what
 * is lost. Loss well above that average and above loss_limit_ppm counts as
 * congestion (the threshold of 2 % is BBRv3's), and a sustained fifth lost is a
 * broken path (the circuit breaker that RFC 9743 asks for).
 *
 * Flows of one path that come together don't learn from a queue what their host
 * knows: each goes a quarter of the way to their mean per round trip, for a while.
 * Far flows that pause together go on with their mean (xgs_core/share.c).
 *
 * A link that becomes slower shows in b at once: when all of a round that r
 * sent came back at less than two thirds of it, r is b.
 *
 * Who has too much beside others of xgs meets more congestion than is in balance
 * with his rate: where nothing marks and alpha^2 k r / 2 is more than 13/8 of
 * a (1 - alpha), he gives up four times the difference besides.
 *
 * Distance that changes: R falls with the first shorter sample. When the delay
 * stays above hi for several rounds although r has been halved, the queue is
 * not ours to drain: either the path became longer or a rival fills its buffer.
 * rival.c finds out which, and competes with the rival.
 *
 * start.c has how a flow comes to a rate, look.c how it finds that others have left.
 *
 *	        the path        queue below lo,          a delay
 *	        is full         or 4 rounds              that stays
 *	  START -------> SETTLE ---------------> CRUISE <-------> COMPETE
 *
 * The window is r over R plus some slack. The slack is hi and more: a
 * bound on the damage, not the control. In a rack that marks it is little more
 * than lo: a window meets a queue within one round trip, a rate in the next.
 *
 * Units: rates in bytes per second up to 1.6 Tbit/s (38 bits), times in
 * microseconds up to 1 s (20 bits). Their products fit 64 bits; where a
 * caller's value could be larger, 128-bit helpers are used.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include <kunit/visibility.h>

#include "../include/xgs/distance.h"
#include "law.h"
#include "look.h"
#include "rival.h"
#include "start.h"

/* A packet of 1500 bytes in 46 ms: slower, and rounds would last seconds. */
#define XGS_RATE_MIN		32768ULL
/*
 * A round lasts longer than R behind delayed ACKs, and where few packets are in
 * flight. It counts for so many round trips; in cuts for fewer.
 */
#define XGS_RTTS_MAX		(8 * XGS_RTTS_ONE)
#define XGS_CUT_RTTS_MAX	(4 * XGS_RTTS_ONE)
/* No round takes more than half of the rate by cutting. */
#define XGS_CUT_MAX		(XGS_CUT_ONE / 2)
/*
 * A delay that does not yield is cut by an eighth a round, to test it: not by a flow
 * that may be among farther ones, as it takes their thresholds first.
 */
#define XGS_CUT_STUCK		(XGS_CUT_ONE / 8)
/* alpha's gain, 2^-20: a sixteenth, and how much less it may be near by. */
#define XGS_ALPHA_SHIFT		20
#define XGS_ALPHA_GAIN		65536U
#define XGS_ALPHA_GAIN_LEAST	8192U
/* No more drift of a queue's growth is believed, microseconds. */
#define XGS_DRIFT_MAX_US	600
/* Distances at which it is learnt most slowly, and as fast as alpha, microseconds. */
#define XGS_DRIFT_LEAST_US	8000U
#define XGS_DRIFT_FULL_US	64000U
/* Up to this distance the law goes by each round's delay alone, microseconds. */
#define XGS_CALM_US		20000U
/*
 * Below XGS_FAR_US rounds are many, and farther than this they are few: alpha is
 * old when it is acted on. Microseconds.
 */
#define XGS_GIVE_FULL_US	40000U
#define XGS_GIVE_NONE_US	100000U
/* Rounds without congestion in which a surplus is still given up. */
#define XGS_GIVE_ROUNDS		4
/* Up to this distance a cut drains the queue within a round, microseconds. */
#define XGS_DRAIN_US		100000U
/* The path marks if it did within this time. */
#define XGS_MARKS_LIVE_MS	1000
/* Increase in units of sqrt(bytes/s): 2 % a round at 1 Gbit/s, 0.1 at 400. */
#define XGS_STEP_SQRT		250ULL
/*
 * Up to 1998 squared an eighth of the rate is the smaller increase, also when
 * the root is rounded down: 250 (1998 - 1) > 1998^2 / 8.
 */
#define XGS_RATE_NO_ROOT	3992004ULL
/* The square root of XGS_RATE_MAX. */
#define XGS_RATE_ROOT_MAX	447213U
/* A burst of no more bytes than this is none that others would notice. */
#define XGS_BURST_FINE		8192U
/* A sender's bursts explain a queue of so much or of a quarter of R. */
#define XGS_BURST_MAX_US	4000U
/* From this distance on it counts what the queue will be in three round trips. */
#define XGS_AHEAD_FAR_US	4096U
/*
 * Rates that differ by three 512ths, or by so much of a round trip, are the same. The
 * distance from which on it is all of that; microseconds.
 */
#define XGS_EVEN_SHIFT		9
#define XGS_EVEN_US		350U
#define XGS_EVEN_FULL_US	32768U
/* Bounds of what waits in the host; the upper one is the kernel's own, 2^-10 s. */
#define XGS_HOST_MIN_US		256U
#define XGS_HOST_MAX_US		1024U
/* 2^20 of these microseconds are taken for a second. */
#define XGS_HOST_SHIFT		20
/* A queue of R takes a fifth of the rate of a flow that marks control. */
#define XGS_DAMP_SHIFT		2
/* Below it a flow among farther ones has less than all of their hi, microseconds. */
#define XGS_RACK_US		256U
/* Distance from which on a flow catches up at full speed, microseconds. */
#define XGS_FAR_US		16384U
/* Rounds of delivery rate that one half of the maximum covers. */
#define XGS_BW_ROUNDS		8
/* A path's own loss is averaged over 8 rounds and believed up to 5 %. */
#define XGS_LOSS_SHIFT		3
#define XGS_LOSS_BASE_MAX	(XGS_LOSS_ONE / 20)
#define XGS_LOSS_FLOOD		(XGS_LOSS_ONE / 5)
#define XGS_FLOOD_ROUNDS	4
/* Below it, clean rounds before the way back is shortened; none far away. */
#define XGS_RETURN_ROUNDS	8U
/* Where marks control, so many more at no distance, and none from so far on. */
#define XGS_RETURN_MARKS	56U
#define XGS_RETURN_FAR_US	4096U
/* A quarter of the way to the mean of the path's flows. */
#define XGS_SHARE_SHIFT		2
/* Who shares has sent for so long: rounds, microseconds, rounds. */
#define XGS_BUSY_LEAST		2U
#define XGS_BUSY_US		20000U
#define XGS_BUSY_MOST		255U
/* Who has sent for so many rounds is no request. */
#define XGS_FINE_ROUNDS		3U
/* Congestion so many rounds ago is news to a burst. */
#define XGS_RESUME_ROUNDS	16
/* A short buffer halves the delay thresholds so often at most. */
#define XGS_SHALLOW_MAX		2U

static u32 xgs_percent(u32 value, u32 percent)
{
	return value * percent / 100;
}

/*
 * What the thresholds grow with where nothing marks. Flows that meet there need
 * the same ones to get the same share: from 1.3 ms on all have. Near by they grow
 * slowly, because there a queue of milliseconds is a disaster.
 */
static u32 xgs_delay_scale(u32 base_us)
{
	base_us = min(base_us, 32768U);
	return base_us + base_us * base_us / 128;
}

/* lo and hi before the sender's own bursts are allowed for. */
static u32 xgs_delay_lo(u32 scale_us, const struct xgs_law_params *params)
{
	return xgs_percent(30 + min(scale_us >> 5, 170U),
			   params->delay_target_pct);
}

static u32 xgs_delay_hi(u32 scale_us, const struct xgs_law_params *params)
{
	return xgs_percent(150 + min(scale_us >> 3, 1850U),
			   params->delay_target_pct);
}

/* Inlined, it computes only what the caller looks at. */
static __always_inline void
xgs_curve_inline(struct xgs_curve *curve, u32 base_us, u32 burst_us,
		 const struct xgs_law_params *params)
{
	u32 limit = div_u64((u64)params->loss_limit_ppm * XGS_LOSS_ONE,
			    1000000);
	u32 far = min(base_us, 4096U);	/* of 4096, for loss */
	u32 scale_us = xgs_delay_scale(base_us), lo_us, hi_us;

	base_us = min(base_us, XGS_RTT_MAX_US);
	/* At a rate that is tiny by itself every queue would look like ours. */
	burst_us = min(burst_us, max(base_us / 4, XGS_BURST_MAX_US));

	lo_us = xgs_delay_lo(base_us, params) + burst_us / 4;
	hi_us = xgs_delay_hi(base_us, params) + burst_us;
	curve->lo_us = xgs_delay_lo(scale_us, params) + burst_us / 4;
	curve->hi_us = xgs_delay_hi(scale_us, params) + burst_us;
	curve->slack_us = curve->hi_us + base_us / 16 + min(base_us / 2, 200U);
	curve->others_lo_us = curve->lo_us - burst_us / 4;
	curve->others_hi_us = curve->hi_us - burst_us;
	/*
	 * Near by, the window shares in the control where marks show the
	 * queue: of a few packets it meets one earlier than a rate can. Far
	 * away it leaves the rate room to move.
	 */
	curve->slack_marks_us = lo_us + base_us / 16 + min(base_us, 400U) +
				((hi_us - lo_us) * min(base_us + 256, 4096U) >> 12);
	curve->slack_marks_us = min(curve->slack_marks_us, curve->slack_us);

	/* A quarter at no distance, one from 16 ms on. */
	curve->gain = xgs_percent(256 + (768 * min(base_us, XGS_FAR_US) >> 14),
				  params->gain_pct);

	/*
	 * In a rack nothing is lost but to congestion, and rounds are small;
	 * over distance fibre, optics and long-haul equipment lose as well.
	 */
	curve->loss_soft = (limit / 8 * far) >> 12;
	curve->loss_hard = limit / 4 + (((limit - limit / 4) * far) >> 12);
	curve->loss_min = 1 + min(base_us >> 9, 2U);
}

/**
 * xgs_curve_at() - the law's coefficients at one distance
 * @curve: where they go
 * @base_us: base RTT, microseconds; taken as XGS_RTT_MAX_US beyond that
 * @burst_us: time one burst of the sender takes at its rate, microseconds: the
 *	queue that a paced flow causes by itself; counts up to a quarter of
 *	@base_us or 4 ms, whichever is longer
 * @params: the operator's
 *
 * Continuous in @base_us: 30/150 us at no distance, 200/2000 us from 1.3 ms on.
 */
void xgs_curve_at(struct xgs_curve *curve, u32 base_us, u32 burst_us,
		  const struct xgs_law_params *params)
{
	xgs_curve_inline(curve, base_us, burst_us, params);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_curve_at);

/*
 * The hi that a near flow takes from farther ones: in a rack three quarters, as it
 * has hundreds of rounds to fill a queue in while theirs has one.
 */
static u32 xgs_wide_hi(u32 hi_us, u32 base_us)
{
	u32 near_us = XGS_RACK_US - min(base_us, XGS_RACK_US);

	return hi_us - (hi_us * near_us / XGS_RACK_US >> 2);
}

/*
 * The coefficients for a flow: nearer than others whose queue it meets, it takes
 * their thresholds. Where the buffer ends below the thresholds they are lower.
 */
static __always_inline void
xgs_law_curve(const struct xgs_law *law, struct xgs_curve *curve, u32 base_us,
	      u32 burst_us, const struct xgs_law_params *params)
{
	struct xgs_curve far;

	xgs_curve_inline(curve, base_us, burst_us, params);
	if (unlikely(law->wide)) {
		xgs_curve_inline(&far, XGS_DELAY_FAR_US, burst_us, params);
		curve->lo_us = max(curve->lo_us, far.lo_us);
		curve->hi_us = max(curve->hi_us,
				   xgs_wide_hi(far.hi_us, base_us));
		curve->others_lo_us = max(curve->others_lo_us,
					  far.others_lo_us);
		curve->others_hi_us = max(curve->others_hi_us,
					  far.others_hi_us);
		curve->slack_us = max(curve->slack_us, far.slack_us);
	}
	curve->slack_us -= curve->hi_us - (curve->hi_us >> law->shallow);
	curve->lo_us >>= law->shallow;
	curve->hi_us >>= law->shallow;
	curve->others_lo_us >>= law->shallow;
	curve->others_hi_us >>= law->shallow;
}

/**
 * xgs_burst_bytes() - the largest burst a flow should send back to back
 * @rate: bytes per second
 * @base_us: base RTT, microseconds
 * @mss: bytes per packet
 * @fine: marks control the flow
 * @params: the operator's
 *
 * No more than lo's worth, so that a flow's own bursts don't look like congestion to
 * its peers, and than 30 us and a sixteenth of R, as ACKs tell the rate that they
 * return at no finer than by a burst; and at most 1 ms, as TCP's segmentation offload
 * sizes bursts anyway (tcp_tso_autosize(), sk_pacing_shift 10).
 *
 * A switch marks from some tens of microseconds on, whoever sends, and everybody
 * but the sender of a burst meets the queue that it makes. So where marks control,
 * all flows have half of the lo of no distance, and one jumbo frame is a burst.
 *
 * Return: bytes, at least two packets, or one of them and 8 KB where @fine.
 */
u32 xgs_burst_bytes(u64 rate, u32 base_us, u32 mss, bool fine,
		    const struct xgs_law_params *params)
{
	u32 scale_us = min(xgs_delay_scale(base_us),
			   2 * min(base_us, XGS_RTT_MAX_US));
	u32 lo_us = xgs_delay_lo(scale_us, params);
	u32 least = 2 * mss;
	u64 bytes;

	if (fine) {
		lo_us = xgs_delay_lo(0, params) / 2;
		least = min(least, max(mss, XGS_BURST_FINE));
	}
	bytes = xgs_bytes_in(rate, min_t(u32, lo_us, USEC_PER_MSEC));
	return clamp_t(u64, bytes, least, max(65536U, 2 * mss));
}
EXPORT_SYMBOL_IF_KUNIT(xgs_burst_bytes);

/**
 * xgs_burst_is_fine() - do marks control the flow, and its bursts matter?
 * @law: the flow's state
 * @busy: rounds in a row that nothing but its control has limited it
 *
 * A request is a few packets: in pairs it is over sooner.
 *
 * Return: @fine for xgs_burst_bytes().
 */
bool xgs_burst_is_fine(const struct xgs_law *law, u32 busy)
{
	return law->marks && busy >= XGS_FINE_ROUNDS;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_burst_is_fine);

/**
 * xgs_burst_packets() - the packets that leave together
 * @burst: of xgs_burst_bytes()
 * @base_us: base RTT, microseconds
 * @mss: bytes per packet
 * @marks: the path has marked lately
 *
 * A far flow that is too slow for more than two sends one by one. The second of a
 * pair meets a queue that the first has made longer: where a switch marks at a
 * few packets, half of such a flow's were marked and a third of its near rival's.
 * So do jumbo frames, of which one is a burst. Otherwise, and near by, a pair is
 * kept, as it costs the host half of two packets.
 *
 * Return: packets, at least 1.
 */
u32 xgs_burst_packets(u32 burst, u32 base_us, u32 mss, bool marks)
{
	u32 packets = burst / max(mss, 1U);

	if (packets <= 2 && base_us >= XGS_DELAY_FAR_US &&
	    (marks || 2 * mss > XGS_BURST_FINE))
		return 1;
	return max(packets, 1U);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_burst_packets);

/**
 * xgs_pacing_shift() - how much of a flow may wait in its own host
 * @base_us: base RTT, microseconds
 *
 * The stack hands 1 ms of a flow's rate to the qdisc, which sends it when its
 * time has come. What waits there has been given its time already: a change of
 * the rate is that much later. Its RTT samples don't show it. So it is at most a
 * quarter of the base RTT, but no less than 0.25 ms: below that a host whose
 * device reports what it sent only now and then would idle.
 *
 * Return: for sk_pacing_shift; 2^-n seconds may wait.
 */
u32 xgs_pacing_shift(u32 base_us)
{
	u32 limit_us = clamp(base_us / 4, XGS_HOST_MIN_US, XGS_HOST_MAX_US);

	return XGS_HOST_SHIFT - ilog2(limit_us);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_pacing_shift);

/**
 * xgs_mark_fraction() - the fraction of a round that was marked
 * @marked: packets marked
 * @delivered: packets delivered
 *
 * Return: 0 to XGS_FRAC_ONE; at least 1 when anything was marked.
 */
u32 xgs_mark_fraction(u32 marked, u32 delivered)
{
	if (!marked)
		return 0;
	if (marked >= delivered)
		return XGS_FRAC_ONE;
	return max_t(u32, div_u64((u64)marked << XGS_FRAC_SHIFT, delivered), 1);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_mark_fraction);

/**
 * xgs_marks_are_live() - has the path marked within the last second?
 * @marked_ms: low bits of when it last did, milliseconds; 0 for not lately. Is set
 *	here.
 * @now_ms: low bits of now, milliseconds
 * @marked: packets marked in the round that is over
 *
 * A flow that was quiet for 65 s, give or take that second, may take one mark of
 * before for a late one.
 *
 * Return: true when it has.
 */
bool xgs_marks_are_live(u16 *marked_ms, u16 now_ms, u32 marked)
{
	if (marked)
		*marked_ms = now_ms ?: U16_MAX;	/* 1 ms too early is no harm */
	else if ((u16)(now_ms - *marked_ms) > XGS_MARKS_LIVE_MS)
		*marked_ms = 0;
	return *marked_ms;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_marks_are_live);

/**
 * xgs_queue_ahead() - the queueing delay that is on its way
 * @queue_us: queueing delay now, microseconds
 * @span_us: how long it goes on as it does now, microseconds
 * @lo_us: queueing delay above which the path is surely full
 * @rate: the rate that the packets in flight were sent at, bytes per second, up
 *	to XGS_RATE_MAX
 * @bw: the rate that the bottleneck let through, bytes per second; 0 when
 *	unknown
 *
 * What is in flight joins the queue at @rate while it drains at @bw. On a path that
 * is not full, @bw is what was sent and says nothing about growth.
 *
 * Return: microseconds.
 */
u32 xgs_queue_ahead(u32 queue_us, u32 span_us, u32 lo_us, u64 rate, u64 bw)
{
	u64 change;

	span_us = min(span_us, XGS_RTT_MAX_US);
	if (!bw || (rate > bw && queue_us <= lo_us))
		return queue_us;
	if (rate > bw) {
		change = div64_u64(span_us * (rate - bw), bw);
		return min_t(u64, queue_us + change, XGS_RTT_MAX_US);
	}
	change = div64_u64(span_us * (bw - rate), bw);
	return queue_us - min_t(u64, queue_us, change);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_queue_ahead);

/**
 * xgs_delay_fraction() - the congestion that queueing delay stands for
 * @queue_us: queueing delay, microseconds
 * @lo_us: where the response begins
 * @hi_us: where it is full; above @lo_us
 *
 * Return: 0 to XGS_FRAC_ONE.
 */
u32 xgs_delay_fraction(u32 queue_us, u32 lo_us, u32 hi_us)
{
	if (queue_us <= lo_us)
		return 0;
	if (queue_us >= hi_us)
		return XGS_FRAC_ONE;
	return div_u64((u64)(queue_us - lo_us) << XGS_FRAC_SHIFT,
		       hi_us - lo_us);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_delay_fraction);

/*
 * The square root, rounded down: Newton's method from above, which ends when it
 * no longer falls. Four or five divisions, where int_sqrt64() takes a loop of 19
 * rounds at 100 Gbit/s.
 */
static u64 xgs_root(u64 x)
{
	u32 shift = (fls64(x) + 1) / 2;
	u64 root = 1ULL << shift, next = (root + (x >> shift)) >> 1;

	while (next < root) {
		root = next;
		next = (root + div64_u64(x, root)) >> 1;
	}
	return root;
}

/**
 * xgs_step() - the increase per round trip
 * @rate: bytes per second
 * @gain: k, 2^-10
 *
 * Return: bytes per second.
 */
u64 xgs_step(u64 rate, u32 gain)
{
	u64 step = rate >> 3;

	if (rate > XGS_RATE_NO_ROOT)
		step = min(step, XGS_STEP_SQRT * xgs_root(rate));
	return step * gain >> XGS_GAIN_SHIFT;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_step);

/**
 * xgs_cut() - the decrease of a round, k f alpha / 2
 * @fraction: f, 2^-15, at most XGS_FRAC_ONE
 * @alpha: its average, 2^-15, at most XGS_FRAC_ONE
 * @gain: k, 2^-10, below 2^16
 * @rtts: round trips that the round stands for, 2^-3
 *
 * Return: the part of the rate to take away, 2^-20, at most XGS_CUT_MAX.
 */
u32 xgs_cut(u32 fraction, u32 alpha, u32 gain, u32 rtts)
{
	u64 cut = (u64)fraction * alpha * gain * min(rtts, XGS_CUT_RTTS_MAX);

	cut >>= 2 * XGS_FRAC_SHIFT + XGS_GAIN_SHIFT + XGS_RTTS_SHIFT + 1 -
		XGS_CUT_SHIFT;
	return min_t(u64, cut, XGS_CUT_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_cut);

/**
 * xgs_fair_rate() - the rate that is in equilibrium with congestion
 * @alpha: average of the congestion fraction, 2^-15, at most XGS_FRAC_ONE
 *
 * r alpha^2 / 2 = 250 sqrt(r) (1 - alpha), solved for r: what every flow at a
 * bottleneck should come to, wherever it is.
 *
 * Return: bytes per second, at most XGS_RATE_MAX.
 */
u64 xgs_fair_rate(u32 alpha)
{
	u64 root;

	if (!alpha)
		return XGS_RATE_MAX;
	root = div_u64(2 * XGS_STEP_SQRT * (XGS_FRAC_ONE - alpha)
		       << XGS_FRAC_SHIFT, alpha * alpha);
	return root > XGS_RATE_ROOT_MAX ? XGS_RATE_MAX : root * root;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_fair_rate);

/**
 * xgs_fair_alpha() - the congestion fraction that is in equilibrium with a rate
 * @rate: bytes per second, up to XGS_RATE_MAX
 *
 * The inverse of xgs_fair_rate(): alpha^2 / (1 - alpha) = 500 / sqrt(r), or 1/4
 * where the increase is an eighth of the rate.
 *
 * Return: 2^-15, at most XGS_FRAC_ONE.
 */
u32 xgs_fair_alpha(u64 rate)
{
	/* Of 2^-30, and at most a quarter: its square and 4 of it fit. */
	u64 ratio = div64_u64(2 * XGS_STEP_SQRT << 2 * XGS_FRAC_SHIFT,
			      xgs_root(max(rate, XGS_RATE_NO_ROOT)));
	u64 root = xgs_root(ratio * ratio + (ratio << (2 * XGS_FRAC_SHIFT + 2)));

	return (root - ratio) >> (XGS_FRAC_SHIFT + 1);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_fair_alpha);

/**
 * xgs_rate_clamp() - a rate that the law can work with
 * @rate: bytes per second
 *
 * Return: bytes per second.
 */
u64 xgs_rate_clamp(u64 rate)
{
	return clamp(rate, XGS_RATE_MIN, XGS_RATE_MAX);
}

/**
 * xgs_law_bw() - what the path has delivered lately
 * @law: the flow's state
 *
 * Return: the largest rate of the last 8 to 16 rounds, bytes per second.
 */
u64 xgs_law_bw(const struct xgs_law *law)
{
	return (u64)max(law->bw[0], law->bw[1]) << XGS_RATE_SHIFT;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_bw);

/**
 * xgs_law_proves() - the path has carried a rate
 * @law: the flow's state
 * @bw: the rate, bytes per second
 */
void xgs_law_proves(struct xgs_law *law, u64 bw)
{
	law->bw[0] = max_t(u32, law->bw[0],
			   DIV_ROUND_UP_ULL(bw, 1U << XGS_RATE_SHIFT));
}

static void xgs_law_note_bw(struct xgs_law *law, const struct xgs_round *round)
{
	if (!round->bw || round->app_limited)
		return;
	if (++law->age > XGS_BW_ROUNDS) {
		law->bw[1] = law->bw[0];
		law->bw[0] = 0;
		law->age = 1;
	}
	xgs_law_proves(law, round->bw);
}

/**
 * xgs_law_loss() - the congestion that the loss of a round stands for
 * @law: the flow's state; its average of the path's own loss learns
 * @round: what the round showed
 * @curve: the law's coefficients
 *
 * Return: 0, XGS_FRAC_LOSS_SOFT, XGS_FRAC_LOSS_HARD or XGS_FRAC_ONE.
 */
u32 xgs_law_loss(struct xgs_law *law, const struct xgs_round *round,
		 const struct xgs_curve *curve)
{
	u64 sent = (u64)round->delivered + round->lost;
	u32 loss, own, fraction = 0;

	if (!sent)
		return 0;
	loss = div64_u64((u64)round->lost * XGS_LOSS_ONE, sent);
	own = law->loss_base;

	if (loss > XGS_LOSS_FLOOD && round->lost >= curve->loss_min) {
		law->flood = min(law->flood + 1, XGS_FLOOD_ROUNDS);
		return XGS_FRAC_ONE;
	}
	if (law->flood)
		law->flood--;

	if (round->lost >= curve->loss_min) {
		if (loss > max(curve->loss_hard, 2 * own + curve->loss_hard / 4))
			return XGS_FRAC_LOSS_HARD;
		if (loss > 2 * own + curve->loss_soft)
			fraction = XGS_FRAC_LOSS_SOFT;
	}
	own += ((s32)loss - (s32)own) >> XGS_LOSS_SHIFT;
	law->loss_base = min(own, XGS_LOSS_BASE_MAX);
	return fraction;
}

/*
 * Loss beyond the path's own in two rounds, or an overshoot's in one, while the queue
 * is visible but well below hi: the buffer ends there, and delay must speak up before.
 * Every drain takes one halving back, as paths change.
 */
static void xgs_law_note_spill(struct xgs_law *law,
			       const struct xgs_round *round,
			       const struct xgs_curve *curve, u32 queue_us,
			       u32 f_loss)
{
	bool overshot = f_loss >= XGS_FRAC_LOSS_HARD &&
			round->lost >= XGS_OVERSHOT_LOST;
	bool spilled = f_loss && queue_us > curve->lo_us / 4 &&
		       queue_us < curve->hi_us / 4 * 3;

	if (spilled && (overshot || law->spilled))
		law->shallow = min(law->shallow + 1U, XGS_SHALLOW_MAX);
	law->spilled = spilled;
}

/*
 * A rate that the path has not carried lately is a guess: not far above. Where a
 * round trip is a few bursts of two packets, one that it nearly saw counts too:
 * without it a rate of three in two round trips is never seen carried.
 */
static void xgs_law_set(struct xgs_law *law, const struct xgs_round *round,
			u64 rate, u64 step)
{
	u64 bw = xgs_law_bw(law), limit = bw + (bw >> 2);

	if (rate + step > limit)
		limit += xgs_rate_of(2ULL * round->mss, round->rtt_us);
	law->rate = xgs_rate_clamp(min(rate + step, max(rate, limit)));
}

/* As much of a rate as the path has shown that it carries, and a little more. */
static u64 xgs_law_carried(const struct xgs_law *law, u64 rate)
{
	u64 bw = xgs_law_bw(law);

	return min(rate, bw + (bw >> 4));
}

/*
 * Without congestion: one step. Below the rate of the last congestion a quarter
 * of the way back, above it half of the way that it has come since: nothing is
 * known up there, but no more than makes a queue of hi in a round trip: what is
 * too much is seen two later. Near by, rounds without marks are no news, tens of them
 * where a switch marks late, and around the rate of the last congestion there is no
 * more than a step.
 */
static void xgs_law_raise(struct xgs_law *law, const struct xgs_round *round,
			  const struct xgs_curve *curve, u64 step)
{
	u32 far_us = min(round->base_us, XGS_FAR_US);
	u32 near_us = XGS_RETURN_FAR_US - min(far_us, XGS_RETURN_FAR_US);
	u32 patience = XGS_RETURN_ROUNDS -
		       far_us / (XGS_FAR_US / XGS_RETURN_ROUNDS);
	u64 zone = (law->rate_full >> 4) * (XGS_FAR_US - far_us) / XGS_FAR_US;
	u64 rate = law->rate, most, more;

	if (round->marks_live)
		patience += XGS_RETURN_MARKS * near_us / XGS_RETURN_FAR_US;
	if (rate < law->rate_full - zone && law->clean >= patience) {
		step = max(step, (law->rate_full - rate) >> 2);
	} else if (round->freed || rate > law->rate_full + zone) {
		more = round->freed ?: (rate - law->rate_full - zone) >> 1;
		most = div_u64(rate * curve->hi_us, max(round->base_us, 1U));
		step = max(step, min(more, clamp(most, rate >> 8, rate >> 3)));
	}
	xgs_law_set(law, round, rate, step);
}

/**
 * xgs_law_patience() - rounds until a flow that is busy counts as such
 * @base_us: base RTT, microseconds
 *
 * Return: rounds of 20 ms, from 2 to 255.
 */
u32 xgs_law_patience(u32 base_us)
{
	return clamp(XGS_BUSY_US / max(base_us, 1U), XGS_BUSY_LEAST,
		     XGS_BUSY_MOST);
}

/**
 * xgs_law_claim() - what a flow claims of its path
 * @law: its state
 * @busy: rounds in a row that nothing but its control has limited it
 * @base_us: base RTT, microseconds
 *
 * A request and its answer are over before anybody has made room, and are sooner
 * at the rate that they have: only who is busy for 2 rounds and 20 ms, or 255
 * rounds, takes part.
 *
 * Return: its rate for xgs_share_claim(), 64 bytes per second, or 0.
 */
u32 xgs_law_claim(const struct xgs_law *law, u32 busy, u32 base_us)
{
	if ((law->mode != XGS_CRUISE && !xgs_law_looks(law)) ||
	    busy < xgs_law_patience(base_us))
		return 0;
	return max_t(u32, law->rate >> XGS_RATE_SHIFT, 1);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_claim);

/*
 * Where flows of one path came together, each goes a quarter of the way to their
 * mean, and so does what it remembers. Down at once; what is to be added is
 * returned, for xgs_law_take().
 */
static u64 xgs_law_share(struct xgs_law *law, const struct xgs_round *round)
{
	u64 part;

	if (!round->fair)
		return 0;
	if (round->fair >= law->rate)
		return (round->fair - law->rate) >> XGS_SHARE_SHIFT;
	part = (law->rate - round->fair) >> XGS_SHARE_SHIFT;
	law->rate = xgs_rate_clamp(law->rate - part);
	law->rate_full = max(law->rate, law->rate_full -
					min(law->rate_full, part));
	law->deaf = 0;	/* no queue need move for that */
	return 0;
}

/* What the others left; less of it where there is a queue. */
static void xgs_law_take(struct xgs_law *law, u64 part, u32 fraction)
{
	part = part * (XGS_FRAC_ONE - fraction) >> XGS_FRAC_SHIFT;
	law->rate = xgs_rate_clamp(law->rate + part);
	law->rate_full = min(law->rate_full + part, XGS_RATE_MAX);
}

/*
 * A far flow that marks hold below the equilibrium goes there directly: steps of a
 * per cent take seconds where a round takes 30 ms. Near by they don't, and one
 * round's marks are too noisy to aim by. With half of the increase again the
 * equilibrium goes with its square. Where the increase is an eighth of the rate any
 * rate is in balance with the same marks, and half of 4 MB/s is all of the goal.
 */
static u64 xgs_law_catch_up(const struct xgs_law *law, u32 base_us)
{
	u64 fair = xgs_fair_rate(law->alpha);
	u64 root = fair - min(fair, XGS_RATE_NO_ROOT);
	u64 goal = min(fair / 4 * 9, fair / 2 + root / 2 * 7);
	u32 far = min(base_us, XGS_FAR_US);

	if (goal <= law->rate)
		return 0;
	far = far * far / XGS_FAR_US;
	return min((goal - law->rate) >> 3, law->rate >> 2) * far / XGS_FAR_US;
}

/* No cut goes below a quarter of a packet per round trip. */
static u64 xgs_law_least(const struct xgs_law *law, u32 mss, u32 srtt_us)
{
	return min(law->rate, xgs_rate_of(mss / 4, srtt_us));
}

static void xgs_law_lower(struct xgs_law *law, const struct xgs_round *round,
			  u32 cut, u64 step)
{
	u64 rate = law->rate - (law->rate * cut >> XGS_CUT_SHIFT), least;

	/* What was just delivered is there: one round cannot prove less. */
	if (round->bw) {
		u64 floor = min(law->rate, round->bw);

		rate = max(rate, floor - (floor >> 3));
	}
	/* Many flows that share little: a packet per round trip each. */
	least = step ? xgs_rate_of(round->mss, round->srtt_us) :
		       xgs_law_least(law, round->mss, round->srtt_us);
	rate = max(rate, least);
	xgs_law_set(law, round, rate, step);
}

/*
 * What a round delivered. The stack's sample is of the end of the round: while
 * losses are repaired it may be of a single packet that waited.
 */
static u64 xgs_law_delivered(const struct xgs_round *round)
{
	return max(round->bw, xgs_rate_of((u64)round->delivered * round->mss,
					  round->elapsed_us));
}

/*
 * Drop no more than what drains the queue within a round, or in 100 ms where that
 * takes longer: beside a nearer flow, which has no need of this bound, a far one
 * would not give its part.
 */
static u32 xgs_law_delay_cut(u32 queue_us, u32 base_us,
			     const struct xgs_curve *curve)
{
	u64 excess = queue_us > curve->lo_us ? queue_us - curve->lo_us : 0;
	u64 cut = excess << XGS_CUT_SHIFT;

	base_us = min(base_us, XGS_DRAIN_US);
	return min_t(u64, div64_u64(cut, (u64)base_us + queue_us + 1),
		     XGS_CUT_MAX);
}

/*
 * No larger a cut than @most. What is left out is taken from the increase as far
 * as that goes: the two together are what a round is answered by.
 */
static void xgs_law_bound_cut(u32 *cut, u64 *step, u64 rate, u32 most)
{
	u64 over;

	if (*cut <= most)
		return;
	over = rate * (*cut - most) >> XGS_CUT_SHIFT;
	*step -= min(*step, over);
	*cut = most;
}

/**
 * xgs_damped() - the rate of a flow that met one queue and meets another
 * @rate: bytes per second, up to XGS_RATE_MAX
 * @base_us: base RTT R, microseconds
 * @before_us: RTT when the rate was set, microseconds
 * @now_us: RTT now, microseconds
 *
 * A queue is the integral of what rates have too much, and rates integrate its
 * marks: the two swing about the threshold. What damps them is a part of the rate
 * that goes with the queue q itself, r = c / (1 + q / 4R), which a window does with
 * all of it. Only changes of the queue count: c is whatever it has to be, and a
 * queue that stays leaves shares as they are. q counts up to 4 R.
 *
 * Return: bytes per second, from half to twice of @rate, at most XGS_RATE_MAX.
 */
u64 xgs_damped(u64 rate, u32 base_us, u32 before_us, u32 now_us)
{
	u32 full_us = max(min(base_us, XGS_RTT_MAX_US), 1U) << XGS_DAMP_SHIFT;
	u32 before = full_us + min(before_us - min(before_us, base_us), full_us);
	u32 now = full_us + min(now_us - min(now_us, base_us), full_us);

	rate = div_u64(min(rate, XGS_RATE_MAX) * before, now);
	return min(rate, XGS_RATE_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_damped);

/*
 * Damps a flow that marks control. Few packets are in flight near by, and the latest
 * samples may then be of several rounds: the queue is what this one showed.
 */
static void xgs_law_damp(struct xgs_law *law, const struct xgs_round *round)
{
	u32 now_us = max(round->rtt_us, round->least_us);

	if (law->before_us) {
		law->rate = xgs_rate_clamp(xgs_damped(law->rate, round->base_us,
						      law->before_us, now_us));
		law->rate_full = xgs_damped(law->rate_full, round->base_us,
					    law->before_us, now_us);
	}
	law->before_us = now_us;
}

/**
 * xgs_law_is_broken() - the circuit breaker that RFC 9743 asks for
 * @law: the flow's state
 * @round: what the round showed
 * @f_loss: xgs_law_loss() of it
 *
 * A path that loses a fifth for several rounds gets two packets per round trip.
 *
 * Return: true when that is so.
 */
bool xgs_law_is_broken(struct xgs_law *law, const struct xgs_round *round,
		       u32 f_loss)
{
	if (f_loss < XGS_FRAC_ONE || law->flood < XGS_FLOOD_ROUNDS)
		return false;
	law->rate = xgs_rate_clamp(min(law->rate,
				       xgs_rate_of(2ULL * round->mss,
						   round->rtt_us)));
	law->rate_full = max(law->rate, round->bw / 2);
	return true;
}

/*
 * All that the rate makes of a round trip was delivered, at two thirds of the
 * rate or less: the link became slower, and this is what there is. A path that
 * became longer looks the same until the rate is less; so it is asked once,
 * and again when the queue has become shorter. While losses are repaired, or a queue
 * on the way back grows, ACKs are no clock.
 */
static bool xgs_law_is_slower(const struct xgs_law *law,
			      const struct xgs_round *round)
{
	u64 flight = xgs_bytes_in(law->rate - (law->rate >> 2), round->base_us);

	return !round->lost && !round->back_us && round->ack_bw &&
	       law->rate - law->rate / 3 > round->ack_bw &&
	       (u64)round->delivered * round->mss >= flight;
}

/*
 * What a rate may be above the one delivered and yet be the same: a queue that grows
 * by less than 1 ms in three round trips is left to itself. Counted, a far flow cuts
 * for what it sees of its last cut, and swings. Nearer, where it would stand for good,
 * it is less with the square of the distance.
 */
static u64 xgs_law_even(u64 rate, u32 base_us)
{
	u32 far_us = min(base_us, XGS_EVEN_FULL_US);
	u64 even = (3 * rate >> XGS_EVEN_SHIFT) * far_us / XGS_EVEN_FULL_US *
		   far_us / XGS_EVEN_FULL_US;

	return min(even, div_u64(rate * XGS_EVEN_US, max(base_us, 1U)));
}

/*
 * Where the queue would be in three round trips, nearer than 4 ms less, if all
 * went on as it does. An answer to it is felt two round trips from now: with
 * one, which is what is in flight, queue and rate swung about each other.
 * What ACKs say is two of our own increases old. That much is no growth, unless
 * we are alone: then it shows in the queue, a round later. Counted, far flows
 * with a small share would be afraid of every step of theirs.
 */
static u32 xgs_law_ahead(const struct xgs_law *law,
			 const struct xgs_round *round,
			 const struct xgs_curve *curve, u32 queue_us, u64 step)
{
	u32 base_us = min(round->base_us, XGS_RTT_MAX_US);
	u64 rate = law->rate - xgs_law_even(law->rate, base_us);
	u64 above = rate - min(rate, round->ack_bw);
	u32 span_us = base_us + (base_us * min(base_us, XGS_AHEAD_FAR_US) /
				 (XGS_AHEAD_FAR_US / 2));

	return xgs_queue_ahead(queue_us, span_us, curve->lo_us,
			       rate - min(2 * step, above), round->ack_bw);
}

/* What alpha learns from a round without marks, 2^-20: see xgs_law_learn(). */
static u32 xgs_law_gain(const struct xgs_round *round)
{
	return clamp(2 * round->base_us, XGS_ALPHA_GAIN_LEAST, XGS_ALPHA_GAIN);
}

/* And the drift: nearer than 64 ms less, as there are more rounds to learn from. */
static u32 xgs_drift_gain(const struct xgs_round *round)
{
	u32 far_us = clamp(round->base_us, XGS_DRIFT_LEAST_US, XGS_DRIFT_FULL_US);

	return xgs_law_gain(round) * far_us / XGS_DRIFT_FULL_US;
}

/**
 * xgs_drift() - the growth that a queue only seems to have, on average
 * @drift: so far, XGS_DRIFT_ONE for a microsecond
 * @growth_us: what the queue seems to grow by this time, microseconds
 * @gain: of the average, 2^-20
 *
 * Return: the average, within XGS_DRIFT_MAX_US either way.
 */
s16 xgs_drift(s16 drift, s32 growth_us, u32 gain)
{
	s64 news = (s64)growth_us * XGS_DRIFT_ONE - drift;
	s32 most = XGS_DRIFT_MAX_US * XGS_DRIFT_ONE;

	news = news * gain + (1 << (XGS_ALPHA_SHIFT - 1));
	return clamp_t(s64, drift + (news >> XGS_ALPHA_SHIFT), -most, most);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_drift);

/*
 * A queue that is neither empty nor without end grows as much as it falls. What its
 * growth seems to be on average is our own making: the steps that are left out of it,
 * and the noise of a quotient. It differs with the distance and the share of a flow,
 * which would get more or less for it. So it is taken off: what is above hi is not
 * answered, and is no growth either. Without a queue nothing grows.
 */
static u32 xgs_law_take_drift(struct xgs_law *law,
			      const struct xgs_round *round,
			      const struct xgs_curve *curve, u32 queue_us,
			      u32 ahead_us)
{
	s32 seen_us = min(ahead_us, curve->hi_us) - min(queue_us, curve->hi_us);
	s32 growth_us = ahead_us - queue_us;

	if (round->marks_live)
		return ahead_us;
	if (!round->app_limited)
		law->drift = xgs_drift(law->drift, seen_us,
				       xgs_drift_gain(round));
	growth_us -= law->drift >> XGS_DRIFT_SHIFT;
	if (queue_us <= curve->lo_us / 4)
		growth_us = min(growth_us, 0);
	return max_t(s32, queue_us + growth_us, 0);
}

/*
 * alpha averages 16 rounds. A queue that nothing marks swings at the pace of the
 * farthest flow that fills it. There a near flow's alpha would follow the swings,
 * and f alpha average more than a far one's, whose alpha does not: so it averages
 * as much time as 16 rounds of 33 ms, but no more than 128 rounds.
 */
static void xgs_law_learn(struct xgs_law *law, const struct xgs_round *round,
			  u32 fraction)
{
	s64 change = (s32)fraction - (s32)law->alpha;
	u32 gain = round->marks_live ? XGS_ALPHA_GAIN : xgs_law_gain(round);

	law->alpha += change * gain >> XGS_ALPHA_SHIFT;
}

/*
 * f is the news of one round trip, alpha what sixteen have said. Far away the
 * answer to a queue comes when it has become milliseconds longer or is gone, and
 * a full answer to each round is what makes it swing. So a far flow goes by alpha,
 * and by the news only as much as a flow of XGS_CALM_US would. Their means are the
 * same: rates in balance are as before, and so is the pace at which they get there.
 */
static u32 xgs_law_calm(const struct xgs_law *law,
			const struct xgs_round *round, u32 fraction)
{
	s64 news = (s32)fraction - (s32)law->alpha;

	if (round->base_us <= XGS_CALM_US)
		return fraction;
	return law->alpha + div_s64(news * XGS_CALM_US, round->base_us);
}

/* The increase of a round without congestion. */
static u64 xgs_law_clear_step(const struct xgs_law *law,
			      const struct xgs_round *round,
			      const struct xgs_curve *curve, u64 step)
{
	u32 fraction = xgs_law_calm(law, round, 0);
	u64 down;

	if (round->marks_live || !fraction)
		return step;
	down = law->rate * xgs_cut(fraction, law->alpha, curve->gain,
				   XGS_RTTS_ONE) >> XGS_CUT_SHIFT;
	step = step * (XGS_FRAC_ONE - fraction) >> XGS_FRAC_SHIFT;
	return step - min(step, down);
}

/*
 * What the law would do if alpha were f tells whether a flow is in balance with the
 * others that meet the same queue. Who would give five eighths more than he takes has
 * too much, and gives several times as much, but no more than a 64th: the steps of
 * the others are small. A flow alone stays within, though its alpha moves with its
 * queue. When there has been none for some rounds alpha is of the past.
 */
static u32 xgs_law_surplus(const struct xgs_law *law,
			   const struct xgs_round *round,
			   const struct xgs_curve *curve, u64 step)
{
	u32 near_us = min(round->base_us, XGS_FAR_US);
	u32 far_us = clamp(round->base_us, XGS_GIVE_FULL_US, XGS_GIVE_NONE_US);
	u64 up, down, part;

	if (round->marks_live || law->clean >= XGS_GIVE_ROUNDS)
		return 0;
	down = xgs_cut(law->alpha, law->alpha, curve->gain, XGS_RTTS_ONE);
	up = step * (XGS_FRAC_ONE - law->alpha) >> XGS_FRAC_SHIFT;
	up = div64_u64(up << XGS_CUT_SHIFT, law->rate);
	up += 5 * up >> 3;
	if (down <= up)
		return 0;
	part = min(4 * (down - up), XGS_CUT_ONE >> 6) * near_us / XGS_FAR_US;
	return div_u64(part * (XGS_GIVE_NONE_US - far_us),
		       XGS_GIVE_NONE_US - XGS_GIVE_FULL_US);
}

/*
 * The increase: half as much again where marks control. More marks at a share make
 * less of who meets the queue when, and leave more beside DCTCP.
 */
static u64 xgs_law_step(const struct xgs_law *law,
			const struct xgs_round *round, u32 gain)
{
	u64 step = xgs_step(law->rate, gain);

	if (!round->marks_live)
		return step;
	return min(step + (step >> 1),
		   (law->rate >> 3) * gain >> XGS_GAIN_SHIFT);
}

/*
 * The round trips that a round stands for, eighths. Where marks control, a queue
 * doesn't count: a round that is marked has one, the next has none, and cut and step
 * must be of the same length. Otherwise only whole ones do.
 */
static u32 xgs_law_rtts(const struct xgs_round *round,
			const struct xgs_curve *curve)
{
	u64 rtts = (u64)round->elapsed_us << XGS_RTTS_SHIFT;

	if (round->marks_live)
		return clamp_t(u64, div_u64(rtts, max(round->base_us +
						      curve->lo_us, 1U)),
			       XGS_RTTS_ONE, XGS_CUT_RTTS_MAX);
	rtts = round->elapsed_us / max3(round->base_us, round->rtt_us, 1U);
	return clamp_t(u64, rtts << XGS_RTTS_SHIFT, XGS_RTTS_ONE, XGS_RTTS_MAX);
}

static enum xgs_cause xgs_law_cruise(struct xgs_law *law,
				     const struct xgs_round *round,
				     const struct xgs_curve *curve,
				     u32 queue_us,
				     const struct xgs_law_params *params)
{
	u32 ahead_us, f_mark, f_delay = 0, f_loss, fraction, cut, rtts, much;
	u32 alpha = law->alpha;
	enum xgs_cause cause;
	bool above_hi;
	u64 step, part, surplus, held;

	part = xgs_law_share(law, round);
	step = xgs_law_step(law, round, curve->gain);
	ahead_us = xgs_law_ahead(law, round, curve, queue_us, step);
	ahead_us = xgs_law_take_drift(law, round, curve, queue_us, ahead_us);
	f_mark = xgs_mark_fraction(round->marked, round->delivered);
	f_loss = xgs_law_loss(law, round, curve);
	xgs_law_note_spill(law, round, curve, queue_us, f_loss);
	/* Where marks work they are the better signal, until delay is large. */
	if (!round->marks_live || queue_us >= 4 * curve->hi_us)
		f_delay = xgs_delay_fraction(ahead_us, curve->lo_us,
					     curve->hi_us);
	fraction = max3(f_mark, f_delay, f_loss);
	xgs_law_learn(law, round, fraction);
	/*
	 * Near by a round is marked as a whole or not at all: with a part of f
	 * in alpha, too, the mean of f alpha would be more than a far flow's.
	 */
	if (!round->marks_live)
		alpha = law->alpha;

	if (xgs_law_is_broken(law, round, f_loss)) {
		law->clean = 0;
		return XGS_LOSS;
	}
	/* An idle application proves nothing, and need not yield either. */
	if (round->app_limited && f_loss < XGS_FRAC_LOSS_HARD)
		return XGS_CLEAR;

	rtts = xgs_law_rtts(round, curve);
	above_hi = queue_us >= curve->hi_us;
	xgs_rival_watch(law, round, curve, queue_us, !fraction);
	much = xgs_law_surplus(law, round, curve, step);
	surplus = law->rate * much >> XGS_CUT_SHIFT;
	law->rate_full -= min(law->rate_full, surplus);
	if (!fraction) {
		held = max(law->rate, law->rate_full);
		law->clean = min(law->clean + 1, XGS_CLEAN_MOST);
		law->rate = xgs_rate_clamp(law->rate - surplus);
		step = xgs_law_clear_step(law, round, curve, step);
		xgs_law_raise(law, round, curve, step * rtts >> XGS_RTTS_SHIFT);
		xgs_law_take(law, part, fraction);
		/* That the queue is the way back's is only what the peer says. */
		if (round->back_us > curve->lo_us)
			law->rate = min(law->rate, held);
		else if (params->enabled)
			xgs_look_begin(law, round, curve, step);
		return XGS_CLEAR;
	}

	if (law->clean)
		law->rate_full = xgs_law_carried(law, law->rate);
	law->clean = 0;
	law->met = 1;
	if (!round->app_limited &&
	    xgs_rival_is_distance(law, round, f_loss, params))
		return xgs_rival_relearn(law);
	if (f_loss < XGS_FRAC_ONE && xgs_rival_is_known(law, round, params))
		return xgs_rival_recognise(law);
	if (f_loss < XGS_FRAC_ONE && !round->app_limited &&
	    xgs_rival_is_suspected(law, round, above_hi, params))
		return xgs_rival_meet(law, round, above_hi);

	if (f_loss >= max(f_mark, f_delay))
		cause = XGS_LOSS;
	else
		cause = f_mark >= f_delay ? XGS_MARKS : XGS_DELAY;

	if (cause == XGS_DELAY && above_hi && law->stuck == 1 &&
	    xgs_law_is_slower(law, round)) {
		law->rate = xgs_rate_clamp(max(round->ack_bw, law->rate / 2));
		law->rate_full = min(law->rate_full, law->rate);
		return cause;
	}
	if (cause == XGS_DELAY)
		fraction = xgs_law_calm(law, round, fraction);
	cut = xgs_cut(fraction, alpha, curve->gain, rtts);
	if (law->stuck > 1 && above_hi && !xgs_rival_is_narrow(law, round))
		cut = max_t(u32, cut, XGS_CUT_STUCK);
	step = f_loss ? 0 : step * rtts >> XGS_RTTS_SHIFT;
	step = step * (XGS_FRAC_ONE - fraction) >> XGS_FRAC_SHIFT;
	if (cause == XGS_DELAY)
		xgs_law_bound_cut(&cut, &step, law->rate,
				  xgs_law_delay_cut(ahead_us, round->base_us,
						    curve));
	cut = min(cut + much, XGS_CUT_MAX);
	if (f_loss >= XGS_FRAC_LOSS_HARD && round->bw)
		law->rate = min(law->rate, xgs_law_delivered(round));
	if (cause == XGS_MARKS && !f_loss)
		step += xgs_law_catch_up(law, round->base_us) *
			(XGS_FRAC_ONE - fraction) >> XGS_FRAC_SHIFT;
	xgs_law_lower(law, round, cut, step);
	xgs_law_take(law, part, fraction);
	return cause;
}

/*
 * xgs is switched off: what a flow had, now or at the last congestion, is the
 * most it gets.
 */
static void xgs_law_hold(struct xgs_law *law, const struct xgs_round *round,
			 u64 most)
{
	if (xgs_law_starts(law))
		xgs_start_end(law, round->bw);
	else if (law->mode == XGS_COMPETE)
		xgs_rival_leave(law, XGS_CLEAR);
	law->rate = min(law->rate, most);
	law->rate_full = min(law->rate_full, most);
}

/**
 * xgs_law_round() - a round trip is over: what now?
 * @law: the flow's state
 * @round: what the round showed
 * @params: the operator's
 *
 * Return: what the round told; on XGS_RELEARN the caller takes the round's RTT
 * for the new base RTT.
 */
enum xgs_cause xgs_law_round(struct xgs_law *law,
			     const struct xgs_round *round,
			     const struct xgs_law_params *params)
{
	u32 queue_us = round->rtt_us - min(round->rtt_us, round->base_us);
	enum xgs_cause cause = XGS_CLEAR;
	u64 most = max(law->rate, law->rate_full);
	struct xgs_curve curve;

	if (round->marks_live) {
		law->shallow = 0;
		law->wide = 0;
		if (!law->marks && !xgs_law_starts(law))
			law->before_us = 0;
	}
	law->marks = round->marks_live;
	if (!xgs_law_starts(law))
		xgs_law_curve(law, &curve, round->base_us, round->burst_us,
			      params);
	switch (law->mode) {
	case XGS_LEAP:
	case XGS_TRY:
	case XGS_PROVE:
	case XGS_START:
		cause = xgs_start_round(law, round, params);
		break;
	case XGS_SETTLE:
		cause = xgs_settle_round(law, round, &curve, queue_us);
		break;
	case XGS_COMPETE:
		xgs_law_note_bw(law, round);
		cause = xgs_rival_round(law, round, &curve, queue_us);
		break;
	default:
		xgs_law_note_bw(law, round);
		if (!law->draining) {
			cause = xgs_law_cruise(law, round, &curve, queue_us,
					       params);
			if (law->marks && !round->app_limited &&
			    (cause == XGS_CLEAR || cause == XGS_MARKS))
				xgs_law_damp(law, round);
		} else {
			law->wide = 0;
			law->shallow -= law->shallow > 0;
		}
		law->draining = 0;
		break;
	}
	if (!params->enabled)
		xgs_law_hold(law, round, most);
	return cause;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_round);

/*
 * The part of the queue that the path does not mark, microseconds. A switch may do so
 * only from above a near flow's slack on, and farther flows fill it until then.
 */
static u32 xgs_law_tolerated(const struct xgs_law *law, u32 base_us)
{
	u32 queue_us;

	if (law->mode != XGS_CRUISE || law->before_us <= base_us)
		return 0;
	queue_us = min(law->before_us - base_us, XGS_RTT_MAX_US);
	return (u64)queue_us * (XGS_FRAC_ONE - law->alpha) >> XGS_FRAC_SHIFT;
}

/**
 * xgs_law_window() - the window that goes with the rate
 * @law: the flow's state
 * @base_us: base RTT, microseconds; beside a rival the RTT, because its queue
 *	needs a window too
 * @burst_us: time of the sender's own burst, microseconds
 * @mss: bytes per packet
 * @params: the operator's
 *
 * Return: packets, at least params->min_cwnd.
 */
u32 xgs_law_window(const struct xgs_law *law, u32 base_us, u32 burst_us,
		   u32 mss, const struct xgs_law_params *params)
{
	struct xgs_curve curve;
	u32 slack_us;
	u64 packets;

	base_us = min(base_us, XGS_RTT_MAX_US);
	xgs_law_curve(law, &curve, base_us, burst_us, params);
	/* What the start has in flight beyond that is the queue it leaves. */
	if (law->mode == XGS_SETTLE)
		slack_us = curve.lo_us;
	else if (law->marks)
		slack_us = curve.slack_marks_us +
			   xgs_law_tolerated(law, base_us);
	else
		slack_us = curve.slack_us;
	packets = xgs_bytes_in(law->rate, base_us + slack_us);
	packets = div_u64(packets, max(mss, 1U)) + 1;
	return clamp_t(u64, packets, params->min_cwnd, U32_MAX / 2);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_window);

/**
 * xgs_law_pacing_least() - the rate below which pacing makes no sense
 * @law: the flow's state
 * @mss: bytes per packet
 * @srtt_us: smoothed RTT, microseconds
 *
 * Where many flows share little, the smallest window of two packets per round
 * trip is all of the control, and its ACKs are the better clock: pacing by a
 * rate that is right on average leaves the link idle between. It only has to
 * keep the two packets apart. Where even these two overflow the buffer, the
 * rate is the control again.
 *
 * Return: bytes per second.
 */
u64 xgs_law_pacing_least(const struct xgs_law *law, u32 mss, u32 srtt_us)
{
	return law->flood ? 0 : xgs_rate_of(5ULL * mss / 2, srtt_us);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_pacing_least);

/**
 * xgs_law_pacing() - the rate at which packets leave
 * @law: the flow's state
 *
 * Return: bytes per second.
 */
u64 xgs_law_pacing(const struct xgs_law *law)
{
	switch (law->mode) {
	case XGS_LEAP:
	case XGS_TRY:
	case XGS_PROVE:
	case XGS_START:
		return xgs_start_pacing(law);
	case XGS_SETTLE:
		return law->rate - (law->rate >> 5);
	case XGS_COMPETE:
		return law->rate;
	default:
		return law->draining ? law->rate - (law->rate >> 2) : law->rate;
	}
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_pacing);

/**
 * xgs_law_fills() - did a round carry about what the flow may send?
 * @law: the flow's state
 * @round: what the round showed
 *
 * The stack calls all that a flow sends in the first round trip after a pause
 * limited by the application, also when it is a window and more. Where a round
 * trip is short the next one tells; requests that take no longer than one should
 * not be slower for it.
 *
 * Return: true when it was seven eighths or more, in 2 ms or longer.
 */
bool xgs_law_fills(const struct xgs_law *law, const struct xgs_round *round)
{
	return round->elapsed_us >= XGS_DELAY_FAR_US &&
	       (u64)round->delivered * round->mss >=
	       xgs_bytes_in(law->rate - (law->rate >> 3), round->elapsed_us);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_fills);

/**
 * xgs_law_uncovers() - did a round show more of what had hidden the base RTT?
 * @law: the flow's state
 * @before_us: base RTT before the round, microseconds
 * @round: what the round showed
 * @params: the operator's
 *
 * A base RTT that falls was a queue in part: what flows leave each other, or what
 * a path that has become shorter is still full of. With half the window for a
 * round what is left of it shows, unless it is longer than the path; then the
 * base RTT falls again.
 *
 * Return: true when a round should drain with half the window.
 */
bool xgs_law_uncovers(const struct xgs_law *law, u32 before_us,
		      const struct xgs_round *round,
		      const struct xgs_law_params *params)
{
	struct xgs_curve curve;

	if (law->mode != XGS_CRUISE || !params->drain_interval_ms ||
	    before_us <= round->base_us)
		return false;
	xgs_curve_inline(&curve, round->base_us, round->burst_us, params);
	return before_us - round->base_us > curve.lo_us;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_uncovers);

/**
 * xgs_law_level() - the flow goes on with what the path's flows have on average
 * @law: the flow's state
 * @rate: that, bytes per second, up to XGS_RATE_MAX
 * @base_us: base RTT, microseconds
 *
 * The rate of the last congestion moves by as much. Near by there are round trips
 * enough to become equal in, and who begins alike meets the same queue at once: less
 * so, and not at all at no distance.
 */
void xgs_law_level(struct xgs_law *law, u64 rate, u32 base_us)
{
	u64 above = law->rate_full - min(law->rate_full, law->rate);
	s64 change = (s64)rate - (s64)law->rate;

	if (law->mode != XGS_CRUISE)
		return;
	change = div_s64(change * min(base_us, XGS_FAR_US), XGS_FAR_US);
	law->rate = xgs_rate_clamp(law->rate + change);
	law->rate_full = min(law->rate + above, XGS_RATE_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_level);

/**
 * xgs_law_resume() - the flow sends again after a short pause
 * @law: the flow's state
 * @base_us: base RTT, microseconds
 *
 * A rate moves about what the path carries, and pauses mostly begin above it.
 * What follows is a burst of a few round trips, in which a queue is seen when it
 * is too late, from far away: so it begins a little below what has been too much
 * lately. Near by a queue is seen in time. And the start ends for many reasons.
 */
void xgs_law_resume(struct xgs_law *law, u32 base_us)
{
	u64 safe = law->rate_full - (law->rate_full >> 4);
	u64 less = law->rate - min(law->rate, safe);

	if (law->mode == XGS_CRUISE && law->met &&
	    law->clean < XGS_RESUME_ROUNDS)
		law->rate = xgs_rate_clamp(law->rate -
					   less * min(base_us, XGS_FAR_US) /
					   XGS_FAR_US);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_resume);

/**
 * xgs_law_idle() - the flow sends again after a pause
 * @law: the flow's state
 * @base_us: base RTT, microseconds
 * @idle_ms: how long the pause was, milliseconds
 * @halving_ms: pause after which half of the rate is forgotten, not 0
 * @cold: the rate of an initial window, bytes per second
 *
 * A collective's think time is short, and its rate is kept; what was known
 * minutes ago is worth no more than an initial window.
 *
 * Return: true when the flow starts anew at @cold.
 */
bool xgs_law_idle(struct xgs_law *law, u32 base_us, u32 idle_ms, u32 halving_ms,
		  u64 cold)
{
	u64 rate = law->rate >> min(idle_ms / halving_ms, 63U);

	if ((xgs_law_starts(law) && !law->met) ||
	    (rate < cold && cold < law->rate)) {
		xgs_start_begin(law, base_us, cold, 0);
		return true;
	}
	if (law->mode == XGS_COMPETE)
		xgs_rival_leave(law, XGS_CLEAR);
	law->rate = xgs_rate_clamp(max(rate, min(law->rate, cold)));
	law->mode = XGS_CRUISE;
	law->wide = 0;
	xgs_rival_forget(law);
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_idle);

/**
 * xgs_law_timeout() - a retransmission timeout
 * @law: the flow's state
 * @mss: bytes per packet
 * @srtt_us: smoothed RTT, microseconds
 * @blackout: of a window of many packets none came through
 *
 * The first packet sent again is paced, and so holds up the second: where timeouts
 * are many, as in an incast, halves of halves leave the link idle once the queue is
 * gone.
 *
 * A queue that overflows lets some packets of a window through. If it was the link
 * that let none, what is known of the path is what it was, and an eighth is enough.
 */
void xgs_law_timeout(struct xgs_law *law, u32 mss, u32 srtt_us, bool blackout)
{
	u64 full, rate;

	if (xgs_law_starts(law))
		xgs_start_end(law, xgs_law_bw(law));
	else if (law->mode == XGS_COMPETE)
		xgs_rival_leave(law, XGS_CLEAR);
	law->mode = XGS_CRUISE;
	rate = blackout ? law->rate - (law->rate >> 3) : law->rate / 2;
	full = law->rate_full;
	/* One may be an accident of repair; several are the path's. */
	if (!blackout)
		full -= full >> 2;
	full = max(law->rate, full);
	law->rate = xgs_rate_clamp(max(rate, xgs_law_least(law, mss, srtt_us)));
	law->rate_full = max(law->rate, xgs_law_carried(law, full));
	law->clean = 0;
	law->flood = max_t(u8, law->flood, 1);
	xgs_rival_forget(law);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_timeout);

/**
 * xgs_law_undo() - the timeout or the losses were spurious
 * @law: the flow's state
 */
void xgs_law_undo(struct xgs_law *law)
{
	if (!xgs_law_starts(law))
		law->rate = xgs_rate_clamp(clamp(law->rate_full, law->rate,
						 2 * law->rate));
}
EXPORT_SYMBOL_IF_KUNIT(xgs_law_undo);
