/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion notification packets, read and written. Pure: no kernel state.
 */
#ifndef _RDMA_XGS_CNP_H
#define _RDMA_XGS_CNP_H

#include <linux/types.h>

#include "packet.h"

/* UDP, BTH, 16 bytes of zeroes, ICRC. */
#define XGS_CNP_UDP_SIZE	40U
#define XGS_CNP_SIZE_MAX	(sizeof(struct xgs_ipv6) + XGS_CNP_UDP_SIZE)

/**
 * enum xgs_cnp_fault - what is wrong with a CNP
 * @XGS_CNP_GOOD: nothing
 * @XGS_CNP_SHAPE: its length, BECN, padding or reserved bytes
 * @XGS_CNP_ICRC: its ICRC
 */
enum xgs_cnp_fault {
	XGS_CNP_GOOD,
	XGS_CNP_SHAPE,
	XGS_CNP_ICRC,
};

/**
 * struct xgs_cnp - a CNP to be written
 * @source: sender's address, IPv4 in the first four bytes
 * @destination: receiver's address
 * @dqpn: the QP that shall slow down
 * @port: UDP source port, which chooses among equal paths
 * @tos: traffic class: DSCP and ECN
 * @hops: TTL or hop limit
 * @ipv6: the addresses are IPv6
 */
struct xgs_cnp {
	u8 source[16];
	u8 destination[16];
	u32 dqpn;
	u16 port;
	u8 tos;
	u8 hops;
	bool ipv6;
};

u32 xgs_cnp_size(bool ipv6);
void xgs_cnp_write(void *data, const struct xgs_cnp *cnp);
enum xgs_cnp_fault xgs_cnp_check(const void *data,
				 const struct xgs_packet *packet,
				 bool verify_icrc);
bool xgs_cnp_is_due(u64 *next, u64 now, u64 interval);

#endif /* _RDMA_XGS_CNP_H */
