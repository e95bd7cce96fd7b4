// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/xgs/tcp: the law's tunables and what flows did, one value per
 * file, described in Documentation/ABI/testing/sysfs-kernel-xgs.
 */
#include <linux/compiler.h>
#include <linux/errno.h>

#include "../include/xgs/tunable.h"
#include "tcp_xgs.h"

struct xgs_law_params xgs_tcp_params = XGS_LAW_PARAMS_DEFAULT;

static struct kobject *xgs_tcp_dir;
static struct kobject *xgs_tcp_stats_dir;

DEFINE_PER_CPU(struct xgs_tcp_stats, xgs_tcp_stats);

/**
 * xgs_tcp_is_enabled() - may flows that choose xgs have it?
 *
 * Return: true when they may.
 */
bool xgs_tcp_is_enabled(void)
{
	return READ_ONCE(xgs_tcp_params.enabled);
}

XGS_TUNABLE(enabled, &xgs_tcp_params.enabled, 0, 1);
XGS_TUNABLE(delay_target_pct, &xgs_tcp_params.delay_target_pct, 25, 400);
XGS_TUNABLE(gain_pct, &xgs_tcp_params.gain_pct, 25, 400);
XGS_TUNABLE(loss_limit_ppm, &xgs_tcp_params.loss_limit_ppm, 1000, 200000);
XGS_TUNABLE(relearn_rounds, &xgs_tcp_params.relearn_rounds, 0, 64);
XGS_TUNABLE(idle_halving_ms, &xgs_tcp_params.idle_halving_ms, 100, 60000);
XGS_TUNABLE(drain_interval_ms, &xgs_tcp_params.drain_interval_ms, 0, 60000);
XGS_TUNABLE(warm_start_pct, &xgs_tcp_params.warm_start_pct, 0, 100);
XGS_TUNABLE(min_cwnd, &xgs_tcp_params.min_cwnd, 2, 64);
XGS_TUNABLE(share, &xgs_tcp_params.share, 0, 1);

static struct attribute *xgs_tcp_attrs[] = {
	&xgs_tunable_enabled.attr.attr,
	&xgs_tunable_delay_target_pct.attr.attr,
	&xgs_tunable_gain_pct.attr.attr,
	&xgs_tunable_loss_limit_ppm.attr.attr,
	&xgs_tunable_relearn_rounds.attr.attr,
	&xgs_tunable_idle_halving_ms.attr.attr,
	&xgs_tunable_drain_interval_ms.attr.attr,
	&xgs_tunable_warm_start_pct.attr.attr,
	&xgs_tunable_min_cwnd.attr.attr,
	&xgs_tunable_share.attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_tcp);

/* stats/ */

#define XGS_STAT(_name, _stat)						\
	XGS_COUNTER(_name, &xgs_tcp_stats.count[_stat])

XGS_STAT(flows_started, XGS_STAT_FLOWS_STARTED);
XGS_STAT(flows_ended, XGS_STAT_FLOWS_ENDED);
XGS_STAT(warm_starts, XGS_STAT_WARM_STARTS);
XGS_STAT(rounds, XGS_STAT_ROUNDS);
XGS_STAT(cuts_marks, XGS_STAT_CUTS_MARKS);
XGS_STAT(cuts_delay, XGS_STAT_CUTS_DELAY);
XGS_STAT(cuts_loss, XGS_STAT_CUTS_LOSS);
XGS_STAT(relearns, XGS_STAT_RELEARNS);
XGS_STAT(rivals, XGS_STAT_RIVALS);
XGS_STAT(drains, XGS_STAT_DRAINS);
XGS_STAT(timeouts, XGS_STAT_TIMEOUTS);
XGS_STAT(undos, XGS_STAT_UNDOS);
XGS_STAT(idle_restarts, XGS_STAT_IDLE_RESTARTS);
XGS_STAT(fallbacks, XGS_STAT_FALLBACKS);

static struct attribute *xgs_stats_attrs[] = {
	&xgs_counter_flows_started.attr.attr,
	&xgs_counter_flows_ended.attr.attr,
	&xgs_counter_warm_starts.attr.attr,
	&xgs_counter_rounds.attr.attr,
	&xgs_counter_cuts_marks.attr.attr,
	&xgs_counter_cuts_delay.attr.attr,
	&xgs_counter_cuts_loss.attr.attr,
	&xgs_counter_relearns.attr.attr,
	&xgs_counter_rivals.attr.attr,
	&xgs_counter_drains.attr.attr,
	&xgs_counter_timeouts.attr.attr,
	&xgs_counter_undos.attr.attr,
	&xgs_counter_idle_restarts.attr.attr,
	&xgs_counter_fallbacks.attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_stats);

/**
 * xgs_tcp_sysfs_exit() - take /sys/kernel/xgs/tcp away
 */
void xgs_tcp_sysfs_exit(void)
{
	kobject_put(xgs_tcp_stats_dir);
	kobject_put(xgs_tcp_dir);
}

/**
 * xgs_tcp_sysfs_init() - make /sys/kernel/xgs/tcp
 *
 * Return: 0, or a negative error with nothing left behind.
 */
int xgs_tcp_sysfs_init(void)
{
	int err = -ENOMEM;

	xgs_tcp_dir = xgs_sysfs_dir("tcp");
	if (!xgs_tcp_dir)
		return err;
	xgs_tcp_stats_dir = kobject_create_and_add("stats", xgs_tcp_dir);
	if (xgs_tcp_stats_dir)
		err = sysfs_create_groups(xgs_tcp_stats_dir, xgs_stats_groups);
	if (!err)
		err = sysfs_create_groups(xgs_tcp_dir, xgs_tcp_groups);
	if (err)
		xgs_tcp_sysfs_exit();
	return err;
}
