/*
 * Secrets: their form, and the two hashes under which they are kept. The
 * database makes them (sql/rules/secret.sql). A long secret is found by its
 * SHA-256 (256 random bits cannot be guessed, so it needs no salt); a short code
 * only by HMAC-SHA256 under a key outside the database, so that a stolen table
 * does not give away codes of six digits.
 *
 * All functions that return bool: false means that the random source or the
 * hash failed; nothing usable is in the output then, and the request must fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_SECRET_TOKEN_H
#define CONNEX_SECRET_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#define TOKEN_HASH_SIZE 32 /* SHA-256 */
#define TOKEN_HEX_SIZE (2 * TOKEN_HASH_SIZE + 1)
#define TOKEN_SECRET_SIZE 44 /* 32 bytes as 43 characters base64url, and NUL */
#define TOKEN_API_SIZE 54    /* cnx_, the secret, six characters of checksum, and NUL */
#define TOKEN_KEY_SIZE 32

/* 32 random bytes in the form of a session's secret. */
bool token_secret(char text[static TOKEN_SECRET_SIZE]) __attribute__((warn_unused_result));

/* Has the form of one: 43 characters of base64url. Keeps forged cookies away from the database. */
bool token_secret_is_well_formed(const char *text, size_t length);

/* An API token: "cnx_" + secret + CRC-32 of all before it in base 62. The prefix and the checksum let a
 * scanner of source code recognize a leaked token, and let the gate refuse a mistyped one without asking the
 * database. */
bool token_api_is_well_formed(const char *text, size_t length);

/* How a typed code is read: blanks, dashes, and dots of any kind are removed, letters are upper-cased,
 * full-width forms are folded. False: nothing is left, something other than ASCII letters and digits is left,
 * or it is too long for `size`. */
bool token_code_clean(const char *text, size_t length, char *out, size_t size);

bool token_sha256(const void *bytes, size_t length, unsigned char hash[static TOKEN_HASH_SIZE])
    __attribute__((warn_unused_result));

/* The form in which the database stores a token or cookie. */
bool token_hash(const char *text, unsigned char hash[static TOKEN_HASH_SIZE])
    __attribute__((warn_unused_result));

/* The key of short codes, read once at start from CONNEX_KEY_FILE. */
struct token_key {
  unsigned char bytes[TOKEN_KEY_SIZE];
};

/* Reads exactly 32 bytes from a file that neither group nor others may write nor others read. 0, or -1 with
 * *why set to constant words for the log. */
int token_key_read(const char *path, struct token_key *key, const char **why)
    __attribute__((warn_unused_result));
void token_key_wipe(struct token_key *key);

/* The hash of a short code, bound to what it is for and whose it is (MFA-06: another user's code fails):
 * HMAC-SHA256(key, purpose NUL subject NUL code). `code` is canonical (token_code_clean). */
bool token_code_hash(const struct token_key *key, const char *purpose, const char *subject, const char *code,
                     unsigned char hash[static TOKEN_HASH_SIZE]) __attribute__((warn_unused_result));

/* Compares in a time that does not depend on the bytes. */
bool token_equal(const void *a, const void *b, size_t length);

/* `length` random bytes. */
bool token_random(void *bytes, size_t length) __attribute__((warn_unused_result));

/* Lower-case hexadecimal; `text` holds 2 * length + 1. */
void token_hex(const unsigned char *bytes, size_t length, char *text);
/* Exactly 2 * length digits of either case. */
bool token_unhex(const char *text, size_t text_length, unsigned char *bytes, size_t length);

#endif
