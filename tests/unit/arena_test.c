/*
 * The arena: allocations are aligned and do not overlap, and the reset frees
 * everything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static struct arena *arena;

static void set_up(void) {
  arena = arena_new(1024);
  ck_assert_ptr_nonnull(arena);
}

static void tear_down(void) { arena_free(arena); }

START_TEST(allocations_are_aligned_and_do_not_overlap) {
  unsigned char *pieces[200];
  for (size_t i = 0; i < 200; i++) {
    pieces[i] = arena_alloc(arena, i + 1);
    ck_assert_ptr_nonnull(pieces[i]);
    ck_assert_uint_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
    memset(pieces[i], (int)i, i + 1);
  }
  for (size_t i = 0; i < 200; i++)
    for (size_t j = 0; j <= i; j++) ck_assert_uint_eq(pieces[i][j], (unsigned char)i);
}
END_TEST

START_TEST(a_reset_uses_the_first_block_again) {
  void *first = arena_alloc(arena, 100);
  ck_assert_ptr_nonnull(arena_alloc(arena, 500000));
  ck_assert_uint_ge(arena_used(arena), 500100);
  arena_reset(arena);
  ck_assert_uint_eq(arena_used(arena), 0);
  ck_assert_ptr_eq(arena_alloc(arena, 100), first);
}
END_TEST

START_TEST(the_limit_holds_and_can_be_raised_for_one_request) {
  size_t eight = (size_t)8 << 20;
  ck_assert_ptr_nonnull(arena_alloc(arena, eight));
  ck_assert_ptr_null(arena_alloc(arena, 2 * eight));
  volatile size_t absurd = SIZE_MAX; /* the compiler would refuse it for us */
  ck_assert_ptr_null(arena_alloc(arena, absurd));
  ck_assert_ptr_null(arena_alloc(arena, absurd - 8));
  arena_allow(arena, 4 * eight);
  ck_assert_ptr_nonnull(arena_alloc(arena, 2 * eight));
  arena_reset(arena);
  ck_assert_ptr_null(arena_alloc(arena, 3 * eight));
}
END_TEST

START_TEST(zeroed_memory_refuses_a_product_that_overflows) {
  volatile size_t absurd = SIZE_MAX / 2;
  ck_assert_ptr_null(arena_zero(arena, absurd, 3));
  unsigned char *bytes = arena_zero(arena, 10, 10);
  for (size_t i = 0; i < 100; i++) ck_assert_uint_eq(bytes[i], 0);
}
END_TEST

START_TEST(texts_are_copied_with_a_closing_nul) {
  ck_assert_str_eq(arena_text(arena, "Part B"), "Part B");
  ck_assert_str_eq(arena_text_n(arena, "Part B", 4), "Part");
  ck_assert_ptr_null(arena_text(arena, NULL));
  ck_assert_str_eq(arena_format(arena, "%s-%d", "CO", 45), "CO-45");
  char *large = arena_format(arena, "%5000d", 7);
  ck_assert_uint_eq(strlen(large), 5000);
}
END_TEST

START_TEST(growing_is_in_place_for_the_newest_and_a_copy_for_others) {
  char *old = arena_alloc(arena, 10);
  memcpy(old, "123456789", 10);
  ck_assert_ptr_eq(arena_grow(arena, old, 10, 200), old);
  arena_alloc(arena, 1);
  char *moved = arena_grow(arena, old, 200, 400);
  ck_assert_ptr_ne(moved, old);
  ck_assert_str_eq(moved, "123456789");
  ck_assert_str_eq(arena_grow(arena, moved, 400, 100000), "123456789");
  volatile size_t absurd = SIZE_MAX / 2;
  ck_assert_ptr_null(arena_grow(arena, moved, 400, absurd));
}
END_TEST

static int order[3], ran;
static void note(void *object) { order[ran++] = *(int *)object; }

START_TEST(cleanups_run_at_the_reset_last_registered_first) {
  static int numbers[] = {1, 2, 3};
  ran = 0;
  for (int i = 0; i < 3; i++) ck_assert_int_eq(arena_on_reset(arena, note, &numbers[i]), 0);
  ck_assert_int_eq(ran, 0);
  arena_reset(arena);
  ck_assert_int_eq(ran, 3);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(order[i], 3 - i);
  arena_reset(arena);
  ck_assert_int_eq(ran, 3);
}
END_TEST

START_TEST(a_cleanup_that_cannot_be_registered_runs_at_once) {
  static int number = 9;
  ran = 0;
  arena_fail_after(arena, 1);
  ck_assert_int_eq(arena_on_reset(arena, note, &number), -1);
  ck_assert_int_eq(ran, 1);
}
END_TEST

static const unsigned char *watched;
static bool was_wiped;
static void look(void *object) {
  (void)object;
  was_wiped = true;
  for (size_t i = 0; i < 15; i++) was_wiped = was_wiped && watched[i] == 0;
}

/* The look is registered first, so it runs last: after the memory is wiped and before it is freed. */
START_TEST(a_secret_is_wiped_at_the_reset) {
  was_wiped = false;
  ck_assert_int_eq(arena_on_reset(arena, look, NULL), 0);
  watched = (const unsigned char *)arena_secret(arena, "correct horse 1", 15);
  ck_assert_str_eq((const char *)watched, "correct horse 1");
  arena_reset(arena);
  ck_assert(was_wiped);
}
END_TEST

/* curl's torture: every allocation of a small request fails once, and nothing but NULL comes of it. */
START_TEST(every_allocation_may_fail) {
  for (unsigned long fail = 1; fail <= 6; fail++) {
    arena_reset(arena);
    arena_fail_after(arena, fail);
    int nulls = 0;
    nulls += arena_text(arena, "a") == NULL;
    nulls += arena_format(arena, "%d", 1) == NULL;
    nulls += arena_secret(arena, "s", 1) == NULL;
    nulls += arena_zero(arena, 2, 2) == NULL;
    ck_assert_int_eq(nulls, 1);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("arena");
  TCase *tests = tcase_create("arena");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, allocations_are_aligned_and_do_not_overlap);
  tcase_add_test(tests, a_reset_uses_the_first_block_again);
  tcase_add_test(tests, the_limit_holds_and_can_be_raised_for_one_request);
  tcase_add_test(tests, zeroed_memory_refuses_a_product_that_overflows);
  tcase_add_test(tests, texts_are_copied_with_a_closing_nul);
  tcase_add_test(tests, growing_is_in_place_for_the_newest_and_a_copy_for_others);
  tcase_add_test(tests, cleanups_run_at_the_reset_last_registered_first);
  tcase_add_test(tests, a_cleanup_that_cannot_be_registered_runs_at_once);
  tcase_add_test(tests, a_secret_is_wiped_at_the_reset);
  tcase_add_test(tests, every_allocation_may_fail);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
