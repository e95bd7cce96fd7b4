/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repeatable random numbers, and the oracle that quotients are checked with.
 */
#ifndef _XGS_KUNIT_RANDOM_H
#define _XGS_KUNIT_RANDOM_H

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/prandom.h>

/**
 * xgs_random() - a random number whose magnitude is random
 * @rnd: the generator's state
 * @max: the largest value
 *
 * Every number of bits is about equally likely, so that zero, one, the maximum
 * and everything between come up.
 *
 * Return: 0 to @max.
 */
static inline u64 xgs_random(struct rnd_state *rnd, u64 max)
{
	u64 high = prandom_u32_state(rnd);
	u64 value = high << 32 | prandom_u32_state(rnd);
	u32 bits = prandom_u32_state(rnd) % (fls64(max) + 1);

	return bits ? min(value >> (64 - bits), max) : 0;
}

/**
 * xgs_chance() - something that happens now and then
 * @rnd: the generator's state
 * @percent: how often
 *
 * Return: true in @percent of all calls.
 */
static inline bool xgs_chance(struct rnd_state *rnd, u32 percent)
{
	return prandom_u32_state(rnd) % 100 < percent;
}

/**
 * xgs_is_quotient() - is that the quotient, rounded down?
 * @quotient: what was computed
 * @a: factor of the dividend
 * @b: factor of the dividend
 * @divisor: not 0
 *
 * By multiplication, in 128 bits: the code under test divides.
 *
 * Return: true if @quotient is floor(@a * @b / @divisor).
 */
static inline bool xgs_is_quotient(u64 quotient, u64 a, u64 b, u64 divisor)
{
	unsigned __int128 dividend = (unsigned __int128)a * b;
	unsigned __int128 floor = (unsigned __int128)quotient * divisor;

	return floor <= dividend && dividend - floor < divisor;
}

/**
 * xgs_product_reaches() - compare two products, in 128 bits
 * @a: factor of the first
 * @b: factor of the first
 * @c: factor of the second
 * @d: factor of the second
 *
 * Return: true if @a * @b is not less than @c * @d.
 */
static inline bool xgs_product_reaches(u64 a, u64 b, u64 c, u64 d)
{
	unsigned __int128 first = (unsigned __int128)a * b;
	unsigned __int128 second = (unsigned __int128)c * d;

	return first >= second;
}

#endif /* _XGS_KUNIT_RANDOM_H */
