/*
 * Remittances of a provider account (function Financials).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "cursor.h"
#include "request_statements.h"

enum status remittance_list(struct request *request) {
  const char *const *q = request->query;
  const char *day = NULL, *id = NULL, *from = q[REMITTANCE_LIST_FROM], *to = q[REMITTANCE_LIST_TO];
  if (!cursor_read(request, q[REMITTANCE_LIST_AFTER], CURSOR_NEWEST_FIRST, &day, &id))
    return STATUS_UNPROCESSABLE;
  if (!cursor_days(request, &from, &to)) return STATUS_UNPROCESSABLE;
  size_t list = add_remittance_list(
      request, P(provider_account_id, request->path[REMITTANCE_LIST_PATH_PROVIDER_ACCOUNT_ID]),
      P(from_on, from), P(to_on, to), P(after_on, day), P(after_remittance_id, id),
      P(row_limit, request_limit(request)));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status remittance_get(struct request *request) {
  size_t remittance = add_remittance_get(
      request, P(provider_account_id, request->path[REMITTANCE_GET_PATH_PROVIDER_ACCOUNT_ID]),
      P(remittance_id, request->path[REMITTANCE_GET_PATH_REMITTANCE_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, remittance) : status;
}
