/*
 * Access to provider accounts: what I asked for and have (System Access), the
 * access code of the letter, the Local Security Officer's desk (User
 * Management) and the contractor's queue of first officers. Rules LSO-01 to
 * LSO-17 stand in sql/rules/access.sql.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"

static const char *const statuses[] = {"requested", "awaiting_code", "approved", "declined", "removed", NULL};

/* ---------------------------------------------------------------- System Access */

static const struct field access_list_query[] = {{"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
                                                 {"after", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
                                                 {0}};

static enum status access_list(struct request *request) {
  /* The newest first; a bound that is always there lets PostgreSQL go by the index. */
  const char *after = request_query(request, "after");
  const char *parameters[] = {after == NULL ? "9223372036854775807" : after, request_limit(request)};
  size_t list = request_add(request, Q_ACCESS_LIST, 2, parameters);
  enum status status = request_run(request);
  request->reply_filename = "system-access.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static const struct field access_request_fields[] = {ACCOUNT_ACCESS_FIELDS(0), {0}};

static enum status access_request(struct request *request) {
  enum status status = account_judge_access(request, request->values);
  if (status != STATUS_OK) return status;
  request_add(request, Q_ACCESS_REQUEST, ACCESS_FIELDS, request->values);
  size_t made = request_add(request, Q_ACCESS_REQUESTED, 0, NULL);
  status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, made, STATUS_CREATED) : status;
}

static const struct field access_activate_fields[] = {
    {"access_code", FIELD_CODE, FIELD_REQUIRED, 0, 20, NULL}, {0}};

/* LSO-05, LSO-06. A wrong code is counted, so the transaction ends well and the answer tells of it.
 */
static enum status access_activate(struct request *request) {
  unsigned char hash[TOKEN_HASH_SIZE];
  const char *csn = account_csn(request);
  if (csn == NULL ||
      !token_code_hash(request->services->token_key, "access", request->path[0], request->values[0], hash))
    return account_try_again(request);
  const struct db_parameter parameters[] = {ACCOUNT_TEXT(request->path[0]), ACCOUNT_BYTES(hash, sizeof hash),
                                            ACCOUNT_TEXT(csn)};
  size_t activate = request_add_binary(request, Q_ACCESS_ACTIVATE, 3, parameters);
  size_t access = request_add(request, Q_ACCESS_GET, 1, &request->path[0]);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *outcome = db_named(request->db, activate, 0, "outcome");
  if (outcome != NULL && strcmp(outcome, "right") == 0) return reply_one_row(request, access);
  if (outcome != NULL && strcmp(outcome, "wrong") == 0)
    return reply_field_error(
        request, "access_code", "wrong_code",
        "This is not the access code of this provider account. Check it against the letter.");
  return reply_field_error(request, "access_code", "code_void",
                           "This access code is no longer good. Ask your contractor for a new letter.");
}

/* ---------------------------------------------------------------- User Management, for Local Security
 * Officers */

enum { SEARCH_STATUS, SEARCH_Q, SEARCH_LIMIT, SEARCH_AFTER };
static const struct field access_managed_search_fields[] = {
    [SEARCH_STATUS] = {"status", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, statuses},
    [SEARCH_Q] = {"q", FIELD_TEXT, FIELD_OPTIONAL, 0, 60, NULL},
    [SEARCH_LIMIT] = {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    [SEARCH_AFTER] = {"after", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
    {0}};

/* A POST: what is searched for may be a person's name, and a web server logs addresses. */
static enum status access_managed_search(struct request *request) {
  const char **v = request->values;
  const char *parameters[] = {v[SEARCH_STATUS], v[SEARCH_AFTER], request_limit(request), v[SEARCH_Q]};
  size_t list = v[SEARCH_Q] == NULL ? request_add(request, Q_ACCESS_MANAGED_LIST, 3, parameters)
                                    : request_add(request, Q_ACCESS_MANAGED_SEARCH, 4, parameters);
  enum status status = request_run(request);
  request->reply_filename = "user-management.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static const char *const decisions[] = {"approve", "decline", "modify", "remove", NULL};
static const struct field access_decision_fields[] = {
    {"decision", FIELD_CHOICE, FIELD_REQUIRED, 0, 0, decisions},
    {"functions", FIELD_CHOICES, FIELD_OPTIONAL, 0, 4, account_functions},
    {"lso", FIELD_BOOLEAN, FIELD_OPTIONAL, 0, 0, NULL},
    {"comment", FIELD_LONG_TEXT, FIELD_OPTIONAL, 0, 500, NULL},
    {0}};

/* The decision itself says what was done: an LSO who leaves by it could not read the row any more. */
static enum status access_managed_decide(struct request *request) {
  const char **v = request->values;
  const char *parameters[] = {request->path[0], request->version, v[0], v[1], v[2], v[3]};
  size_t decided = request_add(request, Q_ACCESS_MANAGED_DECIDE, 6, parameters);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, decided, STATUS_OK) : status;
}

/* ---------------------------------------------------------------- the contractor's desk */

static const struct field access_desk_query[] = {{"status", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, statuses},
                                                 {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
                                                 {"after", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
                                                 {0}};

static enum status access_desk_list(struct request *request) {
  const char *after = request_query(request, "after");
  const char *parameters[] = {request_query(request, "status"), after == NULL ? "0" : after,
                              request_limit(request)};
  size_t list = request_add(request, Q_ACCESS_DESK_LIST, 3, parameters);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static const char *const desk_decisions[] = {"approve", "decline", NULL};
static const struct field access_desk_decision_fields[] = {
    {"decision", FIELD_CHOICE, FIELD_REQUIRED, 0, 0, desk_decisions},
    {"comment", FIELD_LONG_TEXT, FIELD_OPTIONAL, 0, 500, NULL},
    {0}};

/* LSO-04: the code is made here, goes into the letter's row and its hash into the database, and is
 * in no answer. */
static enum status access_desk_decide(struct request *request) {
  unsigned char hash[TOKEN_HASH_SIZE];
  const char *code = NULL, *csn = account_csn(request);
  if (csn == NULL || !account_access_code(request, request->path[0], &code, hash))
    return account_try_again(request);
  const struct db_parameter parameters[] = {ACCOUNT_TEXT(request->path[0]),
                                            ACCOUNT_TEXT(request->version),
                                            ACCOUNT_TEXT(request->values[0]),
                                            ACCOUNT_TEXT(request->values[1]),
                                            ACCOUNT_TEXT(code),
                                            ACCOUNT_BYTES(hash, sizeof hash),
                                            ACCOUNT_TEXT(csn)};
  request_add_binary(request, Q_ACCESS_DESK_DECIDE, 7, parameters);
  size_t access = request_add(request, Q_ACCESS_DESK_GET, 1, &request->path[0]);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, access) : status;
}

const struct route access_routes[] = {
    {GET, "/api/v1/access", .right = RIGHT_PERSON, .mode = DB_READ, .query = access_list_query,
     .flags = ROUTE_CSV, .handler = access_list},
    {POST, "/api/v1/access", .right = RIGHT_PERSON, .mode = DB_WRITE, .fields = access_request_fields,
     .flags = ROUTE_IDEMPOTENT_KEY, .audit = "access_request", .subject = -1, .handler = access_request},
    {POST, "/api/v1/access/{access_id}/activation", .right = RIGHT_PERSON, .mode = DB_WRITE,
     .fields = access_activate_fields, .audit = "access_activate", .subject = 0, .handler = access_activate},
    {POST, "/api/v1/user-management/access-searches", .right = RIGHT_LSO, .mode = DB_READ,
     .fields = access_managed_search_fields, .flags = ROUTE_CSV, .audit = "access_managed_list",
     .subject = -1, .handler = access_managed_search},
    {POST, "/api/v1/user-management/access/{access_id}/decision", .right = RIGHT_LSO, .mode = DB_WRITE,
     .fields = access_decision_fields, .flags = ROUTE_IF_MATCH, .audit = "access_decide", .subject = 0,
     .handler = access_managed_decide},
    {GET, "/api/v1/desk/access-requests", .right = RIGHT_ANALYST, .mode = DB_READ, .query = access_desk_query,
     .audit = "access_desk_list", .subject = -1, .handler = access_desk_list},
    {POST, "/api/v1/desk/access-requests/{access_id}/decision", .right = RIGHT_ANALYST, .mode = DB_WRITE,
     .fields = access_desk_decision_fields, .flags = ROUTE_IF_MATCH, .audit = "access_desk_decide",
     .subject = 0, .handler = access_desk_decide},
    {0}};
