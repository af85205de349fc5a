/*
 * The parts of connex admin: settings.c, jobs.c, user.c; admin.c has the table of commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_ADMIN_ADMIN_H
#define CONNEX_CLI_ADMIN_ADMIN_H

#include <stdbool.h>

#include "db/db.h"
#include "statements.h"

/* Runs one statement; writes to standard error why it failed. */
bool admin_run(struct db *db, struct db_statement statement);

/* The commands. They return an exit status of verb.h, with VERB_USAGE when the arguments are not understood.
 */
int admin_settings(struct db *db, int argc, char **argv);
int admin_set(struct db *db, int argc, char **argv);
int admin_jobs(struct db *db, int argc, char **argv);
int admin_user(struct db *db, int argc, char **argv);

#endif
