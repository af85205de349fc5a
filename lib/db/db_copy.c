/*
 * See db_copy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/db_copy.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_SIZE = 512, COMMAND_SIZE = 4096 };

struct db_copy {
  PGconn *connection; /* owned */
  PGresult *result;   /* owned: of the last statement */
  char error[ERROR_SIZE];
  bool prepared[QUERY_COUNT];
};

static void keep_error(struct db_copy *db, const char *words) {
  (void)snprintf(db->error, sizeof db->error, "%s", words == NULL ? "" : words);
  db->error[strcspn(db->error, "\n")] = '\0';
}

/* PostgreSQL's DETAIL and CONTEXT repeat the row, and messages of class 22 repeat the value: a person's data
 * does not belong in a report or a log. Our own errors (CX...) have their words in DETAIL. */
static const char *words_of(const PGresult *result, const char *sqlstate) {
  if (strncmp(sqlstate, "CX", 2) == 0) return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  return strncmp(sqlstate, "22", 2) == 0 ? "a value does not fit its column"
                                         : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static void keep_result_error(struct db_copy *db, const PGresult *result) {
  const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char *words = sqlstate == NULL ? NULL : words_of(result, sqlstate);
  keep_error(db, words == NULL ? PQerrorMessage(db->connection) : words);
}

static bool take(struct db_copy *db, PGresult *result) {
  PQclear(db->result);
  db->result = result;
  ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN) return true;
  keep_result_error(db, result);
  return false;
}

static bool command(struct db_copy *db, const char *text) { return take(db, PQexec(db->connection, text)); }

static void ignore_notice(void *context, const char *message) {
  (void)context;
  (void)message;
}

struct db_copy *db_copy_open(const char *conninfo, const char *application_name, enum db_copy_role role) {
  struct db_copy *db = calloc(1, sizeof *db);
  if (db == NULL) return NULL;
  const char *keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
  const char *values[] = {conninfo, application_name, "UTF8", NULL};
  db->connection = PQconnectdbParams(keywords, values, 1);
  if (PQstatus(db->connection) != CONNECTION_OK) {
    keep_error(db, PQerrorMessage(db->connection));
    return db;
  }
  (void)PQsetNoticeProcessor(db->connection, ignore_notice, NULL);
  /* Generic plans: a plan for each transaction set costs more than it saves. */
  if (!command(db, role == DB_COPY_OWNER ? "SET ROLE connex_owner" : "SET ROLE connex_loader") ||
      !command(db, "SET search_path = connex; SET jit = off; SET plan_cache_mode = force_generic_plan;"
                   "SET synchronous_commit = off")) {
    PQclear(db->result);
    db->result = NULL;
    PQfinish(db->connection);
    db->connection = NULL;
  }
  return db;
}

void db_copy_close(struct db_copy *db) {
  if (db != NULL) {
    PQclear(db->result);
    PQfinish(db->connection);
    free(db);
  }
}

bool db_copy_ok(const struct db_copy *db) {
  return db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK;
}

const char *db_copy_error(const struct db_copy *db) { return db->error; }

bool db_copy_begin(struct db_copy *db) { return command(db, "BEGIN"); }

bool db_copy_commit_durably(struct db_copy *db) {
  return command(db, "SET LOCAL synchronous_commit = on") && db_copy_commit(db);
}

bool db_copy_commit(struct db_copy *db) {
  if (!command(db, "COMMIT")) return false;
  if (strcmp(PQcmdStatus(db->result), "COMMIT") != 0) {
    keep_error(db, "the transaction had failed and was rolled back");
    return false;
  }
  return true;
}

bool db_copy_rollback(struct db_copy *db) { return command(db, "ROLLBACK"); }

bool db_copy_run(struct db_copy *db, struct db_statement statement) {
  const enum query query = statement.query;
  const struct query_text *text = &query_texts[query];
  const char *values[DB_PARAMETERS_MOST];
  for (int i = 0; i < statement.count; i++) values[i] = statement.parameters[i].value;
  if (!db->prepared[query]) {
    if (!take(db, PQprepare(db->connection, text->name, text->text, 0, NULL))) return false;
    db->prepared[query] = true;
  }
  return take(db, PQexecPrepared(db->connection, text->name, statement.count, values, NULL, NULL, 0));
}

int db_copy_row_count(const struct db_copy *db) { return PQntuples(db->result); }

const char *db_copy_value(const struct db_copy *db, int row, int column) {
  return PQgetisnull(db->result, row, column) ? NULL : PQgetvalue(db->result, row, column);
}

/* Reads the results of a COPY to their end and keeps the first failure. */
static bool finish_copy(struct db_copy *db, bool ok) {
  PGresult *result;
  while ((result = PQgetResult(db->connection)) != NULL) {
    if (PQresultStatus(result) != PGRES_COMMAND_OK && ok) {
      keep_result_error(db, result);
      ok = false;
    }
    PQclear(result);
  }
  return ok;
}

bool db_copy_rows(struct db_copy *db, const struct copy_target *target, struct byte_buffer *rows) {
  enum { PIECE = 64 * 1024 };
  if (rows->failed) {
    keep_error(db, "out of memory");
    return false;
  }
  if (rows->length == 0) return true;
  char text[COMMAND_SIZE];
  (void)snprintf(text, sizeof text, "COPY %s (%s) FROM STDIN", target->table, target->columns);
  if (!command(db, text)) return false;
  bool ok = true;
  for (size_t at = 0; ok && at < rows->length; at += PIECE) {
    size_t length = rows->length - at < PIECE ? rows->length - at : PIECE;
    ok = PQputCopyData(db->connection, rows->data + at, (int)length) == 1;
  }
  if (!ok || PQputCopyEnd(db->connection, NULL) != 1) {
    keep_error(db, PQerrorMessage(db->connection));
    ok = false;
  }
  ok = finish_copy(db, ok);
  byte_buffer_clear(rows);
  return ok;
}
