/*
 * Talking to the server without blocking, with a deadline.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <poll.h>

#include "db/db_internal.h"

/* Sends what libpq holds, and waits until there is something to read or the socket is writable. 0, or -1. */
static int exchange_some(struct db *db, int64_t deadline_ms) {
  int unsent = PQflush(db->connection);
  if (unsent < 0) {
    db_set_trouble(db, NULL, PQerrorMessage(db->connection));
    return -1;
  }
  struct pollfd wait = {.fd = PQsocket(db->connection), .events = (short)(POLLIN | (unsent ? POLLOUT : 0))};
  int ready;
  do {
    int64_t left = deadline_ms - db_now_ms();
    ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) {
    db_set_trouble(db, NULL, ready == 0 ? "no answer from PostgreSQL in time" : "poll failed");
    return -1;
  }
  if ((wait.revents & ~POLLOUT) != 0 && PQconsumeInput(db->connection) == 0) {
    db_set_trouble(db, NULL, PQerrorMessage(db->connection));
    return -1;
  }
  return 0;
}

/* The next answer in *result (NULL: the end of one statement's answers). 0, or -1: given up. The caller
 * clears. */
static int next_result(struct db *db, int64_t deadline_ms, PGresult **result) {
  *result = NULL;
  while (PQisBusy(db->connection))
    if (exchange_some(db, deadline_ms) != 0) return -1;
  *result = PQgetResult(db->connection);
  return 0;
}

/* The answer to one statement, and the NULL after it. -1: the connection is lost, and *result is NULL. */
int db_statement_result(struct db *db, int64_t deadline_ms, PGresult **result) {
  PGresult *end = NULL;
  if (next_result(db, deadline_ms, result) != 0 || *result == NULL) return -1;
  if (PQstatus(db->connection) != CONNECTION_BAD && next_result(db, deadline_ms, &end) == 0 && end == NULL)
    return 0;
  /* Keep the error that ended the connection. */
  if (PQresultStatus(*result) == PGRES_FATAL_ERROR) db_set_trouble(db, NULL, PQresultErrorMessage(*result));
  PQclear(end);
  PQclear(*result);
  *result = NULL;
  return -1;
}

/* Reads the answer to PQpipelineSync(). */
int db_sync_result(struct db *db, int64_t deadline_ms) {
  PGresult *result = NULL;
  if (next_result(db, deadline_ms, &result) != 0) return -1;
  int outcome = PQresultStatus(result) == PGRES_PIPELINE_SYNC ? 0 : -1;
  if (outcome != 0) db_set_trouble(db, NULL, "PostgreSQL's answers do not match the statements");
  PQclear(result);
  return outcome;
}

/* A statement outside any transaction: its own round trip. 0, or -1: refused or lost. */
int db_run_alone(struct db *db, const char *text, int64_t deadline_ms) {
  PGresult *result = NULL;
  if (PQsendQueryParams(db->connection, text, 0, NULL, NULL, NULL, NULL, 0) == 0 ||
      PQpipelineSync(db->connection) == 0 || db_statement_result(db, deadline_ms, &result) != 0)
    return -1;
  int outcome = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -1;
  if (outcome != 0) db_set_trouble(db, NULL, PQresultErrorMessage(result));
  PQclear(result);
  return db_sync_result(db, deadline_ms) != 0 ? -1 : outcome;
}
