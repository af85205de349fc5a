/*
 * The X12 reader: see x12.h. One buffer, one pass: bytes are read into the buffer, a segment is found by its
 * terminator and split in place, the envelope is followed, and events are handed out through a short queue.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/x12/x12.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  READ_SIZE = 64 * 1024,
  ISA_LOOK_AHEAD = 512, /* an ISA is 106 characters where nothing was trimmed or padded */
  ISA_WIDTH = 106,
  ISA_ELEMENTS = 16,
  QUEUE_SIZE = 32,    /* one segment causes at most a dozen findings and events */
  SEEN_SIZE = 1 << 16 /* control numbers remembered, see control_is_new */
};

enum state { BETWEEN_INTERCHANGES, INSIDE, ENDED, BROKEN };

struct queued {
  enum x12_event event;
  struct x12_finding finding;
};

struct x12_reader {
  x12_read_function read;
  void *source;
  size_t limit;
  bool without_envelope;

  char *buffer; /* owned; what is unread lies between begin and end */
  size_t capacity;
  size_t begin;
  size_t end;
  bool source_ended;
  int error;

  enum state state;
  bool bare;           /* inside text that has no envelope */
  bool held;           /* the segment waits until the levels it broke off are closed */
  bool stray_reported; /* one finding for each stretch of text that belongs nowhere */
  bool in_interchange, in_group, in_transaction;
  uint64_t groups;       /* in this interchange */
  uint64_t transactions; /* in this group */
  uint64_t segments;     /* in this transaction */
  uint64_t interchange_serial, group_serial;
  unsigned faults;

  struct x12_envelope envelope;
  struct x12_segment segment;
  struct x12_text *elements; /* owned */
  size_t element_capacity;

  struct queued *queue; /* owned: QUEUE_SIZE entries, used from head to tail, emptied before more is read */
  size_t head;
  size_t tail;

  uint64_t *seen; /* owned: open addressing, 0 is free */
  size_t seen_count;

  EVP_MD *sha256;     /* owned */
  EVP_MD_CTX *digest; /* owned */
  unsigned char digest_value[X12_DIGEST_SIZE];
};

/* ---------------------------------------------------------------- text */

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '\x1a';
}

static bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static struct x12_text trim(struct x12_text text) {
  while (text.length > 0 && is_blank(text.data[0])) {
    text.data++;
    text.length--;
  }
  while (text.length > 0 && is_blank(text.data[text.length - 1])) text.length--;
  return text;
}

struct x12_text x12_element(const struct x12_segment *segment, size_t position) {
  if (position >= segment->element_count) return (struct x12_text){"", 0};
  return trim(segment->elements[position]);
}

struct x12_text x12_component(struct x12_text text, char separator, size_t position) {
  const char *at = text.data;
  const char *end = at + text.length;
  for (size_t i = 1;; i++) {
    const char *stop = separator == '\0' || at == end ? NULL : memchr(at, separator, (size_t)(end - at));
    if (i == position) return trim((struct x12_text){at, (size_t)((stop == NULL ? end : stop) - at)});
    if (stop == NULL) return (struct x12_text){"", 0};
    at = stop + 1;
  }
}

bool x12_is(struct x12_text text, const char *word) {
  return text.length == strlen(word) && memcmp(text.data, word, text.length) == 0;
}

bool x12_copy(struct x12_text text, char *buffer, size_t size) {
  size_t length = text.length < size ? text.length : size - 1;
  if (length < text.length) /* never leave half a UTF-8 character at the end */
    while (length > 0 && ((unsigned char)text.data[length] & 0xC0) == 0x80) length--;
  if (length > 0) memcpy(buffer, text.data, length);
  buffer[length] = '\0';
  return length == text.length;
}

static void keep(const struct x12_segment *segment, size_t position, char *field) {
  (void)x12_copy(x12_element(segment, position), field, X12_CONTROL_SIZE);
}

/* ISA13/IEA02 and GS06/GE02 are numbers: 0001 and 1 are the same. */
static bool same_control(const char *a, struct x12_text b) {
  char other[X12_CONTROL_SIZE];
  (void)x12_copy(b, other, sizeof other);
  return strcmp(a + strspn(a, "0"), other + strspn(other, "0")) == 0;
}

/* ---------------------------------------------------------------- the queue */

static void queue_event(struct x12_reader *reader, enum x12_event event) {
  if (reader->tail < QUEUE_SIZE) reader->queue[reader->tail++].event = event;
}

__attribute__((format(printf, 5, 6))) static void report(struct x12_reader *reader,
                                                         enum x12_severity severity, const char *code,
                                                         const char *acknowledgment, const char *format,
                                                         ...) {
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

/* ---------------------------------------------------------------- control numbers */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * UINT64_C(1099511628211); /* FNV-1a */
  return hash;
}

/* Remembers a control number within its scope; false when it was there. To keep memory bounded the set is
 * emptied when it is half full: a repetition more than 32,768 control numbers away is then found by the
 * database's key alone. */
static bool control_is_new(struct x12_reader *reader, char level, uint64_t scope, const char *more,
                           const char *number) {
  uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), &level, 1);
  hash = hash_bytes(hash, &scope, sizeof scope);
  hash = hash_bytes(hash, more, strlen(more) + 1);
  hash = hash_bytes(hash, number, strlen(number)) | 1;
  if (reader->seen_count >= SEEN_SIZE / 2) {
    memset(reader->seen, 0, SEEN_SIZE * sizeof *reader->seen);
    reader->seen_count = 0;
  }
  size_t at = (size_t)(hash >> 1) & (SEEN_SIZE - 1);
  while (reader->seen[at] != 0) {
    if (reader->seen[at] == hash) return false;
    at = (at + 1) & (SEEN_SIZE - 1);
  }
  reader->seen[at] = hash;
  reader->seen_count++;
  return true;
}

/* ---------------------------------------------------------------- the buffer */

static size_t unread(const struct x12_reader *reader) { return reader->end - reader->begin; }

static void consume(struct x12_reader *reader, size_t count) { reader->begin += count; }

/* Makes room for one more read behind what is unread. */
static bool make_room(struct x12_reader *reader) {
  if (reader->begin > 0 && reader->capacity - reader->end < READ_SIZE) {
    memmove(reader->buffer, reader->buffer + reader->begin, unread(reader));
    reader->end -= reader->begin;
    reader->begin = 0;
  }
  if (reader->capacity - reader->end >= READ_SIZE) return true;
  size_t capacity = reader->capacity * 2;
  char *buffer = realloc(reader->buffer, capacity);
  if (buffer == NULL) return false;
  reader->buffer = buffer;
  reader->capacity = capacity;
  return true;
}

static void fail(struct x12_reader *reader, int error) {
  reader->state = BROKEN;
  reader->error = error;
}

/* Reads once more. False at the end of the source, or when the reader broke. */
static bool fill(struct x12_reader *reader) {
  if (reader->source_ended || reader->state == BROKEN) return false;
  if (!make_room(reader)) {
    fail(reader, ENOMEM);
    return false;
  }
  ssize_t got = reader->read(reader->source, reader->buffer + reader->end, READ_SIZE);
  if (got < 0) {
    fail(reader, errno);
    return false;
  }
  reader->end += (size_t)got;
  reader->source_ended = got == 0;
  return got > 0;
}

static bool ensure(struct x12_reader *reader, size_t count) {
  while (unread(reader) < count && fill(reader)) {
  }
  return unread(reader) >= count;
}

/* ---------------------------------------------------------------- finding segments */

static void skip_blanks(struct x12_reader *reader) {
  while (ensure(reader, 1)) {
    const char *at = reader->buffer + reader->begin;
    bool empty_segment = *at == reader->envelope.delimiters.terminator;
    if (is_blank(*at) || empty_segment) consume(reader, 1);
    else if (*at == '\xEF' && ensure(reader, 3) &&
             memcmp(reader->buffer + reader->begin, "\xEF\xBB\xBF", 3) == 0)
      consume(reader, 3); /* a byte order mark; files that were joined have them in the middle too */
    else return;
  }
}

static bool can_delimit(char c) { return !is_letter_or_digit(c) && c != ' ' && c != '\0'; }

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

static bool at_isa(struct x12_reader *reader, struct x12_delimiters *delimiters, size_t *length) {
  if (!ensure(reader, 4) || memcmp(reader->buffer + reader->begin, "ISA", 3) != 0 ||
      !can_delimit(reader->buffer[reader->begin + 3]))
    return false;
  (void)ensure(reader, ISA_LOOK_AHEAD);
  size_t size = unread(reader) < ISA_LOOK_AHEAD ? unread(reader) : ISA_LOOK_AHEAD;
  return isa_delimiters(reader->buffer + reader->begin, size, delimiters, length);
}

static bool add_element(struct x12_reader *reader, const char *data, size_t length) {
  struct x12_segment *segment = &reader->segment;
  if (segment->element_count == reader->element_capacity) {
    size_t capacity = reader->element_capacity * 2;
    struct x12_text *elements = realloc(reader->elements, capacity * sizeof *elements);
    if (elements == NULL) {
      fail(reader, ENOMEM);
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
static bool split_segment(struct x12_reader *reader, struct x12_text text, size_t limit) {
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

/* Leaves out text up to and with the next terminator, however long it is. */
static void discard_segment(struct x12_reader *reader) {
  do {
    char *at = reader->buffer + reader->begin;
    char *stop = memchr(at, reader->envelope.delimiters.terminator, unread(reader));
    if (stop != NULL) {
      consume(reader, (size_t)(stop - at) + 1);
      return;
    }
    consume(reader, unread(reader));
  } while (fill(reader));
}

static void discard_bytes(struct x12_reader *reader, uint64_t count) {
  while (count > 0 && ensure(reader, 1)) {
    size_t step = unread(reader) < count ? unread(reader) : (size_t)count;
    consume(reader, step);
    count -= step;
  }
}

static void report_too_long(struct x12_reader *reader) {
  reader->segment.number++;
  reader->segment.element_count = 0;
  reader->faults |= reader->in_transaction ? X12_FAULT_SEGMENT_LOST : 0;
  report(reader, X12_REFUSE, "segment_too_long", reader->in_transaction ? "999 IK502 5" : "TA105 024",
         "A segment is longer than %zu bytes and was left out; reading went on after it.", reader->limit);
}

/* BIN01 and BDS02 count the bytes of the data that follows, which may hold any character, terminators too.
 * Returns the length of the segment without its terminator; 0 when this is not such a segment or the count is
 * wrong. */
static uint64_t binary_length(struct x12_reader *reader, size_t *element_limit) {
  enum { LOOK_AHEAD = 64 };
  (void)ensure(reader, LOOK_AHEAD);
  const char *text = reader->buffer + reader->begin;
  size_t size = unread(reader) < LOOK_AHEAD ? unread(reader) : LOOK_AHEAD;
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

/* Reads a BIN or BDS by its count. False when it is none, or when no terminator follows where the count says.
 */
static bool read_binary(struct x12_reader *reader) {
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
  if (!ensure(reader, size + 1) ||
      reader->buffer[reader->begin + size] != reader->envelope.delimiters.terminator) {
    report(
        reader, X12_FLAG, "binary_count", "999 IK304 8",
        "The byte count of a BIN or BDS segment is wrong; the segment was read up to the next terminator.");
    return false;
  }
  if (split_segment(reader, (struct x12_text){reader->buffer + reader->begin, size}, element_limit)) {
    consume(reader, size + 1);
    reader->held = true;
  }
  return true;
}

/* Reads one segment by its terminator. */
static void read_segment(struct x12_reader *reader) {
  size_t looked = 0;
  char *stop = NULL;
  for (;;) {
    char *at = reader->buffer + reader->begin;
    stop = memchr(at + looked, reader->envelope.delimiters.terminator, unread(reader) - looked);
    looked = unread(reader);
    if (stop != NULL || looked > reader->limit || !fill(reader)) break;
  }
  if (reader->state == BROKEN) return;
  char *at = reader->buffer + reader->begin;
  size_t length = stop == NULL ? unread(reader) : (size_t)(stop - at);
  if (length > reader->limit) {
    report_too_long(reader);
    discard_segment(reader);
    return;
  }
  if (!split_segment(reader, trim((struct x12_text){at, length}), SIZE_MAX)) return;
  consume(reader, length + (stop == NULL ? 0 : 1));
  reader->held = true;
  if (stop == NULL) {
    report(reader, X12_FLAG, "segment_unterminated", "TA105 023",
           "The last segment of the file has no terminator; the file may have been cut off.");
  }
}

/* ---------------------------------------------------------------- following the envelope */

static void begin_digest(struct x12_reader *reader) {
  if (EVP_DigestInit_ex2(reader->digest, reader->sha256, NULL) != 1) fail(reader, ENOMEM);
}

/* Counts a segment of the transaction and adds it to the digest. */
static void take_segment(struct x12_reader *reader) {
  reader->segment.number_in_transaction = ++reader->segments;
  if (EVP_DigestUpdate(reader->digest, reader->segment.text.data, reader->segment.text.length) != 1 ||
      EVP_DigestUpdate(reader->digest, "\n", 1) != 1)
    fail(reader, ENOMEM);
}

static void close_transaction(struct x12_reader *reader) {
  unsigned length = 0;
  if (EVP_DigestFinal_ex(reader->digest, reader->digest_value, &length) != 1) fail(reader, ENOMEM);
  reader->in_transaction = false;
  queue_event(reader, X12_TRANSACTION_END);
}

static void break_off_transaction(struct x12_reader *reader) {
  reader->faults |= X12_FAULT_NO_TRAILER;
  report(reader, X12_REFUSE, "se_missing", "999 IK502 2",
         "Transaction %s has no SE: it was broken off after %llu segments.",
         reader->envelope.transaction_control, (unsigned long long)reader->segments);
  close_transaction(reader);
}

static void break_off_group(struct x12_reader *reader) {
  report(reader, X12_FLAG, "ge_missing", "999 AK905 3", "Functional group %s has no GE.",
         reader->envelope.group_control);
  reader->in_group = false;
  queue_event(reader, X12_GROUP_END);
}

static void break_off_interchange(struct x12_reader *reader, bool source_ended) {
  report(reader, X12_FLAG, "iea_missing", source_ended ? "TA105 023" : "TA105 022",
         "Interchange %s has no IEA%s.", reader->envelope.interchange_control,
         source_ended ? ": the file ends before it" : "");
  reader->in_interchange = false;
  queue_event(reader, X12_INTERCHANGE_END);
}

enum level { LEVEL_INTERCHANGE, LEVEL_GROUP, LEVEL_TRANSACTION };

/* Closes what is still open at this level and below. True when something was: the caller comes again. */
static bool close_levels(struct x12_reader *reader, enum level level, bool source_ended) {
  size_t before = reader->tail;
  if (reader->in_transaction) break_off_transaction(reader);
  if (reader->in_group && level <= LEVEL_GROUP) break_off_group(reader);
  if (reader->in_interchange && level <= LEVEL_INTERCHANGE) break_off_interchange(reader, source_ended);
  return reader->tail > before;
}

static void report_stray(struct x12_reader *reader, const char *why) {
  if (!reader->stray_reported) {
    report(reader, X12_FLAG, "segment_unexpected", reader->in_interchange ? "999 IK304 2" : "TA105 022",
           "Segment %llu is not expected here (%s); what stands there was left out.",
           (unsigned long long)reader->segment.number, why);
  }
  reader->stray_reported = true;
}

static void open_interchange(struct x12_reader *reader, struct x12_text text) {
  struct x12_envelope *envelope = &reader->envelope;
  struct x12_delimiters delimiters = envelope->delimiters;
  memset(envelope, 0, sizeof *envelope);
  envelope->delimiters = delimiters;
  keep(&reader->segment, 6, envelope->sender);
  keep(&reader->segment, 8, envelope->receiver);
  keep(&reader->segment, 13, envelope->interchange_control);
  keep(&reader->segment, 15, envelope->usage);
  reader->in_interchange = true;
  reader->bare = false;
  reader->stray_reported = false;
  reader->groups = 0;
  reader->interchange_serial++;
  if (text.length + 1 != ISA_WIDTH) {
    report(reader, X12_FLAG, "isa_width", "TA105 024",
           "The ISA is %zu characters wide instead of %d; its delimiters were found by counting.",
           text.length + 1, ISA_WIDTH);
  }
  if (!control_is_new(reader, 'I', 0, envelope->sender, envelope->interchange_control)) {
    report(reader, X12_FLAG, "isa_duplicate", "TA105 025",
           "Interchange control number %s of this sender was used before in this file.",
           envelope->interchange_control);
  }
  queue_event(reader, X12_INTERCHANGE);
}

static void open_group(struct x12_reader *reader) {
  if (close_levels(reader, LEVEL_GROUP, false)) return;
  struct x12_envelope *envelope = &reader->envelope;
  keep(&reader->segment, 1, envelope->group_function);
  keep(&reader->segment, 2, envelope->group_sender);
  keep(&reader->segment, 6, envelope->group_control);
  keep(&reader->segment, 8, envelope->group_version);
  reader->held = false;
  reader->in_group = true;
  reader->stray_reported = false;
  reader->transactions = 0;
  reader->groups++;
  reader->group_serial++;
  if (!control_is_new(reader, 'G', reader->interchange_serial, envelope->group_function,
                      envelope->group_control)) {
    report(reader, X12_FLAG, "gs_duplicate", "999 AK905 19",
           "Group control number %s was used before in this interchange.", envelope->group_control);
  }
  queue_event(reader, X12_GROUP);
}

static void open_transaction(struct x12_reader *reader) {
  if (close_levels(reader, LEVEL_TRANSACTION, false)) return;
  struct x12_envelope *envelope = &reader->envelope;
  keep(&reader->segment, 1, envelope->transaction_set);
  keep(&reader->segment, 2, envelope->transaction_control);
  reader->held = false;
  reader->in_transaction = true;
  reader->stray_reported = false;
  reader->segments = 0;
  reader->faults = 0;
  reader->transactions++;
  begin_digest(reader);
  take_segment(reader);
  if (!reader->in_group && !reader->bare) {
    report(reader, X12_FLAG, "gs_missing", "TA105 024", "Transaction %s stands outside a functional group.",
           envelope->transaction_control);
  }
  if (envelope->transaction_control[0] == '\0') {
    report(reader, X12_FLAG, "st_control_missing", "999 IK502 7",
           "The ST has no transaction set control number.");
  } else if (!control_is_new(reader, 'T', reader->group_serial, "", envelope->transaction_control)) {
    reader->faults |= X12_FAULT_DUPLICATE;
    report(reader, X12_FLAG, "st_duplicate", "999 IK502 23",
           "Transaction control number %s was used before in this group.", envelope->transaction_control);
  }
  queue_event(reader, X12_TRANSACTION);
}

static bool counts_agree(struct x12_text text, uint64_t counted) {
  uint64_t stated = 0;
  return x12_count(text, &stated) == X12_VALUE_OK && stated == counted;
}

static int shown(struct x12_text text) { return text.length < 20 ? (int)text.length : 20; }

static void end_transaction(struct x12_reader *reader) {
  reader->held = false;
  if (!reader->in_transaction) {
    report_stray(reader, "an SE without its ST");
    return;
  }
  take_segment(reader);
  struct x12_text count = x12_element(&reader->segment, 1);
  struct x12_text control = x12_element(&reader->segment, 2);
  if (!counts_agree(count, reader->segments)) {
    reader->faults |= X12_FAULT_COUNT;
    report(reader, X12_FLAG, "se01_count", "999 IK502 4",
           "SE01 says %.*s segments, the transaction has %llu.", shown(count), count.data,
           (unsigned long long)reader->segments);
  }
  if (!same_control(reader->envelope.transaction_control, control)) {
    reader->faults |= X12_FAULT_CONTROL;
    report(reader, X12_REFUSE, "se02_control", "999 IK502 3",
           "SE02 is %.*s, but the transaction began as ST02 %s.", shown(control), control.data,
           reader->envelope.transaction_control);
  }
  close_transaction(reader);
}

static void end_group(struct x12_reader *reader) {
  if (close_levels(reader, LEVEL_TRANSACTION, false)) return;
  reader->held = false;
  if (!reader->in_group) {
    report_stray(reader, "a GE without its GS");
    return;
  }
  struct x12_text count = x12_element(&reader->segment, 1);
  struct x12_text control = x12_element(&reader->segment, 2);
  if (!counts_agree(count, reader->transactions)) {
    report(reader, X12_FLAG, "ge01_count", "999 AK905 5", "GE01 says %.*s transactions, the group has %llu.",
           shown(count), count.data, (unsigned long long)reader->transactions);
  }
  if (!same_control(reader->envelope.group_control, control)) {
    report(reader, X12_FLAG, "ge02_control", "999 AK905 4", "GE02 is %.*s, but the group began as GS06 %s.",
           shown(control), control.data, reader->envelope.group_control);
  }
  reader->in_group = false;
  queue_event(reader, X12_GROUP_END);
}

static void end_interchange(struct x12_reader *reader) {
  if (close_levels(reader, LEVEL_GROUP, false)) return;
  reader->held = false;
  if (!reader->in_interchange) {
    report_stray(reader, "an IEA without its ISA");
    return;
  }
  struct x12_text count = x12_element(&reader->segment, 1);
  struct x12_text control = x12_element(&reader->segment, 2);
  if (!counts_agree(count, reader->groups)) {
    report(reader, X12_FLAG, "iea01_count", "TA105 021", "IEA01 says %.*s groups, the interchange has %llu.",
           shown(count), count.data, (unsigned long long)reader->groups);
  }
  if (!same_control(reader->envelope.interchange_control, control)) {
    report(reader, X12_FLAG, "iea02_control", "TA105 001",
           "IEA02 is %.*s, but the interchange began as ISA13 %s.", shown(control), control.data,
           reader->envelope.interchange_control);
  }
  reader->in_interchange = false;
  reader->state = BETWEEN_INTERCHANGES;
  queue_event(reader, X12_INTERCHANGE_END);
}

/* A segment name is a letter and one or two letters or digits. */
static bool name_is_good(struct x12_text name) {
  bool good = name.length >= 2 && name.length <= 3 && name.data[0] >= 'A' && name.data[0] <= 'Z';
  for (size_t i = 1; good && i < name.length; i++)
    good = is_letter_or_digit(name.data[i]) && !(name.data[i] >= 'a' && name.data[i] <= 'z');
  return good;
}

static void other_segment(struct x12_reader *reader) {
  reader->held = false;
  struct x12_text name = x12_element(&reader->segment, 0);
  if (!reader->in_transaction) {
    if (x12_is(name, "TA1") && reader->in_interchange) queue_event(reader, X12_SEGMENT);
    else report_stray(reader, "it is outside a transaction");
    return;
  }
  take_segment(reader);
  if (!name_is_good(name)) {
    report(reader, X12_FLAG, "segment_name", "999 IK304 1",
           "Segment %llu does not begin with a segment name.", (unsigned long long)reader->segment.number);
  }
  queue_event(reader, X12_SEGMENT);
}

static void follow_segment(struct x12_reader *reader) {
  static const struct {
    const char *name;
    void (*follow)(struct x12_reader *reader);
  } envelope_segments[] = {
      {"ST", open_transaction}, {"SE", end_transaction},  {"GS", open_group},
      {"GE", end_group},        {"IEA", end_interchange},
  };
  struct x12_text name = x12_element(&reader->segment, 0);
  for (size_t i = 0; i < sizeof envelope_segments / sizeof envelope_segments[0]; i++) {
    if (x12_is(name, envelope_segments[i].name)) {
      envelope_segments[i].follow(reader);
      return;
    }
  }
  other_segment(reader);
}

/* ---------------------------------------------------------------- between interchanges */

static void read_isa(struct x12_reader *reader, const struct x12_delimiters *delimiters, size_t length) {
  if (close_levels(reader, LEVEL_INTERCHANGE, false))
    return; /* nothing was consumed: the ISA is read when these events are out */
  reader->envelope.delimiters = *delimiters;
  reader->state = INSIDE;
  struct x12_text text = {reader->buffer + reader->begin, length - 1};
  if (split_segment(reader, text, SIZE_MAX)) {
    consume(reader, length);
    open_interchange(reader, text);
  }
}

static bool at_bare_transaction(struct x12_reader *reader) {
  return ensure(reader, 3) && memcmp(reader->buffer + reader->begin, "ST*", 3) == 0;
}

static void begin_bare(struct x12_reader *reader) {
  memset(&reader->envelope, 0, sizeof reader->envelope);
  reader->envelope.delimiters = (struct x12_delimiters){.element = '*', .component = ':', .terminator = '~'};
  reader->state = INSIDE;
  reader->bare = true;
  reader->group_serial++;
  reader->segment.element_count = 0;
}

/* Text that belongs to no interchange: says so once, and goes to the next readable ISA, or to the end. */
static void skip_to_interchange(struct x12_reader *reader) {
  reader->segment.element_count = 0;
  if (at_bare_transaction(reader)) {
    report(reader, X12_REFUSE, "envelope_missing", "TA105 022",
           "There is no ISA before the ST. If the file is meant to have no envelope, load it with "
           "--without-envelope.");
  } else if (unread(reader) >= 3 && memcmp(reader->buffer + reader->begin, "ISA", 3) == 0) {
    report(reader, X12_REFUSE, "isa_unreadable", "TA105 022",
           "The ISA does not have sixteen elements and distinct delimiters; the interchange cannot be read.");
  } else {
    report(reader, X12_FLAG, "text_outside", "TA105 022",
           "Text that belongs to no interchange was left out.");
  }
  consume(reader, 1);
  struct x12_delimiters delimiters;
  size_t length;
  while (ensure(reader, 3) && !at_isa(reader, &delimiters, &length)) {
    char *at = reader->buffer + reader->begin;
    char *found = memchr(at + 1, 'I', unread(reader) - 1);
    consume(reader, found == NULL ? unread(reader) : (size_t)(found - at));
  }
  if (reader->state != BROKEN && unread(reader) < 3) consume(reader, unread(reader));
}

static void read_between(struct x12_reader *reader) {
  if (reader->without_envelope && at_bare_transaction(reader)) begin_bare(reader);
  else skip_to_interchange(reader);
}

static void end_source(struct x12_reader *reader) {
  if (!close_levels(reader, LEVEL_INTERCHANGE, true)) {
    reader->state = ENDED;
    queue_event(reader, X12_END);
  }
}

/* Does one thing: puts something into the queue, or moves on in the text. */
static void step(struct x12_reader *reader) {
  if (reader->held) {
    follow_segment(reader);
    return;
  }
  skip_blanks(reader);
  struct x12_delimiters delimiters;
  size_t length = 0;
  if (reader->state == BROKEN) return;
  if (unread(reader) == 0) end_source(reader);
  else if (at_isa(reader, &delimiters, &length)) read_isa(reader, &delimiters, length);
  else if (reader->state == BETWEEN_INTERCHANGES) read_between(reader);
  else if (!read_binary(reader)) read_segment(reader);
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
  reader->capacity = 2 * READ_SIZE;
  reader->element_capacity = 64;
  reader->buffer = malloc(reader->capacity);
  reader->elements = malloc(reader->element_capacity * sizeof *reader->elements);
  reader->queue = calloc(QUEUE_SIZE, sizeof *reader->queue);
  reader->seen = calloc(SEEN_SIZE, sizeof *reader->seen);
  reader->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  reader->digest = EVP_MD_CTX_new();
  if (reader->buffer == NULL || reader->elements == NULL || reader->queue == NULL || reader->seen == NULL ||
      reader->sha256 == NULL || reader->digest == NULL) {
    x12_reader_free(reader);
    return NULL;
  }
  return reader;
}

void x12_reader_free(struct x12_reader *reader) {
  if (reader == NULL) return;
  free(reader->buffer);
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
