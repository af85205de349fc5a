/*
 * Counters and latency histograms of every route, in memory shared by all
 * workers, and their Prometheus text. The route table is the list of what is
 * counted, so a new endpoint gets its metrics automatically.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_METRICS_H
#define CONNEX_FCGI_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "route.h"

/* Before the workers are forked; `map` must live as long as the process. 0, or -1 when out of memory. */
int metrics_open(const struct route_map *map);
void metrics_close(void);

/* The number for requests that matched no route. */
#define METRICS_NO_ROUTE SIZE_MAX

void metrics_count(size_t route, int status, int64_t microseconds, int64_t db_microseconds, size_t bytes);

/* A transaction ended with this SQLSTATE. `now_ms` is of the clock of pool_clock_ms(). */
void metrics_sqlstate(const char *sqlstate, int64_t now_ms);
/* Whether one did since then, in any worker. */
bool metrics_sqlstate_within(const char *sqlstate, int64_t since_ms);

/* Prometheus text format 0.0.4, in the arena, with `more` lines at its end; NULL when out of memory. */
const char *metrics_text(struct arena *arena, const char *more, size_t *length);

#endif
