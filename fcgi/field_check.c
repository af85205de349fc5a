/*
 * Checks of single values: identifiers, dates, money, numbers, choices, and the
 * table that ties each type to its check. See field_check.h. The syntax of
 * identifiers is defined in lib/medicare/ident.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "field_check.h"

#include <string.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "medicare/ident.h"
#include "route.h"

typedef void (*check_function)(struct check *check);

void check_fail(struct check *check, const char *code, const char *message) {
  check->fault = (struct field_fault){code, message};
}

void check_give(struct check *check, const char *value) {
  check->value = value;
  check->no_memory = value == NULL;
}

/* ---------------------------------------------------------------- identifiers */

static void check_identifier(struct check *check) {
  char out[IDENT_EMAIL_SIZE] = "";
  enum ident_fault fault = IDENT_GOOD;
  switch (check->field->type) {
    case FIELD_EMAIL: fault = ident_email(check->text, check->length, out); break;
    case FIELD_PHONE: fault = ident_phone(check->text, check->length, out); break;
    case FIELD_USER_ID: fault = ident_user_id(check->text, check->length, out); break;
    case FIELD_NPI: fault = ident_npi(check->text, check->length, out); break;
    case FIELD_PTAN: fault = ident_ptan(check->text, check->length, IDENT_ANY_LINE, out); break;
    case FIELD_TIN: fault = ident_tin_last_five(check->text, check->length, out); break;
    /* Whether test identifiers are allowed is a setting of the database; if they are not, none is found. */
    case FIELD_MBI: fault = ident_mbi(check->text, check->length, true, out); break;
    case FIELD_STATE: fault = ident_state(check->text, check->length, out); break;
    default: break;
  }
  if (fault != IDENT_GOOD) check_fail(check, ident_code(fault), ident_words(fault));
  else check_give(check, arena_text(check->arena, out));
}

/* ---------------------------------------------------------------- dates, money, numbers */

static void check_date(struct check *check) {
  struct calendar_day day;
  if (!calendar_parse(check->text, check->length, &day))
    check_fail(check, "date_form", "Enter a date as YYYY-MM-DD, for example 2026-11-21.");
  else check_give(check, arena_text_n(check->arena, check->text, check->length));
}

/* The digits before the point, without commas, into `whole`. False when a comma is not followed by groups of
 * three digits. */
static bool read_whole(const char *text, size_t length, char *whole, size_t size) {
  const char *comma = memchr(text, ',', length);
  size_t digits = 0, since_comma = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == ',') {
      if (since_comma == 0 || since_comma > 3 || (text + i != comma && since_comma != 3)) return false;
      since_comma = 0;
      continue;
    }
    if (text[i] < '0' || text[i] > '9' || digits + 1 >= size) return false;
    since_comma++;
    if (digits == 0 && text[i] == '0' && i + 1 < length) continue; /* leading zeros */
    whole[digits++] = text[i];
  }
  whole[digits] = '\0';
  return digits > 0 && (comma == NULL || since_comma == 3);
}

/* "1234.56", "1,234.5", "$1234" -> two decimals; at most numeric(12,2). */
static void check_money(struct check *check) {
  const char *text = check->text;
  size_t length = check->length;
  char whole[16], cents[3] = "00";
  if (length > 0 && text[0] == '$') text++, length--;
  const char *point = memchr(text, '.', length);
  size_t before = point == NULL ? length : (size_t)(point - text);
  size_t after = point == NULL ? 0 : length - before - 1;
  bool good = after <= 2 && (point == NULL || after > 0) && read_whole(text, before, whole, sizeof whole) &&
              strlen(whole) <= 10;
  for (size_t i = 0; good && i < after; i++) {
    good = point[1 + i] >= '0' && point[1 + i] <= '9';
    cents[i] = point[1 + i];
  }
  if (good) check_give(check, arena_format(check->arena, "%s.%s", whole, cents));
  else check_fail(check, "money_form", "Enter an amount in dollars and cents, for example 1234.56.");
}

static bool read_integer(const char *text, size_t length, int64_t *value) {
  bool negative = length > 0 && text[0] == '-';
  size_t at = negative ? 1 : 0;
  if (at == length || length - at > 18) return false;
  int64_t sum = 0;
  for (; at < length; at++) {
    if (text[at] < '0' || text[at] > '9') return false;
    sum = sum * 10 + (text[at] - '0');
  }
  *value = negative ? -sum : sum;
  return true;
}

static void check_integer(struct check *check) {
  int64_t value, lowest = (int64_t)check->field->min,
                 highest = check->field->max > 0 ? (int64_t)check->field->max : INT32_MAX;
  if (!read_integer(check->text, check->length, &value))
    check_fail(check, "not_a_number", "Enter a whole number.");
  else if (value < lowest || value > highest)
    check_fail(check, "out_of_range",
               arena_format(check->arena, "Enter a whole number from %lld to %lld.", (long long)lowest,
                            (long long)highest));
  else check_give(check, arena_format(check->arena, "%lld", (long long)value));
}

static void check_boolean(struct check *check) {
  bool yes = check->length == 4 && memcmp(check->text, "true", 4) == 0;
  bool no = check->length == 5 && memcmp(check->text, "false", 5) == 0;
  if (yes || no) check_give(check, yes ? "true" : "false");
  else check_fail(check, "not_a_boolean", "Send true or false.");
}

static void check_id(struct check *check) {
  if (route_is_id(check->text, check->length))
    check_give(check, arena_text_n(check->arena, check->text, check->length));
  else check_fail(check, "id_form", "Send an id as this API gave it: a positive whole number, as a string.");
}

static const char *find_choice(const struct field *field, const char *text, size_t length) {
  for (const char *const *choice = field->choices; choice != NULL && *choice != NULL; choice++)
    if (strlen(*choice) == length && memcmp(*choice, text, length) == 0) return *choice;
  return NULL;
}

static void check_choice(struct check *check) {
  const char *choice = find_choice(check->field, check->text, check->length);
  if (choice != NULL) {
    check_give(check, choice);
    return;
  }
  const char *list = "";
  for (const char *const *at = check->field->choices; at != NULL && *at != NULL && list != NULL; at++)
    list = arena_format(check->arena, "%s%s%s", list, list[0] == '\0' ? "" : ", ", *at);
  check_fail(check, "not_a_choice",
             arena_format(check->arena, "Choose one of: %s.", list == NULL ? "" : list));
}

/* ---------------------------------------------------------------- the table of types */

static const struct {
  check_function check;
  enum field_form form;
  bool as_received; /* not trimmed, not emptied */
} types[] = {
    [FIELD_TEXT] = {check_text, FORM_TEXT, false},
    [FIELD_LONG_TEXT] = {check_text, FORM_TEXT, false},
    [FIELD_NAME] = {check_text, FORM_TEXT, false},
    [FIELD_EMAIL] = {check_identifier, FORM_TEXT, false},
    [FIELD_PHONE] = {check_identifier, FORM_TEXT, false},
    [FIELD_USER_ID] = {check_identifier, FORM_TEXT, false},
    [FIELD_PASSWORD] = {check_password, FORM_TEXT, true},
    [FIELD_CODE] = {check_code, FORM_TEXT, false},
    [FIELD_NPI] = {check_identifier, FORM_TEXT, false},
    [FIELD_PTAN] = {check_identifier, FORM_TEXT, false},
    [FIELD_TIN] = {check_identifier, FORM_TEXT, false},
    [FIELD_MBI] = {check_identifier, FORM_TEXT, false},
    [FIELD_STATE] = {check_identifier, FORM_TEXT, false},
    [FIELD_DATE] = {check_date, FORM_TEXT, false},
    [FIELD_MONEY] = {check_money, FORM_TEXT, false},
    [FIELD_INTEGER] = {check_integer, FORM_WHOLE_NUMBER, false},
    [FIELD_BOOLEAN] = {check_boolean, FORM_TRUE_OR_FALSE, false},
    [FIELD_ID] = {check_id, FORM_TEXT, false},
    [FIELD_CURSOR] = {check_text, FORM_TEXT, false},
    [FIELD_CHOICE] = {check_choice, FORM_TEXT, false},
    /* The items of lists: */
    [FIELD_CHOICES] = {check_choice, FORM_LIST, false},
    [FIELD_IDS] = {check_id, FORM_LIST, false},
    [FIELD_INTEGERS] = {check_integer, FORM_LIST, false},
};

bool field_check(struct arena *arena, const struct field *field, const char *text, size_t length,
                 const char **value, struct field_fault *fault) {
  struct check check = {.arena = arena, .field = field, .text = text, .length = length};
  *value = NULL;
  if (memchr(text, '\0', length) != NULL || utf8_count(text, length) == SIZE_MAX)
    check_fail(&check, "not_utf8", "This is not readable text. Send it as UTF-8 without NUL.");
  else if (!types[field->type].as_received) check_trim(&check.text, &check.length);
  if (check.fault.code == NULL && check.length > 0) types[field->type].check(&check);
  *fault = check.fault;
  *value = check.fault.code == NULL ? check.value : NULL;
  return !check.no_memory && (check.fault.code == NULL || check.fault.message != NULL);
}

enum field_form field_form(enum field_type type) { return types[type].form; }
