/*
 * Logging in and out: the attestation, log-in with its locks (LOCK-01 to
 * LOCK-07), e-mail verification (EML), the day's security code (MFA), who is
 * logged in, extending the session (SES), and logging out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "contract.h"
#include "request_statements.h"

enum status session_attestation(struct request *request) {
  size_t text = add_session_attestation(request);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, text) : status;
}

/* ---------------------------------------------------------------- log in */

static enum status reply_next(struct request *request, const char *next) {
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "next");
  json_out_string(&request->out, next);
  json_out_end_object(&request->out);
  return STATUS_OK;
}

/* LOCK-01, LOCK-02, LOCK-05: the words are the same for a user ID that does not exist (LOCK-06). */
static enum status refuse_log_in(struct request *request, const char *outcome, unsigned in_a_row,
                                 unsigned wait_s) {
  request->refusal_audited = true; /* by connex.session_finish() */
  if (strcmp(outcome, "locked") == 0) {
    const char *words = arena_format(
        request->arena,
        "This User ID is locked after failed log-ins. Try again in %u minutes and not before: a try "
        "while it is locked makes the wait longer. You do not need to wait if you set a new password with "
        "\"I forgot my password\".",
        (wait_s + 59) / 60);
    enum status status = reply_problem(request, STATUS_TOO_MANY, "locked", words);
    request->problem.retry_after_s = wait_s;
    return status;
  }
  if (strcmp(outcome, "suspended") == 0)
    return reply_problem(request, STATUS_FORBIDDEN, "suspended",
                         "This account is suspended. Ask your contractor to open it again.");
  return reply_problem(request, STATUS_UNAUTHORIZED, "invalid_log_in",
                       in_a_row <= 1 ? "User ID and/or Password Invalid. Please try again."
                                     : "User ID and/or Password Invalid. For assistance, use the options "
                                       "below in the order presented or contact your organizations Local "
                                       "Security Officer (LSO).");
}

/* The cost was raised since the password was set: stores it with the new one. When this fails, the next
 * log-in does it. */
static void rehash(struct request *request, const char *user_id, const char *typed,
                   const struct password_cost *cost) {
  const char *password = request->values[SESSION_CREATE_PASSWORD], *new_hash = NULL;
  if (typed[0] == '\0' || !password_needs_rehash(typed, cost)) return;
  if (account_hash(request, cost, password, &new_hash) == STATUS_OK) {
    add_session_rehash(request, P(user_id, user_id), P(typed_hash, typed), P(new_password_hash, new_hash));
    (void)(request_run(request) == STATUS_OK);
  }
  request->problem = (struct problem){0};
}

/* The second transaction of a log-in: compares, and counts the failure or creates the session. `typed`: what
 * the typed password would be stored as, "" when it was not checked. */
static enum status session_finish(struct request *request, const char *user_id, const char *typed,
                                  const struct password_cost *cost) {
  size_t finish =
      add_session_finish(request, P(user_id, user_id), P(typed_hash, typed), P(address, request->address),
                         P(user_agent, request->user_agent), P(request_id, request->id));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *outcome = db_named(request->db, finish, 0, "outcome");
  if (outcome == NULL) return account_try_again(request);
  if (strcmp(outcome, "in") == 0) {
    const char *next = account_copy(request, finish, 0, "next"), *cookie = account_cookie(request, finish);
    if (cookie == NULL) return account_try_again(request);
    rehash(request, user_id, typed, cost);
    request->set_cookie = cookie;
    return reply_next(request, next);
  }
  const char *in_a_row = db_named(request->db, finish, 0, "in_a_row"),
             *wait_s = db_named(request->db, finish, 0, "wait_seconds");
  return refuse_log_in(request, outcome, in_a_row == NULL ? 0 : (unsigned)strtoul(in_a_row, NULL, 10),
                       wait_s == NULL ? 0 : (unsigned)strtoul(wait_s, NULL, 10));
}

enum status session_create(struct request *request) {
  const char *user_id = request->values[SESSION_CREATE_USER_ID],
             *password = request->values[SESSION_CREATE_PASSWORD];
  size_t begin = add_session_begin(request, P(user_id, user_id));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *salt = account_copy(request, begin, 0, "salt"), *typed = "";
  const char *locked = db_named(request->db, begin, 0, "locked");
  struct password_cost cost = account_cost(request, begin);
  /* For a locked user ID, known or not, no hash is computed: its password is not checked (LOCK-04). */
  if (locked != NULL && strcmp(locked, "t") != 0) status = account_answer(request, salt, password, &typed);
  return status == STATUS_OK ? session_finish(request, user_id, typed, &cost) : status;
}

/* ---------------------------------------------------------------- the session */

enum status session_get(struct request *request) {
  size_t session = add_session_get(request);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, session) : status;
}

enum status session_extend(struct request *request) {
  size_t extend = add_session_extend(request);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, extend) : status;
}

enum status session_delete(struct request *request) {
  add_session_end(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  request->set_cookie = account_cookie_end;
  return STATUS_NO_CONTENT;
}

/* ---------------------------------------------------------------- codes */

static enum status send_code(struct request *request, const char *purpose, const char *email) {
  unsigned char pepper[TOKEN_HASH_SIZE];
  if (!account_pepper(request, purpose, pepper)) return account_try_again(request);
  size_t sent = add_session_code_send(request, P(purpose, purpose), P_BYTES(pepper, pepper, sizeof pepper),
                                      P(email, email));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  status = reply_one_row(request, sent);
  return status == STATUS_OK ? STATUS_ACCEPTED : status;
}

/* After the second factor the session continues under a new secret, so that a secret that was
 * seen or planted earlier is useless. */
static enum status check_code(struct request *request, const char *purpose, const char *code) {
  unsigned char pepper[TOKEN_HASH_SIZE];
  if (!account_pepper(request, purpose, pepper)) return account_try_again(request);
  size_t check = add_session_code_check(request, P(purpose, purpose), P_BYTES(pepper, pepper, sizeof pepper),
                                        P(code, code));
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  const char *outcome = db_named(request->db, check, 0, "outcome");
  if (outcome != NULL && strcmp(outcome, "right") == 0) {
    request->set_cookie = account_cookie(request, check); /* none after an e-mail address is verified */
    return reply_next(request, db_named(request->db, check, 0, "next"));
  }
  if (outcome != NULL && strcmp(outcome, "wrong") == 0) /* MFA-07 */
    return reply_field_error(request, "code", "wrong_code",
                             "Invalid Security Code. Please refer to the code received in your email.");
  return reply_field_error(request, "code", "code_void", "This code is no longer valid. Send a new one.");
}

enum status session_email_code(struct request *request) {
  return send_code(request, "email", request->values[SESSION_EMAIL_CODE_EMAIL]);
}

enum status session_security_code(struct request *request) { return send_code(request, "login", NULL); }

enum status session_email_verify(struct request *request) {
  return check_code(request, "email", request->values[SESSION_EMAIL_VERIFY_CODE]);
}

enum status session_security_verify(struct request *request) {
  return check_code(request, "login", request->values[SESSION_SECURITY_VERIFY_CODE]);
}
