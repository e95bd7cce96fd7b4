/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables as text in debugfs, a row per line, for people. xgs_core reads them,
 * for the modules that have one.
 */
#ifndef _XGS_TABLE_H
#define _XGS_TABLE_H

#include <linux/fs.h>
#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/seq_file.h>

/**
 * struct xgs_table - a table that can be read
 * @rows: what is in it
 * @ops: xgs_table_start(), xgs_table_next(), xgs_table_stop(), and a show() that
 *	is called with SEQ_START_TOKEN for the heading, then with each row
 */
struct xgs_table {
	struct rhashtable *rows;
	const struct seq_operations *ops;
};

/* The module that has the table owns its file, and is held by its readers. */
#define XGS_TABLE_FOPS(_name)				\
	static const struct file_operations _name = {	\
		.owner = THIS_MODULE,			\
		.open = xgs_table_open,			\
		.read = seq_read,			\
		.llseek = seq_lseek,			\
		.release = xgs_table_release,		\
	}

int xgs_table_open(struct inode *inode, struct file *file);
int xgs_table_release(struct inode *inode, struct file *file);

void *xgs_table_start(struct seq_file *seq, loff_t *pos);
void *xgs_table_next(struct seq_file *seq, void *v, loff_t *pos);
void xgs_table_stop(struct seq_file *seq, void *v);
void xgs_table_address(struct seq_file *seq, const struct in6_addr *addr);

#endif /* _XGS_TABLE_H */
