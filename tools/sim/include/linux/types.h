/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pure files of the modules take from the kernel, for programs. */
#ifndef _SIM_LINUX_TYPES_H
#define _SIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

typedef u16 __be16;
typedef u32 __be32;
typedef u32 __le32;

#define __packed __attribute__((packed))
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif /* _SIM_LINUX_TYPES_H */
