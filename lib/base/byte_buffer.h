/*
 * A growing run of bytes, the only one of the project: a reply, rows for COPY, small JSON. Its memory comes
 * from an arena if one is given (a request), otherwise from malloc (programs that read files).
 *
 * Text from files is not always UTF-8. The functions for columns and JSON keep what is UTF-8, and read every
 * other byte as ISO 8859-1, so that PostgreSQL accepts the row and no name is lost. NUL is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_BYTE_BUFFER_H
#define CONNEX_BASE_BYTE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* All zero is an empty buffer without a ceiling that allocates with malloc. */
struct byte_buffer {
  char *data; /* the arena's, otherwise owned; not NUL-terminated */
  size_t length;
  size_t capacity;
  struct arena *arena; /* NULL: malloc, and byte_buffer_free() gives the memory back */
  size_t limit;        /* bytes; 0 means none. What would exceed it is left out, and `cut` becomes true */
  bool cut;
  bool failed; /* out of memory; stays until byte_buffer_free() */
};

/* Room for `more` bytes. False (and `failed` or `cut` says why) when there is none. */
bool byte_buffer_reserve(struct byte_buffer *buffer, size_t more);
void byte_buffer_clear(struct byte_buffer *buffer); /* keeps the memory */
void byte_buffer_free(struct byte_buffer *buffer);

void byte_buffer_add(struct byte_buffer *buffer, const char *data, size_t length);
void byte_buffer_add_word(struct byte_buffer *buffer, const char *word); /* NUL-terminated, unchanged */
void byte_buffer_format(struct byte_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One JSON string with its quotes. */
void byte_buffer_add_json(struct byte_buffer *buffer, const char *text, size_t length);

/* Columns of PostgreSQL's COPY text format. A row is columns separated by tabs, and an end of line. These
 * functions write the tab when the row has begun, so the first column of a row must not be an empty text. */
void byte_buffer_column(struct byte_buffer *buffer, const char *text, size_t length);
/* "" and NULL become a database NULL. */
void byte_buffer_column_word(struct byte_buffer *buffer, const char *word);
void byte_buffer_column_text(struct byte_buffer *buffer, const char *word); /* "" stays an empty text */
void byte_buffer_column_integer(struct byte_buffer *buffer, int64_t value);
void byte_buffer_column_cents(struct byte_buffer *buffer, int64_t cents); /* 1234 as 12.34 */
void byte_buffer_column_boolean(struct byte_buffer *buffer, bool value);
void byte_buffer_column_null(struct byte_buffer *buffer);
void byte_buffer_end_row(struct byte_buffer *buffer);

/* Writes cents as decimal text, "-0.05". Returns `text`. */
char *cents_text(int64_t cents, char text[24]);

#endif
