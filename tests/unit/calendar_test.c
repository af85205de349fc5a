/*
 * Days: what is accepted, what is refused, and counting that agrees with a slow
 * walk through the whole calendar. Deadline vectors: standards.md section 4.2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static struct calendar_day day_of(const char *text) {
  struct calendar_day day = {0};
  ck_assert_msg(calendar_parse(text, strlen(text), &day), "%s is a day", text);
  return day;
}

static const char *text_of(struct calendar_day day) {
  static char text[CALENDAR_DAY_SIZE];
  calendar_format(day, text);
  return text;
}

START_TEST(a_day_is_read_strictly) {
  static const char *const refused[] = {
      "",           "2026",       "2026-1-02",  "2026-01-2",   "2026-00-10",  "2026-13-10",
      "2026-01-00", "2026-01-32", "2026-02-29", "2100-02-29",  "1900-02-29",  "2026-04-31",
      "0000-01-01", "20260102",   "2026/01/02", "2026-01-02 ", " 2026-01-02", "2026-01-02T",
      "+026-01-02", "2026-0a-02", "2026-01--2", "-026-01-02"};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    struct calendar_day day = {7, 7, 7};
    ck_assert_msg(!calendar_parse(refused[i], strlen(refused[i]), &day), "\"%s\" is refused", refused[i]);
    ck_assert_int_eq(day.year, 7);
  }
  ck_assert_str_eq(text_of(day_of("2024-02-29")), "2024-02-29");
  ck_assert_str_eq(text_of(day_of("2000-02-29")), "2000-02-29");
  ck_assert_str_eq(text_of(day_of("0001-01-01")), "0001-01-01");
  ck_assert_str_eq(text_of(day_of("9999-12-31")), "9999-12-31");
  struct calendar_day day;
  ck_assert(!calendar_parse("2026-01-0\0", 10, &day));
}
END_TEST

START_TEST(x12_writes_days_without_dashes) {
  struct calendar_day day;
  char text[CALENDAR_COMPACT_SIZE];
  ck_assert(calendar_parse_compact("20240229", 8, &day));
  calendar_format_compact(day, text);
  ck_assert_str_eq(text, "20240229");
  ck_assert(!calendar_parse_compact("20230229", 8, &day));
  ck_assert(!calendar_parse_compact("2024022", 7, &day));
  ck_assert(!calendar_parse_compact("202402290", 9, &day));
  ck_assert(!calendar_parse_compact("2024-229", 8, &day));
}
END_TEST

START_TEST(numbers_agree_with_a_walk_through_every_day) {
  struct calendar_day day = {1, 1, 1};
  int32_t number = calendar_number(day);
  ck_assert_int_eq(number, -719162);
  while (day.year < 2500) {
    ck_assert_int_eq(calendar_number(day), number);
    struct calendar_day back = calendar_from_number(number);
    ck_assert(back.year == day.year && back.month == day.month && back.day == day.day);
    number++;
    if (++day.day > calendar_days_in_month(day.year, day.month)) day.day = 1, day.month++;
    if (day.month > 12) day.month = 1, day.year++;
  }
}
END_TEST

START_TEST(days_between_two_days_are_counted_either_way) {
  ck_assert_int_eq(calendar_days_between(day_of("2022-05-15"), day_of("2022-09-17")), 125);
  ck_assert_int_eq(calendar_days_between(day_of("2022-09-17"), day_of("2022-05-15")), -125);
}
END_TEST

START_TEST(instants_are_written_in_utc) {
  char text[CALENDAR_INSTANT_SIZE];
  calendar_format_instant(0, text);
  ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
  calendar_format_instant(-1, text);
  ck_assert_str_eq(text, "1969-12-31T23:59:59Z");
  calendar_format_instant(1709209845, text);
  ck_assert_str_eq(text, "2024-02-29T12:30:45Z");
  calendar_format_instant(INT64_MAX, text);
  ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
  calendar_format_instant(INT64_MIN, text);
  ck_assert_str_eq(text, "0001-01-01T00:00:00Z");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("calendar");
  TCase *days = tcase_create("days");
  tcase_add_test(days, a_day_is_read_strictly);
  tcase_add_test(days, x12_writes_days_without_dashes);
  tcase_add_test(days, numbers_agree_with_a_walk_through_every_day);
  tcase_add_test(days, days_between_two_days_are_counted_either_way);
  tcase_add_test(days, instants_are_written_in_utc);
  tcase_set_timeout(days, 60);
  suite_add_tcase(suite, days);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
