// SPDX-License-Identifier: GPL-2.0
/*
 * What of a delay is the way back's.
 *
 * A round trip has two ways, and a flow fills the queue of one. Where somebody else
 * fills that of the other, as flows of CUBIC or BBR do that come from where this one
 * goes, its ACKs are late, and to give way would be of no use to anybody.
 *
 * An ACK carries the time at which the receiver sent it (TSval, RFC 7323), by a clock
 * of milliseconds in Linux and most others. So its age is known up to a constant, and up
 * to the millisecond that the stamp leaves out: the least age of many ACKs is exact. The
 * constant is what a round without a queue shows. What an age has grown by since is the
 * queue of the way back (as LEDBAT, RFC 6817, measures that of the way there).
 *
 * It is not believed if it says more than the RTT does: then the clock is another one.
 * And because it is the receiver that says so, it never lets a flow have more than it had
 * (xgs_law_cruise()).
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include <kunit/visibility.h>

#include "back.h"

/* What a stamp leaves out, microseconds. */
#define XGS_BACK_TICK_US	1000
/* A tick, and what two clocks differ by in 10 s at 50 ppm; less is nothing. */
#define XGS_BACK_LEAST_US	1500
/* By so much they do in 40 s; more is another clock, microseconds. */
#define XGS_BACK_SLIP_US	2000

/**
 * xgs_back_note() - an ACK has arrived
 * @back: what is known of its like
 * @stamp_ms: its TSval, milliseconds; wraps
 * @now_us: now, microseconds; wraps
 *
 * One that is younger than what counts as no queue shows that there had been one, or that
 * it has become distance and is gone: then this is the age without.
 *
 * Return: by how much it is older than without a queue, 64 us; means something when
 * the base is known.
 */
s16 xgs_back_note(struct xgs_back *back, u32 stamp_ms, u32 now_us)
{
	u16 age = (now_us - stamp_ms * (u32)USEC_PER_MSEC) >> XGS_BACK_SHIFT;
	s16 late = age - back->base;

	if (late < -(XGS_BACK_SLIP_US >> XGS_BACK_SHIFT)) {
		back->base = age;
		back->least = 0;
		return 0;
	}
	back->least = min(back->least, late);
	return late;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_back_note);

/**
 * xgs_back_queue() - what an ACK's RTT has of the way back's queue
 * @late: of xgs_back_note(), where the base is known
 * @queue_us: queueing delay of both ways in it, microseconds, up to XGS_RTT_MAX_US
 *
 * Return: microseconds, up to @queue_us, and up to 1 ms too few: of several ACKs the
 * one with most is right. 0 where it is too little to be told, and XGS_BACK_WRONG where
 * the stamps are no milliseconds or the base is another path's.
 */
u32 xgs_back_queue(s16 late, u32 queue_us)
{
	s32 late_us = late * (1 << XGS_BACK_SHIFT);

	if (late_us > (s32)queue_us + XGS_BACK_SLIP_US)
		return XGS_BACK_WRONG;
	if (late_us < XGS_BACK_LEAST_US)
		return 0;
	return min_t(u32, late_us - XGS_BACK_TICK_US, queue_us);
}
EXPORT_SYMBOL_IF_KUNIT(xgs_back_queue);

/**
 * xgs_back_moves() - a queue that stayed counts as distance from now on
 * @back: what is known of its ACKs
 * @more_us: what the base RTT has grown by, microseconds, up to XGS_RTT_MAX_US
 *
 * As much of that as the youngest ACK of the round was late is the way back's.
 */
void xgs_back_moves(struct xgs_back *back, u32 more_us)
{
	s16 more = min_t(s32, back->least, more_us >> XGS_BACK_SHIFT);

	if (back->least == XGS_BACK_NONE || more <= 0)
		return;
	back->base += more;
	back->least -= more;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_back_moves);

/**
 * xgs_back_round() - a round trip is over
 * @back: what is known of its ACKs; the next round's begin
 * @clear: it had no queue
 *
 * Return: true when the base is known by that.
 */
bool xgs_back_round(struct xgs_back *back, bool clear)
{
	clear = clear && back->least != XGS_BACK_NONE;
	if (clear)
		back->base += back->least;
	back->least = XGS_BACK_NONE;
	return clear;
}
EXPORT_SYMBOL_IF_KUNIT(xgs_back_round);
