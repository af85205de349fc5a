/*
 * The verbs of the connex command. Each verb is one public function, in cli/<verb>.c or in a folder of that
 * name; the table in cli/main.c names them. To add a verb: write the function, declare it here, and add its
 * row there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_VERB_H
#define CONNEX_CLI_VERB_H

/* What a verb returns is the exit status of the command, except that VERB_USAGE becomes 1: a nightly batch
 * job has three cases to tell apart, done, done with findings, and not done. */
enum {
  VERB_CLEAN = 0,    /* everything asked for was done */
  VERB_FAILED = 1,   /* nothing, or not all, was done; the reason is on standard error */
  VERB_FINDINGS = 2, /* done, and there is something that a person should look at */
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
