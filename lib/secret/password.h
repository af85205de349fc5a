/*
 * Passwords: hashed with Argon2id under a gate that all worker processes share,
 * and judged when they are chosen. One hash takes 19 MiB and about 35 ms of a
 * core on purpose. Without the gate, 60 wrong log-ins a second would use two
 * cores completely.
 *
 * A password is taken exactly as received, byte for byte (ASVS 6.2.8): it is
 * not trimmed, case-folded, or normalized to a Unicode form. The
 * API demands valid UTF-8; browsers on all systems send the composed form
 * (NFC) for what a keyboard types, so the same keys give the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_SECRET_PASSWORD_H
#define CONNEX_SECRET_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_HASH_SIZE 128 /* a PHC string "$argon2id$v=19$m=...,t=...,p=...$salt$hash" and NUL */
#define PASSWORD_MOST 128      /* characters */
#define PASSWORD_BYTES_MOST 512u

/* ---------------------------------------------------------------- the gate */

struct password_gate;

struct password_gate_options {
  unsigned permits;      /* simultaneous hashes over ALL processes; cores - 1, at least 1 */
  unsigned queue;        /* how many more may wait (at most 256). Every waiter holds a worker thread; a
                          * lookup that comes then waits until one hash has ended */
  unsigned wait_most_ms; /* how long one waits before it is PASSWORD_BUSY; 0 = 8000, before nginx gives up */
  uint32_t memory_kib; /* block memory kept for each permit, shared by all processes (permits * memory_kib is
                        * all the memory that hashing ever takes, unless a setting asks for more later) */
};

/* Made by the parent before it forks; shared memory. A process that is killed while it hashes or waits gives
 * up its place at once (robust mutexes; the kernel marks the owner's death). NULL: out of memory or locks.
 */
struct password_gate *password_gate_new(const struct password_gate_options *options);
/* Releases this process's mapping; no other function may use it after that. */
void password_gate_free(struct password_gate *gate);

struct password_gate_numbers {
  unsigned permits, queue;
  unsigned waiting;         /* just now, for a permit */
  uint64_t hashed, refused; /* since the start, all processes */
};
void password_gate_read(struct password_gate *gate, struct password_gate_numbers *numbers);

/* ---------------------------------------------------------------- hashing */

struct password_cost {
  uint32_t memory_kib, passes, lanes; /* settings argon2_memory_kib, argon2_passes, argon2_lanes */
};

enum password_outcome {
  PASSWORD_DONE,  /* the hash was made */
  PASSWORD_BUSY,  /* no place in the queue (an immediate answer: nothing was computed) or none in time: 503
                     with Retry-After */
  PASSWORD_FAILED /* out of memory, no random bytes, or the stored hash is not one: log it, and answer 503 */
};

/* Hashes for storing. `gate` NULL: no gate, own memory (the command line, the demonstration's data).
 * PASSWORD_DONE, PASSWORD_BUSY or PASSWORD_FAILED; `hash` is "" unless done. */
enum password_outcome password_hash(struct password_gate *gate, const struct password_cost *cost,
                                    const char *password, size_t length, char hash[static PASSWORD_HASH_SIZE])
    __attribute__((warn_unused_result));

/* What the database would have stored if `password` were right. `salts`: `count` stored hashes without their
 * tags ("$argon2id$v=19$m=...,t=...,p=...$salt"); `hashes` gets each with the tag of `password`, under one
 * permit. The database compares, so that a stored tag never leaves it. A password that is too long to have
 * been stored takes the same time and matches nothing. PASSWORD_DONE, PASSWORD_BUSY or PASSWORD_FAILED. */
enum password_outcome password_answer(struct password_gate *gate, const char *const *salts, size_t count,
                                      const char *password, size_t length, char (*hashes)[PASSWORD_HASH_SIZE])
    __attribute__((warn_unused_result));

/* The hash was made with another cost than today's, or cannot be read: hash again while the password
 * is at hand. */
bool password_needs_rehash(const char *hash, const struct password_cost *cost);

/* ---------------------------------------------------------------- choosing */

enum password_fault {
  PASSWORD_GOOD = 0,
  PASSWORD_ENCODING, /* not UTF-8, or a NUL or control character */
  PASSWORD_SHORT,
  PASSWORD_LONG,
  PASSWORD_OWN_NAME, /* contains the user ID, a name, or the mailbox's name (PWD-04) */
  PASSWORD_COMMON,   /* on the block list once decoration is taken off */
  PASSWORD_PATTERN,  /* one piece repeated, or a run of the keyboard, alphabet or digits */
  PASSWORD_FAULT_COUNT
};

/* What a new password must meet (PWD-04; NIST SP 800-63B-4: length and block list, no rules of
 * composition). `least` is the setting password_min_length; `own` is a NULL-terminated list of the user's ID,
 * names and e-mail (entries may not be NULL; parts shorter than four characters are not looked for). */
enum password_fault password_judge(const char *password, size_t length, unsigned least,
                                   const char *const *own);
const char *password_fault_code(enum password_fault fault);
/* Plain words. Those of PASSWORD_SHORT name no number. */
const char *password_fault_words(enum password_fault fault);

#endif
