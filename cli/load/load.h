/*
 * What the parts of `connex load` share: the file being read, its report, and the kinds of files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_LOAD_LOAD_H
#define CONNEX_CLI_LOAD_LOAD_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/byte_buffer.h"
#include "db/db_copy.h"
#include "statements.h"

enum {
  LOAD_FINDINGS_KEPT = 10000, /* of one file, in the report and in the table; all are counted */
  LOAD_BALANCES_KEPT = 10000,
  LOAD_SHOWN = 50,      /* of each in the report for people */
  LOAD_NAME_SIZE = 4096 /* of a file, as it is shown and stored */
};

struct load_options {
  const char *contractor_no; /* NULL: found in the file */
  size_t segment_limit;      /* 0: the reader's own */
  bool without_envelope;
  bool json;  /* report for scripts */
  bool quiet; /* no progress line */
};

/* A file being read: bytes are counted and hashed as they are read. */
struct load_source {
  int descriptor;
  const char *name;   /* as given; "-" is standard input */
  uint64_t size;      /* 0 when not known */
  uint64_t bytes;     /* read so far */
  EVP_MD_CTX *digest; /* owned */
};

enum load_severity { LOAD_FLAGGED, LOAD_REFUSED };

struct load_finding {
  enum load_severity severity;
  char place[48]; /* "segment 57 (SE), transaction 1002", "row 17" */
  char code[32];
  char acknowledgment[20]; /* "999 IK502 4", or "" */
  char words[240];
};

/* How one 835 transaction balances: the figures of ../shared/samples/x12/835_balance.csv and their like. */
struct load_balance {
  char transaction_control[64];
  char outcome[16]; /* loaded, already_loaded, refused */
  uint64_t claims, claims_balanced, lines, lines_balanced, claims_with_lines, claims_with_equal_charges;
  int64_t payment, claims_paid, provider_adjustments; /* cents */
  bool balanced;
};

/* The outcome of one file. Counts are of transactions (835) or rows (feeds). */
struct load_report {
  const char *kind;
  char name[LOAD_NAME_SIZE]; /* load_report_name */
  char run[24];              /* load_run_id */
  uint64_t accepted, unchanged, flagged, refused;
  uint64_t claims, lines;        /* 835: in accepted transactions */
  uint64_t finding_count;        /* all, kept or not */
  struct load_finding *findings; /* owned; LOAD_FINDINGS_KEPT at most */
  size_t findings_kept, findings_capacity;
  uint64_t balance_count;
  struct load_balance *balances; /* owned */
  size_t balances_kept, balances_capacity;
  struct byte_buffer pending; /* findings on their way to the table */
  size_t pending_from;        /* index of the first one in it */
  double seconds;
  bool failed;
  char failure[512];
};

struct load {
  struct load_options options;
  struct db_copy *db;
  bool synthetic_mbi_allowed; /* the setting of that name */
  struct load_source source;
  struct load_report report;
  double started; /* seconds of the monotonic clock */
  double shown;   /* when the progress line was last written */
};

/* A connection with the temporary tables. NULL: why is on standard error. The caller closes it. */
struct db_copy *load_open_database(void);

/* One kind of file: reads load->source to its end into load->db. Returns false when it had to stop before the
 * end; the report says why. */
typedef bool (*load_function)(struct load *load);

bool load_remittances(struct load *load);
bool load_provider_accounts(struct load *load);
bool load_payments(struct load *load);
bool load_beneficiaries(struct load *load);

/* source.c */
bool load_source_open(struct load_source *source, const char *name);
void load_source_close(struct load_source *source);
ssize_t load_source_read(void *source, void *buffer, size_t size); /* an x12_read_function */
/* SHA-256 of what was read, as hexadecimal text of 64 characters. */
void load_source_digest(struct load_source *source, char text[65]);

/* report.c */
void load_report_free(struct load_report *report);
/* Keeps the file's name so that it can be shown and stored. A name may be any bytes; those that are not
 * UTF-8, and control characters, become %XX. Other characters stay, so the name is for reading and cannot be
 * decoded. */
void load_report_name(struct load_report *report, const char *name);
void load_report_fail(struct load_report *report, const char *words);
void load_report_add(struct load_report *report, const struct load_finding *finding);
__attribute__((format(printf, 5, 6))) void load_report_say(struct load_report *report,
                                                           enum load_severity severity, const char *place,
                                                           const char *code, const char *format, ...);
/* Adds the findings of another report. */
void load_report_append(struct load_report *report, const struct load_report *more);
void load_report_balance(struct load_report *report, const struct load_balance *balance);
/* A point in the report, to go back to. */
struct load_mark {
  uint64_t finding_count, flagged;
};
struct load_mark load_report_mark(const struct load_report *report);
/* Removes the findings since the mark, because what they are about was not loaded. */
void load_report_take_back(struct load_report *report, struct load_mark mark);
/* Stores the findings that are not in the table yet, in the caller's transaction. */
bool load_report_store(struct load_report *report, struct db_copy *db);
void load_report_print(const struct load_report *report);
struct json_t;
struct json_t *load_report_json(const struct load_report *report);
double load_seconds(void);
void load_progress(struct load *load, const char *what, uint64_t count);
void load_progress_end(const struct load *load);

#endif
