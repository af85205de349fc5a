/*
 * The transaction of a request: see transaction.h and, for what handlers call,
 * request.h. It owns the statements of sql/gate.sql.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "transaction.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fault.h"
#include "pool/pool.h"
#include "reply.h"
#include "secret/token.h"

enum { ENTER_PARAMETERS = 6 };

/* ---------------------------------------------------------------- its statements */

static bool by_provider_account(enum right right) {
  return right >= RIGHT_PROVIDER_PROFILE && right <= RIGHT_FINANCIALS;
}

const char *transaction_provider_account(const struct request *request) {
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
  parameters[3].value = by_provider_account(right) ? transaction_provider_account(request) : NULL;
  parameters[4].value = request->id;
  parameters[5].value = request->address[0] != '\0' ? request->address : NULL;
  request->enter = db_add_binary(request->db, Q_GATE_ENTER, ENTER_PARAMETERS, parameters);
}

/* The key names one request: the route, the ids of its path, and what the client chose. The same key for
 * another provider account is another request, not a replay of the first one's answer. */
static const char *once_key(struct request *request) {
  const char *const *ids = request->path;
  const char *key =
      arena_format(request->arena, "%s %s %s/%s", route_method_name(request->route->method),
                   request->route->path, ids[0] == NULL ? "" : ids[0], ids[1] == NULL ? "" : ids[1]);
  for (size_t i = 2; i < ROUTE_PARAMETERS && ids[i] != NULL && key != NULL; i++)
    key = arena_format(request->arena, "%s/%s", key, ids[i]);
  return key == NULL ? NULL : arena_format(request->arena, "%s %s", key, request->idempotency_key);
}

static void add_once(struct request *request) {
  struct db_parameter *parameters = arena_zero(request->arena, 2, sizeof *parameters);
  const char *key = once_key(request);
  if (parameters == NULL || key == NULL) return;
  request->asked_once = true;
  parameters[0].value = key;
  parameters[1] = (struct db_parameter){(const char *)request->body_hash, sizeof request->body_hash, true};
  db_add_binary(request->db, Q_GATE_ONCE, 2, parameters);
}

/* Before the first statement of a transaction come enter() and the Idempotency-Key. Where nobody has entered
 * (RIGHT_NONE), a key counts together with its body: see connex.once(). */
static void begin(struct request *request) {
  if (request->in_transaction) return;
  request->in_transaction = true;
  request->enter = SIZE_MAX;
  if (request->open) {
    db_continue(request->db);
    return;
  }
  db_start(request->db, request->route->mode);
  if (request->route->right != RIGHT_NONE) add_enter(request);
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

void transaction_subject(struct request *request, const char **kind, const char **id) {
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
  transaction_subject(request, &parameters[1], &parameters[2]);
  db_add(request->db, Q_GATE_AUDIT, 3, parameters);
  request->was_audited = true;
}

/* ---------------------------------------------------------------- replays */

/* A replayed answer is seen again, so it needs an audit row: no audit row, no answer. */
static enum status audit_replay(struct request *request) {
  if (request->route->audit == NULL) return STATUS_REPLAYED;
  db_start(request->db, request->route->mode);
  request->enter = SIZE_MAX;
  add_enter(request);
  request->was_audited = false;
  add_audit(request);
  enum db_outcome outcome =
      request->enter == SIZE_MAX || !request->was_audited ? DB_REFUSED : db_run(request->db);
  if (outcome == DB_AWAY) return fault_away(request);
  return outcome == DB_DONE ? STATUS_REPLAYED : reply_problem(request, STATUS_INTERNAL, "failed", NULL);
}

static void free_digest(void *digest) { EVP_MD_CTX_free(digest); }

/* Reads the whole body of a ROUTE_STREAM; its SHA-256 as hex text, or NULL with *status set. */
static const char *stream_digest(struct request *request, enum status *status) {
  enum { PIECE = 64 * 1024 };
  unsigned char hash[TOKEN_HASH_SIZE];
  unsigned size = 0;
  char *hex = arena_alloc(request->arena, TOKEN_HEX_SIZE);
  unsigned char *piece = arena_alloc(request->arena, PIECE);
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  *status = STATUS_INTERNAL;
  if (digest == NULL || arena_on_reset(request->arena, free_digest, digest) != 0 || piece == NULL ||
      hex == NULL || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
    return NULL;
  long got;
  while ((got = request_read(request, piece, PIECE)) > 0)
    if (EVP_DigestUpdate(digest, piece, (size_t)got) != 1) return NULL;
  *status = STATUS_BAD_REQUEST;
  if (got < 0) return NULL;
  *status = STATUS_INTERNAL;
  if (EVP_DigestFinal_ex(digest, hash, &size) != 1) return NULL;
  token_hex(hash, sizeof hash, hex);
  return hex;
}

/* A stream is compared by its content: its headers, which connex.once() has compared, do not tell two files
 * of the same name and length apart. The kept reply has the SHA-256 of what was stored. */
static enum status compare_stream(struct request *request, const char *kept) {
  if ((request->route->flags & ROUTE_STREAM) == 0) return STATUS_OK;
  enum status status;
  const char *now = stream_digest(request, &status);
  if (now == NULL && status == STATUS_BAD_REQUEST)
    return reply_problem(request, status, "body_incomplete",
                         "The file did not arrive completely. Nothing was stored. Send it again.");
  if (now == NULL) return reply_problem(request, status, "failed", NULL);
  json_t *reply = json_loads(kept, JSON_REJECT_DUPLICATES, NULL);
  const char *then = json_string_value(json_object_get(reply, "sha256"));
  bool same = then != NULL && strcmp(then, now) == 0;
  json_decref(reply);
  if (same) return STATUS_OK;
  return reply_problem(request, STATUS_UNPROCESSABLE, "idempotency_key_reused",
                       "This Idempotency-Key was used with another body. Use a new key for a new request.");
}

/* The same request was answered before (CX200 of connex.once()): sends that answer again. */
static enum status replay(struct request *request) {
  const struct db_fault *fault = db_fault(request->db);
  int kept = fault->hint == NULL ? 0 : (int)strtol(fault->hint, NULL, 10);
  request->replay_status = kept >= 200 && kept < 300 ? (enum status)kept : STATUS_OK;
  const char *reply = arena_text(request->arena, fault->detail == NULL ? "" : fault->detail);
  if (reply == NULL) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  enum status status = compare_stream(request, reply);
  if (status != STATUS_OK) return status;
  json_out_init(&request->out, request->arena);
  json_out_document(&request->out, reply, strlen(reply));
  status = audit_replay(request);
  request->replayed = status == STATUS_REPLAYED;
  return status;
}

/* ---------------------------------------------------------------- running it */

static int64_t clock_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Copies what enter() returned, because the next db_start() frees its row. */
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
  /* Out of memory for enter() or the audit row: nothing may run without them. */
  bool whole = (request->route->right == RIGHT_NONE || request->enter != SIZE_MAX || entered) &&
               (request->route->audit == NULL || request->was_audited || hold) &&
               (request->idempotency_key == NULL || request->asked_once);
  request->in_transaction = request->hold = false;
  if (!whole) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->open = false;
  if (hold) db_hold(request->db);
  int64_t started = clock_us();
  bool shared = (request->route->flags & ROUTE_SHARED) != 0;
  enum db_outcome outcome =
      shared ? db_run_shared(request->db, request->services->share) : db_run(request->db);
  request->db_us += clock_us() - started;
  if (outcome == DB_AWAY) return fault_away(request);
  if (outcome == DB_REFUSED)
    return strcmp(db_fault(request->db)->sqlstate, "CX200") == 0 ? replay(request) : fault_refused(request);
  request->open = hold;
  read_enter(request);
  return STATUS_OK;
}

/* ---------------------------------------------------------------- planning ahead */

enum { PARAMETERS_MOST = 32 };

/* Runs one statement with NULLs, alone and without a user, so that it returns nothing. A statement that
 * raises an error has been planned all the same. False: no connection. */
static bool plan(struct db *db, enum query query, enum db_mode mode) {
  static const char *const nulls[PARAMETERS_MOST];
  int count = query_texts[query].parameter_count;
  if (count > PARAMETERS_MOST) return true;
  db_start(db, mode);
  if (db_mode_is_reader(mode))
    db_add(db, Q_GATE_NOTHING, 0, NULL); /* the role changes after the first statement */
  db_add(db, query, count, nulls);
  return db_run(db) != DB_AWAY;
}

void transaction_plan_ahead(struct db *db, const struct route_map *map) {
  if (!plan(db, Q_GATE_ENTER, DB_READ_ONLY)) return;
  for (size_t i = 0; i < route_count(map); i++) {
    const struct route *route = route_at(map, i);
    for (const enum query *query = route->plan_ahead; query != NULL && *query != QUERY_COUNT; query++)
      if (!plan(db, *query, route->mode)) return;
  }
}
