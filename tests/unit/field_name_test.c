/*
 * Names of people: letters of every script, the signs that names have, and
 * nothing of which an address could be made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

static struct arena *arena;

static void set_up(void) { arena = arena_new(0); }
static void tear_down(void) { arena_free(arena); }

/* The canonical name of the inside of a JSON string; NULL with *code set. */
static const char *name_of(const char *json, const char **code) {
  static const struct field field = {"name", FIELD_NAME, FIELD_REQUIRED, 0, 0, NULL};
  struct field_fault fault;
  const char *value;
  json_t *text = json_loads(arena_format(arena, "\"%s\"", json), JSON_DECODE_ANY, NULL);
  ck_assert_msg(text != NULL, "%s", json);
  ck_assert(field_check(arena, &field, json_string_value(text), json_string_length(text), &value, &fault));
  json_decref(text);
  *code = fault.code;
  return value;
}

static const char *const good[] = {"Zo\\u00eb",
                                   "O'Dell",
                                   "O\\u2019Dell",
                                   "\\u02bbAkau",
                                   "Mu\\u00f1oz-Lima",
                                   "Anne\\u2010Marie",
                                   "St. John",
                                   "J.R.",
                                   "J. R. R.",
                                   "J.E\\u0301.",
                                   "Martin, Jr.",
                                   "Ph.D",
                                   "L\\u00b7luc",
                                   "D\\u0323a\\u0301",
                                   "\\u5c0f\\u6797",
                                   "\\u4f50\\u3005\\u6728",
                                   "\\u0418\\u0432\\u0430\\u043d\\u043e\\u0432\\u0430",
                                   "\\u0639\\u0644\\u064a",
                                   "\\u0928\\u0940\\u0932",
                                   "\\ud801\\udc00",
                                   "A\\u00a0B",
                                   "\\u30a2\\u30f3\\u30fb\\u30ab"};

static const char *const bad[] = {"a:b",
                                  "evil.co",
                                  "a/b",
                                  "a@b",
                                  "<b",
                                  "b>",
                                  "a(b)",
                                  "a!",
                                  "a?",
                                  "a&b",
                                  "a+b",
                                  "a\\\\b",
                                  "a_b",
                                  "a`b",
                                  "a*b",
                                  "#a",
                                  "$a",
                                  "a=b",
                                  "Ann 2",
                                  "a;b",
                                  "[a]",
                                  "{a}",
                                  "a\\\"b",
                                  "a|b",
                                  "a\\tb",
                                  "a\\u0007b",
                                  "a\\u202eb",
                                  "a\\u00adb",
                                  "\\u00a9a",
                                  "\\u00bda",
                                  "a\\u00d7b",
                                  "a\\u0663",
                                  "a\\u0967",
                                  "a\\u2044b",
                                  "a\\u203ab",
                                  "a\\u2028b",
                                  "\\u20aca",
                                  "a\\u2236b",
                                  "a\\u3002b",
                                  "a\\uff1ab",
                                  "a\\uff0fb",
                                  "a\\uff20b",
                                  "a\\uff0eb",
                                  "a\\uff11",
                                  "a\\ufe55b",
                                  "\\ud83d\\ude00",
                                  "\\ud835\\udfce",
                                  "a\\ua789b",
                                  "a\\u02f8b",
                                  "e.e\\u0301vil",
                                  "evil.example",
                                  "www.evil",
                                  "St.John"};

/* A name goes into the portal's own mail, so it must not be a sentence with an address in it, in any script.
 */
START_TEST(a_name_has_letters_and_little_else) {
  const char *code;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    ck_assert_msg(name_of(good[i], &code) != NULL, "%s: %s", good[i], code);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ck_assert_msg(name_of(bad[i], &code) == NULL, "%s", bad[i]);
    ck_assert_str_eq(code, "name_form");
  }
}
END_TEST

START_TEST(names_of_people_keep_their_letters) {
  const char *code;
  ck_assert_str_eq(name_of("  Se\\u00e1n   O'Brien-Mu\\u00f1oz, Jr.  ", &code),
                   "Se\u00e1n O'Brien-Mu\u00f1oz, Jr.");
  ck_assert_ptr_null(name_of("<b>Pat</b>", &code));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("field_name");
  TCase *tests = tcase_create("field_name");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_name_has_letters_and_little_else);
  tcase_add_test(tests, names_of_people_keep_their_letters);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
