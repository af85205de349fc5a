/*
 * JSON written straight into a growing buffer: see json_out.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json_out.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "db/array.h"

/* Short escapes of RFC 8259 section 7. All other controls are written as visible signs. */
static const char escapes[256] = {['\n'] = 'n', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};

void json_out_init(struct json_out *out, struct arena *arena) {
  *out = (struct json_out){.buffer = {.arena = arena}};
}

static void append(struct json_out *out, const char *text, size_t length) {
  byte_buffer_add(&out->buffer, text, length);
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

/* Printable ASCII without quote and backslash: copied without a closer look. */
static const bool is_plain[256] = {[0x20 ... 0x21] = true, [0x23 ... 0x5b] = true, [0x5d ... 0x7e] = true};

/* The inside of a string: runs of characters that need no escape are copied whole. */
static void append_escaped(struct json_out *out, const char *text, size_t length) {
  size_t plain = 0, at = 0;
  while (at < length) {
    unsigned char byte = (unsigned char)text[at];
    if (is_plain[byte]) {
      at++;
      continue;
    }
    uint32_t character = 0xfffd;
    size_t step = utf8_next(text + at, length - at, &character);
    const char *sign = step == 0 ? "\ufffd" : utf8_sign(character);
    if (sign == NULL && escapes[byte] == 0) {
      at += step;
      continue;
    }
    append(out, text + plain, at - plain);
    if (sign != NULL) append(out, sign, 3);
    else append(out, (char[]){'\\', escapes[byte]}, 2);
    plain = at += step > 0 ? step : 1;
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

static void key_n(struct json_out *out, const char *key, size_t length) {
  json_out_string_n(out, key, length);
  append(out, ":", 1);
  out->need_comma = false;
}

void json_out_key(struct json_out *out, const char *key) { key_n(out, key, strlen(key)); }

void json_out_raw(struct json_out *out, const char *json, size_t length) {
  comma(out);
  append(out, json, length);
}

/* Whether one of eight bytes is a backslash, DELETE, or not ASCII: only there can a control be. (C0 is always
 * escaped in JSON.) Eight at a time, because most documents have hardly any. */
static bool is_suspect(const char *text) {
  static const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
  uint64_t word;
  memcpy(&word, text, sizeof word);
  uint64_t backslash = word ^ ones * '\\', delete = word ^ ones * 0x7f; /* zero bytes where they are */
  return ((word | ((backslash - ones) & ~backslash) | ((delete - ones) & ~delete)) & tops) != 0;
}

/* The four hexadecimal digits of an escape. */
static uint32_t hex_four(const char *text) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++)
    value = value * 16 + (uint32_t)(text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
  return value;
}

/* The length of the escape at text[0] == '\\', and the character that it stands for. */
static size_t read_escape(const char *text, size_t length, uint32_t *character) {
  *character = ' ';
  if (length < 2) return length;
  if (text[1] == 'b' || text[1] == 'f') *character = text[1] == 'b' ? '\b' : '\f';
  if (text[1] == 't') *character = '\t';
  if (text[1] != 'u' || length < 6) return 2;
  *character = hex_four(text + 2);
  if (*character < 0xd800 || *character > 0xdbff || length < 12 || text[6] != '\\' || text[7] != 'u')
    return 6;
  *character = 0x10000 + ((*character - 0xd800) << 10) + (hex_four(text + 8) - 0xdc00); /* a surrogate pair */
  return 12;
}

void json_out_document(struct json_out *out, const char *json, size_t length) {
  comma(out);
  size_t plain = 0, at = 0;
  while (at < length) {
    if (length - at >= 8 && !is_suspect(json + at)) {
      at += 8;
      continue;
    }
    /* Below U+0020 is only white space between values: in a string, JSON escapes it. */
    if ((unsigned char)json[at] < 0x7f && json[at] != '\\') {
      at++;
      continue;
    }
    uint32_t character = ' ';
    size_t step = json[at] == '\\' ? read_escape(json + at, length - at, &character)
                                   : utf8_next(json + at, length - at, &character);
    const char *sign = utf8_sign(character);
    if (step == 0) step = 1;
    if (sign != NULL) {
      append(out, json + plain, at - plain);
      append(out, sign, 3);
      plain = at + step;
    }
    at += step;
  }
  append(out, json + plain, length - plain);
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

/* text[] as a JSON array. */
static void write_list(struct json_out *out, const char *text) {
  struct db_array list;
  if (!db_array_open(&list, out->buffer.arena, text)) out->buffer.failed = true;
  json_out_array(out);
  while (db_array_next(&list)) json_out_string_n(out, list.item, list.length);
  json_out_end_array(out);
}

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
    case DB_JSON_LIST: write_list(out, value); break;
    case DB_JSON_BARE:
      /* PostgreSQL prints NaN and Infinity, which are not JSON. */
      if (value[0] == 'N' || value[0] == 'I' || (value[0] == '-' && value[1] == 'I')) json_out_null(out);
      else json_out_document(out, value, length);
      break;
  }
}

/* The length of "provider_account." in a column's name, with its dot; 0 in a plain one. */
static size_t group_of(const char *name) {
  const char *dot = strchr(name, '.');
  return dot == NULL ? 0 : (size_t)(dot - name) + 1;
}

/* The columns of one group, from `column` on, as an object, or null when the first is null. Returns the next
 * column. */
static int write_group(struct json_out *out, const struct db *db, size_t statement, int row, int column) {
  int columns = db_columns(db, statement);
  const char *name = db_column_name(db, statement, column);
  size_t length = group_of(name);
  bool there = db_value(db, statement, row, column) != NULL;
  key_n(out, name, length - 1);
  if (there) json_out_object(out);
  else json_out_null(out);
  for (; column < columns; column++) {
    const char *next = db_column_name(db, statement, column);
    if (strncmp(next, name, length) != 0) break;
    if (!there) continue;
    json_out_key(out, next + length);
    json_out_value(out, db, statement, row, column);
  }
  if (there) json_out_end_object(out);
  return column;
}

void json_out_members(struct json_out *out, const struct db *db, size_t statement, int row) {
  int columns = db_columns(db, statement);
  for (int column = 0; column < columns;) {
    const char *name = db_column_name(db, statement, column);
    if (group_of(name) > 0) {
      column = write_group(out, db, statement, row, column);
    } else if (name[0] == '_') {
      column++;
    } else {
      json_out_key(out, name);
      json_out_value(out, db, statement, row, column++);
    }
  }
}

void json_out_row(struct json_out *out, const struct db *db, size_t statement, int row) {
  json_out_object(out);
  json_out_members(out, db, statement, row);
  json_out_end_object(out);
}

void json_out_rows(struct json_out *out, const struct db *db, size_t statement) {
  json_out_array(out);
  for (int row = 0; row < db_rows(db, statement); row++) json_out_row(out, db, statement, row);
  json_out_end_array(out);
}

const char *json_out_text(struct json_out *out, size_t *length) {
  if (!byte_buffer_reserve(&out->buffer, 1)) return NULL;
  out->buffer.data[out->buffer.length] = '\0';
  if (length != NULL) *length = out->buffer.length;
  return out->buffer.data;
}
