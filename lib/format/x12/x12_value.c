/*
 * Values inside X12 elements: money, quantities, counts and dates, read from text without floating point and
 * without guessing. What cannot be read exactly is refused with a reason; the mapper decides what follows
 * from that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "format/x12/x12.h"

enum { MONEY_DIGITS = 10 /* before the point: money is numeric(12,2) in the database */ };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* A type R number taken apart: sign, digits before and after the point. */
struct decimal {
  bool negative;
  struct x12_text whole; /* without leading zeros */
  struct x12_text fraction;
};

static struct x12_text take_digits(const char **at, const char *end) {
  const char *start = *at;
  while (*at < end && is_digit(**at)) (*at)++;
  return (struct x12_text){start, (size_t)(*at - start)};
}

/* X12.6: an optional minus, digits, at most one point; no plus sign and no exponent. */
static enum x12_value split_decimal(struct x12_text text, struct decimal *out) {
  if (text.length == 0) return X12_VALUE_ABSENT;
  const char *at = text.data;
  const char *end = at + text.length;
  out->negative = *at == '-';
  at += out->negative ? 1 : 0;
  out->whole = take_digits(&at, end);
  size_t digits = out->whole.length;
  out->fraction = (struct x12_text){at, 0};
  if (at < end && *at == '.') {
    at++;
    out->fraction = take_digits(&at, end);
    digits += out->fraction.length;
  }
  if (at != end || digits == 0) return X12_VALUE_SYNTAX;
  while (out->whole.length > 0 && out->whole.data[0] == '0') {
    out->whole.data++;
    out->whole.length--;
  }
  while (out->fraction.length > 0 && out->fraction.data[out->fraction.length - 1] == '0')
    out->fraction.length--;
  return X12_VALUE_OK;
}

enum x12_value x12_money(struct x12_text text, int64_t *cents) {
  *cents = 0;
  struct decimal number;
  enum x12_value status = split_decimal(text, &number);
  if (status != X12_VALUE_OK) return status;
  if (number.fraction.length > 2) return X12_VALUE_PRECISE;
  if (number.whole.length > MONEY_DIGITS) return X12_VALUE_TOO_LARGE;
  int64_t value = 0;
  for (size_t i = 0; i < number.whole.length; i++) value = value * 10 + (number.whole.data[i] - '0');
  for (size_t i = 0; i < 2; i++)
    value = value * 10 + (i < number.fraction.length ? number.fraction.data[i] - '0' : 0);
  *cents = number.negative ? -value : value;
  return X12_VALUE_OK;
}

enum x12_value x12_decimal(struct x12_text text, size_t digits, size_t decimals) {
  struct decimal number;
  enum x12_value status = split_decimal(text, &number);
  if (status != X12_VALUE_OK) return status;
  if (number.fraction.length > decimals) return X12_VALUE_PRECISE;
  return number.whole.length > digits ? X12_VALUE_TOO_LARGE : X12_VALUE_OK;
}

enum x12_value x12_count(struct x12_text text, uint64_t *count) {
  *count = 0;
  if (text.length == 0) return X12_VALUE_ABSENT;
  uint64_t value = 0;
  for (size_t i = 0; i < text.length; i++) {
    if (!is_digit(text.data[i])) return X12_VALUE_SYNTAX;
    if (value > 99999999) return X12_VALUE_TOO_LARGE;
    value = value * 10 + (uint64_t)(text.data[i] - '0');
  }
  *count = value;
  return X12_VALUE_OK;
}

static int digits_value(const char *digits, size_t count) {
  int value = 0;
  for (size_t i = 0; i < count; i++) value = value * 10 + (digits[i] - '0');
  return value;
}

static int days_of_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

enum x12_value x12_date(struct x12_text text, char iso[11]) {
  iso[0] = '\0';
  if (text.length == 0) return X12_VALUE_ABSENT;
  if (text.length != 8) return X12_VALUE_SYNTAX;
  for (size_t i = 0; i < 8; i++)
    if (!is_digit(text.data[i])) return X12_VALUE_SYNTAX;
  int year = digits_value(text.data, 4);
  int month = digits_value(text.data + 4, 2);
  int day = digits_value(text.data + 6, 2);
  if (year < 1800 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
    return X12_VALUE_SYNTAX;
  memcpy(iso, text.data, 4);
  iso[4] = '-';
  memcpy(iso + 5, text.data + 4, 2);
  iso[7] = '-';
  memcpy(iso + 8, text.data + 6, 2);
  iso[10] = '\0';
  return X12_VALUE_OK;
}

enum x12_value x12_date_range(struct x12_text text, char from[11], char to[11]) {
  from[0] = '\0';
  to[0] = '\0';
  if (text.length == 0) return X12_VALUE_ABSENT;
  if (text.length != 17 || text.data[8] != '-') return X12_VALUE_SYNTAX;
  enum x12_value first = x12_date((struct x12_text){text.data, 8}, from);
  enum x12_value second = x12_date((struct x12_text){text.data + 9, 8}, to);
  if (first == X12_VALUE_OK && second == X12_VALUE_OK && memcmp(from, to, 10) <= 0) return X12_VALUE_OK;
  from[0] = '\0';
  to[0] = '\0';
  return X12_VALUE_SYNTAX;
}

const char *x12_value_words(enum x12_value value) {
  switch (value) {
    case X12_VALUE_OK: return "is good";
    case X12_VALUE_ABSENT: return "is missing";
    case X12_VALUE_SYNTAX: return "cannot be read";
    case X12_VALUE_PRECISE: return "has more decimals than can be stored";
    case X12_VALUE_TOO_LARGE: return "has too many digits";
  }
  return "cannot be read";
}
