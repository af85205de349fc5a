/*
 * Any bytes as a stored hash and as a new password. Reading a hash computes
 * nothing (password_needs_rehash), so that each input costs microseconds. A
 * judgment is the same every time, and does not depend on case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "secret/password.h"

static void demand(int truth) {
  if (!truth) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct password_cost cost = {64, 1, 1};
  static const char *const own[] = {"ABCD123", "Patricia", "O'Malley-Smith", "pat.omalley@lakeside.example",
                                    NULL};
  char *text = malloc(size + 1);
  if (text == NULL) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  if (!password_needs_rehash(text, &cost)) demand(strncmp(text, "$argon2id$v=19$m=64,t=1,p=1$", 28) == 0);

  char *exact = malloc(size > 0 ? size : 1); /* the sanitizer sees one byte too many */
  if (exact != NULL) {
    memcpy(exact, data, size);
    enum password_fault fault = password_judge(exact, size, 15, own);
    demand(fault == password_judge(exact, size, 15, own));
    if (size < 15) demand(fault == PASSWORD_SHORT || fault == PASSWORD_ENCODING);
    if (size > 512) demand(fault == PASSWORD_LONG);
    if (fault == PASSWORD_GOOD) {
      for (size_t i = 0; i < size; i++)
        if (exact[i] >= 'A' && exact[i] <= 'Z') exact[i] = (char)(exact[i] - 'A' + 'a');
      demand(password_judge(exact, size, 15, own) == PASSWORD_GOOD);
    }
  }
  free(exact);
  free(text);
  return 0;
}
