/*
 * Days: parsing, counting, and writing. The conversion between a day and its
 * number counts years from March, so that the leap day is the last of its year
 * (the method of Howard Hinnant's "chrono-compatible low-level date
 * algorithms"). It is correct for every day of the years 1 to 9999.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/calendar.h"

#define DAYS_OF_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

bool calendar_is_leap_year(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int calendar_days_in_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return 0;
  return month == 2 && calendar_is_leap_year(year) ? 29 : days[month - 1];
}

bool calendar_is_day(int year, int month, int day) {
  return year >= 1 && year <= 9999 && day >= 1 && day <= calendar_days_in_month(year, month);
}

/* `count` digits as a number, or -1. */
static int digits(const char *text, size_t count) {
  int value = 0;
  for (size_t i = 0; i < count; i++) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

static bool take(int year, int month, int day, struct calendar_day *out) {
  if (!calendar_is_day(year, month, day)) return false;
  *out = (struct calendar_day){year, month, day};
  return true;
}

bool calendar_parse(const char *text, size_t length, struct calendar_day *day) {
  if (length != 10 || text[4] != '-' || text[7] != '-') return false;
  return take(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2), day);
}

bool calendar_parse_compact(const char *text, size_t length, struct calendar_day *day) {
  if (length != 8) return false;
  return take(digits(text, 4), digits(text + 4, 2), digits(text + 6, 2), day);
}

int32_t calendar_number(struct calendar_day day) {
  int32_t year = day.month <= 2 ? day.year - 1 : day.year;
  int32_t era = year / 400; /* years are 0 or more here */
  int32_t year_of_era = year - era * 400;
  int32_t day_of_year = (153 * (day.month > 2 ? day.month - 3 : day.month + 9) + 2) / 5 + day.day - 1;
  int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_1970;
}

struct calendar_day calendar_from_number(int32_t number) {
  int64_t shifted = (int64_t)number + DAYS_TO_1970;
  int64_t era = (shifted >= 0 ? shifted : shifted - DAYS_OF_400_YEARS + 1) / DAYS_OF_400_YEARS;
  int day_of_era = (int)(shifted - era * DAYS_OF_400_YEARS);
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int month = (5 * day_of_year + 2) / 153; /* from March */
  struct calendar_day day = {.day = day_of_year - (153 * month + 2) / 5 + 1};
  day.month = month < 10 ? month + 3 : month - 9;
  day.year = (int)(era * 400) + year_of_era + (day.month <= 2 ? 1 : 0);
  return day;
}

int32_t calendar_days_between(struct calendar_day from, struct calendar_day to) {
  return calendar_number(to) - calendar_number(from);
}

/* `count` digits with leading zeros, without a locale. */
static char *put(char *text, int value, int count) {
  for (int i = count - 1; i >= 0; i--, value /= 10) text[i] = (char)('0' + value % 10);
  return text + count;
}

static char *put_day(char *text, struct calendar_day day) {
  text = put(text, day.year, 4);
  *text++ = '-';
  text = put(text, day.month, 2);
  *text++ = '-';
  return put(text, day.day, 2);
}

void calendar_format(struct calendar_day day, char text[static CALENDAR_DAY_SIZE]) {
  *put_day(text, day) = '\0';
}

void calendar_format_compact(struct calendar_day day, char text[static CALENDAR_COMPACT_SIZE]) {
  *put(put(put(text, day.year, 4), day.month, 2), day.day, 2) = '\0';
}

/* Date and time to the second, without the Z. */
static char *put_instant(char *text, int64_t seconds) {
  const int64_t first = -62135596800, last = 253402300799; /* 0001-01-01T00:00:00Z, 9999-12-31T23:59:59Z */
  if (seconds < first) seconds = first;
  if (seconds > last) seconds = last;
  int64_t days = seconds / 86400;
  int second = (int)(seconds % 86400);
  if (second < 0) {
    second += 86400;
    days--;
  }
  text = put_day(text, calendar_from_number((int32_t)days));
  *text++ = 'T';
  text = put(text, second / 3600, 2);
  *text++ = ':';
  text = put(text, second / 60 % 60, 2);
  *text++ = ':';
  return put(text, second % 60, 2);
}

void calendar_format_instant(int64_t seconds, char text[static CALENDAR_INSTANT_SIZE]) {
  char *end = put_instant(text, seconds);
  end[0] = 'Z';
  end[1] = '\0';
}
