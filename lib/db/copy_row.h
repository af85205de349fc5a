/*
 * Rows for COPY from one table of columns. Each entry has a column's name, how its value is written, and
 * where the value is. The table makes both the column list of the COPY statement and the row, so that the two
 * cannot disagree:
 *
 *     #define LINE_COLUMNS(COLUMN)            \
 *       COLUMN(line_no, integer, line->number) \
 *       COLUMN(charge, cents, line->charge)
 *
 *     static const struct copy_target lines = COPY_TARGET("stage_line", LINE_COLUMNS);
 *     COPY_ROW(rows, LINE_COLUMNS);
 *     db_copy_rows(db, &lines, rows);
 *
 * The kind `cents` is the function column_cents(). A file that needs a further kind defines its own
 * column_<kind>(row, ...). This is the only SQL text outside sql/: COPY takes no parameters, so its head
 * cannot be a named statement.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_DB_COPY_ROW_H
#define CONNEX_DB_COPY_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_buffer.h"

enum { COPY_COLUMNS_SIZE = 2048 }; /* the longest list of columns, with its NUL */

/* Where rows go. The texts are our own, never input. */
struct copy_target {
  const char *table;
  const char *columns; /* "line_no, charge" */
};

#define COPY_NAME(name, ...) ", " #name
#define COPY_VALUE(name, kind, ...) column_##kind(copy_row, __VA_ARGS__);

/* The list of names begins with ", ", which is skipped. */
#define COPY_TARGET(table_name, COLUMNS)                                                                     \
  { .table = (table_name), .columns = &(COLUMNS(COPY_NAME))[2] }
#define COPY_ROW(rows, COLUMNS)                                                                              \
  do {                                                                                                       \
    struct byte_buffer *const copy_row = (rows);                                                             \
    COLUMNS(COPY_VALUE)                                                                                      \
    byte_buffer_end_row(copy_row);                                                                           \
  } while (0)

/* ---------------------------------------------------------------- kinds */

static inline void column_integer(struct byte_buffer *row, int64_t value) {
  byte_buffer_column_integer(row, value);
}

/* "" and NULL become a database NULL. */
static inline void column_word(struct byte_buffer *row, const char *word) {
  byte_buffer_column_word(row, word);
}

/* "" stays an empty text. */
static inline void column_text(struct byte_buffer *row, const char *text) {
  byte_buffer_column_text(row, text);
}

static inline void column_cents(struct byte_buffer *row, int64_t cents) {
  byte_buffer_column_cents(row, cents);
}

/* NULL unless `given`. */
static inline void column_cents_if(struct byte_buffer *row, bool given, int64_t cents) {
  if (given) byte_buffer_column_cents(row, cents);
  else byte_buffer_column_null(row);
}

static inline void column_boolean(struct byte_buffer *row, bool value) {
  byte_buffer_column_boolean(row, value);
}

/* An empty buffer becomes a database NULL. */
static inline void column_buffer(struct byte_buffer *row, const struct byte_buffer *text) {
  if (text->length > 0) byte_buffer_column(row, text->data, text->length);
  else byte_buffer_column_null(row);
}

#endif
