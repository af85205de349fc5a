/*
 * My own account: profile, password, and the provider account that stays chosen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"

static enum status profile_get(struct request *request) {
  size_t profile = request_add(request, Q_PROFILE_GET, 0, NULL);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, profile) : status;
}

static const char *const job_roles[] = {"physician",      "nurse",         "billing", "coding",
                                        "administration", "clearinghouse", "other",   NULL};

/* In the order of the statement's parameters after the version. */
static const struct field profile_fields[] = {{"first_name", FIELD_NAME, FIELD_OPTIONAL, 1, 50, NULL},
                                              {"last_name", FIELD_NAME, FIELD_OPTIONAL, 1, 60, NULL},
                                              {"job_role", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, job_roles},
                                              {"email", FIELD_EMAIL, FIELD_OPTIONAL, 0, 0, NULL},
                                              {"work_phone", FIELD_PHONE, FIELD_OPTIONAL, 0, 0, NULL},
                                              {"mobile_phone", FIELD_PHONE, FIELD_OPTIONAL, 0, 0, NULL},
                                              {"mobile_carrier", FIELD_TEXT, FIELD_OPTIONAL, 0, 40, NULL},
                                              {"email_updates", FIELD_BOOLEAN, FIELD_OPTIONAL, 0, 0, NULL},
                                              {"time_zone", FIELD_TEXT, FIELD_OPTIONAL, 0, 60, NULL},
                                              {0}};

enum { PROFILE_FIELDS = sizeof profile_fields / sizeof *profile_fields - 1 };

/* What may be empty is cleared by an empty text or null; what may not be empty is a fault then. */
static bool may_be_empty(size_t field) {
  static const char *const names[] = {"work_phone", "mobile_phone", "mobile_carrier"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(profile_fields[field].name, names[i]) == 0) return true;
  return false;
}

static enum status profile_update(struct request *request) {
  const char *parameters[1 + PROFILE_FIELDS] = {request->version};
  for (size_t i = 0; i < PROFILE_FIELDS; i++) {
    bool emptied = request->values[i] == NULL && request_given(request, profile_fields[i].name);
    if (emptied && !may_be_empty(i))
      reply_field_error(request, profile_fields[i].name, "required", "This cannot be empty. Fill it in.");
    parameters[1 + i] = emptied ? "" : request->values[i];
  }
  if (request->problem.errors != NULL) return STATUS_UNPROCESSABLE;
  request_add(request, Q_PROFILE_CHANGE, 1 + PROFILE_FIELDS, parameters);
  size_t profile = request_add(request, Q_PROFILE_GET, 0, NULL);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, profile) : status;
}

/* ---------------------------------------------------------------- password */

static const struct field profile_password_fields[] = {
    {"current_password", FIELD_PASSWORD, FIELD_REQUIRED, 0, 0, NULL},
    {"password", FIELD_PASSWORD, FIELD_REQUIRED, 0, PASSWORD_MOST, NULL},
    {"password_again", FIELD_PASSWORD, FIELD_REQUIRED, 0, 0, NULL},
    {0}};

static enum status refuse_current_password(struct request *request) {
  request_add(request, Q_PROFILE_PASSWORD_FAILED, 0, NULL);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  return reply_field_error(request, "current_password", "wrong_password",
                           "This is not your present password.");
}

static enum status profile_password(struct request *request) {
  const char *current = request->values[0], *password = request->values[1], *new_hash = NULL;
  if (strcmp(password, request->values[2]) != 0)
    return reply_field_error(request, "password_again", "not_equal",
                             "The two passwords are not the same. Type the second one again.");
  size_t begin = request_add(request, Q_PROFILE_PASSWORD_BEGIN, 0, NULL);
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
  const char *parameters[] = {present, new_hash};
  size_t finish = request_add(request, Q_PROFILE_PASSWORD_FINISH, 2, parameters);
  status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, finish) : status;
}

/* ---------------------------------------------------------------- the provider account that stays chosen */

static const struct field profile_provider_account_fields[] = {
    {"provider_account_id", FIELD_ID, FIELD_REQUIRED, 0, 0, NULL}, {0}};

static enum status profile_provider_account(struct request *request) {
  const char *provider_account_id = request->values[0];
  request_add(request, Q_PROFILE_PROVIDER_ACCOUNT, 1, &provider_account_id);
  size_t summary = request_add(request, Q_PROVIDER_ACCOUNT_SUMMARY, 1, &provider_account_id);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, summary) : status;
}

const struct route profile_routes[] = {
    {GET, "/api/v1/profile", .right = RIGHT_PERSON, .mode = DB_READ, .handler = profile_get},
    {PATCH, "/api/v1/profile", .right = RIGHT_PERSON, .mode = DB_WRITE, .fields = profile_fields,
     .flags = ROUTE_IF_MATCH, .audit = "profile_change", .subject = -1, .handler = profile_update},
    /* An expired password is changed while it is what is owed (PWD-01): the functions ask for the
       second factor themselves. */
    {POST, "/api/v1/profile/password", .right = RIGHT_STEP, .mode = DB_WRITE,
     .fields = profile_password_fields, .flags = ROUTE_SLOW, .handler = profile_password},
    {PUT, "/api/v1/profile/provider-account", .right = RIGHT_PERSON, .mode = DB_WRITE,
     .fields = profile_provider_account_fields, .handler = profile_provider_account},
    {0}};
