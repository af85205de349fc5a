/*
 * Jobs of the kind "letter": makes the PDF of an access code letter.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * LSO-04: the row of the letter has the plain access code only until its PDF is stored; the same statement
 * wipes it. The code never goes to the log.
 */
#include "medicare/letter.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/jobs.h"

/* Why no letter can be made of the row on the connection, and whether that can change. JOB_LATER without
 * a reason means that a letter can be made. */
static struct job_end letter_fault(const struct db *db) {
  const char *status = db_named(db, 0, 0, "status"), *kind = db_named(db, 0, 0, "kind");

  if (db_rows(db, 0) == 0) return job_ended(JOB_NEVER, "the letter does not exist");
  if (strcmp(status, "rendered") == 0 || strcmp(status, "printed") == 0) return job_ended(JOB_DONE, "");
  if (strcmp(kind, "access_code") != 0)
    return job_ended(JOB_NEVER, "this version does not know this kind of letter");
  if (db_named(db, 0, 0, "secret") == NULL) return job_ended(JOB_NEVER, "the code has expired and was wiped");
  if (db_named(db, 0, 0, "addressee") == NULL)
    return job_ended(JOB_LATER, "the provider account has no billing address");
  return job_ended(JOB_LATER, "");
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

struct job_end job_make_letter(struct jobs *jobs, const struct job *job) {
  struct job_end end;
  unsigned char *pdf;
  size_t length;

  if (job->subject_id[0] == '\0') return job_ended(JOB_NEVER, "the job does not name a letter");
  if (!jobs_run(jobs, q_jobs_letter_get(P(letter_id, job->subject_id))))
    return job_ended(JOB_LATER, "the database did not answer");
  end = letter_fault(jobs->db);
  if (end.outcome != JOB_LATER || end.why[0] != '\0') return end;

  pdf = render(jobs, &length);
  if (pdf == NULL) return job_ended(JOB_LATER, "the PDF could not be made");
  end = store(jobs, job->subject_id, pdf, length) ? job_ended(JOB_DONE, "")
                                                  : job_ended(JOB_LATER, "the PDF could not be stored");
  OPENSSL_cleanse(pdf, length);
  free(pdf);
  return end;
}
