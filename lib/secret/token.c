/*
 * Checking and hashing secrets. Random bytes come from OpenSSL's generator,
 * which seeds itself from the kernel and survives fork().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "secret/token.h"

#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

#define SECRET_BYTES 32
#define SECRET_LENGTH (TOKEN_SECRET_SIZE - 1)
#define API_PREFIX "cnx_"
#define API_PREFIX_LENGTH 4
#define CHECKSUM_LENGTH 6 /* 62^6 > 2^32 */
#define API_LENGTH (API_PREFIX_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH)

_Static_assert(API_LENGTH + 1 == TOKEN_API_SIZE, "the header tells the size of an API token");

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool token_random(void *bytes, size_t length) {
  return length <= INT_MAX && RAND_bytes(bytes, (int)length) == 1;
}

/* ---------------------------------------------------------------- long secrets */

/* RFC 4648 section 5, without padding. 32 bytes are 43 characters: the last one carries four bits. */
static void encode_secret(const unsigned char bytes[static SECRET_BYTES], char *text) {
  uint32_t bits = 0;
  unsigned held = 0;
  for (size_t i = 0; i < SECRET_BYTES; i++) {
    bits = (bits << 8 | bytes[i]) & 0xFFFFFF;
    for (held += 8; held >= 6; held -= 6) *text++ = base64url[bits >> (held - 6) & 63];
  }
  *text++ = base64url[bits << (6 - held) & 63];
  *text = '\0';
}

bool token_secret(char text[static TOKEN_SECRET_SIZE]) {
  unsigned char bytes[SECRET_BYTES];
  bool made = token_random(bytes, sizeof bytes);
  if (made) encode_secret(bytes, text);
  else text[0] = '\0';
  OPENSSL_cleanse(bytes, sizeof bytes);
  return made;
}

bool token_secret_is_well_formed(const char *text, size_t length) {
  if (length != SECRET_LENGTH) return false;
  for (size_t i = 0; i < length; i++)
    if (text[i] == '\0' || strchr(base64url, text[i]) == NULL) return false;
  return true;
}

/* CRC-32 of IEEE 802.3, as zlib's crc32(). Eight steps a bit pattern: tokens are short. */
static uint32_t crc32_of(const char *text, size_t length) {
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < length; i++) {
    crc ^= (unsigned char)text[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

static void put_checksum(const char *text, size_t length, char checksum[static CHECKSUM_LENGTH + 1]) {
  uint32_t crc = crc32_of(text, length);
  for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--, crc /= 62) checksum[i] = base62[crc % 62];
  checksum[CHECKSUM_LENGTH] = '\0';
}

bool token_api_is_well_formed(const char *text, size_t length) {
  char checksum[CHECKSUM_LENGTH + 1];
  if (length != API_LENGTH || memcmp(text, API_PREFIX, API_PREFIX_LENGTH) != 0) return false;
  if (!token_secret_is_well_formed(text + API_PREFIX_LENGTH, SECRET_LENGTH)) return false;
  put_checksum(text, length - CHECKSUM_LENGTH, checksum);
  return memcmp(text + length - CHECKSUM_LENGTH, checksum, CHECKSUM_LENGTH) == 0;
}

/* ---------------------------------------------------------------- short codes */

/* Dashes and dots that people and word processors write between groups. */
static bool separates(uint32_t character) {
  return utf8_is_blank(character) || character == '-' || character == '.' || character == 0xAD ||
         (character >= 0x2010 && character <= 0x2015) || character == 0x2212;
}

bool token_code_clean(const char *text, size_t length, char *out, size_t size) {
  size_t used = 0;
  for (size_t at = 0; at < length;) {
    uint32_t character = 0;
    size_t bytes = utf8_next(text + at, length - at, &character);
    if (bytes == 0) return false;
    at += bytes;
    if (separates(character)) continue;
    if (character >= 0xFF01 && character <= 0xFF5E) character -= 0xFEE0; /* full-width forms */
    if (character >= 'a' && character <= 'z') character -= 'a' - 'A';
    if (!((character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z'))) return false;
    if (used + 1 >= size) return false;
    out[used++] = (char)character;
  }
  if (size == 0) return false;
  out[used] = '\0';
  return used > 0;
}

/* ---------------------------------------------------------------- hashes */

/* OpenSSL 3 looks an algorithm up by its name at every use of EVP_sha256(), which costs more than the hash of
 * a cookie. Fetched once and kept until the process ends; reading it needs no lock. */
static EVP_MD *sha256;

static void fetch_sha256(void) { sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL); }

bool token_sha256(const void *bytes, size_t length, unsigned char hash[static TOKEN_HASH_SIZE]) {
  static pthread_once_t fetched = PTHREAD_ONCE_INIT;
  return pthread_once(&fetched, fetch_sha256) == 0 && sha256 != NULL &&
         EVP_Digest(bytes, length, hash, NULL, sha256, NULL) == 1;
}

bool token_hash(const char *text, unsigned char hash[static TOKEN_HASH_SIZE]) {
  return token_sha256(text, strlen(text), hash);
}

int token_key_read(const char *path, struct token_key *key, const char **why) {
  struct stat about;
  unsigned char beyond;
  int outcome = -1;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  *why = "the key file cannot be opened";
  if (file < 0) return -1;
  *why = "the key file must be a plain file that others cannot read and only its owner can write (mode 0640 "
         "or less)";
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || (about.st_mode & (S_IWGRP | S_IRWXO)) != 0)
    goto end;
  *why = "the key file must contain exactly 32 bytes";
  if (read(file, key->bytes, TOKEN_KEY_SIZE) != TOKEN_KEY_SIZE || read(file, &beyond, 1) != 0) goto end;
  *why = NULL;
  outcome = 0;
end:
  close(file);
  if (outcome != 0) token_key_wipe(key);
  return outcome;
}

void token_key_wipe(struct token_key *key) { OPENSSL_cleanse(key->bytes, sizeof key->bytes); }

bool token_code_hash(const struct token_key *key, const char *purpose, const char *subject, const char *code,
                     unsigned char hash[static TOKEN_HASH_SIZE]) {
  unsigned char message[512];
  const char *parts[] = {purpose, subject, code};
  size_t used = 0;
  unsigned length = TOKEN_HASH_SIZE;
  for (size_t i = 0; i < 3; i++) {
    size_t part = strlen(parts[i]) + 1; /* the NUL keeps "a","bc" from being "ab","c" */
    if (part > sizeof message - used) return false;
    memcpy(message + used, parts[i], part);
    used += part;
  }
  bool made = HMAC(EVP_sha256(), key->bytes, TOKEN_KEY_SIZE, message, used - 1, hash, &length) != NULL;
  OPENSSL_cleanse(message, sizeof message);
  return made && length == TOKEN_HASH_SIZE;
}

bool token_equal(const void *a, const void *b, size_t length) { return CRYPTO_memcmp(a, b, length) == 0; }

/* ---------------------------------------------------------------- hexadecimal */

void token_hex(const unsigned char *bytes, size_t length, char *text) {
  static const char digit[] = "0123456789abcdef";
  for (size_t i = 0; i < length; i++) {
    *text++ = digit[bytes[i] >> 4];
    *text++ = digit[bytes[i] & 15];
  }
  *text = '\0';
}

static int hex_value(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

bool token_unhex(const char *text, size_t text_length, unsigned char *bytes, size_t length) {
  if (text_length != 2 * length) return false;
  for (size_t i = 0; i < length; i++) {
    int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = (unsigned char)(high << 4 | low);
  }
  return true;
}
