/*
 * The file that is loaded, or standard input.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/load.h"

bool load_source_open(struct load_source *source, const char *name) {
  memset(source, 0, sizeof *source);
  source->name = name;
  source->descriptor = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
  if (source->descriptor < 0) return false;
  struct stat status;
  if (fstat(source->descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    load_source_close(source);
    errno = EISDIR;
    return false;
  }
  source->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
  source->digest = EVP_MD_CTX_new();
  if (source->digest == NULL || EVP_DigestInit_ex(source->digest, EVP_sha256(), NULL) != 1) {
    load_source_close(source);
    errno = ENOMEM;
    return false;
  }
  return true;
}

void load_source_close(struct load_source *source) {
  if (source->descriptor > STDIN_FILENO) (void)close(source->descriptor);
  source->descriptor = -1;
  EVP_MD_CTX_free(source->digest);
  source->digest = NULL;
}

ssize_t load_source_read(void *context, void *buffer, size_t size) {
  struct load_source *source = context;
  ssize_t got;
  do {
    got = read(source->descriptor, buffer, size);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    source->bytes += (uint64_t)got;
    (void)EVP_DigestUpdate(source->digest, buffer, (size_t)got);
  }
  return got;
}

void load_source_digest(struct load_source *source, char text[65]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  text[0] = '\0';
  if (EVP_DigestFinal_ex(source->digest, digest, &length) == 1)
    for (unsigned i = 0; i < length && i < 32; i++)
      (void)snprintf(text + 2 * (size_t)i, 3, "%02x", digest[i]);
}
