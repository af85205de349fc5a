/*
 * Getting back in: a forgotten user ID, and a new password with a mailed code.
 * No answer here reveals whether an account exists (FGT-01, FGT-02, LOCK-06),
 * and a locked account can use this (LOCK-07). Nobody has entered here, so the
 * functions of sql/rules/recovery.sql write the audit rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"
#include "contract.h"
#include "request_statements.h"

static enum status reply_accepted(struct request *request, const char *message) {
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "message");
  json_out_string(&request->out, message);
  json_out_end_object(&request->out);
  return STATUS_ACCEPTED;
}

enum status recovery_user_id(struct request *request) {
  add_recovery_user_id(request, P(email, request->values[RECOVERY_USER_ID_EMAIL]), P(request_id, request->id),
                       P(address, request->address));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  return reply_accepted(request, "If an account has this e-mail address, we sent its User ID there.");
}

enum status recovery_password_code(struct request *request) {
  unsigned char pepper[TOKEN_HASH_SIZE];
  if (!account_pepper(request, "password", pepper)) return account_try_again(request);
  add_recovery_code_send(request, P(user_id, request->values[RECOVERY_PASSWORD_CODE_USER_ID]),
                         P_BYTES(pepper, pepper, sizeof pepper), P(request_id, request->id),
                         P(address, request->address));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  return reply_accepted(request, "If this User ID exists, we sent a code to the e-mail address on file. "
                                 "Use it within a few minutes.");
}

static enum status refuse_code(struct request *request) {
  return reply_field_error(request, "code", "wrong_code",
                           "This code is not right, or it has expired. Check it, or ask for a new one.");
}

/* FGT-03: the code is checked before a hash is computed, and used up only together with the new password. */
enum status recovery_password(struct request *request) {
  unsigned char bytes[TOKEN_HASH_SIZE];
  const char *const *v = request->values;
  const char *password = v[RECOVERY_PASSWORD_PASSWORD];
  struct account_password made = {NULL, NULL};
  const struct param_user_id user_id = P(user_id, v[RECOVERY_PASSWORD_USER_ID]);
  const struct param_request_id id = P(request_id, request->id);
  const struct param_address address = P(address, request->address);
  if (strcmp(password, v[RECOVERY_PASSWORD_PASSWORD_AGAIN]) != 0) return account_passwords_differ(request);
  if (!account_pepper(request, "password", bytes)) return account_try_again(request);
  const struct param_pepper pepper = P_BYTES(pepper, bytes, sizeof bytes);
  const struct param_code code = P(code, v[RECOVERY_PASSWORD_CODE]);
  size_t begin = add_recovery_begin(request, user_id, pepper, code, id, address);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, begin) == 0) return refuse_code(request);
  status = account_new_password(request, begin, password, &made);
  if (status != STATUS_OK) return status;
  size_t finish = add_recovery_finish(request, user_id, pepper, code, P(former_hashes, made.former),
                                      P(new_password_hash, made.hash), id, address);
  status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *outcome = db_named(request->db, finish, 0, "outcome");
  if (outcome != NULL && strcmp(outcome, "used_before") == 0) return account_used_before(request);
  return outcome != NULL && strcmp(outcome, "done") == 0 ? STATUS_NO_CONTENT : refuse_code(request);
}
