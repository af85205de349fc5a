/*
 * What an office is shown of a patient's coverage: the kinds with their words,
 * the order, and the alerts, which say what the office should know before it
 * treats or bills the patient (portal 2.3).
 *
 * In C, because this costs PostgreSQL more than reading the rows does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_MEDICARE_COVERAGE_H
#define CONNEX_MEDICARE_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* One row of connex.coverage, as text; NULL where the row has none. Days are YYYY-MM-DD. */
struct coverage {
  const char *kind, *from, *to; /* `to` is the last day */
  const char *remaining, *payer_name, *payer_id, *detail;
  int row;     /* the caller's */
  bool active; /* set by coverage_set_day() */
};

/* What people call a kind; a kind that is not known is called by its code. */
const char *coverage_words(const char *kind);

/* Sets which rows are active on `day`, and puts all of them in the order in which they are shown: by kind,
 * the latest first. */
void coverage_set_day(struct coverage *all, size_t count, const char *day);

struct coverage_alert {
  int place; /* the most important first */
  const char *kind, *words;
};

/* The alerts of a patient on `day`, in order, into `alerts`, which has room for count + COVERAGE_ALERTS_MORE.
 * `all` comes from coverage_set_day() with this day. `died` is the date of death, or NULL. Returns how many,
 * or -1 when out of memory. */
enum { COVERAGE_ALERTS_MORE = 3 };
int coverage_alerts(struct arena *arena, const struct coverage *all, size_t count, const char *day,
                    const char *died, struct coverage_alert *alerts);

#endif
