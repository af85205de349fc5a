/*
 * Security events: every request that was refused leaves one in the audit trail,
 * with the person whose credential it was, where that is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_REFUSAL_H
#define CONNEX_FCGI_REFUSAL_H

#include "request.h"

/* Call it when the answer is known. 401, 403, and 429 are refusals, and 404 of a thing that a credential
 * asked for. The event is a transaction of its own in `db` (the primary; NULL: none), because the request's
 * was rolled back. Also sets request->user_account_id for the log. One address without a good credential gets
 * as many events a minute as it may try to log in (limit.h), so that a flood does not fill the disk; nginx's
 * log and ours have every refusal. A database that is away, or cannot be written to, changes nothing about
 * the answer. */
void refusal_record(struct request *request, struct db *db, enum status status);

#endif
