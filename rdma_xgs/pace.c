// SPDX-License-Identifier: GPL-2.0
/*
 * When a flow's packets leave: earliest departure times for sch_fq.
 *
 * Times never go back within a flow, because a QP's packets must stay in order:
 * fq sorts by them. So a flow whose lead is at the limit gets the limit, never
 * "now", and packets that cost nothing (ACKs) leave with the latest one.
 *
 * A packet that waits holds its QP. Who destroys a QP that goes on sending, as
 * a killed program's does, waits until none of its packets is left; rxe gives
 * up after 50 s and frees what is still in use. Requests of an RC QP end by
 * themselves, as nobody takes its ACKs any more: its window closes, and repeats
 * end with the third (see rtt.c). READ responses end, too, as rxe no longer finds
 * the QP that is asked. UC and UD may go on for as long as there is data. So such a
 * flow takes a break of a millisecond at least every ten seconds, in which nothing
 * of it waits.
 *
 * What has been waiting leaves at once then, 64 packets of a QP of rxe. The flows
 * of a program begin together; if they took their breaks together, too, the sum
 * of that would overrun the queue. So each has an interval of its own.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "pace.h"

#define XGS_PACE_SPREAD_MS	(XGS_PACE_BUSY_MAX / NSEC_PER_MSEC / 2)

/**
 * xgs_pace_take_breaks() - the flow may have no end of its own
 * @pace: its departures
 * @random: any number, of each flow another
 */
void xgs_pace_take_breaks(struct xgs_pace *pace, u32 random)
{
	u64 less = random % (u32)XGS_PACE_SPREAD_MS;

	pace->most = XGS_PACE_BUSY_MAX - less * NSEC_PER_MSEC;
}

/**
 * xgs_pace_backlog() - how many packets wait?
 * @pace: the flow's departures
 * @now: the time, ns
 * @gap: the time that the next one takes, ns
 *
 * Return: an estimate, as if all took as long as the next one.
 */
u32 xgs_pace_backlog(const struct xgs_pace *pace, u64 now, u64 gap)
{
	if (pace->last <= now)
		return 0;
	return min_t(u64, div64_u64(pace->last - now, max(gap, 1ULL)) + 1,
		     U32_MAX);
}
