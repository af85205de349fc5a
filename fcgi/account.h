/*
 * What the areas of accounts share: the fields of a request for access, the
 * session cookie, mailed codes, and the questions to the password gate with
 * their answers to the person.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_ACCOUNT_H
#define CONNEX_FCGI_ACCOUNT_H

#include "request.h"
#include "secret/password.h"
#include "secret/token.h"

/* Parameters of request_add_binary(). */
#define ACCOUNT_TEXT(text) ((struct db_parameter){.value = (text)})
#define ACCOUNT_BYTES(bytes, size)                                                                           \
  ((struct db_parameter){.value = (const char *)(bytes), .length = (int)(size), .binary = true})

/* ---------------------------------------------------------------- a request for access */

/* FN-01, as FIELD_CHOICES. */
extern const char *const account_functions[];
extern const char *const account_lines_of_business[];

/* What a request for access to a provider account says, made when one creates an account or later under
 * System Access (REG-06, REG-08). In the order in which connex.access_request() takes it. */
enum account_access_field {
  ACCESS_LSO,
  ACCESS_NPI,
  ACCESS_PTAN,
  ACCESS_TIN_LAST5,
  ACCESS_LINE_OF_BUSINESS,
  ACCESS_STATE,
  ACCESS_FUNCTIONS,
  ACCESS_CHECK_NUMBER,
  ACCESS_CHECK_AMOUNT,
  ACCESS_CSN,
  ACCESS_FIELDS
};

/* Its rows of a table of fields, of which `first` is the place of the first. */
#define ACCOUNT_ACCESS_FIELDS(first)                                                                         \
  [(first) +                                                                                                 \
      ACCESS_LSO] = {"lso", FIELD_BOOLEAN, FIELD_REQUIRED, 0, 0, NULL},                                      \
      [(first) + ACCESS_NPI] = {"npi", FIELD_NPI, FIELD_REQUIRED, 0, 0, NULL},                               \
      [(first) + ACCESS_PTAN] = {"ptan", FIELD_PTAN, FIELD_REQUIRED, 0, 0, NULL},                            \
      [(first) + ACCESS_TIN_LAST5] = {"tin_last5", FIELD_TIN, FIELD_REQUIRED, 0, 0, NULL},                   \
      [(first) + ACCESS_LINE_OF_BUSINESS] = {"line_of_business",       FIELD_CHOICE, FIELD_REQUIRED, 0, 0,   \
                                             account_lines_of_business},                                     \
      [(first) + ACCESS_STATE] = {"state", FIELD_STATE, FIELD_REQUIRED, 0, 0, NULL},                         \
      [(first) + ACCESS_FUNCTIONS] = {"functions", FIELD_CHOICES, FIELD_REQUIRED, 0, 4, account_functions},  \
      [(first) + ACCESS_CHECK_NUMBER] = {"check_number", FIELD_CODE, FIELD_OPTIONAL, 1, 30, NULL},           \
      [(first) + ACCESS_CHECK_AMOUNT] = {"check_amount", FIELD_MONEY, FIELD_OPTIONAL, 0, 0, NULL},           \
      [(first) + ACCESS_CSN] = {"csn", FIELD_CODE, FIELD_OPTIONAL, 1, 12, NULL}

/* REG-12, what the fields say of each other: a Local Security Officer names a payment, anyone else a
 * function. `access`: the ACCESS_FIELDS values. Faults are added to request->problem; STATUS_OK when there is
 * none in it. */
enum status account_judge_access(struct request *request, const char *const *access);

/* ---------------------------------------------------------------- the session cookie and codes */

/* A new session secret: `hash` is what the database keeps, *cookie (arena, wiped at reset) what the
 * reply sets once the database has agreed. False: the random source or memory is out. */
bool account_session_secret(struct request *request, unsigned char hash[static TOKEN_HASH_SIZE],
                            const char **cookie);

/* The cookie that takes the session's away. */
extern const char account_cookie_end[];

/* A code to be mailed, of ten digits: how many of them count is a setting that only the database
 * knows, so `hashes` holds those of the first four, five ... ten. `subject`: whose it is, "" where
 * the database finds it by the session. *code: arena, wiped. False: out of randomness or memory. */
enum {
  ACCOUNT_CODE_LEAST = 4,
  ACCOUNT_CODE_MOST = 10,
  ACCOUNT_HASHES = (ACCOUNT_CODE_MOST - ACCOUNT_CODE_LEAST + 1) * TOKEN_HASH_SIZE
};
bool account_new_code(struct request *request, const char *purpose, const char *subject, const char **code,
                      unsigned char hashes[static ACCOUNT_HASHES]);

/* The hash of a code that was typed. */
bool account_code_hash(struct request *request, const char *purpose, const char *subject, const char *code,
                       unsigned char hash[static TOKEN_HASH_SIZE]);

/* A letter's access code, three groups of four, and its hash (LSO-06), bound to its row of access.
 * As above. */
bool account_access_code(struct request *request, const char *access_id, const char **code,
                         unsigned char hash[static TOKEN_HASH_SIZE]);

/* A CSN: ten letters and digits without look-alikes, arena text. NULL: out of randomness or memory. */
const char *account_csn(struct request *request);

/* 503: something on our side is out for a moment. */
enum status account_try_again(struct request *request);

/* What PASSWORD_BUSY (503 with Retry-After) and PASSWORD_FAILED (503) mean to the person. */
enum status account_gate_problem(struct request *request, enum password_outcome outcome);

/* The cost in the columns memory_kib, passes, lanes of row 0. */
struct password_cost account_cost(const struct request *request, size_t statement);

/* A column of a result, copied into the arena so that it outlives the next transaction. NULL when
 * it is null. */
const char *account_copy(struct request *request, size_t statement, int row, const char *column);

/* Judges a new password against the setting, the person's own names and (rows of `statement`:
 * password_history) the former ones, and hashes it. STATUS_OK with *hash in the arena, or the
 * answer to give (422 at field "password", 503). Reads the rows before it computes; they need not
 * live longer. */
enum status account_new_password(struct request *request, size_t statement, const char *password,
                                 const char **hash);

/* As above without history, for a person who is not there yet. `own` ends with NULL. */
enum status account_first_password(struct request *request, const char *password, unsigned least,
                                   const char *const *own);
enum status account_hash(struct request *request, const struct password_cost *cost, const char *password,
                         const char **hash);

#endif
