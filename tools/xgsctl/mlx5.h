/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the distance makes of mlx5's congestion control parameters. Pure: no
 * files. See mlx5.c.
 */
#ifndef _XGSCTL_MLX5_H
#define _XGSCTL_MLX5_H

#include <stdint.h>

/* Up to here ports keep the parameters that they have, as rdma_xgs's near_us. */
#define MLX5_NEAR_US	100U
/* The longest base RTT that is computed with, as that of rdma_xgs's engine. */
#define MLX5_RTT_MAX_US	1000000U

/**
 * enum mlx5_param - parameters that depend on the distance, by order of writing
 * @MLX5_BYTE_RESET: bytes between two increases; 0 for never
 * @MLX5_RATE_REDUCE_MONITOR_PERIOD: least time between two cuts, microseconds
 * @MLX5_CLAMP_TGT_RATE: every cut is one of the target rate, too
 * @MLX5_TIME_RESET: time between two increases, microseconds
 * @MLX5_DCE_TCP_RTT: time between two updates of alpha, microseconds
 * @MLX5_AI_RATE: what an increase adds to the target rate, Mbit/s
 * @MLX5_PARAMS: how many there are
 */
enum mlx5_param {
	MLX5_BYTE_RESET,
	MLX5_RATE_REDUCE_MONITOR_PERIOD,
	MLX5_CLAMP_TGT_RATE,
	MLX5_TIME_RESET,
	MLX5_DCE_TCP_RTT,
	MLX5_AI_RATE,
	MLX5_PARAMS
};

extern const char * const mlx5_param_names[MLX5_PARAMS];

void mlx5_params_for(uint32_t rtt_us, uint32_t line_mbps,
		     uint32_t values[MLX5_PARAMS]);

#endif /* _XGSCTL_MLX5_H */
