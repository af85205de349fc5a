/*
 * The X12 reader: see x12.h. The queue of events, and the steps that fill it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/x12_internal.h"

/* ---------------------------------------------------------------- the queue */

void x12_fail(struct x12_reader *reader, int error) {
  reader->state = BROKEN;
  reader->error = error;
}

void x12_queue_event(struct x12_reader *reader, enum x12_event event) {
  if (reader->tail < QUEUE_SIZE) reader->queue[reader->tail++].event = event;
}

__attribute__((format(printf, 5, 6))) void x12_report(struct x12_reader *reader, enum x12_severity severity,
                                                      const char *code, const char *acknowledgment,
                                                      const char *format, ...) {
  if (reader->tail >= QUEUE_SIZE) return;
  struct queued *entry = &reader->queue[reader->tail++];
  memset(entry, 0, sizeof *entry);
  entry->event = X12_FINDING;
  struct x12_finding *finding = &entry->finding;
  finding->code = code;
  finding->severity = severity;
  finding->acknowledgment = acknowledgment;
  finding->segment_number = reader->segment.number;
  if (reader->segment.element_count > 0)
    (void)x12_copy(reader->segment.elements[0], finding->segment_name, sizeof finding->segment_name);
  if (reader->in_transaction)
    memcpy(finding->transaction_control, reader->envelope.transaction_control, X12_CONTROL_SIZE);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(finding->message, sizeof finding->message, format, arguments);
  va_end(arguments);
}

/* ---------------------------------------------------------------- between interchanges */

static void read_isa(struct x12_reader *reader, const struct x12_delimiters *delimiters, size_t length) {
  if (x12_close_levels(reader, LEVEL_INTERCHANGE, false))
    return; /* nothing was consumed: the ISA is read when these events are out */
  reader->envelope.delimiters = *delimiters;
  reader->state = INSIDE;
  struct x12_text text = {reader->buffer.data + reader->begin, length - 1};
  if (x12_split_segment(reader, text, SIZE_MAX)) {
    x12_consume(reader, length);
    x12_open_interchange(reader, text);
  }
}

static bool at_bare_transaction(struct x12_reader *reader) {
  return x12_ensure(reader, 3) && memcmp(reader->buffer.data + reader->begin, "ST*", 3) == 0;
}

static void begin_bare(struct x12_reader *reader) {
  memset(&reader->envelope, 0, sizeof reader->envelope);
  reader->envelope.delimiters = (struct x12_delimiters){.element = '*', .component = ':', .terminator = '~'};
  reader->state = INSIDE;
  reader->bare = true;
  reader->group_serial++;
  reader->segment.element_count = 0;
}

/* Text that belongs to no interchange: reports it once, and skips to the next readable ISA, or to the end. */
static void skip_to_interchange(struct x12_reader *reader) {
  reader->segment.element_count = 0;
  if (at_bare_transaction(reader)) {
    x12_report(reader, X12_REFUSE, "envelope_missing", "TA105 022",
               "There is no ISA before the ST. If the file is meant to have no envelope, load it with "
               "--without-envelope.");
  } else if (x12_unread(reader) >= 3 && memcmp(reader->buffer.data + reader->begin, "ISA", 3) == 0) {
    x12_report(
        reader, X12_REFUSE, "isa_unreadable", "TA105 022",
        "The ISA does not have sixteen elements and distinct delimiters; the interchange cannot be read.");
  } else {
    x12_report(reader, X12_FLAG, "text_outside", "TA105 022",
               "Text that belongs to no interchange was left out.");
  }
  x12_consume(reader, 1);
  struct x12_delimiters delimiters;
  size_t length;
  while (x12_ensure(reader, 3) && !x12_at_isa(reader, &delimiters, &length)) {
    char *at = reader->buffer.data + reader->begin;
    char *found = memchr(at + 1, 'I', x12_unread(reader) - 1);
    x12_consume(reader, found == NULL ? x12_unread(reader) : (size_t)(found - at));
  }
  if (reader->state != BROKEN && x12_unread(reader) < 3) x12_consume(reader, x12_unread(reader));
}

static void read_between(struct x12_reader *reader) {
  if (reader->without_envelope && at_bare_transaction(reader)) begin_bare(reader);
  else skip_to_interchange(reader);
}

static void end_source(struct x12_reader *reader) {
  if (!x12_close_levels(reader, LEVEL_INTERCHANGE, true)) {
    reader->state = ENDED;
    x12_queue_event(reader, X12_END);
  }
}

/* Does one thing: puts something into the queue, or moves on in the text. */
static void step(struct x12_reader *reader) {
  if (reader->held) {
    x12_follow_segment(reader);
    return;
  }
  x12_skip_blanks(reader);
  struct x12_delimiters delimiters;
  size_t length = 0;
  if (reader->state == BROKEN) return;
  if (x12_unread(reader) == 0) end_source(reader);
  else if (x12_at_isa(reader, &delimiters, &length)) read_isa(reader, &delimiters, length);
  else if (reader->state == BETWEEN_INTERCHANGES) read_between(reader);
  else if (!x12_read_binary(reader)) x12_read_segment(reader);
}

enum x12_event x12_next(struct x12_reader *reader) {
  if (reader->head < reader->tail) reader->head++;
  while (reader->head == reader->tail && reader->state != ENDED && reader->state != BROKEN) {
    reader->head = 0;
    reader->tail = 0;
    step(reader);
  }
  if (reader->head < reader->tail) return reader->queue[reader->head].event;
  errno = reader->error;
  return reader->state == BROKEN ? X12_FAILED : X12_END;
}

/* ---------------------------------------------------------------- making, freeing, asking */

struct x12_reader *x12_reader_new(x12_read_function read, void *source, const struct x12_options *options) {
  struct x12_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->read = read;
  reader->source = source;
  reader->limit =
      options != NULL && options->segment_limit > 0 ? options->segment_limit : X12_SEGMENT_LIMIT_DEFAULT;
  reader->without_envelope = options != NULL && options->without_envelope;
  reader->element_capacity = 64;
  reader->elements = malloc(reader->element_capacity * sizeof *reader->elements);
  reader->queue = calloc(QUEUE_SIZE, sizeof *reader->queue);
  reader->seen = calloc(SEEN_SIZE, sizeof *reader->seen);
  reader->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  reader->digest = EVP_MD_CTX_new();
  if (!byte_buffer_reserve(&reader->buffer, 2 * READ_SIZE) || reader->elements == NULL ||
      reader->queue == NULL || reader->seen == NULL || reader->sha256 == NULL || reader->digest == NULL) {
    x12_reader_free(reader);
    return NULL;
  }
  return reader;
}

void x12_reader_free(struct x12_reader *reader) {
  if (reader == NULL) return;
  byte_buffer_free(&reader->buffer);
  free(reader->elements);
  free(reader->queue);
  free(reader->seen);
  EVP_MD_free(reader->sha256);
  EVP_MD_CTX_free(reader->digest);
  free(reader);
}

const struct x12_segment *x12_segment(const struct x12_reader *reader) { return &reader->segment; }

const struct x12_envelope *x12_envelope(const struct x12_reader *reader) { return &reader->envelope; }

const struct x12_finding *x12_finding(const struct x12_reader *reader) {
  return &reader->queue[reader->head].finding;
}

unsigned x12_transaction_faults(const struct x12_reader *reader) { return reader->faults; }

const unsigned char *x12_transaction_digest(const struct x12_reader *reader) { return reader->digest_value; }
