/*
 * The cursor of a list: the day and the id of the last row of a page,
 * "2026-11-21_4711". It is the list's sort key, so that every page takes the
 * same time, however far down it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_CURSOR_H
#define CONNEX_FCGI_CURSOR_H

#include "request.h"

enum cursor_order { CURSOR_NEWEST_FIRST, CURSOR_OLDEST_FIRST };

/* Splits `after` into its day and id (in the arena). For the first page (`after` is NULL) they are values
 * that come before all rows. False, with an error of the field `after`, when it is not one of our cursors. */
bool cursor_read(struct request *request, const char *after, enum cursor_order order, const char **day,
                 const char **id);

/* Fills in the bounds of a list's days that were not given with the earliest and latest day. False, with an
 * error of the field `to`, when it is before `from`. */
bool cursor_days(struct request *request, const char **from, const char **to);

#endif
