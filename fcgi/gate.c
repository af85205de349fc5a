/*
 * The gate: see gate.h. Its order is that of cost: what a header shows is
 * refused before anything is read, a rate before a credential is looked at, a
 * missing credential before the body is parsed. Whether a credential is alive
 * and has the right is the database's word alone (connex.enter()), in the same
 * round trip as the handler's statements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "gate.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "accept.h"
#include "base/log.h"
#include "field.h"
#include "format/json_in.h"
#include "limit.h"
#include "route.h"
#include "secret/token.h"

enum { UPLOAD_SLOWEST = 512 * 1024 /* bytes a second that a file may take to be stored */ };
enum { KEY_MOST = 100, VERSION_MOST = 18, ENTER_PARAMETERS = 6 };

static const char cookie_name[] = "__Host-connex";

/* ---------------------------------------------------------------- size and type of the body */

static bool takes_body(const struct route *route) {
  return route->fields != NULL || (route->flags & ROUTE_STREAM) != 0;
}

static enum status check_size(struct request *request, const struct gate_settings *settings,
                              const struct head *head) {
  bool stream = (request->route->flags & ROUTE_STREAM) != 0;
  int64_t limit = stream ? settings->upload_limit : settings->body_limit;
  request->content_length = upload_length(request->upload);
  if (request->content_length < 0)
    return reply_problem(request, STATUS_BAD_REQUEST, "content_length",
                         "Content-Length must be a whole number.");
  if (!takes_body(request->route) && request->content_length > 0)
    return reply_problem(request, STATUS_BAD_REQUEST, "body_not_allowed", "Send no body with this request.");
  if (takes_body(request->route) && head->content_length == NULL)
    return reply_problem(request, STATUS_LENGTH_REQUIRED, "length_required",
                         "Send a body, with its Content-Length.");
  if (request->content_length > limit)
    return reply_problem(request, STATUS_TOO_LARGE, "too_large",
                         arena_format(request->arena, "Send at most %lld bytes.", (long long)limit));
  return STATUS_OK;
}

/* application/json, with charset=utf-8 or nothing behind it (RFC 8259 knows no other). */
static bool is_json_type(const char *type) {
  static const char json[] = "application/json";
  if (type == NULL || strncasecmp(type, json, sizeof json - 1) != 0) return false;
  const char *rest = type + sizeof json - 1;
  rest += strspn(rest, " \t");
  if (*rest == '\0') return true;
  if (*rest++ != ';') return false;
  rest += strspn(rest, " \t");
  return *rest == '\0' || strcasecmp(rest, "charset=utf-8") == 0 ||
         strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

static enum status check_type(struct request *request, const struct head *head) {
  request->content_type = head->content_type;
  request->content_disposition = head->content_disposition;
  if (request->route->fields == NULL || (request->route->flags & ROUTE_STREAM) != 0) return STATUS_OK;
  if (is_json_type(head->content_type)) return STATUS_OK;
  return reply_problem(request, STATUS_UNSUPPORTED_TYPE, "unsupported_type",
                       "Send the body as JSON, with Content-Type: application/json.");
}

/* ---------------------------------------------------------------- origin */

/* A browser says on every unsafe request where it comes from. What comes from another site is refused,
 * whatever cookie it carries; SameSite=Strict on the cookie is the first wall, this the second. */
static enum status check_origin(struct request *request, const struct head *head) {
  if (request->method == GET || head->authorization != NULL) return STATUS_OK;
  const char *site = head->sec_fetch_site;
  bool foreign = site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
  if (head->origin != NULL && !foreign) {
    static const char scheme[] = "https://";
    foreign = head->host == NULL || strncmp(head->origin, scheme, sizeof scheme - 1) != 0 ||
              strcasecmp(head->origin + sizeof scheme - 1, head->host) != 0;
  }
  if (!foreign) return STATUS_OK;
  return reply_problem(request, STATUS_FORBIDDEN, "cross_site",
                       "This request came from another site. Open the portal itself.");
}

/* ---------------------------------------------------------------- rate */

static enum status check_rate(struct request *request) {
  if ((request->route->flags & ROUTE_SLOW) == 0) return STATUS_OK;
  unsigned wait = limit_take(request->address, pool_clock_ms());
  if (wait == 0) return STATUS_OK;
  request->problem.retry_after_s = wait;
  return reply_problem(request, STATUS_TOO_MANY, "too_many",
                       "Too many tries from your network. Wait a moment, then try again.");
}

/* ---------------------------------------------------------------- credential */

bool gate_cookie(const char *header, const char **value, size_t *length) {
  bool found = false;
  for (const char *at = header; at != NULL && *at != '\0';) {
    at += strspn(at, " \t;");
    size_t pair = strcspn(at, ";");
    size_t name = strcspn(at, "=;");
    if (name == sizeof cookie_name - 1 && name < pair && memcmp(at, cookie_name, name) == 0) {
      if (found) return false;
      found = true;
      *value = at + name + 1;
      *length = pair - name - 1;
      while (*length > 0 && ((*value)[*length - 1] == ' ' || (*value)[*length - 1] == '\t')) (*length)--;
    }
    at += pair;
  }
  return found;
}

/* One answer for every reason (missing, forged, expired, revoked): nothing can be learned from it. */
static enum status unauthorized(struct request *request) {
  request->problem = (struct problem){0};
  return reply_problem(request, STATUS_UNAUTHORIZED, "log_in", "Log in, or send a token that is alive.");
}

/* What is not even well formed costs the database nothing. */
static bool read_credential(struct request *request, const char *text, size_t length, bool is_token) {
  bool good = is_token ? token_api_is_well_formed(text, length) : token_secret_is_well_formed(text, length);
  if (!good || !token_sha256(text, length, request->credential_hash)) return false;
  request->has_credential = true;
  request->credential_is_token = is_token;
  return true;
}

static enum status check_credential(struct request *request, const struct head *head) {
  static const char bearer[] = "Bearer ";
  const char *value = NULL;
  size_t length = 0;
  if (head->authorization != NULL) { /* a token goes before a cookie */
    if (strncasecmp(head->authorization, bearer, sizeof bearer - 1) == 0) {
      value = head->authorization + sizeof bearer - 1;
      value += strspn(value, " ");
      read_credential(request, value, strlen(value), true);
    }
  } else if (gate_cookie(head->cookie, &value, &length)) {
    read_credential(request, value, length, false);
  }
  if (request->has_credential || request->route->right == RIGHT_NONE) return STATUS_OK;
  return unauthorized(request);
}

/* ---------------------------------------------------------------- headers with a meaning */

static bool is_key(const char *text) {
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++)
    if (text[i] <= 0x20 || text[i] >= 0x7f) return false;
  return length >= 1 && length <= KEY_MOST;
}

static enum status check_idempotency_key(struct request *request, const struct head *head) {
  if (head->idempotency_key == NULL || (request->route->flags & ROUTE_IDEMPOTENT_KEY) == 0) return STATUS_OK;
  if (!is_key(head->idempotency_key))
    return reply_problem(request, STATUS_BAD_REQUEST, "idempotency_key",
                         "An Idempotency-Key has 1 to 100 printable characters without blanks.");
  request->idempotency_key = head->idempotency_key;
  return STATUS_OK;
}

/* If-Match: "5" as our ETag gave it. */
static enum status check_version(struct request *request, const struct head *head) {
  if ((request->route->flags & ROUTE_IF_MATCH) == 0) return STATUS_OK;
  const char *text = head->if_match;
  if (text == NULL)
    return reply_problem(request, STATUS_PRECONDITION_REQUIRED, "if_match_required",
                         "Send the ETag of what you read as If-Match.");
  size_t length = strlen(text);
  size_t digits = length > 2 ? strspn(text + 1, "0123456789") : 0;
  if (text[0] != '"' || digits == 0 || digits > VERSION_MOST || digits + 2 != length ||
      text[length - 1] != '"')
    return reply_problem(request, STATUS_BAD_REQUEST, "if_match",
                         "If-Match holds one ETag in quotes, as it was given.");
  request->version = arena_text_n(request->arena, text + 1, digits);
  return request->version == NULL ? reply_problem(request, STATUS_INTERNAL, "failed", NULL) : STATUS_OK;
}

static void check_accept(struct request *request, const struct head *head) {
  request->wants_csv = (request->route->flags & ROUTE_CSV) != 0 && accept_prefers_csv(head->accept);
}

/* ---------------------------------------------------------------- query and body */

static enum status field_errors(struct request *request, struct field_error *errors) {
  request->problem.errors = errors;
  return reply_problem(request, STATUS_UNPROCESSABLE, "fields", NULL);
}

static enum status check_query(struct request *request, const char *query) {
  struct field_result result;
  if (request->route->query == NULL && (query == NULL || *query == '\0')) return STATUS_OK;
  if (!field_read_query(request->arena, request->route->query, query, &result))
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->query = result.values;
  return result.errors == NULL ? STATUS_OK : field_errors(request, result.errors);
}

/* Takes the end of the body; what came must be all of it and no more. */
static enum status end_body(struct request *request) {
  switch (upload_finish(request->upload)) {
    case UPLOAD_COMPLETE: return STATUS_OK;
    case UPLOAD_SLOW:
      return reply_problem(request, STATUS_REQUEST_TIMEOUT, "too_slow",
                           "The body did not arrive in time. Send it again.");
    default: break;
  }
  return reply_problem(request, STATUS_BAD_REQUEST, "body_incomplete",
                       "The body is not as long as Content-Length said. Nothing was done; send it again.");
}

/* The whole body into wiped memory: it may hold a password. */
static enum status read_body(struct request *request, char **body, size_t *length) {
  size_t size = (size_t)request->content_length;
  arena_allow(request->arena, size);
  *body = arena_secret_alloc(request->arena, size + 1);
  if (*body == NULL) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  *length = 0;
  long got = 1;
  while (got > 0 && *length < size) {
    got = upload_read(request->upload, *body + *length, size - *length);
    if (got > 0) *length += (size_t)got;
  }
  return end_body(request);
}

static enum status check_body(struct request *request) {
  if ((request->route->flags & ROUTE_STREAM) != 0) { /* the handler reads it */
    upload_allow(request->upload, (unsigned)(request->content_length / UPLOAD_SLOWEST) + 30);
    return STATUS_OK;
  }
  if (request->route->fields == NULL) return end_body(request);
  char *body = NULL;
  size_t length = 0;
  json_t *value = NULL;
  struct field_result result;
  enum status status = read_body(request, &body, &length);
  if (status != STATUS_OK) return status;
  enum json_in_fault fault = json_in_parse(request->arena, body, length, &value);
  if (fault == JSON_IN_MEMORY) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  if (fault != JSON_IN_GOOD)
    return reply_problem(request, STATUS_BAD_REQUEST, "not_json", json_in_words(fault));
  if (!token_sha256(body, length, request->body_hash) ||
      !field_read_json(request->arena, request->route->fields, value, &result))
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->values = result.values;
  request->given = result.given;
  return result.errors == NULL ? STATUS_OK : field_errors(request, result.errors);
}

enum status gate_check(struct request *request, const struct gate_settings *settings, const struct head *head,
                       const char *query) {
  if ((request->route->flags & ROUTE_LOOPBACK) != 0 && strcmp(request->address, "127.0.0.1") != 0 &&
      strcmp(request->address, "::1") != 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found", NULL);
  enum status status = check_size(request, settings, head);
  if (status == STATUS_OK) status = check_type(request, head);
  if (status == STATUS_OK) status = check_origin(request, head);
  if (status == STATUS_OK) status = check_rate(request);
  if (status == STATUS_OK) status = check_credential(request, head);
  if (status == STATUS_OK) status = check_idempotency_key(request, head);
  if (status == STATUS_OK) status = check_version(request, head);
  if (status == STATUS_OK) check_accept(request, head);
  if (status == STATUS_OK) status = check_query(request, query);
  if (status == STATUS_OK) status = check_body(request);
  return status;
}

/* ---------------------------------------------------------------- the transaction */

static bool by_provider_account(enum right right) {
  return right >= RIGHT_PROVIDER_PROFILE && right <= RIGHT_FINANCIALS;
}

/* Which path parameter is {provider_account_id}. */
static const char *provider_account_of(const struct request *request) {
  size_t number = 0;
  for (const char *at = strchr(request->route->path, '{'); at != NULL; at = strchr(at + 1, '{'), number++)
    if (strncmp(at, "{provider_account_id}", 21) == 0) return request->path[number];
  return NULL;
}

static void add_enter(struct request *request) {
  struct db_parameter *parameters = arena_zero(request->arena, ENTER_PARAMETERS, sizeof *parameters);
  if (parameters == NULL) return;
  enum right right = request->route->right;
  parameters[0] =
      (struct db_parameter){(const char *)request->credential_hash, sizeof request->credential_hash, true};
  parameters[1].value = request->credential_is_token ? "token" : "session";
  parameters[2].value = route_right_name(right);
  parameters[3].value = by_provider_account(right) ? provider_account_of(request) : NULL;
  parameters[4].value = request->id;
  parameters[5].value = request->address[0] != '\0' ? request->address : NULL;
  request->enter = db_add_binary(request->db, Q_GATE_ENTER, ENTER_PARAMETERS, parameters);
}

/* The key stands for one thing asked: the route, the ids of its path, and what the client chose. The same key
 * for another provider account is another request, not a replay of the first one's answer. */
static void add_once(struct request *request) {
  struct db_parameter *parameters = arena_zero(request->arena, 2, sizeof *parameters);
  const char **ids = request->path;
  const char *key = arena_format(request->arena, "%s %s %s/%s %s", route_method_name(request->route->method),
                                 request->route->path, ids[0] == NULL ? "" : ids[0],
                                 ids[1] == NULL ? "" : ids[1], request->idempotency_key);
  if (parameters == NULL || key == NULL) return;
  request->asked_once = true;
  parameters[0].value = key;
  parameters[1] = (struct db_parameter){(const char *)request->body_hash, sizeof request->body_hash, true};
  db_add_binary(request->db, Q_GATE_ONCE, 2, parameters);
}

/* The first statement of a transaction: before it go the door and the Idempotency-Key. */
static void begin(struct request *request) {
  if (request->in_transaction) return;
  request->in_transaction = true;
  request->enter = SIZE_MAX;
  if (request->open) {
    db_continue(request->db);
    return;
  }
  db_start(request->db, request->route->mode);
  if (request->route->right == RIGHT_NONE) return;
  add_enter(request);
  if (request->idempotency_key != NULL && !request->asked_once) add_once(request);
}

size_t request_add(struct request *request, enum query query, int count, const char *const *parameters) {
  begin(request);
  return db_add(request->db, query, count, parameters);
}

size_t request_add_binary(struct request *request, enum query query, int count,
                          const struct db_parameter *parameters) {
  begin(request);
  return db_add_binary(request->db, query, count, parameters);
}

size_t request_add_statement(struct request *request, const struct db_statement *statement) {
  return request_add_binary(request, statement->query, statement->count, statement->parameters);
}

/* The subject's kind is the path parameter's name without _id: claim_id -> claim. */
static void audit_subject(struct request *request, const char **kind, const char **id) {
  int subject = request->route->subject;
  const char *at = strchr(request->route->path, '{');
  for (int i = 0; i < subject && at != NULL; i++) at = strchr(at + 1, '{');
  if (subject < 0 || at == NULL || subject >= 4 || request->path[subject] == NULL) return;
  size_t length = strcspn(at + 1, "}");
  if (length > 3 && memcmp(at + 1 + length - 3, "_id", 3) == 0) length -= 3;
  *kind = arena_text_n(request->arena, at + 1, length);
  *id = request->path[subject];
}

static void add_audit(struct request *request) {
  if (request->route->audit == NULL || request->was_audited) return;
  const char **parameters = arena_zero(request->arena, 3, sizeof *parameters);
  if (parameters == NULL) return;
  parameters[0] = request->route->audit;
  audit_subject(request, &parameters[1], &parameters[2]);
  db_add(request->db, Q_GATE_AUDIT, 3, parameters);
  request->was_audited = true;
}

/* ---------------------------------------------------------------- what went wrong */

static int three_digits(const char *text) {
  int value = 0;
  for (int i = 0; i < 3; i++) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

static void log_fault(const struct request *request, enum log_level level, const struct db_fault *fault) {
  struct log_line line;
  log_start(&line, level, "statement_failed");
  log_text(&line, "request_id", request->id);
  log_text(&line, "route", request->route->path);
  log_text(&line, "sqlstate", fault->sqlstate);
  log_text(&line, "message", fault->message); /* db.h: without data */
  log_text(&line, "constraint", fault->constraint);
  log_text(&line, "statement", fault->name);
  log_text(&line, "where", fault->where[0] != '\0' ? fault->where : NULL);
  log_end(&line);
}

static enum status away(struct request *request);

/* An answer that is given again is seen again: no audit row, no answer. */
static enum status audit_replay(struct request *request) {
  if (request->route->audit == NULL) return STATUS_REPLAYED;
  db_start(request->db, request->route->mode);
  request->enter = SIZE_MAX;
  add_enter(request);
  request->was_audited = false;
  add_audit(request);
  enum db_outcome outcome =
      request->enter == SIZE_MAX || !request->was_audited ? DB_REFUSED : db_run(request->db);
  if (outcome == DB_AWAY) return away(request);
  return outcome == DB_DONE ? STATUS_REPLAYED : reply_problem(request, STATUS_INTERNAL, "failed", NULL);
}

/* The same request was answered before: its answer again. */
static enum status replay(struct request *request, const struct db_fault *fault) {
  int status = fault->hint == NULL ? 200 : (int)strtol(fault->hint, NULL, 10);
  request->replay_status = status >= 200 && status < 300 ? (enum status)status : STATUS_OK;
  json_out_init(&request->out, request->arena);
  if (fault->detail != NULL && fault->detail[0] != '\0')
    json_out_raw(&request->out, fault->detail, strlen(fault->detail));
  return audit_replay(request);
}

/* Raised by our own SQL for a person to see: SQLSTATE CXnnn. */
static enum status spoken_fault(struct request *request, const struct db_fault *fault) {
  int status = three_digits(fault->sqlstate + 2);
  if (status == 200) return replay(request, fault);
  if (status == STATUS_UNAUTHORIZED) return unauthorized(request);
  if (status < 400 || status > 599) {
    log_fault(request, LOG_ERROR, fault);
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  }
  const char *code = arena_text(request->arena, fault->message);
  const char *detail = arena_text(request->arena, fault->detail);
  if (status == STATUS_UNPROCESSABLE && fault->hint != NULL)
    reply_field_error(request, arena_text(request->arena, fault->hint), code,
                      detail == NULL ? "Check this." : detail);
  if (status == STATUS_TOO_MANY || status == STATUS_UNAVAILABLE) {
    long seconds = fault->hint == NULL ? 1 : strtol(fault->hint, NULL, 10);
    request->problem.retry_after_s = seconds > 0 ? (unsigned)seconds : 1;
  }
  return reply_problem(request, (enum status)status, code, request->problem.errors == NULL ? detail : NULL);
}

static enum status away(struct request *request) {
  struct log_line line;
  log_start(&line, LOG_WARNING, "database_away");
  log_text(&line, "request_id", request->id);
  log_text(&line, "detail", db_trouble(request->db));
  log_end(&line);
  unsigned wait_ms = db_retry_after_ms(request->db);
  request->problem.retry_after_s = wait_ms / 1000 + 1;
  return reply_problem(
      request, STATUS_UNAVAILABLE, "unavailable",
      "The service is not available just now. Try again in a moment; nothing you typed is lost.");
}

/* SQLSTATE to status. Texts of PostgreSQL never leave: they may quote values. */
static enum status refused(struct request *request) {
  const struct db_fault *fault = db_fault(request->db);
  const char *state = fault->sqlstate;
  if (strncmp(state, "CX", 2) == 0) return spoken_fault(request, fault);
  if (strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0)
    return reply_problem(request, STATUS_CONFLICT, "already_exists", "This exists already.");
  if (strncmp(state, "23", 2) == 0 || strncmp(state, "22", 2) == 0) {
    log_fault(request, LOG_WARNING, fault);
    return reply_problem(request, STATUS_UNPROCESSABLE, "not_accepted",
                         "The values do not fit together. Check them.");
  }
  log_fault(request, LOG_ERROR, fault);
  bool again = strncmp(state, "40", 2) == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 ||
               strncmp(state, "55P03", 5) == 0 || strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0;
  return again ? away(request) : reply_problem(request, STATUS_INTERNAL, "failed", NULL);
}

static int64_t clock_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What enter() gave: kept, for the next db_start() ends its row. */
static void read_enter(struct request *request) {
  if (request->enter == SIZE_MAX) return;
  const char *person = db_named(request->db, request->enter, 0, "user_account_id");
  const char *expires = db_named(request->db, request->enter, 0, "session_expires_at");
  if (person != NULL) request->user_account_id = arena_text(request->arena, person);
  if (expires != NULL) request->session_expires_at = arena_text(request->arena, expires);
}

void request_hold(struct request *request) { request->hold = true; }

enum status request_run(struct request *request) {
  begin(request);
  bool hold = request->hold, entered = request->open;
  if (!hold) add_audit(request);
  /* A door or audit row that could not be added for want of memory: nothing may run without it. */
  bool whole =
      (request->route->right == RIGHT_NONE || request->enter != SIZE_MAX || entered) &&
      (request->route->audit == NULL || request->was_audited || hold) &&
      (request->idempotency_key == NULL || request->route->right == RIGHT_NONE || request->asked_once);
  request->in_transaction = request->hold = false;
  if (!whole) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->open = false;
  if (hold) db_hold(request->db);
  int64_t started = clock_us();
  enum db_outcome outcome = db_run(request->db);
  request->db_us += clock_us() - started;
  if (outcome == DB_AWAY) return away(request);
  if (outcome == DB_REFUSED) return refused(request);
  request->open = hold;
  read_enter(request);
  return STATUS_OK;
}

long request_read(struct request *request, void *buffer, size_t size) {
  return upload_read(request->upload, buffer, size);
}

static const char *value_of(const struct field *fields, const char **values, const char *name) {
  for (size_t i = 0; fields != NULL && values != NULL && fields[i].name != NULL; i++)
    if (strcmp(fields[i].name, name) == 0) return values[i];
  return NULL;
}

const char *request_value(const struct request *request, const char *name) {
  return value_of(request->route->fields, request->values, name);
}

bool request_given(const struct request *request, const char *name) {
  const struct field *fields = request->route->fields;
  for (size_t i = 0; fields != NULL && request->given != NULL && fields[i].name != NULL; i++)
    if (strcmp(fields[i].name, name) == 0) return request->given[i];
  return false;
}

const char *request_query(const struct request *request, const char *name) {
  return value_of(request->route->query, request->query, name);
}
