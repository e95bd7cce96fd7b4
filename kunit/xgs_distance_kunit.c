// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the distance model and of reading numbers from sysfs.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../include/xgs/distance.h"
#include "../include/xgs/tunable.h"
#include "random.h"

/* -- bands ------------------------------------------------------------- */

static const struct band_case {
	const char *name;
	enum xgs_band band;
	u32 first_us;
	u32 last_us;
} band_cases[] = {
	{ "rack",	XGS_BAND_RACK,		    0,	     199 },
	{ "campus",	XGS_BAND_CAMPUS,	  200,	     999 },
	{ "metro",	XGS_BAND_METRO,		 1000,	    4999 },
	{ "region",	XGS_BAND_REGION,	 5000,	   19999 },
	{ "continent",	XGS_BAND_CONTINENT,	20000,	   79999 },
	{ "global",	XGS_BAND_GLOBAL,	80000,	 U32_MAX },
};

static void band_describe(const struct band_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(band, band_cases, band_describe);

static void band_edges(struct kunit *test)
{
	const struct band_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, xgs_band_of(c->first_us), c->band);
	KUNIT_EXPECT_EQ(test, xgs_band_of(c->last_us), c->band);
	KUNIT_EXPECT_EQ(test, xgs_band_floor_us(c->band), c->first_us);
	KUNIT_EXPECT_STREQ(test, xgs_band_name(c->band), c->name);
}

static void bands_cover_everything(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(band_cases), (size_t)XGS_BAND_COUNT);
	KUNIT_EXPECT_EQ(test, xgs_band_floor_us(XGS_BAND_COUNT), U32_MAX);
}

static void bands_are_monotonic(struct kunit *test)
{
	enum xgs_band band, before = XGS_BAND_RACK;
	u32 us;

	for (us = 0; us <= 2 * XGS_RTT_MAX_US; us++) {
		band = xgs_band_of(us);
		KUNIT_ASSERT_GE_MSG(test, band, before, "at %u us", us);
		KUNIT_ASSERT_LE_MSG(test, xgs_band_floor_us(band), us,
				    "at %u us", us);
		KUNIT_ASSERT_GT_MSG(test, xgs_band_floor_us(band + 1), us,
				    "at %u us", us);
		before = band;
	}
}

static void band_of_a_bug(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, xgs_band_name(XGS_BAND_COUNT), "unknown");
	KUNIT_EXPECT_STREQ(test, xgs_band_name((enum xgs_band)-1), "unknown");
	KUNIT_EXPECT_EQ(test, xgs_band_floor_us((enum xgs_band)-1), U32_MAX);
}

/* -- kilometres -------------------------------------------------------- */

static void kilometres_at_known_distances(struct kunit *test)
{
	static const struct {
		u32 rtt_us;
		u32 km;
	} known[] = {
		{ 0, 0 }, { 1, 0 }, { 4, 0 }, { 5, 1 }, { 14, 1 }, { 15, 2 },
		{ 1000, 100 },		/* a metropolitan ring */
		{ 55000, 5500 },	/* New York to London */
		{ XGS_RTT_MAX_US, 100000 },
		{ U32_MAX - 1, 429496729 }, { U32_MAX, 429496730 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		KUNIT_EXPECT_EQ_MSG(test, xgs_distance_km(known[i].rtt_us),
				    known[i].km, "at %u us", known[i].rtt_us);
}

static void kilometres_are_the_nearest(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 100000; i++) {
		u32 us = i < 50000 ? i : xgs_random(&rnd, U32_MAX);
		s64 error = 10LL * xgs_distance_km(us) - us;

		KUNIT_ASSERT_TRUE_MSG(test, error > -5 && error <= 5,
				      "off by %lld us at %u us", error, us);
	}
}

/* -- base RTT ---------------------------------------------------------- */

static void base_rtt_starts_unknown(struct kunit *test)
{
	struct xgs_base_rtt base = {};

	KUNIT_EXPECT_EQ(test, xgs_base_rtt_get(&base), 0U);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 1000, 7, 300), 300U);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_get(&base), 300U);
}

static void base_rtt_takes_any_sample(struct kunit *test)
{
	static const struct {
		u32 sample;
		u32 base;
	} known[] = {
		{ 0, 1 }, { 1, 1 }, { 2, 2 }, { XGS_RTT_MAX_US, XGS_RTT_MAX_US },
		{ U32_MAX - 1, U32_MAX - 1 }, { U32_MAX, U32_MAX - 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct xgs_base_rtt base = {};
		u32 sample = known[i].sample, want = known[i].base;

		KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 1, 0, sample),
				want);
		KUNIT_EXPECT_EQ(test, xgs_base_rtt_reset(&base, 0, sample),
				want);
		KUNIT_EXPECT_EQ(test, xgs_base_rtt_get(&base), want);
	}
}

static void base_rtt_is_the_smallest(struct kunit *test)
{
	static const u32 samples[] = { 900, 700, 800, 700, 1200, 650, 5000 };
	struct xgs_base_rtt base = {};
	u32 smallest = U32_MAX;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		smallest = min(smallest, samples[i]);
		KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 1000, 10 * i,
							  samples[i]),
				smallest);
	}
}

static void base_rtt_of_a_shorter_path(struct kunit *test)
{
	struct xgs_base_rtt base = {};

	xgs_base_rtt_update(&base, 10000, 0, 80000);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 10000, 1, 10000),
			10000U);
}

static void base_rtt_of_a_longer_path(struct kunit *test)
{
	struct xgs_base_rtt base = {};
	u32 ms, rtt = 0;

	for (ms = 0; ms <= 5000; ms += 10)
		rtt = xgs_base_rtt_update(&base, 1000, ms, 10000);
	KUNIT_EXPECT_EQ(test, rtt, 10000U);
	/* The last short sample counts for as long as the window is. */
	for (; ms <= 6000; ms += 10)
		rtt = xgs_base_rtt_update(&base, 1000, ms, 80000);
	KUNIT_EXPECT_EQ(test, rtt, 10000U);
	rtt = xgs_base_rtt_update(&base, 1000, 6001, 80000);
	KUNIT_EXPECT_EQ(test, rtt, 80000U);
}

static void base_rtt_after_a_pause(struct kunit *test)
{
	struct xgs_base_rtt base = {};

	xgs_base_rtt_update(&base, 1000, 0, 10000);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 1000, 1000, 80000),
			10000U);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 1000, 60000, 90000),
			90000U);
}

static void base_rtt_is_reset(struct kunit *test)
{
	struct xgs_base_rtt base = {};

	xgs_base_rtt_update(&base, 60000, 0, 10000);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_reset(&base, 5, 80000), 80000U);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_get(&base), 80000U);
	KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 60000, 6, 80001),
			80000U);
}

static void base_rtt_without_a_window(struct kunit *test)
{
	struct xgs_base_rtt base = {};
	u32 ms;

	for (ms = 0; ms < 100; ms++)
		KUNIT_EXPECT_EQ(test, xgs_base_rtt_update(&base, 0, ms,
							  500 + ms), 500 + ms);
}

#define SAMPLES	128

struct samples {
	u32 ms[SAMPLES];
	u32 rtt_us[SAMPLES];
	u32 window_ms;
};

/* A random walk of time with pauses; some samples repeat. */
static void samples_draw(struct samples *s, struct rnd_state *rnd)
{
	u32 i, now = 0;

	s->window_ms = 1 + xgs_random(rnd, 600000);
	for (i = 0; i < SAMPLES; i++) {
		now += xgs_random(rnd, s->window_ms / 16 + 1);
		if (xgs_chance(rnd, 2))
			now += xgs_random(rnd, 3 * s->window_ms);
		s->ms[i] = now;
		s->rtt_us[i] = 1 + xgs_random(rnd, XGS_RTT_MAX_US);
		if (i && xgs_chance(rnd, 10))
			s->rtt_us[i] = s->rtt_us[i - 1];
	}
}

/* The smallest of the samples up to the n-th that are within its window. */
static u32 samples_smallest(const struct samples *s, u32 n, u32 window_ms)
{
	u32 i = n, smallest = s->rtt_us[n];

	while (i-- && s->ms[n] - s->ms[i] <= window_ms)
		smallest = min(smallest, s->rtt_us[i]);
	return smallest;
}

static bool samples_has(const struct samples *s, u32 n, u32 rtt_us)
{
	u32 i = n + 1;

	while (i-- && s->ms[n] - s->ms[i] <= s->window_ms)
		if (s->rtt_us[i] == rtt_us)
			return true;
	return false;
}

static void base_rtt_against_an_oracle(struct kunit *test)
{
	struct samples *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct rnd_state rnd;
	u32 seed, i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	prandom_seed_state(&rnd, 2);
	for (seed = 0; seed < 500; seed++) {
		struct xgs_base_rtt base = {};

		samples_draw(s, &rnd);
		for (i = 0; i < SAMPLES; i++) {
			u32 got = xgs_base_rtt_update(&base, s->window_ms,
						      s->ms[i], s->rtt_us[i]);
			u32 smallest = samples_smallest(s, i, s->window_ms);
			u32 ever = samples_smallest(s, i, U32_MAX);

			KUNIT_ASSERT_EQ(test, got, xgs_base_rtt_get(&base));
			KUNIT_ASSERT_GE(test, got, smallest);
			KUNIT_ASSERT_LE(test, got, s->rtt_us[i]);
			KUNIT_ASSERT_TRUE_MSG(test, samples_has(s, i, got),
					      "%u us is no sample in the window",
					      got);
			if (smallest == ever)
				KUNIT_ASSERT_EQ(test, got, smallest);
		}
	}
}

/* Milliseconds wrap after 49 days: nothing may depend on when that is. */
static void base_rtt_when_time_wraps(struct kunit *test)
{
	struct samples *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct rnd_state rnd;
	u32 seed, i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	prandom_seed_state(&rnd, 3);
	for (seed = 0; seed < 500; seed++) {
		struct xgs_base_rtt base = {}, wraps = {};
		u32 shift;

		samples_draw(s, &rnd);
		shift = -s->ms[prandom_u32_state(&rnd) % SAMPLES];
		for (i = 0; i < SAMPLES; i++)
			KUNIT_ASSERT_EQ(test,
					xgs_base_rtt_update(&wraps,
							    s->window_ms,
							    s->ms[i] + shift,
							    s->rtt_us[i]),
					xgs_base_rtt_update(&base,
							    s->window_ms,
							    s->ms[i],
							    s->rtt_us[i]));
	}
}

static struct kunit_case distance_cases[] = {
	KUNIT_CASE_PARAM(band_edges, band_gen_params),
	KUNIT_CASE(bands_cover_everything),
	KUNIT_CASE(bands_are_monotonic),
	KUNIT_CASE(band_of_a_bug),
	KUNIT_CASE(kilometres_at_known_distances),
	KUNIT_CASE(kilometres_are_the_nearest),
	KUNIT_CASE(base_rtt_starts_unknown),
	KUNIT_CASE(base_rtt_takes_any_sample),
	KUNIT_CASE(base_rtt_is_the_smallest),
	KUNIT_CASE(base_rtt_of_a_shorter_path),
	KUNIT_CASE(base_rtt_of_a_longer_path),
	KUNIT_CASE(base_rtt_after_a_pause),
	KUNIT_CASE(base_rtt_is_reset),
	KUNIT_CASE(base_rtt_without_a_window),
	KUNIT_CASE(base_rtt_against_an_oracle),
	KUNIT_CASE(base_rtt_when_time_wraps),
	{}
};

static struct kunit_suite distance_suite = {
	.name = "xgs_distance",
	.test_cases = distance_cases,
};

/* -- numbers in sysfs -------------------------------------------------- */

#define UNTOUCHED	0xdeadbeefU

static const struct parse_case {
	const char *name;
	const char *text;
	u32 min;
	u32 max;
	int err;
	u32 value;
} parse_cases[] = {
	{ "zero", "0", 0, U32_MAX, 0, 0 },
	{ "one", "1\n", 0, U32_MAX, 0, 1 },
	{ "leading zeros are not octal", "0010\n", 0, 100, 0, 10 },
	{ "largest", "4294967295\n", 0, U32_MAX, 0, U32_MAX },
	{ "at the minimum", "16\n", 16, 20, 0, 16 },
	{ "at the maximum", "20\n", 16, 20, 0, 20 },
	{ "only value", "7", 7, 7, 0, 7 },
	{ "below the minimum", "15\n", 16, 20, -ERANGE },
	{ "above the maximum", "21\n", 16, 20, -ERANGE },
	{ "empty range", "5", 6, 4, -ERANGE },
	{ "overflow", "4294967296\n", 0, U32_MAX, -ERANGE },
	{ "overflow to a valid value", "4294967312", 16, 20, -ERANGE },
	{ "overflow of 64 bits", "18446744073709551632", 16, 20, -ERANGE },
	{ "empty", "", 0, U32_MAX, -EINVAL },
	{ "newline", "\n", 0, U32_MAX, -EINVAL },
	{ "two newlines", "1\n\n", 0, U32_MAX, -EINVAL },
	{ "leading space", " 1", 0, U32_MAX, -EINVAL },
	{ "trailing space", "1 ", 0, U32_MAX, -EINVAL },
	{ "negative", "-1\n", 0, U32_MAX, -EINVAL },
	{ "negative zero", "-0\n", 0, U32_MAX, -EINVAL },
	{ "letters", "fast\n", 0, U32_MAX, -EINVAL },
	{ "trailing letters", "10ms\n", 0, U32_MAX, -EINVAL },
	{ "hexadecimal", "0x10\n", 0, U32_MAX, -EINVAL },
	{ "fraction", "1.5\n", 0, U32_MAX, -EINVAL },
	{ "exponent", "1e3\n", 0, U32_MAX, -EINVAL },
	{ "two numbers", "1 2\n", 0, U32_MAX, -EINVAL },
};

static void parse_describe(const struct parse_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(parse, parse_cases, parse_describe);

static void parse_text(struct kunit *test)
{
	const struct parse_case *c = test->param_value;
	u32 value = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, xgs_parse_u32(c->text, c->min, c->max, &value),
			c->err);
	KUNIT_EXPECT_EQ(test, value, c->err ? UNTOUCHED : c->value);
}

static void parse_any_number(struct kunit *test)
{
	struct rnd_state rnd;
	char text[24];
	u32 i;

	prandom_seed_state(&rnd, 4);
	for (i = 0; i < 20000; i++) {
		u64 number = xgs_random(&rnd, 1ULL << 34);
		u32 min = xgs_random(&rnd, U32_MAX);
		u32 max = xgs_random(&rnd, U32_MAX);
		bool fits = number >= min && number <= max;
		u32 value = UNTOUCHED;

		snprintf(text, sizeof(text), "%llu\n", number);
		KUNIT_ASSERT_EQ_MSG(test, xgs_parse_u32(text, min, max, &value),
				    fits ? 0 : -ERANGE, "%u <= %s <= %u", min,
				    text, max);
		KUNIT_ASSERT_EQ(test, value, fits ? (u32)number : UNTOUCHED);
	}
}

static u32 tunable_value;
XGS_TUNABLE(test_ms, &tunable_value, 16, 20);

static void tunable_is_shown_and_stored(struct kunit *test)
{
	struct kobj_attribute *attr = &xgs_tunable_test_ms.attr;
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	tunable_value = 17;
	KUNIT_EXPECT_EQ(test, attr->show(NULL, attr, page), (ssize_t)3);
	KUNIT_EXPECT_STREQ(test, page, "17\n");

	KUNIT_EXPECT_EQ(test, attr->store(NULL, attr, "20\n", 3), (ssize_t)3);
	KUNIT_EXPECT_EQ(test, tunable_value, 20U);
	KUNIT_EXPECT_EQ(test, attr->store(NULL, attr, "21\n", 3),
			(ssize_t)-ERANGE);
	KUNIT_EXPECT_EQ(test, attr->store(NULL, attr, "15\n", 3),
			(ssize_t)-ERANGE);
	KUNIT_EXPECT_EQ(test, attr->store(NULL, attr, "x\n", 2),
			(ssize_t)-EINVAL);
	KUNIT_EXPECT_EQ(test, tunable_value, 20U);
}

static struct kunit_case tunable_cases[] = {
	KUNIT_CASE_PARAM(parse_text, parse_gen_params),
	KUNIT_CASE(parse_any_number),
	KUNIT_CASE(tunable_is_shown_and_stored),
	{}
};

static struct kunit_suite tunable_suite = {
	.name = "xgs_tunable",
	.test_cases = tunable_cases,
};

kunit_test_suites(&distance_suite, &tunable_suite);

MODULE_DESCRIPTION("KUnit tests of the xgs distance model");
MODULE_LICENSE("GPL");
