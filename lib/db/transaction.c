/*
 * One transaction in one pipelined round trip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/db_internal.h"

/* ---------------------------------------------------------------- building it */

static void forget_added(struct db *db) {
  db_clear_results(db);
  db_clear_fault(db);
  db->count = 0;
  db->parameter_count = 0;
  db->misuse = NULL;
  db->hold = false;
}

void db_start(struct db *db, enum db_mode mode) {
  forget_added(db);
  if (db->open && db_run_alone(db, db_controls[CONTROL_ROLLBACK].text, db_now_ms() + 2000) != 0)
    db_drop_connection(db);
  db->open = false;
  db->going_on = false;
  db->mode = mode;
}

void db_hold(struct db *db) { db->hold = true; }

void db_continue(struct db *db) {
  forget_added(db);
  db->going_on = true;
}

/* `array` with room for `size` elements of `wide` bytes; the array itself, and *good false, when memory is
 * out. */
static void *larger(void *array, size_t wide, size_t size, bool *good) {
  void *grown = *good ? reallocarray(array, size, wide) : NULL;
  if (grown == NULL) *good = false;
  return grown != NULL ? grown : array;
}

static bool room_for_statement(struct db *db) {
  bool good = true;
  if (db->count < db->size) return true;
  size_t size = db->size == 0 ? 16 : db->size * 2;
  db->added = larger(db->added, sizeof *db->added, size, &good);
  db->results = larger(db->results, sizeof *db->results, size, &good);
  if (good) db->size = size;
  return good;
}

static bool room_for_parameters(struct db *db, size_t count) {
  bool good = true;
  size_t size = db->parameter_size == 0 ? 64 : db->parameter_size;
  while (size < db->parameter_count + count) size *= 2;
  if (size == db->parameter_size) return true;
  db->values = larger(db->values, sizeof *db->values, size, &good);
  db->lengths = larger(db->lengths, sizeof *db->lengths, size, &good);
  db->formats = larger(db->formats, sizeof *db->formats, size, &good);
  if (good) db->parameter_size = size;
  return good;
}

static bool room_for_steps(struct db *db, size_t statements) {
  bool good = true;
  size_t most = statements * 2 + 2 * (size_t)CONTROL_COUNT; /* a PREPARE and a run of each */
  if (most <= db->step_size) return true;
  db->steps = larger(db->steps, sizeof *db->steps, most, &good);
  if (good) db->step_size = most;
  return good;
}

/* A statement that cannot be added makes the whole transaction fail in db_run(), so a handler need not check.
 */
static struct added *add(struct db *db, enum query query, int count) {
  if ((size_t)query >= (size_t)QUERY_COUNT) db->misuse = "no such statement";
  else if (count != query_texts[query].parameter_count) db->misuse = query_texts[query].name;
  else if (!room_for_statement(db) || !room_for_parameters(db, (size_t)count)) db->misuse = "out of memory";
  else {
    db->results[db->count] = NULL;
    db->added[db->count] = (struct added){.query = query, .first = db->parameter_count, .count = count};
    db->parameter_count += (size_t)count;
    return &db->added[db->count++];
  }
  return NULL;
}

size_t db_add(struct db *db, enum query query, int count, const char *const *parameters) {
  struct added *added = add(db, query, count);
  if (added == NULL) return SIZE_MAX;
  if (count > 0) memcpy(db->values + added->first, parameters, (size_t)count * sizeof *parameters);
  return db->count - 1;
}

size_t db_add_binary(struct db *db, enum query query, int count, const struct db_parameter *parameters) {
  struct added *added = add(db, query, count);
  if (added == NULL) return SIZE_MAX;
  added->binary = true;
  for (int i = 0; i < count; i++) {
    db->values[added->first + (size_t)i] = parameters[i].value;
    db->lengths[added->first + (size_t)i] = parameters[i].length;
    db->formats[added->first + (size_t)i] = parameters[i].binary ? 1 : 0;
  }
  return db->count - 1;
}

size_t db_add_statement(struct db *db, const struct db_statement *statement) {
  return db_add_binary(db, statement->query, statement->count, statement->parameters);
}

/* ---------------------------------------------------------------- sending */

static void add_step(struct db *db, enum step_kind kind, size_t index, struct db *owner) {
  db->steps[db->step_count++] = (struct step){kind, index, owner};
}

/* A statement that is not on this connection (another area's, or one that failed) is prepared where it is
 * used: an error then ends this transaction and no other. */
static bool send_prepare_when_missing(struct db *db, size_t slot) {
  if (db->slots[slot] == SLOT_PREPARED) return true;
  for (size_t i = 0; i < db->step_count; i++)
    if (db->steps[i].kind == STEP_PREPARE && db->steps[i].index == slot) return true;
  add_step(db, STEP_PREPARE, slot, NULL);
  return db_send_prepare(db, slot);
}

static bool send_control(struct db *db, enum control control) {
  add_step(db, STEP_CONTROL, control, NULL);
  return PQsendQueryPrepared(db->connection, db_controls[control].name, 0, NULL, NULL, NULL, 0) == 1;
}

static bool send_statement(struct db *db, struct db *owner, size_t number) {
  const struct added *added = &owner->added[number];
  add_step(db, STEP_STATEMENT, number, owner);
  return PQsendQueryPrepared(db->connection, query_texts[added->query].name, added->count,
                             owner->values + added->first,
                             added->binary ? owner->lengths + added->first : NULL,
                             added->binary ? owner->formats + added->first : NULL, 0) == 1;
}

/* The control that makes this transaction a reader's. */
static enum control reader_of(enum db_mode mode) {
  return (enum control)((int)CONTROL_OFFICE + ((int)mode - (int)DB_READ_OFFICE));
}

/* What the statements of `riders` need and this connection does not have. */
static bool send_prepares(struct db *db, struct db *const *riders, size_t count) {
  enum control begin = db->mode == DB_READ_ONLY ? CONTROL_BEGIN_READ_ONLY : CONTROL_BEGIN;
  bool sent = send_prepare_when_missing(db, begin) && send_prepare_when_missing(db, CONTROL_COMMIT) &&
              (!db_mode_is_reader(db->mode) || send_prepare_when_missing(db, reader_of(db->mode)));
  for (size_t i = 0; i < count && sent; i++)
    for (size_t j = 0; j < riders[i]->count && sent; j++)
      sent = send_prepare_when_missing(db, (size_t)CONTROL_COUNT + (size_t)riders[i]->added[j].query);
  return sent && (db->open || send_control(db, begin));
}

static bool send_transaction(struct db *db, struct db *const *riders, size_t count) {
  db->step_count = 0;
  bool sent = send_prepares(db, riders, count);
  for (size_t i = 0; i < count && sent; i++)
    for (size_t j = 0; j < riders[i]->count && sent; j++) {
      /* The gate writes as the workers' role, a session's idle time for example; the statements after it can
       * only read. The gates of those that ride along may be called by readers. */
      if (i == 0 && j == 1 && db_mode_is_reader(db->mode) && !db->open)
        sent = send_control(db, reader_of(db->mode));
      sent = sent && send_statement(db, riders[i], j);
    }
  return sent && (db->hold || send_control(db, CONTROL_COMMIT)) && PQpipelineSync(db->connection) == 1;
}

/* ---------------------------------------------------------------- reading */

/* A fault of our own, without a result. `words` must be constant. */
static void set_fault(struct db *db, const char *sqlstate, const char *words) {
  db_clear_fault(db);
  snprintf(db->fault.sqlstate, sizeof db->fault.sqlstate, "%s", sqlstate);
  db->fault.message = words;
}

/* The innermost function of a fault's context. Other lines of it (COPY, JSON) quote data and are left out. */
static void take_where(struct db_fault *fault, const char *context) {
  for (const char *line = context; line != NULL; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (strncmp(line, "PL/pgSQL function ", 18) != 0) continue;
    snprintf(fault->where, sizeof fault->where, "%.*s", (int)strcspn(line, "\n"), line);
    return;
  }
}

/* Takes ownership of a result that says why a step failed. */
static void take_fault(struct db *db, PGresult *result, const struct step *step) {
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  set_fault(db, sqlstate == NULL ? "08006" : sqlstate, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  db->fault_result = result;
  db->fault.constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  if (step->kind == STEP_STATEMENT) {
    db->fault_owner = step->owner;
    db->fault.statement = step->index;
    db->fault.name = query_texts[step->owner->added[step->index].query].name;
  }
  if (step->kind == STEP_PREPARE) db->fault.name = db_slot_name(step->index);
  take_where(&db->fault, PQresultErrorField(result, PG_DIAG_CONTEXT));
  if (strncmp(db->fault.sqlstate, "CX", 2) == 0) {
    db->fault.detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    db->fault.hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
  } else if (strncmp(db->fault.sqlstate, "22", 2) == 0) {
    db->fault.message = "a value does not fit its column";
  } else if (strncmp(db->fault.sqlstate, "23", 2) == 0) {
    db->fault.message = "a constraint holds";
  }
}

static void note_prepared(struct db *db, size_t slot, ExecStatusType status) {
  if (status == PGRES_COMMAND_OK) db->slots[slot] = SLOT_PREPARED;
  if (status == PGRES_FATAL_ERROR) db->slots[slot] = SLOT_FAILED;
}

/* One answer. Keeps a statement's rows, the first fault, and a COMMIT that was answered with ROLLBACK. */
static void take_result(struct db *db, const struct step *step, PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  if (step->kind == STEP_PREPARE) note_prepared(db, step->index, status);
  if (good && step->kind == STEP_STATEMENT) {
    step->owner->results[step->index] = result;
    return;
  }
  if (good && step->kind == STEP_CONTROL && step->index == CONTROL_COMMIT &&
      strcmp(PQcmdStatus(result), "COMMIT") != 0)
    set_fault(db, "40000", "the transaction was rolled back at its end");
  if (!good && status != PGRES_PIPELINE_ABORTED && db->fault.sqlstate[0] == '\0') {
    take_fault(db, result, step);
    return;
  }
  PQclear(result);
}

static int read_transaction(struct db *db, int64_t deadline_ms) {
  for (size_t i = 0; i < db->step_count; i++) {
    PGresult *result = NULL;
    if (db_statement_result(db, deadline_ms, &result) != 0) return -1;
    take_result(db, &db->steps[i], result);
    if (db->fault_result != NULL && db_means_away(db->fault.sqlstate)) return -1;
    if (db->fault_result != NULL && db_means_pooled(db->fault.sqlstate)) {
      db_found_pooled(db);
      return -1;
    }
  }
  return db_sync_result(db, deadline_ms);
}

/* ---------------------------------------------------------------- running */

/* Leaves no transaction open. After an error the failed block is rolled back here, in a round trip that only
 * failures need. */
static int close_block(struct db *db, int64_t deadline_ms) {
  db->open = db->hold && PQtransactionStatus(db->connection) == PQTRANS_INTRANS;
  if (db->open || PQtransactionStatus(db->connection) == PQTRANS_IDLE) return 0;
  return db_run_alone(db, db_controls[CONTROL_ROLLBACK].text, deadline_ms);
}

/* Sends everything, reads all answers, and leaves no transaction open. False: the connection is lost. */
static bool exchange(struct db *db, struct db *const *riders, size_t count, int64_t deadline_ms) {
  return send_transaction(db, riders, count) && read_transaction(db, deadline_ms) == 0 &&
         close_block(db, deadline_ms) == 0;
}

/* A plan whose columns a migration changed, or a statement that a pooler between us and the server dropped:
 * every statement is prepared again at its next use. */
static bool statements_are_stale(const struct db_fault *fault) {
  return strcmp(fault->sqlstate, "26000") == 0 ||
         (strcmp(fault->sqlstate, "0A000") == 0 && fault->message != NULL &&
          strstr(fault->message, "cached plan") != NULL);
}

static bool forget_statements(struct db *db, int64_t deadline_ms) {
  memset(db->slots, SLOT_UNTRIED, SLOT_COUNT);
  return db_run_alone(db, "DEALLOCATE ALL", deadline_ms) == 0;
}

static bool lost_a_race(const struct db_fault *fault) {
  return strcmp(fault->sqlstate, "40001") == 0 || strcmp(fault->sqlstate, "40P01") == 0;
}

static enum db_outcome away(struct db *db, const char *sqlstate) {
  db_clear_results(db);
  char state[6];
  snprintf(state, sizeof state, "%s", sqlstate); /* it may be part of the fault that is cleared now */
  set_fault(db, state, db->trouble);
  return DB_AWAY;
}

static enum db_outcome lost(struct db *db) {
  if (db->trouble[0] == '\0')
    db_set_trouble(db, NULL, db->fault.message != NULL ? db->fault.message : PQerrorMessage(db->connection));
  enum db_outcome outcome = away(db, db->fault.sqlstate[0] != '\0' ? db->fault.sqlstate : "08006");
  db_drop_connection(db);
  db->next_try_ms = 0;
  return outcome;
}

/* One round trip. *again: nothing was kept, and a second attempt may do better. */
static enum db_outcome run_once(struct db *db, bool *again) {
  int64_t deadline_ms = db_now_ms() + db->answer_most_ms;
  *again = false;
  db_clear_results(db);
  db_clear_fault(db);
  if (db->going_on && !db->open) {
    db_set_trouble(db, NULL, "no transaction is open to go on in");
    return away(db, "25P01");
  }
  if (db->going_on && !db_still_alive(db))
    return lost(db); /* never on another connection, which would not have the first half */
  if (!db_connected(db)) return away(db, "08001");
  db->trouble[0] = '\0';
  if (!exchange(db, &db, 1, deadline_ms)) return lost(db);
  if (db->fault.sqlstate[0] == '\0') return DB_DONE;
  db_clear_results(db);
  *again = lost_a_race(&db->fault);
  if (statements_are_stale(&db->fault)) {
    *again = true;
    if (!forget_statements(db, deadline_ms)) return lost(db);
  }
  /* After a failover this server is a standby. The next attempt finds the primary (target_session_attrs). */
  if (db->mode == DB_WRITE && strcmp(db->fault.sqlstate, "25006") == 0) return lost(db);
  return DB_REFUSED;
}

enum db_outcome db_run(struct db *db) {
  bool again = false;
  if (db->misuse != NULL || !room_for_steps(db, db->count)) {
    db_clear_fault(db);
    set_fault(db, "XX000", db->misuse != NULL ? db->misuse : "out of memory");
    return DB_REFUSED;
  }
  enum db_outcome outcome = run_once(db, &again);
  for (int attempt = 1; attempt < ATTEMPTS_MOST && outcome == DB_REFUSED && again && !db->going_on;
       attempt++) {
    /* Two transactions that conflicted would conflict again if both came back at once. */
    struct timespec pause = {.tv_nsec =
                                 lost_a_race(&db->fault) ? (long)(1 + db_random_below(db, 40)) * 1000000 : 0};
    nanosleep(&pause, NULL);
    outcome = run_once(db, &again);
  }
  return outcome;
}

static void clear_riders(struct db *const *riders, size_t count) {
  for (size_t i = 0; i < count; i++) db_clear_results(riders[i]);
}

enum db_outcome db_run_together(struct db *db, struct db *const *riders, size_t count,
                                const struct db **refused) {
  int64_t deadline_ms = db_now_ms() + db->answer_most_ms;
  size_t statements = 0;
  *refused = NULL;
  db_clear_fault(db);
  clear_riders(riders, count);
  for (size_t i = 0; i < count; i++) statements += riders[i]->count;
  if (!room_for_steps(db, statements) || !db_connected(db)) return DB_REFUSED;
  db->trouble[0] = '\0';
  bool whole = exchange(db, riders, count, deadline_ms);
  if (whole && db->fault.sqlstate[0] == '\0') return DB_DONE;
  clear_riders(riders, count);
  if (!whole || (statements_are_stale(&db->fault) && !forget_statements(db, deadline_ms))) return lost(db);
  if (strncmp(db->fault.sqlstate, "CX", 2) == 0) *refused = db->fault_owner;
  return DB_REFUSED;
}

void db_take_fault(struct db *db, struct db *from) {
  if (db == from) return;
  db_clear_fault(db);
  db->fault = from->fault;
  db->fault_result = from->fault_result;
  from->fault_result = NULL;
  db_clear_fault(from);
}

void db_take_trouble(struct db *db, const struct db *from) {
  if (db != from) db_set_trouble(db, NULL, from->trouble);
  away(db, "08006");
}

const struct db_fault *db_fault(const struct db *db) { return &db->fault; }
