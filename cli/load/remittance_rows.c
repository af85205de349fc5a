/*
 * See remittance_rows.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load/remittance_rows.h"

#include <stdio.h>

static const char *either(const char *first, const char *second) { return first[0] != '\0' ? first : second; }

/* Sums that do not fit numeric(14,2) can only come from a hostile file; they are shown as the largest value
 * that fits. */
static int64_t clamp(int64_t cents) {
  const int64_t most = INT64_C(99999999999999);
  return cents > most ? most : cents < -most ? -most : cents;
}

/* The adjustments of a line or a claim are arrays of one length in its own row. */
#define ADJUSTMENT_COLUMNS(COLUMN)                                                                           \
  COLUMN(adjustment_groups, list, &adjustments->groups, true)                                                \
  COLUMN(adjustment_reasons, list, &adjustments->reasons, true)                                              \
  COLUMN(adjustment_amounts, list, &adjustments->amounts, true)                                              \
  COLUMN(adjustment_quantities, list, &adjustments->quantities, adjustments->quantified)

#define LINE_COLUMNS(COLUMN)                                                                                 \
  COLUMN(number, integer, (int64_t)line->claim_number)                                                       \
  COLUMN(line_no, integer, line->number)                                                                     \
  COLUMN(procedure_code, word, line->procedure_code)                                                         \
  COLUMN(modifiers, word, line->modifiers)                                                                   \
  COLUMN(revenue_code, word, line->revenue_code)                                                             \
  COLUMN(units, word, line->units)                                                                           \
  COLUMN(from_on, word, line->from_on)                                                                       \
  COLUMN(through_on, word, line->through_on)                                                                 \
  COLUMN(charge, cents, line->charge)                                                                        \
  COLUMN(allowed, cents_if, line->allowed_given, line->allowed)                                              \
  COLUMN(paid, cents, line->paid)                                                                            \
  COLUMN(submitted_procedure_code, word, line->submitted_procedure_code)                                     \
  COLUMN(line_control_no, word, line->line_control_no)                                                       \
  COLUMN(remark_codes, word, line->remark_codes)                                                             \
  COLUMN(supplement, buffer, line->supplement)                                                               \
  ADJUSTMENT_COLUMNS(COLUMN)

/* A claim without dates of its own has those of its lines. */
#define CLAIM_COLUMNS(COLUMN)                                                                                \
  COLUMN(number, integer, (int64_t)claim->number)                                                            \
  COLUMN(segment, integer, (int64_t)claim->segment_number)                                                   \
  COLUMN(patient_control_no, word, claim->patient_control_no)                                                \
  COLUMN(clp_status, word, claim->status)                                                                    \
  COLUMN(charge, cents, claim->charge)                                                                       \
  COLUMN(paid, cents, claim->paid)                                                                           \
  COLUMN(patient_responsibility, cents, claim->patient_responsibility)                                       \
  COLUMN(filing_indicator, word, claim->filing_indicator)                                                    \
  COLUMN(control_no, word, claim->control_no)                                                                \
  COLUMN(facility, word, claim->facility)                                                                    \
  COLUMN(frequency, word, claim->frequency)                                                                  \
  COLUMN(drg, word, claim->drg)                                                                              \
  COLUMN(patient_last_name, word, claim->patient_last_name)                                                  \
  COLUMN(patient_first_name, word, claim->patient_first_name)                                                \
  COLUMN(patient_id, word, claim->patient_id)                                                                \
  COLUMN(insured_id, word, claim->insured_id)                                                                \
  COLUMN(corrected_id, word, claim->corrected_id)                                                            \
  COLUMN(rendering_provider_id, word, claim->rendering_provider_id)                                          \
  COLUMN(crossover_payer, word, claim->crossover_payer)                                                      \
  COLUMN(corrected_payer, word, claim->corrected_payer)                                                      \
  COLUMN(from_on, word, either(claim->from_on, claim->first_service_on))                                     \
  COLUMN(through_on, word, either(either(claim->through_on, claim->last_service_on), claim->from_on))        \
  COLUMN(received_on, word, claim->received_on)                                                              \
  COLUMN(coverage_expires_on, word, claim->coverage_expires_on)                                              \
  COLUMN(remark_codes, word, claim->remark_codes)                                                            \
  COLUMN(findings, word, findings)                                                                           \
  COLUMN(balanced, boolean, claim->balanced)                                                                 \
  COLUMN(supplement, buffer, claim->supplement)                                                              \
  COLUMN(raw, buffer, claim->raw)                                                                            \
  ADJUSTMENT_COLUMNS(COLUMN)

#define PROVIDER_ADJUSTMENT_COLUMNS(COLUMN)                                                                  \
  COLUMN(adjustment_no, integer, adjustment->number)                                                         \
  COLUMN(provider_id, word, adjustment->provider_id)                                                         \
  COLUMN(fiscal_on, word, adjustment->fiscal_on)                                                             \
  COLUMN(reason_code, word, adjustment->reason_code)                                                         \
  COLUMN(reference, word, adjustment->reference)                                                             \
  COLUMN(amount, cents, adjustment->amount)

#define REMITTANCE_COLUMNS(COLUMN)                                                                           \
  COLUMN(claim_count, integer, (int64_t)(remittance->claims - remittance->claims_refused))                   \
  COLUMN(sender, text, envelope->sender)                                                                     \
  COLUMN(interchange_control, text, envelope->interchange_control)                                           \
  COLUMN(group_control, text, envelope->group_control)                                                       \
  COLUMN(transaction_control, text, envelope->transaction_control)                                           \
  COLUMN(group_sender, word, envelope->group_sender)                                                         \
  COLUMN(sha256, digest, digest)                                                                             \
  COLUMN(amount, cents, remittance->amount)                                                                  \
  COLUMN(credit, boolean, remittance->credit)                                                                \
  COLUMN(method, word, remittance->method)                                                                   \
  COLUMN(paid_on, word, remittance->paid_on)                                                                 \
  COLUMN(produced_on, word, remittance->produced_on)                                                         \
  COLUMN(payment_number, word, remittance->payment_number)                                                   \
  COLUMN(originator_id, word, remittance->originator_id)                                                     \
  COLUMN(payer_name, word, remittance->payer_name)                                                           \
  COLUMN(payer_id, word, remittance->payer_id)                                                               \
  COLUMN(payer_number, word, remittance->payer_number)                                                       \
  COLUMN(payee_name, word, remittance->payee_name)                                                           \
  COLUMN(payee_npi, word, remittance->payee_npi)                                                             \
  COLUMN(payee_tin, word, remittance->payee_tin)                                                             \
  COLUMN(payee_number, word, remittance->payee_number)                                                       \
  COLUMN(findings, word, findings)                                                                           \
  COLUMN(difference, cents, clamp(remittance->difference))                                                   \
  COLUMN(balanced, boolean, remittance->balanced)                                                            \
  COLUMN(supplement, buffer, remittance->supplement)                                                         \
  COLUMN(raw, buffer, remittance->raw)

const struct copy_target stage_targets[STAGE_COUNT] = {
    [STAGE_REMITTANCE] = COPY_TARGET("stage_remittance", REMITTANCE_COLUMNS),
    [STAGE_PROVIDER_ADJUSTMENT] = COPY_TARGET("stage_provider_adjustment", PROVIDER_ADJUSTMENT_COLUMNS),
    [STAGE_CLAIM] = COPY_TARGET("stage_claim", CLAIM_COLUMNS),
    [STAGE_LINE] = COPY_TARGET("stage_line", LINE_COLUMNS),
};

/* ---------------------------------------------------------------- adjustments */

static void begin_item(struct byte_buffer *list) { byte_buffer_add(list, list->length == 0 ? "{" : ",", 1); }

/* A code is text from a file: in quotes, it can hold anything. */
static void add_code(struct byte_buffer *list, const char *code) {
  begin_item(list);
  byte_buffer_add(list, "\"", 1);
  for (; *code != '\0'; code++) {
    if (*code == '"' || *code == '\\') byte_buffer_add(list, "\\", 1);
    byte_buffer_add(list, code, 1);
  }
  byte_buffer_add(list, "\"", 1);
}

bool stage_keep_adjustment(struct stage_adjustments *adjustments,
                           const struct remittance_adjustment *adjustment) {
  char amount[24];
  if (adjustments->count == STAGE_ADJUSTMENTS_MOST) return false;
  adjustments->count++;
  add_code(&adjustments->groups, adjustment->group_code);
  add_code(&adjustments->reasons, adjustment->reason_code);
  begin_item(&adjustments->amounts);
  byte_buffer_add_word(&adjustments->amounts, cents_text(adjustment->amount, amount));
  begin_item(&adjustments->quantities);
  byte_buffer_add_word(&adjustments->quantities, either(adjustment->quantity, "NULL"));
  adjustments->quantified = adjustments->quantified || adjustment->quantity[0] != '\0';
  return true;
}

void stage_forget_adjustments(struct stage_adjustments *adjustments) {
  byte_buffer_clear(&adjustments->groups);
  byte_buffer_clear(&adjustments->reasons);
  byte_buffer_clear(&adjustments->amounts);
  byte_buffer_clear(&adjustments->quantities);
  adjustments->count = 0;
  adjustments->quantified = false;
}

void stage_free_adjustments(struct stage_adjustments *adjustments) {
  byte_buffer_free(&adjustments->groups);
  byte_buffer_free(&adjustments->reasons);
  byte_buffer_free(&adjustments->amounts);
  byte_buffer_free(&adjustments->quantities);
}

/* A database NULL when the list is empty or not wanted. */
static void column_list(struct byte_buffer *row, struct byte_buffer *list, bool wanted) {
  if (list->failed) row->failed = true;
  if (list->length > 0) byte_buffer_add(list, "}", 1);
  if (wanted) column_buffer(row, list);
  else byte_buffer_column_null(row);
}

/* ---------------------------------------------------------------- rows */

void stage_add_line(struct byte_buffer *rows, const struct remittance_line *line,
                    struct stage_adjustments *adjustments) {
  COPY_ROW(rows, LINE_COLUMNS);
  stage_forget_adjustments(adjustments);
}

void stage_add_claim(struct byte_buffer *rows, const struct remittance_claim *claim, const char *findings,
                     struct stage_adjustments *adjustments) {
  COPY_ROW(rows, CLAIM_COLUMNS);
  stage_forget_adjustments(adjustments);
}

void stage_add_provider_adjustment(struct byte_buffer *rows,
                                   const struct remittance_provider_adjustment *adjustment) {
  COPY_ROW(rows, PROVIDER_ADJUSTMENT_COLUMNS);
}

/* A SHA-256 as PostgreSQL reads a bytea. */
static void column_digest(struct byte_buffer *row, const unsigned char *digest) {
  char hex[2 * X12_DIGEST_SIZE + 3] = "\\x";
  for (size_t i = 0; i < X12_DIGEST_SIZE; i++) (void)snprintf(hex + 2 + 2 * i, 3, "%02x", digest[i]);
  column_text(row, hex);
}

void stage_add_remittance(struct byte_buffer *rows, const struct remittance *remittance,
                          const struct x12_envelope *envelope, const unsigned char *digest,
                          const char *findings) {
  COPY_ROW(rows, REMITTANCE_COLUMNS);
}
