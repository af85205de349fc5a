/*
 * Remittances of a provider account (function Financials).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cursor.h"
#include "request.h"

enum { LIST_FROM, LIST_TO, LIST_LIMIT, LIST_AFTER };
static const struct field remittance_list_query[] = {
    [LIST_FROM] = {"from", FIELD_DATE, FIELD_OPTIONAL, 0, 0, NULL},
    [LIST_TO] = {"to", FIELD_DATE, FIELD_OPTIONAL, 0, 0, NULL},
    [LIST_LIMIT] = {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    [LIST_AFTER] = {"after", FIELD_TEXT, FIELD_OPTIONAL, 0, 200, NULL},
    {0}};

static enum status remittance_list(struct request *request) {
  const char *day = NULL, *id = NULL;
  const char *from = request_query(request, "from"), *to = request_query(request, "to");
  if (!cursor_read(request, request_query(request, "after"), CURSOR_NEWEST_FIRST, &day, &id))
    return STATUS_UNPROCESSABLE;
  if (!cursor_days(request, &from, &to)) return STATUS_UNPROCESSABLE;
  const char *parameters[] = {request->path[0], from, to, day, id, request_limit(request)};
  size_t list = request_add(request, Q_REMITTANCE_LIST, 6, parameters);
  enum status status = request_run(request);
  request->reply_filename = "remittances.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static enum status remittance_get(struct request *request) {
  size_t remittance = request_add(request, Q_REMITTANCE_GET, 2, request->path);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, remittance) : status;
}

const struct route remittance_routes[] = {
    {GET, "/api/v1/provider-accounts/{provider_account_id}/remittances", .right = RIGHT_FINANCIALS,
     .mode = DB_READ, .query = remittance_list_query, .flags = ROUTE_CSV, .audit = "remittance_list",
     .subject = -1, .handler = remittance_list},
    {GET, "/api/v1/provider-accounts/{provider_account_id}/remittances/{remittance_id}",
     .right = RIGHT_FINANCIALS, .mode = DB_READ, .audit = "remittance_view", .subject = 1,
     .handler = remittance_get},
    {0}};
