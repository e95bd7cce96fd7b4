/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_LIMITS_H
#define _SIM_LINUX_LIMITS_H

#include <linux/types.h>

#define U8_MAX		((u8)~0U)
#define U16_MAX		((u16)~0U)
#define U32_MAX		0xffffffffU
#define U64_MAX		0xffffffffffffffffULL

#endif /* _SIM_LINUX_LIMITS_H */
