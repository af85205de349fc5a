/*
 * See merge.h. One ST is one database transaction, loaded completely or not at all, and a broken one does not
 * affect the others (sql/rules/load_remittance.sql merges it).
 *
 * Each lane is a thread with its own connection. Transaction sets go to the lanes in turns: while one is
 * merged, the rows of the next one are already copied into the temporary tables of the other. They are
 * merged, committed, and reported in the order of the file: each waits for its turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load/merge.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 2, BATCHES = LANES + 1 /* one is being filled */, TROUBLE_SIZE = 256 };

struct lane {
  struct merger *merger;
  pthread_t thread;
  struct stage_batch *given; /* NULL when the thread has done its work; under the lock */

  /* The thread's own: */
  struct db_copy *db;          /* opened when it is needed first */
  uint64_t turn;               /* of what it works on */
  bool open;                   /* a database transaction is open */
  bool broken;                 /* the database refused a row: the ST is refused as a whole */
  bool lost;                   /* nothing more can be done: the load has failed */
  char trouble[TROUBLE_SIZE];  /* why */
  struct load_report findings; /* of the reader, in the pieces so far */
};

struct merger {
  struct load *load; /* its report belongs to the lane whose turn it is */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct stage_batch batches[BATCHES];
  struct lane lanes[LANES];
  size_t lane;          /* that the last batch went to */
  uint64_t turns, turn; /* given out; the one that it is now */
  bool over, stopped;   /* nothing follows; the load has failed */
};

/* ---------------------------------------------------------------- staging: beside the other lane */

static void lose(struct lane *lane, const char *words) {
  const char *error = words != NULL ? words : db_copy_error(lane->db);
  if (!lane->broken)
    (void)snprintf(lane->trouble, sizeof lane->trouble, "%s",
                   error[0] == '\0' ? "the connection to the database was lost" : error);
  lane->broken = true;
  lane->lost = lane->lost || words != NULL || !db_copy_ok(lane->db);
}

/* The first lane has the load's own connection. */
static bool connect(struct lane *lane) {
  if (lane->db == NULL && lane == &lane->merger->lanes[0]) lane->db = lane->merger->load->db;
  if (lane->db == NULL) lane->db = load_open_database();
  return lane->db != NULL;
}

static void begin(struct lane *lane) {
  lane->broken = false;
  if (!connect(lane)) lose(lane, "the database cannot be used");
  else if (!db_copy_begin(lane->db)) lose(lane, NULL);
  else lane->open = true;
}

static void stage(struct lane *lane, struct stage_batch *batch) {
  if (batch->begins) begin(lane);
  load_report_append(&lane->findings, &batch->findings);
  for (enum stage kind = 0; kind < STAGE_COUNT; kind++) {
    struct byte_buffer *rows = &batch->rows[kind];
    if (rows->failed) lose(lane, "out of memory");
    if (!lane->broken && !db_copy_rows(lane->db, &stage_targets[kind], rows)) lose(lane, NULL);
  }
}

/* ---------------------------------------------------------------- merging: in turn */

/* Reads what load_remittance answered: the outcome, and its findings. */
static bool take_answer(struct lane *lane, const char *control) {
  struct load_report *report = &lane->merger->load->report;
  const struct db_copy *db = lane->db;
  bool loaded = true;
  for (int row = 0; row < db_copy_row_count(db); row++) {
    const char *severity = db_copy_value(db, row, 0);
    const char *code = db_copy_value(db, row, 1);
    const char *segment = db_copy_value(db, row, 2);
    if (severity == NULL) {
      loaded = strcmp(code, "loaded") == 0;
      continue;
    }
    char place[48];
    (void)snprintf(place, sizeof place, "%s%s%stransaction %.12s", segment == NULL ? "" : "segment ",
                   segment == NULL ? "" : segment, segment == NULL ? "" : ", ", control);
    load_report_say(report, LOAD_FLAGGED, place, code, "%s", db_copy_value(db, row, 3));
  }
  return loaded;
}

/* Merges and commits. Returns the outcome's word; "refused" if the database refused. */
static const char *merge(struct lane *lane, struct load_mark mark, const char *control) {
  struct load *load = lane->merger->load;
  if (!db_copy_run(lane->db, q_load_remittance(P(load_run_id, load->report.run),
                                               P(contractor_no, load->options.contractor_no)))) {
    lose(lane, NULL);
    return "refused";
  }
  if (!take_answer(lane, control)) {
    load_report_take_back(&load->report, mark); /* they were reported when it was loaded */
    return "already_loaded";
  }
  size_t stored = load->report.pending_from;
  if (!load_report_store(&load->report, lane->db) || !db_copy_commit(lane->db)) {
    load->report.pending_from = stored;
    lose(lane, NULL);
    return "refused";
  }
  lane->open = false;
  return "loaded";
}

static void count_outcome(struct load_report *report, const char *outcome, const struct stage_batch *batch) {
  if (strcmp(outcome, "loaded") == 0) {
    report->accepted++;
    report->claims += batch->claims;
    report->lines += batch->lines;
  } else if (strcmp(outcome, "already_loaded") == 0) {
    report->unchanged++;
  } else {
    report->refused++;
  }
}

static void end_transaction(struct lane *lane, struct load_mark mark, struct stage_batch *batch) {
  struct load_report *report = &lane->merger->load->report;
  const char *control = batch->balance.transaction_control;
  const char *outcome = batch->unusable || lane->broken ? "refused" : merge(lane, mark, control);
  if (lane->broken) {
    char place[48];
    (void)snprintf(place, sizeof place, "transaction %.30s", control);
    load_report_say(report, LOAD_REFUSED, place, "database_refused", "The database refused it: %s.",
                    lane->trouble);
  }
  if (lane->open && db_copy_ok(lane->db)) (void)db_copy_rollback(lane->db);
  lane->open = false;
  count_outcome(report, outcome, batch);
  (void)snprintf(batch->balance.outcome, sizeof batch->balance.outcome, "%s", outcome);
  load_report_balance(report, &batch->balance);
}

/* With the report to itself. */
static void report_batch(struct lane *lane, struct stage_batch *batch) {
  struct load_report *report = &lane->merger->load->report;
  struct load_mark mark = load_report_mark(report);
  load_report_append(report, &lane->findings);
  load_report_take_back(&lane->findings, (struct load_mark){0});
  report->refused += batch->others;
  if (batch->ends) end_transaction(lane, mark, batch);
  if (lane->lost) load_report_fail(report, lane->trouble);
}

/* Waits for the turn, unless the load has failed; then gives it to the next. */
static void take_turn(struct lane *lane, struct stage_batch *batch) {
  struct merger *merger = lane->merger;
  pthread_mutex_lock(&merger->lock);
  while (merger->turn != lane->turn) pthread_cond_wait(&merger->changed, &merger->lock);
  bool stopped = merger->stopped;
  pthread_mutex_unlock(&merger->lock);
  if (!stopped) report_batch(lane, batch);
  pthread_mutex_lock(&merger->lock);
  merger->stopped = stopped || merger->load->report.failed;
  merger->turn++;
  pthread_cond_broadcast(&merger->changed);
  pthread_mutex_unlock(&merger->lock);
}

/* ---------------------------------------------------------------- a lane */

static void clear(struct stage_batch *batch) {
  for (enum stage kind = 0; kind < STAGE_COUNT; kind++) byte_buffer_clear(&batch->rows[kind]);
  load_report_take_back(&batch->findings, (struct load_mark){0});
  batch->begins = batch->ends = batch->unusable = false;
  batch->others = batch->claims = batch->lines = 0;
}

static void *run(void *context) {
  struct lane *lane = context;
  struct merger *merger = lane->merger;
  pthread_mutex_lock(&merger->lock);
  for (;;) {
    while (lane->given == NULL && !merger->over) pthread_cond_wait(&merger->changed, &merger->lock);
    struct stage_batch *batch = lane->given;
    if (batch == NULL) break;
    pthread_mutex_unlock(&merger->lock);
    stage(lane, batch);
    if (batch->last) take_turn(lane, batch);
    clear(batch);
    pthread_mutex_lock(&merger->lock);
    lane->given = NULL;
    pthread_cond_broadcast(&merger->changed);
  }
  pthread_mutex_unlock(&merger->lock);
  if (lane->open && db_copy_ok(lane->db)) (void)db_copy_rollback(lane->db);
  return NULL;
}

/* ---------------------------------------------------------------- in the reader */

/* Frees the merger. True if the load has not failed. */
static bool end_lanes(struct merger *merger, size_t count) {
  pthread_mutex_lock(&merger->lock);
  merger->over = true;
  pthread_cond_broadcast(&merger->changed);
  pthread_mutex_unlock(&merger->lock);
  for (size_t i = 0; i < count; i++) {
    struct lane *lane = &merger->lanes[i];
    pthread_join(lane->thread, NULL);
    if (lane->db != merger->load->db) db_copy_close(lane->db);
    load_report_free(&lane->findings);
  }
  for (size_t i = 0; i < BATCHES; i++) {
    for (enum stage kind = 0; kind < STAGE_COUNT; kind++) byte_buffer_free(&merger->batches[i].rows[kind]);
    load_report_free(&merger->batches[i].findings);
  }
  bool good = !merger->stopped;
  pthread_cond_destroy(&merger->changed);
  pthread_mutex_destroy(&merger->lock);
  free(merger);
  return good;
}

struct merger *merger_new(struct load *load) {
  struct merger *merger = calloc(1, sizeof *merger);
  if (merger == NULL) return NULL;
  merger->load = load;
  pthread_mutex_init(&merger->lock, NULL);
  pthread_cond_init(&merger->changed, NULL);
  for (size_t i = 0; i < LANES; i++) {
    merger->lanes[i].merger = merger;
    if (pthread_create(&merger->lanes[i].thread, NULL, run, &merger->lanes[i]) == 0) continue;
    (void)end_lanes(merger, i);
    return NULL;
  }
  return merger;
}

struct stage_batch *merger_first(struct merger *merger) {
  return &merger->batches[0];
}

/* With the lock held: one that no lane has. */
static struct stage_batch *unused(struct merger *merger) {
  for (size_t i = 0; i < BATCHES; i++) {
    struct stage_batch *batch = &merger->batches[i];
    bool used = false;
    for (size_t j = 0; j < LANES; j++) used = used || merger->lanes[j].given == batch;
    if (!used) return batch;
  }
  return NULL; /* never: there is one more than there are lanes */
}

struct stage_batch *merger_give(struct merger *merger, struct stage_batch *batch) {
  pthread_mutex_lock(&merger->lock);
  if (batch->first) merger->lane = (merger->lane + 1) % LANES;
  struct lane *lane = &merger->lanes[merger->lane];
  while (lane->given != NULL) pthread_cond_wait(&merger->changed, &merger->lock);
  if (batch->first) lane->turn = merger->turns++;
  if (!merger->stopped) lane->given = batch;
  struct stage_batch *next = merger->stopped ? NULL : unused(merger);
  pthread_cond_broadcast(&merger->changed);
  pthread_mutex_unlock(&merger->lock);
  return next;
}

bool merger_end(struct merger *merger) { return merger != NULL && end_lanes(merger, LANES); }
