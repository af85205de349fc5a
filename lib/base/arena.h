/*
 * Memory that lives as long as its request. Everything a handler allocates
 * comes from one arena and goes at once by arena_reset(); what is not memory
 * (a jansson tree, a secret to be wiped) is registered as a cleanup and runs,
 * last registered first, at the same moment. Model: PostgreSQL's memory
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

/* A new arena whose first block holds `first_block` bytes (0: a default).
 * NULL when memory is out. The caller ends it with arena_free(). */
struct arena *arena_new(size_t first_block);

/* Runs the cleanups, wipes nothing, keeps the first block for the next use. */
void arena_reset(struct arena *arena);

/* arena_reset(), then gives everything back. NULL is allowed. */
void arena_free(struct arena *arena);

/* `size` bytes, aligned for any type, not zeroed. NULL when memory is out or
 * the arena's limit (16 MiB beyond what a body needs) is reached. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* As arena_alloc, zeroed; refuses a product that overflows. */
void *arena_zero(struct arena *arena, size_t count, size_t size);

/* Copies with a closing NUL. NULL when memory is out or `text` is NULL. */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_n(struct arena *arena, const char *text, size_t length);

/* printf into the arena. NULL when memory is out. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Registers `run(object)` for the next reset. Returns 0, or -1 when memory is
 * out: then `run` was called at once, so that nothing leaks. */
int arena_on_reset(struct arena *arena, void (*run)(void *object), void *object);

/* Memory that is wiped (OPENSSL_cleanse) at reset: for passwords, codes, tokens. */
char *arena_secret(struct arena *arena, const char *text, size_t length);

/* `size` bytes, zeroed, wiped at reset. NULL when memory is out. */
void *arena_secret_alloc(struct arena *arena, size_t size);

/* `old` (may be NULL), whose size is `old_size`, with room for `size` bytes: in place when it is the arena's
 * newest allocation, else copied. NULL when memory is out; `old` is then still good. */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t size);

/* Raises the limit by `more` bytes until the next reset: for a request whose declared body is larger. */
void arena_allow(struct arena *arena, size_t more);

/* For tests: the allocation after `allocations - 1` more fails, once, also after a reset; 0 switches it off.
 * arena_failed() is true when it has. */
void arena_fail_after(struct arena *arena, unsigned long allocations);
bool arena_failed(const struct arena *arena);

/* Bytes in use, for metrics and tests. */
size_t arena_used(const struct arena *arena);

#endif
