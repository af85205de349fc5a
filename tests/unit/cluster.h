/*
 * A private PostgreSQL for one test program: made in a temporary folder, reached
 * by a socket in it, stopped and removed at the end. PostgreSQL never runs as
 * root: a test that root starts runs it as the user of CONNEX_TEST_USER, else
 * `postgres`, else `nobody`.
 *
 *     if (cluster_start() != 0) return EXIT_FAILURE;   // it has said why
 *     ... cluster_conninfo() ...
 *     cluster_stop();
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_TESTS_UNIT_CLUSTER_H
#define CONNEX_TESTS_UNIT_CLUSTER_H

/* 0 when it runs. */
int cluster_start(void);
void cluster_stop(void);

const char *cluster_conninfo(void);

/* Starts it again after cluster_halt(); 0 when it runs. */
int cluster_launch(void);

/* `mode` is "immediate", "fast", or "smart". */
int cluster_halt(const char *mode);

/* Runs a shell command with $BIN and $DIR set; its exit status. Output goes to the cluster's log. */
int cluster_shell(const char *command);

/* The same as the user who runs PostgreSQL. `command` contains no single quote. */
int cluster_as_user(const char *command);

/* Statements as superuser; 0 when all of them succeeded. `statements` contains no double quote and no dollar
 * sign. */
int cluster_sql(const char *statements);

#endif
