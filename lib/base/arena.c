/*
 * Memory that lives as long as its request: see arena.h. Blocks are chained,
 * newest first. The first block is kept for the next request, so a small request
 * never calls malloc. Under AddressSanitizer, memory that is not handed out is
 * poisoned, so that use after a reset is found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SANITIZED 1
#endif
#endif
#ifdef ARENA_SANITIZED
#include <sanitizer/asan_interface.h>
#define hide(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define show(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define hide(address, size) ((void)(address), (void)(size))
#define show(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGNMENT = _Alignof(max_align_t), FIRST_BLOCK = 64 * 1024, NEXT_BLOCK = 256 * 1024 };
static const size_t ARENA_LIMIT = (size_t)16 * 1024 * 1024;

struct block {
  struct block *next;
  size_t size, used;
  _Alignas(max_align_t) unsigned char bytes[];
};

struct cleanup {
  struct cleanup *next;
  void (*run)(void *object);
  void *object;
};

struct secret {
  void *bytes;
  size_t size;
};

struct arena {
  struct block *newest; /* the chain ends with the first block */
  struct block *first;
  struct cleanup *cleanups;
  size_t used, limit;
  bool failed;              /* it did */
  unsigned long fail_after; /* 0: never; otherwise the allocations left before one fails (tests) */
};

static struct block *block_new(size_t size) {
  struct block *block = malloc(sizeof(struct block) + size);
  if (block == NULL) return NULL;
  *block = (struct block){.size = size};
  hide(block->bytes, size);
  return block;
}

static void block_free(struct block *block) {
  show(block->bytes, block->size);
  free(block);
}

struct arena *arena_new(size_t first_block) {
  struct arena *arena = calloc(1, sizeof *arena);
  if (arena == NULL) return NULL;
  arena->first = block_new(first_block > 0 ? first_block : FIRST_BLOCK);
  if (arena->first == NULL) {
    free(arena);
    return NULL;
  }
  arena->newest = arena->first;
  arena->limit = ARENA_LIMIT;
  return arena;
}

void arena_reset(struct arena *arena) {
  for (struct cleanup *cleanup = arena->cleanups; cleanup != NULL; cleanup = cleanup->next)
    cleanup->run(cleanup->object);
  arena->cleanups = NULL;
  while (arena->newest != arena->first) {
    struct block *block = arena->newest;
    arena->newest = block->next;
    block_free(block);
  }
  arena->first->used = 0;
  hide(arena->first->bytes, arena->first->size);
  arena->used = 0;
  arena->limit = ARENA_LIMIT;
}

void arena_free(struct arena *arena) {
  if (arena == NULL) return;
  arena_reset(arena);
  block_free(arena->first);
  free(arena);
}

void arena_allow(struct arena *arena, size_t more) {
  if (more < SIZE_MAX / 2 - arena->limit) arena->limit += more;
}

void arena_fail_after(struct arena *arena, unsigned long allocations) {
  arena->fail_after = allocations;
  arena->failed = false;
}

bool arena_failed(const struct arena *arena) { return arena->failed; }

/* True when this allocation is the one that a test has chosen to fail. */
static bool fails_now(struct arena *arena) {
  bool fails = arena->fail_after > 0 && --arena->fail_after == 0;
  arena->failed = arena->failed || fails;
  return fails;
}

void *arena_alloc(struct arena *arena, size_t size) {
  if (size > arena->limit || arena->used > arena->limit - size || fails_now(arena)) return NULL;
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  struct block *block = arena->newest;
  if (rounded > block->size - block->used) {
    block = block_new(rounded > NEXT_BLOCK ? rounded : NEXT_BLOCK);
    if (block == NULL) return NULL;
    block->next = arena->newest;
    arena->newest = block;
  }
  void *address = block->bytes + block->used;
  block->used += rounded;
  arena->used += rounded;
  show(address, size);
  return address;
}

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t size) {
  size_t rounded = (old_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  size_t wanted = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  struct block *block = arena->newest;
  bool is_last =
      old != NULL && block->used >= rounded && (unsigned char *)old == block->bytes + block->used - rounded;
  if (is_last && size > old_size && wanted - rounded <= block->size - block->used &&
      arena->used <= arena->limit && wanted - rounded <= arena->limit - arena->used && !fails_now(arena)) {
    block->used += wanted - rounded;
    arena->used += wanted - rounded;
    show(old, size);
    return old;
  }
  void *new = arena_alloc(arena, size);
  if (new != NULL && old != NULL) memcpy(new, old, old_size < size ? old_size : size);
  return new;
}

void *arena_zero(struct arena *arena, size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  void *address = arena_alloc(arena, count * size);
  if (address != NULL) memset(address, 0, count * size);
  return address;
}

char *arena_text_n(struct arena *arena, const char *text, size_t length) {
  if (text == NULL || length == SIZE_MAX) return NULL;
  char *copy = arena_alloc(arena, length + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

char *arena_text(struct arena *arena, const char *text) {
  return text == NULL ? NULL : arena_text_n(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...) {
  va_list values, again;
  va_start(values, format);
  va_copy(again, values);
  int length = vsnprintf(NULL, 0, format, values);
  va_end(values);
  char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
  if (text != NULL) vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

int arena_on_reset(struct arena *arena, void (*run)(void *object), void *object) {
  struct cleanup *cleanup = arena_alloc(arena, sizeof *cleanup);
  if (cleanup == NULL) {
    run(object);
    return -1;
  }
  *cleanup = (struct cleanup){.next = arena->cleanups, .run = run, .object = object};
  arena->cleanups = cleanup;
  return 0;
}

static void secret_wipe(void *object) {
  struct secret *secret = object;
  OPENSSL_cleanse(secret->bytes, secret->size);
}

void *arena_secret_alloc(struct arena *arena, size_t size) {
  struct secret *secret = arena_alloc(arena, sizeof *secret);
  void *bytes = secret == NULL ? NULL : arena_alloc(arena, size);
  if (bytes == NULL) return NULL;
  memset(bytes, 0, size);
  *secret = (struct secret){.bytes = bytes, .size = size};
  return arena_on_reset(arena, secret_wipe, secret) == 0 ? bytes : NULL;
}

char *arena_secret(struct arena *arena, const char *text, size_t length) {
  if (text == NULL || length == SIZE_MAX) return NULL;
  char *copy = arena_secret_alloc(arena, length + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

size_t arena_used(const struct arena *arena) { return arena->used; }
