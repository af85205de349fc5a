/*
 * Values and body of a request: see request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "request.h"

#include <string.h>

#include "pool/pool.h"

long request_read(struct request *request, void *buffer, size_t size) {
  return upload_read(request->upload, buffer, size);
}

static size_t find(const struct field *fields, const char *name) {
  for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++)
    if (strcmp(fields[i].name, name) == 0) return i;
  return SIZE_MAX;
}

const char *request_value(const struct request *request, const char *name) {
  size_t at = request->values == NULL ? SIZE_MAX : find(request->route->fields, name);
  return at == SIZE_MAX ? NULL : request->values[at];
}

bool request_given(const struct request *request, const char *name) {
  size_t at = request->given == NULL ? SIZE_MAX : find(request->route->fields, name);
  return at != SIZE_MAX && request->given[at];
}

const char *request_query(const struct request *request, const char *name) {
  size_t at = request->query == NULL ? SIZE_MAX : find(request->route->query, name);
  return at == SIZE_MAX ? NULL : request->query[at];
}
