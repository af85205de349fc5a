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

enum stage {
  STAGE_REMITTANCE,
  STAGE_PROVIDER_ADJUSTMENT,
  STAGE_CLAIM,
  STAGE_LINE,
  STAGE_ADJUSTMENT,
  STAGE_COUNT
};

extern const struct copy_target stage_targets[STAGE_COUNT];

/* Each adds one row. `findings` takes the place of the reader's own list: the loader adds to it. */
void stage_add_line(struct byte_buffer *rows, const struct remittance_line *line);
void stage_add_adjustment(struct byte_buffer *rows, const struct remittance_adjustment *adjustment);
void stage_add_claim(struct byte_buffer *rows, const struct remittance_claim *claim, const char *findings);
void stage_add_provider_adjustment(struct byte_buffer *rows,
                                   const struct remittance_provider_adjustment *adjustment);
void stage_add_remittance(struct byte_buffer *rows, const struct remittance *remittance,
                          const struct x12_envelope *envelope, const unsigned char *digest,
                          const char *findings);

#endif
