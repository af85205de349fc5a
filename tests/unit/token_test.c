/*
 * Secrets: their form, that no two are the same, that a mistyped token is
 * recognized without the database, and hashes against published vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret/token.h"

START_TEST(a_session_secret_is_43_characters_of_base64url) {
  char one[TOKEN_SECRET_SIZE], two[TOKEN_SECRET_SIZE];
  ck_assert(token_secret(one));
  ck_assert(token_secret(two));
  ck_assert_uint_eq(strlen(one), 43);
  ck_assert_str_ne(one, two);
  ck_assert(token_secret_is_well_formed(one, 43));
  ck_assert(!token_secret_is_well_formed(one, 42));
  ck_assert(!token_secret_is_well_formed("", 0));
  one[10] = '+'; /* base64, but not base64url */
  ck_assert(!token_secret_is_well_formed(one, 43));
  one[10] = '\0';
  ck_assert(!token_secret_is_well_formed(one, 43));
}
END_TEST

START_TEST(a_secret_uses_every_letter) {
  bool seen[256] = {false};
  char text[TOKEN_SECRET_SIZE];
  int kinds = 0;
  for (int i = 0; i < 200; i++) {
    ck_assert(token_secret(text));
    for (const char *at = text; *at != '\0'; at++) seen[(unsigned char)*at] = true;
  }
  for (int i = 0; i < 256; i++) kinds += seen[i];
  ck_assert_int_eq(kinds, 64);
}
END_TEST

/* Fixed by hand with zlib's crc32 (IEEE 802.3) and base 62: tokens given out must stay valid in every later
 * version. */
static const char api_token[] = "cnx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2SvgxT";

START_TEST(a_mistyped_api_token_is_recognized) {
  char wrong[TOKEN_API_SIZE];
  ck_assert(token_api_is_well_formed(api_token, 53));
  for (size_t i = 0; i < 53; i++) {
    memcpy(wrong, api_token, sizeof wrong);
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    ck_assert_msg(!token_api_is_well_formed(wrong, 53), "character %zu changed", i);
  }
  ck_assert(!token_api_is_well_formed(api_token, 52));
  ck_assert(!token_api_is_well_formed(api_token + 4, 43));
}
END_TEST

START_TEST(a_code_is_read_as_people_type_it) {
  char code[16];
  static const struct {
    const char *typed, *read;
  } cases[] = {
      {"abcd-efgh-2345", "ABCDEFGH2345"},
      {" ABCD EFGH\t2345\n", "ABCDEFGH2345"},
      {"ABCD\xE2\x80\x93"
       "EFGH",
       "ABCDEFGH"}, /* en dash */
      {"12\xC2\xA0"
       "34\xE2\x80\x8B"
       "56",
       "123456"}, /* no-break space, zero-width space */
      {"\xEF\xBC\x91\xEF\xBC\x92"
       "3",
       "123"}, /* full-width digits */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ck_assert(token_code_clean(cases[i].typed, strlen(cases[i].typed), code, sizeof code));
    ck_assert_str_eq(code, cases[i].read);
  }
  ck_assert(!token_code_clean("", 0, code, sizeof code));
  ck_assert(!token_code_clean(" - ", 3, code, sizeof code));
  ck_assert(!token_code_clean("12\x00"
                              "3",
                              4, code, sizeof code));
  ck_assert(!token_code_clean("\xD0\x90"
                              "BCD",
                              5, code, sizeof code)); /* Cyrillic A */
  ck_assert(!token_code_clean("12\xFF", 3, code, sizeof code));
  ck_assert(!token_code_clean("12345678901234567890", 20, code, sizeof code));
}
END_TEST

START_TEST(sha_256_and_hmac_agree_with_their_standards) {
  unsigned char hash[TOKEN_HASH_SIZE];
  char hex[TOKEN_HEX_SIZE];
  ck_assert(token_hash("abc", hash)); /* FIPS 180-2, B.1 */
  token_hex(hash, sizeof hash, hex);
  ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  /* RFC 4231 has no 32-byte key with NULs in the text; the value is openssl's:
   * printf 'login\0ABCD123\000123456' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<32 times 0b> */
  struct token_key key;
  memset(key.bytes, 0x0b, sizeof key.bytes);
  ck_assert(token_code_hash(&key, "login", "ABCD123", "123456", hash));
  token_hex(hash, sizeof hash, hex);
  ck_assert_str_eq(hex, "5bfda8f73f08228b4e34402e8dfde39e612e647563740adc32b2074bb7c7961e");
}
END_TEST

START_TEST(a_code_is_bound_to_its_purpose_and_its_owner) {
  struct token_key key, other;
  unsigned char mine[TOKEN_HASH_SIZE], theirs[TOKEN_HASH_SIZE];
  memset(key.bytes, 1, sizeof key.bytes);
  memset(other.bytes, 2, sizeof other.bytes);
  ck_assert(token_code_hash(&key, "login", "ABCD123", "123456", mine));
  ck_assert(token_code_hash(&key, "login", "WXYZ789", "123456", theirs)); /* MFA-06 */
  ck_assert(!token_equal(mine, theirs, sizeof mine));
  ck_assert(token_code_hash(&key, "email", "ABCD123", "123456", theirs));
  ck_assert(!token_equal(mine, theirs, sizeof mine));
  ck_assert(token_code_hash(&key, "login", "ABCD12", "3123456", theirs));
  ck_assert(!token_equal(mine, theirs, sizeof mine));
  ck_assert(token_code_hash(&other, "login", "ABCD123", "123456", theirs));
  ck_assert(!token_equal(mine, theirs, sizeof mine));
  ck_assert(token_code_hash(&key, "login", "ABCD123", "123456", theirs));
  ck_assert(token_equal(mine, theirs, sizeof mine));
  char endless[600];
  memset(endless, 'A', sizeof endless - 1);
  endless[sizeof endless - 1] = '\0';
  ck_assert(!token_code_hash(&key, "login", "ABCD123", endless, theirs));
}
END_TEST

/* Writes `size` bytes into a new file of this mode and reads it as a key. */
static int read_key_of(size_t size, mode_t mode, struct token_key *key, const char **why) {
  char path[] = "/tmp/connex-key-XXXXXX", bytes[64] = "0123456789abcdef0123456789abcdef";
  int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  ck_assert_int_eq((int)write(file, bytes, size), (int)size);
  ck_assert_int_eq(fchmod(file, mode), 0);
  close(file);
  int outcome = token_key_read(path, key, why);
  unlink(path);
  return outcome;
}

START_TEST(the_key_file_holds_32_bytes_for_the_service_alone) {
  struct token_key key;
  const char *why = NULL;
  ck_assert_int_eq(read_key_of(32, 0600, &key, &why), 0);
  ck_assert_mem_eq(key.bytes, "0123456789abcdef0123456789abcdef", 32);
  ck_assert_ptr_null(why);
  ck_assert_int_eq(read_key_of(32, 0440, &key, &why), 0);
  ck_assert_int_eq(read_key_of(31, 0600, &key, &why), -1);
  ck_assert_ptr_nonnull(strstr(why, "32 bytes"));
  ck_assert_int_eq(read_key_of(33, 0600, &key, &why), -1);
  ck_assert_int_eq(read_key_of(32, 0644, &key, &why), -1);
  ck_assert_ptr_nonnull(strstr(why, "others"));
  ck_assert_int_eq(read_key_of(32, 0660, &key, &why), -1);
  ck_assert_int_eq(token_key_read("/nonexistent/key", &key, &why), -1);
  ck_assert_int_eq(token_key_read("/dev/zero", &key, &why), -1);
}
END_TEST

START_TEST(hexadecimal_is_read_back) {
  unsigned char bytes[4] = {0, 0x7f, 0x80, 0xff}, back[4];
  char text[9];
  token_hex(bytes, 4, text);
  ck_assert_str_eq(text, "007f80ff");
  ck_assert(token_unhex("007F80fF", 8, back, 4));
  ck_assert_mem_eq(bytes, back, 4);
  ck_assert(!token_unhex("007F80f", 7, back, 4));
  ck_assert(!token_unhex("007F80fg", 8, back, 4));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("token");
  TCase *secrets = tcase_create("secrets");
  tcase_add_test(secrets, a_session_secret_is_43_characters_of_base64url);
  tcase_add_test(secrets, a_secret_uses_every_letter);
  tcase_add_test(secrets, a_mistyped_api_token_is_recognized);
  tcase_add_test(secrets, a_code_is_read_as_people_type_it);
  tcase_add_test(secrets, sha_256_and_hmac_agree_with_their_standards);
  tcase_add_test(secrets, a_code_is_bound_to_its_purpose_and_its_owner);
  tcase_add_test(secrets, the_key_file_holds_32_bytes_for_the_service_alone);
  tcase_add_test(secrets, hexadecimal_is_read_back);
  tcase_set_timeout(secrets, 30);
  suite_add_tcase(suite, secrets);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
