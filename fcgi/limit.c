/*
 * Token buckets by address: see limit.h. Each bucket is one 64-bit word, changed
 * by compare-and-swap: a tag of the address and the time at which the bucket
 * will be full again (the generic cell rate algorithm, a token bucket without a
 * counter). A full bucket can be used for another address. If other
 * addresses have taken all the places of an address, it shares the one that
 * will be full soonest: a flood of addresses can make the limit stricter for a few,
 * never looser.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "limit.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

enum { BUCKETS = 1 << 14, PLACES = 8, TAG_BITS = 16 };
#define TIME_MASK                                                                                            \
  ((UINT64_C(1) << (64 - TAG_BITS)) - 1) /* 48 bits of microseconds: nine years without a reboot */

struct limits {
  uint64_t seed[2];
  int64_t interval_us, most_us; /* of one token, and of a whole burst */
  _Atomic uint64_t buckets[BUCKETS];
};

static struct limits *limits;

int limit_open(long per_minute, long burst) {
  limit_close();
  void *memory = mmap(NULL, sizeof *limits, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  limits = memory;
  if (RAND_bytes((unsigned char *)limits->seed, sizeof limits->seed) != 1) {
    limit_close();
    return -1;
  }
  limits->interval_us = 60000000 / per_minute > 0 ? 60000000 / per_minute : 1;
  limits->most_us = limits->interval_us * burst;
  return 0;
}

void limit_close(void) {
  if (limits != NULL) munmap(limits, sizeof *limits);
  limits = NULL;
}

/* Seeded, so that nobody can choose two addresses that share a bucket. */
static uint64_t hash(const unsigned char *bytes, size_t length) {
  uint64_t value = limits->seed[0];
  for (size_t i = 0; i < length; i++) {
    value = (value ^ bytes[i]) * UINT64_C(0x9E3779B97F4A7C15);
    value ^= value >> 29;
  }
  value = (value ^ limits->seed[1]) * UINT64_C(0xBF58476D1CE4E5B9);
  return value ^ value >> 32;
}

/* What is counted: each has its own buckets. */
enum kind { TRIES, EVENTS };

static uint64_t hash_address(enum kind kind, const char *address) {
  unsigned char bytes[1 + 16] = {(unsigned char)kind};
  if (inet_pton(AF_INET, address, bytes + 1) == 1) return hash(bytes, 1 + 4);
  if (inet_pton(AF_INET6, address, bytes + 1) == 1) return hash(bytes, 1 + 8);
  return hash((const unsigned char *)address, strlen(address)) ^ kind;
}

static int64_t full_at(uint64_t word) { return (int64_t)(word & TIME_MASK); }

/* The place of `tag`, searched from `home`: its own, a free one, or the one that will be free soonest. */
static size_t find_bucket(uint64_t tag, size_t home, int64_t now_us) {
  size_t best = home;
  bool found_free = false;
  for (size_t i = 0; i < PLACES; i++) {
    size_t at = (home + i) % BUCKETS;
    uint64_t word = atomic_load_explicit(&limits->buckets[at], memory_order_relaxed);
    bool is_free = full_at(word) <= now_us;
    if (word >> (64 - TAG_BITS) == tag && !is_free) return at;
    uint64_t best_word = atomic_load_explicit(&limits->buckets[best], memory_order_relaxed);
    if (is_free && !found_free) best = at;
    if (!is_free && !found_free && full_at(word) < full_at(best_word)) best = at;
    found_free = found_free || is_free;
  }
  return best;
}

/* When the bucket will be full again once one more is taken. */
static int64_t full_after(uint64_t word, int64_t now_us) {
  int64_t full = full_at(word) > now_us ? full_at(word) : now_us;
  return full + limits->interval_us;
}

/* Seconds to wait for the next one, rounded up; 0: there is one now. */
static unsigned wait_for(int64_t after, int64_t now_us) {
  if (after - now_us > limits->most_us)
    return (unsigned)((after - now_us - limits->most_us + 999999) / 1000000);
  return 0;
}

/* Takes one from the bucket of `address`; with `heed`, only where one is left. */
static unsigned take(enum kind kind, const char *address, int64_t now_ms, bool heed) {
  if (limits == NULL || address == NULL) return 0;
  int64_t now = now_ms * 1000;
  uint64_t key = hash_address(kind, address);
  uint64_t tag = key >> (64 - TAG_BITS);
  size_t at = find_bucket(tag, key % BUCKETS, now);
  uint64_t word = atomic_load_explicit(&limits->buckets[at], memory_order_relaxed), next;
  do {
    int64_t after = full_after(word, now);
    if (heed && wait_for(after, now) > 0) return wait_for(after, now);
    next = tag << (64 - TAG_BITS) | ((uint64_t)after & TIME_MASK);
  } while (!atomic_compare_exchange_weak_explicit(&limits->buckets[at], &word, next, memory_order_relaxed,
                                                  memory_order_relaxed));
  return 0;
}

unsigned limit_take(const char *address, int64_t now_ms) { return take(TRIES, address, now_ms, true); }

bool limit_event(const char *address, int64_t now_ms) { return take(EVENTS, address, now_ms, true) == 0; }

void limit_count(const char *address, int64_t now_ms) { take(TRIES, address, now_ms, false); }

unsigned limit_look(const char *address, int64_t now_ms) {
  if (limits == NULL || address == NULL) return 0;
  int64_t now = now_ms * 1000;
  uint64_t key = hash_address(TRIES, address);
  size_t at = find_bucket(key >> (64 - TAG_BITS), key % BUCKETS, now);
  uint64_t word = atomic_load_explicit(&limits->buckets[at], memory_order_relaxed);
  return wait_for(full_after(word, now), now);
}
