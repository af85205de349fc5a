/*
 * Shared by the tests of the gate: a small service of a few routes, and requests
 * to it as a web server sends them, through the pool to the bytes of the answer.
 * No database is needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_TESTS_UNIT_GATE_CLIENT_H
#define CONNEX_TESTS_UNIT_GATE_CLIENT_H

#include "dispatch.h"
#include "fastcgi_client.h"

enum { PIECES = 16 }; /* of /pieces/N */

extern int handled; /* how often a handler ran */
extern struct dispatch_settings settings;
extern struct dispatcher *dispatcher;
extern struct fastcgi_answer answer; /* to the last request */

void gate_set_up(void);
void gate_tear_down(void);

/* One request with further parameters (name, value, ..., NULL) and the body as it is. Returns the status. */
int ask(const char *method, const char *uri, const char *const *more, const char *body);

#define WITH(...)                                                                                            \
  (const char *const[]) { __VA_ARGS__, NULL }
#define JSON "CONTENT_TYPE", "application/json"

/* A member of the answer's JSON, as text. */
const char *member(const char *name);

/* The answer is this problem, and no handler ran. */
void refused(int status, const char *code);

#endif
