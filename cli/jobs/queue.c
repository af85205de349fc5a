/*
 * Taking a job and recording how it ended. There are two queues: the outbox, and connex.job for everything
 * else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "jobs/jobs.h"

struct job_queue {
  const char *id_name;                                  /* in the log */
  const char *done_event, *undone_event, *failed_event; /* in the log */
  struct db_statement (*take)(const struct job_kind *kind);
  struct db_statement (*done)(const char *id);
  struct db_statement (*undone)(const struct job_kind *kind, const char *id, const struct job_end *end);
  struct db_statement (*give_up)(const struct job_kind *kind);
};

static const char *is_final(const struct job_end *end) {
  return end->outcome == JOB_NEVER ? "true" : "false";
}

/* ---------------------------------------------------------------- the outbox */

static struct db_statement take_mail(const struct job_kind *kind) {
  return q_jobs_mail_take(P(lease_s, kind->lease_s));
}

static struct db_statement mail_done(const char *id) { return q_jobs_mail_done(P(outbox_id, id)); }

static struct db_statement mail_undone(const struct job_kind *kind, const char *id,
                                       const struct job_end *end) {
  return q_jobs_mail_undone(P(outbox_id, id), P(why, end->why), P(is_final, is_final(end)),
                            P(tries_setting, kind->tries_setting));
}

static struct db_statement give_up_mail(const struct job_kind *kind) {
  return q_jobs_mail_give_up(P(tries_setting, kind->tries_setting));
}

const struct job_queue outbox_queue = {
    .id_name = "outbox_id",
    .done_event = "mail_sent",
    .undone_event = "mail_unsent",
    .failed_event = "mail_failed",
    .take = take_mail,
    .done = mail_done,
    .undone = mail_undone,
    .give_up = give_up_mail,
};

/* ---------------------------------------------------------------- connex.job */

static struct db_statement take_job(const struct job_kind *kind) {
  return q_jobs_take(P(kind, kind->name), P(lease_s, kind->lease_s));
}

static struct db_statement job_done(const char *id) { return q_jobs_done(P(job_id, id)); }

static struct db_statement job_undone(const struct job_kind *kind, const char *id,
                                      const struct job_end *end) {
  return q_jobs_undone(P(job_id, id), P(why, end->why), P(is_final, is_final(end)),
                       P(tries_setting, kind->tries_setting));
}

static struct db_statement give_up_jobs(const struct job_kind *kind) {
  return q_jobs_give_up(P(kind, kind->name), P(tries_setting, kind->tries_setting));
}

const struct job_queue job_queue = {
    .id_name = "job_id",
    .done_event = "job_done",
    .undone_event = "job_undone",
    .failed_event = "job_failed",
    .take = take_job,
    .done = job_done,
    .undone = job_undone,
    .give_up = give_up_jobs,
};

/* ---------------------------------------------------------------- any queue */

struct job_end job_ended(enum job_outcome outcome, const char *why) {
  struct job_end end = {.outcome = outcome};
  snprintf(end.why, sizeof end.why, "%s", why);
  return end;
}

/* The log names a job by its numbers, and never says whom it is for. */
static void log_job(const struct job_kind *kind, const struct job *job, enum log_level level,
                    const char *event, const char *state, const char *why) {
  struct log_line line;

  log_start(&line, level, event);
  log_number(&line, kind->queue->id_name, strtoll(job->id, NULL, 10));
  log_text(&line, "kind", job->kind);
  if (job->subject_id[0] != '\0') log_number(&line, "subject_id", strtoll(job->subject_id, NULL, 10));
  log_number(&line, "tries", strtoll(job->tries, NULL, 10));
  log_text(&line, "state", state);
  log_text(&line, "why", why);
  log_end(&line);
}

static void keep(const struct db *db, const char *column, char *text, size_t size) {
  const char *value = db_named(db, 0, 0, column);
  snprintf(text, size, "%s", value == NULL ? "" : value);
}

static bool record_done(struct jobs *jobs, const struct job_kind *kind, const struct job *job) {
  if (!jobs_record(jobs, kind->queue->done(job->id))) return false;
  log_job(kind, job, LOG_INFO, kind->queue->done_event, "done", NULL);
  return true;
}

static bool record_undone(struct jobs *jobs, const struct job_kind *kind, const struct job *job,
                          const struct job_end *end) {
  const char *state;
  bool failed;

  if (!jobs_record(jobs, kind->queue->undone(kind, job->id, end))) return false;
  state = db_named(jobs->db, 0, 0, "state");
  failed = state != NULL && strcmp(state, "failed") == 0;
  log_job(kind, job, failed ? LOG_ERROR : LOG_WARNING, kind->queue->undone_event, state, end->why);
  return true;
}

enum jobs_step jobs_do_one(struct jobs *jobs, const struct job_kind *kind) {
  struct job job;
  struct job_end end;
  bool recorded;

  if (!jobs_run(jobs, kind->queue->take(kind))) return JOBS_AWAY;
  if (db_rows(jobs->db, 0) == 0) return JOBS_IDLE;
  keep(jobs->db, "id", job.id, sizeof job.id);
  keep(jobs->db, "kind", job.kind, sizeof job.kind);
  keep(jobs->db, "subject_id", job.subject_id, sizeof job.subject_id);
  keep(jobs->db, "tries", job.tries, sizeof job.tries);

  end = kind->handle(jobs, &job);
  recorded = end.outcome == JOB_DONE ? record_done(jobs, kind, &job) : record_undone(jobs, kind, &job, &end);
  return recorded ? JOBS_WORKED : JOBS_AWAY;
}

bool jobs_give_up(struct jobs *jobs, const struct job_kind *kind) {
  struct log_line line;

  if (!jobs_run(jobs, kind->queue->give_up(kind))) return false;
  for (int i = 0; i < db_rows(jobs->db, 0); i++) {
    log_start(&line, LOG_ERROR, kind->queue->failed_event);
    log_text(&line, kind->queue->id_name, db_value(jobs->db, 0, i, 0));
    log_end(&line);
  }
  return true;
}
