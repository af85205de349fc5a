/*
 * A body or a query string against its table of fields: see field.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { ITEMS_MOST = 1000, ITEM_LONGEST = 64, NAME_SHOWN = 60 };

struct reading {
  struct arena *arena;
  const struct field *fields;
  size_t count;
  bool *faulty; /* by field: it has an error */
  struct field_result *result;
  struct field_error **last;
  size_t errors;
  bool no_memory;
};

static bool reading_begin(struct reading *reading, struct arena *arena, const struct field *fields,
                          struct field_result *result) {
  *reading = (struct reading){.arena = arena, .fields = fields, .result = result, .last = &result->errors};
  *result = (struct field_result){0};
  while (fields[reading->count].name != NULL) reading->count++;
  result->values = arena_zero(arena, reading->count + 1, sizeof *result->values);
  result->given = arena_zero(arena, reading->count + 1, sizeof *result->given);
  reading->faulty = arena_zero(arena, reading->count + 1, sizeof *reading->faulty);
  return result->values != NULL && result->given != NULL && reading->faulty != NULL;
}

/* Errors beyond PROBLEM_ERRORS_MOST are only counted, so that a body with a hundred thousand faults takes
 * no memory. */
static void add_error(struct reading *reading, const char *field, const char *code, const char *message) {
  if (reading->errors++ >= PROBLEM_ERRORS_MOST) {
    reading->result->more_errors++;
    return;
  }
  struct field_error *error = arena_alloc(reading->arena, sizeof *error);
  if (error == NULL || field == NULL || message == NULL) {
    reading->no_memory = true;
    return;
  }
  *error = (struct field_error){.field = field, .code = code, .message = message};
  *reading->last = error;
  reading->last = &error->next;
}

static void add_fault(struct reading *reading, size_t at, const char *code, const char *message) {
  reading->faulty[at] = true;
  add_error(reading, reading->fields[at].name, code, message);
}

static size_t find_field(const struct reading *reading, const char *name, size_t length) {
  for (size_t i = 0; i < reading->count; i++)
    if (strlen(reading->fields[i].name) == length && memcmp(reading->fields[i].name, name, length) == 0)
      return i;
  return SIZE_MAX;
}

/* An unknown name is text from outside: it is repeated with visible signs, and its beginning only. */
static const char *shown_name(struct arena *arena, const char *name, size_t length) {
  char shown[4 * NAME_SHOWN + 1];
  size_t cut = 0;
  for (size_t count = 0; cut < length && count < NAME_SHOWN; count++) {
    size_t step = utf8_next(name + cut, length - cut, NULL);
    cut += step > 0 ? step : 1;
  }
  (void)utf8_visible(name, cut, shown, sizeof shown);
  return arena_format(arena, "%s%s", shown, cut < length ? "\u2026" : "");
}

static void add_unknown(struct reading *reading, const char *name, size_t length) {
  bool counted = reading->errors >= PROBLEM_ERRORS_MOST; /* and not kept, so that it takes no memory */
  add_error(reading, counted ? "" : shown_name(reading->arena, name, length), "unknown_field",
            "There is no such field here. Leave it out, or check its spelling.");
}

/* ---------------------------------------------------------------- one value */

/* For a text that is optional, "" is a value: it means that there is none. */
static bool may_be_empty(const struct field *field) {
  bool free_text = field->type == FIELD_TEXT || field->type == FIELD_LONG_TEXT || field->type == FIELD_NAME;
  return free_text && field->min == 0;
}

static void read_text(struct reading *reading, size_t at, const char *text, size_t length) {
  struct field_fault fault;
  const struct field *field = &reading->fields[at];
  const char **value = &reading->result->values[at];
  if (!field_check(reading->arena, field, text, length, value, &fault)) reading->no_memory = true;
  else if (fault.code != NULL) add_fault(reading, at, fault.code, fault.message);
  else if (*value == NULL && field->need != FIELD_REQUIRED && !may_be_empty(field))
    add_fault(reading, at, "empty", "This is empty. Enter a value, or leave the field out.");
}

/* A required field without a value, unless it has an error already. */
static void read_need(struct reading *reading, size_t at) {
  const struct field *field = &reading->fields[at];
  const char *value = reading->result->values[at];
  bool empty = value == NULL || (field_form(field->type) == FORM_LIST && strcmp(value, "{}") == 0);
  if (field->need == FIELD_REQUIRED && empty && !reading->faulty[at])
    add_fault(reading, at, "required", "This is required.");
}

/* ---------------------------------------------------------------- a list */

/* A number of JSON as the text of a whole number: 5, 5.0, and 5e0 are the same number (RFC 8259 section 6).
 * False when it is none. */
static bool whole_number(const json_t *number, char text[24]) {
  static const double exact = 9007199254740992.0; /* 2^53: beyond this, a double skips whole numbers */
  if (json_is_integer(number)) {
    snprintf(text, 24, "%lld", (long long)json_integer_value(number));
    return true;
  }
  double value = json_real_value(number);
  if (!json_is_real(number) || value != floor(value) || fabs(value) > exact) return false;
  snprintf(text, 24, "%.0f", value);
  return true;
}

static const char *item_text(const json_t *item, enum field_type type, char number[24]) {
  if (type != FIELD_INTEGERS) return json_string_value(item);
  return whole_number(item, number) ? number : NULL;
}

/* One item in canonical form; NULL, with the fault added, when it is not valid or is repeated. */
static const char *read_item(struct reading *reading, size_t at, const json_t *item,
                             const char *const *before, size_t count) {
  const struct field *field = &reading->fields[at];
  const struct field item_field = {.name = field->name, .type = field->type, .choices = field->choices};
  char number[24];
  const char *raw = item_text(item, field->type, number), *value = NULL;
  struct field_fault fault = {"wrong_type", "Every entry must be of the type of this list."};
  if (raw != NULL && !field_check(reading->arena, &item_field, raw, strlen(raw), &value, &fault))
    reading->no_memory = true;
  if (reading->no_memory) return NULL;
  for (size_t i = 0; value != NULL && i < count; i++)
    if (strcmp(before[i], value) == 0)
      fault = (struct field_fault){"doubled", "The same entry is in the list twice."};
  if (fault.code == NULL && (value == NULL || strlen(value) > ITEM_LONGEST))
    fault = (struct field_fault){"empty_entry", "An entry is empty."};
  if (fault.code == NULL) return value;
  add_fault(reading, at, fault.code, fault.message);
  return NULL;
}

/* A JSON array becomes the text of a PostgreSQL array: {a,b}. Its items contain only letters, digits, _ and
 * -. */
static void read_list(struct reading *reading, size_t at, json_t *list) {
  const struct field *field = &reading->fields[at];
  size_t count = json_array_size(list), most = field->max > 0 ? field->max : ITEMS_MOST;
  if (count > most || count < field->min) {
    add_fault(reading, at, "list_length",
              arena_format(reading->arena, "Send %zu to %zu entries.", field->min, most));
    return;
  }
  const char **items = arena_zero(reading->arena, count + 1, sizeof *items);
  char *text = arena_alloc(reading->arena, count * (ITEM_LONGEST + 1) + 3), *end = text;
  if (items == NULL || text == NULL) {
    reading->no_memory = true;
    return;
  }
  *end++ = '{';
  for (size_t i = 0; i < count; i++) {
    items[i] = read_item(reading, at, json_array_get(list, i), items, i);
    if (items[i] == NULL) return;
    if (i > 0) *end++ = ',';
    end = stpcpy(end, items[i]);
  }
  memcpy(end, "}", 2);
  reading->result->values[at] = text;
}

/* ---------------------------------------------------------------- a body */

static const char *form_words(enum field_form form) {
  switch (form) {
    case FORM_WHOLE_NUMBER: return "This must be a whole number, without quotes.";
    case FORM_TRUE_OR_FALSE: return "This must be true or false, without quotes.";
    case FORM_LIST: return "This must be a list: [ ... ].";
    case FORM_TEXT: break;
  }
  return "This must be text, in quotes.";
}

static void read_member(struct reading *reading, size_t at, json_t *value) {
  enum field_form form = field_form(reading->fields[at].type);
  char number[24];
  if (value == NULL) return;
  if (json_is_null(value)) {
    if (reading->fields[at].need == FIELD_OPTIONAL)
      add_fault(reading, at, "null_not_allowed", "Leave this field out instead of sending null.");
  } else if (form == FORM_TEXT && json_is_string(value)) {
    read_text(reading, at, json_string_value(value), json_string_length(value));
  } else if (form == FORM_WHOLE_NUMBER && whole_number(value, number)) {
    read_text(reading, at, number, strlen(number));
  } else if (form == FORM_TRUE_OR_FALSE && json_is_boolean(value)) {
    reading->result->values[at] = json_is_true(value) ? "true" : "false";
  } else if (form == FORM_LIST && json_is_array(value)) {
    read_list(reading, at, value);
  } else {
    add_fault(reading, at, "wrong_type", form_words(form));
  }
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
    json_t *member = json_object_get(object, fields[i].name);
    result->given[i] = member != NULL;
    read_member(&reading, i, member);
    read_need(&reading, i);
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

/* A whole number may be written here as in JSON: 5.0 is 5. */
static void read_query_value(struct reading *reading, size_t at, const char *text, size_t length) {
  bool whole = field_form(reading->fields[at].type) == FORM_WHOLE_NUMBER;
  json_t *number = whole ? json_loadb(text, length, JSON_DECODE_ANY, NULL) : NULL;
  char plain[24];
  if (whole_number(number, plain)) read_text(reading, at, plain, strlen(plain));
  else read_text(reading, at, text, length);
  json_decref(number);
}

static void read_pair(struct reading *reading, const char *pair, size_t length) {
  const char *equals = memchr(pair, '=', length), *value = equals == NULL ? pair + length : equals + 1;
  size_t name = equals == NULL ? length : (size_t)(equals - pair);
  size_t at = find_field(reading, pair, name);
  if (at == SIZE_MAX) {
    add_unknown(reading, pair, name);
    return;
  }
  if (reading->result->given[at]) {
    add_fault(reading, at, "doubled", "This occurs twice. Send it once.");
    return;
  }
  reading->result->given[at] = true;
  bool faulty;
  size_t decoded = 0;
  char *text = percent_decode(reading->arena, value, (size_t)(pair + length - value), &decoded, &faulty);
  if (faulty) add_fault(reading, at, "encoding", "A % must be followed by two hexadecimal digits.");
  else if (text == NULL) reading->no_memory = true;
  else read_query_value(reading, at, text, decoded);
}

bool field_read_query(struct arena *arena, const struct field *fields, const char *query,
                      struct field_result *result) {
  static const struct field none[] = {{0}};
  struct reading reading;
  if (!reading_begin(&reading, arena, fields == NULL ? none : fields, result)) return false;
  for (const char *at = query; at != NULL && *at != '\0';) {
    size_t length = strcspn(at, "&");
    if (length > 0) read_pair(&reading, at, length);
    at += length;
    if (*at == '&') at++;
  }
  for (size_t i = 0; i < reading.count; i++) read_need(&reading, i);
  return !reading.no_memory;
}
