/*
 * Input against its declaration: the table of fields beside a route says type,
 * need and bounds; here every value is cleaned, checked and brought into
 * canonical text before any handler runs, and all faults are found at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_FIELD_H
#define CONNEX_FCGI_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "request.h"

/* What a check found. Texts live in the arena. */
struct field_result {
  const char **values;        /* in the order of the table; NULL when absent, null or empty */
  bool *given;                /* in the same order: the member was there, be it null or empty */
  struct field_error *errors; /* in the order of the table, then unknown names; NULL when all is good */
};

/* A body. `object` may be any JSON value: what is no object is a fault of its own (field ""). False: out of
 * memory. */
bool field_read_json(struct arena *arena, const struct field *fields, json_t *object,
                     struct field_result *result);

/* A query string (without '?'; NULL or "" when there is none), percent-decoded here. False: out of memory. */
bool field_read_query(struct arena *arena, const struct field *fields, const char *query,
                      struct field_result *result);

/* One text against one field. *value is NULL and *fault NULL when it is empty; on a fault *fault is set.
 * False: out of memory. */
struct field_fault {
  const char *code, *message;
};
bool field_check(struct arena *arena, const struct field *field, const char *text, size_t length,
                 const char **value, struct field_fault *fault);

#endif
