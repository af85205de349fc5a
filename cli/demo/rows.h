/*
 * Adds the rows of claims, appeals, and remittances to the demonstration's buffers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_DEMO_ROWS_H
#define CONNEX_CLI_DEMO_ROWS_H

#include "db/copy_row.h"
#include "demo/demo.h"

extern const struct copy_target demo_targets[DEMO_TABLES];

struct demo_adjudication {
  int number;
  int64_t remittance_id;
  int32_t paid_on;
  const char *clp_status;
  int reverses_no; /* 0: it reverses nothing */
};

/* The state of a claim today. */
struct demo_claim_state {
  const char *status;
  int32_t on;
  int64_t remittance_id; /* 0: none yet */
  int adjudications;
};

struct demo_appeal {
  int64_t appeal_id, analyst; /* analyst 0: nobody has taken it yet */
  const char *status, *outcome, *reason;
  int32_t notice_on, filed_on, decided_on;
  bool decided;
};

struct demo_remittance {
  int64_t remittance_id, amount, recovered; /* cents */
  int64_t claims;
  int32_t paid_on;
  bool eft;
};

/* Lines of an open claim have adjudication number 0. `sign` is -1 for a reversal. */
void demo_add_lines(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                    int adjudication_no, int sign);
/* With the lines as they were adjudicated. */
void demo_add_adjudication(struct demo *demo, const struct demo_account *account,
                           const struct demo_claim *claim, const struct demo_adjudication *adjudication);
void demo_add_claim(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                    const struct demo_claim_state *state);
void demo_add_appeal(struct demo *demo, const struct demo_account *account, const struct demo_claim *claim,
                     const struct demo_appeal *appeal);
/* With its provider adjustment and, if it has one, its payment. */
void demo_add_remittance(struct demo *demo, const struct demo_account *account,
                         const struct demo_remittance *remittance);

#endif
