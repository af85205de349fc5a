/*
 * Answers as bytes: see reply.h and request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

static const char document_type[] = "application/json; charset=utf-8";
static const char problem_type[] = "application/problem+json; charset=utf-8";

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

enum status reply_unauthorized(struct request *request) {
  request->problem = (struct problem){0};
  if (request->sent_token && request->route->right != RIGHT_NONE)
    return reply_problem(
        request, STATUS_UNAUTHORIZED, "invalid_token",
        "This token is unknown, expired, or revoked. Create a new one under Manage account.");
  return reply_problem(request, STATUS_UNAUTHORIZED, "log_in", "Log in, or send a valid token.");
}

enum status reply_field_error(struct request *request, const char *field, const char *code,
                              const char *message) {
  struct problem *problem = &request->problem;
  if (problem->code == NULL) problem->code = "fields";
  struct field_error **last = &problem->errors;
  size_t count = 0;
  for (; *last != NULL; last = &(*last)->next) count++;
  struct field_error *error = count < PROBLEM_ERRORS_MOST ? arena_alloc(request->arena, sizeof *error) : NULL;
  if (error == NULL) {
    problem->more_errors++;
    return STATUS_UNPROCESSABLE;
  }
  *error = (struct field_error){.field = field, .code = code, .message = message};
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

static const char *problem_detail(struct request *request) {
  const struct problem *problem = &request->problem;
  if (problem->detail != NULL || problem->errors == NULL) return problem->detail;
  if (problem->more_errors == 0) return "Correct the fields named in errors. Nothing was saved.";
  return arena_format(request->arena, "Correct the fields named in errors and %zu more. Nothing was saved.",
                      problem->more_errors);
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
  const char *detail = problem_detail(request);
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

enum status reply_not_found(struct request *request) {
  return reply_problem(request, STATUS_NOT_FOUND, "not_found", "This does not exist, or you may not see it.");
}

/* 128 bits of a text, for an ETag. Fast rather than cryptographic: anyone who can choose the text can
 * see it anyway. */
static void fingerprint(const char *text, size_t length, uint64_t hash[2]) {
  static const uint64_t odd[2] = {UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xC2B2AE3D27D4EB4F)};
  hash[0] = length;
  hash[1] = ~(uint64_t)length;
  for (size_t at = 0; at < length; at += sizeof(uint64_t)) {
    uint64_t word = 0;
    memcpy(&word, text + at, length - at < sizeof word ? length - at : sizeof word);
    for (int i = 0; i < 2; i++) {
      hash[i] = (hash[i] ^ word) * odd[i];
      hash[i] ^= hash[i] >> 29;
    }
  }
}

void reply_fingerprint(struct request *request) {
  const struct byte_buffer *text = &request->out.buffer;
  const char *shown = request->reply_body != NULL ? request->reply_body : text->data;
  size_t length = request->reply_body != NULL ? request->reply_length : text->length;
  uint64_t hash[2];
  if (request->etag != NULL || shown == NULL || text->failed) return;
  fingerprint(shown, length, hash);
  request->etag = arena_format(request->arena, "%016" PRIx64 "%016" PRIx64, hash[0], hash[1]);
}

static void set_version(struct request *request, size_t statement) {
  const char *version = db_named(request->db, statement, 0, "version");
  if (version != NULL) request->etag = arena_text(request->arena, version);
}

enum status reply_one_row(struct request *request, size_t statement) {
  if (db_rows(request->db, statement) == 0) return reply_not_found(request);
  json_out_init(&request->out, request->arena);
  json_out_row(&request->out, request->db, statement, 0);
  set_version(request, statement);
  return STATUS_OK;
}

enum status reply_json_column(struct request *request, size_t statement, enum status status) {
  const char *json = db_value(request->db, statement, 0, 0);
  if (json == NULL) return reply_not_found(request);
  json_out_init(&request->out, request->arena);
  json_out_document(&request->out, json, db_length(request->db, statement, 0, 0));
  set_version(request, statement);
  return status;
}

/* ---------------------------------------------------------------- the address of what was made */

/* An id or word that may be used in a path. */
static bool is_segment(const char *text) {
  return text[0] != '\0' &&
         text[strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_")] == '\0';
}

/* The value of a {name}: a parameter of the route's path, or otherwise a member of the answer. NULL: neither.
 */
static const char *location_value(const struct request *request, const json_t *answer, const char *name,
                                  size_t length) {
  size_t number = 0;
  for (const char *at = strchr(request->route->path, '{'); at != NULL; at = strchr(at + 1, '{'), number++)
    if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '}') return request->path[number];
  const char *key = arena_text_n(request->arena, name, length);
  const json_t *member = key == NULL ? NULL : json_object_get(answer, key);
  if (json_is_integer(member))
    return arena_format(request->arena, "%lld", (long long)json_integer_value(member));
  const char *text = json_string_value(member);
  return text != NULL && is_segment(text) ? arena_text(request->arena, text) : NULL;
}

/* Fills route->location. NULL when the answer does not say what was created, which is logged. */
static const char *location_fill(struct request *request, const char *answer) {
  json_t *object = json_loads(answer, 0, NULL);
  const char *location = "";
  for (const char *at = request->route->location; *at != '\0' && location != NULL;) {
    size_t plain = strcspn(at, "{"), name = at[plain] == '{' ? strcspn(at + plain + 1, "}") : 0;
    const char *value = name > 0 ? location_value(request, object, at + plain + 1, name) : "";
    location =
        value == NULL ? NULL : arena_format(request->arena, "%s%.*s%s", location, (int)plain, at, value);
    at += plain + (name > 0 ? name + 2 : 0);
  }
  json_decref(object);
  if (location == NULL) log_event(LOG_ERROR, "location_missing", request->route->path, 0);
  return location;
}

/* ---------------------------------------------------------------- the head */

/* A header's value. Control characters are left out, so that no value can begin another header. */
static void add_header(struct byte_buffer *text, const char *name, const char *value) {
  if (value == NULL) return;
  byte_buffer_add_word(text, name);
  byte_buffer_add(text, ": ", 2);
  for (const char *at = value; *at != '\0';) {
    size_t plain = 0;
    while (at[plain] != '\0' && (unsigned char)at[plain] >= 0x20 && at[plain] != 0x7f) plain++;
    byte_buffer_add(text, at, plain);
    at += plain;
    if (*at != '\0') at++;
  }
  byte_buffer_add(text, "\r\n", 2);
}

static void add_number_header(struct byte_buffer *text, const char *name, long long value) {
  char number[24];
  snprintf(number, sizeof number, "%lld", value);
  add_header(text, name, number);
}

static bool is_plain_in_filename(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' ||
         c == '_';
}

/* RFC 6266: a plain name for old clients, the real one percent-encoded (RFC 8187). */
static void add_disposition(struct byte_buffer *text, const char *filename) {
  if (filename == NULL) return;
  byte_buffer_add_word(text, "Content-Disposition: attachment; filename=\"");
  for (const char *at = filename; *at != '\0'; at++)
    byte_buffer_add(text, is_plain_in_filename((unsigned char)*at) ? at : "_", 1);
  byte_buffer_add_word(text, "\"; filename*=UTF-8''");
  for (const char *at = filename; *at != '\0'; at++) {
    char escape[4];
    snprintf(escape, sizeof escape, "%%%02X", (unsigned char)*at);
    if (is_plain_in_filename((unsigned char)*at)) byte_buffer_add(text, at, 1);
    else byte_buffer_add(text, escape, 3);
  }
  byte_buffer_add(text, "\r\n", 2);
}

static void add_etag(struct byte_buffer *text, const char *version) {
  if (version == NULL) return;
  byte_buffer_add_word(text, "ETag: \"");
  byte_buffer_add_word(text, version);
  byte_buffer_add_word(text, "\"\r\n");
}

static void add_challenge(struct byte_buffer *text, const struct problem *problem) {
  bool bad = problem->code != NULL && strcmp(problem->code, "invalid_token") == 0;
  /* RFC 9110 section 11.6.1, RFC 6750 section 3 */
  add_header(text, "WWW-Authenticate", bad ? "Bearer error=\"invalid_token\"" : "Bearer");
}

/* When nginx asked for itself whether to take a file, it gets no body to pass on, so the words stand in a
 * header too. No client sees it (nginx/api.conf). */
static void add_problem(struct byte_buffer *text, const struct request *request, const char *body) {
  if (request->problem.errors == NULL) add_header(text, "Connex-Problem", body);
}

static void head_write(struct request *request, enum status status, const char *type, const char *body,
                       size_t length, struct byte_buffer *text) {
  char line[64];
  snprintf(line, sizeof line, "%d %s", (int)status, status_title(status));
  add_header(text, "Status", line);
  bool no_body = status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
  if (!no_body) add_header(text, "Content-Type", type);
  if (!no_body) add_number_header(text, "Content-Length", (long long)length);
  byte_buffer_add_word(text,
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"); /* ASVS 14.3.2 */
  add_header(text, "X-Request-Id", request->id);
  add_header(text, "X-Session-Expires", request->session_expires_at);
  add_header(text, "Set-Cookie", request->set_cookie);
  if (status < STATUS_BAD_REQUEST) {
    add_header(text, "Location", request->location);
    add_etag(text, request->etag);
    add_disposition(text, no_body ? NULL : request->reply_filename);
    add_header(text, "Connex-Next", request->next);
    add_header(text, "Link", request->next_link);
    if (request->replayed) add_header(text, "Idempotency-Replayed", "true");
  }
  add_header(text, "Allow", request->allow);
  add_header(text, "Accept-Post", request->accept_post);
  add_header(text, "Accept-Patch", request->accept_patch);
  if (status == STATUS_UNAUTHORIZED) add_challenge(text, &request->problem);
  if (status >= STATUS_BAD_REQUEST) add_problem(text, request, body);
  if (request->problem.retry_after_s > 0)
    add_number_header(text, "Retry-After", request->problem.retry_after_s);
  byte_buffer_add(text, "\r\n", 2);
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
    body = ""; /* the dispatcher sends the pieces after this head */
  } else if (status >= STATUS_BAD_REQUEST || body == NULL) {
    length = 0;
    /* An answer without a document (202, 204) has an empty body. */
    body = request->out.buffer.arena == NULL ? "" : json_out_text(&request->out, &length);
  }
  if (status == STATUS_CREATED && request->location == NULL && request->route->location != NULL &&
      body != NULL)
    request->location = location_fill(request, body);
  struct byte_buffer head = {.arena = request->arena};
  bool no_body = status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
  head_write(request, status, type, body, length, &head);
  if (body == NULL || head.failed) {
    reply_constant_failure(answer);
    return false;
  }
  *answer = (struct answer){.head = head.data,
                            .head_length = head.length,
                            .body = body,
                            .body_length = no_body || request->head || in_pieces ? 0 : length};
  return in_pieces && !request->head;
}
