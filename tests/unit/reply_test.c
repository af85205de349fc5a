/*
 * Answers as bytes: problems, the headers of what was made, and lists from rows
 * of a real PostgreSQL, as JSON and as CSV. The database module is compiled in
 * here with named statements of this test in place of those of sql/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define CONNEX_QUERIES_H
enum query { Q_ROWS, Q_KINDS, Q_NESTED, Q_NO_CURSOR, Q_ONE, Q_DOCUMENT, QUERY_COUNT };
struct query_text {
  const char *name, *area, *text;
  int parameter_count;
};
extern const struct query_text query_texts[];

#include <check.h>

#include "../../lib/db/connection.c"
#include "../../lib/db/exchange.c"
#include "../../lib/db/notification.c"
#include "../../lib/db/result.c"
#include "../../lib/db/transaction.c"
#include "base/log.h"
#include "cluster.h"
#include "cursor.h"
#include "reply.h"
#include "secret/token.h"

const struct query_text query_texts[] = {
    [Q_ROWS] = {"rows", "test",
                "SELECT i::int8 AS id, 'name ' || i AS name, i || '_c' AS cursor, 12345::int8 AS total "
                "FROM generate_series(1, $1::int) i",
                1},
    [Q_KINDS] =
        {"kinds", "test",
         "SELECT true AS yes, false AS no, NULL::bool AS unknown, 1.50::numeric AS money, '[1,2.5,\"a; b\","
         "true,null]'::jsonb AS list, '[]'::json AS none, '=1+1' AS formula, '-12.50' AS negative, "
         "'say \"hi\", you' AS quoted, E'a\\nb' AS lines, $1 AS text",
         1},
    [Q_NESTED] = {"nested", "test", "SELECT '{\"a\":1}'::json AS deep", 0},
    [Q_NO_CURSOR] = {"no_cursor", "test", "SELECT i FROM generate_series(1, 30) i", 0},
    [Q_ONE] = {"one", "test", "SELECT 'x' AS name, $1::int AS version WHERE $1::int > 0", 1},
    [Q_DOCUMENT] = {"document", "test",
                    "SELECT json_build_object('token_id', '7', 'name', $1::text) AS document", 1},
    [QUERY_COUNT] = {NULL, NULL, NULL, 0},
};

static const char *const areas[] = {"test", NULL};
static const struct token_key key = {.bytes = {1, 2, 3}};
static const struct services services = {.token_key = &key};
static struct db *db;
static struct request request;
static struct route route;
static struct answer answer;
static char head[4000], body[200000];

static void set_up(void) {
  log_open("/dev/null");
  const struct db_options options = {
      .conninfo = cluster_conninfo(), .application_name = "reply", .areas = areas};
  db = db_open(&options);
  route = (struct route){
      .method = GET, .path = "/a/{account_id}/things", .csv_name = "things.csv", .operation = "things"};
  request = (struct request){.arena = arena_new(0),
                             .db = db,
                             .services = &services,
                             .route = &route,
                             .method = GET,
                             .target = "/a/4/things",
                             .path = {"4"}};
}

static void tear_down(void) {
  arena_free(request.arena);
  db_close(db);
}

/* One statement alone; its number. */
static size_t run(enum query query, const char *parameter) {
  db_start(db, DB_READ_ONLY);
  size_t statement = db_add(db, query, query_texts[query].parameter_count, &parameter);
  ck_assert_int_eq(db_run(db), DB_DONE);
  return statement;
}

static void render(enum status status) {
  reply_render(&request, status, &answer);
  ck_assert_uint_lt(answer.head_length, sizeof head);
  memcpy(head, answer.head, answer.head_length);
  head[answer.head_length] = '\0';
  ck_assert_uint_lt(answer.body_length, sizeof body);
  memcpy(body, answer.body, answer.body_length);
  body[answer.body_length] = '\0';
}

static void ask_limit(const char *limit) {
  static const struct field query[] = {{"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL}, {0}};
  static const char *values[1];
  values[0] = limit;
  route.query = query;
  request.query = values;
}

#define HAS(text) ck_assert_msg(strstr(head, text) != NULL, "%s", head)
#define HAS_NOT(text) ck_assert_msg(strstr(head, text) == NULL, "%s", head)

/* ---------------------------------------------------------------- problems */

START_TEST(a_problem_names_at_most_twenty_errors) {
  for (int i = 0; i < 25; i++)
    ck_assert_int_eq(reply_field_error(&request, "f", "code", "Message."), STATUS_UNPROCESSABLE);
  render(STATUS_UNPROCESSABLE);
  size_t count = 0;
  for (const char *at = body; (at = strstr(at, "\"field\":")) != NULL; at++) count++;
  ck_assert_uint_eq(count, 20);
  ck_assert_ptr_nonnull(
      strstr(body, "\"detail\":\"Correct the fields named in errors and 5 more. Nothing was saved.\""));
  ck_assert_ptr_nonnull(strstr(body, "\"code\":\"fields\""));
  HAS("Content-Type: application/problem+json; charset=utf-8\r\n");
}
END_TEST

START_TEST(what_a_problem_says_of_itself_stays) {
  reply_problem(&request, STATUS_CONFLICT, "changed", "Someone else changed this.");
  render(STATUS_CONFLICT);
  ck_assert_str_eq(body,
                   "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,\"code\":\"changed\","
                   "\"detail\":\"Someone else changed this.\"}");
}
END_TEST

START_TEST(a_dead_token_and_a_missing_log_in_differ) {
  route.right = RIGHT_MEMBER;
  ck_assert_int_eq(reply_unauthorized(&request), STATUS_UNAUTHORIZED);
  render(STATUS_UNAUTHORIZED);
  ck_assert_str_eq(request.problem.code, "log_in");
  HAS("WWW-Authenticate: Bearer\r\n");
  request.sent_token = true;
  reply_unauthorized(&request);
  render(STATUS_UNAUTHORIZED);
  ck_assert_str_eq(request.problem.code, "invalid_token");
  HAS("WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
  route.right = RIGHT_NONE; /* logging in: no token was asked for */
  reply_unauthorized(&request);
  ck_assert_str_eq(request.problem.code, "log_in");
}
END_TEST

/* ---------------------------------------------------------------- one thing */

START_TEST(one_row_carries_its_version) {
  ck_assert_int_eq(reply_one_row(&request, run(Q_ONE, "3")), STATUS_OK);
  render(STATUS_OK);
  ck_assert_str_eq(body, "{\"name\":\"x\",\"version\":3}");
  HAS("ETag: \"3\"\r\n");
  ck_assert_int_eq(reply_one_row(&request, run(Q_ONE, "0")), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(no_answer_is_kept_and_no_value_begins_a_header) {
  request.next = "1\r\nSet-Cookie: a=b";
  ck_assert_int_eq(reply_one_row(&request, run(Q_ONE, "3")), STATUS_OK);
  render(STATUS_OK);
  HAS("Cache-Control: no-store\r\n"); /* ASVS 14.3.2 */
  HAS("Connex-Next: 1Set-Cookie: a=b\r\n");
  HAS_NOT("\nSet-Cookie");
}
END_TEST

static const char *fingerprint_of(const char *words) {
  request.etag = NULL;
  ck_assert_int_eq(reply_json_column(&request, run(Q_DOCUMENT, words), STATUS_OK), STATUS_OK);
  ck_assert_ptr_null(request.etag); /* the dispatcher asks for it, where the contract says so */
  reply_fingerprint(&request);
  return request.etag;
}

START_TEST(a_document_without_a_version_carries_a_digest) {
  const char *first = fingerprint_of("a");
  ck_assert_uint_eq(strlen(first), 32);
  ck_assert_str_eq(fingerprint_of("a"), first);
  ck_assert_str_ne(fingerprint_of("b"), first);
}
END_TEST

START_TEST(a_file_carries_a_digest_of_its_bytes_and_a_version_stays) {
  static const char file[] = "%PDF-1.7 one", other[] = "%PDF-1.7 two";
  request.reply_body = file;
  request.reply_length = sizeof file - 1;
  reply_fingerprint(&request);
  const char *first = request.etag;
  request.etag = NULL;
  request.reply_body = other;
  reply_fingerprint(&request);
  ck_assert_str_ne(request.etag, first);
  request.etag = "7";
  reply_fingerprint(&request);
  ck_assert_str_eq(request.etag, "7");
}
END_TEST

START_TEST(a_document_shows_no_control_character) {
  reply_json_column(&request,
                    run(Q_DOCUMENT, "a\x01\xe2\x80\xae"
                                    "b"),
                    STATUS_OK);
  render(STATUS_OK);
  ck_assert_str_eq(body, "{\"token_id\" : \"7\", \"name\" : \"a\u2401\ufffdb\"}");
}
END_TEST

START_TEST(what_was_made_has_an_address) {
  request.method = POST;
  route.location = "/a/{account_id}/things/{token_id}/x";
  reply_json_column(&request, run(Q_DOCUMENT, "a"), STATUS_CREATED);
  render(STATUS_CREATED);
  HAS("Status: 201 Created\r\n");
  HAS("Location: /a/4/things/7/x\r\n");
  HAS_NOT("Idempotency-Replayed");
  request.location = NULL;
  request.replayed = true;
  render(STATUS_CREATED);
  HAS("Location: /a/4/things/7/x\r\n");
  HAS("Idempotency-Replayed: true\r\n");
}
END_TEST

START_TEST(a_location_is_never_half_an_address) {
  static const char *const odd[] = {"/a/{account_id}/things/{other_id}", "/a/{name}"};
  for (size_t i = 0; i < 2; i++) {
    route.location = odd[i];
    request.location = NULL;
    reply_json_column(&request, run(Q_DOCUMENT, "a/b"), STATUS_CREATED);
    render(STATUS_CREATED);
    HAS_NOT("Location");
  }
  route.location = "/a/{name}";
  reply_json_column(&request, run(Q_DOCUMENT, "ok-1_x"), STATUS_CREATED);
  render(STATUS_CREATED);
  HAS("Location: /a/ok-1_x\r\n");
}
END_TEST

/* ---------------------------------------------------------------- lists */

START_TEST(a_list_says_where_it_goes_on) {
  ask_limit("2");
  ck_assert_str_eq(request_limit(&request), "3");
  ck_assert_int_eq(reply_list(&request, run(Q_ROWS, "3")), STATUS_OK);
  render(STATUS_OK);
  ck_assert_str_eq(
      body, arena_format(request.arena,
                         "{\"items\":[{\"id\":\"1\",\"name\":\"name 1\"},{\"id\":\"2\",\"name\":\"name 2\"}],"
                         "\"next\":\"%s\",\"total\":12345}",
                         cursor_seal(&request, "2_c")));
  reply_list(&request, run(Q_ROWS, "2"));
  render(STATUS_OK);
  ck_assert_ptr_nonnull(strstr(body, "\"next\":null,\"total\":12345}"));
  reply_list(&request, run(Q_ROWS, "0"));
  render(STATUS_OK);
  ck_assert_str_eq(body, "{\"items\":[],\"next\":null,\"total\":0}");
}
END_TEST

START_TEST(a_list_that_could_not_go_on_is_a_fault) {
  ck_assert_int_eq(reply_list(&request, run(Q_NO_CURSOR, NULL)), STATUS_INTERNAL);
  request.wants_csv = true;
  ask_limit("5");
  ck_assert_int_eq(reply_list(&request, run(Q_NO_CURSOR, NULL)), STATUS_INTERNAL);
}
END_TEST

START_TEST(csv_is_flat_text_for_programs) {
  request.wants_csv = true;
  ck_assert_int_eq(reply_list(&request, run(Q_KINDS, "Zo\xc3\xab\x01\t\xe2\x80\xae\xe2\x80\x8b")), STATUS_OK);
  render(STATUS_OK);
  ck_assert_str_eq(
      body, "yes,no,unknown,money,list,none,formula,negative,quoted,lines,text\r\n"
            "true,false,,1.50,\"1; 2.5; a; b; true; \",,\"'=1+1\",-12.50,\"say \"\"hi\"\", you\",\"a\nb\","
            "Zo\u00eb\u2401\u2409\ufffd\ufffd\r\n");
  HAS("Content-Type: text/csv; charset=utf-8; header=present\r\n");
  HAS("Content-Disposition: attachment; filename=\"things.csv\"");
  request.wants_bom = true;
  reply_list(&request, run(Q_KINDS, "x"));
  render(STATUS_OK);
  ck_assert_int_eq(memcmp(body, "\xef\xbb\xbfyes,", 7), 0);
}
END_TEST

START_TEST(a_nested_object_is_no_csv) {
  request.wants_csv = true;
  ck_assert_int_eq(reply_list(&request, run(Q_NESTED, NULL)), STATUS_INTERNAL);
}
END_TEST

START_TEST(csv_without_a_limit_is_whole_or_refused) {
  request.wants_csv = true;
  ck_assert_str_eq(request_limit(&request), "10001");
  ck_assert_int_eq(reply_list(&request, run(Q_ROWS, "10000")), STATUS_OK);
  ck_assert_ptr_nonnull(strstr(request.reply_body, "\r\n10000,name 10000\r\n"));
  ck_assert_ptr_null(request.next);
  ck_assert_int_eq(reply_list(&request, run(Q_ROWS, "10001")), STATUS_UNPROCESSABLE);
  ck_assert_str_eq(request.problem.code, "too_many_rows");
}
END_TEST

START_TEST(csv_with_a_limit_says_that_there_is_more) {
  request.wants_csv = true;
  ask_limit("2");
  request.target = "/a/4/things?after=1_c&limit=2&x=a>b";
  ck_assert_int_eq(reply_list(&request, run(Q_ROWS, "3")), STATUS_OK);
  render(STATUS_OK);
  ck_assert_str_eq(body, "id,name\r\n1,name 1\r\n2,name 2\r\n");
  HAS(arena_format(request.arena, "Connex-Next: %s\r\n", cursor_seal(&request, "2_c")));
  HAS(arena_format(request.arena, "Link: </a/4/things?limit=2&x=a%%3Eb&after=%s>; rel=\"next\"\r\n",
                   cursor_seal(&request, "2_c")));
  request.next = request.next_link = NULL;
  request.method = POST; /* a search: its next page is another body */
  reply_list(&request, run(Q_ROWS, "3"));
  render(STATUS_OK);
  HAS(arena_format(request.arena, "Connex-Next: %s\r\n", cursor_seal(&request, "2_c")));
  HAS_NOT("Link:");
  request.next = NULL;
  reply_list(&request, run(Q_ROWS, "2"));
  render(STATUS_OK);
  HAS_NOT("Connex-Next");
}
END_TEST

/* Every allocation fails once: a whole answer or the constant one, never half of either. */
START_TEST(every_allocation_may_fail) {
  request.wants_csv = true;
  ask_limit("2");
  route.location = "/a/{account_id}/things/{token_id}";
  bool failed = true;
  for (unsigned long after = 1; failed; after++) {
    request.next = request.next_link = request.location = request.reply_body = NULL;
    size_t rows = run(Q_ROWS, "3");
    arena_fail_after(request.arena, after);
    enum status status = reply_list(&request, rows);
    render(status);
    ck_assert(answer.body_length > 0);
    request.reply_body = NULL;
    reply_json_column(&request, run(Q_DOCUMENT, "a"), STATUS_CREATED);
    render(STATUS_CREATED);
    ck_assert(answer.body_length > 0);
    failed = arena_failed(request.arena);
    arena_fail_after(request.arena, 0);
  }
}
END_TEST

int main(void) {
  if (cluster_start() != 0) return EXIT_FAILURE;
  Suite *suite = suite_create("reply");
  TCase *tests = tcase_create("reply");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_problem_names_at_most_twenty_errors);
  tcase_add_test(tests, what_a_problem_says_of_itself_stays);
  tcase_add_test(tests, a_dead_token_and_a_missing_log_in_differ);
  tcase_add_test(tests, one_row_carries_its_version);
  tcase_add_test(tests, no_answer_is_kept_and_no_value_begins_a_header);
  tcase_add_test(tests, a_document_without_a_version_carries_a_digest);
  tcase_add_test(tests, a_file_carries_a_digest_of_its_bytes_and_a_version_stays);
  tcase_add_test(tests, a_document_shows_no_control_character);
  tcase_add_test(tests, what_was_made_has_an_address);
  tcase_add_test(tests, a_location_is_never_half_an_address);
  tcase_add_test(tests, a_list_says_where_it_goes_on);
  tcase_add_test(tests, a_list_that_could_not_go_on_is_a_fault);
  tcase_add_test(tests, csv_is_flat_text_for_programs);
  tcase_add_test(tests, a_nested_object_is_no_csv);
  tcase_add_test(tests, csv_without_a_limit_is_whole_or_refused);
  tcase_add_test(tests, csv_with_a_limit_says_that_there_is_more);
  tcase_add_test(tests, every_allocation_may_fail);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  cluster_stop();
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
