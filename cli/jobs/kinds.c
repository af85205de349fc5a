/*
 * The table of kinds of jobs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jobs/jobs.h"

static bool mail_can_leave(const struct jobs *jobs) { return jobs->config->smtp_url != NULL; }

/* The lease of a mail is twice what sending one may take (lib/format/mail.c): if a daemon dies, a code that
 * is valid for 15 minutes (FGT-03) must not wait longer than that. */
const struct job_kind job_kinds[] = {
    {.name = "mail",
     .queue = &outbox_queue,
     .lease_s = "60",
     .tries_setting = "mail_tries",
     .handle = job_send_mail,
     .ready = mail_can_leave},
    {.name = "letter",
     .queue = &job_queue,
     .lease_s = "300",
     .tries_setting = "mail_tries",
     .handle = job_make_letter},
};

const size_t job_kind_count = sizeof job_kinds / sizeof job_kinds[0];
