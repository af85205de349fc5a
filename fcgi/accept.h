/*
 * Which representation the Accept header prefers (RFC 9110 section 12.5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_ACCEPT_H
#define CONNEX_FCGI_ACCEPT_H

#include <stdbool.h>

enum accept_choice { ACCEPT_JSON, ACCEPT_CSV, ACCEPT_NOTHING };

/* What to answer. `accept` is the header's value, NULL when it was not sent. Malformed elements are ignored;
 * when nothing else is left, the header counts as not sent, and the choice is JSON.
 *
 * CSV is chosen if the route has it (`has_csv`) and it is preferred to JSON. If both
 * are equally acceptable, the answer is JSON, because CSV is a file to be saved. *wants_bom: the range of
 * text/csv said `bom=true`, for spreadsheets that accept UTF-8 only with a byte order mark.
 *
 * `other` is the type of a route that answers with something other than JSON (application/pdf), or NULL. Such
 * a route accepts JSON as well, because its problems are JSON. ACCEPT_JSON stands for it.
 *
 * ACCEPT_NOTHING: 406. application/problem+json is as good as application/json. */
enum accept_choice accept_choose(const char *accept, bool has_csv, const char *other, bool *wants_bom);

#endif
