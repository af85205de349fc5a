/*
 * scripts/embed-sql: what it makes of named statements, and what it refuses
 * with file and line. Run from the top of the tree, as make does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void) {
  snprintf(folder, sizeof folder, "/tmp/connex-embed-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void) {
  char line[96];
  snprintf(line, sizeof line, "rm -rf '%s'", folder);
  ck_assert_int_eq(system(line), 0);
}

static void write_file(const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fputs(text, file);
  ck_assert_int_eq(fclose(file), 0);
}

/* A file made by the script, cut to the buffer. */
static const char *read_file(const char *name) {
  static char text[16384];
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "%s was made", path);
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  return text;
}

/* Runs the script on files of the folder; its exit status. What it says goes to the file "said". */
static int embed(const char *files) {
  char line[512];
  snprintf(line, sizeof line, "script=$PWD/scripts/embed-sql; cd '%s' && \"$script\" out %s >said 2>&1",
           folder, files);
  int status = system(line);
  ck_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void refused(const char *text, const char *because) {
  write_file("claim.sql", text);
  ck_assert_msg(embed("claim.sql") == 1, "refused: %s", text);
  ck_assert_msg(strstr(read_file("said"), because) != NULL, "%s says \"%s\"", read_file("said"), because);
}

START_TEST(a_named_statement_becomes_a_row_of_c) {
  write_file("claim.sql",
             "-- Claims.\n\n-- name: claim_get\n-- params: $1 claim_id bigint, $2 word text\n"
             "SELECT 'it''s; -- $8' AS a, E'x\\';$7' AS b, \"od;d\" AS c -- $6\n  /* $5 ; /* nested */ */\n"
             "  , $$ ; $4 $$, x ? 'y' FROM claim WHERE id = $1 AND 'e' <> $2;\n\n"
             "-- name: claim_list\nSELECT 'two\n\nlines'\n");
  write_file("gate.sql", "-- name: gate_enter\nSELECT 1;\n");
  ck_assert_int_eq(embed("claim.sql gate.sql"), 0);
  const char *header = read_file("out/queries.h");
  ck_assert_ptr_nonnull(strstr(header, "  Q_CLAIM_GET,\n  Q_CLAIM_LIST,\n  Q_GATE_ENTER,\n  QUERY_COUNT\n"));
  const char *source = read_file("out/queries.c");
  ck_assert_ptr_nonnull(
      strstr(source, "[Q_CLAIM_GET] = {\"claim_get\", \"claim\",\n"
                     "    \"SELECT 'it''s; -- $8' AS a, E'x\\\\';$7' AS b, \\\"od;d\\\" AS c \\n\"\n"
                     "    \"  , $$ ; $4 $$, x \\? 'y' FROM claim WHERE id = $1 AND 'e' <> $2\",\n    2},"));
  ck_assert_ptr_nonnull(strstr(source, "    \"SELECT 'two\\n\"\n    \"\\n\"\n    \"lines'\",\n    0},"));
  ck_assert_ptr_nonnull(strstr(read_file("out/prepare.sql"),
                               "\\echo claim.sql:3: claim_get\nPREPARE claim_get(bigint, text) AS\n"));
}
END_TEST

START_TEST(the_c_compiles_and_says_the_same_as_the_sql) {
  write_file("claim.sql", "-- name: claim_get\n-- params: $1 claim_id bigint\nSELECT 'back\\slash \"quoted\" "
                          "\?\?/ tab\there' AS \"a\"\n  , $1\n");
  write_file("main.c",
             "#include <stdio.h>\n#include \"out/queries.h\"\n"
             "int main(void) { fputs(query_texts[Q_CLAIM_GET].text, stdout); return QUERY_COUNT - 1; }\n");
  ck_assert_int_eq(embed("claim.sql"), 0);
  char line[256];
  snprintf(line, sizeof line,
           "cd '%s' && ${CC:-cc} -std=c17 -Wall -Wextra -Wconversion -Wshadow -Werror main.c out/queries.c "
           "-o program && ./program >printed",
           folder);
  ck_assert_int_eq(system(line), 0);
  ck_assert_str_eq(read_file("printed"), "SELECT 'back\\slash \"quoted\" \?\?/ tab\there' AS \"a\"\n  , $1");
}
END_TEST

START_TEST(ambiguous_text_is_refused_with_its_line) {
  refused("-- name: claim_get\nSELECT 1;\nSELECT 2;\n", "claim.sql:3: a second statement in block claim_get");
  refused("-- name: claim_get\nSELECT 1;\n-- name: claim_get\nSELECT 2;\n",
          "claim.sql:3: claim_get is there already: claim.sql:1");
  refused("-- name: claim_get\n-- only words\n;\n", "claim.sql:1: block claim_get holds no statement");
  refused("-- name: claim_get\n", "holds no statement");
  refused("SELECT 1;\n", "claim.sql:1: a statement needs a line");
  refused("-- name: gate_get\nSELECT 1;\n", "gate_get does not belong here");
  refused("-- name: claim\nSELECT 1;\n", "a name reads area_verb");
  refused("-- name: claim_Get\nSELECT 1;\n", "a name reads area_verb");
  refused("-- name: claim_get\nSELECT $1, $3;\n", "claim_get uses $3 but not $2");
  refused("-- name: claim_get\nSELECT 'open;\n", "claim.sql:2: a quoted string that never ends");
  refused("-- name: claim_get\nSELECT \"open;\n", "a quoted name that never ends");
  refused("-- name: claim_get\nSELECT $x$ open $$;\n", "a $x$ text that never ends");
  refused("-- name: claim_get\nSELECT 1 /* open /* */ ;\n", "a comment that never ends");
}
END_TEST

/* Compiles a call of a statement's function against lib/; true when it compiles. */
static bool call_compiles(const char *call) {
  char line[512], text[512];
  snprintf(text, sizeof text,
           "#include \"out/statements.h\"\nstruct db_statement f(void);\n"
           "struct db_statement f(void) { return %s; }\n",
           call);
  write_file("call.c", text);
  snprintf(line, sizeof line,
           "lib=$PWD/lib; cd '%s' && ${CC:-cc} -std=c17 -Wall -Wextra -Werror -Iout -I\"$lib\" "
           "-fsyntax-only call.c 2>said",
           folder);
  return system(line) == 0;
}

START_TEST(a_call_binds_each_parameter_by_its_name) {
  write_file("claim.sql", "-- name: claim_get\n-- params: $1 provider_account_id bigint, $2 claim_id bigint\n"
                          "SELECT $1 + $2;\n-- name: claim_code\n-- params: $1 code_hash bytea\nSELECT $1;\n"
                          "-- name: claim_all\nSELECT 1;\n");
  ck_assert_int_eq(embed("claim.sql"), 0);
  ck_assert(call_compiles("q_claim_get(P(provider_account_id, \"1\"), P(claim_id, \"2\"))"));
  ck_assert(call_compiles("q_claim_code(P_BYTES(code_hash, \"xy\", 2))"));
  ck_assert(call_compiles("q_claim_all()"));
  ck_assert(!call_compiles("q_claim_get(P(claim_id, \"2\"), P(provider_account_id, \"1\"))"));
  ck_assert(!call_compiles("q_claim_get(P(provider_account_id, \"1\"))"));
  ck_assert(
      !call_compiles("q_claim_get(P(provider_account_id, \"1\"), P(claim_id, \"2\"), P(claim_id, \"3\"))"));
  ck_assert(!call_compiles("q_claim_get(\"1\", \"2\")"));
  ck_assert(!call_compiles("q_claim_code(P(code_hash, \"xy\"))"));
  ck_assert(!call_compiles("q_claim_all(P(claim_id, \"2\"))"));
}
END_TEST

START_TEST(parameters_are_named_and_used) {
  refused("-- name: claim_get\nSELECT $1;\n",
          "claim.sql:1: claim_get has 1 parameters, and -- params: names 0");
  refused("-- name: claim_get\n-- params: $1 claim_id bigint, $2 word text\nSELECT $1;\n",
          "-- params: names 2");
  refused("-- name: claim_get\n-- params: $1 claim_id\nSELECT $1;\n",
          "claim.sql:2: claim_get: a parameter reads $1 name type");
  refused("-- name: claim_get\n-- params: $2 claim_id bigint\nSELECT $1;\n",
          "a parameter reads $1 name type");
  refused("-- name: claim_get\n-- params: $1 request bigint\nSELECT $1;\n",
          "a parameter is not named request");
  refused("-- name: claim_get\n-- params: $1 a text, $2 a text\nSELECT $1, $2;\n",
          "two parameters are named a");
  refused("-- name: claim_get\n-- params: $1 a text\nSELECT $1;\n-- name: claim_put\n-- params: $1 a "
          "bytea\nSELECT $1;\n",
          "a is bytea in one statement and not in another");
  refused("-- name: claim_get\n-- params: $1 a text, $2 b text, $3 c text, $4 d text, $5 e text, $6 f text\n"
          "-- params: $7 g text, $8 h text, $9 i text, $10 j text\n"
          "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10;\n",
          "claim_get has 10 parameters, more than nine; pass a record (jsonb)");
}
END_TEST

START_TEST(a_name_is_known_across_files) {
  write_file("claim.sql", "-- name: claim_get_one\nSELECT 1;\n");
  write_file("claim_get.sql", "-- name: claim_get_one\nSELECT 2;\n");
  ck_assert_int_eq(embed("claim.sql claim_get.sql"), 1);
  ck_assert_ptr_nonnull(
      strstr(read_file("said"), "claim_get.sql:1: claim_get_one is there already: claim.sql:1"));
}
END_TEST

START_TEST(unchanged_files_are_not_written) {
  struct stat before, after;
  char path[128];
  snprintf(path, sizeof path, "%s/out/queries.h", folder);
  write_file("claim.sql", "-- name: claim_get\nSELECT 1;\n");
  ck_assert_int_eq(embed("claim.sql"), 0);
  ck_assert_int_eq(stat(path, &before), 0);
  write_file("claim.sql", "-- name: claim_get\nSELECT 2;\n");
  ck_assert_int_eq(embed("claim.sql"), 0);
  ck_assert_int_eq(stat(path, &after), 0);
  ck_assert_uint_eq(
      before.st_ino,
      after.st_ino); /* the names are the same: nothing that knows only names is compiled again */
  ck_assert_ptr_nonnull(strstr(read_file("out/queries.c"), "SELECT 2"));
}
END_TEST

START_TEST(no_statement_at_all_still_compiles) {
  ck_assert_int_eq(embed(""), 0);
  ck_assert_ptr_nonnull(strstr(read_file("out/queries.h"), "enum query {\n  QUERY_COUNT\n};"));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("embed-sql");
  TCase *tests = tcase_create("statements");
  tcase_add_checked_fixture(tests, make_folder, remove_folder);
  tcase_add_test(tests, a_named_statement_becomes_a_row_of_c);
  tcase_add_test(tests, the_c_compiles_and_says_the_same_as_the_sql);
  tcase_add_test(tests, ambiguous_text_is_refused_with_its_line);
  tcase_add_test(tests, a_call_binds_each_parameter_by_its_name);
  tcase_add_test(tests, parameters_are_named_and_used);
  tcase_add_test(tests, a_name_is_known_across_files);
  tcase_add_test(tests, unchanged_files_are_not_written);
  tcase_add_test(tests, no_statement_at_all_still_compiles);
  tcase_set_timeout(tests, 60);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
