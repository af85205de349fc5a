/*
 * connex demo: fills an empty database with the invented world of
 * demo_world.c: a contractor of two jurisdictions, provider accounts,
 * beneficiaries with coverage, claims with a believable life, remittances that
 * balance, payments, appeals at every stage, and a few users. The same seed
 * and day make the same rows. Memory does not grow with --claims.
 *
 * It runs as the owner: users and appeals are not a loader's to write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "demo/demo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "verb.h"

/* Every table that is filled row by row, in the order in which foreign keys allow it. */
static const char *const table_targets[DEMO_TABLES] = {
    [DEMO_REMITTANCE] =
        "connex.remittance (remittance_id, provider_account_id, contractor_no, payer_name, payer_id, "
        "payee_name, "
        "payee_npi,"
        " payee_tin, payment_number, method, amount, paid_on, produced_on, balanced, claim_count, sender,"
        " interchange_control, group_control, transaction_control, sha256, loaded_at)",
    [DEMO_PROVIDER_ADJUSTMENT] = "connex.provider_adjustment (remittance_id, adjustment_no, provider_id, "
                                 "reason_code, reference, amount)",
    [DEMO_PAYMENT] =
        "connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on)",
    [DEMO_CLAIM_KEY] = "connex.claim_key (contractor_no, system, control_no, claim_id)",
    [DEMO_CLAIM] =
        "connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, beneficiary_id, "
        "mbi, "
        "patient_last_name,"
        " patient_first_name, patient_control_no, line_of_business, status, status_on, received_on, from_on, "
        "through_on,"
        " finalized_on, charge, paid, patient_responsibility, bill_type, diagnoses, remittance_id, "
        "last_adjudication_no)",
    [DEMO_ADJUDICATION] =
        "connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, "
        "reverses_no, charge,"
        " paid, patient_responsibility, filing_indicator, patient_control_no, from_on, through_on, "
        "received_on,"
        " remark_codes, adjudicated_on)",
    [DEMO_CLAIM_LINE] = "connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, "
                        "procedure_code, modifiers, "
                        "revenue_code,"
                        " units, from_on, through_on, charge, allowed, paid, place_of_service, remark_codes)",
    [DEMO_CLAIM_ADJUSTMENT] = "connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, "
                              "provider_account_id, group_code,"
                              " reason_code, amount)",
    [DEMO_APPEAL] =
        "connex.appeal (appeal_id, confirmation_no, claim_id, provider_account_id, contractor_no, status, "
        "outcome, "
        "requester_name,"
        " requester_phone, reason, filed_at, filed_by, notice_on, deadline_on, decision_due_on, assigned_to, "
        "decided_at,"
        " decided_by, rationale, version)",
    [DEMO_APPEAL_EVENT] = "connex.appeal_event (appeal_id, event_no, at, user_account_id, action, words)",
};

/* ---------------------------------------------------------------- columns */

void demo_column_day(struct byte_buffer *row, int32_t day) {
  char text[CALENDAR_DAY_SIZE];
  calendar_format(calendar_from_number(day), text);
  byte_buffer_column_word(row, text);
}

static void column_array(struct byte_buffer *row, const char *first, const char *second) {
  char text[80];
  snprintf(text, sizeof text, "{%s%s%s}", first ? first : "", first && second ? "," : "",
           second ? second : "");
  byte_buffer_column_text(row, text);
}

/* Noon in New York or so: an instant for a day. */
static void column_noon(struct byte_buffer *row, int32_t day) {
  char text[CALENDAR_INSTANT_SIZE];
  calendar_format_instant((int64_t)day * 86400 + 17 * 3600, text);
  byte_buffer_column_word(row, text);
}

static void column_id_or_null(struct byte_buffer *row, int64_t id) {
  if (id > 0) byte_buffer_column_integer(row, id);
  else byte_buffer_column_null(row);
}

/* ---------------------------------------------------------------- claims */

int64_t demo_claim_id(const struct demo_claim *claim) {
  struct calendar_day day = calendar_from_number(claim->received_on);
  return ((int64_t)((day.year - 2000) * 12 + day.month - 1) << 40) +
         claim->serial; /* connex.claim_id_new() */
}

static void add_lines(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                      int adjudication_no, int sign) {
  int64_t claim_id = demo_claim_id(claim);
  for (int i = 0; i < claim->line_count; i++) {
    const struct demo_line *line = &claim->lines[i];
    struct byte_buffer *row = &demo->rows[DEMO_CLAIM_LINE];
    byte_buffer_column_integer(row, claim_id);
    byte_buffer_column_integer(row, adjudication_no);
    byte_buffer_column_integer(row, i + 1);
    byte_buffer_column_integer(row, account->provider_account_id);
    byte_buffer_column_word(row, line->procedure_code);
    column_array(row, line->modifier, NULL);
    byte_buffer_column_word(row, line->revenue_code);
    byte_buffer_column_integer(row, line->units);
    demo_column_day(row, claim->from_on);
    demo_column_day(row, claim->through_on);
    byte_buffer_column_cents(row, sign * line->charge);
    if (adjudication_no == 0) {
      byte_buffer_column_null(row);
      byte_buffer_column_null(row);
    } else {
      byte_buffer_column_cents(row, sign * line->allowed);
      byte_buffer_column_cents(row, sign * line->paid);
    }
    byte_buffer_column_word(row, account->contractor->line_of_business == DEMO_PART_B ? "11" : NULL);
    column_array(row, adjudication_no == 0 ? NULL : line->remark_code, NULL);
    byte_buffer_end_row(row);
    for (int k = 0; adjudication_no > 0 && k < line->adjustment_count; k++) {
      row = &demo->rows[DEMO_CLAIM_ADJUSTMENT];
      byte_buffer_column_integer(row, claim_id);
      byte_buffer_column_integer(row, adjudication_no);
      byte_buffer_column_integer(row, i + 1);
      byte_buffer_column_integer(row, k + 1);
      byte_buffer_column_integer(row, account->provider_account_id);
      byte_buffer_column_word(row, line->adjustments[k].group_code);
      byte_buffer_column_word(row, line->adjustments[k].reason_code);
      byte_buffer_column_cents(row, sign * line->adjustments[k].amount);
      byte_buffer_end_row(row);
    }
  }
}

static void add_adjudication(struct demo *demo, const struct demo_account *account,
                             const struct demo_claim *claim, int adjudication_no, int64_t remittance_id,
                             int32_t paid_on, const char *clp_status, int reverses_no) {
  int sign = reverses_no > 0 ? -1 : 1;
  struct byte_buffer *row = &demo->rows[DEMO_ADJUDICATION];
  byte_buffer_column_integer(row, demo_claim_id(claim));
  byte_buffer_column_integer(row, adjudication_no);
  byte_buffer_column_integer(row, account->provider_account_id);
  byte_buffer_column_integer(row, remittance_id);
  byte_buffer_column_word(row, clp_status);
  column_id_or_null(row, reverses_no);
  byte_buffer_column_cents(row, sign * claim->charge);
  byte_buffer_column_cents(row, sign * claim->paid);
  byte_buffer_column_cents(row, sign * claim->patient_responsibility);
  byte_buffer_column_word(row, account->contractor->line_of_business == DEMO_PART_B ? "MB" : "MA");
  byte_buffer_column_word(row, claim->patient_control_no);
  demo_column_day(row, claim->from_on);
  demo_column_day(row, claim->through_on);
  demo_column_day(row, claim->received_on);
  column_array(row, claim->remark_code, NULL);
  demo_column_day(row, paid_on);
  byte_buffer_end_row(row);
  add_lines(demo, account, claim, adjudication_no, sign);
}

static void add_claim(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                      const char *status, int32_t status_on, int64_t remittance_id, int adjudications) {
  struct demo_beneficiary patient;
  demo_beneficiary_make(demo->seed, claim->beneficiary_index, demo->today, &patient);
  int64_t claim_id = demo_claim_id(claim);
  struct byte_buffer *row = &demo->rows[DEMO_CLAIM_KEY];
  byte_buffer_column_word(row, account->contractor->contractor_no);
  byte_buffer_column_word(row, claim->system);
  byte_buffer_column_word(row, claim->control_no);
  byte_buffer_column_integer(row, claim_id);
  byte_buffer_end_row(row);

  row = &demo->rows[DEMO_CLAIM];
  byte_buffer_column_integer(row, claim_id);
  byte_buffer_column_word(row, account->contractor->contractor_no);
  byte_buffer_column_word(row, claim->system);
  byte_buffer_column_word(row, claim->control_no);
  byte_buffer_column_integer(row, account->provider_account_id);
  byte_buffer_column_integer(row, patient.beneficiary_id);
  byte_buffer_column_word(row, patient.mbi);
  byte_buffer_column_word(row, patient.last_name);
  byte_buffer_column_word(row, patient.first_name);
  byte_buffer_column_word(row, claim->patient_control_no);
  byte_buffer_column_word(row, demo_lines_of_business[account->contractor->line_of_business]);
  byte_buffer_column_word(row, status);
  demo_column_day(row, status_on);
  demo_column_day(row, claim->received_on);
  demo_column_day(row, claim->from_on);
  demo_column_day(row, claim->through_on);
  if (adjudications > 0) demo_column_day(row, status_on);
  else byte_buffer_column_null(row);
  byte_buffer_column_cents(row, claim->charge);
  byte_buffer_column_cents(row, claim->paid);
  byte_buffer_column_cents(row, claim->patient_responsibility);
  byte_buffer_column_word(row, claim->bill_type);
  column_array(row, claim->diagnoses[0], claim->diagnoses[1]);
  column_id_or_null(row, remittance_id);
  byte_buffer_column_integer(row, adjudications);
  byte_buffer_end_row(row);
}

/* ---------------------------------------------------------------- appeals */

static const char *const appeal_reasons[] = {
    "The records show that the service was medically necessary; the notes of the visit are attached.",
    "The two services were separate and are documented separately, as modifier 59 says.",
    "The claim is not a duplicate: the services were at different times of the day."};

/* A redetermination of a denied claim, at the stage that its age suggests. */
static void add_appeal(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                       int32_t paid_on) {
  struct demo_random random = demo_random_of(demo->seed, 6, (uint64_t)claim->serial);
  int32_t filed_on = paid_on + (int32_t)demo_random_between(&random, 3, 60);
  if (filed_on >= demo->today) return;
  int32_t age = demo->today - filed_on;
  bool decided = age > 45 || (age > 25 && demo_random_chance(&random, 500));
  static const char *const outcomes[] = {"fully_favorable", "partially_favorable", "unfavorable",
                                         "unfavorable", "dismissed"};
  const char *outcome = decided ? outcomes[demo_random_between(&random, 0, 4)] : NULL;
  const char *status = !decided            ? (age > 10 ? "in_review" : "received")
                       : outcome[0] == 'd' ? "dismissed"
                                           : "decided";
  int32_t decided_on = filed_on + (age < 44 ? age - 1 : (int32_t)demo_random_between(&random, 20, 43));
  int64_t analyst = strcmp(status, "received") == 0 ? 0 : DEMO_USER_ANALYST;
  int64_t appeal_id = ++demo->appeals;
  char confirmation_no[40], filed_text[CALENDAR_COMPACT_SIZE];
  calendar_format_compact(calendar_from_number(filed_on), filed_text);
  snprintf(confirmation_no, sizeof confirmation_no, "R-%s-%06" PRId64, filed_text, appeal_id);

  struct byte_buffer *row = &demo->rows[DEMO_APPEAL];
  byte_buffer_column_integer(row, appeal_id);
  byte_buffer_column_word(row, confirmation_no);
  byte_buffer_column_integer(row, demo_claim_id(claim));
  byte_buffer_column_integer(row, account->provider_account_id);
  byte_buffer_column_word(row, account->contractor->contractor_no);
  byte_buffer_column_word(row, status);
  byte_buffer_column_word(row, outcome);
  byte_buffer_column_word(row, "Marigold Thornbury-Lee");
  byte_buffer_column_word(row, account->phone);
  byte_buffer_column_word(row, appeal_reasons[demo_random_between(&random, 0, 2)]);
  column_noon(row, filed_on);
  byte_buffer_column_integer(row, DEMO_USER_LSO);
  demo_column_day(row, paid_on);
  demo_column_day(row, paid_on + 5 + 120); /* 42 CFR 405.942(a) */
  demo_column_day(row, filed_on + 60);     /* 42 CFR 405.950(a) */
  column_id_or_null(row, analyst);
  if (decided) {
    column_noon(row, decided_on);
    byte_buffer_column_integer(row, analyst);
    byte_buffer_column_word(row, "The documentation was reviewed against the coverage rules for this "
                                 "service; the decision follows from it.");
  } else {
    byte_buffer_column_null(row);
    byte_buffer_column_null(row);
    byte_buffer_column_null(row);
  }
  byte_buffer_column_integer(row, 1 + (analyst > 0) + decided);
  byte_buffer_end_row(row);

  const char *actions[] = {"filed", analyst > 0 ? "taken" : NULL,
                           decided ? (outcome[0] == 'd' ? "dismissed" : "decided") : NULL};
  int32_t days[] = {filed_on, filed_on + 1, decided_on};
  for (int i = 0, event_no = 0; i < 3; i++) {
    if (!actions[i]) continue;
    row = &demo->rows[DEMO_APPEAL_EVENT];
    byte_buffer_column_integer(row, appeal_id);
    byte_buffer_column_integer(row, ++event_no);
    column_noon(row, days[i]);
    byte_buffer_column_integer(row, i == 0 ? DEMO_USER_LSO : DEMO_USER_ANALYST);
    byte_buffer_column_word(row, actions[i]);
    byte_buffer_column_null(row);
    byte_buffer_end_row(row);
  }
}

/* ---------------------------------------------------------------- remittances */

static void add_remittance(struct demo *demo, const struct demo_account *account,
                           const struct demo_remittance *remittance) {
  char number[32], hash[72], control[24];
  snprintf(number, sizeof number, "%s%09" PRId64, remittance->eft ? "EFT" : "", remittance->remittance_id);
  snprintf(hash, sizeof hash, "\\x%064" PRIx64, (uint64_t)remittance->remittance_id);
  snprintf(control, sizeof control, "%09" PRId64, remittance->remittance_id);
  struct byte_buffer *row = &demo->rows[DEMO_REMITTANCE];
  byte_buffer_column_integer(row, remittance->remittance_id);
  byte_buffer_column_integer(row, account->provider_account_id);
  byte_buffer_column_word(row, account->contractor->contractor_no);
  byte_buffer_column_word(row, account->contractor->name);
  byte_buffer_column_word(row, account->contractor->contractor_no);
  byte_buffer_column_word(row, account->name);
  byte_buffer_column_word(row, account->npi);
  byte_buffer_column_word(row, account->tin);
  byte_buffer_column_word(row, number);
  byte_buffer_column_word(row, remittance->eft ? "ACH" : "CHK");
  byte_buffer_column_cents(row, remittance->amount);
  demo_column_day(row, remittance->paid_on);
  demo_column_day(row, remittance->paid_on);
  byte_buffer_column_boolean(row, true);
  byte_buffer_column_integer(row, remittance->claims);
  byte_buffer_column_word(row, "DEMONSTRATION");
  byte_buffer_column_word(row, control);
  byte_buffer_column_word(row, "1");
  byte_buffer_column_word(row, "0001");
  byte_buffer_column_word(row, hash);
  column_noon(row, remittance->paid_on);
  byte_buffer_end_row(row);
  if (remittance->recovered != 0) {
    row = &demo->rows[DEMO_PROVIDER_ADJUSTMENT];
    byte_buffer_column_integer(row, remittance->remittance_id);
    byte_buffer_column_integer(row, 1);
    byte_buffer_column_word(row, account->npi);
    byte_buffer_column_word(row, "WO"); /* overpayment recovery */
    byte_buffer_column_word(row, control);
    byte_buffer_column_cents(row, remittance->recovered);
    byte_buffer_end_row(row);
  }
  if (remittance->amount <= 0) return; /* nothing was paid out */
  row = &demo->rows[DEMO_PAYMENT];
  byte_buffer_column_word(row, account->contractor->contractor_no);
  byte_buffer_column_integer(row, account->provider_account_id);
  byte_buffer_column_word(row, number);
  byte_buffer_column_word(row, remittance->eft ? "eft" : "check");
  byte_buffer_column_cents(row, remittance->amount);
  demo_column_day(row, remittance->paid_on);
  byte_buffer_end_row(row);
  snprintf(demo->last_payment_number, sizeof demo->last_payment_number, "%s", number);
  demo->last_payment_amount = remittance->amount;
}

static const char *status_of(const struct demo_claim *claim) {
  return claim->fate == DEMO_DENIED ? "denied" : claim->fate == DEMO_UNPROCESSABLE ? "rejected" : "paid";
}

/* One remittance of an account: its claims, and what it takes back and pays anew of the one before. */
static void make_remittance(struct demo *demo, const struct demo_account *account, int32_t paid_on,
                            int64_t claims, bool more_follow, struct demo_claim *to_correct,
                            int64_t *to_correct_count) {
  struct demo_remittance remittance = {.remittance_id = ++demo->remittances, .paid_on = paid_on};
  struct demo_random random = demo_random_of(demo->seed, 5, (uint64_t)remittance.remittance_id);
  remittance.eft = demo_random_chance(&random, 800);
  for (int64_t i = 0; i < *to_correct_count; i++) {
    struct demo_claim *claim = &to_correct[i];
    add_adjudication(demo, account, claim, 2, remittance.remittance_id, paid_on, "22", 1);
    remittance.amount -= claim->paid;
    demo_claim_correct(claim);
    add_adjudication(demo, account, claim, 3, remittance.remittance_id, paid_on, "1", 0);
    add_claim(demo, account, claim, "paid", paid_on, remittance.remittance_id, 3);
    remittance.amount += claim->paid;
    remittance.claims += 2;
  }
  *to_correct_count = 0;
  for (int64_t i = 0; i < claims; i++) {
    int64_t draw = demo_random_between(&random, 1, 1000);
    enum demo_fate fate = draw <= 170   ? DEMO_DENIED
                          : draw <= 190 ? DEMO_UNPROCESSABLE
                          : draw <= 215 && more_follow && *to_correct_count < DEMO_CORRECTIONS_MOST
                              ? DEMO_CORRECTED
                              : DEMO_PAID;
    struct demo_claim claim;
    demo_claim_make(demo->seed, ++demo->serial, account, demo->beneficiaries, fate,
                    paid_on - (int32_t)demo_random_between(&random, 14, 29), &claim);
    add_adjudication(demo, account, &claim, 1, remittance.remittance_id, paid_on,
                     demo_claim_clp_status(&claim), 0);
    remittance.amount += claim.paid;
    remittance.claims++;
    if (fate == DEMO_CORRECTED) to_correct[(*to_correct_count)++] = claim;
    else add_claim(demo, account, &claim, status_of(&claim), paid_on, remittance.remittance_id, 1);
    if (fate == DEMO_DENIED && demo->today - paid_on < 240) {
      if (demo_random_chance(&random,
                             demo->claims < 20000 ? 400 : 120)) /* few claims: appeals at every stage still */
        add_appeal(demo, account, &claim, paid_on);
      else if (demo->today - paid_on < 100 && account->provider_account_id == 1 &&
               demo->example_count < DEMO_EXAMPLES_MOST)
        demo->examples[demo->example_count++] = demo_claim_id(&claim);
    }
  }
  if (remittance.amount > 5000 && demo_random_chance(&random, 30)) remittance.recovered = 2500;
  remittance.amount -= remittance.recovered; /* BPR02 = sum CLP04 - sum PLB */
  add_remittance(demo, account, &remittance);
}

static void make_open_claim(struct demo *demo, const struct demo_account *account,
                            struct demo_random *random) {
  static const char *const statuses[] = {"received", "received", "received", "pending",   "pending",
                                         "pending",  "pending",  "pending",  "suspended", "returned"};
  struct demo_claim claim;
  int32_t received_on = demo->today - (int32_t)demo_random_between(random, 0, 25);
  demo_claim_make(demo->seed, ++demo->serial, account, demo->beneficiaries, DEMO_OPEN, received_on, &claim);
  add_lines(demo, account, &claim, 0, 1);
  add_claim(demo, account, &claim, statuses[demo_random_between(random, 0, 9)], received_on, 0, 0);
}

bool demo_flush(struct demo *demo, size_t at_least) {
  size_t held = 0;
  for (int i = 0; i < DEMO_TABLES; i++) held += demo->rows[i].length;
  if (held < at_least) return true;
  for (int i = 0; i < DEMO_TABLES; i++)
    if (demo->rows[i].failed || !demo_copy(demo, table_targets[i], &demo->rows[i])) return false;
  return true;
}

/* All claims of one account, oldest remittance first: two years of them. */
static bool make_account_claims(struct demo *demo, int64_t index, int64_t claims) {
  struct demo_account account;
  demo_account_make(demo->seed, index, &account);
  struct demo_random random = demo_random_of(demo->seed, 7, (uint64_t)index);
  struct demo_claim to_correct[DEMO_CORRECTIONS_MOST];
  int64_t to_correct_count = 0;
  int64_t open = claims * 8 / 100, finished = claims - open, remittances = finished / 20;
  const int32_t days = 717;
  if (remittances < 12)
    remittances = finished / 4 < 12 ? finished / 4 : 12; /* a small office is paid every two months */
  /* Offices are paid on different days; the last payment stays recent enough to prove an LSO with (LSO-03, 90
   * days).
   */
  int32_t apart = days / (int32_t)remittances;
  int32_t last_on = demo->today - 3 - (int32_t)demo_random_between(&random, 0, apart < 45 ? apart : 45);
  for (int64_t i = 0; i < remittances; i++) {
    int32_t paid_on = last_on - days + (int32_t)(days * (i + 1) / remittances);
    int64_t here = finished * (i + 1) / remittances - finished * i / remittances;
    make_remittance(demo, &account, paid_on, here, i + 1 < remittances, to_correct, &to_correct_count);
    if (!demo_flush(demo, DEMO_FLUSH_BYTES)) return false;
  }
  for (int64_t i = 0; i < open; i++) make_open_claim(demo, &account, &random);
  if (index >= demo->accounts - DEMO_UNCLAIMED) {
    struct demo_unclaimed *free_account = &demo->unclaimed[index - (demo->accounts - DEMO_UNCLAIMED)];
    free_account->account = account;
    snprintf(free_account->check_number, sizeof free_account->check_number, "%s", demo->last_payment_number);
    free_account->check_amount = demo->last_payment_amount;
  }
  return demo_flush(demo, DEMO_FLUSH_BYTES);
}

static bool make_claims(struct demo *demo) {
  for (int64_t i = 0; i < demo->accounts; i++) {
    int64_t share = demo->claims * (i + 1) / demo->accounts - demo->claims * i / demo->accounts;
    if (!make_account_claims(demo, i, share)) return false;
    if (isatty(STDERR_FILENO))
      fprintf(stderr, "\rclaims: %" PRId64 " of %" PRId64, demo->serial, demo->claims);
  }
  if (isatty(STDERR_FILENO)) fputc('\n', stderr);
  return demo_flush(demo, 0);
}

/* ---------------------------------------------------------------- the verb */

static void print_usage(FILE *out) {
  fputs("usage: connex demo [--claims N] [--seed S] [--today YYYY-MM-DD] [--users-out FILE]\n"
        "       connex demo --remittances FILE [--claims N] [--seed S] [--first-serial N]\n\n"
        "Fills an empty database with invented people, claims (1,000 to 10,000,000) and users. The second "
        "form writes\n"
        "an 835 file of the same world instead, for trying `connex load 835`; '-' is standard output.\n",
        out);
}

static bool take_number(const char *text, int64_t low, int64_t high, int64_t *value) {
  char *end = NULL;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || number < low || number > high) return false;
  *value = number;
  return true;
}

static bool take_options(int argc, char **argv, struct demo *demo, const char **users_out,
                         const char **remittances) {
  int64_t seed = 1;
  demo->claims = 20000;
  demo->today = (int32_t)(time(NULL) / 86400);
  for (int i = 1; i < argc; i += 2) {
    const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    struct calendar_day day;
    if (value && strcmp(name, "--claims") == 0 && take_number(value, 1000, 100000000, &demo->claims))
      continue;
    if (value && strcmp(name, "--seed") == 0 && take_number(value, 0, INT32_MAX, &seed)) continue;
    if (value && strcmp(name, "--first-serial") == 0 && take_number(value, 1, 1000000000, &demo->serial))
      continue;
    if (value && strcmp(name, "--today") == 0 && calendar_parse(value, strlen(value), &day)) {
      demo->today = calendar_number(day);
      continue;
    }
    if (value && strcmp(name, "--users-out") == 0) {
      *users_out = value;
      continue;
    }
    if (value && strcmp(name, "--remittances") == 0) {
      *remittances = value;
      continue;
    }
    print_usage(strcmp(name, "--help") == 0 ? stdout : stderr);
    return false;
  }
  demo->seed = (uint64_t)seed;
  demo->accounts = demo->claims / 250 < 24 ? 24 : demo->claims / 250 > 2000 ? 2000 : demo->claims / 250;
  demo->beneficiaries = demo->claims / 6 < 300 ? 300 : demo->claims / 6 > 500000 ? 500000 : demo->claims / 6;
  return true;
}

int verb_demo(int argc, char **argv) {
  struct demo *demo = calloc(1, sizeof *demo);
  const char *users_out = NULL, *remittances = NULL;
  int status = VERB_FAILED;
  if (!demo) {
    fputs("connex demo: out of memory\n", stderr);
    return VERB_FAILED;
  }
  if (!take_options(argc, argv, demo, &users_out, &remittances)) {
    status = argc > 1 && strcmp(argv[1], "--help") == 0 ? VERB_CLEAN : VERB_USAGE;
  } else if (remittances) {
    status = demo_write_remittances(demo, remittances) ? VERB_CLEAN : VERB_FAILED;
  } else if (demo_open(demo) && demo_make_world(demo) && make_claims(demo) && demo_finish(demo, users_out)) {
    printf("%" PRId64 " claims, %" PRId64 " remittances, %" PRId64 " redeterminations, %" PRId64
           " provider accounts, %" PRId64 " beneficiaries\n",
           demo->serial, demo->remittances, demo->appeals, demo->accounts, demo->beneficiaries);
    status = VERB_CLEAN;
  }
  demo_close(demo);
  return status;
}
