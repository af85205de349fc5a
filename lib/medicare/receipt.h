/*
 * The PDF receipt of a redetermination request: proof of what was filed and when.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * It names the claim by its control number and shows nothing of the beneficiary: a receipt is printed,
 * mailed, and filed, and the office knows its claim.
 */
#ifndef CONNEX_MEDICARE_RECEIPT_H
#define CONNEX_MEDICARE_RECEIPT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct receipt_line {
  const char *number;         /* "1" */
  const char *service_on;     /* in the form to be shown */
  const char *procedure_code; /* HCPCS or revenue code, with modifiers */
  const char *charged;        /* "125.00" */
  const char *paid;
};

struct receipt_attachment {
  const char *name;   /* as the office named the file */
  int64_t size;       /* bytes */
  int pages;          /* 0 where the type has none or it is not known */
  const char *sha256; /* 64 hexadecimal digits */
};

/* All texts are UTF-8; dates and times are formatted, with their zone. NULL or ""
 * shows a dash, and leaves out a whole part if it is marked "optional". */
struct receipt {
  const char *contractor_name;
  const char *confirmation_number;
  const char *received; /* "November 21, 2026, 2:20:05 PM Eastern Time" */
  time_t received_at;   /* the same, for the file's creation date */
  const char *requester_name;
  const char *provider_name;
  const char *npi;
  const char *ptan;
  const char *tin_last_five;
  const char *claim_number;         /* ICN or DCN */
  const char *decided_on;           /* of the remittance that carried the initial determination */
  const char *deadline_on;          /* last day to file, 42 CFR 405.942 */
  const char *decision_due_on;      /* 42 CFR 405.950 */
  const char *late_reason;          /* optional: good cause, 42 CFR 405.942(b) */
  const char *reason;               /* optional: why the office disagrees */
  const struct receipt_line *lines; /* the lines in dispute; none means the whole claim */
  size_t line_count;
  const struct receipt_attachment *attachments;
  size_t attachment_count;
};

/* The receipt as PDF: malloc'ed bytes (the caller frees) and *length, or NULL when it could not be made. */
unsigned char *receipt_pdf(const struct receipt *receipt, size_t *length);

#endif
