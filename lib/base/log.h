/*
 * The log: one JSON object per line, one write() per line, so that lines of many
 * threads and processes never mix. It holds ids, code words, and numbers, and
 * never names, member numbers, codes, tokens, or bodies. So there is no function
 * that prints a request.
 *
 *     struct log_line line;
 *     log_start(&line, LOG_INFO, "request");
 *     log_text(&line, "request_id", request->id);
 *     log_number(&line, "status", 200);
 *     log_end(&line);
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_LOG_H
#define CONNEX_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

enum { LOG_LINE_SIZE = 2048 };

struct log_line {
  size_t length;
  bool full; /* a member did not fit and was left out */
  char text[LOG_LINE_SIZE];
};

/* Appends to the file at `path` (created with mode 0640); "-" or NULL: standard error. 0, or -1 with errno.
 * Call it before threads start; until then lines go to standard error. */
int log_open(const char *path);

void log_start(struct log_line *line, enum log_level level, const char *event);
void log_text(struct log_line *line, const char *key, const char *value); /* NULL: the member is left out */
void log_number(struct log_line *line, const char *key, int64_t value);
void log_end(struct log_line *line);

/* A line for one event. `detail` is text of our own (may be NULL); `error` > 0 adds errno's text. */
void log_event(enum log_level level, const char *event, const char *detail, int error);

#endif
