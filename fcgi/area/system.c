/*
 * For monitoring: whether the worker runs, whether it can answer, and what it has
 * done. Shows nobody's data and needs no credential.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "metrics.h"

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

/* Ready means that PostgreSQL answers and all statements are prepared. */
enum status system_ready(struct request *request) {
  if (request->db != NULL && db_ready(request->db)) return say_ok(request);
  request->problem.retry_after_s = 1;
  return reply_problem(request, STATUS_UNAVAILABLE, "unavailable",
                       "The database cannot be reached right now.");
}

enum status system_metrics(struct request *request) {
  request->reply_body = metrics_text(request->arena, &request->reply_length);
  request->reply_type = "text/plain; version=0.0.4; charset=utf-8";
  return request->reply_body == NULL ? reply_problem(request, STATUS_INTERNAL, "failed", NULL) : STATUS_OK;
}
