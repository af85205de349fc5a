/*
 * Answers as bytes: the CGI head with its security headers, and JSON or a
 * problem (RFC 9457). The functions that handlers call (reply_one_row() and so
 * on) are declared in request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_REPLY_H
#define CONNEX_FCGI_REPLY_H

#include "pool/pool.h"
#include "request.h"

/* The answer to `request` with this status, in its arena. When out of memory, a constant 500 without details.
 * True: the pieces of request->reply_piece follow it. */
bool reply_render(struct request *request, enum status status, struct answer *answer);

/* Makes an ETag of what is shown, unless there is one: a version, or the digest of a file. */
void reply_fingerprint(struct request *request);

/* The last resort; needs no memory. */
void reply_constant_failure(struct answer *answer);

/* 401. One answer for every reason (missing, forged, expired, revoked), so that nothing can be learned from
 * it: "invalid_token" when a token was sent, otherwise "log_in". */
enum status reply_unauthorized(struct request *request);

#endif
