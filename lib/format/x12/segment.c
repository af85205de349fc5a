/*
 * Finding segments in the source, and splitting them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/x12_internal.h"

/* ---------------------------------------------------------------- the buffer */

size_t x12_unread(const struct x12_reader *reader) { return reader->buffer.length - reader->begin; }

void x12_consume(struct x12_reader *reader, size_t count) { reader->begin += count; }

/* Makes room for one more read after the unread bytes. */
static bool make_room(struct x12_reader *reader) {
  struct byte_buffer *buffer = &reader->buffer;
  if (reader->begin > 0 && buffer->capacity - buffer->length < READ_SIZE) {
    memmove(buffer->data, buffer->data + reader->begin, x12_unread(reader));
    buffer->length -= reader->begin;
    reader->begin = 0;
  }
  return byte_buffer_reserve(buffer, READ_SIZE);
}

/* Reads once more. False at the end of the source, or when the reader broke. */
static bool fill(struct x12_reader *reader) {
  if (reader->source_ended || reader->state == BROKEN) return false;
  if (!make_room(reader)) {
    x12_fail(reader, ENOMEM);
    return false;
  }
  ssize_t got = reader->read(reader->source, reader->buffer.data + reader->buffer.length, READ_SIZE);
  if (got < 0) {
    x12_fail(reader, errno);
    return false;
  }
  reader->buffer.length += (size_t)got;
  reader->source_ended = got == 0;
  return got > 0;
}

bool x12_ensure(struct x12_reader *reader, size_t count) {
  while (x12_unread(reader) < count && fill(reader)) {
  }
  return x12_unread(reader) >= count;
}

/* ---------------------------------------------------------------- finding segments */

void x12_skip_blanks(struct x12_reader *reader) {
  while (x12_ensure(reader, 1)) {
    const char *at = reader->buffer.data + reader->begin;
    bool empty_segment = *at == reader->envelope.delimiters.terminator;
    if (x12_is_blank(*at) || empty_segment) x12_consume(reader, 1);
    else if (*at == '\xEF' && x12_ensure(reader, 3) &&
             memcmp(reader->buffer.data + reader->begin, "\xEF\xBB\xBF", 3) == 0)
      x12_consume(reader, 3); /* a byte order mark; files that were joined have them in the middle too */
    else return;
  }
}

static bool can_delimit(char c) { return !x12_is_letter_or_digit(c) && c != ' ' && c != '\0'; }

/* Finds the delimiters of an ISA by counting its separators. *length becomes its length with the terminator.
 */
static bool isa_delimiters(const char *text, size_t size, struct x12_delimiters *out, size_t *length) {
  if (size < 4 || memcmp(text, "ISA", 3) != 0 || !can_delimit(text[3])) return false;
  memset(out, 0, sizeof *out);
  out->element = text[3];
  size_t at = 0;
  size_t before_repetition = 0;
  for (size_t count = 0; count < ISA_ELEMENTS; at++) {
    if (at >= size) return false;
    if (text[at] == out->element) {
      count++;
      before_repetition = count == 11 ? at : before_repetition;
    }
  }
  if (at + 1 >= size) return false;
  bool component_missing =
      at + 3 < size && (memcmp(text + at + 1, "GS", 2) == 0 || memcmp(text + at + 1, "TA", 2) == 0);
  out->component = component_missing ? '\0' : text[at];
  out->terminator = component_missing ? text[at] : text[at + 1];
  *length = at + (component_missing ? 1 : 2);
  char repetition = text[before_repetition + 1];
  bool single = text[before_repetition + 2] == out->element;
  if (single && can_delimit(repetition) && repetition != out->component && repetition != out->terminator)
    out->repetition = repetition;
  return can_delimit(out->terminator) && (component_missing || can_delimit(out->component)) &&
         out->terminator != out->element && out->component != out->element &&
         out->component != out->terminator;
}

bool x12_at_isa(struct x12_reader *reader, struct x12_delimiters *delimiters, size_t *length) {
  if (!x12_ensure(reader, 4) || memcmp(reader->buffer.data + reader->begin, "ISA", 3) != 0 ||
      !can_delimit(reader->buffer.data[reader->begin + 3]))
    return false;
  (void)x12_ensure(reader, ISA_LOOK_AHEAD);
  size_t size = x12_unread(reader) < ISA_LOOK_AHEAD ? x12_unread(reader) : ISA_LOOK_AHEAD;
  return isa_delimiters(reader->buffer.data + reader->begin, size, delimiters, length);
}

static bool add_element(struct x12_reader *reader, const char *data, size_t length) {
  struct x12_segment *segment = &reader->segment;
  if (segment->element_count == reader->element_capacity) {
    size_t capacity = reader->element_capacity * 2;
    struct x12_text *elements = realloc(reader->elements, capacity * sizeof *elements);
    if (elements == NULL) {
      x12_fail(reader, ENOMEM);
      return false;
    }
    reader->elements = elements;
    reader->element_capacity = capacity;
    segment->elements = elements;
  }
  reader->elements[segment->element_count++] = (struct x12_text){data, length};
  return true;
}

/* Splits the segment in place. After `limit` elements the rest is one element: the data of BIN and BDS. */
bool x12_split_segment(struct x12_reader *reader, struct x12_text text, size_t limit) {
  struct x12_segment *segment = &reader->segment;
  segment->text = text;
  segment->elements = reader->elements;
  segment->element_count = 0;
  segment->number++;
  segment->number_in_transaction = 0;
  const char *at = text.data;
  const char *end = at + text.length;
  for (;;) {
    bool last = segment->element_count + 1 == limit;
    const char *stop =
        last || at == end ? NULL : memchr(at, reader->envelope.delimiters.element, (size_t)(end - at));
    if (!add_element(reader, at, (size_t)((stop == NULL ? end : stop) - at))) return false;
    if (stop == NULL) return true;
    at = stop + 1;
  }
}

/* Skips text up to and including the next terminator, however long it is. */
static void discard_segment(struct x12_reader *reader) {
  do {
    char *at = reader->buffer.data + reader->begin;
    char *stop = memchr(at, reader->envelope.delimiters.terminator, x12_unread(reader));
    if (stop != NULL) {
      x12_consume(reader, (size_t)(stop - at) + 1);
      return;
    }
    x12_consume(reader, x12_unread(reader));
  } while (fill(reader));
}

static void discard_bytes(struct x12_reader *reader, uint64_t count) {
  while (count > 0 && x12_ensure(reader, 1)) {
    size_t step = x12_unread(reader) < count ? x12_unread(reader) : (size_t)count;
    x12_consume(reader, step);
    count -= step;
  }
}

static void report_too_long(struct x12_reader *reader) {
  reader->segment.number++;
  reader->segment.element_count = 0;
  reader->faults |= reader->in_transaction ? X12_FAULT_SEGMENT_LOST : 0;
  x12_report(reader, X12_REFUSE, "segment_too_long", reader->in_transaction ? "999 IK502 5" : "TA105 024",
             "A segment is longer than %zu bytes and was left out; reading continued after it.",
             reader->limit);
}

/* BIN01 and BDS02 count the bytes of the data that follows, which may hold any character, terminators too.
 * Returns the length of the segment without its terminator; 0 when this is not such a segment or the count is
 * wrong. */
static uint64_t binary_length(struct x12_reader *reader, size_t *element_limit) {
  enum { LOOK_AHEAD = 64 };
  (void)x12_ensure(reader, LOOK_AHEAD);
  const char *text = reader->buffer.data + reader->begin;
  size_t size = x12_unread(reader) < LOOK_AHEAD ? x12_unread(reader) : LOOK_AHEAD;
  char element = reader->envelope.delimiters.element;
  bool bin = size > 4 && memcmp(text, "BIN", 3) == 0 && text[3] == element;
  bool bds = size > 4 && memcmp(text, "BDS", 3) == 0 && text[3] == element;
  if (!bin && !bds) return 0;
  const char *count_at = text + 4;
  const char *stop = memchr(count_at, element, size - 4);
  if (bds && stop != NULL) {
    count_at = stop + 1;
    stop = memchr(count_at, element, size - (size_t)(count_at - text));
  }
  uint64_t count = 0;
  if (stop == NULL ||
      x12_count((struct x12_text){count_at, (size_t)(stop - count_at)}, &count) != X12_VALUE_OK)
    return 0;
  *element_limit = bin ? 3 : 4;
  return (uint64_t)(stop + 1 - text) + count;
}

/* Reads a BIN or BDS by its count. False when it is not one, or when no terminator follows where the
 * count says. */
bool x12_read_binary(struct x12_reader *reader) {
  size_t element_limit = 0;
  uint64_t length = binary_length(reader, &element_limit);
  if (length == 0) return false;
  if (length > reader->limit) {
    report_too_long(reader);
    discard_bytes(reader, length);
    discard_segment(reader);
    return true;
  }
  size_t size = (size_t)length;
  if (!x12_ensure(reader, size + 1) ||
      reader->buffer.data[reader->begin + size] != reader->envelope.delimiters.terminator) {
    x12_report(
        reader, X12_FLAG, "binary_count", "999 IK304 8",
        "The byte count of a BIN or BDS segment is wrong; the segment was read up to the next terminator.");
    return false;
  }
  if (x12_split_segment(reader, (struct x12_text){reader->buffer.data + reader->begin, size},
                        element_limit)) {
    x12_consume(reader, size + 1);
    reader->held = true;
  }
  return true;
}

/* Reads one segment by its terminator. */
void x12_read_segment(struct x12_reader *reader) {
  size_t looked = 0;
  char *stop = NULL;
  for (;;) {
    char *at = reader->buffer.data + reader->begin;
    stop = memchr(at + looked, reader->envelope.delimiters.terminator, x12_unread(reader) - looked);
    looked = x12_unread(reader);
    if (stop != NULL || looked > reader->limit || !fill(reader)) break;
  }
  if (reader->state == BROKEN) return;
  char *at = reader->buffer.data + reader->begin;
  size_t length = stop == NULL ? x12_unread(reader) : (size_t)(stop - at);
  if (length > reader->limit) {
    report_too_long(reader);
    discard_segment(reader);
    return;
  }
  if (!x12_split_segment(reader, x12_trim((struct x12_text){at, length}), SIZE_MAX)) return;
  x12_consume(reader, length + (stop == NULL ? 0 : 1));
  reader->held = true;
  if (stop == NULL) {
    x12_report(reader, X12_FLAG, "segment_unterminated", "TA105 023",
               "The last segment of the file has no terminator; the file may have been cut off.");
  }
}
