/*
 * CSV from outside (RFC 4180) over libcsv: rows one at a time, memory bounded by the longest row, with
 * ceilings. A byte order mark at the start is skipped; separators are commas; blank lines are not rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_CSV_READER_H
#define CONNEX_FORMAT_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  CSV_ROW_LIMIT = 1024 * 1024, /* bytes of one row: past it a quote is missing somewhere */
  CSV_FIELD_LIMIT = 256        /* fields of one row */
};

/* Supplies up to `size` bytes. Returns how many, 0 at the end, -1 on an error (errno says which). */
typedef ssize_t (*csv_read_function)(void *source, void *buffer, size_t size);

struct csv_field {
  const char *text; /* with a closing NUL, which `length` does not count; the text itself may hold NULs */
  size_t length;
};

/* Good during the call only. */
struct csv_row {
  uint64_t number; /* 1 is the first, as a person counts them; blank lines are not counted */
  const struct csv_field *fields;
  size_t count;
};

/* Returns false to stop. */
typedef bool (*csv_row_function)(void *context, const struct csv_row *row);

enum csv_outcome {
  CSV_DONE,
  CSV_STOPPED,   /* the row function returned false */
  CSV_TOO_LONG,  /* a row passed a ceiling; *rows is the number of the last good one */
  CSV_UNCLOSED,  /* the file ends inside quotes */
  CSV_UNREADABLE /* the source failed, or out of memory: errno says which */
};

/* Reads all. *rows becomes the number of rows handed out. */
enum csv_outcome csv_reader_run(csv_read_function read, void *source, csv_row_function row, void *context,
                                uint64_t *rows);

#endif
