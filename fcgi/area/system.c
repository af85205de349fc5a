/*
 * For monitoring: whether the worker runs, whether it can answer, and what it has
 * done. Shows nobody's data and needs no credential.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdatomic.h>
#include <string.h>

#include "contract.h"
#include "metrics.h"
#include "pool/pool.h"
#include "request_statements.h"

static enum status say_ok(struct request *request) {
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "status");
  json_out_string(&request->out, "ok");
  json_out_key(&request->out, "build");
  json_out_string(&request->out, request->services->build);
  json_out_end_object(&request->out);
  return STATUS_OK;
}

enum status system_health(struct request *request) { return say_ok(request); }

/* ---------------------------------------------------------------- whether it can serve */

enum readiness { READY, AWAY, POOLED, STANDBY, READ_ONLY, FULL };
enum { REMEMBER_MS = 500, FULL_MS = 10000 /* after a statement found no room */ };

static const struct {
  const char *code, *words;
} reasons[] = {[AWAY] = {"unavailable", "The database cannot be reached just now."},
               [POOLED] = {"pooled", "A pooler shares the connections between transactions. Use pool_mode = "
                                     "session, or connect to PostgreSQL itself."},
               [STANDBY] = {"standby", "CONNEX_DB leads to a standby, which cannot write."},
               [READ_ONLY] = {"read_only", "The database takes no writes."},
               [FULL] = {"storage_full", "The database has no room left."}};

static bool is_true(const struct request *request, size_t statement, const char *column) {
  const char *value = db_named(request->db, statement, 0, column);
  return value != NULL && strcmp(value, "t") == 0;
}

/* A write that is committed: what has no room or takes no writes shows here. */
static enum readiness try_to_write(struct request *request) {
  add_system_write(request);
  if (request_run(request) == STATUS_OK)
    return metrics_sqlstate_within("53100", pool_clock_ms() - FULL_MS) ? FULL : READY;
  const char *state = db_fault(request->db)->sqlstate;
  return strcmp(state, "53100") == 0 ? FULL : strcmp(state, "25006") == 0 ? READ_ONLY : AWAY;
}

static enum readiness find_out(struct request *request) {
  if (request->db == NULL) return AWAY;
  if (!db_ready(request->db)) return db_is_pooled(request->db) ? POOLED : AWAY;
  size_t state = add_system_state(request);
  if (request_run(request) != STATUS_OK) return AWAY;
  if (is_true(request, state, "standby")) return STANDBY;
  if (is_true(request, state, "read_only")) return READ_ONLY;
  return try_to_write(request);
}

/* Ready means that the primary answers, knows all statements, and has just committed a write. Monitors may
 * ask often, so a yes is remembered for a moment. */
enum status system_ready(struct request *request) {
  static atomic_int_fast64_t ready_until_ms;
  if (pool_clock_ms() < atomic_load(&ready_until_ms)) return say_ok(request);
  enum readiness found = find_out(request);
  if (found == READY) {
    atomic_store(&ready_until_ms, pool_clock_ms() + REMEMBER_MS);
    return say_ok(request);
  }
  request->problem = (struct problem){.retry_after_s = 1};
  return reply_problem(request, STATUS_UNAVAILABLE, reasons[found].code, reasons[found].words);
}

enum status system_metrics(struct request *request) {
  request->reply_body = metrics_text(request->arena, &request->reply_length);
  request->reply_type = "text/plain; version=0.0.4; charset=utf-8";
  return request->reply_body == NULL ? reply_problem(request, STATUS_INTERNAL, "failed", NULL) : STATUS_OK;
}
