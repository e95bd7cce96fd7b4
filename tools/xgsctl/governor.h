/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _XGSCTL_GOVERNOR_H
#define _XGSCTL_GOVERNOR_H

int governor_main(int argc, char **argv);

#endif /* _XGSCTL_GOVERNOR_H */
