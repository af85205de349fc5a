/*
 * Deadlines for what waits on a lock or a condition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_DEADLINE_H
#define CONNEX_BASE_DEADLINE_H

#include <time.h>

/* `ms` milliseconds after `start`, of whatever clock. */
static inline struct timespec deadline_after(struct timespec start, unsigned ms) {
  start.tv_sec += ms / 1000;
  start.tv_nsec += (long)(ms % 1000) * 1000000;
  if (start.tv_nsec >= 1000000000) {
    start.tv_sec++;
    start.tv_nsec -= 1000000000;
  }
  return start;
}

#endif
