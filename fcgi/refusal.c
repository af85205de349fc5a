/*
 * Security events: see refusal.h. It owns the statement gate_refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "refusal.h"

#include "limit.h"
#include "pool/pool.h"
#include "transaction.h"

enum { REFUSED_PARAMETERS = 8 };

static bool is_refusal(const struct request *request, enum status status) {
  switch (status) {
    case STATUS_UNAUTHORIZED:
    case STATUS_FORBIDDEN:
    case STATUS_TOO_MANY: return !request->refusal_audited;
    case STATUS_NOT_FOUND: return request->route->right != RIGHT_NONE;
    default: return false;
  }
}

/* What was refused, as JSON in the arena; NULL: out of memory. */
static const char *detail_of(const struct request *request, enum status status) {
  struct json_out detail;
  json_out_init(&detail, request->arena);
  json_out_object(&detail);
  json_out_key(&detail, "status");
  json_out_integer(&detail, (int)status);
  json_out_key(&detail, "code");
  json_out_string(&detail, request->problem.code);
  json_out_key(&detail, "operation");
  json_out_string(&detail, request->route->operation);
  json_out_end_object(&detail);
  return json_out_text(&detail, NULL);
}

void refusal_record(struct request *request, struct db *db, enum status status) {
  if (request->route == NULL || db == NULL || !is_refusal(request, status)) return;
  bool known = request->has_credential && status != STATUS_UNAUTHORIZED;
  if (!known && !limit_event(request->address, pool_clock_ms())) return;
  struct db_parameter *parameters = arena_zero(request->arena, REFUSED_PARAMETERS, sizeof *parameters);
  if (parameters == NULL) return;
  if (request->has_credential)
    parameters[0] =
        (struct db_parameter){(const char *)request->credential_hash, sizeof request->credential_hash, true};
  parameters[1].value = request->credential_is_token ? "token" : "session";
  parameters[2].value = detail_of(request, status);
  parameters[3].value = transaction_provider_account(request);
  parameters[4].value = request->id;
  parameters[5].value = request->address[0] != '\0' ? request->address : NULL;
  transaction_subject(request, &parameters[6].value, &parameters[7].value);
  db_start(db, DB_WRITE);
  size_t refused = db_add_binary(db, Q_GATE_REFUSED, REFUSED_PARAMETERS, parameters);
  if (db_run(db) != DB_DONE) return;
  request->user_account_id = arena_text(request->arena, db_named(db, refused, 0, "user_account_id"));
}
