/*
 * What the areas of accounts share: the fields of a request for access, the
 * session cookie, mailed codes, and what the password gate's answers mean, in
 * words for the user.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_ACCOUNT_H
#define CONNEX_FCGI_ACCOUNT_H

#include "request.h"
#include "secret/password.h"
#include "secret/token.h"

/* ---------------------------------------------------------------- a request for access */

/* REG-12, for a body with the fields of AccessNew (fcgi/area/access.yaml): a Local Security Officer names a
 * payment, anyone else a function. Errors are added to request->problem; STATUS_OK when it has none. */
enum status account_judge_access(struct request *request);

/* ---------------------------------------------------------------- the session cookie and codes */

/* The cookie with the new session secret in column "secret" of row 0; arena, wiped at reset. The database has
 * made the secret (sql/rules/secret.sql). NULL: none there, or out of memory. */
const char *account_cookie(struct request *request, size_t statement);

/* The cookie that deletes the session cookie. */
extern const char account_cookie_end[];

/* The worker's part of a short code: the database makes and compares codes, but keeps only their HMAC under
 * this pepper, which it never stores. `purpose`: email, login, password, access. False: the hash failed. */
bool account_pepper(struct request *request, const char *purpose,
                    unsigned char pepper[static TOKEN_HASH_SIZE]);

/* 503: out of memory or randomness for the moment. */
enum status account_try_again(struct request *request);

/* What PASSWORD_BUSY (503 with Retry-After) and PASSWORD_FAILED (503) mean to the person. */
enum status account_gate_problem(struct request *request, enum password_outcome outcome);

/* The cost in the columns memory_kib, passes, lanes of row 0. */
struct password_cost account_cost(const struct request *request, size_t statement);

/* A column of a result, copied into the arena so that it outlives the next transaction. NULL when
 * it is null. */
const char *account_copy(struct request *request, size_t statement, int row, const char *column);

/* What `password` would be stored as under `salt` (password_answer()). STATUS_OK with *hash in the arena, or
 * the answer to give (503). */
enum status account_answer(struct request *request, const char *salt, const char *password,
                           const char **hash);

/* A new password as the database takes it; arena. */
struct account_password {
  const char *hash;   /* to be stored */
  const char *former; /* a text[]: what it would be under the salts of the earlier ones (PWD-04) */
};

/* Judges a new password against the setting and the person's own names, and hashes it, also under the salts
 * of the earlier ones (rows of `statement`: password_history). Whether it is one of them, the database says.
 * STATUS_OK, or the answer to give (422 at field "password", 503). It reads the rows before it computes, so
 * they need not outlive the call. */
enum status account_new_password(struct request *request, size_t statement, const char *password,
                                 struct account_password *made);

/* 422: the database found it among the earlier ones (PWD-04). */
enum status account_used_before(struct request *request);

/* The same without a history, for a person who has no account yet. `own` ends with NULL. */
enum status account_first_password(struct request *request, const char *password, unsigned least,
                                   const char *const *own);
/* 422: the password and its repetition differ (REG-04). */
enum status account_passwords_differ(struct request *request);

enum status account_hash(struct request *request, const struct password_cost *cost, const char *password,
                         const char **hash);

#endif
