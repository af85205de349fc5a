/*
 * Cleaning and checking of identifiers. Every check runs on the cleaned text, so
 * a form field, an API client, and a file are read the same way. Sources of the
 * forms: standards.md section 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "medicare/ident.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
  const char *code, *words;
} faults[IDENT_FAULT_COUNT] = {
    [IDENT_GOOD] = {"good", ""},
    [IDENT_REQUIRED] = {"required", "Fill this in."},
    [IDENT_ENCODING] = {"encoding",
                        "This contains bytes that are not UTF-8 text. Type it instead of pasting it."},
    [IDENT_CONTROL] = {"control_character",
                       "This contains an invisible control character. Type it instead of pasting it."},
    [IDENT_LOOK_ALIKE] = {"look_alike",
                          "This contains a character that is not a plain letter or digit, though "
                          "it may look like one. Type it on the "
                          "keyboard instead of pasting it."},
    [IDENT_LENGTH] = {"too_long", "This is too long."},
    [IDENT_NPI_FORM] = {"npi_form", "An NPI has ten digits and begins with 1 or 2."},
    [IDENT_NPI_CHECK_DIGIT] = {"npi_check_digit", "This NPI does not pass its check digit: one digit is "
                                                  "wrong or two are swapped. Compare it with your records."},
    [IDENT_MBI_FORM] = {"mbi_form", "A Medicare number has eleven letters and digits, like 1EG4-TE5-MK73. "
                                    "Copy it from the Medicare card."},
    [IDENT_MBI_LETTER] =
        {"mbi_letter",
         "A Medicare number never has the letters S, L, O, I, B, or Z. Perhaps it is a 5, 1, 0, 8, or 2. "
         "Compare it with the Medicare card."},
    [IDENT_MBI_SYNTHETIC] =
        {"mbi_synthetic",
         "This Medicare number is made up for tests. Enter the number on the Medicare card."},
    [IDENT_PTAN_FORM] =
        {"ptan_form",
         "A PTAN has six characters beginning with two digits (Part A, home health and hospice) or 4 to 10 "
         "letters and digits (Part B). It is in your enrollment letter."},
    [IDENT_TIN_FORM] = {"tin_form", "A tax identification number has nine digits."},
    [IDENT_TIN_LAST_FIVE] = {"tin_last_five",
                             "Enter exactly the last five digits of the tax identification number."},
    [IDENT_STATE_UNKNOWN] = {"state_unknown", "Enter the two letters of a state or territory, like ME."},
    [IDENT_USER_ID_FORM] = {"user_id_form", "A user ID has four letters and three digits, like ABCD123."},
    [IDENT_EMAIL_FORM] = {"email_form", "Enter one e-mail address, like name@example.org."},
    [IDENT_EMAIL_INTERNATIONAL] = {"email_international",
                                   "Enter an e-mail address with plain letters, digits, and signs. Other "
                                   "letters do not work with every mail server."},
    [IDENT_PHONE_FORM] = {"phone_form",
                          "Enter a phone number with area code, like 207-555-0123; an extension after x."},
    [IDENT_PAYMENT_NUMBER_FORM] = {"payment_number_form",
                                   "A check or EFT number has up to 30 letters and digits."},
};

const char *ident_code(enum ident_fault fault) {
  return (size_t)fault < IDENT_FAULT_COUNT ? faults[fault].code : "invalid";
}

const char *ident_words(enum ident_fault fault) {
  return (size_t)fault < IDENT_FAULT_COUNT ? faults[fault].words : "This is not valid.";
}

/* ---------------------------------------------------------------- cleaning */

static bool is_digit(char character) { return character >= '0' && character <= '9'; }
static bool is_letter(char character) { return character >= 'A' && character <= 'Z'; }
static bool is_alphanumeric(char character) { return is_digit(character) || is_letter(character); }

/* Hyphens and dashes, the minus sign, the soft hyphen. */
static bool is_dash(uint32_t character) {
  return character == '-' || character == 0xAD || (character >= 0x2010 && character <= 0x2015) ||
         character == 0x2212 || character == 0xFE58 || character == 0xFE63 || character == 0xFF0D;
}

/* Full-width ASCII, as East Asian keyboards give: the same character, only wider. Nothing else is folded: a
 * Cyrillic letter that looks Latin may be a mistake, or meant to deceive. */
static uint32_t fold(uint32_t character) {
  if (character >= 0xFF01 && character <= 0xFF5E) character -= 0xFEE0;
  return character;
}

/* Reads one character. Returns its fault; *character is 0 for one that is dropped. */
static enum ident_fault take(const char *text, size_t length, size_t *at, bool drop_dashes,
                             uint32_t *character) {
  size_t bytes = utf8_next(text + *at, length - *at, character);
  if (bytes == 0) return IDENT_ENCODING;
  *at += bytes;
  if (utf8_is_blank(*character) || (drop_dashes && is_dash(*character))) {
    *character = 0;
    return IDENT_GOOD;
  }
  if (*character == 0 || utf8_is_control(*character)) return IDENT_CONTROL;
  *character = fold(*character);
  return *character > 0x7E ? IDENT_LOOK_ALIKE : IDENT_GOOD;
}

enum ident_fault ident_clean(const char *text, size_t length, char *out, size_t size) {
  enum ident_fault fault = IDENT_GOOD;
  size_t used = 0;
  for (size_t at = 0; at < length && fault == IDENT_GOOD;) {
    uint32_t character = 0;
    fault = take(text, length, &at, true, &character);
    if (fault != IDENT_GOOD || character == 0) continue;
    if (character >= 'a' && character <= 'z') character -= 'a' - 'A';
    if (used + 1 >= size) fault = IDENT_LENGTH;
    else out[used++] = (char)character;
  }
  if (fault == IDENT_GOOD && used == 0) fault = IDENT_REQUIRED;
  if (size > 0) out[fault == IDENT_GOOD ? used : 0] = '\0';
  return fault;
}

/* Cleans into `out` and checks what is left; `out` is emptied on a fault. */
static enum ident_fault check(const char *text, size_t length, char *out,
                              bool (*fits)(const char *cleaned, size_t length), enum ident_fault otherwise) {
  enum ident_fault fault = ident_clean(text, length, out, IDENT_SIZE);
  if (fault == IDENT_GOOD && !fits(out, strlen(out))) fault = otherwise;
  if (fault == IDENT_LENGTH) fault = otherwise; /* the words of that fault say how long it is */
  if (fault != IDENT_GOOD) out[0] = '\0';
  return fault;
}

static bool all(const char *text, bool (*is)(char character)) {
  for (; *text != '\0'; text++)
    if (!is(*text)) return false;
  return true;
}

/* ---------------------------------------------------------------- NPI */

/* Luhn's sum of a number prefixed with 80840 (ISO/IEC 7812: 80 health, 840 United States): the prefix
 * adds 24. */
static int luhn_sum(const char *digits, size_t length, bool double_last) {
  int sum = 24;
  bool twice = double_last;
  for (size_t i = length; i-- > 0; twice = !twice) {
    int digit = (digits[i] - '0') * (twice ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum;
}

static bool npi_form(const char *text, size_t length) {
  return length == 10 && all(text, is_digit) && (text[0] == '1' || text[0] == '2');
}

enum ident_fault ident_npi(const char *text, size_t length, char out[static IDENT_SIZE]) {
  enum ident_fault fault = check(text, length, out, npi_form, IDENT_NPI_FORM);
  if (fault == IDENT_GOOD && luhn_sum(out, 10, false) % 10 != 0) {
    fault = IDENT_NPI_CHECK_DIGIT;
    out[0] = '\0';
  }
  return fault;
}

char ident_npi_check_digit(const char *nine_digits) {
  for (size_t i = 0; i < 9; i++)
    if (!is_digit(nine_digits[i])) return 0;
  return (char)('0' + (10 - luhn_sum(nine_digits, 9, true) % 10) % 10);
}

/* ---------------------------------------------------------------- MBI */

/* C a digit 1-9, N a digit, A a letter, X either (CMS, "Understanding the MBI format"). */
static const char mbi_pattern[] = "CAXNAXNAANN";

static bool mbi_position(char kind, char character) {
  switch (kind) {
    case 'C': return character >= '1' && character <= '9';
    case 'N': return is_digit(character);
    case 'A': return is_letter(character);
    default: return is_alphanumeric(character);
  }
}

static bool mbi_form(const char *text, size_t length) {
  if (length != sizeof mbi_pattern - 1) return false;
  for (size_t i = 0; i < length; i++)
    if (!mbi_position(mbi_pattern[i], text[i])) return false;
  return true;
}

enum ident_fault ident_mbi(const char *text, size_t length, bool synthetic_allowed,
                           char out[static IDENT_SIZE]) {
  enum ident_fault fault = check(text, length, out, mbi_form, IDENT_MBI_FORM);
  if (fault != IDENT_GOOD) return fault;
  bool synthetic = out[1] == 'S';
  bool forbidden = strpbrk(out + (synthetic ? 2 : 1), "SLOIBZ") != NULL;
  /* Invented ones may have any letter after the S. If they are not allowed, the answer says exactly that. */
  if (synthetic && !synthetic_allowed) fault = forbidden ? IDENT_MBI_LETTER : IDENT_MBI_SYNTHETIC;
  else if (!synthetic && forbidden) fault = IDENT_MBI_LETTER;
  if (fault != IDENT_GOOD) out[0] = '\0';
  return fault;
}

/* ---------------------------------------------------------------- PTAN, TIN, state */

static bool ptan_of_facility(const char *text, size_t length) {
  return length == 6 && is_digit(text[0]) && is_digit(text[1]) && all(text, is_alphanumeric);
}

static bool ptan_of_part_b(const char *text, size_t length) {
  return length >= 4 && length <= 10 && all(text, is_alphanumeric);
}

enum ident_fault ident_ptan(const char *text, size_t length, enum ident_line line,
                            char out[static IDENT_SIZE]) {
  bool facility = line == IDENT_PART_A || line == IDENT_HHH;
  return check(text, length, out, facility ? ptan_of_facility : ptan_of_part_b, IDENT_PTAN_FORM);
}

static bool nine_digits(const char *text, size_t length) { return length == 9 && all(text, is_digit); }
static bool five_digits(const char *text, size_t length) { return length == 5 && all(text, is_digit); }

enum ident_fault ident_tin(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return check(text, length, out, nine_digits, IDENT_TIN_FORM);
}

enum ident_fault ident_tin_last_five(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return check(text, length, out, five_digits, IDENT_TIN_LAST_FIVE);
}

static bool state_is_known(const char *text, size_t length) {
  static const char states[] =
      "AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC ND NE NH "
      "NJ NM NV NY "
      "OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY";
  if (length != 2 || !all(text, is_letter)) return false;
  for (size_t i = 0; i + 1 < sizeof states; i += 3)
    if (states[i] == text[0] && states[i + 1] == text[1]) return true;
  return false;
}

enum ident_fault ident_state(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return check(text, length, out, state_is_known, IDENT_STATE_UNKNOWN);
}

/* ---------------------------------------------------------------- payment number and user ID */

static bool payment_number_form(const char *text, size_t length) {
  return length >= 1 && length <= 30 && all(text, is_alphanumeric);
}
static bool user_id_form(const char *text, size_t length) {
  if (length != 7) return false;
  for (size_t i = 0; i < 7; i++)
    if (i < 4 ? !is_letter(text[i]) : !is_digit(text[i])) return false;
  return true;
}

enum ident_fault ident_payment_number(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return check(text, length, out, payment_number_form, IDENT_PAYMENT_NUMBER_FORM);
}

enum ident_fault ident_user_id(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return check(text, length, out, user_id_form, IDENT_USER_ID_FORM);
}

/* ---------------------------------------------------------------- e-mail */

/* Surrounding blanks are dropped, a blank inside is a fault; a dash belongs to the address. */
static enum ident_fault email_clean(const char *text, size_t length, char *out) {
  size_t used = 0;
  bool gap = false;
  for (size_t at = 0; at < length;) {
    uint32_t character = 0;
    enum ident_fault fault = take(text, length, &at, false, &character);
    if (fault == IDENT_LOOK_ALIKE) return IDENT_EMAIL_INTERNATIONAL;
    if (fault != IDENT_GOOD) return fault;
    if (character == 0) {
      gap = used > 0;
      continue;
    }
    if (gap || used + 1 >= IDENT_EMAIL_SIZE) return IDENT_EMAIL_FORM;
    if (character >= 'A' && character <= 'Z') character += 'a' - 'A';
    out[used++] = (char)character;
  }
  out[used] = '\0';
  return used == 0 ? IDENT_REQUIRED : IDENT_GOOD;
}

static bool is_local(char character) {
  return (character >= 'a' && character <= 'z') || is_digit(character) ||
         (character != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", character) != NULL);
}

static bool is_label(char character) {
  return (character >= 'a' && character <= 'z') || is_digit(character) || character == '-';
}

/* A dot-atom of RFC 5322: parts of allowed characters, none empty. */
static bool dot_atom(const char *text, size_t length, bool (*is)(char character)) {
  bool inside = false;
  for (size_t i = 0; i < length; i++) {
    if (text[i] != '.' && !is(text[i])) return false;
    if (text[i] == '.' && !inside) return false;
    inside = text[i] != '.';
  }
  return inside;
}

/* Labels of 1 to 63 that neither begin nor end with a dash, at least two of them, the last with a letter. */
static bool domain_form(const char *domain) {
  size_t length = strlen(domain), labels = 0;
  if (!dot_atom(domain, length, is_label)) return false;
  for (const char *label = domain; label != NULL; labels++) {
    size_t size = strcspn(label, ".");
    if (size > 63 || label[0] == '-' || label[size - 1] == '-') return false;
    if (label[size] == '\0' && (size < 2 || strspn(label, "0123456789-") == size)) return false;
    label = label[size] == '\0' ? NULL : label + size + 1;
  }
  return labels >= 2;
}

enum ident_fault ident_email(const char *text, size_t length, char out[static IDENT_EMAIL_SIZE]) {
  enum ident_fault fault = email_clean(text, length, out);
  if (fault == IDENT_GOOD) {
    const char *at = strchr(out, '@');
    size_t local = at == NULL ? 0 : (size_t)(at - out);
    if (local < 1 || local > 64 || !dot_atom(out, local, is_local) || !domain_form(at + 1))
      fault = IDENT_EMAIL_FORM;
    else if (strstr(at + 1, "xn--") != NULL) fault = IDENT_EMAIL_INTERNATIONAL;
  }
  if (fault != IDENT_GOOD) out[0] = '\0';
  return fault;
}

/* ---------------------------------------------------------------- phone */

/* Removes signs that are written between digits and a leading 1, in place; "EXT." and "#" become "x". */
static void phone_squeeze(char *text) {
  char *to = text;
  for (const char *from = text; *from != '\0'; from++) {
    if (strchr("().+/,:", *from) != NULL) continue;
    if (strncmp(from, "EXT", 3) == 0) {
      *to++ = 'x';
      from += 2;
    } else {
      *to++ = *from == 'X' || *from == '#' ? 'x' : *from;
    }
  }
  *to = '\0';
  if (text[0] == '1') memmove(text, text + 1, strlen(text));
}

/* NXX-NXX-XXXX: area and exchange begin with 2 to 9; an extension of 1 to 6 digits. */
static bool phone_form(const char *text) {
  size_t digits = strspn(text, "0123456789");
  if (digits != 10 || text[0] < '2' || text[3] < '2') return false;
  if (text[10] == '\0') return true;
  size_t extension = strlen(text + 11);
  return text[10] == 'x' && extension >= 1 && extension <= 6 && strspn(text + 11, "0123456789") == extension;
}

enum ident_fault ident_phone(const char *text, size_t length, char out[static IDENT_SIZE]) {
  enum ident_fault fault = ident_clean(text, length, out, IDENT_SIZE);
  if (fault == IDENT_LENGTH) fault = IDENT_PHONE_FORM;
  if (fault == IDENT_GOOD) {
    phone_squeeze(out);
    if (!phone_form(out)) fault = IDENT_PHONE_FORM;
  }
  if (fault != IDENT_GOOD) out[0] = '\0';
  return fault;
}
