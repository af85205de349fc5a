/*
 * X12 reader: a pull parser over a read callback. It knows the envelope (ISA, GS, ST and their trailers),
 * delimiters, segments and elements, and nothing of any transaction set; a mapper (remittance_reader.h) sits
 * on top.
 *
 * Memory is O(longest segment), with a cap. No fault in a file stops the reader: it reports a finding
 * with the segment's number and the code that a TA1 or 999 acknowledgment would have, and continues with
 * the next thing that it can read, so that one broken transaction does not affect the others.
 *
 * Delimiters are found by counting the sixteen separators of the ISA, not at fixed offsets: many files in the
 * field have an ISA that is not 106 characters wide. X12 has no release character before version 007040.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_X12_X12_H
#define CONNEX_FORMAT_X12_X12_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  X12_SEGMENT_LIMIT_DEFAULT = 1024 * 1024, /* bytes; a longer segment is reported and left out */
  X12_CONTROL_SIZE = 64, /* an identifier of the envelope, with its closing NUL; longer ones are cut */
  X12_MESSAGE_SIZE = 240,
  X12_DIGEST_SIZE = 32 /* SHA-256 */
};

/* Supplies up to `size` bytes. Returns how many, 0 at the end, -1 on an error (errno says which). */
typedef ssize_t (*x12_read_function)(void *source, void *buffer, size_t size);

/* A piece of text inside the reader's buffer; not NUL-terminated; valid until the next call of x12_next. */
struct x12_text {
  const char *data;
  size_t length;
};

struct x12_options {
  size_t segment_limit;  /* bytes; 0 stands for X12_SEGMENT_LIMIT_DEFAULT */
  bool without_envelope; /* accept a file that begins with ST, with the delimiters * : ~ */
};

struct x12_delimiters {
  char element;
  char component;  /* NUL when ISA16 is empty */
  char repetition; /* NUL when the file has none: ISA11 is U (version 4010) or a letter or digit */
  char terminator;
};

enum x12_event {
  X12_INTERCHANGE,     /* an ISA was read: x12_envelope has its values */
  X12_GROUP,           /* a GS was read */
  X12_TRANSACTION,     /* an ST was read */
  X12_SEGMENT,         /* any segment between ST and SE, or outside a transaction (a TA1) */
  X12_TRANSACTION_END, /* an SE was read, or the transaction was broken off: x12_transaction_faults says which
                        */
  X12_GROUP_END,
  X12_INTERCHANGE_END,
  X12_FINDING, /* x12_finding has it; it is about the event that comes next, or about the text just left out
                */
  X12_END,     /* the end of the source */
  X12_FAILED   /* the source could not be read, or out of memory: errno says which */
};

/* One segment. The texts live in the reader's buffer until the next call of x12_next. */
struct x12_segment {
  struct x12_text text;            /* all of it, without terminator and surrounding blanks: kept for audit */
  const struct x12_text *elements; /* [0] is the segment's name, [1] its first element (CLP01) */
  size_t element_count;            /* with the name */
  uint64_t number;                 /* in the file, the first is 1 */
  uint64_t number_in_transaction;  /* ST is 1; 0 outside */
};

/* What is known of the envelope around the present event. Texts are trimmed; empty when there is no envelope.
 */
struct x12_envelope {
  struct x12_delimiters delimiters;
  char sender[X12_CONTROL_SIZE];              /* ISA06 */
  char receiver[X12_CONTROL_SIZE];            /* ISA08 */
  char interchange_control[X12_CONTROL_SIZE]; /* ISA13 */
  char usage[X12_CONTROL_SIZE];               /* ISA15: P production, T test */
  char group_function[X12_CONTROL_SIZE];      /* GS01: HP for an 835 */
  char group_sender[X12_CONTROL_SIZE];        /* GS02 */
  char group_control[X12_CONTROL_SIZE];       /* GS06 */
  char group_version[X12_CONTROL_SIZE];       /* GS08 */
  char transaction_set[X12_CONTROL_SIZE];     /* ST01 */
  char transaction_control[X12_CONTROL_SIZE]; /* ST02 */
};

enum x12_severity {
  X12_FLAG,  /* accepted, and a person should look at it */
  X12_REFUSE /* the thing named cannot be used */
};

struct x12_finding {
  const char *code; /* stable word, such as "se01_count" */
  enum x12_severity severity;
  const char
      *acknowledgment;     /* where an acknowledgment says it: "TA105 021", "999 IK502 4"; "" when nowhere */
  uint64_t segment_number; /* in the file; 0 when about the file */
  char segment_name[4];
  char transaction_control[X12_CONTROL_SIZE]; /* ST02 of the transaction it is about; "" outside one */
  char message[X12_MESSAGE_SIZE];             /* plain words */
};

/* Bits of x12_transaction_faults. */
enum {
  X12_FAULT_NO_TRAILER = 1,   /* SE is missing: the transaction was broken off */
  X12_FAULT_CONTROL = 2,      /* SE02 is not ST02: the end belongs to another transaction */
  X12_FAULT_COUNT = 4,        /* SE01 is not the number of segments */
  X12_FAULT_SEGMENT_LOST = 8, /* a segment was longer than the limit and left out */
  X12_FAULT_DUPLICATE = 16    /* ST02 was used before in this group */
};

struct x12_reader;

/* Makes a reader over `source`, which the caller keeps and closes. NULL when out of memory.
 * Free with x12_reader_free. */
struct x12_reader *x12_reader_new(x12_read_function read, void *source, const struct x12_options *options);
void x12_reader_free(struct x12_reader *reader);

/* The next event. After X12_END or X12_FAILED it is the same again. */
enum x12_event x12_next(struct x12_reader *reader);

/* What the last event was about. Owned by the reader. */
const struct x12_segment *x12_segment(const struct x12_reader *reader);
const struct x12_envelope *x12_envelope(const struct x12_reader *reader);
const struct x12_finding *x12_finding(const struct x12_reader *reader);

/* After X12_TRANSACTION_END: the faults, and the SHA-256 of the transaction's segments (ST to SE, each
 * trimmed and followed by one newline, so that other line ends give the same digest). */
unsigned x12_transaction_faults(const struct x12_reader *reader);
const unsigned char *x12_transaction_digest(const struct x12_reader *reader);

/* Element `position` (1 for CLP01), without surrounding blanks; empty when absent. */
struct x12_text x12_element(const struct x12_segment *segment, size_t position);
/* Component `position` (1 first) of a text, by the file's component separator. Without one the text is
 * component 1. */
struct x12_text x12_component(struct x12_text text, char separator, size_t position);
bool x12_is(struct x12_text text, const char *word);
/* Copies with a closing NUL, cut to size - 1 bytes at a UTF-8 boundary. Returns false when it was cut. */
bool x12_copy(struct x12_text text, char *buffer, size_t size);

enum x12_value {
  X12_VALUE_OK,
  X12_VALUE_ABSENT,   /* empty */
  X12_VALUE_SYNTAX,   /* not a number, not a date */
  X12_VALUE_PRECISE,  /* more than two decimals in money: rounding would be our invention */
  X12_VALUE_TOO_LARGE /* more digits than money holds here (ten before the point) */
};

/* Money (X12 type R) as cents: "-0", ".5", "1500", "12.30" are good; "12.3456", "1e9", "+1", "." are not.
 * *cents is 0 unless X12_VALUE_OK is returned. */
enum x12_value x12_money(struct x12_text text, int64_t *cents);
/* A quantity (type R): checks the syntax and that it has at most `digits` before and `decimals` after the
 * point. */
enum x12_value x12_decimal(struct x12_text text, size_t digits, size_t decimals);
/* A count (type N0) of at most nine digits. */
enum x12_value x12_count(struct x12_text text, uint64_t *count);
/* CCYYMMDD to "YYYY-MM-DD" (11 bytes with NUL); a day that the calendar does not have is X12_VALUE_SYNTAX. */
enum x12_value x12_date(struct x12_text text, char iso[11]);
/* RD8: CCYYMMDD-CCYYMMDD; the first must not be after the second. */
enum x12_value x12_date_range(struct x12_text text, char from[11], char to[11]);
/* Plain words for a value that was not X12_VALUE_OK: "is not a number" ... */
const char *x12_value_words(enum x12_value value);

#endif
