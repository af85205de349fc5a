/*
 * The invented world of the demonstration: provider accounts, beneficiaries,
 * and claims as pure functions of a seed, so that the same seed always makes the
 * same world, whatever its size. Nothing here uses the database.
 *
 * Identifiers have valid form (NPI check digit; MBI with S in position 2, the
 * convention for invented people, standards 1.2); the names are invented.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_DEMO_WORLD_H
#define CONNEX_CLI_DEMO_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/calendar.h"

/* A small deterministic generator (splitmix64). */
struct demo_random {
  uint64_t state;
};
struct demo_random demo_random_of(uint64_t seed, uint64_t kind, uint64_t index);
uint64_t demo_random_next(struct demo_random *random);
int64_t demo_random_between(struct demo_random *random, int64_t low, int64_t high); /* both included */
bool demo_random_chance(struct demo_random *random, int per_mille);

enum demo_line_of_business { DEMO_PART_A, DEMO_PART_B, DEMO_HHH };
extern const char *const demo_lines_of_business[3]; /* as the database writes them */

struct demo_contractor {
  const char *contractor_no, *name, *jurisdiction;
  enum demo_line_of_business line_of_business;
  const char *city, *state, *zip;
  const char *states[5]; /* of its provider accounts, NULL-terminated */
};
enum { DEMO_CONTRACTORS = 6 };
extern const struct demo_contractor demo_contractors[DEMO_CONTRACTORS];

struct demo_account {
  int64_t provider_account_id; /* index + 1 */
  const struct demo_contractor *contractor;
  char npi[16], ptan[24], tin[24], csn[24], name[80], street[60], city[30], zip[16], phone[24];
  const char *state;
};
void demo_account_make(uint64_t seed, int64_t index, struct demo_account *account);

struct demo_beneficiary {
  int64_t beneficiary_id; /* index + 1 */
  char mbi[12];
  const char *last_name, *first_name;
  char sex;
  int32_t birth_on; /* days since 1970-01-01 */
  int32_t death_on; /* INT32_MAX while alive */
  char street[60];
  const char *city, *state;
  char zip[16];
};
void demo_beneficiary_make(uint64_t seed, int64_t index, int32_t today, struct demo_beneficiary *beneficiary);

struct demo_adjustment {
  const char *group_code, *reason_code;
  int64_t amount; /* cents */
};
struct demo_line {
  const char *procedure_code, *modifier, *revenue_code, *remark_code; /* NULL where there is none */
  int units;
  int64_t charge, allowed, paid; /* cents */
  struct demo_adjustment adjustments[5];
  int adjustment_count;
};
enum { DEMO_LINES_MOST = 8 };

/* How a claim ends. CORRECTED: paid, reversed by a later remittance, and paid again at another amount. */
enum demo_fate { DEMO_PAID, DEMO_DENIED, DEMO_UNPROCESSABLE, DEMO_CORRECTED, DEMO_OPEN };

struct demo_claim {
  int64_t serial;
  char control_no[48], patient_control_no[24];
  const char *system; /* mcs or fiss */
  int64_t beneficiary_index;
  enum demo_fate fate;
  int32_t received_on, from_on, through_on;
  const char *bill_type; /* institutional claims */
  const char *diagnoses[3];
  const char *remark_code; /* of the whole claim */
  struct demo_line lines[DEMO_LINES_MOST];
  int line_count;
  int64_t charge, paid, patient_responsibility; /* cents */
};

/* A claim received on a day. For CORRECTED the lines are as first paid; demo_claim_correct() makes the later
 * ones. */
void demo_claim_make(uint64_t seed, int64_t serial, const struct demo_account *account, int64_t beneficiaries,
                     enum demo_fate fate, int32_t received_on, struct demo_claim *claim);
void demo_claim_correct(struct demo_claim *claim);

/* CLP02 of a claim's (first) adjudication: 1 primary, 4 denied. */
const char *demo_claim_clp_status(const struct demo_claim *claim);

#endif
