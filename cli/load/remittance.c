/*
 * connex load 835: what the remittance reader hands out becomes rows of temporary tables; at the end of each
 * transaction set the database merges them (sql/rules/load.sql). One ST is one database transaction: all of
 * it or nothing, and a broken one costs only itself. Rows leave in pieces, so that memory does not grow with
 * the file or with a transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/remittance_reader.h"
#include "load/load.h"
#include "medicare/ident.h"

enum { PIECE = 256 * 1024 }; /* bytes of rows that are kept before they go to the database */

enum stage {
  STAGE_REMITTANCE,
  STAGE_PROVIDER_ADJUSTMENT,
  STAGE_CLAIM,
  STAGE_LINE,
  STAGE_ADJUSTMENT,
  STAGE_COUNT
};

static const char *const stage_tables[STAGE_COUNT] = {
    [STAGE_REMITTANCE] = "stage_remittance", [STAGE_PROVIDER_ADJUSTMENT] = "stage_provider_adjustment",
    [STAGE_CLAIM] = "stage_claim",           [STAGE_LINE] = "stage_line",
    [STAGE_ADJUSTMENT] = "stage_adjustment",
};

struct remittance_load {
  struct load *load;
  struct byte_buffer rows[STAGE_COUNT]; /* owned */
  bool open;                            /* a database transaction is open */
  bool broken;                          /* the database refused a row: the ST is refused as a whole */
  char trouble[256];
  struct load_mark mark; /* when the ST began */
  uint64_t claims;       /* read, for the progress line */
};

/* The connection is gone, or the transaction is lost: remembers why. Returns whether reading can go on. */
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
    load_report_fail(&state->load->report, "memory is out");
    return false;
  }
  if (state->broken) {
    byte_buffer_clear(rows);
    return true;
  }
  return db_copy_rows(state->load->db, stage_tables[stage], rows) || lose(state);
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

static void column_buffer(struct byte_buffer *rows, const struct byte_buffer *text) {
  if (text->length > 0) byte_buffer_column(rows, text->data, text->length);
  else byte_buffer_column_null(rows);
}

static bool take_line(void *context, const struct remittance_line *line) {
  struct remittance_load *state = context;
  struct byte_buffer *rows = &state->rows[STAGE_LINE];
  byte_buffer_column_integer(rows, (int64_t)line->claim_number);
  byte_buffer_column_integer(rows, line->number);
  byte_buffer_column_word(rows, line->procedure_code);
  byte_buffer_column_word(rows, line->modifiers);
  byte_buffer_column_word(rows, line->revenue_code);
  byte_buffer_column_word(rows, line->units);
  byte_buffer_column_word(rows, line->from_on);
  byte_buffer_column_word(rows, line->through_on);
  byte_buffer_column_cents(rows, line->charge);
  if (line->allowed_given) byte_buffer_column_cents(rows, line->allowed);
  else byte_buffer_column_null(rows);
  byte_buffer_column_cents(rows, line->paid);
  byte_buffer_column_word(rows, line->submitted_procedure_code);
  byte_buffer_column_word(rows, line->line_control_no);
  byte_buffer_column_word(rows, line->remark_codes);
  column_buffer(rows, line->supplement);
  byte_buffer_end_row(rows);
  return flush_when_full(state, STAGE_LINE);
}

static bool take_adjustment(void *context, const struct remittance_adjustment *adjustment) {
  struct remittance_load *state = context;
  struct byte_buffer *rows = &state->rows[STAGE_ADJUSTMENT];
  byte_buffer_column_integer(rows, (int64_t)adjustment->claim_number);
  byte_buffer_column_integer(rows, adjustment->line_number);
  byte_buffer_column_integer(rows, adjustment->number);
  byte_buffer_column_word(rows, adjustment->group_code);
  byte_buffer_column_word(rows, adjustment->reason_code);
  byte_buffer_column_cents(rows, adjustment->amount);
  byte_buffer_column_word(rows, adjustment->quantity);
  byte_buffer_end_row(rows);
  return flush_when_full(state, STAGE_ADJUSTMENT);
}

static const char *either(const char *first, const char *second) { return first[0] != '\0' ? first : second; }

/* The Medicare number of a Medicare claim, as corrected by the payer: one that breaks the rule is kept and
 * flagged (standards, section 0, point 1). Other payers' numbers have rules of their own. */
static void check_mbi(struct remittance_load *state, const struct remittance_claim *claim,
                      char findings[REMITTANCE_CODES_SIZE]) {
  const char *number = either(claim->corrected_id, claim->patient_id);
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
  struct byte_buffer *rows = &state->rows[STAGE_CLAIM];
  char findings[REMITTANCE_CODES_SIZE];
  state->claims++;
  if (claim->unusable) return true; /* its lines and adjustments find no claim and stay behind */
  memcpy(findings, claim->findings, sizeof findings);
  check_mbi(state, claim, findings);
  byte_buffer_column_integer(rows, (int64_t)claim->number);
  byte_buffer_column_integer(rows, (int64_t)claim->segment_number);
  byte_buffer_column_word(rows, claim->patient_control_no);
  byte_buffer_column_word(rows, claim->status);
  byte_buffer_column_cents(rows, claim->charge);
  byte_buffer_column_cents(rows, claim->paid);
  byte_buffer_column_cents(rows, claim->patient_responsibility);
  byte_buffer_column_word(rows, claim->filing_indicator);
  byte_buffer_column_word(rows, claim->control_no);
  byte_buffer_column_word(rows, claim->facility);
  byte_buffer_column_word(rows, claim->frequency);
  byte_buffer_column_word(rows, claim->drg);
  byte_buffer_column_word(rows, claim->patient_last_name);
  byte_buffer_column_word(rows, claim->patient_first_name);
  byte_buffer_column_word(rows, claim->patient_id);
  byte_buffer_column_word(rows, claim->insured_id);
  byte_buffer_column_word(rows, claim->corrected_id);
  byte_buffer_column_word(rows, claim->rendering_provider_id);
  byte_buffer_column_word(rows, claim->crossover_payer);
  byte_buffer_column_word(rows, claim->corrected_payer);
  byte_buffer_column_word(rows, either(claim->from_on, claim->first_service_on));
  byte_buffer_column_word(rows, either(either(claim->through_on, claim->last_service_on), claim->from_on));
  byte_buffer_column_word(rows, claim->received_on);
  byte_buffer_column_word(rows, claim->coverage_expires_on);
  byte_buffer_column_word(rows, claim->remark_codes);
  byte_buffer_column_word(rows, findings);
  byte_buffer_column_boolean(rows, claim->balanced);
  column_buffer(rows, claim->supplement);
  column_buffer(rows, claim->raw);
  byte_buffer_end_row(rows);
  load_progress(state->load, "claims", state->claims);
  return flush_when_full(state, STAGE_CLAIM);
}

static bool take_provider_adjustment(void *context, const struct remittance_provider_adjustment *adjustment) {
  struct remittance_load *state = context;
  struct byte_buffer *rows = &state->rows[STAGE_PROVIDER_ADJUSTMENT];
  byte_buffer_column_integer(rows, adjustment->number);
  byte_buffer_column_word(rows, adjustment->provider_id);
  byte_buffer_column_word(rows, adjustment->fiscal_on);
  byte_buffer_column_word(rows, adjustment->reason_code);
  byte_buffer_column_word(rows, adjustment->reference);
  byte_buffer_column_cents(rows, adjustment->amount);
  byte_buffer_end_row(rows);
  return flush_when_full(state, STAGE_PROVIDER_ADJUSTMENT);
}

/* Sums that do not fit numeric(14,2) can only come from a hostile file; they are shown as the largest that
 * fits. */
static int64_t clamp(int64_t cents) {
  const int64_t most = INT64_C(99999999999999);
  return cents > most ? most : cents < -most ? -most : cents;
}

static void stage_remittance(struct remittance_load *state, const struct remittance *remittance,
                             const struct x12_envelope *envelope, const unsigned char *digest) {
  struct byte_buffer *rows = &state->rows[STAGE_REMITTANCE];
  char findings[REMITTANCE_CODES_SIZE];
  memcpy(findings, remittance->findings, sizeof findings);
  check_npi(state, remittance, envelope->transaction_control, findings);
  char hex[2 * X12_DIGEST_SIZE + 3] = "\\x";
  for (size_t i = 0; i < X12_DIGEST_SIZE; i++) (void)snprintf(hex + 2 + 2 * i, 3, "%02x", digest[i]);
  byte_buffer_column_integer(rows, (int64_t)(remittance->claims - remittance->claims_refused));
  byte_buffer_column_text(rows, envelope->sender);
  byte_buffer_column_text(rows, envelope->interchange_control);
  byte_buffer_column_text(rows, envelope->group_control);
  byte_buffer_column_text(rows, envelope->transaction_control);
  byte_buffer_column_word(rows, envelope->group_sender);
  byte_buffer_column_text(rows, hex);
  byte_buffer_column_cents(rows, remittance->amount);
  byte_buffer_column_boolean(rows, remittance->credit);
  byte_buffer_column_word(rows, remittance->method);
  byte_buffer_column_word(rows, remittance->paid_on);
  byte_buffer_column_word(rows, remittance->produced_on);
  byte_buffer_column_word(rows, remittance->payment_number);
  byte_buffer_column_word(rows, remittance->originator_id);
  byte_buffer_column_word(rows, remittance->payer_name);
  byte_buffer_column_word(rows, remittance->payer_id);
  byte_buffer_column_word(rows, remittance->payer_number);
  byte_buffer_column_word(rows, remittance->payee_name);
  byte_buffer_column_word(rows, remittance->payee_npi);
  byte_buffer_column_word(rows, remittance->payee_tin);
  byte_buffer_column_word(rows, remittance->payee_number);
  byte_buffer_column_word(rows, findings);
  byte_buffer_column_cents(rows, clamp(remittance->difference));
  byte_buffer_column_boolean(rows, remittance->balanced);
  column_buffer(rows, remittance->supplement);
  column_buffer(rows, remittance->raw);
  byte_buffer_end_row(rows);
}

/* Takes the rows that load_remittance answered: the outcome, and what the database has to say. */
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

/* Merges and commits. Returns the outcome's word; "refused" when the database would not. */
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
    load_report_take_back(&load->report, state->mark); /* they were told when it was loaded */
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

/* A transaction set of another kind: the reader's finding has said so. */
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
          load_report_fail(
              &load->report,
              "the file holds no interchange: no ISA that can be read. Is it an 835, and whole?");
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
    load_report_fail(&load->report, "memory is out");
  } else {
    state->load = load;
    ok = read_all(load, reader);
    if (state->open && db_copy_ok(load->db)) (void)db_copy_rollback(load->db);
    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) byte_buffer_free(&state->rows[stage]);
  }
  remittance_reader_free(reader);
  x12_reader_free(x12);
  free(state);
  return ok;
}
