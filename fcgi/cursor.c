/*
 * Cursors of lists that are sorted by day: see cursor.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cursor.h"

#include <string.h>

#include "base/calendar.h"
#include "route.h"

/* The earliest and latest day as PostgreSQL writes them, and the lowest and highest id. A row without a day
 * sorts as the earliest. */
static const char no_day[] = "-infinity", last_day[] = "infinity", least_id[] = "0", last_id[] = DB_INT8_MOST;

bool cursor_read(struct request *request, const char *after, enum cursor_order order, const char **day,
                 const char **id) {
  struct calendar_day parsed;
  *day = order == CURSOR_NEWEST_FIRST ? last_day : no_day;
  *id = order == CURSOR_NEWEST_FIRST ? last_id : least_id;
  if (after == NULL) return true;
  const char *mark = strrchr(after, '_');
  if (mark != NULL) {
    size_t length = (size_t)(mark - after);
    bool good = calendar_parse(after, length, &parsed) ||
                (length == sizeof no_day - 1 && memcmp(after, no_day, length) == 0);
    if (good && route_is_id(mark + 1, strlen(mark + 1))) {
      *day = arena_text_n(request->arena, after, length);
      *id = mark + 1;
      return *day != NULL;
    }
  }
  reply_field_error(request, "after", "cursor", "Send the `next` of the previous page, unchanged.");
  return false;
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
