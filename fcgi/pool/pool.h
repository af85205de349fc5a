/*
 * Processes, threads, and connections: takes FastCGI requests from nginx and
 * gives each, as plain text and a body to be read, to one function. Nothing of
 * libfcgi is visible here. internal.h explains how it works.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_POOL_POOL_H
#define CONNEX_FCGI_POOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request's head, as nginx passes it on. Texts live until serve() returns; NULL: not sent. */
struct head {
  const char *method;     /* REQUEST_METHOD */
  const char *uri;        /* REQUEST_URI: path and query, unchanged */
  const char *request_id; /* REQUEST_ID, made by nginx */
  const char *address;    /* REMOTE_ADDR */
  const char *content_type, *content_length, *content_disposition, *content_encoding;
  const char *content_digest, *repr_digest; /* RFC 9530 */
  const char *host, *cookie, *authorization, *origin, *sec_fetch_site;
  const char *accept, *user_agent, *if_match, *if_none_match;
  const char *idempotency_key; /* "" when it was sent without a value */
};

/* The body, not yet read. */
struct upload;

enum upload_state {
  UPLOAD_OPEN,     /* more may come */
  UPLOAD_COMPLETE, /* as many bytes as CONTENT_LENGTH said, and no more */
  UPLOAD_CUT,      /* the client went away, or sent fewer or more bytes than it said */
  UPLOAD_SLOW      /* did not arrive in time */
};

/* Bytes read into buffer (1..size), 0 at the end, -1 when the body was cut short or too slow: upload_state()
 * tells. */
long upload_read(struct upload *upload, void *buffer, size_t size);

/* Allows more time than body_seconds, `seconds` from now: for a large body that is stored while it is read.
 */
void upload_allow(struct upload *upload, unsigned seconds);

/* Reads and discards the rest, so that the connection can be kept. The state is then not UPLOAD_OPEN. */
enum upload_state upload_finish(struct upload *upload);

/* CONTENT_LENGTH; 0 when none was sent; -1 when it is not a number. */
int64_t upload_length(const struct upload *upload);

/* The answer: a CGI head ("Status: 200 OK\r\n...\r\n\r\n") and a body. Both must live until serve() is called
 * again. */
struct answer {
  const char *head, *body;
  size_t head_length, body_length;
  bool broken; /* parts were sent, and the rest cannot be: the connection is closed, so that nobody takes the
                  parts for the whole answer */
};

/* Sends an answer that is too large to hold in memory in parts, while serve() makes it: sends *answer and
 * empties it for the next part. The *answer that serve() returns is the last one. False, with `broken` set:
 * the reader is gone, or did not take the part within body_seconds. Reads the rest of the request's body
 * first. */
bool answer_send_part(struct upload *upload, struct answer *answer);

struct pool_settings {
  const char *socket;     /* path; made with mode 0660 */
  char *const *arguments; /* argv, for the reload */
  unsigned processes, threads;
  unsigned body_seconds;   /* a head and body must have arrived in this time */
  unsigned linger_seconds; /* an ending worker serves kept connections this long */
  unsigned stop_seconds;   /* and ends after this at the latest */

  void *shared; /* handed to the functions below */
  /* In each worker before its threads; false ends the worker (it is tried again, with growing pauses). May be
   * NULL. */
  bool (*worker_begin)(void *shared);
  /* In each thread: its own context, NULL when it cannot be made. */
  void *(*thread_begin)(void *shared);
  void (*thread_end)(void *context);
  /* In the thread itself, before it serves: work that takes long and can be done in advance (connecting). May
   * be NULL. */
  void (*thread_warm)(void *context);
  /* Answers one request. Called by one thread at a time for one context. */
  void (*serve)(void *context, const struct head *head, struct upload *upload, struct answer *answer);
  /* In the parent, on SIGHUP before it becomes the new program: false keeps the old one. May be NULL. */
  bool (*may_reload)(void *shared);
};

/* The parent: makes or takes over the socket, starts workers, and keeps them running until SIGTERM or SIGINT.
 * SIGHUP replaces the program (same pid, same socket); the new one starts its own workers and then ends the
 * old ones, and no request is lost. Returns the exit status. */
int pool_run(const struct pool_settings *settings);

/* Sums over this generation's workers, for /metrics. */
struct pool_figures {
  unsigned processes, threads, busy, connections;
  uint64_t accepted, handed_over, restarts;
};
void pool_figures(struct pool_figures *figures);

/* Milliseconds of the monotonic clock. */
int64_t pool_clock_ms(void);

/* Serves the requests that arrive on one connected socket until it is closed; for the fuzzer. Closes the
 * socket. */
void pool_serve_socket(const struct pool_settings *settings, void *context, int socket);

#endif
