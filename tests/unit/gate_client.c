/*
 * A small service behind the gate, and requests to it: see gate_client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "gate_client.h"

#include <check.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "format/json_in.h"
#include "limit.h"
#include "pool/pool.h"
#include "secret/token.h"

/* ---------------------------------------------------------------- routes of the test */

int handled;

static enum status say(struct request *request) {
  handled++;
  json_out_init(&request->out, request->arena);
  json_out_object(&request->out);
  json_out_key(&request->out, "name");
  json_out_string(&request->out, request->route->fields == NULL ? NULL : request_value(request, "name"));
  json_out_key(&request->out, "limit");
  json_out_string(&request->out, request->route->query == NULL ? NULL : request_query(request, "limit"));
  json_out_key(&request->out, "version");
  json_out_string(&request->out, request->version);
  json_out_key(&request->out, "key");
  json_out_string(&request->out, request->idempotency_key);
  json_out_key(&request->out, "hash");
  char hash[TOKEN_HEX_SIZE];
  token_hex(request->body_hash, sizeof request->body_hash, hash);
  json_out_string(&request->out, hash);
  json_out_key(&request->out, "token");
  json_out_boolean(&request->out, request->credential_is_token);
  json_out_key(&request->out, "csv");
  json_out_boolean(&request->out, request->wants_csv);
  json_out_key(&request->out, "bom");
  json_out_boolean(&request->out, request->wants_bom);
  json_out_end_object(&request->out);
  request->etag = "5";
  return STATUS_OK;
}

static enum status forge(struct request *request) {
  request->location = "/a\r\nSet-Cookie: forged=1";
  request->reply_filename = "r\xc3\xa9sum\xc3\xa9 \"1\"\r\n.pdf";
  request->reply_type = "application/pdf";
  request->reply_body = "%PDF";
  request->reply_length = 4;
  return STATUS_CREATED;
}

static enum status stream(struct request *request) {
  char bytes[100];
  long got, sum = 0;
  while ((got = request_read(request, bytes, sizeof bytes)) > 0) sum += got;
  if (got < 0) return reply_problem(request, STATUS_BAD_REQUEST, "body_incomplete", NULL);
  json_out_init(&request->out, request->arena);
  json_out_integer(&request->out, sum);
  return STATUS_OK;
}

/* /pieces/N: sixteen pieces, of which those from number N on cannot be had. */
static size_t piece_of(struct request *request, int number, unsigned char *piece) {
  memset(piece, 'a' + number, REQUEST_PIECE_SIZE);
  return number < strtol(request->path[0], NULL, 10) ? REQUEST_PIECE_SIZE : 0;
}

static enum status pieces(struct request *request) {
  request->reply_type = "application/pdf";
  request->reply_length = (size_t)PIECES * REQUEST_PIECE_SIZE;
  request->reply_piece = piece_of;
  return STATUS_OK;
}

static const struct field fields[] = {{"name", FIELD_NAME, FIELD_REQUIRED, 0, 0, NULL}, {0}};
static const struct field query[] = {{"limit", FIELD_INTEGER, FIELD_OPTIONAL, 1, 100, NULL}, {0}};
static const struct route routes[] = {
    {GET, "/things", .query = query, .csv_name = "things.csv", .handler = say},
    {POST, "/things", .fields = fields, .flags = ROUTE_IDEMPOTENT_KEY, .handler = say},
    {PATCH, "/things", .right = RIGHT_MEMBER, .fields = fields, .handler = say},
    {PUT, "/things/{thing_id}", .fields = fields, .flags = ROUTE_IF_MATCH, .handler = say},
    {DELETE, "/things/{thing_id}", .handler = say},
    {POST, "/log-in", .fields = fields, .flags = ROUTE_SLOW, .handler = say},
    {POST, "/proof", .fields = fields, .flags = ROUTE_SLOW | ROUTE_SLOW_FAILURES, .handler = say},
    {GET, "/mine", .right = RIGHT_MEMBER, .handler = say},
    {POST, "/mine", .right = RIGHT_MEMBER, .fields = fields, .handler = say},
    {POST, "/files", .flags = ROUTE_STREAM, .stream_type = "application/pdf", .handler = stream},
    {GET, "/forge", .media_type = "application/pdf", .handler = forge},
    {GET, "/pieces/{number}", .handler = pieces},
    {GET, "/eyes", .flags = ROUTE_LOOPBACK, .handler = say},
    {0}};
static const struct route *const tables[] = {routes, NULL};

/* ---------------------------------------------------------------- asking */

static const struct token_key key = {{1}};
static const struct services services = {.token_key = &key};
struct dispatch_settings settings = {.services = &services,
                                     .gate = {.body_limit = 1000, .upload_limit = 5000}};
struct dispatcher *dispatcher;
static struct route_map *map;
struct fastcgi_answer answer;

static void serve(void *context, const struct head *head, struct upload *upload, struct answer *out) {
  dispatch(context, head, upload, out);
}

void gate_set_up(void) {
  log_open("/dev/null");
  json_in_prepare();
  settings.map = map = route_map_new(tables, stderr);
  dispatcher = dispatcher_new(&settings);
  ck_assert_ptr_nonnull(dispatcher);
  handled = 0;
}

void gate_tear_down(void) {
  dispatcher_free(dispatcher);
  route_map_free(map);
  limit_close();
}

/* A large answer does not fit into the socket, so this thread reads while it is written. */
static void *receive(void *socket) {
  answer = fastcgi_receive(*(int *)socket, 4000);
  return NULL;
}

/* One request with further parameters (name, value, ..., NULL) and the body as it is. Returns the status. */
int ask(const char *method, const char *uri, const char *const *more, const char *body) {
  const char *parameters[40] = {"REQUEST_METHOD",     method, "REQUEST_URI", uri, "HTTP_HOST",
                                "portal.example:8443"};
  size_t count = 6;
  bool length_given = false, address_given = false;
  char number[24];
  for (; more != NULL && *more != NULL; more += 2) {
    parameters[count++] = more[0];
    parameters[count++] = more[1];
    length_given = length_given || strcmp(more[0], "CONTENT_LENGTH") == 0;
    address_given = address_given || strcmp(more[0], "REMOTE_ADDR") == 0;
  }
  snprintf(number, sizeof number, "%zu", body == NULL ? 0 : strlen(body));
  if (!address_given) {
    parameters[count++] = "REMOTE_ADDR";
    parameters[count++] = "192.0.2.7";
  }
  if (body != NULL && !length_given) {
    parameters[count++] = "CONTENT_LENGTH";
    parameters[count++] = number;
  }
  parameters[count] = NULL;
  unsigned char out[40000];
  int ends[2];
  const struct pool_settings pool = {.body_seconds = 2, .serve = serve};
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  size_t at = fastcgi_head_of(out, sizeof out, parameters, true);
  if (body != NULL && body[0] != '\0') at += fastcgi_body(out + at, sizeof out - at, body, strlen(body));
  at += fastcgi_body(out + at, sizeof out - at, NULL, 0);
  ck_assert(fastcgi_write(ends[0], out, at));
  shutdown(ends[0], SHUT_WR);
  pthread_t reader;
  ck_assert_int_eq(pthread_create(&reader, NULL, receive, &ends[0]), 0);
  pool_serve_socket(&pool, dispatcher, ends[1]);
  pthread_join(reader, NULL);
  close(ends[0]);
  return answer.status;
}

/* A member of the answer's JSON, as text. */
const char *member(const char *name) {
  static char text[500];
  json_t *read = json_loads(answer.body, 0, NULL);
  ck_assert_msg(read != NULL, "%s", answer.body);
  const char *value = json_string_value(json_object_get(read, name));
  snprintf(text, sizeof text, "%s", value == NULL ? "" : value);
  json_decref(read);
  return text;
}

void refused(int status, const char *code) {
  ck_assert_msg(answer.status == status, "%d %s", answer.status, answer.body);
  ck_assert_str_eq(member("code"), code);
  ck_assert_ptr_nonnull(strstr(answer.head, "Content-Type: application/problem+json; charset=utf-8\r\n"));
  ck_assert_int_eq(handled, 0);
}
