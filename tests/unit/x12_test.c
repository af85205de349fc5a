/*
 * The X12 reader (standards.md section 5.3), point by point: what it skips, how it finds delimiters, what it
 * reports with which TA1 or 999 code, how it continues after a fault, and how it reads values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/x12.h"
#include "x12_text.h"

/* Everything a text gave, one thing per line: events, segments with their elements, findings with their
 * code. */
struct account {
  char text[65536];
  size_t length;
  int findings, transactions, segments;
  unsigned faults;                           /* of the last transaction */
  unsigned char digests[8][X12_DIGEST_SIZE]; /* of the first transactions */
  enum x12_event last;
};

static void note(struct account *account, const char *format, const char *first, const char *second) {
  size_t room = sizeof account->text - account->length;
  int written = snprintf(account->text + account->length, room, format, first, second);
  ck_assert_int_lt(written, (int)room);
  account->length += (size_t)written;
}

static void note_segment(struct account *account, const struct x12_segment *segment) {
  char value[256];
  account->segments++;
  for (size_t i = 0; i < segment->element_count; i++) {
    (void)x12_copy(segment->elements[i], value, sizeof value);
    note(account, i == 0 ? "%s%s" : "|%s%s", value, "");
  }
  note(account, "\n%s%s", "", "");
}

static void take(struct account *account, const struct x12_reader *reader, enum x12_event event) {
  const struct x12_envelope *envelope = x12_envelope(reader);
  switch (event) {
    case X12_INTERCHANGE:
      note(account, "interchange %s %s\n", envelope->sender, envelope->interchange_control);
      break;
    case X12_GROUP: note(account, "group %s %s\n", envelope->group_function, envelope->group_control); break;
    case X12_TRANSACTION:
      note(account, "transaction %s %s\n", envelope->transaction_set, envelope->transaction_control);
      break;
    case X12_SEGMENT: note_segment(account, x12_segment(reader)); break;
    case X12_TRANSACTION_END:
      account->faults = x12_transaction_faults(reader);
      if (account->transactions < 8)
        memcpy(account->digests[account->transactions], x12_transaction_digest(reader), X12_DIGEST_SIZE);
      account->transactions++;
      note(account, "end %s%s\n", envelope->transaction_control, "");
      break;
    case X12_GROUP_END: note(account, "group end%s%s\n", "", ""); break;
    case X12_INTERCHANGE_END: note(account, "interchange end%s%s\n", "", ""); break;
    case X12_FINDING:
      account->findings++;
      note(account, "finding %s [%s]\n", x12_finding(reader)->code, x12_finding(reader)->acknowledgment);
      break;
    case X12_END:
    case X12_FAILED: break;
  }
}

static struct account *read_with(const char *text, size_t length, size_t piece,
                                 const struct x12_options *options) {
  static struct account account;
  memset(&account, 0, sizeof account);
  struct text_source source = {text, length, 0, piece, 0};
  struct x12_reader *reader = x12_reader_new(text_read, &source, options);
  ck_assert_ptr_nonnull(reader);
  while ((account.last = x12_next(reader)) != X12_END && account.last != X12_FAILED)
    take(&account, reader, account.last);
  ck_assert_int_eq(x12_next(reader), account.last); /* it stays at the end */
  x12_reader_free(reader);
  return &account;
}

static struct account *read_text(const char *text) { return read_with(text, strlen(text), 4096, NULL); }

static bool says(const struct account *account, const char *words) {
  return strstr(account->text, words) != NULL;
}

#define ck_assert_says(account, words)                                                                       \
  ck_assert_msg(says(account, words), "'%s' is not in:\n%s", words, (account)->text)

/* ---------------------------------------------------------------- reading */

START_TEST(a_whole_interchange_is_read_without_a_finding) {
  struct account *account = read_text(TEST_ISA TEST_GS "ST*835*0001~BPR*I*1*C~SE*3*0001~" TEST_END);
  ck_assert_str_eq(
      account->text,
      "interchange SENDER 000000001\ngroup HP 1\ntransaction 835 0001\nBPR|I|1|C\nend 0001\ngroup end\n"
      "interchange end\n");
  ck_assert_uint_eq(account->faults, 0);
}
END_TEST

START_TEST(the_size_of_reads_does_not_matter) {
  const char *text = "\xEF\xBB\xBF  \r\n" TEST_ISA "\r\n" TEST_GS
                     "\r\nST*835*0001~\r\n  N1*PR*A B ~\nSE*3*0001~" TEST_END "\n\n";
  char *whole = strdup(read_text(text)->text);
  for (size_t piece = 1; piece < 300; piece++) {
    struct account *account = read_with(text, strlen(text), piece, NULL);
    ck_assert_str_eq(account->text, whole);
    ck_assert_int_eq(account->findings, 0);
  }
  free(whole);
}
END_TEST

START_TEST(blanks_and_line_ends_around_segments_are_ignored) {
  struct account *account =
      read_text(TEST_ISA "\n " TEST_GS "\r\n ST*835*0001 ~\r\n   TRN*1*5 6*  ~\r\nSE*3*0001~" TEST_END);
  ck_assert_says(account, "TRN|1|5 6|\n"); /* an empty last element stays */
  ck_assert_int_eq(account->findings, 0);
}
END_TEST

START_TEST(elements_are_trimmed_and_empty_ones_are_kept) {
  const char *text = TEST_ISA TEST_GS "ST*835*0001~CLP* a *2***MB~SE*3*0001~" TEST_END;
  struct text_source source = {text, strlen(text), 0, 4096, 0};
  struct x12_reader *reader = x12_reader_new(text_read, &source, NULL);
  enum x12_event event;
  bool seen = false;
  while ((event = x12_next(reader)) != X12_END) {
    const struct x12_segment *segment = x12_segment(reader);
    if (event == X12_SEGMENT) {
      seen = true;
      ck_assert(x12_is(x12_element(segment, 0), "CLP"));
      ck_assert(x12_is(x12_element(segment, 1), "a"));
      ck_assert_uint_eq(x12_element(segment, 3).length, 0);
      ck_assert(x12_is(x12_element(segment, 5), "MB"));
      ck_assert_uint_eq(x12_element(segment, 99).length, 0); /* beyond the last: empty, not a fault */
      ck_assert_uint_eq(segment->number, 4);
      ck_assert_uint_eq(segment->number_in_transaction, 2);
    }
  }
  ck_assert(seen);
  x12_reader_free(reader);
}
END_TEST

/* ---------------------------------------------------------------- delimiters: counted, not at offsets 82,
 * 104 and 105 (standards.md section 0, point 3) */

static struct x12_delimiters delimiters_of(const char *text) {
  struct text_source source = {text, strlen(text), 0, 4096, 0};
  struct x12_reader *reader = x12_reader_new(text_read, &source, NULL);
  struct x12_delimiters found = {0};
  enum x12_event event;
  while ((event = x12_next(reader)) != X12_END)
    if (event == X12_INTERCHANGE) found = x12_envelope(reader)->delimiters;
  x12_reader_free(reader);
  return found;
}

START_TEST(delimiters_are_found_by_counting) {
  struct x12_delimiters found = delimiters_of("ISA|00||00||ZZ|A|ZZ|B|261121|0600|^|00501|1|0|T|>!IEA|0|1!");
  ck_assert_int_eq(found.element, '|');
  ck_assert_int_eq(found.component, '>');
  ck_assert_int_eq(found.repetition, '^');
  ck_assert_int_eq(found.terminator, '!');
  found = delimiters_of("ISA*00*          *00*          *ZZ*A              *ZZ*B              "
                        "*261121*0600*U*00401*000000001*0*T*:\n"
                        "IEA*0*000000001\n");
  ck_assert_int_eq(found.terminator, '\n');
  ck_assert_int_eq(found.repetition, '\0'); /* ISA11 U is no separator in version 4010 */
  found = delimiters_of("ISA*00*          *00*          *ZZ*A              *ZZ*B              "
                        "*261121*0600*^*00501*000000001*0*T*:\r\n"
                        "IEA*0*000000001\r\n");
  ck_assert_int_eq(found.terminator, '\r'); /* and the line feed after it is a blank */
  found = delimiters_of("ISA*00*          *00*          *ZZ*A              *ZZ*B              "
                        "*261121*0600*^*00501*000000001*0*T*:\x1D");
  ck_assert_int_eq(found.terminator, '\x1D');
}
END_TEST

START_TEST(an_isa_of_another_width_is_read_and_reported) {
  struct account *account = read_text("ISA*00**00**ZZ*A*ZZ*B*261121*0600*^*00501*000000001*0*T*:~" TEST_GS
                                      "ST*835*0001~SE*2*0001~" TEST_END);
  ck_assert_says(account, "finding isa_width [TA105 024]");
  ck_assert_says(account, "transaction 835 0001");
  ck_assert_int_eq(account->findings, 1);
}
END_TEST

START_TEST(an_unreadable_isa_is_reported_and_the_next_one_is_read) {
  struct account *account = read_text("ISA*00*oops~" TEST_ISA TEST_GS "ST*835*0001~SE*2*0001~" TEST_END);
  ck_assert_says(account, "finding isa_unreadable [TA105 022]");
  ck_assert_says(account, "end 0001");
}
END_TEST

START_TEST(several_interchanges_may_have_different_delimiters_and_text_between) {
  struct account *account =
      read_text(TEST_ISA TEST_GS "ST*835*0001~SE*2*0001~" TEST_END "\r\n=== page 2 ===\r\n"
                                 "ISA|00|          |00|          |ZZ|OTHER          |ZZ|B              "
                                 "|261121|0600|^|00501|000000002|0|T|>!"
                                 "GS|HP|A|B|20261121|0600|7|X|005010X221A1!ST|835|0009!SVC|HC>99213|1|1!SE|3|"
                                 "0009!GE|1|7!IEA|1|000000002!");
  ck_assert_says(account, "finding text_outside [TA105 022]");
  ck_assert_says(account, "interchange OTHER 000000002");
  ck_assert_says(account, "SVC|HC>99213|1|1");
  ck_assert_int_eq(account->transactions, 2);
  ck_assert_int_eq(account->findings, 1);
}
END_TEST

START_TEST(a_bare_transaction_is_read_only_on_request) {
  const char *text = "ST*835*0001~BPR*I*1*C~SE*3*0001~ST*835*0002~SE*2*0002~";
  struct account *account = read_text(text);
  ck_assert_says(account, "finding envelope_missing [TA105 022]");
  ck_assert_int_eq(account->transactions, 0);
  struct x12_options options = {.without_envelope = true};
  account = read_with(text, strlen(text), 4096, &options);
  ck_assert_int_eq(account->transactions, 2);
  ck_assert_int_eq(account->findings, 0);
}
END_TEST

/* ---------------------------------------------------------------- the envelope */

START_TEST(wrong_counts_and_control_numbers_are_reported_with_their_codes) {
  static const struct {
    const char *end, *finding;
  } cases[] = {
      {"SE*9*0001~GE*1*1~IEA*1*000000001~", "finding se01_count [999 IK502 4]"},
      {"SE*x*0001~GE*1*1~IEA*1*000000001~", "finding se01_count [999 IK502 4]"},
      {"SE*2*0002~GE*1*1~IEA*1*000000001~", "finding se02_control [999 IK502 3]"},
      {"SE*2*0001~GE*2*1~IEA*1*000000001~", "finding ge01_count [999 AK905 5]"},
      {"SE*2*0001~GE*1*2~IEA*1*000000001~", "finding ge02_control [999 AK905 4]"},
      {"SE*2*0001~GE*1*1~IEA*3*000000001~", "finding iea01_count [TA105 021]"},
      {"SE*2*0001~GE*1*1~IEA*1*000000009~", "finding iea02_control [TA105 001]"},
      {"GE*1*1~IEA*1*000000001~", "finding se_missing [999 IK502 2]"},
      {"SE*2*0001~IEA*1*000000001~", "finding ge_missing [999 AK905 3]"},
      {"SE*2*0001~GE*1*1~", "finding iea_missing [TA105 023]"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[1024];
    (void)snprintf(text, sizeof text, TEST_ISA TEST_GS "ST*835*0001~%s", cases[i].end);
    struct account *account = read_text(text);
    ck_assert_says(account, cases[i].finding);
    ck_assert_int_eq(account->findings, 1);
    ck_assert_int_eq(account->transactions, 1);
  }
}
END_TEST

START_TEST(the_faults_of_a_transaction_can_be_queried) {
  ck_assert_uint_eq(read_text(TEST_ISA TEST_GS "ST*835*0001~SE*7*0001~" TEST_END)->faults, X12_FAULT_COUNT);
  ck_assert_uint_eq(read_text(TEST_ISA TEST_GS "ST*835*0001~SE*2*0003~" TEST_END)->faults, X12_FAULT_CONTROL);
  ck_assert_uint_eq(read_text(TEST_ISA TEST_GS "ST*835*0001~" TEST_END)->faults, X12_FAULT_NO_TRAILER);
}
END_TEST

START_TEST(control_numbers_used_twice_are_reported) {
  struct account *account =
      read_text(TEST_ISA TEST_GS "ST*835*0001~SE*2*0001~ST*835*0001~SE*2*0001~GE*2*1~" TEST_GS
                                 "ST*835*0001~SE*2*0001~GE*1*1~IEA*2*000000001~" TEST_ISA "IEA*0*000000001~");
  ck_assert_says(account, "finding st_duplicate [999 IK502 23]");
  ck_assert_says(account, "finding gs_duplicate [999 AK905 19]");
  ck_assert_says(account, "finding isa_duplicate [TA105 025]");
  ck_assert_int_eq(account->findings, 3); /* the third ST is in another group: its number is its own */
}
END_TEST

START_TEST(a_broken_transaction_does_not_affect_its_neighbors) {
  struct account *account =
      read_text(TEST_ISA TEST_GS
                "ST*835*0001~SE*2*0001~ST*835*0002~BPR*I*1~ST*835*0003~SE*2*0003~GE*3*1~IEA*1*000000001~");
  ck_assert_int_eq(account->transactions, 3);
  ck_assert_int_eq(account->findings, 1);
  ck_assert_says(account, "finding se_missing [999 IK502 2]\nend 0002\ntransaction 835 0003");
}
END_TEST

START_TEST(an_isa_in_the_middle_closes_what_was_open) {
  struct account *account =
      read_text(TEST_ISA TEST_GS
                "ST*835*0001~BPR*I*1~"
                "ISA|00|          |00|          |ZZ|OTHER          |ZZ|B              "
                "|261121|0600|^|00501|000000002|0|T|>!"
                "GS|HP|A|B|20261121|0600|7|X|005010X221A1!ST|835|0009!SE|2|0009!GE|1|7!IEA|1|000000002!");
  ck_assert_says(account,
                 "finding se_missing [999 IK502 2]\nend 0001\nfinding ge_missing [999 AK905 3]\ngroup end\n"
                 "finding iea_missing [TA105 022]\ninterchange end\ninterchange OTHER 000000002");
  ck_assert_says(account, "end 0009");
}
END_TEST

START_TEST(segments_outside_a_transaction_are_reported_once) {
  struct account *account = read_text(TEST_ISA TEST_GS "BPR*I*1~TRN*1~ST*835*0001~SE*2*0001~" TEST_END);
  ck_assert_int_eq(account->findings, 1);
  ck_assert_says(account, "finding segment_unexpected [999 IK304 2]");
  account = read_text(TEST_ISA "TA1*000000001*261121*0600*A*000~IEA*0*000000001~");
  ck_assert_says(account, "TA1|000000001|261121|0600|A|000"); /* a TA1 is allowed there */
  ck_assert_int_eq(account->findings, 0);
}
END_TEST

/* ---------------------------------------------------------------- memory */

static size_t add_text(char *buffer, const char *text) {
  memcpy(buffer, text, strlen(text));
  return strlen(text);
}

START_TEST(a_segment_longer_than_the_limit_is_left_out_and_reading_goes_on) {
  size_t size = 300000;
  char *text = malloc(size + 1000);
  size_t at = add_text(text, TEST_ISA TEST_GS "ST*835*0001~NTE*");
  memset(text + at, 'x', size);
  at += size;
  at += add_text(text + at, "~BPR*I*1~SE*4*0001~ST*835*0002~SE*2*0002~GE*2*1~IEA*1*000000001~");
  struct x12_options options = {.segment_limit = 1000};
  struct account *account = read_with(text, at, 100000, &options);
  ck_assert_says(account, "finding segment_too_long [999 IK502 5]");
  ck_assert_says(account, "BPR|I|1");
  ck_assert_says(account, "end 0002");
  ck_assert_int_eq(account->transactions, 2);
  free(text);
}
END_TEST

START_TEST(a_binary_segment_is_read_by_its_count) {
  struct account *account =
      read_text(TEST_ISA TEST_GS "ST*275*0001~BIN*11*a~b*c~ST*1*~BDS*ASC*5*~~~~~~SE*4*0001~" TEST_END);
  ck_assert_says(account, "BIN|11|a~b*c~ST*1*\n");
  ck_assert_says(account, "BDS|ASC|5|~~~~~\n");
  ck_assert_int_eq(account->findings, 0);
  account = read_text(TEST_ISA TEST_GS "ST*275*0001~BIN*3*abcdef~SE*3*0001~" TEST_END);
  ck_assert_says(account, "finding binary_count [999 IK304 8]");
  ck_assert_says(account, "BIN|3|abcdef\n");
  ck_assert_says(account, "end 0001");
}
END_TEST

START_TEST(an_unreadable_source_differs_from_its_end) {
  const char *text = TEST_ISA TEST_GS "ST*835*0001~SE*2*0001~" TEST_END;
  struct text_source source = {text, strlen(text), 0, 100, 100};
  struct x12_reader *reader = x12_reader_new(text_read, &source, NULL);
  enum x12_event event;
  while ((event = x12_next(reader)) != X12_FAILED) ck_assert_int_ne(event, X12_END);
  ck_assert_int_eq(errno, EIO);
  x12_reader_free(reader);
}
END_TEST

START_TEST(every_text_cut_anywhere_ends_in_order) {
  const char *text = TEST_ISA TEST_GS
      "ST*835*0001~BPR*I*1*C~BIN*3*abc~SE*4*0001~ST*835*0002~SE*2*0002~GE*2*1~IEA*1*000000001~";
  for (size_t length = 0; length <= strlen(text); length++) {
    char *exact = malloc(length + 1); /* so that the sanitizer sees a step too far */
    memcpy(exact, text, length);
    struct account *account = read_with(exact, length, 7, NULL);
    ck_assert_int_eq(account->last, X12_END);
    int opened = 0, closed = 0;
    for (const char *at = account->text; (at = strstr(at, "\ntransaction ")) != NULL; at++) opened++;
    for (const char *at = account->text; (at = strstr(at, "\nend ")) != NULL; at++) closed++;
    ck_assert_int_eq(opened, closed); /* every transaction that began has ended, whole or not */
    free(exact);
  }
}
END_TEST

/* ---------------------------------------------------------------- identity of a transaction */

START_TEST(the_digest_is_of_the_segments_and_not_of_the_line_ends) {
  unsigned char first[X12_DIGEST_SIZE], second[X12_DIGEST_SIZE], other[X12_DIGEST_SIZE];
  memcpy(first, read_text(TEST_ISA TEST_GS "ST*835*0001~BPR*I*1*C~SE*3*0001~" TEST_END)->digests[0],
         sizeof first);
  memcpy(second,
         read_text(TEST_ISA "\n" TEST_GS "\nST*835*0001~\r\n BPR*I*1*C~\nSE*3*0001~\n" TEST_END)->digests[0],
         sizeof second);
  memcpy(other, read_text(TEST_ISA TEST_GS "ST*835*0001~BPR*I*2*C~SE*3*0001~" TEST_END)->digests[0],
         sizeof other);
  ck_assert_mem_eq(first, second, sizeof first);
  ck_assert_mem_ne(first, other, sizeof first);
  /* SHA-256 of "ST*835*0001\nBPR*I*1*C\nSE*3*0001\n", by sha256sum. */
  static const unsigned char known[4] = {0xb6, 0xb4, 0x02, 0xb0};
  ck_assert_mem_eq(first, known, sizeof known);
}
END_TEST

/* ---------------------------------------------------------------- values */

static struct x12_text text_of(const char *text) { return (struct x12_text){text, strlen(text)}; }

START_TEST(money_is_cents_exactly_or_refused) {
  static const struct {
    const char *text;
    enum x12_value value;
    int64_t cents;
  } cases[] = {
      {"0", X12_VALUE_OK, 0},
      {"-0", X12_VALUE_OK, 0},
      {".5", X12_VALUE_OK, 50},
      {"1500", X12_VALUE_OK, 150000},
      {"12.3", X12_VALUE_OK, 1230},
      {"12.34", X12_VALUE_OK, 1234},
      {"-12.34", X12_VALUE_OK, -1234},
      {"-.05", X12_VALUE_OK, -5},
      {"5.", X12_VALUE_OK, 500},
      {"12.3400", X12_VALUE_OK, 1234},
      {"0000000000000012.30", X12_VALUE_OK, 1230},
      {"9999999999.99", X12_VALUE_OK, INT64_C(999999999999)},
      {"12.3456", X12_VALUE_PRECISE, 0},
      {".001", X12_VALUE_PRECISE, 0},
      {"10000000000", X12_VALUE_TOO_LARGE, 0},
      {"123456789012345", X12_VALUE_TOO_LARGE, 0},
      {"99999999999999999999999999", X12_VALUE_TOO_LARGE, 0},
      {"", X12_VALUE_ABSENT, 0},
      {"1e9", X12_VALUE_SYNTAX, 0},
      {"+1", X12_VALUE_SYNTAX, 0},
      {".", X12_VALUE_SYNTAX, 0},
      {"-", X12_VALUE_SYNTAX, 0},
      {"-.", X12_VALUE_SYNTAX, 0},
      {"1,000.00", X12_VALUE_SYNTAX, 0},
      {"$1", X12_VALUE_SYNTAX, 0},
      {"1 2", X12_VALUE_SYNTAX, 0},
      {"1.2.3", X12_VALUE_SYNTAX, 0},
      {"--1", X12_VALUE_SYNTAX, 0},
      {"1-", X12_VALUE_SYNTAX, 0},
      {"amount", X12_VALUE_SYNTAX, 0},
      {"0x10", X12_VALUE_SYNTAX, 0},
      {"NaN", X12_VALUE_SYNTAX, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t cents = 77;
    ck_assert_msg(x12_money(text_of(cases[i].text), &cents) == cases[i].value, "%s", cases[i].text);
    ck_assert_msg(cents == cases[i].cents, "%s", cases[i].text);
  }
}
END_TEST

START_TEST(days_are_days_of_the_calendar) {
  char from[11], to[11];
  ck_assert_int_eq(x12_date(text_of("20240229"), from), X12_VALUE_OK);
  ck_assert_str_eq(from, "2024-02-29");
  ck_assert_int_eq(x12_date(text_of("20000229"), from), X12_VALUE_OK);
  static const char *const wrong[] = {"20230229",  "19000229", "20240431", "20241301",
                                      "20240001",  "20240100", "2024022",  "202402290",
                                      "2024-02-9", "00000101", "2024O101"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ck_assert_msg(x12_date(text_of(wrong[i]), from) == X12_VALUE_SYNTAX, "%s", wrong[i]);
    ck_assert_str_eq(from, "");
  }
  ck_assert_int_eq(x12_date(text_of(""), from), X12_VALUE_ABSENT);
  ck_assert_int_eq(x12_date_range(text_of("20260101-20260131"), from, to), X12_VALUE_OK);
  ck_assert_str_eq(from, "2026-01-01");
  ck_assert_str_eq(to, "2026-01-31");
  ck_assert_int_eq(x12_date_range(text_of("20260131-20260101"), from, to), X12_VALUE_SYNTAX);
  ck_assert_int_eq(x12_date_range(text_of("20260101"), from, to), X12_VALUE_SYNTAX);
  ck_assert_str_eq(from, "");
}
END_TEST

START_TEST(quantities_and_counts_have_their_bounds) {
  uint64_t count = 7;
  ck_assert_int_eq(x12_decimal(text_of("1.125"), 9, 3), X12_VALUE_OK);
  ck_assert_int_eq(x12_decimal(text_of("1.1255"), 9, 3), X12_VALUE_PRECISE);
  ck_assert_int_eq(x12_decimal(text_of("1234567890"), 9, 3), X12_VALUE_TOO_LARGE);
  ck_assert_int_eq(x12_count(text_of("000123"), &count), X12_VALUE_OK);
  ck_assert_uint_eq(count, 123);
  ck_assert_int_eq(x12_count(text_of("-1"), &count), X12_VALUE_SYNTAX);
  ck_assert_int_eq(x12_count(text_of("99999999999"), &count), X12_VALUE_TOO_LARGE);
  ck_assert_int_eq(x12_count(text_of(""), &count), X12_VALUE_ABSENT);
}
END_TEST

START_TEST(components_are_parts_of_an_element) {
  ck_assert(x12_is(x12_component(text_of("HC:99213:25"), ':', 1), "HC"));
  ck_assert(x12_is(x12_component(text_of("HC:99213:25"), ':', 2), "99213"));
  ck_assert_uint_eq(x12_component(text_of("HC:99213:25"), ':', 4).length, 0);
  ck_assert(x12_is(x12_component(text_of("HC:99213"), '\0', 1), "HC:99213"));
  ck_assert_uint_eq(x12_component(text_of("HC::25"), ':', 2).length, 0);
  ck_assert_uint_eq(x12_component(text_of(""), ':', 2).length, 0);
}
END_TEST

START_TEST(copies_end_at_a_character) {
  char small[4];
  ck_assert(x12_copy(text_of("abc"), small, sizeof small));
  ck_assert(!x12_copy(text_of("abcd"), small, sizeof small));
  ck_assert_str_eq(small, "abc");
  ck_assert(!x12_copy(text_of("ab\xC3\xA9"), small, sizeof small)); /* no half of an accented letter */
  ck_assert_str_eq(small, "ab");
}
END_TEST

static Suite *x12_suite(void) {
  Suite *suite = suite_create("x12");
  TCase *reading = tcase_create("reading");
  tcase_add_test(reading, a_whole_interchange_is_read_without_a_finding);
  tcase_add_test(reading, the_size_of_reads_does_not_matter);
  tcase_add_test(reading, blanks_and_line_ends_around_segments_are_ignored);
  tcase_add_test(reading, elements_are_trimmed_and_empty_ones_are_kept);
  tcase_add_test(reading, delimiters_are_found_by_counting);
  tcase_add_test(reading, an_isa_of_another_width_is_read_and_reported);
  tcase_add_test(reading, an_unreadable_isa_is_reported_and_the_next_one_is_read);
  tcase_add_test(reading, several_interchanges_may_have_different_delimiters_and_text_between);
  tcase_add_test(reading, a_bare_transaction_is_read_only_on_request);
  suite_add_tcase(suite, reading);
  TCase *envelope = tcase_create("envelope");
  tcase_add_test(envelope, wrong_counts_and_control_numbers_are_reported_with_their_codes);
  tcase_add_test(envelope, the_faults_of_a_transaction_can_be_queried);
  tcase_add_test(envelope, control_numbers_used_twice_are_reported);
  tcase_add_test(envelope, a_broken_transaction_does_not_affect_its_neighbors);
  tcase_add_test(envelope, an_isa_in_the_middle_closes_what_was_open);
  tcase_add_test(envelope, segments_outside_a_transaction_are_reported_once);
  suite_add_tcase(suite, envelope);
  TCase *bounds = tcase_create("bounds");
  tcase_add_test(bounds, a_segment_longer_than_the_limit_is_left_out_and_reading_goes_on);
  tcase_add_test(bounds, a_binary_segment_is_read_by_its_count);
  tcase_add_test(bounds, an_unreadable_source_differs_from_its_end);
  tcase_add_test(bounds, every_text_cut_anywhere_ends_in_order);
  tcase_add_test(bounds, the_digest_is_of_the_segments_and_not_of_the_line_ends);
  suite_add_tcase(suite, bounds);
  TCase *values = tcase_create("values");
  tcase_add_test(values, money_is_cents_exactly_or_refused);
  tcase_add_test(values, days_are_days_of_the_calendar);
  tcase_add_test(values, quantities_and_counts_have_their_bounds);
  tcase_add_test(values, components_are_parts_of_an_element);
  tcase_add_test(values, copies_end_at_a_character);
  suite_add_tcase(suite, values);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(x12_suite());
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
