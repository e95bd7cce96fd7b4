// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/xgs/paths: the path table as text. For people; its format
 * is no ABI.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "../include/xgs/table.h"
#include "core.h"

static struct dentry *xgs_debugfs;

XGS_TABLE_FOPS(xgs_paths_fops);

/**
 * xgs_debugfs_init() - make the debugfs files
 *
 * Nothing depends on them: a failure is debugfs's own to report.
 */
void xgs_debugfs_init(void)
{
	xgs_debugfs = debugfs_create_dir("xgs", NULL);
	debugfs_create_file("paths", 0400, xgs_debugfs, (void *)&xgs_path_table,
			    &xgs_paths_fops);
}

/**
 * xgs_debugfs_exit() - take the debugfs files away
 */
void xgs_debugfs_exit(void)
{
	debugfs_remove_recursive(xgs_debugfs);
}
