/*
 * A list as CSV: see list_csv.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "list_csv.h"

#include <string.h>

#include "base/log.h"
#include "base/utf8.h"

static const char csv_type[] = "text/csv; charset=utf-8; header=present";

/* A spreadsheet takes a cell that begins like this for a formula. A negative number is not one. */
static bool is_formula(const char *cell, size_t length) {
  if (length == 0 || strchr("=+-@\t\r", cell[0]) == NULL) return false;
  size_t digits = 1;
  while (digits < length && ((cell[digits] >= '0' && cell[digits] <= '9') || cell[digits] == '.')) digits++;
  return !(cell[0] == '-' && length > 1 && digits == length);
}

/* Quoted when commas, quotes, or line breaks are in it; semicolons too, for spreadsheets that split at them.
 */
static bool needs_quotes(const char *cell, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (cell[i] != '\0' && strchr("\",\n\r;", cell[i]) != NULL) return true;
  return false;
}

static void add_cell(struct byte_buffer *out, const char *cell, size_t length) {
  bool formula = is_formula(cell, length), quote = formula || needs_quotes(cell, length);
  if (quote) byte_buffer_add(out, "\"", 1);
  if (formula) byte_buffer_add(out, "'", 1);
  size_t plain = 0;
  for (size_t at = 0; at < length;) {
    uint32_t character = 0xfffd;
    size_t step = utf8_next(cell + at, length - at, &character);
    const char *sign = step == 0 ? "\ufffd" : character == '"' ? "\"\"" : utf8_sign(character);
    if (step == 0) step = 1;
    if (sign != NULL) {
      byte_buffer_add(out, cell + plain, at - plain);
      byte_buffer_add_word(out, sign);
      plain = at + step;
    }
    at += step;
  }
  byte_buffer_add(out, cell + plain, length - plain);
  if (quote) byte_buffer_add(out, "\"", 1);
}

/* One value of a list. False: it is a list or an object itself. */
static bool add_item(struct byte_buffer *text, const json_t *item) {
  const char *number = NULL;
  switch (json_typeof(item)) {
    case JSON_STRING: byte_buffer_add(text, json_string_value(item), json_string_length(item)); return true;
    case JSON_TRUE: byte_buffer_add_word(text, "true"); return true;
    case JSON_FALSE: byte_buffer_add_word(text, "false"); return true;
    case JSON_NULL: return true;
    case JSON_INTEGER: number = arena_format(text->arena, "%lld", (long long)json_integer_value(item)); break;
    case JSON_REAL: number = arena_format(text->arena, "%.15g", json_real_value(item)); break;
    default: return false;
  }
  if (number == NULL) text->failed = true;
  else byte_buffer_add_word(text, number);
  return true;
}

/* A JSON array of plain values as one cell. False: it is not such an array. */
static bool add_list(struct byte_buffer *out, const char *json, size_t length) {
  static const char between[] = "; ";
  struct byte_buffer text = {.arena = out->arena};
  json_t *list = json_loadb(json, length, 0, NULL), *item;
  size_t index;
  bool flat = json_is_array(list);
  json_array_foreach(list, index, item) {
    if (index > 0) byte_buffer_add_word(&text, between);
    flat = flat && add_item(&text, item);
  }
  json_decref(list);
  out->failed = out->failed || text.failed;
  if (flat && text.length > 0) add_cell(out, text.data, text.length);
  return flat;
}

static bool add_value(struct byte_buffer *out, const struct db *db, size_t statement, int row, int column) {
  const char *value = db_value(db, statement, row, column);
  size_t length = db_length(db, statement, row, column);
  if (value == NULL) return true;
  enum db_json kind = db_json_kind(db, statement, column);
  if (kind == DB_JSON_BARE && (value[0] == '[' || value[0] == '{')) return add_list(out, value, length);
  if (kind == DB_JSON_BOOL) byte_buffer_add_word(out, value[0] == 't' ? "true" : "false");
  else add_cell(out, value, length);
  return true;
}

/* The row; -1 the names of the columns. False when a column is not flat. */
static bool add_row(struct byte_buffer *out, const struct db *db, size_t statement, int row, int skip,
                    int skip_too) {
  int columns = db_columns(db, statement);
  bool comma = false;
  for (int column = 0; column < columns; column++) {
    if (column == skip || column == skip_too) continue;
    const char *name = db_column_name(db, statement, column);
    if (comma) byte_buffer_add(out, ",", 1);
    comma = true;
    if (row < 0) {
      add_cell(out, name, strlen(name));
    } else if (!add_value(out, db, statement, row, column)) {
      log_event(LOG_ERROR, "csv_column_not_flat", name, 0);
      return false;
    }
  }
  byte_buffer_add(out, "\r\n", 2);
  return true;
}

enum status list_write_csv(struct request *request, size_t statement, int rows, int skip, int skip_too) {
  struct byte_buffer out = {.arena = request->arena};
  if (request->wants_bom) byte_buffer_add_word(&out, "\ufeff");
  bool good = true;
  for (int row = -1; row < rows && good; row++)
    good = add_row(&out, request->db, statement, row, skip, skip_too);
  if (!good || out.failed) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->reply_body = out.data;
  request->reply_length = out.length;
  request->reply_type = csv_type;
  request->reply_filename = request->route->csv_name;
  return STATUS_OK;
}
