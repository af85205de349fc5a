/*
 * lib/db against a real PostgreSQL: rows, faults, roles, lost connections, and restarts. Its files are
 * compiled in here, with named statements of this test in place of those of sql/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CONNEX_QUERIES_H
enum query {
  Q_TEST_ONE,
  Q_TEST_SERIES,
  Q_TEST_REFUSE,
  Q_TEST_KEEP,
  Q_TEST_COUNT,
  Q_TEST_BYTES,
  Q_TEST_KINDS,
  Q_TEST_SLEEP,
  Q_TEST_CHANGING,
  Q_TEST_MISSING,
  Q_TEST_ROLE,
  Q_TEST_DEFERRED,
  Q_TEST_END_OWN,
  Q_TEST_NOTIFY,
  Q_TEST_LOCK,
  Q_TEST_SETTINGS,
  Q_OTHER_ONE,
  QUERY_COUNT
};

#include <check.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cluster.h"
#include "db_files.h"

const struct query_text query_texts[] = {
    [Q_TEST_ONE] = {"test_one", "test", "SELECT 1 AS one, NULL::text AS nothing", 0},
    [Q_TEST_SERIES] = {"test_series", "test",
                       "SELECT i, repeat('x', 200) AS filler FROM generate_series(1, $1::int) i", 1},
    [Q_TEST_REFUSE] = {"test_refuse", "test", "SELECT refuse($1, $2, $3, $4)", 4},
    [Q_TEST_KEEP] = {"test_keep", "test", "INSERT INTO thing (number, name) VALUES ($1::int, $2)", 2},
    [Q_TEST_COUNT] = {"test_count", "test", "SELECT count(*)::int AS things FROM thing", 0},
    [Q_TEST_BYTES] =
        {"test_bytes", "test",
         "SELECT length($1::bytea) AS size, encode(sha256($1::bytea), 'hex') AS hash, $2 AS text", 2},
    [Q_TEST_KINDS] = {"test_kinds", "test",
                      "SELECT 1::int2 a, 2::int4 b, 3::int8 c, true d, 1.50::numeric e, '2026-11-21'::date "
                      "f, '{}'::json g, '[]'::jsonb h, 't' i, "
                      "0.5::float8 j",
                      0},
    [Q_TEST_SLEEP] = {"test_sleep", "test", "SELECT pg_sleep($1::float8)::text", 1},
    [Q_TEST_CHANGING] = {"test_changing", "test", "SELECT * FROM changing", 0},
    [Q_TEST_MISSING] = {"test_missing", "missing", "SELECT * FROM made_later", 0},
    [Q_TEST_ROLE] = {"test_role", "test", "SELECT current_user::text AS role", 0},
    [Q_TEST_DEFERRED] = {"test_deferred", "test", "INSERT INTO late VALUES ($1::int)", 1},
    [Q_TEST_END_OWN] = {"test_end_own", "test", "SELECT pg_terminate_backend(pg_backend_pid())", 0},
    [Q_TEST_NOTIFY] = {"test_notify", "test", "SELECT pg_notify('work', '')", 0},
    [Q_TEST_LOCK] = {"test_lock", "test", "UPDATE thing SET name = name WHERE number = $1::int", 1},
    [Q_TEST_SETTINGS] = {"test_settings", "test",
                         "SELECT current_setting('DateStyle') AS days, current_setting('TimeZone') AS zone, "
                         "current_setting('application_name') AS name, "
                         "current_setting('client_encoding') AS encoding",
                         0},
    [Q_OTHER_ONE] = {"other_one", "other", "SELECT 'other' AS area", 0},
    [QUERY_COUNT] = {NULL, NULL, NULL, 0},
};

static const char *const test_area[] = {"test", NULL};

static struct db *open_with(struct db_options options) {
  if (options.conninfo == NULL) options.conninfo = cluster_conninfo();
  if (options.areas == NULL) options.areas = test_area;
  struct db *db = db_open(&options);
  ck_assert_ptr_nonnull(db);
  return db;
}

static struct db *open_db(void) { return open_with((struct db_options){.application_name = "db_test"}); }

/* One statement with up to four parameters in a transaction of its own. */
static enum db_outcome run_one(struct db *db, enum db_mode mode, enum query query, int count,
                               const char *const *parameters) {
  db_start(db, mode);
  db_add(db, query, count, parameters);
  return db_run(db);
}

static int things(struct db *db) {
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_COUNT, 0, NULL), DB_DONE);
  return (int)strtol(db_value(db, 0, 0, 0), NULL, 10);
}

static void refuse(struct db *db, const char *state, const char *message, const char *detail,
                   const char *hint) {
  const char *parameters[] = {state, message, detail, hint};
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_REFUSE, 4, parameters), DB_REFUSED);
}

static void pause_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

/* ---------------------------------------------------------------- rows */

START_TEST(rows_come_back_in_one_round_trip) {
  struct db *db = open_db();
  const char *thousand[] = {"1000"};
  db_start(db, DB_READ_ONLY);
  size_t one = db_add(db, Q_TEST_ONE, 0, NULL), series = db_add(db, Q_TEST_SERIES, 1, thousand);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(db_rows(db, one), 1);
  ck_assert_str_eq(db_named(db, one, 0, "one"), "1");
  ck_assert_ptr_null(db_named(db, one, 0, "nothing"));
  ck_assert_ptr_null(db_named(db, one, 0, "absent"));
  ck_assert_int_eq(db_rows(db, series), 1000);
  ck_assert_int_eq(db_columns(db, series), 2);
  ck_assert_str_eq(db_column_name(db, series, 1), "filler");
  ck_assert_str_eq(db_value(db, series, 999, 0), "1000");
  ck_assert_uint_eq(db_length(db, series, 999, 1), 200);
  ck_assert_ptr_null(db_value(db, series, 1000, 0));
  ck_assert_ptr_null(db_value(db, series, -1, 0));
  ck_assert_ptr_null(db_value(db, series, 0, 2));
  ck_assert_ptr_null(db_value(db, 7, 0, 0));
  ck_assert_int_eq(db_rows(db, SIZE_MAX), 0);
  ck_assert_ptr_null(db_column_name(db, series, 2));
  db_start(db, DB_READ_ONLY);
  ck_assert_int_eq(db_rows(db, one), 0); /* results end with the next start */
  db_close(db);
}
END_TEST

START_TEST(columns_say_how_json_writes_them) {
  struct db *db = open_db();
  static const enum db_json kinds[] = {DB_JSON_BARE,   DB_JSON_BARE,   DB_JSON_STRING, DB_JSON_BOOL,
                                       DB_JSON_STRING, DB_JSON_STRING, DB_JSON_BARE,   DB_JSON_BARE,
                                       DB_JSON_STRING, DB_JSON_BARE};
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_KINDS, 0, NULL), DB_DONE);
  for (int i = 0; i < 10; i++) ck_assert_int_eq(db_json_kind(db, 0, i), kinds[i]);
  ck_assert_int_eq(db_json_kind(db, 0, 10), DB_JSON_STRING);
  ck_assert_str_eq(db_value(db, 0, 0, 4), "1.50");
  ck_assert_str_eq(db_value(db, 0, 0, 5), "2026-11-21");
  db_close(db);
}
END_TEST

START_TEST(a_parameter_may_be_larger_than_any_socket_buffer) {
  struct db *db = open_db();
  size_t size = 20u << 20;
  char *bytes = malloc(size);
  ck_assert_ptr_nonnull(bytes);
  for (size_t i = 0; i < size; i++) bytes[i] = (char)(i * 31 >> 3);
  struct db_parameter parameters[] = {{bytes, (int)size, true}, {"words", 0, false}};
  db_start(db, DB_READ_ONLY);
  /* Answers of 20 MB flow back while the parameter is still on its way: both sides' buffers are full. */
  const char *many[] = {"100000"};
  size_t before = db_add(db, Q_TEST_SERIES, 1, many);
  size_t large = db_add_binary(db, Q_TEST_BYTES, 2, parameters);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(db_rows(db, before), 100000);
  ck_assert_str_eq(db_named(db, large, 0, "size"), "20971520");
  ck_assert_str_eq(db_named(db, large, 0, "text"), "words");
  free(bytes);
  struct db_parameter nothing[] = {{NULL, 0, true}, {NULL, 0, false}},
                      empty[] = {{"", 0, true}, {"", 0, false}};
  db_start(db, DB_READ_ONLY);
  db_add_binary(db, Q_TEST_BYTES, 2, nothing);
  db_add_binary(db, Q_TEST_BYTES, 2, empty);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_ptr_null(db_named(db, 0, 0, "size"));
  ck_assert_str_eq(db_named(db, 1, 0, "size"), "0");
  ck_assert_str_eq(db_named(db, 1, 0, "text"), "");
  db_close(db);
}
END_TEST

START_TEST(a_transaction_may_hold_many_statements) {
  struct db *db = open_db();
  const char *parameters[] = {"1"};
  db_start(db, DB_WRITE);
  for (int i = 0; i < 3000; i++) ck_assert_uint_eq(db_add(db, Q_TEST_SERIES, 1, parameters), (size_t)i);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(db_rows(db, 2999), 1);
  db_close(db);
}
END_TEST

START_TEST(days_and_instants_have_one_form_whatever_the_server_prefers) {
  struct db *db = open_db();
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_SETTINGS, 0, NULL), DB_DONE);
  ck_assert_str_eq(db_named(db, 0, 0, "days"), "ISO, YMD");
  ck_assert_str_eq(db_named(db, 0, 0, "zone"), "UTC");
  ck_assert_str_eq(db_named(db, 0, 0, "name"), "db_test");
  ck_assert_str_eq(db_named(db, 0, 0, "encoding"), "UTF8");
  db_close(db);
}
END_TEST

/* ---------------------------------------------------------------- faults */

START_TEST(the_words_of_a_refusal_reach_the_caller) {
  struct db *db = open_db();
  refuse(db, "CX403", "no_access", "You do not have the Claims function.", NULL);
  const struct db_fault *fault = db_fault(db);
  ck_assert_str_eq(fault->sqlstate, "CX403");
  ck_assert_str_eq(fault->message, "no_access");
  ck_assert_str_eq(fault->detail, "You do not have the Claims function.");
  ck_assert_ptr_null(fault->hint);
  ck_assert_uint_eq(fault->statement, 0);
  ck_assert_str_eq(fault->name, "test_refuse");
  ck_assert_ptr_nonnull(strstr(fault->where, "PL/pgSQL function refuse("));
  refuse(db, "CX422", "ptan_unknown", "Compare it with your letter.", "ptan");
  ck_assert_str_eq(db_fault(db)->hint, "ptan");
  ck_assert_int_eq(db_rows(db, 0), 0);
  db_close(db);
}
END_TEST

START_TEST(a_refusal_undoes_all_of_its_transaction_and_the_next_one_runs) {
  struct db *db = open_db();
  const char *thing[] = {"1", "first"}, *no[] = {"CX409", "not_now", "", ""}, *never[] = {"2", "never"};
  int before = things(db);
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_KEEP, 2, thing);
  db_add(db, Q_TEST_REFUSE, 4, no);
  db_add(db, Q_TEST_KEEP, 2, never);
  ck_assert_int_eq(db_run(db), DB_REFUSED);
  ck_assert_uint_eq(db_fault(db)->statement, 1);
  ck_assert_int_eq(PQtransactionStatus(db->connection), PQTRANS_IDLE);
  ck_assert_int_eq(things(db), before);
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing), DB_DONE);
  ck_assert_str_eq(db_fault(db)->sqlstate, "");
  ck_assert_int_eq(things(db), before + 1);
  db_close(db);
}
END_TEST

START_TEST(a_constraint_is_named_and_tells_no_value) {
  struct db *db = open_db();
  const char *thing[] = {"77", "secret name"}, *wrong[] = {"not a number", "secret name"};
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing), DB_DONE);
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "23505");
  ck_assert_str_eq(db_fault(db)->constraint, "thing_once");
  ck_assert_ptr_null(db_fault(db)->detail); /* PostgreSQL's own would repeat the key */
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, wrong), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "22P02");
  ck_assert_ptr_null(strstr(db_fault(db)->message, "not a number"));
  db_close(db);
}
END_TEST

START_TEST(a_constraint_checked_at_commit_is_a_refusal_too) {
  struct db *db = open_db();
  const char *number[] = {"5"};
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_DEFERRED, 1, number);
  db_add(db, Q_TEST_DEFERRED, 1, number);
  ck_assert_int_eq(db_run(db), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "23505");
  ck_assert_uint_eq(db_fault(db)->statement, SIZE_MAX);
  db_close(db);
}
END_TEST

START_TEST(a_programming_error_is_refused_and_sends_nothing) {
  struct db *db = open_db();
  const char *thing[] = {"88", "x"};
  int before = things(db);
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_KEEP, 2, thing);
  ck_assert_uint_eq(db_add(db, Q_TEST_KEEP, 1, thing), SIZE_MAX);
  ck_assert_int_eq(db_run(db), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "XX000");
  ck_assert_str_eq(db_fault(db)->message, "test_keep");
  db_start(db, DB_WRITE);
  db_add(db, (enum query)(QUERY_COUNT + 3), 0, NULL);
  ck_assert_int_eq(db_run(db), DB_REFUSED);
  ck_assert_int_eq(things(db), before);
  db_close(db);
}
END_TEST

/* ---------------------------------------------------------------- roles */

START_TEST(after_its_gate_a_read_can_only_read) {
  struct db *db = open_db();
  const char *thing[] = {"99", "by a reader"};
  const struct {
    enum db_mode mode;
    const char *role;
  } readers[] = {{DB_READ_OFFICE, "connex_office"},
                 {DB_READ_OFFICER, "connex_officer"},
                 {DB_READ_STAFF, "connex_staff"}};
  for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
    db_start(db, readers[i].mode);
    size_t gate = db_add(db, Q_TEST_ROLE, 0, NULL), after = db_add(db, Q_TEST_ROLE, 0, NULL);
    ck_assert_int_eq(db_run(db), DB_DONE);
    ck_assert_str_eq(db_value(db, gate, 0, 0), "superuser");
    ck_assert_str_eq(db_value(db, after, 0, 0), readers[i].role);
  }
  db_start(db, DB_READ_OFFICE);
  db_add(db, Q_TEST_ROLE, 0, NULL);
  db_add(db, Q_TEST_KEEP, 2, thing);
  ck_assert_int_eq(db_run(db), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "42501");
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_KEEP, 2, thing), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "25006");
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_ROLE, 0, NULL), DB_DONE);
  ck_assert_str_eq(db_value(db, 0, 0, 0), "superuser"); /* the role ended with its transaction */
  db_close(db);
}
END_TEST

/* ---------------------------------------------------------------- held transactions */

START_TEST(a_held_transaction_goes_on_and_is_one) {
  struct db *db = open_db(), *other = open_db();
  const char *first[] = {"201", "first"}, *second[] = {"202", "second"};
  int before = things(other);
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_KEEP, 2, first);
  db_hold(db);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(things(other), before);
  db_continue(db);
  db_add(db, Q_TEST_KEEP, 2, second);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(things(other), before + 2);
  db_close(db);
  db_close(other);
}
END_TEST

START_TEST(a_held_transaction_that_is_left_is_undone) {
  struct db *db = open_db(), *other = open_db();
  const char *thing[] = {"211", "left"};
  int before = things(other);
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_KEEP, 2, thing);
  db_hold(db);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_ONE, 0, NULL), DB_DONE);
  ck_assert_int_eq(things(other), before);
  db_continue(db); /* none is open */
  db_add(db, Q_TEST_KEEP, 2, thing);
  ck_assert_int_eq(db_run(db), DB_AWAY);
  ck_assert_int_eq(things(other), before);
  db_close(db);
  db_close(other);
}
END_TEST

START_TEST(a_held_transaction_never_goes_on_over_another_connection) {
  struct db *db = open_db(), *other = open_db();
  const char *first[] = {"221", "first"}, *second[] = {"222", "second"};
  int before = things(other);
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_KEEP, 2, first);
  db_hold(db);
  ck_assert_int_eq(db_run(db), DB_DONE);
  ck_assert_int_eq(
      cluster_sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"),
      0);
  db_continue(db);
  db_add(db, Q_TEST_KEEP, 2, second);
  ck_assert_int_eq(db_run(db), DB_AWAY);
  ck_assert_int_eq(things(other), before);
  db_close(db);
  db_close(other);
}
END_TEST

/* ---------------------------------------------------------------- schemas that change */

START_TEST(a_migration_under_a_live_connection_is_not_noticed) {
  struct db *db = open_db();
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_CHANGING, 0, NULL), DB_DONE);
  int columns = db_columns(db, 0);
  ck_assert_int_eq(cluster_sql("ALTER TABLE changing ADD COLUMN more int DEFAULT 7"), 0);
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_CHANGING, 0, NULL),
                   DB_DONE); /* 0A000: prepared and sent again */
  ck_assert_int_eq(db_columns(db, 0), columns + 1);
  ck_assert(db_ready(db) || db_trouble(db)[0] == '\0');
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  db_close(db);
}
END_TEST

START_TEST(statements_that_the_server_lost_are_prepared_again) {
  struct db *db = open_db();
  ck_assert(db_ready(db));
  ck_assert_int_eq(db_run_alone(db, "DEALLOCATE ALL", db_now_ms() + 1000), 0); /* as a pooler may do */
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  db_close(db);
}
END_TEST

START_TEST(one_statement_that_does_not_fit_the_schema_stops_no_other) {
  static const char *const areas[] = {"test", "missing", NULL};
  struct db *db = open_with((struct db_options){.areas = areas});
  ck_assert(!db_ready(db));
  ck_assert_ptr_nonnull(strstr(db_trouble(db), "test_missing"));
  ck_assert_ptr_nonnull(strstr(db_trouble(db), "made_later"));
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_MISSING, 0, NULL), DB_REFUSED);
  ck_assert_str_eq(db_fault(db)->sqlstate, "42P01");
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  ck_assert_int_eq(cluster_sql("CREATE TABLE made_later ()"), 0);
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_MISSING, 0, NULL), DB_DONE);
  ck_assert(db_ready(db)); /* and no new connection was needed */
  ck_assert_int_eq(cluster_sql("DROP TABLE made_later"), 0);
  db_close(db);
}
END_TEST

START_TEST(a_statement_of_another_area_is_prepared_where_it_is_used) {
  struct db *db = open_db();
  ck_assert(db_ready(db));
  ck_assert_int_eq(db->slots[CONTROL_COUNT + Q_OTHER_ONE], SLOT_UNTRIED);
  for (int i = 0; i < 2; i++) {
    db_start(db, DB_READ_ONLY);
    db_add(db, Q_OTHER_ONE, 0, NULL);
    db_add(db, Q_OTHER_ONE, 0, NULL);
    ck_assert_int_eq(db_run(db), DB_DONE);
    ck_assert_str_eq(db_value(db, 1, 0, 0), "other");
  }
  ck_assert_int_eq(db->slots[CONTROL_COUNT + Q_OTHER_ONE], SLOT_PREPARED);
  db_close(db);
}
END_TEST

/* ---------------------------------------------------------------- lost connections */

static void end_idle_connections(void) {
  ck_assert_int_eq(
      cluster_sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'db_test'"),
      0);
  pause_ms(100);
}

START_TEST(a_connection_that_ended_while_idle_is_replaced_silently) {
  struct db *db = open_db();
  const char *thing[] = {"301", "after"};
  int before = things(db);
  end_idle_connections();
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing),
                   DB_DONE); /* nothing had been sent: once more is safe */
  ck_assert_int_eq(things(db), before + 1);
  end_idle_connections();
  ck_assert(db_ready(db));
  db_close(db);
}
END_TEST

START_TEST(a_connection_that_ends_mid_way_is_away_and_is_not_repeated) {
  struct db *db = open_db();
  const char *thing[] = {"311", "never"};
  int before = things(db);
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_KEEP, 2, thing);
  db_add(db, Q_TEST_END_OWN, 0, NULL);
  ck_assert_int_eq(db_run(db), DB_AWAY);
  ck_assert_str_eq(db_fault(db)->sqlstate, "57P01");
  ck_assert_ptr_nonnull(strstr(db_trouble(db), "terminating connection"));
  ck_assert_int_eq(things(db), before); /* the next attempt is free */
  db_close(db);
}
END_TEST

START_TEST(a_server_that_stops_answering_is_given_up_after_its_time) {
  struct db *db = open_with((struct db_options){.answer_most_ms = 300});
  const char *long_sleep[] = {"30"};
  ck_assert(db_ready(db));
  double start = seconds();
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_SLEEP, 1, long_sleep), DB_AWAY);
  ck_assert_msg(seconds() - start < 1.0, "%.3f s", seconds() - start);
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  db_close(db);
}
END_TEST

START_TEST(a_wrong_address_fails_at_once_and_is_tried_less_and_less_often) {
  struct db *db = open_with((struct db_options){
      .conninfo = "host=/nonexistent dbname=postgres", .retry_first_ms = 20, .retry_most_ms = 80});
  unsigned attempts = 0;
  double start = seconds();
  while (seconds() - start < 0.6) {
    unsigned failures = db->failures;
    ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_AWAY);
    attempts += db->failures - failures;
    ck_assert_uint_le(db_retry_after_ms(db), 80);
    pause_ms(2);
  }
  ck_assert_uint_ge(attempts, 7);  /* 600 / 80 */
  ck_assert_uint_le(attempts, 20); /* not one each 2 ms */
  ck_assert(!db_ready(db));
  ck_assert_str_eq(db_fault(db)->sqlstate, "08001");
  db_close(db);
}
END_TEST

static void *time_of_one_run(void *object) {
  struct db *db = open_with((struct db_options){.conninfo = object});
  int64_t start = db_now_ms();
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_AWAY);
  int64_t took = db_now_ms() - start;
  db_close(db);
  return (void *)(intptr_t)took;
}

START_TEST(only_one_thread_waits_for_a_silent_server) {
  char folder[] = "/tmp/connex-silent-XXXXXX", conninfo[128];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", folder);
  snprintf(conninfo, sizeof conninfo, "host=%s dbname=postgres user=superuser connect_timeout=2", folder);
  int silent = socket(AF_UNIX, SOCK_STREAM, 0); /* takes connections and never answers */
  ck_assert_int_eq(bind(silent, (const struct sockaddr *)&address, sizeof address), 0);
  ck_assert_int_eq(listen(silent, 16), 0);
  ck_assert_int_ge((int)(intptr_t)time_of_one_run(conninfo), 1000); /* now it is known to be away */
  pthread_t threads[6];
  int waited = 0;
  for (int i = 0; i < 6; i++) pthread_create(&threads[i], NULL, time_of_one_run, conninfo);
  for (int i = 0; i < 6; i++) {
    void *took = NULL;
    pthread_join(threads[i], &took);
    waited += (intptr_t)took > 500;
  }
  ck_assert_int_le(waited, 1);
  close(silent);
  unlink(address.sun_path);
  rmdir(folder);
}
END_TEST

START_TEST(a_full_server_is_away_and_comes_back) {
  struct db *others[32], *db = open_db();
  size_t open = 0;
  bool full = false;
  while (open < 32 && !full) {
    others[open] = open_db();
    full = !db_ready(others[open++]);
  }
  ck_assert(full); /* max_connections of the test's cluster */
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_AWAY);
  ck_assert_ptr_nonnull(strstr(db_trouble(db), "too many clients"));
  while (open > 0) db_close(others[--open]);
  pause_ms(300);
  ck_assert_int_eq(run_one(db, DB_READ_ONLY, Q_TEST_ONE, 0, NULL), DB_DONE);
  db_close(db);
}
END_TEST

START_TEST(a_restart_is_survived_and_nothing_acknowledged_is_lost) {
  struct db *db = open_with((struct db_options){.application_name = "db_test"});
  int before = things(db), acknowledged = 0, number = 1000;
  char text[16];
  const char *thing[] = {text, "durable"};
  for (int i = 0; i < 20; i++) {
    snprintf(text, sizeof text, "%d", number++);
    acknowledged += run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing) == DB_DONE;
  }
  ck_assert_int_eq(acknowledged, 20);
  ck_assert_int_eq(cluster_halt("immediate"), 0);
  double start = seconds();
  snprintf(text, sizeof text, "%d", number++);
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing), DB_AWAY);
  ck_assert_msg(seconds() - start < 0.5, "refused after %.3f s", seconds() - start);
  ck_assert_uint_gt(db_retry_after_ms(db), 0);
  for (int i = 0; i < 50; i++) { /* two seconds of attempts, so that the wait has grown to its longest */
    ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing), DB_AWAY);
    pause_ms(40);
  }
  ck_assert_int_eq(cluster_launch(), 0);
  start = seconds();
  while (run_one(db, DB_WRITE, Q_TEST_KEEP, 2, thing) != DB_DONE) pause_ms(10);
  ck_assert_msg(seconds() - start < 1.5, "recovered after %.3f s", seconds() - start);
  ck_assert_int_eq(things(db), before + acknowledged + 1);
  db_close(db);
}
END_TEST

/* ---------------------------------------------------------------- races */

/* Locks two things in the given order, the second a little later. */
static void *lock_two(void *object) {
  const char *const *order = object;
  struct db *db = open_db();
  const char *nap[] = {"0.3"};
  db_start(db, DB_WRITE);
  db_add(db, Q_TEST_LOCK, 1, &order[0]);
  db_add(db, Q_TEST_SLEEP, 1, nap);
  db_add(db, Q_TEST_LOCK, 1, &order[1]);
  enum db_outcome outcome = db_run(db);
  db_close(db);
  return (void *)(intptr_t)outcome;
}

START_TEST(a_deadlock_is_sent_again) {
  const char *there[] = {"401", "402"}, *back[] = {"402", "401"};
  ck_assert_int_eq(cluster_sql("INSERT INTO thing VALUES (401, 'a'), (402, 'b')"), 0);
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, lock_two, there);
  pthread_create(&threads[1], NULL, lock_two, back);
  for (int i = 0; i < 2; i++) {
    void *outcome = NULL;
    pthread_join(threads[i], &outcome);
    ck_assert_int_eq((int)(intptr_t)outcome, DB_DONE);
  }
}
END_TEST

/* ---------------------------------------------------------------- notifications */

START_TEST(a_notification_wakes_the_daemon) {
  struct db *db = open_db(), *other = open_db();
  ck_assert_int_eq(db_wait(db, "work", 1000), 1); /* from now on: what came before is not known */
  double start = seconds();
  ck_assert_int_eq(db_wait(db, "work", 200), 0);
  ck_assert(seconds() - start >= 0.19);
  ck_assert_int_eq(run_one(other, DB_WRITE, Q_TEST_NOTIFY, 0, NULL), DB_DONE);
  ck_assert_int_eq(run_one(other, DB_WRITE, Q_TEST_NOTIFY, 0, NULL), DB_DONE);
  pause_ms(50);
  start = seconds();
  ck_assert_int_eq(db_wait(db, "work", 5000), 1);
  ck_assert(seconds() - start < 1.0);
  ck_assert_int_eq(db_wait(db, "work", 50), 0); /* two announcements, one waking */
  ck_assert_int_eq(run_one(other, DB_WRITE, Q_TEST_NOTIFY, 0, NULL), DB_DONE);
  ck_assert_int_eq(run_one(db, DB_WRITE, Q_TEST_ONE, 0, NULL), DB_DONE); /* arrives between other answers */
  ck_assert_int_eq(db_wait(db, "work", 1000), 1);
  end_idle_connections();
  ck_assert_int_ne(db_wait(db, "work", 100), 0); /* either away, or new and listening */
  ck_assert_int_eq(db_wait(db, "work", 100) >= 0, 1);
  db_close(db);
  db_close(other);
}
END_TEST

/* ----------------------------------------------------------------  */

static int make_schema(void) {
  return cluster_sql(
      "CREATE TABLE thing (number int CONSTRAINT thing_once UNIQUE, name text);"
      "CREATE TABLE late (number int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
      "CREATE TABLE changing (id int); CREATE ROLE connex_office NOLOGIN; "
      "CREATE ROLE connex_officer NOLOGIN; CREATE ROLE connex_staff NOLOGIN;"
      "ALTER ROLE superuser SET datestyle = 'German'; ALTER ROLE superuser SET deadlock_timeout = '100ms';"
      "CREATE FUNCTION refuse(s text, m text, d text, h text) RETURNS void LANGUAGE plpgsql AS 'BEGIN "
      "IF h IS NULL THEN RAISE EXCEPTION USING ERRCODE = s, MESSAGE = m, DETAIL = d; END IF; "
      "RAISE EXCEPTION USING ERRCODE = s, MESSAGE = m, DETAIL = d, HINT = h; END'");
}

static TCase *answers(void) {
  TCase *tests = tcase_create("answers");
  tcase_add_test(tests, rows_come_back_in_one_round_trip);
  tcase_add_test(tests, columns_say_how_json_writes_them);
  tcase_add_test(tests, a_parameter_may_be_larger_than_any_socket_buffer);
  tcase_add_test(tests, a_transaction_may_hold_many_statements);
  tcase_add_test(tests, days_and_instants_have_one_form_whatever_the_server_prefers);
  tcase_add_test(tests, the_words_of_a_refusal_reach_the_caller);
  tcase_add_test(tests, a_refusal_undoes_all_of_its_transaction_and_the_next_one_runs);
  tcase_add_test(tests, a_constraint_is_named_and_tells_no_value);
  tcase_add_test(tests, a_constraint_checked_at_commit_is_a_refusal_too);
  tcase_add_test(tests, a_programming_error_is_refused_and_sends_nothing);
  tcase_add_test(tests, after_its_gate_a_read_can_only_read);
  tcase_add_test(tests, a_held_transaction_goes_on_and_is_one);
  tcase_add_test(tests, a_held_transaction_that_is_left_is_undone);
  tcase_set_timeout(tests, 60);
  return tests;
}

static TCase *changes(void) {
  TCase *tests = tcase_create("changes and losses");
  tcase_add_test(tests, a_migration_under_a_live_connection_is_not_noticed);
  tcase_add_test(tests, statements_that_the_server_lost_are_prepared_again);
  tcase_add_test(tests, one_statement_that_does_not_fit_the_schema_stops_no_other);
  tcase_add_test(tests, a_statement_of_another_area_is_prepared_where_it_is_used);
  tcase_add_test(tests, a_held_transaction_never_goes_on_over_another_connection);
  tcase_add_test(tests, a_connection_that_ended_while_idle_is_replaced_silently);
  tcase_add_test(tests, a_connection_that_ends_mid_way_is_away_and_is_not_repeated);
  tcase_add_test(tests, a_server_that_stops_answering_is_given_up_after_its_time);
  tcase_add_test(tests, a_wrong_address_fails_at_once_and_is_tried_less_and_less_often);
  tcase_add_test(tests, only_one_thread_waits_for_a_silent_server);
  tcase_add_test(tests, a_full_server_is_away_and_comes_back);
  tcase_add_test(tests, a_deadlock_is_sent_again);
  tcase_add_test(tests, a_notification_wakes_the_daemon);
  tcase_add_test(tests, a_restart_is_survived_and_nothing_acknowledged_is_lost);
  tcase_set_timeout(tests, 60);
  return tests;
}

int main(void) {
  int failed = 1;
  if (cluster_start() == 0 && make_schema() == 0) {
    Suite *suite = suite_create("db");
    suite_add_tcase(suite, answers());
    suite_add_tcase(suite, changes());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
  }
  cluster_stop();
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
