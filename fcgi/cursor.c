/*
 * Cursors of lists: see cursor.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cursor.h"

#include <string.h>

#include "base/calendar.h"
#include "base/log.h"
#include "route.h"
#include "secret/token.h"

/* Eight bytes are enough: a cursor opens nothing. What a person may see is decided by row security. */
enum { MARK_BYTES = 8, MARK_LENGTH = 2 * MARK_BYTES };

/* The earliest and latest day as PostgreSQL writes them, and the lowest and highest id. A row without a day
 * sorts as the earliest. */
static const char no_day[] = "-infinity", last_day[] = "infinity", least_id[] = "0", last_id[] = DB_INT8_MOST;

/* ---------------------------------------------------------------- the mark */

static bool cursor_mark(struct request *request, const char *key, char mark[static MARK_LENGTH + 1]) {
  unsigned char hash[TOKEN_HASH_SIZE];
  const char *const *path = request->path;
  const char *list = arena_format(request->arena, "%s %s %s", request->route->operation,
                                  path[0] == NULL ? "" : path[0], path[1] == NULL ? "" : path[1]);
  if (list == NULL || !token_code_hash(request->services->token_key, "cursor", list, key, hash)) return false;
  token_hex(hash, MARK_BYTES, mark);
  return true;
}

const char *cursor_seal(struct request *request, const char *key) {
  char mark[MARK_LENGTH + 1];
  if (key == NULL) log_event(LOG_ERROR, "list_without_cursor", request->route->path, 0);
  if (key == NULL || !cursor_mark(request, key, mark)) return NULL;
  return arena_format(request->arena, "%s.%s", key, mark);
}

static bool cursor_error(struct request *request) {
  reply_field_error(request, "after", "cursor", "Send the `next` of the previous page, unchanged.");
  return false;
}

bool cursor_open(struct request *request, const char **after) {
  char mark[MARK_LENGTH + 1];
  const char *dot = strrchr(*after, '.');
  if (dot == NULL || strlen(dot + 1) != MARK_LENGTH) return cursor_error(request);
  const char *key = arena_text_n(request->arena, *after, (size_t)(dot - *after));
  if (key == NULL || !cursor_mark(request, key, mark) || !token_equal(mark, dot + 1, MARK_LENGTH))
    return cursor_error(request);
  *after = key;
  return true;
}

/* ---------------------------------------------------------------- the key */

bool cursor_read(struct request *request, const char *key, enum cursor_order order, const char **day,
                 const char **id) {
  struct calendar_day parsed;
  *day = order == CURSOR_NEWEST_FIRST ? last_day : no_day;
  *id = order == CURSOR_NEWEST_FIRST ? last_id : least_id;
  if (key == NULL) return true;
  const char *between = strrchr(key, '_');
  if (between != NULL) {
    size_t length = (size_t)(between - key);
    bool good = calendar_parse(key, length, &parsed) ||
                (length == sizeof no_day - 1 && memcmp(key, no_day, length) == 0);
    if (good && route_is_id(between + 1, strlen(between + 1))) {
      *day = arena_text_n(request->arena, key, length);
      *id = between + 1;
      return *day != NULL;
    }
  }
  return cursor_error(request);
}

bool cursor_split(struct request *request, const char *key, const char **id, const char **value) {
  *id = *value = NULL;
  if (key == NULL) return true;
  const char *between = strchr(key, '_');
  if (between == NULL || !route_is_id(key, (size_t)(between - key))) return cursor_error(request);
  *id = arena_text_n(request->arena, key, (size_t)(between - key));
  *value = between + 1;
  return *id != NULL;
}

bool cursor_days(struct request *request, const char **from, const char **to) {
  if (*from != NULL && *to != NULL && strcmp(*from, *to) > 0) {
    reply_field_error(request, "to", "before_from", "The last day is before the first. Swap the two.");
    return false;
  }
  if (*from == NULL) *from = no_day;
  if (*to == NULL) *to = last_day;
  return true;
}
