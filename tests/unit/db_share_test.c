/*
 * Lookups of several threads in one transaction, against a real PostgreSQL: each
 * gets its own rows, whoever is refused is refused alone, and nobody waits for
 * a slow one for long; it runs under the thread sanitizer too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CONNEX_QUERIES_H
enum query { Q_GATE, Q_MINE, Q_RECORD, Q_SLEEP, Q_DIVIDE, Q_END_OWN, Q_TOUCH, Q_CHANGING, QUERY_COUNT };

#include <check.h>
#include <unistd.h>

#include "cluster.h"
#include "db_files.h"

const struct query_text query_texts[] = {
    [Q_GATE] = {"gate", "test", "SELECT gate($1::bytea, $2)", 2},
    [Q_MINE] = {"mine", "test",
                "SELECT current_setting('test.who') AS who, current_user::text AS role, "
                "pg_current_xact_id()::text AS transaction",
                0},
    [Q_RECORD] = {"record", "test", "SELECT record($1)", 1},
    [Q_SLEEP] = {"sleep", "test", "SELECT pg_sleep($1::float8)::text", 1},
    [Q_DIVIDE] = {"divide", "test", "SELECT 1 / $1::int", 1},
    [Q_END_OWN] = {"end_own", "test", "SELECT end_own()", 0},
    [Q_TOUCH] = {"touch", "test", "SELECT touch($1::int)", 1},
    [Q_CHANGING] = {"changing", "test", "SELECT * FROM changing", 0},
    [QUERY_COUNT] = {NULL, NULL, NULL, 0},
};

enum { THREADS = 12 };

/* One lookup of one thread. */
struct lookup {
  struct db *db;
  struct db_share *share;
  enum db_mode mode;
  char who[16];
  enum query special; /* between the gate and what is one's own; QUERY_COUNT: none */
  const char *value;
  uint64_t had; /* transactions of its share, before */
  enum db_outcome outcome;
  char said[16], role[32], transaction[24], fault[6];
  double took;
};

static struct db_options options(void) {
  return (struct db_options){.conninfo = cluster_conninfo(), .application_name = "db_share_test"};
}

static void copy(char *to, size_t size, const char *from) {
  snprintf(to, size, "%s", from == NULL ? "" : from);
}

static void *look_up(void *object) {
  struct lookup *one = object;
  char hash[HASH_LENGTH] = {0};
  memcpy(hash, one->who, sizeof one->who);
  const struct db_parameter gate[] = {{hash, sizeof hash, true}, {one->who, 0, false}};
  const char *who = one->who;
  double start = seconds();
  db_start(one->db, one->mode);
  db_add_binary(one->db, Q_GATE, 2, gate);
  if (one->special != QUERY_COUNT)
    db_add(one->db, one->special, query_texts[one->special].parameter_count, &one->value);
  size_t mine = db_add(one->db, Q_MINE, 0, NULL);
  db_add(one->db, Q_RECORD, 1, &who);
  one->outcome = db_run_shared(one->db, one->share);
  one->took = seconds() - start;
  copy(one->said, sizeof one->said, db_named(one->db, mine, 0, "who"));
  copy(one->role, sizeof one->role, db_named(one->db, mine, 0, "role"));
  copy(one->transaction, sizeof one->transaction, db_named(one->db, mine, 0, "transaction"));
  copy(one->fault, sizeof one->fault, db_fault(one->db)->sqlstate);
  return NULL;
}

static struct db_share *share;
static struct lookup lookups[THREADS];

static void set_up(void) {
  const struct db_options how = options();
  ck_assert_int_eq(cluster_sql("TRUNCATE kept"), 0);
  share = db_share_new(&how, 200);
  ck_assert_ptr_nonnull(share);
  for (int i = 0; i < THREADS; i++) {
    lookups[i] =
        (struct lookup){.db = db_open(&how), .share = share, .mode = DB_READ_OFFICE, .special = QUERY_COUNT};
    ck_assert_ptr_nonnull(lookups[i].db);
    snprintf(lookups[i].who, sizeof lookups[i].who, "w%d", i);
  }
}

static void tear_down(void) {
  for (int i = 0; i < THREADS; i++) db_close(lookups[i].db);
  db_share_free(share);
}

/* Until it has left without the others, or is done. */
static void await_leader(const struct lookup *one) {
  bool left = false;
  for (int i = 0; i < 5000 && !left; i++) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    pthread_mutex_lock(&one->share->lock);
    left = one->share->transactions > one->had;
    pthread_mutex_unlock(&one->share->lock);
  }
}

/* All at once: the first one finds its lane empty and sleeps a little, so that the others go together. */
static void look_up_all(void) {
  pthread_t threads[THREADS];
  if (lookups[0].special == QUERY_COUNT) {
    lookups[0].special = Q_SLEEP;
    lookups[0].value = "0.05";
  }
  lookups[0].had = lookups[0].share->transactions;
  for (int i = 0; i < THREADS; i++) {
    pthread_create(&threads[i], NULL, look_up, &lookups[i]);
    if (i == 0) await_leader(&lookups[0]);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

/* How many audit rows `who` has. */
static int records_of(const char *who) {
  char text[100];
  int count = -1;
  snprintf(text, sizeof text, "SELECT count(*) FROM kept WHERE who = '%s'", who);
  PGconn *other = PQconnectdb(cluster_conninfo());
  PGresult *result = PQexec(other, text);
  if (PQntuples(result) == 1) count = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
  PQclear(result);
  PQfinish(other);
  return count;
}

static void is_good(const struct lookup *one) {
  ck_assert_msg(one->outcome == DB_DONE, "%s: %d %s", one->who, one->outcome, one->fault);
  ck_assert_str_eq(one->said, one->who);
  ck_assert_str_eq(one->role, one->mode == DB_READ_OFFICE ? "connex_office" : "connex_staff");
  ck_assert_str_eq(one->fault, "");
  ck_assert_int_eq(records_of(one->who), 1);
}

START_TEST(each_sees_its_own_and_many_go_together) {
  uint64_t transactions, shared;
  look_up_all();
  for (int i = 0; i < THREADS; i++) is_good(&lookups[i]);
  db_share_read(share, &transactions, &shared);
  ck_assert_uint_eq(shared, THREADS);
  ck_assert_uint_le(transactions, 4);
  int together = 0;
  for (int i = 1; i < THREADS; i++) together += strcmp(lookups[i].transaction, lookups[1].transaction) == 0;
  ck_assert_int_gt(together, THREADS / 2);
}
END_TEST

START_TEST(whoever_is_refused_is_refused_alone) {
  snprintf(lookups[5].who, sizeof lookups[5].who, "no");
  look_up_all();
  ck_assert_int_eq(lookups[5].outcome, DB_REFUSED);
  ck_assert_str_eq(lookups[5].fault, "CX401");
  ck_assert_str_eq(db_fault(lookups[5].db)->detail, "Log in.");
  ck_assert_str_eq(db_fault(lookups[5].db)->name, "gate");
  ck_assert_str_eq(lookups[5].said, "");
  ck_assert_int_eq(records_of("no"), 0);
  for (int i = 0; i < THREADS; i++)
    if (i != 5) is_good(&lookups[i]);
}
END_TEST

START_TEST(many_who_are_refused_keep_nobody_out) {
  for (int i = 1; i < THREADS; i += 2) snprintf(lookups[i].who, sizeof lookups[i].who, "no");
  look_up_all();
  for (int i = 0; i < THREADS; i++)
    if (i % 2 == 0) is_good(&lookups[i]);
    else ck_assert_str_eq(lookups[i].fault, "CX401");
}
END_TEST

START_TEST(an_error_of_ours_is_the_error_of_one) {
  lookups[7].special = Q_DIVIDE;
  lookups[7].value = "0";
  look_up_all();
  ck_assert_int_eq(lookups[7].outcome, DB_REFUSED);
  ck_assert_str_eq(lookups[7].fault, "22012");
  for (int i = 0; i < THREADS; i++)
    if (i != 7) is_good(&lookups[i]);
}
END_TEST

START_TEST(a_lost_connection_costs_only_the_one_that_ends_it) {
  lookups[3].special = Q_END_OWN;
  look_up_all();
  ck_assert_int_eq(lookups[3].outcome, DB_AWAY);
  for (int i = 0; i < THREADS; i++)
    if (i != 3) is_good(&lookups[i]);
}
END_TEST

/* The connections of the share learn of it too: otherwise nobody would go together any more. */
START_TEST(a_migration_is_noticed_once) {
  uint64_t before, after, shared;
  for (int i = 0; i < THREADS; i++) lookups[i].special = Q_CHANGING;
  look_up_all();
  ck_assert_int_eq(cluster_sql("ALTER TABLE changing ADD COLUMN more int; TRUNCATE kept"), 0);
  look_up_all();
  for (int i = 0; i < THREADS; i++) is_good(&lookups[i]);
  ck_assert_int_eq(cluster_sql("TRUNCATE kept"), 0);
  db_share_read(share, &before, &shared);
  for (int i = 0; i < THREADS; i++) lookups[i].special = i == 0 ? QUERY_COUNT : Q_CHANGING;
  look_up_all();
  for (int i = 0; i < THREADS; i++) is_good(&lookups[i]);
  db_share_read(share, &after, &shared);
  ck_assert_uint_le(after - before, 4);
  int together = 0;
  for (int i = 1; i < THREADS; i++) together += strcmp(lookups[i].transaction, lookups[1].transaction) == 0;
  ck_assert_int_gt(together, THREADS / 2);
}
END_TEST

START_TEST(a_server_that_stops_answering_is_given_up_once) {
  for (int i = 0; i < THREADS; i++) lookups[i].db->answer_most_ms = 1000;
  for (size_t i = 0; i < CARRIERS; i++) share->carriers[i]->answer_most_ms = 1000;
  lookups[4].special = Q_SLEEP;
  lookups[4].value = "3";
  look_up_all();
  int away = 0;
  for (int i = 0; i < THREADS; i++) {
    ck_assert_msg(lookups[i].took < 1.7, "%s took %.3f s", lookups[i].who, lookups[i].took);
    if (lookups[i].outcome != DB_AWAY) continue;
    away++;
    ck_assert_str_eq(lookups[i].fault, "08006");
    ck_assert_ptr_nonnull(strstr(db_trouble(lookups[i].db), "no answer"));
  }
  ck_assert_int_gt(away, THREADS / 2);
}
END_TEST

START_TEST(nobody_waits_long_for_a_slow_one) {
  lookups[0].special = Q_SLEEP;
  lookups[0].value = "1.5";
  look_up_all();
  is_good(&lookups[0]);
  for (int i = 1; i < THREADS; i++) {
    is_good(&lookups[i]);
    ck_assert_msg(lookups[i].took < 1, "%s took %.3f s", lookups[i].who, lookups[i].took);
  }
}
END_TEST

START_TEST(readers_of_two_kinds_never_go_together) {
  for (int i = 1; i < THREADS; i += 2) lookups[i].mode = DB_READ_STAFF;
  look_up_all();
  for (int i = 0; i < THREADS; i++) {
    is_good(&lookups[i]);
    for (int j = 0; j < i; j++)
      if (lookups[i].mode != lookups[j].mode)
        ck_assert_str_ne(lookups[i].transaction, lookups[j].transaction);
  }
}
END_TEST

/* As two processes do it: the same sessions come to one in this order, and to the other in the opposite one.
 */
START_TEST(locks_are_taken_in_one_order) {
  static const char *const places[] = {"0", "1", "2", "3"};
  const struct db_options how = options();
  struct db_share *other = db_share_new(&how, 200);
  for (int i = 0; i < THREADS; i++) {
    int place = i < THREADS / 2 ? i % 4 : 3 - i % 4;
    snprintf(lookups[i].who, sizeof lookups[i].who, "w%d", place);
    lookups[i].special = Q_TOUCH;
    lookups[i].value = places[place];
    lookups[i].share = i < THREADS / 2 ? share : other;
  }
  for (int round = 0; round < 10; round++) {
    double start = seconds();
    look_up_all();
    ck_assert_msg(seconds() - start < 0.9, "a deadlock: %.3f s",
                  seconds() - start); /* deadlock_timeout 1 s */
    for (int i = 0; i < THREADS; i++) ck_assert_int_eq(lookups[i].outcome, DB_DONE);
  }
  db_share_free(other);
}
END_TEST

START_TEST(without_a_share_or_a_gate_it_runs_alone) {
  uint64_t transactions, shared;
  lookups[1].share = NULL;
  look_up(&lookups[1]);
  is_good(&lookups[1]);
  const char *who = "w2";
  db_start(lookups[2].db, DB_READ_ONLY);
  db_add(lookups[2].db, Q_GATE, 2, (const char *const[]){"\\x00", who}); /* the hash is no raw bytes */
  ck_assert_int_eq(db_run_shared(lookups[2].db, share), DB_DONE);
  db_share_read(share, &transactions, &shared);
  ck_assert_uint_eq(transactions + shared, 0);
}
END_TEST

static int make_schema(void) {
  return cluster_sql(
      "CREATE ROLE connex_office; CREATE ROLE connex_officer; CREATE ROLE connex_staff;"
      "CREATE TABLE kept (who text); CREATE TABLE changing (id int); GRANT SELECT ON changing TO PUBLIC;"
      "CREATE TABLE place (number int PRIMARY KEY); INSERT INTO place SELECT generate_series(0, 3);"
      "CREATE FUNCTION gate(hash bytea, who text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN "
      "IF who = ''no'' THEN RAISE EXCEPTION USING ERRCODE = ''CX401'', MESSAGE = ''log_in'', DETAIL = ''Log "
      "in.''; "
      "END IF; PERFORM set_config(''test.who'', who, true); END';"
      "CREATE FUNCTION record(who text) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO kept "
      "VALUES (who)';"
      "CREATE FUNCTION end_own() RETURNS bool LANGUAGE sql SECURITY DEFINER AS "
      "'SELECT pg_terminate_backend(pg_backend_pid())';"
      "CREATE FUNCTION touch(which int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN "
      "UPDATE place SET number = number WHERE number = which; PERFORM pg_sleep(0.005); END';");
}

int main(void) {
  int failed = 1;
  if (cluster_start() == 0 && make_schema() == 0) {
    Suite *suite = suite_create("db_share");
    TCase *tests = tcase_create("db_share");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, each_sees_its_own_and_many_go_together);
    tcase_add_test(tests, whoever_is_refused_is_refused_alone);
    tcase_add_test(tests, many_who_are_refused_keep_nobody_out);
    tcase_add_test(tests, an_error_of_ours_is_the_error_of_one);
    tcase_add_test(tests, a_lost_connection_costs_only_the_one_that_ends_it);
    tcase_add_test(tests, a_migration_is_noticed_once);
    tcase_add_test(tests, a_server_that_stops_answering_is_given_up_once);
    tcase_add_test(tests, nobody_waits_long_for_a_slow_one);
    tcase_add_test(tests, readers_of_two_kinds_never_go_together);
    tcase_add_test(tests, locks_are_taken_in_one_order);
    tcase_add_test(tests, without_a_share_or_a_gate_it_runs_alone);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
  }
  cluster_stop();
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
