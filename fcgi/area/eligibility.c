/*
 * Eligibility of one beneficiary on a date (portal 2.3). The database matches
 * number, names and birth date, makes that one person visible, and answers, in
 * one round trip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "request.h"

enum { LOOKUP_MBI, LOOKUP_LAST, LOOKUP_FIRST, LOOKUP_BIRTH, LOOKUP_ON };
/* The names are as the card and the feed write them, digits and all; they are compared and never stored. */
static const struct field eligibility_lookup_fields[] = {
    [LOOKUP_MBI] = {"mbi", FIELD_MBI, FIELD_REQUIRED, 0, 0, NULL},
    [LOOKUP_LAST] = {"last_name", FIELD_TEXT, FIELD_REQUIRED, 1, 60, NULL},
    [LOOKUP_FIRST] = {"first_name", FIELD_TEXT, FIELD_REQUIRED, 1, 35, NULL},
    [LOOKUP_BIRTH] = {"birth_on", FIELD_DATE, FIELD_REQUIRED, 0, 0, NULL},
    [LOOKUP_ON] = {"on", FIELD_DATE, FIELD_OPTIONAL, 0, 0, NULL},
    {0}};

static enum status eligibility_lookup(struct request *request) {
  const char *question[] = {request->values[LOOKUP_MBI], request->values[LOOKUP_ON]};
  size_t match = request_add(request, Q_ELIGIBILITY_MATCH, 5, request->values);
  size_t answer = request_add(request, Q_ELIGIBILITY_ANSWER, 2, question);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_value(request->db, match, 0, 0) != NULL)
    return reply_json_column(request, match, STATUS_OK); /* nobody: the reason */
  return reply_one_row(request, answer);
}

const struct route eligibility_routes[] = {
    {POST, "/api/v1/provider-accounts/{provider_account_id}/eligibility-lookups", .right = RIGHT_ELIGIBILITY,
     .mode = DB_READ, .fields = eligibility_lookup_fields, .audit = "eligibility_lookup", .subject = -1,
     .handler = eligibility_lookup},
    {0}};
