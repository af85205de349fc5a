/*
 * What the files of lib/db share: the state of one handle. connection.c connects and prepares, exchange.c
 * talks to the server, transaction.c sends a transaction and reads its answers, share.c lets several threads
 * share one, result.c hands out rows, notification.c waits for notifications.
 *
 * The connection is kept in non-blocking pipeline mode: requests are written and answers read by poll(). So a
 * parameter that is larger than the socket's buffer, or a long result, cannot make both sides wait for each
 * other, and a server that does not answer costs at most answer_most_ms.
 *
 * Memory: the arrays of a handle grow to the largest transaction seen and are used again, so a request
 * allocates nothing here. Results belong to the handle until the next db_start().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_DB_DB_INTERNAL_H
#define CONNEX_DB_DB_INTERNAL_H

#include <libpq-fe.h>
#include <pthread.h>

#include "db/db.h"

/* Statements that begin and end every transaction, prepared like the named ones. They belong to no area, so
 * they are not in sql/. */
enum control {
  CONTROL_BEGIN,
  CONTROL_BEGIN_READ_ONLY,
  CONTROL_OFFICE, /* SET LOCAL ROLE, in the order of enum db_mode */
  CONTROL_OFFICER,
  CONTROL_STAFF,
  CONTROL_COMMIT,
  CONTROL_ROLLBACK,
  CONTROL_COUNT
};
extern const struct db_control { const char *name, *text; } db_controls[CONTROL_COUNT];

/* Statement numbers of a connection: first the controls, then enum query. */
#define SLOT_COUNT ((size_t)CONTROL_COUNT + (size_t)QUERY_COUNT)

#define ATTEMPTS_MOST 4 /* of a transaction that ended for a reason that is not in its data */

enum slot_state { SLOT_UNTRIED, SLOT_PREPARED, SLOT_FAILED };

struct added {
  enum query query;
  size_t first; /* of its parameters in the handle's arrays */
  int count;
  bool binary;
};

/* What was sent, in order: answers come back in the same order. */
enum step_kind { STEP_PREPARE, STEP_CONTROL, STEP_STATEMENT };
struct step {
  enum step_kind kind;
  size_t index;     /* slot, control or number of the added statement */
  struct db *owner; /* of the statement: another handle's, in a transaction that is shared */
};

/* A handle that shares a transaction waits in its lane until it is to lead, or until another one has taken it
 * along; then it is told that its transaction is done, that it was refused, that the server did not answer in
 * time, or that it must run alone. */
enum ride { RIDE_WAITS, RIDE_LEADS, RIDE_TAKEN, RIDE_DONE, RIDE_REFUSED, RIDE_AWAY, RIDE_ALONE };

struct db {
  /* settings */
  char *conninfo, *application_name;
  const char *const *areas;
  unsigned retry_first_ms, retry_most_ms, answer_most_ms;

  /* connection */
  PGconn *connection;             /* NULL: none */
  bool dying;                     /* the server said that it ends this connection */
  bool pooled;                    /* the last connection shared its server's with others */
  unsigned char *slots;           /* enum slot_state, SLOT_COUNT of them */
  unsigned failures;              /* attempts to connect that failed in a row */
  int64_t next_try_ms, failed_ms; /* monotonic; failed_ms: when the last attempt did */
  uint64_t jitter;
  char *channel; /* that this connection listens on */
  char trouble[320];

  /* transaction */
  enum db_mode mode;
  bool hold;     /* the coming run leaves its transaction open */
  bool open;     /* one is open */
  bool going_on; /* what was added belongs to the open one */
  struct added *added;
  PGresult **results; /* one for each added */
  size_t count, size;
  const char **values;
  int *lengths, *formats;
  size_t parameter_count, parameter_size;
  struct step *steps;
  size_t step_count, step_size;
  const char *misuse; /* a db_add() that could not be taken */
  struct db_fault fault;
  struct db *fault_owner; /* whose statement it was; NULL: no statement's */
  PGresult *fault_result; /* owns the texts of `fault` */

  /* sharing (share.c), under the lock of the share */
  enum ride ride;
  enum ride word; /* what it will be told; of the leader alone, while it leads */
  pthread_cond_t told;
  struct db *next; /* that waits in the same lane */
};

/* connection.c */
extern const struct db_fault db_no_fault;
int64_t db_now_ms(void);
/* Keeps the first line of libpq's words or our own. `what` may be NULL. */
void db_set_trouble(struct db *db, const char *what, const char *words);
void db_clear_results(struct db *db);
void db_clear_fault(struct db *db);
void db_drop_connection(struct db *db);
/* What was found shows that a pooler gives each transaction another connection. */
void db_found_pooled(struct db *db);
const char *db_slot_name(size_t slot);
bool db_send_prepare(struct db *db, size_t slot);
/* Whether this SQLSTATE means that the server cannot be reached for now; true for NULL. */
bool db_means_away(const char *sqlstate);
bool db_means_pooled(const char *sqlstate);
/* Whether the connection that is open was not ended by the server. */
bool db_still_alive(struct db *db);
/* Whether there is a connection; connects when it is time to. */
bool db_connected(struct db *db);
/* A number below `end` to spread attempts with; no secret. */
uint64_t db_random_below(struct db *db, uint64_t end);

/* transaction.c */

/* One attempt at the transactions of `riders`, all of the mode of `db`, as one transaction on its connection.
 * DB_DONE: committed, and each has its rows. Otherwise nothing was kept, or that is not known, and none has
 * any; *refused is the one whose statement raised CXnnn, if that is what it was (db_take_fault). Each must
 * have room for its statements (no misuse). */
enum db_outcome db_run_together(struct db *db, struct db *const *riders, size_t count,
                                const struct db **refused);

/* Moves the fault of `from` to `db`. */
void db_take_fault(struct db *db, struct db *from);

/* Says that the server of `from` did not answer `db`. */
void db_take_trouble(struct db *db, const struct db *from);

/* exchange.c. All return 0, or -1 when the connection is to be given up. */

/* The answer to one statement, which the caller clears. */
int db_statement_result(struct db *db, int64_t deadline_ms, PGresult **result);
/* Reads the answer to PQpipelineSync(). */
int db_sync_result(struct db *db, int64_t deadline_ms);
/* A statement outside any transaction: its own round trip. */
int db_run_alone(struct db *db, const char *text, int64_t deadline_ms);

#endif
