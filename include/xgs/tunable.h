/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunables: one unsigned value per sysfs file, with a range. The modules
 * declare theirs with XGS_TUNABLE(); reading and checking are shared. And
 * counters, per CPU, likewise with XGS_COUNTER().
 */
#ifndef _XGS_TUNABLE_H
#define _XGS_TUNABLE_H

#include <linux/kobject.h>
#include <linux/sysfs.h>

/**
 * struct xgs_tunable - an unsigned value in sysfs
 * @attr: the file
 * @value: where the value lives; written whole, read with READ_ONCE()
 * @min: the smallest value that is accepted
 * @max: the largest
 */
struct xgs_tunable {
	struct kobj_attribute attr;
	u32 *value;
	u32 min;
	u32 max;
};

/**
 * XGS_TUNABLE() - define struct xgs_tunable xgs_tunable_@_name
 * @_name: the file's name, with the unit as its last word
 * @_value: address of the u32
 * @_min: smallest value accepted
 * @_max: largest value accepted
 */
#define XGS_TUNABLE(_name, _value, _min, _max)				\
	static struct xgs_tunable xgs_tunable_##_name = {		\
		.attr = __ATTR(_name, 0644, xgs_tunable_show,		\
			       xgs_tunable_store),			\
		.value = (_value),					\
		.min = (_min),						\
		.max = (_max),						\
	}

/**
 * struct xgs_counter - the sum of a per-CPU counter in sysfs
 * @attr: the file
 * @value: the counter
 */
struct xgs_counter {
	struct kobj_attribute attr;
	unsigned long __percpu *value;
};

/**
 * XGS_COUNTER() - define struct xgs_counter xgs_counter_@_name
 * @_name: the file's name
 * @_value: address of the per-CPU unsigned long
 */
#define XGS_COUNTER(_name, _value)					\
	static struct xgs_counter xgs_counter_##_name = {		\
		.attr = __ATTR(_name, 0444, xgs_counter_show, NULL),	\
		.value = (_value),					\
	}

ssize_t xgs_counter_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf);
ssize_t xgs_tunable_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf);
ssize_t xgs_tunable_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count);
int xgs_parse_u32(const char *buf, u32 min, u32 max, u32 *value);

struct kobject *xgs_sysfs_dir(const char *name);

#endif /* _XGS_TUNABLE_H */
