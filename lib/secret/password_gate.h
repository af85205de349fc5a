/*
 * Internals of the gate: what lib/secret/password_hash.c needs from it. See password.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_SECRET_PASSWORD_GATE_H
#define CONNEX_SECRET_PASSWORD_GATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "secret/password.h"

struct password_gate {
  unsigned permits, queue, wait_most_ms;
  size_t mapped;         /* bytes of the whole mapping */
  size_t block_size;     /* bytes of block memory of one permit */
  unsigned char *blocks; /* permits * block_size; the same address in all processes, mapped before fork() */
  atomic_uint_fast64_t hashed, refused;
  pthread_mutex_t locks[]; /* permits, then places in the queue */
};

/* A permit's number, or -1: busy. A full queue is seen before any work is done. The holder of a permit may
 * hash in its block memory, and gives it back with password_gate_leave(). */
int password_gate_enter(struct password_gate *gate);
void password_gate_leave(struct password_gate *gate, int permit);

#endif
