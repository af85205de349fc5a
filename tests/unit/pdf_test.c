/*
 * Compares the PDF documents (format/pdf, medicare/receipt, medicare/letter) with what independent readers
 * see in them: qpdf for the file, poppler for text, tags, and fonts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/pdf.h"
#include "medicare/letter.h"
#include "medicare/receipt.h"

enum { OUTPUT_MAX = 1 << 20 };

static const struct receipt_line dispute[] = {{"1", "November 3, 2026", "99213 25", "125.00", "0.00"},
                                              {"2", "November 3, 2026", "36415", "12.50", "0.00"}};
static const struct receipt_attachment files[] = {
    {"office note.pdf", 1234567, 12, "0123456789abcdef0123456789abcdeffedcba9876543210fedcba9876543210"},
    {"a_name_without_any_blank_in_it_that_no_column_holds.txt", 0, 0, "ffff"}};

static struct receipt example_receipt(void) {
  return (struct receipt){.contractor_name = "Example Contractor",
                          .confirmation_number = "R261121000042",
                          .received = "November 21, 2026, 2:20:05 PM Eastern Time",
                          .received_at = 1795288805,
                          .requester_name = "Ana M\xC3\xBCller",
                          .provider_name = "Riverbend Family Practice",
                          .npi = "1234567893",
                          .ptan = "A12345",
                          .tin_last_five = "56789",
                          .claim_number = "2026123456789",
                          .decided_on = "October 1, 2026",
                          .deadline_on = "February 3, 2027",
                          .decision_due_on = "January 20, 2027",
                          .lines = dispute,
                          .line_count = 2,
                          .attachments = files,
                          .attachment_count = 2};
}

static struct access_code_letter example_letter(void) {
  return (struct access_code_letter){.contractor_name = "Example Contractor",
                                     .contractor_address = "PO Box 1000\nSpringfield, IL 62701",
                                     .contractor_phone = "1-800-555-0100",
                                     .written_on = "November 21, 2026",
                                     .written_at = 1795288805,
                                     .addressee =
                                         "Riverbend Family Practice\n100 Main Street\nSpringfield, IL 62701",
                                     .npi = "1234567893",
                                     .ptan = "A12345",
                                     .tin_last_five = "56789",
                                     .access_code = "K7QX9MTR4WPA",
                                     .expires_on = "January 20, 2027",
                                     .base_url = "https://portal.example.com"};
}

/* Runs a shell command on the file $file; its output is the caller's to free, its exit status must be 0. */
static char *ask(const char *command, const char *path) {
  char line[512], *output = calloc(1, OUTPUT_MAX);
  FILE *pipe;

  ck_assert_ptr_nonnull(output);
  ck_assert_int_lt(snprintf(line, sizeof line, "file=%s; %s", path, command), (int)sizeof line);
  pipe = popen(line, "r");
  ck_assert_ptr_nonnull(pipe);
  ck_assert_uint_lt(fread(output, 1, OUTPUT_MAX - 1, pipe), OUTPUT_MAX - 1);
  ck_assert_msg(pclose(pipe) == 0, "%s: %.1500s", line, output);
  return output;
}

/* A file of these bytes, which it frees. */
struct file {
  char path[32];
};

static struct file store(unsigned char *bytes, size_t length) {
  struct file file = {"/tmp/connex-pdf-XXXXXX"};
  int descriptor = mkstemp(file.path);

  ck_assert_ptr_nonnull(bytes);
  ck_assert_int_ge(descriptor, 0);
  ck_assert_int_eq(write(descriptor, bytes, length), (ssize_t)length);
  close(descriptor);
  free(bytes);
  return file;
}

static struct file store_receipt(const struct receipt *receipt) {
  size_t length;
  unsigned char *bytes = receipt_pdf(receipt, &length);

  return store(bytes, length);
}

static void must_say(const char *output, const char *words) {
  ck_assert_msg(strstr(output, words) != NULL, "'%s' is missing in:\n%.1500s", words, output);
}

static void must_not_say(const char *output, const char *words) {
  ck_assert_msg(strstr(output, words) == NULL, "'%s' is in:\n%.1500s", words, output);
}

static size_t count_of(const char *output, const char *words) {
  size_t count = 0;

  for (; (output = strstr(output, words)) != NULL; output += strlen(words)) count++;
  return count;
}

/* ---------------------------------------------------------------- the file as such */

START_TEST(receipt_is_a_sound_tagged_file_with_embedded_fonts_and_a_language) {
  struct receipt receipt = example_receipt();
  struct file file = store_receipt(&receipt);
  char *output;

  output = ask("qpdf --check $file 2>&1", file.path);
  must_say(output, "No syntax or stream encoding errors found");
  free(output);

  output = ask("pdfinfo $file", file.path);
  must_say(output, "Tagged:          yes");
  must_say(output, "Title:           Redetermination request R261121000042: receipt");
  must_say(output, "Page size:       612 x 792 pts (letter)");
  must_say(output, "Pages:           1");
  must_say(output, "CreationDate:    ");
  free(output);

  output = ask("pdffonts $file | tail -n +3", file.path);
  must_say(output, "LiberationSans");
  must_not_say(output, " no ");
  free(output);

  output = ask("qpdf --qdf --object-streams=disable $file - | strings", file.path);
  must_say(output, "/Lang (en-US)");
  must_say(output, "/DisplayDocTitle true");
  must_say(output, "/Marked true");
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(receipt_reads_in_order_by_its_tags) {
  struct receipt receipt = example_receipt();
  struct file file = store_receipt(&receipt);
  char *output = ask("pdfinfo -struct-text $file", file.path);

  must_say(output, "H1 (block)\n    \"Redetermination request received\"");
  must_say(output,
           "Lbl (block)\n        \"Confirmation number\"\n      LBody (block)\n        \"R261121000042\"");
  must_say(output, "TH\n        \"Date of service\"");
  must_say(output, "TD\n        \"99213 25\"");
  ck_assert_uint_eq(count_of(output, "  Table (block)"), 2);
  ck_assert_uint_eq(count_of(output, "    TR\n"), 6);
  /* Words at a line's end and at the next one's start stay two words; a broken name stays one. */
  must_say(output, "0123456789abcdef0123456789abcdef fedcba9876543210fedcba9876543210");
  must_say(output, "\"a_name_without_any_blank_in_it_that_no_column_holds.txt\"");
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(receipt_says_what_was_filed_and_when) {
  struct receipt receipt = example_receipt();
  struct file file = store_receipt(&receipt);
  char *output = ask("pdftotext -layout $file -", file.path);
  static const char *const words[] = {"R261121000042",
                                      "November 21, 2026, 2:20:05 PM Eastern Time",
                                      "2026123456789",
                                      "Ana M\xC3\xBCller",
                                      "Riverbend Family Practice",
                                      "1234567893",
                                      "A12345",
                                      "56789",
                                      "February 3, 2027",
                                      "January 20, 2027",
                                      "36415",
                                      "12.50",
                                      "office note.pdf",
                                      "1,234,567 bytes",
                                      "0 bytes",
                                      "fedcba9876543210fedcba9876543210",
                                      "Page 1 of 1"};

  for (size_t i = 0; i < sizeof words / sizeof *words; i++) must_say(output, words[i]);
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(receipt_without_lines_attachments_or_names_says_so) {
  struct receipt receipt = {.confirmation_number = "R1", .received_at = 0};
  struct file file = store_receipt(&receipt);
  char *output = ask("pdftotext -layout $file -", file.path);

  must_say(output, "The whole claim.");
  must_say(output, "None.");
  must_not_say(output, "(null)");
  must_not_say(output, "Reason given");
  must_not_say(output, "late filing");
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(receipt_of_a_long_claim_repeats_its_header_on_every_page) {
  struct receipt receipt = example_receipt();
  struct receipt_line lines[200];
  struct file file;
  char *output, foot[64];
  size_t pages;

  for (size_t i = 0; i < 200; i++) lines[i] = dispute[0];
  receipt.lines = lines;
  receipt.line_count = 200;
  file = store_receipt(&receipt);

  output = ask("qpdf --check $file 2>&1", file.path);
  free(output);
  output = ask("pdftotext -layout $file -", file.path);
  pages = count_of(output, "\f");
  ck_assert_uint_ge(pages, 5);
  snprintf(foot, sizeof foot, "Page %zu of %zu", pages, pages);
  must_say(output, foot);
  ck_assert_uint_eq(count_of(output, "99213 25"), 200);
  ck_assert_uint_ge(count_of(output, "Date of service"), pages - 1); /* the last may hold attachments alone */
  free(output);
  /* A screen reader meets one table with one header. */
  output = ask("pdfinfo -struct-text $file", file.path);
  ck_assert_uint_eq(count_of(output, "  Table (block)"), 2);
  ck_assert_uint_eq(count_of(output, "\"Date of service\""), 1);
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(text_from_outside_cannot_disguise_itself) {
  struct receipt receipt = example_receipt();
  /* RIGHT-TO-LEFT OVERRIDE makes "gpj.exe" show as "exe.jpg"; then a control character, broken UTF-8, markup.
   */
  struct receipt_attachment attachment = {"\xE2\x80\xAE"
                                          "gpj.exe \x07 \xC3\x28 <b>&amp;</b> \u2069\U000E0041\ue000\u200b\r",
                                          1, 1, "00"};
  struct file file;
  char *output;

  receipt.attachments = &attachment;
  receipt.attachment_count = 1;
  file = store_receipt(&receipt);
  output = ask("pdftotext -layout $file -", file.path);
  must_say(output, "gpj.exe");
  must_say(output, "<b>");
  must_not_say(output, "\xE2\x80\xAE");
  must_not_say(output, "\x07");
  must_not_say(output, "\u2069");
  must_not_say(output, "\u200b");
  must_not_say(output, "\U000E0041"); /* a tag character, which no one sees */
  must_not_say(output, "\ue000");     /* private use: shown as the font likes */
  must_say(output, "\ufffd");
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(same_data_make_the_same_bytes) {
  struct receipt receipt = example_receipt();
  size_t first_length, second_length;
  unsigned char *first = receipt_pdf(&receipt, &first_length);
  unsigned char *second = receipt_pdf(&receipt, &second_length);

  ck_assert_ptr_nonnull(first);
  ck_assert_uint_eq(first_length, second_length);
  ck_assert_mem_eq(first, second, first_length);
  free(first);
  free(second);
}
END_TEST

static void *render_many(void *failures) {
  struct receipt receipt = example_receipt();

  for (int i = 0; i < 10; i++) {
    size_t length;
    unsigned char *bytes = receipt_pdf(&receipt, &length);

    if (!bytes || length < 1000) ++*(int *)failures;
    free(bytes);
  }
  return NULL;
}

START_TEST(worker_threads_render_at_the_same_time) {
  pthread_t threads[4];
  int failures[4] = {0};

  for (int i = 0; i < 4; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, render_many, &failures[i]), 0);
  for (int i = 0; i < 4; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  for (int i = 0; i < 4; i++) ck_assert_int_eq(failures[i], 0);
}
END_TEST

/* ---------------------------------------------------------------- the builder */

static void write_nothing(struct pdf_document *document, const void *data) {
  (void)document;
  (void)data;
}

static void write_endlessly(struct pdf_document *document, const void *data) {
  for (int i = 0; i < 12000; i++) pdf_paragraph(document, data);
}

static void write_one_paragraph(struct pdf_document *document, const void *data) {
  pdf_paragraph(document, data);
}

START_TEST(unusable_properties_and_endless_documents_are_refused) {
  size_t length = 7;

  ck_assert_ptr_null(
      pdf_make(&(struct pdf_properties){.title = "", .language = "en"}, write_nothing, NULL, &length));
  ck_assert_uint_eq(length, 0);
  ck_assert_ptr_null(
      pdf_make(&(struct pdf_properties){.title = "T", .language = ""}, write_nothing, NULL, &length));
  ck_assert_ptr_null(pdf_make(&(struct pdf_properties){.title = "T", .language = "en) /Evil (x"},
                              write_nothing, NULL, &length));
  ck_assert_ptr_null(
      pdf_make(&(struct pdf_properties){.title = "T", .language = "en"}, write_endlessly, "words", &length));
}
END_TEST

START_TEST(a_paragraph_longer_than_a_page_runs_on) {
  struct pdf_properties properties = {.title = "Long", .language = "en-US"};
  char *text = malloc(30001), *output;
  size_t length;
  unsigned char *bytes;
  struct file file;

  ck_assert_ptr_nonnull(text);
  for (int i = 0; i < 3000; i++) memcpy(text + i * 10, "word wxyz ", 10);
  text[30000] = '\0';
  bytes = pdf_make(&properties, write_one_paragraph, text, &length);
  file = store(bytes, length);
  output = ask("qpdf --check $file 2>&1", file.path);
  free(output);
  output = ask("pdftotext $file -", file.path);
  ck_assert_uint_eq(count_of(output, "wxyz"), 3000);
  free(output);
  free(text);
  unlink(file.path);
}
END_TEST

/* ---------------------------------------------------------------- the letter */

START_TEST(access_code_is_printed_in_groups_of_four) {
  char text[LETTER_CODE_MAX * 5 / 4 + 1];

  ck_assert_int_eq(letter_group_code("K7QX9MTR4WPA", text, sizeof text), 0);
  ck_assert_str_eq(text, "K7QX-9MTR-4WPA");
  ck_assert_int_eq(letter_group_code("ab cd-ef", text, sizeof text), 0);
  ck_assert_str_eq(text, "abcd-ef");
  ck_assert_int_eq(letter_group_code("ABCDEFGHABCDEFGHABCDEFGHABCDEFGH", text, sizeof text), 0);
  ck_assert_str_eq(text, "ABCD-EFGH-ABCD-EFGH-ABCD-EFGH-ABCD-EFGH");
  ck_assert_int_eq(letter_group_code("ABCDEFGHABCDEFGHABCDEFGHABCDEFGHA", text, sizeof text), -1);
  ck_assert_int_eq(letter_group_code("ABCDEFGH", text, 8), -1);
  ck_assert_int_eq(letter_group_code("", text, sizeof text), -1);
  ck_assert_int_eq(letter_group_code(NULL, text, sizeof text), -1);
  ck_assert_int_eq(letter_group_code("AB\xC3\xA9", text, sizeof text), -1);
}
END_TEST

START_TEST(letter_brings_code_account_and_expiry_to_the_billing_address) { /* LSO-04 */
  struct access_code_letter letter = example_letter();
  size_t length;
  unsigned char *bytes = access_code_letter_pdf(&letter, &length);
  struct file file = store(bytes, length);
  char *output = ask("pdftotext -layout $file -", file.path);

  must_say(output, "K7QX-9MTR-4WPA");
  must_say(output, "1234567893");
  must_say(output, "A12345");
  must_say(output, "56789");
  must_say(output, "January 20, 2027");
  must_say(output, "https://portal.example.com");
  must_say(output, "Page 1 of 1");
  free(output);
  output = ask("qpdf --check $file 2>&1 && pdfinfo $file", file.path);
  must_say(output, "Tagged:          yes");
  must_not_say(output, "K7QX"); /* not in the metadata */
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(letter_shows_just_the_address_in_the_window_of_its_envelope) {
  /* What a #10 envelope shows of a letter folded in three: 0.9 to 5.3 inches from the left, 2.3 to 3.4 from
   * the top. */
  struct access_code_letter letter = example_letter();
  size_t length;
  unsigned char *bytes = access_code_letter_pdf(&letter, &length);
  struct file file = store(bytes, length);
  char *output = ask("pdftotext -r 72 -x 64 -y 165 -W 320 -H 80 $file -", file.path);

  ck_assert_str_eq(output, "Riverbend Family Practice\n100 Main Street\nSpringfield, IL 62701\n\n\f");
  free(output);
  unlink(file.path);
}
END_TEST

START_TEST(letter_without_a_usable_code_is_not_made) {
  struct access_code_letter letter = example_letter();
  size_t length;

  letter.access_code = NULL;
  ck_assert_ptr_null(access_code_letter_pdf(&letter, &length));
  letter.access_code = "K7QX<script>";
  ck_assert_ptr_null(access_code_letter_pdf(&letter, &length));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("pdf");
  TCase *documents = tcase_create("documents");
  SRunner *runner = srunner_create(suite);
  int failed;

  tcase_set_timeout(documents, 60);
  tcase_add_test(documents, receipt_is_a_sound_tagged_file_with_embedded_fonts_and_a_language);
  tcase_add_test(documents, receipt_reads_in_order_by_its_tags);
  tcase_add_test(documents, receipt_says_what_was_filed_and_when);
  tcase_add_test(documents, receipt_without_lines_attachments_or_names_says_so);
  tcase_add_test(documents, receipt_of_a_long_claim_repeats_its_header_on_every_page);
  tcase_add_test(documents, text_from_outside_cannot_disguise_itself);
  tcase_add_test(documents, same_data_make_the_same_bytes);
  tcase_add_test(documents, worker_threads_render_at_the_same_time);
  tcase_add_test(documents, unusable_properties_and_endless_documents_are_refused);
  tcase_add_test(documents, a_paragraph_longer_than_a_page_runs_on);
  tcase_add_test(documents, access_code_is_printed_in_groups_of_four);
  tcase_add_test(documents, letter_brings_code_account_and_expiry_to_the_billing_address);
  tcase_add_test(documents, letter_shows_just_the_address_in_the_window_of_its_envelope);
  tcase_add_test(documents, letter_without_a_usable_code_is_not_made);
  suite_add_tcase(suite, documents);
  srunner_run_all(runner, CK_NORMAL);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
