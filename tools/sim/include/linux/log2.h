/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_LOG2_H
#define _SIM_LINUX_LOG2_H

#include <linux/bitops.h>

#define ilog2(x)	(fls64(x) - 1)

#endif /* _SIM_LINUX_LOG2_H */
