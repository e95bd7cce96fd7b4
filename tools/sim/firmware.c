// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reaction point of a ConnectX, by what NVIDIA documents of its parameters
 * (mlxconfig; DOCA, "DCQCN CC Parameters"):
 *
 *	every dce_tcp_rtt: alpha = g alpha, and 1 - g more if a CNP has come
 *	every rate_reduce_monitor_period at most, if a CNP has come:
 *		RC = RC (1 - alpha / 2), but not below half of it
 *		RT = RC before, if clamp_tgt_rate or RC has been increased
 *		since; the counters start again
 *	every time_reset, every byte_reset: as in DCQCN, with F = 1
 *
 * Firmware is not open: this is a model of a description. byte_reset is taken
 * for units of 64 bytes. Were it bytes, as mlxconfig says, a fast flow would be
 * increased every few microseconds and never be slow.
 */
#include <math.h>

#include "firmware.h"

#define NS_PER_US	1000ULL
#define MBIT		125e3
#define BYTE_UNIT	64
/* dce_tcp_g, initial_alpha_value, rpg_threshold, rpg_hai_rate, rpg_min_rate */
#define G		(1019 / 1024.)
#define ALPHA		(1023 / 1024.)
#define THRESHOLD	1
#define HAI_RATE	(50 * MBIT)
#define MIN_RATE	(1 * MBIT)

/**
 * firmware_params_init() - the defaults
 * @params: where they go
 * @line: the port's rate, bytes per second
 */
void firmware_params_init(struct firmware_params *params, double line)
{
	*params = (struct firmware_params) {
		.line = line,
		.value = {
			[MLX5_BYTE_RESET] = 32767,
			[MLX5_RATE_REDUCE_MONITOR_PERIOD] = 4,
			[MLX5_CLAMP_TGT_RATE] = 0,
			[MLX5_TIME_RESET] = 300,
			[MLX5_DCE_TCP_RTT] = 1,
			[MLX5_AI_RATE] = 5,
		},
	};
}

/**
 * firmware_params_govern() - what the governor makes of them
 * @params: the defaults
 * @rtt: the port's longest base RTT, seconds
 */
void firmware_params_govern(struct firmware_params *params, double rtt)
{
	if (rtt * 1e6 > MLX5_NEAR_US)
		mlx5_params_for(rtt * 1e6, params->line / MBIT, params->value);
}

static uint64_t period(const struct firmware_params *params,
		       enum mlx5_param param)
{
	return params->value[param] * NS_PER_US;
}

static double clamp_rate(const struct firmware_params *params, double rate)
{
	return fmin(fmax(rate, MIN_RATE), params->line);
}

/**
 * firmware_init() - a flow begins, at the line rate
 * @rp: its state
 * @params: the port's
 */
void firmware_init(struct firmware_rp *rp, const struct firmware_params *params)
{
	*rp = (struct firmware_rp) {
		.rate = params->line,
		.target = params->line,
		.alpha = ALPHA,
	};
}

static void increase(struct firmware_rp *rp,
		     const struct firmware_params *params)
{
	uint32_t most = rp->by_time, least = rp->by_bytes;

	if (most < least) {
		most = rp->by_bytes;
		least = rp->by_time;
	}
	if (least > THRESHOLD)
		rp->target += (least - THRESHOLD) * HAI_RATE;
	else if (most > THRESHOLD)
		rp->target += params->value[MLX5_AI_RATE] * MBIT;
	rp->target = clamp_rate(params, rp->target);
	rp->rate = clamp_rate(params, (rp->rate + rp->target) / 2);
}

static void cut(struct firmware_rp *rp, const struct firmware_params *params,
		uint64_t now)
{
	if (params->value[MLX5_CLAMP_TGT_RATE] || rp->by_time || rp->by_bytes)
		rp->target = rp->rate;
	rp->rate = clamp_rate(params, rp->rate * (1 - rp->alpha / 2));
	rp->cnp = false;
	rp->by_time = 0;
	rp->by_bytes = 0;
	rp->bytes = 0;
	rp->cut_at = now + period(params, MLX5_RATE_REDUCE_MONITOR_PERIOD);
	rp->timer_at = now + period(params, MLX5_TIME_RESET);
}

/**
 * firmware_advance() - time has passed
 * @rp: the flow
 * @params: the port's
 * @now: ns
 */
void firmware_advance(struct firmware_rp *rp,
		      const struct firmware_params *params, uint64_t now)
{
	if (!rp->limited)
		return;
	while (now >= rp->alpha_at) {
		rp->alpha = G * rp->alpha + (rp->cnp_alpha ? 1 - G : 0);
		rp->cnp_alpha = false;
		rp->alpha_at += period(params, MLX5_DCE_TCP_RTT);
	}
	if (rp->cnp && now >= rp->cut_at)
		cut(rp, params, now);
	while (now >= rp->timer_at) {
		rp->by_time++;
		increase(rp, params);
		rp->timer_at += period(params, MLX5_TIME_RESET);
	}
}

/**
 * firmware_sent() - packets have been sent
 * @rp: the flow
 * @params: the port's
 * @bytes: how much
 * @now: ns
 */
void firmware_sent(struct firmware_rp *rp,
		   const struct firmware_params *params, double bytes,
		   uint64_t now)
{
	double reset = params->value[MLX5_BYTE_RESET] * BYTE_UNIT;

	firmware_advance(rp, params, now);
	if (!rp->limited || reset == 0)
		return;
	for (rp->bytes += bytes; rp->bytes >= reset; rp->bytes -= reset) {
		rp->by_bytes++;
		increase(rp, params);
	}
}

/**
 * firmware_cnp() - a CNP has arrived
 * @rp: the flow
 * @params: the port's
 * @now: ns
 */
void firmware_cnp(struct firmware_rp *rp,
		  const struct firmware_params *params, uint64_t now)
{
	if (!rp->limited) {
		rp->limited = true;
		rp->alpha_at = now + period(params, MLX5_DCE_TCP_RTT);
		rp->timer_at = now + period(params, MLX5_TIME_RESET);
	}
	firmware_advance(rp, params, now);
	rp->cnp = true;
	rp->cnp_alpha = true;
	firmware_advance(rp, params, now);
}
