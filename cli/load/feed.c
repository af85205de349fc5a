/*
 * The engine of the CSV feeds: a header names the columns, in any order; each value is checked by its type,
 * and all faults of a row are told. Good rows are staged in batches, each one database transaction, and taken
 * in by one statement.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load/feed.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "format/csv_reader.h"
#include "format/x12/x12.h"
#include "medicare/ident.h"

enum {
  COLUMNS_MOST = 64,
  TEXT_MOST = 200,  /* characters */
  VALUE_SIZE = 808, /* TEXT_MOST characters of UTF-8 with the closing NUL, and to spare */
  BATCH_ROWS = 5000
};

struct feed_load {
  struct load *load;
  const struct feed *feed;
  bool header_read;
  size_t header_count;
  size_t places[COLUMNS_MOST]; /* of the feed's columns in a row; SIZE_MAX: the file does not have it */
  struct byte_buffer rows, array, findings; /* owned */
  uint64_t batch_rows, seen;
};

/* What checking a value says. */
struct verdict {
  bool refused;
  const char *flag;  /* code word of a flag, or NULL */
  const char *words; /* of the flag or refusal */
};

static const struct verdict good = {false, NULL, NULL};

/* ---------------------------------------------------------------- values */

static struct verdict refuse(const char *words) { return (struct verdict){true, NULL, words}; }

static struct verdict flag(enum ident_fault fault) {
  return (struct verdict){false, ident_code(fault), ident_words(fault)};
}

static bool all_letters_or_digits(const char *text, size_t least, size_t most) {
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++)
    if (!isdigit((unsigned char)text[i]) && !(text[i] >= 'A' && text[i] <= 'Z')) return false;
  return length >= least && length <= most;
}

static bool all_digits(const char *text, size_t count) {
  return strlen(text) == count && strspn(text, "0123456789") == count;
}

/* An identifier that broke its rule: kept with a flag where the database can hold it (standards, section 0,
 * point 1). */
static struct verdict keep_or_refuse(enum ident_fault fault, const char *text, size_t length, size_t least,
                                     size_t most, bool digits, char value[VALUE_SIZE]) {
  enum ident_fault clean = ident_clean(text, length, value, IDENT_SIZE);
  if (clean == IDENT_GOOD && all_letters_or_digits(value, least, most) &&
      (!digits || all_digits(value, most)))
    return flag(fault);
  return refuse(ident_words(clean == IDENT_GOOD ? fault : clean));
}

static struct verdict check_npi(const char *text, size_t length, char value[VALUE_SIZE]) {
  enum ident_fault fault = ident_npi(text, length, value);
  return fault == IDENT_GOOD ? good : keep_or_refuse(fault, text, length, 10, 10, true, value);
}

static struct verdict check_ptan(const char *text, size_t length, char value[VALUE_SIZE]) {
  enum ident_fault fault = ident_ptan(text, length, IDENT_ANY_LINE, value);
  return fault == IDENT_GOOD ? good : keep_or_refuse(fault, text, length, 4, 13, false, value);
}

static struct verdict check_mbi(const char *text, size_t length, bool synthetic_allowed,
                                char value[VALUE_SIZE]) {
  enum ident_fault fault = ident_mbi(text, length, synthetic_allowed, value);
  return fault == IDENT_GOOD ? good : keep_or_refuse(fault, text, length, 11, 11, false, value);
}

static struct verdict of_ident(enum ident_fault fault) {
  return fault == IDENT_GOOD ? good : refuse(ident_words(fault));
}

static struct verdict check_contractor(const char *text, size_t length, char value[VALUE_SIZE]) {
  bool clean = ident_clean(text, length, value, IDENT_SIZE) == IDENT_GOOD && all_digits(value, 5);
  return clean ? good : refuse("A contractor number has five digits.");
}

/* Blanks around go; control characters and NUL are no text. */
static struct verdict check_text(const char *text, size_t length, char value[VALUE_SIZE]) {
  size_t characters = 0;
  for (size_t i = 0; i < length; characters++) {
    uint32_t character = 0;
    size_t step = utf8_next(text + i, length - i, &character);
    if (step > 0 && utf8_is_control(character)) return refuse("It has control characters.");
    i += step > 0 ? step : 1; /* what is not UTF-8 is taken as ISO 8859-1 when it is written */
  }
  if (characters > TEXT_MOST || length >= VALUE_SIZE) return refuse("It is longer than 200 characters.");
  memcpy(value, text, length);
  value[length] = '\0';
  return utf8_count(text, length) == SIZE_MAX
             ? (struct verdict){false, "encoding", "It is not UTF-8; it was read as ISO 8859-1."}
             : good;
}

static struct verdict check_date(const char *text, size_t length, char value[VALUE_SIZE]) {
  struct calendar_day day;
  char turned[CALENDAR_DAY_SIZE];
  bool american = length == 10 && text[2] == '/' && text[5] == '/';
  if (american) (void)snprintf(turned, sizeof turned, "%.4s-%.2s-%.2s", text + 6, text, text + 3);
  bool found = american      ? calendar_parse(turned, 10, &day)
               : length == 8 ? calendar_parse_compact(text, length, &day)
                             : calendar_parse(text, length, &day);
  if (!found || day.year < 1800) return refuse("Write a day of the calendar as YYYY-MM-DD.");
  (void)snprintf(value, VALUE_SIZE, "%04d-%02d-%02d", day.year, day.month, day.day);
  return good;
}

static struct verdict check_money(const char *text, size_t length, char value[VALUE_SIZE]) {
  int64_t cents = 0;
  if (x12_money((struct x12_text){text, length}, &cents) != X12_VALUE_OK)
    return refuse("Write an amount as 1234.56, with at most two decimals.");
  (void)cents_text(cents, value);
  return good;
}

static struct verdict check_word(const char *text, size_t length, const char *const *words,
                                 char value[VALUE_SIZE]) {
  if (length < 32) {
    memcpy(value, text, length);
    value[length] = '\0';
    for (char *at = value; *at != '\0'; at++)
      *at = *at == ' ' || *at == '-' ? '_' : (char)tolower((unsigned char)*at);
    for (size_t i = 0; words[i] != NULL; i++)
      if (strcmp(words[i], value) == 0) return good;
  }
  return refuse("It is not one of the words that are known here (sql/feeds.md has the list).");
}

static struct verdict check_value(const struct feed_load *state, const struct feed_column *column,
                                  const char *text, size_t length, char value[VALUE_SIZE]) {
  switch (column->type) {
    case FEED_TEXT: return check_text(text, length, value);
    case FEED_CONTRACTOR: return check_contractor(text, length, value);
    case FEED_NPI: return check_npi(text, length, value);
    case FEED_PTAN: return check_ptan(text, length, value);
    case FEED_TIN: return of_ident(ident_tin(text, length, value));
    case FEED_MBI: return check_mbi(text, length, state->load->synthetic_mbi_allowed, value);
    case FEED_STATE: return of_ident(ident_state(text, length, value));
    case FEED_DATE: return check_date(text, length, value);
    case FEED_MONEY: return check_money(text, length, value);
    case FEED_PAYMENT_NUMBER: return of_ident(ident_payment_number(text, length, value));
    case FEED_WORD: return check_word(text, length, column->words, value);
  }
  return refuse("It cannot be read.");
}

/* ---------------------------------------------------------------- rows */

/* One element of an array literal of PostgreSQL, `{"a",NULL}`. */
static void add_element(struct byte_buffer *array, const char *value) {
  byte_buffer_add_word(array, array->length == 0 ? "{" : ",");
  if (value[0] == '\0') {
    byte_buffer_add_word(array, "NULL");
    return;
  }
  byte_buffer_add_word(array, "\"");
  for (const char *at = value; *at != '\0'; at++) {
    if (*at == '"' || *at == '\\') byte_buffer_add_word(array, "\\");
    byte_buffer_add(array, at, 1);
  }
  byte_buffer_add_word(array, "\"");
}

static void end_array(struct byte_buffer *array) {
  byte_buffer_add_word(array, array->length == 0 ? "{}" : "}");
}

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

/* Checks one column and adds its value to the array. False when the row cannot be used. */
static bool take_value(struct feed_load *state, const struct csv_row *row, size_t index) {
  const struct feed_column *column = &state->feed->columns[index];
  size_t place = state->places[index];
  struct x12_text text = place == SIZE_MAX ? (struct x12_text){"", 0} : trimmed(&row->fields[place]);
  char value[VALUE_SIZE] = "";
  if (text.length == 0) {
    add_element(&state->array, "");
    if (column->required) say(state, LOAD_REFUSED, row->number, "required", column->name, "It is required.");
    return !column->required;
  }
  struct verdict verdict = check_value(state, column, text.data, text.length, value);
  if (verdict.refused) {
    say(state, LOAD_REFUSED, row->number, "unusable", column->name, verdict.words);
    return false;
  }
  if (verdict.flag != NULL) {
    say(state, LOAD_FLAGGED, row->number, verdict.flag, column->name, verdict.words);
    add_element(&state->findings, verdict.flag);
  }
  add_element(&state->array, value);
  return true;
}

static bool take_in_batch(struct feed_load *state);

/* Gives the connection up: nothing more can be loaded. */
static bool give_up(struct feed_load *state) {
  load_report_fail(&state->load->report, db_copy_error(state->load->db));
  return false;
}

#define FEED_COLUMNS(COLUMN)                                                                                 \
  COLUMN(row_no, integer, (int64_t)row->number)                                                              \
  COLUMN(findings, buffer, &state->findings)                                                                 \
  COLUMN(f, buffer, &state->array)

static const struct copy_target stage_feed = COPY_TARGET("stage_feed", FEED_COLUMNS);

static bool take_row(struct feed_load *state, const struct csv_row *row) {
  struct load_report *report = &state->load->report;
  byte_buffer_clear(&state->array);
  byte_buffer_clear(&state->findings);
  load_progress(state->load, "rows", ++state->seen);
  if (row->count != state->header_count) {
    char words[96];
    (void)snprintf(words, sizeof words, "It has %zu fields, the header has %zu.", row->count,
                   state->header_count);
    say(state, LOAD_REFUSED, row->number, "fields", "", words);
    report->refused++;
    return true;
  }
  bool usable = true;
  for (size_t i = 0; i < state->feed->column_count; i++) usable = take_value(state, row, i) && usable;
  if (!usable) {
    report->refused++;
    return true;
  }
  end_array(&state->array);
  end_array(&state->findings);
  COPY_ROW(&state->rows, FEED_COLUMNS);
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

/* Finds the columns. A required one that is missing, or one that stands twice, ends the load: every row would
 * be wrong. */
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
              "The column stands twice in the header.");
          load_report_fail(&state->load->report, "the header has a column twice");
          return false;
        }
        state->places[i] = at;
      }
    }
    if (feed->columns[i].required && state->places[i] == SIZE_MAX) {
      say(state, LOAD_REFUSED, row->number, "column_missing", feed->columns[i].name,
          "The header must have this column.");
      load_report_fail(&state->load->report, "the header misses columns that are required");
    }
  }
  for (size_t at = 0; at < row->count; at++) {
    if (!is_known(feed, &row->fields[at])) {
      char words[96];
      (void)snprintf(words, sizeof words, "Column %zu of the header is not known and was left out.", at + 1);
      say(state, LOAD_FLAGGED, row->number, "column_unknown", "", words);
    }
  }
  return !state->load->report.failed;
}

/* ---------------------------------------------------------------- batches */

/* The rows that the statement answered: counts, and what is wrong with which row. */
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

/* Stages rows and takes them in, as one database transaction. False, with the report as it was, when that
 * failed. */
static bool take_in(struct feed_load *state, struct byte_buffer *rows) {
  struct db_copy *db = state->load->db;
  struct load_report *report = &state->load->report;
  uint64_t accepted = report->accepted, unchanged = report->unchanged, refused = report->refused;
  struct load_mark mark = load_report_mark(report);
  size_t stored = report->pending_from;
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

/* The database refused a batch for a reason that was not foreseen: row by row, so that it costs only the rows
 * it must. */
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
    case CSV_UNCLOSED: /* what came before is good, and is taken in */
      (void)snprintf(words, sizeof words,
                     "after row %" PRIu64 " a quote is not closed, or a row is longer than a megabyte", rows);
      load_report_fail(report, words);
      break;
    case CSV_UNREADABLE: load_report_fail(report, strerror(errno)); return false;
  }
  if (!state->header_read && !report->failed)
    load_report_fail(report, "the file is empty: it needs a header with the names of the columns");
  return take_in_batch(state) && !report->failed;
}

bool load_feed(struct load *load, const struct feed *feed) {
  struct feed_load *state = calloc(1, sizeof *state);
  bool ok = false;
  if (state == NULL || feed->column_count > COLUMNS_MOST) {
    load_report_fail(&load->report, "memory is out");
  } else {
    state->load = load;
    state->feed = feed;
    ok = read_rows(state);
    byte_buffer_free(&state->rows);
    byte_buffer_free(&state->array);
    byte_buffer_free(&state->findings);
  }
  free(state);
  return ok;
}
