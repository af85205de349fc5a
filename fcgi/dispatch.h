/*
 * The course of one request: head -> route -> gate -> handler -> answer -> log
 * and counters. Each thread of the pool has a dispatcher with its own
 * arena and connection to PostgreSQL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_DISPATCH_H
#define CONNEX_FCGI_DISPATCH_H

#include "base/config.h"
#include "gate.h"
#include "pool/pool.h"
#include "request.h"
#include "route.h"

struct dispatch_settings {
  const struct route_map *map;
  const struct services *services;
  struct gate_settings gate;
  const char *db, *db_read; /* connection strings; NULL: no database (tests of the pool) */
  long read_lag_seconds;    /* how far db_read may be behind */
  const char *const *areas; /* whose statements are prepared ahead; NULL-terminated */
};

/* What the lookups of one process share (db_run_shared); made in each worker after the fork. NULL: out of
 * memory. */
struct db_share *dispatch_share_new(const struct dispatch_settings *settings);

struct dispatcher;

struct dispatcher *dispatcher_new(const struct dispatch_settings *settings); /* NULL: out of memory */
/* Connects, prepares, and has PostgreSQL plan the routes' plan_ahead, so that the first requests after a
 * reload do not have to wait. */
void dispatcher_warm(struct dispatcher *dispatcher);
void dispatcher_free(struct dispatcher *dispatcher);

/* For tests that let allocations fail. */
struct arena *dispatcher_arena(struct dispatcher *dispatcher);

/* The serve() of pool/pool.h. */
void dispatch(struct dispatcher *dispatcher, const struct head *head, struct upload *upload,
              struct answer *answer);

#endif
