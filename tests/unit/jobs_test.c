/*
 * The table of kinds of jobs: every row is whole, and its lease fits what the handler may take.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/jobs.h"

static const struct job_kind *find(const char *name) {
  for (size_t i = 0; i < job_kind_count; i++)
    if (strcmp(job_kinds[i].name, name) == 0) return &job_kinds[i];
  ck_abort_msg("there is no kind %s", name);
  return NULL;
}

START_TEST(every_kind_is_whole) {
  ck_assert_uint_ge(job_kind_count, 2);
  for (size_t i = 0; i < job_kind_count; i++) {
    const struct job_kind *kind = &job_kinds[i];
    ck_assert_ptr_eq(find(kind->name), kind); /* no name twice */
    ck_assert_ptr_nonnull(kind->handle);
    ck_assert_ptr_nonnull(kind->tries_setting);
    ck_assert_ptr_eq(kind->queue, strcmp(kind->name, "mail") == 0 ? &outbox_queue : &job_queue);
  }
}
END_TEST

/* A try must end within its lease, or another daemon does the same work: sending a mail may take 30 s and a
 * wait for PostgreSQL as long again. A code lives for 15 minutes. */
START_TEST(leases) {
  for (size_t i = 0; i < job_kind_count; i++) {
    char *end = NULL;
    long lease_s = strtol(job_kinds[i].lease_s, &end, 10);
    ck_assert_int_eq(*end, '\0');
    ck_assert_int_ge(lease_s, 60);
    ck_assert_int_lt(lease_s, 900);
  }
  ck_assert_str_eq(find("mail")->lease_s, "60");
}
END_TEST

START_TEST(mail_waits_where_no_server_is_named) {
  struct config config = {0};
  struct jobs jobs = {.config = &config};
  ck_assert(!find("mail")->ready(&jobs));
  config.smtp_url = "smtp://localhost";
  ck_assert(find("mail")->ready(&jobs));
  ck_assert_ptr_null(find("letter")->ready);
}
END_TEST

/* Asks nothing of the database, so it works without one. */
START_TEST(a_letter_without_a_number_fails_for_good) {
  struct jobs jobs = {0};
  struct job_end end = find("letter")->handle(&jobs, &(struct job){.id = "1", .kind = "letter"});
  ck_assert_int_eq(end.outcome, JOB_NEVER);
  ck_assert_str_eq(end.why, "the job does not name a letter");
}
END_TEST

START_TEST(a_long_reason_is_cut) {
  char words[3 * MAIL_ERROR_SIZE];
  memset(words, 'w', sizeof words - 1);
  words[sizeof words - 1] = '\0';
  ck_assert_uint_eq(strlen(job_ended(JOB_LATER, words).why), MAIL_ERROR_SIZE - 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("jobs");
  TCase *test = tcase_create("kinds");
  tcase_add_test(test, every_kind_is_whole);
  tcase_add_test(test, leases);
  tcase_add_test(test, mail_waits_where_no_server_is_named);
  tcase_add_test(test, a_letter_without_a_number_fails_for_good);
  tcase_add_test(test, a_long_reason_is_cut);
  suite_add_tcase(suite, test);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
