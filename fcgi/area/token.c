/*
 * Tokens for scripts: made for chosen functions and provider accounts, shown
 * only once, and revoked immediately. A token cannot make or see tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "account.h"
#include "contract.h"
#include "reply.h"
#include "request_statements.h"

enum status token_list(struct request *request) {
  const char *after = request->query[TOKEN_LIST_AFTER];
  const struct param_before_token_id before = P(before_token_id, after == NULL ? DB_INT8_MOST : after);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  size_t list =
      request->wants_csv ? add_token_list_csv(request, before, most) : add_token_list(request, before, most);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status token_get(struct request *request) {
  size_t token = add_token_get(request, P(token_id, request->path[TOKEN_GET_PATH_TOKEN_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, token) : status;
}

/* The reply kept for an Idempotency-Key does not contain the secret, which is not stored anywhere: in a
 * replay, secret is null. Someone who lost the first answer revokes this token and makes another. */
enum status token_create(struct request *request) {
  const char *const *v = request->values;
  size_t made =
      add_token_create(request, P(name, v[TOKEN_CREATE_NAME]), P(functions, v[TOKEN_CREATE_FUNCTIONS]),
                       P(provider_account_ids, v[TOKEN_CREATE_PROVIDER_ACCOUNT_IDS]),
                       P(expires_on, v[TOKEN_CREATE_EXPIRES_ON]));
  size_t token = add_token_made(request);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  status = reply_one_row(request, token);
  if (status != STATUS_OK) return status;
  /* The ETag is the one that the token's own address gives; this answer, with its secret, has no address. */
  reply_fingerprint(request);
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "token_id");
  json_out_string(&request->out, db_named(request->db, made, 0, "token_id"));
  json_out_key(&request->out, "secret");
  json_out_string(&request->out, db_named(request->db, made, 0, "secret"));
  json_out_end_object(&request->out);
  return STATUS_CREATED;
}

enum status token_revoke(struct request *request) {
  add_token_revoke(request, P(token_id, request->path[TOKEN_REVOKE_PATH_TOKEN_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? STATUS_NO_CONTENT : status;
}
