/*
 * Writes JSON text straight into a growing buffer of the request's arena:
 * rows of a result become the reply without a tree between (a jansson tree of
 * 100 rows costs three times the CPU; fuzzed against jansson as oracle).
 * Commas are the writer's business. Out of memory is remembered and seen once,
 * at json_out_text().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_JSON_OUT_H
#define CONNEX_FORMAT_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"

struct json_out {
  struct arena *arena;
  char *text;
  size_t length, size;
  bool need_comma, failed;
};

void json_out_init(struct json_out *out, struct arena *arena);

void json_out_object(struct json_out *out);     /* { */
void json_out_end_object(struct json_out *out); /* } */
void json_out_array(struct json_out *out);
void json_out_end_array(struct json_out *out);
void json_out_key(struct json_out *out, const char *key);
void json_out_string(struct json_out *out,
                     const char *text); /* NULL -> null; bytes that are not UTF-8 become U+FFFD */
void json_out_string_n(struct json_out *out, const char *text, size_t length);
void json_out_integer(struct json_out *out, int64_t value);
void json_out_boolean(struct json_out *out, bool value);
void json_out_null(struct json_out *out);
void json_out_raw(struct json_out *out, const char *json, size_t length); /* JSON made by PostgreSQL */

/* One column's value, written as its database type asks. */
void json_out_value(struct json_out *out, const struct db *db, size_t statement, int row, int column);

/* One row as an object {column: value}; all rows as an array of such objects. */
void json_out_row(struct json_out *out, const struct db *db, size_t statement, int row);
void json_out_rows(struct json_out *out, const struct db *db, size_t statement);
/* The members of a row without the braces, to be followed by more members. */
void json_out_members(struct json_out *out, const struct db *db, size_t statement, int row);

/* NUL-terminated text, or NULL when memory ran out. *length may be NULL. */
const char *json_out_text(struct json_out *out, size_t *length);

#endif
