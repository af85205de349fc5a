/*
 * One connection: opening it, preparing it, noticing that it is dead, and trying again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/db_internal.h"

const struct db_control db_controls[CONTROL_COUNT] = {
    [CONTROL_BEGIN] = {"begin", "BEGIN"},
    [CONTROL_BEGIN_READ_ONLY] = {"begin_read_only", "BEGIN READ ONLY"},
    [CONTROL_OFFICE] = {"become_office", "SET LOCAL ROLE connex_office"},
    [CONTROL_OFFICER] = {"become_officer", "SET LOCAL ROLE connex_officer"},
    [CONTROL_STAFF] = {"become_staff", "SET LOCAL ROLE connex_staff"},
    [CONTROL_COMMIT] = {"commit", "COMMIT"},
    [CONTROL_ROLLBACK] = {"rollback", "ROLLBACK"},
};

const struct db_fault db_no_fault = {.sqlstate = "", .statement = SIZE_MAX};

int64_t db_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- opening and closing a handle */

struct db *db_open(const struct db_options *options) {
  struct db *db = calloc(1, sizeof *db);
  if (db == NULL) return NULL;
  db->conninfo = strdup(options->conninfo == NULL ? "" : options->conninfo);
  db->application_name = strdup(options->application_name == NULL ? "connex" : options->application_name);
  db->slots = calloc(SLOT_COUNT, 1);
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&db->told, &clock);
  pthread_condattr_destroy(&clock);
  if (db->conninfo == NULL || db->application_name == NULL || db->slots == NULL) {
    db_close(db);
    return NULL;
  }
  db->areas = options->areas;
  db->retry_first_ms = options->retry_first_ms != 0 ? options->retry_first_ms : 50;
  db->retry_most_ms = options->retry_most_ms != 0 ? options->retry_most_ms : 400;
  db->answer_most_ms = options->answer_most_ms != 0 ? options->answer_most_ms : 30000;
  db->jitter = (uint64_t)db_now_ms() * 0x9E3779B97F4A7C15u ^ (uint64_t)(uintptr_t)db;
  db->fault = db_no_fault;
  return db;
}

void db_clear_results(struct db *db) {
  for (size_t i = 0; i < db->count; i++) {
    PQclear(db->results[i]);
    db->results[i] = NULL;
  }
}

void db_clear_fault(struct db *db) {
  PQclear(db->fault_result);
  db->fault_result = NULL;
  db->fault_owner = NULL;
  db->fault = db_no_fault;
}

void db_drop_connection(struct db *db) {
  PQfinish(db->connection);
  db->connection = NULL;
  db->dying = false;
  db->open = false;
  free(db->channel);
  db->channel = NULL;
}

void db_close(struct db *db) {
  if (db == NULL) return;
  db_clear_results(db);
  db_clear_fault(db);
  db_drop_connection(db);
  free(db->conninfo);
  free(db->application_name);
  free(db->slots);
  free(db->added);
  free(db->results);
  free(db->values);
  free(db->lengths);
  free(db->formats);
  free(db->steps);
  pthread_cond_destroy(&db->told);
  free(db);
}

/* Keeps the first line of the message of libpq, or of our own. */
void db_set_trouble(struct db *db, const char *what, const char *words) {
  size_t length = strcspn(words, "\n");
  if (what == NULL)
    snprintf(db->trouble, sizeof db->trouble, "%.*s", (int)(length < 250 ? length : 250), words);
  else
    snprintf(db->trouble, sizeof db->trouble, "%.60s: %.*s", what, (int)(length < 250 ? length : 250), words);
}

const char *db_trouble(const struct db *db) { return db->trouble; }

/* ---------------------------------------------------------------- preparing and connecting */

const char *db_slot_name(size_t slot) {
  return slot < CONTROL_COUNT ? db_controls[slot].name : query_texts[slot - CONTROL_COUNT].name;
}

const char *db_slot_text(size_t slot) {
  return slot < CONTROL_COUNT ? db_controls[slot].text : query_texts[slot - CONTROL_COUNT].text;
}

/* Class 08, a server that shuts down or starts (57P01-57P05), or one that is full (53300): try again later.
 */
bool db_means_away(const char *sqlstate) {
  return sqlstate == NULL || strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P", 3) == 0 ||
         strcmp(sqlstate, "53300") == 0 || strcmp(sqlstate, "25P03") == 0;
}

/* A statement of ours is there that we did not prepare on this connection: another client's, behind a pooler.
 */
bool db_means_pooled(const char *sqlstate) { return sqlstate != NULL && strcmp(sqlstate, "42P05") == 0; }

/* A message that the server sends on its own: it may end the connection. Others do not matter here.
 */
static void notice(void *object, const PGresult *result) {
  struct db *db = object;
  const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (severity == NULL || sqlstate == NULL) return;
  if (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0 || strncmp(sqlstate, "57P0", 4) == 0) {
    db->dying = true;
    db_set_trouble(db, NULL, PQresultErrorMessage(result));
  }
}

/* Opens the connection by the operator's string, with our values for what it does not set. libpq takes the
 * last value of a keyword, so ours go before `dbname`, which it expands. NULL when out of memory. */
static PGconn *connect_once(const struct db *db) {
  const char *keywords[] = {"connect_timeout",  "tcp_user_timeout",
                            "keepalives_idle",  "keepalives_interval",
                            "keepalives_count", "fallback_application_name",
                            "options",          "dbname",
                            "client_encoding",  NULL};
  /* One form of dates and instants, whatever the server's default is, because rows go to JSON and CSV as
   * text. */
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

bool db_send_prepare(struct db *db, size_t slot) {
  return PQsendPrepare(db->connection, db_slot_name(slot), db_slot_text(slot), 0, NULL) == 1;
}

/* One pipeline that prepares every slot below `end` not yet tried. After a failure the server skips the rest:
 * they stay untried for the next pass. 0, or -1: connection lost. */
static int prepare_pass(struct db *db, size_t end, int64_t deadline_ms) {
  for (size_t slot = 0; slot < end; slot++)
    if (db->slots[slot] == SLOT_UNTRIED && chosen(db, slot) && !db_send_prepare(db, slot)) return -1;
  if (PQpipelineSync(db->connection) == 0) return -1;
  for (size_t slot = 0; slot < end; slot++) {
    PGresult *result = NULL;
    if (db->slots[slot] != SLOT_UNTRIED || !chosen(db, slot)) continue;
    if (db_statement_result(db, deadline_ms, &result) != 0) return -1;
    if (PQresultStatus(result) == PGRES_COMMAND_OK) db->slots[slot] = SLOT_PREPARED;
    if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
      db->slots[slot] = SLOT_FAILED;
      if (db_means_pooled(PQresultErrorField(result, PG_DIAG_SQLSTATE))) db_found_pooled(db);
      else db_set_trouble(db, db_slot_name(slot), PQresultErrorMessage(result));
    }
    PQclear(result);
  }
  return db_sync_result(db, deadline_ms);
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

/* xorshift: spreads attempts; not for secrets. */
uint64_t db_random_below(struct db *db, uint64_t end) {
  db->jitter ^= db->jitter << 13;
  db->jitter ^= db->jitter >> 7;
  db->jitter ^= db->jitter << 17;
  return db->jitter % end;
}

/* Doubling waits, half of each random, so that the threads of all workers do not try at the same moment. */
static void back_off(struct db *db) {
  uint64_t wait = db->retry_first_ms;
  for (unsigned i = 0; i < db->failures && wait < db->retry_most_ms; i++) wait *= 2;
  if (wait > db->retry_most_ms) wait = db->retry_most_ms;
  wait = wait / 2 + db_random_below(db, wait / 2 + 1);
  db->failures++;
  db->next_try_ms = db_now_ms() + (int64_t)wait;
}

/* What the threads of a process know about a server, shared between them. While it is away, one of them tries
 * to connect and the others answer 503 at once; otherwise an address that does not answer would block every
 * thread for connect_timeout. The first one that connects lets the others know. Found by a hash of the
 * connection string; two strings with the same hash only wait for each other. */
struct door {
  atomic_bool failing, trying;
  atomic_int_fast64_t well_ms; /* when a thread last connected */
};
static struct door doors[8];

static struct door *door_of(const struct db *db) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (const char *at = db->conninfo; *at != '\0'; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
  return &doors[hash % (sizeof doors / sizeof doors[0])];
}

/* ---------------------------------------------------------------- poolers */

bool db_is_pooled(const struct db *db) { return db->pooled; }

void db_found_pooled(struct db *db) {
  db->pooled = true;
  db_set_trouble(
      db, NULL,
      "a pooler gives each transaction another connection (PgBouncer, pool_mode = transaction): use "
      "pool_mode = session, or connect to PostgreSQL itself");
}

/* The process that serves this connection; 0 when there is no answer. */
static int server_of(struct db *db, int64_t deadline_ms) {
  PGresult *result = NULL;
  if (PQsendQueryParams(db->connection, "SELECT pg_backend_pid()", 0, NULL, NULL, NULL, NULL, 0) == 0 ||
      PQpipelineSync(db->connection) == 0 || db_statement_result(db, deadline_ms, &result) != 0)
    return 0;
  int pid = PQntuples(result) == 1 ? (int)strtol(PQgetvalue(result, 0, 0), NULL, 10) : 0;
  PQclear(result);
  return db_sync_result(db, deadline_ms) == 0 ? pid : 0;
}

/* A second connection in a transaction of its own: the process that serves it, while it is held. */
static PGconn *hold_another(const struct db *db, int *pid) {
  PGconn *other = connect_once(db);
  PGresult *result = PQexec(other, "BEGIN");
  PQclear(result);
  result = PQexec(other, "SELECT pg_backend_pid()");
  *pid = PQntuples(result) == 1 ? (int)strtol(PQgetvalue(result, 0, 0), NULL, 10) : 0;
  PQclear(result);
  return other;
}

/* PostgreSQL itself names the process at the start; a pooler names another number. Behind one that keeps a
 * connection for each client (pool_mode = session) all is well. Behind one that shares them, a second
 * connection gets the server of the first, or the first gets another while the second holds it. */
static bool is_shared(struct db *db, int64_t deadline_ms) {
  int first = server_of(db, deadline_ms), other = 0;
  if (first == 0 || first == PQbackendPID(db->connection)) return false;
  PGconn *holder = hold_another(db, &other);
  int again = server_of(db, deadline_ms);
  PQfinish(holder);
  if (other != first && (again == first || again == 0)) return false;
  db_found_pooled(db);
  return true;
}

/* Connects and prepares what every transaction uses. The named statements are prepared where they are first
 * used, in that round trip, or all at once by db_ready(): after a restart of PostgreSQL, preparing a hundred
 * statements on every connection would only delay the first answers. */
static bool open_connection(struct db *db) {
  db->trouble[0] = '\0';
  db->pooled = false;
  db->connection = connect_once(db);
  if (db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK) {
    db_set_trouble(db, NULL, db->connection == NULL ? "out of memory" : PQerrorMessage(db->connection));
    return false;
  }
  PQsetNoticeReceiver(db->connection, notice, db);
  memset(db->slots, SLOT_UNTRIED, SLOT_COUNT);
  bool prepared = PQsetnonblocking(db->connection, 1) == 0 && PQenterPipelineMode(db->connection) == 1 &&
                  !is_shared(db, db_now_ms() + db->answer_most_ms) &&
                  prepare_below(db, CONTROL_COUNT, db_now_ms() + db->answer_most_ms) == 0;
  if (!prepared && db->trouble[0] == '\0') db_set_trouble(db, NULL, PQerrorMessage(db->connection));
  return prepared;
}

/* Connects when it is time. */
static bool connect_now(struct db *db) {
  struct door *door = door_of(db);
  if (db_now_ms() < db->next_try_ms && atomic_load(&door->well_ms) <= db->failed_ms) return false;
  bool alone = atomic_load(&door->failing);
  if (alone && atomic_exchange(&door->trying, true)) {
    db_set_trouble(db, NULL, "another thread is trying to reach PostgreSQL");
    return false;
  }
  bool open = open_connection(db);
  atomic_store(&door->failing, !open);
  if (open) {
    atomic_store(&door->well_ms, db_now_ms());
    db->failures = 0;
    db->next_try_ms = 0;
  } else {
    db_drop_connection(db);
    db->failed_ms = db_now_ms();
    back_off(db);
  }
  if (alone) atomic_store(&door->trying, false);
  return open;
}

/* When the server has ended an idle connection, its message or the end of file is waiting to be read. One
 * poll() sees it before anything is sent, so that there is no doubt afterwards whether a transaction arrived.
 */
bool db_still_alive(struct db *db) {
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

bool db_connected(struct db *db) {
  if (db->connection != NULL && db_still_alive(db)) return true;
  if (db->connection != NULL) {
    db_drop_connection(db);
    db->next_try_ms = 0; /* the first attempt needs no wait */
  }
  return connect_now(db);
}

bool db_ready(struct db *db) {
  if (!db_connected(db)) return false;
  int64_t deadline_ms = db_now_ms() + 2000;
  db->trouble[0] = '\0';
  for (size_t slot = 0; slot < SLOT_COUNT; slot++) /* after a migration, what failed may work now */
    if (db->slots[slot] == SLOT_FAILED) db->slots[slot] = SLOT_UNTRIED;
  if (PQpipelineSync(db->connection) == 0 || db_sync_result(db, deadline_ms) != 0 ||
      prepare_below(db, SLOT_COUNT, deadline_ms + 5000) != 0) {
    db_drop_connection(db);
    back_off(db);
    return false;
  }
  return !any_is(db, SLOT_COUNT, SLOT_FAILED);
}

unsigned db_retry_after_ms(const struct db *db) {
  if (db->connection != NULL) return 0;
  int64_t left = db->next_try_ms - db_now_ms();
  return left > 0 ? (unsigned)left : 0;
}
