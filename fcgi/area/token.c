/*
 * Tokens for scripts: made for chosen functions and provider accounts, shown
 * once, revoked at once. A token cannot make or see tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "account.h"

enum { BEGINNING = 8 }; /* "cnx_" and four characters: enough to tell tokens apart, of no use to guess one */

static enum status token_list(struct request *request) {
  size_t list = request_add(request, Q_TOKEN_LIST, 0, NULL);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "items");
  json_out_rows(&request->out, request->db, list);
  json_out_end_object(&request->out);
  return STATUS_OK;
}

static const struct field token_create_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED, 1, 100, NULL},
    {"functions", FIELD_CHOICES, FIELD_REQUIRED, 1, 4, account_functions},
    {"provider_account_ids", FIELD_IDS, FIELD_REQUIRED, 1, 1000, NULL},
    {"expires_on", FIELD_DATE, FIELD_REQUIRED, 0, 0, NULL},
    {0}};

/* No Idempotency-Key here: a kept reply would keep the secret. Who lost the answer makes another
 * and revokes this one. */
static enum status token_create(struct request *request) {
  unsigned char hash[TOKEN_HASH_SIZE];
  char *secret = arena_secret_alloc(request->arena, TOKEN_API_SIZE);
  if (secret == NULL || !token_api(secret) || !token_hash(secret, hash)) return account_try_again(request);
  const char *beginning = arena_text_n(request->arena, secret, BEGINNING);
  const char **v = request->values;
  const struct db_parameter parameters[] = {ACCOUNT_TEXT(v[0]),      ACCOUNT_BYTES(hash, sizeof hash),
                                            ACCOUNT_TEXT(beginning), ACCOUNT_TEXT(v[1]),
                                            ACCOUNT_TEXT(v[2]),      ACCOUNT_TEXT(v[3])};
  size_t made = request_add_binary(request, Q_TOKEN_CREATE, 6, parameters);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_members(&request->out, request->db, made, 0);
  json_out_key(&request->out, "secret");
  json_out_string(&request->out, secret);
  json_out_end_object(&request->out);
  return STATUS_CREATED;
}

static enum status token_revoke(struct request *request) {
  request_add(request, Q_TOKEN_REVOKE, 1, &request->path[0]);
  enum status status = request_run(request);
  return status == STATUS_OK ? STATUS_NO_CONTENT : status;
}

const struct route token_routes[] = {
    {GET, "/api/v1/tokens", .right = RIGHT_PERSON, .mode = DB_READ, .handler = token_list},
    {POST, "/api/v1/tokens", .right = RIGHT_PERSON, .mode = DB_WRITE, .fields = token_create_fields,
     .audit = "token_create", .subject = -1, .handler = token_create},
    {DELETE, "/api/v1/tokens/{token_id}", .right = RIGHT_PERSON, .mode = DB_WRITE, .audit = "token_revoke",
     .subject = 0, .handler = token_revoke},
    {0}};
