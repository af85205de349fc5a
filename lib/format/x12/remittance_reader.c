/*
 * The 835 mapper: see remittance_reader.h. Claims, lines, and transactions as they are closed, and whether
 * they balance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/remittance_internal.h"

enum { RAW_LIMIT = 4 * 1024 * 1024 }; /* bytes of one claim's text, and of the text outside claims */

/* ---------------------------------------------------------------- closing loops, and whether they balance */

void remittance_close_line(struct remittance_reader *reader) {
  if (!reader->line_open) return;
  struct remittance_line *line = &reader->line;
  struct remittance_claim *claim = &reader->claim;
  line->balanced = remittance_minus(line->charge, line->adjustments) == line->paid; /* SVC02 - CAS = SVC03 */
  reader->line_open = false;
  claim->lines_balanced += line->balanced ? 1 : 0;
  if (!line->balanced) {
    remittance_report_at(
        reader, line->segment_number, "SVC", X12_FLAG, "line_unbalanced", "",
        "Claim %llu, line %d: the charge minus adjustments is not the amount paid (SVC02 - CAS = SVC03).",
        (unsigned long long)claim->number, line->number);
  }
  if (line->from_on[0] != '\0' &&
      (claim->first_service_on[0] == '\0' || strcmp(line->from_on, claim->first_service_on) < 0))
    memcpy(claim->first_service_on, line->from_on, sizeof line->from_on);
  const char *last = line->through_on[0] != '\0' ? line->through_on : line->from_on;
  if (strcmp(last, claim->last_service_on) > 0)
    memcpy(claim->last_service_on, last, sizeof claim->last_service_on);
  remittance_finish_supplement(&reader->line_supplement);
  line->supplement = &reader->line_supplement;
  reader->stopped = !reader->sink.line(reader->sink.context, line) || reader->stopped;
}

static void report_balance(struct remittance_reader *reader) {
  struct remittance_claim *claim = &reader->claim;
  if (!claim->balanced) {
    remittance_report_at(
        reader, claim->segment_number, "CLP", X12_FLAG, "claim_unbalanced", "",
        "Claim %llu: the charge minus all adjustments is not the amount paid (CLP03 - CAS = CLP04).",
        (unsigned long long)claim->number);
  }
  if (claim->line_count > 0 && claim->line_charges != claim->charge) {
    remittance_report_at(reader, claim->segment_number, "CLP", X12_FLAG, "claim_charges_differ", "",
                         "Claim %llu: the charges of its lines do not add up to its charge (SVC02, CLP03).",
                         (unsigned long long)claim->number);
  }
}

void remittance_close_claim(struct remittance_reader *reader) {
  remittance_close_line(reader);
  if (!reader->claim_open) return;
  struct remittance_claim *claim = &reader->claim;
  struct remittance *total = &reader->remittance;
  claim->balanced = remittance_minus(claim->charge, claim->adjustments) == claim->paid;
  if (claim->unusable) total->claims_refused++;
  else report_balance(reader);
  total->claims++;
  total->claims_balanced += claim->balanced ? 1 : 0;
  total->claims_with_lines += claim->line_count > 0 ? 1 : 0;
  total->claims_with_equal_charges += claim->line_count > 0 && claim->line_charges == claim->charge ? 1 : 0;
  total->lines += (uint64_t)claim->line_count;
  total->lines_balanced += (uint64_t)claim->lines_balanced;
  remittance_add_cents(&total->claims_paid, claim->paid);
  remittance_finish_supplement(&reader->claim_supplement);
  claim->supplement = &reader->claim_supplement;
  claim->raw = &reader->claim_raw;
  reader->claim_open = false;
  reader->stopped = !reader->sink.claim(reader->sink.context, claim) || reader->stopped;
}

/* ---------------------------------------------------------------- transactions */

static void begin_transaction(struct remittance_reader *reader) {
  const struct x12_envelope *envelope = x12_envelope(reader->x12);
  reader->reading = strcmp(envelope->transaction_set, "835") == 0;
  reader->detail = false;
  reader->claim_open = false;
  reader->line_open = false;
  reader->payment_read = false;
  reader->party = PARTY_NONE;
  reader->provider_adjustment_count = 0;
  memset(&reader->remittance, 0, sizeof reader->remittance);
  byte_buffer_clear(&reader->raw);
  byte_buffer_clear(&reader->supplement);
  if (!reader->reading) {
    REPORT(reader, X12_REFUSE, "set_unsupported", "999 IK502 1",
           "Transaction %s is a %s, not an 835; it was skipped.", envelope->transaction_control,
           envelope->transaction_set);
    return;
  }
  reader->remittance.credit = true;
  reader->stopped = !reader->sink.begin(reader->sink.context, envelope) || reader->stopped;
  remittance_keep_raw(reader);
}

static void check_transaction(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  if (!reader->payment_read) {
    total->unusable = true;
    REPORT(reader, X12_REFUSE, "bpr_missing", "999 IK304 3",
           "The remittance has no BPR: its payment is not known.");
  }
  if (total->payment_number[0] == '\0') {
    REPORT(reader, X12_FLAG, "trn_missing", "999 IK304 3",
           "The remittance has no check or EFT number (TRN02).");
  }
  int64_t paid = total->credit ? total->amount : -total->amount;
  total->difference =
      remittance_minus(paid, remittance_minus(total->claims_paid, total->provider_adjustments));
  total->balanced = total->difference == 0;
  if (!total->balanced) {
    char text[24];
    REPORT(
        reader, X12_FLAG, "remittance_unbalanced", "",
        "The payment is not the claims' payments minus the provider adjustments (BPR02 = CLP04 - PLB); the "
        "difference is %s.",
        cents_text(total->difference, text));
  }
}

static void end_transaction(struct remittance_reader *reader) {
  if (!reader->reading) {
    if (reader->sink.other != NULL) {
      reader->stopped =
          !reader->sink.other(reader->sink.context, x12_envelope(reader->x12)) || reader->stopped;
    }
    return;
  }
  struct remittance *total = &reader->remittance;
  remittance_close_claim(reader);
  reader->reading = false;
  total->faults = x12_transaction_faults(reader->x12);
  total->unusable =
      total->unusable ||
      (total->faults & (X12_FAULT_NO_TRAILER | X12_FAULT_CONTROL | X12_FAULT_SEGMENT_LOST)) != 0;
  if ((total->faults & X12_FAULT_NO_TRAILER) == 0) {
    remittance_keep_raw(
        reader); /* the SE; when it is missing, the current segment is not part of this transaction */
    check_transaction(reader);
  }
  remittance_finish_supplement(&reader->supplement);
  total->supplement = &reader->supplement;
  total->raw = &reader->raw;
  reader->stopped = !reader->sink.end(reader->sink.context, total, x12_envelope(reader->x12),
                                      x12_transaction_digest(reader->x12)) ||
                    reader->stopped;
}

/* A finding of the envelope that belongs to a remittance is kept with it too. */
static void pass_finding(struct remittance_reader *reader) {
  const struct x12_finding *finding = x12_finding(reader->x12);
  reader->found = reader->found ||
                  strcmp(finding->code, "envelope_missing") == 0; /* an ST, which --without-envelope reads */
  if (reader->reading && finding->transaction_control[0] != '\0')
    (void)remittance_add_code_again(reader->remittance.findings, finding->code, false);
  remittance_hand_out(reader, finding);
}

static bool memory_is_out(const struct remittance_reader *reader) {
  return reader->raw.failed || reader->supplement.failed || reader->claim_raw.failed ||
         reader->claim_supplement.failed || reader->line_supplement.failed;
}

enum remittance_step remittance_next(struct remittance_reader *reader) {
  enum x12_event event = x12_next(reader->x12);
  switch (event) {
    case X12_END: return REMITTANCE_END;
    case X12_FAILED: return REMITTANCE_FAILED;
    case X12_FINDING: pass_finding(reader); break;
    case X12_TRANSACTION:
      reader->found = true;
      begin_transaction(reader);
      break;
    case X12_TRANSACTION_END: end_transaction(reader); break;
    case X12_SEGMENT:
      if (reader->reading) remittance_read_segment(reader);
      break;
    case X12_INTERCHANGE: reader->found = true; break;
    case X12_GROUP:
    case X12_GROUP_END:
    case X12_INTERCHANGE_END: break;
  }
  if (memory_is_out(reader)) {
    errno = ENOMEM;
    return REMITTANCE_FAILED;
  }
  return reader->stopped ? REMITTANCE_STOPPED : REMITTANCE_MORE;
}

bool remittance_reader_found(const struct remittance_reader *reader) { return reader->found; }

struct remittance_reader *remittance_reader_new(struct x12_reader *x12, const struct remittance_sink *sink) {
  struct remittance_reader *reader = calloc(1, sizeof *reader);
  if (reader != NULL) {
    reader->x12 = x12;
    reader->sink = *sink;
    reader->raw.limit = RAW_LIMIT;
    reader->claim_raw.limit = RAW_LIMIT;
  }
  return reader;
}

void remittance_reader_free(struct remittance_reader *reader) {
  if (reader == NULL) return;
  byte_buffer_free(&reader->raw);
  byte_buffer_free(&reader->supplement);
  byte_buffer_free(&reader->claim_raw);
  byte_buffer_free(&reader->claim_supplement);
  byte_buffer_free(&reader->line_supplement);
  free(reader);
}
