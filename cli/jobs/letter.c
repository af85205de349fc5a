/*
 * Rows of connex.job: letters become PDF.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * LSO-04: the access code's plain form stands in the letter's row only until its PDF is stored; the same
 * statement wipes it. Nothing of it goes to the log.
 */
#include "medicare/letter.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "jobs/jobs.h"

struct claimed {
  char job_id[24];
  char subject_id[24];
  bool is_letter;
};

/* How a job ended. */
enum ending { DONE, LATER, NEVER };

struct ended {
  enum ending ending;
  const char *why; /* constant words; NULL when done */
};

static void log_job(const struct claimed *job, enum log_level level, const char *event, const char *state,
                    const char *why) {
  struct log_line line;

  log_start(&line, level, event);
  log_number(&line, "job_id", strtoll(job->job_id, NULL, 10));
  log_number(&line, job->is_letter ? "letter_id" : "subject_id", strtoll(job->subject_id, NULL, 10));
  log_text(&line, "state", state);
  log_text(&line, "why", why);
  log_end(&line);
}

/* ---------------------------------------------------------------- a letter */

/* What keeps the row on the connection from becoming a letter, and whether that will change. */
static struct ended letter_fault(const struct db *db) {
  const char *status = db_named(db, 0, 0, "status"), *kind = db_named(db, 0, 0, "kind");

  if (db_rows(db, 0) == 0) return (struct ended){NEVER, "the letter is not there"};
  if (strcmp(status, "rendered") == 0 || strcmp(status, "printed") == 0) return (struct ended){DONE, NULL};
  if (strcmp(kind, "access_code") != 0)
    return (struct ended){NEVER, "a kind of letter that this version does not know"};
  if (db_named(db, 0, 0, "secret") == NULL) return (struct ended){NEVER, "the code is gone: its day is over"};
  if (db_named(db, 0, 0, "addressee") == NULL)
    return (struct ended){LATER, "the provider account has no billing address"};
  return (struct ended){LATER, NULL};
}

static unsigned char *render(const struct jobs *jobs, size_t *length) {
  const struct db *db = jobs->db;
  const char *written_at = db_named(db, 0, 0, "written_at");
  struct access_code_letter letter = {.contractor_name = db_named(db, 0, 0, "contractor_name"),
                                      .contractor_address = db_named(db, 0, 0, "contractor_address"),
                                      .contractor_phone = db_named(db, 0, 0, "contractor_phone"),
                                      .written_on = db_named(db, 0, 0, "written_on"),
                                      .written_at =
                                          written_at == NULL ? 0 : (time_t)strtoll(written_at, NULL, 10),
                                      .addressee = db_named(db, 0, 0, "addressee"),
                                      .npi = db_named(db, 0, 0, "npi"),
                                      .ptan = db_named(db, 0, 0, "ptan"),
                                      .tin_last_five = db_named(db, 0, 0, "tin_last_five"),
                                      .access_code = db_named(db, 0, 0, "secret"),
                                      .expires_on = db_named(db, 0, 0, "expires_on"),
                                      .base_url = jobs->config->base_url};

  return access_code_letter_pdf(&letter, length);
}

/* Stores the PDF and wipes the code, in one statement. */
static bool store(struct jobs *jobs, const char *letter_id, const unsigned char *pdf, size_t length) {
  return jobs_run(jobs, q_jobs_letter_store(P(letter_id, letter_id), P_BYTES(pdf, pdf, length)));
}

static struct ended make_letter(struct jobs *jobs, const struct claimed *job) {
  struct ended ended;
  unsigned char *pdf;
  size_t length;

  if (!jobs_run(jobs, q_jobs_letter_get(P(letter_id, job->subject_id))))
    return (struct ended){LATER, "the database did not answer"};
  ended = letter_fault(jobs->db);
  if (ended.ending != LATER || ended.why != NULL) return ended;

  pdf = render(jobs, &length);
  if (pdf == NULL) return (struct ended){LATER, "the PDF could not be made"};
  ended = store(jobs, job->subject_id, pdf, length) ? (struct ended){DONE, NULL}
                                                    : (struct ended){LATER, "the PDF could not be stored"};
  OPENSSL_cleanse(pdf, length);
  free(pdf);
  return ended;
}

/* ---------------------------------------------------------------- any job */

static bool record_done(struct jobs *jobs, const struct claimed *job) {
  if (!jobs_record(jobs, q_jobs_done(P(job_id, job->job_id)))) return false;
  log_job(job, LOG_INFO, "job_done", "done", NULL);
  return true;
}

static bool record_undone(struct jobs *jobs, const struct claimed *job, const struct ended *ended) {
  const char *state;
  bool failed;

  if (!jobs_record(jobs, q_jobs_undone(P(job_id, job->job_id), P(why, ended->why),
                                       P(is_final, ended->ending == NEVER ? "true" : "false"))))
    return false;
  state = db_named(jobs->db, 0, 0, "state");
  failed = state != NULL && strcmp(state, "failed") == 0;
  log_job(job, failed ? LOG_ERROR : LOG_WARNING, "job_undone", state, ended->why);
  return !failed || !job->is_letter || jobs_record(jobs, q_jobs_letter_failed(P(letter_id, job->subject_id)));
}

enum jobs_step jobs_do_job(struct jobs *jobs) {
  struct claimed job;
  struct ended ended = {NEVER, "a kind of job that this version does not know"};
  const char *subject_id;
  bool recorded;

  if (!jobs_run(jobs, q_jobs_claim())) return JOBS_AWAY;
  if (db_rows(jobs->db, 0) == 0) return JOBS_IDLE;
  subject_id = db_named(jobs->db, 0, 0, "subject_id");
  snprintf(job.job_id, sizeof job.job_id, "%s", db_named(jobs->db, 0, 0, "job_id"));
  snprintf(job.subject_id, sizeof job.subject_id, "%s", subject_id == NULL ? "0" : subject_id);
  job.is_letter = strcmp(db_named(jobs->db, 0, 0, "kind"), "letter") == 0;

  if (job.is_letter) ended = make_letter(jobs, &job);
  recorded = ended.ending == DONE ? record_done(jobs, &job) : record_undone(jobs, &job, &ended);
  return recorded ? JOBS_WORKED : JOBS_AWAY;
}
