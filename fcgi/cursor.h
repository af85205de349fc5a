/*
 * Where a page of a list ended, as the next one is asked for: a day and an id,
 * "2026-11-21_4711". It is the list's own sort key, so that a page costs the
 * same however far down it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_CURSOR_H
#define CONNEX_FCGI_CURSOR_H

#include "request.h"

enum cursor_order { CURSOR_NEWEST_FIRST, CURSOR_OLDEST_FIRST };

/* Splits `after` into its day and id (in the arena); for the first page, when it is NULL, the end of time
 * that lies before all rows. False with a field error of `after` when it is no cursor of ours. */
bool cursor_read(struct request *request, const char *after, enum cursor_order order, const char **day,
                 const char **id);

/* The bounds of a list's days: what was asked, else the ends of time. False with a field error of `to` when
 * they are the wrong way round. */
bool cursor_days(struct request *request, const char **from, const char **to);

#endif
