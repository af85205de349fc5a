/*
 * What kind of answer the Accept header prefers (RFC 9110 section 12.5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_ACCEPT_H
#define CONNEX_FCGI_ACCEPT_H

#include <stdbool.h>

/* Whether text/csv is wanted more than application/json: CSV is a file, so where both are as welcome JSON is
 * given. `accept` is the header's value, NULL where there is none. What is malformed counts for nothing. */
bool accept_prefers_csv(const char *accept);

#endif
