/*
 * The Accept header: which representation is chosen, and when none is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>

#include "accept.h"

static bool bom;

static enum accept_choice list(const char *accept) { return accept_choose(accept, true, NULL, &bom); }
static enum accept_choice thing(const char *accept) { return accept_choose(accept, false, NULL, &bom); }

/* RFC 9110 section 12.5.1: the weight of the most specific range counts. JSON unless CSV is preferred. */
START_TEST(csv_is_chosen_when_it_is_preferred_to_json) {
  static const char *const csv[] = {"text/csv",
                                    "TEXT/CSV; charset=utf-8",
                                    "text/*",
                                    "text/html, text/csv;q=0.1",
                                    "application/json;q=0.5, text/csv",
                                    "text/csv ; q=0.9 , application/json ; Q=0.8",
                                    "text/csv;q=0.002,*/*;q=0.001",
                                    "text/csv, application/*;q=0.9",
                                    "text/csv;note=\"a, b;q=0\\\"\"",
                                    ",, ,text/csv,",
                                    "text/csv;q=1.000",
                                    "text/*;q=0.1, text/csv;q=0.9, */*;q=0.5"};
  static const char *const json[] = {"*/*",
                                     "text/html,*/*",
                                     "text/csv, application/json",
                                     "application/json, text/csv",
                                     "text/csv, */*",
                                     "text/csv;q=0.5, application/json;q=0.6",
                                     "application/*;q=0.1",
                                     "application/problem+json",
                                     "application/json;q=0.001"};
  for (size_t i = 0; i < sizeof csv / sizeof csv[0]; i++)
    ck_assert_msg(list(csv[i]) == ACCEPT_CSV, "%s", csv[i]);
  for (size_t i = 0; i < sizeof json / sizeof json[0]; i++)
    ck_assert_msg(list(json[i]) == ACCEPT_JSON, "%s", json[i]);
}
END_TEST

START_TEST(what_we_do_not_have_is_not_acceptable) {
  static const char *const none[] = {"application/xml",
                                     "text/html",
                                     "text/csv;q=0",
                                     "text/csv;q=0.000",
                                     "text/csv;q=0, text/html",
                                     "text/csvx",
                                     "text/csv-schema",
                                     "x-text/csv",
                                     "*/*;q=0",
                                     "text/html;alt=\"x, text/csv\"",
                                     "application/json;q=0"};
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
    ck_assert_msg(list(none[i]) == ACCEPT_NOTHING, "%s", none[i]);
  ck_assert_int_eq(thing("text/csv"), ACCEPT_NOTHING);
  ck_assert_int_eq(thing("text/csv, application/json"), ACCEPT_JSON);
}
END_TEST

START_TEST(a_malformed_header_counts_as_not_sent) {
  static const char *const odd[] = {"",
                                    "csv",
                                    "text/csv/x",
                                    "text/csv;q=2",
                                    "text/csv;q=",
                                    "text/csv;q=x",
                                    "text/csv;q=0.1234",
                                    "text/csv;q=1.5",
                                    "text/csv;note=\"open",
                                    "*/csv",
                                    ",",
                                    "text/"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
    ck_assert_msg(list(odd[i]) == ACCEPT_JSON, "%s", odd[i]);
  ck_assert_int_eq(list(NULL), ACCEPT_JSON);
  ck_assert_int_eq(list("csv, application/xml"), ACCEPT_NOTHING); /* the rest is well formed */
}
END_TEST

START_TEST(a_route_with_its_own_type_takes_that_and_json) {
  static const char pdf[] = "application/pdf";
  ck_assert_int_eq(accept_choose("application/pdf", false, pdf, &bom), ACCEPT_JSON);
  ck_assert_int_eq(accept_choose("application/json", false, pdf, &bom), ACCEPT_JSON);
  ck_assert_int_eq(accept_choose("application/*", false, pdf, &bom), ACCEPT_JSON);
  ck_assert_int_eq(accept_choose("application/pdfx", false, pdf, &bom), ACCEPT_NOTHING);
  ck_assert_int_eq(accept_choose("image/png", false, pdf, &bom), ACCEPT_NOTHING);
}
END_TEST

START_TEST(a_byte_order_mark_is_asked_for) {
  static const struct {
    const char *accept;
    bool bom;
  } cases[] = {{"text/csv; bom=true", true},
               {"text/csv;charset=utf-8;BOM=TRUE", true},
               {"text/csv", false},
               {"text/csv; bom=false", false},
               {"text/csv; bom=1", false},
               {"application/json;q=0.1, text/csv;bom=true;q=0.5", true},
               {"application/json; bom=true, text/csv;q=0.5", false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    list(cases[i].accept);
    ck_assert_msg(bom == cases[i].bom, "%s", cases[i].accept);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("accept");
  TCase *tests = tcase_create("accept");
  tcase_add_test(tests, csv_is_chosen_when_it_is_preferred_to_json);
  tcase_add_test(tests, what_we_do_not_have_is_not_acceptable);
  tcase_add_test(tests, a_malformed_header_counts_as_not_sent);
  tcase_add_test(tests, a_route_with_its_own_type_takes_that_and_json);
  tcase_add_test(tests, a_byte_order_mark_is_asked_for);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
