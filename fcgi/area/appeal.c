/*
 * Redeterminations of an office: file, list, read, and the receipt as PDF
 * (42 CFR 405.940 ff.; rules in sql/rules/appeal.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "medicare/receipt.h"
#include "request.h"

static const char *const appeal_statuses[] = {"received",  "in_review", "decided",
                                              "dismissed", "withdrawn", NULL};

/* In the order of connex.appeal_file(). */
static const struct field appeal_file_fields[] = {
    {"claim_id", FIELD_ID, FIELD_REQUIRED, 0, 0, NULL},
    {"line_nos", FIELD_INTEGERS, FIELD_OPTIONAL, 0, 999, NULL}, /* none: the whole claim */
    {"requester_name", FIELD_TEXT, FIELD_REQUIRED, 1, 100, NULL},
    {"requester_phone", FIELD_PHONE, FIELD_REQUIRED, 0, 30, NULL},
    {"reason", FIELD_LONG_TEXT, FIELD_REQUIRED, 1, 4000, NULL},
    {"additional_information", FIELD_LONG_TEXT, FIELD_OPTIONAL, 0, 4000, NULL},
    {"late_reason", FIELD_LONG_TEXT, FIELD_OPTIONAL, 0, 2000, NULL},
    {"attachment_ids", FIELD_IDS, FIELD_OPTIONAL, 0, 0, NULL},
    {0}};

static enum status appeal_file(struct request *request) {
  size_t appeal = request_add(request, Q_APPEAL_FILE, 8, request->values);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, appeal, STATUS_CREATED) : status;
}

static const struct field appeal_list_query[] = {
    {"status", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, appeal_statuses},
    {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    {"after", FIELD_ID, FIELD_OPTIONAL, 0, 0, NULL},
    {0}};

static enum status appeal_list(struct request *request) {
  const char *after = request_query(request, "after");
  const char *parameters[] = {request->path[0], request_query(request, "status"),
                              after != NULL ? after : "9223372036854775807", request_limit(request)};
  size_t list = request_add(request, Q_APPEAL_LIST, 4, parameters);
  enum status status = request_run(request);
  request->reply_filename = "redeterminations.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static enum status appeal_get(struct request *request) {
  size_t appeal = request_add(request, Q_APPEAL_GET, 2, request->path);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, appeal, STATUS_OK) : status;
}

/* ---------------------------------------------------------------- the receipt */

/* Lines and attachments in the arena; their texts stay in the result. False when memory is out. */
static bool receipt_lists(struct request *request, size_t lines, size_t attachments,
                          struct receipt *receipt) {
  const struct db *db = request->db;
  receipt->line_count = (size_t)db_rows(db, lines);
  receipt->attachment_count = (size_t)db_rows(db, attachments);
  struct receipt_line *line = arena_zero(request->arena, receipt->line_count + 1, sizeof *line);
  struct receipt_attachment *attachment =
      arena_zero(request->arena, receipt->attachment_count + 1, sizeof *attachment);
  if (line == NULL || attachment == NULL) return false;
  for (int i = 0; i < (int)receipt->line_count; i++)
    line[i] = (struct receipt_line){.number = db_named(db, lines, i, "line_no"),
                                    .service_on = db_named(db, lines, i, "service_on"),
                                    .procedure_code = db_named(db, lines, i, "procedure_code"),
                                    .charged = db_named(db, lines, i, "charge"),
                                    .paid = db_named(db, lines, i, "paid")};
  for (int i = 0; i < (int)receipt->attachment_count; i++)
    attachment[i] =
        (struct receipt_attachment){.name = db_named(db, attachments, i, "file_name"),
                                    .size = strtoll(db_named(db, attachments, i, "bytes"), NULL, 10),
                                    .pages = (int)strtol(db_named(db, attachments, i, "pages"), NULL, 10),
                                    .sha256 = db_named(db, attachments, i, "sha256")};
  receipt->lines = line;
  receipt->attachments = attachment;
  return true;
}

static struct receipt receipt_of(const struct db *db, size_t row) {
  return (struct receipt){.contractor_name = db_named(db, row, 0, "contractor_name"),
                          .confirmation_number = db_named(db, row, 0, "confirmation_no"),
                          .received = db_named(db, row, 0, "received"),
                          .received_at = (time_t)strtoll(db_named(db, row, 0, "received_at"), NULL, 10),
                          .requester_name = db_named(db, row, 0, "requester_name"),
                          .provider_name = db_named(db, row, 0, "provider_name"),
                          .npi = db_named(db, row, 0, "npi"),
                          .ptan = db_named(db, row, 0, "ptan"),
                          .tin_last_five = db_named(db, row, 0, "tin_last_five"),
                          .claim_number = db_named(db, row, 0, "control_no"),
                          .decided_on = db_named(db, row, 0, "decided_on"),
                          .deadline_on = db_named(db, row, 0, "deadline_on"),
                          .decision_due_on = db_named(db, row, 0, "decision_due_on"),
                          .late_reason = db_named(db, row, 0, "late_reason"),
                          .reason = db_named(db, row, 0, "reason")};
}

static enum status appeal_receipt(struct request *request) {
  size_t row = request_add(request, Q_APPEAL_RECEIPT, 2, request->path);
  size_t lines = request_add(request, Q_APPEAL_RECEIPT_LINES, 2, request->path);
  size_t attachments = request_add(request, Q_APPEAL_RECEIPT_ATTACHMENTS, 2, request->path);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, row) == 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found",
                         "There is no such redetermination of this provider account.");
  struct receipt receipt = receipt_of(request->db, row);
  if (!receipt_lists(request, lines, attachments, &receipt))
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  unsigned char *pdf = receipt_pdf(&receipt, &request->reply_length);
  if (pdf == NULL || arena_on_reset(request->arena, free, pdf) != 0)
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  request->reply_body = (const char *)pdf;
  request->reply_type = "application/pdf";
  request->reply_filename = arena_format(request->arena, "receipt-%s.pdf", receipt.confirmation_number);
  return STATUS_OK;
}

const struct route appeal_routes[] = {
    {GET, "/api/v1/provider-accounts/{provider_account_id}/redeterminations", .right = RIGHT_CLAIMS,
     .mode = DB_READ, .query = appeal_list_query, .flags = ROUTE_CSV, .audit = "appeal_list", .subject = -1,
     .handler = appeal_list},
    {POST, "/api/v1/provider-accounts/{provider_account_id}/redeterminations", .right = RIGHT_CLAIMS,
     .mode = DB_WRITE, .fields = appeal_file_fields, .flags = ROUTE_IDEMPOTENT_KEY, .audit = "appeal_file",
     .subject = -1, .handler = appeal_file},
    {GET, "/api/v1/provider-accounts/{provider_account_id}/redeterminations/{appeal_id}",
     .right = RIGHT_CLAIMS, .mode = DB_READ, .audit = "appeal_view", .subject = 1, .handler = appeal_get},
    {GET, "/api/v1/provider-accounts/{provider_account_id}/redeterminations/{appeal_id}/receipt",
     .right = RIGHT_CLAIMS, .mode = DB_READ, .audit = "appeal_receipt", .subject = 1,
     .handler = appeal_receipt},
    {0}};
