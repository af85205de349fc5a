/*
 * connex demo: fills an empty database with the invented world of world.c: a contractor with two
 * jurisdictions, provider accounts, beneficiaries with coverage, claims at every stage, remittances that
 * balance, payments, appeals, and a few users. The same seed and day make the same rows. Memory does not grow
 * with --claims.
 *
 * It runs as the owner, because a loader may not write users and appeals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "demo/demo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verb.h"

static void print_usage(FILE *out) {
  fputs("usage: connex demo [--claims N] [--seed S] [--today YYYY-MM-DD] [--users-out FILE]\n"
        "       connex demo --remittances FILE [--claims N] [--seed S] [--first-serial N]\n\n"
        "Fills an empty database with invented people, claims (1,000 to 10,000,000) and users. The second "
        "form writes\n"
        "an 835 file of the same world instead, for trying `connex load 835`; '-' is standard output.\n",
        out);
}

static bool take_number(const char *text, int64_t low, int64_t high, int64_t *value) {
  char *end = NULL;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || number < low || number > high) return false;
  *value = number;
  return true;
}

static bool take_options(int argc, char **argv, struct demo *demo, const char **users_out,
                         const char **remittances) {
  int64_t seed = 1;
  demo->claims = 20000;
  demo->today = (int32_t)(time(NULL) / 86400);
  for (int i = 1; i < argc; i += 2) {
    const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    struct calendar_day day;
    if (value && strcmp(name, "--claims") == 0 && take_number(value, 1000, 100000000, &demo->claims))
      continue;
    if (value && strcmp(name, "--seed") == 0 && take_number(value, 0, INT32_MAX, &seed)) continue;
    if (value && strcmp(name, "--first-serial") == 0 && take_number(value, 1, 1000000000, &demo->serial))
      continue;
    if (value && strcmp(name, "--today") == 0 && calendar_parse(value, strlen(value), &day)) {
      demo->today = calendar_number(day);
      continue;
    }
    if (value && strcmp(name, "--users-out") == 0) {
      *users_out = value;
      continue;
    }
    if (value && strcmp(name, "--remittances") == 0) {
      *remittances = value;
      continue;
    }
    print_usage(strcmp(name, "--help") == 0 ? stdout : stderr);
    return false;
  }
  demo->seed = (uint64_t)seed;
  demo->accounts = demo->claims / 250 < 24 ? 24 : demo->claims / 250 > 2000 ? 2000 : demo->claims / 250;
  demo->beneficiaries = demo->claims / 6 < 300 ? 300 : demo->claims / 6 > 500000 ? 500000 : demo->claims / 6;
  return true;
}

int verb_demo(int argc, char **argv) {
  struct demo *demo = calloc(1, sizeof *demo);
  const char *users_out = NULL, *remittances = NULL;
  int status = VERB_FAILED;
  if (!demo) {
    fputs("connex demo: out of memory\n", stderr);
    return VERB_FAILED;
  }
  if (!take_options(argc, argv, demo, &users_out, &remittances)) {
    status = argc > 1 && strcmp(argv[1], "--help") == 0 ? VERB_CLEAN : VERB_USAGE;
  } else if (remittances) {
    status = demo_write_remittances(demo, remittances) ? VERB_CLEAN : VERB_FAILED;
  } else if (demo_open(demo) && demo_make_people(demo) && demo_make_users(demo) && demo_make_claims(demo) &&
             demo_finish(demo, users_out)) {
    printf("%" PRId64 " claims, %" PRId64 " remittances, %" PRId64 " redeterminations, %" PRId64
           " provider accounts, %" PRId64 " beneficiaries\n",
           demo->serial, demo->remittances, demo->appeals, demo->accounts, demo->beneficiaries);
    status = VERB_CLEAN;
  }
  demo_close(demo);
  return status;
}
