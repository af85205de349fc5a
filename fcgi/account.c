/*
 * What the areas of accounts share: see account.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cookie.h"

enum { HISTORY_MOST = 64, OWN_MOST = 6, BUSY_RETRY_S = 3 };

enum status account_judge_access(struct request *request) {
  if (strcmp(request_value(request, "lso"), "true") == 0) {
    if (request_value(request, "check_number") == NULL)
      reply_field_error(request, "check_number", "required",
                        "Enter the number of a recent Medicare check or payment.");
    if (request_value(request, "check_amount") == NULL)
      reply_field_error(request, "check_amount", "required", "Enter the amount of that check or payment.");
  } else if (strcmp(request_value(request, "functions"), "{}") == 0) {
    reply_field_error(request, "functions", "required", "Check at least one function.");
  }
  return request->problem.errors == NULL ? STATUS_OK : STATUS_UNPROCESSABLE;
}

const char account_cookie_end[] = COOKIE_NAME "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";

const char *account_cookie(struct request *request, size_t statement) {
  static const char begin[] = COOKIE_NAME "=", end[] = "; Path=/; Secure; HttpOnly; SameSite=Strict";
  const char *secret = db_named(request->db, statement, 0, "secret");
  if (secret == NULL) return NULL;
  size_t size = sizeof begin + strlen(secret) + sizeof end;
  char *text = arena_secret_alloc(request->arena, size);
  if (text != NULL) snprintf(text, size, "%s%s%s", begin, secret, end);
  return text;
}

bool account_pepper(struct request *request, const char *purpose,
                    unsigned char pepper[static TOKEN_HASH_SIZE]) {
  return token_code_hash(request->services->token_key, "pepper", purpose, "", pepper);
}

enum status account_try_again(struct request *request) {
  enum status status = reply_problem(request, STATUS_UNAVAILABLE, "try_again",
                                     "This did not work just now. Try again in a moment.");
  request->problem.retry_after_s = 1;
  return status;
}

enum status account_gate_problem(struct request *request, enum password_outcome outcome) {
  if (outcome != PASSWORD_BUSY) return account_try_again(request);
  enum status status = reply_problem(request, STATUS_UNAVAILABLE, "busy",
                                     "Many people are logging in. Try again in a few seconds.");
  request->problem.retry_after_s = BUSY_RETRY_S;
  return status;
}

static uint32_t number(const struct request *request, size_t statement, const char *column) {
  const char *text = db_named(request->db, statement, 0, column);
  return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

struct password_cost account_cost(const struct request *request, size_t statement) {
  return (struct password_cost){.memory_kib = number(request, statement, "memory_kib"),
                                .passes = number(request, statement, "passes"),
                                .lanes = number(request, statement, "lanes")};
}

const char *account_copy(struct request *request, size_t statement, int row, const char *column) {
  return arena_text(request->arena, db_named(request->db, statement, row, column));
}

enum status account_passwords_differ(struct request *request) {
  return reply_field_error(request, "password_again", "not_equal",
                           "The two passwords are not the same. Type the second one again.");
}

enum status account_first_password(struct request *request, const char *password, unsigned least,
                                   const char *const *own) {
  enum password_fault fault = password_judge(password, strlen(password), least, own);
  if (fault == PASSWORD_GOOD) return STATUS_OK;
  const char *words = password_fault_words(fault);
  if (fault == PASSWORD_SHORT)
    words = arena_format(request->arena, "Use at least %u characters. Several words are easy to remember.",
                         least);
  return reply_field_error(request, "password", password_fault_code(fault), words);
}

enum status account_hash(struct request *request, const struct password_cost *cost, const char *password,
                         const char **hash) {
  char *made = arena_alloc(request->arena, PASSWORD_HASH_SIZE);
  if (made == NULL) return account_try_again(request);
  enum password_outcome outcome =
      password_hash(request->services->password_gate, cost, password, strlen(password), made);
  if (outcome != PASSWORD_DONE) return account_gate_problem(request, outcome);
  *hash = made;
  return STATUS_OK;
}

enum status account_answer(struct request *request, const char *salt, const char *password,
                           const char **hash) {
  char(*made)[PASSWORD_HASH_SIZE] = arena_secret_alloc(request->arena, sizeof *made);
  if (made == NULL || salt == NULL) return account_try_again(request);
  enum password_outcome outcome =
      password_answer(request->services->password_gate, &salt, 1, password, strlen(password), made);
  if (outcome != PASSWORD_DONE) return account_gate_problem(request, outcome);
  *hash = *made;
  return STATUS_OK;
}

/* The salts of the earlier passwords; returns how many. */
static size_t former_salts(struct request *request, size_t statement, const char *salts[HISTORY_MOST]) {
  size_t count = 0;
  for (int row = 0; row < db_rows(request->db, statement) && count < HISTORY_MOST; row++) {
    salts[count] = account_copy(request, statement, row, "salt");
    if (salts[count] != NULL) count++;
  }
  return count;
}

/* `password` under each salt, as a text[] of PostgreSQL. A hash has no quotes or backslashes in it. */
static enum status answers(struct request *request, const char *const *salts, size_t count,
                           const char *password, const char **array) {
  char(*hashes)[PASSWORD_HASH_SIZE] = arena_secret_alloc(request->arena, (count + 1) * sizeof *hashes);
  char *text = arena_secret_alloc(request->arena, count * (PASSWORD_HASH_SIZE + 3) + 3);
  if (hashes == NULL || text == NULL) return account_try_again(request);
  enum password_outcome outcome =
      password_answer(request->services->password_gate, salts, count, password, strlen(password), hashes);
  if (outcome != PASSWORD_DONE) return account_gate_problem(request, outcome);
  size_t used = 0;
  text[used++] = '{';
  for (size_t i = 0; i < count; i++)
    used += (size_t)snprintf(text + used, PASSWORD_HASH_SIZE + 3, "%s\"%s\"", i == 0 ? "" : ",", hashes[i]);
  memcpy(text + used, "}", 2);
  *array = text;
  return STATUS_OK;
}

enum status account_new_password(struct request *request, size_t statement, const char *password,
                                 struct account_password *made) {
  const char *own[OWN_MOST] = {NULL}, *salts[HISTORY_MOST];
  static const char *const columns[] = {"user_id", "first_name", "last_name", "email"};
  size_t names = 0;
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    const char *text = account_copy(request, statement, 0, columns[i]);
    if (text != NULL) own[names++] = text;
  }
  size_t count = former_salts(request, statement, salts);
  struct password_cost cost = account_cost(request, statement);
  enum status status =
      account_first_password(request, password, number(request, statement, "min_length"), own);
  if (status == STATUS_OK) status = answers(request, salts, count, password, &made->former);
  if (status == STATUS_OK) status = account_hash(request, &cost, password, &made->hash);
  return status;
}

enum status account_used_before(struct request *request) {
  return reply_field_error(request, "password", "used_before",
                           "You have used this password before. Choose a new one.");
}
