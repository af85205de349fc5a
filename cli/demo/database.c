/*
 * The single transaction that makes a demonstration.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "demo/demo.h"

static bool say_why(const struct demo *demo) {
  fprintf(stderr, "connex demo: %s\n", demo->db ? db_copy_error(demo->db) : "out of memory");
  return false;
}

bool demo_copy(struct demo *demo, const struct copy_target *target, struct byte_buffer *rows) {
  return rows->length == 0 || db_copy_rows(demo->db, target, rows) || say_why(demo);
}

/* Opens one transaction for everything: a demonstration is made completely or not at all. */
bool demo_open(struct demo *demo) {
  const char *conninfo = getenv("CONNEX_DB");
  demo->db = db_copy_open(conninfo ? conninfo : "", "connex demo", DB_COPY_OWNER);
  if (!demo->db || !db_copy_ok(demo->db) || !db_copy_begin(demo->db) ||
      !db_copy_run(demo->db, q_demo_in_use()))
    return say_why(demo);
  const char *in_use = db_copy_value(demo->db, 0, 0);
  if (in_use && in_use[0] == 't') {
    fputs("connex demo: this database has users or claims; the demonstration needs an empty one\n", stderr);
    return false;
  }
  return db_copy_run(demo->db, q_demo_admit_synthetic_mbi()) || say_why(demo);
}

bool demo_finish(struct demo *demo, const char *users_out) {
  /* In this order, because the request that is waiting for the contractor needs a payment as its proof. */
  if (!db_copy_run(demo->db, q_demo_sequences()) || !db_copy_run(demo->db, q_demo_new_lso()) ||
      !db_copy_run(demo->db, q_demo_staff()))
    return say_why(demo);
  if (users_out && !demo_write_users(demo, users_out)) return false;
  if (!db_copy_commit_durably(demo->db)) return say_why(demo);
  return db_copy_run(demo->db, q_demo_statistics()) || say_why(demo);
}

void demo_close(struct demo *demo) {
  for (int i = 0; i < DEMO_TABLES; i++) byte_buffer_free(&demo->rows[i]);
  db_copy_close(demo->db);
  OPENSSL_cleanse(demo, sizeof *demo);
  free(demo);
}
