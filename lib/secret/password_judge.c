/*
 * Judging a password when it is chosen: its length, and whether it is easy to guess.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/crypto.h>
#include <string.h>

#include "base/utf8.h"
#include "secret/password.h"
#include "secret/password_common.h"

static const struct {
  const char *code, *words;
} password_faults[PASSWORD_FAULT_COUNT] = {
    [PASSWORD_GOOD] = {"good", ""},
    [PASSWORD_ENCODING] =
        {"password_encoding",
         "This password contains an invisible or broken character. Type it, or use another."},
    [PASSWORD_SHORT] = {"password_short",
                        "This password is too short. A few words in a row are long and easy to remember."},
    [PASSWORD_LONG] = {"password_long", "This password is too long: 128 characters at most."},
    [PASSWORD_OWN_NAME] =
        {"password_own_name",
         "This password contains your user ID, your name, or your e-mail address. Choose one without them."},
    [PASSWORD_COMMON] = {"password_common",
                         "This password is among the first that people guess. Combine a few "
                         "words that have nothing to do with each other."},
    [PASSWORD_PATTERN] =
        {"password_pattern",
         "This password repeats itself or follows the keyboard, so it is guessed quickly. Choose another."},
};

const char *password_fault_code(enum password_fault fault) {
  return (size_t)fault < PASSWORD_FAULT_COUNT ? password_faults[fault].code : "password_invalid";
}

const char *password_fault_words(enum password_fault fault) {
  return (size_t)fault < PASSWORD_FAULT_COUNT ? password_faults[fault].words : "Choose another password.";
}

static char lower(char character) {
  return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

/* Lower case, with signs read as the letters they stand for when `plain` asks for it. */
static void fold_password(const char *password, size_t length, bool plain, char *folded) {
  static const char signs[] = "@4$50137!", letters[] = "aassoletl";
  for (size_t i = 0; i < length; i++) {
    char character = lower(password[i]);
    const char *sign = plain ? strchr(signs, character) : NULL;
    folded[i] = sign != NULL && *sign != '\0' ? letters[sign - signs] : character;
  }
  folded[length] = '\0';
}

/* One piece of up to `length` / 3 characters, again and again: aaaa..., 123123123..., abcdabcd... */
static bool repeats(const char *folded, size_t length) {
  for (size_t piece = 1; piece * 3 <= length; piece++) {
    size_t i = piece;
    while (i < length && folded[i] == folded[i - piece]) i++;
    if (i == length) return true;
  }
  return false;
}

static bool next_on_keyboard(char a, char b) {
  static const char *const rows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *at = strchr(rows[i], a);
    if (a != '\0' && at != NULL && ((at > rows[i] && at[-1] == b) || (at[1] != '\0' && at[1] == b)))
      return true;
  }
  return false;
}

/* Nearly every character is the neighbour of the one before, in the alphabet, in counting or on the keyboard.
 */
static bool runs(const char *folded, size_t length) {
  size_t steps = 0;
  for (size_t i = 1; i < length; i++) {
    int step = folded[i] - folded[i - 1];
    if ((step >= -1 && step <= 1) || next_on_keyboard(folded[i - 1], folded[i])) steps++;
  }
  return length > 1 && steps * 10 >= (length - 1) * 8;
}

static bool is_letter_of_any_alphabet(char character) {
  return (character >= 'a' && character <= 'z') || (unsigned char)character >= 0x80;
}

/* Takes common words off `plain` and counts what was typed as a letter (in `folded`) and is left. */
static size_t own_letters(char *plain, const char *folded) {
  for (size_t i = 0; i < sizeof password_common / sizeof password_common[0]; i++) {
    size_t size = strlen(password_common[i]);
    for (char *at = plain; (at = strstr(at, password_common[i])) != NULL;) memset(at, ' ', size);
  }
  size_t left = 0;
  for (size_t i = 0; plain[i] != '\0'; i++) left += plain[i] != ' ' && is_letter_of_any_alphabet(folded[i]);
  return left;
}

static bool holds_letter(const char *folded) {
  while (*folded != '\0' && !is_letter_of_any_alphabet(*folded)) folded++;
  return *folded != '\0';
}

/* Whether `folded` holds a part of `own` of four characters or more; parts end at blanks, dots, dashes and
 * signs. */
static bool holds_part_of(const char *folded, const char *own) {
  char part[64];
  while (*own != '\0') {
    size_t length = strcspn(own, " .,-_@'");
    if (length >= 4 && length < sizeof part) {
      fold_password(own, length, false, part);
      if (strstr(folded, part) != NULL) return true;
    }
    own += length + (own[length] != '\0');
  }
  return false;
}

static bool is_printable(const char *password, size_t length) {
  for (size_t at = 0; at < length;) {
    uint32_t character = 0;
    size_t bytes = utf8_next(password + at, length - at, &character);
    if (bytes == 0 || character < 0x20 || (character >= 0x7F && character < 0xA0)) return false;
    at += bytes;
  }
  return true;
}

enum password_fault password_judge(const char *password, size_t length, unsigned least,
                                   const char *const *own) {
  char folded[PASSWORD_BYTES_MOST + 1], plain[PASSWORD_BYTES_MOST + 1];
  enum password_fault fault = PASSWORD_GOOD;
  if (length > PASSWORD_BYTES_MOST) return PASSWORD_LONG;
  if (!is_printable(password, length)) return PASSWORD_ENCODING;
  size_t characters = utf8_count(password, length);
  if (characters < least) return PASSWORD_SHORT;
  if (characters > PASSWORD_MOST) return PASSWORD_LONG;
  fold_password(password, length, false, folded);
  fold_password(password, length, true, plain);
  for (; own != NULL && *own != NULL; own++)
    if (holds_part_of(folded, *own)) fault = PASSWORD_OWN_NAME;
  if (fault == PASSWORD_GOOD && (repeats(folded, length) || runs(folded, length))) fault = PASSWORD_PATTERN;
  /* Digits and signs alone are not words: long ones that follow no pattern are the owner's own. */
  if (fault == PASSWORD_GOOD && own_letters(plain, folded) < 4 && (holds_letter(folded) || length < 20))
    fault = PASSWORD_COMMON;
  OPENSSL_cleanse(folded, sizeof folded);
  OPENSSL_cleanse(plain, sizeof plain);
  return fault;
}
