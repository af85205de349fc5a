/*
 * JSON from outside, read strictly (RFC 8259): one value of any kind, UTF-8, no
 * duplicate keys, no NUL, at most 32 levels deep. jansson parses it. The depth
 * is checked first, so that a body of brackets causes no recursion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_JSON_IN_H
#define CONNEX_FORMAT_JSON_IN_H

#include <jansson.h>
#include <stddef.h>

#include "base/arena.h"

enum { JSON_IN_DEPTH = 32 };

enum json_in_fault {
  JSON_IN_GOOD = 0,
  JSON_IN_EMPTY,
  JSON_IN_NOT_UTF8,
  JSON_IN_MARK, /* a byte order mark before the value (RFC 8259 section 8.1 forbids it) */
  JSON_IN_NUL,  /* a NUL byte, or \u0000 in a string */
  JSON_IN_TOO_DEEP,
  JSON_IN_DUPLICATE, /* the same key twice in one object */
  JSON_IN_NUMBER,    /* a number that no 64-bit integer or double holds */
  JSON_IN_SYNTAX,    /* includes truncated text */
  JSON_IN_MEMORY
};

/* Call this once, before there are threads: it seeds jansson's hash and makes jansson wipe what it frees,
 * because passwords and codes pass through it. */
void json_in_prepare(void);

/* Parses text[0..length). On JSON_IN_GOOD *value is set; it belongs to the arena and is freed at its reset.
 */
enum json_in_fault json_in_parse(struct arena *arena, const char *text, size_t length, json_t **value);

/* Plain words for a person, by fault. */
const char *json_in_words(enum json_in_fault fault);

#endif
