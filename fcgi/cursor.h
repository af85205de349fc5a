/*
 * The cursor of a list: the sort key of the last row of a page, and a mark that
 * shows that this portal made it for this list: "2026-11-21_4711.8f0c5d2e91b7a364".
 * Because it is the sort key, every page takes the same time, however far down it
 * is. Because of the mark, a cursor that nobody was given is an error, and never a
 * wrong page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_CURSOR_H
#define CONNEX_FCGI_CURSOR_H

#include "request.h"

enum cursor_order { CURSOR_NEWEST_FIRST, CURSOR_OLDEST_FIRST };

/* `key` with its mark, as the answer's `next`. The mark is made with the key of CONNEX_KEY_FILE from the
 * operation, the path's parameters, and `key`, so a cursor fits no other list. NULL: out of memory, or no key
 * (a statement without a column "cursor"), which is logged. */
const char *cursor_seal(struct request *request, const char *key);

/* Replaces `*after` with its key, in the arena. False, with an error of the field `after`, when it is not a
 * cursor of this list. The gate calls it for every field of the type Cursor, so a handler has only the key.
 */
bool cursor_open(struct request *request, const char **after);

/* Splits the key of a list that is sorted by day into the day and the id (in the arena). For the first page
 * (`key` is NULL) they are values that come before all rows. False, with an error of the field `after`, when
 * it is no such key. */
bool cursor_read(struct request *request, const char *key, enum cursor_order order, const char **day,
                 const char **id);

/* Splits the key "4711_value" of a list that is sorted by something that may change: the id of the last row,
 * and the value by which it was sorted then. Both are NULL for the first page. False, with an error of the
 * field `after`, when it is no such key. */
bool cursor_split(struct request *request, const char *key, const char **id, const char **value);

/* Fills in the bounds of a list's days that were not given with the earliest and latest day. False, with an
 * error of the field `to`, when it is before `from`. */
bool cursor_days(struct request *request, const char **from, const char **to);

#endif
