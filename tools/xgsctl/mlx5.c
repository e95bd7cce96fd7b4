// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mlx5's firmware runs DCQCN with clocks of its own, which debugfs shows
 * (drivers/infiniband/hw/mlx5/cong.c). Its defaults are for the feedback of one
 * site: a cut every 4 us at most, alpha's update every microsecond, an increase
 * every 300 us or 32767 bytes.
 *
 * The distance-aware law of rdma_xgs (rdma_xgs/engine.c) says what those clocks
 * should be: nothing faster than feedback. With the epoch
 *
 *	E = 1.25 R + 50 us
 *
 * a cut looks at one epoch, alpha at its quarters, and half an epoch passes
 * between increases. Bytes count for nothing: that clock would go faster the
 * faster a flow is, at any distance. Without memory of the rate from which
 * many cuts came (clamp_tgt_rate), increases begin where the cut ended.
 *
 * An increase is 1/512 of the line: less makes shorter queues, but it takes
 * hundreds of them to fill a link that others have left. Documentation/rdma.rst
 * has what all this does in simulation.
 *
 * The device's configuration has 17 bits for time_reset and dce_tcp_rtt.
 */
#include "mlx5.h"

#define TIME_RESET_LEAST	300U
#define USEC_17_BITS		131071U
#define AI_RATE_LEAST		5U
#define AI_RATE_SHIFT		9

const char * const mlx5_param_names[MLX5_PARAMS] = {
	[MLX5_BYTE_RESET]	= "rp_byte_reset",
	[MLX5_RATE_REDUCE_MONITOR_PERIOD] = "rp_rate_reduce_monitor_period",
	[MLX5_CLAMP_TGT_RATE]	= "rp_clamp_tgt_rate",
	[MLX5_TIME_RESET]	= "rp_time_reset",
	[MLX5_DCE_TCP_RTT]	= "rp_dce_tcp_rtt",
	[MLX5_AI_RATE]		= "rp_ai_rate",
};

static uint32_t clamp_u32(uint32_t value, uint32_t least, uint32_t most)
{
	return value < least ? least : value > most ? most : value;
}

/**
 * mlx5_params_for() - a port's parameters at a distance
 * @rtt_us: base RTT, microseconds, taken as MLX5_RTT_MAX_US beyond that
 * @line_mbps: the port's rate, Mbit/s
 * @values: where they go
 */
void mlx5_params_for(uint32_t rtt_us, uint32_t line_mbps,
		     uint32_t values[MLX5_PARAMS])
{
	uint32_t rtt = clamp_u32(rtt_us, 1, MLX5_RTT_MAX_US);
	uint32_t epoch = rtt + rtt / 4 + 50;

	values[MLX5_BYTE_RESET] = 0;
	values[MLX5_RATE_REDUCE_MONITOR_PERIOD] = epoch;
	values[MLX5_CLAMP_TGT_RATE] = 1;
	values[MLX5_TIME_RESET] = clamp_u32(epoch / 2, TIME_RESET_LEAST,
					    USEC_17_BITS);
	values[MLX5_DCE_TCP_RTT] = clamp_u32(epoch / 4, 1, USEC_17_BITS);
	values[MLX5_AI_RATE] = clamp_u32(line_mbps >> AI_RATE_SHIFT,
					 AI_RATE_LEAST, UINT32_MAX);
}
