/*
 * What a file is by its content (ASVS 5.2.2), and what is cheap to know about
 * a PDF. Some PDFs are made by our own writer, some are written out here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "format/document.h"
#include "medicare/receipt.h"

static const char two_pages[] =
    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    "2 0 obj\n<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>\nendobj\n"
    "3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n4 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n"
    "5 0 obj\n<< /Type /Outlines /Count 40 >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n";

START_TEST(the_content_decides_the_type) {
  char type[DOCUMENT_TYPE_SIZE];
  ck_assert(document_media_type(two_pages, sizeof two_pages - 1, type));
  ck_assert_str_eq(type, "application/pdf");
  static const char *const others[] = {"MZ\x90 this program cannot be run", "PK\x03\x04 not a PDF",
                                       "only words", "<html><body>x</body></html>", "%PD"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    ck_assert(document_media_type(others[i], strlen(others[i]), type));
    ck_assert_str_ne(type, "application/pdf");
  }
}
END_TEST

START_TEST(half_a_pdf_has_no_end) {
  size_t length = sizeof two_pages - 1;
  ck_assert(document_pdf_is_whole(two_pages, length));
  for (size_t cut = 8; cut < length; cut += 11) ck_assert(!document_pdf_is_whole(two_pages, length - cut));
  ck_assert(!document_pdf_is_whole(two_pages, 0));
}
END_TEST

START_TEST(a_pdf_begins_at_the_first_byte) {
  static const char *const good[] = {"%PDF-1.4\n", "\xEF\xBB\xBF%PDF-1.7", "\r\n\t %PDF-2.0",
                                     "\xEF\xBB\xBF\n%PDF-"};
  static const char *const bad[] = {"<html><script>alert(1)</script>%PDF-1.4 %%EOF",
                                    "%PDF",
                                    "x%PDF-1.4",
                                    "\n\xEF\xBB\xBF%PDF-1.4",
                                    "\xEF\xBB",
                                    "",
                                    "   "};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    ck_assert_msg(document_pdf_begins(good[i], strlen(good[i])), "%s", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    ck_assert_msg(!document_pdf_begins(bad[i], strlen(bad[i])), "%s", bad[i]);
  ck_assert(!document_pdf_is_whole("%PDF-1.4 %%EOF", 14));
  ck_assert(!document_pdf_is_whole("%%EOF startxref 0", 17));
}
END_TEST

/* ISO 32000-1, 7.6.1: the trailer's /Encrypt; 7.5.8.2: a cross-reference stream's dictionary is the trailer.
 */
START_TEST(encryption_is_found_in_every_trailer) {
  static const char *const locked[] = {"trailer\n<< /Size 4 /Root 1 0 R /Encrypt 9 0 R >>\nstartxref",
                                       "trailer<</Encrypt<</Filter/Standard/V 2>>/Root 1 0 R>>",
                                       "7 0 obj<</Type/XRef/Encrypt 12 0 R/W[1 2 1]/Root 1 0 R>>stream",
                                       "/Root 1 0 R/Encrypt\r\n10\t0\nR"};
  static const char *const open[] = {"trailer << /Size 4 /Root 1 0 R >>",
                                     "<</Root 1 0 R /EncryptMetadata true>>",
                                     "(/Encrypt 9 0 R) Tj",
                                     "/Root /Encrypt 9 0",
                                     "/Root /Encrypt",
                                     "/Root /Encrypt (word)",
                                     "/Root /Encrypt 9 R",
                                     "/Root /Encrypt <",
                                     "",
                                     "/Encryp"};
  for (size_t i = 0; i < sizeof locked / sizeof locked[0]; i++)
    ck_assert_msg(document_pdf_is_encrypted(locked[i], strlen(locked[i])), "%s", locked[i]);
  for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
    ck_assert_msg(!document_pdf_is_encrypted(open[i], strlen(open[i])), "%s", open[i]);
  char apart[3 * DOCUMENT_NEAR];
  memset(apart, ' ', sizeof apart);
  memcpy(apart, "/Root", 5);
  memcpy(apart + 2 * DOCUMENT_NEAR, "/Encrypt 9 0 R", 14);
  ck_assert(!document_pdf_is_encrypted(apart, sizeof apart)); /* a page's words, not a trailer */
  memcpy(apart + DOCUMENT_NEAR + 9, "/Root", 5);
  ck_assert(document_pdf_is_encrypted(apart, sizeof apart));
}
END_TEST

START_TEST(pages_are_counted_where_it_is_cheap) {
  size_t length = sizeof two_pages - 1;
  ck_assert_int_eq(document_pdf_pages(two_pages, length, true), 2);
  ck_assert_int_eq(document_pdf_pages(two_pages, length, false), 0); /* the root may be further on */
  static const char linearized[] =
      "%PDF-1.5\n10 0 obj\n<< /Linearized 1 /L 54321 /O 12 /E 999 /N 17 /T 5000 >>\nendobj\n";
  ck_assert_int_eq(document_pdf_pages(linearized, sizeof linearized - 1, false), 17);
  static const char *const odd[] = {
      "/Pages",   "/Type /Pages /Count 3", "<</Type/Pages/Count 999999999999999999999>>",
      "<</Pages", "/Linearized",           ">>/Pages<<"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    int pages = document_pdf_pages(odd[i], strlen(odd[i]), true);
    ck_assert_int_ge(pages, 0);
    ck_assert_int_le(pages, 3);
  }
}
END_TEST

START_TEST(our_own_pdf_is_recognized) {
  const struct receipt receipt = {
      .contractor_name = "C", .confirmation_number = "R-1", .received = "now", .requester_name = "A"};
  size_t length = 0;
  char type[DOCUMENT_TYPE_SIZE];
  unsigned char *pdf = receipt_pdf(&receipt, &length);
  ck_assert_ptr_nonnull(pdf);
  ck_assert(document_media_type(pdf, length, type));
  ck_assert_str_eq(type, "application/pdf");
  size_t tail = length < DOCUMENT_TAIL ? length : DOCUMENT_TAIL;
  ck_assert(document_pdf_begins(pdf, length));
  ck_assert(document_pdf_is_whole(pdf + length - tail, tail));
  ck_assert(!document_pdf_is_encrypted(pdf, length));
  free(pdf);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("document");
  TCase *all = tcase_create("documents");
  tcase_add_test(all, the_content_decides_the_type);
  tcase_add_test(all, half_a_pdf_has_no_end);
  tcase_add_test(all, a_pdf_begins_at_the_first_byte);
  tcase_add_test(all, encryption_is_found_in_every_trailer);
  tcase_add_test(all, pages_are_counted_where_it_is_cheap);
  tcase_add_test(all, our_own_pdf_is_recognized);
  tcase_set_timeout(all, 30);
  suite_add_tcase(suite, all);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
