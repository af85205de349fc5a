/*
 * Which build of the program this is: see build.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "build.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "secret/token.h"

enum { PIECE = 64 * 1024, ID_BYTES = (BUILD_ID_SIZE - 1) / 2 };

static bool digest_file(FILE *file, EVP_MD_CTX *digest, unsigned char sha256[static EVP_MAX_MD_SIZE]) {
  unsigned char piece[PIECE];
  size_t length;
  bool good = EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
  while (good && (length = fread(piece, 1, sizeof piece, file)) > 0)
    good = EVP_DigestUpdate(digest, piece, length) == 1;
  return good && ferror(file) == 0 && EVP_DigestFinal_ex(digest, sha256, NULL) == 1;
}

void build_id(char id[static BUILD_ID_SIZE]) {
  unsigned char sha256[EVP_MAX_MD_SIZE];
  FILE *file = fopen("/proc/self/exe", "rb");
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  if (file != NULL && digest != NULL && digest_file(file, digest, sha256)) token_hex(sha256, ID_BYTES, id);
  else snprintf(id, BUILD_ID_SIZE, "unknown");
  EVP_MD_CTX_free(digest);
  if (file != NULL) fclose(file);
}
