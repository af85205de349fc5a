/*
 * The CSV reader: RFC 4180 as real files have it, with limits for missing quotes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/csv_reader.h"
#include "x12_text.h"

/* Rows as text: fields between | and rows between lines. */
struct rows {
  char text[8192];
  size_t length;
  uint64_t stop_at;
  uint64_t last;
};

static bool take(void *context, const struct csv_row *row) {
  struct rows *rows = context;
  ck_assert_uint_eq(row->number, ++rows->last);
  for (size_t i = 0; i < row->count; i++) {
    ck_assert_int_eq(row->fields[i].text[row->fields[i].length], '\0');
    int written = snprintf(rows->text + rows->length, sizeof rows->text - rows->length, "%s%.40s",
                           i == 0 ? "" : "|", row->fields[i].text);
    rows->length += (size_t)written;
    ck_assert_uint_lt(rows->length, sizeof rows->text - 100);
  }
  rows->text[rows->length++] = '\n';
  rows->text[rows->length] = '\0';
  return row->number != rows->stop_at;
}

static enum csv_outcome run(const char *text, size_t length, size_t piece, struct rows *rows,
                            uint64_t stop_at) {
  struct text_source source = {text, length, 0, piece, 0};
  uint64_t count = 0;
  memset(rows, 0, sizeof *rows);
  rows->stop_at = stop_at;
  enum csv_outcome outcome = csv_reader_run(text_read, &source, take, rows, &count);
  ck_assert_uint_eq(count, rows->last);
  return outcome;
}

START_TEST(fields_quotes_and_line_ends_are_read_whatever_the_pieces) {
  const char *text = "\xEF\xBB\xBF"
                     "a,b,c\r\n\"x, y\",\"say \"\"hi\"\"\",\r\n\r\n,\"two\nlines\",z\n1,2,3";
  for (size_t piece = 1; piece < 60; piece++) {
    struct rows rows;
    ck_assert_int_eq(run(text, strlen(text), piece, &rows, 0), CSV_DONE);
    ck_assert_str_eq(rows.text, "a|b|c\nx, y|say \"hi\"|\n|two\nlines|z\n1|2|3\n");
  }
}
END_TEST

START_TEST(an_empty_file_has_no_row) {
  struct rows rows;
  ck_assert_int_eq(run("", 0, 10, &rows, 0), CSV_DONE);
  ck_assert_int_eq(run("\n\r\n\n", 4, 10, &rows, 0), CSV_DONE);
  ck_assert_uint_eq(rows.last, 0);
}
END_TEST

START_TEST(a_row_has_no_more_fields_than_there_is_room_for) {
  char text[CSV_FIELD_LIMIT + 1];
  struct rows rows;
  memset(text, ',', CSV_FIELD_LIMIT); /* so many commas are one field more */
  text[CSV_FIELD_LIMIT] = '\n';
  ck_assert_int_eq(run(text + 1, CSV_FIELD_LIMIT, 100, &rows, 0), CSV_DONE);
  ck_assert_uint_eq(rows.last, 1);
  ck_assert_int_eq(run(text, CSV_FIELD_LIMIT + 1, 100, &rows, 0), CSV_TOO_LONG);
}
END_TEST

START_TEST(an_unclosed_quote_is_reported_after_the_good_rows) {
  struct rows rows;
  ck_assert_int_eq(run("a,b\n1,\"2\n3,4\n", 13, 100, &rows, 0), CSV_UNCLOSED);
  ck_assert_str_eq(rows.text, "a|b\n");
}
END_TEST

START_TEST(an_endless_field_or_row_is_cut_off_at_its_limit) {
  size_t size = (size_t)CSV_ROW_LIMIT * 3;
  char *text = malloc(size);
  struct rows rows;
  memset(text, 'x', size);
  memcpy(text, "a,b\n\"", 5);
  ck_assert_int_eq(run(text, size, 100000, &rows, 0), CSV_TOO_LONG);
  ck_assert_uint_eq(rows.last, 1);
  memset(text, ',', size);
  ck_assert_int_eq(run(text, size, 100000, &rows, 0), CSV_TOO_LONG);
  ck_assert_uint_eq(rows.last, 0);
  free(text);
}
END_TEST

START_TEST(reading_stops_when_asked) {
  struct rows rows;
  ck_assert_int_eq(run("a\nb\nc\n", 6, 100, &rows, 2), CSV_STOPPED);
  ck_assert_uint_eq(rows.last, 2);
}
END_TEST

START_TEST(a_source_that_fails_is_reported) {
  struct text_source source = {"a,b\n1,2\n", 8, 0, 4, 4};
  struct rows rows;
  uint64_t count = 0;
  memset(&rows, 0, sizeof rows);
  ck_assert_int_eq(csv_reader_run(text_read, &source, take, &rows, &count), CSV_UNREADABLE);
  ck_assert_int_eq(errno, EIO);
}
END_TEST

START_TEST(a_nul_is_part_of_its_field) {
  struct rows rows;
  ck_assert_int_eq(run("a\0b,c\n", 6, 100, &rows, 0), CSV_DONE);
  ck_assert_str_eq(rows.text, "a|c\n"); /* as text up to the NUL; the length tells the rest */
}
END_TEST

int main(void) {
  Suite *suite = suite_create("csv");
  TCase *reading = tcase_create("reading");
  tcase_add_test(reading, fields_quotes_and_line_ends_are_read_whatever_the_pieces);
  tcase_add_test(reading, an_empty_file_has_no_row);
  tcase_add_test(reading, a_row_has_no_more_fields_than_there_is_room_for);
  tcase_add_test(reading, an_unclosed_quote_is_reported_after_the_good_rows);
  tcase_add_test(reading, an_endless_field_or_row_is_cut_off_at_its_limit);
  tcase_add_test(reading, reading_stops_when_asked);
  tcase_add_test(reading, a_source_that_fails_is_reported);
  tcase_add_test(reading, a_nul_is_part_of_its_field);
  suite_add_tcase(suite, reading);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
