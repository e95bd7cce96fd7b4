/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reaction point that mlx5's firmware is documented to be. See firmware.c.
 */
#ifndef _FIRMWARE_H
#define _FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "../xgsctl/mlx5.h"

/**
 * struct firmware_params - a port's parameters, and its rate
 * @value: those that depend on the distance
 * @line: bytes per second
 */
struct firmware_params {
	uint32_t value[MLX5_PARAMS];
	double line;
};

/**
 * struct firmware_rp - a flow
 * @rate: bytes per second
 * @target: of increases
 * @alpha: how congested the path is, up to 1
 * @alpha_at: when alpha is updated next, ns
 * @cut_at: when the rate may be cut next, ns
 * @timer_at: when time increases it next, ns
 * @bytes: sent since the last increase by bytes
 * @by_time: increases by time since the last cut
 * @by_bytes: increases by bytes since
 * @cnp: a CNP has not been answered by a cut
 * @cnp_alpha: one has come since the last update of alpha
 * @limited: a first one has come, ever
 */
struct firmware_rp {
	double rate;
	double target;
	double alpha;
	uint64_t alpha_at;
	uint64_t cut_at;
	uint64_t timer_at;
	double bytes;
	uint32_t by_time;
	uint32_t by_bytes;
	bool cnp;
	bool cnp_alpha;
	bool limited;
};

void firmware_params_init(struct firmware_params *params, double line);
void firmware_params_govern(struct firmware_params *params, double rtt);
void firmware_init(struct firmware_rp *rp,
		   const struct firmware_params *params);
void firmware_advance(struct firmware_rp *rp,
		      const struct firmware_params *params, uint64_t now);
void firmware_sent(struct firmware_rp *rp,
		   const struct firmware_params *params, double bytes,
		   uint64_t now);
void firmware_cnp(struct firmware_rp *rp,
		  const struct firmware_params *params, uint64_t now);

#endif /* _FIRMWARE_H */
