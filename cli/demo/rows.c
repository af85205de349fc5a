/*
 * The rows of claims and remittances. Each table's columns are one table here (db/copy_row.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "demo/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "demo/columns.h"

/* connex.claim_id_new(): months since 2000 in the upper bits, the serial number in the lower 40. */
int64_t demo_claim_id(const struct demo_claim *claim) {
  struct calendar_day day = calendar_from_number(claim->received_on);
  return ((int64_t)((day.year - 2000) * 12 + day.month - 1) << 40) + claim->serial;
}

static bool is_part_b(const struct demo_account *account) {
  return account->contractor->line_of_business == DEMO_PART_B;
}

/* ---------------------------------------------------------------- columns */

#define CLAIM_KEY_COLUMNS(COLUMN)                                                                            \
  COLUMN(contractor_no, word, account->contractor->contractor_no)                                            \
  COLUMN(system, word, claim->system)                                                                        \
  COLUMN(control_no, word, claim->control_no)                                                                \
  COLUMN(claim_id, integer, claim_id)

#define CLAIM_COLUMNS(COLUMN)                                                                                \
  COLUMN(claim_id, integer, claim_id)                                                                        \
  COLUMN(contractor_no, word, account->contractor->contractor_no)                                            \
  COLUMN(system, word, claim->system)                                                                        \
  COLUMN(control_no, word, claim->control_no)                                                                \
  COLUMN(provider_account_id, integer, account->provider_account_id)                                         \
  COLUMN(beneficiary_id, integer, patient.beneficiary_id)                                                    \
  COLUMN(mbi, word, patient.mbi)                                                                             \
  COLUMN(patient_last_name, word, patient.last_name)                                                         \
  COLUMN(patient_first_name, word, patient.first_name)                                                       \
  COLUMN(patient_control_no, word, claim->patient_control_no)                                                \
  COLUMN(line_of_business, word, demo_lines_of_business[account->contractor->line_of_business])              \
  COLUMN(status, word, state->status)                                                                        \
  COLUMN(status_on, day, state->on)                                                                          \
  COLUMN(received_on, day, claim->received_on)                                                               \
  COLUMN(from_on, day, claim->from_on)                                                                       \
  COLUMN(through_on, day, claim->through_on)                                                                 \
  COLUMN(finalized_on, day, state->adjudications > 0 ? state->on : INT32_MAX)                                \
  COLUMN(charge, cents, claim->charge)                                                                       \
  COLUMN(paid, cents, claim->paid)                                                                           \
  COLUMN(patient_responsibility, cents, claim->patient_responsibility)                                       \
  COLUMN(bill_type, word, claim->bill_type)                                                                  \
  COLUMN(diagnoses, list, claim->diagnoses[0], claim->diagnoses[1])                                          \
  COLUMN(remittance_id, id, state->remittance_id)                                                            \
  COLUMN(last_adjudication_no, integer, state->adjudications)

#define ADJUDICATION_COLUMNS(COLUMN)                                                                         \
  COLUMN(claim_id, integer, demo_claim_id(claim))                                                            \
  COLUMN(adjudication_no, integer, adjudication->number)                                                     \
  COLUMN(provider_account_id, integer, account->provider_account_id)                                         \
  COLUMN(remittance_id, integer, adjudication->remittance_id)                                                \
  COLUMN(clp_status, word, adjudication->clp_status)                                                         \
  COLUMN(reverses_no, id, adjudication->reverses_no)                                                         \
  COLUMN(charge, cents, sign * claim->charge)                                                                \
  COLUMN(paid, cents, sign * claim->paid)                                                                    \
  COLUMN(patient_responsibility, cents, sign * claim->patient_responsibility)                                \
  COLUMN(filing_indicator, word, is_part_b(account) ? "MB" : "MA")                                           \
  COLUMN(patient_control_no, word, claim->patient_control_no)                                                \
  COLUMN(from_on, day, claim->from_on)                                                                       \
  COLUMN(through_on, day, claim->through_on)                                                                 \
  COLUMN(received_on, day, claim->received_on)                                                               \
  COLUMN(remark_codes, list, claim->remark_code, NULL)                                                       \
  COLUMN(adjudicated_on, day, adjudication->paid_on)

/* Lines of a claim that is still open have adjudication 0 and no amounts but the charge. */
#define CLAIM_LINE_COLUMNS(COLUMN)                                                                           \
  COLUMN(claim_id, integer, demo_claim_id(claim))                                                            \
  COLUMN(adjudication_no, integer, adjudication_no)                                                          \
  COLUMN(line_no, integer, line_no)                                                                          \
  COLUMN(provider_account_id, integer, account->provider_account_id)                                         \
  COLUMN(procedure_code, word, line->procedure_code)                                                         \
  COLUMN(modifiers, list, line->modifier, NULL)                                                              \
  COLUMN(revenue_code, word, line->revenue_code)                                                             \
  COLUMN(units, integer, line->units)                                                                        \
  COLUMN(from_on, day, claim->from_on)                                                                       \
  COLUMN(through_on, day, claim->through_on)                                                                 \
  COLUMN(charge, cents, sign * line->charge)                                                                 \
  COLUMN(allowed, cents_if, adjudication_no > 0, sign * line->allowed)                                       \
  COLUMN(paid, cents_if, adjudication_no > 0, sign * line->paid)                                             \
  COLUMN(place_of_service, word, is_part_b(account) ? "11" : NULL)                                           \
  COLUMN(remark_codes, list, adjudication_no > 0 ? line->remark_code : NULL, NULL)                           \
  COLUMN(adjustment_groups, text, adjustments.groups)                                                        \
  COLUMN(adjustment_reasons, text, adjustments.reasons)                                                      \
  COLUMN(adjustment_amounts, text, adjustments.amounts)

#define REMITTANCE_COLUMNS(COLUMN)                                                                           \
  COLUMN(remittance_id, integer, remittance->remittance_id)                                                  \
  COLUMN(provider_account_id, integer, account->provider_account_id)                                         \
  COLUMN(contractor_no, word, account->contractor->contractor_no)                                            \
  COLUMN(payer_name, word, account->contractor->name)                                                        \
  COLUMN(payer_id, word, account->contractor->contractor_no)                                                 \
  COLUMN(payee_name, word, account->name)                                                                    \
  COLUMN(payee_npi, word, account->npi)                                                                      \
  COLUMN(payee_tin, word, account->tin)                                                                      \
  COLUMN(payment_number, word, number)                                                                       \
  COLUMN(method, word, remittance->eft ? "ACH" : "CHK")                                                      \
  COLUMN(amount, cents, remittance->amount)                                                                  \
  COLUMN(paid_on, day, remittance->paid_on)                                                                  \
  COLUMN(produced_on, day, remittance->paid_on)                                                              \
  COLUMN(balanced, boolean, true)                                                                            \
  COLUMN(claim_count, integer, remittance->claims)                                                           \
  COLUMN(sender, word, "DEMONSTRATION")                                                                      \
  COLUMN(interchange_control, word, control)                                                                 \
  COLUMN(group_control, word, "1")                                                                           \
  COLUMN(transaction_control, word, "0001")                                                                  \
  COLUMN(sha256, word, hash)                                                                                 \
  COLUMN(loaded_at, noon, remittance->paid_on)

/* WO: the recovery of an overpayment. */
#define PROVIDER_ADJUSTMENT_COLUMNS(COLUMN)                                                                  \
  COLUMN(remittance_id, integer, remittance->remittance_id)                                                  \
  COLUMN(adjustment_no, integer, 1)                                                                          \
  COLUMN(provider_id, word, account->npi)                                                                    \
  COLUMN(reason_code, word, "WO")                                                                            \
  COLUMN(reference, word, control)                                                                           \
  COLUMN(amount, cents, remittance->recovered)

#define PAYMENT_COLUMNS(COLUMN)                                                                              \
  COLUMN(contractor_no, word, account->contractor->contractor_no)                                            \
  COLUMN(provider_account_id, integer, account->provider_account_id)                                         \
  COLUMN(payment_number, word, number)                                                                       \
  COLUMN(method, word, remittance->eft ? "eft" : "check")                                                    \
  COLUMN(amount, cents, remittance->amount)                                                                  \
  COLUMN(issued_on, day, remittance->paid_on)

#define APPEAL_COLUMNS(COLUMN)                                                                               \
  COLUMN(appeal_id, integer, appeal->appeal_id)                                                              \
  COLUMN(confirmation_no, word, confirmation_no)                                                             \
  COLUMN(claim_id, integer, demo_claim_id(claim))                                                            \
  COLUMN(provider_account_id, integer, account->provider_account_id)                                         \
  COLUMN(contractor_no, word, account->contractor->contractor_no)                                            \
  COLUMN(status, word, appeal->status)                                                                       \
  COLUMN(outcome, word, appeal->outcome)                                                                     \
  COLUMN(requester_name, word, "Marigold Thornbury-Lee")                                                     \
  COLUMN(requester_phone, word, account->phone)                                                              \
  COLUMN(reason, word, appeal->reason)                                                                       \
  COLUMN(filed_at, noon, appeal->filed_on)                                                                   \
  COLUMN(filed_by, integer, DEMO_USER_LSO)                                                                   \
  COLUMN(notice_on, day, appeal->notice_on)                                                                  \
  COLUMN(deadline_on, day, appeal->notice_on + 5 + 120) /* 42 CFR 405.942(a) */                              \
  COLUMN(decision_due_on, day, appeal->filed_on + 60)   /* 42 CFR 405.950(a) */                              \
  COLUMN(assigned_to, id, appeal->analyst)                                                                   \
  COLUMN(decided_at, noon, appeal->decided ? appeal->decided_on : INT32_MAX)                                 \
  COLUMN(decided_by, id, appeal->decided ? appeal->analyst : 0)                                              \
  COLUMN(rationale, word, appeal->decided ? rationale : NULL)                                                \
  COLUMN(version, integer, 1 + (appeal->analyst > 0) + appeal->decided)

#define APPEAL_EVENT_COLUMNS(COLUMN)                                                                         \
  COLUMN(appeal_id, integer, appeal->appeal_id)                                                              \
  COLUMN(event_no, integer, event_no)                                                                        \
  COLUMN(at, noon, events[i].on)                                                                             \
  COLUMN(user_account_id, integer, i == 0 ? DEMO_USER_LSO : DEMO_USER_ANALYST)                               \
  COLUMN(action, word, events[i].action)                                                                     \
  COLUMN(words, word, NULL)

const struct copy_target demo_targets[DEMO_TABLES] = {
    [DEMO_REMITTANCE] = COPY_TARGET("connex.remittance", REMITTANCE_COLUMNS),
    [DEMO_PROVIDER_ADJUSTMENT] = COPY_TARGET("connex.provider_adjustment", PROVIDER_ADJUSTMENT_COLUMNS),
    [DEMO_PAYMENT] = COPY_TARGET("connex.payment", PAYMENT_COLUMNS),
    [DEMO_CLAIM_KEY] = COPY_TARGET("connex.claim_key", CLAIM_KEY_COLUMNS),
    [DEMO_CLAIM] = COPY_TARGET("connex.claim", CLAIM_COLUMNS),
    [DEMO_ADJUDICATION] = COPY_TARGET("connex.adjudication", ADJUDICATION_COLUMNS),
    [DEMO_CLAIM_LINE] = COPY_TARGET("connex.claim_line", CLAIM_LINE_COLUMNS),
    [DEMO_APPEAL] = COPY_TARGET("connex.appeal", APPEAL_COLUMNS),
    [DEMO_APPEAL_EVENT] = COPY_TARGET("connex.appeal_event", APPEAL_EVENT_COLUMNS),
};

/* ---------------------------------------------------------------- claims */

/* The adjustments of a line as arrays of PostgreSQL. */
struct adjustment_lists {
  char groups[64], reasons[64], amounts[160];
};

static void append(char *list, size_t size, const char *item) {
  size_t at = strlen(list);
  snprintf(list + at, size - at, "%s", item);
}

static void add_item(char *list, size_t size, const char *item) {
  append(list, size, list[0] == '\0' ? "{" : ",");
  append(list, size, item);
}

static void end_list(char *list, size_t size) { append(list, size, list[0] == '\0' ? "{}" : "}"); }

static void list_adjustments(const struct demo_line *line, int count, int sign,
                             struct adjustment_lists *lists) {
  char amount[24];
  *lists = (struct adjustment_lists){"", "", ""};
  for (int i = 0; i < count; i++) {
    const struct demo_adjustment *one = &line->adjustments[i];
    add_item(lists->groups, sizeof lists->groups, one->group_code);
    add_item(lists->reasons, sizeof lists->reasons, one->reason_code);
    add_item(lists->amounts, sizeof lists->amounts, cents_text(sign * one->amount, amount));
  }
  end_list(lists->groups, sizeof lists->groups);
  end_list(lists->reasons, sizeof lists->reasons);
  end_list(lists->amounts, sizeof lists->amounts);
}

void demo_add_lines(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                    int adjudication_no, int sign) {
  for (int line_no = 1; line_no <= claim->line_count; line_no++) {
    const struct demo_line *line = &claim->lines[line_no - 1];
    struct adjustment_lists adjustments;
    list_adjustments(line, adjudication_no > 0 ? line->adjustment_count : 0, sign, &adjustments);
    COPY_ROW(&demo->rows[DEMO_CLAIM_LINE], CLAIM_LINE_COLUMNS);
  }
}

void demo_add_adjudication(struct demo *demo, const struct demo_account *account,
                           const struct demo_claim *claim, const struct demo_adjudication *adjudication) {
  int sign = adjudication->reverses_no > 0 ? -1 : 1;
  COPY_ROW(&demo->rows[DEMO_ADJUDICATION], ADJUDICATION_COLUMNS);
  demo_add_lines(demo, account, claim, adjudication->number, sign);
}

void demo_add_claim(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                    const struct demo_claim_state *state) {
  struct demo_beneficiary patient;
  int64_t claim_id = demo_claim_id(claim);
  demo_beneficiary_make(demo->seed, claim->beneficiary_index, demo->today, &patient);
  COPY_ROW(&demo->rows[DEMO_CLAIM_KEY], CLAIM_KEY_COLUMNS);
  COPY_ROW(&demo->rows[DEMO_CLAIM], CLAIM_COLUMNS);
}

/* ---------------------------------------------------------------- appeals */

void demo_add_appeal(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                     const struct demo_appeal *appeal) {
  static const char rationale[] = "The documentation was reviewed against the coverage rules for this "
                                  "service; the decision follows from it.";
  const struct {
    const char *action;
    int32_t on;
  } events[] = {{"filed", appeal->filed_on},
                {appeal->analyst > 0 ? "taken" : NULL, appeal->filed_on + 1},
                {!appeal->decided            ? NULL
                 : appeal->outcome[0] == 'd' ? "dismissed"
                                             : "decided",
                 appeal->decided_on}};
  char confirmation_no[40], filed_text[CALENDAR_COMPACT_SIZE];
  calendar_format_compact(calendar_from_number(appeal->filed_on), filed_text);
  snprintf(confirmation_no, sizeof confirmation_no, "R-%s-%06" PRId64, filed_text, appeal->appeal_id);
  COPY_ROW(&demo->rows[DEMO_APPEAL], APPEAL_COLUMNS);
  for (int i = 0, event_no = 0; i < 3; i++) {
    if (!events[i].action) continue;
    event_no++;
    COPY_ROW(&demo->rows[DEMO_APPEAL_EVENT], APPEAL_EVENT_COLUMNS);
  }
}

/* ---------------------------------------------------------------- remittances */

void demo_add_remittance(struct demo *demo, const struct demo_account *account,
                         const struct demo_remittance *remittance) {
  char number[32], hash[72], control[24];
  snprintf(number, sizeof number, "%s%09" PRId64, remittance->eft ? "EFT" : "", remittance->remittance_id);
  snprintf(hash, sizeof hash, "\\x%064" PRIx64, (uint64_t)remittance->remittance_id);
  snprintf(control, sizeof control, "%09" PRId64, remittance->remittance_id);
  COPY_ROW(&demo->rows[DEMO_REMITTANCE], REMITTANCE_COLUMNS);
  if (remittance->recovered != 0)
    COPY_ROW(&demo->rows[DEMO_PROVIDER_ADJUSTMENT], PROVIDER_ADJUSTMENT_COLUMNS);
  if (remittance->amount <= 0) return; /* nothing was paid out */
  COPY_ROW(&demo->rows[DEMO_PAYMENT], PAYMENT_COLUMNS);
  snprintf(demo->last_payment_number, sizeof demo->last_payment_number, "%s", number);
  demo->last_payment_amount = remittance->amount;
}
