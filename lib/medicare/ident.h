/*
 * Identifiers from people and files: cleaned (pasted blanks, dashes, zero-width
 * characters, and full-width forms are accepted), checked, and written in
 * canonical form: upper case, no dashes, no blanks. One table gives each fault a
 * stable code word and plain words that say how to correct it.
 *
 * Input that a person types is checked strictly; an import calls the same
 * functions, but keeps what fails, with the code word as its flag (standards.md section 0, point 1).
 *
 * All functions take text that need not end with NUL and write a NUL-terminated
 * canonical text to `out`, IDENT_SIZE bytes unless it says otherwise; on a
 * fault `out` is empty. `out` may not overlap `text`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_MEDICARE_IDENT_H
#define CONNEX_MEDICARE_IDENT_H

#include <stdbool.h>
#include <stddef.h>

#define IDENT_SIZE 64
#define IDENT_EMAIL_SIZE 255 /* RFC 5321: 254 characters */

enum ident_fault {
  IDENT_GOOD = 0,
  IDENT_REQUIRED,        /* nothing, or nothing but blanks and dashes */
  IDENT_ENCODING,        /* not UTF-8 */
  IDENT_CONTROL,         /* a control character or NUL */
  IDENT_LOOK_ALIKE,      /* a letter of another alphabet, or any other character that is not ASCII */
  IDENT_LENGTH,          /* far too long for any identifier */
  IDENT_NPI_FORM,        /* not ten digits beginning with 1 or 2 */
  IDENT_NPI_CHECK_DIGIT, /* Luhn with prefix 80840 (45 CFR 162.406) */
  IDENT_MBI_FORM,
  IDENT_MBI_LETTER,    /* S, L, O, I, B or Z, which no MBI has */
  IDENT_MBI_SYNTHETIC, /* an invented one (S in position 2) where those are not allowed */
  IDENT_PTAN_FORM,
  IDENT_TIN_FORM,
  IDENT_TIN_LAST_FIVE,
  IDENT_STATE_UNKNOWN,
  IDENT_USER_ID_FORM,
  IDENT_EMAIL_FORM,
  IDENT_EMAIL_INTERNATIONAL,
  IDENT_PHONE_FORM,
  IDENT_PAYMENT_NUMBER_FORM,
  IDENT_FAULT_COUNT
};

/* The code word of problem+json (stable, e.g. "npi_check_digit") and the words for a person. Never NULL. */
const char *ident_code(enum ident_fault fault);
const char *ident_words(enum ident_fault fault);

/* Blanks of any kind, dashes of any kind, zero-width characters, and soft hyphens are removed; full-width
 * letters and digits are folded; letters are upper-cased. What is left is printable ASCII. Everything else is
 * refused. */
enum ident_fault ident_clean(const char *text, size_t length, char *out, size_t size);

enum ident_fault ident_npi(const char *text, size_t length, char out[static IDENT_SIZE]);

/* The tenth digit of an NPI whose first nine are given: '0' to '9', or 0 when they are not nine digits. */
char ident_npi_check_digit(const char *nine_digits);

/* Eleven characters, CMS's form without S L O I B Z. `synthetic_allowed` (setting synthetic_mbi_allowed)
 * accepts S in position 2, the convention for invented people. */
enum ident_fault ident_mbi(const char *text, size_t length, bool synthetic_allowed,
                           char out[static IDENT_SIZE]);

/* PTAN: for Part A and home health and hospice the six-character CCN, two digits first; for Part B 4 to 10
 * letters and digits. */
enum ident_line { IDENT_ANY_LINE, IDENT_PART_A, IDENT_PART_B, IDENT_HHH };
enum ident_fault ident_ptan(const char *text, size_t length, enum ident_line line,
                            char out[static IDENT_SIZE]);

/* Nine digits (the check of prefixes is left out on purpose: IRS adds some); and REG-08's last five. */
enum ident_fault ident_tin(const char *text, size_t length, char out[static IDENT_SIZE]);
enum ident_fault ident_tin_last_five(const char *text, size_t length, char out[static IDENT_SIZE]);

/* Two letters of a state, the District or a territory of the United States. */
enum ident_fault ident_state(const char *text, size_t length, char out[static IDENT_SIZE]);

/* Four letters and three digits, upper-cased (REG-02). */
enum ident_fault ident_user_id(const char *text, size_t length, char out[static IDENT_SIZE]);

/* Check or EFT number: 1 to 30 letters and digits. */
enum ident_fault ident_payment_number(const char *text, size_t length, char out[static IDENT_SIZE]);

/* One mailbox, local@domain, lower-cased (SHR-01 compares so). Internationalized addresses are refused with
 * words: mail servers that cannot take them would lose the security code. */
enum ident_fault ident_email(const char *text, size_t length, char out[static IDENT_EMAIL_SIZE]);

/* A number of the North American plan: ten digits, "2075550123", with an extension "2075550123x12". */
enum ident_fault ident_phone(const char *text, size_t length, char out[static IDENT_SIZE]);

#endif
