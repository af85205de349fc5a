/*
 * The contractor's desk: the queue of redeterminations, one case with its claim
 * and documents, taking and deciding it (sql/desk.sql, sql/rules/appeal.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "cursor.h"
#include "request.h"
#include "secret/token.h"

static const char *const appeal_statuses[] = {"received",  "in_review", "decided",
                                              "dismissed", "withdrawn", NULL};
static const char *const appeal_outcomes[] = {"fully_favorable", "partially_favorable", "unfavorable",
                                              "dismissed", NULL};

static const struct field desk_list_query[] = {
    {"status", FIELD_CHOICE, FIELD_OPTIONAL, 0, 0, appeal_statuses},
    {"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL},
    {"after", FIELD_TEXT, FIELD_OPTIONAL, 0, 200, NULL},
    {0}};

static enum status desk_list(struct request *request) {
  const char *day = NULL, *id = NULL, *status_asked = request_query(request, "status");
  if (!cursor_read(request, request_query(request, "after"), CURSOR_OLDEST_FIRST, &day, &id))
    return STATUS_UNPROCESSABLE;
  const char *parameters[] = {day, id, request_limit(request), status_asked};
  size_t list = status_asked == NULL ? request_add(request, Q_DESK_LIST_OPEN, 3, parameters)
                                     : request_add(request, Q_DESK_LIST_STATUS, 4, parameters);
  enum status status = request_run(request);
  request->reply_filename = "redeterminations.csv";
  return status == STATUS_OK ? reply_list(request, list) : status;
}

static enum status desk_get(struct request *request) {
  size_t one = request_add(request, Q_DESK_GET, 1, request->path);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, one, STATUS_OK) : status;
}

static enum status desk_take(struct request *request) {
  const char *parameters[] = {request->path[0], request->version};
  size_t taken = request_add(request, Q_DESK_TAKE, 2, parameters);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, taken, STATUS_OK) : status;
}

static const struct field desk_decide_fields[] = {
    {"outcome", FIELD_CHOICE, FIELD_REQUIRED, 0, 0, appeal_outcomes},
    {"rationale", FIELD_LONG_TEXT, FIELD_REQUIRED, 1, 8000, NULL},
    {0}};

static enum status desk_decide(struct request *request) {
  const char *parameters[] = {request->path[0], request->version, request->values[0], request->values[1]};
  size_t decided = request_add(request, Q_DESK_DECIDE, 4, parameters);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, decided, STATUS_OK) : status;
}

/* ---------------------------------------------------------------- a document of the case */

/* One piece, in a transaction of its own: the door is asked each time, and none stays open while a reader is
 * slow. */
static size_t desk_attachment_piece(struct request *request, int number, unsigned char *piece) {
  const char *parameters[] = {request->path[0], request->path[1], arena_format(request->arena, "%d", number)};
  size_t one = request_add(request, Q_DESK_ATTACHMENT_PIECE, 3, parameters);
  if (request_run(request) != STATUS_OK) return 0;
  const char *content = db_value(request->db, one, 0, 0); /* "\x2550...", as PostgreSQL writes bytea */
  size_t length = db_length(request->db, one, 0, 0);
  if (content == NULL || length < 2 || (length - 2) / 2 > REQUEST_PIECE_SIZE) return 0;
  return token_unhex(content + 2, length - 2, piece, (length - 2) / 2) ? (length - 2) / 2 : 0;
}

static enum status desk_attachment(struct request *request) {
  size_t row = request_add(request, Q_DESK_ATTACHMENT, 2, request->path);
  enum status status =
      request_run(request); /* with the audit row: who sees any of it is written down before */
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, row) == 0)
    return reply_problem(request, STATUS_NOT_FOUND, "not_found", "There is no such document of this case.");
  request->reply_filename = arena_text(request->arena, db_named(request->db, row, 0, "file_name"));
  request->reply_type = arena_text(request->arena, db_named(request->db, row, 0, "media_type"));
  request->reply_length = (size_t)strtoull(db_named(request->db, row, 0, "bytes"), NULL, 10);
  request->reply_piece = desk_attachment_piece;
  if (request->reply_filename == NULL || request->reply_type == NULL)
    return reply_problem(request, STATUS_UNAVAILABLE, "busy", NULL);
  return STATUS_OK;
}

const struct route desk_routes[] = {
    {GET, "/api/v1/desk/redeterminations", .right = RIGHT_ANALYST, .mode = DB_READ, .query = desk_list_query,
     .flags = ROUTE_CSV, .audit = "desk_list", .subject = -1, .handler = desk_list},
    {GET, "/api/v1/desk/redeterminations/{appeal_id}", .right = RIGHT_ANALYST, .mode = DB_READ,
     .audit = "desk_view", .subject = 0, .handler = desk_get},
    {POST, "/api/v1/desk/redeterminations/{appeal_id}/taking", .right = RIGHT_ANALYST, .mode = DB_WRITE,
     .flags = ROUTE_IF_MATCH, .audit = "desk_take", .subject = 0, .handler = desk_take},
    {POST, "/api/v1/desk/redeterminations/{appeal_id}/decision", .right = RIGHT_ANALYST, .mode = DB_WRITE,
     .fields = desk_decide_fields, .flags = ROUTE_IF_MATCH, .audit = "desk_decide", .subject = 0,
     .handler = desk_decide},
    {GET, "/api/v1/desk/redeterminations/{appeal_id}/attachments/{attachment_id}", .right = RIGHT_ANALYST,
     .mode = DB_READ, .audit = "desk_attachment", .subject = 1, .handler = desk_attachment},
    {0}};
