/*
 * Where a page of a list ended, as the next one is asked for: a day and an id,
 * "2026-11-21_4711". It is the list's own sort key, so that a page costs the
 * same however far down it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CURSOR_H
#define CONNEX_CURSOR_H

#include "request.h"

/* Splits `after` into its day and id (in the arena); both NULL when it is NULL, for the first page. False with a field
 * error of `after` when it is no cursor of ours. */
bool cursor_read(struct request *request, const char *after, const char **day, const char **id);

#endif
