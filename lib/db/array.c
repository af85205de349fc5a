/*
 * See array.h. The syntax: PostgreSQL's manual, "Array Input and Output Syntax".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/array.h"

#include <string.h>

bool db_array_open(struct db_array *array, struct arena *arena, const char *text) {
  *array = (struct db_array){.at = ""};
  if (text == NULL || text[0] != '{') return true;
  array->room = arena_alloc(arena, strlen(text) + 1);
  if (array->room == NULL) return false;
  array->at = text + 1;
  return true;
}

/* Copies an item in quotes, without its escapes. Returns its end; NULL when the closing quote is missing. */
static const char *copy_quoted(struct db_array *array) {
  const char *at = array->at + 1;
  for (; *at != '"'; at++) {
    if (*at == '\\') at++;
    if (*at == '\0') return NULL;
    array->room[array->length++] = *at;
  }
  return at + 1;
}

bool db_array_next(struct db_array *array) {
  bool quoted = *array->at == '"';
  array->length = 0;
  array->item = NULL;
  if (*array->at == '}' || *array->at == '\0') return false;
  const char *end = quoted ? copy_quoted(array) : array->at + strcspn(array->at, ",}");
  if (end == NULL || (*end != ',' && *end != '}')) {
    array->at = "";
    return false;
  }
  if (!quoted) {
    array->length = (size_t)(end - array->at);
    memcpy(array->room, array->at, array->length);
  }
  array->room[array->length] = '\0';
  if (quoted || strcmp(array->room, "NULL") != 0) array->item = array->room;
  array->at = end + (*end == ',');
  return true;
}
