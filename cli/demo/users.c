/*
 * The users of the demonstration and their access. Passwords are new in every run and are written only to
 * the file named by --users-out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "demo/columns.h"
#include "demo/demo.h"
#include "secret/password.h"
#include "secret/token.h"

const struct demo_user demo_users[DEMO_USERS + 1] = {
    [DEMO_USER_LSO] = {"LSOA001", "office", "Marigold", "Thornbury-Lee", "administration",
                       "Local Security Officer of most provider accounts, all functions"},
    [DEMO_USER_SECOND_LSO] = {"LSOB002", "office", "Percival", "Quillfeather", "administration",
                              "second Local Security Officer of the first ten"},
    [DEMO_USER_BILLING] = {"BILL003", "office", "Josephine", "Larkspurne", "billing",
                           "biller: claims, eligibility, and financials of the first ten"},
    [DEMO_USER_FRONT_DESK] = {"DESK004", "office", "Gideon", "Fairlocke", "other",
                              "front desk: eligibility of the first three"},
    [DEMO_USER_ANALYST] = {"ANLS005", "analyst", "Rosalind", "Greystone", "other",
                           "the contractor's analyst"},
    [DEMO_USER_WAITING] = {"WAIT006", "office", "Ambrose", "Yarrowdale", "coding",
                           "waiting for the Local Security Officer's approval"},
    [DEMO_USER_NEW_LSO] = {"NEWL007", "office", "Winifred", "Oakhaven", "administration",
                           "waiting for the contractor's approval as a first Local Security Officer"},
};

/* The user ID in lower case, at a domain that cannot exist (RFC 2606). */
void demo_email(const char *user_id, char email[static DEMO_EMAIL_SIZE]) {
  snprintf(email, DEMO_EMAIL_SIZE, "%s@office.example", user_id);
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

#define USER_COLUMNS(COLUMN)                                                                                 \
  COLUMN(user_account_id, integer, i)                                                                        \
  COLUMN(user_id, word, user->user_id)                                                                       \
  COLUMN(kind, word, user->kind)                                                                             \
  COLUMN(first_name, word, user->first_name)                                                                 \
  COLUMN(last_name, word, user->last_name)                                                                   \
  COLUMN(job_role, word, user->job_role)                                                                     \
  COLUMN(email, word, email)                                                                                 \
  COLUMN(email_verified_at, word, "now")                                                                     \
  COLUMN(time_zone, word, "America/New_York")                                                                \
  COLUMN(last_provider_account_id, id, i == DEMO_USER_ANALYST || i >= DEMO_USER_WAITING ? 0 : 1)

#define CREDENTIAL_COLUMNS(COLUMN)                                                                           \
  COLUMN(user_account_id, integer, i)                                                                        \
  COLUMN(password_hash, word, hash)

#define ACCEPTANCE_COLUMNS(COLUMN)                                                                           \
  COLUMN(user_account_id, integer, i)                                                                        \
  COLUMN(agreement_id, integer, 1)

static bool make_users(struct demo *demo) {
  static const struct copy_target people_target = COPY_TARGET("connex.user_account", USER_COLUMNS),
                                  credential_target = COPY_TARGET("connex.credential", CREDENTIAL_COLUMNS),
                                  acceptance_target =
                                      COPY_TARGET("connex.agreement_acceptance", ACCEPTANCE_COLUMNS);
  struct byte_buffer people = {0}, credentials = {0}, acceptances = {0};
  bool done = true;
  for (int i = 1; done && i <= DEMO_USERS; i++) {
    const struct demo_user *user = &demo_users[i];
    char hash[PASSWORD_HASH_SIZE], email[DEMO_EMAIL_SIZE];
    done = make_password(demo->passwords[i], hash);
    demo_email(user->user_id, email);
    COPY_ROW(&people, USER_COLUMNS);
    COPY_ROW(&credentials, CREDENTIAL_COLUMNS);
    COPY_ROW(&acceptances, ACCEPTANCE_COLUMNS);
  }
  done = done && demo_copy(demo, &people_target, &people) &&
         demo_copy(demo, &credential_target, &credentials) &&
         demo_copy(demo, &acceptance_target, &acceptances);
  byte_buffer_free(&people);
  byte_buffer_free(&credentials);
  byte_buffer_free(&acceptances);
  return done;
}

/* ---------------------------------------------------------------- access */

static const char all_functions[] = "{provider_profile,claims,eligibility,financials}";

struct access_rows {
  struct byte_buffer access, events;
  int64_t count;
};

#define ACCESS_COLUMNS(COLUMN)                                                                               \
  COLUMN(access_id, integer, access_id)                                                                      \
  COLUMN(user_account_id, integer, user)                                                                     \
  COLUMN(provider_account_id, integer, account)                                                              \
  COLUMN(status, word, status)                                                                               \
  COLUMN(lso_requested, boolean, lso)                                                                        \
  COLUMN(functions_requested, word, functions)                                                               \
  COLUMN(lso, boolean, lso &&approved)                                                                       \
  COLUMN(functions, text, approved ? functions : "{}")

#define ACCESS_EVENT_COLUMNS(COLUMN)                                                                         \
  COLUMN(access_id, integer, access_id)                                                                      \
  COLUMN(event_no, integer, event_no)                                                                        \
  COLUMN(user_account_id, integer, event_no == 1 ? user : DEMO_USER_LSO)                                     \
  COLUMN(action, word, event_no == 1 ? "requested" : "approved")                                             \
  COLUMN(functions, word, functions)                                                                         \
  COLUMN(lso, boolean, lso)

static void add_access(struct access_rows *rows, int64_t user, int64_t account, const char *status, bool lso,
                       const char *functions) {
  bool approved = strcmp(status, "approved") == 0;
  int64_t access_id = ++rows->count;
  COPY_ROW(&rows->access, ACCESS_COLUMNS);
  for (int event_no = 1; event_no <= 1 + approved; event_no++) COPY_ROW(&rows->events, ACCESS_EVENT_COLUMNS);
}

static bool make_access(struct demo *demo) {
  static const struct copy_target access_target = COPY_TARGET("connex.access", ACCESS_COLUMNS),
                                  event_target = COPY_TARGET("connex.access_event", ACCESS_EVENT_COLUMNS);
  struct access_rows rows = {0};
  for (int64_t account = 1; account <= demo_claimed_accounts(demo); account++) {
    add_access(&rows, DEMO_USER_LSO, account, "approved", true, all_functions);
    if (account <= 10) {
      add_access(&rows, DEMO_USER_SECOND_LSO, account, "approved", true, all_functions);
      add_access(&rows, DEMO_USER_BILLING, account, "approved", false, "{claims,eligibility,financials}");
    }
    if (account <= 3) add_access(&rows, DEMO_USER_FRONT_DESK, account, "approved", false, "{eligibility}");
  }
  add_access(&rows, DEMO_USER_WAITING, 1, "requested", false, "{claims,eligibility}");
  bool done = demo_copy(demo, &access_target, &rows.access) && demo_copy(demo, &event_target, &rows.events);
  byte_buffer_free(&rows.access);
  byte_buffer_free(&rows.events);
  return done;
}

bool demo_make_users(struct demo *demo) { return make_users(demo) && make_access(demo); }
