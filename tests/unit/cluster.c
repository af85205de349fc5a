/*
 * A private PostgreSQL for one test program: see cluster.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cluster.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct { char folder[64], conninfo[160], run_as[64]; } cluster;

int cluster_shell(const char *command) {
  char line[2048];
  int length = snprintf(line, sizeof line,
                        "BIN=$(pg_config --bindir); DIR=%s; cd \"$DIR\" && { %s; } >>\"$DIR/log\" 2>&1",
                        cluster.folder, command);
  if (length < 0 || (size_t)length >= sizeof line) return -1;
  int status = system(line);
  return status == -1 ? -1 : status;
}

int cluster_as_user(const char *command) {
  char line[1500];
  if (cluster.run_as[0] == '\0') return cluster_shell(command);
  int length =
      snprintf(line, sizeof line, "export BIN DIR; runuser -u %s -- sh -c '%s'", cluster.run_as, command);
  return length < 0 || (size_t)length >= sizeof line ? -1 : cluster_shell(line);
}

int cluster_sql(const char *statements) {
  char line[1800];
  int length = snprintf(line, sizeof line, "psql -Xq -v ON_ERROR_STOP=1 -d \"%s\" -c \"%s\"",
                        cluster.conninfo, statements);
  return length < 0 || (size_t)length >= sizeof line ? -1 : cluster_shell(line);
}

const char *cluster_conninfo(void) { return cluster.conninfo; }

int cluster_launch(void) {
  return cluster_as_user(
      "\"$BIN/pg_ctl\" start -w -s -t 30 -D \"$DIR/data\" -l \"$DIR/server.log\" "
      "-o \"-c unix_socket_directories=$DIR -c listen_addresses= -c fsync=off -c max_connections=30\"");
}

int cluster_halt(const char *mode) {
  char line[128];
  snprintf(line, sizeof line, "\"$BIN/pg_ctl\" stop -w -s -t 30 -m %s -D \"$DIR/data\"", mode);
  return cluster_as_user(line);
}

static const char *cluster_user(void) {
  const char *named = getenv("CONNEX_TEST_USER");
  if (named != NULL && named[0] != '\0') return named;
  return getpwnam("postgres") != NULL ? "postgres" : "nobody";
}

void cluster_stop(void) {
  char line[128];
  if (cluster.folder[0] == '\0') return;
  cluster_halt("immediate");
  if (snprintf(line, sizeof line, "rm -rf '%s'", cluster.folder) > 0 && system(line) != 0)
    fprintf(stderr, "%s was not removed\n", cluster.folder);
  cluster.folder[0] = '\0';
}

int cluster_start(void) {
  snprintf(cluster.folder, sizeof cluster.folder, "/tmp/connex-cluster-XXXXXX");
  if (mkdtemp(cluster.folder) == NULL) return -1;
  if (geteuid() == 0) {
    snprintf(cluster.run_as, sizeof cluster.run_as, "%s", cluster_user());
    char line[192];
    snprintf(line, sizeof line, "chown %s %s", cluster.run_as, cluster.folder);
    if (system(line) != 0) return -1;
  }
  snprintf(cluster.conninfo, sizeof cluster.conninfo, "host=%s dbname=postgres user=superuser",
           cluster.folder);
  if (cluster_as_user(
          "\"$BIN/initdb\" -D \"$DIR/data\" -A trust -U superuser -E UTF8 --no-locale --no-sync") == 0 &&
      cluster_launch() == 0)
    return 0;
  fprintf(stderr, "no PostgreSQL for this test; its log:\n");
  char line[192];
  snprintf(line, sizeof line, "tail -n 20 %s/log %s/server.log >&2", cluster.folder, cluster.folder);
  if (system(line) != 0) fprintf(stderr, "(no log)\n");
  cluster_stop();
  return -1;
}
