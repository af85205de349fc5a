/*
 * What the files of the 835 mapper share. One function for each segment, found by its name; what a
 * segment means depends on the loop that is open: header, claim, or service line, as in the X221 guide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_X12_REMITTANCE_INTERNAL_H
#define CONNEX_FORMAT_X12_REMITTANCE_INTERNAL_H

#include "format/x12/remittance_reader.h"

enum party { PARTY_NONE, PARTY_PAYER, PARTY_PAYEE };

struct remittance_reader {
  struct x12_reader *x12;
  struct remittance_sink sink;
  bool stopped;
  bool found;   /* an ISA or ST, see remittance_reader_found */
  bool reading; /* inside an ST*835 */
  bool detail;  /* an LX or CLP was seen: the header is over */
  bool claim_open, line_open;
  bool payment_read;
  enum party party;
  int adjustment_count; /* in the claim or line that is open */
  int provider_adjustment_count;
  struct remittance remittance;
  struct remittance_claim claim;
  struct remittance_line line;
  struct byte_buffer raw, supplement;             /* of the transaction, owned */
  struct byte_buffer claim_raw, claim_supplement; /* owned */
  struct byte_buffer line_supplement;             /* owned */
};

/* remittance_element.c: findings, and values of elements. A value that cannot be read is reported. */

void remittance_hand_out(struct remittance_reader *reader, const struct x12_finding *finding);
/* Like remittance_add_code(), but a code that is there already is added again if `repeat` is set. */
bool remittance_add_code_again(char codes[REMITTANCE_CODES_SIZE], const char *code, bool repeat);
/* Reports about the segment `number`, and marks the claim or the transaction with the code. */
__attribute__((format(printf, 7, 8))) void remittance_report_at(struct remittance_reader *reader,
                                                                uint64_t number, const char *name,
                                                                enum x12_severity severity, const char *code,
                                                                const char *acknowledgment,
                                                                const char *format, ...);

#define REPORT(reader, severity, code, acknowledgment, ...)                                                  \
  remittance_report_at(reader, x12_segment((reader)->x12)->number, remittance_segment_name(reader).text,     \
                       severity, code, acknowledgment, __VA_ARGS__)

struct remittance_segment_name {
  char text[4];
};

#define KEEP(reader, position, what, field)                                                                  \
  remittance_keep(reader, remittance_element(reader, position), what, field, sizeof(field))

struct remittance_segment_name remittance_segment_name(const struct remittance_reader *reader);
struct x12_text remittance_element(const struct remittance_reader *reader, size_t position);
void remittance_report_cut(struct remittance_reader *reader, const char *what);
void remittance_keep(struct remittance_reader *reader, struct x12_text text, const char *what, char *field,
                     size_t size);
/* False, with a finding, when it cannot be read; 0 where it is absent and may be. */
bool remittance_money(struct remittance_reader *reader, size_t position, const char *what, bool required,
                      int64_t *cents);
void remittance_quantity(struct remittance_reader *reader, size_t position, const char *what, char *field,
                         size_t size);
void remittance_date(struct remittance_reader *reader, size_t position, const char *what, char iso[11]);
void remittance_code_list(struct remittance_reader *reader, struct x12_text text, const char *what,
                          char codes[REMITTANCE_CODES_SIZE]);
/* Sums that never overflow: amounts in a hostile file may have any size. */
void remittance_add_cents(int64_t *sum, int64_t cents);
int64_t remittance_minus(int64_t a, int64_t b);
/* The segment as a JSON list of its elements, for what has no column of its own. */
void remittance_supplement(struct remittance_reader *reader, struct byte_buffer *buffer);
void remittance_finish_supplement(struct byte_buffer *buffer);
/* Where the segment's supplement goes: to the innermost loop that is open. */
struct byte_buffer *remittance_open_supplement(struct remittance_reader *reader);

/* remittance_segment.c */
void remittance_read_segment(struct remittance_reader *reader);
/* Keeps the segment unchanged, with the claim or with the transaction. */
void remittance_keep_raw(struct remittance_reader *reader);

/* remittance_reader.c: close what is open, check whether it balances, and pass it to the sink. */
void remittance_close_line(struct remittance_reader *reader);
void remittance_close_claim(struct remittance_reader *reader);

#endif
