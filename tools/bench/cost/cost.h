/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting the ticks of the TSC that something takes, for the modules here.
 *
 * A module that includes this has before it
 *
 *	enum cost_op		COST_EMPTY, COST_CALIBRATE_SHORT and _LONG first,
 *				COST_OPS last
 *	cost_names[]		a word for each
 */
#ifndef _COST_H
#define _COST_H

#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <asm/msr.h>

/* Ticks that have a counter of their own; more of them share the last. */
#define COST_TICKS	8192
#define COST_SHORT	1000
#define COST_LONG	3000
#define COST_ROUNDS	1000

/* One CPU, and no interrupts: nothing here needs a lock. */
static struct {
	u64 calls;
	u64 ticks;
	u32 of_ticks[COST_TICKS];
} cost_of[COST_OPS];

static void cost_account(enum cost_op op, u64 ticks)
{
	cost_of[op].calls++;
	cost_of[op].ticks += ticks;
	cost_of[op].of_ticks[min_t(u64, ticks, COST_TICKS - 1)]++;
}

/*
 * statement: a call by pointer, as the kernel's own. No interrupt may come in
 * between; and that bottom halves are off keeps a spin_unlock_bh() in there
 * from running what is pending.
 */
#define COST_MEASURE(op, statement)			\
do {							\
	unsigned long flags_;				\
	u64 begin_, end_;				\
							\
	local_bh_disable();				\
	local_irq_save(flags_);				\
	barrier();					\
	begin_ = rdtsc();				\
	barrier();					\
	statement;					\
	barrier();					\
	end_ = rdtsc();					\
	barrier();					\
	cost_account((op), end_ - begin_);		\
	local_irq_restore(flags_);			\
	local_bh_enable();				\
} while (0)

static noinline void cost_empty(void *unused)
{
	barrier();
}

static noinline void cost_short(void *unused)
{
	asm volatile(".rept " __stringify(COST_SHORT) "\n\tnop\n\t.endr");
}

static noinline void cost_long(void *unused)
{
	asm volatile(".rept " __stringify(COST_LONG) "\n\tnop\n\t.endr");
}

static void cost_calibrate(void)
{
	static const struct {
		enum cost_op op;
		void (*call)(void *unused);
	} known[] = {
		{ COST_EMPTY, cost_empty },
		{ COST_CALIBRATE_SHORT, cost_short },
		{ COST_CALIBRATE_LONG, cost_long },
	};
	int i, round;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		void (*call)(void *unused) = READ_ONCE(known[i].call);

		OPTIMIZER_HIDE_VAR(call);
		for (round = 0; round < COST_ROUNDS; round++)
			COST_MEASURE(known[i].op, call(NULL));
	}
}

/* Count from zero. */
static void cost_begin(void)
{
	local_irq_disable();
	memset(cost_of, 0, sizeof(cost_of));
	local_irq_enable();
	cost_calibrate();
}

/* A line each: the operation, its calls, its ticks, then TICKS:CALLS... */
static void cost_print(struct seq_file *file)
{
	int op, ticks;

	for (op = 0; op < COST_OPS; op++) {
		if (!cost_of[op].calls)
			continue;
		seq_printf(file, "%s %llu %llu", cost_names[op],
			   cost_of[op].calls, cost_of[op].ticks);
		for (ticks = 0; ticks < COST_TICKS; ticks++)
			if (cost_of[op].of_ticks[ticks])
				seq_printf(file, " %d:%u", ticks,
					   cost_of[op].of_ticks[ticks]);
		seq_putc(file, '\n');
	}
}

#endif /* _COST_H */
