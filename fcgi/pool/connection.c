/*
 * Connections of a worker: its epoll set, accepting, and handing over to
 * another process.
 *
 * A kept connection belongs to one process. When all its threads are busy and
 * another process has idle ones, the main thread, which has nothing else to do then,
 * hands readable connections over through a socket pair (SCM_RIGHTS).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "pool/internal.h"

enum { PAUSE_MS = 500 /* accepting pauses when there are no file descriptors left */ };

void connection_count(struct worker *worker, int change) {
  if (change > 0) atomic_fetch_add_explicit(&worker->slot->connections, 1, memory_order_relaxed);
  else atomic_fetch_sub_explicit(&worker->slot->connections, 1, memory_order_relaxed);
}

void connection_await(struct worker *worker, int connection, int operation) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.fd = connection};
  if (epoll_ctl(worker->epoll, operation, connection, &event) == 0) return;
  log_event(LOG_ERROR, "epoll_failed", "a connection was closed", errno);
  close(connection);
  connection_count(worker, -1);
}

void connection_limits(const struct worker *worker, int connection) {
  struct timeval limit = {.tv_sec = worker->settings->body_seconds};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

int connection_peek(int connection) {
  char byte;
  ssize_t there = recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (there > 0) return 1;
  return there < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* A connection that is not in the epoll set (operation ADD) or is disarmed in it (MOD). */
static void connection_serve(struct thread *thread, int connection, int operation) {
  if (fastcgi_serve(thread, connection)) connection_await(thread->worker, connection, operation);
  else connection_count(thread->worker, -1);
}

/* A connection new to this process. */
static void connection_take(struct thread *thread, int connection) {
  connection_count(thread->worker, 1);
  int there = connection_peek(connection);
  if (there > 0) {
    connection_serve(thread, connection, EPOLL_CTL_ADD);
  } else if (there == 0) {
    connection_await(thread->worker, connection, EPOLL_CTL_ADD);
  } else {
    close(connection);
    connection_count(thread->worker, -1);
  }
}

/* Stops accepting for a moment: without file descriptors, accept() would only spin. */
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

void listener_await(struct worker *worker, int listener) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listener};
  if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, listener, &event) != 0 && errno != EEXIST)
    log_event(LOG_ERROR, "epoll_failed", "a listening socket", errno);
}

void listener_resume(struct worker *worker, int64_t now_ms) {
  long long paused = atomic_load(&worker->paused_until_ms);
  if (paused == 0 || now_ms < paused || atomic_load(&worker->draining)) return;
  atomic_store(&worker->paused_until_ms, 0);
  listener_await(worker, worker->listener);
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
  for (unsigned i = 0; i < pool_board->processes; i++)
    if (&pool_board->slots[i] != worker->slot &&
        atomic_load_explicit(&pool_board->slots[i].idle, memory_order_relaxed) > 0)
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

/* For the main thread, when all its threads are busy and other processes have idle ones: hands over one
 * readable connection. */
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
  connection_count(worker, -1);
  atomic_fetch_add_explicit(&worker->slot->handed_over, 1, memory_order_relaxed);
  return true;
}

void connection_hand_over(struct worker *worker) {
  if (atomic_load(&worker->draining)) return;
  for (unsigned i = 0; i < worker->settings->threads; i++) {
    bool full = atomic_load_explicit(&worker->slot->idle, memory_order_relaxed) == 0;
    if (!full || !others_idle(worker) || !hand_over_one(worker)) return;
  }
}

/* ---------------------------------------------------------------- a thread's turn */

void connection_event(struct thread *thread, const struct epoll_event *event) {
  struct worker *worker = thread->worker;
  int connection = event->data.fd;
  if (connection == worker->listener) {
    listener_serve(thread);
  } else if (connection == worker->hand_over[0]) {
    int received = descriptor_receive(connection);
    if (received >= 0) connection_take(thread, received);
  } else if ((event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 && connection_peek(connection) <= 0) {
    close(connection);
    connection_count(worker, -1);
  } else {
    connection_serve(thread, connection, EPOLL_CTL_MOD);
  }
}
