/*
 * connex load 835: what the remittance reader reads becomes rows of temporary tables, which the database
 * merges at the end of each transaction set (sql/rules/load_remittance.sql). One ST is one database
 * transaction, loaded completely or not at all, and a broken one does not affect the others. Rows are sent in
 * pieces, so that memory does not grow with the file or with a transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/load.h"
#include "load/remittance_rows.h"
#include "medicare/ident.h"

enum { PIECE = 256 * 1024 }; /* bytes of rows that are kept before they are sent */

struct remittance_load {
  struct load *load;
  struct byte_buffer rows[STAGE_COUNT]; /* owned */
  struct stage_adjustments of_line, of_claim;
  bool open;                            /* a database transaction is open */
  bool broken;                          /* the database refused a row: the ST is refused as a whole */
  char trouble[256];
  struct load_mark mark; /* when the ST began */
  uint64_t claims;       /* read, for the progress line */
};

/* The connection or the transaction is lost: remembers why. Returns whether reading can go on. */
static bool lose(struct remittance_load *state) {
  const char *error = db_copy_error(state->load->db);
  if (!state->broken) {
    state->broken = true;
    (void)snprintf(state->trouble, sizeof state->trouble, "%s", error);
  }
  if (!db_copy_ok(state->load->db)) {
    load_report_fail(&state->load->report,
                     error[0] == '\0' ? "the connection to the database was lost" : error);
    return false;
  }
  return true;
}

static bool flush(struct remittance_load *state, enum stage stage) {
  struct byte_buffer *rows = &state->rows[stage];
  if (rows->failed) {
    load_report_fail(&state->load->report, "out of memory");
    return false;
  }
  if (state->broken) {
    byte_buffer_clear(rows);
    return true;
  }
  return db_copy_rows(state->load->db, &stage_targets[stage], rows) || lose(state);
}

static bool flush_when_full(struct remittance_load *state, enum stage stage) {
  return state->rows[stage].length < PIECE || flush(state, stage);
}

static bool begin(void *context, const struct x12_envelope *envelope) {
  struct remittance_load *state = context;
  (void)envelope;
  state->mark = load_report_mark(&state->load->report);
  state->broken = false;
  state->open = db_copy_begin(state->load->db);
  return state->open || lose(state);
}

static bool take_line(void *context, const struct remittance_line *line) {
  struct remittance_load *state = context;
  stage_add_line(&state->rows[STAGE_LINE], line, &state->of_line);
  return flush_when_full(state, STAGE_LINE);
}

static bool take_adjustment(void *context, const struct remittance_adjustment *adjustment) {
  struct remittance_load *state = context;
  bool of_claim = adjustment->line_number == 0;
  bool kept = stage_keep_adjustment(of_claim ? &state->of_claim : &state->of_line, adjustment);
  if (!kept && adjustment->number == STAGE_ADJUSTMENTS_MOST + 1) {
    char place[48];
    (void)snprintf(place, sizeof place, "claim %" PRIu64 " (CAS)", adjustment->claim_number);
    load_report_say(&state->load->report, LOAD_FLAGGED, place, "too_many_adjustments",
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
    load_report_say(&state->load->report, LOAD_FLAGGED, place, ident_code(fault),
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
    load_report_say(&state->load->report, LOAD_FLAGGED, place, ident_code(fault), "The payee (N1*PE): %s",
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
  stage_add_claim(&state->rows[STAGE_CLAIM], claim, findings, &state->of_claim);
  load_progress(state->load, "claims", state->claims);
  return flush_when_full(state, STAGE_CLAIM);
}

static bool take_provider_adjustment(void *context, const struct remittance_provider_adjustment *adjustment) {
  struct remittance_load *state = context;
  stage_add_provider_adjustment(&state->rows[STAGE_PROVIDER_ADJUSTMENT], adjustment);
  return flush_when_full(state, STAGE_PROVIDER_ADJUSTMENT);
}

static void stage_remittance(struct remittance_load *state, const struct remittance *remittance,
                             const struct x12_envelope *envelope, const unsigned char *digest) {
  char findings[REMITTANCE_CODES_SIZE];
  memcpy(findings, remittance->findings, sizeof findings);
  check_npi(state, remittance, envelope->transaction_control, findings);
  stage_add_remittance(&state->rows[STAGE_REMITTANCE], remittance, envelope, digest, findings);
}

/* Reads what load_remittance answered: the outcome, and its findings. */
static bool take_answer(struct remittance_load *state, const char *control) {
  struct load_report *report = &state->load->report;
  const struct db_copy *db = state->load->db;
  bool loaded = true;
  for (int row = 0; row < db_copy_row_count(db); row++) {
    const char *severity = db_copy_value(db, row, 0);
    const char *code = db_copy_value(db, row, 1);
    const char *segment = db_copy_value(db, row, 2);
    if (severity == NULL) {
      loaded = strcmp(code, "loaded") == 0;
      continue;
    }
    char place[48];
    (void)snprintf(place, sizeof place, "%s%s%stransaction %.12s", segment == NULL ? "" : "segment ",
                   segment == NULL ? "" : segment, segment == NULL ? "" : ", ", control);
    load_report_say(report, LOAD_FLAGGED, place, code, "%s", db_copy_value(db, row, 3));
  }
  return loaded;
}

/* Merges and commits. Returns the outcome's word; "refused" if the database refused. */
static const char *merge(struct remittance_load *state, const char *control) {
  struct load *load = state->load;
  for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
    if (!flush(state, stage)) return "refused";
  if (state->broken ||
      !db_copy_run(load->db, q_load_remittance(P(load_run_id, load->report.run),
                                               P(contractor_no, load->options.contractor_no)))) {
    (void)lose(state);
    return "refused";
  }
  if (!take_answer(state, control)) {
    load_report_take_back(&load->report, state->mark); /* they were reported when it was loaded */
    return "already_loaded";
  }
  size_t stored = load->report.pending_from;
  if (!load_report_store(&load->report, load->db) || !db_copy_commit(load->db)) {
    load->report.pending_from = stored;
    (void)lose(state);
    return "refused";
  }
  state->open = false;
  return "loaded";
}

static void count_outcome(struct remittance_load *state, const char *outcome,
                          const struct remittance *remittance) {
  struct load_report *report = &state->load->report;
  if (strcmp(outcome, "loaded") == 0) {
    report->accepted++;
    report->claims += remittance->claims - remittance->claims_refused;
    report->lines += remittance->lines;
  } else if (strcmp(outcome, "already_loaded") == 0) {
    report->unchanged++;
  } else {
    report->refused++;
  }
}

static void add_balance(struct load_report *report, const struct remittance *remittance,
                        const struct x12_envelope *envelope, const char *outcome) {
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
  (void)snprintf(balance.outcome, sizeof balance.outcome, "%s", outcome);
  load_report_balance(report, &balance);
}

static bool end(void *context, const struct remittance *remittance, const struct x12_envelope *envelope,
                const unsigned char *digest) {
  struct remittance_load *state = context;
  struct load *load = state->load;
  const char *outcome = "refused";
  if (!remittance->unusable && !state->broken) {
    stage_remittance(state, remittance, envelope, digest);
    outcome = merge(state, envelope->transaction_control);
  }
  if (state->broken) {
    char place[48];
    (void)snprintf(place, sizeof place, "transaction %.30s", envelope->transaction_control);
    load_report_say(&load->report, LOAD_REFUSED, place, "database_refused", "The database refused it: %s.",
                    state->trouble);
  }
  if (state->open && db_copy_ok(load->db)) (void)db_copy_rollback(load->db);
  state->open = false;
  for (enum stage stage = 0; stage < STAGE_COUNT; stage++) byte_buffer_clear(&state->rows[stage]);
  count_outcome(state, outcome, remittance);
  add_balance(&load->report, remittance, envelope, outcome);
  return db_copy_ok(load->db) && !load->report.failed;
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
  load_report_add(&state->load->report, &kept);
  return true;
}

/* A transaction set of another kind; the reader has reported it. */
static bool pass_other(void *context, const struct x12_envelope *envelope) {
  struct remittance_load *state = context;
  (void)envelope;
  state->load->report.refused++;
  return true;
}

static bool read_all(struct load *load, struct remittance_reader *reader) {
  for (;;) {
    switch (remittance_next(reader)) {
      case REMITTANCE_MORE: break;
      case REMITTANCE_END:
        if (!remittance_reader_found(reader)) {
          load_report_fail(&load->report,
                           "the file has no interchange: no ISA that can be read. Is it a complete 835?");
        }
        return remittance_reader_found(reader);
      case REMITTANCE_STOPPED: return false;
      case REMITTANCE_FAILED: load_report_fail(&load->report, strerror(errno)); return false;
    }
  }
}

bool load_remittances(struct load *load) {
  struct remittance_load *state = calloc(1, sizeof *state);
  struct x12_options options = {.segment_limit = load->options.segment_limit,
                                .without_envelope = load->options.without_envelope};
  struct x12_reader *x12 = x12_reader_new(load_source_read, &load->source, &options);
  struct remittance_sink sink = {
      state, begin,        take_line, take_adjustment, take_claim, take_provider_adjustment,
      end,   take_finding, pass_other};
  struct remittance_reader *reader = x12 == NULL ? NULL : remittance_reader_new(x12, &sink);
  bool ok = false;
  if (state == NULL || reader == NULL) {
    load_report_fail(&load->report, "out of memory");
  } else {
    state->load = load;
    ok = read_all(load, reader);
    if (state->open && db_copy_ok(load->db)) (void)db_copy_rollback(load->db);
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) byte_buffer_free(&state->rows[stage]);
    stage_free_adjustments(&state->of_line);
    stage_free_adjustments(&state->of_claim);
  }
  remittance_reader_free(reader);
  x12_reader_free(x12);
  free(state);
  return ok;
}
