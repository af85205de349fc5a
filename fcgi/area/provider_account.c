/*
 * Provider accounts: those I may use (Select a Provider), and one of them as
 * the contractor knows it (function Provider Profile).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "request.h"

static enum status list_answer(struct request *request, const char *search, const char *after) {
  const char *parameters[] = {search, after, request_limit(request)};
  size_t list = request_add(request, Q_PROVIDER_ACCOUNT_LIST, 3, parameters);
  enum status status = request_run(request);
  request->reply_filename = "provider-accounts.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static const struct field provider_account_list_query[] = {
    {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    {"after", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
    {0}};

static enum status provider_account_list(struct request *request) {
  return list_answer(request, NULL, request_query(request, "after"));
}

static const struct field provider_account_search_fields[] = {
    {"q", FIELD_TEXT, FIELD_OPTIONAL, 0, 60, NULL},
    {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    {"after", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
    {0}};

/* A POST: the name of a provider is often that of a person, and a web server logs addresses. */
static enum status provider_account_search(struct request *request) {
  return list_answer(request, request_value(request, "q"), request_value(request, "after"));
}

static enum status provider_account_get(struct request *request) {
  size_t account = request_add(request, Q_PROVIDER_ACCOUNT_GET, 1, &request->path[0]);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_one_row(request, account) : status;
}

const struct route provider_account_routes[] = {
    {GET, "/api/v1/provider-accounts", .right = RIGHT_MEMBER, .mode = DB_READ,
     .query = provider_account_list_query, .flags = ROUTE_CSV, .handler = provider_account_list},
    {POST, "/api/v1/provider-account-searches", .right = RIGHT_MEMBER, .mode = DB_READ,
     .fields = provider_account_search_fields, .flags = ROUTE_CSV, .handler = provider_account_search},
    {GET, "/api/v1/provider-accounts/{provider_account_id}", .right = RIGHT_PROVIDER_PROFILE, .mode = DB_READ,
     .audit = "provider_account_view", .subject = 0, .handler = provider_account_get},
    {0}};
