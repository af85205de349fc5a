/*
 * Claims of a provider account: search, and one claim with everything known
 * about it and what can be done now (sql/claim.sql, sql/rules/claim.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "cursor.h"
#include "request_statements.h"

/* What every search takes: the provider account, the range of days, and where the previous page ended. */
struct range {
  const char *from, *to, *day, *id;
};

/* Runs the statement whose index finds the fewest claims. It checks the other conditions on what it finds. */
static size_t add_search(struct request *request, const struct range *range) {
  const char *const *v = request->values;
  const struct param_provider_account_id account =
      P(provider_account_id, request->path[CLAIM_SEARCH_PATH_PROVIDER_ACCOUNT_ID]);
  const struct param_from_on from = P(from_on, range->from);
  const struct param_to_on to = P(to_on, range->to);
  const struct param_after_on day = P(after_on, range->day);
  const struct param_after_claim_id id = P(after_claim_id, range->id);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  const struct param_status status = P(status, v[CLAIM_SEARCH_STATUS]);
  const struct param_mbi mbi = P(mbi, v[CLAIM_SEARCH_MBI]);
  const struct param_patient_control_no patient = P(patient_control_no, v[CLAIM_SEARCH_PATIENT_CONTROL_NO]);
  const struct param_control_no control = P(control_no, v[CLAIM_SEARCH_CONTROL_NO]);
  if (control.text != NULL)
    return add_claim_search_control(request, account, from, to, day, id, most, control,
                                    P(wanted, request_record(request)));
  if (mbi.text != NULL)
    return add_claim_search_patient(request, account, from, to, day, id, most, status, mbi, patient);
  if (patient.text != NULL)
    return add_claim_search_patient_control(request, account, from, to, day, id, most, status, mbi, patient);
  if (status.text != NULL) return add_claim_search_status(request, account, from, to, day, id, most, status);
  return add_claim_search_service(request, account, from, to, day, id, most);
}

enum status claim_search(struct request *request) {
  struct range range = {.from = request->values[CLAIM_SEARCH_FROM], .to = request->values[CLAIM_SEARCH_TO]};
  if (!cursor_read(request, request->values[CLAIM_SEARCH_AFTER], CURSOR_NEWEST_FIRST, &range.day, &range.id))
    return STATUS_UNPROCESSABLE;
  if (!cursor_days(request, &range.from, &range.to)) return STATUS_UNPROCESSABLE;
  size_t list = add_search(request, &range);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status claim_get(struct request *request) {
  size_t claim = add_claim_get(request, P(claim_id, request->path[CLAIM_GET_PATH_CLAIM_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, claim, STATUS_OK) : status;
}
