/*
 * One FastCGI request on a connection: head, body, answer. This is the only
 * file that calls libfcgi. It works around three of its habits:
 *
 *  - FCGX_Accept_r() accepts a connection only when ipcFd < 0. A readable
 *    connection is handed to it by presetting ipcFd, and keepConnection = 1,
 *    because otherwise FCGX_Finish_r() would close it. Its own listening socket
 *    is -1, so that it can never block in accept().
 *  - Its readers report the end of a body and an error in the same way: the
 *    bytes are counted against CONTENT_LENGTH. They do not retry an interrupted
 *    read: all signals are blocked in the threads, and the main thread takes
 *    them from a signalfd.
 *  - It writes an answer in pieces of 8 kB. Here the answer is written as
 *    FastCGI records in one sendmsg().
 *
 * A worker that is about to end must not close a kept connection at the moment
 * when nginx sends the next request on it. So it never closes one first. It
 * adds a few bytes after FCGI_END_REQUEST, from which nginx sees that the
 * connection is not to be used again (ngx_http_fastcgi_input_filter() sets
 * u->keepalive only when END_REQUEST is the last thing received), and closes it
 * itself. Idle connections end by nginx's keepalive_timeout, which is shorter
 * than linger_seconds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pool/internal.h"

enum {
  RECORD_MOST = 65528, /* content of one FastCGI record: the largest multiple of 8 */
  PIECES = 64
};

struct upload {
  FCGX_Request *request;
  struct thread *thread;
  int64_t length, left;
  int64_t deadline_ms;
  enum upload_state state;
};

bool fastcgi_begin(void) {
  setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "10", 1); /* otherwise its lingering close holds a thread for 2 s */
  return FCGX_Init() == 0;
}

void fastcgi_thread_begin(struct thread *thread) {
  thread->reading = -1;
  pthread_mutex_init(&thread->lock, NULL);
  FCGX_InitRequest(&thread->request, -1, 0);
}

static void reading_begins(struct thread *thread, int connection) {
  pthread_mutex_lock(&thread->lock);
  thread->reading = connection;
  thread->deadline_ms = pool_clock_ms() + (int64_t)thread->worker->settings->body_seconds * 1000;
  pthread_mutex_unlock(&thread->lock);
}

static void reading_ends(struct thread *thread) {
  pthread_mutex_lock(&thread->lock);
  thread->reading = -1;
  pthread_mutex_unlock(&thread->lock);
}

/* SHUT_RD ends libfcgi's read; an answer can still be written. */
void fastcgi_check_deadline(struct thread *thread, int64_t now_ms) {
  pthread_mutex_lock(&thread->lock);
  if (thread->reading >= 0 && now_ms >= thread->deadline_ms) shutdown(thread->reading, SHUT_RD);
  pthread_mutex_unlock(&thread->lock);
}

/* ---------------------------------------------------------------- the body */

static int64_t read_length(const char *text) {
  if (text == NULL || text[0] == '\0') return 0;
  int64_t value = 0;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9' || value > INT64_MAX / 10 - 10) return -1;
    value = value * 10 + (*text - '0');
  }
  return value;
}

int64_t upload_length(const struct upload *upload) { return upload->length; }

/* One byte from the stream, which fills libfcgi's buffer, or EOF with the state set. */
static int upload_fill(struct upload *upload) {
  if (pool_clock_ms() >= upload->deadline_ms) {
    upload->state = UPLOAD_SLOW;
    return EOF;
  }
  int byte = FCGX_GetChar(upload->request->in);
  if (byte != EOF) return byte;
  if (FCGX_GetError(upload->request->in) == 0)
    upload->state = upload->left == 0 ? UPLOAD_COMPLETE : UPLOAD_CUT;
  else upload->state = pool_clock_ms() >= upload->deadline_ms ? UPLOAD_SLOW : UPLOAD_CUT;
  return EOF;
}

long upload_read(struct upload *upload, void *buffer, size_t size) {
  if (upload->state == UPLOAD_OPEN && (upload->left <= 0 || size == 0)) return 0;
  if (upload->state != UPLOAD_OPEN) return upload->state == UPLOAD_COMPLETE ? 0 : -1;
  unsigned char *to = buffer;
  FCGX_Stream *in = upload->request->in;
  if (size > (size_t)upload->left) size = (size_t)upload->left;
  size_t got = 0;
  if (in->rdNext == in->stop) {
    int byte = upload_fill(upload);
    if (byte == EOF) return -1;
    to[got++] = (unsigned char)byte;
  }
  size_t there = (size_t)(in->stop - in->rdNext);
  if (there > size - got) there = size - got;
  memcpy(to + got, in->rdNext, there);
  OPENSSL_cleanse(in->rdNext, there); /* it may hold a password */
  in->rdNext += there;
  got += there;
  upload->left -= (int64_t)got;
  return (long)got;
}

enum upload_state upload_finish(struct upload *upload) {
  char dropped[8192];
  long got = 0;
  while (upload->state == UPLOAD_OPEN && upload->left > 0 &&
         (got = upload_read(upload, dropped, sizeof dropped)) > 0)
    OPENSSL_cleanse(dropped, (size_t)got);
  /* The closing record must be read too, or it would come before the next request. A body with more bytes
   * than were declared is not what the sender meant. */
  if (upload->state == UPLOAD_OPEN && upload_fill(upload) != EOF) upload->state = UPLOAD_CUT;
  reading_ends(upload->thread); /* a slow handler is not a slow client */
  return upload->state;
}

/* ---------------------------------------------------------------- the head */

static const struct {
  const char *name;
  size_t offset;
  bool strict; /* empty or sent twice: read as empty, which the gate refuses */
} parameters[] = {
    {"REQUEST_METHOD", offsetof(struct head, method), false},
    {"REQUEST_URI", offsetof(struct head, uri), false},
    {"REQUEST_ID", offsetof(struct head, request_id), false},
    {"REMOTE_ADDR", offsetof(struct head, address), false},
    {"CONTENT_TYPE", offsetof(struct head, content_type), false},
    {"CONTENT_LENGTH", offsetof(struct head, content_length), false},
    {"HTTP_CONTENT_ENCODING", offsetof(struct head, content_encoding), false},
    {"HTTP_CONTENT_DIGEST", offsetof(struct head, content_digest), false},
    {"HTTP_REPR_DIGEST", offsetof(struct head, repr_digest), false},
    {"HTTP_CONTENT_DISPOSITION", offsetof(struct head, content_disposition), false},
    {"HTTP_HOST", offsetof(struct head, host), false},
    {"HTTP_COOKIE", offsetof(struct head, cookie), false},
    {"HTTP_AUTHORIZATION", offsetof(struct head, authorization), false},
    {"HTTP_ORIGIN", offsetof(struct head, origin), false},
    {"HTTP_SEC_FETCH_SITE", offsetof(struct head, sec_fetch_site), false},
    {"HTTP_ACCEPT", offsetof(struct head, accept), false},
    {"HTTP_USER_AGENT", offsetof(struct head, user_agent), false},
    {"HTTP_IDEMPOTENCY_KEY", offsetof(struct head, idempotency_key), true},
    {"HTTP_IF_MATCH", offsetof(struct head, if_match), false},
    {"HTTP_IF_NONE_MATCH", offsetof(struct head, if_none_match), false},
};

/* libfcgi walks over all parameters for each that it looks up; this is one walk for all. A name that
 * occurs twice keeps its first value, and an empty value counts as not sent, except where it is strict: nginx
 * 1.22 passes a header that was sent twice as two parameters (1.23 joins them with a comma and a blank). */
static void head_read(struct head *head, char **environment) {
  *head = (struct head){0};
  for (char **entry = environment; *entry != NULL; entry++) {
    const char *equals = strchr(*entry, '=');
    if (equals == NULL) continue;
    size_t length = (size_t)(equals - *entry);
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
      const char **member = (const char **)((char *)head + parameters[i].offset);
      if (strncmp(parameters[i].name, *entry, length) != 0 || parameters[i].name[length] != '\0') continue;
      if (*member != NULL) *member = parameters[i].strict ? "" : *member;
      else if (equals[1] != '\0' || parameters[i].strict) *member = equals + 1;
      break;
    }
  }
}

/* ---------------------------------------------------------------- the answer */

enum { FCGI_END_REQUEST_TYPE = 3, FCGI_STDOUT_TYPE = 6 };

static void record_header(unsigned char header[8], unsigned type, unsigned id, size_t length) {
  header[0] = 1;
  header[1] = (unsigned char)type;
  header[2] = (unsigned char)(id >> 8);
  header[3] = (unsigned char)id;
  header[4] = (unsigned char)(length >> 8);
  header[5] = (unsigned char)length;
  header[6] = header[7] = 0;
}

/* Sends all pieces, whatever the kernel takes at once. */
static bool send_pieces(int connection, struct iovec *pieces, size_t count) {
  while (count > 0) {
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    ssize_t sent = sendmsg(connection, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false; /* also SO_SNDTIMEO: the reader has stopped reading */
    for (; count > 0 && (size_t)sent >= pieces->iov_len; pieces++, count--) sent -= (ssize_t)pieces->iov_len;
    if (count > 0) {
      pieces->iov_base = (char *)pieces->iov_base + sent;
      pieces->iov_len -= (size_t)sent;
    }
  }
  return true;
}

/* Takes up to `most` bytes of what is left of head and body as pieces; returns their length. */
static size_t take_content(struct answer *left, size_t most, struct iovec *pieces, size_t *count) {
  size_t head = left->head_length < most ? left->head_length : most;
  if (head > 0) pieces[(*count)++] = (struct iovec){(void *)(uintptr_t)left->head, head};
  size_t body = left->body_length < most - head ? left->body_length : most - head;
  if (body > 0) pieces[(*count)++] = (struct iovec){(void *)(uintptr_t)left->body, body};
  left->head += head;
  left->head_length -= head;
  left->body += body;
  left->body_length -= body;
  return head + body;
}

/* How the records of an answer end, as bytes of `end` below: more follows; the end of the request; the end,
 * and after it the bytes from which nginx sees that it must not use this connection again. */
enum ending { ENDING_MORE = 0, ENDING_KEEP = 24, ENDING_LAST = 32 };

static bool answer_send(int connection, unsigned id, const struct answer *answer, enum ending ending) {
  struct answer left = *answer;
  unsigned char headers[PIECES][8], end[32] = {0};
  struct iovec pieces[PIECES];
  bool more = true;
  while (more) {
    size_t count = 0, records = 0;
    while (left.head_length + left.body_length > 0 && count + 4 <= PIECES) {
      size_t header = count++;
      size_t length = take_content(&left, RECORD_MOST, pieces, &count);
      record_header(headers[records], FCGI_STDOUT_TYPE, id, length);
      pieces[header] = (struct iovec){headers[records++], 8};
    }
    more = left.head_length + left.body_length > 0;
    if (!more && ending != ENDING_MORE) {
      record_header(end, FCGI_STDOUT_TYPE, id, 0);
      record_header(end + 8, FCGI_END_REQUEST_TYPE, id, 8); /* application status 0, request complete 0 */
      record_header(end + 24, FCGI_STDOUT_TYPE, id, 0);
      pieces[count++] = (struct iovec){end, (size_t)ending};
    }
    if (!send_pieces(connection, pieces, count)) return false;
  }
  return true;
}

bool answer_send_part(struct upload *upload, struct answer *answer) {
  upload_finish(upload); /* after this, a slow handler is not a slow client */
  bool sent = !answer->broken &&
              answer_send(upload->request->ipcFd, (unsigned)upload->request->requestId, answer, ENDING_MORE);
  *answer = (struct answer){.broken = !sent};
  return sent;
}

/* ---------------------------------------------------------------- one request */

void upload_allow(struct upload *upload, unsigned seconds) {
  upload->deadline_ms = pool_clock_ms() + (int64_t)seconds * 1000;
  pthread_mutex_lock(&upload->thread->lock);
  upload->thread->deadline_ms = upload->deadline_ms;
  pthread_mutex_unlock(&upload->thread->lock);
}

bool fastcgi_serve(struct thread *thread, int connection) {
  const struct pool_settings *settings = thread->worker->settings;
  FCGX_Request *request = &thread->request;
  request->ipcFd = connection;
  request->keepConnection = 1;
  reading_begins(thread, connection);
  if (FCGX_Accept_r(request) != 0) { /* not FastCGI, or cut short: libfcgi has closed it */
    reading_ends(thread);
    request->ipcFd = -1;
    return false;
  }
  struct head head;
  struct answer answer = {0};
  head_read(&head, request->envp);
  struct upload upload = {.request = request,
                          .thread = thread,
                          .length = read_length(head.content_length),
                          .deadline_ms = thread->deadline_ms};
  upload.left = upload.length > 0 ? upload.length : 0;
  settings->serve(thread->context, &head, &upload, &answer);
  upload_finish(&upload);
  bool last = atomic_load_explicit(&thread->worker->draining, memory_order_relaxed);
  bool keep = request->keepConnection && upload.state == UPLOAD_COMPLETE;
  keep = !answer.broken &&
         answer_send(connection, (unsigned)request->requestId, &answer,
                     last || !keep ? ENDING_LAST : ENDING_KEEP) &&
         keep;
  FCGX_Free(request, 0);
  request->ipcFd = -1;
  if (!keep) close(connection);
  return keep;
}
