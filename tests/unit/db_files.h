/*
 * The files of lib/db, compiled into a test with named statements of its own in
 * place of those of sql/. Before it, the test defines CONNEX_QUERIES_H and
 * enum query, which ends with QUERY_COUNT; after it, query_texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_TESTS_UNIT_DB_FILES_H
#define CONNEX_TESTS_UNIT_DB_FILES_H

struct query_text {
  const char *name, *area, *text;
  int parameter_count;
};
extern const struct query_text query_texts[];

#include "../../lib/db/connection.c"
#include "../../lib/db/exchange.c"
#include "../../lib/db/notification.c"
#include "../../lib/db/result.c"
#include "../../lib/db/share.c"
#include "../../lib/db/transaction.c"

static double seconds(void) { return (double)db_now_ms() / 1000; }

#endif
