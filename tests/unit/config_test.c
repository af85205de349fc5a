/*
 * Settings: defaults, bounds, and all faults at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"

static struct config config;
static char *faults;
static size_t size;

static int read_all(void) {
  FILE *file = open_memstream(&faults, &size);
  int count = config_read(&config, file);
  fclose(file);
  return count;
}

static void tear_down(void) {
  free(faults);
  faults = NULL;
}

static void set_up(void) { clearenv(); }

START_TEST(without_settings_there_are_defaults) {
  ck_assert_int_eq(read_all(), 0);
  ck_assert_str_eq(config.db, "dbname=connex");
  ck_assert_ptr_eq(config.db_read, config.db);
  ck_assert_ptr_null(config.key_file);
  ck_assert_int_ge(config.processes, 1);
  ck_assert(config.threads >= 4 && config.threads <= 16);
  ck_assert_int_ge(config.hash_permits, 1);
  /* A rush of log-ins is never refused for want of a place: whoever has a thread may wait. */
  ck_assert_int_ge(config.hash_permits + config.hash_queue, config.processes * config.threads);
  /* Kept connections end by nginx's keepalive_timeout of 5 s, before a stopping worker does. */
  ck_assert_int_gt(config.linger_seconds, 5);
}
END_TEST

START_TEST(settings_are_read_and_empty_ones_count_as_not_set) {
  setenv("CONNEX_DB", "host=a", 1);
  setenv("CONNEX_DB_READ", "host=b", 1);
  setenv("CONNEX_THREADS", "3", 1);
  setenv("CONNEX_LOG", "", 1);
  ck_assert_int_eq(read_all(), 0);
  ck_assert_str_eq(config.db, "host=a");
  ck_assert_str_eq(config.db_read, "host=b");
  ck_assert_int_eq(config.threads, 3);
  ck_assert_str_eq(config.log, "-");
}
END_TEST

START_TEST(all_faults_are_reported_at_once) {
  static const char *const bad[] = {"0", "-1", "257", "8x", "x", " ", "99999999999999999999", "1.5"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    setenv("CONNEX_THREADS", bad[i], 1);
    ck_assert_msg(read_all() == 1, "%s", bad[i]);
    ck_assert_ptr_nonnull(strstr(faults, "CONNEX_THREADS: must be a whole number from 1 to 256"));
    tear_down();
  }
  char path[200];
  memset(path, 'a', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  setenv("CONNEX_SOCKET", path, 1);
  setenv("CONNEX_STOP_SECONDS", "5", 1);
  setenv("CONNEX_LINGER_SECONDS", "9", 1);
  ck_assert_int_eq(read_all(), 3);
  ck_assert_ptr_nonnull(strstr(faults, "CONNEX_THREADS"));
  ck_assert_ptr_nonnull(strstr(faults, "CONNEX_SOCKET"));
  ck_assert_ptr_nonnull(strstr(faults, "CONNEX_STOP_SECONDS: must be longer"));
}
END_TEST

START_TEST(every_setting_is_described) {
  FILE *file = open_memstream(&faults, &size);
  config_describe(file);
  fclose(file);
  static const char *const names[] = {"CONNEX_DB=",       "CONNEX_DB_READ",          "CONNEX_SOCKET=",
                                      "CONNEX_PROCESSES", "CONNEX_THREADS",          "CONNEX_RATE_BURST=20",
                                      "CONNEX_KEY_FILE",  "CONNEX_RATE_PER_MINUTE=", "CONNEX_BODY_LIMIT="};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) ck_assert_ptr_nonnull(strstr(faults, names[i]));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("config");
  TCase *tests = tcase_create("config");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, without_settings_there_are_defaults);
  tcase_add_test(tests, settings_are_read_and_empty_ones_count_as_not_set);
  tcase_add_test(tests, all_faults_are_reported_at_once);
  tcase_add_test(tests, every_setting_is_described);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
