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
  const struct param_mbi mbi = P(mbi, v[ELIGIBILITY_LOOKUP_MBI]);
  const struct param_asked_on asked_on = P(asked_on, v[ELIGIBILITY_LOOKUP_ON]);
  size_t match = add_eligibility_match(request, mbi, P(last_name, v[ELIGIBILITY_LOOKUP_LAST_NAME]),
                                       P(first_name, v[ELIGIBILITY_LOOKUP_FIRST_NAME]),
                                       P(birth_on, v[ELIGIBILITY_LOOKUP_BIRTH_ON]), asked_on);
  size_t answer = add_eligibility_answer(request, mbi, asked_on);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  /* Nobody was found: the first statement says why. */
  if (db_value(request->db, match, 0, 0) != NULL) return reply_json_column(request, match, STATUS_OK);
  return reply_one_row(request, answer);
}
