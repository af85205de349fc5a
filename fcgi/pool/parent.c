/*
 * The parent: owns the listening socket, starts the workers, keeps them
 * running, and replaces the program on a reload. See pool.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "pool/internal.h"

enum {
  BACKLOG = 1024,         /* bursts wait here; with a short backlog, nginx answers 502 at once */
  MOST_OLD = 1024,        /* workers of earlier generations that are still ending */
  RELOAD_WAIT_MS = 20000, /* a generation that is not ready by then may be replaced */
  BACKOFF_MOST_MS = 5000
};

struct board *pool_board;

int64_t pool_clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

/* A socket file that a program left behind may be replaced; one that answers may not. */
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
  if (lstat(path, &there) == 0 && !S_ISSOCK(there.st_mode)) { /* a wrong setting must not delete a file */
    errno = EEXIST;
    return -1;
  }
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return -1;
  unlink(path);
  mode_t before = umask(0117); /* 0660 from the start */
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

/* After a reload: the socket and the workers of the previous generation, as the environment says. */
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
                            .slot = &pool_board->slots[number],
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

/* A worker ended without being told to: only its own requests are lost. It is replaced: at once the first
 * time, and after growing pauses if it keeps ending. */
static void child_ended(struct parent *parent, struct child *child, int status) {
  int64_t now = pool_clock_ms();
  child->pid = 0;
  struct slot *slot = &pool_board->slots[child - parent->children];
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
  atomic_fetch_add(&pool_board->restarts, 1);
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

/* The old workers end when every new one serves. */
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

/* The path of this program, as it was called: a reload starts whatever file is there at that time. */
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

/* Replaces this process by the program on disk. Returns only if that fails; then nothing has changed. */
static void parent_reload(struct parent *parent) {
  const struct pool_settings *settings = parent->settings;
  if (parent->stopping || settings->arguments == NULL) return;
  /* One generation at a time: another would only slow down the one that is warming up. */
  parent->reload_awaited =
      parent->ready_count < settings->processes && pool_clock_ms() < parent->started_ms + RELOAD_WAIT_MS;
  if (parent->reload_awaited) return;
  if (settings->may_reload != NULL && !settings->may_reload(settings->shared)) {
    log_event(LOG_ERROR, "reload_refused",
              "the program or its settings are not valid; the old one keeps running", 0);
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
  log_event(LOG_ERROR, "reload_failed", "the program could not be started; the old one keeps running", errno);
}

static void parent_stop(struct parent *parent) {
  if (parent->stopping) return;
  parent->stopping = true;
  parent->stop_since_ms = pool_clock_ms();
  unlink(parent->settings->socket); /* no new connections; those in the backlog are served */
  atomic_store(&pool_board->stopping, true);
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

/* Starts the workers that are due; returns how long to sleep. */
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

static void blocked_signals(sigset_t *set) {
  sigemptyset(set);
  const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaddset(set, signals[i]);
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
  pool_board = mmap(NULL, sizeof *pool_board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pool_board == MAP_FAILED) return false;
  pool_board->processes = parent->settings->processes;
  pool_board->threads = parent->settings->threads;
  parent->signals = worker_signals(taken, sizeof taken / sizeof taken[0]);
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
  if (pool_board == NULL) return;
  figures->processes = pool_board->processes;
  figures->threads = pool_board->processes * pool_board->threads;
  figures->restarts = atomic_load(&pool_board->restarts);
  for (unsigned i = 0; i < pool_board->processes; i++) {
    const struct slot *slot = &pool_board->slots[i];
    figures->busy += atomic_load_explicit(&slot->busy, memory_order_relaxed);
    figures->connections += atomic_load_explicit(&slot->connections, memory_order_relaxed);
    figures->accepted += atomic_load_explicit(&slot->accepted, memory_order_relaxed);
    figures->handed_over += atomic_load_explicit(&slot->handed_over, memory_order_relaxed);
  }
}
