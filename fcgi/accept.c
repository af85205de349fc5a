/*
 * Media ranges and their weights: see accept.h. In a list such as
 * `text/csv, application/json;q=0.5` the most specific range that matches a
 * representation says how acceptable it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { WEIGHT_MOST = 1000 /* q=1; a weight has at most three decimals */ };

struct range {
  const char *type, *subtype;
  size_t type_length, subtype_length;
  int weight; /* thousandths */
  bool bom;
};

/* How acceptable one representation is, and how specific the range is that says so: 0 there is none, 1 any
 * type, 2 its type, 3 its type and subtype. */
struct welcome {
  int specific, weight;
  bool bom;
};

static bool is_token(char c) { /* RFC 9110 section 5.6.2 */
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_length(const char *at) {
  size_t length = 0;
  while (is_token(at[length])) length++;
  return length;
}

static bool is_word(const char *text, size_t length, const char *word) {
  return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static const char *skip_blanks(const char *at) { return at + strspn(at, " \t"); }

/* The end of a quoted string that begins at `at`; NULL when it does not end. */
static const char *quoted_end(const char *at) {
  for (at++; *at != '\0' && *at != '"'; at++)
    if (*at == '\\' && at[1] != '\0') at++;
  return *at == '"' ? at + 1 : NULL;
}

/* 0, 0.5, 0.125, 1, 1.000; -1 for what is not a weight (section 12.4.2). */
static int read_weight(const char *text, size_t length) {
  if (length == 0 || length > 5 || (text[0] != '0' && text[0] != '1') || (length > 1 && text[1] != '.'))
    return -1;
  int weight = (text[0] - '0') * WEIGHT_MOST, unit = WEIGHT_MOST / 10;
  for (size_t i = 2; i < length; i++, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return -1;
    weight += (text[i] - '0') * unit;
  }
  return weight <= WEIGHT_MOST ? weight : -1;
}

/* One `;name=value` after a range; only q and bom have a meaning here. NULL when it is malformed. */
static const char *read_parameter(const char *at, struct range *range) {
  const char *name = at;
  size_t name_length = token_length(name);
  at += name_length;
  if (name_length == 0) return at; /* an empty one: `text/csv;` */
  if (*at != '=') return NULL;
  const char *value = ++at;
  at = *at == '"' ? quoted_end(at) : at + token_length(at);
  if (at == NULL || at == value) return NULL;
  if (is_word(name, name_length, "bom")) range->bom = is_word(value, (size_t)(at - value), "true");
  if (is_word(name, name_length, "q")) range->weight = read_weight(value, (size_t)(at - value));
  return range->weight < 0 ? NULL : at;
}

/* One element of the list; NULL when it is malformed. Otherwise where it ends: at a comma or at the end. */
static const char *read_range(const char *at, struct range *range) {
  *range = (struct range){.type = at, .weight = WEIGHT_MOST};
  range->type_length = token_length(at);
  at += range->type_length;
  if (range->type_length == 0 || *at != '/') return NULL;
  range->subtype = ++at;
  range->subtype_length = token_length(at);
  at += range->subtype_length;
  if (range->subtype_length == 0) return NULL;
  if (is_word(range->type, range->type_length, "*") && !is_word(range->subtype, range->subtype_length, "*"))
    return NULL;
  for (at = skip_blanks(at); at != NULL && *at == ';';) {
    at = read_parameter(skip_blanks(at + 1), range);
    if (at != NULL) at = skip_blanks(at);
  }
  return at != NULL && (*at == ',' || *at == '\0') ? at : NULL;
}

/* The comma that ends an element, or the end; a comma within quotes ends nothing. */
static const char *element_end(const char *at) {
  while (at != NULL && *at != '\0' && *at != ',') at = *at == '"' ? quoted_end(at) : at + 1;
  return at;
}

static void weigh(struct welcome *welcome, const struct range *range, const char *type) {
  const char *subtype = strchr(type, '/') + 1;
  size_t type_length = (size_t)(subtype - type - 1);
  bool any_type = is_word(range->type, range->type_length, "*");
  bool any = is_word(range->subtype, range->subtype_length, "*");
  bool my_type = range->type_length == type_length && strncasecmp(range->type, type, type_length) == 0;
  int specific = 0;
  if (any_type && any) specific = 1;
  else if (my_type && any) specific = 2;
  else if (my_type && is_word(range->subtype, range->subtype_length, subtype)) specific = 3;
  if (specific == 0 || specific < welcome->specific) return;
  if (specific > welcome->specific || range->weight > welcome->weight)
    *welcome = (struct welcome){.specific = specific, .weight = range->weight, .bom = range->bom};
}

enum accept_choice accept_choose(const char *accept, bool has_csv, const char *other, bool *wants_bom) {
  struct welcome csv = {0}, json = {0}, problem = {0}, own = {0};
  bool any_range = false;
  *wants_bom = false;
  while (accept != NULL && *accept != '\0') {
    const char *at = accept + strspn(accept, " \t,");
    struct range range;
    if (read_range(at, &range) != NULL) {
      any_range = true;
      weigh(&csv, &range, "text/csv");
      weigh(&json, &range, "application/json");
      weigh(&problem, &range, "application/problem+json");
      if (other != NULL) weigh(&own, &range, other);
    }
    accept = element_end(at);
  }
  if (!any_range) return ACCEPT_JSON;
  if (has_csv && csv.weight > json.weight) {
    *wants_bom = csv.bom;
    return ACCEPT_CSV;
  }
  return json.weight > 0 || problem.weight > 0 || own.weight > 0 ? ACCEPT_JSON : ACCEPT_NOTHING;
}
