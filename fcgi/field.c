/*
 * Input against its declaration: see field.h. What an identifier looks like is
 * lib/medicare/ident.c's; here is the rest: texts, dates, money, numbers, choices, and the
 * table that ties a type to its check.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "field.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "medicare/ident.h"
#include "secret/token.h"

enum {
  TEXT_MOST = 200,
  LONG_TEXT_MOST = 4000,
  NAME_MOST = 60,
  PASSWORD_MOST = 256,
  CODE_SIZE = 64,
  ITEMS_MOST = 1000
};

/* One value on its way through a check. */
struct check {
  struct arena *arena;
  const struct field *field;
  const char *text;
  size_t length;
  const char *value; /* canonical, when there is no fault */
  struct field_fault fault;
  bool no_memory;
};

typedef void (*check_function)(struct check *check);

static void fail(struct check *check, const char *code, const char *message) {
  check->fault = (struct field_fault){code, message};
}

static void give(struct check *check, const char *value) {
  check->value = value;
  check->no_memory = value == NULL;
}

/* ---------------------------------------------------------------- texts */

/* Cuts blanks of any kind from both ends; false when the bytes are not UTF-8. */
static bool trim(const char **text, size_t *length) {
  const char *start = *text;
  size_t left = *length, end = 0;
  bool begun = false;
  for (size_t at = 0, step; at < *length; at += step) {
    uint32_t character;
    step = utf8_next(*text + at, *length - at, &character);
    if (step == 0) return false;
    if (utf8_is_blank(character)) continue;
    if (!begun) start = *text + at;
    begun = true;
    end = at + step;
  }
  left = begun ? (size_t)(*text + end - start) : 0;
  *text = start;
  *length = left;
  return true;
}

static bool is_refused(const struct field *field, uint32_t character) {
  if (field->type == FIELD_LONG_TEXT && (character == '\n' || character == '\t' || character == '\r'))
    return false;
  return utf8_is_control(character);
}

/* What stands in no name, beyond ASCII, in order: digits of other scripts, punctuation and symbols. Letters
 * and marks of every script stay. Apostrophes and hyphens among them are let through before this is asked. */
static const struct {
  uint32_t first, last;
} no_letters[] = {
    {0xa1, 0xa9},       {0xab, 0xb4},       {0xb6, 0xb6},       {0xb8, 0xb9},       {0xbb, 0xbf},
    {0xd7, 0xd7},       {0xf7, 0xf7},       {0x2c2, 0x2c5},     {0x2d2, 0x2df},     {0x2e5, 0x2eb},
    {0x2ed, 0x2ed},     {0x2ef, 0x2ff},     {0x375, 0x375},     {0x37e, 0x37e},     {0x384, 0x385},
    {0x387, 0x387},     {0x482, 0x482},     {0x55a, 0x55f},     {0x589, 0x58f},     {0x5be, 0x5be},
    {0x5c0, 0x5c0},     {0x5c3, 0x5c3},     {0x5c6, 0x5c6},     {0x600, 0x60f},     {0x61b, 0x61f},
    {0x660, 0x66d},     {0x6d4, 0x6d4},     {0x6dd, 0x6de},     {0x6f0, 0x6f9},     {0x700, 0x70f},
    {0x7c0, 0x7c9},     {0x830, 0x83e},     {0x964, 0x970},     {0x9e6, 0x9ef},     {0x9f2, 0x9fb},
    {0xa66, 0xa6f},     {0xae6, 0xaf1},     {0xb66, 0xb70},     {0xbe6, 0xbfa},     {0xc66, 0xc6f},
    {0xce6, 0xcef},     {0xd66, 0xd79},     {0xde6, 0xdef},     {0xe3f, 0xe3f},     {0xe4f, 0xe5b},
    {0xed0, 0xed9},     {0xf01, 0xf17},     {0xf1a, 0xf34},     {0xf3a, 0xf3d},     {0x1040, 0x104f},
    {0x1090, 0x1099},   {0x1360, 0x137c},   {0x166d, 0x166e},   {0x17d4, 0x17e9},   {0x1800, 0x1819},
    {0x1944, 0x194f},   {0x19d0, 0x19da},   {0x1a80, 0x1a99},   {0x1b50, 0x1b6a},   {0x1bb0, 0x1bb9},
    {0x1c40, 0x1c49},   {0x1c50, 0x1c59},   {0x2010, 0x2070},   {0x2074, 0x207e},   {0x2080, 0x208e},
    {0x20a0, 0x20cf},   {0x2100, 0x2bff},   {0x2e00, 0x2fff},   {0x3001, 0x3004},   {0x3007, 0x3029},
    {0x302e, 0x3030},   {0x3036, 0x303f},   {0x30a0, 0x30a0},   {0x3190, 0x319f},   {0x3200, 0x33ff},
    {0x4dc0, 0x4dff},   {0xa4fe, 0xa4ff},   {0xa60d, 0xa60f},   {0xa620, 0xa629},   {0xa700, 0xa716},
    {0xa720, 0xa721},   {0xa789, 0xa78a},   {0xa8d0, 0xa8d9},   {0xa900, 0xa909},   {0xa9d0, 0xa9d9},
    {0xa9f0, 0xa9f9},   {0xaa50, 0xaa5f},   {0xabf0, 0xabf9},   {0xfd3e, 0xfd4f},   {0xfdfc, 0xfdff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff20},   {0xff3b, 0xff40},   {0xff5b, 0xff65},
    {0xffe0, 0xffff},   {0x10100, 0x1019c}, {0x10320, 0x10323}, {0x104a0, 0x104a9}, {0x11066, 0x1106f},
    {0x1d000, 0x1dfff}, {0x1f000, 0x1fbff},
};

/* A name's own signs: apostrophes, typed and typographic, hyphens, the middle dots of Catalan and Japanese.
 */
static bool is_name_sign(uint32_t c) {
  return c == '\'' || c == '-' || c == '.' || c == ',' || c == 0xb7 || (c >= 0x2010 && c <= 0x2011) ||
         (c >= 0x2018 && c <= 0x2019) || c == 0x30fb;
}

static bool is_name_letter(uint32_t c) {
  if (c < 0x80) return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  for (size_t i = 0; i < sizeof no_letters / sizeof no_letters[0]; i++)
    if (c >= no_letters[i].first && c <= no_letters[i].last) return false;
  return !utf8_is_control(c) && !utf8_is_blank(c);
}

/* A person's name stands in the portal's own mail, so it can hold no address and be no sentence with one:
 * letters and a name's own signs only, and no full stop with a word right behind it, of which mail programs
 * make a link. */
static bool is_name(const char *text, size_t length) {
  size_t letters_since_stop = 2;
  for (size_t at = 0, step; at < length; at += step) {
    uint32_t character = 0;
    step = utf8_next(text + at, length - at, &character);
    if (character >= 0x300 && character <= 0x36f) continue; /* an accent of the letter before it */
    bool letter = is_name_letter(character);
    bool blank = utf8_is_blank(character) && !utf8_is_control(character);
    if (!letter && !blank && !is_name_sign(character)) return false;
    if (!letter) letters_since_stop = character == '.' ? 0 : 2;
    else if (letters_since_stop < 2 && ++letters_since_stop == 2) return false;
  }
  return true;
}

static void check_bounds(struct check *check, size_t count, size_t most) {
  size_t highest = check->field->max > 0 ? check->field->max : most;
  if (count > highest)
    fail(check, "too_long",
         arena_format(check->arena, "Use at most %zu characters; there are %zu.", highest, count));
  else if (count < check->field->min)
    fail(check, "too_short", arena_format(check->arena, "Use at least %zu characters.", check->field->min));
}

/* Copies without carriage returns; in a name, runs of blanks become one. */
static void copy_text(struct check *check) {
  char *copy = arena_alloc(check->arena, check->length + 1);
  size_t to = 0;
  bool was_blank = false;
  for (size_t at = 0, step; copy != NULL && at < check->length; at += step) {
    uint32_t character = 0;
    step = utf8_next(check->text + at, check->length - at, &character);
    bool blank = check->field->type == FIELD_NAME && utf8_is_blank(character);
    if (blank && !was_blank) copy[to++] = ' ';
    was_blank = blank;
    if (blank || character == '\r') continue;
    memcpy(copy + to, check->text + at, step);
    to += step;
  }
  if (copy != NULL) copy[to] = '\0';
  give(check, copy);
}

static void check_text(struct check *check) {
  size_t count = 0;
  if (check->field->type == FIELD_NAME && !is_name(check->text, check->length)) {
    fail(check, "name_form",
         "A name has letters, blanks, apostrophes, hyphens, commas and full stops, with a blank after a full "
         "stop. Take "
         "everything else out.");
    return;
  }
  for (size_t at = 0, step; at < check->length; at += step, count++) {
    uint32_t character = 0;
    step = utf8_next(check->text + at, check->length - at, &character);
    if (!is_refused(check->field, character)) continue;
    fail(check, "control_character", "This holds a character that cannot be used here. Type it anew.");
    return;
  }
  check_bounds(check, count,
               check->field->type == FIELD_LONG_TEXT ? LONG_TEXT_MOST
               : check->field->type == FIELD_NAME    ? NAME_MOST
                                                     : TEXT_MOST);
  if (check->fault.code == NULL) copy_text(check);
}

/* NIST SP 800-63B-4: taken exactly as received, no rule of composition here, never cut. */
static void check_password(struct check *check) {
  check_bounds(check, utf8_count(check->text, check->length), PASSWORD_MOST);
  if (check->fault.code == NULL) give(check, arena_secret(check->arena, check->text, check->length));
}

static void check_code(struct check *check) {
  char code[CODE_SIZE];
  size_t most = check->field->max > 0 ? check->field->max : CODE_SIZE - 1;
  bool good = token_code_clean(check->text, check->length, code, sizeof code);
  size_t length = good ? strlen(code) : 0;
  if (!good || length > most || length < check->field->min)
    fail(check, "code_form", "A code holds only letters and digits. Check it against the message or letter.");
  else give(check, arena_secret(check->arena, code, length));
  OPENSSL_cleanse(code, sizeof code);
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
    /* Whether invented ones are admitted is a setting of the database; where they are not, none is found. */
    case FIELD_MBI: fault = ident_mbi(check->text, check->length, true, out); break;
    case FIELD_STATE: fault = ident_state(check->text, check->length, out); break;
    default: break;
  }
  if (fault != IDENT_GOOD) fail(check, ident_code(fault), ident_words(fault));
  else give(check, arena_text(check->arena, out));
}

/* ---------------------------------------------------------------- dates, money, numbers */

static void check_date(struct check *check) {
  struct calendar_day day;
  if (!calendar_parse(check->text, check->length, &day))
    fail(check, "date_form", "Give a day of the calendar as YYYY-MM-DD, for example 2026-11-21.");
  else give(check, arena_text_n(check->arena, check->text, check->length));
}

/* Digits before the point, without commas, into `whole`; false when commas stand elsewhere than every three
 * digits. */
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
  if (good) give(check, arena_format(check->arena, "%s.%s", whole, cents));
  else fail(check, "money_form", "Give an amount in dollars and cents, for example 1234.56.");
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
  if (!read_integer(check->text, check->length, &value)) fail(check, "not_a_number", "Give a whole number.");
  else if (value < lowest || value > highest)
    fail(check, "out_of_range",
         arena_format(check->arena, "Give a whole number from %lld to %lld.", (long long)lowest,
                      (long long)highest));
  else give(check, arena_format(check->arena, "%lld", (long long)value));
}

static void check_boolean(struct check *check) {
  bool yes = check->length == 4 && memcmp(check->text, "true", 4) == 0;
  bool no = check->length == 5 && memcmp(check->text, "false", 5) == 0;
  if (yes || no) give(check, yes ? "true" : "false");
  else fail(check, "not_a_boolean", "Give true or false.");
}

static void check_id(struct check *check) {
  static const char most[] = "9223372036854775807";
  bool good = check->length > 0 && check->length < sizeof most && check->text[0] != '0';
  for (size_t i = 0; good && i < check->length; i++) good = check->text[i] >= '0' && check->text[i] <= '9';
  if (good && check->length == sizeof most - 1) good = memcmp(check->text, most, check->length) <= 0;
  if (good) give(check, arena_text_n(check->arena, check->text, check->length));
  else fail(check, "id_form", "Give an id as this API gave it: a positive whole number, as a string.");
}

static const char *find_choice(const struct field *field, const char *text, size_t length) {
  for (const char *const *choice = field->choices; choice != NULL && *choice != NULL; choice++)
    if (strlen(*choice) == length && memcmp(*choice, text, length) == 0) return *choice;
  return NULL;
}

static void check_choice(struct check *check) {
  const char *choice = find_choice(check->field, check->text, check->length);
  if (choice != NULL) {
    give(check, choice);
    return;
  }
  const char *list = "";
  for (const char *const *at = check->field->choices; at != NULL && *at != NULL && list != NULL; at++)
    list = arena_format(check->arena, "%s%s%s", list, list[0] == '\0' ? "" : ", ", *at);
  fail(check, "not_a_choice", arena_format(check->arena, "Choose one of: %s.", list == NULL ? "" : list));
}

/* ---------------------------------------------------------------- the table of types */

enum json_form { JSON_TEXT, JSON_WHOLE_NUMBER, JSON_TRUE_OR_FALSE, JSON_LIST };

static const struct {
  check_function check;
  enum json_form form;
  bool as_received; /* not trimmed, not emptied */
} types[] = {
    [FIELD_TEXT] = {check_text, JSON_TEXT, false},
    [FIELD_LONG_TEXT] = {check_text, JSON_TEXT, false},
    [FIELD_NAME] = {check_text, JSON_TEXT, false},
    [FIELD_EMAIL] = {check_identifier, JSON_TEXT, false},
    [FIELD_PHONE] = {check_identifier, JSON_TEXT, false},
    [FIELD_USER_ID] = {check_identifier, JSON_TEXT, false},
    [FIELD_PASSWORD] = {check_password, JSON_TEXT, true},
    [FIELD_CODE] = {check_code, JSON_TEXT, false},
    [FIELD_NPI] = {check_identifier, JSON_TEXT, false},
    [FIELD_PTAN] = {check_identifier, JSON_TEXT, false},
    [FIELD_TIN] = {check_identifier, JSON_TEXT, false},
    [FIELD_MBI] = {check_identifier, JSON_TEXT, false},
    [FIELD_STATE] = {check_identifier, JSON_TEXT, false},
    [FIELD_DATE] = {check_date, JSON_TEXT, false},
    [FIELD_MONEY] = {check_money, JSON_TEXT, false},
    [FIELD_INTEGER] = {check_integer, JSON_WHOLE_NUMBER, false},
    [FIELD_BOOLEAN] = {check_boolean, JSON_TRUE_OR_FALSE, false},
    [FIELD_ID] = {check_id, JSON_TEXT, false},
    [FIELD_CHOICE] = {check_choice, JSON_TEXT, false},
    /* The items of lists: */
    [FIELD_CHOICES] = {check_choice, JSON_LIST, false},
    [FIELD_IDS] = {check_id, JSON_LIST, false},
    [FIELD_INTEGERS] = {check_integer, JSON_LIST, false},
};

bool field_check(struct arena *arena, const struct field *field, const char *text, size_t length,
                 const char **value, struct field_fault *fault) {
  struct check check = {.arena = arena, .field = field, .text = text, .length = length};
  *value = NULL;
  if (memchr(text, '\0', length) != NULL || utf8_count(text, length) == SIZE_MAX)
    fail(&check, "not_utf8", "This is not readable text. Send it as UTF-8 without NUL.");
  else if (!types[field->type].as_received) trim(&check.text, &check.length);
  if (check.fault.code == NULL && check.length > 0) types[field->type].check(&check);
  *fault = check.fault;
  *value = check.fault.code == NULL ? check.value : NULL;
  return !check.no_memory && (check.fault.code == NULL || check.fault.message != NULL);
}

/* ---------------------------------------------------------------- a whole body */

struct reading {
  struct arena *arena;
  const struct field *fields;
  size_t count;
  struct field_result *result;
  struct field_error **last;
  bool no_memory;
};

static void add_error(struct reading *reading, const char *field, const char *code, const char *message) {
  struct field_error *error = arena_alloc(reading->arena, sizeof *error);
  if (error == NULL || field == NULL || message == NULL) {
    reading->no_memory = true;
    return;
  }
  *error = (struct field_error){.field = field, .code = code, .message = message};
  *reading->last = error;
  reading->last = &error->next;
}

static bool reading_begin(struct reading *reading, struct arena *arena, const struct field *fields,
                          struct field_result *result) {
  *reading = (struct reading){.arena = arena, .fields = fields, .result = result, .last = &result->errors};
  *result = (struct field_result){0};
  while (fields[reading->count].name != NULL) reading->count++;
  result->values = arena_zero(arena, reading->count + 1, sizeof *result->values);
  result->given = arena_zero(arena, reading->count + 1, sizeof *result->given);
  return result->values != NULL && result->given != NULL;
}

static void read_text(struct reading *reading, size_t at, const char *text, size_t length) {
  struct field_fault fault;
  const struct field *field = &reading->fields[at];
  if (!field_check(reading->arena, field, text, length, &reading->result->values[at], &fault))
    reading->no_memory = true;
  else if (fault.code != NULL) add_error(reading, field->name, fault.code, fault.message);
}

static const char *item_text(json_t *item, enum field_type type, char number[24]) {
  if (type != FIELD_INTEGERS) return json_is_string(item) ? json_string_value(item) : NULL;
  if (!json_is_integer(item)) return NULL;
  snprintf(number, 24, "%lld", (long long)json_integer_value(item));
  return number;
}

static bool listed(json_t *list, size_t index, json_t *item) {
  for (size_t i = 0; i < index; i++)
    if (json_equal(json_array_get(list, i), item)) return true;
  return false;
}

static size_t append_item(char *text, size_t length, const char *value, bool comma) {
  if (comma) text[length++] = ',';
  size_t size = strlen(value);
  memcpy(text + length, value, size);
  return length + size;
}

/* A JSON array becomes a PostgreSQL array's text: {a,b}. Its items hold only letters, digits, _ and -. */
static void read_list(struct reading *reading, size_t at, json_t *list) {
  const struct field *field = &reading->fields[at];
  const struct field item_field = {.name = field->name, .type = field->type, .choices = field->choices};
  size_t count = json_array_size(list), length = 1;
  size_t most = field->max > 0 ? field->max : ITEMS_MOST;
  if (count > most || count < field->min) {
    add_error(reading, field->name, "list_length",
              arena_format(reading->arena, "Give %zu to %zu entries.", field->min, most));
    return;
  }
  char *text = arena_alloc(reading->arena, count * 65 + 3);
  if (text == NULL) {
    reading->no_memory = true;
    return;
  }
  text[0] = '{';
  for (size_t i = 0; i < count; i++) {
    json_t *item = json_array_get(list, i);
    char number[24];
    const char *raw = item_text(item, field->type, number), *value = NULL;
    struct field_fault fault = {"wrong_type", "Each entry must be of the kind that this list holds."};
    if (raw != NULL && !field_check(reading->arena, &item_field, raw, strlen(raw), &value, &fault))
      reading->no_memory = true;
    if (reading->no_memory) return;
    if (value != NULL && listed(list, i, item))
      fault = (struct field_fault){"doubled", "The same entry stands twice."};
    if (fault.code != NULL || value == NULL || strlen(value) > 64) {
      add_error(reading, field->name, fault.code == NULL ? "empty_entry" : fault.code,
                fault.code == NULL ? "An entry is empty." : fault.message);
      return;
    }
    length = append_item(text, length, value, i > 0);
  }
  text[length] = '}';
  text[length + 1] = '\0';
  reading->result->values[at] = text;
}

static const char *form_words(enum json_form form) {
  switch (form) {
    case JSON_WHOLE_NUMBER: return "This must be a whole number, without quotes.";
    case JSON_TRUE_OR_FALSE: return "This must be true or false, without quotes.";
    case JSON_LIST: return "This must be a list: [ ... ].";
    case JSON_TEXT: break;
  }
  return "This must be text, in quotes.";
}

static void read_member(struct reading *reading, size_t at, json_t *value) {
  const struct field *field = &reading->fields[at];
  enum json_form form = types[field->type].form;
  char number[24];
  if (value == NULL || json_is_null(value)) return;
  if (form == JSON_TEXT && json_is_string(value)) {
    read_text(reading, at, json_string_value(value), json_string_length(value));
  } else if (form == JSON_WHOLE_NUMBER && json_is_integer(value)) {
    int length = snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    read_text(reading, at, number, (size_t)length);
  } else if (form == JSON_TRUE_OR_FALSE && json_is_boolean(value)) {
    reading->result->values[at] = json_is_true(value) ? "true" : "false";
  } else if (form == JSON_LIST && json_is_array(value)) {
    read_list(reading, at, value);
  } else {
    add_error(reading, field->name, "wrong_type", form_words(form));
  }
}

/* A required field without a value, unless it has a fault already. */
static void read_need(struct reading *reading, size_t at, struct field_error **errors_before) {
  const struct field *field = &reading->fields[at];
  const char *value = reading->result->values[at];
  bool empty = value == NULL || (types[field->type].form == JSON_LIST && strcmp(value, "{}") == 0);
  if (field->need == FIELD_REQUIRED && empty && reading->last == errors_before)
    add_error(reading, field->name, "required", "This is needed.");
}

static size_t find_field(const struct reading *reading, const char *name, size_t length) {
  for (size_t i = 0; i < reading->count; i++)
    if (strlen(reading->fields[i].name) == length && memcmp(reading->fields[i].name, name, length) == 0)
      return i;
  return SIZE_MAX;
}

/* A name that nobody declared is given back only when it looks like one: it is text from outside. */
static void add_unknown(struct reading *reading, const char *name, size_t length) {
  bool plain = length > 0 && length <= 64;
  for (size_t i = 0; plain && i < length; i++)
    plain = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') || name[i] == '_';
  add_error(reading, plain ? arena_text_n(reading->arena, name, length) : "", "unknown_field",
            "There is no such field here. Leave it out, or check its spelling.");
}

bool field_read_json(struct arena *arena, const struct field *fields, json_t *object,
                     struct field_result *result) {
  struct reading reading;
  if (!reading_begin(&reading, arena, fields, result)) return false;
  if (!json_is_object(object)) {
    add_error(&reading, "", "not_an_object", "The body must be one JSON object: { ... }.");
    return !reading.no_memory;
  }
  for (size_t i = 0; i < reading.count; i++) {
    struct field_error **before = reading.last;
    json_t *member = json_object_get(object, fields[i].name);
    result->given[i] = member != NULL;
    read_member(&reading, i, member);
    read_need(&reading, i, before);
  }
  const char *name;
  json_t *value;
  json_object_foreach(object, name, value) {
    if (find_field(&reading, name, strlen(name)) == SIZE_MAX) add_unknown(&reading, name, strlen(name));
  }
  return !reading.no_memory;
}

/* ---------------------------------------------------------------- a query string */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Decoded text in the arena; NULL (with *faulty) when an escape is broken. */
static char *percent_decode(struct arena *arena, const char *text, size_t length, size_t *decoded,
                            bool *faulty) {
  char *out = arena_alloc(arena, length + 1);
  size_t to = 0;
  *faulty = false;
  for (size_t at = 0; out != NULL && at < length; at++) {
    if (text[at] != '%') {
      out[to++] = text[at] == '+' ? ' ' : text[at];
      continue;
    }
    int high = at + 2 < length ? hex_digit(text[at + 1]) : -1;
    int low = at + 2 < length ? hex_digit(text[at + 2]) : -1;
    if (high < 0 || low < 0) {
      *faulty = true;
      return NULL;
    }
    out[to++] = (char)(high * 16 + low);
    at += 2;
  }
  if (out != NULL) out[to] = '\0';
  *decoded = to;
  return out;
}

static void read_pair(struct reading *reading, const char *pair, size_t length, bool *seen) {
  const char *equals = memchr(pair, '=', length);
  size_t name = equals == NULL ? length : (size_t)(equals - pair);
  size_t at = find_field(reading, pair, name);
  if (at == SIZE_MAX) {
    add_unknown(reading, pair, name);
    return;
  }
  if (seen[at]) {
    add_error(reading, reading->fields[at].name, "doubled", "This is given twice.");
    return;
  }
  seen[at] = true;
  bool faulty;
  size_t decoded = 0;
  char *text = equals == NULL
                   ? NULL
                   : percent_decode(reading->arena, equals + 1, length - name - 1, &decoded, &faulty);
  if (equals == NULL) return;
  if (faulty)
    add_error(reading, reading->fields[at].name, "encoding",
              "A % must be followed by two hexadecimal digits.");
  else if (text == NULL) reading->no_memory = true;
  else read_text(reading, at, text, decoded);
}

bool field_read_query(struct arena *arena, const struct field *fields, const char *query,
                      struct field_result *result) {
  static const struct field none[] = {{0}};
  struct reading reading;
  if (!reading_begin(&reading, arena, fields == NULL ? none : fields, result)) return false;
  bool *seen = arena_zero(arena, reading.count + 1, sizeof *seen);
  if (seen == NULL) return false;
  for (const char *at = query; at != NULL && *at != '\0';) {
    size_t length = strcspn(at, "&");
    if (length > 0) read_pair(&reading, at, length, seen);
    at += length;
    if (*at == '&') at++;
  }
  for (size_t i = 0; i < reading.count; i++) {
    bool faulty = false;
    for (const struct field_error *error = result->errors; error != NULL; error = error->next)
      faulty = faulty || strcmp(error->field, reading.fields[i].name) == 0;
    if (!faulty) read_need(&reading, i, reading.last);
  }
  return !reading.no_memory;
}
