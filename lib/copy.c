/*
 * COPY and fixed statements over libpq: see copy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "copy.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TARGET_MOST = 4096 };

struct copy {
  PGconn *connection; /* owned */
  PGresult *result;   /* owned; of the last copy_execute_with() */
  char error[1024];
  char sqlstate[6];
};

static void forget(struct copy *copy) {
  PQclear(copy->result);
  copy->result = NULL;
  copy->error[0] = copy->sqlstate[0] = '\0';
}

static bool fail(struct copy *copy, const PGresult *result) {
  const char *words = result ? PQresultErrorMessage(result) : PQerrorMessage(copy->connection);
  const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  snprintf(copy->error, sizeof copy->error, "%s", words && *words ? words : "the connection was lost");
  copy->error[strcspn(copy->error, "\n")] = '\0';
  snprintf(copy->sqlstate, sizeof copy->sqlstate, "%s", sqlstate ? sqlstate : "");
  return false;
}

struct copy *copy_open(const char *conninfo, const char *application_name) {
  const char *keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
  const char *values[] = {conninfo, application_name, "UTF8", NULL};
  struct copy *copy = calloc(1, sizeof *copy);
  if (!copy) return NULL;
  copy->connection = PQconnectdbParams(keywords, values, 1);
  if (PQstatus(copy->connection) != CONNECTION_OK) fail(copy, NULL);
  return copy;
}

void copy_close(struct copy *copy) {
  if (!copy) return;
  PQclear(copy->result);
  PQfinish(copy->connection);
  free(copy);
}

const char *copy_error(const struct copy *copy) { return copy->error; }
const char *copy_sqlstate(const struct copy *copy) { return copy->sqlstate; }

bool copy_execute(struct copy *copy, const char *sql) {
  forget(copy);
  PGresult *result = PQexec(copy->connection, sql);
  ExecStatusType status = PQresultStatus(result);
  bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!done) fail(copy, result);
  PQclear(result);
  return done;
}

bool copy_execute_with(struct copy *copy, const char *sql, int count, const char *const *parameters, int64_t *rows) {
  forget(copy);
  PGresult *result = PQexecParams(copy->connection, sql, count, NULL, parameters, NULL, NULL, 0);
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    fail(copy, result);
    PQclear(result);
    return false;
  }
  if (rows) *rows = status == PGRES_TUPLES_OK ? PQntuples(result) : strtoll(PQcmdTuples(result), NULL, 10);
  copy->result = result;
  return true;
}

const char *copy_cell(const struct copy *copy, int row, int column) {
  if (!copy->result || row < 0 || row >= PQntuples(copy->result) || column < 0 || column >= PQnfields(copy->result)) return NULL;
  return PQgetisnull(copy->result, row, column) ? NULL : PQgetvalue(copy->result, row, column);
}

bool copy_value(struct copy *copy, const char *sql, char *value, size_t size) {
  int64_t rows = 0;
  if (!copy_execute_with(copy, sql, 0, NULL, &rows)) return false;
  const char *cell = copy_cell(copy, 0, 0);
  int length = snprintf(value, size, "%s", cell ? cell : "");
  if (length < 0 || (size_t)length >= size) {
    snprintf(copy->error, sizeof copy->error, "an answer of %d characters where %zu were expected", length, size);
    return false;
  }
  return true;
}

bool copy_begin(struct copy *copy, const char *target) {
  char sql[TARGET_MOST];
  int length = snprintf(sql, sizeof sql, "COPY %s FROM STDIN", target);
  forget(copy);
  if (length < 0 || (size_t)length >= sizeof sql) {
    snprintf(copy->error, sizeof copy->error, "the COPY target is too long");
    return false;
  }
  PGresult *result = PQexec(copy->connection, sql);
  bool done = PQresultStatus(result) == PGRES_COPY_IN;
  if (!done) fail(copy, result);
  PQclear(result);
  return done;
}

/* libpq takes an int; a buffer may be larger. */
bool copy_text(struct copy *copy, const char *data, size_t length) {
  const size_t piece_most = 1 << 20;
  while (length > 0) {
    size_t piece = length < piece_most ? length : piece_most;
    if (PQputCopyData(copy->connection, data, (int)piece) != 1) return fail(copy, NULL);
    data += piece;
    length -= piece;
  }
  return true;
}

bool copy_end(struct copy *copy, int64_t *rows) {
  if (PQputCopyEnd(copy->connection, NULL) != 1) return fail(copy, NULL);
  bool done = true;
  PGresult *result;
  while ((result = PQgetResult(copy->connection)) != NULL) {
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
      done = fail(copy, result);
    } else if (rows) {
      *rows = strtoll(PQcmdTuples(result), NULL, 10);
    }
    PQclear(result);
  }
  return done;
}
