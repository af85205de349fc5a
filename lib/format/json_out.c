/*
 * JSON written straight into a growing buffer: see json_out.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json_out.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { FIRST_SIZE = 4096 };

/* Characters that JSON text may not hold bare (RFC 8259 section 7), by their short escape; 'u' = \u00XX. */
static const char escapes[256] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
    [0] = 'u',    [1] = 'u',    [2] = 'u',    [3] = 'u',    [4] = 'u',    [5] = 'u',   [6] = 'u',
    [7] = 'u',    [11] = 'u',   [14] = 'u',   [15] = 'u',   [16] = 'u',   [17] = 'u',  [18] = 'u',
    [19] = 'u',   [20] = 'u',   [21] = 'u',   [22] = 'u',   [23] = 'u',   [24] = 'u',  [25] = 'u',
    [26] = 'u',   [27] = 'u',   [28] = 'u',   [29] = 'u',   [30] = 'u',   [31] = 'u'};

void json_out_init(struct json_out *out, struct arena *arena) { *out = (struct json_out){.arena = arena}; }

/* Room for `more` bytes and the closing NUL; false (remembered) when memory is out. */
static bool reserve(struct json_out *out, size_t more) {
  if (out->failed) return false;
  if (more < out->size - out->length) return true;
  size_t size = out->size > 0 ? out->size : FIRST_SIZE;
  while (size - out->length <= more && size < SIZE_MAX / 4) size *= 2;
  char *text = arena_grow(out->arena, out->text, out->length, size);
  if (text == NULL || size - out->length <= more) {
    out->failed = true;
    return false;
  }
  out->text = text;
  out->size = size;
  return true;
}

static void append(struct json_out *out, const char *text, size_t length) {
  if (!reserve(out, length)) return;
  memcpy(out->text + out->length, text, length);
  out->length += length;
}

static void comma(struct json_out *out) {
  if (out->need_comma) append(out, ",", 1);
  out->need_comma = true;
}

void json_out_object(struct json_out *out) {
  comma(out);
  append(out, "{", 1);
  out->need_comma = false;
}

void json_out_end_object(struct json_out *out) {
  append(out, "}", 1);
  out->need_comma = true;
}

void json_out_array(struct json_out *out) {
  comma(out);
  append(out, "[", 1);
  out->need_comma = false;
}

void json_out_end_array(struct json_out *out) {
  append(out, "]", 1);
  out->need_comma = true;
}

/* Writes one byte that may not stand bare. */
static void append_escape(struct json_out *out, unsigned char byte) {
  char text[8];
  int length = escapes[byte] == 'u' ? snprintf(text, sizeof text, "\\u%04x", byte)
                                    : snprintf(text, sizeof text, "\\%c", escapes[byte]);
  append(out, text, (size_t)length);
}

/* The inside of a string: runs of plain bytes are copied whole. */
static void append_escaped(struct json_out *out, const char *text, size_t length) {
  size_t plain = 0, at = 0;
  while (at < length) {
    unsigned char byte = (unsigned char)text[at];
    if (byte < 0x80 && escapes[byte] == 0) {
      at++;
      continue;
    }
    size_t step = byte < 0x80 ? 0 : utf8_next(text + at, length - at, NULL);
    if (step > 0) {
      at += step;
      continue;
    }
    append(out, text + plain, at - plain);
    if (byte < 0x80) append_escape(out, byte);
    else append(out, "\xef\xbf\xbd", 3);
    plain = ++at;
  }
  append(out, text + plain, length - plain);
}

void json_out_string_n(struct json_out *out, const char *text, size_t length) {
  if (text == NULL) {
    json_out_null(out);
    return;
  }
  comma(out);
  append(out, "\"", 1);
  append_escaped(out, text, length);
  append(out, "\"", 1);
}

void json_out_string(struct json_out *out, const char *text) {
  json_out_string_n(out, text, text == NULL ? 0 : strlen(text));
}

void json_out_key(struct json_out *out, const char *key) {
  json_out_string(out, key);
  append(out, ":", 1);
  out->need_comma = false;
}

void json_out_raw(struct json_out *out, const char *json, size_t length) {
  comma(out);
  append(out, json, length);
}

void json_out_integer(struct json_out *out, int64_t value) {
  char text[24];
  int length = snprintf(text, sizeof text, "%lld", (long long)value);
  json_out_raw(out, text, (size_t)length);
}

void json_out_boolean(struct json_out *out, bool value) {
  json_out_raw(out, value ? "true" : "false", value ? 4 : 5);
}

void json_out_null(struct json_out *out) { json_out_raw(out, "null", 4); }

void json_out_value(struct json_out *out, const struct db *db, size_t statement, int row, int column) {
  const char *value = db_value(db, statement, row, column);
  if (value == NULL) {
    json_out_null(out);
    return;
  }
  size_t length = db_length(db, statement, row, column);
  switch (db_json_kind(db, statement, column)) {
    case DB_JSON_STRING: json_out_string_n(out, value, length); break;
    case DB_JSON_BOOL: json_out_boolean(out, value[0] == 't'); break;
    case DB_JSON_BARE:
      /* PostgreSQL prints NaN and Infinity, which JSON does not know. */
      if (value[0] == 'N' || value[0] == 'I' || (value[0] == '-' && value[1] == 'I')) json_out_null(out);
      else json_out_raw(out, value, length);
      break;
  }
}

void json_out_members(struct json_out *out, const struct db *db, size_t statement, int row) {
  int columns = db_columns(db, statement);
  for (int column = 0; column < columns; column++) {
    json_out_key(out, db_column_name(db, statement, column));
    json_out_value(out, db, statement, row, column);
  }
}

void json_out_row(struct json_out *out, const struct db *db, size_t statement, int row) {
  json_out_object(out);
  json_out_members(out, db, statement, row);
  json_out_end_object(out);
}

void json_out_rows(struct json_out *out, const struct db *db, size_t statement) {
  json_out_array(out);
  int rows = db_rows(db, statement);
  for (int row = 0; row < rows; row++) json_out_row(out, db, statement, row);
  json_out_end_array(out);
}

const char *json_out_text(struct json_out *out, size_t *length) {
  if (!reserve(out, 1)) return NULL;
  out->text[out->length] = '\0';
  if (length != NULL) *length = out->length;
  return out->text;
}
