/*
 * Provider accounts: those that the user may use (Select a Provider), and
 * one of them as the contractor knows it (function Provider Profile).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "contract.h"
#include "cursor.h"
#include "request_statements.h"

enum status provider_account_list(struct request *request) {
  const char *after = request->query[PROVIDER_ACCOUNT_LIST_AFTER];
  size_t list = add_provider_account_list(request, P(after_provider_account_id, after == NULL ? "0" : after),
                                          P(row_limit, request_limit(request)));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

/* A POST, because the name of a provider is often that of a person, and a web server logs addresses. */
enum status provider_account_search(struct request *request) {
  const char *const *v = request->values;
  const char *id, *name;
  if (!cursor_split(request, v[PROVIDER_ACCOUNT_SEARCH_AFTER], &id, &name)) return STATUS_UNPROCESSABLE;
  size_t list = add_provider_account_search(request, P(search, v[PROVIDER_ACCOUNT_SEARCH_Q]),
                                            P(after_provider_account_id, id), P(after_name_hex, name),
                                            P(row_limit, request_limit(request)));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status provider_account_get(struct request *request) {
  size_t account = add_provider_account_get(
      request, P(provider_account_id, request->path[PROVIDER_ACCOUNT_GET_PATH_PROVIDER_ACCOUNT_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, account) : status;
}
