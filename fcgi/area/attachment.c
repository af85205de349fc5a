/*
 * Attachments: one file as the raw body, stored in pieces while it is read, in
 * one transaction with its receipt, so that it is stored completely or not at all. The
 * memory used does not grow with the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/evp.h>
#include <string.h>

#include "contract.h"
#include "format/disposition.h"
#include "format/document.h"
#include "request_statements.h"

enum { PIECE_SIZE = REQUEST_PIECE_SIZE, SHA256_SIZE = 32 };

/* A file while it is being received. */
struct intake {
  unsigned char *piece; /* PIECE_SIZE, in the arena */
  size_t length;        /* of the piece */
  int pieces, pages;
  int64_t bytes;
  unsigned char tail[DOCUMENT_TAIL]; /* the file's last bytes so far */
  size_t tail_length;
  char media_type[DOCUMENT_TYPE_SIZE];
  EVP_MD_CTX *digest; /* freed with the arena */
  unsigned char sha256[SHA256_SIZE];
};

static void free_digest(void *digest) { EVP_MD_CTX_free(digest); }

static struct intake *intake_new(struct arena *arena) {
  struct intake *intake = arena_zero(arena, 1, sizeof *intake);
  if (intake == NULL) return NULL;
  intake->piece = arena_alloc(arena, PIECE_SIZE);
  intake->digest = EVP_MD_CTX_new();
  if (intake->digest == NULL || arena_on_reset(arena, free_digest, intake->digest) != 0) return NULL;
  return intake->piece != NULL && EVP_DigestInit_ex(intake->digest, EVP_sha256(), NULL) == 1 ? intake : NULL;
}

/* Fills one piece. False when the body ended early. */
static bool read_piece(struct request *request, struct intake *intake) {
  intake->length = 0;
  while (intake->length < PIECE_SIZE) {
    long got = request_read(request, intake->piece + intake->length, PIECE_SIZE - intake->length);
    if (got < 0) return false;
    if (got == 0) break;
    intake->length += (size_t)got;
  }
  return true;
}

static void keep_tail(struct intake *intake) {
  if (intake->length >= DOCUMENT_TAIL) {
    memcpy(intake->tail, intake->piece + intake->length - DOCUMENT_TAIL, DOCUMENT_TAIL);
    intake->tail_length = DOCUMENT_TAIL;
    return;
  }
  size_t room = DOCUMENT_TAIL - intake->length,
         kept = intake->tail_length < room ? intake->tail_length : room;
  memmove(intake->tail, intake->tail + intake->tail_length - kept, kept);
  memcpy(intake->tail + kept, intake->piece, intake->length);
  intake->tail_length = kept + intake->length;
}

/* Decides by the content; the file name does not count. The gate has looked at the Content-Type. */
static enum status check_beginning(struct request *request, struct intake *intake) {
  bool known = document_media_type(intake->piece, intake->length, intake->media_type);
  if (!known || !document_pdf_begins(intake->piece, intake->length) ||
      strcmp(intake->media_type, "application/pdf") != 0)
    return reply_problem(
        request, STATUS_UNSUPPORTED_TYPE, "not_a_pdf",
        "This file is not a PDF, whatever its name says. Save or print it as PDF and send that.");
  intake->pages =
      document_pdf_pages(intake->piece, intake->length, (int64_t)intake->length == request->content_length);
  return STATUS_OK;
}

/* Looks in the piece, and across its border with the previous piece, whose end is still in `tail`. */
static bool is_encrypted(const struct intake *intake) {
  unsigned char seam[2 * DOCUMENT_NEAR];
  size_t before = intake->tail_length < DOCUMENT_NEAR ? intake->tail_length : DOCUMENT_NEAR;
  size_t after = intake->length < DOCUMENT_NEAR ? intake->length : DOCUMENT_NEAR;
  if (document_pdf_is_encrypted(intake->piece, intake->length)) return true;
  memcpy(seam, intake->tail + intake->tail_length - before, before);
  memcpy(seam + before, intake->piece, after);
  return document_pdf_is_encrypted(seam, before + after);
}

static enum status store_piece(struct request *request, struct intake *intake) {
  if (EVP_DigestUpdate(intake->digest, intake->piece, intake->length) != 1)
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  keep_tail(intake);
  intake->pieces++;
  intake->bytes += (int64_t)intake->length;
  const char *number = arena_format(request->arena, "%d", intake->pieces);
  request_hold(request);
  add_attachment_piece(request, P(piece_no, number), P_BYTES(content, intake->piece, intake->length));
  return request_run(request);
}

static enum status store_pieces(struct request *request, struct intake *intake) {
  enum status status = STATUS_OK;
  while (status == STATUS_OK) {
    if (!read_piece(request, intake))
      return reply_problem(request, STATUS_BAD_REQUEST, "body_incomplete",
                           "The file did not arrive completely. Nothing was stored. Send it again.");
    if (intake->length == 0) return STATUS_OK;
    if (intake->pieces == 0) status = check_beginning(request, intake);
    if (status == STATUS_OK && is_encrypted(intake))
      return reply_problem(request, STATUS_UNPROCESSABLE, "encrypted_pdf",
                           "This PDF has a password, so the contractor could not open it. Save it without "
                           "a password and send it again.");
    if (status == STATUS_OK) status = store_piece(request, intake);
  }
  return status;
}

static enum status finish(struct request *request, struct intake *intake) {
  unsigned size = 0;
  if (!document_pdf_is_whole(intake->tail, intake->tail_length))
    return reply_problem(
        request, STATUS_UNPROCESSABLE, "broken_pdf",
        "This PDF has no end: it was cut off before it was sent. Save it again and send that.");
  if (EVP_DigestFinal_ex(intake->digest, intake->sha256, &size) != 1 || size != SHA256_SIZE)
    return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  size_t attachment = add_attachment_finish(
      request, P(media_type, intake->media_type),
      P(bytes, arena_format(request->arena, "%lld", (long long)intake->bytes)),
      P(pages, intake->pages > 0 ? arena_format(request->arena, "%d", intake->pages) : NULL),
      P_BYTES(sha256, intake->sha256, SHA256_SIZE));
  enum status status = request_run(request); /* the audit row and COMMIT: after this it cannot be lost */
  return status == STATUS_OK ? reply_json_column(request, attachment, STATUS_CREATED) : status;
}

/* nginx asks this before it takes a file (nginx.conf): who may not send one costs no disk. */
enum status attachment_allowed(struct request *request) {
  enum status status = request_run(request);
  return status == STATUS_OK ? STATUS_NO_CONTENT : status;
}

enum status attachment_create(struct request *request) {
  char name[DISPOSITION_NAME_SIZE];
  struct intake *intake = intake_new(request->arena);
  if (intake == NULL) return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
  if (!disposition_file_name(request->content_disposition, name))
    return reply_field_error(
        request, "Content-Disposition", "required",
        "Send the file's name: Content-Disposition: attachment; filename*=UTF-8''name.pdf");
  if (request->content_length == 0)
    return reply_problem(request, STATUS_UNPROCESSABLE, "empty", "This file is empty. Choose another.");
  request_hold(request);
  add_attachment_begin(request, P(file_name, name),
                       P(bytes, arena_format(request->arena, "%lld", (long long)request->content_length)));
  enum status status = request_run(request);
  if (status == STATUS_OK) status = store_pieces(request, intake);
  return status == STATUS_OK ? finish(request, intake) : status;
}

enum status attachment_get(struct request *request) {
  size_t attachment = add_attachment_get(
      request, P(provider_account_id, request->path[ATTACHMENT_GET_PATH_PROVIDER_ACCOUNT_ID]),
      P(attachment_id, request->path[ATTACHMENT_GET_PATH_ATTACHMENT_ID]));
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_json_column(request, attachment, STATUS_OK) : status;
}
