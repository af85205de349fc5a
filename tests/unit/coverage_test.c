/*
 * Coverage: what is active on a day, the order in which it is shown, and what
 * an office is told before it treats or bills the patient.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "medicare/coverage.h"

enum { MOST = 8 };
static const char day[] = "2026-06-01";
static struct arena *arena;
static struct coverage all[MOST];
static size_t count;

static void begin(void) {
  arena = arena_new(0);
  count = 0;
}
static void end(void) { arena_free(arena); }

static struct coverage *add(const char *kind, const char *from, const char *to) {
  all[count] = (struct coverage){.kind = kind, .from = from, .to = to, .row = (int)count};
  return &all[count++];
}

static void entitled(void) {
  add("part_a", "2015-03-01", NULL);
  add("part_b", "2015-03-01", NULL);
}

/* "kind: words" of each alert, one a line. */
static const char *told(const char *on, const char *died) {
  static char text[2048];
  struct coverage_alert alerts[MOST + COVERAGE_ALERTS_MORE];
  coverage_set_day(all, count, on);
  int found = coverage_alerts(arena, all, count, on, died, alerts);
  ck_assert_int_ge(found, 0);
  text[0] = '\0';
  for (int i = 0; i < found; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s: %s\n", alerts[i].kind, alerts[i].words);
  return text;
}

static const char *shown(void) {
  static char text[256];
  coverage_set_day(all, count, day);
  text[0] = '\0';
  for (size_t i = 0; i < count; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%d%s ", all[i].row, all[i].active ? "*" : "");
  return text;
}

START_TEST(a_coverage_is_active_from_its_first_to_its_last_day) {
  add("esrd", "2026-06-01", NULL);
  add("esrd", "2026-06-02", NULL);
  add("esrd", NULL, "2026-06-01");
  add("esrd", NULL, "2026-05-31");
  add("esrd", NULL, NULL);
  ck_assert_str_eq(shown(), "1 0* 4* 2* 3 ");
}
END_TEST

START_TEST(kinds_have_an_order_and_the_latest_of_a_kind_comes_first) {
  add("unheard_of", "2025-01-01", NULL);
  add("msp", "2024-01-01", "2024-12-31");
  add("part_b", "2015-01-01", NULL);
  add("msp", "2025-01-01", "2025-06-30");
  add("msp", "2025-01-01", "2025-12-31");
  add("part_a", "2015-01-01", NULL);
  add("msp", "2025-01-01", NULL);
  add("msp", "2025-01-01", NULL);
  ck_assert_str_eq(shown(), "5* 2* 6* 7* 4 3 1 0* ");
  ck_assert_str_eq(coverage_words("msp"), "Medicare Secondary Payer");
  ck_assert_str_eq(coverage_words("unheard_of"), "unheard_of");
}
END_TEST

START_TEST(a_patient_without_part_a_or_b_on_the_day_is_told_of) {
  ck_assert_str_eq(told(day, NULL), "part_a: No Part A entitlement on 06/01/2026.\n"
                                    "part_b: No Part B entitlement on 06/01/2026.\n");
  add("part_a", "2015-03-01", "2020-12-31");
  add("part_a", "2025-01-01", NULL);
  add("part_b", "2015-03-01", "2020-12-31");
  ck_assert_str_eq(told(day, NULL), "part_b: No Part B entitlement on 06/01/2026.\n");
  ck_assert_str_eq(told("2020-06-01", NULL), "");
}
END_TEST

START_TEST(the_most_important_comes_first) {
  add("home_health", "2026-05-01", NULL);
  add("hospice", "2026-04-01", NULL);
  add("qmb", "2026-01-01", NULL);
  add("msp", "2026-01-01", NULL)->payer_name = "Granite Group";
  struct coverage *plan = add("medicare_advantage", "2024-01-01", NULL);
  plan->payer_name = "Evergreen Plan";
  plan->payer_id = "H1234";
  add("part_b", "2015-03-01", NULL);
  add("esrd", "2015-03-01", NULL);
  ck_assert_str_eq(
      told(day, "2026-05-20"),
      "death: The records show that the patient died on 05/20/2026.\n"
      "part_a: No Part A entitlement on 06/01/2026.\n"
      "medicare_advantage: In a Medicare Advantage plan on 06/01/2026: Evergreen Plan, H1234. Bill the plan, "
      "not Medicare.\n"
      "msp: Another insurer pays first: Granite Group.\n"
      "qmb: Qualified Medicare Beneficiary: do not bill the patient for Medicare's deductible, "
      "coinsurance or copayment.\n"
      "hospice: In hospice care since 04/01/2026: the hospice bills for care of the terminal illness.\n"
      "home_health: In a home health episode since 05/01/2026: the home health agency bills for much of the "
      "care.\n");
}
END_TEST

START_TEST(only_what_is_active_on_the_day_is_told) {
  entitled();
  add("medicare_advantage", "2024-01-01", "2024-12-31")->payer_id = "H1";
  ck_assert_str_eq(told(day, NULL), "");
  ck_assert_str_eq(told("2024-12-31", NULL),
                   "medicare_advantage: In a Medicare Advantage plan on 12/31/2024: "
                   "H1. Bill the plan, not Medicare.\n");
}
END_TEST

START_TEST(insurers_are_told_by_name) {
  entitled();
  add("msp", "2024-01-01", NULL)->payer_name = "Zebra";
  add("msp", "2025-01-01", NULL)->detail = "Working aged";
  struct coverage *both = add("msp", "2026-01-01", NULL);
  both->payer_name = "Acme";
  both->detail = "Liability";
  ck_assert_str_eq(told(day, NULL), "msp: Another insurer pays first: Acme, Liability.\n"
                                    "msp: Another insurer pays first: Zebra.\n"
                                    "msp: Another insurer pays first: not named, Working aged.\n");
}
END_TEST

START_TEST(a_deductible_is_told_while_some_of_it_is_left_and_the_patient_owes_it) {
  entitled();
  add("part_b_deductible", "2026-01-01", "2026-12-31")->remaining = "0.01";
  add("part_a_deductible", "2026-01-01", "2026-12-31")->remaining = "1736.00";
  add("part_b_deductible", "2025-01-01", "2025-12-31")->remaining = "0.00";
  add("part_a_deductible", "2025-01-01", "2025-12-31");
  ck_assert_str_eq(told(day, NULL), "part_a_deductible: $1736.00 of the Part A deductible is left.\n"
                                    "part_b_deductible: $0.01 of the Part B deductible is left.\n");
  ck_assert_str_eq(told("2025-06-01", NULL), "");
  add("qmb", "2026-03-01", NULL);
  ck_assert_ptr_null(strstr(told(day, NULL), "deductible is left"));
  ck_assert_ptr_nonnull(strstr(told("2026-02-28", NULL), "deductible is left"));
}
END_TEST

START_TEST(out_of_memory_is_not_an_answer_without_alerts) {
  struct coverage_alert alerts[COVERAGE_ALERTS_MORE];
  for (unsigned long after = 1; after <= 3; after++) {
    arena_reset(arena);
    arena_fail_after(arena, after);
    ck_assert_int_eq(coverage_alerts(arena, NULL, 0, day, "2026-05-20", alerts), -1);
  }
  arena_fail_after(arena, 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("coverage");
  TCase *cases = tcase_create("coverage");
  tcase_add_checked_fixture(cases, begin, end);
  tcase_add_test(cases, a_coverage_is_active_from_its_first_to_its_last_day);
  tcase_add_test(cases, kinds_have_an_order_and_the_latest_of_a_kind_comes_first);
  tcase_add_test(cases, a_patient_without_part_a_or_b_on_the_day_is_told_of);
  tcase_add_test(cases, the_most_important_comes_first);
  tcase_add_test(cases, only_what_is_active_on_the_day_is_told);
  tcase_add_test(cases, insurers_are_told_by_name);
  tcase_add_test(cases, a_deductible_is_told_while_some_of_it_is_left_and_the_patient_owes_it);
  tcase_add_test(cases, out_of_memory_is_not_an_answer_without_alerts);
  suite_add_tcase(suite, cases);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
