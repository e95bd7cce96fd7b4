/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_KERNEL_H
#define _SIM_LINUX_KERNEL_H

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define DIV_ROUND_UP_ULL(a, b) ({	\
	u64 _by = (b);			\
					\
	((a) + _by - 1) / _by;		\
})

#endif /* _SIM_LINUX_KERNEL_H */
