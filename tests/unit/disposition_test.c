/*
 * File names out of Content-Disposition (RFC 6266, RFC 8187): what is kept of
 * them, and what no name may carry into a receipt or a download.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "format/disposition.h"

static const struct {
  const char *header, *name; /* NULL: refused */
} names[] = {
    {"attachment; filename=notes.pdf", "notes.pdf"},
    {"attachment; filename=\"op note.pdf\"", "op note.pdf"},
    {"attachment;filename=\"a \\\"quoted\\\" one.pdf\" ; size=3", "a \"quoted\" one.pdf"},
    {"ATTACHMENT; FILENAME=upper.pdf", "upper.pdf"},
    {"attachment; filename*=UTF-8''na%C3%AFve%20file.pdf", "na\xc3\xafve file.pdf"},
    {"attachment; filename=\"old.pdf\"; filename*=UTF-8'en'new.pdf", "new.pdf"},
    {"attachment; filename*=UTF-8''new.pdf; filename=\"old.pdf\"", "new.pdf"},
    {"attachment; filename*=ISO-8859-1''x.pdf; filename=\"kept.pdf\"", "kept.pdf"},
    {"attachment; filename*=UTF-8''bad%GG.pdf; filename=kept.pdf", "kept.pdf"},
    {"attachment; filename=\"/etc/passwd\"", "passwd"},
    {"attachment; filename=\"..\\\\..\\\\boot.ini\"", "boot.ini"},
    {"attachment; filename*=UTF-8''..%2F..%2Fx.pdf", "x.pdf"},
    {"attachment; filename=\"...hidden.pdf.. \"", "hidden.pdf"},
    {"attachment; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b.pdf", "aSet-Cookie: b.pdf"},
    {"attachment; filename*=UTF-8''evil%E2%80%AEfdp.exe", "evilfdp.exe"},
    {"attachment; filename*=UTF-8''a%E2%81%A0b%E2%80%AAc.pdf", "abc.pdf"},
    {"attachment; filename=\"unfinished.pdf", "unfinished.pdf"},
    {"attachment; name=\"field.pdf\"", NULL},
    {"attachment", NULL},
    {"", NULL},
    {"attachment; filename=\"\"", NULL},
    {"attachment; filename=\"/\"", NULL},
    {"attachment; filename=\" .. \"", NULL},
    {"attachment; filename*=UTF-8''a%00b.pdf", NULL},
    {"attachment; filename*=UTF-8''%C3%28.pdf", NULL},
    {"attachment; filename*=UTF-8''%", NULL},
    {"attachment; filename*=UTF-8'", NULL},
};

START_TEST(a_file_name_loses_what_it_must_not_contain) {
  char name[DISPOSITION_NAME_SIZE];
  bool found = disposition_file_name(names[_i].header, name);
  if (names[_i].name == NULL) ck_assert_msg(!found, "%s gave %s", names[_i].header, name);
  else {
    ck_assert_msg(found, "%s", names[_i].header);
    ck_assert_str_eq(name, names[_i].name);
  }
}
END_TEST

START_TEST(without_a_header_there_is_no_name) {
  char name[DISPOSITION_NAME_SIZE];
  ck_assert(!disposition_file_name(NULL, name));
}
END_TEST

START_TEST(a_long_name_keeps_its_ending_and_whole_characters) {
  char header[2000] = "attachment; filename=\"", name[DISPOSITION_NAME_SIZE];
  for (int i = 0; i < 300; i++) strncat(header, "\xc3\xa9", 3);
  strncat(header, ".pdf\"", 6);
  ck_assert(disposition_file_name(header, name));
  size_t length = strlen(name);
  ck_assert_uint_lt(length, DISPOSITION_NAME_SIZE);
  ck_assert_uint_gt(length, 150);
  ck_assert_str_eq(name + length - 4, ".pdf");
  ck_assert_uint_eq((length - 4) % 2, 0);
}
END_TEST

START_TEST(a_header_that_is_too_long_is_refused) {
  static char header[20000];
  memset(header, 'x', sizeof header - 1);
  memcpy(header, "attachment; filename=", 21);
  char name[DISPOSITION_NAME_SIZE];
  ck_assert(!disposition_file_name(header, name));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("disposition");
  TCase *all = tcase_create("names");
  tcase_add_loop_test(all, a_file_name_loses_what_it_must_not_contain, 0,
                      (int)(sizeof names / sizeof names[0]));
  tcase_add_test(all, without_a_header_there_is_no_name);
  tcase_add_test(all, a_long_name_keeps_its_ending_and_whole_characters);
  tcase_add_test(all, a_header_that_is_too_long_is_refused);
  suite_add_tcase(suite, all);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
