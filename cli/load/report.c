/*
 * The final report of `connex load`, for people and for scripts, and the progress line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"
#include "load/load.h"

static const char *const severity_words[] = {[LOAD_FLAGGED] = "flagged", [LOAD_REFUSED] = "refused"};

void load_report_free(struct load_report *report) {
  free(report->findings);
  free(report->balances);
  byte_buffer_free(&report->pending);
  memset(report, 0, sizeof *report);
}

void load_report_name(struct load_report *report, const char *name) {
  size_t left = strlen(name), at = 0;
  while (left > 0 && at + 3 * 4 < sizeof report->name) { /* room for the longest character, escaped */
    uint32_t character;
    size_t length = utf8_next(name, left, &character);
    if (length > 0 && !utf8_is_control(character)) {
      memcpy(report->name + at, name, length);
      at += length;
    } else {
      length = length == 0 ? 1 : length;
      for (size_t i = 0; i < length; i++, at += 3)
        (void)snprintf(report->name + at, 4, "%%%02X", (unsigned char)name[i]);
    }
    name += length;
    left -= length;
  }
  report->name[at] = '\0';
}

void load_report_fail(struct load_report *report, const char *words) {
  report->failed = true;
  (void)utf8_visible(words, strlen(words), report->failure, sizeof report->failure);
}

/* Room for one more in a list with a limit. NULL when it is full or out of memory; counting goes on. */
static void *one_more(void **list, size_t *count, size_t *capacity, size_t most, size_t size) {
  if (*count == most) return NULL;
  if (*count == *capacity) {
    size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
    void *grown = realloc(*list, wanted * size);
    if (grown == NULL) return NULL;
    *list = grown;
    *capacity = wanted;
  }
  return (char *)*list + (*count)++ * size;
}

void load_report_add(struct load_report *report, const struct load_finding *finding) {
  report->finding_count++;
  report->flagged += finding->severity == LOAD_FLAGGED ? 1 : 0;
  struct load_finding *kept = one_more((void **)&report->findings, &report->findings_kept,
                                       &report->findings_capacity, LOAD_FINDINGS_KEPT, sizeof *kept);
  if (kept == NULL) return;
  *kept = *finding;
  (void)utf8_visible(finding->place, strlen(finding->place), kept->place, sizeof kept->place);
  (void)utf8_visible(finding->words, strlen(finding->words), kept->words, sizeof kept->words);
}

void load_report_say(struct load_report *report, enum load_severity severity, const char *place,
                     const char *code, const char *format, ...) {
  struct load_finding finding = {.severity = severity};
  (void)snprintf(finding.place, sizeof finding.place, "%s", place);
  (void)snprintf(finding.code, sizeof finding.code, "%s", code);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(finding.words, sizeof finding.words, format, arguments);
  va_end(arguments);
  load_report_add(report, &finding);
}

void load_report_append(struct load_report *report, const struct load_report *more) {
  uint64_t count = report->finding_count + more->finding_count, flagged = report->flagged + more->flagged;
  for (size_t i = 0; i < more->findings_kept; i++) load_report_add(report, &more->findings[i]);
  report->finding_count = count;
  report->flagged = flagged;
}

void load_report_balance(struct load_report *report, const struct load_balance *balance) {
  report->balance_count++;
  struct load_balance *kept = one_more((void **)&report->balances, &report->balances_kept,
                                       &report->balances_capacity, LOAD_BALANCES_KEPT, sizeof *kept);
  if (kept == NULL) return;
  *kept = *balance;
  (void)utf8_visible(balance->transaction_control, strlen(balance->transaction_control),
                     kept->transaction_control, sizeof kept->transaction_control);
}

struct load_mark load_report_mark(const struct load_report *report) {
  return (struct load_mark){report->finding_count, report->flagged};
}

void load_report_take_back(struct load_report *report, struct load_mark mark) {
  report->finding_count = mark.finding_count;
  report->flagged = mark.flagged;
  if (report->findings_kept > mark.finding_count) report->findings_kept = (size_t)mark.finding_count;
}

/* The code of an acknowledgment says more than our own code word. */
#define FINDING_COLUMNS(COLUMN)                                                                              \
  COLUMN(finding_no, integer, (int64_t)i + 1)                                                                \
  COLUMN(severity, text, severity_words[finding->severity])                                                  \
  COLUMN(place, text, finding->place)                                                                        \
  COLUMN(code, text, finding->acknowledgment[0] != '\0' ? finding->acknowledgment : finding->code)           \
  COLUMN(words, text, finding->words)

static const struct copy_target stage_finding = COPY_TARGET("stage_finding", FINDING_COLUMNS);

bool load_report_store(struct load_report *report, struct db_copy *db) {
  struct byte_buffer *rows = &report->pending;
  byte_buffer_clear(rows);
  for (size_t i = report->pending_from; i < report->findings_kept; i++) {
    const struct load_finding *finding = &report->findings[i];
    COPY_ROW(rows, FINDING_COLUMNS);
  }
  report->pending_from = report->findings_kept;
  if (rows->length == 0) return !rows->failed;
  return db_copy_rows(db, &stage_finding, rows) &&
         db_copy_run(db, q_load_findings(P(load_run_id, report->run)));
}

/* ---------------------------------------------------------------- for people */

static void print_balance(const struct load_balance *balance) {
  char payment[24], paid[24], adjusted[24];
  printf("  transaction %s: %s; claims balanced %" PRIu64 " of %" PRIu64 ", lines %" PRIu64 " of %" PRIu64
         ", charges of lines equal the claim's %" PRIu64 " of %" PRIu64
         "; payment %s, claims %s, provider adjustments %s: %s\n",
         balance->transaction_control,
         strcmp(balance->outcome, "already_loaded") == 0 ? "already loaded" : balance->outcome,
         balance->claims_balanced, balance->claims, balance->lines_balanced, balance->lines,
         balance->claims_with_equal_charges, balance->claims_with_lines,
         cents_text(balance->payment, payment), cents_text(balance->claims_paid, paid),
         cents_text(balance->provider_adjustments, adjusted),
         balance->balanced ? "balanced" : "NOT balanced");
}

static void print_finding(const struct load_finding *finding) {
  printf("  %s  %s: %s%s%s%s\n", severity_words[finding->severity], finding->place, finding->words,
         finding->acknowledgment[0] == '\0' ? "" : " [", finding->acknowledgment,
         finding->acknowledgment[0] == '\0' ? "" : "]");
}

static void print_more(uint64_t count, size_t shown, const char *what) {
  if (count > shown) printf("  ... and %" PRIu64 " more %s\n", count - shown, what);
}

void load_report_print(const struct load_report *report) {
  bool remittances = strcmp(report->kind, "835") == 0;
  const char *unit = remittances ? "transactions" : "rows";
  printf("%s\n", strcmp(report->name, "-") == 0 ? "(standard input)" : report->name);
  for (size_t i = 0; i < report->balances_kept && i < LOAD_SHOWN; i++) print_balance(&report->balances[i]);
  print_more(report->balance_count, LOAD_SHOWN, "transactions");
  for (size_t i = 0; i < report->findings_kept && i < LOAD_SHOWN; i++) print_finding(&report->findings[i]);
  print_more(report->finding_count, LOAD_SHOWN, "findings (table connex.load_finding, or --report json)");
  printf("  %s: %" PRIu64 " accepted, %" PRIu64 " %s, %" PRIu64 " refused; %" PRIu64 " flags", unit,
         report->accepted, report->unchanged, remittances ? "already loaded" : "unchanged", report->refused,
         report->flagged);
  if (remittances) printf("; %" PRIu64 " claims, %" PRIu64 " lines", report->claims, report->lines);
  printf(" (run %s, %.1f s)\n", report->run[0] == '\0' ? "-" : report->run, report->seconds);
  if (report->failed) printf("  FAILED: %s\n", report->failure);
}

/* ---------------------------------------------------------------- for scripts */

static json_t *cents_json(int64_t cents) {
  char text[24];
  return json_string(cents_text(cents, text));
}

static json_t *balance_json(const struct load_balance *balance) {
  return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:b}",                //
                   "transaction_control", balance->transaction_control,                           //
                   "outcome", balance->outcome,                                                   //
                   "claims", (json_int_t)balance->claims,                                         //
                   "claims_balanced", (json_int_t)balance->claims_balanced,                       //
                   "svc_lines", (json_int_t)balance->lines,                                       //
                   "svc_balanced", (json_int_t)balance->lines_balanced,                           //
                   "claims_with_svc", (json_int_t)balance->claims_with_lines,                     //
                   "svc_charge_sum_equals_claim", (json_int_t)balance->claims_with_equal_charges, //
                   "payment", cents_json(balance->payment),                                       //
                   "claims_paid", cents_json(balance->claims_paid),                               //
                   "provider_adjustments", cents_json(balance->provider_adjustments),             //
                   "balanced", balance->balanced);
}

static json_t *finding_json(const struct load_finding *finding) {
  return json_pack("{s:s, s:s, s:s, s:s, s:s}", "severity", severity_words[finding->severity], "place",
                   finding->place, "code", finding->code, "acknowledgment", finding->acknowledgment, "words",
                   finding->words);
}

json_t *load_report_json(const struct load_report *report) {
  json_t *findings = json_array();
  json_t *transactions = json_array();
  for (size_t i = 0; i < report->findings_kept; i++)
    (void)json_array_append_new(findings, finding_json(&report->findings[i]));
  for (size_t i = 0; i < report->balances_kept; i++)
    (void)json_array_append_new(transactions, balance_json(&report->balances[i]));
  return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:b, s:s, s:o, s:o}", "kind",
                   report->kind, "file", report->name, "load_run_id", report->run, "accepted",
                   (json_int_t)report->accepted, "unchanged", (json_int_t)report->unchanged, "refused",
                   (json_int_t)report->refused, "flags", (json_int_t)report->flagged, "claims",
                   (json_int_t)report->claims, "lines", (json_int_t)report->lines, "finding_count",
                   (json_int_t)report->finding_count, "seconds", report->seconds, "failed", report->failed,
                   "failure", report->failure, "findings", findings, "transactions", transactions);
}

/* ---------------------------------------------------------------- progress */

double load_seconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void load_progress(struct load *load, const char *what, uint64_t count) {
  double now = load_seconds();
  if (load->options.quiet || now - load->shown < 0.25) return;
  load->shown = now;
  double seconds = now - load->started > 0 ? now - load->started : 1e-9;
  fprintf(stderr, "\r\033[K%s: ", load->report.name);
  if (load->source.size > 0)
    fprintf(stderr, "%.0f %%, ", 100.0 * (double)load->source.bytes / (double)load->source.size);
  fprintf(stderr, "%" PRIu64 " %s, %.0f a second", count, what, (double)count / seconds);
  (void)fflush(stderr);
}

void load_progress_end(const struct load *load) {
  if (!load->options.quiet && load->shown > 0) fputs("\r\033[K", stderr);
}
