/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _FUZZ_ASM_BYTEORDER_H
#define _FUZZ_ASM_BYTEORDER_H

#include <endian.h>

#define be16_to_cpu(x)	be16toh(x)
#define be32_to_cpu(x)	be32toh(x)
#define le32_to_cpu(x)	le32toh(x)
#define cpu_to_be16(x)	htobe16(x)
#define cpu_to_be32(x)	htobe32(x)
#define cpu_to_le32(x)	htole32(x)

#endif /* _FUZZ_ASM_BYTEORDER_H */
