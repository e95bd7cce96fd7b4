// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A port's parameters, and what was there before.
 *
 * What was there is in a file before the first parameter is written, and the
 * file goes when all of it is back. So whatever happens in between, the next
 * start or --restore finds it. The file is replaced, never changed.
 *
 * Functions return 0 or a negative error, and leave in port->why what a person
 * should read about it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <json-c/json.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port.h"

#define DRIVER		"mlx5_core"
#define STATE_VERSION	1

static int fail(struct port *port, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct port *port, int err, const char *format, ...)
{
	va_list words;

	va_start(words, format);
	vsnprintf(port->why, sizeof(port->why), format, words);
	va_end(words);
	return err;
}

static bool is_mine(const struct port *port, enum mlx5_param param)
{
	return port->mine & 1U << param;
}

/* -- files --------------------------------------------------------------- */

static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int err;

	if (fd < 0)
		return -errno;
	got = read(fd, text, size - 1);
	err = got < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	text[got] = '\0';
	return 0;
}

static int read_number(const char *path, uint32_t *value)
{
	unsigned long long number;
	char text[32], *end;
	int err;

	err = read_text(path, text, sizeof(text));
	if (err)
		return err;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || (*end && *end != '\n') ||
	    *text == '-' || number > UINT32_MAX)
		return -EBADMSG;
	*value = number;
	return 0;
}

static int write_all(int fd, const char *text, size_t size)
{
	ssize_t put = write(fd, text, size);

	if (put < 0)
		return -errno;
	return (size_t)put < size ? -ENOSPC : 0;
}

static int write_number(const char *path, uint32_t value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	char text[16];
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, snprintf(text, sizeof(text), "%u\n", value));
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int join(char path[PORT_PATH], const char *folder, const char *name)
{
	int size = snprintf(path, PORT_PATH, "%s/%s", folder, name);

	return size < PORT_PATH ? 0 : -ENAMETOOLONG;
}

/* -- which port ---------------------------------------------------------- */

/* A link in sysfs to the port's folder, by what people may call it. */
static int find_folder(struct port *port, const char *sysfs, const char *device)
{
	static const char * const ways[] = {
		"class/infiniband/%s/device", "bus/pci/devices/%s",
	};
	char name[256], path[PORT_PATH];
	unsigned int i;

	if (strchr(device, '/') || strlen(device) > 64)
		return -EINVAL;
	for (i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), ways[i], device);
		if (join(path, sysfs, name))
			return -ENAMETOOLONG;
		if (realpath(path, port->folder))
			return 0;
	}
	return -errno;
}

static int check_driver(struct port *port, const char *device)
{
	char path[PORT_PATH], driver[PORT_PATH] = "none";
	ssize_t size;

	if (join(path, port->folder, "driver"))
		return fail(port, -ENAMETOOLONG, "%s: the path is too long",
			    device);
	size = readlink(path, driver, sizeof(driver) - 1);
	if (size >= 0)
		driver[size] = '\0';
	/* A subfunction's is mlx5_core.sf. */
	if (strncmp(basename(driver), DRIVER, strlen(DRIVER)))
		return fail(port, -ENODEV, "%s: its driver is %s, not mlx5's",
			    device, basename(driver));
	return 0;
}

/**
 * port_find() - find a port
 * @port: where it goes
 * @sysfs: where sysfs is
 * @device: the RDMA device, as mlx5_0, or the PCI function
 *
 * Return: 0, or a negative error.
 */
int port_find(struct port *port, const char *sysfs, const char *device)
{
	char name[256];
	int err;

	*port = (struct port){ .lock = -1, .mine = (1U << MLX5_PARAMS) - 1 };
	err = find_folder(port, sysfs, device);
	if (err)
		return fail(port, err, "%s: no such device: %s", device,
			    strerror(-err));
	err = check_driver(port, device);
	if (err)
		return err;
	snprintf(port->name, sizeof(port->name), "%s",
		 strrchr(port->folder, '/') + 1);
	snprintf(name, sizeof(name), "kernel/debug/mlx5/%s/cc_params",
		 port->name);
	if (join(port->params, sysfs, name))
		return fail(port, -ENAMETOOLONG, "%s: the path is too long",
			    device);
	if (access(port->params, F_OK))
		return fail(port, -errno, "%s: %s: %s", device, port->params,
			    strerror(errno));
	return 0;
}

/**
 * port_lock() - be the only one to write a port's parameters
 * @port: the port
 * @state: the folder for what has to be remembered, made if need be
 *
 * Return: 0, or a negative error; -EBUSY if somebody else does.
 */
int port_lock(struct port *port, const char *state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char name[80], path[PORT_PATH];
	int err;

	if (mkdir(state, 0755) && errno != EEXIST)
		return fail(port, -errno, "%s: %s", state, strerror(errno));
	snprintf(name, sizeof(name), "%s.json", port->name);
	err = join(port->state, state, name);
	snprintf(name, sizeof(name), "%s.lock", port->name);
	if (err || join(path, state, name))
		return fail(port, -ENAMETOOLONG, "%s: the path is too long",
			    state);
	port->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (port->lock < 0)
		return fail(port, -errno, "%s: %s", path, strerror(errno));
	if (!fcntl(port->lock, F_SETLK, &lock))
		return 0;
	if (errno != EAGAIN && errno != EACCES)
		return fail(port, -errno, "%s: %s", path, strerror(errno));
	if (fcntl(port->lock, F_GETLK, &lock) || lock.l_type == F_UNLCK)
		lock.l_pid = 0;
	return fail(port, -EBUSY, "%s: process %d governs it", port->name,
		    lock.l_pid);
}

/**
 * port_speed() - ask a port's network device for its rate
 * @port: the port
 * @mbps: where it goes, Mbit/s
 *
 * Return: 0, or a negative error.
 */
int port_speed(struct port *port, uint32_t *mbps)
{
	char pattern[PORT_PATH];
	int err = -ENODEV;
	glob_t found;
	size_t i;

	if (join(pattern, port->folder, "net/*/speed"))
		return fail(port, -ENAMETOOLONG, "%s: the path is too long",
			    port->name);
	if (!glob(pattern, 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc && err; i++)
			err = read_number(found.gl_pathv[i], mbps);
		globfree(&found);
	}
	if (err || !*mbps)
		return fail(port, err ?: -EINVAL,
			    "%s: its rate is unknown (is the link up?): give --rate",
			    port->name);
	return 0;
}

/* -- parameters ---------------------------------------------------------- */

static int read_param(struct port *port, enum mlx5_param param, uint32_t *value)
{
	char path[PORT_PATH];
	int err;

	if (join(path, port->params, mlx5_param_names[param]))
		return -ENAMETOOLONG;
	err = read_number(path, value);
	if (err)
		fail(port, err, "%s: %s: reading: %s", port->name,
		     mlx5_param_names[param],
		     err == -EBADMSG ? "not a number" : strerror(-err));
	return err;
}

/**
 * port_read() - what is there
 * @port: the port
 * @values: where it goes, of parameters that are the governor's
 *
 * Return: 0, or a negative error.
 */
int port_read(struct port *port, uint32_t values[MLX5_PARAMS])
{
	int param, err = 0;

	for (param = 0; param < MLX5_PARAMS && !err; param++)
		if (is_mine(port, param))
			err = read_param(port, param, &values[param]);
	return err;
}

/*
 * Firmware may take another value than it was told, and a driver may tell
 * another function: what is there is what can be read.
 */
static int write_param(struct port *port, enum mlx5_param param, uint32_t value)
{
	const char *name = mlx5_param_names[param];
	char path[PORT_PATH];
	uint32_t there;
	int err;

	if (join(path, port->params, name))
		return -ENAMETOOLONG;
	err = write_number(path, value);
	if (err)
		return fail(port, err, "%s: %s: writing %u: %s", port->name,
			    name, value, strerror(-err));
	err = read_param(port, param, &there);
	if (err)
		return err;
	if (there != value)
		return fail(port, -EIO, "%s: %s: wrote %u, but it is %u",
			    port->name, name, value, there);
	return 0;
}

/**
 * port_write() - change what differs
 * @port: the port, saved
 * @from: what is there
 * @to: what should be
 *
 * Stops at the first error: then call port_restore().
 *
 * Return: how many parameters were changed, or a negative error.
 */
int port_write(struct port *port, const uint32_t from[MLX5_PARAMS],
	       const uint32_t to[MLX5_PARAMS])
{
	int param, err, changed = 0;

	for (param = 0; param < MLX5_PARAMS; param++) {
		if (!is_mine(port, param) || from[param] == to[param])
			continue;
		err = write_param(port, param, to[param]);
		if (err)
			return err;
		changed++;
	}
	return changed;
}

/* -- what was there before ----------------------------------------------- */

static int sync_folder(const char *file)
{
	char path[PORT_PATH];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s", file);
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

static int replace_file(const char *path, const char *text)
{
	char aside[PORT_PATH + 4];
	int fd, err;

	snprintf(aside, sizeof(aside), "%s.new", path);
	fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, strlen(text));
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(aside, path))
		err = -errno;
	if (err)
		unlink(aside);
	else
		err = sync_folder(path);
	return err;
}

/**
 * port_save() - remember what is there
 * @port: the port, locked
 * @values: what is there
 *
 * Return: 0, or a negative error.
 */
int port_save(struct port *port, const uint32_t values[MLX5_PARAMS])
{
	struct json_object *state = json_object_new_object();
	struct json_object *params = json_object_new_object(), *value;
	const char *text = NULL;
	int param, err = -ENOMEM;

	if (state && params) {
		for (param = 0; param < MLX5_PARAMS; param++) {
			if (!is_mine(port, param))
				continue;
			value = json_object_new_int64(values[param]);
			json_object_object_add(params, mlx5_param_names[param],
					       value);
		}
		json_object_object_add(state, "version",
				       json_object_new_int(STATE_VERSION));
		json_object_object_add(state, "port",
				       json_object_new_string(port->name));
		json_object_object_add(state, "saved", json_object_get(params));
		text = json_object_to_json_string_ext(state,
						      JSON_C_TO_STRING_PRETTY);
	}
	if (text)
		err = replace_file(port->state, text);
	json_object_put(params);
	json_object_put(state);
	if (err)
		return fail(port, err, "%s: %s", port->state, strerror(-err));
	memcpy(port->saved, values, sizeof(port->saved));
	port->is_saved = true;
	return 0;
}

static int take_saved(struct port *port, struct json_object *state)
{
	struct json_object *version, *name, *params, *value;
	unsigned int mine = 0;
	int param;

	if (!json_object_object_get_ex(state, "version", &version) ||
	    json_object_get_int(version) != STATE_VERSION ||
	    !json_object_object_get_ex(state, "port", &name) ||
	    strcmp(json_object_get_string(name) ?: "", port->name) ||
	    !json_object_object_get_ex(state, "saved", &params) ||
	    !json_object_is_type(params, json_type_object))
		return -EBADMSG;
	for (param = 0; param < MLX5_PARAMS; param++) {
		int64_t number;

		if (!json_object_object_get_ex(params, mlx5_param_names[param],
					       &value))
			continue;
		number = json_object_get_int64(value);
		if (!json_object_is_type(value, json_type_int) || number < 0 ||
		    number > UINT32_MAX)
			return -EBADMSG;
		port->saved[param] = number;
		mine |= 1U << param;
	}
	if (json_object_object_length(params) != __builtin_popcount(mine))
		return -EBADMSG;
	port->mine = mine;
	return 0;
}

/**
 * port_load() - what an earlier run has left
 * @port: the port, locked; from then on it is that run's
 *
 * Return: 0, and @port->is_saved tells whether there is something; or a negative
 * error.
 */
int port_load(struct port *port)
{
	struct json_object *state;
	int err;

	if (access(port->state, F_OK))
		return errno == ENOENT ? 0 :
		       fail(port, -errno, "%s: %s", port->state,
			    strerror(errno));
	state = json_object_from_file(port->state);
	err = take_saved(port, state);
	json_object_put(state);
	if (err)
		return fail(port, err,
			    "%s: damaged: see what %s should have, then remove it",
			    port->state, port->name);
	port->is_saved = true;
	return 0;
}

/**
 * port_restore() - put back what was there
 * @port: the port, locked
 *
 * One that cannot be put back does not hold the others up; the file stays then,
 * for the next try.
 *
 * Return: 0, or the first of the negative errors.
 */
int port_restore(struct port *port)
{
	char why[sizeof(port->why)];
	int param, first = 0, err;
	uint32_t there;

	for (param = 0; param < MLX5_PARAMS && port->is_saved; param++) {
		if (!is_mine(port, param))
			continue;
		err = read_param(port, param, &there);
		if (!err && there == port->saved[param])
			continue;
		if (!err)
			err = write_param(port, param, port->saved[param]);
		if (err && !first) {
			first = err;
			memcpy(why, port->why, sizeof(why));
		}
	}
	if (first) {
		memcpy(port->why, why, sizeof(why));
		return first;
	}
	if (port->is_saved && unlink(port->state) && errno != ENOENT)
		return fail(port, -errno, "%s: %s", port->state,
			    strerror(errno));
	port->is_saved = false;
	return 0;
}
