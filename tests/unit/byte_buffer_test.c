/*
 * The growing buffer: rows for COPY and small JSON, escapes, text that is not UTF-8, limits, and money as
 * text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_buffer.h"

static void assert_text(const struct byte_buffer *buffer, const char *expected) {
  ck_assert_uint_eq(buffer->length, strlen(expected));
  ck_assert_mem_eq(buffer->data, expected, buffer->length);
}

START_TEST(a_row_is_columns_between_tabs) {
  struct byte_buffer buffer = {0};
  byte_buffer_column_integer(&buffer, -7);
  byte_buffer_column_word(&buffer, "");
  byte_buffer_column_text(&buffer, "");
  byte_buffer_column_word(&buffer, "a\tb\\c\nd\re");
  byte_buffer_column_cents(&buffer, 1234);
  byte_buffer_column_boolean(&buffer, true);
  byte_buffer_column_null(&buffer);
  byte_buffer_end_row(&buffer);
  byte_buffer_column_integer(&buffer, 1);
  byte_buffer_end_row(&buffer);
  assert_text(&buffer, "-7\t\\N\t\ta\\tb\\\\c\\nd\\re\t12.34\tt\t\\N\n1\n");
  byte_buffer_free(&buffer);
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_taken_as_latin_letters_and_nul_is_left_out) {
  struct byte_buffer buffer = {0};
  byte_buffer_column(&buffer,
                     "\xC3\x96"
                     "berg\xD6"
                     "berg\xC3\0x",
                     14);
  assert_text(&buffer, "\xC3\x96"
                       "berg\xC3\x96"
                       "berg\xC3\x83x");
  byte_buffer_free(&buffer);
}
END_TEST

START_TEST(json_strings_are_escaped) {
  struct byte_buffer buffer = {0};
  byte_buffer_add_json(&buffer, "a\"b\\c\n\x01\0\xFF", 9);
  assert_text(&buffer, "\"a\\\"b\\\\c\\u000a\\u0001\xC3\xBF\"");
  byte_buffer_free(&buffer);
}
END_TEST

START_TEST(a_ceiling_leaves_out_what_would_pass_it) {
  struct byte_buffer buffer = {.limit = 5};
  byte_buffer_add_word(&buffer, "abc");
  byte_buffer_add_word(&buffer, "def");
  ck_assert(buffer.cut);
  ck_assert(!buffer.failed);
  assert_text(&buffer, "abc");
  byte_buffer_clear(&buffer);
  ck_assert(!buffer.cut);
  byte_buffer_free(&buffer);
  ck_assert_uint_eq(buffer.limit, 5);
}
END_TEST

START_TEST(an_arena_gives_the_memory_where_there_is_one) {
  struct arena *arena = arena_new(0);
  struct byte_buffer buffer = {.arena = arena};
  for (int i = 0; i < 5000; i++) byte_buffer_add_word(&buffer, "0123456789");
  ck_assert(!buffer.failed);
  ck_assert_uint_eq(buffer.length, 50000);
  ck_assert_mem_eq(buffer.data + 49990, "0123456789", 10);
  ck_assert_uint_lt(arena_used(arena), 200000);
  byte_buffer_free(&buffer); /* the arena keeps it */
  arena_fail_after(arena, 1);
  byte_buffer_add_word(&buffer, "x");
  ck_assert(buffer.failed);
  ck_assert(!byte_buffer_reserve(&buffer, 1));
  arena_free(arena);
}
END_TEST

START_TEST(cents_are_written_exactly) {
  char text[24];
  ck_assert_str_eq(cents_text(0, text), "0.00");
  ck_assert_str_eq(cents_text(-5, text), "-0.05");
  ck_assert_str_eq(cents_text(100, text), "1.00");
  ck_assert_str_eq(cents_text(INT64_MAX, text), "92233720368547758.07");
  ck_assert_str_eq(cents_text(INT64_MIN, text), "-92233720368547758.08");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("byte_buffer");
  TCase *rows = tcase_create("rows");
  tcase_add_test(rows, a_row_is_columns_between_tabs);
  tcase_add_test(rows, bytes_that_are_not_utf8_are_taken_as_latin_letters_and_nul_is_left_out);
  tcase_add_test(rows, json_strings_are_escaped);
  tcase_add_test(rows, a_ceiling_leaves_out_what_would_pass_it);
  tcase_add_test(rows, an_arena_gives_the_memory_where_there_is_one);
  tcase_add_test(rows, cents_are_written_exactly);
  suite_add_tcase(suite, rows);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
