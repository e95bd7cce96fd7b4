// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the QP that a received packet's number means.
 *
 * The RDMA core knows all QPs and may sleep while it tells, so hooks leave
 * questions in a queue of fixed size and a work item answers them. A QP counts
 * if it is connected to the packet's sender. A question is not asked again
 * within a second, so that packets to QPs that do not exist cost little; that
 * memory is of fixed size too, and who overwrites it only asks again. And a
 * peer has but a share of the queue, so that its packets to no QP leave room
 * for others'.
 *
 * The reference that finding a QP takes is given back at once: it would hold up
 * whoever destroys it.
 */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/kfifo.h>
#include <linux/random.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <rdma/ib_verbs.h>
#include <rdma/restrack.h>

#include "rdma_xgs.h"
#include "trace.h"

#define XGS_QUESTIONS		256
#define XGS_QUESTIONS_SHARE	32
#define XGS_PEERS		256
#define XGS_ASKED		1024
#define XGS_ASKED_FOR		HZ

/* A QP, or with number 0 what there is to know about a device. */
struct xgs_question {
	struct net *net;
	int ifindex;
	u8 peer;
	struct xgs_flow_key key;
};

static DEFINE_KFIFO(xgs_questions, struct xgs_question, XGS_QUESTIONS);

static struct {
	u32 hash;
	unsigned long until;
} xgs_asked[XGS_ASKED];

/* Questions in the queue, by a hash of the peer they are about. */
static u8 xgs_waiting[XGS_PEERS];

/* Serialises those who ask, and xgs_waiting. */
static DEFINE_SPINLOCK(xgs_ask_lock);
static u32 xgs_asked_seed;
static struct workqueue_struct *xgs_resolver;

static void xgs_answer(struct work_struct *work);
static DECLARE_WORK(xgs_answer_work, xgs_answer);

/* An IPv6 host has a network's worth of addresses. */
static u8 xgs_peer_of(const struct in6_addr *remote)
{
	if (ipv6_addr_v4mapped(remote))
		return jhash_1word((__force u32)remote->s6_addr32[3],
				   xgs_asked_seed) % XGS_PEERS;
	return jhash_2words((__force u32)remote->s6_addr32[0],
			    (__force u32)remote->s6_addr32[1],
			    xgs_asked_seed) % XGS_PEERS;
}

static void xgs_ask(struct xgs_question *question)
{
	u32 hash = jhash2((const u32 *)&question->key,
			  sizeof(question->key) / sizeof(u32),
			  xgs_asked_seed + question->ifindex);
	bool asked, full = false;

	question->peer = xgs_peer_of(&question->key.remote);
	spin_lock_bh(&xgs_ask_lock);
	asked = xgs_asked[hash % XGS_ASKED].hash == hash &&
		time_before(jiffies, xgs_asked[hash % XGS_ASKED].until);
	if (!asked) {
		full = xgs_waiting[question->peer] >= XGS_QUESTIONS_SHARE ||
		       !kfifo_put(&xgs_questions, *question);
		if (!full) {
			xgs_waiting[question->peer]++;
			xgs_asked[hash % XGS_ASKED].hash = hash;
			xgs_asked[hash % XGS_ASKED].until = jiffies +
							    XGS_ASKED_FOR;
		}
	}
	spin_unlock_bh(&xgs_ask_lock);
	if (full)
		xgs_rdma_count(XGS_RDMA_RESOLVE_FULL);
	if (!asked)
		queue_work(xgs_resolver, &xgs_answer_work);
}

/**
 * xgs_resolve_qp() - ask for a local QP
 * @net: the network namespace
 * @dev: where the packet came in
 * @key: the QP's number and both addresses
 *
 * Once it is found, xgs_qp_find() finds it. Any context.
 */
void xgs_resolve_qp(struct net *net, const struct net_device *dev,
		    const struct xgs_flow_key *key)
{
	struct xgs_question question = {
		.net = net,
		.ifindex = dev->ifindex,
		.key = *key,
	};

	xgs_ask(&question);
}

/**
 * xgs_resolve_inspect() - have a device's port and queues looked at
 * @net: the network namespace
 * @dev: the network device
 *
 * At most once a second. Any context.
 */
void xgs_resolve_inspect(struct net *net, const struct net_device *dev)
{
	struct xgs_question question = {
		.net = net,
		.ifindex = dev->ifindex,
	};

	xgs_ask(&question);
}

static bool xgs_is_connected_to(const struct ib_qp_attr *attr,
				const struct in6_addr *peer)
{
	const union ib_gid *gid = &attr->ah_attr.grh.dgid;

	return rdma_ah_get_ah_flags(&attr->ah_attr) & IB_AH_GRH &&
	       !memcmp(gid->raw, peer, sizeof(gid->raw));
}

/* Fill in what an existing QP says. */
static bool xgs_query_qp(struct ib_qp *qp, struct xgs_qp *found)
{
	struct ib_qp_init_attr init;
	struct ib_qp_attr attr = {};

	if (qp->qp_type == IB_QPT_UD) {
		found->datagram = true;
		return true;
	}
	if (qp->qp_type != IB_QPT_RC && qp->qp_type != IB_QPT_UC)
		return false;
	if (ib_query_qp(qp, &attr, IB_QP_STATE | IB_QP_AV | IB_QP_DEST_QPN,
			&init) || attr.qp_state < IB_QPS_RTR ||
	    attr.qp_state > IB_QPS_SQE)
		return false;
	found->remote_qpn = attr.dest_qp_num;
	/* 4.096 us times 2^timeout; 0 is infinity */
	if (attr.timeout && qp->qp_type == IB_QPT_RC)
		found->timeout = 4096ULL << attr.timeout;
	return xgs_is_connected_to(&attr, &found->key.remote);
}

static bool xgs_find_qp(struct ib_device *ibdev, struct xgs_qp *found)
{
	struct rdma_restrack_entry *entry;
	bool known;

	entry = rdma_restrack_get_byid(ibdev, RDMA_RESTRACK_QP, found->key.qpn);
	if (IS_ERR(entry))
		return false;
	known = xgs_query_qp(container_of(entry, struct ib_qp, res), found);
	rdma_restrack_put(entry);
	return known;
}

static void xgs_answer_one(const struct xgs_question *question,
			   struct net_device *dev)
{
	struct xgs_qp found = { .key = question->key };
	struct xgs_rdma_device *device;
	struct ib_device *ibdev;
	bool known;

	rcu_read_lock();
	ibdev = xgs_rdma_device_get(dev, &device);
	rcu_read_unlock();
	if (!ibdev)
		return;
	/* Its removal waits for this work to end. */
	if (!question->key.qpn) {
		xgs_rdma_device_inspect(device, dev);
	} else {
		found.device = device;
		known = xgs_find_qp(ibdev, &found);
		trace_xgs_rdma_resolve(question->key.qpn, found.remote_qpn,
				       known);
		if (known && !xgs_qp_add(&found))
			xgs_rdma_count(XGS_RDMA_RESOLVED);
		else if (!known)
			xgs_rdma_count(XGS_RDMA_RESOLVE_UNKNOWN);
	}
	ib_device_put(ibdev);
}

static void xgs_answer(struct work_struct *work)
{
	struct xgs_question question;
	struct net_device *dev;

	while (kfifo_get(&xgs_questions, &question)) {
		spin_lock_bh(&xgs_ask_lock);
		xgs_waiting[question.peer]--;
		spin_unlock_bh(&xgs_ask_lock);
		dev = dev_get_by_index(question.net, question.ifindex);
		if (!dev)
			continue;
		xgs_answer_one(&question, xgs_rdma_real_dev(dev));
		dev_put(dev);
		cond_resched();
	}
}

/**
 * xgs_resolve_flush() - have all questions answered
 *
 * Nobody asks any more about what the caller is going to take away.
 */
void xgs_resolve_flush(void)
{
	flush_work(&xgs_answer_work);
}

/**
 * xgs_resolve_init() - make ready to answer
 *
 * Return: 0, or -ENOMEM.
 */
int xgs_resolve_init(void)
{
	xgs_asked_seed = get_random_u32();
	xgs_resolver = alloc_ordered_workqueue("xgs_rdma", 0);
	return xgs_resolver ? 0 : -ENOMEM;
}

/**
 * xgs_resolve_exit() - answer no more; nobody asks
 */
void xgs_resolve_exit(void)
{
	destroy_workqueue(xgs_resolver);
}
