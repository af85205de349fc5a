/*
 * PostgreSQL for the rest of the program: one connection a thread, every named
 * statement prepared once, and a whole transaction in one pipelined round trip.
 * Nothing else includes libpq.
 *
 * The connection is kept in non-blocking pipeline mode: requests are written
 * and answers read by poll(), so that neither a parameter larger than the
 * socket's buffer nor a long result can make both sides wait for each other,
 * and a server that stopped answering costs at most answer_most_ms.
 *
 * Memory: the arrays of a handle grow to the largest transaction seen and are
 * reused, a request allocates nothing here. Results belong to the handle until
 * the next db_start().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/db.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Statements that every transaction uses; prepared as the named ones are. */
enum control {
  CONTROL_BEGIN,
  CONTROL_BEGIN_READ_ONLY,
  CONTROL_READER,
  CONTROL_COMMIT,
  CONTROL_ROLLBACK,
  CONTROL_COUNT
};
static const struct {
  const char *name, *text;
} controls[CONTROL_COUNT] = {
    [CONTROL_BEGIN] = {"begin", "BEGIN"},
    [CONTROL_BEGIN_READ_ONLY] = {"begin_read_only", "BEGIN READ ONLY"},
    [CONTROL_READER] = {"become_reader", "SET LOCAL ROLE connex_reader"},
    [CONTROL_COMMIT] = {"commit", "COMMIT"},
    [CONTROL_ROLLBACK] = {"rollback", "ROLLBACK"},
};

/* Statement numbers of a connection: first the controls, then enum query. */
#define SLOT_COUNT ((size_t)CONTROL_COUNT + (size_t)QUERY_COUNT)

#define ATTEMPTS_MOST 4 /* of a transaction that ended for a reason that lies in nobody's data */

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
  size_t index; /* slot, control or number of the added statement */
};

struct db {
  /* settings */
  char *conninfo, *application_name;
  const char *const *areas;
  unsigned retry_first_ms, retry_most_ms, answer_most_ms;

  /* connection */
  PGconn *connection;             /* NULL: none */
  bool dying;                     /* the server said that it ends this connection */
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
  PGresult *fault_result; /* owns the texts of `fault` */
};

static const struct db_fault no_fault = {.sqlstate = "", .statement = SIZE_MAX};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- settings */

struct db *db_open(const struct db_options *options) {
  struct db *db = calloc(1, sizeof *db);
  if (db == NULL) return NULL;
  db->conninfo = strdup(options->conninfo == NULL ? "" : options->conninfo);
  db->application_name = strdup(options->application_name == NULL ? "connex" : options->application_name);
  db->slots = calloc(SLOT_COUNT, 1);
  if (db->conninfo == NULL || db->application_name == NULL || db->slots == NULL) {
    db_close(db);
    return NULL;
  }
  db->areas = options->areas;
  db->retry_first_ms = options->retry_first_ms != 0 ? options->retry_first_ms : 50;
  db->retry_most_ms = options->retry_most_ms != 0 ? options->retry_most_ms : 400;
  db->answer_most_ms = options->answer_most_ms != 0 ? options->answer_most_ms : 30000;
  db->jitter = (uint64_t)now_ms() * 0x9E3779B97F4A7C15u ^ (uint64_t)(uintptr_t)db;
  db->fault = no_fault;
  return db;
}

static void clear_results(struct db *db) {
  for (size_t i = 0; i < db->count; i++) {
    PQclear(db->results[i]);
    db->results[i] = NULL;
  }
}

static void clear_fault(struct db *db) {
  PQclear(db->fault_result);
  db->fault_result = NULL;
  db->fault = no_fault;
}

static void drop_connection(struct db *db) {
  PQfinish(db->connection);
  db->connection = NULL;
  db->dying = false;
  db->open = false;
  free(db->channel);
  db->channel = NULL;
}

void db_close(struct db *db) {
  if (db == NULL) return;
  clear_results(db);
  clear_fault(db);
  drop_connection(db);
  free(db->conninfo);
  free(db->application_name);
  free(db->slots);
  free(db->added);
  free(db->results);
  free(db->values);
  free(db->lengths);
  free(db->formats);
  free(db->steps);
  free(db);
}

/* Keeps the first line of libpq's or our own words. */
static void set_trouble(struct db *db, const char *what, const char *words) {
  size_t length = strcspn(words, "\n");
  if (what == NULL)
    snprintf(db->trouble, sizeof db->trouble, "%.*s", (int)(length < 250 ? length : 250), words);
  else
    snprintf(db->trouble, sizeof db->trouble, "%.60s: %.*s", what, (int)(length < 250 ? length : 250), words);
}

const char *db_trouble(const struct db *db) { return db->trouble; }

/* ---------------------------------------------------------------- talking without blocking */

static const char *slot_name(size_t slot) {
  return slot < CONTROL_COUNT ? controls[slot].name : query_texts[slot - CONTROL_COUNT].name;
}

static const char *slot_text(size_t slot) {
  return slot < CONTROL_COUNT ? controls[slot].text : query_texts[slot - CONTROL_COUNT].text;
}

/* Sends what libpq holds and waits for something to read or to be writable. 0, or -1: given up. */
static int exchange_some(struct db *db, int64_t deadline_ms) {
  int unsent = PQflush(db->connection);
  if (unsent < 0) {
    set_trouble(db, NULL, PQerrorMessage(db->connection));
    return -1;
  }
  struct pollfd wait = {.fd = PQsocket(db->connection), .events = (short)(POLLIN | (unsent ? POLLOUT : 0))};
  int ready;
  do {
    int64_t left = deadline_ms - now_ms();
    ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) {
    set_trouble(db, NULL, ready == 0 ? "no answer from PostgreSQL in time" : "poll failed");
    return -1;
  }
  if ((wait.revents & ~POLLOUT) != 0 && PQconsumeInput(db->connection) == 0) {
    set_trouble(db, NULL, PQerrorMessage(db->connection));
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

/* The answer to one statement, and the NULL behind it. -1: given up, nothing in *result. */
static int statement_result(struct db *db, int64_t deadline_ms, PGresult **result) {
  PGresult *end = NULL;
  if (next_result(db, deadline_ms, result) != 0 || *result == NULL) return -1;
  if (PQstatus(db->connection) != CONNECTION_BAD && next_result(db, deadline_ms, &end) == 0 && end == NULL)
    return 0;
  /* The error that ended the connection is worth telling before it is gone. */
  if (PQresultStatus(*result) == PGRES_FATAL_ERROR) set_trouble(db, NULL, PQresultErrorMessage(*result));
  PQclear(end);
  PQclear(*result);
  *result = NULL;
  return -1;
}

/* Reads the answer to PQpipelineSync(). */
static int sync_result(struct db *db, int64_t deadline_ms) {
  PGresult *result = NULL;
  if (next_result(db, deadline_ms, &result) != 0) return -1;
  int outcome = PQresultStatus(result) == PGRES_PIPELINE_SYNC ? 0 : -1;
  if (outcome != 0) set_trouble(db, NULL, "the answers of PostgreSQL do not fit the statements");
  PQclear(result);
  return outcome;
}

/* A statement outside any transaction: its own round trip. 0, or -1: refused or lost. */
static int run_alone(struct db *db, const char *text, int64_t deadline_ms) {
  PGresult *result = NULL;
  if (PQsendQueryParams(db->connection, text, 0, NULL, NULL, NULL, NULL, 0) == 0 ||
      PQpipelineSync(db->connection) == 0 || statement_result(db, deadline_ms, &result) != 0)
    return -1;
  int outcome = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -1;
  if (outcome != 0) set_trouble(db, NULL, PQresultErrorMessage(result));
  PQclear(result);
  return sync_result(db, deadline_ms) != 0 ? -1 : outcome;
}

/* ---------------------------------------------------------------- connecting */

/* Class 08, a server that shuts down or starts (57P01-57P05), or one without a free place (53300): come back
 * later. */
static bool means_away(const char *sqlstate) {
  return sqlstate == NULL || strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P", 3) == 0 ||
         strcmp(sqlstate, "53300") == 0 || strcmp(sqlstate, "25P03") == 0;
}

/* What the server says while nothing is asked of it: the end of the connection, or nothing that matters here.
 */
static void notice(void *object, const PGresult *result) {
  struct db *db = object;
  const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (severity == NULL || sqlstate == NULL) return;
  if (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0 || strncmp(sqlstate, "57P0", 4) == 0) {
    db->dying = true;
    set_trouble(db, NULL, PQresultErrorMessage(result));
  }
}

/* Opens the connection: the operator's string first, ours where it is silent. libpq takes the last value of a
 * keyword, so ours go before `dbname`, which it expands. NULL when memory is out. */
static PGconn *connect_once(const struct db *db) {
  const char *keywords[] = {"connect_timeout",  "tcp_user_timeout",
                            "keepalives_idle",  "keepalives_interval",
                            "keepalives_count", "fallback_application_name",
                            "options",          "dbname",
                            "client_encoding",  NULL};
  /* One form of dates and instants whatever the server's default: rows go to JSON and CSV as text. */
  const char *values[] = {"3",
                          "5000",
                          "30",
                          "10",
                          "3",
                          db->application_name,
                          "-c datestyle=ISO,YMD -c timezone=UTC -c bytea_output=hex",
                          db->conninfo,
                          "UTF8",
                          NULL};
  return PQconnectdbParams(keywords, values, 1);
}

static bool chosen(const struct db *db, size_t slot) {
  if (slot < CONTROL_COUNT || db->areas == NULL) return true;
  for (const char *const *area = db->areas; *area != NULL; area++)
    if (strcmp(*area, query_texts[slot - CONTROL_COUNT].area) == 0) return true;
  return false;
}

static bool send_prepare(struct db *db, size_t slot) {
  return PQsendPrepare(db->connection, slot_name(slot), slot_text(slot), 0, NULL) == 1;
}

/* One pipeline that prepares every slot below `end` not yet tried. After a failure the server skips the rest:
 * they stay untried for the next pass. 0, or -1: connection lost. */
static int prepare_pass(struct db *db, size_t end, int64_t deadline_ms) {
  for (size_t slot = 0; slot < end; slot++)
    if (db->slots[slot] == SLOT_UNTRIED && chosen(db, slot) && !send_prepare(db, slot)) return -1;
  if (PQpipelineSync(db->connection) == 0) return -1;
  for (size_t slot = 0; slot < end; slot++) {
    PGresult *result = NULL;
    if (db->slots[slot] != SLOT_UNTRIED || !chosen(db, slot)) continue;
    if (statement_result(db, deadline_ms, &result) != 0) return -1;
    if (PQresultStatus(result) == PGRES_COMMAND_OK) db->slots[slot] = SLOT_PREPARED;
    if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
      db->slots[slot] = SLOT_FAILED;
      set_trouble(db, slot_name(slot), PQresultErrorMessage(result));
    }
    PQclear(result);
  }
  return sync_result(db, deadline_ms);
}

/* Whether a slot below `end` is in this state. */
static bool any_is(const struct db *db, size_t end, enum slot_state state) {
  for (size_t slot = 0; slot < end; slot++)
    if (chosen(db, slot) && db->slots[slot] == state) return true;
  return false;
}

static int prepare_below(struct db *db, size_t end, int64_t deadline_ms) {
  while (any_is(db, end, SLOT_UNTRIED))
    if (prepare_pass(db, end, deadline_ms) != 0) return -1;
  return 0;
}

/* xorshift: spreads attempts, no secret. */
static uint64_t random_below(struct db *db, uint64_t end) {
  db->jitter ^= db->jitter << 13;
  db->jitter ^= db->jitter >> 7;
  db->jitter ^= db->jitter << 17;
  return db->jitter % end;
}

/* Doubling waits with a random half, so that the threads of all workers do not knock in step. */
static void back_off(struct db *db) {
  uint64_t wait = db->retry_first_ms;
  for (unsigned i = 0; i < db->failures && wait < db->retry_most_ms; i++) wait *= 2;
  if (wait > db->retry_most_ms) wait = db->retry_most_ms;
  wait = wait / 2 + random_below(db, wait / 2 + 1);
  db->failures++;
  db->next_try_ms = now_ms() + (int64_t)wait;
}

/* What the threads of a process know of a server together. While it is away one of them knocks and the others
 * answer 503 at once: an address that does not answer at all costs connect_timeout, and that for each thread
 * would be all of them. The first who gets in tells the others. Chosen by the connection string; two strings
 * that share one only wait for each other. */
struct door {
  atomic_bool failing, trying;
  atomic_int_fast64_t well_ms; /* when somebody last got in */
};
static struct door doors[8];

static struct door *door_of(const struct db *db) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (const char *at = db->conninfo; *at != '\0'; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
  return &doors[hash % (sizeof doors / sizeof doors[0])];
}

/* Connects and prepares what every transaction uses. The named statements are prepared where they are first
 * used, in that round trip, or all at once by db_ready(): after a restart of PostgreSQL a hundred statements
 * a connection would only delay the first answers. */
static bool open_connection(struct db *db) {
  db->trouble[0] = '\0';
  db->connection = connect_once(db);
  if (db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK) {
    set_trouble(db, NULL, db->connection == NULL ? "memory is out" : PQerrorMessage(db->connection));
    return false;
  }
  PQsetNoticeReceiver(db->connection, notice, db);
  memset(db->slots, SLOT_UNTRIED, SLOT_COUNT);
  bool prepared = PQsetnonblocking(db->connection, 1) == 0 && PQenterPipelineMode(db->connection) == 1 &&
                  prepare_below(db, CONTROL_COUNT, now_ms() + db->answer_most_ms) == 0;
  if (!prepared && db->trouble[0] == '\0') set_trouble(db, NULL, PQerrorMessage(db->connection));
  return prepared;
}

/* Connects when it is time. */
static bool connect_now(struct db *db) {
  struct door *door = door_of(db);
  if (now_ms() < db->next_try_ms && atomic_load(&door->well_ms) <= db->failed_ms) return false;
  bool alone = atomic_load(&door->failing);
  if (alone && atomic_exchange(&door->trying, true)) {
    set_trouble(db, NULL, "another thread is trying to reach PostgreSQL");
    return false;
  }
  bool open = open_connection(db);
  atomic_store(&door->failing, !open);
  if (open) {
    atomic_store(&door->well_ms, now_ms());
    db->failures = 0;
    db->next_try_ms = 0;
  } else {
    drop_connection(db);
    db->failed_ms = now_ms();
    back_off(db);
  }
  if (alone) atomic_store(&door->trying, false);
  return open;
}

/* A connection that the server ended while it was idle has its farewell or its end of file waiting: seen by
 * one poll() before anything is sent, so that nothing has to be guessed afterwards. */
static bool still_alive(struct db *db) {
  struct pollfd look = {.fd = PQsocket(db->connection), .events = POLLIN};
  for (int i = 0; i < 3 && !db->dying; i++) {
    if (PQstatus(db->connection) != CONNECTION_OK || look.fd < 0) return false;
    int ready = poll(&look, 1, 0);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return true;
    if (ready < 0 || PQconsumeInput(db->connection) == 0) return false;
    (void)PQisBusy(db->connection); /* parses what came: notices and notifications */
  }
  return !db->dying;
}

static bool connected(struct db *db) {
  if (db->connection != NULL && still_alive(db)) return true;
  if (db->connection != NULL) {
    drop_connection(db);
    db->next_try_ms = 0; /* the first attempt is free */
  }
  return connect_now(db);
}

bool db_ready(struct db *db) {
  if (!connected(db)) return false;
  int64_t deadline_ms = now_ms() + 2000;
  db->trouble[0] = '\0';
  for (size_t slot = 0; slot < SLOT_COUNT; slot++) /* what failed may fit by now: a migration came */
    if (db->slots[slot] == SLOT_FAILED) db->slots[slot] = SLOT_UNTRIED;
  if (PQpipelineSync(db->connection) == 0 || sync_result(db, deadline_ms) != 0 ||
      prepare_below(db, SLOT_COUNT, deadline_ms + 5000) != 0) {
    drop_connection(db);
    back_off(db);
    return false;
  }
  return !any_is(db, SLOT_COUNT, SLOT_FAILED);
}

unsigned db_retry_after_ms(const struct db *db) {
  if (db->connection != NULL) return 0;
  int64_t left = db->next_try_ms - now_ms();
  return left > 0 ? (unsigned)left : 0;
}

/* ---------------------------------------------------------------- building a transaction */

static void forget_added(struct db *db) {
  clear_results(db);
  clear_fault(db);
  db->count = 0;
  db->parameter_count = 0;
  db->misuse = NULL;
  db->hold = false;
}

void db_start(struct db *db, enum db_mode mode) {
  forget_added(db);
  if (db->open && run_alone(db, controls[CONTROL_ROLLBACK].text, now_ms() + 2000) != 0) drop_connection(db);
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

static bool room_for_steps(struct db *db) {
  bool good = true;
  size_t most = db->count * 2 + 2 * (size_t)CONTROL_COUNT; /* a PREPARE and a run of each */
  if (most <= db->step_size) return true;
  db->steps = larger(db->steps, sizeof *db->steps, most, &good);
  if (good) db->step_size = most;
  return good;
}

/* A statement that cannot be taken makes the whole transaction fail in db_run(): a handler need not look. */
static struct added *add(struct db *db, enum query query, int count) {
  if ((size_t)query >= (size_t)QUERY_COUNT) db->misuse = "no such statement";
  else if (count != query_texts[query].parameter_count) db->misuse = query_texts[query].name;
  else if (!room_for_statement(db) || !room_for_parameters(db, (size_t)count)) db->misuse = "memory is out";
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

static void add_step(struct db *db, enum step_kind kind, size_t index) {
  db->steps[db->step_count++] = (struct step){kind, index};
}

/* A statement that is not on this connection (another area's, or one that failed) is prepared where it is
 * used: an error then ends this transaction and no other. */
static bool send_prepare_when_missing(struct db *db, size_t slot) {
  if (db->slots[slot] == SLOT_PREPARED) return true;
  for (size_t i = 0; i < db->step_count; i++)
    if (db->steps[i].kind == STEP_PREPARE && db->steps[i].index == slot) return true;
  add_step(db, STEP_PREPARE, slot);
  return send_prepare(db, slot);
}

static bool send_control(struct db *db, enum control control) {
  add_step(db, STEP_CONTROL, control);
  return PQsendQueryPrepared(db->connection, controls[control].name, 0, NULL, NULL, NULL, 0) == 1;
}

static bool send_statement(struct db *db, size_t number) {
  const struct added *added = &db->added[number];
  add_step(db, STEP_STATEMENT, number);
  return PQsendQueryPrepared(db->connection, query_texts[added->query].name, added->count,
                             db->values + added->first, added->binary ? db->lengths + added->first : NULL,
                             added->binary ? db->formats + added->first : NULL, 0) == 1;
}

static bool send_transaction(struct db *db) {
  enum control begin = db->mode == DB_READ_ONLY ? CONTROL_BEGIN_READ_ONLY : CONTROL_BEGIN;
  db->step_count = 0;
  bool sent = send_prepare_when_missing(db, begin) && send_prepare_when_missing(db, CONTROL_COMMIT) &&
              (db->mode != DB_READ || send_prepare_when_missing(db, CONTROL_READER));
  for (size_t i = 0; i < db->count && sent; i++)
    sent = send_prepare_when_missing(db, (size_t)CONTROL_COUNT + (size_t)db->added[i].query);
  sent = sent && (db->open || send_control(db, begin));
  for (size_t i = 0; i < db->count && sent; i++) {
    /* The gate writes a session's idle time and the like as the workers' role; what follows can only read. */
    if (i == 1 && db->mode == DB_READ && !db->open) sent = send_control(db, CONTROL_READER);
    sent = sent && send_statement(db, i);
  }
  return sent && (db->hold || send_control(db, CONTROL_COMMIT)) && PQpipelineSync(db->connection) == 1;
}

/* ---------------------------------------------------------------- reading */

/* Our own fault: no result behind it. `words` must be constant. */
static void set_fault(struct db *db, const char *sqlstate, const char *words) {
  clear_fault(db);
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
    db->fault.statement = step->index;
    db->fault.name = query_texts[db->added[step->index].query].name;
  }
  if (step->kind == STEP_PREPARE) db->fault.name = slot_name(step->index);
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
    db->results[step->index] = result;
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
    if (statement_result(db, deadline_ms, &result) != 0) return -1;
    take_result(db, &db->steps[i], result);
    if (db->fault_result != NULL && means_away(db->fault.sqlstate)) return -1;
  }
  return sync_result(db, deadline_ms);
}

/* ---------------------------------------------------------------- running */

/* Leaves no transaction open: an error ends it on the server, its block is closed here, in a round trip that
 * only failures pay. */
static int close_block(struct db *db, int64_t deadline_ms) {
  db->open = db->hold && PQtransactionStatus(db->connection) == PQTRANS_INTRANS;
  if (db->open || PQtransactionStatus(db->connection) == PQTRANS_IDLE) return 0;
  return run_alone(db, controls[CONTROL_ROLLBACK].text, deadline_ms);
}

/* A plan whose columns a migration changed, or a statement that something between us and the server forgot:
 * everything is prepared anew where it is next used. */
static bool statements_are_stale(const struct db_fault *fault) {
  return strcmp(fault->sqlstate, "26000") == 0 ||
         (strcmp(fault->sqlstate, "0A000") == 0 && fault->message != NULL &&
          strstr(fault->message, "cached plan") != NULL);
}

static bool lost_a_race(const struct db_fault *fault) {
  return strcmp(fault->sqlstate, "40001") == 0 || strcmp(fault->sqlstate, "40P01") == 0;
}

static enum db_outcome away(struct db *db, const char *sqlstate) {
  clear_results(db);
  char state[6];
  snprintf(state, sizeof state, "%s", sqlstate); /* may stand in the fault that goes now */
  set_fault(db, state, db->trouble);
  return DB_AWAY;
}

static enum db_outcome lost(struct db *db) {
  if (db->trouble[0] == '\0')
    set_trouble(db, NULL, db->fault.message != NULL ? db->fault.message : PQerrorMessage(db->connection));
  enum db_outcome outcome = away(db, db->fault.sqlstate[0] != '\0' ? db->fault.sqlstate : "08006");
  drop_connection(db);
  db->next_try_ms = 0;
  return outcome;
}

/* One round trip. *again: nothing was kept, and a second attempt may do better. */
static enum db_outcome run_once(struct db *db, bool *again) {
  int64_t deadline_ms = now_ms() + db->answer_most_ms;
  *again = false;
  clear_results(db);
  clear_fault(db);
  if (db->going_on && !db->open) {
    set_trouble(db, NULL, "no transaction is open to go on in");
    return away(db, "25P01");
  }
  if (db->going_on && !still_alive(db))
    return lost(db); /* never on another connection: the first half is gone */
  if (!connected(db)) return away(db, "08001");
  db->trouble[0] = '\0';
  if (!send_transaction(db) || read_transaction(db, deadline_ms) != 0 || close_block(db, deadline_ms) != 0)
    return lost(db);
  if (db->fault.sqlstate[0] == '\0') return DB_DONE;
  clear_results(db);
  *again = lost_a_race(&db->fault);
  if (statements_are_stale(&db->fault)) {
    *again = true;
    if (run_alone(db, "DEALLOCATE ALL", deadline_ms) != 0) return lost(db);
    memset(db->slots, SLOT_UNTRIED, SLOT_COUNT);
  }
  /* After a failover this is a standby now: the next attempt finds the primary (target_session_attrs). */
  if (db->mode == DB_WRITE && strcmp(db->fault.sqlstate, "25006") == 0) return lost(db);
  return DB_REFUSED;
}

enum db_outcome db_run(struct db *db) {
  bool again = false;
  if (db->misuse != NULL || !room_for_steps(db)) {
    clear_fault(db);
    set_fault(db, "XX000", db->misuse != NULL ? db->misuse : "memory is out");
    return DB_REFUSED;
  }
  enum db_outcome outcome = run_once(db, &again);
  for (int attempt = 1; attempt < ATTEMPTS_MOST && outcome == DB_REFUSED && again && !db->going_on;
       attempt++) {
    /* Two that lost to each other would meet again if both came back at once. */
    struct timespec pause = {.tv_nsec =
                                 lost_a_race(&db->fault) ? (long)(1 + random_below(db, 40)) * 1000000 : 0};
    nanosleep(&pause, NULL);
    outcome = run_once(db, &again);
  }
  return outcome;
}

const struct db_fault *db_fault(const struct db *db) { return &db->fault; }

/* ---------------------------------------------------------------- results */

static const PGresult *result_of(const struct db *db, size_t statement) {
  return statement < db->count ? db->results[statement] : NULL;
}

static bool inside(const PGresult *result, int row, int column) {
  return result != NULL && row >= 0 && row < PQntuples(result) && column >= 0 && column < PQnfields(result);
}

int db_rows(const struct db *db, size_t statement) {
  const PGresult *result = result_of(db, statement);
  return result == NULL ? 0 : PQntuples(result);
}

int db_columns(const struct db *db, size_t statement) {
  const PGresult *result = result_of(db, statement);
  return result == NULL ? 0 : PQnfields(result);
}

const char *db_column_name(const struct db *db, size_t statement, int column) {
  const PGresult *result = result_of(db, statement);
  return result == NULL || column < 0 ? NULL : PQfname(result, column);
}

const char *db_value(const struct db *db, size_t statement, int row, int column) {
  const PGresult *result = result_of(db, statement);
  if (!inside(result, row, column) || PQgetisnull(result, row, column)) return NULL;
  return PQgetvalue(result, row, column);
}

size_t db_length(const struct db *db, size_t statement, int row, int column) {
  const PGresult *result = result_of(db, statement);
  return inside(result, row, column) ? (size_t)PQgetlength(result, row, column) : 0;
}

/* PQfnumber() copies and folds the name at every call; ours are plain. */
const char *db_named(const struct db *db, size_t statement, int row, const char *column) {
  int columns = db_columns(db, statement);
  for (int i = 0; i < columns; i++)
    if (strcmp(db_column_name(db, statement, i), column) == 0) return db_value(db, statement, row, i);
  return NULL;
}

enum db_json db_json_kind(const struct db *db, size_t statement, int column) {
  const PGresult *result = result_of(db, statement);
  if (result == NULL || column < 0 || column >= PQnfields(result)) return DB_JSON_STRING;
  switch (PQftype(result, column)) { /* fixed since pg_type began: catalog/pg_type.dat */
    case 16: return DB_JSON_BOOL;    /* bool */
    case 21:                         /* int2 */
    case 23:                         /* int4 */
    case 114:                        /* json */
    case 700:                        /* float4 */
    case 701:                        /* float8 */
    case 3802: return DB_JSON_BARE;  /* jsonb */
    default: return DB_JSON_STRING;
  }
}

/* ---------------------------------------------------------------- notifications */

/* 0 listening already, 1 from now on, -1 away. */
static int listen_on(struct db *db, const char *channel) {
  if (!connected(db)) return -1;
  if (db->channel != NULL && strcmp(db->channel, channel) == 0) return 0;
  int outcome = -1;
  char *quoted = PQescapeIdentifier(db->connection, channel, strlen(channel)), *text = NULL,
       *kept = strdup(channel);
  if (quoted == NULL || kept == NULL || asprintf(&text, "LISTEN %s", quoted) < 0) goto end;
  if (run_alone(db, text, now_ms() + db->answer_most_ms) != 0) {
    drop_connection(db);
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
  int64_t until_ms = now_ms() + timeout_ms;
  int listening = listen_on(db, channel);
  if (listening != 0) return listening;
  while (!take_notifications(db)) {
    struct pollfd wait = {.fd = PQsocket(db->connection), .events = POLLIN};
    int64_t left = until_ms - now_ms();
    int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return 0; /* a signal wants the caller's eye */
    if (ready < 0 || PQconsumeInput(db->connection) == 0 || !still_alive(db)) {
      drop_connection(db);
      return -1;
    }
  }
  return 1;
}
