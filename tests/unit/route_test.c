/*
 * The tables of routes: which paths match, which do not, and which tables are
 * refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "route.h"

static enum status handler(struct request *request) {
  (void)request;
  return STATUS_OK;
}

static const struct route claims[] = {{GET,
                                       "/api/v1/provider-accounts/{provider_account_id}/claims/{claim_id}",
                                       .right = RIGHT_CLAIMS, .handler = handler},
                                      {POST, "/api/v1/provider-accounts/{provider_account_id}/claims",
                                       .right = RIGHT_CLAIMS, .handler = handler},
                                      {0}};
static const struct route others[] = {{GET, "/api/v1/tokens", .handler = handler},
                                      {POST, "/api/v1/tokens", .handler = handler},
                                      {DELETE, "/api/v1/tokens/{token_id}", .handler = handler},
                                      {GET, "/api/v1/tokens/mine", .handler = handler},
                                      {GET, "/api/v1/tokens/{token_id}/uses", .handler = handler},
                                      {GET, "/api/v1/lists/{name}", .handler = handler},
                                      {GET, "/healthz", .handler = handler},
                                      {0}};
static const struct route *const tables[] = {claims, others, NULL};

static struct route_map *map;
static struct arena *arena;
static struct route_match match;

static void set_up(void) {
  arena = arena_new(0);
  map = route_map_new(tables, stderr);
  ck_assert_ptr_nonnull(map);
}

static void tear_down(void) {
  route_map_free(map);
  arena_free(arena);
}

static const char *find(const char *method, const char *path) {
  ck_assert(route_match(map, arena, method, path, strlen(path), &match));
  return match.route == NULL ? NULL : match.route->path;
}

START_TEST(paths_are_matched_with_their_parameters) {
  ck_assert_ptr_eq(find("GET", "/api/v1/provider-accounts/42/claims/9223372036854775807"), claims[0].path);
  ck_assert_str_eq(match.path[0], "42");
  ck_assert_str_eq(match.path[1], "9223372036854775807");
  ck_assert_ptr_null(match.path[2]);
  ck_assert_ptr_eq(find("POST", "/api/v1/provider-accounts/7/claims"), claims[1].path);
  ck_assert_uint_eq(match.number, 1);
  ck_assert_ptr_eq(find("GET", "/healthz"), others[6].path);
}
END_TEST

START_TEST(a_literal_goes_before_a_parameter) {
  ck_assert_ptr_eq(find("GET", "/api/v1/tokens/mine"), others[3].path);
  ck_assert_ptr_eq(find("GET", "/api/v1/tokens/5/uses"), others[4].path);
  ck_assert_ptr_eq(find("GET", "/api/v1/lists/mine"), others[5].path);
}
END_TEST

START_TEST(head_is_answered_as_get) {
  ck_assert_ptr_eq(find("HEAD", "/healthz"), others[6].path);
  ck_assert(match.head);
}
END_TEST

START_TEST(another_method_gets_the_list_of_those_allowed) {
  ck_assert_ptr_null(find("PUT", "/api/v1/tokens"));
  ck_assert_str_eq(route_allow(arena, match.allowed), "GET, HEAD, POST, OPTIONS");
  ck_assert_ptr_null(find("GET", "/api/v1/tokens/5"));
  ck_assert_str_eq(route_allow(arena, match.allowed), "DELETE, OPTIONS");
  static const char *const odd[] = {"", "get", "TRACE", "OPTIONS", "GETX", "CONNECT"};
  for (size_t i = 0; i < 6; i++) {
    ck_assert_ptr_null(find(odd[i], "/healthz"));
    ck_assert_uint_ne(match.allowed, 0);
  }
}
END_TEST

START_TEST(what_a_path_takes_is_known_without_its_method) {
  static const struct field fields[] = {{0}};
  static const struct route json = {.fields = fields},
                            file = {.flags = ROUTE_STREAM, .stream_type = "application/pdf"}, empty = {0};
  find("OPTIONS", "/api/v1/tokens");
  ck_assert_ptr_nonnull(match.post);
  ck_assert_ptr_null(match.patch);
  ck_assert_str_eq(route_body_type(&json), "application/json");
  ck_assert_str_eq(route_body_type(&file), "application/pdf");
  ck_assert_ptr_null(route_body_type(&empty));
  ck_assert_ptr_null(route_body_type(NULL));
}
END_TEST

START_TEST(an_id_is_a_positive_int8) {
  ck_assert(route_is_id("1", 1));
  ck_assert(route_is_id("9223372036854775807", 19));
  static const char *const odd[] = {
      "", "0", "01", "-1", "+1", "1a", " 1", "9223372036854775808", "10000000000000000000"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
    ck_assert_msg(!route_is_id(odd[i], strlen(odd[i])), "%s", odd[i]);
}
END_TEST

/* Nothing is decoded and nothing is tidied up: another spelling is another address. */
START_TEST(other_spellings_are_not_found) {
  static const char *const paths[] = {
      "",
      "/",
      "//",
      "/healthz/",
      "//healthz",
      "/healthz//",
      "/Healthz",
      "healthz",
      "/healthz%00",
      "/api/v1/tokens/",
      "/api/v1/tokens/0",
      "/api/v1/tokens/01",
      "/api/v1/tokens/-1",
      "/api/v1/tokens/+1",
      "/api/v1/tokens/1.0",
      "/api/v1/tokens/1%20",
      "/api/v1/tokens/9223372036854775808",
      "/api/v1/tokens/99999999999999999999",
      "/api/v1/../v1/tokens",
      "/api/v1/./tokens",
      "/api/v1/tokens/../tokens",
      "/api/v1/lists/Mine",
      "/api/v1/lists/a b",
      "/api/v1/lists/%6dine",
      "/api/v1/lists/",
      "/api/v1/lists/0123456789012345678901234567890123456789012345678901234567890123x"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    ck_assert_msg(find("DELETE", paths[i]) == NULL && match.allowed == 0, "DELETE %s", paths[i]);
    ck_assert_msg(find("GET", paths[i]) == NULL, "GET %s", paths[i]);
  }
}
END_TEST

START_TEST(a_faulty_table_is_refused) {
  static const struct route faulty[][3] = {
      {{GET, "no-slash", .handler = handler}},
      {{GET, "/a//b", .handler = handler}},
      {{GET, "/a/", .handler = handler}},
      {{GET, "/a", .handler = NULL}},
      {{METHOD_NONE, "/a", .handler = handler}},
      {{GET, "/{a}/{b}/{c}/{d}/{e}", .handler = handler}},
      {{GET, "/a/{b_id}", .handler = handler}, {GET, "/a/{c_id}", .handler = handler}},
      /* The right of a function is asked on the provider account of the path. */
      {{GET, "/claims/{claim_id}", .right = RIGHT_CLAIMS, .handler = handler}},
  };
  for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
    const struct route *const one[] = {faulty[i], NULL};
    char *text = NULL;
    size_t size = 0;
    FILE *faults = open_memstream(&text, &size);
    ck_assert_ptr_null(route_map_new(one, faults));
    fclose(faults);
    ck_assert_uint_gt(size, 0);
    free(text);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("route");
  TCase *tests = tcase_create("route");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, paths_are_matched_with_their_parameters);
  tcase_add_test(tests, a_literal_goes_before_a_parameter);
  tcase_add_test(tests, head_is_answered_as_get);
  tcase_add_test(tests, another_method_gets_the_list_of_those_allowed);
  tcase_add_test(tests, what_a_path_takes_is_known_without_its_method);
  tcase_add_test(tests, an_id_is_a_positive_int8);
  tcase_add_test(tests, other_spellings_are_not_found);
  tcase_add_test(tests, a_faulty_table_is_refused);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
