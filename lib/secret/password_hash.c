/*
 * Argon2id under the gate, and the text that a hash is stored as.
 *
 * libargon2's encoder takes no memory from its caller, so the PHC string is written and read here;
 * password_test.c compares both with the library's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <argon2.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret/password_gate.h"
#include "secret/token.h"

#define SALT_SIZE 16
#define SALT_MOST 32
#define TAG_SIZE 32
#define MEMORY_MOST_KIB (1u << 20) /* a stored hash that asks for more than 1 GiB is not ours */
#define PASSES_MOST 64u
#define LANES_MOST 64u

/* ---------------------------------------------------------------- Argon2id */

/* libargon2's callbacks take no context, so this is the block memory of this thread's permit. */
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
  unsigned char salt[SALT_MOST];
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
  return held < 6 && (bits & ((1u << held) - 1)) == 0 ? text : NULL; /* each value has one form only */
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

/* Up to the salt. Returns what follows it, or NULL. */
static const char *read_salt(const char *hash, struct stored *stored) {
  uint32_t version = 0;
  const char *at = take_number(hash, "$argon2id$v=", &version);
  at = take_number(at, "$m=", &stored->cost.memory_kib);
  at = take_number(at, ",t=", &stored->cost.passes);
  at = take_number(at, ",p=", &stored->cost.lanes);
  if (at == NULL || *at != '$' || version != ARGON2_VERSION_13 || !cost_is_possible(&stored->cost))
    return NULL;
  at = take_base64(at + 1, stored->salt, sizeof stored->salt, &stored->salt_size);
  return at != NULL && stored->salt_size >= 8 ? at : NULL;
}

static bool read_stored(const char *hash, struct stored *stored) {
  const char *at = read_salt(hash, stored);
  if (at == NULL || *at != '$') return false;
  at = take_base64(at + 1, stored->tag, sizeof stored->tag, &stored->tag_size);
  return at != NULL && *at == '\0' && stored->tag_size >= 16;
}

static void write_stored(const struct stored *stored, char hash[static PASSWORD_HASH_SIZE]) {
  int used = snprintf(hash, PASSWORD_HASH_SIZE, "$argon2id$v=%d$m=%u,t=%u,p=%u$", ARGON2_VERSION_13,
                      stored->cost.memory_kib, stored->cost.passes, stored->cost.lanes);
  char *next = put_base64(hash + used, stored->salt, stored->salt_size);
  *next++ = '$';
  put_base64(next, stored->tag, stored->tag_size);
}

/* A salt of ours has SALT_SIZE bytes; a foreign one fits too, when it has at most SALT_MOST. */
_Static_assert(sizeof "$argon2id$v=19$m=1048576,t=64,p=64$" + (SALT_MOST * 4 + 2) / 3 + 1 +
                       (TAG_SIZE * 4 + 2) / 3 <
                   PASSWORD_HASH_SIZE,
               "the longest hash fits");

/* ---------------------------------------------------------------- hashing */

enum password_outcome password_hash(struct password_gate *gate, const struct password_cost *cost,
                                    const char *password, size_t length,
                                    char hash[static PASSWORD_HASH_SIZE]) {
  struct stored made = {.cost = *cost, .salt_size = SALT_SIZE, .tag_size = TAG_SIZE};
  enum password_outcome outcome = PASSWORD_FAILED;
  int permit = 0;
  hash[0] = '\0';
  if (!cost_is_possible(cost) || length > PASSWORD_BYTES_MOST || !token_random(made.salt, SALT_SIZE))
    return PASSWORD_FAILED;
  if (gate != NULL && (permit = password_gate_enter(gate)) < 0) return PASSWORD_BUSY;
  if (compute_within(gate, permit, &made, password, length, made.tag) == 0) {
    write_stored(&made, hash);
    outcome = PASSWORD_DONE;
  }
  if (gate != NULL) password_gate_leave(gate, permit);
  OPENSSL_cleanse(&made, sizeof made);
  return outcome;
}

enum password_outcome password_answer(struct password_gate *gate, const char *const *salts, size_t count,
                                      const char *password, size_t length,
                                      char (*hashes)[PASSWORD_HASH_SIZE]) {
  bool possible = length <= PASSWORD_BYTES_MOST; /* the same work is done for one that is too long */
  enum password_outcome outcome = PASSWORD_DONE;
  struct stored stored;
  int permit = 0;
  if (count == 0) return PASSWORD_DONE;
  if (gate != NULL && (permit = password_gate_enter(gate)) < 0) return PASSWORD_BUSY;
  for (size_t i = 0; i < count && outcome == PASSWORD_DONE; i++) {
    const char *end = read_salt(salts[i], &stored);
    stored.tag_size = TAG_SIZE;
    if (end == NULL || *end != '\0' ||
        compute_within(gate, permit, &stored, password, possible ? length : PASSWORD_BYTES_MOST,
                       stored.tag) != 0)
      outcome = PASSWORD_FAILED;
    if (!possible) memset(stored.tag, 0, TAG_SIZE);
    if (outcome == PASSWORD_DONE) write_stored(&stored, hashes[i]);
  }
  if (gate != NULL) password_gate_leave(gate, permit);
  OPENSSL_cleanse(&stored, sizeof stored);
  return outcome;
}

bool password_needs_rehash(const char *hash, const struct password_cost *cost) {
  struct stored stored;
  if (!read_stored(hash, &stored)) return true;
  return stored.cost.memory_kib != cost->memory_kib || stored.cost.passes != cost->passes ||
         stored.cost.lanes != cost->lanes || stored.tag_size != TAG_SIZE || stored.salt_size != SALT_SIZE;
}
