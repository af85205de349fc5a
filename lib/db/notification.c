/*
 * LISTEN, for the jobs daemon.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_internal.h"

/* 0 listening already, 1 from now on, -1 away. */
static int listen_on(struct db *db, const char *channel) {
  if (!db_connected(db)) return -1;
  if (db->channel != NULL && strcmp(db->channel, channel) == 0) return 0;
  int outcome = -1;
  char *quoted = PQescapeIdentifier(db->connection, channel, strlen(channel)), *text = NULL,
       *kept = strdup(channel);
  if (quoted == NULL || kept == NULL || asprintf(&text, "LISTEN %s", quoted) < 0) goto end;
  if (db_run_alone(db, text, db_now_ms() + db->answer_most_ms) != 0) {
    db_drop_connection(db);
    goto end;
  }
  free(db->channel);
  db->channel = kept;
  kept = NULL;
  outcome = 1;
end:
  free(text);
  free(kept);
  PQfreemem(quoted);
  return outcome;
}

/* Takes all notifications that came; several at once wake the daemon once. */
static bool take_notifications(struct db *db) {
  bool any = false;
  for (PGnotify *notified; (notified = PQnotifies(db->connection)) != NULL; any = true) PQfreemem(notified);
  return any;
}

int db_wait(struct db *db, const char *channel, int timeout_ms) {
  int64_t until_ms = db_now_ms() + timeout_ms;
  int listening = listen_on(db, channel);
  if (listening != 0) return listening;
  while (!take_notifications(db)) {
    struct pollfd wait = {.fd = PQsocket(db->connection), .events = POLLIN};
    int64_t left = until_ms - db_now_ms();
    int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return 0; /* the caller checks for signals */
    if (ready < 0 || PQconsumeInput(db->connection) == 0 || !db_still_alive(db)) {
      db_drop_connection(db);
      return -1;
    }
  }
  return 1;
}
