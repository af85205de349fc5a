/*
 * Writes JSON text straight into a growing buffer of the request's arena. The
 * rows of a result become the reply without a tree in between: a jansson tree
 * of 100 rows costs three times the CPU. (jansson is the oracle of the fuzzer.)
 * The writer places the commas. Running out of memory is remembered and
 * reported once, by json_out_text().
 *
 * Control, bidirectional, and invisible characters never leave: a value shows
 * utf8_sign() in their place, and U+FFFD for bytes that are not UTF-8.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_JSON_OUT_H
#define CONNEX_FORMAT_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/byte_buffer.h"
#include "db/db.h"

struct json_out {
  struct byte_buffer buffer; /* buffer.arena is NULL until json_out_init() */
  bool need_comma;
};

void json_out_init(struct json_out *out, struct arena *arena);

void json_out_object(struct json_out *out);     /* { */
void json_out_end_object(struct json_out *out); /* } */
void json_out_array(struct json_out *out);
void json_out_end_array(struct json_out *out);
void json_out_key(struct json_out *out, const char *key);
void json_out_string(struct json_out *out, const char *text); /* NULL -> null */
void json_out_string_n(struct json_out *out, const char *text, size_t length);
void json_out_integer(struct json_out *out, int64_t value);
void json_out_boolean(struct json_out *out, bool value);
void json_out_null(struct json_out *out);

/* JSON of our own making, copied unchanged. */
void json_out_raw(struct json_out *out, const char *json, size_t length);

/* JSON made by PostgreSQL. Its strings may hold values from files, so they are written as json_out_string()
 * writes them. */
void json_out_document(struct json_out *out, const char *json, size_t length);

/* One column's value, written as its database type requires. */
void json_out_value(struct json_out *out, const struct db *db, size_t statement, int row, int column);

/* One row as an object {column: value}. Columns named "group.name" that stand side by side become one object,
 * {"group": {"name": value}}, or null when the first of them is null. A column whose name begins with _ is
 * for the program, and is left out. */
void json_out_row(struct json_out *out, const struct db *db, size_t statement, int row);
/* All rows of a statement as an array of such objects. */
void json_out_rows(struct json_out *out, const struct db *db, size_t statement);
/* The members of a row without the braces, so that more members can follow. */
void json_out_members(struct json_out *out, const struct db *db, size_t statement, int row);

/* NUL-terminated text, or NULL when out of memory. *length may be NULL. */
const char *json_out_text(struct json_out *out, size_t *length);

#endif
