/*
 * JSON from outside, read strictly: see json_in.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/json_in.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* jansson frees without a size, so each piece is preceded by its own. */
union piece {
  size_t size;
  max_align_t alignment;
};

static void *piece_new(size_t size) {
  union piece *piece = size > SIZE_MAX - sizeof *piece ? NULL : malloc(sizeof *piece + size);
  if (piece == NULL) return NULL;
  piece->size = size;
  return piece + 1;
}

static void piece_free(void *object) {
  if (object == NULL) return;
  union piece *piece = (union piece *)object - 1;
  OPENSSL_cleanse(object, piece->size);
  free(piece);
}

void json_in_prepare(void) {
  json_set_alloc_funcs(piece_new, piece_free);
  json_object_seed(0);
}

/* Brackets outside strings; the text need not be valid JSON. */
static bool too_deep(const char *text, size_t length) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') i++;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > JSON_IN_DEPTH) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      depth--;
    }
  }
  return false;
}

static void release(void *object) { json_decref(object); }

static enum json_in_fault fault_of(const json_error_t *error) {
  switch (json_error_code(error)) {
    case json_error_duplicate_key: return JSON_IN_DUPLICATE;
    case json_error_null_byte_in_key:
    case json_error_null_character: return JSON_IN_NUL;
    case json_error_invalid_utf8: return JSON_IN_NOT_UTF8;
    case json_error_out_of_memory: return JSON_IN_MEMORY;
    case json_error_stack_overflow: return JSON_IN_TOO_DEEP;
    case json_error_numeric_overflow: return JSON_IN_NUMBER;
    default: return JSON_IN_SYNTAX;
  }
}

enum json_in_fault json_in_parse(struct arena *arena, const char *text, size_t length, json_t **value) {
  *value = NULL;
  if (length == 0) return JSON_IN_EMPTY;
  if (length >= 3 && memcmp(text, "\ufeff", 3) == 0) return JSON_IN_MARK;
  if (memchr(text, '\0', length) != NULL) return JSON_IN_NUL;
  if (utf8_count(text, length) == SIZE_MAX) return JSON_IN_NOT_UTF8;
  if (too_deep(text, length)) return JSON_IN_TOO_DEEP;
  json_error_t error;
  json_t *parsed = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
  if (parsed == NULL) return fault_of(&error);
  if (arena_on_reset(arena, release, parsed) != 0) return JSON_IN_MEMORY;
  *value = parsed;
  return JSON_IN_GOOD;
}

const char *json_in_words(enum json_in_fault fault) {
  switch (fault) {
    case JSON_IN_GOOD: return "The body is JSON.";
    case JSON_IN_EMPTY: return "The body is empty. Send a JSON object.";
    case JSON_IN_NOT_UTF8: return "The body is not UTF-8. Send the JSON as UTF-8.";
    case JSON_IN_MARK: return "The body begins with a byte order mark. Send the JSON without it.";
    case JSON_IN_NUL: return "The body contains a NUL character. Remove it.";
    case JSON_IN_TOO_DEEP: return "The JSON is nested more than 32 levels deep.";
    case JSON_IN_DUPLICATE: return "The JSON names the same member twice. Name each once.";
    case JSON_IN_NUMBER:
      return "The body contains a number that is too large. Check its digits. Write an id in quotes.";
    case JSON_IN_MEMORY: return "The body is too large.";
    case JSON_IN_SYNTAX: break;
  }
  return "The body is not complete, valid JSON. Check quotes, commas and brackets.";
}
