/*
 * See csv_reader.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/csv_reader.h"

#include <csv.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_buffer.h"

enum { PIECE = 16 * 1024 };

struct csv_state {
  csv_row_function row;
  void *context;
  struct byte_buffer text; /* owned: the fields of the row so far, each with a NUL */
  size_t starts[CSV_FIELD_LIMIT];
  struct csv_field fields[CSV_FIELD_LIMIT];
  size_t count;
  uint64_t rows;
  bool stopped, too_long, failed;
};

/* libcsv grows its buffer with the field; this limit ends a field whose quote is missing. */
static void *bounded_realloc(void *memory, size_t size) {
  return size > CSV_ROW_LIMIT + 1024 ? NULL : realloc(memory, size);
}

static bool is_over(const struct csv_state *state) {
  return state->stopped || state->too_long || state->failed;
}

static void take_field(void *data, size_t length, void *context) {
  struct csv_state *state = context;
  if (is_over(state)) return;
  if (state->count == CSV_FIELD_LIMIT || state->text.length + length + 1 > CSV_ROW_LIMIT) {
    state->too_long = true;
    return;
  }
  state->starts[state->count] = state->text.length;
  state->fields[state->count++].length = length;
  byte_buffer_add(&state->text, data, length);
  byte_buffer_add(&state->text, "", 1);
  state->failed = state->text.failed;
}

static void take_row(int end, void *context) {
  struct csv_state *state = context;
  (void)end;
  if (is_over(state)) return;
  for (size_t i = 0; i < state->count; i++) state->fields[i].text = state->text.data + state->starts[i];
  struct csv_row row = {++state->rows, state->fields, state->count};
  state->stopped = !state->row(state->context, &row);
  state->count = 0;
  byte_buffer_clear(&state->text);
}

static enum csv_outcome outcome_of(const struct csv_state *state, int error) {
  if (state->stopped) return CSV_STOPPED;
  if (state->too_long || error == CSV_ENOMEM || error == CSV_ETOOBIG) return CSV_TOO_LONG;
  errno = ENOMEM;
  return CSV_UNREADABLE;
}

/* libcsv reports this only in strict mode, which would also refuse a stray quote inside a field. */
static bool ends_inside_quotes(const struct csv_parser *parser) {
  enum { FIELD_BEGUN = 2 }; /* as in libcsv.c */
  return parser->quoted != 0 && parser->pstate == FIELD_BEGUN;
}

/* The first piece has at least three bytes, where there are so many: a pipe may bring the byte order mark in
 * parts. */
static ssize_t read_first(csv_read_function read, void *source, char *piece, size_t size) {
  size_t have = 0;
  while (have < 3) {
    ssize_t got = read(source, piece + have, size - have);
    if (got < 0) return got;
    if (got == 0) break;
    have += (size_t)got;
  }
  return (ssize_t)have;
}

/* Reads piece by piece until the end. */
static enum csv_outcome read_pieces(struct csv_parser *parser, struct csv_state *state,
                                    csv_read_function read, void *source) {
  char piece[PIECE];
  bool first = true;
  for (;;) {
    ssize_t got = first ? read_first(read, source, piece, sizeof piece) : read(source, piece, sizeof piece);
    if (got < 0) return CSV_UNREADABLE;
    if (got == 0) break;
    bool mark = first && got >= 3 && memcmp(piece, "\xEF\xBB\xBF", 3) == 0;
    size_t start = mark ? 3 : 0;
    size_t size = (size_t)got - start;
    first = false;
    if (csv_parse(parser, piece + start, size, take_field, take_row, state) != size || is_over(state))
      return outcome_of(state, csv_error(parser));
  }
  if (ends_inside_quotes(parser)) return CSV_UNCLOSED;
  if (csv_fini(parser, take_field, take_row, state) != 0) return outcome_of(state, csv_error(parser));
  return is_over(state) ? outcome_of(state, 0) : CSV_DONE;
}

enum csv_outcome csv_reader_run(csv_read_function read, void *source, csv_row_function row, void *context,
                                uint64_t *rows) {
  struct csv_parser parser;
  struct csv_state *state = calloc(1, sizeof *state);
  *rows = 0;
  if (state == NULL || csv_init(&parser, 0) != 0) {
    free(state);
    errno = ENOMEM;
    return CSV_UNREADABLE;
  }
  csv_set_realloc_func(&parser, bounded_realloc);
  csv_set_blk_size(&parser, PIECE); /* its own 128 bytes would copy a long field thousands of times */
  state->row = row;
  state->context = context;
  enum csv_outcome outcome = read_pieces(&parser, state, read, source);
  int error = errno;
  *rows = state->rows;
  csv_free(&parser);
  byte_buffer_free(&state->text);
  free(state);
  errno = error;
  return outcome;
}
