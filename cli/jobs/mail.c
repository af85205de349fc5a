/*
 * Mail from the outbox to the SMTP server, one at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A mail that the server took and that we could not record as sent goes a second time; its Message-ID is the
 * same, so a mailbox shows one. The log tells the mail's number and kind, never to whom it goes or what it
 * says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "jobs/jobs.h"

/* What is kept of a claimed mail when its row is gone from the connection. */
struct claimed {
  char outbox_id[24];
  char kind[64];
  char tries[12];
};

static void log_mail(const struct claimed *mail, enum log_level level, const char *event, const char *state,
                     const char *why) {
  struct log_line line;

  log_start(&line, level, event);
  log_number(&line, "outbox_id", strtoll(mail->outbox_id, NULL, 10));
  log_text(&line, "kind", mail->kind);
  log_number(&line, "tries", strtoll(mail->tries, NULL, 10));
  log_text(&line, "state", state);
  log_text(&line, "why", why);
  log_end(&line);
}

/* A session under the sender's name that the settings hold now. NULL: the name cannot be used. */
static struct mail_session *session_for(struct jobs *jobs, const char *from_name) {
  if (jobs->mail != NULL && strcmp(jobs->from_name, from_name) == 0) return jobs->mail;
  mail_close(jobs->mail);
  snprintf(jobs->from_name, sizeof jobs->from_name, "%s", from_name);
  jobs->mail = mail_open(&(struct mail_server){
      .url = jobs->config->smtp_url, .from_address = jobs->config->mail_from, .from_name = jobs->from_name});
  return jobs->mail;
}

/* Sends the claimed row, which is still on the connection. */
static enum mail_result send_claimed(struct jobs *jobs, const struct claimed *claimed, char *error) {
  const struct db *db = jobs->db;
  const char *from_name = db_named(db, 0, 0, "from_name"), *created_at = db_named(db, 0, 0, "created_at");
  struct mail_session *session = session_for(jobs, from_name == NULL ? "" : from_name);
  char message_id[41];
  struct mail_message message = {.to_address = db_named(db, 0, 0, "to_address"),
                                 .subject = db_named(db, 0, 0, "subject"),
                                 .text = db_named(db, 0, 0, "body"),
                                 .message_id = message_id,
                                 .sent_at = time(NULL)};

  if (session == NULL) {
    snprintf(error, MAIL_ERROR_SIZE, "the setting mail_from_name cannot be used");
    return MAIL_TRY_AGAIN;
  }
  /* The same for every try of this mail, and no other's, even after the numbers began anew. */
  snprintf(message_id, sizeof message_id, "connex.%.19s.%.12s", claimed->outbox_id,
           created_at == NULL ? "0" : created_at);
  return mail_send(session, &message, error);
}

static bool record_sent(struct jobs *jobs, const struct claimed *mail) {
  if (!jobs_record(jobs, q_jobs_mail_sent(P(outbox_id, mail->outbox_id)))) return false;
  log_mail(mail, LOG_INFO, "mail_sent", "sent", NULL);
  return true;
}

static bool record_unsent(struct jobs *jobs, const struct claimed *mail, bool for_ever, const char *why) {
  const char *state;

  if (!jobs_record(jobs, q_jobs_mail_unsent(P(outbox_id, mail->outbox_id), P(why, why),
                                            P(is_final, for_ever ? "true" : "false"))))
    return false;
  state = db_named(jobs->db, 0, 0, "state");
  log_mail(mail, for_ever ? LOG_ERROR : LOG_WARNING, "mail_unsent", state, why);
  return true;
}

enum jobs_step jobs_send_mail(struct jobs *jobs) {
  struct claimed claimed;
  char error[MAIL_ERROR_SIZE];
  enum mail_result result;
  bool recorded;

  if (!jobs_run(jobs, q_jobs_mail_claim())) return JOBS_AWAY;
  if (db_rows(jobs->db, 0) == 0) return JOBS_IDLE;
  snprintf(claimed.outbox_id, sizeof claimed.outbox_id, "%s", db_named(jobs->db, 0, 0, "outbox_id"));
  snprintf(claimed.kind, sizeof claimed.kind, "%s", db_named(jobs->db, 0, 0, "kind"));
  snprintf(claimed.tries, sizeof claimed.tries, "%s", db_named(jobs->db, 0, 0, "tries"));

  result = send_claimed(jobs, &claimed, error);
  recorded = result == MAIL_SENT ? record_sent(jobs, &claimed)
                                 : record_unsent(jobs, &claimed, result == MAIL_REFUSED, error);
  return recorded ? JOBS_WORKED : JOBS_AWAY;
}
