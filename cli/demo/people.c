/*
 * connex demo: contractors, provider accounts, beneficiaries with coverage, and
 * the users one logs in as. Passwords are new with every run and stand nowhere
 * but in the file of --users-out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo/demo.h"
#include "secret/password.h"
#include "secret/token.h"

struct demo_user {
  const char *user_id, *kind, *first_name, *last_name, *job_role, *words;
};
static const struct demo_user users[DEMO_USERS + 1] = {
    [DEMO_USER_LSO] = {"LSOA001", "office", "Marigold", "Thornbury-Lee", "administration",
                       "Local Security Officer of most provider accounts, all functions"},
    [DEMO_USER_SECOND_LSO] = {"LSOB002", "office", "Percival", "Quillfeather", "administration",
                              "second Local Security Officer of the first ten"},
    [DEMO_USER_BILLING] = {"BILL003", "office", "Josephine", "Larkspurne", "billing",
                           "biller: claims, eligibility and financials of the first ten"},
    [DEMO_USER_FRONT_DESK] = {"DESK004", "office", "Gideon", "Fairlocke", "other",
                              "front desk: eligibility of the first three"},
    [DEMO_USER_ANALYST] = {"ANLS005", "analyst", "Rosalind", "Greystone", "other",
                           "the contractor's analyst"},
    [DEMO_USER_WAITING] = {"WAIT006", "office", "Ambrose", "Yarrowdale", "coding",
                           "waits for the Local Security Officer's approval"},
    [DEMO_USER_NEW_LSO] = {"NEWL007", "office", "Winifred", "Oakhaven", "administration",
                           "waits for the contractor's approval as a first Local Security Officer"},
};
static const char all_functions[] = "{provider_profile,claims,eligibility,financials}";

static bool say_why(const struct demo *demo) {
  fprintf(stderr, "connex demo: %s\n", demo->db ? db_copy_error(demo->db) : "out of memory");
  return false;
}

bool demo_copy(struct demo *demo, const char *target, struct byte_buffer *rows) {
  return rows->length == 0 || db_copy_rows(demo->db, target, rows) || say_why(demo);
}

/* Opens one transaction for all: a demonstration is there whole or not at all. */
bool demo_open(struct demo *demo) {
  const char *conninfo = getenv("CONNEX_DB");
  demo->db = db_copy_open(conninfo ? conninfo : "", "connex demo", DB_COPY_OWNER);
  if (!demo->db || !db_copy_ok(demo->db) || !db_copy_begin(demo->db) ||
      !db_copy_run(demo->db, q_demo_in_use()))
    return say_why(demo);
  const char *in_use = db_copy_value(demo->db, 0, 0);
  if (in_use && in_use[0] == 't') {
    fputs("connex demo: this database holds users or claims; the demonstration goes into an empty one\n",
          stderr);
    return false;
  }
  return db_copy_run(demo->db, q_demo_admit_synthetic_mbi()) || say_why(demo);
}

static bool make_contractors(struct demo *demo) {
  struct byte_buffer rows = {0};
  for (int i = 0; i < DEMO_CONTRACTORS; i++) {
    const struct demo_contractor *contractor = &demo_contractors[i];
    byte_buffer_column_word(&rows, contractor->contractor_no);
    byte_buffer_column_word(&rows, contractor->name);
    byte_buffer_column_word(&rows, contractor->jurisdiction);
    byte_buffer_column_word(&rows, demo_lines_of_business[contractor->line_of_business]);
    byte_buffer_column_word(&rows, "1 Statehouse Square");
    byte_buffer_column_word(&rows, contractor->city);
    byte_buffer_column_word(&rows, contractor->state);
    byte_buffer_column_word(&rows, contractor->zip);
    byte_buffer_column_word(&rows, "603-555-0100");
    byte_buffer_end_row(&rows);
  }
  bool done = demo_copy(demo,
                        "connex.contractor (contractor_no, name, jurisdiction, line_of_business, street, "
                        "city, state, zip, phone)",
                        &rows);
  byte_buffer_free(&rows);
  return done;
}

/* Accounts that somebody is LSO of: all but the last few, which wait to be claimed. */
static int64_t claimed_accounts(const struct demo *demo) { return demo->accounts - DEMO_UNCLAIMED; }

static bool make_accounts(struct demo *demo) {
  struct byte_buffer rows = {0};
  for (int64_t i = 0; i < demo->accounts; i++) {
    struct demo_account account;
    demo_account_make(demo->seed, i, &account);
    byte_buffer_column_integer(&rows, account.provider_account_id);
    byte_buffer_column_word(&rows, account.contractor->contractor_no);
    byte_buffer_column_word(&rows, account.npi);
    byte_buffer_column_word(&rows, account.ptan);
    byte_buffer_column_word(&rows, account.tin);
    byte_buffer_column_word(&rows, account.name);
    byte_buffer_column_word(&rows, demo_lines_of_business[account.contractor->line_of_business]);
    byte_buffer_column_word(&rows, account.state);
    for (int of = 0; of < 2; of++) { /* physical and billing address */
      byte_buffer_column_word(&rows, account.street);
      byte_buffer_column_word(&rows, account.city);
      byte_buffer_column_word(&rows, account.state);
      byte_buffer_column_word(&rows, account.zip);
    }
    byte_buffer_column_word(&rows, account.phone);
    byte_buffer_column_word(&rows, i < claimed_accounts(demo) ? account.csn : NULL);
    demo_column_day(&rows, demo->today - 2000);
    byte_buffer_end_row(&rows);
  }
  bool done = demo_copy(demo,
                        "connex.provider_account (provider_account_id, contractor_no, npi, ptan, tin, name, "
                        "line_of_business, state,"
                        " physical_street, physical_city, physical_state, physical_zip, billing_street, "
                        "billing_city, billing_state,"
                        " billing_zip, phone, csn, effective_on)",
                        &rows);
  byte_buffer_free(&rows);
  return done;
}

/* ---------------------------------------------------------------- beneficiaries */

struct coverage {
  const char *kind;
  int32_t from, to;          /* first day; the day after the last, INT32_MAX while open */
  int64_t amount, remaining; /* cents; -1: none */
  const char *payer_name, *payer_id, *policy, *detail, *phone;
};

static void add_coverage(struct byte_buffer *rows, int64_t beneficiary_id, const struct coverage *coverage) {
  char from[CALENDAR_DAY_SIZE], to[CALENDAR_DAY_SIZE] = "", period[40];
  calendar_format(calendar_from_number(coverage->from), from);
  if (coverage->to != INT32_MAX) calendar_format(calendar_from_number(coverage->to), to);
  snprintf(period, sizeof period, "[%s,%s)", from, to);
  byte_buffer_column_integer(rows, beneficiary_id);
  byte_buffer_column_word(rows, coverage->kind);
  byte_buffer_column_word(rows, period);
  if (coverage->amount < 0) {
    byte_buffer_column_null(rows);
    byte_buffer_column_null(rows);
  } else {
    byte_buffer_column_cents(rows, coverage->amount);
    byte_buffer_column_cents(rows, coverage->remaining);
  }
  byte_buffer_column_word(rows, coverage->payer_name);
  byte_buffer_column_word(rows, coverage->payer_id);
  byte_buffer_column_word(rows, coverage->policy);
  byte_buffer_column_word(rows, coverage->detail);
  byte_buffer_column_word(rows, coverage->phone);
  byte_buffer_end_row(rows);
}

static int32_t first_of_year(int year) { return calendar_number((struct calendar_day){year, 1, 1}); }

/* Entitlement at 65, the Part B deductible of this year and the last (amounts: portal.md 2.3), and now and
 * then a Medicare Advantage plan, a payer before Medicare, QMB or Part D. */
static void add_coverages(const struct demo *demo, struct byte_buffer *rows,
                          const struct demo_beneficiary *person) {
  struct demo_random random = demo_random_of(demo->seed, 8, (uint64_t)person->beneficiary_id);
  int32_t entitled = person->birth_on + 65 * 365 + 16;
  int32_t ends = person->death_on == INT32_MAX ? INT32_MAX : person->death_on + 1;
  int year = calendar_from_number(demo->today).year;
  add_coverage(rows, person->beneficiary_id,
               &(struct coverage){"part_a", entitled, ends, -1, -1, NULL, NULL, NULL, "Age", NULL});
  add_coverage(rows, person->beneficiary_id,
               &(struct coverage){"part_b", entitled, ends, -1, -1, NULL, NULL, NULL, "Age", NULL});
  if (entitled < first_of_year(year - 1)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"part_b_deductible", first_of_year(year - 1), first_of_year(year), 25700,
                                    0, NULL, NULL, NULL, NULL, NULL});
    int64_t left = demo_random_chance(&random, 600) ? 0 : demo_random_between(&random, 1, 28300);
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"part_b_deductible", first_of_year(year), first_of_year(year + 1), 28300,
                                    left, NULL, NULL, NULL, NULL, NULL});
  }
  if (demo_random_chance(&random, 120)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"medicare_advantage", first_of_year(year), INT32_MAX, -1, -1,
                                    "Blue Heron Advantage", "H9990-001", NULL, "HMO", "800-555-0140"});
  } else if (demo_random_chance(&random, 400)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"part_d", first_of_year(year), INT32_MAX, -1, -1, "Blue Heron Rx",
                                    "S9990-004", NULL, "Prescription drugs", "800-555-0141"});
  }
  if (demo_random_chance(&random, 60)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"msp", demo->today - 900,
                                    demo_random_chance(&random, 500) ? demo->today - 200 : INT32_MAX, -1, -1,
                                    "Lantern Mutual Insurance", "99001", "LM-4471", "Working aged (12)",
                                    "800-555-0142"});
  }
  if (demo_random_chance(&random, 90)) {
    add_coverage(rows, person->beneficiary_id,
                 &(struct coverage){"qmb", first_of_year(year), INT32_MAX, -1, -1, NULL, NULL, NULL,
                                    "Do not bill the patient for deductible or coinsurance", NULL});
  }
}

static void add_beneficiary(const struct demo *demo, int64_t index, struct byte_buffer *people,
                            struct byte_buffer *numbers, struct byte_buffer *coverages) {
  struct demo_beneficiary person;
  demo_beneficiary_make(demo->seed, index, demo->today, &person);
  byte_buffer_column_integer(people, person.beneficiary_id);
  byte_buffer_column_word(people, person.mbi);
  byte_buffer_column_word(people, person.last_name);
  byte_buffer_column_word(people, person.first_name);
  demo_column_day(people, person.birth_on);
  if (person.death_on == INT32_MAX) byte_buffer_column_null(people);
  else demo_column_day(people, person.death_on);
  byte_buffer_column_word(people, person.sex == 'F' ? "F" : "M");
  byte_buffer_column_word(people, person.street);
  byte_buffer_column_word(people, person.city);
  byte_buffer_column_word(people, person.state);
  byte_buffer_column_word(people, person.zip);
  byte_buffer_end_row(people);
  byte_buffer_column_word(numbers, person.mbi);
  byte_buffer_column_integer(numbers, person.beneficiary_id);
  demo_column_day(numbers, person.birth_on + 65 * 365 + 16);
  byte_buffer_end_row(numbers);
  add_coverages(demo, coverages, &person);
}

static bool make_beneficiaries(struct demo *demo) {
  struct byte_buffer people = {0}, numbers = {0}, coverages = {0};
  bool done = true;
  for (int64_t i = 0; done && i < demo->beneficiaries; i++) {
    add_beneficiary(demo, i, &people, &numbers, &coverages);
    if (coverages.length < DEMO_FLUSH_BYTES && i + 1 < demo->beneficiaries) continue;
    done =
        demo_copy(
            demo,
            "connex.beneficiary (beneficiary_id, source_key, last_name, first_name, birth_on, death_on, "
            "sex, street, city, state, zip)",
            &people) &&
        demo_copy(demo, "connex.beneficiary_mbi (mbi, beneficiary_id, effective_on)", &numbers) &&
        demo_copy(demo,
                  "connex.coverage (beneficiary_id, kind, period, amount, remaining, payer_name, payer_id, "
                  "policy, detail, phone)",
                  &coverages);
  }
  byte_buffer_free(&people);
  byte_buffer_free(&numbers);
  byte_buffer_free(&coverages);
  return done;
}

/* ---------------------------------------------------------------- users */

/* The user ID in small letters, at a domain that nobody can have (RFC 2606). */
static void make_email(const char *user_id, char email[64]) {
  snprintf(email, 64, "%s@office.example", user_id);
  for (char *c = email; *c && *c != '@'; c++) *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
}

static bool make_password(char password[40], char hash[PASSWORD_HASH_SIZE]) {
  const struct password_cost cost = {19456, 2, 1};
  char secret[TOKEN_SECRET_SIZE];
  if (!token_secret(secret)) return false;
  snprintf(password, 40, "demo-%.16s", secret);
  OPENSSL_cleanse(secret, sizeof secret);
  return password_hash(NULL, &cost, password, strlen(password), hash) == PASSWORD_DONE;
}

static bool make_users(struct demo *demo) {
  struct byte_buffer people = {0}, credentials = {0}, acceptances = {0};
  bool done = true;
  for (int i = 1; done && i <= DEMO_USERS; i++) {
    const struct demo_user *user = &users[i];
    char hash[PASSWORD_HASH_SIZE], email[64];
    done = make_password(demo->passwords[i], hash);
    make_email(user->user_id, email);
    byte_buffer_column_integer(&people, i);
    byte_buffer_column_word(&people, user->user_id);
    byte_buffer_column_word(&people, user->kind);
    byte_buffer_column_word(&people, user->first_name);
    byte_buffer_column_word(&people, user->last_name);
    byte_buffer_column_word(&people, user->job_role);
    byte_buffer_column_word(&people, email);
    byte_buffer_column_word(&people, "now");
    byte_buffer_column_word(&people, "America/New_York");
    if (i == DEMO_USER_ANALYST || i >= DEMO_USER_WAITING) byte_buffer_column_null(&people);
    else byte_buffer_column_integer(&people, 1);
    byte_buffer_end_row(&people);
    byte_buffer_column_integer(&credentials, i);
    byte_buffer_column_word(&credentials, hash);
    byte_buffer_end_row(&credentials);
    byte_buffer_column_integer(&acceptances, i);
    byte_buffer_column_integer(&acceptances, 1);
    byte_buffer_end_row(&acceptances);
  }
  done = done &&
         demo_copy(
             demo,
             "connex.user_account (user_account_id, user_id, kind, first_name, last_name, job_role, email, "
             "email_verified_at, time_zone, last_provider_account_id)",
             &people) &&
         demo_copy(demo, "connex.credential (user_account_id, password_hash)", &credentials) &&
         demo_copy(demo, "connex.agreement_acceptance (user_account_id, agreement_id)", &acceptances);
  byte_buffer_free(&people);
  byte_buffer_free(&credentials);
  byte_buffer_free(&acceptances);
  return done;
}

struct access_rows {
  struct byte_buffer access, events;
  int64_t count;
};

static void add_access(struct access_rows *rows, int64_t user, int64_t account, const char *status, bool lso,
                       const char *functions) {
  bool approved = strcmp(status, "approved") == 0;
  int64_t access_id = ++rows->count;
  byte_buffer_column_integer(&rows->access, access_id);
  byte_buffer_column_integer(&rows->access, user);
  byte_buffer_column_integer(&rows->access, account);
  byte_buffer_column_word(&rows->access, status);
  byte_buffer_column_boolean(&rows->access, lso);
  byte_buffer_column_word(&rows->access, functions);
  byte_buffer_column_boolean(&rows->access, lso && approved);
  byte_buffer_column_text(&rows->access, approved ? functions : "{}");
  byte_buffer_end_row(&rows->access);
  for (int event_no = 1; event_no <= 1 + approved; event_no++) {
    byte_buffer_column_integer(&rows->events, access_id);
    byte_buffer_column_integer(&rows->events, event_no);
    byte_buffer_column_integer(&rows->events, event_no == 1 ? user : DEMO_USER_LSO);
    byte_buffer_column_word(&rows->events, event_no == 1 ? "requested" : "approved");
    byte_buffer_column_word(&rows->events, functions);
    byte_buffer_column_boolean(&rows->events, lso);
    byte_buffer_end_row(&rows->events);
  }
}

static bool make_access(struct demo *demo) {
  struct access_rows rows = {0};
  for (int64_t account = 1; account <= claimed_accounts(demo); account++) {
    add_access(&rows, DEMO_USER_LSO, account, "approved", true, all_functions);
    if (account <= 10) {
      add_access(&rows, DEMO_USER_SECOND_LSO, account, "approved", true, all_functions);
      add_access(&rows, DEMO_USER_BILLING, account, "approved", false, "{claims,eligibility,financials}");
    }
    if (account <= 3) add_access(&rows, DEMO_USER_FRONT_DESK, account, "approved", false, "{eligibility}");
  }
  add_access(&rows, DEMO_USER_WAITING, 1, "requested", false, "{claims,eligibility}");
  bool done =
      demo_copy(demo,
                "connex.access (access_id, user_account_id, provider_account_id, status, lso_requested, "
                "functions_requested, lso, functions)",
                &rows.access) &&
      demo_copy(demo, "connex.access_event (access_id, event_no, user_account_id, action, functions, lso)",
                &rows.events);
  byte_buffer_free(&rows.access);
  byte_buffer_free(&rows.events);
  return done;
}

bool demo_make_world(struct demo *demo) {
  return make_contractors(demo) && make_accounts(demo) && make_beneficiaries(demo) && make_users(demo) &&
         make_access(demo);
}

/* ---------------------------------------------------------------- the end */

static void add_member(struct byte_buffer *json, const char *name, const char *value) {
  if (json->length > 0 && json->data[json->length - 1] != '{') byte_buffer_add_word(json, ",");
  byte_buffer_add_json(json, name, strlen(name));
  byte_buffer_add_word(json, ":");
  byte_buffer_add_json(json, value, strlen(value));
}

static void add_users(const struct demo *demo, struct byte_buffer *json) {
  byte_buffer_add_word(json, "{\"users\":[");
  for (int i = 1; i <= DEMO_USERS; i++) {
    char email[64];
    make_email(users[i].user_id, email);
    byte_buffer_add_word(json, i > 1 ? ",\n{" : "\n{");
    add_member(json, "user_id", users[i].user_id);
    add_member(json, "password", demo->passwords[i]);
    add_member(json, "role",
               i == DEMO_USER_ANALYST                            ? "analyst"
               : i == DEMO_USER_LSO || i == DEMO_USER_SECOND_LSO ? "lso"
                                                                 : "office");
    add_member(json, "email", email);
    add_member(json, "words", users[i].words);
    byte_buffer_add_word(json, "}");
  }
  byte_buffer_add_word(json, "],\n\"examples\":{\"unclaimed\":[");
}

/* The last unclaimed account is in the contractor's queue already; the others are for trying the whole way.
 */
static void add_unclaimed(const struct demo *demo, struct byte_buffer *json) {
  for (int i = 0; i < DEMO_UNCLAIMED - 1; i++) {
    const struct demo_unclaimed *free_account = &demo->unclaimed[i];
    char amount[24], id[24];
    snprintf(id, sizeof id, "%" PRId64, free_account->account.provider_account_id);
    byte_buffer_add_word(json, i > 0 ? ",\n{" : "\n{");
    add_member(json, "provider_account_id", id);
    add_member(json, "npi", free_account->account.npi);
    add_member(json, "ptan", free_account->account.ptan);
    add_member(json, "tin_last5", free_account->account.tin + 4);
    add_member(json, "line_of_business",
               demo_lines_of_business[free_account->account.contractor->line_of_business]);
    add_member(json, "state", free_account->account.state);
    add_member(json, "check_number", free_account->check_number);
    add_member(json, "check_amount", cents_text(free_account->check_amount, amount));
    byte_buffer_add_word(json, "}");
  }
  byte_buffer_add_word(json, "],\n\"beneficiaries\":[");
}

static void add_examples(const struct demo *demo, struct byte_buffer *json) {
  for (int64_t i = 0; i < 10; i++) {
    struct demo_beneficiary person;
    char day[CALENDAR_DAY_SIZE];
    demo_beneficiary_make(demo->seed, i, demo->today, &person);
    calendar_format(calendar_from_number(person.birth_on), day);
    byte_buffer_add_word(json, i > 0 ? ",\n{" : "\n{");
    add_member(json, "mbi", person.mbi);
    add_member(json, "last_name", person.last_name);
    add_member(json, "first_name", person.first_name);
    add_member(json, "birth_on", day);
    byte_buffer_add_word(json, "}");
  }
  byte_buffer_add_word(json, "],\n\"denied_claims_of_account_1\":[");
  for (int i = 0; i < demo->example_count; i++) {
    char id[32];
    snprintf(id, sizeof id, "%s\"%" PRId64 "\"", i > 0 ? "," : "", demo->examples[i]);
    byte_buffer_add_word(json, id);
  }
  byte_buffer_add_word(json, "]}}\n");
}

static bool write_users(const struct demo *demo, const char *path) {
  struct byte_buffer json = {0};
  add_users(demo, &json);
  add_unclaimed(demo, &json);
  add_examples(demo, &json);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool done = !json.failed && file >= 0 && write(file, json.data, json.length) == (ssize_t)json.length;
  if (file >= 0 && close(file) != 0) done = false;
  if (!done) fprintf(stderr, "connex demo: %s could not be written\n", path);
  OPENSSL_cleanse(json.data, json.length);
  byte_buffer_free(&json);
  return done;
}

bool demo_finish(struct demo *demo, const char *users_out) {
  /* In this order: the request that waits for the contractor needs a payment as its proof. */
  if (!db_copy_run(demo->db, q_demo_sequences()) || !db_copy_run(demo->db, q_demo_new_lso()))
    return say_why(demo);
  if (users_out && !write_users(demo, users_out)) return false;
  if (!db_copy_commit_durably(demo->db)) return say_why(demo);
  return db_copy_run(demo->db, q_demo_statistics()) || say_why(demo);
}

void demo_close(struct demo *demo) {
  for (int i = 0; i < DEMO_TABLES; i++) byte_buffer_free(&demo->rows[i]);
  db_copy_close(demo->db);
  OPENSSL_cleanse(demo, sizeof *demo);
  free(demo);
}
