// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the hooks of rdma_xgs take for a packet, in ticks of the TSC, with any
 * number of flows and QPs in its tables.
 *
 * The hooks are found where netfilter has them, and called as netfilter does,
 * with packets that are made here. So all that is in the tables has come there
 * as it always does: a flow with the first packet that is sent, a QP because the
 * RDMA core knows it. A thousand QPs of this module's are connected; what more
 * entries are asked for are flows to other QPs of the peer, and one UD QP that
 * hears so many senders.
 *
 * Packets go as a sender's and a receiver's do: the connected QPs in turn, a
 * message of COST_MESSAGE packets each, and its ACK a round trip later.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <rdma/ib_cache.h>
#include <rdma/ib_verbs.h>

enum cost_op {
	COST_EMPTY,
	COST_CALIBRATE_SHORT,
	COST_CALIBRATE_LONG,
	COST_TX_DATA,
	COST_TX_ASK,
	COST_TX_ACK,
	COST_TX_TURN,
	COST_RX_DATA,
	COST_RX_CE,
	COST_RX_ACK,
	COST_RX_SAMPLE,
	COST_RX_CNP,
	COST_TX_OTHER,
	COST_RX_OTHER,
	COST_OPS
};

static const char * const cost_names[COST_OPS] = {
	[COST_EMPTY]		= "empty",
	[COST_CALIBRATE_SHORT]	= "1000",
	[COST_CALIBRATE_LONG]	= "3000",
	[COST_TX_DATA]		= "tx_data",
	[COST_TX_ASK]		= "tx_data_ackreq",
	[COST_TX_ACK]		= "tx_ack",
	[COST_TX_TURN]		= "tx_data_turn",
	[COST_RX_DATA]		= "rx_data",
	[COST_RX_CE]		= "rx_data_ce",
	[COST_RX_ACK]		= "rx_ack",
	[COST_RX_SAMPLE]	= "rx_ack_sample",
	[COST_RX_CNP]		= "rx_cnp",
	[COST_TX_OTHER]		= "tx_other",
	[COST_RX_OTHER]		= "rx_other",
};

#include "cost.h"

/* rdma_xgs's own way to write a CNP. */
#include "../rdma_xgs/packet.c"
#include "../rdma_xgs/icrc.c"
#include "../rdma_xgs/cnp.c"

#define COST_MESSAGE	16
#define COST_PAYLOAD	1024
#define COST_CONNECTED	1000
/* Messages per one that is marked, and per CNP. */
#define COST_MARKED	64
#define COST_CNPS	8
#define COST_QPN	0x10000
/* Questions that the resolver is asked before it is waited for. */
#define COST_QUESTIONS	64

static char *device = "a0";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "the network device below rxe");

static uint flows = 1;
module_param(flows, uint, 0444);
MODULE_PARM_DESC(flows, "entries in each table");

static uint rtt_us = 50;
module_param(rtt_us, uint, 0444);
MODULE_PARM_DESC(rtt_us, "base RTT, microseconds");

static uint messages = 20000;
module_param(messages, uint, 0444);
MODULE_PARM_DESC(messages, "each way, of all connected QPs");

static uint local = 0x0a580101;
module_param(local, uint, 0444);
MODULE_PARM_DESC(local, "this host's address");

static uint remote = 0x0a580102;
module_param(remote, uint, 0444);
MODULE_PARM_DESC(remote, "the peer's address, whose link address is known");

static nf_hookfn *cost_tx, *cost_rx;
static struct net_device *dev;
static struct ib_device *ibdev;
static struct ib_pd *pd;
static struct ib_cq *cq;
static struct ib_qp *datagrams;
static struct socket *sock;
static struct sk_buff *packet_skb;
static struct dentry *cost_file;

static struct cost_qp {
	struct ib_qp *qp;
	u32 psn;
} *qps;
static u32 connected;
static u64 took_ns;

/* -- packets --------------------------------------------------------------- */

/**
 * struct cost_packet - what is to be sent or received
 * @opcode: of the BTH
 * @sent: by this host
 * @ce: marked
 * @ask: it asks for an ACK
 * @qpn: destination QP
 * @psn: sequence number
 * @from: who sends, if not the peer
 * @payload: bytes
 */
struct cost_packet {
	u8 opcode;
	bool sent;
	bool ce;
	bool ask;
	u32 qpn;
	u32 psn;
	u32 from;
	u32 payload;
};

#define OP_SEND_MIDDLE	0x01
#define OP_ACK		0x11
#define OP_UD_SEND	0x64
#define OP_OTHER	0xc0

static void write_packet(u8 *data, const struct cost_packet *packet, u32 size)
{
	struct xgs_ipv4 *ip = (struct xgs_ipv4 *)data;
	struct xgs_udp *udp = (struct xgs_udp *)(ip + 1);
	struct xgs_bth *bth = (struct xgs_bth *)(udp + 1);
	__be32 here = cpu_to_be32(local);
	__be32 there = cpu_to_be32(packet->from ?: remote);

	memset(data, 0, sizeof(*ip) + sizeof(*udp) + sizeof(*bth) + 8);
	*ip = (struct xgs_ipv4){
		.version = 0x45,
		.tos = packet->ce ? XGS_ECN_CE : 0,
		.length = cpu_to_be16(size),
		.fragment = cpu_to_be16(0x4000),
		.ttl = 64,
		.protocol = IPPROTO_UDP,
	};
	memcpy(ip->source, packet->sent ? &here : &there, 4);
	memcpy(ip->destination, packet->sent ? &there : &here, 4);
	ip_send_check((struct iphdr *)ip);
	*udp = (struct xgs_udp){
		.source = cpu_to_be16(0xc000),
		.destination = cpu_to_be16(XGS_ROCE_PORT),
		.length = cpu_to_be16(size - sizeof(*ip)),
	};
	*bth = (struct xgs_bth){
		.opcode = packet->opcode,
		.pkey = cpu_to_be16(0xffff),
		.dqpn = cpu_to_be32(packet->qpn),
		.psn = cpu_to_be32(packet->psn |
				   (packet->ask ? XGS_BTH_ACK_REQ : 0)),
	};
}

static u32 size_of(const struct cost_packet *packet)
{
	return sizeof(struct xgs_ipv4) + sizeof(struct xgs_udp) +
	       sizeof(struct xgs_bth) + packet->payload + XGS_ICRC_SIZE;
}

static void write_cnp(u8 *data, const struct cost_packet *packet)
{
	__be32 here = cpu_to_be32(local), there = cpu_to_be32(remote);
	struct xgs_cnp cnp = {
		.dqpn = packet->qpn,
		.port = 0xc000,
		.tos = 0xc2,
		.hops = 64,
	};

	memcpy(cnp.source, &there, 4);
	memcpy(cnp.destination, &here, 4);
	xgs_cnp_write(data, &cnp);
}

/* The one buffer, as the hook is given it. */
static struct sk_buff *make_skb(const struct cost_packet *packet)
{
	bool cnp = packet->opcode == XGS_ROCE_OPCODE_CNP;
	u32 size = cnp ? xgs_cnp_size(false) : size_of(packet);
	struct sk_buff *skb = packet_skb;

	skb_trim(skb, 0);
	skb_put(skb, size);
	if (cnp)
		write_cnp(skb->data, packet);
	else
		write_packet(skb->data, packet, size);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct xgs_ipv4));
	skb->protocol = htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;
	skb->tstamp = 0;
	skb->dev = dev;
	skb->sk = packet->sent ? sock->sk : NULL;
	return skb;
}

/* Return: the hook's word. */
static unsigned int pass(enum cost_op op, const struct cost_packet *packet)
{
	struct sk_buff *skb = make_skb(packet);
	struct nf_hook_state state = {
		.hook = packet->sent ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN,
		.pf = NFPROTO_IPV4,
		.in = packet->sent ? NULL : dev,
		.out = packet->sent ? dev : NULL,
		.net = &init_net,
	};
	nf_hookfn *hook = packet->sent ? cost_tx : cost_rx;
	unsigned int verdict;

	/* Whoever consumes it does not free it, which would cost, too. */
	skb_get(skb);
	rcu_read_lock();
	COST_MEASURE(op, verdict = hook(NULL, skb, &state));
	rcu_read_unlock();
	if (verdict != NF_STOLEN)
		consume_skb(skb);
	skb->sk = NULL;
	return verdict;
}

/* -- filling the tables ---------------------------------------------------- */

static int make_qp(struct ib_qp **made, enum ib_qp_type type)
{
	struct ib_qp_init_attr init = {
		.send_cq = cq,
		.recv_cq = cq,
		.qp_type = type,
		.sq_sig_type = IB_SIGNAL_ALL_WR,
		.cap = {
			.max_send_wr = 1, .max_recv_wr = 1,
			.max_send_sge = 1, .max_recv_sge = 1,
		},
	};
	struct ib_qp *qp = ib_create_qp(pd, &init);

	if (IS_ERR(qp))
		return PTR_ERR(qp);
	*made = qp;
	return 0;
}

static int connect_qp(struct cost_qp *mine, u32 number, u32 sgid)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = 1,
	};
	union ib_gid there = {};
	int err;

	err = make_qp(&mine->qp, IB_QPT_RC);
	if (err)
		return err;
	err = ib_modify_qp(mine->qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
			   IB_QP_PORT | IB_QP_ACCESS_FLAGS);
	if (err)
		return err;
	ipv6_addr_set_v4mapped(cpu_to_be32(remote),
			       (struct in6_addr *)there.raw);
	attr = (struct ib_qp_attr){
		.qp_state = IB_QPS_RTR,
		.path_mtu = IB_MTU_1024,
		.dest_qp_num = COST_QPN + number,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = 12,
		.ah_attr.type = RDMA_AH_ATTR_TYPE_ROCE,
	};
	rdma_ah_set_port_num(&attr.ah_attr, 1);
	rdma_ah_set_grh(&attr.ah_attr, &there, 0, sgid, 64, 0);
	return ib_modify_qp(mine->qp, &attr, IB_QP_STATE | IB_QP_AV |
			    IB_QP_PATH_MTU | IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			    IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
}

static int connect_all(void)
{
	const struct ib_gid_attr *attr;
	union ib_gid gid = {};
	u32 i, sgid;
	int err = 0;

	ipv6_addr_set_v4mapped(cpu_to_be32(local), (struct in6_addr *)gid.raw);
	attr = rdma_find_gid_by_port(ibdev, &gid, IB_GID_TYPE_ROCE_UDP_ENCAP,
				     1, dev);
	if (IS_ERR(attr))
		return PTR_ERR(attr);
	sgid = attr->index;
	rdma_put_gid_attr(attr);
	for (i = 0; i < connected && !err; i++)
		err = connect_qp(&qps[i], i, sgid);
	return err ?: make_qp(&datagrams, IB_QPT_UD);
}

/* The resolver's queue is bounded, and what it adds makes the table grow. */
static void let_resolve(u32 asked)
{
	if (asked % COST_QUESTIONS == COST_QUESTIONS - 1)
		usleep_range(600, 700);
}

static void fill(void)
{
	struct cost_packet packet;
	u32 i;

	for (i = 0; i < flows; i++) {
		packet = (struct cost_packet){
			.opcode = OP_UD_SEND,
			.ce = true,
			.payload = 64,
			.qpn = datagrams->qp_num,
			.from = 0x0b000000 + i,
		};
		if (i < connected) {
			packet.opcode = OP_ACK;
			packet.qpn = qps[i].qp->qp_num;
			packet.from = 0;
			packet.ce = false;
		}
		pass(COST_RX_OTHER, &packet);
		let_resolve(i);
	}
	for (i = 0; i < flows; i++) {
		packet = (struct cost_packet){
			.opcode = OP_SEND_MIDDLE,
			.sent = true,
			.qpn = COST_QPN + i,
			.payload = COST_PAYLOAD,
		};
		pass(COST_TX_OTHER, &packet);
	}
	msleep(50);
}

/* -- traffic ---------------------------------------------------------------- */

static void send_message(u32 i)
{
	struct cost_packet packet = {
		.opcode = OP_SEND_MIDDLE,
		.sent = true,
		.qpn = COST_QPN + i,
		.payload = COST_PAYLOAD,
	};
	u32 n;

	for (n = 1; n <= COST_MESSAGE; n++) {
		packet.psn = ++qps[i].psn;
		packet.ask = n == COST_MESSAGE;
		pass(packet.ask ? COST_TX_ASK : COST_TX_DATA, &packet);
	}
}

static void hear_answer(u32 i, u32 round)
{
	struct cost_packet packet = {
		.opcode = OP_ACK,
		.qpn = qps[i].qp->qp_num,
		.payload = 4,
		.psn = qps[i].psn - 1,
	};

	/* The first ACK covers less than what asked for one. */
	pass(COST_RX_ACK, &packet);
	packet.psn++;
	pass(COST_RX_SAMPLE, &packet);
	if ((round + i) % COST_CNPS == 0) {
		packet.opcode = XGS_ROCE_OPCODE_CNP;
		pass(COST_RX_CNP, &packet);
	}
}

/* The peer's message, whose last packets are marked at times. */
static void hear_message(u32 i, u32 round)
{
	struct cost_packet packet = {
		.opcode = OP_SEND_MIDDLE,
		.qpn = qps[i].qp->qp_num,
		.payload = COST_PAYLOAD,
	};
	struct cost_packet ack = {
		.opcode = OP_ACK,
		.sent = true,
		.qpn = COST_QPN + i,
		.payload = 4,
	};
	u32 n;

	for (n = 1; n < COST_MESSAGE; n++)
		pass(COST_RX_DATA, &packet);
	/* The first one sends a CNP, and that is the stack's cost as well. */
	packet.ce = true;
	if ((round * connected + i) % COST_MARKED == 0) {
		pass(COST_RX_OTHER, &packet);
		pass(COST_RX_CE, &packet);
	}
	pass(COST_TX_ACK, &ack);
}

static void wait_round_trip(void)
{
	if (rtt_us < 1000)
		udelay(rtt_us);
	else
		usleep_range(rtt_us, rtt_us + 10);
}

/* Near by, one QP after the other: else the round would be the round trip. */
static void run_round(u32 round)
{
	u32 batch = rtt_us < 1000 ? 1 : connected, first, i;

	for (first = 0; first < connected; first += batch) {
		for (i = first; i < first + batch; i++)
			send_message(i);
		wait_round_trip();
		for (i = first; i < first + batch; i++) {
			hear_answer(i, round);
			hear_message(i, round);
		}
	}
}

/* Every flow of the table, once: what each is asked for is long ago. */
static void run_turn(void)
{
	struct cost_packet packet = {
		.opcode = OP_SEND_MIDDLE,
		.sent = true,
		.payload = COST_PAYLOAD,
	};
	u32 i;

	for (i = 0; i < flows; i++) {
		packet.qpn = COST_QPN + i;
		packet.psn = i < connected ? ++qps[i].psn : 1;
		pass(COST_TX_TURN, &packet);
	}
}

static void run(void)
{
	u32 round;

	for (round = 0; round * connected < messages; round++) {
		run_round(round);
		cond_resched();
	}
	run_turn();
}

/* -- beginning and end ------------------------------------------------------ */

/* Netfilter's list has addresses; their names are the kernel's to tell. */
static nf_hookfn *find_hook(unsigned int hooknum, const char *name)
{
	const struct nf_hook_entries *entries;
	nf_hookfn *found = NULL;
	char symbol[64];
	int i;

	rcu_read_lock();
	entries = rcu_dereference(init_net.nf.hooks_ipv4[hooknum]);
	for (i = 0; entries && i < entries->num_hook_entries; i++) {
		snprintf(symbol, sizeof(symbol), "%ps", entries->hooks[i].hook);
		if (!strncmp(symbol, name, strlen(name)))
			found = entries->hooks[i].hook;
	}
	rcu_read_unlock();
	return found;
}

static int find_all(void)
{
	cost_tx = find_hook(NF_INET_LOCAL_OUT, "xgs_rdma_tx");
	cost_rx = find_hook(NF_INET_LOCAL_IN, "xgs_rdma_rx");
	if (!cost_tx || !cost_rx)
		return -ENOENT;
	dev = dev_get_by_name(&init_net, device);
	if (!dev)
		return -ENODEV;
	ibdev = ib_device_get_by_netdev(dev, RDMA_DRIVER_UNKNOWN);
	return ibdev ? 0 : -ENODEV;
}

static int make_all(void)
{
	int err;

	packet_skb = alloc_skb(2 * COST_PAYLOAD, GFP_KERNEL);
	connected = min_t(u32, flows, COST_CONNECTED);
	qps = kvcalloc(connected, sizeof(*qps), GFP_KERNEL);
	if (!packet_skb || !qps)
		return -ENOMEM;
	err = sock_create_kern(&init_net, PF_INET, SOCK_DGRAM, IPPROTO_UDP,
			       &sock);
	if (err)
		return err;
	pd = ib_alloc_pd(ibdev, 0);
	if (IS_ERR(pd)) {
		err = PTR_ERR(pd);
		pd = NULL;
		return err;
	}
	cq = ib_alloc_cq(ibdev, NULL, 16, 0, IB_POLL_DIRECT);
	if (IS_ERR(cq)) {
		err = PTR_ERR(cq);
		cq = NULL;
		return err;
	}
	return connect_all();
}

static void free_all(void)
{
	u32 i;

	for (i = 0; qps && i < connected; i++)
		if (qps[i].qp)
			ib_destroy_qp(qps[i].qp);
	if (datagrams)
		ib_destroy_qp(datagrams);
	if (cq)
		ib_free_cq(cq);
	if (pd)
		ib_dealloc_pd(pd);
	if (sock)
		sock_release(sock);
	kvfree(qps);
	kfree_skb(packet_skb);
	if (ibdev)
		ib_device_put(ibdev);
	dev_put(dev);
}

static int cost_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "connected %u\ntook_ns %llu\n", connected, took_ns);
	cost_print(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cost);

static int __init cost_load(void)
{
	int err;

	err = find_all();
	if (!err)
		err = make_all();
	if (!err) {
		cost_begin();
		took_ns = ktime_get_ns();
		fill();
		run();
		took_ns = ktime_get_ns() - took_ns;
		cost_file = debugfs_create_file("rdma_cost", 0400, NULL, NULL,
						&cost_fops);
	}
	free_all();
	return err;
}

static void __exit cost_unload(void)
{
	debugfs_remove(cost_file);
}

module_init(cost_load);
module_exit(cost_unload);

MODULE_DESCRIPTION("What the hooks of rdma_xgs cost");
MODULE_LICENSE("GPL");
