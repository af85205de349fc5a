/*
 * The database as a loader sees it: one connection, transactions held open while a file is read, COPY, and
 * named statements (statements.h). db/db.h serves requests and is made for one round trip; this is made for
 * many rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_DB_DB_COPY_H
#define CONNEX_DB_DB_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/byte_buffer.h"
#include "db/copy_row.h"
#include "db/db.h"

struct db_copy;

/* The role that statements run as, whatever user the connection belongs to. */
enum db_copy_role {
  DB_COPY_LOADER, /* connex_loader: feeds and remittances; bound by row security, so COPY goes to temporary
                     tables */
  DB_COPY_OWNER   /* connex_owner: the demonstration's data, directly into the tables */
};

/* Connects. NULL when out of memory; else ask db_copy_ok. `conninfo` is a libpq connection string. Close with
 * db_copy_close, which rolls an open transaction back. */
struct db_copy *db_copy_open(const char *conninfo, const char *application_name, enum db_copy_role role);
void db_copy_close(struct db_copy *db);

/* False once the connection is lost; nothing more can be done with it. */
bool db_copy_ok(const struct db_copy *db);
/* The message of the last failure, on one line and without any value of a row. Owned by `db`. */
const char *db_copy_error(const struct db_copy *db);

bool db_copy_begin(struct db_copy *db);
/* False also when the transaction had failed and was rolled back. Does not wait for the disk: do not report
 * anything as done before db_copy_commit_durably(), which waits for all earlier commits too. */
bool db_copy_commit(struct db_copy *db);
bool db_copy_commit_durably(struct db_copy *db);
bool db_copy_rollback(struct db_copy *db);

/* Runs a statement of statements.h (generated), whose parameters are text. The rows stay until the next call.
 */
bool db_copy_run(struct db_copy *db, struct db_statement statement);
int db_copy_row_count(const struct db_copy *db);
/* Text of a value, or NULL. Owned by `db` until the next call. */
const char *db_copy_value(const struct db_copy *db, int row, int column);

/* Sends rows (COPY_ROW) to their target and empties the buffer. */
bool db_copy_rows(struct db_copy *db, const struct copy_target *target, struct byte_buffer *rows);

#endif
