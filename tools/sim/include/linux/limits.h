/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_LIMITS_H
#define _SIM_LINUX_LIMITS_H

#define U8_MAX		0xffU
#define U16_MAX		0xffffU
#define U32_MAX		0xffffffffU
#define U64_MAX		0xffffffffffffffffULL

#endif /* _SIM_LINUX_LIMITS_H */
