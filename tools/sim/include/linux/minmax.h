/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_MINMAX_H
#define _SIM_LINUX_MINMAX_H

/* That the types go together is what the kernel's own check. */
#define sim_pick(a, b, op) ({			\
	__auto_type _a = (a);			\
	__auto_type _b = (b);			\
						\
	_a op _b ? _a + 0 * _b : _b + 0 * _a;	\
})
#define min(a, b)		sim_pick(a, b, <)
#define max(a, b)		sim_pick(a, b, >)
#define min3(a, b, c)		min(min(a, b), c)
#define max3(a, b, c)		max(max(a, b), c)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(value, lo, hi)	min(max(value, lo), hi)
#define clamp_t(type, value, lo, hi) \
	min_t(type, max_t(type, value, lo), hi)

#endif /* _SIM_LINUX_MINMAX_H */
