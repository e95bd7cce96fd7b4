// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/xgs/rdma_flows: the flows as text. For people; its format
 * is no ABI.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "../include/xgs/table.h"
#include "rdma_xgs.h"

static struct dentry *xgs_flows_file;

XGS_TABLE_FOPS(xgs_flows_fops);

/**
 * xgs_rdma_debugfs_init() - make the debugfs file
 *
 * Nothing depends on it: a failure is debugfs's own to report.
 */
void xgs_rdma_debugfs_init(void)
{
	struct dentry *dir = debugfs_lookup("xgs", NULL);

	xgs_flows_file = debugfs_create_file("rdma_flows", 0400, dir,
					     (void *)&xgs_flow_table,
					     &xgs_flows_fops);
	dput(dir);
}

/**
 * xgs_rdma_debugfs_exit() - take the debugfs file away
 */
void xgs_rdma_debugfs_exit(void)
{
	debugfs_remove(xgs_flows_file);
}
