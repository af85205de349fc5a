/*
 * Requests as a web server frames them, with any headers and body, split and cut
 * off anywhere: through libfcgi, the pool, the gate, and the fields to an answer.
 * The framing itself stays valid: libfcgi 2.4.2 trusts the web server's lengths of
 * names and values, so only the web server may use the socket (mode 0660).
 *
 * Input: a byte that says how much is sent, a byte that says how the body is split, then lines with the
 * headers of `names` below, then the body.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "dispatch.h"
#include "format/json_in.h"
#include "pool/pool.h"
#include "secret/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status echo(struct request *request) {
  json_out_init(&request->out, request->arena);
  json_out_string(&request->out, request->values == NULL ? NULL : request->values[0]);
  return STATUS_OK;
}

static enum status stream(struct request *request) {
  char bytes[512];
  long got, sum = 0;
  while ((got = request_read(request, bytes, sizeof bytes)) > 0) sum += got;
  if (got < 0) return reply_problem(request, STATUS_BAD_REQUEST, "body_incomplete", NULL);
  json_out_init(&request->out, request->arena);
  json_out_integer(&request->out, sum);
  return STATUS_OK;
}

static const char *const choices[] = {"claims", "eligibility", NULL};
static const struct field fields[] = {{"name", FIELD_NAME, FIELD_REQUIRED, 0, 0, NULL},
                                      {"mbi", FIELD_MBI, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"amount", FIELD_MONEY, FIELD_OPTIONAL, 0, 0, NULL},
                                      {"functions", FIELD_CHOICES, FIELD_OPTIONAL, 0, 0, choices},
                                      {"password", FIELD_PASSWORD, FIELD_OPTIONAL, 0, 0, NULL},
                                      {0}};
static const struct field query[] = {{"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL}, {0}};
static const struct route routes[] = {
    {POST, "/e", .fields = fields, .query = query, .flags = ROUTE_IDEMPOTENT_KEY, .handler = echo},
    {POST, "/s", .flags = ROUTE_STREAM, .stream_type = "application/pdf", .handler = stream},
    {GET, "/g/{thing_id}", .query = query, .csv_name = "g.csv", .flags = ROUTE_IF_MATCH, .handler = echo},
    {GET, "/c", .right = RIGHT_MEMBER, .handler = echo},
    {0}};
static const struct route *const tables[] = {routes, NULL};

static void serve(void *context, const struct head *head, struct upload *upload, struct answer *answer) {
  dispatch(context, head, upload, answer);
}

static const char *const names[] = {"REQUEST_METHOD",       "REQUEST_URI", "CONTENT_TYPE",
                                    "CONTENT_LENGTH",       "HTTP_COOKIE", "HTTP_AUTHORIZATION",
                                    "HTTP_ORIGIN",          "HTTP_ACCEPT", "HTTP_IF_MATCH",
                                    "HTTP_IDEMPOTENCY_KEY", "REMOTE_ADDR", "REQUEST_ID"};
enum { NAMES = sizeof names / sizeof names[0], MOST = 16384 };

static size_t record(unsigned char *out, unsigned type, const void *content, size_t length) {
  const unsigned char header[8] = {
      1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
  memcpy(out, header, 8);
  memcpy(out + 8, content, length);
  return length + 8;
}

static size_t pair(unsigned char *out, const char *name, const uint8_t *value, size_t length) {
  size_t at = 0, name_length = strlen(name);
  out[at++] = (unsigned char)name_length;
  out[at++] = 0x80;
  out[at++] = 0;
  out[at++] = (unsigned char)(length >> 8);
  out[at++] = (unsigned char)length;
  memcpy(out + at, name, name_length);
  memcpy(out + at + name_length, value, length);
  return at + name_length + length;
}

static size_t frame(unsigned char *out, const uint8_t *data, size_t size, size_t piece) {
  static const unsigned char begin[8] = {0, 1, 1};
  static unsigned char content[MOST * 2];
  char number[24];
  size_t length = 0, at = record(out, 1, begin, sizeof begin);
  bool counted = false;
  for (size_t i = 0; i < NAMES && size > 0; i++) {
    const uint8_t *end = memchr(data, '\n', size);
    size_t line = end == NULL ? size : (size_t)(end - data);
    counted = counted || (i == 3 && line > 0);
    if (line > 0) length += pair(content + length, names[i], data, line);
    data += line + (end != NULL);
    size -= line + (end != NULL);
  }
  int digits = snprintf(number, sizeof number, "%zu", size);
  if (!counted && size > 0)
    length += pair(content + length, "CONTENT_LENGTH", (const uint8_t *)number, (size_t)digits);
  at += record(out + at, 4, content, length);
  at += record(out + at, 4, "", 0);
  for (size_t part; size > 0; data += part, size -= part) {
    part = piece < size ? piece : size;
    at += record(out + at, 5, data, part);
  }
  return at + record(out + at, 5, "", 0);
}

static struct dispatcher *dispatcher_once(void) {
  static struct dispatcher *dispatcher;
  static const struct token_key key;
  static const struct services services = {.token_key = &key};
  static struct dispatch_settings settings = {.services = &services,
                                              .gate = {.body_limit = 4096, .upload_limit = 65536}};
  if (dispatcher != NULL) return dispatcher;
  setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "0", 1);
  log_open("/dev/null");
  json_in_prepare();
  settings.map = route_map_new(tables, stderr);
  dispatcher = dispatcher_new(&settings);
  if (dispatcher == NULL) abort();
  return dispatcher;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct pool_settings pool = {.body_seconds = 1, .serve = serve};
  static unsigned char out[MOST * 12];
  int ends[2];
  if (size < 2 || size > 4096 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 0;
  bool whole = data[0] >= 'a'; /* text seeds begin with a letter */
  size_t length = frame(out, data + 2, size - 2, data[1] % 64u + 1);
  if (!whole) length = length * data[0] / 'a';
  if (send(ends[0], out, length, MSG_NOSIGNAL) != (ssize_t)length) abort();
  shutdown(ends[0], SHUT_WR);
  pool_serve_socket(&pool, dispatcher_once(), ends[1]);
  char answer[65536];
  ssize_t got = recv(ends[0], answer, sizeof answer - 1, MSG_DONTWAIT);
  if (whole && got < 40) abort(); /* what was sent whole is answered, whatever it holds */
  answer[got > 0 ? got : 0] = '\0';
  if (got > 0 && (answer[0] != 1 || memcmp(answer + 8, "Status: ", 8) != 0 || answer[16] == '5')) abort();
  close(ends[0]);
  return 0;
}
