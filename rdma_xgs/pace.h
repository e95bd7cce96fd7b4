/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When a flow's packets leave. Pure: no kernel state. pace.c explains it.
 */
#ifndef _RDMA_XGS_PACE_H
#define _RDMA_XGS_PACE_H

#include <linux/minmax.h>
#include <linux/types.h>

/*
 * Packets wait no longer than this without a break, and no flow breaks sooner
 * than after half of it. A break lasts so long: ns.
 */
#define XGS_PACE_BUSY_MAX	10000000000ULL
#define XGS_PACE_BREAK		1000000ULL

/**
 * struct xgs_pace - the departures of a flow
 * @next: when the next packet may leave, ns
 * @last: when the latest one leaves, ns
 * @busy: since when packets have been waiting without a break, ns
 * @most: for how long they may at most, ns; 0 for ever
 */
struct xgs_pace {
	u64 next;
	u64 last;
	u64 busy;
	u64 most;
};

void xgs_pace_take_breaks(struct xgs_pace *pace, u32 random);
u32 xgs_pace_backlog(const struct xgs_pace *pace, u64 now, u64 gap);

/**
 * xgs_pace_lead() - how long may packets of a flow wait?
 * @timeout: after which the sender repeats what nobody has acknowledged, ns; 0
 *	for never
 * @rtt: the path's round trip, ns
 * @most: what the caller allows at most, ns
 *
 * The sender's clock begins when it hands a packet over: what waits for longer
 * is sent again before it has left. A quarter is left for queues on the way.
 *
 * Return: ns.
 */
static inline u64 xgs_pace_lead(u64 timeout, u64 rtt, u64 most)
{
	if (!timeout)
		return most;
	return min(max(timeout - min(rtt, timeout), timeout / 4) / 4 * 3, most);
}

/**
 * xgs_pace_early() - does a flow wait longer than it may?
 * @pace: its departures
 * @now: the time, ns
 * @lead: how long a packet may wait, ns
 *
 * Return: by how much the next packet leaves before the rate would let it, ns.
 */
static inline u64 xgs_pace_early(const struct xgs_pace *pace, u64 now, u64 lead)
{
	return pace->next > now + lead ? pace->next - now - lead : 0;
}

/**
 * xgs_pace_next() - when does the next packet leave?
 * @pace: the flow's departures
 * @now: the time, ns
 * @lead: how long a packet may wait, ns
 *
 * Return: ns.
 */
static inline u64 xgs_pace_next(const struct xgs_pace *pace, u64 now, u64 lead)
{
	return clamp(pace->next, now, now + lead);
}

/**
 * xgs_pace_send() - a packet that costs its time at the rate
 * @pace: the flow's departures
 * @now: the time, ns
 * @lead: how long it may wait, ns
 * @gap: the time that it takes, ns
 *
 * Return: when it leaves, ns.
 */
static inline u64 xgs_pace_send(struct xgs_pace *pace, u64 now, u64 lead,
				u64 gap)
{
	if (now >= pace->last + XGS_PACE_BREAK)
		pace->busy = now;
	else if (pace->most && now >= pace->busy + pace->most)
		return max(pace->last, now);
	pace->last = xgs_pace_next(pace, now, lead);
	pace->next = pace->last + gap;
	return pace->last;
}

/**
 * xgs_pace_follow() - a packet that only must not overtake others
 * @pace: the flow's departures
 * @now: the time, ns
 *
 * Return: when it leaves, ns.
 */
static inline u64 xgs_pace_follow(const struct xgs_pace *pace, u64 now)
{
	return max(pace->last, now);
}

#endif /* _RDMA_XGS_PACE_H */
