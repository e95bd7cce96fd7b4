/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A port of mlx5 and its congestion control parameters in debugfs. See port.c.
 */
#ifndef _XGSCTL_PORT_H
#define _XGSCTL_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "mlx5.h"

#define PORT_PATH	4096

/**
 * struct port - a port, which is a PCI function
 * @name: of the function, as 0000:3b:00.0
 * @folder: its folder in sysfs
 * @params: its parameters' folder
 * @state: the file that has what was there before
 * @lock: holds others off; -1 if it does not
 * @mine: parameters that may be written, a bit each
 * @saved: what was there before
 * @is_saved: @saved is, and @state too
 * @why: what went wrong, for people
 */
struct port {
	char name[64];
	char folder[PORT_PATH];
	char params[PORT_PATH];
	char state[PORT_PATH];
	int lock;
	unsigned int mine;
	uint32_t saved[MLX5_PARAMS];
	bool is_saved;
	char why[2 * PORT_PATH];
};

int port_find(struct port *port, const char *sysfs, const char *device);
int port_lock(struct port *port, const char *state);
int port_speed(struct port *port, uint32_t *mbps);
int port_read(struct port *port, uint32_t values[MLX5_PARAMS]);
int port_load(struct port *port);
int port_save(struct port *port, const uint32_t values[MLX5_PARAMS]);
int port_write(struct port *port, const uint32_t from[MLX5_PARAMS],
	       const uint32_t to[MLX5_PARAMS]);
int port_restore(struct port *port);

#endif /* _XGSCTL_PORT_H */
