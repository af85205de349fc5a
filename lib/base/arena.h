/*
 * Memory that lives as long as its request. Everything a handler allocates
 * comes from one arena, and arena_reset() frees it all at once. For what is not
 * memory (a jansson tree, a secret to be wiped), a cleanup is registered; the
 * reset runs the cleanups, last registered first. Model: PostgreSQL's memory
 * contexts with reset callbacks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_ARENA_H
#define CONNEX_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A new arena whose first block has `first_block` bytes (0: a default). NULL when out of memory. The caller
 * frees it with arena_free(). */
struct arena *arena_new(size_t first_block);

/* Runs the cleanups and keeps the first block for the next use. Wipes nothing. */
void arena_reset(struct arena *arena);

/* arena_reset(), then frees everything. NULL is allowed. */
void arena_free(struct arena *arena);

/* `size` bytes, aligned for any type, not zeroed. NULL when out of memory, or when the arena's limit (16 MiB,
 * and the size of the body) is reached. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* Like arena_alloc(), zeroed. NULL also when the product overflows. */
void *arena_zero(struct arena *arena, size_t count, size_t size);

/* Copies with a terminating NUL. NULL when out of memory or `text` is NULL. */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_n(struct arena *arena, const char *text, size_t length);

/* printf into the arena. NULL when out of memory. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Registers `run(object)` for the next reset. Returns 0, or -1 when out of memory; then `run` has been called
 * at once, so that nothing leaks. */
int arena_on_reset(struct arena *arena, void (*run)(void *object), void *object);

/* Memory that is wiped (OPENSSL_cleanse) at reset: for passwords, codes, tokens. */
char *arena_secret(struct arena *arena, const char *text, size_t length);

/* `size` bytes, zeroed, wiped at reset. NULL when out of memory. */
void *arena_secret_alloc(struct arena *arena, size_t size);

/* Makes room for `size` bytes in `old` (may be NULL), which has `old_size`: in place when it is the arena's
 * newest allocation, otherwise as a copy. NULL when out of memory; `old` is then still valid. */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t size);

/* Raises the limit by `more` bytes until the next reset, for the body of a request. */
void arena_allow(struct arena *arena, size_t more);

/* For tests: after `allocations - 1` more allocations, one fails, even after a reset; 0 turns this off.
 * arena_failed() is true when it has happened. */
void arena_fail_after(struct arena *arena, unsigned long allocations);
bool arena_failed(const struct arena *arena);

/* Bytes in use, for metrics and tests. */
size_t arena_used(const struct arena *arena);

#endif
