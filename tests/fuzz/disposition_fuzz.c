/*
 * Any bytes as a Content-Disposition header: the name is UTF-8 of limited length
 * without folders and controls, or there is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "format/disposition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char name[DISPOSITION_NAME_SIZE], *header = malloc(size + 1);
  if (header == NULL) return 0;
  memcpy(header, data, size);
  header[size] = '\0';
  if (disposition_file_name(header, name)) {
    size_t length = strnlen(name, sizeof name);
    if (length == 0 || length == sizeof name || utf8_count(name, length) == SIZE_MAX) abort();
    if (strpbrk(name, "/\\\r\n\t") != NULL || name[0] == '.' || name[length - 1] == '.' ||
        name[length - 1] == ' ')
      abort();
  }
  free(header);
  return 0;
}
