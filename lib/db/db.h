/*
 * The database as a handler sees it: named statements from sql/<area>.sql,
 * prepared once per connection, sent together in ONE pipelined round trip inside
 * one transaction. Only lib/db knows libpq.
 *
 * Life of a transaction:
 *
 *     db_start(db, DB_READ_OFFICE);
 *     db_add_statement(db, &enter);                  // raises when a right is missing
 *     size_t claim = db_add_statement(db, &get);
 *     if (db_run(db) == DB_DONE) ... db_value(db, claim, row, column) ...
 *
 * A statement that raises ends the transaction: what follows it is skipped and
 * nothing is committed. Results live until the next db_start().
 * One struct db belongs to one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_DB_DB_H
#define CONNEX_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Generated: enum query { Q_<AREA>_<VERB>..., QUERY_COUNT } and struct query_text query_texts[]. */
#include "queries.h"

/* The largest int8: no id is larger. */
#define DB_INT8_MOST "9223372036854775807"

struct db;

enum db_mode {
  DB_WRITE,        /* BEGIN; ...; COMMIT as the workers' role */
  DB_READ_OFFICE,  /* BEGIN; first statement (the gate); SET LOCAL ROLE connex_office; ...; COMMIT */
  DB_READ_OFFICER, /* the same as connex_officer, for a Local Security Officer */
  DB_READ_STAFF,   /* the same as connex_staff, for the contractor's staff */
  DB_READ_ONLY,    /* BEGIN READ ONLY; ... COMMIT: for statements that read no person's data */
};

enum db_outcome {
  DB_DONE,    /* committed; results are there */
  DB_REFUSED, /* a statement raised or a constraint held: db_fault() says which */
  DB_AWAY,    /* no connection, or it broke; whether COMMIT arrived is unknown: answer 503 with Retry-After */
};

/* True for the modes that read under row security, as one of the readers. */
static inline bool db_mode_is_reader(enum db_mode mode) {
  return mode >= DB_READ_OFFICE && mode <= DB_READ_STAFF;
}

struct db_fault {
  char sqlstate[6];    /* "CX403", "23505", ... */
  const char *message; /* for CXnnn: the stable code word; else words for the log, without data (PostgreSQL's
                        * own text of classes 22 and 23 repeats values: it is left out) */
  const char *detail;  /* for CXnnn: plain words for a person; may be NULL */
  const char *hint;    /* for CX422: the field; for CX429/CX503: seconds; may be NULL */
  const char *constraint; /* for class 23; may be NULL */
  size_t statement;       /* which of the added statements, SIZE_MAX for BEGIN/COMMIT */
  const char *name;       /* that statement's name; NULL for BEGIN/COMMIT */
  char where[120];        /* function and line of PL/pgSQL, for the log; "" elsewhere */
};

/* Which queries db_ready() prepares ahead; NULL-terminated area names, NULL = all; a statement that is not
 * prepared yet is prepared where it is first used, in the same round trip. A role without the right to some
 * statements (loader, jobs) names its own areas. */
struct db_options {
  const char *conninfo;         /* libpq connection string; copied */
  const char *application_name; /* copied */
  const char *const *areas;     /* e.g. (const char *const[]){"jobs", NULL}; must outlive the db */
  unsigned retry_first_ms;      /* backoff of reconnecting: first and longest wait; 0 = 50 */
  unsigned
      retry_most_ms; /* 0 = 400: connected again soon after a restart, and 3 attempts a second cost nothing */
  unsigned
      answer_most_ms; /* how long one db_run() waits for the server before it drops the connection
                       * (DB_AWAY); 0 = 30000. A request needs less than nginx waits, a load needs more. */
};

/* A handle without a connection yet: the first db_run() connects and prepares. NULL when out of memory. */
struct db *db_open(const struct db_options *options);
void db_close(struct db *db);

/* True when connected, answering within 2 s, and every chosen statement is prepared (connects when it is time
 * to try again, and prepares). For /readyz, and for a thread that prepares before its first request.
 * A statement that cannot be prepared, because the schema is older or newer than the program, makes this
 * false and is named in db_trouble(); all others keep working. */
bool db_ready(struct db *db);

/* Whether a pooler was found between us and the server that gives each transaction another connection
 * (PgBouncer with pool_mode = transaction). It is never used: prepared statements would be missing or
 * another's.
 */
bool db_is_pooled(const struct db *db);

/* Why db_ready() was false or db_run() answered DB_AWAY, for the log; "" when nothing was wrong. Holds no
 * password and no data. Valid until the next call with this db. */
const char *db_trouble(const struct db *db);

/* Milliseconds until the next attempt to connect; 0 when connected. For Retry-After. */
unsigned db_retry_after_ms(const struct db *db);

/* Starts a new transaction. One that db_hold() left open is rolled back. */
void db_start(struct db *db, enum db_mode mode);

/* For what is stored while it is still being read (a file in pieces): the coming db_run() leaves its
 * transaction open. db_continue() then takes the place of db_start(): the statements after it go on in that
 * transaction, and a db_run() without another db_hold() before it commits. A refused or lost run has rolled
 * everything back; a db_run() after db_continue() without an open transaction answers DB_AWAY. Its locks are
 * held in the meantime, so this is only for rows that nobody else needs. */
void db_hold(struct db *db);
void db_continue(struct db *db);

/* Adds a named statement with `count` text parameters (NULL = SQL NULL); returns its number for db_rows()
 * etc. The texts must live until db_run() returns; the array of pointers is copied. A wrong count is refused
 * by db_run(). */
size_t db_add(struct db *db, enum query query, int count, const char *const *parameters);

struct db_parameter {
  const char *value; /* NULL = SQL NULL */
  int length;        /* bytes, for binary */
  bool binary;       /* true: bytea as raw bytes */
};
size_t db_add_binary(struct db *db, enum query query, int count, const struct db_parameter *parameters);

/* A statement with its parameters, as the functions of statements.h (generated) make it. */
enum { DB_PARAMETERS_MOST = 10 };
struct db_statement {
  enum query query;
  int count;
  struct db_parameter parameters[DB_PARAMETERS_MOST];
};
size_t db_add_statement(struct db *db, const struct db_statement *statement);

/* Sends everything and reads all answers. When the connection was found dead before anything was sent, it
 * reconnects (when backoff allows) and sends once. A transaction that PostgreSQL ended before its COMMIT for
 * a reason that is not in its data (deadlock, serialization, a plan changed by a migration) is sent again, up
 * to three times: nothing was kept. */
enum db_outcome db_run(struct db *db);

/* ---------------------------------------------------------------- sharing a transaction */

/* Lookups of several threads that wait at the same moment go as one transaction, each with its own gate, its
 * own statements, and its own audit row: one BEGIN, one COMMIT, and one write to the disk for all of them, on
 * a connection that stays in the processor's caches. When a statement of one of them raises, nothing is kept;
 * the others run again without it, or alone. One share serves the threads of one process. It has two
 * connections of its own. */
struct db_share;

/* NULL: out of memory. `patience_ms`: how long a thread waits for one that is under way before it goes on
 * without it. */
struct db_share *db_share_new(const struct db_options *options, unsigned patience_ms);
void db_share_free(struct db_share *share);

/* One of its connections, each once, to prepare it before it is used; to be given back. NULL: none is left,
 * or all are in use. */
struct db *db_share_warm(struct db_share *share);
void db_share_give(struct db_share *share, struct db *carrier);

/* As db_run(), perhaps together with others of the same mode. Only for transactions that may run twice:
 * lookups and their audit rows, whose statements take a few milliseconds. The first statement must be the
 * gate, with the credential's hash as its first parameter: those who share go in its order, so that two
 * shared transactions cannot lock the same sessions crosswise. `share` may be NULL. */
enum db_outcome db_run_shared(struct db *db, struct db_share *share);

/* How many transactions there were, and how many went in them. */
void db_share_read(struct db_share *share, uint64_t *transactions, uint64_t *shared);

const struct db_fault *db_fault(const struct db *db);

/* Results, valid after DB_DONE until the next db_start(). Statement, row and column out of range: 0 / NULL.
 */
int db_rows(const struct db *db, size_t statement);
int db_columns(const struct db *db, size_t statement);
const char *db_column_name(const struct db *db, size_t statement, int column);
const char *db_value(const struct db *db, size_t statement, int row, int column); /* NULL = SQL NULL */
size_t db_length(const struct db *db, size_t statement, int row, int column);
/* Named column's value; NULL when absent or SQL NULL. For handlers that read one or two values. */
const char *db_named(const struct db *db, size_t statement, int row, const char *column);

/* How a column is written in JSON: int2, int4, bool, float, json, jsonb bare; everything else a string
 * (int8 ids, numeric money, dates, text). */
enum db_json { DB_JSON_STRING, DB_JSON_BARE, DB_JSON_BOOL, DB_JSON_LIST };
enum db_json db_json_kind(const struct db *db, size_t statement, int column);

/* LISTEN for the jobs daemon: waits for a notification or the time limit. 1 notified, 0 time out, -1 away.
 * The first call of a connection answers 1 at once: what was notified before it listened is not known. */
int db_wait(struct db *db, const char *channel, int timeout_ms);

#endif
