/*
 * What the files of the X12 reader share. One buffer, one pass: bytes are read into the buffer, a segment is
 * found by its terminator and split in place (segment.c), the envelope is followed (envelope.c), and events
 * are handed out through a short queue (x12.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_X12_X12_INTERNAL_H
#define CONNEX_FORMAT_X12_X12_INTERNAL_H

#include <openssl/evp.h>

#include "base/byte_buffer.h"
#include "format/x12/x12.h"

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

  struct byte_buffer buffer; /* the unread bytes are between begin and its length */
  size_t begin;
  bool source_ended;
  int error;

  enum state state;
  bool bare;           /* inside text that has no envelope */
  bool held;           /* the segment waits until the levels it broke off are closed */
  bool stray_reported; /* one finding for each stretch of text that does not belong anywhere */
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

/* x12.c */
void x12_queue_event(struct x12_reader *reader, enum x12_event event);
__attribute__((format(printf, 5, 6))) void x12_report(struct x12_reader *reader, enum x12_severity severity,
                                                      const char *code, const char *acknowledgment,
                                                      const char *format, ...);
/* The reader can do no more; `error` is an errno. */
void x12_fail(struct x12_reader *reader, int error);

/* x12_text.c */
bool x12_is_blank(char c);
bool x12_is_letter_or_digit(char c);
struct x12_text x12_trim(struct x12_text text);

/* segment.c */
size_t x12_unread(const struct x12_reader *reader);
void x12_consume(struct x12_reader *reader, size_t count);
/* Reads until `count` bytes are unread. False when the source ends before that, or failed. */
bool x12_ensure(struct x12_reader *reader, size_t count);
void x12_skip_blanks(struct x12_reader *reader);
/* Whether a readable ISA is here; if so, its delimiters, and its length with the terminator. */
bool x12_at_isa(struct x12_reader *reader, struct x12_delimiters *delimiters, size_t *length);
/* Splits a segment in place. After `limit` elements the rest is one element: the data of BIN and BDS. */
bool x12_split_segment(struct x12_reader *reader, struct x12_text text, size_t limit);
/* Reads a BIN or BDS by its count. False when it is not one, or when no terminator follows its data. */
bool x12_read_binary(struct x12_reader *reader);
/* Reads one segment by its terminator. */
void x12_read_segment(struct x12_reader *reader);

/* envelope.c */
enum level { LEVEL_INTERCHANGE, LEVEL_GROUP, LEVEL_TRANSACTION };
/* Closes what is still open at this level and below. True when something was; the caller then returns and is
 * called again. */
bool x12_close_levels(struct x12_reader *reader, enum level level, bool source_ended);
void x12_open_interchange(struct x12_reader *reader, struct x12_text text);
void x12_follow_segment(struct x12_reader *reader);

#endif
