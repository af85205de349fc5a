/*
 * What the areas of accounts share: cookies, codes, and the answers about
 * passwords. No database is needed for them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "cookie.h"

static struct token_key key = {.bytes = {1, 2, 3}};
static const struct services services = {.token_key = &key};
static struct request request;
static struct route route;

static void set_up(void) {
  route = (struct route){.method = POST};
  request = (struct request){.arena = arena_new(0), .services = &services, .route = &route};
}

static void tear_down(void) { arena_free(request.arena); }

static const char *error_of(const char *field) {
  for (const struct field_error *error = request.problem.errors; error != NULL; error = error->next)
    if (strcmp(error->field, field) == 0) return error->code;
  return NULL;
}

/* ---------------------------------------------------------------- a request for access */

enum { LSO, FUNCTIONS, CHECK_NUMBER, CHECK_AMOUNT };
static const struct field access_fields[] = {{"lso", FIELD_BOOLEAN, FIELD_REQUIRED, 0, 0, NULL},
                                             {"functions", FIELD_CHOICES, FIELD_REQUIRED, 0, 0, NULL},
                                             {"check_number", FIELD_CODE, FIELD_OPTIONAL, 0, 0, NULL},
                                             {"check_amount", FIELD_MONEY, FIELD_OPTIONAL, 0, 0, NULL},
                                             {0}};

static enum status judge(const char *lso, const char *functions, const char *number, const char *amount) {
  static const char *values[4];
  values[LSO] = lso;
  values[FUNCTIONS] = functions;
  values[CHECK_NUMBER] = number;
  values[CHECK_AMOUNT] = amount;
  route.fields = access_fields;
  request.values = values;
  request.problem = (struct problem){0};
  return account_judge_access(&request);
}

/* REG-12 */
START_TEST(an_officer_names_a_payment_and_anyone_else_a_function) {
  ck_assert_int_eq(judge("true", "{}", "123", "10.00"), STATUS_OK);
  ck_assert_int_eq(judge("true", "{claims}", "123", NULL), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(error_of("check_amount"), "required");
  ck_assert_ptr_null(error_of("check_number"));
  ck_assert_int_eq(judge("true", "{claims}", NULL, "10.00"), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(error_of("check_number"), "required");
  ck_assert_int_eq(judge("false", "{claims}", NULL, NULL), STATUS_OK);
  ck_assert_int_eq(judge("false", "{}", "123", "10.00"), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(error_of("functions"), "required");
}
END_TEST

/* ---------------------------------------------------------------- the session cookie */

START_TEST(the_cookie_is_taken_away_by_its_name_and_attributes) {
  const char *value;
  size_t length;
  ck_assert(cookie_find(account_cookie_end, &value, &length));
  ck_assert_uint_eq(length, 0);
  ck_assert_str_eq(value, "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
}
END_TEST

/* ---------------------------------------------------------------- codes */

START_TEST(each_purpose_has_its_own_pepper) {
  unsigned char one[TOKEN_HASH_SIZE], again[TOKEN_HASH_SIZE], other[TOKEN_HASH_SIZE];
  ck_assert(account_pepper(&request, "login", one) && account_pepper(&request, "login", again));
  ck_assert(account_pepper(&request, "password", other));
  ck_assert_mem_eq(one, again, sizeof one);
  ck_assert_mem_ne(one, other, sizeof one);
}
END_TEST

/* ---------------------------------------------------------------- passwords */

START_TEST(a_password_is_judged_in_words) {
  static const char *const own[] = {"Zebulon", NULL};
  ck_assert_int_eq(account_first_password(&request, "short", 15, own), STATUS_UNPROCESSABLE);
  ck_assert_ptr_nonnull(strstr(request.problem.errors->message, "at least 15 characters"));
  ck_assert_str_eq(request.problem.errors->field, "password");
  request.problem = (struct problem){0};
  ck_assert_int_eq(account_first_password(&request, "four plain words together", 15, own), STATUS_OK);
  ck_assert_int_eq(account_first_password(&request, "zebulonzebulon1", 15, own), STATUS_UNPROCESSABLE);
  request.problem = (struct problem){0};
  ck_assert_int_eq(account_passwords_differ(&request), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(error_of("password_again"), "not_equal");
}
END_TEST

START_TEST(a_busy_gate_says_when_to_come_again) {
  ck_assert_int_eq(account_gate_problem(&request, PASSWORD_BUSY), STATUS_UNAVAILABLE);
  ck_assert_str_eq(request.problem.code, "busy");
  ck_assert_uint_eq(request.problem.retry_after_s, 3);
  ck_assert_int_eq(account_gate_problem(&request, PASSWORD_FAILED), STATUS_UNAVAILABLE);
  ck_assert_str_eq(request.problem.code, "try_again");
  ck_assert_uint_eq(request.problem.retry_after_s, 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("account");
  TCase *tests = tcase_create("account");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, an_officer_names_a_payment_and_anyone_else_a_function);
  tcase_add_test(tests, the_cookie_is_taken_away_by_its_name_and_attributes);
  tcase_add_test(tests, each_purpose_has_its_own_pepper);
  tcase_add_test(tests, a_password_is_judged_in_words);
  tcase_add_test(tests, a_busy_gate_says_when_to_come_again);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
