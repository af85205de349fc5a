/*
 * A growing run of bytes with a ceiling: rows on their way to COPY, a claim's segments as they came, small
 * JSON. It is for programs that read files; a request's memory is the arena's (arena.h).
 *
 * Text from files is not always UTF-8. The functions for text keep what is, and take every other byte as ISO
 * 8859-1, so that PostgreSQL accepts the row and nobody's name is lost; NUL is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_BYTE_BUFFER_H
#define CONNEX_BASE_BYTE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty buffer without a ceiling. */
struct byte_buffer {
  char *data; /* owned; not NUL-terminated */
  size_t length;
  size_t capacity;
  size_t limit; /* bytes; 0 means none. What would pass it is left out and `cut` becomes true */
  bool cut;
  bool failed; /* memory ran out; stays until byte_buffer_free */
};

void byte_buffer_clear(struct byte_buffer *buffer); /* keeps the memory */
void byte_buffer_free(struct byte_buffer *buffer);

void byte_buffer_add(struct byte_buffer *buffer, const char *data, size_t length);
void byte_buffer_add_word(struct byte_buffer *buffer, const char *word); /* NUL-terminated, as it is */
/* One JSON string with its quotes. */
void byte_buffer_add_json(struct byte_buffer *buffer, const char *text, size_t length);

/* Columns of PostgreSQL's COPY text format. A row is columns, each but the first after a tab, and an end of
 * line; these write the tab themselves when the row has begun; the first column of a row must not be an empty
 * text. */
void byte_buffer_column(struct byte_buffer *buffer, const char *text, size_t length);
void byte_buffer_column_word(struct byte_buffer *buffer,
                             const char *word); /* "" and NULL become a database NULL */
void byte_buffer_column_text(struct byte_buffer *buffer, const char *word); /* "" stays an empty text */
void byte_buffer_column_integer(struct byte_buffer *buffer, int64_t value);
void byte_buffer_column_cents(struct byte_buffer *buffer, int64_t cents); /* 1234 as 12.34 */
void byte_buffer_column_boolean(struct byte_buffer *buffer, bool value);
void byte_buffer_column_null(struct byte_buffer *buffer);
void byte_buffer_end_row(struct byte_buffer *buffer);

/* Writes cents as decimal text, "-0.05"; returns `text`, which holds at least 24 bytes. */
char *cents_text(int64_t cents, char text[24]);

#endif
