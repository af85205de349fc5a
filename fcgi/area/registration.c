/*
 * Creating an account: the last of the four steps sends all of them at once,
 * and nothing is stored before (REG-10). Faults are found in three passes, the
 * cheap before the dear: the field table, what the fields say of each other
 * together with what the database knows, and only then a hash is computed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "account.h"

enum registration_field {
  ATTESTATION_VERSION,
  USER_ID,
  PASSWORD,
  PASSWORD_AGAIN,
  FIRST_NAME,
  LAST_NAME,
  JOB_ROLE,
  WORK_PHONE,
  MOBILE_PHONE,
  MOBILE_CARRIER,
  EMAIL,
  EMAIL_AGAIN,
  EMAIL_UPDATES,
  TIME_ZONE,
  ACCESS /* the first of ACCESS_FIELDS */
};

static const char *const job_roles[] = {"physician",      "nurse",         "billing", "coding",
                                        "administration", "clearinghouse", "other",   NULL};

/* REG-06. In the order of enum registration_field. */
static const struct field registration_fields[] = {
    [ATTESTATION_VERSION] = {"attestation_version", FIELD_INTEGER, FIELD_REQUIRED, 1, 100000, NULL},
    [USER_ID] = {"user_id", FIELD_USER_ID, FIELD_REQUIRED, 0, 0, NULL},
    [PASSWORD] = {"password", FIELD_PASSWORD, FIELD_REQUIRED, 0, PASSWORD_MOST, NULL},
    [PASSWORD_AGAIN] = {"password_again", FIELD_PASSWORD, FIELD_REQUIRED, 0, 0, NULL},
    [FIRST_NAME] = {"first_name", FIELD_NAME, FIELD_REQUIRED, 1, 50, NULL},
    [LAST_NAME] = {"last_name", FIELD_NAME, FIELD_REQUIRED, 1, 60, NULL},
    [JOB_ROLE] = {"job_role", FIELD_CHOICE, FIELD_REQUIRED, 0, 0, job_roles},
    [WORK_PHONE] = {"work_phone", FIELD_PHONE, FIELD_OPTIONAL, 0, 0, NULL},
    [MOBILE_PHONE] = {"mobile_phone", FIELD_PHONE, FIELD_OPTIONAL, 0, 0, NULL},
    [MOBILE_CARRIER] = {"mobile_carrier", FIELD_TEXT, FIELD_OPTIONAL, 0, 40, NULL},
    [EMAIL] = {"email", FIELD_EMAIL, FIELD_REQUIRED, 0, 0, NULL},
    [EMAIL_AGAIN] = {"email_again", FIELD_EMAIL, FIELD_REQUIRED, 0, 0, NULL},
    [EMAIL_UPDATES] = {"email_updates", FIELD_BOOLEAN, FIELD_OPTIONAL, 0, 0, NULL},
    [TIME_ZONE] = {"time_zone", FIELD_TEXT, FIELD_OPTIONAL, 0, 60, NULL},
    ACCOUNT_ACCESS_FIELDS(ACCESS),
    {0}};

static bool differ(const struct request *request, enum registration_field a, enum registration_field b) {
  return strcmp(request->values[a], request->values[b]) != 0;
}

/* What the fields say of each other. Faults are added to those of the database, so that all are
 * shown at once. */
static void judge_fields(struct request *request, unsigned least) {
  const char **values = request->values;
  const char *own[] = {values[USER_ID], values[FIRST_NAME], values[LAST_NAME], values[EMAIL], NULL};
  (void)account_first_password(request, values[PASSWORD], least, own); /* PWD-04 */
  if (differ(request, PASSWORD, PASSWORD_AGAIN))                       /* REG-04 */
    reply_field_error(request, "password_again", "not_equal",
                      "The two passwords are not the same. Type the second one again.");
  if (differ(request, EMAIL, EMAIL_AGAIN)) /* REG-05 */
    reply_field_error(request, "email_again", "not_equal",
                      "The two e-mail addresses are not the same. Check both.");
  (void)account_judge_access(request, values + ACCESS);
}

static bool is_faulty(const struct request *request, const char *field) {
  for (const struct field_error *error = request->problem.errors; error != NULL; error = error->next)
    if (strcmp(error->field, field) == 0) return true;
  return false;
}

/* Faults that the database found. One message a field. */
static void add_faults(struct request *request, size_t faults) {
  for (int row = 0; row < db_rows(request->db, faults); row++) {
    const char *field = account_copy(request, faults, row, "field");
    const char *code = account_copy(request, faults, row, "code");
    const char *message = account_copy(request, faults, row, "message");
    if (field != NULL && code != NULL && message != NULL && !is_faulty(request, field))
      reply_field_error(request, field, code, message);
  }
}

static size_t add_fault_statement(struct request *request) {
  const char **v = request->values;
  const char *const *access = v + ACCESS;
  const char *parameters[] = {v[USER_ID],
                              v[EMAIL],
                              v[ATTESTATION_VERSION],
                              v[TIME_ZONE],
                              access[ACCESS_LSO],
                              access[ACCESS_NPI],
                              access[ACCESS_PTAN],
                              access[ACCESS_TIN_LAST5],
                              access[ACCESS_LINE_OF_BUSINESS],
                              access[ACCESS_STATE],
                              access[ACCESS_CHECK_NUMBER],
                              access[ACCESS_CHECK_AMOUNT],
                              access[ACCESS_CSN]};
  return request_add(request, Q_REGISTRATION_FAULTS, 13, parameters);
}

static enum status create(struct request *request, const char *hash) {
  const char **v = request->values;
  const char *const *access = v + ACCESS;
  const char *parameters[] = {v[USER_ID],
                              hash,
                              v[FIRST_NAME],
                              v[LAST_NAME],
                              v[JOB_ROLE],
                              v[EMAIL],
                              v[WORK_PHONE],
                              v[MOBILE_PHONE],
                              v[MOBILE_CARRIER],
                              v[EMAIL_UPDATES],
                              v[TIME_ZONE],
                              v[ATTESTATION_VERSION],
                              access[ACCESS_LSO],
                              access[ACCESS_NPI],
                              access[ACCESS_PTAN],
                              access[ACCESS_TIN_LAST5],
                              access[ACCESS_LINE_OF_BUSINESS],
                              access[ACCESS_STATE],
                              access[ACCESS_FUNCTIONS],
                              access[ACCESS_CHECK_NUMBER],
                              access[ACCESS_CHECK_AMOUNT],
                              access[ACCESS_CSN],
                              request->id,
                              request->address};
  request_add(request, Q_REGISTRATION_CREATE, 24, parameters);
  return request_run(request);
}

static enum status registration_create(struct request *request) {
  size_t settings = request_add(request, Q_REGISTRATION_SETTINGS, 0, NULL);
  size_t faults = add_fault_statement(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *least = db_named(request->db, settings, 0, "min_length");
  struct password_cost cost = account_cost(request, settings);
  judge_fields(request, least == NULL ? PASSWORD_MOST : (unsigned)strtoul(least, NULL, 10));
  add_faults(request, faults);
  if (request->problem.errors != NULL) return STATUS_UNPROCESSABLE;
  const char *hash = NULL;
  status = account_hash(request, &cost, request->values[PASSWORD], &hash);
  if (status == STATUS_OK) status = create(request, hash);
  if (status != STATUS_OK) return status;
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "user_id");
  json_out_string(&request->out, request->values[USER_ID]);
  json_out_key(&request->out, "access_status");
  json_out_string(&request->out, "requested");
  json_out_end_object(&request->out);
  return STATUS_CREATED;
}

/* connex.registration_create() leaves the audit row, since nobody has entered. */
const struct route registration_routes[] = {{POST, "/api/v1/registrations", .right = RIGHT_NONE,
                                             .mode = DB_WRITE, .fields = registration_fields,
                                             .flags = ROUTE_SLOW, .handler = registration_create},
                                            {0}};
