/*
 * The letter that brings the access code to a provider's billing address.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * LSO-04: when the first LSO's request is approved, the code is sent on paper only. It is in this document
 * and nowhere else.
 */
#ifndef CONNEX_MEDICARE_LETTER_H
#define CONNEX_MEDICARE_LETTER_H

#include <stddef.h>
#include <time.h>

/* All texts are UTF-8; dates are formatted ("November 21, 2026"). NULL or "" shows a dash. */
struct access_code_letter {
  const char *contractor_name;
  const char *contractor_address; /* lines separated by '\n': the sender */
  const char *contractor_phone;
  const char *written_on;
  time_t written_at;     /* the same, for the file's creation date */
  const char *addressee; /* lines separated by '\n': provider's name and billing address, for the window */
  const char *npi;
  const char *ptan;
  const char *tin_last_five;
  const char *access_code; /* letters and digits; printed in groups of four */
  const char *expires_on;
  const char *base_url; /* where to enter it */
};

enum { LETTER_CODE_MAX = 32 }; /* characters of an access code, without blanks and hyphens */

/* Writes the code in groups of four separated by hyphens, as it is printed and may be typed: "ABCDEFGH" as
 * "ABCD-EFGH". Blanks and hyphens of the input are dropped. `text` needs room for LETTER_CODE_MAX * 5 / 4 +
 * 1; returns 0, or -1 when the code is empty, too long or holds anything but letters and digits. The caller
 * wipes `text`. */
int letter_group_code(const char *code, char *text, size_t capacity);

/* The letter as PDF: malloc'ed bytes (the caller wipes and frees: they show the code) and *length, or NULL
 * when it could not be made, for example because the code is unusable. */
unsigned char *access_code_letter_pdf(const struct access_code_letter *letter, size_t *length);

#endif
