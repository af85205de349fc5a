/*
 * Days without a time zone: read strictly, counted exactly, and written without
 * a buffer that threads share. Rules about days that reports must agree on are
 * in SQL; this is for text from outside and for logs.
 * The calendar is the proleptic Gregorian one, as in PostgreSQL and ISO 8601.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_CALENDAR_H
#define CONNEX_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct calendar_day {
  int year;  /* 1 to 9999 */
  int month; /* 1 to 12 */
  int day;   /* 1 to 31 */
};

/* Sizes of the texts, with the terminating NUL. */
#define CALENDAR_DAY_SIZE 11     /* 2026-11-21 */
#define CALENDAR_COMPACT_SIZE 9  /* 20261121 */
#define CALENDAR_INSTANT_SIZE 21 /* 2026-11-21T19:20:00Z */

bool calendar_is_leap_year(int year);
int calendar_days_in_month(int year, int month); /* 0 for a number that is not a month */
bool calendar_is_day(int year, int month, int day);

/* Exactly YYYY-MM-DD, and a day that exists. False: *day is unchanged. */
bool calendar_parse(const char *text, size_t length, struct calendar_day *day);

/* Exactly CCYYMMDD, as X12 writes it (DTM02, D8). */
bool calendar_parse_compact(const char *text, size_t length, struct calendar_day *day);

/* Days since 1970-01-01 (negative before), and back. */
int32_t calendar_number(struct calendar_day day);
struct calendar_day calendar_from_number(int32_t number);

/* How many days `to` is after `from`; negative when it is before. */
int32_t calendar_days_between(struct calendar_day from, struct calendar_day to);

void calendar_format(struct calendar_day day, char text[static CALENDAR_DAY_SIZE]);
void calendar_format_compact(struct calendar_day day, char text[static CALENDAR_COMPACT_SIZE]);

/* Seconds since 1970-01-01T00:00:00Z as RFC 3339 in UTC; years outside 1 to 9999 become the first or last
 * instant of that range. */
void calendar_format_instant(int64_t seconds, char text[static CALENDAR_INSTANT_SIZE]);

#endif
