/*
 * connex load 835: what the remittance reader reads becomes rows of temporary tables, which the database
 * merges at the end of each transaction set (merge.h). Rows are given away in pieces, so that memory does not
 * grow with the file or with a transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/merge.h"
#include "load/remittance_rows.h"
#include "medicare/ident.h"

enum { PIECE = 256 * 1024 }; /* bytes of rows that are kept before they are given away */

struct remittance_load {
  struct load *load;
  struct merger *merger;
  struct stage_batch *batch; /* that is being filled; the merger's */
  bool goes_on;              /* it continues what was given away before */
  struct stage_adjustments of_line, of_claim;
  uint64_t claims; /* read, for the progress line */
};

/* last: what follows does not belong to it. */
static bool give(struct remittance_load *state, bool last) {
  state->batch->first = !state->goes_on;
  state->batch->last = last;
  state->goes_on = !last;
  struct stage_batch *empty = merger_give(state->merger, state->batch);
  if (empty != NULL) state->batch = empty;
  return empty != NULL;
}

static bool give_when_full(struct remittance_load *state) {
  size_t bytes = 0;
  for (enum stage stage = 0; stage < STAGE_COUNT; stage++) bytes += state->batch->rows[stage].length;
  return bytes < PIECE || give(state, false);
}

static bool begin(void *context, const struct x12_envelope *envelope) {
  struct remittance_load *state = context;
  (void)envelope;
  /* What was found before it does not belong to it. */
  bool empty = state->batch->findings.finding_count == 0 && state->batch->others == 0;
  if (!empty && !give(state, true)) return false;
  state->batch->begins = true;
  return true;
}

static bool take_line(void *context, const struct remittance_line *line) {
  struct remittance_load *state = context;
  stage_add_line(&state->batch->rows[STAGE_LINE], line, &state->of_line);
  return give_when_full(state);
}

static bool take_adjustment(void *context, const struct remittance_adjustment *adjustment) {
  struct remittance_load *state = context;
  bool of_claim = adjustment->line_number == 0;
  bool kept = stage_keep_adjustment(of_claim ? &state->of_claim : &state->of_line, adjustment);
  if (!kept && adjustment->number == STAGE_ADJUSTMENTS_MOST + 1) {
    char place[48];
    (void)snprintf(place, sizeof place, "claim %" PRIu64 " (CAS)", adjustment->claim_number);
    load_report_say(&state->batch->findings, LOAD_FLAGGED, place, "too_many_adjustments",
                    "Claim %" PRIu64 ", line %d: it has more than %d adjustments. The others are only in the "
                    "text kept for audit.",
                    adjustment->claim_number, adjustment->line_number, STAGE_ADJUSTMENTS_MOST);
  }
  return true;
}

/* The Medicare number of a Medicare claim, as corrected by the payer. One that breaks the rule is kept and
 * flagged (standards, section 0, point 1). Other payers' numbers have their own rules. */
static void check_mbi(struct remittance_load *state, const struct remittance_claim *claim,
                      char findings[REMITTANCE_CODES_SIZE]) {
  const char *number = claim->corrected_id[0] != '\0' ? claim->corrected_id : claim->patient_id;
  bool medicare = strcmp(claim->filing_indicator, "MA") == 0 || strcmp(claim->filing_indicator, "MB") == 0;
  char canonical[IDENT_SIZE];
  if (!medicare || number[0] == '\0') return;
  enum ident_fault fault = ident_mbi(number, strlen(number), state->load->synthetic_mbi_allowed, canonical);
  if (fault != IDENT_GOOD) {
    char place[48];
    (void)snprintf(place, sizeof place, "segment %" PRIu64 " (CLP)", claim->segment_number);
    load_report_say(&state->batch->findings, LOAD_FLAGGED, place, ident_code(fault),
                    "Claim %" PRIu64 ", the patient's number: %s", claim->number, ident_words(fault));
    (void)remittance_add_code(findings, ident_code(fault));
  }
}

static void check_npi(struct remittance_load *state, const struct remittance *remittance, const char *control,
                      char findings[REMITTANCE_CODES_SIZE]) {
  char canonical[IDENT_SIZE];
  enum ident_fault fault = ident_npi(remittance->payee_npi, strlen(remittance->payee_npi), canonical);
  if (remittance->payee_npi[0] != '\0' && fault != IDENT_GOOD) {
    char place[48];
    (void)snprintf(place, sizeof place, "transaction %.12s", control);
    load_report_say(&state->batch->findings, LOAD_FLAGGED, place, ident_code(fault), "The payee (N1*PE): %s",
                    ident_words(fault));
    (void)remittance_add_code(findings, ident_code(fault));
  }
}

static bool take_claim(void *context, const struct remittance_claim *claim) {
  struct remittance_load *state = context;
  char findings[REMITTANCE_CODES_SIZE];
  state->claims++;
  if (claim->unusable) { /* its lines find no claim, so they are not merged */
    stage_forget_adjustments(&state->of_claim);
    return true;
  }
  memcpy(findings, claim->findings, sizeof findings);
  check_mbi(state, claim, findings);
  stage_add_claim(&state->batch->rows[STAGE_CLAIM], claim, findings, &state->of_claim);
  load_progress(state->load, "claims", state->claims);
  return give_when_full(state);
}

static bool take_provider_adjustment(void *context, const struct remittance_provider_adjustment *adjustment) {
  struct remittance_load *state = context;
  stage_add_provider_adjustment(&state->batch->rows[STAGE_PROVIDER_ADJUSTMENT], adjustment);
  return give_when_full(state);
}

static void stage_remittance(struct remittance_load *state, const struct remittance *remittance,
                             const struct x12_envelope *envelope, const unsigned char *digest) {
  char findings[REMITTANCE_CODES_SIZE];
  memcpy(findings, remittance->findings, sizeof findings);
  check_npi(state, remittance, envelope->transaction_control, findings);
  stage_add_remittance(&state->batch->rows[STAGE_REMITTANCE], remittance, envelope, digest, findings);
}

static struct load_balance balance_of(const struct remittance *remittance,
                                      const struct x12_envelope *envelope) {
  struct load_balance balance = {
      .claims = remittance->claims,
      .claims_balanced = remittance->claims_balanced,
      .lines = remittance->lines,
      .lines_balanced = remittance->lines_balanced,
      .claims_with_lines = remittance->claims_with_lines,
      .claims_with_equal_charges = remittance->claims_with_equal_charges,
      .payment = remittance->amount,
      .claims_paid = remittance->claims_paid,
      .provider_adjustments = remittance->provider_adjustments,
      .balanced = remittance->balanced,
  };
  (void)snprintf(balance.transaction_control, sizeof balance.transaction_control, "%s",
                 envelope->transaction_control);
  return balance;
}

static bool end(void *context, const struct remittance *remittance, const struct x12_envelope *envelope,
                const unsigned char *digest) {
  struct remittance_load *state = context;
  struct stage_batch *batch = state->batch;
  if (!remittance->unusable) stage_remittance(state, remittance, envelope, digest);
  batch->ends = true;
  batch->unusable = remittance->unusable;
  batch->claims = remittance->claims - remittance->claims_refused;
  batch->lines = remittance->lines;
  batch->balance = balance_of(remittance, envelope);
  return give(state, true);
}

static bool take_finding(void *context, const struct x12_finding *finding) {
  struct remittance_load *state = context;
  struct load_finding kept = {.severity = finding->severity == X12_REFUSE ? LOAD_REFUSED : LOAD_FLAGGED};
  int length = snprintf(kept.place, sizeof kept.place, "segment %" PRIu64, finding->segment_number);
  size_t at = (size_t)length;
  if (finding->segment_name[0] != '\0')
    at += (size_t)snprintf(kept.place + at, sizeof kept.place - at, " (%s)", finding->segment_name);
  if (finding->transaction_control[0] != '\0' && at < sizeof kept.place) {
    (void)snprintf(kept.place + at, sizeof kept.place - at, ", transaction %.12s",
                   finding->transaction_control);
  }
  (void)snprintf(kept.code, sizeof kept.code, "%s", finding->code);
  (void)snprintf(kept.acknowledgment, sizeof kept.acknowledgment, "%s", finding->acknowledgment);
  (void)snprintf(kept.words, sizeof kept.words, "%s", finding->message);
  load_report_add(&state->batch->findings, &kept);
  return true;
}

/* A transaction set of another kind; the reader has reported it. */
static bool pass_other(void *context, const struct x12_envelope *envelope) {
  struct remittance_load *state = context;
  (void)envelope;
  state->batch->others++;
  return true;
}

/* Reads all. Returns why it had to stop, or NULL; "" when the load has failed, and its report says why. */
static const char *read_all(struct remittance_reader *reader) {
  for (;;) {
    switch (remittance_next(reader)) {
      case REMITTANCE_MORE: break;
      case REMITTANCE_END:
        if (remittance_reader_found(reader)) return NULL;
        return "the file has no interchange: no ISA that can be read. Is it a complete 835?";
      case REMITTANCE_STOPPED: return "";
      case REMITTANCE_FAILED: return strerror(errno);
    }
  }
}

bool load_remittances(struct load *load) {
  struct remittance_load state = {.load = load};
  struct x12_options options = {.segment_limit = load->options.segment_limit,
                                .without_envelope = load->options.without_envelope};
  struct x12_reader *x12 = x12_reader_new(load_source_read, &load->source, &options);
  struct remittance_sink sink = {
      &state, begin,        take_line, take_adjustment, take_claim, take_provider_adjustment,
      end,    take_finding, pass_other};
  struct remittance_reader *reader = x12 == NULL ? NULL : remittance_reader_new(x12, &sink);
  state.merger = reader == NULL ? NULL : merger_new(load);
  const char *trouble = "out of memory";
  if (state.merger != NULL) {
    state.batch = merger_first(state.merger);
    trouble = read_all(reader);
    (void)give(&state, true); /* what was found after the last transaction set */
  }
  bool good = merger_end(state.merger);
  if (trouble != NULL && !load->report.failed) load_report_fail(&load->report, trouble);
  stage_free_adjustments(&state.of_line);
  stage_free_adjustments(&state.of_claim);
  remittance_reader_free(reader);
  x12_reader_free(x12);
  return good && trouble == NULL;
}
