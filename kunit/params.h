/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The corners of what an operator may set in /sys/kernel/xgs/tcp, for tests
 * that must hold whatever is set.
 */
#ifndef _XGS_KUNIT_PARAMS_H
#define _XGS_KUNIT_PARAMS_H

#include <kunit/test.h>
#include <linux/string.h>

#include "../tcp_xgs/law.h"

static const struct xgs_corner {
	const char *name;
	u32 delay_target_pct;
	u32 gain_pct;
	u32 loss_limit_ppm;
	u32 relearn_rounds;
	u32 min_cwnd;
} xgs_corners[] = {
	{ "default", 100, 100, 20000, 4, 2 },
	{ "lowest delay", 25, 100, 20000, 4, 2 },
	{ "highest delay", 400, 100, 20000, 4, 2 },
	{ "slowest", 100, 25, 20000, 4, 2 },
	{ "fastest", 100, 400, 20000, 4, 2 },
	{ "least loss", 100, 100, 1000, 1, 2 },
	{ "most loss", 100, 100, 200000, 64, 64 },
	{ "all minima", 25, 25, 1000, 0, 2 },
	{ "all maxima", 400, 400, 200000, 64, 64 },
};

static void xgs_corner_describe(const struct xgs_corner *corner, char *desc)
{
	strscpy(desc, corner->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(xgs_corner, xgs_corners, xgs_corner_describe);

/* The parameters of the corner that a test runs at. */
static struct xgs_law_params xgs_corner_params(const struct kunit *test)
{
	const struct xgs_corner *corner = test->param_value;
	struct xgs_law_params params = XGS_LAW_PARAMS_DEFAULT;

	params.delay_target_pct = corner->delay_target_pct;
	params.gain_pct = corner->gain_pct;
	params.loss_limit_ppm = corner->loss_limit_ppm;
	params.relearn_rounds = corner->relearn_rounds;
	params.min_cwnd = corner->min_cwnd;
	return params;
}

#endif /* _XGS_KUNIT_PARAMS_H */
