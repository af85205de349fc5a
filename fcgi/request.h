/*
 * One request as a handler sees it, and the row that declares a route. No
 * FastCGI type is visible here: only fcgi/pool knows libfcgi.
 *
 * An endpoint is a path in fcgi/area/<area>.yaml, one named statement in
 * sql/<area>.sql, and one handler, named by its operationId:
 *
 *     enum status claim_get(struct request *request) {
 *       size_t claim = add_claim_get(request, P(claim_id, request->path[CLAIM_GET_PATH_CLAIM_ID]));
 *       enum status status = request_run(request);
 *       if (status != STATUS_OK) return status;
 *       return reply_one_row(request, claim);             // 404 when there is none
 *     }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_REQUEST_H
#define CONNEX_FCGI_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"
#include "format/json_out.h"

enum method { METHOD_NONE = 0, GET, POST, PUT, PATCH, DELETE };

/* HTTP status codes. The code word and the texts of a problem are in request->problem. */
enum status {
  /* From request_run(): this Idempotency-Key was answered before. The handler only returns it. */
  STATUS_REPLAYED = 1,
  STATUS_OK = 200,
  STATUS_CREATED = 201,
  STATUS_ACCEPTED = 202,
  STATUS_NO_CONTENT = 204,
  STATUS_NOT_MODIFIED = 304,
  STATUS_BAD_REQUEST = 400,
  STATUS_UNAUTHORIZED = 401,
  STATUS_FORBIDDEN = 403,
  STATUS_NOT_FOUND = 404,
  STATUS_METHOD_NOT_ALLOWED = 405,
  STATUS_NOT_ACCEPTABLE = 406,
  STATUS_REQUEST_TIMEOUT = 408,
  STATUS_CONFLICT = 409,
  STATUS_LENGTH_REQUIRED = 411,
  STATUS_PRECONDITION_FAILED = 412,
  STATUS_TOO_LARGE = 413,
  STATUS_UNSUPPORTED_TYPE = 415,
  STATUS_UNPROCESSABLE = 422,
  STATUS_PRECONDITION_REQUIRED = 428,
  STATUS_TOO_MANY = 429,
  STATUS_INTERNAL = 500,
  STATUS_UNAVAILABLE = 503
};

/* What connex.enter() requires before anything else in the transaction runs. */
enum right {
  RIGHT_NONE,             /* no credential: no enter() at all (log in, registration, recovery, attestation) */
  RIGHT_STEP,             /* a session, even one that still has a step to complete (e-mail, code) */
  RIGHT_MEMBER,           /* a complete session, or a token */
  RIGHT_PERSON,           /* a complete session; no token */
  RIGHT_PROVIDER_PROFILE, /* FN-01: the four functions, on the provider account of the path (path[0]) */
  RIGHT_CLAIMS,
  RIGHT_ELIGIBILITY,
  RIGHT_FINANCIALS,
  RIGHT_LSO,    /* an approved Local Security Officer of any account; rows limited to those accounts */
  RIGHT_ANALYST /* the contractor's analyst */
};

/* Input fields are declared in tables (as in kcgi), and the gate checks them before any handler runs: it
 * cleans and validates every value, reports all errors at once, and gives the handler canonical text. Unknown
 * fields are errors. */
enum field_type {
  FIELD_TEXT,      /* printable UTF-8, trimmed, NFC expected, no control characters; min..max characters */
  FIELD_LONG_TEXT, /* as TEXT, line breaks and tabs allowed */
  FIELD_NAME,      /* name of a person of the portal: letters, and the signs that names have */
  FIELD_EMAIL,
  FIELD_PHONE,
  FIELD_USER_ID,  /* upper-cased, ^[A-Z]{4}[0-9]{3}$ REG-02 */
  FIELD_PASSWORD, /* used exactly as received; kept in secret memory */
  FIELD_CODE,     /* blanks and dashes removed, upper-cased; secret memory */
  FIELD_NPI,
  FIELD_PTAN,
  FIELD_TIN, /* TIN: exactly five digits, the last five (REG-08) */
  FIELD_MBI,
  FIELD_STATE,   /* blanks and dashes cleaned, upper-cased */
  FIELD_DATE,    /* YYYY-MM-DD, a real day */
  FIELD_MONEY,   /* "1234.56", also 1,234.56 and $; canonical two decimals */
  FIELD_INTEGER, /* min..max as numbers */
  FIELD_BOOLEAN, /* "true"/"false" */
  FIELD_ID,      /* decimal string of a positive int8 */
  FIELD_CURSOR,  /* `next` of an earlier page; the value is its key, without the mark (cursor.h) */
  FIELD_CHOICE,  /* one of .choices */
  FIELD_CHOICES, /* array of .choices, none twice -> "{a,b}" (PostgreSQL array text) */
  FIELD_IDS,     /* array of ids -> "{1,2}" */
  FIELD_INTEGERS /* array of integers -> "{1,2}" */
};

/* null is accepted for FIELD_NULLABLE only. An empty text is accepted only for FIELD_TEXT, FIELD_LONG_TEXT,
 * and FIELD_NAME without a minimum, where it means the same as null. Both clear: given[] true, value NULL. */
enum field_need { FIELD_OPTIONAL, FIELD_REQUIRED, FIELD_NULLABLE };

struct field {
  const char *name;
  enum field_type type;
  enum field_need need;
  size_t min, max;            /* 0: the type's own bounds */
  const char *const *choices; /* NULL-terminated, for CHOICE and CHOICES */
};

struct request;
typedef enum status (*handler_function)(struct request *request);

struct route {
  enum method method;
  /* "/api/v1/claims/{claim_id}": {..._id} takes a positive int8, any other {name} ^[a-z0-9_-]{1,64}$ */
  const char *path;
  enum right right;
  enum db_mode mode;
  const struct field *fields; /* {0}-terminated; NULL: no body allowed */
  const struct field *query;  /* {0}-terminated; NULL: no query string allowed */
  unsigned flags;
  const char *audit; /* action word of the audit row; NULL: none (only where nobody's data is shown) */
  /* Which path parameter is the audit's subject, counted from 0; -1: none. A subject set by connex.subject()
   * in a statement overrides it. */
  int subject;
  const char *operation;   /* operationId */
  const char *csv_name;    /* the file name of the list as CSV; NULL: no CSV */
  const char *stream_type; /* of the body of a ROUTE_STREAM */
  const char *media_type;  /* of a 200 that is not JSON, as Accept names it; NULL: JSON */
  /* The Location of a 201: "/api/v1/tokens/{token_id}". A {name} is a parameter of the path, or otherwise a
   * member of the answer's JSON object. */
  const char *location;
  const enum query *plan_ahead; /* statements to plan on a new connection, ended by QUERY_COUNT; NULL: none */
  handler_function handler;
};
enum route_flag {
  ROUTE_IDEMPOTENT_KEY = 1, /* takes Idempotency-Key: connex.once() runs right after enter() */
  ROUTE_IF_MATCH = 2,       /* requires If-Match; request->version holds it */
  ROUTE_STREAM = 4,         /* the body is not JSON: the handler reads it with request_read() */
  ROUTE_SLOW = 8,           /* hashes passwords: limited by address before anything costly runs */
  ROUTE_LOOPBACK = 16,      /* answers loopback addresses only (/metrics) */
  ROUTE_SLOW_FAILURES = 32, /* with ROUTE_SLOW: only what fails counts against the limit */
  ROUTE_SHARED = 128,       /* a quick lookup, which may share a transaction with others (db_run_shared) */
  ROUTE_ETAG = 64           /* shows one thing: the answer carries an ETag, and If-None-Match gets 304 */
};

struct field_error {
  const char *field, *code, *message;
  struct field_error *next;
};

enum { PROBLEM_ERRORS_MOST = 20 };

struct problem {
  const char *code;   /* stable word, e.g. "no_access" */
  const char *title;  /* short; NULL: the status's own */
  const char *detail; /* plain words that say how to fix it; may be NULL */
  unsigned retry_after_s;
  struct field_error *errors; /* at most PROBLEM_ERRORS_MOST */
  size_t more_errors;         /* counted beyond those, and not kept */
};

struct upload; /* the unread body (pool/pool.h) */

/* Shared by all threads of all workers; made before the fork. */
struct password_gate;
struct token_key;
struct services {
  const char *build; /* the program's own id: build_id() of build.h */
  struct password_gate *password_gate;
  const struct token_key *token_key;
  struct db_share *share;   /* of this process, because each has its own copy after the fork; may be NULL */
  struct code_words *words; /* likewise */
};

/* For a reply that is too large to hold in memory: the dispatcher sends the head, then asks for piece 1, 2, 3
 * ... until request->reply_length bytes are sent. It is called after the handler has returned STATUS_OK, so
 * after the audit row's COMMIT; each piece may run a transaction of its own. It writes up to
 * REQUEST_PIECE_SIZE bytes and returns their number; 0: not available, and the answer is broken off. */
enum { REQUEST_PIECE_SIZE = 512 * 1024 };
typedef size_t (*piece_function)(struct request *request, int number, unsigned char *piece);

struct request {
  struct arena *arena;
  struct db *db;
  const struct services *services;
  const struct route *route;
  enum method method;
  bool head;              /* HEAD: answered like GET, without the body */
  const char *target;     /* path and query, unchanged */
  const char *id;         /* request id shared by nginx, log, audit row and problem */
  const char *path[4];    /* path parameters in order, canonical text; unused NULL */
  const char **values;    /* body fields, canonical text in the order of route->fields; NULL when absent */
  const bool *given;      /* body fields in the same order: the member was sent, even as null or empty */
  const char **query;     /* query fields in the order of route->query */
  const char *address;    /* the client's address, from nginx */
  const char *user_agent; /* cut to 200 printable characters */
  const char *idempotency_key;       /* NULL when none was sent */
  const char *version;               /* from If-Match: digits without quotes */
  bool wants_csv, wants_bom;         /* from Accept */
  unsigned char credential_hash[32]; /* SHA-256 of the cookie's or token's secret */
  bool counts_failure;               /* against the limit by address, when it is refused */
  bool has_credential, credential_is_token;
  bool sent_token;             /* something came after "Bearer", whether well formed or not */
  unsigned char body_hash[32]; /* for connex.once(): SHA-256, keyed where nobody has entered; of a
                                  ROUTE_STREAM the hash of the headers that describe it */
  const char *content_type, *content_disposition; /* for ROUTE_STREAM */
  int64_t content_length;
  struct upload *upload;

  size_t enter;        /* statement number of enter(), for its row */
  struct json_out out; /* the JSON reply */
  struct problem problem;
  /* reply headers that a handler may set */
  const char *location;       /* NULL: from route->location */
  const char *etag;           /* without quotes */
  const char *set_cookie;     /* whole cookie text */
  const char *reply_type;     /* default application/json */
  const char *reply_filename; /* sent as Content-Disposition: attachment */
  const char *reply_body;     /* when not JSON (PDF, CSV); must live in the arena */
  size_t reply_length;
  piece_function reply_piece; /* instead of reply_body: piece by piece */

  /* internal to dispatch.c, gate.c, list.c, and transaction.c */
  const char *allow, *accept_post, *accept_patch; /* OPTIONS, 405 */
  const char *next, *next_link; /* of a CSV that has more rows: cursor, and Link for a GET */
  bool in_transaction;          /* statements have been added and not yet run */
  bool was_audited, asked_once;
  bool refusal_audited;      /* set by a handler whose statement has recorded the refusal that it answers */
  bool hold, open;           /* request_hold() was called; a transaction stays open between runs */
  bool replayed;             /* the answer is that of an earlier request with the same Idempotency-Key */
  enum status replay_status; /* of STATUS_REPLAYED */
  const char *user_account_id, *session_expires_at; /* from enter()'s row; NULL before */
  int64_t db_us;                                    /* time spent waiting for PostgreSQL */
};

/* ---------------------------------------------------------------- for handlers */

/* Adds a statement to this request's transaction. The first call starts it: enter() with the route's right
 * and, for ROUTE_IDEMPOTENT_KEY, connex.once() go first. */
size_t request_add(struct request *request, enum query query, int count, const char *const *parameters);
size_t request_add_binary(struct request *request, enum query query, int count,
                          const struct db_parameter *parameters);

/* The same for a statement of statements.h; called by the functions of request_statements.h. */
size_t request_add_statement(struct request *request, const struct db_statement *statement);

/* The values of the body as one JSON object in the arena, by their names, for a statement that takes a record
 * (jsonb): canonical text, numbers, booleans, and lists; null where null was sent. Fields that were not sent
 * are left out, and so are passwords. NULL: out of memory. */
const char *request_record(struct request *request);

/* Runs the statements, the audit row (route->audit), and COMMIT in one round trip. STATUS_OK, or the
 * status of what went wrong, with request->problem filled: CXnnn -> nnn, 23505 -> 409, 23503/23514/22xxx ->
 * 422, no database -> 503. A replay of an Idempotency-Key is STATUS_REPLAYED, with the stored reply already
 * in request->out.
 *
 * A handler may call it several times: each request_run() ends one transaction, and the next request_add()
 * begins another (log in: read the hash, then write the session). The audit row is written with the first.
 * Results live until the next transaction begins. */
enum status request_run(struct request *request) __attribute__((warn_unused_result));

/* For a body that is stored while it is being read: the next request_run() leaves its transaction open,
 * without audit row and COMMIT, and later request_add() calls continue it. A request_run() without
 * request_hold() before it ends the transaction with both. A handler that returns while one is open has
 * stored nothing. */
void request_hold(struct request *request);

/* 404: there is no such thing, or the person may not see it. */
enum status reply_not_found(struct request *request);

/* The object of row 0; 404 "not_found" without rows. The ETag is the column "version"; without
 * one, the dispatcher makes it of the answer, if the contract says that there is an ETag (ROUTE_ETAG). */
enum status reply_one_row(struct request *request, size_t statement);

/* {items: [...], next: ...}. The statement returns limit + 1 rows. Column "cursor" of the last row shown,
 * with its mark (cursor.h), is `next` and is left out of the items. Column "total", if there is one, is
 * written beside them. The list comes as CSV if that is requested and the route has csv_name: see list_csv.h.
 * The limit is the query or body field "limit" (default 25). */
enum status reply_list(struct request *request, size_t statement);

/* limit + 1 as text, for the statement of a list; for CSV without a limit 10,001. */
const char *request_limit(struct request *request);

/* Column 0 of row 0 is the whole JSON document; 404 without rows. The ETag as for reply_one_row(). */
enum status reply_json_column(struct request *request, size_t statement, enum status status);

/* Sets the problem and returns `status`. `code` is a stable word, `detail` says how to fix it (may be NULL).
 */
enum status reply_problem(struct request *request, enum status status, const char *code, const char *detail);

/* Adds an error of one field; returns 422. May be called several times. */
enum status reply_field_error(struct request *request, const char *field, const char *code,
                              const char *message);

/* Body of a ROUTE_STREAM request: bytes read, 0 at the end, -1 when it was cut short or too slow. */
long request_read(struct request *request, void *buffer, size_t size);

/* Value of a query field by its name; NULL when absent. */
const char *request_query(const struct request *request, const char *name);

/* Value of a body field by its name; NULL when absent. */
const char *request_value(const struct request *request, const char *name);

/* Whether the body had this member, even as null or empty: a PATCH uses it to tell what to clear from what to
 * keep. */
bool request_given(const struct request *request, const char *name);

#endif
