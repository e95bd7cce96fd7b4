// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/tcp.h>

static struct tcp_congestion_ops xgs __read_mostly = {
	.flags = TCP_CONG_NON_RESTRICTED,
	.name = "xgs",
	.owner = THIS_MODULE,
	.ssthresh = tcp_reno_ssthresh,
	.cong_avoid = tcp_reno_cong_avoid,
	.undo_cwnd = tcp_reno_undo_cwnd,
};

static int __init tcp_xgs_init(void)
{
	return tcp_register_congestion_control(&xgs);
}

static void __exit tcp_xgs_exit(void)
{
	tcp_unregister_congestion_control(&xgs);
}

module_init(tcp_xgs_init);
module_exit(tcp_xgs_exit);
MODULE_DESCRIPTION("TCP congestion control xgs");
MODULE_LICENSE("GPL");
