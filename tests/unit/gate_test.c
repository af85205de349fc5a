/*
 * The gate, from the bytes of the web server to those of the answer: what is
 * refused before a handler runs, in which order, and with which status. It needs
 * no database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "cookie.h"
#include "dispatch.h"
#include "fastcgi_client.h"
#include "format/json_in.h"
#include "limit.h"
#include "pool/pool.h"
#include "secret/token.h"

/* ---------------------------------------------------------------- routes of the test */

static int handled;

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
enum { PIECES = 16 };
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
    {GET, "/mine", .right = RIGHT_MEMBER, .handler = say},
    {POST, "/mine", .right = RIGHT_MEMBER, .fields = fields, .handler = say},
    {POST, "/files", .flags = ROUTE_STREAM, .handler = stream},
    {GET, "/forge", .media_type = "application/pdf", .handler = forge},
    {GET, "/pieces/{number}", .handler = pieces},
    {GET, "/eyes", .flags = ROUTE_LOOPBACK, .handler = say},
    {0}};
static const struct route *const tables[] = {routes, NULL};

/* ---------------------------------------------------------------- asking */

static struct dispatch_settings settings = {.gate = {.body_limit = 1000, .upload_limit = 5000}};
static struct dispatcher *dispatcher;
static struct route_map *map;
static struct fastcgi_answer answer;

static void serve(void *context, const struct head *head, struct upload *upload, struct answer *out) {
  dispatch(context, head, upload, out);
}

static void set_up(void) {
  log_open("/dev/null");
  json_in_prepare();
  settings.map = map = route_map_new(tables, stderr);
  dispatcher = dispatcher_new(&settings);
  ck_assert_ptr_nonnull(dispatcher);
  handled = 0;
}

static void tear_down(void) {
  dispatcher_free(dispatcher);
  route_map_free(map);
  limit_close();
}

/* A large answer does not fit into the socket: somebody reads while it is written. */
static void *receive(void *socket) {
  answer = fastcgi_receive(*(int *)socket, 4000);
  return NULL;
}

/* One request with further parameters (name, value, ..., NULL) and the body as it is. Returns the status. */
static int ask(const char *method, const char *uri, const char *const *more, const char *body) {
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

#define WITH(...)                                                                                            \
  (const char *const[]) { __VA_ARGS__, NULL }
#define JSON "CONTENT_TYPE", "application/json"

/* A member of the answer's JSON, as text. */
static const char *member(const char *name) {
  static char text[500];
  json_t *read = json_loads(answer.body, 0, NULL);
  ck_assert_msg(read != NULL, "%s", answer.body);
  const char *value = json_string_value(json_object_get(read, name));
  snprintf(text, sizeof text, "%s", value == NULL ? "" : value);
  json_decref(read);
  return text;
}

static void refused(int status, const char *code) {
  ck_assert_msg(answer.status == status, "%d %s", answer.status, answer.body);
  ck_assert_str_eq(member("code"), code);
  ck_assert_ptr_nonnull(strstr(answer.head, "Content-Type: application/problem+json; charset=utf-8\r\n"));
  ck_assert_int_eq(handled, 0);
}

/* ---------------------------------------------------------------- tests */

START_TEST(a_good_request_reaches_its_handler) {
  ck_assert_int_eq(ask("POST", "/things", WITH(JSON), "{\"name\":\" Pat \"}"), 200);
  ck_assert_str_eq(member("name"), "Pat");
  ck_assert_int_eq(
      ask("POST", "/things", WITH("CONTENT_TYPE", "Application/JSON; charset=UTF-8"), "{\"name\":\"x\"}"),
      200);
  ck_assert_int_eq(ask("GET", "/things?limit=7", NULL, NULL), 200);
  ck_assert_str_eq(member("limit"), "7");
  ck_assert_int_eq(handled, 3);
}
END_TEST

START_TEST(every_answer_carries_its_headers) {
  ask("GET", "/things", NULL, NULL);
  static const char *const wanted[] = {"Status: 200 OK\r\n",
                                       "Content-Type: application/json; charset=utf-8\r\n",
                                       "Cache-Control: no-store\r\n",
                                       "X-Content-Type-Options: nosniff\r\n",
                                       "X-Request-Id: ",
                                       "ETag: \"5\"\r\n",
                                       "Content-Length: "};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
    ck_assert_ptr_nonnull(strstr(answer.head, wanted[i]));
  ask("GET", "/things", WITH("REQUEST_ID", "0123456789abcdef"), NULL);
  ck_assert_ptr_nonnull(strstr(answer.head, "X-Request-Id: 0123456789abcdef\r\n"));
  ask("GET", "/things", WITH("REQUEST_ID", "0123456789\r\nX: y"), NULL);
  ck_assert_ptr_null(strstr(answer.head, "X: y"));
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_IF_NONE_MATCH", "\"5\""), NULL), 304);
  ck_assert_uint_eq(answer.length, 0);
  static const char *const same[] = {"W/\"5\"", "\"4\", \"5\"", "*", "\"x,y\",W/\"5\""};
  static const char *const other[] = {"\"4\"", "5", "\"55\"", "\"5", ""};
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
    ck_assert_msg(ask("GET", "/things", WITH("HTTP_IF_NONE_MATCH", same[i]), NULL) == 304, "%s", same[i]);
  for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
    ck_assert_msg(ask("GET", "/things", WITH("HTTP_IF_NONE_MATCH", other[i]), NULL) == 200, "%s", other[i]);
  ck_assert_int_eq(ask("HEAD", "/things", NULL, NULL), 200);
  ck_assert_uint_eq(answer.length, 0);
}
END_TEST

START_TEST(no_value_can_begin_another_header) {
  ck_assert_int_eq(ask("GET", "/forge", NULL, NULL), 201);
  ck_assert_ptr_null(strstr(answer.head, "\r\nSet-Cookie"));
  ck_assert_ptr_nonnull(strstr(answer.head, "Location: /aSet-Cookie: forged=1\r\n"));
  /* RFC 6266: plain for old readers, percent-encoded for all others. */
  ck_assert_ptr_nonnull(
      strstr(answer.head,
             "filename=\"r__sum____1___.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22%0D%0A.pdf\r\n"));
  ck_assert_str_eq(answer.body, "%PDF");
}
END_TEST

START_TEST(size_and_type_are_checked_before_anything_is_read) {
  char large[1200];
  memset(large, ' ', sizeof large - 1);
  large[sizeof large - 1] = '\0';
  ask("POST", "/things", WITH(JSON), large);
  refused(413, "too_large");
  ask("POST", "/things", WITH(JSON), NULL);
  refused(411, "length_required");
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "-5"), "{}");
  refused(400, "content_length");
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "99999999999999999999"), "{}");
  refused(400, "content_length");
  static const char *const types[] = {"text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                                      "application/json; charset=latin1", "multipart/form-data; boundary=x"};
  for (size_t i = 0; i < 5; i++) {
    ask("POST", "/things", WITH("CONTENT_TYPE", types[i]), "{\"name\":\"x\"}");
    refused(415, "unsupported_type");
  }
  ask("POST", "/things", NULL, "{\"name\":\"x\"}");
  refused(415, "unsupported_type");
  ask("GET", "/things", NULL, "{}");
  refused(400, "body_not_allowed");
  ask("DELETE", "/things/4", NULL, "{}");
  refused(400, "body_not_allowed");
}
END_TEST

START_TEST(a_body_must_be_as_long_as_it_says) {
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "40"), "{\"name\":\"x\"}");
  refused(400, "body_incomplete");
  ask("POST", "/things", WITH(JSON, "CONTENT_LENGTH", "5"), "{\"name\":\"x\"}");
  refused(400, "body_incomplete");
  ask("POST", "/files", WITH("CONTENT_LENGTH", "40"), "short");
  ck_assert_int_eq(answer.status, 400);
  ck_assert_int_eq(ask("POST", "/files", NULL, "five."), 200);
  ck_assert_str_eq(answer.body, "5");
}
END_TEST

START_TEST(a_body_must_be_json_as_declared) {
  ask("POST", "/things", WITH(JSON), "{\"name\":");
  refused(400, "not_json");
  ask("POST", "/things", WITH(JSON), "{\"name\":\"a\",\"name\":\"b\"}");
  refused(400, "not_json");
  ask("POST", "/things", WITH(JSON), "");
  refused(400, "not_json");
  static const char *const values[] = {"[]", "null", "1", "true", "\"x\""};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    ask("POST", "/things", WITH(JSON), values[i]);
    refused(422, "fields");
    ck_assert_ptr_nonnull(strstr(answer.body, "{\"field\":\"\",\"code\":\"not_an_object\""));
  }
  ask("POST", "/things", WITH(JSON), "{\"name\":99999999999999999999}");
  refused(400, "not_json");
  ck_assert_ptr_nonnull(strstr(answer.body, "number"));
  ask("POST", "/things", WITH(JSON), "{\"other\":1}");
  refused(422, "fields");
  ck_assert_ptr_nonnull(strstr(answer.body, "{\"field\":\"name\",\"code\":\"required\""));
  ck_assert_ptr_nonnull(strstr(answer.body, "{\"field\":\"other\",\"code\":\"unknown_field\""));
  ask("GET", "/things?limit=0&x=1", NULL, NULL);
  refused(422, "fields");
}
END_TEST

/* The browser says where an unsafe request comes from; only the portal itself may send one with its cookie.
 */
START_TEST(another_site_is_refused) {
  static const struct {
    const char *name, *value;
    int status;
  } cases[] = {
      {"HTTP_ORIGIN", "https://portal.example:8443", 200},
      {"HTTP_ORIGIN", "https://PORTAL.example:8443", 200},
      {"HTTP_ORIGIN", "http://portal.example:8443", 403},
      {"HTTP_ORIGIN", "https://portal.example", 403},
      {"HTTP_ORIGIN", "https://portal.example:8443.evil.example", 403},
      {"HTTP_ORIGIN", "null", 403},
      {"HTTP_SEC_FETCH_SITE", "same-origin", 200},
      {"HTTP_SEC_FETCH_SITE", "none", 200},
      {"HTTP_SEC_FETCH_SITE", "cross-site", 403},
      {"HTTP_SEC_FETCH_SITE", "same-site", 403},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    handled = 0;
    int status = ask("POST", "/things", WITH(JSON, cases[i].name, cases[i].value), "{\"name\":\"x\"}");
    ck_assert_msg(status == cases[i].status, "%s: %s: %d", cases[i].name, cases[i].value, status);
    if (status == 403) refused(403, "cross_site");
  }
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_SEC_FETCH_SITE", "cross-site"), NULL), 200);
}
END_TEST

START_TEST(a_missing_or_malformed_credential_is_401_before_the_body_is_parsed) {
  static const char forged[] = "Bearer cnx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000";
  static const struct {
    const char *name, *value;
    bool sent_token;
  } cases[] = {{"HTTP_COOKIE", "other=1", false},        {"HTTP_COOKIE", "__Host-connex=short", false},
               {"HTTP_AUTHORIZATION", "Bearer", false},  {"HTTP_AUTHORIZATION", "Bearer ", false},
               {"HTTP_AUTHORIZATION", "Bearerx", false}, {"HTTP_AUTHORIZATION", "Basic eDp5", false},
               {"HTTP_AUTHORIZATION", "Bearer x", true}, {"HTTP_AUTHORIZATION", "bearer  x", true},
               {"HTTP_AUTHORIZATION", forged, true}};
  ask("POST", "/mine", WITH(JSON), "{not even json");
  refused(401, "log_in");
  ck_assert_ptr_nonnull(strstr(answer.head, "WWW-Authenticate: Bearer\r\n"));
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ask("POST", "/mine", WITH(JSON, cases[i].name, cases[i].value), "{not even json");
    refused(401, cases[i].sent_token ? "invalid_token" : "log_in");
    ck_assert_ptr_nonnull(strstr(answer.head, cases[i].sent_token
                                                  ? "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
                                                  : "WWW-Authenticate: Bearer\r\n"));
  }
  /* What needs no credential looks at none. */
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_AUTHORIZATION", forged), NULL), 200);
}
END_TEST

START_TEST(a_well_formed_credential_goes_on_and_a_token_goes_before_a_cookie) {
  char secret[TOKEN_SECRET_SIZE], api[TOKEN_API_SIZE], cookie[200], bearer[100];
  ck_assert(token_secret(secret) && token_api(api));
  snprintf(cookie, sizeof cookie, "theme=dark; __Host-connex=%s ; x=y", secret);
  snprintf(bearer, sizeof bearer, "bearer %s", api);
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_COOKIE", cookie), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"token\":false"));
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_AUTHORIZATION", bearer), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"token\":true"));
  snprintf(bearer, sizeof bearer, "Bearer  %s", api); /* RFC 9110 section 11.4: 1*SP */
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_AUTHORIZATION", bearer), NULL), 200);
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_COOKIE", cookie, "HTTP_AUTHORIZATION", bearer), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"token\":true"));
  /* A good cookie does not help a bad token. */
  ck_assert_int_eq(ask("GET", "/mine", WITH("HTTP_COOKIE", cookie, "HTTP_AUTHORIZATION", "Bearer x"), NULL),
                   401);
}
END_TEST

START_TEST(the_cookie_is_found_by_its_whole_name_and_once) {
  const char *value;
  size_t length;
  ck_assert(cookie_find("a=b;__Host-connex=v1; c=d", &value, &length));
  ck_assert(length == 2 && memcmp(value, "v1", 2) == 0);
  ck_assert(
      !cookie_find("X__Host-connex=v; __Host-connex2=v; __host-connex=v; __Host-connex", &value, &length));
  ck_assert(!cookie_find("__Host-connex=v1; __Host-connex=v2", &value, &length));
  ck_assert(!cookie_find(";;; ; ", &value, &length));
  ck_assert(!cookie_find(NULL, &value, &length));
}
END_TEST

START_TEST(versions_and_keys_have_their_form) {
  ask("PUT", "/things/4", WITH(JSON), "{\"name\":\"x\"}");
  refused(428, "if_match_required");
  static const char *const bad[] = {
      "5", "\"\"", "\"x\"", "W/\"5\"", "\"5\", \"6\"", "*", "\"5", "\"1234567890123456789\""};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ask("PUT", "/things/4", WITH(JSON, "HTTP_IF_MATCH", bad[i]), "{\"name\":\"x\"}");
    refused(400, "if_match");
  }
  ck_assert_int_eq(ask("PUT", "/things/4", WITH(JSON, "HTTP_IF_MATCH", "\"5\""), "{\"name\":\"x\"}"), 200);
  ck_assert_str_eq(member("version"), "5");
  handled = 0;
  static const char *const keys[] = {"two words", "", " ", "\xc3\xa9", "a\x7f"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", keys[i]), "{\"name\":\"x\"}");
    refused(400, "idempotency_key");
  }
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_IDEMPOTENCY_KEY", ""), NULL),
                   200); /* means nothing here */
  handled = 0;
  ck_assert_int_eq(ask("POST", "/things", WITH(JSON, "HTTP_IDEMPOTENCY_KEY", "7f3c-1"), "{\"name\":\"x\"}"),
                   200);
  ck_assert_str_eq(member("key"), "7f3c-1");
}
END_TEST

START_TEST(unknown_addresses_and_methods) {
  ask("GET", "/nothing/here", NULL, NULL);
  refused(404, "not_found");
  ask("PUT", "/things", WITH(JSON), "{}");
  refused(405, "method_not_allowed");
  ck_assert_ptr_nonnull(strstr(answer.head, "Allow: GET, HEAD, POST, PATCH, OPTIONS\r\n"));
  ck_assert_ptr_null(strstr(answer.head, "Accept-Post"));
  ask("GET", "/eyes", NULL, NULL);
  refused(404, "not_found");
  ck_assert_int_eq(ask("GET", "/eyes", WITH("REMOTE_ADDR", "::1"), NULL), 200);
}
END_TEST

START_TEST(costly_routes_are_limited_by_address_first) {
  ck_assert_int_eq(limit_open(1, 3), 0);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(ask("POST", "/log-in", WITH(JSON), "{\"name\":\"x\"}"), 200);
  handled = 0;
  ask("POST", "/log-in", WITH(JSON), "{\"name\":\"x\"}");
  refused(429, "too_many");
  ck_assert_ptr_nonnull(strstr(answer.head, "Retry-After: "));
  ck_assert_int_eq(ask("POST", "/log-in", WITH(JSON, "REMOTE_ADDR", "192.0.2.8"), "{\"name\":\"x\"}"), 200);
  ck_assert_int_eq(ask("POST", "/things", WITH(JSON), "{\"name\":\"x\"}"), 200);
}
END_TEST

/* curl's torture: each allocation fails once, and each time a whole answer comes and nothing else breaks. */
START_TEST(every_allocation_may_fail) {
  static const struct {
    const char *method, *uri, *body;
  } cases[] = {{"POST", "/things", "{\"name\":\"Pat\"}"},
               {"POST", "/things", "{\"name\":7,\"x\":1}"},
               {"GET", "/things?limit=5", NULL},
               {"GET", "/things?limit=x", NULL},
               {"PUT", "/things", NULL},
               {"OPTIONS", "/things", NULL},
               {"GET", "/forge", NULL}};
  struct arena *arena = dispatcher_arena(dispatcher);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int whole = ask(cases[i].method, cases[i].uri, WITH(JSON, "HTTP_USER_AGENT", "x"), cases[i].body);
    bool failed = true;
    unsigned long after;
    for (after = 1; failed; after++) {
      arena_fail_after(arena, after);
      int status = ask(cases[i].method, cases[i].uri, WITH(JSON, "HTTP_USER_AGENT", "x"), cases[i].body);
      failed = arena_failed(arena);
      ck_assert_msg(status == 500 || status == whole || status == 422, "%s %s: allocation %lu: %d",
                    cases[i].method, cases[i].uri, after, status);
    }
    arena_fail_after(arena, 0);
    ck_assert_uint_gt(after, 3);
  }
}
END_TEST

START_TEST(an_answer_in_pieces_is_complete_or_breaks_off_and_is_never_held_in_memory) {
  ck_assert_int_eq(ask("GET", "/pieces/100", NULL, NULL), 200);
  ck_assert_uint_eq(answer.length, (size_t)PIECES * REQUEST_PIECE_SIZE);
  ck_assert_ptr_nonnull(strstr(answer.head, "Content-Length: 8388608\r\n"));
  ck_assert_uint_lt(arena_used(dispatcher_arena(dispatcher)), 2 * REQUEST_PIECE_SIZE);
  ck_assert_int_eq(ask("GET", "/pieces/5", NULL, NULL),
                   -1); /* without END_REQUEST nginx takes it for cut off */
  ck_assert_uint_eq(answer.length, 4 * (size_t)REQUEST_PIECE_SIZE);
  ck_assert_int_eq(ask("HEAD", "/pieces/100", NULL, NULL), 200);
  ck_assert_uint_eq(answer.length, 0);
  ck_assert_ptr_nonnull(strstr(answer.head, "Content-Length: 8388608\r\n"));
}
END_TEST

START_TEST(the_answer_is_what_accept_asks_for) {
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_ACCEPT", "text/csv;bom=true"), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"csv\":true,\"bom\":true"));
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_ACCEPT", "text/csv"), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"csv\":true,\"bom\":false"));
  ck_assert_int_eq(ask("GET", "/things", WITH("HTTP_ACCEPT", "*/*"), NULL), 200);
  ck_assert_ptr_nonnull(strstr(answer.body, "\"csv\":false"));
  ck_assert_int_eq(ask("GET", "/forge", WITH("HTTP_ACCEPT", "application/pdf"), NULL), 201);
  handled = 0;
  ask("GET", "/things", WITH("HTTP_ACCEPT", "application/xml"), NULL);
  refused(406, "not_acceptable");
  ck_assert_str_eq(member("detail"), "Accept application/json or text/csv here.");
  ask("POST", "/things", WITH(JSON, "HTTP_ACCEPT", "text/csv"), "{\"name\":\"x\"}");
  refused(406, "not_acceptable");
  ck_assert_str_eq(member("detail"), "Accept application/json here.");
}
END_TEST

START_TEST(options_says_what_an_address_takes_to_anybody) {
  ck_assert_int_eq(ask("OPTIONS", "/things", NULL, NULL), 204);
  ck_assert_ptr_nonnull(strstr(answer.head, "Allow: GET, HEAD, POST, PATCH, OPTIONS\r\n"));
  ck_assert_ptr_nonnull(strstr(answer.head, "Accept-Post: application/json\r\n"));
  ck_assert_ptr_nonnull(strstr(answer.head, "Accept-Patch: application/json\r\n"));
  ck_assert_ptr_null(strstr(answer.head, "\r\nContent-Type:"));
  ck_assert_uint_eq(answer.length, 0);
  ck_assert_int_eq(ask("OPTIONS", "/mine", NULL, NULL), 204);
  ck_assert_int_eq(ask("OPTIONS", "/things/4", NULL, NULL), 204);
  ck_assert_ptr_nonnull(strstr(answer.head, "Allow: PUT, DELETE, OPTIONS\r\n"));
  ck_assert_ptr_null(strstr(answer.head, "Accept-Post"));
  ask("OPTIONS", "/nothing/here", NULL, NULL);
  refused(404, "not_found");
}
END_TEST

/* What a script that mixes up its headers gets to know. */
START_TEST(a_body_is_plain_json_without_a_mark) {
  ask("POST", "/things", WITH(JSON, "HTTP_CONTENT_ENCODING", "gzip"), "{\"name\":\"x\"}");
  refused(415, "content_encoding");
  ask("POST", "/files", WITH("HTTP_CONTENT_ENCODING", "br"), "five.");
  refused(415, "content_encoding");
  ask("POST", "/things", WITH(JSON), "\xef\xbb\xbf{\"name\":\"x\"}");
  refused(400, "byte_order_mark");
  ck_assert_int_eq(
      ask("POST", "/things", WITH(JSON, "HTTP_CONTENT_ENCODING", "Identity"), "{\"name\":\"x\"}"), 200);
}
END_TEST

/* 888 kB of unknown members: a short 422, and no more memory than any other request. */
START_TEST(a_body_of_nothing_but_errors_gets_a_short_answer) {
  enum { SIZE = 30000 };
  char *body = malloc(SIZE);
  size_t at = (size_t)snprintf(body, SIZE, "{\"name\":\"x\"");
  for (int i = 0; at < SIZE - 1000; i++) at += (size_t)snprintf(body + at, SIZE - at, ",\"b%d\":1", i);
  snprintf(body + at, SIZE - at, "}");
  settings.gate.body_limit = SIZE;
  ask("POST", "/things", WITH(JSON), body);
  settings.gate.body_limit = 1000;
  free(body);
  refused(422, "fields");
  ck_assert_uint_lt(answer.length, 4000);
  json_t *read = json_loads(answer.body, 0, NULL);
  ck_assert_uint_eq(json_array_size(json_object_get(read, "errors")), PROBLEM_ERRORS_MOST);
  json_decref(read);
  ck_assert_ptr_nonnull(strstr(member("detail"), " more. Nothing was saved."));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("gate");
  TCase *tests = tcase_create("gate");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, a_good_request_reaches_its_handler);
  tcase_add_test(tests, every_answer_carries_its_headers);
  tcase_add_test(tests, no_value_can_begin_another_header);
  tcase_add_test(tests, size_and_type_are_checked_before_anything_is_read);
  tcase_add_test(tests, a_body_must_be_as_long_as_it_says);
  tcase_add_test(tests, a_body_must_be_json_as_declared);
  tcase_add_test(tests, another_site_is_refused);
  tcase_add_test(tests, a_missing_or_malformed_credential_is_401_before_the_body_is_parsed);
  tcase_add_test(tests, a_well_formed_credential_goes_on_and_a_token_goes_before_a_cookie);
  tcase_add_test(tests, the_cookie_is_found_by_its_whole_name_and_once);
  tcase_add_test(tests, versions_and_keys_have_their_form);
  tcase_add_test(tests, unknown_addresses_and_methods);
  tcase_add_test(tests, costly_routes_are_limited_by_address_first);
  tcase_add_test(tests, every_allocation_may_fail);
  tcase_add_test(tests, an_answer_in_pieces_is_complete_or_breaks_off_and_is_never_held_in_memory);
  tcase_add_test(tests, the_answer_is_what_accept_asks_for);
  tcase_add_test(tests, options_says_what_an_address_takes_to_anybody);
  tcase_add_test(tests, a_body_is_plain_json_without_a_mark);
  tcase_add_test(tests, a_body_of_nothing_but_errors_gets_a_short_answer);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
