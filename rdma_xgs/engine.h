/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rate engine of rdma_xgs: pure arithmetic, no kernel state. engine.c
 * explains it.
 */
#ifndef _RDMA_XGS_ENGINE_H
#define _RDMA_XGS_ENGINE_H

#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

/* alpha and fractions of an epoch: 2^-20. */
#define XGS_RP_ONE_SHIFT	20
#define XGS_RP_ONE		1048576U
/* The part of a rate that a cycle has taken: 2^-24. */
#define XGS_RP_TAKEN_SHIFT	24
/* The engine's fastest rate, bytes per second: 1.6 Tbit/s. */
#define XGS_RP_RATE_MAX		200000000000ULL
/* Its slowest minimum: a packet of 4096 bytes takes 65 ms. */
#define XGS_RP_RATE_MIN		62500ULL
/* The longest base RTT that it computes with, microseconds. */
#define XGS_RP_RTT_MAX_US	1000000U
/* Timer periods that a flow left alone catches up with. */
#define XGS_RP_CATCH_UP		64

/**
 * enum xgs_rp_profile - which law
 * @XGS_RP_DCQCN: DCQCN as published, at every distance
 * @XGS_RP_XGS: the same up to near_us, the distance-aware law beyond
 */
enum xgs_rp_profile {
	XGS_RP_DCQCN,
	XGS_RP_XGS,
};

/**
 * struct xgs_rp_params - what an operator may tune
 * @line_rate: the port's rate, bytes per second, up to XGS_RP_RATE_MAX
 * @min_rate: no flow is slower, bytes per second, from XGS_RP_RATE_MIN
 * @ai_rate: DCQCN's R_AI, bytes per second
 * @hai_rate: DCQCN's R_HAI, bytes per second
 * @byte_reset: DCQCN's B, bytes per event of the byte counter
 * @time_reset_us: DCQCN's T, microseconds per event of the rate timer
 * @alpha_us: DCQCN's K, microseconds without a CNP after which alpha decays
 * @threshold: DCQCN's F, events of fast recovery
 * @g_shift: DCQCN's g is 2^-g_shift
 * @cnp_us: the NP's least time between two CNPs of a QP, microseconds
 * @mtu: bytes per packet
 * @near_us: the base RTT, and what packets wait before they leave, up to which
 *	a flow runs DCQCN, microseconds
 * @epoch_pct: the epoch over the base RTT, per cent
 * @start_shift: a far flow begins at 2^-start_shift of the line rate,
 * @start_bytes: but with no more than this in flight, bytes
 * @profile: which law
 */
struct xgs_rp_params {
	u64 line_rate;
	u64 min_rate;
	u64 ai_rate;
	u64 hai_rate;
	u64 byte_reset;
	u32 time_reset_us;
	u32 alpha_us;
	u32 threshold;
	u32 g_shift;
	u32 cnp_us;
	u32 mtu;
	u32 near_us;
	u32 epoch_pct;
	u32 start_shift;
	u32 start_bytes;
	enum xgs_rp_profile profile;
};

/**
 * struct xgs_rp - the reaction point of one flow
 * @rate: RC, the rate to send at, bytes per second
 * @target: near: RT, bytes per second; far: the rate before the last
 *	congestion
 * @ref: the rate when the epoch began, bytes per second
 * @goal: the rate that a flow far below its share goes to, bytes per second; 0
 *	for none
 * @bytes: sent since the byte counter's last event, or since the epoch began
 * @timer_at: next event of the rate timer, or the epoch's end, ns
 * @alpha_at: next decay of alpha, ns
 * @added: what this cycle's epochs added to the rate, bytes per second
 * @added_avg: its average over cycles
 * @held_ns: how long packets of late waited before they left, ns
 * @unused_ns: for how long of this epoch the flow had nothing to send, ns
 * @taken: the part of the rate that this cycle's CNPs took, 2^-24
 * @taken_avg: its average over cycles
 * @base_us: base RTT, microseconds
 * @epoch_us: how long this epoch is, microseconds; 0: near, the flow runs DCQCN
 * @alpha: DCQCN's alpha, 2^-20
 * @slots: how many CNPs this epoch can have
 * @cnps: how many it had
 * @time_stage: events of the rate timer since the last CNP
 * @byte_stage: events of the byte counter since the last CNP
 * @marked: epochs with a CNP in this cycle
 * @start: no CNP yet
 * @grown: the start has raised the rate
 * @clean: the last epoch had no CNP
 * @skip: this cycle began with the flow itself and tells nothing
 * @lost: this epoch's loss has been answered
 *
 * Near and far flows are one structure, so that a path may change its length.
 */
struct xgs_rp {
	u64 rate;
	u64 target;
	u64 ref;
	u64 goal;
	u64 bytes;
	u64 timer_at;
	u64 alpha_at;
	u64 added;
	u64 added_avg;
	u64 held_ns;
	u64 unused_ns;
	u32 taken;
	u32 taken_avg;
	u32 base_us;
	u32 epoch_us;
	u32 alpha;
	u32 slots;
	u32 cnps;
	u8 time_stage;
	u8 byte_stage;
	u8 marked;
	u8 start:1,
	   grown:1,
	   clean:1,
	   skip:1,
	   lost:1;
};

void xgs_rp_params_init(struct xgs_rp_params *params,
			enum xgs_rp_profile profile, u64 line_rate);
bool xgs_rp_params_valid(const struct xgs_rp_params *params);

u32 xgs_rp_epoch_us(const struct xgs_rp_params *params, u32 base_us, u64 rate);
u64 xgs_rp_step(u64 rate, u64 line_rate);
u64 xgs_rp_fast_step(u64 step, u32 us);
u64 xgs_rp_fair_rate(u64 added, u32 taken, u64 ref, u64 line_rate);

void xgs_rp_init(struct xgs_rp *rp, const struct xgs_rp_params *params,
		 u32 base_us, u64 now);
void xgs_rp_set_base(struct xgs_rp *rp, const struct xgs_rp_params *params,
		     u32 base_us, u64 now);
void xgs_rp_advance(struct xgs_rp *rp, const struct xgs_rp_params *params,
		    u64 now);
void xgs_rp_near_sent(struct xgs_rp *rp, const struct xgs_rp_params *params);
u64 xgs_rp_near_gap(const struct xgs_rp *rp, const struct xgs_rp_params *params,
		    u64 from, u32 bytes);
void xgs_rp_unused(struct xgs_rp *rp, const struct xgs_rp_params *params,
		   u64 since, u64 now);
void xgs_rp_held(struct xgs_rp *rp, const struct xgs_rp_params *params, u64 ns,
		 u64 now);
void xgs_rp_capped(struct xgs_rp *rp, const struct xgs_rp_params *params,
		   u64 early, u64 lead);
void xgs_rp_cnp(struct xgs_rp *rp, const struct xgs_rp_params *params,
		u64 now);
void xgs_rp_lost(struct xgs_rp *rp, const struct xgs_rp_params *params,
		 u64 now);

/**
 * xgs_rp_sent() - packets have been sent
 * @rp: the flow's state
 * @params: the operator's, valid
 * @bytes: how much
 * @now: the caller's clock, ns
 *
 * For most packets no period ends.
 */
static inline void xgs_rp_sent(struct xgs_rp *rp,
			       const struct xgs_rp_params *params, u32 bytes,
			       u64 now)
{
	if (now >= rp->timer_at || (!rp->epoch_us && now >= rp->alpha_at))
		xgs_rp_advance(rp, params, now);
	rp->bytes += bytes;
	if (!rp->epoch_us && rp->bytes >= params->byte_reset)
		xgs_rp_near_sent(rp, params);
}

/**
 * xgs_rp_gap() - how long a packet takes that leaves later
 * @rp: the flow's state
 * @params: the operator's, valid
 * @from: when it leaves, ns
 * @bytes: how much, at most 65535
 *
 * Return: ns; near at the rates that come if no CNP does.
 */
static inline u64 xgs_rp_gap(const struct xgs_rp *rp,
			     const struct xgs_rp_params *params, u64 from,
			     u32 bytes)
{
	u64 gap = div64_u64((u64)bytes * NSEC_PER_SEC, rp->rate);

	if (rp->epoch_us || from + gap < rp->timer_at ||
	    rp->rate + 1 >= params->line_rate)
		return gap;
	return xgs_rp_near_gap(rp, params, from, bytes);
}

#endif /* _RDMA_XGS_ENGINE_H */
