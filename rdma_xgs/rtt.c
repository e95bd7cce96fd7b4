// SPDX-License-Identifier: GPL-2.0
/*
 * RTT samples from the sequence numbers of a reliable connection.
 *
 * A packet that asks for an ACK, or a READ request, is remembered with the time
 * it leaves the host. The ACK (or the first response) of that sequence number
 * or a later one ends the sample. What was sent twice tells nothing, as nobody
 * knows which of both was answered (Karn's rule): when the sequence goes back,
 * all that is under way is forgotten, and nothing below the newest PSN ever
 * sent is remembered.
 *
 * A sequence that goes back to the same packet, or to one before it, three times
 * is that of a QP that nobody listens to, or of one that is being destroyed:
 * stuck. After an ACK, or a NAK of a later packet, it would go back to less.
 *
 * PSNs have 24 bits and wrap; differences of up to 2^23 have a sign.
 */
#include <linux/string.h>

#include "rtt.h"

/* Further back than any sender goes: a new connection of the same numbers. */
#define XGS_RTT_RESTART		65536
/* So often may a packet be lost that others follow. */
#define XGS_RTT_BACKS		3
/* Longer than this is a pause, a suspend or a wrap, no path: ns. */
#define XGS_RTT_SAMPLE_MAX	10000000000ULL

/**
 * xgs_psn_compare() - which sequence number is later?
 * @a: a PSN
 * @b: another
 *
 * Return: negative, zero or positive as @a is before, equal to or after @b.
 */
s32 xgs_psn_compare(u32 a, u32 b)
{
	return (s32)((a - b) << 8);
}

static void xgs_rtt_back(struct xgs_rtt *rtt, u32 psn)
{
	if (xgs_psn_compare(psn, rtt->back) > 0)
		rtt->backs = 0;
	if (rtt->backs < XGS_RTT_BACKS)
		rtt->backs++;
	rtt->back = psn;
	rtt->stuck = rtt->backs == XGS_RTT_BACKS;
}

/**
 * xgs_rtt_sent() - a request is sent
 * @rtt: the connection's
 * @psn: its sequence number
 * @probe: it will be answered
 * @at: when it leaves, ns
 *
 * Return: whether it was sent before.
 */
enum xgs_rtt_order xgs_rtt_sent(struct xgs_rtt *rtt, u32 psn, bool probe,
				u64 at)
{
	s32 ahead = xgs_psn_compare(psn, rtt->next) >> 8;

	if (rtt->any && ahead < 0 && ahead > -XGS_RTT_RESTART) {
		bool back = xgs_psn_compare(psn, rtt->latest) <= 0;

		if (back)
			xgs_rtt_back(rtt, psn);
		rtt->latest = psn;
		rtt->count = 0;
		return back ? XGS_RTT_BACK : XGS_RTT_AGAIN;
	}
	if (!rtt->any || ahead < 0) {
		rtt->count = 0;
		rtt->back = psn;
		rtt->backs = 0;
		rtt->any = true;
	}
	rtt->stuck = false;
	rtt->latest = psn;
	rtt->next = (psn + 1) & 0xffffff;
	if (probe && rtt->count < XGS_RTT_PROBES) {
		rtt->psn[rtt->count] = psn;
		rtt->at[rtt->count] = at;
		rtt->count++;
	}
	return XGS_RTT_NEW;
}

/**
 * xgs_rtt_answered() - an answer has come
 * @rtt: the connection's
 * @psn: the sequence number it names
 * @exactly: only a probe of this very number is answered: a READ's response
 *	names the request, an ACK also covers what came before
 * @now: the time, ns
 *
 * Return: the sample, ns; 0 for none.
 */
u64 xgs_rtt_answered(struct xgs_rtt *rtt, u32 psn, bool exactly, u64 now)
{
	u32 i, done = 0;
	u64 at;

	while (done < rtt->count && xgs_psn_compare(rtt->psn[done], psn) <= 0)
		done++;
	if (!done || (exactly && rtt->psn[done - 1] != psn))
		return 0;
	at = rtt->at[done - 1];
	rtt->count -= done;
	for (i = 0; i < rtt->count; i++) {
		rtt->psn[i] = rtt->psn[done + i];
		rtt->at[i] = rtt->at[done + i];
	}
	if (now <= at || now - at > XGS_RTT_SAMPLE_MAX)
		return 0;
	return now - at;
}
