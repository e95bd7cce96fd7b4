/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_MINMAX_H
#define _SIM_LINUX_MINMAX_H

#include <assert.h>

/* As strict about types as the kernel's. */
#define sim_pick(a, b, op) ({				\
	__auto_type _a = (a);				\
	__auto_type _b = (b);				\
							\
	static_assert(__builtin_types_compatible_p(	\
			__typeof__(_a), __typeof__(_b)), "types differ"); \
	_a op _b ? _a : _b;				\
})
#define min(a, b)		sim_pick(a, b, <)
#define max(a, b)		sim_pick(a, b, >)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(value, lo, hi)	min(max(value, lo), hi)
#define clamp_t(type, value, lo, hi) \
	min_t(type, max_t(type, value, lo), hi)

#endif /* _SIM_LINUX_MINMAX_H */
