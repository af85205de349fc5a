/*
 * Checks input against its declaration. A route's table of fields says of each
 * its type, whether it is required, and its bounds. Here every value is
 * cleaned, checked, and brought into canonical form before any handler runs,
 * and all errors are found at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_FIELD_H
#define CONNEX_FCGI_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "request.h"

/* What was read. Texts live in the arena. */
struct field_result {
  const char **values;        /* in the order of the table; NULL when absent or cleared */
  bool *given;                /* in the same order: the field was sent, even null or empty */
  struct field_error *errors; /* in the order of the table, then unknown names; NULL when there are none */
  size_t more_errors;         /* counted beyond PROBLEM_ERRORS_MOST */
};

/* A body. `object` may be any JSON value; one that is not an object is an error of its own (field ""). False:
 * out of memory. */
bool field_read_json(struct arena *arena, const struct field *fields, json_t *object,
                     struct field_result *result);

/* A query string (without '?'; NULL or "" when there is none), percent-decoded here. False: out of memory. */
bool field_read_query(struct arena *arena, const struct field *fields, const char *query,
                      struct field_result *result);

/* The JSON form in which a type is sent. */
enum field_form { FORM_TEXT, FORM_WHOLE_NUMBER, FORM_TRUE_OR_FALSE, FORM_LIST };
enum field_form field_form(enum field_type type);

/* One text against one field. *value is NULL, without a fault, when the text is empty. A fault has a code.
 * False: out of memory. */
struct field_fault {
  const char *code, *message;
};
bool field_check(struct arena *arena, const struct field *field, const char *text, size_t length,
                 const char **value, struct field_fault *fault);

#endif
