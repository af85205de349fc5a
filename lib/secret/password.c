/*
 * The gate, Argon2id behind it, and the judgement of new passwords.
 *
 * The gate is an array of robust, process-shared mutexes in shared memory: one
 * for each permit, one for each place in the queue. Who holds a permit's mutex
 * may hash, in the block memory that belongs to it. The kernel releases the
 * mutexes of a thread or process that dies, so no count can ever leak.
 *
 * libargon2's encoder offers no way to hand in memory, so the PHC string is
 * written and read here; password_test.c holds both against the library's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "secret/password.h"

#include <argon2.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/utf8.h"
#include "secret/password_common.h"
#include "secret/token.h"

#define SALT_SIZE 16
#define TAG_SIZE 32
#define QUEUE_MOST 256
#define PERMITS_MOST 256
#define MEMORY_MOST_KIB (1u << 20) /* a stored hash that asks for more than 1 GiB is not ours */
#define PASSES_MOST 64u
#define LANES_MOST 64u
#define BYTES_MOST 512u

/* ---------------------------------------------------------------- the gate */

struct password_gate {
  unsigned permits, queue, wait_most_ms;
  size_t mapped;         /* bytes of the whole mapping */
  size_t block_size;     /* bytes of block memory of one permit */
  unsigned char *blocks; /* permits * block_size; the same address in all processes, mapped before fork() */
  atomic_uint_fast64_t hashed, refused;
  pthread_mutex_t locks[]; /* permits, then places in the queue */
};

static size_t rounded(size_t size, size_t to) { return (size + to - 1) / to * to; }

static int make_locks(struct password_gate *gate) {
  pthread_mutexattr_t kind;
  if (pthread_mutexattr_init(&kind) != 0) return -1;
  int outcome = pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) |
                pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  for (unsigned i = 0; i < gate->permits + gate->queue && outcome == 0; i++)
    outcome = pthread_mutex_init(&gate->locks[i], &kind);
  pthread_mutexattr_destroy(&kind);
  return outcome == 0 ? 0 : -1;
}

struct password_gate *password_gate_new(const struct password_gate_options *options) {
  unsigned permits = options->permits < 1              ? 1
                     : options->permits > PERMITS_MOST ? PERMITS_MOST
                                                       : options->permits;
  unsigned queue = options->queue > QUEUE_MOST ? QUEUE_MOST : options->queue;
  size_t head = rounded(sizeof(struct password_gate) + (permits + queue) * sizeof(pthread_mutex_t), 4096);
  size_t block_size = rounded((size_t)options->memory_kib * 1024, 4096), mapped = head + permits * block_size;
  /* Not reserved: a page costs memory when the first hash touches it. */
  void *place = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) return NULL;
  (void)madvise((char *)place + head, mapped - head,
                MADV_DONTDUMP); /* no core file carries a password's traces */
  struct password_gate *gate = place;
  gate->permits = permits;
  gate->queue = queue;
  gate->wait_most_ms = options->wait_most_ms != 0 ? options->wait_most_ms : 3000;
  gate->mapped = mapped;
  gate->block_size = block_size;
  gate->blocks = (unsigned char *)place + head;
  if (make_locks(gate) == 0) return gate;
  munmap(place, mapped);
  return NULL;
}

void password_gate_free(struct password_gate *gate) {
  if (gate != NULL) munmap(gate, gate->mapped);
}

void password_gate_read(const struct password_gate *gate, struct password_gate_numbers *numbers) {
  *numbers = (struct password_gate_numbers){.permits = gate->permits,
                                            .queue = gate->queue,
                                            .hashed = atomic_load(&gate->hashed),
                                            .refused = atomic_load(&gate->refused)};
}

/* Whether a lock call gave us mutex `i`. One whose owner died is made whole again, and what the dead left in
 * its block memory is wiped. */
static bool got(struct password_gate *gate, unsigned i, int outcome) {
  if (outcome != EOWNERDEAD) return outcome == 0;
  if (i < gate->permits) OPENSSL_cleanse(gate->blocks + i * gate->block_size, gate->block_size);
  return pthread_mutex_consistent(&gate->locks[i]) == 0;
}

/* The first free one of locks[from..from+count), or -1. */
static int try_any(struct password_gate *gate, unsigned from, unsigned count) {
  for (unsigned i = from; i < from + count; i++)
    if (got(gate, i, pthread_mutex_trylock(&gate->locks[i]))) return (int)i;
  return -1;
}

static struct timespec after_ms(struct timespec start, unsigned ms) {
  start.tv_sec += ms / 1000;
  start.tv_nsec += (long)(ms % 1000) * 1000000;
  if (start.tv_nsec >= 1000000000) {
    start.tv_sec++;
    start.tv_nsec -= 1000000000;
  }
  return start;
}

static bool is_before(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/* Locks until `end` of the monotonic clock, which nobody sets. ThreadSanitizer of gcc 12 does not see
 * pthread_mutex_clocklock() and would report what the mutex guards. */
static int lock_until(pthread_mutex_t *lock, struct timespec end) {
#ifdef __SANITIZE_THREAD__
  struct timespec now, wall;
  clock_gettime(CLOCK_MONOTONIC, &now);
  clock_gettime(CLOCK_REALTIME, &wall);
  long ms = (long)(end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000;
  wall = after_ms(wall, ms > 0 ? (unsigned)ms : 0);
  return pthread_mutex_timedlock(lock, &wall);
#else
  return pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &end);
#endif
}

/* Waits with a place in the queue. Sleeps on one permit's mutex, in slices so that another permit that comes
 * free is not overlooked. */
static int wait_for_permit(struct password_gate *gate, unsigned place) {
  struct timespec now, until;
  clock_gettime(CLOCK_MONOTONIC, &now);
  until = after_ms(now, gate->wait_most_ms);
  unsigned favourite = place % gate->permits;
  while (is_before(now, until)) {
    struct timespec slice = after_ms(now, gate->permits > 1 ? 10 : 100);
    if (got(gate, favourite, lock_until(&gate->locks[favourite], is_before(slice, until) ? slice : until)))
      return (int)favourite;
    int permit = try_any(gate, 0, gate->permits);
    if (permit >= 0) return permit;
    clock_gettime(CLOCK_MONOTONIC, &now);
  }
  return -1;
}

/* A permit's number, or -1: busy. A full queue is seen before anything is paid. */
static int enter_gate(struct password_gate *gate) {
  int permit = try_any(gate, 0, gate->permits);
  if (permit < 0) {
    int place = try_any(gate, gate->permits, gate->queue);
    if (place >= 0) {
      permit = wait_for_permit(gate, (unsigned)place);
      pthread_mutex_unlock(&gate->locks[place]);
    }
  }
  if (permit < 0) atomic_fetch_add(&gate->refused, 1);
  return permit;
}

static void leave_gate(struct password_gate *gate, int permit) { pthread_mutex_unlock(&gate->locks[permit]); }

/* ---------------------------------------------------------------- Argon2id */

/* libargon2's callbacks take no object: the block memory of this thread's permit stands here. */
static _Thread_local struct {
  unsigned char *memory;
  size_t size;
} permitted;

static int take_blocks(uint8_t **memory, size_t size) {
  *memory = size <= permitted.size ? permitted.memory : malloc(size);
  return *memory != NULL ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

/* libargon2 wipes the blocks before it calls this (FLAG_clear_internal_memory). */
static void give_blocks(uint8_t *memory, size_t size) {
  (void)size;
  if (memory != permitted.memory) free(memory);
}

/* What a PHC string says. */
struct stored {
  struct password_cost cost;
  unsigned char salt[64];
  size_t salt_size;
  unsigned char tag[64];
  size_t tag_size;
};

/* Fills `tag` (of stored->tag_size bytes). One thread, whatever the lanes: the gate counts cores. */
static int compute(const struct stored *stored, const char *password, size_t length, unsigned char *tag) {
  unsigned char salt[sizeof stored->salt];
  memcpy(salt, stored->salt, stored->salt_size);
  argon2_context context = {.out = tag,
                            .outlen = (uint32_t)stored->tag_size,
                            .pwd = (uint8_t *)(uintptr_t)password,
                            .pwdlen = (uint32_t)length, /* not written: no FLAG_clear_password */
                            .salt = salt,
                            .saltlen = (uint32_t)stored->salt_size,
                            .t_cost = stored->cost.passes,
                            .m_cost = stored->cost.memory_kib,
                            .lanes = stored->cost.lanes,
                            .threads = 1,
                            .version = ARGON2_VERSION_13,
                            .allocate_cbk = take_blocks,
                            .free_cbk = give_blocks,
                            .flags = ARGON2_DEFAULT_FLAGS};
  return argon2_ctx(&context, Argon2_id) == ARGON2_OK ? 0 : -1;
}

/* compute() in a permit's memory. */
static int compute_within(struct password_gate *gate, int permit, const struct stored *stored,
                          const char *password, size_t length, unsigned char *tag) {
  if (gate != NULL) {
    permitted.memory = gate->blocks + (size_t)permit * gate->block_size;
    permitted.size = gate->block_size;
  }
  int outcome = compute(stored, password, length, tag);
  permitted.memory = NULL;
  permitted.size = 0;
  if (gate != NULL) atomic_fetch_add(&gate->hashed, 1);
  return outcome;
}

static bool cost_is_possible(const struct password_cost *cost) {
  return cost->lanes >= 1 && cost->lanes <= LANES_MOST && cost->passes >= 1 && cost->passes <= PASSES_MOST &&
         cost->memory_kib >= 8 * cost->lanes && cost->memory_kib <= MEMORY_MOST_KIB;
}

/* ---------------------------------------------------------------- PHC strings */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Standard alphabet without padding, as the PHC format asks. */
static char *put_base64(char *text, const unsigned char *bytes, size_t size) {
  uint32_t bits = 0;
  unsigned held = 0;
  for (size_t i = 0; i < size; i++) {
    bits = (bits << 8 | bytes[i]) & 0xFFFFFF;
    for (held += 8; held >= 6; held -= 6) *text++ = base64[bits >> (held - 6) & 63];
  }
  if (held > 0) *text++ = base64[bits << (6 - held) & 63];
  *text = '\0';
  return text;
}

/* Up to '$' or the end. Returns what follows, or NULL: not base64, or more than `most` bytes. */
static const char *take_base64(const char *text, unsigned char *bytes, size_t most, size_t *size) {
  uint32_t bits = 0;
  unsigned held = 0;
  *size = 0;
  for (; *text != '\0' && *text != '$'; text++) {
    const char *at = strchr(base64, *text);
    if (at == NULL) return NULL;
    bits = (bits << 6 | (uint32_t)(at - base64)) & 0xFFFFFF;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (*size == most) return NULL;
    bytes[(*size)++] = (unsigned char)(bits >> held & 255);
  }
  return held < 6 && (bits & ((1u << held) - 1)) == 0 ? text : NULL; /* one writing of each value */
}

/* "m=19456" and the like: the name, then digits. Returns what follows, or NULL. */
static const char *take_number(const char *text, const char *name, uint32_t *value) {
  size_t length = strlen(name);
  if (text == NULL || strncmp(text, name, length) != 0) return NULL;
  text += length;
  uint64_t number = 0;
  const char *first = text;
  for (; *text >= '0' && *text <= '9' && text - first < 10; text++)
    number = number * 10 + (uint64_t)(*text - '0');
  if (text == first || *first == '0' || number > UINT32_MAX)
    return NULL; /* PHC: no zero in front, and none is 0 */
  *value = (uint32_t)number;
  return text;
}

static bool read_stored(const char *hash, struct stored *stored) {
  uint32_t version = 0;
  const char *at = take_number(hash, "$argon2id$v=", &version);
  at = take_number(at, "$m=", &stored->cost.memory_kib);
  at = take_number(at, ",t=", &stored->cost.passes);
  at = take_number(at, ",p=", &stored->cost.lanes);
  if (at == NULL || *at != '$' || version != ARGON2_VERSION_13 || !cost_is_possible(&stored->cost))
    return false;
  at = take_base64(at + 1, stored->salt, sizeof stored->salt, &stored->salt_size);
  if (at == NULL || *at != '$') return false;
  at = take_base64(at + 1, stored->tag, sizeof stored->tag, &stored->tag_size);
  return at != NULL && *at == '\0' && stored->salt_size >= 8 && stored->tag_size >= 16;
}

static void write_stored(const struct stored *stored, char hash[static PASSWORD_HASH_SIZE]) {
  int used = snprintf(hash, PASSWORD_HASH_SIZE, "$argon2id$v=%d$m=%u,t=%u,p=%u$", ARGON2_VERSION_13,
                      stored->cost.memory_kib, stored->cost.passes, stored->cost.lanes);
  char *next = put_base64(hash + used, stored->salt, stored->salt_size);
  *next++ = '$';
  put_base64(next, stored->tag, stored->tag_size);
}

_Static_assert(sizeof "$argon2id$v=19$m=1048576,t=64,p=64$" + (SALT_SIZE * 4 + 2) / 3 + 1 +
                       (TAG_SIZE * 4 + 2) / 3 <
                   PASSWORD_HASH_SIZE,
               "the longest hash of ours fits");

/* ---------------------------------------------------------------- hashing and comparing */

enum password_outcome password_hash(struct password_gate *gate, const struct password_cost *cost,
                                    const char *password, size_t length,
                                    char hash[static PASSWORD_HASH_SIZE]) {
  struct stored made = {.cost = *cost, .salt_size = SALT_SIZE, .tag_size = TAG_SIZE};
  enum password_outcome outcome = PASSWORD_FAILED;
  int permit = 0;
  hash[0] = '\0';
  if (!cost_is_possible(cost) || length > BYTES_MOST || !token_random(made.salt, SALT_SIZE))
    return PASSWORD_FAILED;
  if (gate != NULL && (permit = enter_gate(gate)) < 0) return PASSWORD_BUSY;
  if (compute_within(gate, permit, &made, password, length, made.tag) == 0) {
    write_stored(&made, hash);
    outcome = PASSWORD_DONE;
  }
  if (gate != NULL) leave_gate(gate, permit);
  OPENSSL_cleanse(&made, sizeof made);
  return outcome;
}

/* Under a permit that is held already. */
static enum password_outcome compare(struct password_gate *gate, int permit, const struct stored *stored,
                                     const char *password, size_t length) {
  unsigned char tag[sizeof stored->tag];
  enum password_outcome outcome = PASSWORD_FAILED;
  if (compute_within(gate, permit, stored, password, length, tag) == 0)
    outcome = token_equal(tag, stored->tag, stored->tag_size) ? PASSWORD_RIGHT : PASSWORD_WRONG;
  OPENSSL_cleanse(tag, sizeof tag);
  return outcome;
}

enum password_outcome password_verify(struct password_gate *gate, const struct password_cost *cost,
                                      const char *hash, const char *password, size_t length) {
  struct stored stored = {.cost = *cost, .salt_size = SALT_SIZE, .tag_size = TAG_SIZE};
  int permit = 0;
  if (hash != NULL && !read_stored(hash, &stored)) return PASSWORD_FAILED;
  if (!cost_is_possible(&stored.cost)) return PASSWORD_FAILED;
  bool possible =
      length <= BYTES_MOST; /* nothing longer was ever stored; the same work is done all the same */
  if (gate != NULL && (permit = enter_gate(gate)) < 0) return PASSWORD_BUSY;
  enum password_outcome outcome = compare(gate, permit, &stored, password, possible ? length : BYTES_MOST);
  if (gate != NULL) leave_gate(gate, permit);
  OPENSSL_cleanse(&stored, sizeof stored);
  return outcome == PASSWORD_RIGHT && (hash == NULL || !possible) ? PASSWORD_WRONG : outcome;
}

enum password_outcome password_verify_any(struct password_gate *gate, const char *const *hashes, size_t count,
                                          const char *password, size_t length) {
  enum password_outcome outcome = PASSWORD_WRONG;
  struct stored stored;
  int permit = 0;
  if (count == 0 || length > BYTES_MOST) return PASSWORD_WRONG;
  if (gate != NULL && (permit = enter_gate(gate)) < 0) return PASSWORD_BUSY;
  for (size_t i = 0; i < count && outcome == PASSWORD_WRONG; i++)
    outcome =
        read_stored(hashes[i], &stored) ? compare(gate, permit, &stored, password, length) : PASSWORD_FAILED;
  if (gate != NULL) leave_gate(gate, permit);
  OPENSSL_cleanse(&stored, sizeof stored);
  return outcome;
}

bool password_needs_rehash(const char *hash, const struct password_cost *cost) {
  struct stored stored;
  if (!read_stored(hash, &stored)) return true;
  return stored.cost.memory_kib != cost->memory_kib || stored.cost.passes != cost->passes ||
         stored.cost.lanes != cost->lanes || stored.tag_size != TAG_SIZE || stored.salt_size != SALT_SIZE;
}

/* ---------------------------------------------------------------- choosing */

static const struct {
  const char *code, *words;
} password_faults[PASSWORD_FAULT_COUNT] = {
    [PASSWORD_GOOD] = {"good", ""},
    [PASSWORD_ENCODING] = {"password_encoding",
                           "This password holds an invisible or broken character. Type it, or use another."},
    [PASSWORD_SHORT] = {"password_short",
                        "This password is too short. A few words in a row are long and easy to remember."},
    [PASSWORD_LONG] = {"password_long", "This password is too long: 128 characters at most."},
    [PASSWORD_OWN_NAME] =
        {"password_own_name",
         "This password holds your user ID, your name or your e-mail address. Choose one without them."},
    [PASSWORD_COMMON] = {"password_common", "This password is among the first that are guessed. Put a few "
                                            "words together that do not belong together."},
    [PASSWORD_PATTERN] =
        {"password_pattern",
         "This password repeats itself or follows the keyboard, so it is guessed quickly. Choose another."},
};

const char *password_fault_code(enum password_fault fault) {
  return (size_t)fault < PASSWORD_FAULT_COUNT ? password_faults[fault].code : "password_invalid";
}

const char *password_fault_words(enum password_fault fault) {
  return (size_t)fault < PASSWORD_FAULT_COUNT ? password_faults[fault].words : "Choose another password.";
}

static char lower(char character) {
  return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

/* Lower case, with signs read as the letters they stand for when `plain` asks for it. */
static void fold_password(const char *password, size_t length, bool plain, char *folded) {
  static const char signs[] = "@4$50137!", letters[] = "aassoletl";
  for (size_t i = 0; i < length; i++) {
    char character = lower(password[i]);
    const char *sign = plain ? strchr(signs, character) : NULL;
    folded[i] = sign != NULL && *sign != '\0' ? letters[sign - signs] : character;
  }
  folded[length] = '\0';
}

/* One piece of up to `length` / 3 characters, again and again: aaaa..., 123123123..., abcdabcd... */
static bool repeats(const char *folded, size_t length) {
  for (size_t piece = 1; piece * 3 <= length; piece++) {
    size_t i = piece;
    while (i < length && folded[i] == folded[i - piece]) i++;
    if (i == length) return true;
  }
  return false;
}

static bool next_on_keyboard(char a, char b) {
  static const char *const rows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *at = strchr(rows[i], a);
    if (a != '\0' && at != NULL && ((at > rows[i] && at[-1] == b) || (at[1] != '\0' && at[1] == b)))
      return true;
  }
  return false;
}

/* Nearly every character is the neighbour of the one before, in the alphabet, in counting or on the keyboard.
 */
static bool runs(const char *folded, size_t length) {
  size_t steps = 0;
  for (size_t i = 1; i < length; i++) {
    int step = folded[i] - folded[i - 1];
    if ((step >= -1 && step <= 1) || next_on_keyboard(folded[i - 1], folded[i])) steps++;
  }
  return length > 1 && steps * 10 >= (length - 1) * 8;
}

static bool is_letter_of_any_alphabet(char character) {
  return (character >= 'a' && character <= 'z') || (unsigned char)character >= 0x80;
}

/* Takes common words off `plain` and counts what was typed as a letter (in `folded`) and is left. */
static size_t own_letters(char *plain, const char *folded) {
  for (size_t i = 0; i < sizeof password_common / sizeof password_common[0]; i++) {
    size_t size = strlen(password_common[i]);
    for (char *at = plain; (at = strstr(at, password_common[i])) != NULL;) memset(at, ' ', size);
  }
  size_t left = 0;
  for (size_t i = 0; plain[i] != '\0'; i++) left += plain[i] != ' ' && is_letter_of_any_alphabet(folded[i]);
  return left;
}

static bool holds_letter(const char *folded) {
  while (*folded != '\0' && !is_letter_of_any_alphabet(*folded)) folded++;
  return *folded != '\0';
}

/* Whether `folded` holds a part of `own` of four characters or more; parts end at blanks, dots, dashes and
 * signs. */
static bool holds_part_of(const char *folded, const char *own) {
  char part[64];
  while (*own != '\0') {
    size_t length = strcspn(own, " .,-_@'");
    if (length >= 4 && length < sizeof part) {
      fold_password(own, length, false, part);
      if (strstr(folded, part) != NULL) return true;
    }
    own += length + (own[length] != '\0');
  }
  return false;
}

static bool is_printable(const char *password, size_t length) {
  for (size_t at = 0; at < length;) {
    uint32_t character = 0;
    size_t bytes = utf8_next(password + at, length - at, &character);
    if (bytes == 0 || character < 0x20 || (character >= 0x7F && character < 0xA0)) return false;
    at += bytes;
  }
  return true;
}

enum password_fault password_judge(const char *password, size_t length, unsigned least,
                                   const char *const *own) {
  char folded[BYTES_MOST + 1], plain[BYTES_MOST + 1];
  enum password_fault fault = PASSWORD_GOOD;
  if (length > BYTES_MOST) return PASSWORD_LONG;
  if (!is_printable(password, length)) return PASSWORD_ENCODING;
  size_t characters = utf8_count(password, length);
  if (characters < least) return PASSWORD_SHORT;
  if (characters > PASSWORD_MOST) return PASSWORD_LONG;
  fold_password(password, length, false, folded);
  fold_password(password, length, true, plain);
  for (; own != NULL && *own != NULL; own++)
    if (holds_part_of(folded, *own)) fault = PASSWORD_OWN_NAME;
  if (fault == PASSWORD_GOOD && (repeats(folded, length) || runs(folded, length))) fault = PASSWORD_PATTERN;
  /* Digits and signs alone are no words: long ones that follow no pattern are the owner's own. */
  if (fault == PASSWORD_GOOD && own_letters(plain, folded) < 4 && (holds_letter(folded) || length < 20))
    fault = PASSWORD_COMMON;
  OPENSSL_cleanse(folded, sizeof folded);
  OPENSSL_cleanse(plain, sizeof plain);
  return fault;
}
