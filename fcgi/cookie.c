/*
 * The session cookie: see cookie.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cookie.h"

#include <string.h>

bool cookie_find(const char *header, const char **value, size_t *length) {
  static const char name[] = COOKIE_NAME;
  bool found = false;
  for (const char *at = header; at != NULL && *at != '\0';) {
    at += strspn(at, " \t;");
    size_t pair = strcspn(at, ";");
    size_t end = strcspn(at, "=;");
    if (end == sizeof name - 1 && end < pair && memcmp(at, name, end) == 0) {
      if (found) return false;
      found = true;
      *value = at + end + 1;
      *length = pair - end - 1;
      while (*length > 0 && ((*value)[*length - 1] == ' ' || (*value)[*length - 1] == '\t')) (*length)--;
    }
    at += pair;
  }
  return found;
}
