/*
 * Internal to the pool: what its files share.
 *
 * A small parent owns the listening socket and P worker processes. A worker has
 * T threads and one epoll set of its own. In the set are the listening socket
 * (EPOLLEXCLUSIVE: one process is woken for one connection) and every kept
 * connection (EPOLLONESHOT: one thread gets it). Only a thread that has nothing
 * to do waits there. So a connection is accepted by a process that can serve it
 * now, and an idle kept connection never holds a thread. (The usual loop around
 * FCGX_Accept_r() hangs as soon as nginx keeps more connections than there are
 * threads.)
 *
 *  parent.c      the socket, the workers' lives, reload, stop
 *  worker.c      one process: its threads, its deadlines, its end
 *  connection.c  the epoll set, accepting, handing over to another process
 *  fastcgi.c     one request on a connection; the only file that calls libfcgi
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_POOL_INTERNAL_H
#define CONNEX_FCGI_POOL_INTERNAL_H

#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "pool/pool.h"

enum { MOST_PROCESSES = 256 };

/* One for each worker process, in memory shared by all of a generation. */
struct slot {
  _Alignas(64) atomic_uint idle, busy, connections;
  atomic_ullong accepted, handed_over;
};

struct board {
  atomic_bool stopping; /* the whole pool ends: accept what waits in the backlog first */
  atomic_ullong restarts;
  unsigned processes, threads;
  struct slot slots[MOST_PROCESSES];
};

struct worker;

struct thread {
  struct worker *worker;
  pthread_t id;
  FCGX_Request request;
  void *context;
  /* The connection that is being read, so that the main thread can cut it off at its deadline; -1: none. */
  pthread_mutex_t lock;
  int reading;
  int64_t deadline_ms;
};

struct worker {
  const struct pool_settings *settings;
  struct slot *slot;
  int listener, hand_over[2]; /* [0] is received from by every process, [1] sent to */
  int epoll, wake, full;      /* wake: the threads are to end; full: the last idle thread got work */
  atomic_bool draining, quit, watching;
  atomic_llong paused_until_ms; /* 0: accepting */
  struct thread *threads;
};

/* One for all processes; NULL before pool_run(). */
extern struct board *pool_board;

/* ---------------------------------------------------------------- fastcgi.c */

/* Once a process, before its threads. */
bool fastcgi_begin(void);

/* Prepares a thread for requests. */
void fastcgi_thread_begin(struct thread *thread);

/* Serves one request of a readable connection. True when the connection may be kept; false: it is closed. */
bool fastcgi_serve(struct thread *thread, int connection);

/* Cuts off a connection that has been read for longer than its deadline. */
void fastcgi_check_deadline(struct thread *thread, int64_t now_ms);

/* ---------------------------------------------------------------- connection.c */

void connection_count(struct worker *worker, int change);

/* Into the epoll set, or armed again in it; closed when that fails. */
void connection_await(struct worker *worker, int connection, int operation);

void connection_limits(const struct worker *worker, int connection);

/* 1: bytes are there; 0: nothing yet; -1: closed. */
int connection_peek(int connection);

/* A thread's turn: what epoll_wait() returned. */
void connection_event(struct thread *thread, const struct epoll_event *event);

void listener_await(struct worker *worker, int listener);

/* Accepts again after a pause, when it is over. */
void listener_resume(struct worker *worker, int64_t now_ms);

/* For the main thread while all threads are busy: gives connections to processes that have idle ones. */
void connection_hand_over(struct worker *worker);

/* ---------------------------------------------------------------- worker.c */

/* A worker process, from its fork to its end; returns its exit status. `ready` gets one byte when it serves.
 */
int worker_run(struct worker *worker, int ready, pid_t parent);

/* A signalfd for `signals`. */
int worker_signals(const int *signals, size_t count);

#endif
