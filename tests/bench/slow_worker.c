/*
 * The pool with a handler that takes 200 ms and needs nothing else: `make bench` sends it a burst of 40
 * requests through nginx, to check that kept connections starve no one (findings 0.1).
 *
 *     slow_worker SOCKET PROCESSES THREADS
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pool/pool.h"

static int context; /* a thread's context must not be NULL, but it is not used */

static void *thread_begin(void *shared) {
  (void)shared;
  return &context;
}

static void thread_end(void *unused) { (void)unused; }

static void serve(void *unused, const struct head *head, struct upload *upload, struct answer *answer) {
  (void)unused;
  (void)head;
  static const char text[] = "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n";
  static const char body[] = "{\"status\":\"ok\"}";
  const struct timespec pause = {0, 200000000};
  upload_finish(upload);
  nanosleep(&pause, NULL);
  *answer = (struct answer){
      .head = text, .head_length = sizeof text - 1, .body = body, .body_length = sizeof body - 1};
}

int main(int count, char **arguments) {
  if (count != 4) {
    fputs("usage: slow_worker SOCKET PROCESSES THREADS\n", stderr);
    return EXIT_FAILURE;
  }
  const struct pool_settings settings = {.socket = arguments[1],
                                         .arguments = arguments,
                                         .processes = (unsigned)strtoul(arguments[2], NULL, 10),
                                         .threads = (unsigned)strtoul(arguments[3], NULL, 10),
                                         .body_seconds = 10,
                                         .linger_seconds = 1,
                                         .stop_seconds = 5,
                                         .thread_begin = thread_begin,
                                         .thread_end = thread_end,
                                         .serve = serve};
  return pool_run(&settings);
}
