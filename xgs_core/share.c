// SPDX-License-Identifier: GPL-2.0
/*
 * How the flows of one path divide what they have.
 *
 * Flows between the same two addresses mostly share their bottleneck, and this
 * host knows all that it sends there. Nobody has to learn from a queue what a
 * sum tells: when a flow joins others, each moves a quarter of the way to the
 * mean per round trip. The moves add up to nothing, so that the path's rate and
 * queue stay as they are, which a newcomer that has to press the others out of
 * theirs cannot do. What a flow had that leaves is handed on to
 * the others. (RFC 9040 calls this ensemble sharing of control block state;
 * Balakrishnan and Seshan, RFC 3124, have a manager for it.)
 *
 * Addresses are no proof of a common bottleneck: multipath routing may spread
 * flows by their ports. So sharing ends some round trips after the last flow
 * came or left; from then on each flow has what its own links give it.
 *
 * A flow claims its rate once per round trip while it is limited by nothing but
 * its congestion control, and claims nothing otherwise.
 *
 * The flows of a collective operation pause together, and a step lasts as long as
 * the slowest. What each of them ended the last step with is chance: its own loss,
 * its own phase of a queue. So who came to rest together begins the next step with
 * the mean.
 *
 * A start that leaps (tcp_xgs/start.c) sends a window at a time and is silent meanwhile.
 * Of several that leap at once each finds the path idle, and takes all of it for its
 * own. So a flow leaps only as long as no other flow of the path does.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include <kunit/visibility.h>

#include "../include/xgs/distance.h"
#include "../include/xgs/share.h"

/*
 * What a flow gets of it in a round trip: at most a 16th of its own rate. Should
 * the one that left have been on another link, a queue says so in time.
 */
#define XGS_SHARE_TAKE_SHIFT	4
/* A clock that ticks at 100 Hz must not end sharing before it began. */
#define XGS_SHARE_LEAST_MS	20U

static bool xgs_share_is_open(struct xgs_share *share, u32 now_ms)
{
	if (share->open && (s32)(now_ms - share->until_ms) > 0) {
		share->open = false;
		share->freed = 0;
	}
	return share->open;
}

/* How long flows of a path have to do with each other, milliseconds. */
static u32 xgs_share_span_ms(u32 base_us)
{
	u32 rounds_us = XGS_SHARE_ROUNDS * min(base_us, XGS_RTT_MAX_US);

	return rounds_us / USEC_PER_MSEC + XGS_SHARE_LEAST_MS;
}

static void xgs_share_open(struct xgs_share *share, u32 base_us, u32 now_ms)
{
	/* What is left of an earlier time is forgotten. */
	xgs_share_is_open(share, now_ms);
	share->until_ms = now_ms + xgs_share_span_ms(base_us);
	share->open = true;
}

/* A flow that claimed something claims nothing any more. */
static void xgs_share_withdraw(struct xgs_share *share, u32 before)
{
	share->rate -= before;
	share->flows -= !!before;
}

/**
 * xgs_share_claim() - what a flow uses, once per round trip
 * @share: the path's
 * @before: what this flow claimed the last time, 64 bytes per second; 0 for
 *	nothing
 * @claim: what it claims now, the same; 0 when it is limited by its application
 *	or by its receiver, or does not take part for another reason
 * @base_us: the path's base RTT, microseconds
 * @now_ms: now, milliseconds; wraps
 * @view: what it is told
 */
void xgs_share_claim(struct xgs_share *share, u32 before, u32 claim,
		     u32 base_us, u32 now_ms, struct xgs_share_view *view)
{
	*view = (struct xgs_share_view) {};
	share->rate += (s64)claim - before;
	share->flows += !!claim - !!before;
	if (!claim)
		return;
	if (!before && share->flows > 1)
		xgs_share_open(share, base_us, now_ms);
	if (!xgs_share_is_open(share, now_ms))
		return;
	if (share->flows > 1)
		view->fair = div_u64(share->rate, share->flows);
	if (share->freed) {
		view->freed = min_t(u64, claim >> XGS_SHARE_TAKE_SHIFT,
				    div_u64(share->freed, share->flows));
		share->freed -= view->freed;
	}
}
EXPORT_SYMBOL_IF_KUNIT(xgs_share_claim);

/**
 * xgs_share_rest() - a flow that claimed a rate has no more data
 * @share: the path's
 * @before: what it claimed the last time, 64 bytes per second; 0 for nothing
 * @rate: its rate, 64 bytes per second
 * @base_us: the path's base RTT, microseconds
 * @now_ms: now, milliseconds; wraps
 *
 * Return: for xgs_share_wake().
 */
u8 xgs_share_rest(struct xgs_share *share, u32 before, u32 rate, u32 base_us,
		  u32 now_ms)
{
	xgs_share_withdraw(share, before);
	if (share->woken || !share->rest_flows ||
	    now_ms - share->rest_ms > xgs_share_span_ms(base_us)) {
		share->rest_rate = 0;
		share->rest_flows = 0;
		share->rest_ms = now_ms;
		share->rest = (u8)(share->rest + 1) ?: 1;
		share->woken = false;
	}
	share->rest_rate += rate;
	share->rest_flows++;
	return share->rest;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_share_rest);

/**
 * xgs_share_wake() - a flow has data again
 * @share: the path's
 * @rest: of xgs_share_rest()
 *
 * Return: what those that came to rest with it have on average, 64 bytes per second;
 * 0 when others went on, or it is too long ago.
 */
u32 xgs_share_wake(struct xgs_share *share, u8 rest)
{
	if (share->flows || !share->rest_flows || rest != share->rest)
		return 0;
	share->woken = true;
	return div_u64(share->rest_rate, share->rest_flows);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_share_wake);

/**
 * xgs_share_leap() - has a flow the path for itself to leap?
 * @share: the path's
 * @who: a number of the flow; 0 if it only asks
 * @base_us: base RTT, microseconds
 * @now_ms: now, milliseconds; wraps
 *
 * Asked for at the end of each leap. Where two do neither may go on.
 *
 * Return: true if so.
 */
bool xgs_share_leap(struct xgs_share *share, u32 who, u32 base_us, u32 now_ms)
{
	u32 recent_ms = 1 + XGS_SHARE_LEAP_ROUNDS *
			    min(base_us, XGS_RTT_MAX_US) / USEC_PER_MSEC;

	if (!share->leaper || now_ms - share->leapt_ms > recent_ms) {
		share->leaper = who;
		share->contested = false;
	}
	if (!who)
		return !share->leaper;
	if (share->leaper != who) {
		share->contested = true;
		return false;
	}
	share->leapt_ms = now_ms;
	return !share->contested;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_share_leap);

/**
 * xgs_share_leave() - a flow ends
 * @share: the path's
 * @before: what it claimed the last time, 64 bytes per second; 0 for nothing
 * @base_us: the path's base RTT, microseconds
 * @now_ms: now, milliseconds; wraps
 */
void xgs_share_leave(struct xgs_share *share, u32 before, u32 base_us,
		     u32 now_ms)
{
	if (!before)
		return;
	xgs_share_withdraw(share, before);
	xgs_share_open(share, base_us, now_ms);
	share->freed += before;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_share_leave);
