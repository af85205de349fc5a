/*
 * Input against its declaration: pasted values are cleaned, and every error is
 * reported in words, all at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "format/json_in.h"

static struct arena *arena;
static struct field_result result;

static void set_up(void) { arena = arena_new(0); }
static void tear_down(void) { arena_free(arena); }

static const char *const functions[] = {"claims", "eligibility", NULL};
static const struct field fields[] = {{"name", FIELD_NAME, FIELD_REQUIRED, 0, 0, NULL},
                                      {"note", FIELD_LONG_TEXT, FIELD_OPTIONAL, 0, 20, NULL},
                                      {"city", FIELD_TEXT, FIELD_OPTIONAL, 2, 10, NULL},
                                      {"password", FIELD_PASSWORD, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"code", FIELD_CODE, FIELD_OPTIONAL, 6, 12, NULL},
                                      {"npi", FIELD_NPI, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"mbi", FIELD_MBI, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"tin", FIELD_TIN, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"user_id", FIELD_USER_ID, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"email", FIELD_EMAIL, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"born_on", FIELD_DATE, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"amount", FIELD_MONEY, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
                                      {"lso", FIELD_BOOLEAN, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"claim_id", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"function", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, functions},
                                      {"functions", FIELD_CHOICES, FIELD_OPTIONAL, 0, 0, functions},
                                      {"ids", FIELD_IDS, FIELD_OPTIONAL, 0, 3, NULL},
                                      {"numbers", FIELD_INTEGERS, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"nickname", FIELD_NAME, FIELD_NULLABLE, 0, 0, NULL},
                                      {"until", FIELD_DATE, FIELD_NULLABLE, 0, 0, NULL},
                                      {"groups", FIELD_IDS, FIELD_NULLABLE, 0, 0, NULL},
                                      {0}};

static void read_body(const char *body) {
  json_t *value;
  ck_assert_msg(json_in_parse(arena, body, strlen(body), &value) == JSON_IN_GOOD, "%s", body);
  ck_assert(field_read_json(arena, fields, value, &result));
}

static const char *value_of(const char *name) {
  for (size_t i = 0; fields[i].name != NULL; i++)
    if (strcmp(fields[i].name, name) == 0) return result.values[i];
  return NULL;
}

static size_t error_count(void) {
  size_t count = 0;
  for (const struct field_error *error = result.errors; error != NULL; error = error->next) count++;
  return count;
}

static const char *only_code(void) {
  ck_assert_uint_eq(error_count(), 1);
  ck_assert_uint_gt(strlen(result.errors->message), 5);
  return result.errors->code;
}

/* {"name":"A","<field>":<json>} */
static void read_one(const char *field, const char *json) {
  arena_reset(arena);
  read_body(arena_format(arena, "{\"name\":\"A\",\"%s\":%s}", field, json));
}

START_TEST(pasted_values_are_cleaned) {
  static const struct {
    const char *field, *json, *value;
  } cases[] = {
      {"city", "\"  Boston\\u00a0\"", "Boston"},
      {"city", "\"\\ufeffBoston\\u200b\"", "Boston"},
      {"note", "\"line\\r\\n\\ttwo\"", "line\n two"}, /* a tab becomes a blank */
      {"note", "\"so\\u00adft\\u200b\\ufeff\"", "soft"},
      {"npi", "\" 1234 567-893 \"", "1234567893"},
      {"mbi", "\"1eg4-te5-mk73\"", "1EG4TE5MK73"},
      {"mbi", "\"1EG4\\u2013TE5\\u2013MK73\"", "1EG4TE5MK73"},
      {"code", "\" 12 34-56 \"", "123456"},
      {"code", "\"abcd-efgh\"", "ABCDEFGH"},
      {"user_id", "\"abcd123\"", "ABCD123"},
      {"email", "\" Pat@Example.org \"", "pat@example.org"},
      {"amount", "\"$1,234.5\"", "1234.50"},
      {"amount", "\"0012\"", "12.00"},
      {"amount", "\"9,999,999,999.99\"", "9999999999.99"},
      {"amount", "\"0\"", "0.00"},
      {"born_on", "\" 2024-02-29 \"", "2024-02-29"},
      {"limit", "100", "100"},
      {"lso", "false", "false"},
      {"claim_id", "\"9223372036854775807\"", "9223372036854775807"},
      {"function", "\"claims\"", "claims"},
      {"functions", "[\"eligibility\",\"claims\"]", "{eligibility,claims}"},
      {"functions", "[]", "{}"},
      {"ids", "[\"1\",\"2\"]", "{1,2}"},
      {"numbers", "[1,20]", "{1,20}"},
      {"password", "\"  kept as it is  \"", "  kept as it is  "},
      {"limit", "5.0", "5"},
      {"limit", "5e0", "5"},
      {"limit", "0.5e1", "5"},
      {"limit", "1E2", "100"},
      {"numbers", "[1.0,2e0]", "{1,2}"},
      {"note", "\"\"", NULL},
      {"note", "\" \\u3000 \"", NULL},
      {"nickname", "\"\"", NULL},
      {"nickname", "null", NULL},
      {"until", "null", NULL},
      {"groups", "null", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    read_one(cases[i].field, cases[i].json);
    ck_assert_msg(result.errors == NULL, "%s %s: %s", cases[i].field, cases[i].json,
                  result.errors == NULL ? "" : result.errors->code);
    if (cases[i].value == NULL) ck_assert_ptr_null(value_of(cases[i].field));
    else ck_assert_str_eq(value_of(cases[i].field), cases[i].value);
  }
}
END_TEST

static const struct {
  const char *field, *json, *code;
} errors[] = {
    {"city", "\"\"", "empty"},
    {"city", "\" \\u3000 \"", "empty"},
    {"city", "null", "null_not_allowed"},
    {"note", "null", "null_not_allowed"},
    {"born_on", "\"\"", "empty"},
    {"born_on", "\" \"", "empty"},
    {"born_on", "null", "null_not_allowed"},
    {"until", "\"\"", "empty"},
    {"npi", "\"\"", "empty"},
    {"code", "\"\"", "empty"},
    {"password", "\"\"", "empty"},
    {"claim_id", "\"\"", "empty"},
    {"function", "\"\"", "empty"},
    {"function", "null", "null_not_allowed"},
    {"functions", "null", "null_not_allowed"},
    {"lso", "null", "null_not_allowed"},
    {"limit", "null", "null_not_allowed"},
    {"limit", "5.5", "wrong_type"},
    {"limit", "1e30", "wrong_type"},
    {"numbers", "[1,1.0]", "doubled"},
    {"numbers", "[1.5]", "wrong_type"},
    {"city", "\"B\"", "too_short"},
    {"city", "\"01234567890\"", "too_long"},
    {"city", "\"a\\u0007b\"", "control_character"},
    {"city", "\"a\\u202eb\"", "control_character"},
    {"city", "\"a\\nb\"", "control_character"},
    {"city", "[\"a\"]", "wrong_type"},
    {"note", "\"123456789012345678901\"", "too_long"},
    {"code", "\"12345\"", "code_form"},
    {"code", "\"12345\\u0661\"", "code_form"},
    {"npi", "\"1234567890\"", "npi_check_digit"},
    {"tin", "\"1234\"", "tin_last_five"},
    {"born_on", "\"2023-02-29\"", "date_form"},
    {"born_on", "\"11/21/2026\"", "date_form"},
    {"born_on", "\"2026-11-21T00:00\"", "date_form"},
    {"amount", "\"1.234\"", "money_form"},
    {"amount", "\"1,23\"", "money_form"},
    {"amount", "\"12,34,567\"", "money_form"},
    {"amount", "\"-5\"", "money_form"},
    {"amount", "\".\"", "money_form"},
    {"amount", "\"1.\"", "money_form"},
    {"amount", "\"$\"", "money_form"},
    {"amount", "\"10000000000.00\"", "money_form"},
    {"amount", "12.5", "wrong_type"},
    {"limit", "0", "out_of_range"},
    {"limit", "101", "out_of_range"},
    {"limit", "\"5\"", "wrong_type"},
    {"limit", "1.5", "wrong_type"},
    {"lso", "\"true\"", "wrong_type"},
    {"claim_id", "\"0\"", "id_form"},
    {"claim_id", "\"9223372036854775808\"", "id_form"},
    {"claim_id", "7", "wrong_type"},
    {"function", "\"Claims\"", "not_a_choice"},
    {"functions", "[\"claims\",\"claims\"]", "doubled"},
    {"functions", "[\"claims\",1]", "wrong_type"},
    {"functions", "[\"\"]", "empty_entry"},
    {"functions", "\"claims\"", "wrong_type"},
    {"ids", "[\"1\",\"x\"]", "id_form"},
    {"ids", "[\"1\",\"2\",\"3\",\"4\"]", "list_length"},
    {"numbers", "[\"1\"]", "wrong_type"},
    {"nobody_declared_this", "1", "unknown_field"},
    {"Bad \\u0001 name", "1", "unknown_field"},
};

START_TEST(every_error_has_a_code_word) {
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    read_one(errors[i].field, errors[i].json);
    ck_assert_msg(result.errors != NULL, "%s %s", errors[i].field, errors[i].json);
    ck_assert_str_eq(only_code(), errors[i].code);
  }
}
END_TEST

START_TEST(all_errors_are_reported_at_once_in_the_order_of_the_table) {
  read_body("{\"npi\":\"1\",\"born_on\":\"x\",\"limit\":0,\"extra\":1}");
  static const char *const expected[] = {"name", "npi", "born_on", "limit", "extra"};
  const struct field_error *error = result.errors;
  for (size_t i = 0; i < 5; i++, error = error->next) {
    ck_assert_ptr_nonnull(error);
    ck_assert_str_eq(error->field, expected[i]);
  }
  ck_assert_ptr_null(error);
}
END_TEST

/* 100,000 faults are counted, and the first 20 are said. */
START_TEST(errors_are_capped_and_the_rest_is_counted) {
  size_t size = 1000000, at = 0;
  char *body = malloc(size);
  at += (size_t)snprintf(body, size, "{\"name\":\"A\"");
  for (int i = 0; i < 60000; i++) at += (size_t)snprintf(body + at, size - at, ",\"a%d\":1", i);
  snprintf(body + at, size - at, "}");
  read_body(body);
  ck_assert_uint_eq(error_count(), PROBLEM_ERRORS_MOST);
  ck_assert_uint_eq(result.more_errors, 60000 - PROBLEM_ERRORS_MOST);
  ck_assert_uint_lt(arena_used(arena), 64 * 1024);
  free(body);
  char query[4000];
  at = (size_t)snprintf(query, sizeof query, "name=A");
  for (int i = 0; i < 30; i++) at += (size_t)snprintf(query + at, sizeof query - at, "&b%d=1", i);
  ck_assert(field_read_query(arena, fields, query, &result));
  ck_assert_uint_eq(error_count(), 20);
  ck_assert_uint_eq(result.more_errors, 10);
}
END_TEST

/* Beyond the cap a missing field is still counted once. */
START_TEST(a_required_field_counts_beyond_the_cap) {
  static struct field many[31];
  static char names[30][16];
  for (int i = 0; i < 30; i++) {
    snprintf(names[i], sizeof names[i], "f%d", i);
    many[i] = (struct field){names[i], FIELD_INTEGER, FIELD_REQUIRED, 1, 9, NULL};
  }
  json_t *value;
  ck_assert_int_eq(json_in_parse(arena, "{\"f29\":77}", 10, &value), JSON_IN_GOOD);
  ck_assert(field_read_json(arena, many, value, &result));
  ck_assert_uint_eq(error_count(), 20);
  ck_assert_uint_eq(result.more_errors, 10);
}
END_TEST

START_TEST(cleared_and_missing_fields_differ) {
  read_body("{\"name\":\"A\",\"until\":null,\"note\":\"\"}");
  ck_assert_ptr_null(result.errors);
  for (size_t i = 0; fields[i].name != NULL; i++) {
    bool sent = strcmp(fields[i].name, "name") == 0 || strcmp(fields[i].name, "until") == 0 ||
                strcmp(fields[i].name, "note") == 0;
    ck_assert_int_eq(result.given[i], sent);
  }
  ck_assert_ptr_null(value_of("until"));
  ck_assert_ptr_null(value_of("note"));
}
END_TEST

START_TEST(an_unknown_name_is_repeated_visibly_and_not_whole) {
  read_one("<b>\\u202e\\t", "1");
  ck_assert_str_eq(result.errors->field, "<b>\ufffd\u2409");
  char name[400], shown[200];
  for (size_t i = 0; i < 60; i++) memcpy(shown + 2 * i, "\u00e9", 3); /* and NUL */
  read_one(shown, "1");
  ck_assert_str_eq(result.errors->field, shown);
  (void)snprintf(name, sizeof name, "%sx", shown);
  memcpy(shown + 120, "\u2026", 4);
  read_one(name, "1");
  ck_assert_str_eq(result.errors->field, shown);
}
END_TEST

START_TEST(required_fields_are_reported) {
  static const char *const bodies[] = {"{}", "{\"name\":null}", "{\"name\":\"\"}", "{\"name\":\" \\u00a0\"}"};
  for (size_t i = 0; i < 4; i++) {
    read_body(bodies[i]);
    ck_assert_str_eq(only_code(), "required");
  }
  read_body("[]");
  ck_assert_str_eq(only_code(), "not_an_object");
}
END_TEST

static void read_query(const char *query) { ck_assert(field_read_query(arena, fields, query, &result)); }

START_TEST(query_strings_are_decoded_and_checked_alike) {
  read_query("name=A+%C3%B1&limit=25&&function=claims");
  ck_assert_ptr_null(result.errors);
  ck_assert_str_eq(value_of("name"), "A \xc3\xb1");
  ck_assert_str_eq(value_of("limit"), "25");
  static const struct {
    const char *query, *code;
  } cases[] = {{"name=A&limit=x", "not_a_number"},
               {"name=A&limit=1&limit=2", "doubled"},
               {"name=%4", "encoding"},
               {"name=%", "encoding"},
               {"name=%zz", "encoding"},
               {"name=%00", "not_utf8"},
               {"name=%ff", "not_utf8"},
               {"name=A&other=1", "unknown_field"},
               {"name=A&limit=", "empty"},
               {"name=A&limit", "empty"},
               {"name=A&function=", "empty"},
               {"name=A&born_on=+", "empty"},
               {"name=A&limit=5.5", "not_a_number"},
               {"name=A&limit=1e99", "not_a_number"},
               {"name=A&limit=[5]", "not_a_number"},
               {"name=A&limit=%225%22", "not_a_number"},
               {"limit=1", "required"},
               {"name=A&limit=101", "out_of_range"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    read_query(cases[i].query);
    ck_assert_msg(error_count() == 1, "%s: %zu", cases[i].query, error_count());
    ck_assert_str_eq(only_code(), cases[i].code);
  }
  read_query("name=A&limit=5.0");
  ck_assert_ptr_null(result.errors);
  ck_assert_str_eq(value_of("limit"), "5");
  read_query("name=A&limit=05");
  ck_assert_str_eq(value_of("limit"), "5");
  read_query(NULL);
  ck_assert_str_eq(only_code(), "required");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("field");
  TCase *tests = tcase_create("field");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, pasted_values_are_cleaned);
  tcase_add_test(tests, every_error_has_a_code_word);
  tcase_add_test(tests, all_errors_are_reported_at_once_in_the_order_of_the_table);
  tcase_add_test(tests, an_unknown_name_is_repeated_visibly_and_not_whole);
  tcase_add_test(tests, errors_are_capped_and_the_rest_is_counted);
  tcase_add_test(tests, a_required_field_counts_beyond_the_cap);
  tcase_add_test(tests, cleared_and_missing_fields_differ);
  tcase_add_test(tests, required_fields_are_reported);
  tcase_add_test(tests, query_strings_are_decoded_and_checked_alike);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
