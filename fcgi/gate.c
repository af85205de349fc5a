/*
 * The gate: see gate.h. Checks run in the order of their cost: what a header
 * shows is refused before anything is read, a rate before a credential is
 * checked, a missing credential before the body is parsed. Only the database
 * decides whether a credential is valid and has the right (connex.enter()), in the
 * same round trip as the handler's statements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "gate.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "accept.h"
#include "cookie.h"
#include "cursor.h"
#include "field.h"
#include "format/json_in.h"
#include "limit.h"
#include "reply.h"
#include "secret/token.h"

enum { UPLOAD_SLOWEST = 512 * 1024 /* bytes a second that a file may take to be stored */ };
enum { KEY_MOST = 100, VERSION_MOST = 18 };

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
                         "Send a body with its Content-Length.");
  if (request->content_length > limit)
    return reply_problem(request, STATUS_TOO_LARGE, "too_large",
                         arena_format(request->arena, "Send at most %lld bytes.", (long long)limit));
  return STATUS_OK;
}

/* application/json, alone or with charset=utf-8 (RFC 8259 defines no other). */
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

static bool is_type(const char *given, const char *type) {
  size_t length = strlen(type);
  return strncasecmp(given, type, length) == 0 && strchr(" \t;", given[length]) != NULL;
}

/* A file may come without a type, or as application/octet-stream: programs that do not know the type send
 * that. The handler looks at the content in any case. */
static enum status check_stream_type(struct request *request, const char *given) {
  const char *type = request->route->stream_type;
  if (given == NULL || is_type(given, type) || is_type(given, "application/octet-stream")) return STATUS_OK;
  return reply_problem(request, STATUS_UNSUPPORTED_TYPE, "unsupported_type",
                       arena_format(request->arena, "Send the file with Content-Type: %s.", type));
}

static enum status check_type(struct request *request, const struct head *head) {
  request->content_type = head->content_type;
  request->content_disposition = head->content_disposition;
  if (!takes_body(request->route)) return STATUS_OK;
  if (head->content_encoding != NULL && strcasecmp(head->content_encoding, "identity") != 0)
    return reply_problem(request, STATUS_UNSUPPORTED_TYPE, "content_encoding",
                         "Send the body without compression, and without Content-Encoding.");
  if ((request->route->flags & ROUTE_STREAM) != 0) return check_stream_type(request, head->content_type);
  if (is_json_type(head->content_type)) return STATUS_OK;
  return reply_problem(request, STATUS_UNSUPPORTED_TYPE, "unsupported_type",
                       "Send the body as JSON, with Content-Type: application/json.");
}

/* ---------------------------------------------------------------- origin */

/* With every unsafe request, a browser says which site it comes from. A request from another site is
 * refused, whatever cookie it carries. SameSite=Strict on the cookie is the first defense, this is the
 * second. */
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

/* Where success proves that it was the right person, only failures count (gate_count_failure): forty people
 * of one office may log in at the same moment. Elsewhere every request counts, because each sends a mail. */
static enum status check_rate(struct request *request) {
  if ((request->route->flags & ROUTE_SLOW) == 0) return STATUS_OK;
  bool failures = (request->route->flags & ROUTE_SLOW_FAILURES) != 0;
  unsigned wait = failures ? limit_look(request->address, pool_clock_ms())
                           : limit_take(request->address, pool_clock_ms());
  request->counts_failure = failures && wait == 0;
  if (wait == 0) return STATUS_OK;
  request->problem.retry_after_s = wait;
  return reply_problem(request, STATUS_TOO_MANY, "too_many",
                       "Too many tries from your network. Wait a moment, then try again.");
}

/* ---------------------------------------------------------------- credential */

/* A credential that is not even well formed never reaches the database. */
static void read_credential(struct request *request, const char *text, size_t length, bool is_token) {
  bool good = is_token ? token_api_is_well_formed(text, length) : token_secret_is_well_formed(text, length);
  if (!good || !token_sha256(text, length, request->credential_hash)) return;
  request->has_credential = true;
  request->credential_is_token = is_token;
}

/* RFC 9110 section 11.4: one or more blanks between "Bearer" and the token. */
static void read_authorization(struct request *request, const char *text) {
  static const char scheme[] = "Bearer";
  if (strncasecmp(text, scheme, sizeof scheme - 1) != 0 || text[sizeof scheme - 1] != ' ') return;
  text += sizeof scheme - 1;
  text += strspn(text, " ");
  request->sent_token = *text != '\0';
  read_credential(request, text, strlen(text), true);
}

/* Before anything is refused, so that a security event names whose credential it was. */
static void find_credential(struct request *request, const struct head *head) {
  const char *value = NULL;
  size_t length = 0;
  if (head->authorization != NULL) /* a token takes precedence over a cookie */
    read_authorization(request, head->authorization);
  else if (cookie_find(head->cookie, &value, &length)) read_credential(request, value, length, false);
}

static enum status check_credential(struct request *request) {
  if (request->has_credential || request->route->right == RIGHT_NONE) return STATUS_OK;
  return reply_unauthorized(request);
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

static enum status check_accept(struct request *request, const struct head *head) {
  const struct route *route = request->route;
  switch (accept_choose(head->accept, route->csv_name != NULL, route->media_type, &request->wants_bom)) {
    case ACCEPT_JSON: return STATUS_OK;
    case ACCEPT_CSV: request->wants_csv = true; return STATUS_OK;
    case ACCEPT_NOTHING: break;
  }
  const char *other = route->csv_name != NULL ? "text/csv" : route->media_type;
  return reply_problem(request, STATUS_NOT_ACCEPTABLE, "not_acceptable",
                       arena_format(request->arena, "Accept application/json%s%s here.",
                                    other == NULL ? "" : " or ", other == NULL ? "" : other));
}

/* ---------------------------------------------------------------- query and body */

/* Ends the reading of a body or a query: what is wrong with it, including its cursors. */
static enum status accept_fields(struct request *request, const struct field *fields,
                                 const struct field_result *result) {
  request->problem.errors = result->errors;
  request->problem.more_errors = result->more_errors;
  for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++)
    if (fields[i].type == FIELD_CURSOR && result->values[i] != NULL) cursor_open(request, &result->values[i]);
  if (request->problem.errors == NULL) return STATUS_OK;
  return reply_problem(request, STATUS_UNPROCESSABLE, "fields", NULL);
}

static enum status check_query(struct request *request, const char *query) {
  struct field_result result;
  if (request->route->query == NULL && (query == NULL || *query == '\0')) return STATUS_OK;
  if (!field_read_query(request->arena, request->route->query, query, &result))
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->query = result.values;
  return accept_fields(request, request->route->query, &result);
}

/* Reads to the end of the body, which must have exactly the length that was declared. */
static enum status end_body(struct request *request) {
  switch (upload_finish(request->upload)) {
    case UPLOAD_COMPLETE: return STATUS_OK;
    case UPLOAD_SLOW:
      return reply_problem(request, STATUS_REQUEST_TIMEOUT, "too_slow",
                           "The body did not arrive in time. Send it again.");
    default: break;
  }
  return reply_problem(request, STATUS_BAD_REQUEST, "body_incomplete",
                       "The body is not as long as Content-Length says. Nothing was done. Send it again.");
}

/* The whole body, in memory that is wiped: it may hold a password. */
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

/* For connex.once(): the headers that describe a body that has not been read yet. Its content is compared
 * later, when a key is used again (transaction.c). */
static enum status hash_stream(struct request *request, const struct head *head) {
  if (request->idempotency_key == NULL) return STATUS_OK;
  const char *const parts[] = {head->content_disposition, head->content_length, head->repr_digest,
                               head->content_digest};
  const char *text = "";
  for (size_t i = 0; i < sizeof parts / sizeof parts[0] && text != NULL; i++)
    text = arena_format(request->arena, "%s%s\n", text, parts[i] == NULL ? "" : parts[i]);
  if (text == NULL || !token_sha256(text, strlen(text), request->body_hash))
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  return STATUS_OK;
}

/* For connex.once(). Where nobody has entered, the body may hold a password (a registration). The plain
 * SHA-256 of such a body, kept in the database, would let a thief of the table try passwords much faster than
 * against the password's own slow hash. So it is keyed with the workers' key, which is not in the database.
 */
static bool hash_body(struct request *request, const char *body, size_t length) {
  if (request->route->right != RIGHT_NONE) return token_sha256(body, length, request->body_hash);
  if (request->idempotency_key == NULL) return true;
  unsigned char plain[TOKEN_HASH_SIZE];
  char hex[TOKEN_HEX_SIZE];
  bool good = token_sha256(body, length, plain);
  if (good) token_hex(plain, sizeof plain, hex);
  good = good && token_code_hash(request->services->token_key, "idempotency", request->idempotency_key, hex,
                                 request->body_hash);
  OPENSSL_cleanse(plain, sizeof plain);
  OPENSSL_cleanse(hex, sizeof hex);
  return good;
}

static enum status parse_body(struct request *request, const char *body, size_t length) {
  json_t *value = NULL;
  struct field_result result;
  if (length >= 2 && memcmp(body, "\x1f\x8b", 2) == 0) /* gzip (RFC 1952), which no header said */
    return reply_problem(request, STATUS_UNSUPPORTED_TYPE, "content_encoding",
                         "The body is compressed with gzip. Send it without compression.");
  enum json_in_fault fault = json_in_parse(request->arena, body, length, &value);
  if (fault == JSON_IN_MEMORY) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  if (fault != JSON_IN_GOOD)
    return reply_problem(request, STATUS_BAD_REQUEST, fault == JSON_IN_MARK ? "byte_order_mark" : "not_json",
                         json_in_words(fault));
  if (!hash_body(request, body, length) ||
      !field_read_json(request->arena, request->route->fields, value, &result))
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->values = result.values;
  request->given = result.given;
  return accept_fields(request, request->route->fields, &result);
}

static enum status check_body(struct request *request, const struct head *head) {
  if ((request->route->flags & ROUTE_STREAM) != 0) { /* the handler reads it */
    upload_allow(request->upload, (unsigned)(request->content_length / UPLOAD_SLOWEST) + 30);
    return hash_stream(request, head);
  }
  if (request->route->fields == NULL) return end_body(request);
  char *body = NULL;
  size_t length = 0;
  enum status status = read_body(request, &body, &length);
  return status == STATUS_OK ? parse_body(request, body, length) : status;
}

/* 500 and 503 are our failures, not the person's. */
void gate_count_failure(const struct request *request, enum status status) {
  if (request->counts_failure && status >= STATUS_BAD_REQUEST && status < STATUS_INTERNAL)
    limit_count(request->address, pool_clock_ms());
}

enum status gate_check(struct request *request, const struct gate_settings *settings, const struct head *head,
                       const char *query) {
  if ((request->route->flags & ROUTE_LOOPBACK) != 0 && strcmp(request->address, "127.0.0.1") != 0 &&
      strcmp(request->address, "::1") != 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found", NULL);
  find_credential(request, head);
  enum status status = check_size(request, settings, head);
  if (status == STATUS_OK) status = check_type(request, head);
  if (status == STATUS_OK) status = check_origin(request, head);
  if (status == STATUS_OK) status = check_rate(request);
  if (status == STATUS_OK) status = check_credential(request);
  if (status == STATUS_OK) status = check_idempotency_key(request, head);
  if (status == STATUS_OK) status = check_version(request, head);
  if (status == STATUS_OK) status = check_accept(request, head);
  if (status == STATUS_OK) status = check_query(request, query);
  if (status == STATUS_OK) status = check_body(request, head);
  return status;
}
