/*
 * What the remittance reader delivers, as rows of the temporary tables that connex.load_begin() creates. A
 * table of columns for each of them makes the COPY statement and the row (db/copy_row.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_LOAD_REMITTANCE_ROWS_H
#define CONNEX_CLI_LOAD_REMITTANCE_ROWS_H

#include "db/copy_row.h"
#include "format/x12/remittance_reader.h"

enum stage { STAGE_REMITTANCE, STAGE_PROVIDER_ADJUSTMENT, STAGE_CLAIM, STAGE_LINE, STAGE_COUNT };

extern const struct copy_target stage_targets[STAGE_COUNT];

/* The adjustments (CAS) of the line or the claim that is being read. They are delivered before it, and become
 * arrays in its row. All zero is empty. */
enum { STAGE_ADJUSTMENTS_MOST = 594 }; /* X12 835: 99 CAS of six triplets in a loop */
struct stage_adjustments {
  struct byte_buffer groups, reasons, amounts, quantities; /* owned; arrays of PostgreSQL, open: {"CO","PR" */
  int count;
  bool quantified; /* at least one has a quantity */
};

/* False when there are STAGE_ADJUSTMENTS_MOST already: then it is not kept. */
bool stage_keep_adjustment(struct stage_adjustments *adjustments,
                           const struct remittance_adjustment *adjustment);
void stage_forget_adjustments(struct stage_adjustments *adjustments);
void stage_free_adjustments(struct stage_adjustments *adjustments);

/* Each adds one row, and forgets the adjustments that it has written. `findings` takes the place of the
 * reader's own list: the loader adds to it. */
void stage_add_line(struct byte_buffer *rows, const struct remittance_line *line,
                    struct stage_adjustments *adjustments);
void stage_add_claim(struct byte_buffer *rows, const struct remittance_claim *claim, const char *findings,
                     struct stage_adjustments *adjustments);
void stage_add_provider_adjustment(struct byte_buffer *rows,
                                   const struct remittance_provider_adjustment *adjustment);
void stage_add_remittance(struct byte_buffer *rows, const struct remittance *remittance,
                          const struct x12_envelope *envelope, const unsigned char *digest,
                          const char *findings);

#endif
