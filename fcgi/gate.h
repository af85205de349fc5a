/*
 * The gate: everything between a matched route and its handler, in one
 * straight line; and the transaction a handler fills (request_add(),
 * request_run() of request.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_GATE_H
#define CONNEX_FCGI_GATE_H

#include <stddef.h>

#include "pool.h"
#include "request.h"

struct gate_settings {
  int64_t body_limit, upload_limit; /* bytes */
};

/* size -> content type -> origin -> rate -> credential -> body against its field table. STATUS_OK: the
 * handler may run; else the refusal, with request->problem filled. `query` is what follows '?', or NULL. */
enum status gate_check(struct request *request, const struct gate_settings *settings, const struct head *head,
                       const char *query);

/* True when the session cookie stands in a Cookie header; its value (in the header's text) and length. A name
 * given twice counts as none. */
bool gate_cookie(const char *header, const char **value, size_t *length);

#endif
