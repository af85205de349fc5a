/*
 * The verbs of the connex command. Each verb has one file, cli/<verb>.c, with one public function; cli/main.c
 * holds the table that names them. To add a verb: write the file, declare its function here, add its row
 * there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_VERB_H
#define CONNEX_CLI_VERB_H

/* What a verb returns becomes the exit status of the command; VERB_USAGE becomes 1, for a night's batch has
 * three cases to tell apart: clean, look at it, it was not done. */
enum {
  VERB_CLEAN = 0,    /* everything asked for was done */
  VERB_FAILED = 1,   /* nothing, or not all, was done; the reason is on standard error */
  VERB_FINDINGS = 2, /* done, and there is something a person should look at */
  VERB_USAGE = 3     /* the command line was not understood, and the help was shown: exit status 1 */
};

/* Every verb gets its own name as argv[0] and its arguments after it. */
int verb_admin(int argc, char **argv);
int verb_demo(int argc, char **argv);
int verb_jobs(int argc, char **argv);
int verb_letters(int argc, char **argv);
int verb_load(int argc, char **argv);
int verb_migrate(int argc, char **argv);

#endif
