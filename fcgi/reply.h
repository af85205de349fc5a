/*
 * Answers as bytes: the CGI head with its security headers, JSON, CSV, or a
 * problem (RFC 9457). What handlers call (reply_one_row() and so on) is
 * declared in request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_REPLY_H
#define CONNEX_FCGI_REPLY_H

#include "pool.h"
#include "request.h"

/* The answer to `request` with this status, in its arena. When memory is out, a constant 500 without details.
 * True: the pieces of request->reply_piece belong behind it. */
bool reply_render(struct request *request, enum status status, struct answer *answer);

/* The last resort, without any memory. */
void reply_constant_failure(struct answer *answer);

#endif
