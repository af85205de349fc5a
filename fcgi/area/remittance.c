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

enum status remittance_claim_list(struct request *request) {
  const struct param_provider_account_id account =
      P(provider_account_id, request->path[REMITTANCE_CLAIM_LIST_PATH_PROVIDER_ACCOUNT_ID]);
  const struct param_remittance_id id =
      P(remittance_id, request->path[REMITTANCE_CLAIM_LIST_PATH_REMITTANCE_ID]);
  size_t remittance = add_remittance_get(request, account, id);
  size_t list = add_remittance_claim_list(request, account, id,
                                          P(after_adjudication, request->query[REMITTANCE_CLAIM_LIST_AFTER]),
                                          P(row_limit, request_limit(request)));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, remittance) == 0) /* otherwise it would look like one without claims */
    return reply_problem(request, STATUS_NOT_FOUND, "not_found",
                         "This provider account has no such remittance.");
  return reply_list(request, list);
}
