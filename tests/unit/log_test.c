/*
 * The log: every line is one JSON object, whatever the values, and lines of many
 * writers do not mix.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static char path[] = "/tmp/log-test-XXXXXX";

static void set_up(void) {
  int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  close(file);
  unlink(path);
  ck_assert_int_eq(log_open(path), 0);
}

static void tear_down(void) { unlink(path); }

/* The only line, parsed. */
static json_t *line_read(void) {
  json_error_t error;
  json_t *line = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  ck_assert_msg(line != NULL, "%s", error.text);
  return line;
}

START_TEST(a_line_is_one_json_object_with_its_time) {
  struct log_line line;
  log_start(&line, LOG_WARNING, "request");
  log_text(&line, "request_id", "7f2c");
  log_text(&line, "absent", NULL);
  log_number(&line, "status", 503);
  log_end(&line);
  json_t *read = line_read();
  ck_assert_str_eq(json_string_value(json_object_get(read, "level")), "warning");
  ck_assert_str_eq(json_string_value(json_object_get(read, "event")), "request");
  ck_assert_str_eq(json_string_value(json_object_get(read, "request_id")), "7f2c");
  ck_assert_int_eq(json_integer_value(json_object_get(read, "status")), 503);
  ck_assert_ptr_null(json_object_get(read, "absent"));
  const char *at = json_string_value(json_object_get(read, "at"));
  ck_assert_uint_eq(strlen(at), strlen("2026-11-21T19:20:00.123456Z"));
  ck_assert_int_eq(at[10], 'T');
  json_decref(read);
}
END_TEST

/* ASVS 16.4.1: nothing that is logged can begin a line or a member of its own. */
START_TEST(what_is_logged_cannot_forge_a_line) {
  struct log_line line;
  log_start(&line, LOG_INFO, "request");
  log_text(&line, "route", "a\n{\"event\":\"forged\"}\r\"\\\x1b[31m\xff\xe2\x80\xae");
  log_end(&line);
  json_t *read = line_read();
  ck_assert_str_eq(json_string_value(json_object_get(read, "route")), "a?{\"event\":\"forged\"}?\"\\?[31m??");
  json_decref(read);
}
END_TEST

START_TEST(a_member_that_does_not_fit_is_left_out_whole) {
  struct log_line line;
  char large[4000];
  memset(large, '"', sizeof large - 1);
  large[sizeof large - 1] = '\0';
  log_start(&line, LOG_INFO, "request");
  log_text(&line, "large", large);
  log_number(&line, "status", 200);
  log_end(&line);
  json_t *read = line_read();
  ck_assert_ptr_null(json_object_get(read, "large"));
  ck_assert(json_is_true(json_object_get(read, "cut")));
  ck_assert_int_eq(json_integer_value(json_object_get(read, "status")), 200);
  json_decref(read);
}
END_TEST

START_TEST(an_event_has_its_level_and_the_text_of_errno) {
  log_event(LOG_ERROR, "kept", "why", ENOENT);
  json_t *read = line_read();
  ck_assert_str_eq(json_string_value(json_object_get(read, "event")), "kept");
  ck_assert_str_eq(json_string_value(json_object_get(read, "level")), "error");
  ck_assert_str_eq(json_string_value(json_object_get(read, "error")), "No such file or directory");
  json_decref(read);
}
END_TEST

static void *writer(void *object) {
  for (int i = 0; i < 200; i++) log_event(LOG_INFO, object, "0123456789012345678901234567890123456789", 0);
  return NULL;
}

START_TEST(lines_of_many_threads_do_not_mix) {
  pthread_t threads[4];
  static char names[4][8] = {"one", "two", "three", "four"};
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, writer, names[i]);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  FILE *file = fopen(path, "r");
  char text[LOG_LINE_SIZE + 2];
  int count = 0;
  while (fgets(text, sizeof text, file) != NULL) {
    json_t *line = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(line);
    json_decref(line);
    count++;
  }
  fclose(file);
  ck_assert_int_eq(count, 800);
}
END_TEST

START_TEST(only_owner_and_group_read_the_file) {
  struct stat about;
  ck_assert_int_eq(stat(path, &about), 0);
  ck_assert_uint_eq(about.st_mode & 07, 0);
  ck_assert_int_eq(log_open("/nonexistent/directory/log"), -1);
  ck_assert_int_eq(log_open("-"), 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("log");
  TCase *tests = tcase_create("log");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_line_is_one_json_object_with_its_time);
  tcase_add_test(tests, what_is_logged_cannot_forge_a_line);
  tcase_add_test(tests, a_member_that_does_not_fit_is_left_out_whole);
  tcase_add_test(tests, an_event_has_its_level_and_the_text_of_errno);
  tcase_add_test(tests, lines_of_many_threads_do_not_mix);
  tcase_add_test(tests, only_owner_and_group_read_the_file);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
