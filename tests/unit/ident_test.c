/*
 * Identifiers: good and bad values of each form, and bad input of every kind.
 * Pasted blanks and dashes are cleaned; look-alikes, control characters, NUL, and
 * broken encodings are refused with a code word.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "medicare/ident.h"

typedef enum ident_fault (*ident_function)(const char *text, size_t length, char out[static IDENT_SIZE]);

static void good(ident_function check, const char *typed, const char *canonical) {
  char out[IDENT_SIZE] = "?";
  enum ident_fault fault = check(typed, strlen(typed), out);
  ck_assert_msg(fault == IDENT_GOOD, "\"%s\" is good, not %s", typed, ident_code(fault));
  ck_assert_str_eq(out, canonical);
}

static void bad(ident_function check, const char *typed, enum ident_fault expected) {
  char out[IDENT_SIZE] = "?";
  enum ident_fault fault = check(typed, strlen(typed), out);
  ck_assert_msg(fault == expected, "\"%s\": %s, not %s", typed, ident_code(expected), ident_code(fault));
  ck_assert_msg(out[0] == '\0', "nothing is left of \"%s\"", typed);
}

static enum ident_fault mbi(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_mbi(text, length, false, out);
}

static enum ident_fault mbi_or_synthetic(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_mbi(text, length, true, out);
}

static enum ident_fault ptan_a(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_ptan(text, length, IDENT_PART_A, out);
}

static enum ident_fault ptan_b(const char *text, size_t length, char out[static IDENT_SIZE]) {
  return ident_ptan(text, length, IDENT_PART_B, out);
}

START_TEST(npi_has_luhns_check_digit_with_prefix_80840) {
  good(ident_npi, "1234567893", "1234567893");
  good(ident_npi, "1558598797", "1558598797");
  good(ident_npi, " 1234-567-893 ", "1234567893");
  bad(ident_npi, "1234567890", IDENT_NPI_CHECK_DIGIT);
  bad(ident_npi, "1234567839", IDENT_NPI_CHECK_DIGIT); /* two digits swapped */
  bad(ident_npi, "3234567893", IDENT_NPI_FORM);
  bad(ident_npi, "123456789", IDENT_NPI_FORM);
  bad(ident_npi, "12345678933", IDENT_NPI_FORM);
  bad(ident_npi, "12345678X3", IDENT_NPI_FORM);
  bad(ident_npi, "", IDENT_REQUIRED);
  bad(ident_npi, "  - ", IDENT_REQUIRED);
}
END_TEST

START_TEST(the_computed_check_digit_is_accepted_and_the_nine_others_are_not) {
  for (unsigned i = 0; i < 2000; i++) {
    char number[16], out[IDENT_SIZE];
    snprintf(number, sizeof number, "%u%08u", 1 + i % 2, i * 49979687u % 100000000u);
    char right = ident_npi_check_digit(number);
    for (char digit = '0'; digit <= '9'; digit++) {
      number[9] = digit;
      enum ident_fault fault = ident_npi(number, 10, out);
      ck_assert_int_eq(fault, digit == right ? IDENT_GOOD : IDENT_NPI_CHECK_DIGIT);
    }
  }
  ck_assert_int_eq(ident_npi_check_digit("12345678"), 0);
}
END_TEST

START_TEST(mbi_follows_cms) {
  good(mbi, "1EG4-TE5-MK73", "1EG4TE5MK73"); /* CMS's own example */
  good(mbi, "1eg4te5mk73", "1EG4TE5MK73");
  bad(mbi, "0EG4TE5MK73", IDENT_MBI_FORM); /* position 1 is 1 to 9 */
  bad(mbi, "11G4TE5MK73", IDENT_MBI_FORM);
  bad(mbi, "1EGATE5MK73", IDENT_MBI_FORM);
  bad(mbi, "1EG4TEEMK73", IDENT_MBI_FORM);
  bad(mbi, "1EG4TE5MKA3", IDENT_MBI_FORM);
  bad(mbi, "1EG4TE5MK7", IDENT_MBI_FORM);
  bad(mbi, "1EG4TE5MK733", IDENT_MBI_FORM);
  bad(mbi, "123-45-6789A", IDENT_MBI_FORM); /* an old HICN */
  static const char forbidden[] = "SLOIBZ";
  for (const char *letter = forbidden; *letter != '\0'; letter++) {
    char number[] = "1EG4TE5MK73";
    number[7] = *letter;
    bad(mbi, number, IDENT_MBI_LETTER);
    bad(mbi_or_synthetic, number, IDENT_MBI_LETTER);
  }
}
END_TEST

START_TEST(a_test_mbi_is_accepted_only_by_its_setting) {
  bad(mbi, "1SG4TE5MK73", IDENT_MBI_SYNTHETIC);
  good(mbi_or_synthetic, "1SG4TE5MK73", "1SG4TE5MK73");
  good(mbi_or_synthetic, "1S00EU8FA10", "1S00EU8FA10"); /* one of CMS's synthetic files */
  good(mbi_or_synthetic, "1EG4TE5MK73", "1EG4TE5MK73");
  bad(mbi_or_synthetic, "1LG4TE5MK73", IDENT_MBI_LETTER);
}
END_TEST

START_TEST(ptan_depends_on_the_line_of_business) {
  good(ptan_a, "200001", "200001");
  good(ptan_a, "3900mb", "3900MB");
  bad(ptan_a, "A00001", IDENT_PTAN_FORM);
  bad(ptan_a, "2000012", IDENT_PTAN_FORM);
  good(ptan_b, "ME0123", "ME0123");
  good(ptan_b, "A1B2C3D4E5", "A1B2C3D4E5");
  bad(ptan_b, "ABC", IDENT_PTAN_FORM);
  bad(ptan_b, "A1B2C3D4E5F", IDENT_PTAN_FORM);
  bad(ptan_b, "ME_123", IDENT_PTAN_FORM);
}
END_TEST

START_TEST(tin_is_nine_digits_or_its_last_five) {
  good(ident_tin, "01-0123456", "010123456");
  bad(ident_tin, "01-012345", IDENT_TIN_FORM);
  good(ident_tin_last_five, "23456", "23456"); /* REG-08 */
  bad(ident_tin_last_five, "2345", IDENT_TIN_LAST_FIVE);
  bad(ident_tin_last_five, "010123456", IDENT_TIN_LAST_FIVE);
  bad(ident_tin_last_five, "2345A", IDENT_TIN_LAST_FIVE);
}
END_TEST

START_TEST(states_and_territories) {
  good(ident_state, "me", "ME");
  good(ident_state, "MP", "MP");
  good(ident_state, "DC", "DC");
  bad(ident_state, "XX", IDENT_STATE_UNKNOWN);
  bad(ident_state, "M", IDENT_STATE_UNKNOWN);
  bad(ident_state, "Maine", IDENT_STATE_UNKNOWN);
  bad(ident_state, "K A", IDENT_STATE_UNKNOWN);
}
END_TEST

START_TEST(a_payment_number_is_up_to_30_letters_and_digits) {
  good(ident_payment_number, "eft 0012-345", "EFT0012345");
  bad(ident_payment_number, "12345678901234567890123456789012345", IDENT_PAYMENT_NUMBER_FORM);
}
END_TEST

START_TEST(a_user_id_is_four_letters_and_three_digits) {
  good(ident_user_id, "ABCD123", "ABCD123"); /* REG-02, with its refused examples */
  good(ident_user_id, "abcd123", "ABCD123");
  bad(ident_user_id, "ABC1234", IDENT_USER_ID_FORM);
  bad(ident_user_id, "ABCD12", IDENT_USER_ID_FORM);
  bad(ident_user_id, "ABCD1234", IDENT_USER_ID_FORM);
  bad(ident_user_id, "ABCDE123", IDENT_USER_ID_FORM);
  bad(ident_user_id, "123ABCD", IDENT_USER_ID_FORM);
}
END_TEST

static enum ident_fault email(const char *text, char *out) { return ident_email(text, strlen(text), out); }

START_TEST(an_e_mail_address_is_one_that_can_be_reached) {
  char out[IDENT_EMAIL_SIZE], endless[400];
  static const char *const accepted[] = {"a@b.co", "first.last+tag@mail.example.org", "o'neil@example.com",
                                         "x_y-z@ex-ample.museum"};
  static const char *const refused[] = {"a",
                                        "a@",
                                        "@b.co",
                                        "a@b",
                                        "a@@b.co",
                                        "a@b@c.co",
                                        "a b@c.co",
                                        "a@b.co x@y.co",
                                        "a@b.co,x@y.co",
                                        ".a@b.co",
                                        "a.@b.co",
                                        "a..b@c.co",
                                        "a@.b.co",
                                        "a@b..co",
                                        "a@b.co.",
                                        "a@-b.co",
                                        "a@b-.co",
                                        "a@b.1",
                                        "a@b.c",
                                        "a@127.0.0.1",
                                        "a@[127.0.0.1]",
                                        "\"a\"@b.co",
                                        "<a@b.co>",
                                        "a@b_c.co",
                                        "A B <a@b.co>",
                                        "a@b.co>",
                                        "a\\@b.co",
                                        "a@b.co;"};
  for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
    ck_assert_msg(email(accepted[i], out) == IDENT_GOOD, "%s is accepted", accepted[i]);
    ck_assert_str_eq(out, accepted[i]);
  }
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    ck_assert_msg(email(refused[i], out) == IDENT_EMAIL_FORM, "%s is refused", refused[i]);
    ck_assert_str_eq(out, "");
  }
  ck_assert_int_eq(email("\t Pat@Example.ORG\xC2\xA0", out), IDENT_GOOD);
  ck_assert_str_eq(out, "pat@example.org");
  ck_assert_int_eq(email("m\xC3\xBCller@example.org", out), IDENT_EMAIL_INTERNATIONAL);
  ck_assert_int_eq(email("a@xn--mller-kva.de", out), IDENT_EMAIL_INTERNATIONAL);
  ck_assert_int_eq(email("a\r\nBcc: x@y.co@b.co", out), IDENT_EMAIL_FORM); /* no second header line */
  ck_assert_int_eq(email("a\x01@b.co", out), IDENT_CONTROL);
  ck_assert_int_eq(email("", out), IDENT_REQUIRED);
  memset(endless, 'a', sizeof endless);
  memcpy(endless + sizeof endless - 8, "@bb.com", 8);
  ck_assert_int_eq(email(endless, out), IDENT_EMAIL_FORM);
  ck_assert_int_eq(email(endless + sizeof endless - 8 - 64, out), IDENT_GOOD); /* RFC 5321: 64 before the @ */
  ck_assert_int_eq(email(endless + sizeof endless - 8 - 65, out), IDENT_EMAIL_FORM);
}
END_TEST

START_TEST(a_phone_number_is_of_the_north_american_plan) {
  good(ident_phone, "207-555-0123", "2075550123");
  good(ident_phone, "(207) 555-0123", "2075550123");
  good(ident_phone, "+1 207.555.0123", "2075550123");
  good(ident_phone, "1-207-555-0123 ext. 12", "2075550123x12");
  good(ident_phone, "207/555 0123 x4567", "2075550123x4567");
  bad(ident_phone, "555-0123", IDENT_PHONE_FORM);
  bad(ident_phone, "107-555-0123", IDENT_PHONE_FORM);
  bad(ident_phone, "207-155-0123", IDENT_PHONE_FORM);
  bad(ident_phone, "1-107-555-0123", IDENT_PHONE_FORM);
  bad(ident_phone, "+44 20 7946 0123", IDENT_PHONE_FORM);
  bad(ident_phone, "207-555-0123x", IDENT_PHONE_FORM);
  bad(ident_phone, "207-555-0123x1234567", IDENT_PHONE_FORM);
  bad(ident_phone, "call me", IDENT_PHONE_FORM);
}
END_TEST

START_TEST(characters_pasted_along_are_cleaned) {
  good(ident_npi,
       "\xEF\xBB\xBF"
       "1234567893\r\n",
       "1234567893"); /* byte order mark, line end */
  good(ident_npi,
       "1234\xC2\xA0"
       "567\xE2\x80\x8B"
       "893",
       "1234567893"); /* no-break and zero-width space */
  good(ident_npi,
       "1234\xE2\x80\x91"
       "567\xE2\x88\x92"
       "893",
       "1234567893"); /* no-break hyphen, minus */
  good(ident_npi,
       "12345\xC2\xAD"
       "67893",
       "1234567893"); /* soft hyphen */
  good(ident_npi,
       "\xEF\xBC\x91"
       "234567893",
       "1234567893");                                 /* full-width 1 */
  good(mbi, "1\xEF\xBD\x85G4TE5MK73", "1EG4TE5MK73"); /* full-width e */
}
END_TEST

START_TEST(look_alikes_are_refused_with_a_code_word) {
  char out[IDENT_SIZE];
  bad(ident_user_id,
      "\xD0\x90"
      "BCD123",
      IDENT_LOOK_ALIKE); /* Cyrillic A */
  bad(ident_user_id,
      "\xCE\x91"
      "BCD123",
      IDENT_LOOK_ALIKE); /* Greek Alpha */
  bad(ident_npi,
      "\xD9\xA1"
      "234567893",
      IDENT_LOOK_ALIKE); /* Arabic-Indic 1 */
  bad(ident_npi,
      "\xF0\x9D\x9F\x8F"
      "234567893",
      IDENT_LOOK_ALIKE); /* mathematical bold 1 */
  bad(ident_npi,
      "\xE2\x91\xA0"
      "234567893",
      IDENT_LOOK_ALIKE); /* circled 1 */
  bad(ident_npi,
      "123456\x07"
      "7893",
      IDENT_CONTROL);
  bad(ident_npi,
      "\xE2\x80\xAE"
      "1234567893",
      IDENT_CONTROL); /* right-to-left override */
  bad(ident_npi, "123456789\xFF", IDENT_ENCODING);
  bad(ident_npi,
      "\xC0\xB1"
      "234567893",
      IDENT_ENCODING);                            /* overlong 1 */
  bad(ident_npi, "\xED\xA0\x80", IDENT_ENCODING); /* a surrogate */
  ck_assert_int_eq(ident_npi("12345\00067893", 11, out), IDENT_CONTROL);
  ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(any_length_can_be_refused) {
  static char endless[100000];
  char out[IDENT_SIZE];
  memset(endless, '1', sizeof endless);
  ck_assert_int_eq(ident_npi(endless, sizeof endless, out), IDENT_NPI_FORM);
  ck_assert_int_eq(ident_phone(endless, sizeof endless, out), IDENT_PHONE_FORM);
  ck_assert_int_eq(ident_clean(endless, sizeof endless, out, sizeof out), IDENT_LENGTH);
  memset(endless, ' ', sizeof endless);
  ck_assert_int_eq(ident_npi(endless, sizeof endless, out), IDENT_REQUIRED);
  ck_assert_int_eq(ident_clean("12", 2, out, 3), IDENT_GOOD);
  ck_assert_int_eq(ident_clean("123", 3, out, 3), IDENT_LENGTH);
}
END_TEST

START_TEST(every_fault_has_its_own_code_and_words) {
  for (int fault = 1; fault < IDENT_FAULT_COUNT; fault++) {
    const char *code = ident_code((enum ident_fault)fault), *words = ident_words((enum ident_fault)fault);
    ck_assert_msg(code != NULL && code[0] != '\0' &&
                      strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code),
                  "code %d", fault);
    ck_assert_msg(words != NULL && strlen(words) > 10 && words[strlen(words) - 1] == '.', "words of %s",
                  code);
    for (int other = 1; other < fault; other++) ck_assert_str_ne(code, ident_code((enum ident_fault)other));
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ident");
  TCase *forms = tcase_create("forms");
  tcase_add_test(forms, npi_has_luhns_check_digit_with_prefix_80840);
  tcase_add_test(forms, the_computed_check_digit_is_accepted_and_the_nine_others_are_not);
  tcase_add_test(forms, mbi_follows_cms);
  tcase_add_test(forms, a_test_mbi_is_accepted_only_by_its_setting);
  tcase_add_test(forms, ptan_depends_on_the_line_of_business);
  tcase_add_test(forms, tin_is_nine_digits_or_its_last_five);
  tcase_add_test(forms, states_and_territories);
  tcase_add_test(forms, a_payment_number_is_up_to_30_letters_and_digits);
  tcase_add_test(forms, a_user_id_is_four_letters_and_three_digits);
  tcase_add_test(forms, an_e_mail_address_is_one_that_can_be_reached);
  tcase_add_test(forms, a_phone_number_is_of_the_north_american_plan);
  suite_add_tcase(suite, forms);
  TCase *input = tcase_create("bad input");
  tcase_add_test(input, characters_pasted_along_are_cleaned);
  tcase_add_test(input, look_alikes_are_refused_with_a_code_word);
  tcase_add_test(input, any_length_can_be_refused);
  tcase_add_test(input, every_fault_has_its_own_code_and_words);
  suite_add_tcase(suite, input);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
