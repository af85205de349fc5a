/*
 * Creating an account: the last of the four steps sends all of them at once,
 * and nothing is stored before that (REG-10). Errors are found in three passes, the
 * cheap ones first: the fields themselves; what the fields say about each other,
 * together with what the database knows; and only then a hash is computed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "contract.h"
#include "request_statements.h"

/* What the fields say about each other. These errors join those of the database, so that all are shown at
 * once. */
static void judge_fields(struct request *request, unsigned least) {
  const char *const *v = request->values;
  const char *own[] = {v[REGISTRATION_CREATE_USER_ID], v[REGISTRATION_CREATE_FIRST_NAME],
                       v[REGISTRATION_CREATE_LAST_NAME], v[REGISTRATION_CREATE_EMAIL], NULL};
  (void)account_first_password(request, v[REGISTRATION_CREATE_PASSWORD], least, own);      /* PWD-04 */
  if (strcmp(v[REGISTRATION_CREATE_PASSWORD], v[REGISTRATION_CREATE_PASSWORD_AGAIN]) != 0) /* REG-04 */
    (void)account_passwords_differ(request);
  if (strcmp(v[REGISTRATION_CREATE_EMAIL], v[REGISTRATION_CREATE_EMAIL_AGAIN]) != 0) /* REG-05 */
    reply_field_error(request, "email_again", "not_equal",
                      "The two e-mail addresses are not the same. Check both.");
  (void)account_judge_access(request);
}

static bool is_faulty(const struct request *request, const char *field) {
  for (const struct field_error *error = request->problem.errors; error != NULL; error = error->next)
    if (strcmp(error->field, field) == 0) return true;
  return false;
}

/* Errors that the database found, one message for each field. */
static void add_faults(struct request *request, size_t faults) {
  for (int row = 0; row < db_rows(request->db, faults); row++) {
    const char *field = account_copy(request, faults, row, "field");
    const char *code = account_copy(request, faults, row, "code");
    const char *message = account_copy(request, faults, row, "message");
    if (field != NULL && code != NULL && message != NULL && !is_faulty(request, field))
      reply_field_error(request, field, code, message);
  }
}

enum status registration_create(struct request *request) {
  const char *record = request_record(request);
  size_t settings = add_registration_settings(request);
  size_t faults = add_registration_faults(request, P(registration, record));
  /* All in one transaction, so that the Idempotency-Key is kept with the account or not at all. */
  request_hold(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *least = db_named(request->db, settings, 0, "min_length");
  struct password_cost cost = account_cost(request, settings);
  judge_fields(request, least == NULL ? PASSWORD_MOST : (unsigned)strtoul(least, NULL, 10));
  add_faults(request, faults);
  if (request->problem.errors != NULL) return STATUS_UNPROCESSABLE;
  const char *hash = NULL;
  status = account_hash(request, &cost, request->values[REGISTRATION_CREATE_PASSWORD], &hash);
  if (status != STATUS_OK) return status;
  size_t created = add_registration_create(request, P(registration, record), P(password_hash, hash),
                                           P(request_id, request->id), P(address, request->address));
  status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, created, STATUS_CREATED) : status;
}
