/*
 * Around the handlers: the headers of every answer, what is answered without a
 * route, answers in pieces, and a lack of memory anywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "gate_client.h"

START_TEST(every_answer_carries_its_headers) {
  ask("GET", "/things", NULL, NULL);
  static const char *const wanted[] = {"Status: 200 OK\r\n",
                                       "Content-Type: application/json; charset=utf-8\r\n",
                                       "Cache-Control: no-store\r\n",
                                       "X-Content-Type-Options: nosniff\r\n",
                                       "X-Request-Id: ",
                                       "ETag: \"5\"\r\n",
                                       "Content-Length: "};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
    ck_assert_ptr_nonnull(strstr(answer.head, wanted[i]));
  ask("GET", "/things", WITH("REQUEST_ID", "0123456789abcdef"), NULL);
  ck_assert_ptr_nonnull(strstr(answer.head, "X-Request-Id: 0123456789abcdef\r\n"));
  ask("GET", "/things", WITH("REQUEST_ID", "0123456789\r\nX: y"), NULL);
  ck_assert_ptr_null(strstr(answer.head, "X: y"));
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_IF_NONE_MATCH", "\"5\""), NULL), 304);
  ck_assert_uint_eq(answer.length, 0);
  static const char *const same[] = {"W/\"5\"", "\"4\", \"5\"", "*", "\"x,y\",W/\"5\""};
  static const char *const other[] = {"\"4\"", "5", "\"55\"", "\"5", ""};
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
    ck_assert_msg(ask("GET", "/things", WITH("HTTP_IF_NONE_MATCH", same[i]), NULL) == 304, "%s", same[i]);
  for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
    ck_assert_msg(ask("GET", "/things", WITH("HTTP_IF_NONE_MATCH", other[i]), NULL) == 200, "%s", other[i]);
  ck_assert_int_eq(ask("HEAD", "/things", NULL, NULL), 200);
  ck_assert_uint_eq(answer.length, 0);
}
END_TEST

START_TEST(no_value_can_begin_another_header) {
  ck_assert_int_eq(ask("GET", "/forge", NULL, NULL), 201);
  ck_assert_ptr_null(strstr(answer.head, "\r\nSet-Cookie"));
  ck_assert_ptr_nonnull(strstr(answer.head, "Location: /aSet-Cookie: forged=1\r\n"));
  /* RFC 6266: plain for old readers, percent-encoded for all others. */
  ck_assert_ptr_nonnull(
      strstr(answer.head,
             "filename=\"r__sum____1___.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22%0D%0A.pdf\r\n"));
  ck_assert_str_eq(answer.body, "%PDF");
}
END_TEST

START_TEST(unknown_addresses_and_methods) {
  ask("GET", "/nothing/here", NULL, NULL);
  refused(404, "not_found");
  ask("PUT", "/things", WITH(JSON), "{}");
  refused(405, "method_not_allowed");
  ck_assert_ptr_nonnull(strstr(answer.head, "Allow: GET, HEAD, POST, PATCH, OPTIONS\r\n"));
  ck_assert_ptr_null(strstr(answer.head, "Accept-Post"));
  ask("GET", "/eyes", NULL, NULL);
  refused(404, "not_found");
  ck_assert_int_eq(ask("GET", "/eyes", WITH("REMOTE_ADDR", "::1"), NULL), 200);
}
END_TEST

/* curl's torture: each allocation fails once, and each time a whole answer comes and nothing else breaks. */
START_TEST(every_allocation_may_fail) {
  static const struct {
    const char *method, *uri, *body;
  } cases[] = {{"POST", "/things", "{\"name\":\"Pat\"}"},
               {"POST", "/things", "{\"name\":7,\"x\":1}"},
               {"GET", "/things?limit=5", NULL},
               {"GET", "/things?limit=x", NULL},
               {"PUT", "/things", NULL},
               {"OPTIONS", "/things", NULL},
               {"GET", "/forge", NULL}};
  struct arena *arena = dispatcher_arena(dispatcher);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int whole = ask(cases[i].method, cases[i].uri, WITH(JSON, "HTTP_USER_AGENT", "x"), cases[i].body);
    bool failed = true;
    unsigned long after;
    for (after = 1; failed; after++) {
      arena_fail_after(arena, after);
      int status = ask(cases[i].method, cases[i].uri, WITH(JSON, "HTTP_USER_AGENT", "x"), cases[i].body);
      failed = arena_failed(arena);
      ck_assert_msg(status == 500 || status == whole || status == 422, "%s %s: allocation %lu: %d",
                    cases[i].method, cases[i].uri, after, status);
    }
    arena_fail_after(arena, 0);
    ck_assert_uint_gt(after, 3);
  }
}
END_TEST

START_TEST(an_answer_in_pieces_is_complete_or_breaks_off_and_is_never_held_in_memory) {
  ck_assert_int_eq(ask("GET", "/pieces/100", NULL, NULL), 200);
  ck_assert_uint_eq(answer.length, (size_t)PIECES * REQUEST_PIECE_SIZE);
  ck_assert_ptr_nonnull(strstr(answer.head, "Content-Length: 8388608\r\n"));
  ck_assert_uint_lt(arena_used(dispatcher_arena(dispatcher)), 2 * REQUEST_PIECE_SIZE);
  ck_assert_int_eq(ask("GET", "/pieces/5", NULL, NULL),
                   -1); /* without END_REQUEST nginx takes it for cut off */
  ck_assert_uint_eq(answer.length, 4 * (size_t)REQUEST_PIECE_SIZE);
  ck_assert_int_eq(ask("HEAD", "/pieces/100", NULL, NULL), 200);
  ck_assert_uint_eq(answer.length, 0);
  ck_assert_ptr_nonnull(strstr(answer.head, "Content-Length: 8388608\r\n"));
}
END_TEST

START_TEST(the_answer_is_what_accept_asks_for) {
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_ACCEPT", "text/csv;bom=true"), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"csv\":true,\"bom\":true"));
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_ACCEPT", "text/csv"), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"csv\":true,\"bom\":false"));
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_ACCEPT", "*/*"), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"csv\":false"));
  ck_assert_int_eq(ask("GET", "/forge", WITH("HTTP_ACCEPT", "application/pdf"), NULL), 201);
  handled = 0;
  ask("GET", "/things", WITH("HTTP_ACCEPT", "application/xml"), NULL);
  refused(406, "not_acceptable");
  ck_assert_str_eq(member("detail"), "Accept application/json or text/csv here.");
  ask("POST", "/things", WITH(JSON, "HTTP_ACCEPT", "text/csv"), "{\"name\":\"x\"}");
  refused(406, "not_acceptable");
  ck_assert_str_eq(member("detail"), "Accept application/json here.");
}
END_TEST

START_TEST(options_says_what_an_address_takes_to_anybody) {
  ck_assert_int_eq(ask("OPTIONS", "/things", NULL, NULL), 204);
  ck_assert_ptr_nonnull(strstr(answer.head, "Allow: GET, HEAD, POST, PATCH, OPTIONS\r\n"));
  ck_assert_ptr_nonnull(strstr(answer.head, "Accept-Post: application/json\r\n"));
  ck_assert_ptr_nonnull(strstr(answer.head, "Accept-Patch: application/json\r\n"));
  ck_assert_ptr_null(strstr(answer.head, "\r\nContent-Type:"));
  ck_assert_uint_eq(answer.length, 0);
  ck_assert_int_eq(ask("OPTIONS", "/mine", NULL, NULL), 204);
  ck_assert_int_eq(ask("OPTIONS", "/things/4", NULL, NULL), 204);
  ck_assert_ptr_nonnull(strstr(answer.head, "Allow: PUT, DELETE, OPTIONS\r\n"));
  ck_assert_ptr_null(strstr(answer.head, "Accept-Post"));
  ask("OPTIONS", "/nothing/here", NULL, NULL);
  refused(404, "not_found");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("dispatch");
  TCase *tests = tcase_create("dispatch");
  tcase_add_checked_fixture(tests, gate_set_up, gate_tear_down);
  tcase_add_test(tests, every_answer_carries_its_headers);
  tcase_add_test(tests, no_value_can_begin_another_header);
  tcase_add_test(tests, unknown_addresses_and_methods);
  tcase_add_test(tests, every_allocation_may_fail);
  tcase_add_test(tests, an_answer_in_pieces_is_complete_or_breaks_off_and_is_never_held_in_memory);
  tcase_add_test(tests, the_answer_is_what_accept_asks_for);
  tcase_add_test(tests, options_says_what_an_address_takes_to_anybody);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
