/*
 * The gate: every check between a matched route and its handler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_GATE_H
#define CONNEX_FCGI_GATE_H

#include <stdint.h>

#include "pool/pool.h"
#include "request.h"

struct gate_settings {
  int64_t body_limit, upload_limit; /* bytes */
};

/* size -> type -> origin -> rate -> credential -> Idempotency-Key, If-Match, Accept -> query and body against
 * their fields. STATUS_OK: the handler may run; otherwise the refusal, with request->problem filled. `query`
 * is what follows '?', or NULL. */
enum status gate_check(struct request *request, const struct gate_settings *settings, const struct head *head,
                       const char *query);

/* After the answer is known: what failed counts against the limit of its address. */
void gate_count_failure(const struct request *request, enum status status);

#endif
