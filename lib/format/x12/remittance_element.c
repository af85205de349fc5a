/*
 * Findings about an 835, and the values of its elements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format/x12/remittance_internal.h"

enum { SUPPLEMENT_LIMIT = 64 * 1024 };

/* ---------------------------------------------------------------- findings */

/* Adds a stable word or code to {"A","B"}, unless it is there already. False when there is no room. */
bool remittance_add_code_again(char codes[REMITTANCE_CODES_SIZE], const char *code, bool repeat) {
  char quoted[REMITTANCE_TEXT_SIZE + 4];
  (void)snprintf(quoted, sizeof quoted, "\"%s\"", code);
  if (!repeat && strstr(codes, quoted) != NULL) return true;
  size_t length = strlen(codes);
  if (length + strlen(quoted) + 3 > REMITTANCE_CODES_SIZE) return false;
  size_t at = length == 0 ? 0 : length - 1; /* over the closing brace */
  (void)snprintf(codes + at, REMITTANCE_CODES_SIZE - at, "%s%s}", length == 0 ? "{" : ",", quoted);
  return true;
}

bool remittance_add_code(char codes[REMITTANCE_CODES_SIZE], const char *code) {
  return remittance_add_code_again(codes, code, false);
}

void remittance_hand_out(struct remittance_reader *reader, const struct x12_finding *finding) {
  reader->stopped = !reader->sink.finding(reader->sink.context, finding) || reader->stopped;
}

/* Reports about the segment `number`, and marks the claim or the transaction with the code. */
__attribute__((format(printf, 7, 8))) void remittance_report_at(struct remittance_reader *reader,
                                                                uint64_t number, const char *name,
                                                                enum x12_severity severity, const char *code,
                                                                const char *acknowledgment,
                                                                const char *format, ...) {
  struct x12_finding finding = {.code = code, .severity = severity, .acknowledgment = acknowledgment};
  finding.segment_number = number;
  (void)snprintf(finding.segment_name, sizeof finding.segment_name, "%s", name);
  memcpy(finding.transaction_control, x12_envelope(reader->x12)->transaction_control, X12_CONTROL_SIZE);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(finding.message, sizeof finding.message, format, arguments);
  va_end(arguments);
  (void)remittance_add_code_again(reader->claim_open ? reader->claim.findings : reader->remittance.findings,
                                  code, false);
  remittance_hand_out(reader, &finding);
}

struct remittance_segment_name remittance_segment_name(const struct remittance_reader *reader) {
  struct remittance_segment_name name;
  (void)x12_copy(x12_element(x12_segment(reader->x12), 0), name.text, sizeof name.text);
  return name;
}

/* ---------------------------------------------------------------- values of elements */

struct x12_text remittance_element(const struct remittance_reader *reader, size_t position) {
  return x12_element(x12_segment(reader->x12), position);
}

void remittance_report_cut(struct remittance_reader *reader, const char *what) {
  REPORT(reader, X12_FLAG, "text_cut", "999 IK403 5", "%s is too long to be stored and was cut.", what);
}

void remittance_keep(struct remittance_reader *reader, struct x12_text text, const char *what, char *field,
                     size_t size) {
  if (!x12_copy(text, field, size)) remittance_report_cut(reader, what);
}

/* Money in an element. False, with a finding, when it cannot be read; 0 where it is absent and may be. */
bool remittance_money(struct remittance_reader *reader, size_t position, const char *what, bool required,
                      int64_t *cents) {
  enum x12_value value = x12_money(remittance_element(reader, position), cents);
  if (value == X12_VALUE_OK || (value == X12_VALUE_ABSENT && !required)) return true;
  REPORT(reader, X12_FLAG, "amount_unreadable", value == X12_VALUE_ABSENT ? "999 IK403 1" : "999 IK403 6",
         "The amount in %s %s.", what, x12_value_words(value));
  return false;
}

void remittance_quantity(struct remittance_reader *reader, size_t position, const char *what, char *field,
                         size_t size) {
  struct x12_text text = remittance_element(reader, position);
  enum x12_value value = x12_decimal(text, 9, 3);
  field[0] = '\0';
  if (value == X12_VALUE_OK && x12_copy(text, field, size)) return;
  if (value != X12_VALUE_ABSENT) {
    field[0] = '\0';
    REPORT(reader, X12_FLAG, "quantity_unreadable", "999 IK403 6", "The quantity in %s %s and was left out.",
           what, value == X12_VALUE_OK ? "is too long" : x12_value_words(value));
  }
}

void remittance_date(struct remittance_reader *reader, size_t position, const char *what, char iso[11]) {
  enum x12_value value = x12_date(remittance_element(reader, position), iso);
  if (value != X12_VALUE_OK && value != X12_VALUE_ABSENT) {
    REPORT(reader, X12_FLAG, "date_unreadable", "999 IK403 8",
           "The date in %s is not a calendar date and was left out.", what);
  }
}

/* Adds without ever overflowing: amounts in a hostile file may be as large as they like. */
void remittance_add_cents(int64_t *sum, int64_t cents) {
  if (__builtin_add_overflow(*sum, cents, sum)) *sum = cents < 0 ? INT64_MIN : INT64_MAX;
}

int64_t remittance_minus(int64_t a, int64_t b) {
  int64_t result;
  return __builtin_sub_overflow(a, b, &result) ? (b < 0 ? INT64_MAX : INT64_MIN) : result;
}

void remittance_code_list(struct remittance_reader *reader, struct x12_text text, const char *what,
                          char codes[REMITTANCE_CODES_SIZE]) {
  char code[REMITTANCE_TEXT_SIZE];
  if (text.length == 0) return;
  for (size_t i = 0; i < text.length; i++) { /* what is not a code would break the list's syntax */
    if (text.data[i] == '"' || text.data[i] == '\\' || (unsigned char)text.data[i] >= 0x7F ||
        text.data[i] < ' ') {
      REPORT(reader, X12_FLAG, "code_unreadable", "999 IK403 6",
             "The code in %s has characters that a code cannot have.", what);
      return;
    }
  }
  if (!x12_copy(text, code, sizeof code) || !remittance_add_code_again(codes, code, true))
    remittance_report_cut(reader, what);
}

/* The segment as a JSON list of its elements, for what has no column of its own. */
void remittance_supplement(struct remittance_reader *reader, struct byte_buffer *buffer) {
  if (buffer->length + x12_segment(reader->x12)->text.length * 2 + 16 > SUPPLEMENT_LIMIT) {
    if (!buffer->cut) {
      buffer->cut = true;
      remittance_report_cut(reader, "What a claim or transaction says beyond its columns");
    }
    return;
  }
  size_t last = x12_segment(reader->x12)->element_count;
  while (last > 1 && remittance_element(reader, last - 1).length == 0) last--;
  byte_buffer_add_word(buffer, buffer->length == 0 ? "[[" : ",[");
  for (size_t i = 0; i < last; i++) {
    struct x12_text text = remittance_element(reader, i);
    byte_buffer_add_word(buffer, i == 0 ? "" : ",");
    byte_buffer_add_json(buffer, text.data, text.length);
  }
  byte_buffer_add_word(buffer, "]");
}

void remittance_finish_supplement(struct byte_buffer *buffer) {
  if (buffer->length > 0) byte_buffer_add_word(buffer, "]");
}

/* Where the segment's supplement goes: to the innermost loop that is open. */
struct byte_buffer *remittance_open_supplement(struct remittance_reader *reader) {
  if (reader->line_open) return &reader->line_supplement;
  return reader->claim_open ? &reader->claim_supplement : &reader->supplement;
}
