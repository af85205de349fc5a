/*
 * connex migrate: hands over to scripts/migrate, which runs the migrations and re-creates the rules and
 * reports. It is a script because the migrations are plain SQL run by dbmate and psql; this verb only finds
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verb.h"

/* The directory of this program, without a slash at the end; false when the system does not say. */
static bool program_directory(char *directory, size_t size) {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return snprintf(directory, size, "%s", dirname(path)) < (int)size;
}

/* Runs the script when it is there; returns only when it is not, or cannot be run. */
static void try_script(const char *home, const char *under, char **argv) {
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/%s", home, under) >= (int)sizeof path || access(path, X_OK) != 0)
    return;
  argv[0] = path;
  execv(path, argv);
  fprintf(stderr, "connex migrate: %s: %s\n", path, strerror(errno));
}

int verb_migrate(int argc, char **argv) {
  (void)argc;
  const char *home = getenv("CONNEX_HOME");
  if (home != NULL && home[0] != '\0') try_script(home, "scripts/migrate", argv);
  char directory[PATH_MAX];
  if (program_directory(directory, sizeof directory)) {
    try_script(directory, "../../scripts/migrate", argv); /* build/<variant>/connex in the source tree */
    try_script(directory, "../share/connex/scripts/migrate", argv); /* bin/connex after make install */
  }
  fputs("connex migrate: scripts/migrate was not found; set CONNEX_HOME to the directory that holds it\n",
        stderr);
  return VERB_FAILED;
}
