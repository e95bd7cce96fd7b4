// SPDX-License-Identifier: GPL-2.0
/*
 * RDMA devices: each has a directory in sysfs, parameters made of what the
 * operator set and what its port can do, and queues that may be able to pace.
 *
 * A flow belongs to a device. Parameters are never changed in place: a new set
 * replaces them under RCU, and flows notice by its generation.
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <net/sch_generic.h>
#include <rdma/ib_verbs.h>

#include "rdma_xgs.h"

/* What a port whose rate is unknown is taken for. */
#define XGS_PORT_MBPS		10000U
#define XGS_PORT_MTU		1024U

/* Serialises writers of parameters, and the list of devices. */
DEFINE_MUTEX(xgs_rdma_mutex);
static LIST_HEAD(xgs_devices);
static u32 xgs_generation;
/* Some device is not off: else the hooks need not look at packets. */
bool xgs_rdma_active __read_mostly;

static u32 xgs_device_mbps(const struct xgs_rdma_device *device)
{
	return device->line_rate_mbps ?:
	       READ_ONCE(xgs_rdma_settings.line_rate_mbps) ?:
	       device->port_mbps;
}

static u64 xgs_bytes_of_mbit(u32 mbit)
{
	return (u64)mbit * 125000;
}

static void xgs_conf_fill(struct xgs_rdma_conf *conf,
			  const struct xgs_rdma_device *device)
{
	const struct xgs_rdma_settings *set = &xgs_rdma_settings;
	struct xgs_rp_params *rp = &conf->rp;

	conf->profile = device->profile == XGS_RDMA_INHERIT ?
			READ_ONCE(set->profile) : device->profile;
	conf->controlled = conf->profile != XGS_RDMA_OFF &&
			   READ_ONCE(set->rp_enable);
	conf->mark_ect = conf->controlled && READ_ONCE(set->mark_ect);
	xgs_rp_params_init(rp, conf->profile == XGS_RDMA_DCQCN ? XGS_RP_DCQCN :
				XGS_RP_XGS,
			   xgs_bytes_of_mbit(xgs_device_mbps(device)));
	rp->min_rate = min(READ_ONCE(set->min_rate_kbps) * 125ULL,
			   rp->line_rate);
	rp->ai_rate = xgs_bytes_of_mbit(READ_ONCE(set->ai_rate_mbps));
	rp->hai_rate = xgs_bytes_of_mbit(READ_ONCE(set->hai_rate_mbps));
	rp->byte_reset = READ_ONCE(set->byte_reset_kbytes) * 1000ULL;
	rp->time_reset_us = READ_ONCE(set->time_reset_us);
	rp->alpha_us = READ_ONCE(set->alpha_us);
	rp->threshold = READ_ONCE(set->threshold);
	rp->g_shift = READ_ONCE(set->g_shift);
	rp->cnp_us = READ_ONCE(set->cnp_interval_us);
	rp->mtu = device->port_mtu;
	rp->near_us = READ_ONCE(set->near_us);
	rp->epoch_pct = READ_ONCE(set->epoch_pct);
	rp->start_shift = READ_ONCE(set->start_shift);
	rp->start_bytes = READ_ONCE(set->start_kbytes) * 1000;
}

static int xgs_device_configure(struct xgs_rdma_device *device)
{
	struct xgs_rdma_conf *conf, *old;

	lockdep_assert_held(&xgs_rdma_mutex);
	conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	if (!conf)
		return -ENOMEM;
	conf->generation = ++xgs_generation;
	xgs_conf_fill(conf, device);
	if (WARN_ON_ONCE(!xgs_rp_params_valid(&conf->rp))) {
		kfree(conf);
		return -EINVAL;
	}
	old = rcu_replace_pointer(device->conf, conf,
				  lockdep_is_held(&xgs_rdma_mutex));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

static void xgs_update_active(void)
{
	struct xgs_rdma_device *device;
	bool active = false;

	list_for_each_entry(device, &xgs_devices, node)
		active |= rcu_access_pointer(device->conf) &&
			  rcu_dereference_protected(device->conf, true)->profile
			  != XGS_RDMA_OFF;
	WRITE_ONCE(xgs_rdma_active, active);
}

/**
 * xgs_rdma_reconfigure() - let every device have what is set now
 *
 * A device for whose parameters there is no memory keeps those it has. Call it
 * with xgs_rdma_mutex held.
 */
void xgs_rdma_reconfigure(void)
{
	struct xgs_rdma_device *device;

	list_for_each_entry(device, &xgs_devices, node)
		xgs_device_configure(device);
	xgs_update_active();
}

/* -- what a port says ---------------------------------------------------- */

/* Per lane, by the bit of enum ib_port_speed: SDR to XDR, Mbit/s. */
static const u32 xgs_lane_mbps[] = {
	2500, 5000, 10000, 10000, 14000, 25000, 50000, 100000, 200000
};

static u32 xgs_port_mbps(const struct ib_port_attr *port)
{
	int width = ib_width_enum_to_int(port->active_width);
	u32 speed = port->active_speed ? ilog2(port->active_speed) : U32_MAX;

	if (width <= 0 || speed >= ARRAY_SIZE(xgs_lane_mbps))
		return XGS_PORT_MBPS;
	return width * xgs_lane_mbps[speed];
}

/* Tell whether the port has changed. */
static bool xgs_device_ask_port(struct xgs_rdma_device *device)
{
	u32 mbps = XGS_PORT_MBPS, mtu = XGS_PORT_MTU;
	struct ib_port_attr port;
	bool changed;

	if (!ib_query_port(device->ibdev, rdma_start_port(device->ibdev),
			   &port)) {
		mbps = xgs_port_mbps(&port);
		mtu = max(ib_mtu_enum_to_int(port.active_mtu), 256);
	}
	changed = mbps != device->port_mbps || mtu != device->port_mtu;
	device->port_mbps = mbps;
	device->port_mtu = mtu;
	return changed;
}

/* -- queues -------------------------------------------------------------- */

/**
 * xgs_rdma_device_look() - look at a device's queues
 * @device: the RDMA device
 * @dev: its network device
 *
 * Can departure times be kept, and is there room? Call it under RCU.
 */
void xgs_rdma_device_look(struct xgs_rdma_device *device,
			  const struct net_device *dev)
{
	bool fq = true, full = false;
	const struct Qdisc *qdisc;
	u32 i;

	WRITE_ONCE(device->fq_seen, jiffies);
	for (i = 0; i < dev->real_num_tx_queues && fq; i++) {
		qdisc = rcu_dereference(netdev_get_tx_queue(dev, i)->qdisc);
		fq = qdisc && !strcmp(qdisc->ops->id, "fq");
		full |= fq && READ_ONCE(qdisc->q.qlen) >
			      READ_ONCE(qdisc->limit) / 2;
	}
	WRITE_ONCE(device->fq, fq);
	WRITE_ONCE(device->fq_full, full);
}

/*
 * Packets that an fq takes per socket. Its state is its own: it tells as it
 * tells `tc qdisc show`.
 */
static u32 xgs_fq_flow_limit(struct Qdisc *qdisc)
{
	const struct nlattr *options, *limit = NULL;
	struct sk_buff *skb;
	u32 packets = 0;

	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return 0;
	if (qdisc->ops->dump && qdisc->ops->dump(qdisc, skb) >= 0 &&
	    skb->len >= NLA_HDRLEN) {
		options = (const struct nlattr *)skb->data;
		if (nla_ok(options, skb->len) &&
		    nla_type(options) == TCA_OPTIONS)
			limit = nla_find_nested(options, TCA_FQ_FLOW_PLIMIT);
		if (limit && nla_len(limit) >= (int)sizeof(u32))
			packets = nla_get_u32(limit);
	}
	kfree_skb(skb);
	return packets;
}

/*
 * Who removes a device waits for this work and may hold the lock: then the
 * next second will do.
 */
static void xgs_device_ask_queues(struct xgs_rdma_device *device,
				  struct net_device *dev)
{
	u32 packets = U32_MAX;
	struct Qdisc *qdisc;
	u32 i;

	if (!rtnl_trylock())
		return;
	for (i = 0; i < dev->real_num_tx_queues; i++) {
		qdisc = rtnl_dereference(netdev_get_tx_queue(dev, i)->qdisc);
		if (qdisc && !strcmp(qdisc->ops->id, "fq"))
			packets = min(packets, xgs_fq_flow_limit(qdisc));
	}
	rtnl_unlock();
	WRITE_ONCE(device->fq_flow_limit, packets);
}

/**
 * xgs_rdma_device_inspect() - ask a device for what takes time to ask
 * @device: the RDMA device
 * @dev: its network device
 *
 * May sleep.
 */
void xgs_rdma_device_inspect(struct xgs_rdma_device *device,
			     struct net_device *dev)
{
	xgs_device_ask_queues(device, dev);
	mutex_lock(&xgs_rdma_mutex);
	if (!device->gone && xgs_device_ask_port(device))
		xgs_device_configure(device);
	mutex_unlock(&xgs_rdma_mutex);
}

/* -- their coming and going ---------------------------------------------- */

static void xgs_device_release(struct kobject *kobj)
{
	struct xgs_rdma_device *device =
		container_of(kobj, struct xgs_rdma_device, kobj);

	kfree(rcu_dereference_protected(device->conf, true));
	kfree_rcu(device, rcu);
}

static const struct kobj_type xgs_device_type = {
	.release = xgs_device_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

static struct ib_client xgs_client;

static int xgs_device_add(struct ib_device *ibdev)
{
	struct xgs_rdma_device *device;
	int err;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	kobject_init(&device->kobj, (struct kobj_type *)&xgs_device_type);
	device->ibdev = ibdev;
	device->profile = XGS_RDMA_INHERIT;
	device->inspected = jiffies - HZ;
	device->fq_flow_limit = U32_MAX;
	xgs_device_ask_port(device);

	mutex_lock(&xgs_rdma_mutex);
	err = xgs_device_configure(device);
	if (!err) {
		list_add_tail(&device->node, &xgs_devices);
		xgs_update_active();
	}
	mutex_unlock(&xgs_rdma_mutex);
	if (err) {
		kobject_put(&device->kobj);
		return err;
	}
	/* Without its directory a device is controlled all the same. */
	if (xgs_rdma_device_show_in_sysfs(&device->kobj, dev_name(&ibdev->dev)))
		dev_warn(&ibdev->dev, "xgs: no directory in sysfs\n");
	ib_set_client_data(ibdev, &xgs_client, device);
	return 0;
}

static void xgs_device_remove(struct ib_device *ibdev, void *data)
{
	struct xgs_rdma_device *device = data;

	if (!device)
		return;
	mutex_lock(&xgs_rdma_mutex);
	WRITE_ONCE(device->gone, true);
	list_del(&device->node);
	xgs_update_active();
	mutex_unlock(&xgs_rdma_mutex);
	/* Else it would be found until this function has returned. */
	ib_set_client_data(ibdev, &xgs_client, NULL);
	/* Whoever has not seen that it goes has added its flow by now. */
	synchronize_rcu();
	xgs_resolve_flush();
	xgs_rdma_drop_device(device);
	synchronize_rcu();
	kobject_del(&device->kobj);
	kobject_put(&device->kobj);
}

static void xgs_device_rename(struct ib_device *ibdev, void *data)
{
	struct xgs_rdma_device *device = data;

	if (device && kobject_rename(&device->kobj, dev_name(&ibdev->dev)))
		dev_warn(&ibdev->dev, "xgs: its directory keeps its old name\n");
}

static struct ib_client xgs_client = {
	.name = "rdma_xgs",
	.add = xgs_device_add,
	.remove = xgs_device_remove,
	.rename = xgs_device_rename,
};

/**
 * xgs_rdma_device_get() - the RDMA device on top of a network device
 * @dev: the network device, not a VLAN
 * @device: where it goes
 *
 * Any context, under RCU: @device lives as long.
 *
 * Return: the device of the kernel, to be given back with ib_device_put(); NULL
 * if there is none.
 */
struct ib_device *xgs_rdma_device_get(struct net_device *dev,
				      struct xgs_rdma_device **device)
{
	struct ib_device *ibdev;

	ibdev = ib_device_get_by_netdev(dev, RDMA_DRIVER_UNKNOWN);
	if (!ibdev)
		return NULL;
	*device = ib_get_client_data(ibdev, &xgs_client);
	if (*device && !READ_ONCE((*device)->gone))
		return ibdev;
	ib_device_put(ibdev);
	return NULL;
}

/**
 * xgs_rdma_devices_init() - take care of all devices
 *
 * Return: 0, or a negative error.
 */
int xgs_rdma_devices_init(void)
{
	return ib_register_client(&xgs_client);
}

/**
 * xgs_rdma_devices_exit() - let go of all devices and their flows
 */
void xgs_rdma_devices_exit(void)
{
	ib_unregister_client(&xgs_client);
}
