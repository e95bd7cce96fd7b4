// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/xgs: one value per file, described in
 * Documentation/ABI/testing/sysfs-kernel-xgs.
 */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/percpu.h>

#include "../include/xgs/tunable.h"
#include "core.h"

static struct kobject *xgs_root;
static struct kobject *xgs_path_dir;
static struct kobject *xgs_bands_dir;
static struct kobject *xgs_band_dirs[XGS_BAND_COUNT];

u32 xgs_band_warm_start[XGS_BAND_COUNT] = {
	[0 ... XGS_BAND_COUNT - 1] = 1,
};

/**
 * xgs_parse_u32() - read a decimal number and check its range
 * @buf: the text, with at most one newline at its end
 * @min: smallest value accepted
 * @max: largest value accepted
 * @value: where the number goes; untouched on error
 *
 * Return: 0; -EINVAL when the text is not an unsigned decimal number, -ERANGE
 * when the number is out of range.
 */
int xgs_parse_u32(const char *buf, u32 min, u32 max, u32 *value)
{
	u32 parsed;
	int err;

	err = kstrtou32(buf, 10, &parsed);
	if (err)
		return err;
	if (parsed < min || parsed > max)
		return -ERANGE;
	*value = parsed;
	return 0;
}
EXPORT_SYMBOL_GPL(xgs_parse_u32);

/**
 * xgs_tunable_show() - sysfs show of a struct xgs_tunable
 * @kobj: its directory
 * @attr: its file
 * @buf: a page for the text
 *
 * Return: bytes written.
 */
ssize_t xgs_tunable_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	const struct xgs_tunable *tunable =
		container_of(attr, struct xgs_tunable, attr);

	return sysfs_emit(buf, "%u\n", READ_ONCE(*tunable->value));
}
EXPORT_SYMBOL_GPL(xgs_tunable_show);

/**
 * xgs_tunable_store() - sysfs store of a struct xgs_tunable
 * @kobj: its directory
 * @attr: its file
 * @buf: the text
 * @count: its length
 *
 * Return: @count, or the error of xgs_parse_u32() with the value unchanged.
 */
ssize_t xgs_tunable_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	const struct xgs_tunable *tunable =
		container_of(attr, struct xgs_tunable, attr);
	u32 value;
	int err;

	err = xgs_parse_u32(buf, tunable->min, tunable->max, &value);
	if (err)
		return err;
	WRITE_ONCE(*tunable->value, value);
	return count;
}
EXPORT_SYMBOL_GPL(xgs_tunable_store);

/**
 * xgs_counter_show() - sysfs show of a struct xgs_counter
 * @kobj: its directory
 * @attr: its file
 * @buf: a page for the text
 *
 * Return: bytes written.
 */
ssize_t xgs_counter_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	const struct xgs_counter *counter =
		container_of(attr, struct xgs_counter, attr);
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(counter->value, cpu));
	return sysfs_emit(buf, "%lu\n", sum);
}
EXPORT_SYMBOL_GPL(xgs_counter_show);

/**
 * xgs_sysfs_dir() - make a directory of a module's own
 * @name: its name below /sys/kernel/xgs
 *
 * Return: the directory, to be given back with kobject_put(); NULL when memory
 * is short or the name is taken.
 */
struct kobject *xgs_sysfs_dir(const char *name)
{
	return kobject_create_and_add(name, xgs_root);
}
EXPORT_SYMBOL_GPL(xgs_sysfs_dir);

/* /sys/kernel/xgs/version */

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n", THIS_MODULE->version);
}

static struct kobj_attribute xgs_version_attr = __ATTR_RO(version);

static struct attribute *xgs_root_attrs[] = {
	&xgs_version_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_root);

/* /sys/kernel/xgs/path/ */

XGS_TUNABLE(max_paths, &xgs_path_limits.max_paths, XGS_MAX_PATHS_MIN,
	    XGS_MAX_PATHS_LIMIT);
XGS_TUNABLE(max_age_s, &xgs_path_limits.max_age_s, 1, 86400);
XGS_TUNABLE(rtt_window_ms, &xgs_path_limits.rtt_window_ms, 100, 600000);

static ssize_t count_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", xgs_path_count());
}

static struct kobj_attribute xgs_count_attr = __ATTR_RO(count);

static ssize_t rejected_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%llu\n", xgs_path_rejected());
}

static struct kobj_attribute xgs_rejected_attr = __ATTR_RO(rejected);

static ssize_t flush_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	u32 one;
	int err;

	err = xgs_parse_u32(buf, 1, 1, &one);
	if (err)
		return err;
	xgs_path_flush();
	return count;
}

static struct kobj_attribute xgs_flush_attr = __ATTR_WO(flush);

static struct attribute *xgs_path_attrs[] = {
	&xgs_tunable_max_paths.attr.attr,
	&xgs_tunable_max_age_s.attr.attr,
	&xgs_tunable_rtt_window_ms.attr.attr,
	&xgs_count_attr.attr,
	&xgs_rejected_attr.attr,
	&xgs_flush_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_path);

/* /sys/kernel/xgs/band/<name>/ */

static enum xgs_band xgs_band_of_dir(const struct kobject *kobj)
{
	enum xgs_band band = 0;

	while (band < XGS_BAND_COUNT - 1 &&
	       strcmp(kobject_name(kobj), xgs_band_name(band)))
		band++;
	return band;
}

static ssize_t rtt_floor_us_show(struct kobject *kobj,
				 struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", xgs_band_floor_us(xgs_band_of_dir(kobj)));
}

static struct kobj_attribute xgs_rtt_floor_us_attr = __ATTR_RO(rtt_floor_us);

static ssize_t paths_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  xgs_path_count_band(xgs_band_of_dir(kobj)));
}

static struct kobj_attribute xgs_paths_attr = __ATTR_RO(paths);

static ssize_t warm_start_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	enum xgs_band band = xgs_band_of_dir(kobj);

	return sysfs_emit(buf, "%u\n", READ_ONCE(xgs_band_warm_start[band]));
}

static ssize_t warm_start_store(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	enum xgs_band band = xgs_band_of_dir(kobj);
	u32 value;
	int err;

	err = xgs_parse_u32(buf, 0, 1, &value);
	if (err)
		return err;
	WRITE_ONCE(xgs_band_warm_start[band], value);
	return count;
}

static struct kobj_attribute xgs_warm_start_attr = __ATTR_RW(warm_start);

static struct attribute *xgs_band_attrs[] = {
	&xgs_rtt_floor_us_attr.attr,
	&xgs_paths_attr.attr,
	&xgs_warm_start_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(xgs_band);

static int xgs_sysfs_add(struct kobject **dir, const char *name,
			 struct kobject *parent,
			 const struct attribute_group **groups)
{
	*dir = kobject_create_and_add(name, parent);
	if (!*dir)
		return -ENOMEM;
	return groups ? sysfs_create_groups(*dir, groups) : 0;
}

/**
 * xgs_sysfs_exit() - take /sys/kernel/xgs away
 */
void xgs_sysfs_exit(void)
{
	enum xgs_band band;

	for (band = 0; band < XGS_BAND_COUNT; band++)
		kobject_put(xgs_band_dirs[band]);
	kobject_put(xgs_bands_dir);
	kobject_put(xgs_path_dir);
	kobject_put(xgs_root);
}

/**
 * xgs_sysfs_init() - make /sys/kernel/xgs
 *
 * Return: 0, or a negative error with nothing left behind.
 */
int xgs_sysfs_init(void)
{
	enum xgs_band band;
	int err;

	err = xgs_sysfs_add(&xgs_root, "xgs", kernel_kobj, xgs_root_groups);
	if (!err)
		err = xgs_sysfs_add(&xgs_path_dir, "path", xgs_root,
				    xgs_path_groups);
	if (!err)
		err = xgs_sysfs_add(&xgs_bands_dir, "band", xgs_root, NULL);
	for (band = 0; !err && band < XGS_BAND_COUNT; band++)
		err = xgs_sysfs_add(&xgs_band_dirs[band], xgs_band_name(band),
				    xgs_bands_dir, xgs_band_groups);
	if (err)
		xgs_sysfs_exit();
	return err;
}
