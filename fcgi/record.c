/*
 * The values of a body as one JSON object, for statements that take a record:
 * see request_record() in request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "request.h"

/* A list is a PostgreSQL array's text, {a,b}: its items hold only letters, digits, _ and -. */
static void write_list(struct json_out *out, struct arena *arena, const char *list, bool bare) {
  json_out_array(out);
  for (const char *at = list + 1; *at != '\0' && *at != '}';) {
    size_t length = strcspn(at, ",}");
    if (bare) json_out_raw(out, at, length);
    else json_out_string(out, arena_text_n(arena, at, length));
    at += length;
    if (*at == ',') at++;
  }
  json_out_end_array(out);
}

static void write_value(struct json_out *out, struct arena *arena, const struct field *field,
                        const char *value) {
  switch (value == NULL ? FIELD_TEXT : field->type) {
    case FIELD_INTEGER:
    case FIELD_BOOLEAN: json_out_raw(out, value, strlen(value)); break;
    case FIELD_CHOICES:
    case FIELD_IDS: write_list(out, arena, value, false); break;
    case FIELD_INTEGERS: write_list(out, arena, value, true); break;
    default: json_out_string(out, value); /* NULL is written as null */
  }
}

const char *request_record(struct request *request) {
  struct json_out out;
  json_out_init(&out, request->arena);
  json_out_object(&out);
  const struct field *fields = request->route->fields;
  for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
    if (!request->given[i] || fields[i].type == FIELD_PASSWORD) continue;
    json_out_key(&out, fields[i].name);
    write_value(&out, request->arena, &fields[i], request->values[i]);
  }
  json_out_end_object(&out);
  size_t length = 0;
  return json_out_text(&out, &length);
}
