/*
 * A growing run of bytes: see byte_buffer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/byte_buffer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void byte_buffer_clear(struct byte_buffer *buffer) {
  buffer->length = 0;
  buffer->cut = false;
}

void byte_buffer_free(struct byte_buffer *buffer) {
  if (buffer->arena == NULL) free(buffer->data);
  *buffer = (struct byte_buffer){.arena = buffer->arena, .limit = buffer->limit};
}

/* The smallest doubling that holds `wanted` bytes; 0 when there is none. */
static size_t next_capacity(const struct byte_buffer *buffer, size_t wanted) {
  enum { FIRST = 1024, FIRST_IN_ARENA = 4096 };
  size_t capacity = buffer->arena == NULL ? FIRST : FIRST_IN_ARENA;
  if (buffer->capacity > 0) capacity = buffer->capacity;
  while (capacity < wanted) {
    if (capacity > SIZE_MAX / 2) return 0;
    capacity *= 2;
  }
  return capacity;
}

bool byte_buffer_reserve(struct byte_buffer *buffer, size_t more) {
  if (!buffer->failed && more <= buffer->capacity - buffer->length && buffer->limit == 0) return true;
  if (buffer->failed || more > SIZE_MAX - buffer->length ||
      (buffer->limit > 0 && buffer->length + more > buffer->limit)) {
    buffer->cut = true;
    return false;
  }
  if (buffer->length + more <= buffer->capacity) return true;
  size_t capacity = next_capacity(buffer, buffer->length + more);
  char *data = NULL;
  if (capacity > 0)
    data = buffer->arena == NULL ? realloc(buffer->data, capacity)
                                 : arena_grow(buffer->arena, buffer->data, buffer->capacity, capacity);
  if (data == NULL) {
    buffer->failed = true;
    return false;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

void byte_buffer_add(struct byte_buffer *buffer, const char *data, size_t length) {
  if (length > 0 && byte_buffer_reserve(buffer, length)) {
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
  }
}

void byte_buffer_add_word(struct byte_buffer *buffer, const char *word) {
  byte_buffer_add(buffer, word, strlen(word));
}

void byte_buffer_format(struct byte_buffer *buffer, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int length = vsnprintf(NULL, 0, format, values);
  va_end(values);
  if (length < 0 || !byte_buffer_reserve(buffer, (size_t)length + 1)) return;
  va_start(values, format);
  vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, values); /* the NUL is not counted */
  va_end(values);
  buffer->length += (size_t)length;
}

/* How a byte must be written; NULL when it needs no escape. */
typedef const char *(*escape_function)(unsigned char byte, char scratch[8]);

static const char *escape_copy(unsigned char byte, char scratch[8]) {
  (void)scratch;
  switch (byte) {
    case '\\': return "\\\\";
    case '\t': return "\\t";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\0': return "";
    default: return NULL;
  }
}

static const char *escape_json(unsigned char byte, char scratch[8]) {
  if (byte == '"' || byte == '\\') {
    scratch[0] = '\\';
    scratch[1] = (char)byte;
    scratch[2] = '\0';
    return scratch;
  }
  if (byte == '\0') return "";
  if (byte < 0x20) {
    (void)snprintf(scratch, 8, "\\u%04x", byte);
    return scratch;
  }
  return NULL;
}

/* One byte that is not part of UTF-8, read as ISO 8859-1. */
static void add_latin(struct byte_buffer *buffer, unsigned char byte) {
  char two[2] = {(char)(0xC0 | (byte >> 6)), (char)(0x80 | (byte & 0x3F))};
  byte_buffer_add(buffer, two, 2);
}

static void add_escaped(struct byte_buffer *buffer, const char *text, size_t length, escape_function escape) {
  size_t start = 0; /* of a run that needs no escape */
  char scratch[8];
  for (size_t i = 0; i < length;) {
    unsigned char byte = (unsigned char)text[i];
    const char *written = byte < 0x80 ? escape(byte, scratch) : NULL;
    size_t step = byte < 0x80 ? 1 : utf8_next(text + i, length - i, NULL);
    if (written == NULL && step > 0) {
      i += step;
      continue;
    }
    byte_buffer_add(buffer, text + start, i - start);
    if (step == 0) add_latin(buffer, byte);
    else byte_buffer_add_word(buffer, written);
    i++;
    start = i;
  }
  byte_buffer_add(buffer, text + start, length - start);
}

void byte_buffer_add_json(struct byte_buffer *buffer, const char *text, size_t length) {
  byte_buffer_add(buffer, "\"", 1);
  add_escaped(buffer, text, length, escape_json);
  byte_buffer_add(buffer, "\"", 1);
}

static void begin_column(struct byte_buffer *buffer) {
  if (buffer->length > 0 && buffer->data[buffer->length - 1] != '\n') byte_buffer_add(buffer, "\t", 1);
}

void byte_buffer_column(struct byte_buffer *buffer, const char *text, size_t length) {
  begin_column(buffer);
  add_escaped(buffer, text, length, escape_copy);
}

void byte_buffer_column_null(struct byte_buffer *buffer) {
  begin_column(buffer);
  byte_buffer_add(buffer, "\\N", 2);
}

void byte_buffer_column_word(struct byte_buffer *buffer, const char *word) {
  if (word == NULL || word[0] == '\0') byte_buffer_column_null(buffer);
  else byte_buffer_column(buffer, word, strlen(word));
}

void byte_buffer_column_text(struct byte_buffer *buffer, const char *word) {
  byte_buffer_column(buffer, word, strlen(word));
}

void byte_buffer_column_integer(struct byte_buffer *buffer, int64_t value) {
  char text[24];
  int length = snprintf(text, sizeof text, "%" PRId64, value);
  byte_buffer_column(buffer, text, (size_t)length);
}

void byte_buffer_column_cents(struct byte_buffer *buffer, int64_t cents) {
  char text[24];
  byte_buffer_column_word(buffer, cents_text(cents, text));
}

void byte_buffer_column_boolean(struct byte_buffer *buffer, bool value) {
  byte_buffer_column(buffer, value ? "t" : "f", 1);
}

void byte_buffer_end_row(struct byte_buffer *buffer) { byte_buffer_add(buffer, "\n", 1); }

char *cents_text(int64_t cents, char text[24]) {
  uint64_t value = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
  (void)snprintf(text, 24, "%s%" PRIu64 ".%02" PRIu64, cents < 0 ? "-" : "", value / 100, value % 100);
  return text;
}
