/*
 * One request, one straight line: see dispatch.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dispatch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "metrics.h"
#include "read_copy.h"
#include "refusal.h"
#include "reply.h"
#include "secret/token.h"
#include "transaction.h"

enum { REQUEST_ID_BYTES = 16, USER_AGENT_MOST = 200 };

/* When PostgreSQL stops answering, our 503 must come before nginx's 504 (fastcgi_read_timeout 15s). */
enum { DATABASE_ANSWER_MOST_MS = 12000 };

enum { SHARE_PATIENCE_MS = 10 }; /* about what a slow disk takes for a commit */

/* nginx takes an answer as fast as we send it, so one that is slower than this is stuck. */
enum { DOWNLOAD_SLOWEST = 512 * 1024 /* bytes a second */, DOWNLOAD_SECONDS = 30 };

struct dispatcher {
  const struct dispatch_settings *settings;
  struct arena *arena;
  struct db *db, *db_read; /* the same when one string is set */
};

static struct db_options options_of(const struct dispatch_settings *settings, const char *conninfo,
                                    const char *name) {
  return (struct db_options){.conninfo = conninfo,
                             .application_name = name,
                             .areas = settings->areas,
                             .answer_most_ms = DATABASE_ANSWER_MOST_MS};
}

struct db_share *dispatch_share_new(const struct dispatch_settings *settings) {
  const struct db_options options = options_of(settings, settings->db, "connex-fcgi");
  return db_share_new(&options, SHARE_PATIENCE_MS);
}

struct dispatcher *dispatcher_new(const struct dispatch_settings *settings) {
  struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);
  if (dispatcher == NULL) return NULL;
  dispatcher->settings = settings;
  dispatcher->arena = arena_new(0);
  bool good = dispatcher->arena != NULL;
  if (good && settings->db != NULL) {
    const struct db_options write = options_of(settings, settings->db, "connex-fcgi");
    const struct db_options read = options_of(settings, settings->db_read, "connex-fcgi read");
    dispatcher->db = db_open(&write);
    bool same = settings->db_read == NULL || strcmp(settings->db, settings->db_read) == 0;
    dispatcher->db_read = same ? dispatcher->db : db_open(&read);
    good = dispatcher->db != NULL && dispatcher->db_read != NULL;
  }
  if (good) return dispatcher;
  dispatcher_free(dispatcher);
  return NULL;
}

void dispatcher_free(struct dispatcher *dispatcher) {
  if (dispatcher == NULL) return;
  if (dispatcher->db_read != NULL && dispatcher->db_read != dispatcher->db) db_close(dispatcher->db_read);
  if (dispatcher->db != NULL) db_close(dispatcher->db);
  arena_free(dispatcher->arena);
  free(dispatcher);
}

static void db_warm(struct db *db, const struct route_map *map) {
  if (db_ready(db)) transaction_plan_ahead(db, map);
  else log_event(LOG_WARNING, "database_away", db_trouble(db), 0);
}

void dispatcher_warm(struct dispatcher *dispatcher) {
  if (dispatcher->db == NULL) return;
  db_warm(dispatcher->db, dispatcher->settings->map);
  if (dispatcher->db_read != dispatcher->db) db_warm(dispatcher->db_read, dispatcher->settings->map);
  struct db_share *share = dispatcher->settings->services->share;
  struct db *carrier = share == NULL ? NULL : db_share_warm(share);
  if (carrier == NULL) return; /* other threads do it */
  db_warm(carrier, dispatcher->settings->map);
  db_share_give(share, carrier);
}

struct arena *dispatcher_arena(struct dispatcher *dispatcher) {
  return dispatcher->arena;
}

static int64_t clock_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* nginx's id if it looks like one; otherwise (a direct client, a test) one of our own. The log, the
 * audit row, and the answer always share it. */
static const char *request_id(struct arena *arena, const char *given) {
  size_t length = given == NULL ? 0 : strspn(given, "0123456789abcdefABCDEF-");
  if (length >= 8 && length <= 64 && given[length] == '\0') return given;
  unsigned char bytes[REQUEST_ID_BYTES];
  char *text = arena_alloc(arena, 2 * sizeof bytes + 1);
  if (text == NULL || !token_random(bytes, sizeof bytes)) return NULL;
  token_hex(bytes, sizeof bytes, text);
  return text;
}

/* Cut to 200 printable characters. */
static const char *user_agent(struct arena *arena, const char *given) {
  if (given == NULL) return NULL;
  char *text = arena_text_n(arena, given, strnlen(given, USER_AGENT_MOST));
  for (char *at = text; at != NULL && *at != '\0'; at++)
    if (*at < 0x20 || *at > 0x7e) *at = '?';
  return text;
}

/* What needs no credential and leaves no audit row may be read from a copy. A session is read where it was
 * written: right after a log-in the copy does not have it yet, and the answer would be 401. */
static struct db *choose_db(const struct dispatcher *dispatcher, const struct route *route) {
  bool copied = route->mode == DB_READ_ONLY && route->audit == NULL && route->right == RIGHT_NONE &&
                dispatcher->db_read != dispatcher->db &&
                read_copy_usable(dispatcher->db_read, dispatcher->db, dispatcher->settings->read_lag_seconds);
  return copied ? dispatcher->db_read : dispatcher->db;
}

/* Runs the handler; once more on the primary, should the copy have gone away since it was last looked at. */
static enum status run_handler(struct dispatcher *dispatcher, struct request *request) {
  enum status status = request->route->handler(request);
  if (status != STATUS_UNAVAILABLE || request->db == dispatcher->db) return status;
  request->problem = (struct problem){0};
  request->db = dispatcher->db;
  return request->route->handler(request);
}

/* No route of this method: 404, 405, or, for OPTIONS, what the address takes (RFC 9110 section 9.3.7). */
static enum status no_route(struct request *request, const struct route_match *match, bool is_options) {
  if (match->allowed == 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found", "There is nothing at this address.");
  request->allow = route_allow(request->arena, match->allowed);
  if (!is_options)
    return reply_problem(request, STATUS_METHOD_NOT_ALLOWED, "method_not_allowed",
                         arena_format(request->arena, "Use %s here.", request->allow));
  request->accept_post = route_body_type(match->post);
  request->accept_patch = route_body_type(match->patch);
  return STATUS_NO_CONTENT;
}

static enum status run_route(struct dispatcher *dispatcher, struct request *request,
                             const struct route_match *match, const struct head *head, const char *query) {
  request->route = match->route;
  request->method = match->route->method;
  memcpy(request->path, match->path, sizeof request->path);
  request->db = choose_db(dispatcher, match->route);
  enum status status = gate_check(request, &dispatcher->settings->gate, head, query);
  if (status != STATUS_OK) return status;
  status = run_handler(dispatcher, request);
  if (request->open)
    db_start(request->db, match->route->mode); /* abandoned halfway: rolled back now, to free its locks */
  if (status == STATUS_OK && (match->route->flags & ROUTE_ETAG) != 0) reply_fingerprint(request);
  return status == STATUS_REPLAYED ? request->replay_status : status;
}

/* The list of an If-None-Match names this ETag, compared weakly (RFC 9110 section 13.1.2). */
static bool names_etag(const char *list, const char *etag) {
  size_t length = strlen(etag);
  for (const char *at = list; *at != '\0'; at += strcspn(at, ",")) {
    at += strspn(at, " \t,");
    if (*at == '*') return true;
    if (strncmp(at, "W/", 2) == 0) at += 2;
    if (*at == '"' && strncmp(at + 1, etag, length) == 0 && at[1 + length] == '"') return true;
  }
  return false;
}

/* A GET of something that the client already has. */
static enum status not_modified(const struct request *request, const struct head *head, enum status status) {
  if (status != STATUS_OK || request->method != GET || request->etag == NULL || head->if_none_match == NULL)
    return status;
  return names_etag(head->if_none_match, request->etag) ? STATUS_NOT_MODIFIED : status;
}

/* Sends head and pieces, one at a time. Together the pieces must be as long as the head says, and in time.
 * Otherwise the answer visibly breaks off, so that nobody takes a part for the whole. Returns the bytes sent.
 */
static size_t send_pieces(struct request *request, struct upload *upload, struct answer *answer) {
  size_t sent = 0;
  int64_t end_ms =
      pool_clock_ms() + (int64_t)(request->reply_length / DOWNLOAD_SLOWEST + DOWNLOAD_SECONDS) * 1000;
  unsigned char *piece = arena_alloc(request->arena, REQUEST_PIECE_SIZE);
  bool good = piece != NULL;
  for (int number = 1; good && sent < request->reply_length; number++) {
    size_t length = request->reply_piece(request, number, piece);
    answer->body = (const char *)piece;
    answer->body_length = length;
    good = length > 0 && length <= request->reply_length - sent && pool_clock_ms() < end_ms &&
           answer_send_part(upload, answer); /* the head goes with the first one */
    if (good) sent += length;
  }
  answer->broken = !good;
  return sent;
}

static void log_request(const struct request *request, enum status status, int64_t us, size_t bytes,
                        bool broken) {
  struct log_line line;
  log_start(&line, status >= STATUS_INTERNAL ? LOG_WARNING : LOG_INFO, "request");
  log_text(&line, "request_id", request->id);
  /* A path that is not ours is not logged: it may contain anything. */
  log_text(&line, "method", request->route != NULL ? route_method_name(request->route->method) : NULL);
  log_text(&line, "route", request->route != NULL ? request->route->path : NULL);
  log_number(&line, "status", (int)status);
  log_text(&line, "code",
           broken                         ? "answer_broken_off"
           : status >= STATUS_BAD_REQUEST ? request->problem.code
                                          : NULL);
  log_number(&line, "us", us);
  log_number(&line, "db_us", request->db_us);
  log_number(&line, "bytes", (int64_t)bytes);
  log_text(&line, "user_account_id", request->user_account_id);
  log_end(&line);
}

void dispatch(struct dispatcher *dispatcher, const struct head *head, struct upload *upload,
              struct answer *answer) {
  int64_t started = clock_us();
  arena_reset(dispatcher->arena); /* the memory of the previous answer */
  struct request request = {.arena = dispatcher->arena,
                            .services = dispatcher->settings->services,
                            .upload = upload,
                            .address = head->address != NULL ? head->address : "",
                            .target = head->uri,
                            .enter = SIZE_MAX};
  struct route_match match = {0};
  const char *uri = head->uri != NULL ? head->uri : "";
  size_t path_length = strcspn(uri, "?#");
  const char *method = head->method != NULL ? head->method : "";
  enum status status;
  request.id = request_id(dispatcher->arena, head->request_id);
  request.user_agent = user_agent(dispatcher->arena, head->user_agent);
  if (request.id == NULL ||
      !route_match(dispatcher->settings->map, dispatcher->arena, method, uri, path_length, &match))
    status = reply_problem(&request, STATUS_INTERNAL, "failed", NULL);
  else if (match.route == NULL) status = no_route(&request, &match, strcmp(method, "OPTIONS") == 0);
  else
    status =
        run_route(dispatcher, &request, &match, head, uri[path_length] == '?' ? uri + path_length + 1 : NULL);
  gate_count_failure(&request, status);
  refusal_record(&request, dispatcher->db, status);
  request.head = match.head;
  status = not_modified(&request, head, status);
  bool in_pieces = reply_render(&request, status, answer);
  size_t bytes = in_pieces ? send_pieces(&request, upload, answer) : answer->body_length;
  int64_t us = clock_us() - started;
  metrics_count(match.route == NULL ? METRICS_NO_ROUTE : match.number, (int)status, us, request.db_us, bytes);
  log_request(&request, status, us, bytes, answer->broken);
}
