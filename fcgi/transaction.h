/*
 * The transaction of a request: enter() and connex.once() before the first
 * statement, the audit row and COMMIT after the last, all in one round trip.
 * Handlers use it through request_add() and request_run() of request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_TRANSACTION_H
#define CONNEX_FCGI_TRANSACTION_H

#include "request.h"
#include "route.h"

/* The first run of a statement on a connection includes planning, which takes up to a hundred times as
 * long as later runs. This plans enter() and every route's plan_ahead on a new connection. A plan under row
 * security belongs to a role, so each statement runs in the mode of its route. */
void transaction_plan_ahead(struct db *db, const struct route_map *map);

/* The path parameter {provider_account_id}; NULL where the path has none. */
const char *transaction_provider_account(const struct request *request);

/* The subject that the route declares: its kind is the path parameter's name without _id (claim_id -> claim).
 * Leaves both as they are where there is none. */
void transaction_subject(struct request *request, const char **kind, const char **id);

#endif
