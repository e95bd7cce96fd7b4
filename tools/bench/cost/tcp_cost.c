// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A congestion control "cost" that is another one with a counter around each
 * of its operations: what it takes, in ticks of the TSC.
 *
 * Where the TSC counts instructions (QEMU, -icount shift=0) that is exact. An
 * empty operation is measured in the same way, and is to be subtracted; so are
 * operations of known length, to prove the scale.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/seq_file.h>
#include <linux/tcp.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "../include/xgs/compat.h"

#define COST_NAME	"cost"

static char *control = "reno";
module_param(control, charp, 0444);
MODULE_PARM_DESC(control, "the congestion control to measure");

enum cost_op {
	COST_EMPTY,
	COST_CALIBRATE_SHORT,
	COST_CALIBRATE_LONG,
	COST_CONG_CONTROL,
	COST_CONG_AVOID,
	COST_PKTS_ACKED,
	COST_IN_ACK_EVENT,
	COST_CWND_EVENT,
	COST_SET_STATE,
	COST_SSTHRESH,
	COST_UNDO_CWND,
	COST_MIN_TSO_SEGS,
	COST_SNDBUF_EXPAND,
	COST_INIT,
	COST_RELEASE,
	COST_OPS
};

static const char * const cost_names[COST_OPS] = {
	[COST_EMPTY]		= "empty",
	[COST_CALIBRATE_SHORT]	= "1000",
	[COST_CALIBRATE_LONG]	= "3000",
	[COST_CONG_CONTROL]	= "cong_control",
	[COST_CONG_AVOID]	= "cong_avoid",
	[COST_PKTS_ACKED]	= "pkts_acked",
	[COST_IN_ACK_EVENT]	= "in_ack_event",
	[COST_CWND_EVENT]	= "cwnd_event",
	[COST_SET_STATE]	= "set_state",
	[COST_SSTHRESH]		= "ssthresh",
	[COST_UNDO_CWND]	= "undo_cwnd",
	[COST_MIN_TSO_SEGS]	= "min_tso_segs",
	[COST_SNDBUF_EXPAND]	= "sndbuf_expand",
	[COST_INIT]		= "init",
	[COST_RELEASE]		= "release",
};

#include "cost.h"

static u64 cost_acks;
/* Sockets whose control put other operations in the place of ours. */
static u64 cost_escaped;

static const struct tcp_congestion_ops *inner;
static struct dentry *cost_file;

static XGS_CONG_CONTROL(cost_cong_control)
{
#ifdef XGS_HAVE_CONG_CONTROL_ACK_FLAG
	COST_MEASURE(COST_CONG_CONTROL, inner->cong_control(sk, ack, flag, rs));
#else
	COST_MEASURE(COST_CONG_CONTROL, inner->cong_control(sk, rs));
#endif
}

static void cost_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
	COST_MEASURE(COST_CONG_AVOID, inner->cong_avoid(sk, ack, acked));
}

static void cost_pkts_acked(struct sock *sk, const struct ack_sample *sample)
{
	COST_MEASURE(COST_PKTS_ACKED, inner->pkts_acked(sk, sample));
}

/* Ours whatever the control has: every ACK comes by here. */
static void cost_in_ack_event(struct sock *sk, u32 flags)
{
	cost_acks++;
	if (inner->in_ack_event)
		COST_MEASURE(COST_IN_ACK_EVENT, inner->in_ack_event(sk, flags));
}

static void cost_cwnd_event(struct sock *sk, enum tcp_ca_event event)
{
	COST_MEASURE(COST_CWND_EVENT, inner->cwnd_event(sk, event));
}

static void cost_set_state(struct sock *sk, u8 state)
{
	COST_MEASURE(COST_SET_STATE, inner->set_state(sk, state));
}

static u32 cost_ssthresh(struct sock *sk)
{
	u32 result;

	COST_MEASURE(COST_SSTHRESH, result = inner->ssthresh(sk));
	return result;
}

static u32 cost_undo_cwnd(struct sock *sk)
{
	u32 result;

	COST_MEASURE(COST_UNDO_CWND, result = inner->undo_cwnd(sk));
	return result;
}

static u32 cost_min_tso_segs(struct sock *sk)
{
	u32 result;

	COST_MEASURE(COST_MIN_TSO_SEGS, result = inner->min_tso_segs(sk));
	return result;
}

static u32 cost_sndbuf_expand(struct sock *sk)
{
	u32 result;

	COST_MEASURE(COST_SNDBUF_EXPAND, result = inner->sndbuf_expand(sk));
	return result;
}

static void cost_init(struct sock *sk)
{
	const struct tcp_congestion_ops *before = inet_csk(sk)->icsk_ca_ops;

	COST_MEASURE(COST_INIT, inner->init(sk));
	if (inet_csk(sk)->icsk_ca_ops != before)
		cost_escaped++;
}

static void cost_release(struct sock *sk)
{
	COST_MEASURE(COST_RELEASE, inner->release(sk));
}

static struct tcp_congestion_ops cost_ops __read_mostly;

static void cost_wrap(void)
{
	cost_ops = *inner;
	INIT_LIST_HEAD(&cost_ops.list);
	cost_ops.owner = THIS_MODULE;
	cost_ops.flags |= TCP_CONG_NON_RESTRICTED;
	strscpy(cost_ops.name, COST_NAME, sizeof(cost_ops.name));
	cost_ops.in_ack_event = cost_in_ack_event;
	if (inner->cong_control)
		cost_ops.cong_control = cost_cong_control;
	if (inner->cong_avoid)
		cost_ops.cong_avoid = cost_cong_avoid;
	if (inner->pkts_acked)
		cost_ops.pkts_acked = cost_pkts_acked;
	if (inner->cwnd_event)
		cost_ops.cwnd_event = cost_cwnd_event;
	if (inner->set_state)
		cost_ops.set_state = cost_set_state;
	if (inner->ssthresh)
		cost_ops.ssthresh = cost_ssthresh;
	if (inner->undo_cwnd)
		cost_ops.undo_cwnd = cost_undo_cwnd;
	if (inner->min_tso_segs)
		cost_ops.min_tso_segs = cost_min_tso_segs;
	if (inner->sndbuf_expand)
		cost_ops.sndbuf_expand = cost_sndbuf_expand;
	if (inner->init)
		cost_ops.init = cost_init;
	if (inner->release)
		cost_ops.release = cost_release;
}

/* The kernel finds a control by its name only for a socket: ask through one. */
static int cost_find(void)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, PF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (err)
		return err;
	err = sock->ops->setsockopt(sock, SOL_TCP, TCP_CONGESTION,
				    KERNEL_SOCKPTR(control), strlen(control));
	if (err)
		goto out;
	inner = inet_csk(sock->sk)->icsk_ca_ops;
	if (!try_module_get(inner->owner))
		err = -EBUSY;
out:
	sock_release(sock);
	return err;
}

static int cost_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "acks %llu\nescaped %llu\n", cost_acks, cost_escaped);
	cost_print(file);
	return 0;
}

static int cost_open(struct inode *inode, struct file *file)
{
	return single_open(file, cost_show, NULL);
}

/* Whatever is written: count from zero. */
static ssize_t cost_write(struct file *file, const char __user *text,
			  size_t size, loff_t *offset)
{
	local_irq_disable();
	cost_acks = 0;
	cost_escaped = 0;
	local_irq_enable();
	cost_begin();
	return size;
}

static const struct file_operations cost_fops = {
	.owner		= THIS_MODULE,
	.open		= cost_open,
	.read		= seq_read,
	.write		= cost_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static int __init cost_load(void)
{
	int err;

	err = cost_find();
	if (err)
		return err;
	cost_wrap();
	err = tcp_register_congestion_control(&cost_ops);
	if (err) {
		module_put(inner->owner);
		return err;
	}
	cost_file = debugfs_create_file("tcp_cost", 0600, NULL, NULL,
					&cost_fops);
	return 0;
}

static void __exit cost_unload(void)
{
	debugfs_remove(cost_file);
	tcp_unregister_congestion_control(&cost_ops);
	module_put(inner->owner);
}

module_init(cost_load);
module_exit(cost_unload);

MODULE_DESCRIPTION("What the operations of a TCP congestion control cost");
MODULE_LICENSE("GPL");
