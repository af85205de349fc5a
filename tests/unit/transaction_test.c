/*
 * The transaction of a request against a real PostgreSQL: enter(), the key, and
 * the audit row go around its statements; replays; and what each SQLSTATE means
 * to the client. Modules that name statements are compiled in here with
 * statements of this test in place of those of sql/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CONNEX_QUERIES_H
enum query {
  Q_GATE_ENTER,
  Q_GATE_ONCE,
  Q_GATE_AUDIT,
  Q_GATE_NOTHING,
  Q_KEEP,
  Q_REFUSE,
  Q_PLANNED,
  QUERY_COUNT
};
struct query_text {
  const char *name, *area, *text;
  int parameter_count;
};
extern const struct query_text query_texts[];

#include <check.h>

#include "../../fcgi/transaction.c"
#include "../../lib/db/connection.c"
#include "../../lib/db/exchange.c"
#include "../../lib/db/notification.c"
#include "../../lib/db/result.c"
#include "../../lib/db/transaction.c"
#include "base/log.h"
#include "cluster.h"

const struct query_text query_texts[] = {
    [Q_GATE_ENTER] = {"gate_enter", "test",
                      "SELECT * FROM enter($1::bytea, $2, $3, $4::bigint, $5, $6::inet)", 6},
    [Q_GATE_ONCE] = {"gate_once", "test", "SELECT once($1, $2::bytea)", 2},
    [Q_GATE_AUDIT] = {"gate_audit", "test", "INSERT INTO trail VALUES ($1, $2, $3::bigint)", 3},
    [Q_GATE_NOTHING] = {"gate_nothing", "test", "SELECT NULL::text AS nothing", 0},
    [Q_KEEP] = {"keep", "test", "INSERT INTO thing VALUES ($1) RETURNING name", 1},
    [Q_REFUSE] = {"refuse", "test", "SELECT refuse($1, $2, $3, $4)", 4},
    [Q_PLANNED] = {"planned", "test", "INSERT INTO planned SELECT current_user::text WHERE $1::text IS NULL",
                   1},
    [QUERY_COUNT] = {NULL, NULL, NULL, 0},
};

static const char *const areas[] = {"test", NULL};
static struct db *db;
static struct request request;
static struct route route;
static const char *stream;
static size_t stream_at;
static bool stream_is_cut;

/* In place of request.c: the body of this test, in pieces of seven bytes. */
long request_read(struct request *of, void *buffer, size_t size) {
  (void)of;
  size_t left = stream == NULL ? 0 : strlen(stream) - stream_at;
  if (left == 0) return stream_is_cut ? -1 : 0;
  size_t got = left < 7 ? left : 7;
  if (got > size) got = size;
  memcpy(buffer, stream + stream_at, got);
  stream_at += got;
  return (long)got;
}

static void set_up(void) {
  log_open("/dev/null");
  const struct db_options options = {
      .conninfo = cluster_conninfo(), .application_name = "transaction", .areas = areas};
  db = db_open(&options);
  route = (struct route){.method = POST,
                         .path = "/a/{account_id}/things/{thing_id}",
                         .right = RIGHT_MEMBER,
                         .mode = DB_WRITE,
                         .flags = ROUTE_IDEMPOTENT_KEY,
                         .audit = "thing_create",
                         .subject = 1};
  stream = NULL;
  stream_at = 0;
  stream_is_cut = false;
  request = (struct request){.arena = arena_new(0),
                             .db = db,
                             .route = &route,
                             .method = POST,
                             .id = "0123456789abcdef",
                             .address = "192.0.2.7",
                             .path = {"4", "9"},
                             .has_credential = true,
                             .enter = SIZE_MAX};
  ck_assert_int_eq(cluster_sql("TRUNCATE trail, thing, kept, planned"), 0);
}

static void tear_down(void) {
  arena_free(request.arena);
  db_close(db);
}

/* What a new request of the same client begins with. */
static void again(void) {
  request.was_audited = request.asked_once = request.replayed = false;
  request.problem = (struct problem){0};
  request.enter = SIZE_MAX;
  stream_at = 0;
}

static const char *ask(const char *select) {
  static char answer[300];
  PGconn *connection = PQconnectdb(cluster_conninfo());
  PGresult *result = PQexec(connection, select);
  snprintf(answer, sizeof answer, "%s", PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
  PQclear(result);
  PQfinish(connection);
  return answer;
}

static enum status keep(const char *name) {
  request_add(&request, Q_KEEP, 1, &name);
  return request_run(&request);
}

static enum status refuse(const char *state, const char *message, const char *detail, const char *hint) {
  const char *parameters[] = {state, message, detail, hint};
  request_add(&request, Q_REFUSE, 4, parameters);
  return request_run(&request);
}

/* ---------------------------------------------------------------- around the statements */

START_TEST(one_transaction_enters_keeps_and_is_audited) {
  ck_assert_int_eq(keep("one"), STATUS_OK);
  ck_assert_str_eq(request.user_account_id, "7");
  ck_assert_str_eq(ask("SELECT action || ' ' || kind || ' ' || id FROM trail"), "thing_create thing 9");
  ck_assert_str_eq(ask("SELECT name FROM thing"), "one");
  ck_assert_int_eq(keep("two"), STATUS_OK); /* a second transaction of the same request */
  ck_assert_str_eq(ask("SELECT count(*) FROM trail"), "1");
}
END_TEST

START_TEST(without_entering_nothing_runs) {
  request.credential_is_token = true; /* the enter() of this test takes sessions only */
  request.sent_token = true;
  ck_assert_int_eq(keep("one"), STATUS_UNAUTHORIZED);
  ck_assert_str_eq(request.problem.code, "invalid_token");
  again();
  request.sent_token = false;
  ck_assert_int_eq(keep("one"), STATUS_UNAUTHORIZED);
  ck_assert_str_eq(request.problem.code, "log_in");
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "0");
  ck_assert_str_eq(ask("SELECT count(*) FROM trail"), "0");
}
END_TEST

START_TEST(without_memory_for_the_audit_row_nothing_runs) {
  bool failed = true;
  for (unsigned long after = 1; failed; after++) {
    again();
    ck_assert_int_eq(cluster_sql("TRUNCATE trail, thing, kept"), 0);
    request.idempotency_key = "k";
    arena_fail_after(request.arena, after);
    enum status status = keep("one");
    failed = arena_failed(request.arena);
    arena_fail_after(request.arena, 0);
    ck_assert(status == STATUS_INTERNAL || status == STATUS_OK);
    ck_assert_str_eq(ask("SELECT (SELECT count(*) FROM thing) - (SELECT count(*) FROM trail)"), "0");
    ck_assert_str_eq(ask("SELECT (SELECT count(*) FROM thing) - (SELECT count(*) FROM kept)"), "0");
  }
}
END_TEST

START_TEST(a_held_transaction_is_audited_at_its_end) {
  request_hold(&request);
  ck_assert_int_eq(keep("one"), STATUS_OK);
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "0");
  ck_assert_int_eq(keep("two"), STATUS_OK);
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "2");
  ck_assert_str_eq(ask("SELECT count(*) FROM trail"), "1");
}
END_TEST

/* ---------------------------------------------------------------- replays */

static const char *said(void) {
  size_t length;
  return json_out_text(&request.out, &length);
}

START_TEST(a_key_that_was_answered_gets_the_same_answer_and_is_audited) {
  request.idempotency_key = "k";
  ck_assert_int_eq(keep("one"), STATUS_OK);
  again();
  ck_assert_int_eq(keep("one"), STATUS_REPLAYED);
  ck_assert(request.replayed);
  ck_assert_int_eq(request.replay_status, STATUS_CREATED);
  ck_assert_ptr_nonnull(strstr(said(), "\"thing_id\": 1}"));
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "1");
  ck_assert_str_eq(ask("SELECT count(*) FROM trail"), "2");
}
END_TEST

START_TEST(a_key_belongs_to_its_route_its_path_and_its_body) {
  request.idempotency_key = "k";
  ck_assert_int_eq(keep("one"), STATUS_OK);
  ck_assert_str_eq(ask("SELECT key FROM kept"), "POST /a/{account_id}/things/{thing_id} 4/9 k");
  again();
  request.path[2] = "5"; /* a third parameter is part of it too */
  ck_assert_int_eq(keep("two"), STATUS_OK);
  ck_assert_str_eq(ask("SELECT key FROM kept WHERE key LIKE '%5 k'"),
                   "POST /a/{account_id}/things/{thing_id} 4/9/5 k");
  again();
  request.path[2] = NULL;
  request.body_hash[0] = 1;
  ck_assert_int_eq(keep("three"), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(request.problem.code, "idempotency_key_reused");
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "2");
}
END_TEST

/* A registration: nobody enters, and its key counts all the same. */
START_TEST(a_key_counts_where_nobody_enters) {
  route.right = RIGHT_NONE;
  request.idempotency_key = "k";
  request_hold(&request); /* the key and what it made are kept together */
  ck_assert_int_eq(keep("one"), STATUS_OK);
  ck_assert_str_eq(ask("SELECT count(*) FROM kept"), "0");
  ck_assert_int_eq(keep("two"), STATUS_OK);
  again();
  ck_assert_int_eq(keep("one"), STATUS_REPLAYED);
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "2");
}
END_TEST

/* connex.once() has compared the headers of a stream; its content is compared with the kept SHA-256. */
START_TEST(a_stream_is_compared_by_its_content) {
  route.flags |= ROUTE_STREAM;
  request.idempotency_key = "k";
  ck_assert_int_eq(keep("one"), STATUS_OK);
  again();
  stream = "abc";
  ck_assert_int_eq(keep("one"), STATUS_REPLAYED);
  ck_assert(request.replayed);
  again();
  stream = "abd";
  ck_assert_int_eq(keep("one"), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(request.problem.code, "idempotency_key_reused");
  ck_assert(!request.replayed);
  again();
  stream = "ab";
  stream_is_cut = true;
  ck_assert_int_eq(keep("one"), STATUS_BAD_REQUEST);
  ck_assert_str_eq(request.problem.code, "body_incomplete");
  ck_assert_str_eq(ask("SELECT count(*) FROM thing"), "1");
}
END_TEST

/* ---------------------------------------------------------------- what went wrong */

START_TEST(each_sqlstate_has_its_status) {
  static const struct {
    const char *state, *hint;
    int status;
    const char *code;
  } cases[] = {{"CX403", NULL, 403, "word"},           {"CX404", NULL, 404, "word"},
               {"CX409", NULL, 409, "word"},           {"CX422", NULL, 422, "word"},
               {"CX422", "field", 422, "fields"},      {"CX429", "7", 429, "word"},
               {"CX503", NULL, 503, "word"},           {"CX999", NULL, 500, "failed"},
               {"23505", NULL, 409, "already_exists"}, {"23P01", NULL, 409, "already_exists"},
               {"23514", NULL, 422, "not_accepted"},   {"22003", NULL, 422, "not_accepted"},
               {"53300", NULL, 503, "unavailable"},    {"57014", NULL, 503, "unavailable"},
               {"53100", NULL, 503, "storage_full"},   {"42501", NULL, 500, "failed"},
               {"XX000", NULL, 500, "failed"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    again();
    enum status status = refuse(cases[i].state, "word", "Details.", cases[i].hint);
    ck_assert_msg((int)status == cases[i].status, "%s: %d", cases[i].state, (int)status);
    if (cases[i].hint == NULL || status == STATUS_TOO_MANY)
      ck_assert_str_eq(request.problem.code, cases[i].code);
    if (status == STATUS_UNPROCESSABLE && cases[i].hint != NULL) {
      ck_assert_str_eq(request.problem.errors->field, "field");
      ck_assert_str_eq(request.problem.errors->message, "Details.");
    }
    if (status == STATUS_INTERNAL) ck_assert_ptr_null(request.problem.detail);
    if (status == STATUS_TOO_MANY) ck_assert_uint_eq(request.problem.retry_after_s, 7);
    if (status == STATUS_UNAVAILABLE) ck_assert_uint_ge(request.problem.retry_after_s, 1);
  }
}
END_TEST

/* ---------------------------------------------------------------- planning ahead */

static enum status nobody(struct request *of) {
  (void)of;
  return STATUS_OK;
}

START_TEST(routes_say_what_to_plan_ahead) {
  static const enum query list[] = {Q_PLANNED, QUERY_COUNT};
  const struct route rows[] = {{GET, "/none", .handler = nobody},
                               {GET, "/write", .mode = DB_WRITE, .plan_ahead = list, .handler = nobody},
                               {0}};
  const struct route *const tables[] = {rows, NULL};
  struct route_map *map = route_map_new(tables, stderr);
  transaction_plan_ahead(db, map);
  ck_assert_str_eq(ask("SELECT string_agg(name, ' ') FROM planned"), "superuser");
  route_map_free(map);
}
END_TEST

static int make_schema(void) {
  return cluster_sql(
             "CREATE TABLE trail (action text, kind text, id bigint); CREATE TABLE thing (name text);"
             "CREATE TABLE planned (name text);"
             "CREATE TABLE kept (key text PRIMARY KEY, body_hash bytea);"
             "CREATE FUNCTION refuse(state text, message text, detail text, hint text) RETURNS void LANGUAGE "
             "plpgsql AS '"
             "BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = coalesce(detail, "
             "''''), "
             "HINT = coalesce(hint, ''''); END';"
             "CREATE FUNCTION enter(bytea, kind text, text, bigint, text, inet, OUT user_account_id bigint, "
             "OUT session_expires_at text) LANGUAGE plpgsql AS 'BEGIN IF kind <> ''session'' THEN "
             "PERFORM refuse(''CX401'', ''log_in'', ''Log in.'', NULL); END IF; user_account_id := 7; END'") |
         cluster_sql("CREATE FUNCTION once(k text, h bytea) RETURNS void LANGUAGE plpgsql AS 'DECLARE was "
                     "bytea; BEGIN "
                     "SELECT body_hash INTO was FROM kept WHERE key = k; "
                     "IF NOT FOUND THEN INSERT INTO kept VALUES (k, h); RETURN; END IF; "
                     "IF was <> h THEN PERFORM refuse(''CX422'', ''idempotency_key_reused'', ''Used.'', "
                     "NULL); END IF; "
                     "PERFORM refuse(''CX200'', ''replay'', json_build_object(''thing_id'', 1, ''sha256'', "
                     "encode(sha256(''abc''), ''hex''))::jsonb::text, ''201''); END'");
}

int main(void) {
  if (cluster_start() != 0) return EXIT_FAILURE;
  if (make_schema() != 0) {
    cluster_stop();
    return EXIT_FAILURE;
  }
  Suite *suite = suite_create("transaction");
  TCase *tests = tcase_create("transaction");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, one_transaction_enters_keeps_and_is_audited);
  tcase_add_test(tests, without_entering_nothing_runs);
  tcase_add_test(tests, without_memory_for_the_audit_row_nothing_runs);
  tcase_add_test(tests, a_held_transaction_is_audited_at_its_end);
  tcase_add_test(tests, a_key_that_was_answered_gets_the_same_answer_and_is_audited);
  tcase_add_test(tests, a_key_belongs_to_its_route_its_path_and_its_body);
  tcase_add_test(tests, a_key_counts_where_nobody_enters);
  tcase_add_test(tests, a_stream_is_compared_by_its_content);
  tcase_add_test(tests, each_sqlstate_has_its_status);
  tcase_add_test(tests, routes_say_what_to_plan_ahead);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  cluster_stop();
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
