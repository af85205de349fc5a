/*
 * Checking one value of a CSV feed by its type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "format/x12/x12.h"
#include "load/feed.h"
#include "medicare/ident.h"

enum { TEXT_MOST = 200 /* characters */ };

static const struct verdict good = {false, NULL, NULL};

static struct verdict refuse(const char *words) { return (struct verdict){true, NULL, words}; }

static struct verdict flag(enum ident_fault fault) {
  return (struct verdict){false, ident_code(fault), ident_words(fault)};
}

static bool all_letters_or_digits(const char *text, size_t least, size_t most) {
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++)
    if (!isdigit((unsigned char)text[i]) && !(text[i] >= 'A' && text[i] <= 'Z')) return false;
  return length >= least && length <= most;
}

static bool all_digits(const char *text, size_t count) {
  return strlen(text) == count && strspn(text, "0123456789") == count;
}

/* An identifier that breaks its rule is kept with a flag where the database can hold it (standards, section
 * 0, point 1). */
static struct verdict keep_or_refuse(enum ident_fault fault, const char *text, size_t length, size_t least,
                                     size_t most, bool digits, char value[FEED_VALUE_SIZE]) {
  enum ident_fault clean = ident_clean(text, length, value, IDENT_SIZE);
  if (clean == IDENT_GOOD && all_letters_or_digits(value, least, most) &&
      (!digits || all_digits(value, most)))
    return flag(fault);
  return refuse(ident_words(clean == IDENT_GOOD ? fault : clean));
}

static struct verdict check_npi(const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  enum ident_fault fault = ident_npi(text, length, value);
  return fault == IDENT_GOOD ? good : keep_or_refuse(fault, text, length, 10, 10, true, value);
}

static struct verdict check_ptan(const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  enum ident_fault fault = ident_ptan(text, length, IDENT_ANY_LINE, value);
  return fault == IDENT_GOOD ? good : keep_or_refuse(fault, text, length, 4, 13, false, value);
}

static struct verdict check_mbi(const char *text, size_t length, bool synthetic_allowed,
                                char value[FEED_VALUE_SIZE]) {
  enum ident_fault fault = ident_mbi(text, length, synthetic_allowed, value);
  return fault == IDENT_GOOD ? good : keep_or_refuse(fault, text, length, 11, 11, false, value);
}

static struct verdict of_ident(enum ident_fault fault) {
  return fault == IDENT_GOOD ? good : refuse(ident_words(fault));
}

static struct verdict check_contractor(const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  bool clean = ident_clean(text, length, value, IDENT_SIZE) == IDENT_GOOD && all_digits(value, 5);
  return clean ? good : refuse("A contractor number has five digits.");
}

/* Control characters and NUL are not text. */
static struct verdict check_text(const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  size_t characters = 0;
  for (size_t i = 0; i < length; characters++) {
    uint32_t character = 0;
    size_t step = utf8_next(text + i, length - i, &character);
    if (step > 0 && utf8_is_control(character)) return refuse("It has control characters.");
    i += step > 0 ? step : 1; /* what is not UTF-8 is treated as ISO 8859-1 when it is written */
  }
  if (characters > TEXT_MOST || length >= FEED_VALUE_SIZE) return refuse("It is longer than 200 characters.");
  memcpy(value, text, length);
  value[length] = '\0';
  return utf8_count(text, length) == SIZE_MAX
             ? (struct verdict){false, "encoding", "It is not UTF-8; it was read as ISO 8859-1."}
             : good;
}

static struct verdict check_date(const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  struct calendar_day day;
  char turned[CALENDAR_DAY_SIZE];
  bool american = length == 10 && text[2] == '/' && text[5] == '/';
  if (american) (void)snprintf(turned, sizeof turned, "%.4s-%.2s-%.2s", text + 6, text, text + 3);
  bool found = american      ? calendar_parse(turned, 10, &day)
               : length == 8 ? calendar_parse_compact(text, length, &day)
                             : calendar_parse(text, length, &day);
  if (!found || day.year < 1800) return refuse("Write a calendar date as YYYY-MM-DD.");
  (void)snprintf(value, FEED_VALUE_SIZE, "%04d-%02d-%02d", day.year, day.month, day.day);
  return good;
}

static struct verdict check_money(const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  int64_t cents = 0;
  if (x12_money((struct x12_text){text, length}, &cents) != X12_VALUE_OK)
    return refuse("Write an amount as 1234.56, with at most two decimals.");
  (void)cents_text(cents, value);
  return good;
}

static struct verdict check_word(const char *text, size_t length, const char *const *words,
                                 char value[FEED_VALUE_SIZE]) {
  if (length < 32) {
    memcpy(value, text, length);
    value[length] = '\0';
    for (char *at = value; *at != '\0'; at++)
      *at = *at == ' ' || *at == '-' ? '_' : (char)tolower((unsigned char)*at);
    for (size_t i = 0; words[i] != NULL; i++)
      if (strcmp(words[i], value) == 0) return good;
  }
  return refuse("It is not one of the allowed words (sql/feeds.md lists them).");
}

struct verdict feed_check_value(const struct feed_column *column, bool synthetic_mbi_allowed,
                                const char *text, size_t length, char value[FEED_VALUE_SIZE]) {
  switch (column->type) {
    case FEED_TEXT: return check_text(text, length, value);
    case FEED_CONTRACTOR: return check_contractor(text, length, value);
    case FEED_NPI: return check_npi(text, length, value);
    case FEED_PTAN: return check_ptan(text, length, value);
    case FEED_TIN: return of_ident(ident_tin(text, length, value));
    case FEED_MBI: return check_mbi(text, length, synthetic_mbi_allowed, value);
    case FEED_STATE: return of_ident(ident_state(text, length, value));
    case FEED_DATE: return check_date(text, length, value);
    case FEED_MONEY: return check_money(text, length, value);
    case FEED_PAYMENT_NUMBER: return of_ident(ident_payment_number(text, length, value));
    case FEED_WORD: return check_word(text, length, column->words, value);
  }
  return refuse("It cannot be read.");
}
