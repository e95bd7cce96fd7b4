// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/xgs/paths: the path table as text. For people; its format
 * is no ABI.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "core.h"

static struct dentry *xgs_debugfs;

static int xgs_paths_open(struct inode *inode, struct file *file)
{
	void *iter = __seq_open_private(file, &xgs_path_seq_ops,
					xgs_path_seq_size());

	if (!iter)
		return -ENOMEM;
	xgs_path_seq_begin(iter);
	return 0;
}

static int xgs_paths_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	xgs_path_seq_end(seq->private);
	return seq_release_private(inode, file);
}

static const struct file_operations xgs_paths_fops = {
	.owner = THIS_MODULE,
	.open = xgs_paths_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = xgs_paths_release,
};

/**
 * xgs_debugfs_init() - make the debugfs files
 *
 * Nothing depends on them: a failure is debugfs's own to report.
 */
void xgs_debugfs_init(void)
{
	xgs_debugfs = debugfs_create_dir("xgs", NULL);
	debugfs_create_file("paths", 0400, xgs_debugfs, NULL, &xgs_paths_fops);
}

/**
 * xgs_debugfs_exit() - take the debugfs files away
 */
void xgs_debugfs_exit(void)
{
	debugfs_remove_recursive(xgs_debugfs);
}
