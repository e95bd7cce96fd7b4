/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this has in the kernel is nothing to a program; see the Makefile. */
