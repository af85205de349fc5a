/*
 * The contractor's desk: the queue of redeterminations, one case with its claim
 * and documents, taking and deciding it (sql/desk.sql, sql/rules/appeal.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "contract.h"
#include "cursor.h"
#include "request_statements.h"
#include "secret/token.h"

enum status desk_list(struct request *request) {
  const char *const *q = request->query;
  const char *day = NULL, *id = NULL, *asked = q[DESK_LIST_STATUS];
  if (!cursor_read(request, q[DESK_LIST_AFTER], CURSOR_OLDEST_FIRST, &day, &id)) return STATUS_UNPROCESSABLE;
  const struct param_after_on after_on = P(after_on, day);
  const struct param_after_appeal_id after_id = P(after_appeal_id, id);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  size_t list = asked == NULL ? add_desk_list_open(request, after_on, after_id, most)
                              : add_desk_list_status(request, after_on, after_id, most, P(status, asked));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

enum status desk_get(struct request *request) {
  size_t one = add_desk_get(request, P(appeal_id, request->path[DESK_GET_PATH_APPEAL_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, one, STATUS_OK) : status;
}

enum status desk_take(struct request *request) {
  size_t taken = add_desk_take(request, P(appeal_id, request->path[DESK_TAKE_PATH_APPEAL_ID]),
                               P(version, request->version));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, taken, STATUS_OK) : status;
}

enum status desk_decide(struct request *request) {
  size_t decided = add_desk_decide(
      request, P(appeal_id, request->path[DESK_DECIDE_PATH_APPEAL_ID]), P(version, request->version),
      P(outcome, request->values[DESK_DECIDE_OUTCOME]), P(rationale, request->values[DESK_DECIDE_RATIONALE]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, decided, STATUS_OK) : status;
}

/* ---------------------------------------------------------------- a document of the case */

/* One piece, in a transaction of its own: connex.enter() runs each time, and no transaction stays
 * open while a reader is slow. */
static size_t desk_attachment_piece(struct request *request, int number, unsigned char *piece) {
  size_t one = add_desk_attachment_piece(request, P(appeal_id, request->path[DESK_ATTACHMENT_PATH_APPEAL_ID]),
                                         P(attachment_id, request->path[DESK_ATTACHMENT_PATH_ATTACHMENT_ID]),
                                         P(piece_no, arena_format(request->arena, "%d", number)));
  if (request_run(request) != STATUS_OK) return 0;
  const char *content = db_value(request->db, one, 0, 0); /* "\x2550...", as PostgreSQL writes bytea */
  size_t length = db_length(request->db, one, 0, 0);
  if (content == NULL || length < 2 || (length - 2) / 2 > REQUEST_PIECE_SIZE) return 0;
  return token_unhex(content + 2, length - 2, piece, (length - 2) / 2) ? (length - 2) / 2 : 0;
}

enum status desk_attachment(struct request *request) {
  size_t row = add_desk_attachment(request, P(appeal_id, request->path[DESK_ATTACHMENT_PATH_APPEAL_ID]),
                                   P(attachment_id, request->path[DESK_ATTACHMENT_PATH_ATTACHMENT_ID]));
  enum status status = request_run(request); /* with the audit row, before any part of the file is sent */
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, row) == 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found", "This case has no such document.");
  request->reply_filename = arena_text(request->arena, db_named(request->db, row, 0, "file_name"));
  request->reply_type = arena_text(request->arena, db_named(request->db, row, 0, "media_type"));
  request->reply_length = (size_t)strtoull(db_named(request->db, row, 0, "bytes"), NULL, 10);
  request->reply_piece = desk_attachment_piece;
  request->etag = arena_text(request->arena, db_named(request->db, row, 0, "sha256"));
  if (request->reply_filename == NULL || request->reply_type == NULL || request->etag == NULL)
    return reply_problem(request, STATUS_UNAVAILABLE, "busy", NULL);
  return STATUS_OK;
}
