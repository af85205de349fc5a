/*
 * What the files of `connex demo` share: the state of one run. demo.c makes
 * claims and remittances, demo_people.c accounts, beneficiaries and users,
 * demo_remittance_file.c the 835 file; demo_world.c invents.
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
  DEMO_CLAIM_ADJUSTMENT,
  DEMO_APPEAL,
  DEMO_APPEAL_EVENT,
  DEMO_TABLES
};
enum { DEMO_CORRECTIONS_MOST = 8, DEMO_EXAMPLES_MOST = 40, DEMO_UNCLAIMED = 8, DEMO_FLUSH_BYTES = 8 << 20 };

/* Users by number, as demo_people.c makes them. */
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

struct demo_remittance {
  int64_t remittance_id, amount, recovered; /* cents */
  int64_t claims;
  int32_t paid_on;
  bool eft;
};

/* A provider account that nobody has asked for yet, with the proof of its future LSO. */
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

/* Connects as CONNEX_DB says and refuses a database that holds claims. Says why on standard error. */
bool demo_open(struct demo *demo);
bool demo_make_world(struct demo *demo);
/* Sets the sequences, gathers statistics, writes users and examples as JSON to `users_out` (0600; NULL:
 * nowhere). */
bool demo_finish(struct demo *demo, const char *users_out);
void demo_close(struct demo *demo); /* frees the demo itself too */

/* The buffer's rows into "table (columns)"; empties the buffer. */
bool demo_copy(struct demo *demo, const char *target, struct byte_buffer *rows);
/* Sends what has gathered once it is `at_least` bytes. */
bool demo_flush(struct demo *demo, size_t at_least);
void demo_column_day(struct byte_buffer *row, int32_t day);
int64_t demo_claim_id(const struct demo_claim *claim);

/* An 835 file of demo->claims claims. */
bool demo_write_remittances(struct demo *demo, const char *path);

#endif
