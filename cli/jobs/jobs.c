/*
 * connex jobs: the daemon for work that nobody waits for. It sends the mail of the outbox, makes letters,
 * creates the partitions of the coming months, and removes expired data.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Run as many as you like. A job is leased to one of them (sql/jobs.sql), may run twice without harm, is
 * tried again after growing waits, and finally becomes "failed". `connex admin jobs` lists and retries those.
 * NOTIFY wakes the daemon; without it, it looks every 15 seconds.
 */
#include "jobs/jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "verb.h"

#define CHANNEL "connex_jobs"

enum {
  LOOK_S = 15,
  HOUSEKEEPING_S = 600,
  PARTITION_AGAIN_S = 60,   /* after a lock that was not free: each try can delay lookups by up to 50 ms */
  REPORTS_S = 30,           /* how often too long reports are looked for */
  HOUSEKEEPING_MOST = 5000, /* rows of each kind at a time: no long transactions */
  RECORD_TRIES = 60,
  RECORD_TRIES_STOPPING = 20, /* whoever stops the daemon does not wait forever */
  RECORD_WAIT_MS = 500
};

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number) {
  (void)signal_number;
  stop_asked = 1;
}

bool jobs_stopping(void) { return stop_asked != 0; }

/* Without SA_RESTART: a signal ends the wait for work at once. */
static void watch_signals(void) {
  struct sigaction action = {.sa_handler = ask_to_stop};

  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
}

static time_t seconds(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/* Ends early when a signal comes. */
static void wait_ms(long milliseconds) {
  struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

  nanosleep(&pause, NULL);
}

/* ---------------------------------------------------------------- statements */

static void log_refusal(struct db *db, enum query query) {
  const struct db_fault *fault = db_fault(db);
  struct log_line line;

  log_start(&line, LOG_ERROR, "statement_refused");
  log_text(&line, "statement", query_texts[query].name);
  log_text(&line, "sqlstate", fault->sqlstate);
  log_text(&line, "constraint", fault->constraint);
  log_end(&line);
}

static enum db_outcome run(struct jobs *jobs, const struct db_statement *statement) {
  enum db_outcome outcome;

  db_start(jobs->db, DB_WRITE);
  db_add_statement(jobs->db, statement);
  outcome = db_run(jobs->db);
  if (outcome == DB_REFUSED) log_refusal(jobs->db, statement->query);
  return outcome;
}

bool jobs_run(struct jobs *jobs, struct db_statement statement) { return run(jobs, &statement) == DB_DONE; }

bool jobs_record(struct jobs *jobs, struct db_statement statement) {
  for (int i = 0; i < (jobs_stopping() ? RECORD_TRIES_STOPPING : RECORD_TRIES); i++) {
    enum db_outcome outcome = run(jobs, &statement);

    if (outcome != DB_AWAY) return outcome == DB_DONE;
    wait_ms(RECORD_WAIT_MS);
  }
  log_event(LOG_ERROR, "not_recorded", "the job is done, and will be done again when its lease ends", 0);
  return false;
}

/* ---------------------------------------------------------------- rounds */

static void log_housekeeping(const char *done) {
  struct log_line line;

  if (done == NULL || done[0] == '\0') return; /* another daemon is doing it, or there was nothing to do */
  log_start(&line, LOG_INFO, "housekeeping");
  log_text(&line, "done", done);
  log_end(&line);
}

/* Steps until none is left, one of them needs a lock that is not free, or a signal comes. A refusal is
 * logged, and does not keep the rest of the work from being done. False: the database is away. */
static bool keep_partitions(struct jobs *jobs, time_t *next) {
  const struct db_statement step = q_jobs_partition_step();
  enum db_outcome outcome;
  const char *done = NULL;

  if (seconds() < *next) return true;
  do {
    outcome = run(jobs, &step);
    if (outcome == DB_AWAY) return false;
    done = outcome == DB_DONE ? db_value(jobs->db, 0, 0, 0) : NULL;
    if (done != NULL) log_event(LOG_INFO, "partition", done, 0);
  } while (done != NULL && strcmp(done, "later") != 0 && !jobs_stopping());
  *next = seconds() + (done == NULL ? HOUSEKEEPING_S : PARTITION_AGAIN_S);
  return true;
}

/* Ends reports that run too long; a refusal as above. False: the database is away. */
static bool keep_reports(struct jobs *jobs, time_t *next) {
  const struct db_statement end = q_jobs_end_reports();
  enum db_outcome outcome;
  const char *ended;

  if (seconds() < *next) return true;
  outcome = run(jobs, &end);
  if (outcome == DB_AWAY) return false;
  ended = outcome == DB_DONE ? db_value(jobs->db, 0, 0, 0) : NULL;
  if (ended != NULL && strcmp(ended, "0") != 0) log_event(LOG_WARNING, "reports_ended", ended, 0);
  *next = seconds() + REPORTS_S;
  return true;
}

/* Runs when it is time. False: the database is away. */
static bool keep_house(struct jobs *jobs, time_t *next) {
  char most[16];

  if (seconds() < *next) return true;
  snprintf(most, sizeof most, "%d", HOUSEKEEPING_MOST);
  if (!jobs_run(jobs, q_jobs_housekeeping(P(rows_of_each_kind, most)))) return false;
  log_housekeeping(db_value(jobs->db, 0, 0, 0));
  *next = seconds() + HOUSEKEEPING_S;
  return true;
}

/* Runs all jobs that are due, until nothing is left, a signal comes, or the database goes away. It takes one
 * job of each kind in turn, so that no kind waits for another's long queue. */
static enum jobs_step do_all(struct jobs *jobs) {
  bool worked = true;

  for (size_t i = 0; i < job_kind_count; i++)
    if (!jobs_give_up(jobs, &job_kinds[i])) return JOBS_AWAY;
  while (worked) {
    worked = false;
    for (size_t i = 0; i < job_kind_count; i++) {
      if (jobs_stopping()) return JOBS_IDLE;
      if (job_kinds[i].ready != NULL && !job_kinds[i].ready(jobs)) continue;
      enum jobs_step step = jobs_do_one(jobs, &job_kinds[i]);
      if (step == JOBS_AWAY) return JOBS_AWAY;
      worked = worked || step == JOBS_WORKED;
    }
  }
  return JOBS_IDLE;
}

/* Waits for a notification, 15 seconds, a signal, or a lost connection. It waits one second at a time,
 * because a signal that comes just before a wait does not end it. */
static void wait_for_work(struct jobs *jobs) {
  time_t until = seconds() + LOOK_S;

  while (!jobs_stopping() && seconds() < until)
    if (db_wait(jobs->db, CHANNEL, 1000) != 0) return;
}

static void log_database(struct jobs *jobs, bool away, bool *was_away) {
  if (away != *was_away) {
    if (away) log_event(LOG_WARNING, "database_away", db_trouble(jobs->db), 0);
    else log_event(LOG_INFO, "database_back", NULL, 0);
  }
  *was_away = away;
}

static void serve(struct jobs *jobs) {
  time_t next_housekeeping = 0, next_partition = 0, next_reports = 0;
  bool was_away = false;

  while (!jobs_stopping()) {
    /* Listens before it looks, so that nothing queued in between is missed. */
    bool away =
        db_wait(jobs->db, CHANNEL, 0) < 0 || do_all(jobs) == JOBS_AWAY ||
        (!jobs_stopping() && (!keep_reports(jobs, &next_reports) || !keep_partitions(jobs, &next_partition) ||
                              !keep_house(jobs, &next_housekeeping)));

    log_database(jobs, away, &was_away);
    if (away) wait_ms(200 + (long)db_retry_after_ms(jobs->db));
    else wait_for_work(jobs);
  }
}

static bool serve_once(struct jobs *jobs) {
  time_t reports = 0, partition = 0, house = 0;

  if (do_all(jobs) == JOBS_AWAY || !keep_reports(jobs, &reports) || !keep_partitions(jobs, &partition) ||
      !keep_house(jobs, &house)) {
    fprintf(stderr, "connex jobs: the database did not answer: %s\n", db_trouble(jobs->db));
    return false;
  }
  return true;
}

/* ---------------------------------------------------------------- the verb */

static void print_help(FILE *out) {
  fputs("usage: connex jobs [--once]\n\n"
        "Sends mail, makes letters, and removes expired data until it gets SIGTERM.\n"
        "Run as many as you like.\n\n"
        "  --once   do what is due, then exit\n\n"
        "Environment: CONNEX_DB (as connex_jobs), CONNEX_SMTP_URL, CONNEX_MAIL_FROM, CONNEX_BASE_URL, "
        "CONNEX_LOG.\n"
        "SMTP: smtps://USER:PASSWORD@HOST, smtp://... with STARTTLS (without TLS on this machine itself),\n"
        "or smtp+insecure://HOST for a relay inside your own network.\n",
        out);
}

/* 0 or 1, or -1 when the arguments are not understood or only help was asked for. */
static int read_arguments(int argc, char **argv, int *status) {
  *status = VERB_CLEAN;
  if (argc == 1) return 0;
  if (argc == 2 && strcmp(argv[1], "--once") == 0) return 1;
  if (argc == 2 && strcmp(argv[1], "--help") == 0) {
    print_help(stdout);
    return -1;
  }
  print_help(stderr);
  *status = VERB_USAGE;
  return -1;
}

/* If mail cannot be sent, the settings are wrong: say so at the start and not at the first failure. */
static bool mail_usable(const struct config *config) {
  struct mail_session *session;

  if (config->smtp_url == NULL || config->mail_from == NULL) {
    log_event(LOG_WARNING, "mail_off",
              "CONNEX_SMTP_URL or CONNEX_MAIL_FROM is not set: mail stays in the outbox", 0);
    return true;
  }
  session = mail_open(&(struct mail_server){.url = config->smtp_url, .from_address = config->mail_from});
  if (session == NULL) fputs("connex jobs: CONNEX_SMTP_URL or CONNEX_MAIL_FROM cannot be used\n", stderr);
  mail_close(session);
  return session != NULL;
}

int verb_jobs(int argc, char **argv) {
  static const char *const areas[] = {"jobs", NULL};
  struct config config;
  struct jobs jobs = {.config = &config};
  int status, once = read_arguments(argc, argv, &status);

  if (once < 0) return status;
  if (config_read(&config, stderr) != 0) return VERB_FAILED;
  if (log_open(config.log) != 0) {
    fprintf(stderr, "connex jobs: %s: %s\n", config.log, strerror(errno));
    return VERB_FAILED;
  }
  watch_signals();
  if (!mail_usable(&config)) return VERB_FAILED;
  if (config.mail_from == NULL) config.smtp_url = NULL;
  jobs.db =
      db_open(&(struct db_options){.conninfo = config.db, .application_name = "connex jobs", .areas = areas});
  if (jobs.db == NULL) return VERB_FAILED;

  log_event(LOG_INFO, "jobs_started", NULL, 0);
  status = VERB_CLEAN;
  if (once) status = serve_once(&jobs) ? VERB_CLEAN : VERB_FAILED;
  else serve(&jobs);
  log_event(LOG_INFO, "jobs_stopped", NULL, 0);
  mail_close(jobs.mail);
  db_close(jobs.db);
  return status;
}
