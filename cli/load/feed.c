/*
 * Reads CSV feeds. A header names the columns, in any order; each value is checked by its type, and every
 * fault of a row is reported. Good rows are staged in batches; each batch is one database transaction, and
 * one statement merges it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load/feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/csv_reader.h"
#include "format/x12/x12.h"

enum { COLUMNS_MOST = 64, BATCH_ROWS = 5000 };

struct feed_load {
  struct load *load;
  const struct feed *feed;
  bool header_read;
  size_t header_count;
  size_t places[COLUMNS_MOST];     /* of the feed's columns in a row; SIZE_MAX: the file does not have it */
  char columns[COPY_COLUMNS_SIZE]; /* of stage_feed: "row_no, npi, ..., findings" */
  struct byte_buffer rows;         /* owned: good rows that are waiting to be merged */
  struct byte_buffer row;          /* owned: the one being checked */
  struct byte_buffer findings;     /* owned: codes of its flags, "{mbi_letter" */
  uint64_t batch_rows, seen;
};

/* ---------------------------------------------------------------- rows */

static void say(struct feed_load *state, enum load_severity severity, uint64_t row, const char *code,
                const char *column, const char *words) {
  char place[48];
  (void)snprintf(place, sizeof place, "row %" PRIu64, row);
  load_report_say(&state->load->report, severity, place, code, "%s%s%s", column,
                  column[0] == '\0' ? "" : ": ", words);
}

static struct x12_text trimmed(const struct csv_field *field) {
  struct x12_text text = {field->text, field->length};
  while (text.length > 0 && (*text.data == ' ' || *text.data == '\t')) {
    text.data++;
    text.length--;
  }
  while (text.length > 0 && (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
    text.length--;
  return text;
}

/* Adds a code word to the row's array of flags. */
static void add_flag(struct byte_buffer *findings, const char *code) {
  byte_buffer_add_word(findings, findings->length == 0 ? "{" : ",");
  byte_buffer_add_word(findings, code);
}

/* Checks one column and adds its value to the row. False when the row cannot be used. */
static bool take_value(struct feed_load *state, const struct csv_row *row, size_t index) {
  const struct feed_column *column = &state->feed->columns[index];
  size_t place = state->places[index];
  struct x12_text text = place == SIZE_MAX ? (struct x12_text){"", 0} : trimmed(&row->fields[place]);
  char value[FEED_VALUE_SIZE] = "";
  if (text.length == 0) {
    byte_buffer_column_null(&state->row);
    if (column->required) say(state, LOAD_REFUSED, row->number, "required", column->name, "It is required.");
    return !column->required;
  }
  struct verdict verdict =
      feed_check_value(column, state->load->synthetic_mbi_allowed, text.data, text.length, value);
  if (verdict.refused) {
    say(state, LOAD_REFUSED, row->number, "unusable", column->name, verdict.words);
    return false;
  }
  if (verdict.flag != NULL) {
    say(state, LOAD_FLAGGED, row->number, verdict.flag, column->name, verdict.words);
    add_flag(&state->findings, verdict.flag);
  }
  byte_buffer_column_word(&state->row, value);
  return true;
}

static bool take_in_batch(struct feed_load *state);

/* The connection is lost: nothing more can be loaded. */
static bool give_up(struct feed_load *state) {
  load_report_fail(&state->load->report, db_copy_error(state->load->db));
  return false;
}

/* The names under which take_row() writes: the feed's columns between the row's number and its flags. False
 * when they do not fit. */
static bool name_columns(struct feed_load *state) {
  size_t used = (size_t)snprintf(state->columns, sizeof state->columns, "row_no");
  for (size_t i = 0; i < state->feed->column_count && used < sizeof state->columns; i++)
    used += (size_t)snprintf(state->columns + used, sizeof state->columns - used, ", %s",
                             state->feed->columns[i].name);
  if (used < sizeof state->columns)
    used += (size_t)snprintf(state->columns + used, sizeof state->columns - used, ", findings");
  return used < sizeof state->columns;
}

static bool take_row(struct feed_load *state, const struct csv_row *row) {
  struct load_report *report = &state->load->report;
  byte_buffer_clear(&state->row);
  byte_buffer_clear(&state->findings);
  load_progress(state->load, "rows", ++state->seen);
  if (row->count != state->header_count) {
    char words[96];
    (void)snprintf(words, sizeof words, "It has %zu fields, but the header has %zu.", row->count,
                   state->header_count);
    say(state, LOAD_REFUSED, row->number, "fields", "", words);
    report->refused++;
    return true;
  }
  bool usable = true;
  column_integer(&state->row, (int64_t)row->number); /* first: take_in_singly() reads it */
  for (size_t i = 0; i < state->feed->column_count; i++) usable = take_value(state, row, i) && usable;
  if (!usable) {
    report->refused++;
    return true;
  }
  if (state->findings.length > 0) byte_buffer_add_word(&state->findings, "}");
  column_buffer(&state->row, &state->findings);
  byte_buffer_end_row(&state->row);
  byte_buffer_add(&state->rows, state->row.data, state->row.length);
  state->rows.failed = state->rows.failed || state->row.failed || state->findings.failed;
  return ++state->batch_rows < BATCH_ROWS || take_in_batch(state);
}

/* ---------------------------------------------------------------- the header */

static bool same_name(const struct csv_field *field, const char *name) {
  struct x12_text text = trimmed(field);
  return text.length == strlen(name) && strncasecmp(text.data, name, text.length) == 0;
}

static bool is_known(const struct feed *feed, const struct csv_field *field) {
  for (size_t i = 0; i < feed->column_count; i++)
    if (same_name(field, feed->columns[i].name)) return true;
  return false;
}

/* Finds the columns. A required column that is missing, or a column that is there twice, ends the load,
 * because every row would be wrong. */
static bool read_header(struct feed_load *state, const struct csv_row *row) {
  const struct feed *feed = state->feed;
  state->header_read = true;
  state->header_count = row->count;
  for (size_t i = 0; i < feed->column_count; i++) {
    state->places[i] = SIZE_MAX;
    for (size_t at = 0; at < row->count; at++) {
      if (same_name(&row->fields[at], feed->columns[i].name)) {
        if (state->places[i] != SIZE_MAX) {
          say(state, LOAD_REFUSED, row->number, "column_twice", feed->columns[i].name,
              "The header has this column twice.");
          load_report_fail(&state->load->report, "the header has a column twice");
          return false;
        }
        state->places[i] = at;
      }
    }
    if (feed->columns[i].required && state->places[i] == SIZE_MAX) {
      say(state, LOAD_REFUSED, row->number, "column_missing", feed->columns[i].name,
          "This column is required and is not in the header.");
      load_report_fail(&state->load->report, "the header does not have all required columns");
    }
  }
  for (size_t at = 0; at < row->count; at++) {
    if (!is_known(feed, &row->fields[at])) {
      char words[96];
      (void)snprintf(words, sizeof words, "Column %zu of the header is not known and was ignored.", at + 1);
      say(state, LOAD_FLAGGED, row->number, "column_unknown", "", words);
    }
  }
  return !state->load->report.failed;
}

/* ---------------------------------------------------------------- batches */

/* Reads the statement's answer: counts, and which rows have which errors. */
static void take_answer(struct feed_load *state) {
  const struct db_copy *db = state->load->db;
  struct load_report *report = &state->load->report;
  for (int row = 0; row < db_copy_row_count(db); row++) {
    const char *severity = db_copy_value(db, row, 0);
    const char *code = db_copy_value(db, row, 1);
    uint64_t number = strtoull(db_copy_value(db, row, 2), NULL, 10);
    if (severity == NULL) {
      *(strcmp(code, "accepted") == 0 ? &report->accepted : &report->unchanged) += number;
      continue;
    }
    bool refused = strcmp(severity, "refused") == 0;
    report->refused += refused ? 1 : 0;
    say(state, refused ? LOAD_REFUSED : LOAD_FLAGGED, number, code, "", db_copy_value(db, row, 3));
  }
}

/* Stages rows and merges them, in one database transaction. False, with the report as it was, when that
 * failed. */
static bool take_in(struct feed_load *state, struct byte_buffer *rows) {
  struct db_copy *db = state->load->db;
  struct load_report *report = &state->load->report;
  uint64_t accepted = report->accepted, unchanged = report->unchanged, refused = report->refused;
  struct load_mark mark = load_report_mark(report);
  size_t stored = report->pending_from;
  const struct copy_target stage_feed = {"stage_feed", state->columns};
  bool done = db_copy_begin(db) && db_copy_rows(db, &stage_feed, rows) &&
              db_copy_run(db, state->feed->merge(P(load_run_id, report->run)));
  if (done) {
    take_answer(state);
    done = load_report_store(report, db) && db_copy_commit(db);
  }
  if (!done) {
    report->accepted = accepted;
    report->unchanged = unchanged;
    report->refused = refused;
    report->pending_from = stored;
    load_report_take_back(report, mark);
  }
  return done;
}

/* The database refused a batch for a reason that no check here found: tries it row by row, so that only the
 * rows at fault are refused. */
static bool take_in_singly(struct feed_load *state, const struct byte_buffer *batch) {
  struct load *load = state->load;
  const char *end = batch->data + batch->length;
  bool going = true;
  for (const char *at = batch->data; going && at < end;) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)(stop - at) + 1;
    byte_buffer_clear(&state->rows);
    byte_buffer_add(&state->rows, at, length);
    if (!take_in(state, &state->rows)) {
      say(state, LOAD_REFUSED, strtoull(at, NULL, 10), "database_refused", "The database refused it",
          db_copy_error(load->db));
      load->report.refused++;
      going = db_copy_ok(load->db) && db_copy_rollback(load->db);
    }
    at += length;
  }
  return going || give_up(state);
}

static bool take_in_batch(struct feed_load *state) {
  struct byte_buffer batch = {0};
  bool done = true;
  if (state->batch_rows > 0) {
    byte_buffer_add(&batch, state->rows.data, state->rows.length);
    done = !batch.failed && take_in(state, &state->rows);
    if (!done && !batch.failed && db_copy_ok(state->load->db) && db_copy_rollback(state->load->db))
      done = take_in_singly(state, &batch);
    else if (!done) done = give_up(state);
  }
  byte_buffer_free(&batch);
  byte_buffer_clear(&state->rows);
  state->batch_rows = 0;
  return done;
}

/* ---------------------------------------------------------------- all of it */

static bool take(void *context, const struct csv_row *row) {
  struct feed_load *state = context;
  return state->header_read ? take_row(state, row) : read_header(state, row);
}

static bool read_rows(struct feed_load *state) {
  struct load_report *report = &state->load->report;
  uint64_t rows = 0;
  char words[96];
  switch (csv_reader_run(load_source_read, &state->load->source, take, state, &rows)) {
    case CSV_DONE: break;
    case CSV_STOPPED: return false;
    case CSV_TOO_LONG:
    case CSV_UNCLOSED: /* the rows before it are good, and are loaded */
      (void)snprintf(words, sizeof words,
                     "after row %" PRIu64 " a quote is not closed, or a row is longer than a megabyte", rows);
      load_report_fail(report, words);
      break;
    case CSV_UNREADABLE: load_report_fail(report, strerror(errno)); return false;
  }
  if (!state->header_read && !report->failed)
    load_report_fail(report, "the file is empty; it needs a header with the names of the columns");
  return take_in_batch(state) && !report->failed;
}

bool load_feed(struct load *load, const struct feed *feed) {
  struct feed_load *state = calloc(1, sizeof *state);
  bool ok = false;
  if (state == NULL || feed->column_count > COLUMNS_MOST) {
    load_report_fail(&load->report, "out of memory");
  } else {
    state->load = load;
    state->feed = feed;
    ok = name_columns(state) && read_rows(state);
    byte_buffer_free(&state->rows);
    byte_buffer_free(&state->row);
    byte_buffer_free(&state->findings);
  }
  free(state);
  return ok;
}
