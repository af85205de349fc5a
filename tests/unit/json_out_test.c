/*
 * The JSON writer: what it writes is JSON, and says what was meant. jansson is
 * the judge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "format/json_out.h"

static struct arena *arena;
static struct json_out out;

static void set_up(void) {
  arena = arena_new(0);
  json_out_init(&out, arena);
}

static void tear_down(void) { arena_free(arena); }

START_TEST(a_document_is_written_with_its_commas) {
  json_out_object(&out);
  json_out_key(&out, "claim_id");
  json_out_string(&out, "9223372036854775807");
  json_out_key(&out, "lines");
  json_out_array(&out);
  json_out_integer(&out, -1);
  json_out_boolean(&out, true);
  json_out_null(&out);
  json_out_object(&out);
  json_out_end_object(&out);
  json_out_array(&out);
  json_out_end_array(&out);
  json_out_end_array(&out);
  json_out_key(&out, "raw");
  json_out_raw(&out, "{\"a\":1}", 7);
  json_out_end_object(&out);
  size_t length;
  const char *text = json_out_text(&out, &length);
  ck_assert_str_eq(text,
                   "{\"claim_id\":\"9223372036854775807\",\"lines\":[-1,true,null,{},[]],\"raw\":{\"a\":1}}");
  ck_assert_uint_eq(length, strlen(text));
}
END_TEST

/* RFC 8259 section 7: quotes, backslashes, and line breaks are escaped. Other controls are visible signs. */
START_TEST(strings_are_escaped) {
  json_out_string_n(&out, "a\"b\\c\n\t\r\b\f\x01\x1f\x7f/\0z", 16);
  ck_assert_str_eq(json_out_text(&out, NULL),
                   "\"a\\\"b\\\\c\\n\u2409\\r\u2408\u240c\u2401\u241f\u2421/\u2400z\"");
}
END_TEST

/* A name from a file cannot reorder or hide the text around it. */
START_TEST(bidirectional_and_other_controls_are_visible) {
  json_out_string(&out, "a\u202eb\u2066c\u200fd\u061ce\xc2\x85"
                        "f\ue000g\ufdd0h");
  ck_assert_str_eq(json_out_text(&out, NULL), "\"a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\"");
  json_out_init(&out, arena);
  json_out_string(&out, "Zo\u00eb \u05d3\u05d5\u05d3 \u5c0f\u6797 \u2013 \U0001f600 \u20ac"); /* stays */
  ck_assert_str_eq(json_out_text(&out, NULL),
                   "\"Zo\u00eb \u05d3\u05d5\u05d3 \u5c0f\u6797 \u2013 \U0001f600 \u20ac\"");
}
END_TEST

/* PostgreSQL writes C0 as escapes and all others as they are. */
START_TEST(a_document_of_the_database_shows_them_as_well) {
  static const char json[] =
      "{\"a\":\"x\\u0001y\\bz\\f\\u202E\\u202e\\n\\t\\\"\\\\u0001\u202e\x7f\xc2\x85\",\t\"b\":[1.5,null]}";
  json_out_array(&out);
  json_out_document(&out, json, sizeof json - 1);
  json_out_document(&out, "{}", 2);
  json_out_end_array(&out);
  ck_assert_str_eq(
      json_out_text(&out, NULL),
      "[{\"a\":\"x\u2401y\u2408z\u240c\ufffd\ufffd\\n\u2409\\\"\\\\u0001\ufffd\u2421\ufffd\",\t\"b\":"
      "[1.5,null]},{}]");
}
END_TEST

START_TEST(text_that_is_not_utf8_becomes_replacement_characters) {
  json_out_string(&out, "Mu\xf1oz \xc3\xb1 \xed\xa0\x80 \xf5 \xe2\x82");
  const char *text = json_out_text(&out, NULL);
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
  ck_assert_ptr_nonnull(value);
  ck_assert_str_eq(
      json_string_value(value),
      "Mu\xef\xbf\xbdoz \xc3\xb1 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd");
  json_decref(value);
}
END_TEST

START_TEST(every_byte_alone_gives_valid_json) {
  for (int byte = 0; byte < 256; byte++) {
    json_out_init(&out, arena);
    char text = (char)byte;
    json_out_string_n(&out, &text, 1);
    json_t *value = json_loads(json_out_text(&out, NULL), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    ck_assert_msg(value != NULL, "byte %d", byte);
    json_decref(value);
  }
}
END_TEST

START_TEST(null_text_is_null) {
  json_out_string(&out, NULL);
  ck_assert_str_eq(json_out_text(&out, NULL), "null");
}
END_TEST

START_TEST(a_long_document_grows) {
  json_out_array(&out);
  for (int i = 0; i < 20000; i++) json_out_string(&out, "0123456789");
  json_out_end_array(&out);
  json_t *value = json_loads(json_out_text(&out, NULL), 0, NULL);
  ck_assert_uint_eq(json_array_size(value), 20000);
  json_decref(value);
}
END_TEST

START_TEST(out_of_memory_is_seen_at_the_end) {
  arena_fail_after(arena, 1);
  json_out_string(&out, "x");
  json_out_string(&out, "y");
  ck_assert_ptr_null(json_out_text(&out, NULL));
  json_out_init(&out, arena);
  arena_fail_after(arena, 0);
  json_out_array(&out);
  for (int i = 0; i < 2000000; i++) json_out_string(&out, "0123456789"); /* more than the arena's limit */
  ck_assert_ptr_null(json_out_text(&out, NULL));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("json_out");
  TCase *tests = tcase_create("json_out");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_set_timeout(tests, 20);
  tcase_add_test(tests, a_document_is_written_with_its_commas);
  tcase_add_test(tests, strings_are_escaped);
  tcase_add_test(tests, bidirectional_and_other_controls_are_visible);
  tcase_add_test(tests, a_document_of_the_database_shows_them_as_well);
  tcase_add_test(tests, text_that_is_not_utf8_becomes_replacement_characters);
  tcase_add_test(tests, every_byte_alone_gives_valid_json);
  tcase_add_test(tests, null_text_is_null);
  tcase_add_test(tests, a_long_document_grows);
  tcase_add_test(tests, out_of_memory_is_seen_at_the_end);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
