/*
 * Two years of claims for each provider account, with the remittances that paid them and the appeals that
 * followed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "demo/demo.h"
#include "demo/rows.h"

/* ---------------------------------------------------------------- appeals */

static const char *const appeal_reasons[] = {
    "The records show that the service was medically necessary; the notes of the visit are attached.",
    "The two services were separate and are documented separately, as modifier 59 says.",
    "The claim is not a duplicate: the services were at different times of the day."};

/* A redetermination of a denied claim, at the stage that its age suggests. */
static void make_appeal(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                        int32_t paid_on) {
  static const char *const outcomes[] = {"fully_favorable", "partially_favorable", "unfavorable",
                                         "unfavorable", "dismissed"};
  struct demo_random random = demo_random_of(demo->seed, 6, (uint64_t)claim->serial);
  struct demo_appeal appeal = {.notice_on = paid_on};
  appeal.filed_on = paid_on + (int32_t)demo_random_between(&random, 3, 60);
  if (appeal.filed_on >= demo->today) return;
  int32_t age = demo->today - appeal.filed_on;
  appeal.decided = age > 45 || (age > 25 && demo_random_chance(&random, 500));
  appeal.outcome = appeal.decided ? outcomes[demo_random_between(&random, 0, 4)] : NULL;
  appeal.status = !appeal.decided            ? (age > 10 ? "in_review" : "received")
                  : appeal.outcome[0] == 'd' ? "dismissed"
                                             : "decided";
  appeal.decided_on = appeal.filed_on + (age < 44 ? age - 1 : (int32_t)demo_random_between(&random, 20, 43));
  appeal.analyst = strcmp(appeal.status, "received") == 0 ? 0 : DEMO_USER_ANALYST;
  appeal.reason = appeal_reasons[demo_random_between(&random, 0, 2)];
  appeal.appeal_id = ++demo->appeals;
  demo_add_appeal(demo, account, claim, &appeal);
}

/* ---------------------------------------------------------------- remittances */

static const char *status_of(const struct demo_claim *claim) {
  return claim->fate == DEMO_DENIED ? "denied" : claim->fate == DEMO_UNPROCESSABLE ? "rejected" : "paid";
}

/* Claims of the previous remittance that this one reverses and pays again. */
struct corrections {
  struct demo_claim claims[DEMO_CORRECTIONS_MOST];
  int64_t count;
};

/* Each is reversed and then paid again at another amount. */
static void pay_corrections(struct demo *demo, const struct demo_account *account,
                            struct corrections *corrections, struct demo_remittance *remittance) {
  const int64_t id = remittance->remittance_id;
  const int32_t paid_on = remittance->paid_on;
  for (int64_t i = 0; i < corrections->count; i++) {
    struct demo_claim *claim = &corrections->claims[i];
    demo_add_adjudication(demo, account, claim, &(struct demo_adjudication){2, id, paid_on, "22", 1});
    remittance->amount -= claim->paid;
    demo_claim_correct(claim);
    demo_add_adjudication(demo, account, claim, &(struct demo_adjudication){3, id, paid_on, "1", 0});
    demo_add_claim(demo, account, claim, &(struct demo_claim_state){"paid", paid_on, id, 3});
    remittance->amount += claim->paid;
    remittance->claims += 2;
  }
  corrections->count = 0;
}

/* Some denied claims are appealed; some of the first account's are left for users to try it. */
static void maybe_appeal(struct demo *demo, const struct demo_account *account, struct demo_random *random,
                         const struct demo_claim *claim, int32_t paid_on) {
  /* A small world has few claims, but needs appeals at every stage. */
  if (demo_random_chance(random, demo->claims < 20000 ? 400 : 120))
    make_appeal(demo, account, claim, paid_on);
  else if (demo->today - paid_on < 100 && account->provider_account_id == 1 &&
           demo->example_count < DEMO_EXAMPLES_MOST)
    demo->examples[demo->example_count++] = demo_claim_id(claim);
}

static enum demo_fate draw_fate(struct demo_random *random, bool may_correct) {
  int64_t draw = demo_random_between(random, 1, 1000);
  return draw <= 170                  ? DEMO_DENIED
         : draw <= 190                ? DEMO_UNPROCESSABLE
         : draw <= 215 && may_correct ? DEMO_CORRECTED
                                      : DEMO_PAID;
}

static void pay_claim(struct demo *demo, const struct demo_account *account, struct demo_random *random,
                      struct corrections *corrections, bool more_follow, struct demo_remittance *remittance) {
  const int32_t paid_on = remittance->paid_on;
  enum demo_fate fate = draw_fate(random, more_follow && corrections->count < DEMO_CORRECTIONS_MOST);
  struct demo_claim claim;
  demo_claim_make(demo->seed, ++demo->serial, account, demo->beneficiaries, fate,
                  paid_on - (int32_t)demo_random_between(random, 14, 29), &claim);
  demo_add_adjudication(
      demo, account, &claim,
      &(struct demo_adjudication){1, remittance->remittance_id, paid_on, demo_claim_clp_status(&claim), 0});
  remittance->amount += claim.paid;
  remittance->claims++;
  if (fate == DEMO_CORRECTED) corrections->claims[corrections->count++] = claim;
  else
    demo_add_claim(demo, account, &claim,
                   &(struct demo_claim_state){status_of(&claim), paid_on, remittance->remittance_id, 1});
  if (fate == DEMO_DENIED && demo->today - paid_on < 240)
    maybe_appeal(demo, account, random, &claim, paid_on);
}

/* One remittance of an account: its claims, and corrections of the previous one. */
static void make_remittance(struct demo *demo, const struct demo_account *account, int32_t paid_on,
                            int64_t claims, bool more_follow, struct corrections *corrections) {
  struct demo_remittance remittance = {.remittance_id = ++demo->remittances, .paid_on = paid_on};
  struct demo_random random = demo_random_of(demo->seed, 5, (uint64_t)remittance.remittance_id);
  remittance.eft = demo_random_chance(&random, 800);
  pay_corrections(demo, account, corrections, &remittance);
  for (int64_t i = 0; i < claims; i++)
    pay_claim(demo, account, &random, corrections, more_follow, &remittance);
  if (remittance.amount > 5000 && demo_random_chance(&random, 30)) remittance.recovered = 2500;
  remittance.amount -= remittance.recovered; /* BPR02 = sum CLP04 - sum PLB */
  demo_add_remittance(demo, account, &remittance);
}

static void make_open_claim(struct demo *demo, const struct demo_account *account,
                            struct demo_random *random) {
  static const char *const statuses[] = {"received", "received", "received", "pending",   "pending",
                                         "pending",  "pending",  "pending",  "suspended", "returned"};
  struct demo_claim claim;
  int32_t received_on = demo->today - (int32_t)demo_random_between(random, 0, 25);
  demo_claim_make(demo->seed, ++demo->serial, account, demo->beneficiaries, DEMO_OPEN, received_on, &claim);
  demo_add_lines(demo, account, &claim, 0, 1);
  demo_add_claim(demo, account, &claim,
                 &(struct demo_claim_state){statuses[demo_random_between(random, 0, 9)], received_on, 0, 0});
}

bool demo_flush(struct demo *demo, size_t at_least) {
  size_t held = 0;
  for (int i = 0; i < DEMO_TABLES; i++) held += demo->rows[i].length;
  if (held < at_least) return true;
  for (int i = 0; i < DEMO_TABLES; i++)
    if (demo->rows[i].failed || !demo_copy(demo, &demo_targets[i], &demo->rows[i])) return false;
  return true;
}

/* All claims of one account for two years, oldest remittance first. */
static bool make_account_claims(struct demo *demo, int64_t index, int64_t claims) {
  struct demo_account account;
  demo_account_make(demo->seed, index, &account);
  struct demo_random random = demo_random_of(demo->seed, 7, (uint64_t)index);
  struct corrections corrections = {.count = 0};
  int64_t open = claims * 8 / 100, finished = claims - open, remittances = finished / 20;
  const int32_t days = 717;
  if (remittances < 12)
    remittances = finished / 4 < 12 ? finished / 4 : 12; /* a small office is paid every two months */
  /* Offices are paid on different days. The last payment is always recent enough to prove who an LSO is
   * (LSO-03, 90 days). */
  int32_t apart = days / (int32_t)remittances;
  int32_t last_on = demo->today - 3 - (int32_t)demo_random_between(&random, 0, apart < 45 ? apart : 45);
  for (int64_t i = 0; i < remittances; i++) {
    int32_t paid_on = last_on - days + (int32_t)(days * (i + 1) / remittances);
    int64_t here = finished * (i + 1) / remittances - finished * i / remittances;
    make_remittance(demo, &account, paid_on, here, i + 1 < remittances, &corrections);
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

bool demo_make_claims(struct demo *demo) {
  for (int64_t i = 0; i < demo->accounts; i++) {
    int64_t share = demo->claims * (i + 1) / demo->accounts - demo->claims * i / demo->accounts;
    if (!make_account_claims(demo, i, share)) return false;
    if (isatty(STDERR_FILENO))
      fprintf(stderr, "\rclaims: %" PRId64 " of %" PRId64, demo->serial, demo->claims);
  }
  if (isatty(STDERR_FILENO)) fputc('\n', stderr);
  return demo_flush(demo, 0);
}
