// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/xgs/rdma_flows: the flows as text. For people; its format
 * is no ABI.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "rdma_xgs.h"

static struct dentry *xgs_flows_file;

static int xgs_flows_open(struct inode *inode, struct file *file)
{
	void *iter = __seq_open_private(file, &xgs_flow_seq_ops,
					xgs_flow_seq_size());

	if (!iter)
		return -ENOMEM;
	xgs_flow_seq_begin(iter);
	return 0;
}

static int xgs_flows_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	xgs_flow_seq_end(seq->private);
	return seq_release_private(inode, file);
}

static const struct file_operations xgs_flows_fops = {
	.owner = THIS_MODULE,
	.open = xgs_flows_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = xgs_flows_release,
};

/**
 * xgs_rdma_debugfs_init() - make the debugfs file
 *
 * Nothing depends on it: a failure is debugfs's own to report.
 */
void xgs_rdma_debugfs_init(void)
{
	struct dentry *dir = debugfs_lookup("xgs", NULL);

	xgs_flows_file = debugfs_create_file("rdma_flows", 0400, dir, NULL,
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
