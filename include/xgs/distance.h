/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The distance model: what a stream of RTT samples says about how far away a
 * peer is. Pure arithmetic, no kernel state.
 */
#ifndef _XGS_DISTANCE_H
#define _XGS_DISTANCE_H

#include <linux/types.h>
#include <linux/win_minmax.h>

/* The longest base RTT that the control laws compute with, microseconds. */
#define XGS_RTT_MAX_US	1000000U

/**
 * enum xgs_band - named ranges of base RTT
 * @XGS_BAND_RACK:	below 200 us
 * @XGS_BAND_CAMPUS:	below 1 ms
 * @XGS_BAND_METRO:	below 5 ms
 * @XGS_BAND_REGION:	below 20 ms
 * @XGS_BAND_CONTINENT:	below 80 ms
 * @XGS_BAND_GLOBAL:	everything farther
 * @XGS_BAND_COUNT:	how many there are
 *
 * Bands serve telemetry and an operator's overrides. The control laws are
 * continuous in base RTT and do not know them.
 */
enum xgs_band {
	XGS_BAND_RACK,
	XGS_BAND_CAMPUS,
	XGS_BAND_METRO,
	XGS_BAND_REGION,
	XGS_BAND_CONTINENT,
	XGS_BAND_GLOBAL,
	XGS_BAND_COUNT
};

/**
 * struct xgs_base_rtt - windowed minimum of RTT samples
 * @inverse: windowed maximum of the samples' complement; zero until the first
 *	sample. The kernel exports only the maximum of its win_minmax filter to
 *	modules on every version, and max(~x) is ~min(x).
 */
struct xgs_base_rtt {
	struct minmax inverse;
};

u32 xgs_base_rtt_update(struct xgs_base_rtt *base, u32 window_ms, u32 now_ms,
			u32 rtt_us);
u32 xgs_base_rtt_reset(struct xgs_base_rtt *base, u32 now_ms, u32 rtt_us);
u32 xgs_base_rtt_get(const struct xgs_base_rtt *base);

enum xgs_band xgs_band_of(u32 base_rtt_us);
const char *xgs_band_name(enum xgs_band band);
u32 xgs_band_floor_us(enum xgs_band band);
u32 xgs_distance_km(u32 base_rtt_us);

#endif /* _XGS_DISTANCE_H */
