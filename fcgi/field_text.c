/*
 * Checks of the text types: see field_check.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/crypto.h>
#include <string.h>

#include "base/utf8.h"
#include "field_check.h"
#include "secret/token.h"

enum { TEXT_MOST = 200, LONG_TEXT_MOST = 4000, NAME_MOST = 60, PASSWORD_MOST = 256, CODE_SIZE = 64 };

bool check_trim(const char **text, size_t *length) {
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

static void check_bounds(struct check *check, size_t count, size_t most) {
  size_t highest = check->field->max > 0 ? check->field->max : most;
  if (count > highest)
    check_fail(check, "too_long",
               arena_format(check->arena, "Use at most %zu characters; there are %zu.", highest, count));
  else if (count < check->field->min)
    check_fail(check, "too_short",
               arena_format(check->arena, "Use at least %zu characters.", check->field->min));
}

/* Copies without carriage returns and invisible characters, which people paste along with the text; a tab
 * becomes a blank. Replies would show signs for them (utf8_sign()). In a name, runs of blanks become one. */
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
    if (blank || character == '\r' || utf8_is_invisible(character)) continue;
    if (character == '\t') copy[to++] = ' ';
    else {
      memcpy(copy + to, check->text + at, step);
      to += step;
    }
  }
  if (copy != NULL) copy[to] = '\0';
  check_give(check, copy);
}

void check_text(struct check *check) {
  size_t count = 0;
  if (check->field->type == FIELD_NAME && !check_is_name(check->text, check->length)) {
    check_fail(
        check, "name_form",
        "Use only letters, spaces, apostrophes, hyphens, commas, and periods, with a space after a period.");
    return;
  }
  for (size_t at = 0, step; at < check->length; at += step, count++) {
    uint32_t character = 0;
    step = utf8_next(check->text + at, check->length - at, &character);
    if (!is_refused(check->field, character)) continue;
    check_fail(check, "control_character",
               "This contains a character that cannot be used here. Type it again.");
    return;
  }
  check_bounds(check, count,
               check->field->type == FIELD_LONG_TEXT ? LONG_TEXT_MOST
               : check->field->type == FIELD_NAME    ? NAME_MOST
                                                     : TEXT_MOST);
  if (check->fault.code == NULL) copy_text(check);
}

/* NIST SP 800-63B-4: used exactly as received, without rules of composition, never cut. */
void check_password(struct check *check) {
  check_bounds(check, utf8_count(check->text, check->length), PASSWORD_MOST);
  if (check->fault.code == NULL) check_give(check, arena_secret(check->arena, check->text, check->length));
}

void check_code(struct check *check) {
  char code[CODE_SIZE];
  size_t most = check->field->max > 0 ? check->field->max : CODE_SIZE - 1;
  bool good = token_code_clean(check->text, check->length, code, sizeof code);
  size_t length = good ? strlen(code) : 0;
  if (!good || length > most || length < check->field->min)
    check_fail(check, "code_form",
               "A code has only letters and digits. Compare it with the message or letter.");
  else check_give(check, arena_secret(check->arena, code, length));
  OPENSSL_cleanse(code, sizeof code);
}
