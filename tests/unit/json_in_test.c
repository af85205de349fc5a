/*
 * Bodies from outside: every kind of fault has its own answer, and none costs
 * more than its size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format/json_in.h"

static struct arena *arena;

static void set_up(void) {
  arena = arena_new(0);
  json_in_prepare();
}

static void tear_down(void) { arena_free(arena); }

static enum json_in_fault parse(const char *text) {
  json_t *value;
  enum json_in_fault fault = json_in_parse(arena, text, strlen(text), &value);
  ck_assert((fault == JSON_IN_GOOD) == (value != NULL));
  return fault;
}

START_TEST(good_bodies_are_read) {
  json_t *value;
  const char *text =
      " {\"user_id\": \"ABCD123\", \"n\": 7, \"b\": true, \"l\": [\"claims\"], \"e\": \"\\u00f1\"} ";
  ck_assert_int_eq(json_in_parse(arena, text, strlen(text), &value), JSON_IN_GOOD);
  ck_assert_str_eq(json_string_value(json_object_get(value, "user_id")), "ABCD123");
  ck_assert_str_eq(json_string_value(json_object_get(value, "e")), "\xc3\xb1");
  ck_assert_int_eq(json_integer_value(json_object_get(value, "n")), 7);
  static const char *const others[] = {"[]", "null", "1", "-1.5e3", "true", "\"text\"", " 7 "};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    ck_assert_msg(parse(others[i]) == JSON_IN_GOOD, "%s", others[i]);
}
END_TEST

START_TEST(each_fault_has_its_own_answer) {
  static const struct {
    const char *text;
    enum json_in_fault fault;
  } cases[] = {
      {"", JSON_IN_EMPTY},
      {"{\"a\":1", JSON_IN_SYNTAX},
      {"{\"a\":1}x", JSON_IN_SYNTAX},
      {"{\"a\":1,}", JSON_IN_SYNTAX},
      {"{'a':1}", JSON_IN_SYNTAX},
      {"\"text", JSON_IN_SYNTAX},
      {"7 8", JSON_IN_SYNTAX},
      {"nul", JSON_IN_SYNTAX},
      {"{\"a\":NaN}", JSON_IN_SYNTAX},
      {"{\"a\":99999999999999999999}", JSON_IN_NUMBER},
      {"{\"a\":-99999999999999999999}", JSON_IN_NUMBER},
      {"{\"a\":1e999}", JSON_IN_NUMBER},
      {"99999999999999999999", JSON_IN_NUMBER},
      {"\xef\xbb\xbf{}", JSON_IN_MARK},
      {"\xef\xbb\xbf", JSON_IN_MARK},
      {"{}\xef\xbb\xbf", JSON_IN_SYNTAX},
      {"{\"a\":\"line\nbreak\"}", JSON_IN_SYNTAX},
      {"{\"a\":1,\"a\":2}", JSON_IN_DUPLICATE},
      {"{\"a\":{\"b\":1,\"b\":1}}", JSON_IN_DUPLICATE},
      {"{\"a\":1,\"\\u0061\":2}", JSON_IN_DUPLICATE},
      {"{\"a\":\"\\u0000\"}", JSON_IN_NUL},
      {"{\"\\u0000\":1}", JSON_IN_NUL},
      {"{\"a\":\"\xff\"}", JSON_IN_NOT_UTF8},
      {"{\"a\":\"\xc0\xaf\"}", JSON_IN_NOT_UTF8},
      {"{\"a\":\"\xed\xa0\x80\"}", JSON_IN_NOT_UTF8},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    enum json_in_fault fault = parse(cases[i].text);
    ck_assert_msg(fault == cases[i].fault, "%s: %d", cases[i].text, (int)fault);
    ck_assert_uint_gt(strlen(json_in_words(fault)), 10);
  }
  json_t *value;
  ck_assert_int_eq(json_in_parse(arena, "{}\0{}", 5, &value), JSON_IN_NUL);
}
END_TEST

START_TEST(nesting_of_32_is_read_and_of_33_refused) {
  char text[200];
  for (int depth = 32; depth <= 33; depth++) {
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    text[2 * depth] = '\0';
    ck_assert_int_eq(parse(text), depth == 32 ? JSON_IN_GOOD : JSON_IN_TOO_DEEP);
  }
  ck_assert_int_eq(parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"), JSON_IN_GOOD);
  ck_assert_int_eq(parse("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"), JSON_IN_GOOD);
}
END_TEST

START_TEST(a_million_brackets_cost_no_recursion) {
  size_t length = 1 << 20;
  char *text = malloc(length + 1);
  memset(text, '[', length);
  text[length] = '\0';
  ck_assert_int_eq(parse(text), JSON_IN_TOO_DEEP);
  free(text);
}
END_TEST

START_TEST(every_prefix_of_a_body_is_refused) {
  const char *text =
      "{\"npi\":\"1234567893\",\"functions\":[\"claims\",\"eligibility\"],\"lso\":false,\"n\":-1.5e3}";
  for (size_t length = 0; length < strlen(text); length++) {
    json_t *value;
    ck_assert_int_ne(json_in_parse(arena, text, length, &value), JSON_IN_GOOD);
  }
  ck_assert_int_eq(parse(text), JSON_IN_GOOD);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("json_in");
  TCase *tests = tcase_create("json_in");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, good_bodies_are_read);
  tcase_add_test(tests, each_fault_has_its_own_answer);
  tcase_add_test(tests, nesting_of_32_is_read_and_of_33_refused);
  tcase_add_test(tests, a_million_brackets_cost_no_recursion);
  tcase_add_test(tests, every_prefix_of_a_body_is_refused);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
