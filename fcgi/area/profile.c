/*
 * The user's own account: profile, password, and the provider account that stays selected.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"
#include "contract.h"
#include "request_statements.h"

enum status profile_get(struct request *request) {
  size_t profile = add_profile_get(request);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, profile) : status;
}

enum status profile_update(struct request *request) {
  add_profile_change(request, P(version, request->version), P(changes, request_record(request)));
  size_t profile = add_profile_get(request);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, profile) : status;
}

/* ---------------------------------------------------------------- password */

static enum status refuse_current_password(struct request *request) {
  add_profile_password_failed(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  return reply_field_error(request, "current_password", "wrong_password",
                           "This is not your current password.");
}

/* An expired password is changed while that is the next step (PWD-01); the SQL functions check the second
 * factor themselves. */
enum status profile_password(struct request *request) {
  const char *const *v = request->values;
  const char *current = v[PROFILE_PASSWORD_CURRENT_PASSWORD], *password = v[PROFILE_PASSWORD_PASSWORD];
  const char *new_hash = NULL;
  if (strcmp(password, v[PROFILE_PASSWORD_PASSWORD_AGAIN]) != 0) return account_passwords_differ(request);
  size_t begin = add_profile_password_begin(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *present = account_copy(request, begin, 0, "password_hash");
  struct password_cost cost = account_cost(request, begin);
  enum password_outcome outcome =
      password_verify(request->services->password_gate, &cost, present, current, strlen(current));
  if (outcome == PASSWORD_WRONG) return refuse_current_password(request);
  if (outcome != PASSWORD_RIGHT) return account_gate_problem(request, outcome);
  status = account_new_password(request, begin, password, &new_hash);
  if (status != STATUS_OK) return status;
  size_t finish =
      add_profile_password_finish(request, P(matched_hash, present), P(new_password_hash, new_hash));
  status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, finish) : status;
}

/* ---------------------------------------------------------------- the selected provider account */

enum status profile_provider_account(struct request *request) {
  const struct param_provider_account_id account =
      P(provider_account_id, request->values[PROFILE_PROVIDER_ACCOUNT_PROVIDER_ACCOUNT_ID]);
  add_profile_provider_account(request, account);
  size_t summary = add_provider_account_summary(request, account);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, summary) : status;
}
