/*
 * The limit by address: what is admitted, when the next try is, and that many
 * processes and many addresses do not loosen it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limit.h"

static void tear_down(void) { limit_close(); }

START_TEST(a_burst_then_the_rate) {
  int64_t now = 1000000;
  ck_assert_int_eq(limit_open(60, 5), 0); /* one a second */
  for (int i = 0; i < 5; i++) ck_assert_uint_eq(limit_take("192.0.2.1", now), 0);
  unsigned wait = limit_take("192.0.2.1", now);
  ck_assert_uint_ge(wait, 1);
  ck_assert_uint_le(wait, 2);
  ck_assert_uint_eq(limit_take("192.0.2.2", now), 0);
  ck_assert_uint_eq(limit_take("192.0.2.1", now + wait * 1000), 0);
  ck_assert_uint_ne(limit_take("192.0.2.1", now + wait * 1000), 0);
  ck_assert_uint_eq(limit_take("192.0.2.1", now + 60000), 0);
}
END_TEST

START_TEST(a_household_of_ipv6_counts_as_one) {
  ck_assert_int_eq(limit_open(1, 2), 0);
  ck_assert_uint_eq(limit_take("2001:db8:1:2::1", 5000), 0);
  ck_assert_uint_eq(limit_take("2001:db8:1:2:ffff::9", 5000), 0);
  ck_assert_uint_ne(limit_take("2001:db8:1:2:3:4:5:6", 5000), 0);
  ck_assert_uint_eq(limit_take("2001:db8:1:3::1", 5000), 0);
}
END_TEST

START_TEST(many_processes_share_one_limit) {
  int admitted = 0;
  ck_assert_int_eq(limit_open(1, 100), 0);
  for (int process = 0; process < 4; process++) {
    if (fork() > 0) continue;
    int mine = 0;
    for (int i = 0; i < 60; i++) mine += limit_take("192.0.2.1", 777) == 0;
    _exit(mine);
  }
  for (int status = 0; wait(&status) > 0;) admitted += WEXITSTATUS(status);
  ck_assert_int_eq(admitted, 100);
}
END_TEST

/* An attacker with many addresses cannot push his own bucket out and start over. */
START_TEST(a_flood_of_addresses_loosens_no_limit) {
  char address[32];
  ck_assert_int_eq(limit_open(1, 3), 0);
  for (int i = 0; i < 3; i++) ck_assert_uint_eq(limit_take("192.0.2.1", 9), 0);
  for (int i = 0; i < 100000; i++) {
    snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
    limit_take(address, 9);
  }
  int admitted = 0;
  for (int i = 0; i < 10; i++) admitted += limit_take("192.0.2.1", 9) == 0;
  ck_assert_int_le(admitted, 3);
}
END_TEST

START_TEST(looking_takes_nothing_and_counting_is_never_refused) {
  ck_assert_int_eq(limit_open(60, 2), 0); /* one a second */
  for (int i = 0; i < 100; i++) ck_assert_uint_eq(limit_look("192.0.2.1", 9000), 0);
  for (int i = 0; i < 5; i++) limit_count("192.0.2.1", 9000);
  ck_assert_uint_ge(limit_look("192.0.2.1", 9000), 4);
  ck_assert_uint_ne(limit_take("192.0.2.1", 9000), 0);
  ck_assert_uint_eq(limit_look("192.0.2.2", 9000), 0);
  ck_assert_uint_eq(limit_look("192.0.2.1", 9000 + 5000), 0);
}
END_TEST

START_TEST(security_events_have_a_bucket_of_their_own) {
  ck_assert_int_eq(limit_open(1, 2), 0);
  ck_assert(limit_event("192.0.2.1", 5000) && limit_event("192.0.2.1", 5000));
  ck_assert(!limit_event("192.0.2.1", 5000));
  ck_assert(limit_event("192.0.2.2", 5000));
  ck_assert_uint_eq(limit_take("192.0.2.1", 5000), 0);
}
END_TEST

START_TEST(without_a_table_there_is_no_limit) { ck_assert_uint_eq(limit_take("192.0.2.1", 1), 0); }
END_TEST

int main(void) {
  Suite *suite = suite_create("limit");
  TCase *tests = tcase_create("limit");
  tcase_add_checked_fixture(tests, NULL, tear_down);
  tcase_add_test(tests, a_burst_then_the_rate);
  tcase_add_test(tests, a_household_of_ipv6_counts_as_one);
  tcase_add_test(tests, many_processes_share_one_limit);
  tcase_add_test(tests, a_flood_of_addresses_loosens_no_limit);
  tcase_add_test(tests, looking_takes_nothing_and_counting_is_never_refused);
  tcase_add_test(tests, security_events_have_a_bucket_of_their_own);
  tcase_add_test(tests, without_a_table_there_is_no_limit);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
