// SPDX-License-Identifier: GPL-2.0-or-later
/* The operator's command line. */
#include <stdio.h>
#include <string.h>

#include "governor.h"

int main(int argc, char **argv)
{
	char name[] = "xgsctl rdma governor";

	if (argc > 2 && !strcmp(argv[1], "rdma") &&
	    !strcmp(argv[2], "governor")) {
		argv[2] = name;
		return governor_main(argc - 2, argv + 2);
	}
	fprintf(stderr, "usage: xgsctl rdma governor [--help] [OPTION...] DEVICE\n");
	return 2;
}
