/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_LINUX_WIN_MINMAX_H
#define _SIM_LINUX_WIN_MINMAX_H

#include <linux/types.h>

struct minmax {
	u32 max, next_at, next;
};

/* The maximum of one to two halves of a window; the kernel's keeps three. */
static inline u32 minmax_running_max(struct minmax *m, u32 window, u32 now,
				     u32 value)
{
	if (now - m->next_at > window / 2) {
		m->max = m->next;
		m->next = 0;
		m->next_at = now;
	}
	if (value > m->next)
		m->next = value;
	if (value > m->max)
		m->max = value;
	return m->max;
}

static inline u32 minmax_reset(struct minmax *m, u32 now, u32 value)
{
	*m = (struct minmax) { .max = value, .next_at = now,
			       .next = value };
	return value;
}

static inline u32 minmax_get(const struct minmax *m)
{
	return m->max;
}

#endif /* _SIM_LINUX_WIN_MINMAX_H */
