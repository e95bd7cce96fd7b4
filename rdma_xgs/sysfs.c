// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/xgs/rdma: what an operator sets, for all devices and for each,
 * and what was counted; one value per file, described in
 * Documentation/ABI/testing/sysfs-kernel-xgs-rdma.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "../include/xgs/tunable.h"
#include "rdma_xgs.h"

#define XGS_MAX_FLOWS_LIMIT	1048576

struct xgs_rdma_settings xgs_rdma_settings = {
	.profile		= XGS_RDMA_XGS,
	.np_enable		= 1,
	.rp_enable		= 1,
	.mark_ect		= 1,
	.verify_icrc		= 1,
	.cnp_interval_us	= 50,
	.cnp_dscp		= 48,
	.line_rate_mbps		= 0,
	.min_rate_kbps		= 1000,
	.default_rtt_us		= 1000,
	.max_flows		= 65536,
	.near_us		= 100,
	.epoch_pct		= 125,
	.start_shift		= 3,
	.start_kbytes		= 128000,
	.ai_rate_mbps		= 40,
	.hai_rate_mbps		= 200,
	.byte_reset_kbytes	= 10000,
	.time_reset_us		= 55,
	.alpha_us		= 55,
	.threshold		= 5,
	.g_shift		= 8,
};

static struct kobject *xgs_rdma_dir;
static struct kobject *xgs_rdma_stats_dir;
static struct kobject *xgs_rdma_devices_dir;

DEFINE_PER_CPU(struct xgs_rdma_stats, xgs_rdma_stats);

/* -- for all devices ----------------------------------------------------- */

static ssize_t xgs_setting_store(struct kobject *kobj,
				 struct kobj_attribute *attr, const char *buf,
				 size_t count)
{
	ssize_t done;

	mutex_lock(&xgs_rdma_mutex);
	done = xgs_tunable_store(kobj, attr, buf, count);
	if (done >= 0)
		xgs_rdma_reconfigure();
	mutex_unlock(&xgs_rdma_mutex);
	return done;
}

#define XGS_SETTING(_name, _value, _min, _max)				\
	static struct xgs_tunable xgs_setting_##_name = {		\
		.attr = __ATTR(_name, 0644, xgs_tunable_show,		\
			       xgs_setting_store),			\
		.value = (_value),					\
		.min = (_min),						\
		.max = (_max),						\
	}

XGS_SETTING(np_enable, &xgs_rdma_settings.np_enable, 0, 1);
XGS_SETTING(rp_enable, &xgs_rdma_settings.rp_enable, 0, 1);
XGS_SETTING(mark_ect, &xgs_rdma_settings.mark_ect, 0, 1);
XGS_SETTING(verify_icrc, &xgs_rdma_settings.verify_icrc, 0, 1);
XGS_SETTING(cnp_interval_us, &xgs_rdma_settings.cnp_interval_us, 1, 10000);
XGS_SETTING(cnp_dscp, &xgs_rdma_settings.cnp_dscp, 0, 63);
XGS_SETTING(line_rate_mbps, &xgs_rdma_settings.line_rate_mbps, 0, 1600000);
XGS_SETTING(min_rate_kbps, &xgs_rdma_settings.min_rate_kbps, 500, 10000000);
XGS_SETTING(default_rtt_us, &xgs_rdma_settings.default_rtt_us, 1, 1000000);
XGS_SETTING(max_flows, &xgs_rdma_settings.max_flows, 16, XGS_MAX_FLOWS_LIMIT);
XGS_SETTING(near_us, &xgs_rdma_settings.near_us, 0, 1000000);
XGS_SETTING(epoch_pct, &xgs_rdma_settings.epoch_pct, 50, 800);
XGS_SETTING(start_shift, &xgs_rdma_settings.start_shift, 0, 16);
XGS_SETTING(start_kbytes, &xgs_rdma_settings.start_kbytes, 66, 4000000);
XGS_SETTING(ai_rate_mbps, &xgs_rdma_settings.ai_rate_mbps, 1, 100000);
XGS_SETTING(hai_rate_mbps, &xgs_rdma_settings.hai_rate_mbps, 1, 100000);
XGS_SETTING(byte_reset_kbytes,
	    &xgs_rdma_settings.byte_reset_kbytes, 5, 4000000);
XGS_SETTING(time_reset_us, &xgs_rdma_settings.time_reset_us, 1, 1000000);
XGS_SETTING(alpha_us, &xgs_rdma_settings.alpha_us, 1, 1000000);
XGS_SETTING(threshold, &xgs_rdma_settings.threshold, 1, 31);
XGS_SETTING(g_shift, &xgs_rdma_settings.g_shift, 1, 16);

/* -- profiles, which have names ------------------------------------------ */

static const char * const xgs_profiles[] = {
	[XGS_RDMA_OFF] = "off",
	[XGS_RDMA_DCQCN] = "dcqcn",
	[XGS_RDMA_XGS] = "xgs",
	[XGS_RDMA_INHERIT] = "inherit",
};

/* @names: how many of them may be set */
static ssize_t xgs_profile_set(u32 *profile, size_t names, const char *buf,
			       size_t count)
{
	int chosen = __sysfs_match_string(xgs_profiles, names, buf);

	if (chosen < 0)
		return chosen;
	mutex_lock(&xgs_rdma_mutex);
	WRITE_ONCE(*profile, chosen);
	xgs_rdma_reconfigure();
	mutex_unlock(&xgs_rdma_mutex);
	return count;
}

static ssize_t profile_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  xgs_profiles[READ_ONCE(xgs_rdma_settings.profile)]);
}

static ssize_t profile_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	return xgs_profile_set(&xgs_rdma_settings.profile, XGS_RDMA_INHERIT,
			       buf, count);
}

static struct kobj_attribute xgs_profile_attr = __ATTR_RW(profile);

static ssize_t flows_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", xgs_rdma_flow_count());
}

static struct kobj_attribute xgs_flows_attr = __ATTR_RO(flows);

static ssize_t qps_show(struct kobject *kobj, struct kobj_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "%u\n", xgs_rdma_qp_count());
}

static struct kobj_attribute xgs_qps_attr = __ATTR_RO(qps);

static struct attribute *xgs_rdma_attrs[] = {
	&xgs_profile_attr.attr,
	&xgs_setting_np_enable.attr.attr,
	&xgs_setting_rp_enable.attr.attr,
	&xgs_setting_mark_ect.attr.attr,
	&xgs_setting_verify_icrc.attr.attr,
	&xgs_setting_cnp_interval_us.attr.attr,
	&xgs_setting_cnp_dscp.attr.attr,
	&xgs_setting_line_rate_mbps.attr.attr,
	&xgs_setting_min_rate_kbps.attr.attr,
	&xgs_setting_default_rtt_us.attr.attr,
	&xgs_setting_max_flows.attr.attr,
	&xgs_setting_near_us.attr.attr,
	&xgs_setting_epoch_pct.attr.attr,
	&xgs_setting_start_shift.attr.attr,
	&xgs_setting_start_kbytes.attr.attr,
	&xgs_setting_ai_rate_mbps.attr.attr,
	&xgs_setting_hai_rate_mbps.attr.attr,
	&xgs_setting_byte_reset_kbytes.attr.attr,
	&xgs_setting_time_reset_us.attr.attr,
	&xgs_setting_alpha_us.attr.attr,
	&xgs_setting_threshold.attr.attr,
	&xgs_setting_g_shift.attr.attr,
	&xgs_flows_attr.attr,
	&xgs_qps_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_rdma);

/* -- device/<name>/ ------------------------------------------------------ */

static struct xgs_rdma_device *xgs_device_of(struct kobject *kobj)
{
	return container_of(kobj, struct xgs_rdma_device, kobj);
}

static ssize_t device_profile_show(struct kobject *kobj,
				   struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  xgs_profiles[READ_ONCE(xgs_device_of(kobj)->profile)]);
}

static ssize_t device_profile_store(struct kobject *kobj,
				    struct kobj_attribute *attr,
				    const char *buf, size_t count)
{
	return xgs_profile_set(&xgs_device_of(kobj)->profile,
			       ARRAY_SIZE(xgs_profiles), buf, count);
}

static struct kobj_attribute xgs_device_profile_attr =
	__ATTR(profile, 0644, device_profile_show, device_profile_store);

static ssize_t device_line_rate_show(struct kobject *kobj,
				     struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(xgs_device_of(kobj)->line_rate_mbps));
}

static ssize_t device_line_rate_store(struct kobject *kobj,
				      struct kobj_attribute *attr,
				      const char *buf, size_t count)
{
	u32 value;
	int err;

	err = xgs_parse_u32(buf, 0, 1600000, &value);
	if (err)
		return err;
	mutex_lock(&xgs_rdma_mutex);
	WRITE_ONCE(xgs_device_of(kobj)->line_rate_mbps, value);
	xgs_rdma_reconfigure();
	mutex_unlock(&xgs_rdma_mutex);
	return count;
}

static struct kobj_attribute xgs_device_line_rate_attr =
	__ATTR(line_rate_mbps, 0644, device_line_rate_show,
	       device_line_rate_store);

static ssize_t port_rate_mbps_show(struct kobject *kobj,
				   struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(xgs_device_of(kobj)->port_mbps));
}

static struct kobj_attribute xgs_device_port_rate_attr =
	__ATTR_RO(port_rate_mbps);

static ssize_t device_flows_show(struct kobject *kobj,
				 struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n",
			  max(atomic_read(&xgs_device_of(kobj)->flows), 0));
}

static struct kobj_attribute xgs_device_flows_attr =
	__ATTR(flows, 0444, device_flows_show, NULL);

static ssize_t pacing_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	const struct xgs_rdma_device *device = xgs_device_of(kobj);

	return sysfs_emit(buf, "%s\n",
			  !device->fq_seen ? "unknown" :
			  READ_ONCE(device->fq) ? "paced" : "unpaced");
}

static struct kobj_attribute xgs_device_pacing_attr = __ATTR_RO(pacing);

static struct attribute *xgs_rdma_device_attrs[] = {
	&xgs_device_profile_attr.attr,
	&xgs_device_line_rate_attr.attr,
	&xgs_device_port_rate_attr.attr,
	&xgs_device_flows_attr.attr,
	&xgs_device_pacing_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_rdma_device);

/**
 * xgs_rdma_device_show_in_sysfs() - give a device its directory
 * @kobj: the device's
 * @name: its name
 *
 * Return: 0, or a negative error and there is no directory.
 */
int xgs_rdma_device_show_in_sysfs(struct kobject *kobj, const char *name)
{
	int err;

	err = kobject_add(kobj, xgs_rdma_devices_dir, "%s", name);
	if (err)
		return err;
	err = sysfs_create_groups(kobj, xgs_rdma_device_groups);
	if (err)
		kobject_del(kobj);
	return err;
}

/* -- stats/ -------------------------------------------------------------- */

#define XGS_STAT(_name, _stat)						\
	XGS_COUNTER(_name, &xgs_rdma_stats.count[_stat])

XGS_STAT(flows_started, XGS_RDMA_FLOWS_STARTED);
XGS_STAT(flows_ended, XGS_RDMA_FLOWS_ENDED);
XGS_STAT(flows_rejected, XGS_RDMA_FLOWS_REJECTED);
XGS_STAT(packets_paced, XGS_RDMA_PACED);
XGS_STAT(packets_unpaced, XGS_RDMA_UNPACED);
XGS_STAT(packets_opened, XGS_RDMA_OPENED);
XGS_STAT(packets_capped, XGS_RDMA_CAPPED);
XGS_STAT(packets_marked_ect, XGS_RDMA_MARKED_ECT);
XGS_STAT(rtt_samples, XGS_RDMA_RTT_SAMPLES);
XGS_STAT(packets_resent, XGS_RDMA_RESENT);
XGS_STAT(ce_seen, XGS_RDMA_CE_SEEN);
XGS_STAT(ce_unresolved, XGS_RDMA_CE_UNRESOLVED);
XGS_STAT(ce_limited, XGS_RDMA_CE_LIMITED);
XGS_STAT(cnps_sent, XGS_RDMA_CNPS_SENT);
XGS_STAT(cnps_failed, XGS_RDMA_CNPS_FAILED);
XGS_STAT(cnps_received, XGS_RDMA_CNPS_RECEIVED);
XGS_STAT(cnps_bad_shape, XGS_RDMA_CNPS_SHAPE);
XGS_STAT(cnps_bad_icrc, XGS_RDMA_CNPS_ICRC);
XGS_STAT(cnps_unresolved, XGS_RDMA_CNPS_UNRESOLVED);
XGS_STAT(cnps_stray, XGS_RDMA_CNPS_STRAY);
XGS_STAT(qps_found, XGS_RDMA_RESOLVED);
XGS_STAT(qps_unknown, XGS_RDMA_RESOLVE_UNKNOWN);
XGS_STAT(qps_unasked, XGS_RDMA_RESOLVE_FULL);
XGS_STAT(malformed, XGS_RDMA_MALFORMED);
XGS_STAT(wrong_version, XGS_RDMA_VERSION);
XGS_STAT(fragments, XGS_RDMA_FRAGMENTS);

static struct attribute *xgs_rdma_stats_attrs[] = {
	&xgs_counter_flows_started.attr.attr,
	&xgs_counter_flows_ended.attr.attr,
	&xgs_counter_flows_rejected.attr.attr,
	&xgs_counter_packets_paced.attr.attr,
	&xgs_counter_packets_unpaced.attr.attr,
	&xgs_counter_packets_opened.attr.attr,
	&xgs_counter_packets_capped.attr.attr,
	&xgs_counter_packets_marked_ect.attr.attr,
	&xgs_counter_rtt_samples.attr.attr,
	&xgs_counter_packets_resent.attr.attr,
	&xgs_counter_ce_seen.attr.attr,
	&xgs_counter_ce_unresolved.attr.attr,
	&xgs_counter_ce_limited.attr.attr,
	&xgs_counter_cnps_sent.attr.attr,
	&xgs_counter_cnps_failed.attr.attr,
	&xgs_counter_cnps_received.attr.attr,
	&xgs_counter_cnps_bad_shape.attr.attr,
	&xgs_counter_cnps_bad_icrc.attr.attr,
	&xgs_counter_cnps_unresolved.attr.attr,
	&xgs_counter_cnps_stray.attr.attr,
	&xgs_counter_qps_found.attr.attr,
	&xgs_counter_qps_unknown.attr.attr,
	&xgs_counter_qps_unasked.attr.attr,
	&xgs_counter_malformed.attr.attr,
	&xgs_counter_wrong_version.attr.attr,
	&xgs_counter_fragments.attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_rdma_stats);

/* -- all of it ----------------------------------------------------------- */

/**
 * xgs_rdma_sysfs_exit() - take /sys/kernel/xgs/rdma away
 */
void xgs_rdma_sysfs_exit(void)
{
	kobject_put(xgs_rdma_devices_dir);
	kobject_put(xgs_rdma_stats_dir);
	kobject_put(xgs_rdma_dir);
}

/**
 * xgs_rdma_sysfs_init() - make /sys/kernel/xgs/rdma
 *
 * Return: 0, or a negative error with nothing left behind.
 */
int xgs_rdma_sysfs_init(void)
{
	int err = -ENOMEM;

	xgs_rdma_dir = xgs_sysfs_dir("rdma");
	if (!xgs_rdma_dir)
		return err;
	xgs_rdma_stats_dir = kobject_create_and_add("stats", xgs_rdma_dir);
	xgs_rdma_devices_dir = kobject_create_and_add("device", xgs_rdma_dir);
	if (xgs_rdma_stats_dir && xgs_rdma_devices_dir)
		err = sysfs_create_groups(xgs_rdma_stats_dir,
					  xgs_rdma_stats_groups);
	if (!err)
		err = sysfs_create_groups(xgs_rdma_dir, xgs_rdma_groups);
	if (err)
		xgs_rdma_sysfs_exit();
	return err;
}
