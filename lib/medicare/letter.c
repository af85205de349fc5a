/*
 * The access-code letter as an accessible PDF. See letter.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Cairo and Pango keep copies of the text while they work, which cannot be wiped; they are freed before the
 * document is returned. Only the jobs daemon makes letters, and no web worker.
 */
#include "medicare/letter.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "format/pdf.h"

enum { GROUP = 4, GROUPED_MAX = LETTER_CODE_MAX * 5 / 4 + 1 };

/* A #10 window envelope shows 2.5 to 3.2 inches of a letter folded in three, wherever the fold slides. */
static const double WINDOW_TOP = 2.3 * 72;
static const double TEXT_TOP = 3.6 * 72;

struct letter_data {
  const struct access_code_letter *letter;
  char code[GROUPED_MAX];
};

static int is_code_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int letter_group_code(const char *code, char *text, size_t capacity) {
  size_t used = 0, count = 0;

  for (; code && *code; code++) {
    if (*code == ' ' || *code == '-') continue;
    if (!is_code_character(*code) || count == LETTER_CODE_MAX || used + 3 > capacity) return -1;
    if (count > 0 && count % GROUP == 0) text[used++] = '-';
    text[used++] = *code;
    count++;
  }
  if (count == 0) return -1;
  text[used] = '\0';
  return 0;
}

static void write_sender(struct pdf_document *document, const struct access_code_letter *letter) {
  pdf_heading(document, 1, letter->contractor_name);
  pdf_paragraph(document, letter->contractor_address);
  pdf_address(document, WINDOW_TOP, letter->addressee);
  pdf_gap_to(document, TEXT_TOP);
  pdf_paragraph(document, letter->written_on);
}

static void write_steps(struct pdf_document *document, const struct access_code_letter *letter) {
  char first[512];

  snprintf(first, sizeof first, "1. Open %.300s and log in with the account that requested access.",
           letter->base_url ? letter->base_url : "the portal");
  pdf_heading(document, 2, "What to do");
  pdf_paragraph(document, first);
  pdf_paragraph(document, "2. Choose Manage account, then the provider account named above.");
  pdf_paragraph(
      document,
      "3. Enter the access code. Upper and lower case are the same, and you may leave out the hyphens.");
  pdf_paragraph(document, "4. The customer service number (CSN) appears. Give it to the people in your "
                          "office who request access.");
}

static void write_letter(struct pdf_document *document, const void *data) {
  const struct letter_data *whole = data;
  const struct access_code_letter *letter = whole->letter;
  const struct pdf_definition account[] = {
      {"NPI", letter->npi},
      {"PTAN", letter->ptan},
      {"TIN, last five digits", letter->tin_last_five},
      {"Code expires on", letter->expires_on},
  };
  char help[400];

  write_sender(document, letter);
  pdf_heading(document, 2, "Your access code");
  pdf_paragraph(
      document,
      "Your request to be the Local Security Officer (LSO) of the provider account below was approved. "
      "This code completes it. It works once, and only for this provider account.");
  pdf_code(document, whole->code);
  pdf_definitions(document, account, sizeof account / sizeof *account);
  write_steps(document, letter);
  snprintf(help, sizeof help,
           "Keep this letter to yourself: we never ask for the code by telephone or email. "
           "If nobody in your office requested access, or the code has expired, call %.200s.",
           letter->contractor_phone && *letter->contractor_phone ? letter->contractor_phone : "us");
  pdf_paragraph(document, help);
}

unsigned char *access_code_letter_pdf(const struct access_code_letter *letter, size_t *length) {
  struct letter_data data = {.letter = letter};
  struct pdf_properties properties = {.title = "Your access code for the provider portal",
                                      .language = "en-US",
                                      .footer = letter->contractor_name,
                                      .made_at = letter->written_at};
  unsigned char *bytes = NULL;

  *length = 0;
  if (letter_group_code(letter->access_code, data.code, sizeof data.code) == 0)
    bytes = pdf_make(&properties, write_letter, &data, length);
  OPENSSL_cleanse(data.code, sizeof data.code);
  return bytes;
}
