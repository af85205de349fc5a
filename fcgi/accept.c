/*
 * Media ranges and their weights: see accept.h. A list such as
 * `text/csv, application/json;q=0.5`; for each kind of answer the most specific
 * range that fits says how welcome it is.
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
};

/* How welcome one kind is, and by how specific a range: 0 by none, 1 by one of all kinds,
 * 2 by its type, 3 by itself. */
struct welcome {
  int specific, weight;
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

static const char *skip_blanks(const char *at) { return at + strspn(at, " \t"); }

/* The end of a quoted string that begins at `at`; NULL when it does not end. */
static const char *quoted_end(const char *at) {
  for (at++; *at != '\0' && *at != '"'; at++)
    if (*at == '\\' && at[1] != '\0') at++;
  return *at == '"' ? at + 1 : NULL;
}

/* 0, 0.5, 0.125, 1, 1.000; -1 for what is no weight (section 12.4.2). */
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

/* One `;name=value` behind a range; only q means something here. NULL when it is malformed. */
static const char *read_parameter(const char *at, struct range *range) {
  const char *name = at;
  size_t name_length = token_length(name);
  at += name_length;
  if (name_length == 0) return at; /* an empty one: `text/csv;` */
  if (*at != '=') return NULL;
  const char *value = ++at;
  at = *at == '"' ? quoted_end(at) : at + token_length(at);
  if (at == NULL || at == value) return NULL;
  if (name_length == 1 && (name[0] == 'q' || name[0] == 'Q'))
    range->weight = read_weight(value, (size_t)(at - value));
  return range->weight < 0 ? NULL : at;
}

/* One element of the list; NULL when it is malformed. Else where it ends: at a comma or at the end. */
static const char *read_range(const char *at, struct range *range) {
  *range = (struct range){.type = at, .weight = WEIGHT_MOST};
  range->type_length = token_length(at);
  at += range->type_length;
  if (range->type_length == 0 || *at != '/') return NULL;
  range->subtype = ++at;
  range->subtype_length = token_length(at);
  at += range->subtype_length;
  if (range->subtype_length == 0) return NULL;
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

static bool is_word(const char *text, size_t length, const char *word) {
  return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static void weigh(struct welcome *welcome, const struct range *range, const char *type, const char *subtype) {
  bool any_type = is_word(range->type, range->type_length, "*"),
       any = is_word(range->subtype, range->subtype_length, "*");
  bool my_type = is_word(range->type, range->type_length, type);
  int specific = 0;
  if (any_type && any) specific = 1;
  else if (my_type && any) specific = 2;
  else if (my_type && is_word(range->subtype, range->subtype_length, subtype)) specific = 3;
  if (specific == 0 || specific < welcome->specific) return;
  if (specific > welcome->specific || range->weight > welcome->weight)
    *welcome = (struct welcome){.specific = specific, .weight = range->weight};
}

bool accept_prefers_csv(const char *accept) {
  struct welcome csv = {0}, json = {0};
  while (accept != NULL && *accept != '\0') {
    const char *at = accept + strspn(accept, " \t,");
    struct range range;
    if (read_range(at, &range) != NULL) {
      weigh(&csv, &range, "text", "csv");
      weigh(&json, &range, "application", "json");
    }
    accept = element_end(at);
  }
  return csv.weight > json.weight;
}
