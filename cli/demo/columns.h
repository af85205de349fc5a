/*
 * Kinds of columns (db/copy_row.h) that only the demonstration's rows have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_DEMO_COLUMNS_H
#define CONNEX_CLI_DEMO_COLUMNS_H

#include <stdio.h>

#include "base/calendar.h"
#include "db/copy_row.h"

/* A day as its number since 1970-01-01; INT32_MAX is NULL. */
static inline void column_day(struct byte_buffer *row, int32_t day) {
  char text[CALENDAR_DAY_SIZE];
  if (day == INT32_MAX) {
    byte_buffer_column_null(row);
    return;
  }
  calendar_format(calendar_from_number(day), text);
  byte_buffer_column_word(row, text);
}

/* About noon in New York on that day, as an instant; INT32_MAX is NULL. */
static inline void column_noon(struct byte_buffer *row, int32_t day) {
  char text[CALENDAR_INSTANT_SIZE];
  if (day == INT32_MAX) {
    byte_buffer_column_null(row);
    return;
  }
  calendar_format_instant((int64_t)day * 86400 + 17 * 3600, text);
  byte_buffer_column_word(row, text);
}

/* An array of up to two words; NULL leaves one out. */
static inline void column_list(struct byte_buffer *row, const char *first, const char *second) {
  char text[80];
  snprintf(text, sizeof text, "{%s%s%s}", first ? first : "", first && second ? "," : "",
           second ? second : "");
  byte_buffer_column_text(row, text);
}

/* 0 is NULL. */
static inline void column_id(struct byte_buffer *row, int64_t id) {
  if (id > 0) byte_buffer_column_integer(row, id);
  else byte_buffer_column_null(row);
}

#endif
