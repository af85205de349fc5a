/*
 * Eligibility of one beneficiary on a date (portal 2.3). The database matches
 * number, names, and birth date, makes that one person visible, and answers, in
 * one round trip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "medicare/coverage.h"
#include "request_statements.h"

/* What is shown of the person found. */
struct shown {
  size_t statement; /* the rows of coverage */
  size_t count;
  struct coverage *coverage;
  int alert_count;
  struct coverage_alert *alerts;
};

static void write_alerts(struct request *request, const struct shown *shown) {
  json_out_key(&request->out, "alerts");
  json_out_array(&request->out);
  for (int i = 0; i < shown->alert_count; i++) {
    json_out_object(&request->out);
    json_out_key(&request->out, "kind");
    json_out_string(&request->out, shown->alerts[i].kind);
    json_out_key(&request->out, "words");
    json_out_string(&request->out, shown->alerts[i].words);
    json_out_end_object(&request->out);
  }
  json_out_end_array(&request->out);
}

static void write_coverage(struct request *request, const struct shown *shown) {
  json_out_key(&request->out, "coverage");
  json_out_array(&request->out);
  for (size_t i = 0; i < shown->count; i++) {
    const struct coverage *one = &shown->coverage[i];
    json_out_object(&request->out);
    json_out_members(&request->out, request->db, shown->statement, one->row);
    json_out_key(&request->out, "words");
    json_out_string(&request->out, coverage_words(one->kind));
    json_out_key(&request->out, "active");
    json_out_boolean(&request->out, one->active);
    json_out_end_object(&request->out);
  }
  json_out_end_array(&request->out);
}

/* Reads the rows, puts them in order, and asks what the office should know. False: out of memory. */
static bool read_coverage(struct request *request, size_t found, struct shown *shown) {
  const struct db *db = request->db;
  const char *day = db_named(db, found, 0, "on");
  shown->count = (size_t)db_rows(db, shown->statement);
  if (shown->count == 0 && db_named(db, found, 0, "beneficiary.mbi") == NULL) return true; /* nobody */
  shown->coverage = arena_zero(request->arena, shown->count + 1, sizeof *shown->coverage);
  shown->alerts = arena_zero(request->arena, shown->count + COVERAGE_ALERTS_MORE, sizeof *shown->alerts);
  if (day == NULL || shown->coverage == NULL || shown->alerts == NULL) return false;
  for (int row = 0; row < (int)shown->count; row++)
    shown->coverage[row] = (struct coverage){.kind = db_named(db, shown->statement, row, "kind"),
                                             .from = db_named(db, shown->statement, row, "from"),
                                             .to = db_named(db, shown->statement, row, "to"),
                                             .remaining = db_named(db, shown->statement, row, "remaining"),
                                             .payer_name = db_named(db, shown->statement, row, "payer_name"),
                                             .payer_id = db_named(db, shown->statement, row, "payer_id"),
                                             .detail = db_named(db, shown->statement, row, "detail"),
                                             .row = row};
  coverage_set_day(shown->coverage, shown->count, day);
  shown->alert_count = coverage_alerts(request->arena, shown->coverage, shown->count, day,
                                       db_named(db, found, 0, "beneficiary.death_on"), shown->alerts);
  return shown->alert_count >= 0;
}

enum status eligibility_lookup(struct request *request) {
  const char *const *v = request->values;
  size_t found = add_eligibility_find(
      request, P(mbi, v[ELIGIBILITY_LOOKUP_MBI]), P(last_name, v[ELIGIBILITY_LOOKUP_LAST_NAME]),
      P(first_name, v[ELIGIBILITY_LOOKUP_FIRST_NAME]), P(birth_on, v[ELIGIBILITY_LOOKUP_BIRTH_ON]),
      P(asked_on, v[ELIGIBILITY_LOOKUP_ON]));
  struct shown shown = {.statement = add_eligibility_coverage(request)};
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (!read_coverage(request, found, &shown)) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_members(&request->out, request->db, found, 0);
  write_alerts(request, &shown);
  write_coverage(request, &shown);
  json_out_end_object(&request->out);
  return STATUS_OK;
}
