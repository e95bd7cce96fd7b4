/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of tcp_xgs share among themselves.
 */
#ifndef _TCP_XGS_H
#define _TCP_XGS_H

#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "law.h"

struct module;
struct sock;

/**
 * enum xgs_tcp_stat - events that are counted, as files below stats/
 * @XGS_STAT_FLOWS_STARTED: flows that chose xgs
 * @XGS_STAT_FLOWS_ENDED: of them, those that are gone
 * @XGS_STAT_WARM_STARTS: flows that began at a rate their path had proven
 * @XGS_STAT_ROUNDS: round trips evaluated
 * @XGS_STAT_CUTS_MARKS: of them, those that saw congestion by CE marks
 * @XGS_STAT_CUTS_DELAY: by queueing delay
 * @XGS_STAT_CUTS_LOSS: by loss
 * @XGS_STAT_RELEARNS: distances that changed
 * @XGS_STAT_RIVALS: delays that were taken for a rival's queue
 * @XGS_STAT_DRAINS: rounds that ran slower to uncover the base RTT
 * @XGS_STAT_TIMEOUTS: retransmission timeouts
 * @XGS_STAT_UNDOS: timeouts and losses found spurious
 * @XGS_STAT_IDLE_RESTARTS: flows that went on after their rate had aged
 * @XGS_STAT_FALLBACKS: flows that chose xgs while it was switched off
 * @XGS_STAT_COUNT: how many there are
 */
enum xgs_tcp_stat {
	XGS_STAT_FLOWS_STARTED,
	XGS_STAT_FLOWS_ENDED,
	XGS_STAT_WARM_STARTS,
	XGS_STAT_ROUNDS,
	XGS_STAT_CUTS_MARKS,
	XGS_STAT_CUTS_DELAY,
	XGS_STAT_CUTS_LOSS,
	XGS_STAT_RELEARNS,
	XGS_STAT_RIVALS,
	XGS_STAT_DRAINS,
	XGS_STAT_TIMEOUTS,
	XGS_STAT_UNDOS,
	XGS_STAT_IDLE_RESTARTS,
	XGS_STAT_FALLBACKS,
	XGS_STAT_COUNT
};

struct xgs_tcp_stats {
	unsigned long count[XGS_STAT_COUNT];
};

DECLARE_PER_CPU(struct xgs_tcp_stats, xgs_tcp_stats);

/**
 * xgs_tcp_count() - count an event
 * @stat: which
 */
static inline void xgs_tcp_count(enum xgs_tcp_stat stat)
{
	this_cpu_inc(xgs_tcp_stats.count[stat]);
}

extern struct xgs_law_params xgs_tcp_params;

/**
 * xgs_tcp_params_get() - the tunables as they are now
 * @params: where they go
 *
 * Each is valid by itself and they don't depend on each other, so a write
 * between two reads is harmless.
 */
static inline void xgs_tcp_params_get(struct xgs_law_params *params)
{
	params->delay_target_pct = READ_ONCE(xgs_tcp_params.delay_target_pct);
	params->gain_pct = READ_ONCE(xgs_tcp_params.gain_pct);
	params->loss_limit_ppm = READ_ONCE(xgs_tcp_params.loss_limit_ppm);
	params->relearn_rounds = READ_ONCE(xgs_tcp_params.relearn_rounds);
	params->idle_halving_ms = READ_ONCE(xgs_tcp_params.idle_halving_ms);
	params->drain_interval_ms = READ_ONCE(xgs_tcp_params.drain_interval_ms);
	params->warm_start_pct = READ_ONCE(xgs_tcp_params.warm_start_pct);
	params->min_cwnd = READ_ONCE(xgs_tcp_params.min_cwnd);
	params->share = READ_ONCE(xgs_tcp_params.share);
	params->enabled = READ_ONCE(xgs_tcp_params.enabled);
}

bool xgs_tcp_is_enabled(void);
int xgs_tcp_sysfs_init(void);
void xgs_tcp_sysfs_exit(void);

int xgs_fallback_init(struct module *owner);
void xgs_fallback_exit(void);
void xgs_fallback_take(struct sock *sk);

#endif /* _TCP_XGS_H */
