/*
 * Eligibility of one beneficiary on a date (portal 2.3). The database matches
 * number, names, and birth date, makes that one person visible, and answers, in
 * one round trip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "request_statements.h"

enum status eligibility_lookup(struct request *request) {
  const char *const *v = request->values;
  const struct param_asked_on asked_on = P(asked_on, v[ELIGIBILITY_LOOKUP_ON]);
  size_t found = add_eligibility_find(
      request, P(mbi, v[ELIGIBILITY_LOOKUP_MBI]), P(last_name, v[ELIGIBILITY_LOOKUP_LAST_NAME]),
      P(first_name, v[ELIGIBILITY_LOOKUP_FIRST_NAME]), P(birth_on, v[ELIGIBILITY_LOOKUP_BIRTH_ON]), asked_on);
  const struct reply_part parts[] = {
      {.name = "coverage", .statement = add_eligibility_coverage(request, asked_on)}, {.name = NULL}};
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_row_with(request, found, parts) : status;
}
