/*
 * connex admin settings, connex admin set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "verb.h"

static void print_setting(const struct db *db, int row) {
  const char *value = db_named(db, 0, row, "value"), *usual = db_named(db, 0, row, "default_value");
  const char *rule = db_named(db, 0, row, "rule");

  printf("%s = %s", db_named(db, 0, row, "name"), value);
  if (strcmp(value, usual) != 0) printf("   (default %s)", usual);
  if (strcmp(db_named(db, 0, row, "kind"), "integer") == 0)
    printf("   (%s to %s)", db_named(db, 0, row, "lowest"), db_named(db, 0, row, "highest"));
  printf("\n    %s", db_named(db, 0, row, "documentation"));
  if (rule[0] != '\0') printf(" [%s]", rule);
  putchar('\n');
}

int admin_settings(struct db *db, int argc, char **argv) {
  if (argc > 1) return VERB_USAGE;
  if (!admin_run(db, argc == 0 ? q_admin_settings() : q_admin_setting_get(P(name, argv[0]))))
    return VERB_FAILED;
  if (argc == 1 && db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no setting '%s'\n", argv[0]);
    return VERB_FAILED;
  }
  for (int i = 0; i < db_rows(db, 0); i++) print_setting(db, i);
  return VERB_CLEAN;
}

/* After a refusal by the table: what the setting does take. */
static void print_bounds(struct db *db, const char *name) {
  if (strcmp(db_fault(db)->sqlstate, "23514") != 0 || !admin_run(db, q_admin_setting_get(P(name, name))))
    return;
  if (strcmp(db_named(db, 0, 0, "kind"), "integer") == 0)
    fprintf(stderr, "connex admin: %s is a whole number from %s to %s\n", name, db_named(db, 0, 0, "lowest"),
            db_named(db, 0, 0, "highest"));
  else fprintf(stderr, "connex admin: %s is true or false\n", name);
}

int admin_set(struct db *db, int argc, char **argv) {
  if (argc != 2) return VERB_USAGE;
  const char *value = strcmp(argv[1], "--default") == 0 ? NULL : argv[1];
  if (!admin_run(db, q_admin_set(P(name, argv[0]), P(value, value)))) {
    print_bounds(db, argv[0]);
    return VERB_FAILED;
  }
  if (db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no setting '%s', or it does not accept this value\n", argv[0]);
    return VERB_FAILED;
  }
  printf("%s = %s\n", db_named(db, 0, 0, "name"), db_named(db, 0, 0, "value"));
  return VERB_CLEAN;
}
