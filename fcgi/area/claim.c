/*
 * Claims of a provider account: search, and one claim with all that is known of
 * it and what can be done now (sql/claim.sql, sql/rules/claim.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cursor.h"
#include "request.h"

static const char *const claim_statuses[] = {"received", "pending",  "suspended", "returned", "paid",
                                             "denied",   "rejected", "reversed",  NULL};

enum {
  SEARCH_MBI,
  SEARCH_CONTROL,
  SEARCH_PATIENT_CONTROL,
  SEARCH_FROM,
  SEARCH_TO,
  SEARCH_STATUS,
  SEARCH_LIMIT,
  SEARCH_AFTER
};
static const struct field claim_search_fields[] = {
    [SEARCH_MBI] = {"mbi", FIELD_MBI, FIELD_OPTIONAL, 0, 0, NULL},
    [SEARCH_CONTROL] = {"control_no", FIELD_TEXT, FIELD_OPTIONAL, 1, 23, NULL},
    [SEARCH_PATIENT_CONTROL] = {"patient_control_no", FIELD_TEXT, FIELD_OPTIONAL, 1, 38, NULL},
    [SEARCH_FROM] = {"from", FIELD_DATE, FIELD_OPTIONAL, 0, 0, NULL},
    [SEARCH_TO] = {"to", FIELD_DATE, FIELD_OPTIONAL, 0, 0, NULL},
    [SEARCH_STATUS] = {"status", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, claim_statuses},
    [SEARCH_LIMIT] = {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    [SEARCH_AFTER] = {"after", FIELD_TEXT, FIELD_OPTIONAL, 0, 200, NULL},
    {0}};

/* The statement whose index finds the fewest claims; the other conditions are checked on what it finds. */
static size_t add_search(struct request *request, const char *const *parameters) {
  const char *const *values = request->values;
  if (values[SEARCH_CONTROL] != NULL) return request_add(request, Q_CLAIM_SEARCH_CONTROL, 10, parameters);
  if (values[SEARCH_MBI] != NULL) return request_add(request, Q_CLAIM_SEARCH_PATIENT, 9, parameters);
  if (values[SEARCH_PATIENT_CONTROL] != NULL)
    return request_add(request, Q_CLAIM_SEARCH_PATIENT_CONTROL, 9, parameters);
  if (values[SEARCH_STATUS] != NULL) return request_add(request, Q_CLAIM_SEARCH_STATUS, 7, parameters);
  return request_add(request, Q_CLAIM_SEARCH_SERVICE, 6, parameters);
}

static enum status claim_search(struct request *request) {
  const char **values = request->values;
  const char *day = NULL, *id = NULL, *from = values[SEARCH_FROM], *to = values[SEARCH_TO];
  if (!cursor_read(request, values[SEARCH_AFTER], CURSOR_NEWEST_FIRST, &day, &id))
    return STATUS_UNPROCESSABLE;
  if (!cursor_days(request, &from, &to)) return STATUS_UNPROCESSABLE;
  const char *parameters[] = {request->path[0],
                              from,
                              to,
                              day,
                              id,
                              request_limit(request),
                              values[SEARCH_STATUS],
                              values[SEARCH_MBI],
                              values[SEARCH_PATIENT_CONTROL],
                              values[SEARCH_CONTROL]};
  size_t list = add_search(request, parameters);
  enum status status = request_run(request);
  request->reply_filename = "claims.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static enum status claim_get(struct request *request) {
  size_t claim = request_add(request, Q_CLAIM_GET, 1, &request->path[1]);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, claim, STATUS_OK) : status;
}

const struct route claim_routes[] = {
    {POST, "/api/v1/provider-accounts/{provider_account_id}/claim-searches", .right = RIGHT_CLAIMS,
     .mode = DB_READ, .fields = claim_search_fields, .flags = ROUTE_CSV, .audit = "claim_search",
     .subject = -1, .handler = claim_search},
    {GET, "/api/v1/provider-accounts/{provider_account_id}/claims/{claim_id}", .right = RIGHT_CLAIMS,
     .mode = DB_READ, .audit = "claim_view", .subject = 1, .handler = claim_get},
    {0}};
