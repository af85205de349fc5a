/*
 * The file that --users-out names: users with their passwords, and examples to try, as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "demo/demo.h"

static void add_member(struct byte_buffer *json, const char *name, const char *value) {
  if (json->length > 0 && json->data[json->length - 1] != '{') byte_buffer_add_word(json, ",");
  byte_buffer_add_json(json, name, strlen(name));
  byte_buffer_add_word(json, ":");
  byte_buffer_add_json(json, value, strlen(value));
}

static void add_users(const struct demo *demo, struct byte_buffer *json) {
  byte_buffer_add_word(json, "{\"users\":[");
  for (int i = 1; i <= DEMO_USERS; i++) {
    char email[DEMO_EMAIL_SIZE];
    demo_email(demo_users[i].user_id, email);
    byte_buffer_add_word(json, i > 1 ? ",\n{" : "\n{");
    add_member(json, "user_id", demo_users[i].user_id);
    add_member(json, "password", demo->passwords[i]);
    add_member(json, "role",
               i == DEMO_USER_ANALYST                            ? "analyst"
               : i == DEMO_USER_LSO || i == DEMO_USER_SECOND_LSO ? "lso"
                                                                 : "office");
    add_member(json, "email", email);
    add_member(json, "words", demo_users[i].words);
    byte_buffer_add_word(json, "}");
  }
  byte_buffer_add_word(json, "],\n\"examples\":{\"unclaimed\":[");
}

/* The last unclaimed account is already in the contractor's queue; the others are for trying every step. */
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

bool demo_write_users(const struct demo *demo, const char *path) {
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
