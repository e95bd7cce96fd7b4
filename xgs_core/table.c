// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a hash table as text, a row per line, while it changes: rows that come
 * or go meanwhile may be missed or come twice, none is half.
 */
#include <linux/export.h>
#include <net/ipv6.h>

#include "../include/xgs/table.h"

/**
 * xgs_table_open() - a reader opens a table
 * @inode: the file's, whose private data is the struct xgs_table
 * @file: the file
 *
 * Return: 0, or -ENOMEM.
 */
int xgs_table_open(struct inode *inode, struct file *file)
{
	const struct xgs_table *table = inode->i_private;
	struct rhashtable_iter *iter;

	iter = __seq_open_private(file, table->ops, sizeof(*iter));
	if (!iter)
		return -ENOMEM;
	rhashtable_walk_enter(table->rows, iter);
	return 0;
}
EXPORT_SYMBOL_GPL(xgs_table_open);

/**
 * xgs_table_release() - a reader closes a table
 * @inode: the file's
 * @file: the file
 *
 * Return: 0.
 */
int xgs_table_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	rhashtable_walk_exit(seq->private);
	return seq_release_private(inode, file);
}
EXPORT_SYMBOL_GPL(xgs_table_release);

static void *xgs_table_skip(struct seq_file *seq, void *row)
{
	while (IS_ERR(row))	/* -EAGAIN: resized, entries may come twice */
		row = rhashtable_walk_next(seq->private);
	return row;
}

/**
 * xgs_table_start() - a piece of reading begins
 * @seq: the reader
 * @pos: where, in rows; 0 is the heading
 *
 * Return: the row, SEQ_START_TOKEN for the heading, or NULL at the end.
 */
void *xgs_table_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	rhashtable_walk_start(seq->private);
	if (!*pos)
		return SEQ_START_TOKEN;
	return xgs_table_skip(seq, rhashtable_walk_peek(seq->private));
}
EXPORT_SYMBOL_GPL(xgs_table_start);

/**
 * xgs_table_next() - the next row
 * @seq: the reader
 * @v: the row before
 * @pos: its place, which moves on
 *
 * Return: the row, or NULL at the end.
 */
void *xgs_table_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return xgs_table_skip(seq, rhashtable_walk_next(seq->private));
}
EXPORT_SYMBOL_GPL(xgs_table_next);

/**
 * xgs_table_stop() - a piece of reading ends
 * @seq: the reader
 * @v: the row reached
 */
void xgs_table_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rhashtable_walk_stop(seq->private);
}
EXPORT_SYMBOL_GPL(xgs_table_stop);

/**
 * xgs_table_address() - print an address and a space
 * @seq: the reader
 * @addr: the address, IPv4 as ::ffff:a.b.c.d
 */
void xgs_table_address(struct seq_file *seq, const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		seq_printf(seq, "%pI4 ", &addr->s6_addr32[3]);
	else
		seq_printf(seq, "%pI6c ", addr);
}
EXPORT_SYMBOL_GPL(xgs_table_address);
