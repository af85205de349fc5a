/*
 * How often one address may do something costly (log in, check a code): a token
 * bucket for each address, in memory shared by all workers, checked
 * before anything else is done. IPv6 addresses count by their /64, because that is
 * what one household or office has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_LIMIT_H
#define CONNEX_FCGI_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Before the workers are forked. `per_minute` refill, `burst` at once. 0, or -1 when out of memory. */
int limit_open(long per_minute, long burst);
void limit_close(void);

/* 0: go on; else the seconds after which to try again. Takes nothing. */
unsigned limit_look(const char *address, int64_t now_ms);
/* Takes one, even where none is left: for what was found to be a failure after it was let through. */
void limit_count(const char *address, int64_t now_ms);
/* 0: go on, and a token is taken; otherwise the seconds after which to try again. `now_ms` is from a clock
 * that never goes back. */
unsigned limit_take(const char *address, int64_t now_ms);
/* Whether one more security event of `address` is to be kept; takes from a bucket of its own. */
bool limit_event(const char *address, int64_t now_ms);

#endif
