// SPDX-License-Identifier: GPL-2.0
/*
 * The distance model: windowed base RTT, band, kilometres.
 *
 * The base RTT of a path is the smallest RTT seen within a window: queues only
 * ever add to it (the argument of BBR's RTprop: Cardwell et al., "BBR:
 * Congestion-Based Congestion Control", ACM Queue 14(5), 2016). The window
 * lets a path that was rerouted become longer.
 *
 * Light travels about 200 km/ms in fibre (refractive index 1.468, ITU-T
 * G.652), so one millisecond of RTT is at most 100 km of fibre one way.
 */
#include <linux/export.h>
#include <linux/kernel.h>

#include "../include/xgs/distance.h"

static const struct {
	const char *name;
	u32 floor_us;
} xgs_bands[XGS_BAND_COUNT] = {
	[XGS_BAND_RACK]		= { "rack",	     0 },
	[XGS_BAND_CAMPUS]	= { "campus",	   200 },
	[XGS_BAND_METRO]	= { "metro",	  1000 },
	[XGS_BAND_REGION]	= { "region",	  5000 },
	[XGS_BAND_CONTINENT]	= { "continent", 20000 },
	[XGS_BAND_GLOBAL]	= { "global",	 80000 },
};

/* 0 us is below the clock's granularity; ~U32_MAX would read as "none". */
static u32 xgs_rtt_invert(u32 rtt_us)
{
	return ~clamp(rtt_us, 1U, U32_MAX - 1);
}

/**
 * xgs_base_rtt_update() - feed one RTT sample to the windowed minimum
 * @base: the filter; all zero before its first sample
 * @window_ms: length of the window, milliseconds; with 0 only the samples
 *	of the newest millisecond count
 * @now_ms: time of the sample, milliseconds, free to wrap
 * @rtt_us: the sample, microseconds; 0 counts as 1
 *
 * The three-sample filter of lib/win_minmax.c: constant space and time, exact
 * for a minimum younger than the window.
 *
 * Return: the base RTT, microseconds, at least 1.
 */
u32 xgs_base_rtt_update(struct xgs_base_rtt *base, u32 window_ms, u32 now_ms,
			u32 rtt_us)
{
	u32 inverse = xgs_rtt_invert(rtt_us);

	if (!minmax_get(&base->inverse))
		return ~minmax_reset(&base->inverse, now_ms, inverse);
	return ~minmax_running_max(&base->inverse, window_ms, now_ms, inverse);
}
EXPORT_SYMBOL_GPL(xgs_base_rtt_update);

/**
 * xgs_base_rtt_reset() - forget the window and start from one sample
 * @base: the filter
 * @now_ms: time of the sample, milliseconds
 * @rtt_us: the sample, microseconds; 0 counts as 1
 *
 * For a path that is known to have become longer.
 *
 * Return: the base RTT, microseconds.
 */
u32 xgs_base_rtt_reset(struct xgs_base_rtt *base, u32 now_ms, u32 rtt_us)
{
	return ~minmax_reset(&base->inverse, now_ms, xgs_rtt_invert(rtt_us));
}
EXPORT_SYMBOL_GPL(xgs_base_rtt_reset);

/**
 * xgs_base_rtt_get() - read the windowed minimum
 * @base: the filter
 *
 * Return: the base RTT, microseconds; 0 while there is no sample.
 */
u32 xgs_base_rtt_get(const struct xgs_base_rtt *base)
{
	u32 inverse = minmax_get(&base->inverse);

	return inverse ? ~inverse : 0;
}
EXPORT_SYMBOL_GPL(xgs_base_rtt_get);

/**
 * xgs_band_of() - the band a base RTT belongs to
 * @base_rtt_us: base RTT, microseconds
 *
 * Return: the band whose floor is the highest not above @base_rtt_us.
 */
enum xgs_band xgs_band_of(u32 base_rtt_us)
{
	enum xgs_band band = XGS_BAND_GLOBAL;

	while (base_rtt_us < xgs_bands[band].floor_us)
		band--;
	return band;
}
EXPORT_SYMBOL_GPL(xgs_band_of);

/**
 * xgs_band_name() - the name of a band
 * @band: a band; anything else is a bug of the caller and reads "unknown"
 *
 * Return: a static string.
 */
const char *xgs_band_name(enum xgs_band band)
{
	if ((unsigned int)band >= XGS_BAND_COUNT)
		return "unknown";
	return xgs_bands[band].name;
}
EXPORT_SYMBOL_GPL(xgs_band_name);

/**
 * xgs_band_floor_us() - the smallest base RTT in a band
 * @band: a band, or XGS_BAND_COUNT for the end of the last one
 *
 * Return: microseconds; U32_MAX for XGS_BAND_COUNT and beyond.
 */
u32 xgs_band_floor_us(enum xgs_band band)
{
	if ((unsigned int)band >= XGS_BAND_COUNT)
		return U32_MAX;
	return xgs_bands[band].floor_us;
}
EXPORT_SYMBOL_GPL(xgs_band_floor_us);

/**
 * xgs_distance_km() - base RTT as one-way fibre kilometres
 * @base_rtt_us: base RTT, microseconds
 *
 * 100 km per millisecond of RTT: an upper bound of the geographic distance, as
 * equipment and detours also take time.
 *
 * Return: kilometres, rounded to the nearest.
 */
u32 xgs_distance_km(u32 base_rtt_us)
{
	return base_rtt_us / 10 + (base_rtt_us % 10 >= 5);
}
EXPORT_SYMBOL_GPL(xgs_distance_km);
