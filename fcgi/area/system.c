/*
 * For monitoring: whether the worker runs, whether it can answer, and what it has
 * done. Shows nobody's data and needs no credential.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/byte_buffer.h"
#include "contract.h"
#include "metrics.h"
#include "pool/pool.h"
#include "request_statements.h"
#include "secret/password.h"

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

/* ---------------------------------------------------------------- figures */

enum { FIGURES_MS = 5000, FIGURES_SIZE = 8192 };

/* What this process last asked the database, for all its threads. */
static struct {
  pthread_mutex_t lock;
  int64_t until_ms;
  char text[FIGURES_SIZE];
} figures = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* One row. A figure that is another than the one before gets its head. */
static void print_figure(struct byte_buffer *text, const struct db *db, size_t rows, int row) {
  const char *name = db_named(db, rows, row, "name"), *label = db_named(db, rows, row, "label");
  const char *before = row == 0 ? NULL : db_named(db, rows, row - 1, "name");
  if (before == NULL || strcmp(before, name) != 0)
    byte_buffer_format(text, "# HELP %s %s\n# TYPE %s gauge\n", name, db_named(db, rows, row, "help"), name);
  byte_buffer_add_word(text, name);
  if (label != NULL) byte_buffer_format(text, "{%s=\"%s\"}", label, db_named(db, rows, row, "word"));
  byte_buffer_format(text, " %s\n", db_named(db, rows, row, "value"));
}

/* Asks the database. Without an answer, there is one figure: that it is away. */
static void ask_figures(struct request *request) {
  struct byte_buffer text = {.arena = request->arena, .limit = FIGURES_SIZE - 1};
  size_t rows = request->db == NULL ? 0 : add_system_figures(request);
  bool up = request->db != NULL && request_run(request) == STATUS_OK;
  byte_buffer_format(
      &text,
      "# HELP connex_database_up Whether the database answers.\n# TYPE connex_database_up gauge\n"
      "connex_database_up %d\n",
      up ? 1 : 0);
  for (int row = 0; up && row < db_rows(request->db, rows); row++)
    print_figure(&text, request->db, rows, row);
  request->problem = (struct problem){0};
  if (text.failed || text.cut) return;
  memcpy(figures.text, text.data, text.length);
  figures.text[text.length] = '\0';
}

/* Several monitors may ask at once; the database is asked every five seconds. */
static const char *read_figures(struct request *request) {
  pthread_mutex_lock(&figures.lock);
  if (pool_clock_ms() >= figures.until_ms) ask_figures(request);
  if (pool_clock_ms() >= figures.until_ms) figures.until_ms = pool_clock_ms() + FIGURES_MS;
  const char *text = arena_text(request->arena, figures.text);
  pthread_mutex_unlock(&figures.lock);
  return text;
}

/* The build, and how much passwords there are to hash. */
static const char *print_process(struct request *request) {
  struct password_gate_numbers hashes = {0};
  if (request->services->password_gate != NULL) password_gate_read(request->services->password_gate, &hashes);
  return arena_format(
      request->arena,
      "# HELP connex_build_info Which build answers.\n# TYPE connex_build_info "
      "gauge\nconnex_build_info{build=\"%s\"} 1\n"
      "# HELP connex_password_hashes_total Passwords hashed.\n# TYPE connex_password_hashes_total counter\n"
      "connex_password_hashes_total %llu\n"
      "# HELP connex_password_busy_total Passwords that found no place to wait, or not in time.\n"
      "# TYPE connex_password_busy_total counter\nconnex_password_busy_total %llu\n"
      "# HELP connex_password_waiting Passwords that wait to be hashed.\n"
      "# TYPE connex_password_waiting gauge\nconnex_password_waiting %u\n",
      request->services->build, (unsigned long long)hashes.hashed, (unsigned long long)hashes.refused,
      hashes.waiting);
}

enum status system_metrics(struct request *request) {
  const char *process = print_process(request), *database = read_figures(request);
  const char *more =
      process == NULL || database == NULL ? NULL : arena_format(request->arena, "%s%s", process, database);
  if (more != NULL) request->reply_body = metrics_text(request->arena, more, &request->reply_length);
  request->reply_type = "text/plain; version=0.0.4; charset=utf-8";
  return request->reply_body == NULL ? reply_problem(request, STATUS_INTERNAL, "failed", NULL) : STATUS_OK;
}
