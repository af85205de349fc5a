/*
 * Counters by route: what many processes count adds up, and the text is what
 * Prometheus reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics.h"

static enum status handler(struct request *request) {
  (void)request;
  return STATUS_OK;
}

static const struct route routes[] = {
    {GET, "/claims/{claim_id}", .handler = handler}, {POST, "/claims", .handler = handler}, {0}};
static const struct route *const tables[] = {routes, NULL};
static struct route_map *map;
static struct arena *arena;

static void set_up(void) {
  arena = arena_new(0);
  map = route_map_new(tables, stderr);
  ck_assert_int_eq(metrics_open(map), 0);
}

static void tear_down(void) {
  metrics_close();
  route_map_free(map);
  arena_free(arena);
}

static const char *text(void) {
  size_t length;
  const char *read = metrics_text(arena, "", &length);
  ck_assert_ptr_nonnull(read);
  ck_assert_int_eq(read[length - 1], '\n');
  return arena_text_n(arena, read, length);
}

#define HAS(line) ck_assert_msg(strstr(text(), line "\n") != NULL, "%s\n%s", line, text())

START_TEST(requests_are_counted_by_route_and_class) {
  metrics_count(0, 200, 900, 400, 100);
  metrics_count(0, 404, 100, 0, 50);
  metrics_count(1, 503, 20000000, 0, 10);
  metrics_count(METRICS_NO_ROUTE, 404, 5, 0, 5);
  HAS("connex_requests_total{method=\"GET\",route=\"/claims/{claim_id}\",status=\"2xx\"} 1");
  HAS("connex_requests_total{method=\"GET\",route=\"/claims/{claim_id}\",status=\"4xx\"} 1");
  HAS("connex_requests_total{method=\"POST\",route=\"/claims\",status=\"5xx\"} 1");
  HAS("connex_requests_total{method=\"\",route=\"none\",status=\"4xx\"} 1");
  HAS("connex_request_seconds_bucket{method=\"GET\",route=\"/claims/{claim_id}\",le=\"0.0005\"} 1");
  HAS("connex_request_seconds_bucket{method=\"GET\",route=\"/claims/{claim_id}\",le=\"0.001\"} 2");
  HAS("connex_request_seconds_bucket{method=\"GET\",route=\"/claims/{claim_id}\",le=\"+Inf\"} 2");
  HAS("connex_request_seconds_sum{method=\"GET\",route=\"/claims/{claim_id}\"} 0.001000");
  HAS("connex_request_seconds_bucket{method=\"POST\",route=\"/claims\",le=\"10\"} 0");
  HAS("connex_request_seconds_count{method=\"POST\",route=\"/claims\"} 1");
  HAS("connex_reply_bytes_total{method=\"GET\",route=\"/claims/{claim_id}\"} 150.000000");
}
END_TEST

START_TEST(the_counts_of_all_processes_add_up) {
  for (int process = 0; process < 4; process++) {
    if (fork() > 0) continue;
    for (int i = 0; i < 5000; i++) metrics_count(1, 201, 700, 10, 1);
    _exit(0);
  }
  while (wait(NULL) > 0) continue;
  HAS("connex_request_seconds_count{method=\"POST\",route=\"/claims\"} 20000");
  HAS("connex_requests_total{method=\"POST\",route=\"/claims\",status=\"2xx\"} 20000");
}
END_TEST

START_TEST(sqlstates_are_counted_in_any_process) {
  ck_assert(!metrics_sqlstate_within("53100", 0));
  if (fork() == 0) {
    metrics_sqlstate("53100", 5000);
    _exit(0);
  }
  wait(NULL);
  metrics_sqlstate("53100", 6000);
  metrics_sqlstate("40001", 7000);
  metrics_sqlstate("", 8000);
  HAS("connex_sqlstate_total{sqlstate=\"53100\"} 2");
  HAS("connex_sqlstate_total{sqlstate=\"40001\"} 1");
  ck_assert(metrics_sqlstate_within("53100", 6000));
  ck_assert(!metrics_sqlstate_within("53100", 6001));
  ck_assert(!metrics_sqlstate_within("57014", 0));
  char state[16];
  for (int i = 0; i < 100;
       i++) { /* more than there are places for: they are not counted, and nothing breaks */
    snprintf(state, sizeof state, "Z%04d", i % 10000);
    metrics_sqlstate(state, 9000);
  }
  HAS("connex_sqlstate_total{sqlstate=\"Z0061\"} 1");
  ck_assert_ptr_null(strstr(text(), "Z0062"));
}
END_TEST

START_TEST(without_memory_there_is_no_text) {
  size_t length;
  arena_fail_after(arena, 1);
  ck_assert_ptr_null(metrics_text(arena, "", &length));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("metrics");
  TCase *tests = tcase_create("metrics");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, requests_are_counted_by_route_and_class);
  tcase_add_test(tests, the_counts_of_all_processes_add_up);
  tcase_add_test(tests, sqlstates_are_counted_in_any_process);
  tcase_add_test(tests, without_memory_there_is_no_text);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
