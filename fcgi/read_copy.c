/*
 * The read copy: see read_copy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "read_copy.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pool/pool.h"

enum { LOOK_AGAIN_MS = 1000 };

static atomic_int_fast64_t next_look_ms;
static atomic_bool usable;
static _Atomic double lag_seconds = -1; /* not known */

/* A commit on the primary: should the copy only have had nothing to copy, it has this one at the next look.
 */
static void commit_something(struct db *primary) {
  db_start(primary, DB_WRITE);
  db_add(primary, Q_SYSTEM_WRITE, 0, NULL);
  (void)db_run(primary);
}

static bool is_fresh(struct db *copy, long most_seconds) {
  char seconds[24];
  snprintf(seconds, sizeof seconds, "%ld", most_seconds);
  const char *const parameters[] = {seconds};
  db_start(copy, DB_READ_ONLY);
  size_t lag = db_add(copy, Q_SYSTEM_LAG, 1, parameters);
  const char *fresh = db_run(copy) == DB_DONE ? db_value(copy, lag, 0, 0) : NULL;
  const char *seconds_behind = fresh == NULL ? NULL : db_value(copy, lag, 0, 1);
  atomic_store(&lag_seconds, seconds_behind == NULL ? -1 : strtod(seconds_behind, NULL));
  return fresh != NULL && strcmp(fresh, "t") == 0;
}

bool read_copy_usable(struct db *copy, struct db *primary, long most_seconds) {
  int64_t now = pool_clock_ms(), next = atomic_load(&next_look_ms);
  if (now < next || !atomic_compare_exchange_strong(&next_look_ms, &next, now + LOOK_AGAIN_MS))
    return atomic_load(&usable);
  bool found = is_fresh(copy, most_seconds);
  if (!found) commit_something(primary);
  if (atomic_exchange(&usable, found) != found)
    log_event(LOG_WARNING, found ? "read_copy_used" : "read_copy_left",
              found ? NULL : "CONNEX_DB_READ is away or too far behind: CONNEX_DB is read", 0);
  return found;
}

bool read_copy_was_usable(void) { return atomic_load(&usable); }

double read_copy_lag(void) { return atomic_load(&lag_seconds); }
