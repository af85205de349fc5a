/*
 * The items of PostgreSQL's arrays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "db/array.h"

static struct arena *arena;

static void set_up(void) { arena = arena_new(0); }

static void tear_down(void) { arena_free(arena); }

/* All items in one text: each in brackets, a NULL as (-). */
static const char *items(const char *text) {
  struct db_array array;
  const char *all = "";
  ck_assert(db_array_open(&array, arena, text));
  while (db_array_next(&array)) {
    ck_assert(array.item == NULL || strlen(array.item) == array.length);
    all = arena_format(arena, "%s%s", all,
                       array.item == NULL ? "(-)" : arena_format(arena, "(%s)", array.item));
  }
  ck_assert(!db_array_next(&array));
  return all;
}

START_TEST(items_are_read_in_their_order) {
  ck_assert_str_eq(items(NULL), "");
  ck_assert_str_eq(items("{}"), "");
  ck_assert_str_eq(items("{CO}"), "(CO)");
  ck_assert_str_eq(items("{CO,PR,-12.50}"), "(CO)(PR)(-12.50)");
}
END_TEST

START_TEST(quotes_and_escapes_are_taken_off) {
  ck_assert_str_eq(items("{\"\",\"a, b\",\"{}\"}"), "()(a, b)({})");
  ck_assert_str_eq(items("{\"a\\\"b\\\\c\"}"), "(a\"b\\c)");
}
END_TEST

START_TEST(a_null_is_no_text) {
  ck_assert_str_eq(items("{NULL,\"NULL\",NULL}"), "(-)(NULL)(-)");
  ck_assert_str_eq(items("{NULLX}"), "(NULLX)");
}
END_TEST

START_TEST(what_is_no_array_has_an_end) {
  ck_assert_str_eq(items(""), "");
  ck_assert_str_eq(items("CO"), "");
  ck_assert_str_eq(items("{CO"), "");
  ck_assert_str_eq(items("{\"CO"), "");
  ck_assert_str_eq(items("{\"CO\\"), "");
  ck_assert_str_eq(items("{\"CO\"PR}"), "");
}
END_TEST

START_TEST(out_of_memory_is_told) {
  struct db_array array;
  arena_fail_after(arena, 1);
  ck_assert(!db_array_open(&array, arena, "{CO}"));
  ck_assert(!db_array_next(&array));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("array");
  TCase *tests = tcase_create("array");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, items_are_read_in_their_order);
  tcase_add_test(tests, quotes_and_escapes_are_taken_off);
  tcase_add_test(tests, a_null_is_no_text);
  tcase_add_test(tests, what_is_no_array_has_an_end);
  tcase_add_test(tests, out_of_memory_is_told);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
