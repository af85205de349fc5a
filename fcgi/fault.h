/*
 * What a failed transaction means to the client: from PostgreSQL's SQLSTATE to
 * a status with its problem.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_FAULT_H
#define CONNEX_FCGI_FAULT_H

#include "request.h"

/* For DB_REFUSED: CXnnn -> nnn, 23505 -> 409, other 23xxx and 22xxx -> 422, what may work later -> 503,
 *
 * everything else -> 500. Writes the log line. */
enum status fault_refused(struct request *request);

/* For DB_AWAY: 503 with Retry-After. */
enum status fault_away(struct request *request);

#endif
