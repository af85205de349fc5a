/*
 * The rows of the 835 load: each value of a remittance is under the column of its name, whatever the order of
 * the columns is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/remittance_rows.h"

enum { COLUMNS_MOST = 40, TEXT_SIZE = 4096 };

struct expected {
  const char *column, *value;
};

/* Splits text in place; returns how many parts there are. */
static size_t split(char *text, const char *separator, char *parts[COLUMNS_MOST]) {
  size_t count = 0;
  for (char *at = text; at != NULL && count < COLUMNS_MOST;) {
    char *end = strstr(at, separator);
    parts[count++] = at;
    if (end != NULL) *end = '\0';
    at = end == NULL ? NULL : end + strlen(separator);
  }
  return count;
}

/* The one row in `rows` has exactly these values under these columns, in any order. Empties the buffer. */
static void row_is(enum stage stage, struct byte_buffer *rows, const struct expected *expected,
                   size_t count) {
  char columns[TEXT_SIZE], values[TEXT_SIZE], *names[COLUMNS_MOST], *fields[COLUMNS_MOST];
  ck_assert(!rows->failed && rows->length > 0 && rows->length < TEXT_SIZE);
  snprintf(columns, sizeof columns, "%s", stage_targets[stage].columns);
  memcpy(values, rows->data, rows->length - 1);
  values[rows->length - 1] = '\0';
  ck_assert_int_eq(rows->data[rows->length - 1], '\n');
  ck_assert_uint_eq(split(columns, ", ", names), count);
  ck_assert_uint_eq(split(values, "\t", fields), count);
  for (size_t i = 0; i < count; i++) {
    size_t at = 0;
    while (at < count && strcmp(names[at], expected[i].column) != 0) at++;
    ck_assert_msg(at < count, "%s has no column %s", stage_targets[stage].table, expected[i].column);
    ck_assert_msg(strcmp(fields[at], expected[i].value) == 0, "%s.%s is %s, not %s",
                  stage_targets[stage].table, expected[i].column, fields[at], expected[i].value);
  }
  byte_buffer_free(rows);
}

#define ROW_IS(stage, rows, expected) row_is(stage, rows, expected, sizeof(expected) / sizeof(expected)[0])

static struct byte_buffer supplement = {.data = (char[]){"[[\"QTY\"]]"}, .length = 9};
static struct byte_buffer raw = {.data = (char[]){"CLP*1"}, .length = 5};

#define WITHOUT_ADJUSTMENTS                                                                                  \
  {"adjustment_groups", "\\N"}, {"adjustment_reasons", "\\N"}, {"adjustment_amounts", "\\N"}, {              \
    "adjustment_quantities", "\\N"                                                                           \
  }

START_TEST(a_claim) {
  const struct remittance_claim claim = {
      .number = 7,
      .segment_number = 70,
      .patient_control_no = "ACCOUNT",
      .status = "2",
      .charge = 1001,
      .paid = 2002,
      .patient_responsibility = 3003,
      .filing_indicator = "MB",
      .control_no = "CONTROL",
      .facility = "11",
      .frequency = "7",
      .drg = "470",
      .patient_last_name = "LAST",
      .patient_first_name = "FIRST",
      .patient_id = "PATIENT",
      .insured_id = "INSURED",
      .corrected_id = "CORRECTED",
      .rendering_provider_id = "RENDERING",
      .crossover_payer = "CROSSOVER",
      .corrected_payer = "PAYER",
      .from_on = "2026-01-02",
      .through_on = "2026-01-03",
      .received_on = "2026-01-04",
      .coverage_expires_on = "2026-01-05",
      .first_service_on = "2026-01-06",
      .last_service_on = "2026-01-07",
      .remark_codes = "{\"MA01\"}",
      .findings = "{\"of_the_reader\"}",
      .balanced = true,
      .supplement = &supplement,
      .raw = &raw,
  };
  static const struct expected expected[] = {
      {"number", "7"},
      {"segment", "70"},
      {"patient_control_no", "ACCOUNT"},
      {"clp_status", "2"},
      {"charge", "10.01"},
      {"paid", "20.02"},
      {"patient_responsibility", "30.03"},
      {"filing_indicator", "MB"},
      {"control_no", "CONTROL"},
      {"facility", "11"},
      {"frequency", "7"},
      {"drg", "470"},
      {"patient_last_name", "LAST"},
      {"patient_first_name", "FIRST"},
      {"patient_id", "PATIENT"},
      {"insured_id", "INSURED"},
      {"corrected_id", "CORRECTED"},
      {"rendering_provider_id", "RENDERING"},
      {"crossover_payer", "CROSSOVER"},
      {"corrected_payer", "PAYER"},
      {"from_on", "2026-01-02"},
      {"through_on", "2026-01-03"},
      {"received_on", "2026-01-04"},
      {"coverage_expires_on", "2026-01-05"},
      {"remark_codes", "{\"MA01\"}"},
      {"findings", "{\"of_the_loader\"}"},
      {"balanced", "t"},
      {"supplement", "[[\"QTY\"]]"},
      {"raw", "CLP*1"},
      WITHOUT_ADJUSTMENTS,
  };
  struct byte_buffer rows = {0};
  struct stage_adjustments none = {0};
  stage_add_claim(&rows, &claim, "{\"of_the_loader\"}", &none);
  ROW_IS(STAGE_CLAIM, &rows, expected);
}
END_TEST

/* Without dates of its own a claim has those of its lines; with a first day alone that is its last day too.
 */
START_TEST(the_days_of_a_claim) {
  static const struct {
    const char *from, *through, *first, *last, *from_on, *through_on;
  } cases[] = {{"", "", "2026-01-06", "2026-01-07", "2026-01-06", "2026-01-07"},
               {"2026-01-02", "", "2026-01-06", "2026-01-07", "2026-01-02", "2026-01-07"},
               {"2026-01-02", "", "", "", "2026-01-02", "2026-01-02"},
               {"2026-01-02", "2026-01-03", "2026-01-06", "2026-01-07", "2026-01-02", "2026-01-03"},
               {"", "", "", "", "\\N", "\\N"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct remittance_claim claim = {.supplement = &supplement, .raw = &raw};
    char days[64];
    struct byte_buffer rows = {0};
    snprintf(claim.from_on, sizeof claim.from_on, "%s", cases[i].from);
    snprintf(claim.through_on, sizeof claim.through_on, "%s", cases[i].through);
    snprintf(claim.first_service_on, sizeof claim.first_service_on, "%s", cases[i].first);
    snprintf(claim.last_service_on, sizeof claim.last_service_on, "%s", cases[i].last);
    struct stage_adjustments none = {0};
    stage_add_claim(&rows, &claim, "", &none);
    byte_buffer_add(&rows, "", 1);
    snprintf(days, sizeof days, "\t%s\t%s\t", cases[i].from_on, cases[i].through_on);
    ck_assert_msg(strstr(rows.data, days) != NULL, "case %zu: %s", i, rows.data);
    byte_buffer_free(&rows);
  }
}
END_TEST

START_TEST(a_line) {
  struct remittance_line line = {
      .claim_number = 7,
      .number = 3,
      .procedure_code = "99213",
      .modifiers = "{\"25\"}",
      .submitted_procedure_code = "99214",
      .revenue_code = "0450",
      .units = "2",
      .from_on = "2026-01-02",
      .through_on = "2026-01-03",
      .charge = 1001,
      .paid = 2002,
      .allowed = 3003,
      .allowed_given = true,
      .line_control_no = "LINE",
      .remark_codes = "{\"N211\"}",
      .supplement = &supplement,
  };
  struct expected expected[] = {
      {"number", "7"},
      {"line_no", "3"},
      {"procedure_code", "99213"},
      {"modifiers", "{\"25\"}"},
      {"submitted_procedure_code", "99214"},
      {"revenue_code", "0450"},
      {"units", "2"},
      {"from_on", "2026-01-02"},
      {"through_on", "2026-01-03"},
      {"charge", "10.01"},
      {"paid", "20.02"},
      {"line_control_no", "LINE"},
      {"remark_codes", "{\"N211\"}"},
      {"supplement", "[[\"QTY\"]]"},
      {"allowed", "30.03"},
      WITHOUT_ADJUSTMENTS,
  };
  struct byte_buffer rows = {0};
  struct stage_adjustments none = {0};
  stage_add_line(&rows, &line, &none);
  ROW_IS(STAGE_LINE, &rows, expected);
  line.allowed_given = false; /* not the same as allowed 0.00 */
  expected[14].value = "\\N";
  stage_add_line(&rows, &line, &none);
  ROW_IS(STAGE_LINE, &rows, expected);
}
END_TEST

/* They become arrays of one length in the row that follows, and are forgotten with it. COPY doubles a
 * backslash. */
START_TEST(adjustments_of_a_line) {
  static const struct remittance_adjustment kept[] = {
      {.group_code = "CO", .reason_code = "45", .amount = -5, .quantity = "1"},
      {.group_code = "PR", .reason_code = "a\"\\,", .amount = 1001}};
  struct expected expected[] = {
      {"number", "7"},
      {"line_no", "3"},
      {"charge", "0.00"},
      {"paid", "0.00"},
      {"supplement", "[[\"QTY\"]]"},
      {"procedure_code", "\\N"},
      {"modifiers", "\\N"},
      {"submitted_procedure_code", "\\N"},
      {"revenue_code", "\\N"},
      {"units", "\\N"},
      {"from_on", "\\N"},
      {"through_on", "\\N"},
      {"line_control_no", "\\N"},
      {"remark_codes", "\\N"},
      {"allowed", "\\N"},
      {"adjustment_groups", "{\"CO\",\"PR\"}"},
      {"adjustment_reasons", "{\"45\",\"a\\\\\"\\\\\\\\,\"}"},
      {"adjustment_amounts", "{-0.05,10.01}"},
      {"adjustment_quantities", "{1,NULL}"},
  };
  struct remittance_line line = {.claim_number = 7, .number = 3, .supplement = &supplement};
  struct stage_adjustments adjustments = {0};
  struct byte_buffer rows = {0};
  for (int i = 0; i < 2; i++) ck_assert(stage_keep_adjustment(&adjustments, &kept[i]));
  stage_add_line(&rows, &line, &adjustments);
  ROW_IS(STAGE_LINE, &rows, expected);
  ck_assert(stage_keep_adjustment(&adjustments, &kept[1]));
  stage_add_line(&rows, &line, &adjustments);
  expected[15].value = "{\"PR\"}";
  expected[16].value = "{\"a\\\\\"\\\\\\\\,\"}";
  expected[17].value = "{10.01}";
  expected[18].value = "\\N"; /* none has a quantity */
  ROW_IS(STAGE_LINE, &rows, expected);
  stage_free_adjustments(&adjustments);
}
END_TEST

START_TEST(no_more_adjustments_than_x12_has_room_for) {
  const struct remittance_adjustment adjustment = {.group_code = "CO", .reason_code = "45"};
  struct stage_adjustments adjustments = {0};
  for (int i = 0; i < STAGE_ADJUSTMENTS_MOST; i++)
    ck_assert(stage_keep_adjustment(&adjustments, &adjustment));
  ck_assert(!stage_keep_adjustment(&adjustments, &adjustment));
  stage_forget_adjustments(&adjustments);
  ck_assert(stage_keep_adjustment(&adjustments, &adjustment));
  stage_free_adjustments(&adjustments);
}
END_TEST

START_TEST(an_adjustment_of_the_provider) {
  const struct remittance_provider_adjustment of_provider = {.number = 4,
                                                             .provider_id = "PROVIDER",
                                                             .fiscal_on = "2026-12-31",
                                                             .reason_code = "WO",
                                                             .reference = "REFERENCE",
                                                             .amount = 1001};
  static const struct expected expected[] = {{"adjustment_no", "4"},      {"provider_id", "PROVIDER"},
                                             {"fiscal_on", "2026-12-31"}, {"reason_code", "WO"},
                                             {"reference", "REFERENCE"},  {"amount", "10.01"}};
  struct byte_buffer rows = {0};
  stage_add_provider_adjustment(&rows, &of_provider);
  ROW_IS(STAGE_PROVIDER_ADJUSTMENT, &rows, expected);
}
END_TEST

START_TEST(a_remittance) {
  const struct remittance remittance = {
      .amount = 1001,
      .credit = true,
      .method = "ACH",
      .paid_on = "2026-01-02",
      .produced_on = "2026-01-03",
      .payment_number = "PAYMENT",
      .originator_id = "ORIGINATOR",
      .payer_name = "PAYER NAME",
      .payer_id = "PAYER ID",
      .payer_number = "PAYER NUMBER",
      .payee_name = "PAYEE NAME",
      .payee_npi = "PAYEE NPI",
      .payee_tin = "PAYEE TIN",
      .payee_number = "PAYEE NUMBER",
      .findings = "{\"of_the_reader\"}",
      .claims = 9,
      .claims_refused = 2,
      .difference = INT64_MAX,
      .balanced = false,
      .supplement = &supplement,
      .raw = &raw,
  };
  const struct x12_envelope envelope = {.sender = "",
                                        .interchange_control = "000000013",
                                        .group_control = "6",
                                        .group_sender = "GROUP SENDER",
                                        .transaction_control = "0002"};
  const unsigned char digest[X12_DIGEST_SIZE] = {0x00, 0x01, 0xab, [31] = 0xff};
  static const struct expected expected[] = {
      {"claim_count", "7"},
      {"sender", ""},
      {"interchange_control", "000000013"},
      {"group_control", "6"},
      {"transaction_control", "0002"},
      {"group_sender", "GROUP SENDER"},
      {"sha256", "\\\\x0001ab00000000000000000000000000000000000000000000000000000000ff"},
      {"amount", "10.01"},
      {"credit", "t"},
      {"method", "ACH"},
      {"paid_on", "2026-01-02"},
      {"produced_on", "2026-01-03"},
      {"payment_number", "PAYMENT"},
      {"originator_id", "ORIGINATOR"},
      {"payer_name", "PAYER NAME"},
      {"payer_id", "PAYER ID"},
      {"payer_number", "PAYER NUMBER"},
      {"payee_name", "PAYEE NAME"},
      {"payee_npi", "PAYEE NPI"},
      {"payee_tin", "PAYEE TIN"},
      {"payee_number", "PAYEE NUMBER"},
      {"findings", "{\"of_the_loader\"}"},
      {"difference", "999999999999.99"},
      {"balanced", "f"},
      {"supplement", "[[\"QTY\"]]"},
      {"raw", "CLP*1"},
  };
  struct byte_buffer rows = {0};
  stage_add_remittance(&rows, &remittance, &envelope, digest, "{\"of_the_loader\"}");
  ROW_IS(STAGE_REMITTANCE, &rows, expected);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("remittance_rows");
  TCase *test = tcase_create("rows");
  tcase_add_test(test, a_claim);
  tcase_add_test(test, the_days_of_a_claim);
  tcase_add_test(test, a_line);
  tcase_add_test(test, adjustments_of_a_line);
  tcase_add_test(test, no_more_adjustments_than_x12_has_room_for);
  tcase_add_test(test, an_adjustment_of_the_provider);
  tcase_add_test(test, a_remittance);
  suite_add_tcase(suite, test);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
