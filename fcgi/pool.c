/*
 * Processes, threads and connections. The only file that knows libfcgi.
 *
 * A small parent owns the listening socket and P worker processes; a worker has T threads and one epoll set
 * of its own. In it stand the listening socket (EPOLLEXCLUSIVE: one process is woken for one connection) and
 * every kept connection (EPOLLONESHOT: one thread gets it). Only a thread that has nothing to do waits there,
 * so a connection is accepted by a process that can serve it now, and an idle kept connection never holds a
 * thread. (The textbook loop, FCGX_Accept_r on everything, hangs as soon as nginx keeps more connections than
 * there are threads.)
 *
 * Three habits of libfcgi are worked round here:
 *  - FCGX_Accept_r() accepts only when ipcFd < 0. A readable connection is handed to it by presetting ipcFd,
 * and keepConnection = 1, for else the FCGX_Finish_r() inside would close it. Its own listening socket is -1,
 * so that it can never block in accept().
 *  - The end of a body and an error look alike to its readers: bytes are counted against CONTENT_LENGTH. It
 * retries no interrupted read: all signals are blocked in the threads, and signalfd takes them in the main
 * thread.
 *  - The answer is written here, as FastCGI records in one sendmsg(), instead of in pieces of 8 kB.
 *
 * A worker that is to end must not close a kept connection in the moment in which nginx sends the next
 * request on it. So it never closes one first: it adds a few bytes behind FCGI_END_REQUEST, from which nginx
 * sees that the connection is not to be used again (ngx_http_fastcgi_input_filter() sets u->keepalive only
 * when END_REQUEST is the last thing received), and closes it itself. Idle connections end by nginx's
 * keepalive_timeout, which is shorter than linger_seconds.
 *
 * A kept connection belongs to one process. When all threads of it are busy and another process has idle
 * ones, the main thread, which has nothing else to do, hands readable connections over through a socket pair
 * (SCM_RIGHTS).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pool.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum {
  BACKLOG = 1024, /* a burst waits here; with a short one nginx answers 502 at once */
  MOST_PROCESSES = 256,
  MOST_OLD = 1024,        /* workers of earlier generations that are still ending */
  TICK_MS = 250,          /* how often a worker looks at its deadlines */
  TICK_FULL_MS = 4,       /* the same while all its threads are busy: it hands connections over */
  FULL_TICKS = 250,       /* ticks without being full after which it stops looking so often */
  WARM_MOST_MS = 10000,   /* a worker serves after this, whether its threads are warm or not */
  RELOAD_WAIT_MS = 20000, /* a generation that is not ready by then may be replaced */
  PAUSE_MS = 500,         /* accepting pauses when file descriptors are out */
  BACKOFF_MOST_MS = 5000,
  RECORD_MOST = 65528, /* content of one FastCGI record: the largest multiple of 8 */
  PIECES = 64
};

/* One for each worker process, in memory shared by all of a generation. */
struct slot {
  _Alignas(64) atomic_uint idle, busy, connections;
  atomic_ullong accepted, handed_over;
};

struct board {
  atomic_bool stopping; /* the whole pool ends: take what waits in the backlog first */
  atomic_ullong restarts;
  unsigned processes, threads;
  struct slot slots[MOST_PROCESSES];
};

static struct board *board;

struct thread;

struct upload {
  FCGX_Request *request;
  struct thread *thread;
  int64_t length, left;
  int64_t deadline_ms;
  enum upload_state state;
};

struct worker;

struct thread {
  struct worker *worker;
  pthread_t id;
  FCGX_Request request;
  void *context;
  /* The connection being read, for the main thread to cut off at its deadline; -1 while none is. */
  pthread_mutex_t lock;
  int reading;
  int64_t deadline_ms;
};

struct worker {
  const struct pool_settings *settings;
  struct slot *slot;
  int listener, hand_over[2]; /* [0] is received from by every process, [1] sent to */
  int epoll, wake, full;      /* wake: threads are to end; full: the last idle thread got work */
  atomic_bool draining, quit, watching;
  atomic_llong paused_until_ms; /* 0: accepting */
  struct thread *threads;
};

int64_t pool_clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- how long reading may take */

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
  /* The closing record must be taken too, or it would stand before the next request. More bytes than were
   * declared are not the body that the sender meant. */
  if (upload->state == UPLOAD_OPEN && upload_fill(upload) != EOF) upload->state = UPLOAD_CUT;
  reading_ends(upload->thread); /* a handler that takes long is not a client that sends slowly */
  return upload->state;
}

/* ---------------------------------------------------------------- the head */

static const struct {
  const char *name;
  size_t offset;
} parameters[] = {
    {"REQUEST_METHOD", offsetof(struct head, method)},
    {"REQUEST_URI", offsetof(struct head, uri)},
    {"REQUEST_ID", offsetof(struct head, request_id)},
    {"REMOTE_ADDR", offsetof(struct head, address)},
    {"CONTENT_TYPE", offsetof(struct head, content_type)},
    {"CONTENT_LENGTH", offsetof(struct head, content_length)},
    {"HTTP_CONTENT_DISPOSITION", offsetof(struct head, content_disposition)},
    {"HTTP_HOST", offsetof(struct head, host)},
    {"HTTP_COOKIE", offsetof(struct head, cookie)},
    {"HTTP_AUTHORIZATION", offsetof(struct head, authorization)},
    {"HTTP_ORIGIN", offsetof(struct head, origin)},
    {"HTTP_SEC_FETCH_SITE", offsetof(struct head, sec_fetch_site)},
    {"HTTP_ACCEPT", offsetof(struct head, accept)},
    {"HTTP_USER_AGENT", offsetof(struct head, user_agent)},
    {"HTTP_IDEMPOTENCY_KEY", offsetof(struct head, idempotency_key)},
    {"HTTP_IF_MATCH", offsetof(struct head, if_match)},
    {"HTTP_IF_NONE_MATCH", offsetof(struct head, if_none_match)},
};

/* libfcgi finds each parameter by a walk over all: this is one walk for all. A name that comes twice keeps
 * its first value. */
static void head_read(struct head *head, char **environment) {
  *head = (struct head){0};
  for (char **entry = environment; *entry != NULL; entry++) {
    const char *equals = strchr(*entry, '=');
    if (equals == NULL || equals[1] == '\0') continue;
    size_t length = (size_t)(equals - *entry);
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
      const char **member = (const char **)((char *)head + parameters[i].offset);
      if (*member != NULL || strncmp(parameters[i].name, *entry, length) != 0 ||
          parameters[i].name[length] != '\0')
        continue;
      *member = equals + 1;
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

/* How the records of an answer end, as bytes of `end` below: more follows; the end of the request; and behind
 * that the bytes from which nginx sees that it must not use this connection again. */
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
  upload_finish(upload); /* also: what takes long from here on is not a client that sends slowly */
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

/* Serves one request of a readable connection. True when the connection may be kept; false: it is closed. */
static bool serve_one(struct thread *thread, int connection) {
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

/* ---------------------------------------------------------------- connections */

static void count_connection(struct worker *worker, int change) {
  if (change > 0) atomic_fetch_add_explicit(&worker->slot->connections, 1, memory_order_relaxed);
  else atomic_fetch_sub_explicit(&worker->slot->connections, 1, memory_order_relaxed);
}

/* Into the epoll set, or armed again in it; closed when that fails. */
static void connection_await(struct worker *worker, int connection, int operation) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.fd = connection};
  if (epoll_ctl(worker->epoll, operation, connection, &event) == 0) return;
  log_event(LOG_ERROR, "epoll_failed", "a connection was closed", errno);
  close(connection);
  count_connection(worker, -1);
}

static void connection_limits(const struct worker *worker, int connection) {
  struct timeval limit = {.tv_sec = worker->settings->body_seconds};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* 1: bytes are there; 0: nothing yet; -1: closed. */
static int connection_peek(int connection) {
  char byte;
  ssize_t there = recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (there > 0) return 1;
  return there < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* A connection that is not in the epoll set (operation ADD) or is disarmed in it (MOD). */
static void connection_serve(struct thread *thread, int connection, int operation) {
  if (serve_one(thread, connection)) connection_await(thread->worker, connection, operation);
  else count_connection(thread->worker, -1);
}

/* A connection new to this process. */
static void connection_take(struct thread *thread, int connection) {
  count_connection(thread->worker, 1);
  int there = connection_peek(connection);
  if (there > 0) {
    connection_serve(thread, connection, EPOLL_CTL_ADD);
  } else if (there == 0) {
    connection_await(thread->worker, connection, EPOLL_CTL_ADD);
  } else {
    close(connection);
    count_connection(thread->worker, -1);
  }
}

/* Stops listening for a moment: without file descriptors, accept() would only spin. */
static void accept_pause(struct worker *worker, int error) {
  long long none = 0;
  if (!atomic_compare_exchange_strong(&worker->paused_until_ms, &none, pool_clock_ms() + PAUSE_MS)) return;
  epoll_ctl(worker->epoll, EPOLL_CTL_DEL, worker->listener, NULL);
  log_event(LOG_WARNING, "accept_paused", "no file descriptor or memory for a new connection", error);
}

static void listener_serve(struct thread *thread) {
  struct worker *worker = thread->worker;
  int connection = accept4(worker->listener, NULL, NULL, SOCK_CLOEXEC);
  if (connection >= 0) {
    atomic_fetch_add_explicit(&worker->slot->accepted, 1, memory_order_relaxed);
    connection_limits(worker, connection);
    connection_take(thread, connection);
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    accept_pause(worker, errno);
  } /* EAGAIN: another thread was quicker; ECONNABORTED: the peer */
}

static void listener_await(struct worker *worker, int listener) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listener};
  if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, listener, &event) != 0 && errno != EEXIST)
    log_event(LOG_ERROR, "epoll_failed", "a listening socket", errno);
}

/* ---------------------------------------------------------------- handing over between processes */

union control {
  char bytes[CMSG_SPACE(sizeof(int))];
  struct cmsghdr alignment;
};

static bool descriptor_send(int channel, int descriptor) {
  union control control = {{0}};
  char byte = 0;
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

static int descriptor_receive(int channel) {
  union control control = {{0}};
  char byte;
  int descriptor = -1;
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  if (recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

static bool others_idle(const struct worker *worker) {
  for (unsigned i = 0; i < board->processes; i++)
    if (&board->slots[i] != worker->slot &&
        atomic_load_explicit(&board->slots[i].idle, memory_order_relaxed) > 0)
      return true;
  return false;
}

/* The next readable connection of this process, disarmed; -1 when there is none. */
static int next_readable(const struct worker *worker, bool *closed) {
  for (int tries = 0; tries < 4; tries++) { /* the shared sockets are ready as well now and then */
    struct epoll_event event;
    if (epoll_wait(worker->epoll, &event, 1, 0) != 1) return -1;
    int connection = event.data.fd;
    if (connection == worker->listener || connection == worker->hand_over[0] || connection == worker->wake)
      continue;
    *closed = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    return connection;
  }
  return -1;
}

/* Main thread, all threads busy, idle ones elsewhere: gives away one readable connection. */
static bool hand_over_one(struct worker *worker) {
  bool closed = false;
  int connection = next_readable(worker, &closed);
  if (connection < 0) return false;
  if (closed || !descriptor_send(worker->hand_over[1], connection)) {
    connection_await(worker, connection, EPOLL_CTL_MOD);
    return false;
  }
  /* The other process holds the open file too, so closing ours alone would leave it in our epoll set. */
  epoll_ctl(worker->epoll, EPOLL_CTL_DEL, connection, NULL);
  close(connection);
  count_connection(worker, -1);
  atomic_fetch_add_explicit(&worker->slot->handed_over, 1, memory_order_relaxed);
  return true;
}

static void hand_over(struct worker *worker) {
  if (atomic_load(&worker->draining)) return;
  for (unsigned i = 0; i < worker->settings->threads; i++) {
    bool full = atomic_load_explicit(&worker->slot->idle, memory_order_relaxed) == 0;
    if (!full || !others_idle(worker) || !hand_over_one(worker)) return;
  }
}

/* ---------------------------------------------------------------- a thread */

/* Tells the main thread once that nobody waits any more. */
static void thread_gets_work(struct worker *worker) {
  atomic_fetch_add_explicit(&worker->slot->busy, 1, memory_order_relaxed);
  if (atomic_fetch_sub_explicit(&worker->slot->idle, 1, memory_order_relaxed) == 1 && board->processes > 1 &&
      !atomic_exchange(&worker->watching, true))
    eventfd_write(worker->full, 1);
}

static void thread_is_idle(struct worker *worker) {
  atomic_fetch_sub_explicit(&worker->slot->busy, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&worker->slot->idle, 1, memory_order_relaxed);
}

static void thread_event(struct thread *thread, const struct epoll_event *event) {
  struct worker *worker = thread->worker;
  int connection = event->data.fd;
  if (connection == worker->listener) {
    listener_serve(thread);
  } else if (connection == worker->hand_over[0]) {
    int received = descriptor_receive(connection);
    if (received >= 0) connection_take(thread, received);
  } else if ((event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 && connection_peek(connection) <= 0) {
    close(connection);
    count_connection(worker, -1);
  } else {
    connection_serve(thread, connection, EPOLL_CTL_MOD);
  }
}

static void *thread_main(void *argument) {
  struct thread *thread = argument;
  struct worker *worker = thread->worker;
  if (worker->settings->thread_warm != NULL) worker->settings->thread_warm(thread->context);
  atomic_fetch_add_explicit(&worker->slot->idle, 1, memory_order_relaxed);
  while (!atomic_load_explicit(&worker->quit, memory_order_relaxed)) {
    struct epoll_event event;
    if (epoll_wait(worker->epoll, &event, 1, -1) != 1 || event.data.fd == worker->wake) continue;
    thread_gets_work(worker);
    thread_event(thread, &event);
    thread_is_idle(worker);
  }
  atomic_fetch_sub_explicit(&worker->slot->idle, 1, memory_order_relaxed);
  return NULL;
}

/* ---------------------------------------------------------------- a worker process */

/* Cuts off what has been read for too long: SHUT_RD ends libfcgi's read, and an answer can still be written.
 */
static void check_deadlines(struct worker *worker) {
  int64_t now = pool_clock_ms();
  for (unsigned i = 0; i < worker->settings->threads; i++) {
    struct thread *thread = &worker->threads[i];
    pthread_mutex_lock(&thread->lock);
    if (thread->reading >= 0 && now >= thread->deadline_ms) shutdown(thread->reading, SHUT_RD);
    pthread_mutex_unlock(&thread->lock);
  }
  long long paused = atomic_load(&worker->paused_until_ms);
  if (paused != 0 && now >= paused && !atomic_load(&worker->draining)) {
    atomic_store(&worker->paused_until_ms, 0);
    listener_await(worker, worker->listener);
  }
}

/* SIGTERM: no new connections; those kept are answered with the sign that they end. */
static void drain_begins(struct worker *worker) {
  atomic_store(&worker->draining, true);
  epoll_ctl(worker->epoll, EPOLL_CTL_DEL, worker->listener, NULL);
  if (!atomic_load(&board->stopping)) return; /* the next generation takes what waits in the backlog */
  int connection;
  while ((connection = accept4(worker->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
    count_connection(worker, 1);
    connection_limits(worker, connection);
    connection_await(worker, connection, EPOLL_CTL_ADD);
  }
}

/* One look of the main thread; returns false when the worker has nothing more to do. `since` is when it was
 * told to end, 0 before. */
static bool drain_goes_on(const struct worker *worker, int64_t since) {
  int64_t gone = pool_clock_ms() - since;
  bool busy = atomic_load(&worker->slot->busy) > 0;
  if (gone >= (int64_t)worker->settings->stop_seconds * 1000) {
    if (busy) log_event(LOG_WARNING, "stop_forced", "a request was still running at the deadline", 0);
    if (busy) _exit(EXIT_SUCCESS);
    return false;
  }
  /* A moment at least, for a connection that another process is just handing over. */
  if (gone < 100) return true;
  return busy || (atomic_load(&worker->slot->connections) > 0 &&
                  gone < (int64_t)worker->settings->linger_seconds * 1000);
}

static void worker_watch(struct worker *worker, int signals) {
  int64_t drain_since = 0;
  int calm = 0;
  struct pollfd sources[] = {{.fd = signals, .events = POLLIN}, {.fd = worker->full, .events = POLLIN}};
  do {
    bool watching = atomic_load(&worker->watching);
    poll(sources, 2, watching ? TICK_FULL_MS : drain_since > 0 ? 20 : TICK_MS);
    struct signalfd_siginfo signal;
    if ((sources[0].revents & POLLIN) != 0 &&
        read(signals, &signal, sizeof signal) == (ssize_t)sizeof signal && drain_since == 0) {
      drain_since = pool_clock_ms();
      drain_begins(worker);
    }
    eventfd_t drop;
    if ((sources[1].revents & POLLIN) != 0) eventfd_read(worker->full, &drop);
    if (watching) {
      bool full = atomic_load_explicit(&worker->slot->idle, memory_order_relaxed) == 0;
      calm = full ? 0 : calm + 1;
      if (full) hand_over(worker);
      if (calm > FULL_TICKS) atomic_store(&worker->watching, false);
    } else {
      calm = 0;
    }
    check_deadlines(worker);
  } while (drain_since == 0 || drain_goes_on(worker, drain_since));
}

static bool thread_start(struct worker *worker, struct thread *thread) {
  thread->worker = worker;
  thread->reading = -1;
  pthread_mutex_init(&thread->lock, NULL);
  FCGX_InitRequest(&thread->request, -1, 0);
  thread->context = worker->settings->thread_begin(worker->settings->shared);
  if (thread->context == NULL) return false;
  return pthread_create(&thread->id, NULL, thread_main, thread) == 0;
}

static bool worker_prepare(struct worker *worker) {
  worker->epoll = epoll_create1(EPOLL_CLOEXEC);
  worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  worker->full = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  worker->threads = calloc(worker->settings->threads, sizeof *worker->threads);
  if (worker->epoll < 0 || worker->wake < 0 || worker->full < 0 || worker->threads == NULL) return false;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = worker->wake};
  if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->wake, &event) != 0) return false;
  setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "10",
         1); /* libfcgi's lingering close would hold a thread for 2 s */
  if (FCGX_Init() != 0) return false;
  return worker->settings->worker_begin == NULL || worker->settings->worker_begin(worker->settings->shared);
}

static void worker_end(struct worker *worker, unsigned threads) {
  atomic_store(&worker->quit, true);
  eventfd_write(worker->wake, 1);
  for (unsigned i = 0; i < threads; i++) {
    pthread_join(worker->threads[i].id, NULL);
    worker->settings->thread_end(worker->threads[i].context);
    pthread_mutex_destroy(&worker->threads[i].lock);
  }
  free(worker->threads);
  atomic_store(&worker->slot->idle, 0);
  atomic_store(&worker->slot->connections, 0);
}

static void blocked_signals(sigset_t *set) {
  sigemptyset(set);
  const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaddset(set, signals[i]);
}

static int signals_open(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A worker process, from its fork to its end. */
static int worker_run(struct worker *worker, int ready, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM); /* without its parent nobody would ever end it */
  if (getppid() != parent) return EXIT_FAILURE;
  const int ending = SIGTERM;
  int signals = signals_open(&ending, 1);
  if (signals < 0 || !worker_prepare(worker)) {
    log_event(LOG_ERROR, "worker_failed", "the worker could not be prepared", errno);
    return EXIT_FAILURE;
  }
  unsigned started = 0;
  while (started < worker->settings->threads && thread_start(worker, &worker->threads[started])) started++;
  if (started < worker->settings->threads) {
    log_event(LOG_ERROR, "worker_failed", "a thread could not be started", errno);
    worker_end(worker, started);
    return EXIT_FAILURE;
  }
  /* The first requests after a reload shall not wait for connections; without a database they are answered
   * all the same. */
  struct pollfd told_to_end = {.fd = signals, .events = POLLIN};
  for (int64_t until = pool_clock_ms() + WARM_MOST_MS;
       atomic_load(&worker->slot->idle) < worker->settings->threads && pool_clock_ms() < until;)
    if (poll(&told_to_end, 1, 2) > 0) break;
  listener_await(worker, worker->listener);
  listener_await(worker, worker->hand_over[0]);
  if (write(ready, "", 1) != 1)
    log_event(LOG_WARNING, "worker_ready", "could not be told to the parent", errno);
  close(ready);
  worker_watch(worker, signals);
  worker_end(worker, started);
  close(signals);
  return EXIT_SUCCESS;
}

void pool_serve_socket(const struct pool_settings *settings, void *context, int connection) {
  struct worker worker = {.settings = settings};
  struct thread thread = {.worker = &worker, .context = context, .reading = -1};
  pthread_mutex_init(&thread.lock, NULL);
  FCGX_Init();
  FCGX_InitRequest(&thread.request, -1, 0);
  connection_limits(&worker, connection);
  bool open = true;
  while (open && connection_peek(connection) > 0) open = serve_one(&thread, connection);
  if (open) close(connection);
  pthread_mutex_destroy(&thread.lock);
}

/* ---------------------------------------------------------------- the parent */

struct child {
  pid_t pid; /* 0: not running */
  int64_t started_ms, start_at_ms;
  unsigned failures;
};

struct parent {
  const struct pool_settings *settings;
  int listener, signals, hand_over[2];
  int ready[2]; /* each worker of this generation writes one byte when it serves */
  unsigned ready_count;
  struct child children[MOST_PROCESSES];
  pid_t old[MOST_OLD]; /* workers of the generations before */
  size_t old_count;
  bool reload_awaited;   /* SIGHUP came while this generation was starting */
  bool stopping, failed; /* failed: a worker ended in an error while stopping */
  int64_t started_ms, stop_since_ms;
  char program[PATH_MAX];
};

static const char listener_name[] = "CONNEX_POOL_LISTENER", old_name[] = "CONNEX_POOL_OLD";

/* A socket file of a program that is gone may be replaced; one that answers may not. */
static bool socket_is_used(const struct sockaddr_un *address) {
  int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool used = probe >= 0 &&
              (connect(probe, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);
  if (probe >= 0) close(probe);
  return used;
}

static int listener_make(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, path, strlen(path));
  if (socket_is_used(&address)) {
    errno = EADDRINUSE;
    return -1;
  }
  struct stat there;
  if (lstat(path, &there) == 0 && !S_ISSOCK(there.st_mode)) { /* a wrong setting must not cost a file */
    errno = EEXIST;
    return -1;
  }
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return -1;
  unlink(path);
  mode_t before = umask(0117); /* 0660 from its first moment */
  int bound = bind(listener, (const struct sockaddr *)&address, sizeof address);
  umask(before);
  if (bound != 0 || listen(listener, BACKLOG) != 0) {
    int error = errno;
    close(listener);
    errno = error;
    return -1;
  }
  return listener;
}

/* After a reload: the socket and the workers of the generation before, as the environment tells. */
static int listener_inherit(struct parent *parent) {
  const char *text = getenv(listener_name);
  if (text == NULL) return -1;
  int listener = (int)strtol(text, NULL, 10);
  int is_listening = 0;
  socklen_t length = sizeof is_listening;
  if (getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) != 0 || !is_listening)
    return -1;
  fcntl(listener, F_SETFD, FD_CLOEXEC);
  const char *at = getenv(old_name);
  while (at != NULL && *at != '\0' && parent->old_count < MOST_OLD) {
    char *end;
    long pid = strtol(at, &end, 10);
    if (end == at) break;
    if (pid > 1) parent->old[parent->old_count++] = (pid_t)pid;
    at = *end == ',' ? end + 1 : end;
  }
  return listener;
}

static void child_start(struct parent *parent, unsigned number) {
  struct child *child = &parent->children[number];
  pid_t self = getpid(), pid = fork();
  if (pid == 0) {
    struct worker worker = {.settings = parent->settings,
                            .slot = &board->slots[number],
                            .listener = parent->listener,
                            .hand_over = {parent->hand_over[0], parent->hand_over[1]}};
    close(parent->signals);
    close(parent->ready[0]);
    exit(worker_run(&worker, parent->ready[1], self));
  }
  child->started_ms = pool_clock_ms();
  if (pid < 0) {
    log_event(LOG_ERROR, "fork_failed", "a worker could not be started", errno);
    child->start_at_ms = child->started_ms + 1000;
    return;
  }
  child->pid = pid;
}

/* A worker ended without being told: its requests are lost, nobody else's are. It is replaced, at once the
 * first time, with growing pauses when it cannot live. */
static void child_ended(struct parent *parent, struct child *child, int status) {
  int64_t now = pool_clock_ms();
  child->pid = 0;
  struct slot *slot = &board->slots[child - parent->children];
  atomic_store(&slot->idle, 0);
  atomic_store(&slot->busy, 0);
  atomic_store(&slot->connections, 0);
  if (parent->stopping) {
    parent->failed = parent->failed || !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS;
    return;
  }
  child->failures = now - child->started_ms < 1000 ? child->failures + 1 : 0;
  int64_t pause = child->failures == 0 ? 0 : child->failures > 6 ? BACKOFF_MOST_MS : 50LL << child->failures;
  child->start_at_ms = now + (pause > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : pause);
  atomic_fetch_add(&board->restarts, 1);
  struct log_line line;
  log_start(&line, LOG_ERROR, "worker_ended");
  if (WIFSIGNALED(status)) log_number(&line, "signal", WTERMSIG(status));
  if (WIFEXITED(status)) log_number(&line, "exit_status", WEXITSTATUS(status));
  log_number(&line, "start_again_ms", child->start_at_ms - now);
  log_end(&line);
}

static void children_reap(struct parent *parent) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (unsigned i = 0; i < parent->settings->processes; i++)
      if (parent->children[i].pid == pid) child_ended(parent, &parent->children[i], status);
    for (size_t i = 0; i < parent->old_count; i++)
      if (parent->old[i] == pid) parent->old[i--] = parent->old[--parent->old_count];
  }
}

static unsigned children_running(const struct parent *parent) {
  unsigned count = 0;
  for (unsigned i = 0; i < parent->settings->processes; i++) count += parent->children[i].pid > 0;
  return count + (unsigned)parent->old_count;
}

static void children_signal(struct parent *parent, int signal, bool only_old) {
  for (size_t i = 0; i < parent->old_count; i++) kill(parent->old[i], signal);
  for (unsigned i = 0; !only_old && i < parent->settings->processes; i++)
    if (parent->children[i].pid > 0) kill(parent->children[i].pid, signal);
}

static void parent_reload(struct parent *parent);

/* Old workers go when every new one serves. */
static void children_ready(struct parent *parent) {
  char bytes[MOST_PROCESSES];
  ssize_t count = read(parent->ready[0], bytes, sizeof bytes);
  if (count <= 0) return;
  bool was = parent->ready_count >= parent->settings->processes;
  parent->ready_count += (unsigned)count;
  if (was || parent->ready_count < parent->settings->processes) return;
  log_event(LOG_INFO, "pool_ready", parent->old_count > 0 ? "the new workers serve; the old ones end" : NULL,
            0);
  children_signal(parent, SIGTERM, true);
  if (parent->reload_awaited) parent_reload(parent);
}

/* Where this program stands, as it was called: a reload starts what stands there then. */
static void program_find(struct parent *parent) {
  const char *called = parent->settings->arguments == NULL ? NULL : parent->settings->arguments[0];
  char directory[PATH_MAX];
  ssize_t length;
  if (called != NULL && called[0] == '/') {
    snprintf(parent->program, sizeof parent->program, "%s", called);
  } else if (called != NULL && strchr(called, '/') != NULL && getcwd(directory, sizeof directory) != NULL &&
             strlen(directory) + strlen(called) + 2 < sizeof parent->program) {
    size_t at = strlen(directory);
    memcpy(parent->program, directory, at);
    parent->program[at] = '/';
    memcpy(parent->program + at + 1, called, strlen(called) + 1);
  } else {
    length = readlink("/proc/self/exe", parent->program, sizeof parent->program - 1);
    parent->program[length > 0 ? length : 0] = '\0';
  }
}

/* Becomes the program anew. Comes back only when that fails: then everything stays as it is. */
static void parent_reload(struct parent *parent) {
  const struct pool_settings *settings = parent->settings;
  if (parent->stopping || settings->arguments == NULL) return;
  /* One generation at a time: while it warms up, another would only take its processor. */
  parent->reload_awaited =
      parent->ready_count < settings->processes && pool_clock_ms() < parent->started_ms + RELOAD_WAIT_MS;
  if (parent->reload_awaited) return;
  if (settings->may_reload != NULL && !settings->may_reload(settings->shared)) {
    log_event(LOG_ERROR, "reload_refused",
              "the program or its settings are not in order; the old one goes on", 0);
    return;
  }
  char old[MOST_OLD * 12] = "", number[16];
  size_t at = 0;
  for (unsigned i = 0; i < settings->processes; i++)
    if (parent->children[i].pid > 0 && at < sizeof old - 16)
      at += (size_t)snprintf(old + at, sizeof old - at, "%ld,", (long)parent->children[i].pid);
  for (size_t i = 0; i < parent->old_count && at < sizeof old - 16; i++)
    at += (size_t)snprintf(old + at, sizeof old - at, "%ld,", (long)parent->old[i]);
  snprintf(number, sizeof number, "%d", parent->listener);
  setenv(listener_name, number, 1);
  setenv(old_name, old, 1);
  log_event(LOG_INFO, "reload", NULL, 0);
  fcntl(parent->listener, F_SETFD, 0);
  execv(parent->program, settings->arguments);
  fcntl(parent->listener, F_SETFD, FD_CLOEXEC);
  unsetenv(listener_name);
  unsetenv(old_name);
  log_event(LOG_ERROR, "reload_failed", "the program could not be started; the old one goes on", errno);
}

static void parent_stop(struct parent *parent) {
  if (parent->stopping) return;
  parent->stopping = true;
  parent->stop_since_ms = pool_clock_ms();
  unlink(parent->settings->socket); /* nobody new; who waits in the backlog is served */
  atomic_store(&board->stopping, true);
  log_event(LOG_INFO, "stop", NULL, 0);
  children_signal(parent, SIGTERM, false);
}

static void parent_signals(struct parent *parent) {
  struct signalfd_siginfo signal;
  while (read(parent->signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
    if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT || signal.ssi_signo == SIGQUIT)
      parent_stop(parent);
    if (signal.ssi_signo == SIGHUP) parent_reload(parent);
  }
  children_reap(parent);
}

/* Starts what is due; returns how long to sleep. */
static int parent_due(struct parent *parent) {
  int64_t now = pool_clock_ms(), next = now + 60000;
  if (parent->reload_awaited && now >= parent->started_ms + RELOAD_WAIT_MS) parent_reload(parent);
  if (parent->reload_awaited) next = parent->started_ms + RELOAD_WAIT_MS;
  if (parent->stopping) {
    int64_t late = parent->stop_since_ms + (int64_t)parent->settings->stop_seconds * 1000 + 1000;
    if (now >= late) children_signal(parent, SIGKILL, false);
    return now >= late ? 100 : (int)(late - now);
  }
  for (unsigned i = 0; i < parent->settings->processes; i++) {
    struct child *child = &parent->children[i];
    if (child->pid > 0) continue;
    if (child->start_at_ms <= now) child_start(parent, i);
    if (child->pid <= 0 && child->start_at_ms < next) next = child->start_at_ms;
  }
  return next > now ? (int)(next - now) : 1;
}

static bool parent_prepare(struct parent *parent) {
  const int taken[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGCHLD};
  sigset_t blocked;
  struct rlimit files;
  blocked_signals(&blocked);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  program_find(parent);
  board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (board == MAP_FAILED) return false;
  board->processes = parent->settings->processes;
  board->threads = parent->settings->threads;
  parent->signals = signals_open(taken, sizeof taken / sizeof taken[0]);
  if (parent->signals < 0 || pipe2(parent->ready, O_CLOEXEC | O_NONBLOCK) != 0 ||
      socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, parent->hand_over) != 0)
    return false;
  parent->listener = listener_inherit(parent);
  unsetenv(listener_name);
  unsetenv(old_name);
  if (parent->listener < 0) parent->listener = listener_make(parent->settings->socket);
  return parent->listener >= 0;
}

int pool_run(const struct pool_settings *settings) {
  struct parent *parent = calloc(1, sizeof *parent);
  if (parent == NULL || settings->processes > MOST_PROCESSES) {
    free(parent);
    return EXIT_FAILURE;
  }
  parent->settings = settings;
  parent->started_ms = pool_clock_ms();
  if (!parent_prepare(parent)) {
    log_event(LOG_ERROR, "start_failed", settings->socket, errno);
    free(parent);
    return EXIT_FAILURE;
  }
  while (!parent->stopping || children_running(parent) > 0) {
    int sleep_ms = parent_due(parent);
    struct pollfd sources[] = {{.fd = parent->signals, .events = POLLIN},
                               {.fd = parent->ready[0], .events = POLLIN}};
    poll(sources, 2, sleep_ms);
    if ((sources[0].revents & POLLIN) != 0) parent_signals(parent);
    if ((sources[1].revents & POLLIN) != 0) children_ready(parent);
  }
  close(parent->listener);
  close(parent->signals);
  log_event(LOG_INFO, "stopped", NULL, 0);
  int status = parent->failed ? EXIT_FAILURE : EXIT_SUCCESS;
  free(parent);
  return status;
}

void pool_figures(struct pool_figures *figures) {
  *figures = (struct pool_figures){0};
  if (board == NULL) return;
  figures->processes = board->processes;
  figures->threads = board->processes * board->threads;
  figures->restarts = atomic_load(&board->restarts);
  for (unsigned i = 0; i < board->processes; i++) {
    const struct slot *slot = &board->slots[i];
    figures->busy += atomic_load_explicit(&slot->busy, memory_order_relaxed);
    figures->connections += atomic_load_explicit(&slot->connections, memory_order_relaxed);
    figures->accepted += atomic_load_explicit(&slot->accepted, memory_order_relaxed);
    figures->handed_over += atomic_load_explicit(&slot->handed_over, memory_order_relaxed);
  }
}
