/*
 * The gate: an array of robust, process-shared mutexes in shared memory, one for each permit and one for each
 * place in the queue. The holder of a permit's mutex may hash, in the block memory that belongs to it. The
 * kernel releases the mutexes of a thread or process that dies, so no permit is ever lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "secret/password_gate.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <time.h>

#include "base/deadline.h"

#define QUEUE_MOST 256
#define PERMITS_MOST 256

static size_t rounded(size_t size, size_t to) { return (size + to - 1) / to * to; }

static int make_locks(struct password_gate *gate) {
  pthread_mutexattr_t kind;
  if (pthread_mutexattr_init(&kind) != 0) return -1;
  int outcome = pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED) |
                pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  for (unsigned i = 0; i < gate->permits + gate->queue && outcome == 0; i++)
    outcome = pthread_mutex_init(&gate->locks[i], &kind);
  pthread_mutexattr_destroy(&kind);
  return outcome == 0 ? 0 : -1;
}

struct password_gate *password_gate_new(const struct password_gate_options *options) {
  unsigned permits = options->permits < 1              ? 1
                     : options->permits > PERMITS_MOST ? PERMITS_MOST
                                                       : options->permits;
  unsigned queue = options->queue > QUEUE_MOST ? QUEUE_MOST : options->queue;
  size_t head = rounded(sizeof(struct password_gate) + (permits + queue) * sizeof(pthread_mutex_t), 4096);
  size_t block_size = rounded((size_t)options->memory_kib * 1024, 4096), mapped = head + permits * block_size;
  /* Not reserved: a page takes memory only when the first hash touches it. */
  void *place = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) return NULL;
  (void)madvise((char *)place + head, mapped - head,
                MADV_DONTDUMP); /* no core file carries a password's traces */
  struct password_gate *gate = place;
  gate->permits = permits;
  gate->queue = queue;
  gate->wait_most_ms = options->wait_most_ms != 0 ? options->wait_most_ms : 8000;
  gate->mapped = mapped;
  gate->block_size = block_size;
  gate->blocks = (unsigned char *)place + head;
  if (make_locks(gate) == 0) return gate;
  munmap(place, mapped);
  return NULL;
}

void password_gate_free(struct password_gate *gate) {
  if (gate != NULL) munmap(gate, gate->mapped);
}

/* Whether a lock call gave us mutex `i`. One whose owner died is made consistent, and what the owner left in
 * its block memory is wiped. */
static bool got(struct password_gate *gate, unsigned i, int outcome) {
  if (outcome != EOWNERDEAD) return outcome == 0;
  if (i < gate->permits) OPENSSL_cleanse(gate->blocks + i * gate->block_size, gate->block_size);
  return pthread_mutex_consistent(&gate->locks[i]) == 0;
}

/* Places of the queue that are taken. Looked up, not counted: a counter would stay when a process that waits
 * dies. */
static unsigned places_taken(struct password_gate *gate) {
  unsigned taken = 0;
  for (unsigned i = gate->permits; i < gate->permits + gate->queue; i++)
    if (got(gate, i, pthread_mutex_trylock(&gate->locks[i]))) pthread_mutex_unlock(&gate->locks[i]);
    else taken++;
  return taken;
}

void password_gate_read(struct password_gate *gate, struct password_gate_numbers *numbers) {
  *numbers = (struct password_gate_numbers){.permits = gate->permits,
                                            .queue = gate->queue,
                                            .waiting = places_taken(gate),
                                            .hashed = atomic_load(&gate->hashed),
                                            .refused = atomic_load(&gate->refused)};
}

/* The first free one of locks[from..from+count), or -1. */
static int try_any(struct password_gate *gate, unsigned from, unsigned count) {
  for (unsigned i = from; i < from + count; i++)
    if (got(gate, i, pthread_mutex_trylock(&gate->locks[i]))) return (int)i;
  return -1;
}

static bool is_before(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/* Waits for the lock until `end` of the monotonic clock, which no one can set. ThreadSanitizer of gcc 12 does
 * not see pthread_mutex_clocklock() and would report what the mutex guards. */
static int lock_until(pthread_mutex_t *lock, struct timespec end) {
#ifdef __SANITIZE_THREAD__
  struct timespec now, wall;
  clock_gettime(CLOCK_MONOTONIC, &now);
  clock_gettime(CLOCK_REALTIME, &wall);
  long ms = (long)(end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000;
  wall = deadline_after(wall, ms > 0 ? (unsigned)ms : 0);
  return pthread_mutex_timedlock(lock, &wall);
#else
  return pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &end);
#endif
}

/* Waits with a place in the queue. Sleeps on one permit's mutex, in slices, so that it notices when another
 * permit is free. */
static int wait_for_permit(struct password_gate *gate, unsigned place) {
  struct timespec now, until;
  clock_gettime(CLOCK_MONOTONIC, &now);
  until = deadline_after(now, gate->wait_most_ms);
  unsigned favourite = place % gate->permits;
  while (is_before(now, until)) {
    struct timespec slice = deadline_after(now, gate->permits > 1 ? 10 : 100);
    if (got(gate, favourite, lock_until(&gate->locks[favourite], is_before(slice, until) ? slice : until)))
      return (int)favourite;
    int permit = try_any(gate, 0, gate->permits);
    if (permit >= 0) return permit;
    clock_gettime(CLOCK_MONOTONIC, &now);
  }
  return -1;
}

int password_gate_enter(struct password_gate *gate) {
  int permit = try_any(gate, 0, gate->permits);
  if (permit < 0) {
    int place = try_any(gate, gate->permits, gate->queue);
    if (place >= 0) {
      permit = wait_for_permit(gate, (unsigned)place);
      pthread_mutex_unlock(&gate->locks[place]);
    }
  }
  if (permit < 0) atomic_fetch_add(&gate->refused, 1);
  return permit;
}

void password_gate_leave(struct password_gate *gate, int permit) {
  pthread_mutex_unlock(&gate->locks[permit]);
}
