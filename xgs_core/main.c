// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

static int __init xgs_core_init(void)
{
	return 0;
}

static void __exit xgs_core_exit(void)
{
}

module_init(xgs_core_init);
module_exit(xgs_core_exit);
MODULE_DESCRIPTION("xgs: distance model and path table");
MODULE_LICENSE("GPL");
