/*
 * The routes: which handler answers a method and a path. The tables, generated
 * from fcgi/area/ in YAML, become one tree, built once before the workers start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_ROUTE_H
#define CONNEX_FCGI_ROUTE_H

#include <stdbool.h>
#include <stdio.h>

#include "request.h"

enum { ROUTE_PARAMETERS = 4, ROUTE_MOST = 1024 };

struct route_map;

/* Builds the tree of `tables` (each ends with {0}, the list with NULL). Every fault of a row (a path that
 * does not begin with '/', more than four parameters, the same method and path twice, no handler) is a line
 * in `faults`. NULL when there is one, or when out of memory. */
struct route_map *route_map_new(const struct route *const *tables, FILE *faults);
void route_map_free(struct route_map *map);

struct route_match {
  const struct route *route;          /* NULL: not found, or another method */
  size_t number;                      /* of the route in the order of the tables, for its counters */
  bool head;                          /* HEAD, answered as GET without the body */
  unsigned allowed;                   /* bits 1 << enum method of the path's routes; 0: unknown path */
  const struct route *post, *patch;   /* those of the path, when `route` is NULL */
  const char *path[ROUTE_PARAMETERS]; /* parameters, in the arena */
};

/* Matches a method's name and a raw path (no query; up to `length`). Paths are matched unchanged, without
 * decoding, because none of ours contains a character that needs it. False: out of memory. */
bool route_match(const struct route_map *map, struct arena *arena, const char *method, const char *path,
                 size_t length, struct route_match *match);

/* Text of an Allow header for `allowed`, in the arena. OPTIONS is always in it. */
const char *route_allow(struct arena *arena, unsigned allowed);

/* The media type of the body that a route takes, for Accept-Post and Accept-Patch. NULL: none (or no route).
 */
const char *route_body_type(const struct route *route);

/* An id as used in a path: a positive int8 without leading zeros. */
bool route_is_id(const char *text, size_t length);

size_t route_count(const struct route_map *map);
const struct route *route_at(const struct route_map *map, size_t number);

const char *route_method_name(enum method method);
/* In the form that enter() expects: "claims", "member", ...; "none" for RIGHT_NONE. */
const char *route_right_name(enum right right);

#endif
