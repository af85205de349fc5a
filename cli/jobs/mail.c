/*
 * Sends one mail of the outbox to the SMTP server.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A mail that the server accepted but that we could not record as sent is sent again. Its Message-ID is the
 * same, so a mailbox shows only one.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "jobs/jobs.h"

/* A session with the sender's name that is in the settings now. NULL: the name cannot be used. */
static struct mail_session *session_for(struct jobs *jobs, const char *from_name) {
  if (jobs->mail != NULL && strcmp(jobs->from_name, from_name) == 0) return jobs->mail;
  mail_close(jobs->mail);
  snprintf(jobs->from_name, sizeof jobs->from_name, "%s", from_name);
  jobs->mail = mail_open(&(struct mail_server){
      .url = jobs->config->smtp_url, .from_address = jobs->config->mail_from, .from_name = jobs->from_name});
  return jobs->mail;
}

struct job_end job_send_mail(struct jobs *jobs, const struct job *job) {
  const struct db *db = jobs->db;
  const char *from_name = db_named(db, 0, 0, "from_name"), *created_at = db_named(db, 0, 0, "created_at");
  struct mail_session *session = session_for(jobs, from_name == NULL ? "" : from_name);
  struct job_end end = {.outcome = JOB_LATER};
  char message_id[41];
  struct mail_message message = {.to_address = db_named(db, 0, 0, "to_address"),
                                 .subject = db_named(db, 0, 0, "subject"),
                                 .text = db_named(db, 0, 0, "body"),
                                 .message_id = message_id,
                                 .sent_at = time(NULL)};

  if (session == NULL) return job_ended(JOB_LATER, "the setting mail_from_name cannot be used");
  /* The same for every attempt to send this mail, and never that of another one, even if the numbers start
   * again. */
  snprintf(message_id, sizeof message_id, "connex.%.19s.%.12s", job->id,
           created_at == NULL ? "0" : created_at);
  switch (mail_send(session, &message, end.why)) {
    case MAIL_SENT: end.outcome = JOB_DONE; break;
    case MAIL_TRY_AGAIN: break;
    case MAIL_REFUSED: end.outcome = JOB_NEVER; break;
  }
  return end;
}
