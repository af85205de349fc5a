/*
 * Cursors of lists that are sorted by day: see cursor.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cursor.h"

#include <string.h>

#include "calendar.h"

enum { ID_DIGITS_MOST = 18 };

/* Claims without a day of service stand at the end of a list, as PostgreSQL's -infinity. */
static const char no_day[] = "-infinity";

bool cursor_read(struct request *request, const char *after, const char **day, const char **id) {
  struct calendar_day parsed;
  *day = *id = NULL;
  if (after == NULL) return true;
  const char *mark = strrchr(after, '_');
  if (mark != NULL) {
    size_t length = (size_t)(mark - after), digits = strspn(mark + 1, "0123456789");
    bool good = calendar_parse(after, length, &parsed) || (length == sizeof no_day - 1 && memcmp(after, no_day, length) == 0);
    if (good && digits >= 1 && digits <= ID_DIGITS_MOST && mark[1 + digits] == '\0') {
      *day = arena_text_n(request->arena, after, length);
      *id = mark + 1;
      return *day != NULL;
    }
  }
  reply_field_error(request, "after", "cursor", "Give `next` of the page before, as it was.");
  return false;
}
