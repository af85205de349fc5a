/*
 * The items of a one-dimensional array, as PostgreSQL writes it: {CO,"a, b",NULL}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_DB_ARRAY_H
#define CONNEX_DB_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct db_array {
  const char *at;
  char *room;       /* in the arena: for the longest item */
  const char *item; /* after db_array_next(); NUL-terminated, NULL for a NULL. Valid until the next call */
  size_t length;
};

/* Begins with the array's text; NULL is an array without items. False: out of memory. */
bool db_array_open(struct db_array *array, struct arena *arena, const char *text);

/* Goes to the next item. False at the end, and for text that is no array. */
bool db_array_next(struct db_array *array);

#endif
