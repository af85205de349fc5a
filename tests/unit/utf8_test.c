/*
 * UTF-8: what has no place in a text is shown as a sign, and never sent to a terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

START_TEST(hidden_characters_become_signs) {
  static const struct {
    const char *text, *shown;
  } cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"Jos\u00e9 \u4e2d", "Jos\u00e9 \u4e2d"},
      {"\x1b[2J", "\u241b[2J"},                 /* clears a terminal */
      {"a\nb\rc\td", "a\u240ab\u240dc\u2409d"}, /* would be lines of their own */
      {"\x7f", "\u2421"},
      {"\xC2\x85", "\ufffd"},             /* C1: next line */
      {"a\u202egpj", "a\ufffdgpj"},       /* right-to-left override */
      {"\u2066x\u2069", "\ufffdx\ufffd"}, /* isolates */
      {"\u061cx", "\ufffdx"},             /* Arabic letter mark */
      {"a\u00adb\u180ec\u200bd\u2060e\u2064f\ufeffg",
       "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg"},          /* nothing to see */
      {"\u0645\u200c\u0646\u200d", "\u0645\u200c\u0646\u200d"}, /* joiners, which words need */
      {"\xC3(", "\ufffd("},                                     /* not UTF-8 */
      {"\xE2\x80", "\ufffd\ufffd"},                             /* cut off */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char out[64];
    size_t length = utf8_visible(cases[i].text, strlen(cases[i].text), out, sizeof out);
    ck_assert_msg(strcmp(out, cases[i].shown) == 0, "case %zu: %s", i, out);
    ck_assert_uint_eq(length, strlen(out));
  }
  char nul[8];
  ck_assert_uint_eq(utf8_visible("a\0b", 3, nul, sizeof nul), 5);
  ck_assert_str_eq(nul, "a\u2400b");
}
END_TEST

START_TEST(a_long_text_is_cut_after_a_whole_character) {
  char out[6];
  ck_assert_uint_eq(utf8_visible("12345", 5, out, sizeof out), 5);
  ck_assert_str_eq(out, "12345");
  ck_assert_uint_eq(utf8_visible("123456", 6, out, sizeof out), 5);
  ck_assert_uint_eq(utf8_visible("1234\u00e9", 6, out, sizeof out), 4);
  ck_assert_str_eq(out, "1234");
  ck_assert_uint_eq(utf8_visible("123\x1b", 4, out, sizeof out), 3); /* its sign takes three bytes */
  ck_assert_uint_eq(utf8_visible("1", 1, out, 1), 0);
  ck_assert_str_eq(out, "");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("utf8");
  TCase *test = tcase_create("visible");
  tcase_add_test(test, hidden_characters_become_signs);
  tcase_add_test(test, a_long_text_is_cut_after_a_whole_character);
  suite_add_tcase(suite, test);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
