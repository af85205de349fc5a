/*
 * Paths and query strings: the tree of routes against a simple matching of each
 * pattern, and the fields of a query string.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cookie.h"
#include "field.h"
#include "route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status handler(struct request *request) {
  (void)request;
  return STATUS_OK;
}

static const struct route routes[] = {{GET, "/a/{account_id}/claims/{claim_id}", .handler = handler},
                                      {GET, "/a/{account_id}/claims", .handler = handler},
                                      {GET, "/a/mine/claims/{claim_id}", .handler = handler},
                                      {GET, "/a/{name}", .handler = handler},
                                      {GET, "/a", .handler = handler},
                                      {GET, "/healthz", .handler = handler},
                                      {0}};
static const struct route *const tables[] = {routes, NULL};
static const struct field fields[] = {{"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
                                      {"after", FIELD_TEXT, FIELD_OPTIONAL, 0, 200, NULL},
                                      {"npi", FIELD_NPI, FIELD_OPTIONAL, 0, 0, NULL},
                                      {0}};

static int id_fits(const char *text, size_t length) {
  unsigned long long value = 0;
  if (length == 0 || length > 19 || text[0] == '0') return 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value = value * 10 + (unsigned)(text[i] - '0');
  }
  return value <= INT64_MAX;
}

static int word_fits(const char *text, size_t length) {
  return length >= 1 && length <= 64 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= length;
}

/* Does the pattern match the path, segment by segment? */
static int pattern_fits(const char *pattern, const char *path) {
  while (*pattern == '/' && *path == '/') {
    size_t want = strcspn(++pattern, "/"), have = strcspn(++path, "/");
    int fits = pattern[0] != '{'                            ? want == have && memcmp(pattern, path, want) == 0
               : memcmp(pattern + want - 4, "_id}", 4) == 0 ? id_fits(path, have)
                                                            : word_fits(path, have);
    if (!fits) return 0;
    pattern += want;
    path += have;
  }
  return *pattern == '\0' && *path == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct arena *arena;
  static struct route_map *map;
  if (map == NULL) {
    arena = arena_new(0);
    map = route_map_new(tables, stderr);
    if (map == NULL) abort();
  }
  char *text = arena_text_n(arena, (const char *)data, size);
  struct route_match match;
  size_t path = strcspn(text, "?");
  char *only_path = arena_text_n(arena, text, path);
  if (!route_match(map, arena, "GET", only_path, path, &match)) abort();
  int expected = 0;
  for (const struct route *route = routes; route->path != NULL; route++)
    expected |= pattern_fits(route->path, only_path);
  if (expected != (match.route != NULL)) abort();
  if (match.route != NULL && !pattern_fits(match.route->path, only_path)) abort();
  struct field_result result;
  if (!field_read_query(arena, fields, text[path] == '?' ? text + path + 1 : text, &result)) abort();
  const char *cookie;
  size_t length;
  if (cookie_find(text, &cookie, &length) && (cookie < text || cookie + length > text + strlen(text)))
    abort();
  arena_reset(arena);
  return 0;
}
