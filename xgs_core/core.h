/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of xgs_core share among themselves.
 */
#ifndef _XGS_CORE_H
#define _XGS_CORE_H

#include <linux/kobject.h>

#include "../include/xgs/distance.h"

struct xgs_table;

#define XGS_MAX_PATHS_MIN	16U
#define XGS_MAX_PATHS_DEFAULT	65536U
#define XGS_MAX_PATHS_LIMIT	1048576U

/**
 * struct xgs_path_limits - what an operator sets about the path table
 * @max_paths: entries at most
 * @max_age_s: seconds an entry outlives the last flow that used it
 * @rtt_window_ms: length of the base RTT's window, milliseconds
 */
struct xgs_path_limits {
	u32 max_paths;
	u32 max_age_s;
	u32 rtt_window_ms;
};

extern struct xgs_path_limits xgs_path_limits;
extern u32 xgs_band_warm_start[XGS_BAND_COUNT];

int xgs_path_table_init(void);
void xgs_path_table_exit(void);
void xgs_path_flush(void);
u32 xgs_path_count(void);
u32 xgs_path_count_band(enum xgs_band band);
u64 xgs_path_rejected(void);

extern const struct xgs_table xgs_path_table;

int xgs_sysfs_init(void);
void xgs_sysfs_exit(void);

void xgs_debugfs_init(void);
void xgs_debugfs_exit(void);

#endif /* _XGS_CORE_H */
