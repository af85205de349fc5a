/*
 * The second half of `connex load 835`: threads give the database what has been read, while the reader goes
 * on with what follows. Everything is committed and reported in the order of the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_LOAD_MERGE_H
#define CONNEX_CLI_LOAD_MERGE_H

#include "load/load.h"
#include "load/remittance_rows.h"

/* A transaction set, a piece of a large one, or what was found between two. */
struct stage_batch {
  bool first, last;                     /* piece of what belongs together */
  bool begins;                          /* a transaction set begins with it */
  struct byte_buffer rows[STAGE_COUNT]; /* owned */
  struct load_report findings;          /* what the reader found; only its findings are used. Owned */
  uint64_t others;                      /* transaction sets of another kind that were passed over */
  bool ends;                            /* a transaction set ends with it; then: */
  bool unusable;                        /* the reader refuses it */
  uint64_t claims, lines;               /* that it would add */
  struct load_balance balance;          /* its outcome is still open */
};

struct merger;

/* Starts the threads. From now until merger_end(), the load's report and its database belong to them. NULL:
 * they cannot be started. */
struct merger *merger_new(struct load *load);

/* The batch to fill first. */
struct stage_batch *merger_first(struct merger *merger);

/* Gives a filled batch away, and returns an empty one. NULL: the load has failed, and its report says why. */
struct stage_batch *merger_give(struct merger *merger, struct stage_batch *batch);

/* Waits until all is merged, and frees everything. A transaction set without an end is rolled back. False:
 * the load has failed. NULL is allowed. */
bool merger_end(struct merger *merger);

#endif
