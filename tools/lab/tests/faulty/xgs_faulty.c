// SPDX-License-Identifier: GPL-2.0
/*
 * What the lab must notice: a module that does wrong when it is loaded, in the
 * way its parameter says. The lab's own tests load it.
 */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/slab.h>

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "none, warn, oops, lockup, hang, memory, shift, locks or leak");

static int *nowhere;
static int far = 40;
static DEFINE_MUTEX(one);
static DEFINE_MUTEX(other);

static void spin(void)
{
	for (;;)
		cpu_relax();
}

/* For KASAN. */
static void use_after_free(void)
{
	int *freed = kzalloc(16, GFP_KERNEL);

	kfree(freed);
	/* Hidden from the compiler, which would warn. */
	OPTIMIZER_HIDE_VAR(freed);
	pr_info("%d\n", READ_ONCE(*freed));
}

/* For UBSAN. */
static void shift_too_far(void)
{
	pr_info("%d\n", 1 << READ_ONCE(far));
}

/* For lockdep: two locks in either order, but never at once. */
static void lock_both_ways(void)
{
	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);

	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
}

/* For kmemleak; many, as a stale pointer on a stack may hide one. */
static void lose_memory(void)
{
	int i;

	for (i = 0; i < 16; i++)
		if (!kzalloc(64, GFP_KERNEL))
			pr_info("nothing to leak\n");
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
	if (sysfs_streq(fault, "memory"))
		use_after_free();
	if (sysfs_streq(fault, "shift"))
		shift_too_far();
	if (sysfs_streq(fault, "locks"))
		lock_both_ways();
	if (sysfs_streq(fault, "leak"))
		lose_memory();
	return 0;
}

static void __exit xgs_faulty_exit(void)
{
}

module_init(xgs_faulty_init);
module_exit(xgs_faulty_exit);
MODULE_DESCRIPTION("Does wrong on request, for the lab's own tests");
MODULE_LICENSE("GPL");
