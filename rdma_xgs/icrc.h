/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The invariant CRC of a RoCEv2 packet. Pure: no kernel state.
 */
#ifndef _RDMA_XGS_ICRC_H
#define _RDMA_XGS_ICRC_H

#include <linux/types.h>

#include "packet.h"

u32 xgs_icrc(const void *data, const struct xgs_packet *packet);
bool xgs_icrc_valid(const void *data, const struct xgs_packet *packet);

#endif /* _RDMA_XGS_ICRC_H */
