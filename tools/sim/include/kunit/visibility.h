/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIM_KUNIT_VISIBILITY_H
#define _SIM_KUNIT_VISIBILITY_H

#define EXPORT_SYMBOL_IF_KUNIT(symbol)	_Static_assert(1, #symbol)

#endif /* _SIM_KUNIT_VISIBILITY_H */
