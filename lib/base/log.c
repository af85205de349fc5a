/*
 * The log as JSON lines: see log.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

enum { TAIL = 24 }; /* reserved for the end of the line: "cut":true} and the line break */

static int log_file = STDERR_FILENO;

int log_open(const char *path) {
  if (path == NULL || strcmp(path, "-") == 0) {
    log_file = STDERR_FILENO;
    return 0;
  }
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return -1;
  if (log_file != STDERR_FILENO) close(log_file);
  log_file = file;
  return 0;
}

/* Adds the whole piece or nothing. */
static bool add(struct log_line *line, const char *text, size_t length) {
  if (line->length + length > LOG_LINE_SIZE - TAIL) {
    line->full = true;
    return false;
  }
  memcpy(line->text + line->length, text, length);
  line->length += length;
  return true;
}

/* The inside of a JSON string. What is not printable UTF-8 becomes '?', because logs are read in terminals.
 */
static bool add_escaped(struct log_line *line, const char *text) {
  size_t length = strlen(text);
  for (size_t at = 0, step; at < length; at += step) {
    uint32_t character = 0;
    step = utf8_next(text + at, length - at, &character);
    bool good = step > 0 && !utf8_is_control(character);
    if (step == 0) step = 1;
    if (!good && !add(line, "?", 1)) return false;
    if (!good) continue;
    if ((character == '"' || character == '\\') && !add(line, "\\", 1)) return false;
    if (!add(line, text + at, step)) return false;
  }
  return true;
}

/* Removes what was added since `mark`, when a member did not fit. */
static void keep(struct log_line *line, size_t mark, bool fits) {
  if (!fits) line->length = mark;
}

void log_text(struct log_line *line, const char *key, const char *value) {
  if (value == NULL) return;
  size_t mark = line->length;
  keep(line, mark,
       add(line, ",\"", 2) && add(line, key, strlen(key)) && add(line, "\":\"", 3) &&
           add_escaped(line, value) && add(line, "\"", 1));
}

void log_number(struct log_line *line, const char *key, int64_t value) {
  char text[96];
  int length = snprintf(text, sizeof text, ",\"%s\":%lld", key, (long long)value);
  if (length > 0 && (size_t)length < sizeof text) add(line, text, (size_t)length);
}

void log_start(struct log_line *line, enum log_level level, const char *event) {
  static const char *const names[] = {"info", "warning", "error"};
  line->length = 0;
  line->full = false;
  struct timespec now;
  struct tm day;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &day);
  char text[64];
  size_t length = strftime(text, sizeof text, "{\"at\":\"%Y-%m-%dT%H:%M:%S", &day);
  length += (size_t)snprintf(text + length, sizeof text - length, ".%06ldZ\"", now.tv_nsec / 1000);
  add(line, text, length);
  log_text(line, "level", names[level]);
  log_text(line, "event", event);
}

void log_end(struct log_line *line) {
  const char *end = line->full ? ",\"cut\":true}\n" : "}\n";
  size_t length = strlen(end);
  memcpy(line->text + line->length, end, length);
  line->length += length;
  /* A log that cannot be written must not stop the service: the line is lost. */
  for (size_t at = 0; at < line->length;) {
    ssize_t written = write(log_file, line->text + at, line->length - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    at += (size_t)written;
  }
}

void log_event(enum log_level level, const char *event, const char *detail, int error) {
  struct log_line line;
  char words[128] = "";
  log_start(&line, level, event);
  log_text(&line, "detail", detail);
  if (error > 0) log_text(&line, "error", strerror_r(error, words, sizeof words));
  log_end(&line);
}
