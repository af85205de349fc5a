/*
 * The web server's side of FastCGI for tests: see fastcgi_client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fastcgi_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int fastcgi_connect(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, path, strlen(path));
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection >= 0 && connect(connection, (struct sockaddr *)&address, sizeof address) == 0)
    return connection;
  if (connection >= 0) close(connection);
  return -1;
}

static size_t record(unsigned char *out, int type, const void *content, size_t length) {
  const unsigned char header[8] = {
      1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
  memcpy(out, header, 8);
  if (length > 0) memcpy(out + 8, content, length);
  return 8 + length;
}

static size_t pair(unsigned char *out, const char *name, const char *value) {
  size_t name_length = strlen(name), value_length = strlen(value), at = 0;
  out[at++] = (unsigned char)name_length;
  if (value_length < 128) {
    out[at++] = (unsigned char)value_length;
  } else {
    out[at++] = (unsigned char)(0x80 | value_length >> 24);
    out[at++] = (unsigned char)(value_length >> 16);
    out[at++] = (unsigned char)(value_length >> 8);
    out[at++] = (unsigned char)value_length;
  }
  memcpy(out + at, name, name_length);
  memcpy(out + at + name_length, value, value_length);
  return at + name_length + value_length;
}

size_t fastcgi_head_of(unsigned char *out, size_t size, const char *const *parameters, bool keep) {
  unsigned char content[8192], begin[8] = {0, 1, keep ? 1 : 0};
  size_t length = 0;
  if (size < sizeof content + 64) abort();
  for (; parameters[0] != NULL; parameters += 2) {
    if (length + strlen(parameters[0]) + strlen(parameters[1]) + 8 > sizeof content) abort();
    length += pair(content + length, parameters[0], parameters[1]);
  }
  size_t at = record(out, 1, begin, sizeof begin);
  at += record(out + at, 4, content, length);
  return at + record(out + at, 4, NULL, 0);
}

size_t fastcgi_head(unsigned char *out, size_t size, const char *method, const char *uri, long content_length,
                    bool keep) {
  char number[24];
  snprintf(number, sizeof number, "%ld", content_length);
  const char *const parameters[] = {"REQUEST_METHOD",
                                    method,
                                    "REQUEST_URI",
                                    uri,
                                    "REMOTE_ADDR",
                                    "127.0.0.1",
                                    "HTTP_HOST",
                                    "localhost",
                                    content_length < 0 ? NULL : "CONTENT_LENGTH",
                                    number,
                                    NULL};
  return fastcgi_head_of(out, size, parameters, keep);
}

size_t fastcgi_body(unsigned char *out, size_t size, const void *body, size_t length) {
  if (size < length + 8 || length > 65535) abort();
  return record(out, 5, body, length);
}

bool fastcgi_write(int connection, const void *bytes, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t sent = send(connection, (const char *)bytes + at, length - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += (size_t)sent;
  }
  return true;
}

bool fastcgi_send(int connection, const char *method, const char *uri, const char *body, bool keep) {
  unsigned char out[32768];
  size_t length = body == NULL ? 0 : strlen(body);
  size_t at = fastcgi_head(out, sizeof out, method, uri, body == NULL ? -1 : (long)length, keep);
  if (length > 0) at += fastcgi_body(out + at, sizeof out - at, body, length);
  at += fastcgi_body(out + at, sizeof out - at, NULL, 0);
  return fastcgi_write(connection, out, at);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct input {
  int socket;
  long deadline_ms;
  unsigned char bytes[65536];
  size_t at, end;
};

/* Exactly `length` bytes to `out`; false when the connection ends or the time is over. */
static bool take(struct input *input, unsigned char *out, size_t length) {
  while (length > 0) {
    if (input->at == input->end) {
      struct pollfd source = {.fd = input->socket, .events = POLLIN};
      long left = input->deadline_ms - now_ms();
      if (left <= 0 || poll(&source, 1, (int)left) <= 0) return false;
      ssize_t got = recv(input->socket, input->bytes, sizeof input->bytes, 0);
      if (got <= 0) return false;
      input->at = 0;
      input->end = (size_t)got;
    }
    size_t part = input->end - input->at < length ? input->end - input->at : length;
    memcpy(out, input->bytes + input->at, part);
    input->at += part;
    out += part;
    length -= part;
  }
  return true;
}

enum { HEAD_MOST = sizeof((struct fastcgi_answer *)0)->head - 1 };

/* The body's bytes come after the head's empty line. */
static void content(struct fastcgi_answer *answer, char *head, size_t *head_length, bool *in_body,
                    const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (*in_body) {
      if (answer->length < sizeof answer->body - 1) answer->body[answer->length] = (char)bytes[i];
      answer->checksum = answer->checksum * 31 + bytes[i];
      answer->length++;
      continue;
    }
    if (*head_length < HEAD_MOST) head[(*head_length)++] = (char)bytes[i];
    head[*head_length] = '\0';
    *in_body = *head_length >= 4 && strcmp(head + *head_length - 4, "\r\n\r\n") == 0;
  }
}

struct fastcgi_answer fastcgi_receive(int connection, int timeout_ms) {
  struct fastcgi_answer answer = {.status = -1, .last = true};
  static _Thread_local struct input input;
  static _Thread_local unsigned char bytes[65536];
  size_t head_length = 0;
  bool in_body = false;
  input = (struct input){.socket = connection, .deadline_ms = now_ms() + timeout_ms};
  unsigned char header[8];
  while (take(&input, header, sizeof header)) {
    size_t length = (size_t)header[4] << 8 | header[5];
    if (!take(&input, bytes, length + header[6])) break;
    if (header[1] == 6) content(&answer, answer.head, &head_length, &in_body, bytes, length);
    if (header[1] != 3) continue;
    const char *status = strstr(answer.head, "Status: ");
    answer.status = status == NULL ? 0 : (int)strtol(status + 8, NULL, 10);
    answer.last = input.at < input.end;
    break;
  }
  return answer;
}
