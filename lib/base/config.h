/*
 * Settings from the environment, one table for all programs: name, bounds,
 * default, and purpose. They are read once at the start, and all errors are
 * reported together. What a contractor's rules set (deadlines, limits,
 * amounts) is in the database's table `setting`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_CONFIG_H
#define CONNEX_BASE_CONFIG_H

#include <stddef.h>
#include <stdio.h>

/* Texts point into the environment or are constants; numbers are within their bounds. */
struct config {
  const char *db;        /* CONNEX_DB */
  const char *db_read;   /* CONNEX_DB_READ; the same pointer as db when not set */
  long read_lag_seconds; /* CONNEX_READ_LAG */
  const char *socket;    /* CONNEX_SOCKET */
  const char *log;       /* CONNEX_LOG */
  const char *key_file;  /* CONNEX_KEY_FILE; NULL when not set */
  const char *smtp_url;  /* CONNEX_SMTP_URL; NULL when not set */
  const char *mail_from; /* CONNEX_MAIL_FROM; NULL when not set */
  const char *base_url;  /* CONNEX_BASE_URL; NULL when not set */
  long processes;        /* never 0: the default is the number of cores */
  long threads;
  long body_limit_bytes, upload_limit_bytes;
  long body_seconds;
  long linger_seconds;
  long stop_seconds;
  long rate_per_minute, rate_burst;
  long hash_permits, hash_queue, hash_memory_kib;
};

/* Fills `config`; writes each fault as a line to `faults` (may be NULL) and returns their number. */
int config_read(struct config *config, FILE *faults);

/* Prints every setting with its default, bounds, and purpose. */
void config_describe(FILE *out);

#endif
