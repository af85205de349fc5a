/*
 * The side of the web server in FastCGI, for tests: sends requests record by
 * record, so that a test can stop in the middle, and reads answers as nginx
 * does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_TESTS_UNIT_FASTCGI_CLIENT_H
#define CONNEX_TESTS_UNIT_FASTCGI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* A socket connected to the Unix socket at `path`, or -1. */
int fastcgi_connect(const char *path);

/* The head of a request: BEGIN and PARAMS. `content_length` < 0: none is declared. */
size_t fastcgi_head(unsigned char *out, size_t size, const char *method, const char *uri, long content_length,
                    bool keep);
/* The same with parameters of its own: name, value, name, value, ..., NULL. */
size_t fastcgi_head_of(unsigned char *out, size_t size, const char *const *parameters, bool keep);
/* One STDIN record; length 0 ends the body. */
size_t fastcgi_body(unsigned char *out, size_t size, const void *body, size_t length);

/* All of it, to the socket. */
bool fastcgi_send(int socket, const char *method, const char *uri, const char *body, bool keep);
bool fastcgi_write(int socket, const void *bytes, size_t length);

struct fastcgi_answer {
  int status;        /* of the Status header; -1: closed or no answer in time */
  bool last;         /* bytes came after END_REQUEST, or the connection ended: not to be used again */
  size_t length;     /* of the body */
  char head[2048];   /* the CGI head, NUL-terminated */
  char body[4096];   /* its beginning, NUL-terminated */
  unsigned checksum; /* of the whole body: sum of (byte * 31 + ...) */
};

/* Reads one answer, at most `timeout_ms` long. */
struct fastcgi_answer fastcgi_receive(int socket, int timeout_ms);

#endif
