/*
 * The routes as one tree of path segments: see route.h. A literal segment is
 * tried before a parameter. If the literal leads nowhere, the parameter is tried
 * (/accounts/mine beside /accounts/{account_id}/users).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "route.h"

#include <stdlib.h>
#include <string.h>

enum segment_kind { LITERAL, ID_PARAMETER, WORD_PARAMETER };
#define METHODS ((unsigned)DELETE + 1)
enum { DEPTH_MOST = 16, WORD_MOST = 64 };

struct node {
  const char *text; /* of the table: "claims" or "claim_id}/..." */
  size_t length;
  enum segment_kind kind;
  struct node *children, *next;
  size_t routes[METHODS]; /* number + 1; 0: none */
};

struct route_map {
  struct node root;
  const struct route *routes[ROUTE_MOST];
  size_t count;
};

static const char *const method_names[METHODS] = {"", "GET", "POST", "PUT", "PATCH", "DELETE"};

const char *route_method_name(enum method method) { return method_names[method]; }

const char *route_right_name(enum right right) {
  static const char *const names[] = {"none",   "step",        "member",     "person", "provider_profile",
                                      "claims", "eligibility", "financials", "lso",    "analyst"};
  return names[right];
}

size_t route_count(const struct route_map *map) { return map->count; }
const struct route *route_at(const struct route_map *map, size_t number) { return map->routes[number]; }

/* ---------------------------------------------------------------- building */

static enum segment_kind segment_kind(const char *text, size_t length) {
  if (text[0] != '{') return LITERAL;
  bool id = length >= 5 && memcmp(text + length - 4, "_id}", 4) == 0;
  return id ? ID_PARAMETER : WORD_PARAMETER;
}

static struct node *node_child(struct node *parent, const char *text, size_t length) {
  enum segment_kind kind = segment_kind(text, length);
  struct node **link = &parent->children;
  for (; *link != NULL; link = &(*link)->next) {
    struct node *child = *link;
    if (child->kind == kind &&
        (kind != LITERAL || (child->length == length && memcmp(child->text, text, length) == 0)))
      return child;
    if (child->kind > kind) break; /* literals first */
  }
  struct node *node = calloc(1, sizeof *node);
  if (node == NULL) return NULL;
  node->text = text;
  node->length = length;
  node->kind = kind;
  node->next = *link;
  *link = node;
  return node;
}

static bool is_method(enum method method) { return method > METHOD_NONE && (unsigned)method < METHODS; }

static const char *row_fault(const struct route *route) {
  if (!is_method(route->method)) return "no method";
  if (route->path == NULL || route->path[0] != '/') return "a path begins with /";
  if (route->handler == NULL) return "no handler";
  size_t parameters = 0, depth = 0;
  for (const char *at = route->path; *at != '\0'; at++) {
    parameters += *at == '{';
    depth += *at == '/';
    if (*at == '/' && (at[1] == '/' || at[1] == '\0')) return "an empty segment";
  }
  if (parameters > ROUTE_PARAMETERS) return "more than four parameters";
  if (depth > DEPTH_MOST) return "too many segments";
  bool by_account = route->right >= RIGHT_PROVIDER_PROFILE && route->right <= RIGHT_FINANCIALS;
  if (by_account && strstr(route->path, "{provider_account_id}") == NULL)
    return "this right needs {provider_account_id} in the path";
  return NULL;
}

static const char *map_add(struct route_map *map, const struct route *route) {
  const char *fault = row_fault(route);
  if (fault != NULL) return fault;
  if (map->count >= ROUTE_MOST) return "too many routes";
  struct node *node = &map->root;
  for (const char *at = route->path; *at == '/';) {
    size_t length = strcspn(at + 1, "/");
    node = node_child(node, at + 1, length);
    if (node == NULL) return "out of memory";
    at += 1 + length;
  }
  if (node->routes[route->method] != 0) return "the same method and path twice";
  map->routes[map->count++] = route;
  node->routes[route->method] = map->count;
  return NULL;
}

static void node_free(struct node *node) {
  while (node->children != NULL) {
    struct node *child = node->children;
    node->children = child->next;
    node_free(child);
    free(child);
  }
}

void route_map_free(struct route_map *map) {
  if (map == NULL) return;
  node_free(&map->root);
  free(map);
}

struct route_map *route_map_new(const struct route *const *tables, FILE *faults) {
  struct route_map *map = calloc(1, sizeof *map);
  if (map == NULL) return NULL;
  size_t faulty = 0;
  for (; *tables != NULL; tables++) {
    for (const struct route *route = *tables; route->path != NULL || route->handler != NULL; route++) {
      const char *fault = map_add(map, route);
      if (fault == NULL) continue;
      faulty++;
      if (faults != NULL)
        fprintf(faults, "route %s %s: %s\n", is_method(route->method) ? method_names[route->method] : "?",
                route->path == NULL ? "?" : route->path, fault);
    }
  }
  if (faulty == 0) return map;
  route_map_free(map);
  return NULL;
}

/* ---------------------------------------------------------------- matching */

struct matcher {
  const struct route_map *map;
  enum method method;
  const char *starts[ROUTE_PARAMETERS];
  size_t lengths[ROUTE_PARAMETERS];
  size_t parameters;
  struct route_match *match;
};

bool route_is_id(const char *text, size_t length) {
  static const char most[] = DB_INT8_MOST;
  if (length == 0 || length > sizeof most - 1 || text[0] == '0') return false;
  for (size_t i = 0; i < length; i++)
    if (text[i] < '0' || text[i] > '9') return false;
  return length < sizeof most - 1 || memcmp(text, most, length) <= 0;
}

static bool is_word(const char *text, size_t length) {
  if (length == 0 || length > WORD_MOST) return false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return false;
  }
  return true;
}

static bool segment_fits(const struct node *node, const char *text, size_t length) {
  if (node->kind == LITERAL) return node->length == length && memcmp(node->text, text, length) == 0;
  return node->kind == ID_PARAMETER ? route_is_id(text, length) : is_word(text, length);
}

/* The end of a path. True when it has a route of the wanted method; otherwise the match gets those that it
 * has. */
static bool node_end(struct matcher *matcher, const struct node *node) {
  struct route_match *match = matcher->match;
  size_t number = matcher->method == METHOD_NONE ? 0 : node->routes[matcher->method];
  if (number != 0) {
    match->number = number - 1;
    match->route = matcher->map->routes[number - 1];
    return true;
  }
  for (unsigned method = GET; method < METHODS; method++)
    if (node->routes[method] != 0) match->allowed |= 1u << method;
  if (node->routes[POST] != 0) match->post = matcher->map->routes[node->routes[POST] - 1];
  if (node->routes[PATCH] != 0) match->patch = matcher->map->routes[node->routes[PATCH] - 1];
  return false;
}

/* True when a route of the wanted method matches the whole path. */
static bool node_match(struct matcher *matcher, const struct node *node, const char *path, size_t length) {
  if (length == 0) return node_end(matcher, node);
  if (path[0] != '/') return false;
  const char *end = memchr(path + 1, '/', length - 1);
  size_t segment = end == NULL ? length - 1 : (size_t)(end - path - 1);
  size_t mark = matcher->parameters;
  for (const struct node *child = node->children; child != NULL; child = child->next) {
    if (!segment_fits(child, path + 1, segment)) continue;
    if (child->kind != LITERAL) {
      matcher->starts[mark] = path + 1;
      matcher->lengths[mark] = segment;
      matcher->parameters = mark + 1;
    }
    if (node_match(matcher, child, path + 1 + segment, length - 1 - segment)) return true;
    matcher->parameters = mark;
  }
  return false;
}

static enum method method_of(const char *name, bool *head) {
  *head = strcmp(name, "HEAD") == 0;
  if (*head) return GET;
  for (unsigned method = GET; method < METHODS; method++)
    if (strcmp(name, method_names[method]) == 0) return (enum method)method;
  return METHOD_NONE;
}

bool route_match(const struct route_map *map, struct arena *arena, const char *method, const char *path,
                 size_t length, struct route_match *match) {
  *match = (struct route_match){0};
  struct matcher matcher = {.map = map, .match = match};
  matcher.method = method_of(method, &match->head);
  if (length == 0 || !node_match(&matcher, &map->root, path, length)) return true;
  for (size_t i = 0; i < matcher.parameters; i++) {
    match->path[i] = arena_text_n(arena, matcher.starts[i], matcher.lengths[i]);
    if (match->path[i] == NULL) return false;
  }
  return true;
}

const char *route_allow(struct arena *arena, unsigned allowed) {
  const char *text = "";
  for (unsigned method = GET; method < METHODS && text != NULL; method++)
    if ((allowed & 1u << method) != 0)
      text = arena_format(arena, "%s%s, ", text, method == GET ? "GET, HEAD" : method_names[method]);
  return text == NULL ? NULL : arena_format(arena, "%sOPTIONS", text);
}

const char *route_body_type(const struct route *route) {
  if (route == NULL) return NULL;
  if ((route->flags & ROUTE_STREAM) != 0) return route->stream_type;
  return route->fields != NULL ? "application/json" : NULL;
}
