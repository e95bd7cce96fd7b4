// SPDX-License-Identifier: GPL-2.0
/*
 * rdma_xgs: congestion control for RoCEv2 that a kernel sends itself
 * (rdma_rxe). It stands beside RDMA, not in it:
 *
 *	rdma_rxe --> LOCAL_OUT: tx.c --> sch_fq --> the network
 *	rdma_rxe <-- LOCAL_IN:  rx.c <------------- the network
 *	                          '--> notify.c: CNPs
 *
 * flow.c has the tables, resolve.c asks the RDMA core about QPs, device.c knows
 * ports and queues, engine.c is the control law.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>

#include "rdma_xgs.h"

static const struct nf_hook_ops xgs_hooks[] = {
	{
		.hook = xgs_rdma_tx,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_LAST,
	}, {
		.hook = xgs_rdma_tx,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_LAST,
	}, {
		.hook = xgs_rdma_rx,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	}, {
		.hook = xgs_rdma_rx,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST,
	},
};

static int __net_init xgs_rdma_net_init(struct net *net)
{
	return nf_register_net_hooks(net, xgs_hooks, ARRAY_SIZE(xgs_hooks));
}

static void __net_exit xgs_rdma_net_pre_exit(struct net *net)
{
	nf_unregister_net_hooks(net, xgs_hooks, ARRAY_SIZE(xgs_hooks));
}

/* A grace period has passed: no hook runs any more. */
static void __net_exit xgs_rdma_net_exit(struct net *net)
{
	xgs_resolve_flush();
	if (xgs_rdma_flow_count() || xgs_rdma_qp_count())
		xgs_rdma_drop_netns(net);
}

static struct pernet_operations xgs_rdma_net_ops = {
	.init = xgs_rdma_net_init,
	.pre_exit = xgs_rdma_net_pre_exit,
	.exit = xgs_rdma_net_exit,
};

static int __init xgs_rdma_init(void)
{
	int err;

	err = xgs_rdma_flows_init();
	if (err)
		return err;
	err = xgs_resolve_init();
	if (err)
		goto exit_flows;
	err = xgs_rdma_sysfs_init();
	if (err)
		goto exit_resolve;
	err = xgs_rdma_devices_init();
	if (err)
		goto exit_sysfs;
	err = register_pernet_subsys(&xgs_rdma_net_ops);
	if (err)
		goto exit_devices;
	xgs_rdma_debugfs_init();
	return 0;
exit_devices:
	xgs_rdma_devices_exit();
exit_sysfs:
	xgs_rdma_sysfs_exit();
exit_resolve:
	xgs_resolve_exit();
exit_flows:
	xgs_rdma_flows_exit();
	return err;
}

static void __exit xgs_rdma_exit(void)
{
	xgs_rdma_debugfs_exit();
	unregister_pernet_subsys(&xgs_rdma_net_ops);
	xgs_rdma_devices_exit();
	xgs_rdma_sysfs_exit();
	xgs_resolve_exit();
	xgs_rdma_flows_exit();
}

module_init(xgs_rdma_init);
module_exit(xgs_rdma_exit);
MODULE_DESCRIPTION("xgs: distance-aware DCQCN for RoCEv2 in software");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
