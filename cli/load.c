/* connex load KIND FILE...: reads files that a contractor already has into the database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "verb.h"

#include <stdio.h>

int verb_load(int argc, char **argv) {
  (void)argc;
  (void)argv;
  fputs("usage: connex load KIND FILE...\n", stderr);
  return VERB_USAGE;
}
