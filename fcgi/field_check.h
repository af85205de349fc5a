/*
 * Internal to the fields: one value on its way through the check of its type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_FIELD_CHECK_H
#define CONNEX_FCGI_FIELD_CHECK_H

#include "field.h"

struct check {
  struct arena *arena;
  const struct field *field;
  const char *text; /* UTF-8 without NUL, trimmed, not empty */
  size_t length;
  const char *value; /* canonical, when there is no fault */
  struct field_fault fault;
  bool no_memory;
};

/* Ends a check: with a fault, or with the canonical value (NULL: out of memory). */
void check_fail(struct check *check, const char *code, const char *message);
void check_give(struct check *check, const char *value);

/* The checks of text types (field_text.c). */
void check_text(struct check *check); /* FIELD_TEXT, FIELD_LONG_TEXT, FIELD_NAME, FIELD_CURSOR */
void check_password(struct check *check);
void check_code(struct check *check);

/* Cuts blanks of any kind from both ends; false when the bytes are not UTF-8. */
bool check_trim(const char **text, size_t *length);

/* Letters and the signs that names have, nothing else (field_name.c). */
bool check_is_name(const char *text, size_t length);

#endif
