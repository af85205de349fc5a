/*
 * Cursors: what a list gave as `next` is read, and everything else is an error
 * of the field `after`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"

static struct request request;
static const char *day, *id;

static void set_up(void) { request = (struct request){.arena = arena_new(0)}; }
static void tear_down(void) { arena_free(request.arena); }

START_TEST(a_cursor_is_a_day_and_an_id) {
  ck_assert(cursor_read(&request, "2026-11-21_4711", CURSOR_NEWEST_FIRST, &day, &id));
  ck_assert_str_eq(day, "2026-11-21");
  ck_assert_str_eq(id, "4711");
  ck_assert(cursor_read(&request, "-infinity_9223372036854775807", CURSOR_NEWEST_FIRST, &day, &id));
  ck_assert_str_eq(day, "-infinity");
  ck_assert_str_eq(id, "9223372036854775807");
  ck_assert_ptr_null(request.problem.errors);
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
    request.problem = (struct problem){0};
    ck_assert_msg(!cursor_read(&request, odd[i], CURSOR_NEWEST_FIRST, &day, &id), "%s", odd[i]);
    ck_assert_str_eq(request.problem.errors->field, "after");
    ck_assert_str_eq(request.problem.errors->code, "cursor");
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
  arena_fail_after(request.arena, 1);
  ck_assert(!cursor_read(&request, "2026-11-21_4711", CURSOR_NEWEST_FIRST, &day, &id));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("cursor");
  TCase *tests = tcase_create("cursor");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_cursor_is_a_day_and_an_id);
  tcase_add_test(tests, the_first_page_begins_before_all_rows);
  tcase_add_test(tests, anything_else_is_an_error_of_after);
  tcase_add_test(tests, days_have_ends_and_an_order);
  tcase_add_test(tests, out_of_memory_is_not_a_page);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
