/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_MATH_H
#define _SIM_LINUX_MATH_H

#include <linux/types.h>

static inline u32 int_sqrt64(u64 x)
{
	u64 root = 0, bit = 1ULL << 62;

	while (bit > x)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		u64 sum = root + bit;

		root >>= 1;
		if (x >= sum) {
			x -= sum;
			root += bit;
		}
	}
	return root;
}

#endif /* _SIM_LINUX_MATH_H */
