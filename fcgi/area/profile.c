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

/* An expired password is changed while that is the next step (PWD-01); the SQL functions check the second
 * factor themselves. The current password is compared before anything is hashed for the new one. */
enum status profile_password(struct request *request) {
  const char *const *v = request->values;
  const char *password = v[PROFILE_PASSWORD_PASSWORD], *typed = NULL;
  struct account_password made = {NULL, NULL};
  if (strcmp(password, v[PROFILE_PASSWORD_PASSWORD_AGAIN]) != 0) return account_passwords_differ(request);
  size_t begin = add_profile_password_begin(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  status = account_answer(request, account_copy(request, begin, 0, "salt"),
                          v[PROFILE_PASSWORD_CURRENT_PASSWORD], &typed);
  if (status != STATUS_OK) return status;
  size_t check = add_profile_password_check(request, P(typed_hash, typed));
  status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, check) == 0)
    return reply_field_error(request, "current_password", "wrong_password",
                             "This is not your current password.");
  status = account_new_password(request, check, password, &made);
  if (status != STATUS_OK) return status;
  size_t finish = add_profile_password_finish(request, P(typed_hash, typed), P(former_hashes, made.former),
                                              P(new_password_hash, made.hash));
  status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_named(request->db, finish, 0, "next") == NULL) return account_used_before(request);
  return reply_one_row(request, finish);
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
