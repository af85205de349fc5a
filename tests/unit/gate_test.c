/*
 * The gate: what is refused before a handler runs, in which order, and with
 * which status.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cookie.h"
#include "gate_client.h"
#include "limit.h"
#include "secret/token.h"

START_TEST(a_good_request_reaches_its_handler) {
  ck_assert_int_eq(ask("POST", "/things", WITH(JSON), "{\"name\":\" Pat \"}"), 200);
  ck_assert_str_eq(member("name"), "Pat");
  ck_assert_int_eq(
      ask("POST", "/things", WITH("CONTENT_TYPE", "Application/JSON; charset=UTF-8"), "{\"name\":\"x\"}"),
      200);
  ck_assert_int_eq(ask("GET", "/things?limit=7", NULL, NULL), 200);
  ck_assert_str_eq(member("limit"), "7");
  ck_assert_int_eq(handled, 3);
}
END_TEST

START_TEST(size_and_type_are_checked_before_anything_is_read) {
  char large[1200];
  memset(large, ' ', sizeof large - 1);
  large[sizeof large - 1] = '\0';
  ask("POST", "/things", WITH(JSON), large);
  refused(413, "too_large");
  ask("POST", "/things", WITH(JSON), NULL);
  refused(411, "length_required");
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "-5"), "{}");
  refused(400, "content_length");
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "99999999999999999999"), "{}");
  refused(400, "content_length");
  static const char *const types[] = {"text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                                      "application/json; charset=latin1", "multipart/form-data; boundary=x"};
  for (size_t i = 0; i < 5; i++) {
    ask("POST", "/things", WITH("CONTENT_TYPE", types[i]), "{\"name\":\"x\"}");
    refused(415, "unsupported_type");
  }
  ask("POST", "/things", NULL, "{\"name\":\"x\"}");
  refused(415, "unsupported_type");
  ask("GET", "/things", NULL, "{}");
  refused(400, "body_not_allowed");
  ask("DELETE", "/things/4", NULL, "{}");
  refused(400, "body_not_allowed");
}
END_TEST

START_TEST(a_file_has_the_type_of_its_route) {
  static const char *const good[] = {"application/pdf", "Application/PDF; x=y", "application/octet-stream"};
  for (size_t i = 0; i < 3; i++)
    ck_assert_int_eq(ask("POST", "/files", WITH("CONTENT_TYPE", good[i]), "%PDF"), 200);
  ck_assert_int_eq(ask("POST", "/files", NULL, "%PDF"), 200);
  static const char *const bad[] = {"text/plain", "application/pdfx", "application/json"};
  for (size_t i = 0; i < 3; i++) {
    ask("POST", "/files", WITH("CONTENT_TYPE", bad[i]), "%PDF");
    refused(415, "unsupported_type");
  }
  ask("OPTIONS", "/files", NULL, NULL);
  ck_assert_ptr_nonnull(strstr(answer.head, "Accept-Post: application/pdf\r\n"));
}
END_TEST

/* A client that compresses and does not say so. */
START_TEST(a_gzip_body_is_recognized_by_its_first_bytes) {
  ask("POST", "/things", WITH(JSON), "\x1f\x8b\x08\x01");
  refused(415, "content_encoding");
}
END_TEST

/* Where nobody has entered, a body may hold a password, so what is kept of it is no plain SHA-256. */
START_TEST(the_hash_of_a_body_without_a_person_is_keyed) {
  static const char body[] = "{\"name\":\"x\"}";
  unsigned char plain[TOKEN_HASH_SIZE];
  char hex[TOKEN_HEX_SIZE], first[TOKEN_HEX_SIZE];
  ck_assert(token_sha256(body, strlen(body), plain));
  token_hex(plain, sizeof plain, hex);
  ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "a"), body);
  memcpy(first, member("hash"), sizeof first);
  ck_assert_str_ne(first, hex);
  ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "a"), body);
  ck_assert_str_eq(member("hash"), first);
  ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "b"), body);
  ck_assert_str_ne(member("hash"), first);
  ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "a"), "{\"name\":\"y\"}");
  ck_assert_str_ne(member("hash"), first);
}
END_TEST

START_TEST(a_body_must_be_as_long_as_it_says) {
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "40"), "{\"name\":\"x\"}");
  refused(400, "body_incomplete");
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "5"), "{\"name\":\"x\"}");
  refused(400, "body_incomplete");
  ask("POST", "/files", WITH("CONTENT_LENGTH", "40"), "short");
  ck_assert_int_eq(answer.status, 400);
  ck_assert_int_eq(ask("POST", "/files", NULL, "five."), 200);
  ck_assert_str_eq(answer.body, "5");
}
END_TEST

START_TEST(a_body_must_be_json_as_declared) {
  ask("POST", "/things", WITH(JSON), "{\"name\":");
  refused(400, "not_json");
  ask("POST", "/things", WITH(JSON), "{\"name\":\"a\",\"name\":\"b\"}");
  refused(400, "not_json");
  ask("POST", "/things", WITH(JSON), "");
  refused(400, "not_json");
  static const char *const values[] = {"[]", "null", "1", "true", "\"x\""};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    ask("POST", "/things", WITH(JSON), values[i]);
    refused(422, "fields");
    ck_assert_ptr_nonnull(strstr(answer.body, "{\"field\":\"\",\"code\":\"not_an_object\""));
  }
  ask("POST", "/things", WITH(JSON), "{\"name\":99999999999999999999}");
  refused(400, "not_json");
  ck_assert_ptr_nonnull(strstr(answer.body, "number"));
  ask("POST", "/things", WITH(JSON), "{\"other\":1}");
  refused(422, "fields");
  ck_assert_ptr_nonnull(strstr(answer.body, "{\"field\":\"name\",\"code\":\"required\""));
  ck_assert_ptr_nonnull(strstr(answer.body, "{\"field\":\"other\",\"code\":\"unknown_field\""));
  ask("GET", "/things?limit=0&x=1", NULL, NULL);
  refused(422, "fields");
}
END_TEST

START_TEST(metrics_are_for_the_machine_itself) {
  ask("GET", "/eyes", NULL, NULL);
  refused(404, "not_found");
  ck_assert_int_eq(ask("GET", "/eyes", WITH("REMOTE_ADDR", "127.0.0.1"), NULL), 200);
}
END_TEST

/* The browser says where an unsafe request comes from; only the portal itself may send one with its cookie.
 */
START_TEST(another_site_is_refused) {
  static const struct {
    const char *name, *value;
    int status;
  } cases[] = {
      {"HTTP_ORIGIN", "https://portal.example:8443", 200},
      {"HTTP_ORIGIN", "https://PORTAL.example:8443", 200},
      {"HTTP_ORIGIN", "http://portal.example:8443", 403},
      {"HTTP_ORIGIN", "https://portal.example", 403},
      {"HTTP_ORIGIN", "https://portal.example:8443.evil.example", 403},
      {"HTTP_ORIGIN", "null", 403},
      {"HTTP_SEC_FETCH_SITE", "same-origin", 200},
      {"HTTP_SEC_FETCH_SITE", "none", 200},
      {"HTTP_SEC_FETCH_SITE", "cross-site", 403},
      {"HTTP_SEC_FETCH_SITE", "same-site", 403},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    handled = 0;
    int status = ask("POST", "/things", WITH(JSON, cases[i].name, cases[i].value), "{\"name\":\"x\"}");
    ck_assert_msg(status == cases[i].status, "%s: %s: %d", cases[i].name, cases[i].value, status);
    if (status == 403) refused(403, "cross_site");
  }
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_SEC_FETCH_SITE", "cross-site"), NULL), 200);
}
END_TEST

START_TEST(a_missing_or_malformed_credential_is_401_before_the_body_is_parsed) {
  static const char forged[] = "Bearer cnx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000";
  static const struct {
    const char *name, *value;
    bool sent_token;
  } cases[] = {{"HTTP_COOKIE", "other=1", false},        {"HTTP_COOKIE", "__Host-connex=short", false},
               {"HTTP_AUTHORIZATION", "Bearer", false},  {"HTTP_AUTHORIZATION", "Bearer ", false},
               {"HTTP_AUTHORIZATION", "Bearerx", false}, {"HTTP_AUTHORIZATION", "Basic eDp5", false},
               {"HTTP_AUTHORIZATION", "Bearer x", true}, {"HTTP_AUTHORIZATION", "bearer  x", true},
               {"HTTP_AUTHORIZATION", forged, true}};
  ask("POST", "/mine", WITH(JSON), "{not even json");
  refused(401, "log_in");
  ck_assert_ptr_nonnull(strstr(answer.head, "WWW-Authenticate: Bearer\r\n"));
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ask("POST", "/mine", WITH(JSON, cases[i].name, cases[i].value), "{not even json");
    refused(401, cases[i].sent_token ? "invalid_token" : "log_in");
    ck_assert_ptr_nonnull(strstr(answer.head, cases[i].sent_token
                                                  ? "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
                                                  : "WWW-Authenticate: Bearer\r\n"));
  }
  /* A route that needs no credential looks at none. */
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_AUTHORIZATION", forged), NULL), 200);
}
END_TEST

START_TEST(a_well_formed_credential_goes_on_and_a_token_goes_before_a_cookie) {
  static const char api[] = "cnx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2SvgxT";
  char secret[TOKEN_SECRET_SIZE], cookie[200], bearer[100];
  ck_assert(token_secret(secret));
  snprintf(cookie, sizeof cookie, "theme=dark; __Host-connex=%s ; x=y", secret);
  snprintf(bearer, sizeof bearer, "bearer %s", api);
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_COOKIE", cookie), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"token\":false"));
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_AUTHORIZATION", bearer), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"token\":true"));
  snprintf(bearer, sizeof bearer, "Bearer  %s", api); /* RFC 9110 section 11.4: 1*SP */
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_AUTHORIZATION", bearer), NULL), 200);
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_COOKIE", cookie, "HTTP_AUTHORIZATION", bearer), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"token\":true"));
  /* A good cookie does not help a bad token. */
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_COOKIE", cookie, "HTTP_AUTHORIZATION", "Bearer x"), NULL),
                   401);
}
END_TEST

START_TEST(the_cookie_is_found_by_its_whole_name_and_once) {
  const char *value;
  size_t length;
  ck_assert(cookie_find("a=b;__Host-connex=v1; c=d", &value, &length));
  ck_assert(length == 2 && memcmp(value, "v1", 2) == 0);
  ck_assert(
      !cookie_find("X__Host-connex=v; __Host-connex2=v; __host-connex=v; __Host-connex", &value, &length));
  ck_assert(!cookie_find("__Host-connex=v1; __Host-connex=v2", &value, &length));
  ck_assert(!cookie_find(";;; ; ", &value, &length));
  ck_assert(!cookie_find(NULL, &value, &length));
}
END_TEST

START_TEST(versions_and_keys_have_their_form) {
  ask("PUT", "/things/4", WITH(JSON), "{\"name\":\"x\"}");
  refused(428, "if_match_required");
  static const char *const bad[] = {
      "5", "\"\"", "\"x\"", "W/\"5\"", "\"5\", \"6\"", "*", "\"5", "\"1234567890123456789\""};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ask("PUT", "/things/4", WITH(JSON, "HTTP_IF_MATCH", bad[i]), "{\"name\":\"x\"}");
    refused(400, "if_match");
  }
  ck_assert_int_eq(ask("PUT", "/things/4", WITH(JSON, "HTTP_IF_MATCH", "\"5\""), "{\"name\":\"x\"}"), 200);
  ck_assert_str_eq(member("version"), "5");
  handled = 0;
  char long_key[102] = "";
  memset(long_key, 'k', 101);
  const char *const keys[] = {"two words", "", " ", "\xc3\xa9", "a\x7f", long_key};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", keys[i]), "{\"name\":\"x\"}");
    refused(400, "idempotency_key");
  }
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_IDEMPOTENCY_KEY", ""), NULL),
                   200); /* means nothing here */
  handled = 0;
  ck_assert_int_eq(ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "7f3c-1"), "{\"name\":\"x\"}"),
                   200);
  ck_assert_str_eq(member("key"), "7f3c-1");
  handled = 0; /* nginx 1.22 passes a header that was sent twice as two parameters */
  ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "a", "HTTP_IDEMPOTENCY_KEY", "b"),
      "{\"name\":\"x\"}");
  refused(400, "idempotency_key");
}
END_TEST

START_TEST(costly_routes_are_limited_by_address_first) {
  ck_assert_int_eq(limit_open(1, 3), 0);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(ask("POST", "/log-in", WITH(JSON), "{\"name\":\"x\"}"), 200);
  handled = 0;
  ask("POST", "/log-in", WITH(JSON), "{\"name\":\"x\"}");
  refused(429, "too_many");
  ck_assert_ptr_nonnull(strstr(answer.head, "Retry-After: "));
  ck_assert_int_eq(ask("POST", "/log-in", WITH(JSON, "REMOTE_ADDR", "192.0.2.8"), "{\"name\":\"x\"}"), 200);
  ck_assert_int_eq(ask("POST", "/things", WITH(JSON), "{\"name\":\"x\"}"), 200);
}
END_TEST

START_TEST(only_failures_count_where_success_is_a_proof) {
  ck_assert_int_eq(limit_open(1, 3), 0);
  for (int i = 0; i < 50; i++) ck_assert_int_eq(ask("POST", "/proof", WITH(JSON), "{\"name\":\"x\"}"), 200);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(ask("POST", "/proof", WITH(JSON), "{}"), 422);
  handled = 0;
  for (int i = 0; i < 3; i++) {
    ask("POST", "/proof", WITH(JSON), "{\"name\":\"x\"}");
    refused(429, "too_many");
  }
  ck_assert_int_eq(ask("POST", "/proof", WITH(JSON, "REMOTE_ADDR", "192.0.2.8"), "{\"name\":\"x\"}"), 200);
}
END_TEST

/* What a script that mixes up its headers is told. */
START_TEST(a_body_is_plain_json_without_a_mark) {
  ask("POST", "/things", WITH(JSON, "HTTP_CONTENT_ENCODING", "gzip"), "{\"name\":\"x\"}");
  refused(415, "content_encoding");
  ask("POST", "/files", WITH("HTTP_CONTENT_ENCODING", "br"), "five.");
  refused(415, "content_encoding");
  ask("POST", "/things", WITH(JSON), "\xef\xbb\xbf{\"name\":\"x\"}");
  refused(400, "byte_order_mark");
  ck_assert_int_eq(
      ask("POST", "/things", WITH(JSON, "HTTP_CONTENT_ENCODING", "Identity"), "{\"name\":\"x\"}"), 200);
}
END_TEST

/* 888 kB of unknown members: a short 422, and no more memory than any other request. */
START_TEST(a_body_of_nothing_but_errors_gets_a_short_answer) {
  enum { SIZE = 30000 };
  char *body = malloc(SIZE);
  size_t at = (size_t)snprintf(body, SIZE, "{\"name\":\"x\"");
  for (int i = 0; at < SIZE - 1000; i++) at += (size_t)snprintf(body + at, SIZE - at, ",\"b%d\":1", i);
  snprintf(body + at, SIZE - at, "}");
  settings.gate.body_limit = SIZE;
  ask("POST", "/things", WITH(JSON), body);
  settings.gate.body_limit = 1000;
  free(body);
  refused(422, "fields");
  ck_assert_uint_lt(answer.length, 4000);
  json_t *read = json_loads(answer.body, 0, NULL);
  ck_assert_uint_eq(json_array_size(json_object_get(read, "errors")), PROBLEM_ERRORS_MOST);
  json_decref(read);
  ck_assert_ptr_nonnull(strstr(member("detail"), " more. Nothing was saved."));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("gate");
  TCase *tests = tcase_create("gate");
  tcase_add_checked_fixture(tests, gate_set_up, gate_tear_down);
  tcase_add_test(tests, a_good_request_reaches_its_handler);
  tcase_add_test(tests, size_and_type_are_checked_before_anything_is_read);
  tcase_add_test(tests, a_file_has_the_type_of_its_route);
  tcase_add_test(tests, a_gzip_body_is_recognized_by_its_first_bytes);
  tcase_add_test(tests, the_hash_of_a_body_without_a_person_is_keyed);
  tcase_add_test(tests, a_body_must_be_as_long_as_it_says);
  tcase_add_test(tests, a_body_must_be_json_as_declared);
  tcase_add_test(tests, metrics_are_for_the_machine_itself);
  tcase_add_test(tests, another_site_is_refused);
  tcase_add_test(tests, a_missing_or_malformed_credential_is_401_before_the_body_is_parsed);
  tcase_add_test(tests, a_well_formed_credential_goes_on_and_a_token_goes_before_a_cookie);
  tcase_add_test(tests, the_cookie_is_found_by_its_whole_name_and_once);
  tcase_add_test(tests, versions_and_keys_have_their_form);
  tcase_add_test(tests, costly_routes_are_limited_by_address_first);
  tcase_add_test(tests, only_failures_count_where_success_is_a_proof);
  tcase_add_test(tests, a_body_is_plain_json_without_a_mark);
  tcase_add_test(tests, a_body_of_nothing_but_errors_gets_a_short_answer);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
