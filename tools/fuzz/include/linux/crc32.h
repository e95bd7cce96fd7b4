/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _FUZZ_LINUX_CRC32_H
#define _FUZZ_LINUX_CRC32_H

#include <linux/types.h>

static inline u32 crc32_le(u32 crc, const unsigned char *bytes, size_t length)
{
	int bit;

	while (length--) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

#endif /* _FUZZ_LINUX_CRC32_H */
