/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program exports nothing: what its Makefile makes of the macros. */
