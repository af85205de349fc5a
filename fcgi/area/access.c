/*
 * Access to provider accounts: the user's requests and rights (System
 * Access), the access code from the letter, the Local Security Officer's desk (User
 * Management), and the contractor's queue of first officers. Rules LSO-01 to
 * LSO-18 are in sql/rules/access.sql.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"
#include "contract.h"
#include "cursor.h"
#include "request_statements.h"

/* ---------------------------------------------------------------- System Access */

/* Newest first. A bound that is always given lets PostgreSQL use the index. */
enum status access_list(struct request *request) {
  const char *after = request->query[ACCESS_LIST_AFTER];
  const struct param_before_access_id before = P(before_access_id, after == NULL ? DB_INT8_MOST : after);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  size_t list = request->wants_csv ? add_access_list_csv(request, before, most)
                                   : add_access_list(request, before, most);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status access_get(struct request *request) {
  size_t access = add_access_get(request, P(access_id, request->path[ACCESS_GET_PATH_ACCESS_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, access) : status;
}

enum status access_request(struct request *request) {
  enum status status = account_judge_access(request);
  if (status != STATUS_OK) return status;
  add_access_request(request, P(asked, request_record(request)));
  size_t made = add_access_requested(request);
  status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, made, STATUS_CREATED) : status;
}

/* LSO-05, LSO-06. A wrong code is counted, so the transaction commits, and the answer reports the error. */
enum status access_activate(struct request *request) {
  unsigned char pepper[TOKEN_HASH_SIZE], former[TOKEN_HASH_SIZE];
  const struct param_access_id access_id = P(access_id, request->path[ACCESS_ACTIVATE_PATH_ACCESS_ID]);
  const char *code = request->values[ACCESS_ACTIVATE_ACCESS_CODE];
  if (!account_pepper(request, "access", pepper) ||
      !token_code_hash(request->services->token_key, "access", access_id.text, code, former))
    return account_try_again(request);
  size_t activate = add_access_activate(request, access_id, P_BYTES(pepper, pepper, sizeof pepper),
                                        P(code, code), P_BYTES(former_hash, former, sizeof former));
  size_t access = add_access_get(request, access_id);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *outcome = db_named(request->db, activate, 0, "outcome");
  if (outcome != NULL && strcmp(outcome, "right") == 0) return reply_one_row(request, access);
  if (outcome != NULL && strcmp(outcome, "wrong") == 0)
    return reply_field_error(
        request, "access_code", "wrong_code",
        "This is not the access code of this provider account. Check it against the letter.");
  return reply_field_error(request, "access_code", "code_void",
                           "This access code has expired. Ask your contractor for a new letter.");
}

/* ---------------------------------------------------------------- User Management */

/* A POST, because what is searched for may be a person's name, and a web server logs addresses. */
enum status access_managed_search(struct request *request) {
  const char *const *v = request->values;
  const struct param_status asked = P(status, v[ACCESS_MANAGED_SEARCH_STATUS]);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  const char *search = v[ACCESS_MANAGED_SEARCH_Q], *id, *part;
  if (!cursor_split(request, v[ACCESS_MANAGED_SEARCH_AFTER], &id, &part)) return STATUS_UNPROCESSABLE;
  const struct param_after_access_id after = P(after_access_id, id);
  const struct param_after_decided decided = P(after_decided, part);
  size_t list = search == NULL
                    ? add_access_managed_list(request, asked, after, decided, most)
                    : add_access_managed_search(request, asked, after, decided, most, P(search, search));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

/* The decision itself returns what was done, because an LSO who removes his or her own access can no longer
 * read the row. */
enum status access_managed_decide(struct request *request) {
  const char *const *v = request->values;
  size_t decided = add_access_managed_decide(
      request, P(access_id, request->path[ACCESS_MANAGED_DECIDE_PATH_ACCESS_ID]),
      P(version, request->version), P(decision, v[ACCESS_MANAGED_DECIDE_DECISION]),
      P(functions, v[ACCESS_MANAGED_DECIDE_FUNCTIONS]), P(lso, v[ACCESS_MANAGED_DECIDE_LSO]),
      P(comment, v[ACCESS_MANAGED_DECIDE_COMMENT]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, decided, STATUS_OK) : status;
}

/* ---------------------------------------------------------------- the contractor's desk */

enum status access_desk_list(struct request *request) {
  const char *const *q = request->query;
  const char *after = q[ACCESS_DESK_LIST_AFTER];
  const struct param_status asked = P(status, q[ACCESS_DESK_LIST_STATUS]);
  const struct param_after_access_id after_id = P(after_access_id, after == NULL ? "0" : after);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  size_t list = request->wants_csv ? add_access_desk_list_csv(request, asked, after_id, most)
                                   : add_access_desk_list(request, asked, after_id, most);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

/* LSO-04: the database makes the code and puts it into the letter's row. No answer contains it. */
enum status access_desk_decide(struct request *request) {
  unsigned char pepper[TOKEN_HASH_SIZE];
  const char *const *v = request->values;
  const struct param_access_id access_id = P(access_id, request->path[ACCESS_DESK_DECIDE_PATH_ACCESS_ID]);
  if (!account_pepper(request, "access", pepper)) return account_try_again(request);
  add_access_desk_decide(request, access_id, P(version, request->version),
                         P(decision, v[ACCESS_DESK_DECIDE_DECISION]),
                         P(comment, v[ACCESS_DESK_DECIDE_COMMENT]), P_BYTES(pepper, pepper, sizeof pepper));
  size_t access = add_access_desk_get(request, access_id);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, access) : status;
}
