/*
 * Getting back in: a forgotten user ID, and a new password by a mailed code.
 * No answer here tells whether an account exists (FGT-01, FGT-02, LOCK-06), and
 * a lock stands in nobody's way (LOCK-07).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"

static enum status reply_accepted(struct request *request, const char *message) {
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "message");
  json_out_string(&request->out, message);
  json_out_end_object(&request->out);
  return STATUS_ACCEPTED;
}

static const struct field recovery_user_id_fields[] = {{"email", FIELD_EMAIL, FIELD_REQUIRED, 0, 0, NULL},
                                                       {0}};

static enum status recovery_user_id(struct request *request) {
  const char *parameters[] = {request->values[0], request->id, request->address};
  request_add(request, Q_RECOVERY_USER_ID, 3, parameters);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  return reply_accepted(request, "If an account has this e-mail address, its User ID is on its way there.");
}

static const struct field recovery_password_code_fields[] = {
    {"user_id", FIELD_USER_ID, FIELD_REQUIRED, 0, 0, NULL}, {0}};

static enum status recovery_password_code(struct request *request) {
  unsigned char hashes[ACCOUNT_HASHES];
  const char *user_id = request->values[0], *code = NULL;
  if (!account_new_code(request, "password", user_id, &code, hashes)) return account_try_again(request);
  const struct db_parameter parameters[] = {ACCOUNT_TEXT(user_id), ACCOUNT_TEXT(code),
                                            ACCOUNT_BYTES(hashes, sizeof hashes), ACCOUNT_TEXT(request->id),
                                            ACCOUNT_TEXT(request->address)};
  request_add_binary(request, Q_RECOVERY_CODE_SEND, 5, parameters);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  return reply_accepted(request, "If this User ID exists, a code is on its way to the e-mail address on "
                                 "file. It is good for a few minutes.");
}

static const struct field recovery_password_fields[] = {
    {"user_id", FIELD_USER_ID, FIELD_REQUIRED, 0, 0, NULL},
    {"code", FIELD_CODE, FIELD_REQUIRED, 0, 20, NULL},
    {"password", FIELD_PASSWORD, FIELD_REQUIRED, 0, PASSWORD_MOST, NULL},
    {"password_again", FIELD_PASSWORD, FIELD_REQUIRED, 0, 0, NULL},
    {0}};

static enum status refuse_code(struct request *request) {
  return reply_field_error(request, "code", "wrong_code",
                           "This code is not right or no longer good. Check it, or ask for a new one.");
}

/* FGT-03: the code is looked at before anything costs a hash, and used up only together with the
 * new password. */
static enum status recovery_password(struct request *request) {
  unsigned char hash[TOKEN_HASH_SIZE];
  const char *user_id = request->values[0], *code = request->values[1], *password = request->values[2];
  const char *new_hash = NULL;
  if (strcmp(password, request->values[3]) != 0)
    return reply_field_error(request, "password_again", "not_equal",
                             "The two passwords are not the same. Type the second one again.");
  if (!account_code_hash(request, "password", user_id, code, hash)) return account_try_again(request);
  const struct db_parameter begin_parameters[] = {ACCOUNT_TEXT(user_id), ACCOUNT_BYTES(hash, sizeof hash),
                                                  ACCOUNT_TEXT(request->id), ACCOUNT_TEXT(request->address)};
  size_t begin = request_add_binary(request, Q_RECOVERY_BEGIN, 4, begin_parameters);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, begin) == 0) return refuse_code(request);
  status = account_new_password(request, begin, password, &new_hash);
  if (status != STATUS_OK) return status;
  const struct db_parameter finish_parameters[] = {ACCOUNT_TEXT(user_id), ACCOUNT_BYTES(hash, sizeof hash),
                                                   ACCOUNT_TEXT(new_hash), ACCOUNT_TEXT(request->id),
                                                   ACCOUNT_TEXT(request->address)};
  size_t finish = request_add_binary(request, Q_RECOVERY_FINISH, 5, finish_parameters);
  status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *done = db_named(request->db, finish, 0, "done");
  return done != NULL && strcmp(done, "t") == 0 ? STATUS_NO_CONTENT : refuse_code(request);
}

/* The functions of sql/rules/account.sql leave the audit rows, since nobody has entered. */
const struct route recovery_routes[] = {
    {POST, "/api/v1/recovery/user-id", .right = RIGHT_NONE, .mode = DB_WRITE,
     .fields = recovery_user_id_fields, .flags = ROUTE_SLOW, .handler = recovery_user_id},
    {POST, "/api/v1/recovery/password-code", .right = RIGHT_NONE, .mode = DB_WRITE,
     .fields = recovery_password_code_fields, .flags = ROUTE_SLOW, .handler = recovery_password_code},
    {POST, "/api/v1/recovery/password", .right = RIGHT_NONE, .mode = DB_WRITE,
     .fields = recovery_password_fields, .flags = ROUTE_SLOW, .handler = recovery_password},
    {0}};
