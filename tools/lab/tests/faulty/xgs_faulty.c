// SPDX-License-Identifier: GPL-2.0
/*
 * What the lab must notice: a module that does wrong when it is loaded, in the
 * way its parameter says. The lab's own tests load it.
 */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/processor.h>

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "none, warn, oops, lockup or hang");

static int *nowhere;

static void spin(void)
{
	for (;;)
		cpu_relax();
}

static int __init xgs_faulty_init(void)
{
	pr_info("fault: %s\n", fault);
	WARN_ON(sysfs_streq(fault, "warn"));
	if (sysfs_streq(fault, "oops"))
		WRITE_ONCE(*nowhere, 1);
	if (sysfs_streq(fault, "lockup")) {
		preempt_disable();
		spin();
	}
	if (sysfs_streq(fault, "hang")) {
		local_irq_disable();
		spin();
	}
	return 0;
}

static void __exit xgs_faulty_exit(void)
{
}

module_init(xgs_faulty_init);
module_exit(xgs_faulty_exit);
MODULE_DESCRIPTION("Does wrong on request, for the lab's own tests");
MODULE_LICENSE("GPL");
