/*
 * Whether CONNEX_DB_READ can be read from just now: it answers, and is not too
 * far behind the primary. What a process has found out holds for a second, for
 * all its threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_READ_COPY_H
#define CONNEX_FCGI_READ_COPY_H

#include <stdbool.h>

#include "db/db.h"

/* Both handles are the calling thread's, outside any transaction. */
bool read_copy_usable(struct db *copy, struct db *primary, long most_seconds);

/* What was found last; for /metrics and the log. */
bool read_copy_was_usable(void);
/* Seconds; -1 when it did not answer or was not asked. */
double read_copy_lag(void);

#endif
