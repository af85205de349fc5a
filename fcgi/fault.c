/*
 * What a failed transaction means to the client: see fault.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "metrics.h"
#include "pool/pool.h"
#include "reply.h"

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

/* Raised by our own SQL for the user to see: SQLSTATE CXnnn. */
static enum status spoken_fault(struct request *request, const struct db_fault *fault) {
  int status = three_digits(fault->sqlstate + 2);
  if (status == STATUS_UNAUTHORIZED) return reply_unauthorized(request);
  if (status < 400 || status > 599) {
    log_fault(request, LOG_ERROR, fault);
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  }
  const char *code = arena_text(request->arena, fault->message);
  const char *detail = arena_text(request->arena, fault->detail);
  if (status == STATUS_UNPROCESSABLE && fault->hint != NULL)
    reply_field_error(request, arena_text(request->arena, fault->hint), code,
                      detail == NULL ? "Check this value." : detail);
  if (status == STATUS_TOO_MANY || status == STATUS_UNAVAILABLE) {
    long seconds = fault->hint == NULL ? 1 : strtol(fault->hint, NULL, 10);
    request->problem.retry_after_s = seconds > 0 ? (unsigned)seconds : 1;
  }
  return reply_problem(request, (enum status)status, code, request->problem.errors == NULL ? detail : NULL);
}

enum status fault_away(struct request *request) {
  struct log_line line;
  log_start(&line, LOG_WARNING, "database_away");
  log_text(&line, "request_id", request->id);
  log_text(&line, "detail", db_trouble(request->db));
  log_text(&line, "sqlstate", db_fault(request->db)->sqlstate);
  log_end(&line);
  unsigned wait_ms = db_retry_after_ms(request->db);
  request->problem.retry_after_s = wait_ms / 1000 + 1;
  return reply_problem(
      request, STATUS_UNAVAILABLE, "unavailable",
      "The service is not available right now. Try again in a moment. Nothing that you typed is lost.");
}

static enum status storage_full(struct request *request) {
  request->problem.retry_after_s = 60;
  return reply_problem(request, STATUS_UNAVAILABLE, "storage_full",
                       "The server has no room left. Nothing was saved. Try again later.");
}

/* From SQLSTATE to status. Texts of PostgreSQL never leave the server: they may quote values. */
enum status fault_refused(struct request *request) {
  const struct db_fault *fault = db_fault(request->db);
  const char *state = fault->sqlstate;
  metrics_sqlstate(state, pool_clock_ms());
  if (strncmp(state, "CX", 2) == 0) return spoken_fault(request, fault);
  if (strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0)
    return reply_problem(request, STATUS_CONFLICT, "already_exists", "This already exists.");
  if (strncmp(state, "23", 2) == 0 || strncmp(state, "22", 2) == 0) {
    log_fault(request, LOG_WARNING, fault);
    return reply_problem(request, STATUS_UNPROCESSABLE, "not_accepted",
                         "These values do not fit together. Check them.");
  }
  log_fault(request, LOG_ERROR, fault);
  if (strcmp(state, "53100") == 0) return storage_full(request);
  bool again = strncmp(state, "40", 2) == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 ||
               strncmp(state, "55P03", 5) == 0 || strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0;
  return again ? fault_away(request) : reply_problem(request, STATUS_INTERNAL, "failed", NULL);
}
