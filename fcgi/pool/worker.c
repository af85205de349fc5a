/*
 * A worker process: its threads, which serve requests, and its main thread,
 * which watches deadlines and signals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "pool/internal.h"

enum {
  TICK_MS = 250,       /* how often a worker checks its deadlines */
  TICK_FULL_MS = 4,    /* the same while all its threads are busy: it hands connections over */
  TICK_DRAIN_MS = 20,  /* the same while it is ending */
  FULL_TICKS = 250,    /* ticks without being full after which it checks less often */
  WARM_MOST_MS = 10000 /* a worker serves after this, whether its threads are warm or not */
};

/* ---------------------------------------------------------------- a thread */

/* Tells the main thread, once, that no thread is idle any more. */
static void thread_gets_work(struct worker *worker) {
  atomic_fetch_add_explicit(&worker->slot->busy, 1, memory_order_relaxed);
  if (atomic_fetch_sub_explicit(&worker->slot->idle, 1, memory_order_relaxed) == 1 &&
      pool_board->processes > 1 && !atomic_exchange(&worker->watching, true))
    eventfd_write(worker->full, 1);
}

static void thread_is_idle(struct worker *worker) {
  atomic_fetch_sub_explicit(&worker->slot->busy, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&worker->slot->idle, 1, memory_order_relaxed);
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
    connection_event(thread, &event);
    thread_is_idle(worker);
  }
  atomic_fetch_sub_explicit(&worker->slot->idle, 1, memory_order_relaxed);
  return NULL;
}

/* ---------------------------------------------------------------- a worker process */

static void check_deadlines(struct worker *worker) {
  int64_t now = pool_clock_ms();
  for (unsigned i = 0; i < worker->settings->threads; i++) fastcgi_check_deadline(&worker->threads[i], now);
  listener_resume(worker, now);
}

/* SIGTERM: no new connections. Answers on kept ones carry the sign that they end. */
static void drain_begins(struct worker *worker) {
  atomic_store(&worker->draining, true);
  epoll_ctl(worker->epoll, EPOLL_CTL_DEL, worker->listener, NULL);
  if (!atomic_load(&pool_board->stopping)) return; /* the next generation accepts what waits in the backlog */
  int connection;
  while ((connection = accept4(worker->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
    connection_count(worker, 1);
    connection_limits(worker, connection);
    connection_await(worker, connection, EPOLL_CTL_ADD);
  }
}

/* The main thread asks regularly. False when the worker has nothing more to do. `since` is when it was told
 * to end. */
static bool drain_goes_on(const struct worker *worker, int64_t since) {
  int64_t gone = pool_clock_ms() - since;
  bool busy = atomic_load(&worker->slot->busy) > 0;
  if (gone >= (int64_t)worker->settings->stop_seconds * 1000) {
    if (busy) log_event(LOG_WARNING, "stop_forced", "a request was still running at the deadline", 0);
    if (busy) _exit(EXIT_SUCCESS);
    return false;
  }
  /* At least a moment, for a connection that another process is handing over. */
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
    poll(sources, 2, watching ? TICK_FULL_MS : drain_since > 0 ? TICK_DRAIN_MS : TICK_MS);
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
      if (full) connection_hand_over(worker);
      if (calm > FULL_TICKS) atomic_store(&worker->watching, false);
    } else {
      calm = 0;
    }
    check_deadlines(worker);
  } while (drain_since == 0 || drain_goes_on(worker, drain_since));
}

static bool thread_start(struct worker *worker, struct thread *thread) {
  thread->worker = worker;
  fastcgi_thread_begin(thread);
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
  if (!fastcgi_begin()) return false;
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

int worker_signals(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int worker_run(struct worker *worker, int ready, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM); /* without its parent, nothing would end it */
  if (getppid() != parent) return EXIT_FAILURE;
  const int ending = SIGTERM;
  int signals = worker_signals(&ending, 1);
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
  /* The first requests after a reload should not wait for connections to the database. Without a database
   * they are answered all the same. */
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
  struct thread thread = {.worker = &worker, .context = context};
  fastcgi_begin();
  fastcgi_thread_begin(&thread);
  connection_limits(&worker, connection);
  bool open = true;
  while (open && connection_peek(connection) > 0) open = fastcgi_serve(&thread, connection);
  if (open) close(connection);
  pthread_mutex_destroy(&thread.lock);
}
