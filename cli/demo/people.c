/*
 * Contractors, provider accounts, and beneficiaries with their coverage.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "demo/columns.h"
#include "demo/demo.h"

/* ---------------------------------------------------------------- contractors and provider accounts */

#define CONTRACTOR_COLUMNS(COLUMN)                                                                           \
  COLUMN(contractor_no, word, contractor->contractor_no)                                                     \
  COLUMN(name, word, contractor->name)                                                                       \
  COLUMN(jurisdiction, word, contractor->jurisdiction)                                                       \
  COLUMN(line_of_business, word, demo_lines_of_business[contractor->line_of_business])                       \
  COLUMN(street, word, "1 Statehouse Square")                                                                \
  COLUMN(city, word, contractor->city)                                                                       \
  COLUMN(state, word, contractor->state)                                                                     \
  COLUMN(zip, word, contractor->zip)                                                                         \
  COLUMN(phone, word, "603-555-0100")

static bool make_contractors(struct demo *demo) {
  static const struct copy_target target = COPY_TARGET("connex.contractor", CONTRACTOR_COLUMNS);
  struct byte_buffer rows = {0};
  for (int i = 0; i < DEMO_CONTRACTORS; i++) {
    const struct demo_contractor *contractor = &demo_contractors[i];
    COPY_ROW(&rows, CONTRACTOR_COLUMNS);
  }
  bool done = demo_copy(demo, &target, &rows);
  byte_buffer_free(&rows);
  return done;
}

/* The last few accounts have no LSO yet, and so no customer service number (CSN). */
#define PROVIDER_ACCOUNT_COLUMNS(COLUMN)                                                                     \
  COLUMN(provider_account_id, integer, account.provider_account_id)                                          \
  COLUMN(contractor_no, word, account.contractor->contractor_no)                                             \
  COLUMN(npi, word, account.npi)                                                                             \
  COLUMN(ptan, word, account.ptan)                                                                           \
  COLUMN(tin, word, account.tin)                                                                             \
  COLUMN(name, word, account.name)                                                                           \
  COLUMN(line_of_business, word, demo_lines_of_business[account.contractor->line_of_business])               \
  COLUMN(state, word, account.state)                                                                         \
  COLUMN(physical_street, word, account.street)                                                              \
  COLUMN(physical_city, word, account.city)                                                                  \
  COLUMN(physical_state, word, account.state)                                                                \
  COLUMN(physical_zip, word, account.zip)                                                                    \
  COLUMN(billing_street, word, account.street)                                                               \
  COLUMN(billing_city, word, account.city)                                                                   \
  COLUMN(billing_state, word, account.state)                                                                 \
  COLUMN(billing_zip, word, account.zip)                                                                     \
  COLUMN(phone, word, account.phone)                                                                         \
  COLUMN(csn, word, i < demo_claimed_accounts(demo) ? account.csn : NULL)                                    \
  COLUMN(effective_on, day, demo->today - 2000)

static bool make_accounts(struct demo *demo) {
  static const struct copy_target target = COPY_TARGET("connex.provider_account", PROVIDER_ACCOUNT_COLUMNS);
  struct byte_buffer rows = {0};
  for (int64_t i = 0; i < demo->accounts; i++) {
    struct demo_account account;
    demo_account_make(demo->seed, i, &account);
    COPY_ROW(&rows, PROVIDER_ACCOUNT_COLUMNS);
  }
  bool done = demo_copy(demo, &target, &rows);
  byte_buffer_free(&rows);
  return done;
}

/* ---------------------------------------------------------------- beneficiaries */

struct coverage {
  const char *kind;
  int32_t from, to;          /* first day; the day after the last, INT32_MAX while open */
  int64_t amount, remaining; /* cents; -1: none */
  const char *payer_name, *payer_id, *policy, *detail, *phone;
};

#define COVERAGE_COLUMNS(COLUMN)                                                                             \
  COLUMN(beneficiary_id, integer, beneficiary_id)                                                            \
  COLUMN(kind, word, coverage->kind)                                                                         \
  COLUMN(period, word, period)                                                                               \
  COLUMN(amount, cents_if, coverage->amount >= 0, coverage->amount)                                          \
  COLUMN(remaining, cents_if, coverage->amount >= 0, coverage->remaining)                                    \
  COLUMN(payer_name, word, coverage->payer_name)                                                             \
  COLUMN(payer_id, word, coverage->payer_id)                                                                 \
  COLUMN(policy, word, coverage->policy)                                                                     \
  COLUMN(detail, word, coverage->detail)                                                                     \
  COLUMN(phone, word, coverage->phone)

static void add_coverage(struct byte_buffer *rows, int64_t beneficiary_id, const struct coverage *coverage) {
  char from[CALENDAR_DAY_SIZE], to[CALENDAR_DAY_SIZE] = "", period[40];
  calendar_format(calendar_from_number(coverage->from), from);
  if (coverage->to != INT32_MAX) calendar_format(calendar_from_number(coverage->to), to);
  snprintf(period, sizeof period, "[%s,%s)", from, to);
  COPY_ROW(rows, COVERAGE_COLUMNS);
}

static int32_t first_of_year(int year) { return calendar_number((struct calendar_day){year, 1, 1}); }

/* Entitlement at 65, the Part B deductible of this year and the last (amounts: portal.md 2.3), and now and
 * then a Medicare Advantage plan, a payer before Medicare, QMB or Part D. */
static void add_coverages(const struct demo *demo, struct byte_buffer *rows,
                          const struct demo_beneficiary *person) {
  struct demo_random random = demo_random_of(demo->seed, 8, (uint64_t)person->beneficiary_id);
  int32_t entitled = person->birth_on + 65 * 365 + 16;
  int32_t ends = person->death_on == INT32_MAX ? INT32_MAX : person->death_on + 1;
  int year = calendar_from_number(demo->today).year;
  add_coverage(rows, person->beneficiary_id,
               &(struct coverage){"part_a", entitled, ends, -1, -1, NULL, NULL, NULL, "Age", NULL});
  add_coverage(rows, person->beneficiary_id,
               &(struct coverage){"part_b", entitled, ends, -1, -1, NULL, NULL, NULL, "Age", NULL});
  if (entitled < first_of_year(year - 1)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"part_b_deductible", first_of_year(year - 1), first_of_year(year), 25700,
                                    0, NULL, NULL, NULL, NULL, NULL});
    int64_t left = demo_random_chance(&random, 600) ? 0 : demo_random_between(&random, 1, 28300);
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"part_b_deductible", first_of_year(year), first_of_year(year + 1), 28300,
                                    left, NULL, NULL, NULL, NULL, NULL});
  }
  if (demo_random_chance(&random, 120)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"medicare_advantage", first_of_year(year), INT32_MAX, -1, -1,
                                    "Blue Heron Advantage", "H9990-001", NULL, "HMO", "800-555-0140"});
  } else if (demo_random_chance(&random, 400)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"part_d", first_of_year(year), INT32_MAX, -1, -1, "Blue Heron Rx",
                                    "S9990-004", NULL, "Prescription drugs", "800-555-0141"});
  }
  if (demo_random_chance(&random, 60)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"msp", demo->today - 900,
                                    demo_random_chance(&random, 500) ? demo->today - 200 : INT32_MAX, -1, -1,
                                    "Lantern Mutual Insurance", "99001", "LM-4471", "Working aged (12)",
                                    "800-555-0142"});
  }
  if (demo_random_chance(&random, 90)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"qmb", first_of_year(year), INT32_MAX, -1, -1, NULL, NULL, NULL,
                                    "Do not bill the patient for deductible or coinsurance", NULL});
  }
}

#define BENEFICIARY_COLUMNS(COLUMN)                                                                          \
  COLUMN(beneficiary_id, integer, person.beneficiary_id)                                                     \
  COLUMN(source_key, word, person.mbi)                                                                       \
  COLUMN(last_name, word, person.last_name)                                                                  \
  COLUMN(first_name, word, person.first_name)                                                                \
  COLUMN(birth_on, day, person.birth_on)                                                                     \
  COLUMN(death_on, day, person.death_on)                                                                     \
  COLUMN(sex, word, person.sex == 'F' ? "F" : "M")                                                           \
  COLUMN(street, word, person.street)                                                                        \
  COLUMN(city, word, person.city)                                                                            \
  COLUMN(state, word, person.state)                                                                          \
  COLUMN(zip, word, person.zip)

#define MBI_COLUMNS(COLUMN)                                                                                  \
  COLUMN(mbi, word, person.mbi)                                                                              \
  COLUMN(beneficiary_id, integer, person.beneficiary_id)                                                     \
  COLUMN(effective_on, day, person.birth_on + 65 * 365 + 16)

static bool make_beneficiaries(struct demo *demo) {
  static const struct copy_target people_target = COPY_TARGET("connex.beneficiary", BENEFICIARY_COLUMNS),
                                  number_target = COPY_TARGET("connex.beneficiary_mbi", MBI_COLUMNS),
                                  coverage_target = COPY_TARGET("connex.coverage", COVERAGE_COLUMNS);
  struct byte_buffer people = {0}, numbers = {0}, coverages = {0};
  bool done = true;
  for (int64_t i = 0; done && i < demo->beneficiaries; i++) {
    struct demo_beneficiary person;
    demo_beneficiary_make(demo->seed, i, demo->today, &person);
    COPY_ROW(&people, BENEFICIARY_COLUMNS);
    COPY_ROW(&numbers, MBI_COLUMNS);
    add_coverages(demo, &coverages, &person);
    if (coverages.length < DEMO_FLUSH_BYTES && i + 1 < demo->beneficiaries) continue;
    done = demo_copy(demo, &people_target, &people) && demo_copy(demo, &number_target, &numbers) &&
           demo_copy(demo, &coverage_target, &coverages);
  }
  byte_buffer_free(&people);
  byte_buffer_free(&numbers);
  byte_buffer_free(&coverages);
  return done;
}

bool demo_make_people(struct demo *demo) {
  return make_contractors(demo) && make_accounts(demo) && make_beneficiaries(demo);
}
