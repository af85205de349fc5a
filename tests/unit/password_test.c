/*
 * Passwords: hashes that the Argon2 library itself agrees with, the gate with
 * real processes that are killed while they hash or wait, and the choice of a
 * new password. The library's header is included for the oracle alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <argon2.h>
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "secret/password.h"

static const struct password_cost cheap = {64, 1, 1};       /* the smallest that means anything */
static const struct password_cost endless = {65536, 60, 1}; /* seconds: for those who are killed meanwhile */
static const char right[] = "four words in a row";
static const size_t right_length = sizeof right - 1;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------- hashes */

/* As the database gives it out: without the tag. */
static const char *salt_of(const char *hash, char salt[static 256]) {
  snprintf(salt, 256, "%s", hash);
  char *last = strrchr(salt, '$');
  if (last != NULL) *last = '\0';
  return salt;
}

/* As the database compares. */
static bool fits(struct password_gate *gate, const char *hash, const char *password, size_t length) {
  char text[256], made[1][PASSWORD_HASH_SIZE];
  const char *salt = salt_of(hash, text);
  ck_assert_int_eq(password_answer(gate, &salt, 1, password, length, made), PASSWORD_DONE);
  return strcmp(made[0], hash) == 0;
}

START_TEST(a_hashed_password_is_verified) {
  char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
  ck_assert_int_eq(password_hash(NULL, &cheap, right, right_length, hash), PASSWORD_DONE);
  ck_assert_int_eq(strncmp(hash, "$argon2id$v=19$m=64,t=1,p=1$", 28), 0);
  ck_assert_int_eq(password_hash(NULL, &cheap, right, right_length, again), PASSWORD_DONE);
  ck_assert_str_ne(hash, again); /* salted */
  ck_assert(fits(NULL, hash, right, right_length));
  ck_assert(!fits(NULL, hash, "Four words in a row", right_length)); /* PWD-02 */
  ck_assert(!fits(NULL, hash, right, right_length - 1));
  ck_assert(!fits(NULL, hash, "", 0));
}
END_TEST

START_TEST(hashes_agree_with_the_library_in_both_directions) {
  static const struct password_cost costs[] = {{64, 1, 1}, {256, 3, 1}, {1000, 2, 4}};
  for (size_t i = 0; i < 3; i++) {
    char hash[PASSWORD_HASH_SIZE], theirs[256];
    ck_assert_int_eq(password_hash(NULL, &costs[i], right, right_length, hash), PASSWORD_DONE);
    ck_assert_int_eq(argon2id_verify(hash, right, right_length), ARGON2_OK);
    ck_assert_int_eq(argon2id_hash_encoded(costs[i].passes, costs[i].memory_kib, costs[i].lanes, right,
                                           right_length, "a salt of 16 ch.", 16, 32, theirs, sizeof theirs),
                     ARGON2_OK);
    ck_assert(fits(NULL, theirs, right, right_length));
    ck_assert(!password_needs_rehash(theirs, &costs[i]));
  }
}
END_TEST

START_TEST(a_hash_of_another_cost_is_renewed) {
  char hash[PASSWORD_HASH_SIZE];
  ck_assert_int_eq(password_hash(NULL, &cheap, right, right_length, hash), PASSWORD_DONE);
  ck_assert(!password_needs_rehash(hash, &cheap));
  ck_assert(password_needs_rehash(hash, &(struct password_cost){65, 1, 1}));
  ck_assert(password_needs_rehash(hash, &(struct password_cost){64, 2, 1}));
  ck_assert(password_needs_rehash(hash, &(struct password_cost){64, 1, 2}));
  ck_assert(password_needs_rehash("plain text", &cheap));
}
END_TEST

START_TEST(a_broken_stored_hash_is_renewed) {
  static const char *const broken[] = {
      "",
      "x",
      "$argon2id$",
      "$argon2i$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=16$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=99999999,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=64,t=999999,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=64,t=0,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAA",
      "$argon2id$v=19$m=64,t=1,p=1$$AAAA",
      "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg",
      "$argon2id$v=19$m=-64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAA",
      "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
      "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLh$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$"};
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
    ck_assert_msg(password_needs_rehash(broken[i], &cheap), "%s", broken[i]);
}
END_TEST

START_TEST(a_broken_salt_is_a_failure) {
  static const char *const broken[] = {"",
                                       "x",
                                       "$argon2id$",
                                       "$argon2i$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg",
                                       "$argon2id$v=16$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg",
                                       "$argon2id$v=19$m=99999999,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg",
                                       "$argon2id$v=19$m=64,t=1,p=1$AAAA",
                                       "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg$",
                                       "$argon2id$v=19$m=64,t=1,p=1"};
  char made[1][PASSWORD_HASH_SIZE];
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
    ck_assert_msg(password_answer(NULL, &broken[i], 1, right, right_length, made) == PASSWORD_FAILED, "%s",
                  broken[i]);
}
END_TEST

START_TEST(a_password_is_computed_under_several_salts) {
  char first[PASSWORD_HASH_SIZE], second[PASSWORD_HASH_SIZE], texts[2][256], made[2][PASSWORD_HASH_SIZE];
  ck_assert_int_eq(password_hash(NULL, &cheap, "the first of them all", 21, first), PASSWORD_DONE);
  ck_assert_int_eq(password_hash(NULL, &cheap, right, right_length, second), PASSWORD_DONE);
  const char *salts[] = {salt_of(first, texts[0]), salt_of(second, texts[1])};
  ck_assert_int_eq(password_answer(NULL, salts, 2, right, right_length, made), PASSWORD_DONE); /* PWD-04 */
  ck_assert_str_ne(made[0], first);
  ck_assert_str_eq(made[1], second);
  ck_assert_int_eq(password_answer(NULL, salts, 0, right, right_length, made), PASSWORD_DONE);
}
END_TEST

START_TEST(bytes_count_as_they_are) {
  char hash[PASSWORD_HASH_SIZE], huge[600];
  memset(huge, 'x', sizeof huge);
  ck_assert_int_eq(password_hash(NULL, &cheap, " leading and trailing ", 22, hash), PASSWORD_DONE);
  ck_assert(!fits(NULL, hash, "leading and trailing", 20));
  ck_assert_int_eq(password_hash(NULL, &cheap, "caf\xC3\xA9 au lait noir", 18, hash), PASSWORD_DONE);
  ck_assert(!fits(NULL, hash, "cafe\xCC\x81 au lait noir", 19)); /* not normalized */
  ck_assert_int_eq(password_hash(NULL, &cheap, huge, sizeof huge, hash), PASSWORD_FAILED);
  ck_assert_int_eq(password_hash(NULL, &cheap, huge, 512, hash), PASSWORD_DONE);
  ck_assert(!fits(NULL, hash, huge, 513)); /* its first 512 bytes do fit */
}
END_TEST

/* ---------------------------------------------------------------- the gate */

static struct password_gate *gate_of(unsigned permits, unsigned queue, unsigned wait_most_ms) {
  struct password_gate_options options = {permits, queue, wait_most_ms, 65536};
  struct password_gate *gate = password_gate_new(&options);
  ck_assert_ptr_nonnull(gate);
  return gate;
}

/* A child process that hashes with this cost and ends with the outcome as its status. */
static pid_t child_hashes(struct password_gate *gate, const struct password_cost *cost) {
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child > 0) return child;
  char hash[PASSWORD_HASH_SIZE];
  _exit((int)password_hash(gate, cost, right, right_length, hash));
}

static void let_it_start(void) { nanosleep(&(struct timespec){0, 150000000}, NULL); }

static void kill_child(pid_t child) {
  ck_assert_int_eq(kill(child, SIGKILL), 0);
  ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static int status_of(pid_t child) {
  int status = 0;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

START_TEST(a_full_gate_answers_at_once) {
  struct password_gate *gate = gate_of(1, 0, 3000);
  pid_t holder = child_hashes(gate, &endless);
  let_it_start();
  char hash[PASSWORD_HASH_SIZE];
  double start = seconds();
  ck_assert_int_eq(password_hash(gate, &endless, right, right_length, hash), PASSWORD_BUSY);
  const char *salt = "$argon2id$v=19$m=64,t=1,p=1$YSBzYWx0IG9mIDE2IGNoLg";
  char made[1][PASSWORD_HASH_SIZE];
  ck_assert_int_eq(password_answer(gate, &salt, 1, right, right_length, made), PASSWORD_BUSY);
  ck_assert_msg(seconds() - start < 0.05, "busy after %.3f s", seconds() - start);
  kill_child(holder);
  struct password_gate_numbers numbers;
  password_gate_read(gate, &numbers);
  ck_assert_uint_eq(numbers.refused, 2);
  password_gate_free(gate);
}
END_TEST

START_TEST(those_who_wait_are_seen_and_a_dead_one_is_not) {
  struct password_gate *gate = gate_of(1, 4, 8000);
  struct password_gate_numbers numbers;
  pid_t holder = child_hashes(gate, &endless), second = child_hashes(gate, &endless),
        third = child_hashes(gate, &endless);
  let_it_start();
  password_gate_read(gate, &numbers);
  ck_assert_uint_eq(numbers.waiting, 2);
  kill_child(third);
  kill_child(second);
  kill_child(holder);
  password_gate_read(gate, &numbers);
  ck_assert_uint_eq(numbers.waiting, 0);
  password_gate_free(gate);
}
END_TEST

START_TEST(a_process_killed_while_hashing_returns_its_permit) {
  struct password_gate *gate = gate_of(1, 0, 3000);
  char hash[PASSWORD_HASH_SIZE];
  for (int i = 0; i < 3; i++) {
    pid_t holder = child_hashes(gate, &endless);
    let_it_start();
    ck_assert_int_eq(password_hash(gate, &cheap, right, right_length, hash), PASSWORD_BUSY);
    kill_child(holder);
    ck_assert_int_eq(password_hash(gate, &cheap, right, right_length, hash), PASSWORD_DONE);
    ck_assert_int_eq(argon2id_verify(hash, right, right_length), ARGON2_OK);
  }
  password_gate_free(gate);
}
END_TEST

START_TEST(a_process_killed_while_waiting_returns_its_place) {
  struct password_gate *gate = gate_of(1, 1, 10000);
  char hash[PASSWORD_HASH_SIZE];
  pid_t holder = child_hashes(gate, &endless);
  let_it_start();
  pid_t waiter = child_hashes(gate, &cheap);
  let_it_start();
  ck_assert_int_eq(password_hash(gate, &cheap, right, right_length, hash),
                   PASSWORD_BUSY); /* the queue is full */
  kill_child(waiter);
  waiter = child_hashes(gate, &cheap); /* takes the free place */
  let_it_start();
  ck_assert_int_eq(password_hash(gate, &cheap, right, right_length, hash), PASSWORD_BUSY);
  kill_child(holder);
  ck_assert_int_eq(status_of(waiter), PASSWORD_DONE); /* it got its turn */
  password_gate_free(gate);
}
END_TEST

START_TEST(a_waiter_gives_up_when_its_time_is_over) {
  struct password_gate *gate = gate_of(2, 4, 300);
  pid_t first = child_hashes(gate, &endless), second = child_hashes(gate, &endless);
  let_it_start();
  char hash[PASSWORD_HASH_SIZE];
  double start = seconds();
  ck_assert_int_eq(password_hash(gate, &cheap, right, right_length, hash), PASSWORD_BUSY);
  double waited = seconds() - start;
  ck_assert_msg(waited > 0.29 && waited < 1.0, "gave up after %.3f s", waited);
  kill_child(second); /* not the one it would sleep on first */
  ck_assert_int_eq(password_hash(gate, &cheap, right, right_length, hash), PASSWORD_DONE);
  kill_child(first);
  password_gate_free(gate);
}
END_TEST

static void *hash_often(void *object) {
  struct password_gate *gate = object;
  char hash[PASSWORD_HASH_SIZE];
  intptr_t wrong = 0;
  for (int i = 0; i < 50; i++)
    if (password_hash(gate, &cheap, right, right_length, hash) != PASSWORD_DONE) wrong++;
    else if (!fits(gate, hash, right, right_length)) wrong++;
  return (void *)wrong;
}

START_TEST(many_threads_of_many_processes_share_two_permits) {
  struct password_gate *gate = gate_of(2, 64, 10000);
  pid_t children[2];
  for (int i = 0; i < 2; i++) {
    children[i] = fork();
    if (children[i] != 0) continue;
    pthread_t threads[6];
    intptr_t wrong = 0;
    for (int j = 0; j < 6; j++) pthread_create(&threads[j], NULL, hash_often, gate);
    for (int j = 0; j < 6; j++) {
      void *result = NULL;
      pthread_join(threads[j], &result);
      wrong += (intptr_t)result;
    }
    _exit(wrong == 0 ? 0 : 1);
  }
  ck_assert_int_eq(status_of(children[0]), 0);
  ck_assert_int_eq(status_of(children[1]), 0);
  struct password_gate_numbers numbers;
  password_gate_read(gate, &numbers);
  ck_assert_uint_eq(numbers.hashed, 2 * 6 * 50 * 2);
  ck_assert_uint_eq(numbers.refused, 0);
  password_gate_free(gate);
}
END_TEST

START_TEST(a_hash_larger_than_the_gates_memory_still_works) {
  struct password_gate_options options = {1, 1, 1000, 64};
  struct password_gate *gate = password_gate_new(&options);
  ck_assert_ptr_nonnull(gate);
  char hash[PASSWORD_HASH_SIZE];
  ck_assert_int_eq(password_hash(gate, &(struct password_cost){1024, 1, 1}, right, right_length, hash),
                   PASSWORD_DONE);
  ck_assert(fits(gate, hash, right, right_length));
  password_gate_free(gate);
}
END_TEST

/* ---------------------------------------------------------------- choosing */

static const char *const own[] = {"ABCD123", "Patricia", "O'Malley-Smith", "pat.omalley@lakeside.example",
                                  NULL};

static void judged(const char *password, enum password_fault expected) {
  enum password_fault fault = password_judge(password, strlen(password), 15, own);
  ck_assert_msg(fault == expected, "\"%s\": %s, not %s", password, password_fault_code(expected),
                password_fault_code(fault));
}

START_TEST(length_and_nothing_else_makes_a_good_password) {
  judged("purple horse climbs stairs",
         PASSWORD_GOOD); /* no digit or capital is demanded (NIST SP 800-63B-4) */
  judged("kq8#Zv!m2Rw0&tYx", PASSWORD_GOOD);
  judged("Regenschirm unterm Kirschbaum", PASSWORD_GOOD);
  judged("\xD0\xB4\xD0\xBB\xD0\xB8\xD0\xBD\xD0\xBD\xD1\x8B\xD0\xB9 "
         "\xD0\xBF\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C!",
         PASSWORD_GOOD);
  judged("83920184756201938475", PASSWORD_GOOD); /* twenty digits without a pattern */
  judged("fourteen chars", PASSWORD_SHORT);
  judged("", PASSWORD_SHORT);
  char long_one[140];
  for (size_t i = 0; i < sizeof long_one; i++)
    long_one[i] = "horsebatterystaple wagon"[(i * i * 7 + i / 5) % 24];
  ck_assert_int_eq(password_judge(long_one, 128, 15, own), PASSWORD_GOOD);
  ck_assert_int_eq(password_judge(long_one, 129, 15, own), PASSWORD_LONG);
  ck_assert_int_eq(password_judge("long enough? \xC3\xA9\xC3", 16, 15, own), PASSWORD_ENCODING);
  ck_assert_int_eq(password_judge("a NUL in \0 the middle", 21, 15, own), PASSWORD_ENCODING);
  ck_assert_int_eq(password_judge("a line\nbreak in it", 18, 15, own), PASSWORD_ENCODING);
}
END_TEST

START_TEST(own_names_are_refused) {
  judged("abcd123 climbs the stairs", PASSWORD_OWN_NAME); /* PWD-04 */
  judged("horse PATRICIA stairs", PASSWORD_OWN_NAME);
  judged("the malley climbs stairs", PASSWORD_OWN_NAME);
  judged("horse at the Lakeside 77", PASSWORD_OWN_NAME);
  judged("pat climbs purple stairs", PASSWORD_GOOD); /* three letters are not a name */
  static const char *const adam[] = {"Adam", NULL};
  ck_assert_int_eq(password_judge("adam climbs the stairs", 22, 15, adam), PASSWORD_OWN_NAME);
  ck_assert_int_eq(password_judge("horse Patricia stairs", 21, 15, NULL), PASSWORD_GOOD);
}
END_TEST

START_TEST(common_passwords_are_refused) {
  static const char *const common[] = {
      "Password12345678",     "P@ssw0rdP@ssw0rd!",  "passwordpassword",          "Welcome2026!!!!!",
      "Medicare-Portal-2026", "letmeinletmein2026", "Summer2026Summer",          "iloveyou1234567",
      "administrator123",     "Connex!Connex!1",    "correcthorsebatterystaple", "adminadminadmin1",
      "Provider2026!!!",      "qwertyuiop12345!",   "January-2026-January"};
  for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
    enum password_fault fault = password_judge(common[i], strlen(common[i]), 15, NULL);
    ck_assert_msg(fault == PASSWORD_COMMON || fault == PASSWORD_PATTERN, "%s is refused", common[i]);
  }
  judged("passwordpassword zq", PASSWORD_COMMON); /* two letters of its own are too few */
  judged("aaaaaaaaaaaaaaa", PASSWORD_PATTERN);
  judged("123123123123123", PASSWORD_PATTERN);
  judged("zhqkzhqkzhqkzhqk", PASSWORD_PATTERN);
  judged("123456789012345", PASSWORD_PATTERN);
  judged("abcdefghijklmnop", PASSWORD_PATTERN);
  judged("qwertyuiopasdfghjkl", PASSWORD_PATTERN);
  judged("839201847562019", PASSWORD_COMMON); /* fifteen digits: few enough to try */
}
END_TEST

START_TEST(every_fault_has_a_code_and_words) {
  for (int fault = 1; fault < PASSWORD_FAULT_COUNT; fault++) {
    ck_assert_int_eq(strncmp(password_fault_code((enum password_fault)fault), "password_", 9), 0);
    ck_assert_uint_gt(strlen(password_fault_words((enum password_fault)fault)), 20);
  }
}
END_TEST

static TCase *hashes(void) {
  TCase *tests = tcase_create("hashes");
  tcase_add_test(tests, a_hashed_password_is_verified);
  tcase_add_test(tests, hashes_agree_with_the_library_in_both_directions);
  tcase_add_test(tests, a_hash_of_another_cost_is_renewed);
  tcase_add_test(tests, a_broken_stored_hash_is_renewed);
  tcase_add_test(tests, a_broken_salt_is_a_failure);
  tcase_add_test(tests, a_password_is_computed_under_several_salts);
  tcase_add_test(tests, bytes_count_as_they_are);
  tcase_set_timeout(tests, 60);
  return tests;
}

static TCase *gates(void) {
  TCase *tests = tcase_create("gate");
  tcase_add_test(tests, a_full_gate_answers_at_once);
  tcase_add_test(tests, those_who_wait_are_seen_and_a_dead_one_is_not);
  tcase_add_test(tests, a_process_killed_while_hashing_returns_its_permit);
  tcase_add_test(tests, a_process_killed_while_waiting_returns_its_place);
  tcase_add_test(tests, a_waiter_gives_up_when_its_time_is_over);
  tcase_add_test(tests, many_threads_of_many_processes_share_two_permits);
  tcase_add_test(tests, a_hash_larger_than_the_gates_memory_still_works);
  tcase_set_timeout(tests, 120);
  return tests;
}

static TCase *choices(void) {
  TCase *tests = tcase_create("choosing");
  tcase_add_test(tests, length_and_nothing_else_makes_a_good_password);
  tcase_add_test(tests, own_names_are_refused);
  tcase_add_test(tests, common_passwords_are_refused);
  tcase_add_test(tests, every_fault_has_a_code_and_words);
  return tests;
}

int main(void) {
  Suite *suite = suite_create("password");
  suite_add_tcase(suite, hashes());
  suite_add_tcase(suite, gates());
  suite_add_tcase(suite, choices());
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
