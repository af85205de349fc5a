/*
 * Redeterminations of an office: file, list, read, and the receipt as PDF
 * (42 CFR 405.940 ff.; rules in sql/rules/appeal.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "contract.h"
#include "medicare/receipt.h"
#include "request_statements.h"

enum status appeal_file(struct request *request) {
  const char *const *v = request->values;
  size_t appeal = add_appeal_file(
      request, P(claim_id, v[APPEAL_FILE_CLAIM_ID]), P(line_nos, v[APPEAL_FILE_LINE_NOS]),
      P(requester_name, v[APPEAL_FILE_REQUESTER_NAME]), P(requester_phone, v[APPEAL_FILE_REQUESTER_PHONE]),
      P(reason, v[APPEAL_FILE_REASON]), P(additional_information, v[APPEAL_FILE_ADDITIONAL_INFORMATION]),
      P(late_reason, v[APPEAL_FILE_LATE_REASON]), P(attachment_ids, v[APPEAL_FILE_ATTACHMENT_IDS]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, appeal, STATUS_CREATED) : status;
}

enum status appeal_list(struct request *request) {
  const char *const *q = request->query;
  const char *after = q[APPEAL_LIST_AFTER];
  size_t list = add_appeal_list(
      request, P(provider_account_id, request->path[APPEAL_LIST_PATH_PROVIDER_ACCOUNT_ID]),
      P(status, q[APPEAL_LIST_STATUS]), P(after_appeal_id, after == NULL ? DB_INT8_MOST : after),
      P(row_limit, request_limit(request)));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status appeal_get(struct request *request) {
  size_t appeal =
      add_appeal_get(request, P(provider_account_id, request->path[APPEAL_GET_PATH_PROVIDER_ACCOUNT_ID]),
                     P(appeal_id, request->path[APPEAL_GET_PATH_APPEAL_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, appeal, STATUS_OK) : status;
}

/* ---------------------------------------------------------------- the receipt */

/* Lines and attachments go into the arena; their texts stay in the result. False: out of memory. */
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

enum status appeal_receipt(struct request *request) {
  const struct param_provider_account_id account =
      P(provider_account_id, request->path[APPEAL_RECEIPT_PATH_PROVIDER_ACCOUNT_ID]);
  const struct param_appeal_id appeal = P(appeal_id, request->path[APPEAL_RECEIPT_PATH_APPEAL_ID]);
  size_t row = add_appeal_receipt(request, account, appeal);
  size_t lines = add_appeal_receipt_lines(request, account, appeal);
  size_t attachments = add_appeal_receipt_attachments(request, account, appeal);
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, row) == 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found",
                         "This provider account has no such redetermination.");
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
