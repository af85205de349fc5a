/*
 * Answers as bytes: see reply.h and request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_DEFAULT = 25, CSV_ROWS = 10000 };

static const char document_type[] = "application/json; charset=utf-8";
static const char problem_type[] = "application/problem+json; charset=utf-8";
static const char csv_type[] = "text/csv; charset=utf-8; header=present";

/* ---------------------------------------------------------------- text that grows in the arena */

struct text {
  struct arena *arena;
  char *at;
  size_t length, size;
  bool failed;
};

static void add(struct text *text, const char *bytes, size_t length) {
  if (text->failed) return;
  if (text->size - text->length < length) {
    size_t size = (text->size > 0 ? text->size * 2 : 1024) + length;
    char *at = arena_grow(text->arena, text->at, text->length, size);
    if (at == NULL) {
      text->failed = true;
      return;
    }
    text->at = at;
    text->size = size;
  }
  memcpy(text->at + text->length, bytes, length);
  text->length += length;
}

static void add_text(struct text *text, const char *words) { add(text, words, strlen(words)); }

/* A header's value: control characters go, so that no value can begin another header. */
static void add_header(struct text *text, const char *name, const char *value) {
  if (value == NULL) return;
  add_text(text, name);
  add(text, ": ", 2);
  for (const char *at = value; *at != '\0';) {
    size_t plain = 0;
    while (at[plain] != '\0' && (unsigned char)at[plain] >= 0x20 && at[plain] != 0x7f) plain++;
    add(text, at, plain);
    at += plain;
    if (*at != '\0') at++;
  }
  add(text, "\r\n", 2);
}

static void add_number_header(struct text *text, const char *name, long long value) {
  char number[24];
  snprintf(number, sizeof number, "%lld", value);
  add_header(text, name, number);
}

/* ---------------------------------------------------------------- status lines */

static const struct {
  enum status status;
  const char *title;
} titles[] = {
    {STATUS_OK, "OK"},
    {STATUS_CREATED, "Created"},
    {STATUS_ACCEPTED, "Accepted"},
    {STATUS_NO_CONTENT, "No Content"},
    {STATUS_NOT_MODIFIED, "Not Modified"},
    {STATUS_BAD_REQUEST, "Bad Request"},
    {STATUS_UNAUTHORIZED, "Unauthorized"},
    {STATUS_FORBIDDEN, "Forbidden"},
    {STATUS_NOT_FOUND, "Not Found"},
    {STATUS_METHOD_NOT_ALLOWED, "Method Not Allowed"},
    {STATUS_NOT_ACCEPTABLE, "Not Acceptable"},
    {STATUS_REQUEST_TIMEOUT, "Request Timeout"},
    {STATUS_CONFLICT, "Conflict"},
    {STATUS_LENGTH_REQUIRED, "Length Required"},
    {STATUS_PRECONDITION_FAILED, "Precondition Failed"},
    {STATUS_TOO_LARGE, "Content Too Large"},
    {STATUS_UNSUPPORTED_TYPE, "Unsupported Media Type"},
    {STATUS_UNPROCESSABLE, "Unprocessable Content"},
    {STATUS_PRECONDITION_REQUIRED, "Precondition Required"},
    {STATUS_TOO_MANY, "Too Many Requests"},
    {STATUS_INTERNAL, "Internal Server Error"},
    {STATUS_UNAVAILABLE, "Service Unavailable"},
};

static const char *status_title(enum status status) {
  for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
    if (titles[i].status == status) return titles[i].title;
  return "Answer";
}

/* ---------------------------------------------------------------- problems */

enum status reply_problem(struct request *request, enum status status, const char *code, const char *detail) {
  request->problem.code = code;
  request->problem.detail = detail;
  return status;
}

enum status reply_field_error(struct request *request, const char *field, const char *code,
                              const char *message) {
  struct field_error *error = arena_alloc(request->arena, sizeof *error);
  if (request->problem.code == NULL) request->problem.code = "fields";
  if (error == NULL) return STATUS_UNPROCESSABLE;
  *error = (struct field_error){.field = field, .code = code, .message = message};
  struct field_error **last = &request->problem.errors;
  while (*last != NULL) last = &(*last)->next;
  *last = error;
  return STATUS_UNPROCESSABLE;
}

static void problem_errors(struct json_out *out, const struct field_error *error) {
  json_out_key(out, "errors");
  json_out_array(out);
  for (; error != NULL; error = error->next) {
    json_out_object(out);
    json_out_key(out, "field");
    json_out_string(out, error->field);
    json_out_key(out, "code");
    json_out_string(out, error->code);
    json_out_key(out, "message");
    json_out_string(out, error->message);
    json_out_end_object(out);
  }
  json_out_end_array(out);
}

static void problem_write(struct request *request, enum status status) {
  const struct problem *problem = &request->problem;
  struct json_out *out = &request->out;
  json_out_init(out, request->arena);
  json_out_object(out);
  json_out_key(out, "type");
  json_out_string(out, "about:blank");
  json_out_key(out, "title");
  json_out_string(out, problem->title != NULL ? problem->title : status_title(status));
  json_out_key(out, "status");
  json_out_integer(out, (int)status);
  json_out_key(out, "code");
  json_out_string(out, problem->code != NULL ? problem->code : "failed");
  const char *detail = problem->detail;
  if (detail == NULL && problem->errors != NULL)
    detail = "Some fields need another look. Nothing was stored.";
  if (detail != NULL) {
    json_out_key(out, "detail");
    json_out_string(out, detail);
  }
  if (request->id != NULL) {
    json_out_key(out, "request_id");
    json_out_string(out, request->id);
  }
  if (problem->errors != NULL) problem_errors(out, problem->errors);
  json_out_end_object(out);
}

/* ---------------------------------------------------------------- rows */

enum status reply_one_row(struct request *request, size_t statement) {
  if (db_rows(request->db, statement) == 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found",
                         "This does not exist, or it is not yours to see.");
  const char *version = db_named(request->db, statement, 0, "version");
  if (version != NULL) request->etag = arena_text(request->arena, version);
  json_out_init(&request->out, request->arena);
  json_out_row(&request->out, request->db, statement, 0);
  return STATUS_OK;
}

enum status reply_json_column(struct request *request, size_t statement, enum status status) {
  const char *json = db_value(request->db, statement, 0, 0);
  if (json == NULL)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found",
                         "This does not exist, or it is not yours to see.");
  const char *version = db_named(request->db, statement, 0, "version");
  if (version != NULL) request->etag = arena_text(request->arena, version);
  json_out_init(&request->out, request->arena);
  json_out_raw(&request->out, json, db_length(request->db, statement, 0, 0));
  return status;
}

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

static int find_column(const struct request *request, size_t statement, const char *name) {
  int columns = db_columns(request->db, statement);
  for (int column = 0; column < columns; column++)
    if (strcmp(db_column_name(request->db, statement, column), name) == 0) return column;
  return -1;
}

/* A spreadsheet runs what begins so as a formula; a plain negative number is one still. */
static bool is_formula(const char *cell, size_t length) {
  if (length == 0 || strchr("=+-@\t\r", cell[0]) == NULL) return false;
  size_t digits = 1;
  while (digits < length && ((cell[digits] >= '0' && cell[digits] <= '9') || cell[digits] == '.')) digits++;
  return !(cell[0] == '-' && length > 1 && digits == length);
}

/* RFC 4180: quoted where commas, quotes or line breaks stand in it. */
static void csv_cell(struct text *text, const char *cell, size_t length) {
  bool formula = is_formula(cell, length);
  bool quote = formula;
  for (size_t i = 0; i < length && !quote; i++)
    quote = cell[i] == '"' || cell[i] == ',' || cell[i] == '\n' || cell[i] == '\r' || cell[i] == ';';
  if (quote) add(text, "\"", 1);
  if (formula) add(text, "'", 1);
  size_t plain = 0;
  for (size_t i = 0; i < length; i++) {
    if (cell[i] != '"') continue;
    add(text, cell + plain, i + 1 - plain);
    plain = i; /* the quote is copied again */
  }
  add(text, cell + plain, length - plain);
  if (quote) add(text, "\"", 1);
}

static enum status csv_write(struct request *request, size_t statement, int rows, int skip, int skip_too) {
  struct text text = {.arena = request->arena};
  int columns = db_columns(request->db, statement);
  add_text(&text, "\xef\xbb\xbf"); /* spreadsheets take UTF-8 only so */
  for (int row = -1; row < rows; row++) {
    bool comma = false;
    for (int column = 0; column < columns; column++) {
      if (column == skip || column == skip_too) continue;
      if (comma) add(&text, ",", 1);
      comma = true;
      const char *cell = row < 0 ? db_column_name(request->db, statement, column)
                                 : db_value(request->db, statement, row, column);
      if (cell != NULL) csv_cell(&text, cell, strlen(cell));
    }
    add(&text, "\r\n", 2);
  }
  if (text.failed) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->reply_body = text.at;
  request->reply_length = text.length;
  request->reply_type = csv_type;
  request->reply_filename = request->route->csv_name;
  return STATUS_OK;
}

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

enum status reply_list(struct request *request, size_t statement) {
  int limit = list_limit(request), rows = db_rows(request->db, statement);
  int shown = rows > limit ? limit : rows;
  int cursor = find_column(request, statement, "cursor"), total = find_column(request, statement, "total");
  if (request->wants_csv && rows > CSV_ROWS) /* a file that ends early looks whole */
    return reply_problem(
        request, STATUS_UNPROCESSABLE, "too_many_rows",
        "This list has more than 10,000 rows. Narrow it by its filters, or page through it without CSV.");
  if (request->wants_csv) return csv_write(request, statement, shown, cursor, total);
  request->reply_filename = NULL; /* the name is that of the CSV: JSON is no file to be saved */
  struct json_out *out = &request->out;
  json_out_init(out, request->arena);
  json_out_object(out);
  json_out_key(out, "items");
  json_out_array(out);
  for (int row = 0; row < shown; row++) list_item(request, statement, row, cursor, total);
  json_out_end_array(out);
  json_out_key(out, "next");
  json_out_string(out,
                  rows > limit && cursor >= 0 ? db_value(request->db, statement, shown - 1, cursor) : NULL);
  if (total >= 0) {
    json_out_key(out, "total");
    if (rows > 0)
      json_out_raw(out, db_value(request->db, statement, 0, total),
                   db_length(request->db, statement, 0, total));
    else json_out_integer(out, 0);
  }
  json_out_end_object(out);
  return STATUS_OK;
}

/* ---------------------------------------------------------------- the head */

static bool is_plain_in_filename(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' ||
         c == '_';
}

/* RFC 6266: a plain name for old readers, the true one percent-encoded (RFC 8187). */
static void add_disposition(struct text *text, const char *filename) {
  if (filename == NULL) return;
  add_text(text, "Content-Disposition: attachment; filename=\"");
  for (const char *at = filename; *at != '\0'; at++)
    add(text, is_plain_in_filename((unsigned char)*at) ? at : "_", 1);
  add_text(text, "\"; filename*=UTF-8''");
  for (const char *at = filename; *at != '\0'; at++) {
    char escape[4];
    snprintf(escape, sizeof escape, "%%%02X", (unsigned char)*at);
    if (is_plain_in_filename((unsigned char)*at)) add(text, at, 1);
    else add(text, escape, 3);
  }
  add(text, "\r\n", 2);
}

static void add_etag(struct text *text, const char *version) {
  if (version == NULL) return;
  add_text(text, "ETag: \"");
  add_text(text, version);
  add_text(text, "\"\r\n");
}

static void head_write(struct request *request, enum status status, const char *type, size_t length,
                       struct text *text) {
  char line[64];
  snprintf(line, sizeof line, "%d %s", (int)status, status_title(status));
  add_header(text, "Status", line);
  bool no_body = status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
  if (!no_body) add_header(text, "Content-Type", type);
  if (!no_body) add_number_header(text, "Content-Length", (long long)length);
  add_text(text, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"); /* ASVS 14.3.2 */
  add_header(text, "X-Request-Id", request->id);
  add_header(text, "X-Session-Expires", request->session_expires_at);
  add_header(text, "Set-Cookie", request->set_cookie);
  if (status < STATUS_BAD_REQUEST) {
    add_header(text, "Location", request->location);
    add_etag(text, request->etag);
    add_disposition(text, no_body ? NULL : request->reply_filename);
  }
  add_header(text, "Allow", request->allow);
  if (status == STATUS_UNAUTHORIZED)
    add_header(text, "WWW-Authenticate", "Bearer"); /* RFC 9110 section 11.6.1 */
  if (request->problem.retry_after_s > 0)
    add_number_header(text, "Retry-After", request->problem.retry_after_s);
  add(text, "\r\n", 2);
}

void reply_constant_failure(struct answer *answer) {
  static const char head[] =
      "Status: 500 Internal Server Error\r\nContent-Type: application/problem+json; charset=utf-8\r\n"
      "Content-Length: 83\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n";
  static const char body[] =
      "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,\"code\":\"failed\"}";
  _Static_assert(sizeof body - 1 == 83, "Content-Length above");
  *answer = (struct answer){
      .head = head, .head_length = sizeof head - 1, .body = body, .body_length = sizeof body - 1};
}

bool reply_render(struct request *request, enum status status, struct answer *answer) {
  const char *type = request->reply_type != NULL ? request->reply_type : document_type;
  const char *body = request->reply_body;
  size_t length = request->reply_length;
  if (status >= STATUS_BAD_REQUEST) {
    type = problem_type;
    problem_write(request, status);
  }
  bool in_pieces = status == STATUS_OK && request->reply_piece != NULL;
  if (in_pieces) {
    body = ""; /* the dispatcher sends them behind this */
  } else if (status >= STATUS_BAD_REQUEST || body == NULL) {
    length = 0;
    /* An answer without a document (202, 204) has an empty body. */
    body = request->out.arena == NULL ? "" : json_out_text(&request->out, &length);
  }
  struct text head = {.arena = request->arena};
  bool no_body = status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
  head_write(request, status, type, length, &head);
  if (body == NULL || head.failed) {
    reply_constant_failure(answer);
    return false;
  }
  *answer = (struct answer){.head = head.at,
                            .head_length = head.length,
                            .body = body,
                            .body_length = no_body || request->head || in_pieces ? 0 : length};
  return in_pieces && !request->head;
}
