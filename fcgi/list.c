/*
 * Lists: see reply_list() in request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "list_csv.h"
#include "request.h"

enum { LIMIT_DEFAULT = 25, CSV_ROWS = 10000 };

static int list_limit(const struct request *request) {
  const char *text = request_query(request, "limit");
  if (text == NULL) text = request_value(request, "limit");
  long limit = text == NULL ? 0 : strtol(text, NULL, 10);
  if (limit > 0 && limit <= CSV_ROWS) return (int)limit;
  return request->wants_csv ? CSV_ROWS : LIMIT_DEFAULT;
}

const char *request_limit(struct request *request) {
  return arena_format(request->arena, "%d", list_limit(request) + 1);
}

static bool has_limit(const struct request *request) {
  return request_query(request, "limit") != NULL || request_value(request, "limit") != NULL;
}

static int find_column(const struct request *request, size_t statement, const char *name) {
  int columns = db_columns(request->db, statement);
  for (int column = 0; column < columns; column++)
    if (strcmp(db_column_name(request->db, statement, column), name) == 0) return column;
  return -1;
}

/* ---------------------------------------------------------------- the next page of a CSV */

/* Characters that need no escape in a query string, nor within the angle brackets of a Link. */
static void add_query(struct byte_buffer *out, const char *text, size_t length, const char *plain) {
  for (size_t i = 0; i < length; i++) {
    char escape[4];
    bool letter = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'Z') ||
                  (text[i] >= 'a' && text[i] <= 'z');
    snprintf(escape, sizeof escape, "%%%02X", (unsigned)(unsigned char)text[i]);
    if (letter || (text[i] != '\0' && strchr(plain, text[i]) != NULL)) byte_buffer_add(out, text + i, 1);
    else byte_buffer_add(out, escape, 3);
  }
}

/* The request's own address with another `after` (RFC 8288). NULL: out of memory. */
static const char *next_link(struct request *request, const char *cursor) {
  static const char unreserved[] = "-._~", as_sent[] = "-._~%+=&/:@!$'()*,;?";
  struct byte_buffer out = {.arena = request->arena};
  const char *target = request->target == NULL ? "" : request->target;
  size_t path = strcspn(target, "?");
  char between = '?';
  byte_buffer_add_word(&out, "<");
  add_query(&out, target, path, as_sent);
  for (const char *at = target[path] == '?' ? target + path + 1 : ""; *at != '\0';) {
    size_t length = strcspn(at, "&");
    if (length > 0 && strncmp(at, "after=", 6) != 0) {
      byte_buffer_add(&out, &between, 1);
      add_query(&out, at, length, as_sent);
      between = '&';
    }
    at += length;
    if (*at == '&') at++;
  }
  byte_buffer_add(&out, &between, 1);
  byte_buffer_add_word(&out, "after=");
  add_query(&out, cursor, strlen(cursor), unreserved);
  byte_buffer_add(&out, ">; rel=\"next\"", sizeof ">; rel=\"next\"");
  return out.failed ? NULL : out.data;
}

static enum status list_csv(struct request *request, size_t statement, int shown, int cursor, int total) {
  int rows = db_rows(request->db, statement);
  if (rows > shown && !has_limit(request)) /* a file that ends early looks complete */
    return reply_problem(
        request, STATUS_UNPROCESSABLE, "too_many_rows",
        "This list has more than 10,000 rows. Narrow it with its filters, or page through it "
        "with limit and after.");
  if (rows > shown) {
    request->next = cursor_seal(request, db_value(request->db, statement, shown - 1, cursor));
    if (request->next != NULL && request->method == GET)
      request->next_link = next_link(request, request->next);
    if (request->next == NULL || (request->method == GET && request->next_link == NULL))
      return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  }
  return list_write_csv(request, statement, shown, cursor, total);
}

/* ---------------------------------------------------------------- JSON */

static void list_item(struct request *request, size_t statement, int row, int cursor, int total) {
  struct json_out *out = &request->out;
  int columns = db_columns(request->db, statement);
  json_out_object(out);
  for (int column = 0; column < columns; column++) {
    if (column == cursor || column == total) continue;
    json_out_key(out, db_column_name(request->db, statement, column));
    json_out_value(out, request->db, statement, row, column);
  }
  json_out_end_object(out);
}

static void list_total(struct request *request, size_t statement, int total) {
  const char *value = db_value(request->db, statement, 0, total);
  json_out_key(&request->out, "total");
  if (value != NULL) json_out_raw(&request->out, value, strlen(value));
  else json_out_integer(&request->out, 0);
}

enum status reply_list(struct request *request, size_t statement) {
  int limit = list_limit(request), rows = db_rows(request->db, statement);
  int shown = rows > limit ? limit : rows;
  int cursor = find_column(request, statement, "cursor"), total = find_column(request, statement, "total");
  if (request->wants_csv) return list_csv(request, statement, shown, cursor, total);
  const char *next = NULL;
  if (rows > limit) {
    next = cursor_seal(request, db_value(request->db, statement, shown - 1, cursor));
    if (next == NULL) return reply_problem(request, STATUS_INTERNAL, "failed", NULL); /* no way to the rest */
  }
  struct json_out *out = &request->out;
  json_out_init(out, request->arena);
  json_out_object(out);
  json_out_key(out, "items");
  json_out_array(out);
  for (int row = 0; row < shown; row++) list_item(request, statement, row, cursor, total);
  json_out_end_array(out);
  json_out_key(out, "next");
  json_out_string(out, next);
  if (total >= 0) list_total(request, statement, total);
  json_out_end_object(out);
  return STATUS_OK;
}
