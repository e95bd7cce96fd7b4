// SPDX-License-Identifier: GPL-2.0
/*
 * xgs_core: the ground floor that the congestion controls stand on.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "../include/xgs/tunable.h"
#include "core.h"

static int max_paths_set(const char *text, const struct kernel_param *kp)
{
	int err;

	err = xgs_parse_u32(text, XGS_MAX_PATHS_MIN, XGS_MAX_PATHS_LIMIT,
			    kp->arg);
	if (err)
		pr_err("max_paths=%s is not a number from %u to %u\n", text,
		       XGS_MAX_PATHS_MIN, XGS_MAX_PATHS_LIMIT);
	return err;
}

static const struct kernel_param_ops max_paths_ops = {
	.set = max_paths_set,
	.get = param_get_uint,
};

module_param_cb(max_paths, &max_paths_ops, &xgs_path_limits.max_paths, 0444);
MODULE_PARM_DESC(max_paths, "Entries in the path table at most (16 to 1048576, default 65536)");

static int __init xgs_core_init(void)
{
	int err;

	err = xgs_path_table_init();
	if (err)
		return err;
	err = xgs_sysfs_init();
	if (err) {
		xgs_path_table_exit();
		return err;
	}
	xgs_debugfs_init();
	return 0;
}

static void __exit xgs_core_exit(void)
{
	xgs_debugfs_exit();
	xgs_sysfs_exit();
	xgs_path_table_exit();
}

module_init(xgs_core_init);
module_exit(xgs_core_exit);
MODULE_DESCRIPTION("xgs: distance model and path table");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
