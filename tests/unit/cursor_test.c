/*
 * Cursors: what a list gave as `next` is read by that list, and everything else
 * is an error of the field `after`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "secret/token.h"

static struct token_key key = {.bytes = {1, 2, 3}};
static const struct services services = {.token_key = &key};
static struct route list = {.operation = "claim_search"};
static struct request request;
static const char *day, *id;

static void set_up(void) {
  key.bytes[0] = 1;
  list.operation = "claim_search";
  request =
      (struct request){.arena = arena_new(0), .services = &services, .route = &list, .path = {"4", "71"}};
}
static void tear_down(void) { arena_free(request.arena); }

static bool read_newest(const char *text) {
  request.problem = (struct problem){0};
  return cursor_read(&request, text, CURSOR_NEWEST_FIRST, &day, &id);
}

/* What the gate makes of an `after`; NULL: an error of it. */
static const char *opened(const char *after) {
  request.problem = (struct problem){0};
  return cursor_open(&request, &after) ? after : NULL;
}

static void is_error_of_after(const char *after) {
  ck_assert_msg(request.problem.errors != NULL, "%s", after);
  ck_assert_str_eq(request.problem.errors->field, "after");
  ck_assert_str_eq(request.problem.errors->code, "cursor");
}

START_TEST(a_cursor_is_a_day_and_an_id) {
  ck_assert(read_newest("2026-11-21_4711"));
  ck_assert_str_eq(day, "2026-11-21");
  ck_assert_str_eq(id, "4711");
  ck_assert(read_newest("-infinity_9223372036854775807"));
  ck_assert_str_eq(day, "-infinity");
  ck_assert_str_eq(id, "9223372036854775807");
  ck_assert_ptr_null(request.problem.errors);
}
END_TEST

START_TEST(what_was_given_is_read_again) {
  static const char *const keys[] = {"4711", "2026-11-21_4711", "-infinity_1", ""};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const char *sealed = cursor_seal(&request, keys[i]);
    ck_assert_str_ne(sealed, keys[i]);
    ck_assert_str_eq(opened(sealed), keys[i]);
    ck_assert_ptr_null(request.problem.errors);
  }
  ck_assert_ptr_null(cursor_seal(&request, NULL));
}
END_TEST

START_TEST(a_made_up_cursor_is_an_error) {
  static const char *const odd[] = {
      "4711", "999999999", "4711.", "4711.0123456789abcdef", ".0123456789abcdef", ""};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    ck_assert_msg(opened(odd[i]) == NULL, "%s", odd[i]);
    is_error_of_after(odd[i]);
  }
  char text[200];
  const char *sealed = cursor_seal(&request, "2026-11-21_4711");
  for (size_t i = 0; sealed[i] != '\0'; i++) { /* no character of it may be another */
    snprintf(text, sizeof text, "%s", sealed);
    text[i] = text[i] == '2' ? '3' : '2';
    ck_assert_msg(opened(text) == NULL, "%s", text);
    is_error_of_after(text);
  }
}
END_TEST

START_TEST(a_cursor_fits_only_its_own_list) {
  const char *sealed = cursor_seal(&request, "4711");
  list.operation = "access_list";
  ck_assert_ptr_null(opened(sealed));
  is_error_of_after("another operation");
  list.operation = "claim_search";
  request.path[0] = "5";
  ck_assert_ptr_null(opened(sealed));
  is_error_of_after("another provider account");
  request.path[0] = "4";
  request.path[1] = "72";
  ck_assert_ptr_null(opened(sealed));
  is_error_of_after("another remittance");
  request.path[1] = "71";
  key.bytes[0] = 9;
  ck_assert_ptr_null(opened(sealed));
  is_error_of_after("another installation");
  key.bytes[0] = 1;
  ck_assert_ptr_nonnull(opened(sealed));
}
END_TEST

START_TEST(the_first_page_begins_before_all_rows) {
  ck_assert(cursor_read(&request, NULL, CURSOR_NEWEST_FIRST, &day, &id));
  ck_assert_str_eq(day, "infinity");
  ck_assert_str_eq(id, "9223372036854775807");
  ck_assert(cursor_read(&request, NULL, CURSOR_OLDEST_FIRST, &day, &id));
  ck_assert_str_eq(day, "-infinity");
  ck_assert_str_eq(id, "0");
}
END_TEST

START_TEST(anything_else_is_an_error_of_after) {
  static const char *const odd[] = {"",
                                    "_",
                                    "4711",
                                    "2026-11-21",
                                    "2026-11-21_",
                                    "_4711",
                                    "2026-02-30_1",
                                    "2026-11-21_0",
                                    "2026-11-21_01",
                                    "2026-11-21_-1",
                                    "2026-11-21_9223372036854775808",
                                    "2026-11-21_4711 ",
                                    "infinity_4711",
                                    "-infinityx_4711",
                                    "2026-11-21 _4711",
                                    "eyJpZCI6MX0="};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    ck_assert_msg(!read_newest(odd[i]), "%s", odd[i]);
    is_error_of_after(odd[i]);
  }
}
END_TEST

START_TEST(a_key_may_be_an_id_and_a_value) {
  const char *value = "";
  ck_assert(cursor_split(&request, NULL, &id, &value));
  ck_assert_ptr_null(id);
  ck_assert_ptr_null(value);
  ck_assert(cursor_split(&request, "4711_4120_6e", &id, &value));
  ck_assert_str_eq(id, "4711");
  ck_assert_str_eq(value, "4120_6e");
  static const char *const odd[] = {"",       "_",       "4711",       "_4711",
                                    "0_true", "-1_true", "4711 _true", "9223372036854775808_true"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) { /* such as a key of an older version */
    request.problem = (struct problem){0};
    ck_assert_msg(!cursor_split(&request, odd[i], &id, &value), "%s", odd[i]);
    is_error_of_after(odd[i]);
  }
}
END_TEST

START_TEST(days_have_ends_and_an_order) {
  const char *from = NULL, *to = NULL;
  ck_assert(cursor_days(&request, &from, &to));
  ck_assert_str_eq(from, "-infinity");
  ck_assert_str_eq(to, "infinity");
  from = to = "2026-11-21";
  ck_assert(cursor_days(&request, &from, &to));
  from = "2026-11-22";
  ck_assert(!cursor_days(&request, &from, &to));
  ck_assert_str_eq(request.problem.errors->field, "to");
  ck_assert_str_eq(request.problem.errors->code, "before_from");
}
END_TEST

START_TEST(out_of_memory_is_not_a_page) {
  const char *sealed = cursor_seal(&request, "4711");
  for (unsigned long after = 1; after <= 2; after++) {
    arena_fail_after(request.arena, after);
    ck_assert_ptr_null(opened(sealed));
    arena_fail_after(request.arena, after);
    ck_assert_ptr_null(cursor_seal(&request, "4711"));
  }
  arena_fail_after(request.arena, 1);
  ck_assert(!read_newest("2026-11-21_4711"));
  arena_fail_after(request.arena, 1);
  ck_assert(!cursor_split(&request, "4711_true", &id, &sealed));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("cursor");
  TCase *tests = tcase_create("cursor");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_cursor_is_a_day_and_an_id);
  tcase_add_test(tests, what_was_given_is_read_again);
  tcase_add_test(tests, a_made_up_cursor_is_an_error);
  tcase_add_test(tests, a_cursor_fits_only_its_own_list);
  tcase_add_test(tests, the_first_page_begins_before_all_rows);
  tcase_add_test(tests, anything_else_is_an_error_of_after);
  tcase_add_test(tests, a_key_may_be_an_id_and_a_value);
  tcase_add_test(tests, days_have_ends_and_an_order);
  tcase_add_test(tests, out_of_memory_is_not_a_page);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
