/*
 * What the files of `connex demo` share: the state of one run. world.c invents the data, people.c,
 * users.c, and claims.c make the rows of its tables (rows.c), and remittance_file.c writes the 835 file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_DEMO_DEMO_H
#define CONNEX_CLI_DEMO_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_buffer.h"
#include "db/db_copy.h"
#include "demo/world.h"
#include "statements.h"

enum demo_table {
  DEMO_REMITTANCE,
  DEMO_PROVIDER_ADJUSTMENT,
  DEMO_PAYMENT,
  DEMO_CLAIM_KEY,
  DEMO_CLAIM,
  DEMO_ADJUDICATION,
  DEMO_CLAIM_LINE,
  DEMO_APPEAL,
  DEMO_APPEAL_EVENT,
  DEMO_TABLES
};
enum {
  DEMO_CORRECTIONS_MOST = 8,
  DEMO_EXAMPLES_MOST = 40,
  DEMO_UNCLAIMED = 8,
  DEMO_EMAIL_SIZE = 64,
  DEMO_FLUSH_BYTES = 8 << 20
};

/* Users by number, as users.c makes them. */
enum {
  DEMO_USER_LSO = 1,
  DEMO_USER_SECOND_LSO,
  DEMO_USER_BILLING,
  DEMO_USER_FRONT_DESK,
  DEMO_USER_ANALYST,
  DEMO_USER_WAITING,
  DEMO_USER_NEW_LSO,
  DEMO_USERS = DEMO_USER_NEW_LSO
};

struct demo_user {
  const char *user_id, *kind, *first_name, *last_name, *job_role, *words;
};
extern const struct demo_user demo_users[DEMO_USERS + 1]; /* from 1 */

/* A provider account that nobody has requested yet, with the proof that its future LSO will need. */
struct demo_unclaimed {
  struct demo_account account;
  char check_number[32];
  int64_t check_amount;
};

struct demo {
  uint64_t seed;
  int32_t today;
  int64_t claims, accounts, beneficiaries; /* how many */
  int64_t serial, remittances, appeals;    /* made so far */
  struct byte_buffer rows[DEMO_TABLES];
  struct db_copy *db;
  char last_payment_number[32];
  int64_t last_payment_amount;
  int64_t examples[DEMO_EXAMPLES_MOST]; /* denied claims of account 1 that may still be appealed */
  int example_count;
  struct demo_unclaimed unclaimed[DEMO_UNCLAIMED];
  char passwords[DEMO_USERS + 1][40];
};

/* Connects as CONNEX_DB says and refuses a database that has claims. Writes why to standard error. */
bool demo_open(struct demo *demo);
/* Contractors, provider accounts, and beneficiaries; then users and what they may do. */
bool demo_make_people(struct demo *demo);
bool demo_make_users(struct demo *demo);
/* Claims, remittances, and appeals of all provider accounts. */
bool demo_make_claims(struct demo *demo);
/* Commits: sets the sequences, gathers statistics, writes users and examples as JSON to `users_out` (0600;
 * NULL: nowhere). */
bool demo_finish(struct demo *demo, const char *users_out);
void demo_close(struct demo *demo); /* frees the demo itself too */

/* Sends the buffer's rows to their table and empties the buffer. */
bool demo_copy(struct demo *demo, const struct copy_target *target, struct byte_buffer *rows);
/* Sends what has collected once it is `at_least` bytes. */
bool demo_flush(struct demo *demo, size_t at_least);
int64_t demo_claim_id(const struct demo_claim *claim);

/* Accounts that have an LSO: all but the last few. */
static inline int64_t demo_claimed_accounts(const struct demo *demo) {
  return demo->accounts - DEMO_UNCLAIMED;
}

/* The user ID in lower case, at a domain that cannot exist (RFC 2606). */
void demo_email(const char *user_id, char email[static DEMO_EMAIL_SIZE]);
/* Users with their passwords, and examples, as JSON (mode 0600). */
bool demo_write_users(const struct demo *demo, const char *path);

/* An 835 file of demo->claims claims. */
bool demo_write_remittances(struct demo *demo, const char *path);

#endif
