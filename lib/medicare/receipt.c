/*
 * The receipt of a redetermination request, as an accessible PDF. See receipt.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "medicare/receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format/pdf.h"

enum { HASH_LENGTH = 64 };

/* The printed form of one attachment's numbers. */
struct attachment_text {
  char size[32];
  char pages[16];
  char hash[HASH_LENGTH + 2];
};

/* 1234567 as "1,234,567 bytes". */
static void format_size(char *text, size_t capacity, int64_t size) {
  char digits[24];
  size_t length, used = 0;

  length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, size < 0 ? 0 : size);
  for (size_t i = 0; i < length && used + 2 < capacity; i++) {
    if (i > 0 && (length - i) % 3 == 0) text[used++] = ',';
    text[used++] = digits[i];
  }
  snprintf(text + used, capacity - used, " bytes");
}

static void format_attachment(struct attachment_text *text, const struct receipt_attachment *attachment) {
  const char *hash = attachment->sha256 ? attachment->sha256 : "";

  format_size(text->size, sizeof text->size, attachment->size);
  if (attachment->pages > 0) snprintf(text->pages, sizeof text->pages, "%d", attachment->pages);
  else text->pages[0] = '\0';
  /* In two lines, so that two people can compare it aloud. */
  snprintf(text->hash, sizeof text->hash, "%.32s\n%.32s", hash, strlen(hash) > 32 ? hash + 32 : "");
}

static void write_attachments(struct pdf_document *document, const struct receipt *receipt) {
  static const struct pdf_column columns[] = {
      {"File", 0.32, 0}, {"Size", 0.18, 1}, {"Pages", 0.1, 1}, {"SHA-256", 0.4, 0}};
  struct attachment_text text;

  pdf_table_begin(document, columns, sizeof columns / sizeof *columns);
  for (size_t i = 0; i < receipt->attachment_count; i++) {
    const char *cells[] = {receipt->attachments[i].name, text.size, text.pages, text.hash};

    format_attachment(&text, &receipt->attachments[i]);
    pdf_table_row(document, cells);
  }
  pdf_table_end(document);
}

static void write_lines(struct pdf_document *document, const struct receipt *receipt) {
  static const struct pdf_column columns[] = {{"Line", 0.1, 0},
                                              {"Date of service", 0.3, 0},
                                              {"Procedure", 0.24, 0},
                                              {"Charged", 0.18, 1},
                                              {"Paid", 0.18, 1}};

  pdf_table_begin(document, columns, sizeof columns / sizeof *columns);
  for (size_t i = 0; i < receipt->line_count; i++) {
    const struct receipt_line *line = &receipt->lines[i];
    const char *cells[] = {line->number, line->service_on, line->procedure_code, line->charged, line->paid};

    pdf_table_row(document, cells);
  }
  pdf_table_end(document);
}

static void write_receipt(struct pdf_document *document, const void *data) {
  const struct receipt *receipt = data;
  const struct pdf_definition request[] = {
      {"Confirmation number", receipt->confirmation_number},
      {"Received", receipt->received},
      {"Requested by", receipt->requester_name},
      {"Contractor", receipt->contractor_name},
  };
  const struct pdf_definition account[] = {
      {"Provider", receipt->provider_name},
      {"NPI", receipt->npi},
      {"PTAN", receipt->ptan},
      {"TIN, last five digits", receipt->tin_last_five},
  };
  const struct pdf_definition claim[] = {
      {"Claim control number", receipt->claim_number},
      {"Initial determination", receipt->decided_on},
      {"Last day to file", receipt->deadline_on},
      {"Decision due by", receipt->decision_due_on},
  };

  pdf_heading(document, 1, "Redetermination request received");
  pdf_paragraph(document,
                "This confirms that the contractor received the request below. Keep it with your records.");
  pdf_definitions(document, request, sizeof request / sizeof *request);
  pdf_heading(document, 2, "Provider account");
  pdf_definitions(document, account, sizeof account / sizeof *account);
  pdf_heading(document, 2, "Claim and dates");
  pdf_definitions(document, claim, sizeof claim / sizeof *claim);

  pdf_heading(document, 2, "Lines in dispute");
  if (receipt->line_count > 0) write_lines(document, receipt);
  else pdf_paragraph(document, "The whole claim.");
  if (receipt->reason && *receipt->reason) {
    pdf_heading(document, 2, "Reason given");
    pdf_paragraph(document, receipt->reason);
  }
  if (receipt->late_reason && *receipt->late_reason) {
    pdf_heading(document, 2, "Reason for late filing");
    pdf_paragraph(document, receipt->late_reason);
  }

  pdf_heading(document, 2, "Attachments");
  if (receipt->attachment_count == 0) {
    pdf_paragraph(document, "None.");
    return;
  }
  write_attachments(document, receipt);
  pdf_paragraph(
      document,
      "The SHA-256 value identifies each file exactly: the same value means the same file, unchanged.");
}

unsigned char *receipt_pdf(const struct receipt *receipt, size_t *length) {
  char title[128], footer[128];
  const char *number = receipt->confirmation_number ? receipt->confirmation_number : "";
  struct pdf_properties properties = {
      .title = title, .language = "en-US", .footer = footer, .made_at = receipt->received_at};

  snprintf(title, sizeof title, "Redetermination request %s: receipt", number);
  snprintf(footer, sizeof footer, "Confirmation number %s", number);
  return pdf_make(&properties, write_receipt, receipt, length);
}
