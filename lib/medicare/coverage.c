/*
 * Kinds of coverage and their alerts: see coverage.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "medicare/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/byte_buffer.h"

/* Writes what an active coverage means for the office on the day asked about. */
typedef void writer(struct byte_buffer *out, const struct coverage *one, const char *day);

static writer plan, insurer, qmb, hospice, home_health, deductible;

/* The kinds in the order in which they are shown. Their codes are those of connex.coverage_kind. */
static const struct kind {
  const char *code, *words;
  int place;     /* among the alerts; a date of death has the first */
  writer *alert; /* while it is active */
  bool expected; /* the alert is that the patient does not have it */
} kinds[] = {
    {"part_a", "Part A entitlement", 2, NULL, true},
    {"part_b", "Part B entitlement", 2, NULL, true},
    {"part_b_deductible", "Part B deductible", 8, deductible, false},
    {"part_a_deductible", "Part A deductible", 8, deductible, false},
    {"medicare_advantage", "Medicare Advantage", 3, plan, false},
    {"part_d", "Part D", 0, NULL, false},
    {"msp", "Medicare Secondary Payer", 4, insurer, false},
    {"qmb", "Qualified Medicare Beneficiary", 5, qmb, false},
    {"hospice", "Hospice", 6, hospice, false},
    {"home_health", "Home health", 7, home_health, false},
    {"esrd", "End-stage renal disease", 0, NULL, false},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Its place in the table; KINDS for a kind that is not known, which is shown last. */
static size_t kind_of(const char *code) {
  size_t at = 0;
  while (at < KINDS && strcmp(kinds[at].code, code) != 0) at++;
  return at;
}

const char *coverage_words(const char *kind) {
  size_t at = kind_of(kind);
  return at < KINDS ? kinds[at].words : kind;
}

/* ---------------------------------------------------------------- the day and the order */

/* Days as text compare like days. No first day is before all days, no last day is after all. */
static int compare_days(const char *a, const char *b, int without) {
  if (a == NULL || b == NULL) return ((b == NULL) - (a == NULL)) * without;
  return strcmp(a, b);
}

static int compare_rows(const void *first, const void *second) {
  const struct coverage *a = first, *b = second;
  size_t kind_a = kind_of(a->kind), kind_b = kind_of(b->kind);
  if (kind_a != kind_b) return kind_a < kind_b ? -1 : 1;
  int order = compare_days(b->from, a->from, 1);
  if (order == 0) order = compare_days(b->to, a->to, -1);
  return order != 0 ? order : a->row - b->row;
}

void coverage_set_day(struct coverage *all, size_t count, const char *day) {
  for (size_t i = 0; i < count; i++)
    all[i].active = compare_days(all[i].from, day, 1) <= 0 && compare_days(day, all[i].to, -1) <= 0;
  if (count > 0) qsort(all, count, sizeof *all, compare_rows);
}

/* ---------------------------------------------------------------- the alerts' words */

/* MM/DD/YYYY, as connex.spoken_day() writes it. */
static void add_day(struct byte_buffer *out, const char *day) {
  if (day != NULL && strlen(day) == 10) byte_buffer_format(out, "%.2s/%.2s/%.4s", day + 5, day + 8, day);
}

/* "first, second", or the one of them that is there. */
static void add_both(struct byte_buffer *out, const char *first, const char *second) {
  if (first != NULL) byte_buffer_add_word(out, first);
  if (first != NULL && second != NULL) byte_buffer_add_word(out, ", ");
  if (second != NULL) byte_buffer_add_word(out, second);
}

static void plan(struct byte_buffer *out, const struct coverage *one, const char *day) {
  byte_buffer_add_word(out, "In a Medicare Advantage plan on ");
  add_day(out, day);
  byte_buffer_add_word(out, ": ");
  add_both(out, one->payer_name, one->payer_id);
  byte_buffer_add_word(out, ". Bill the plan, not Medicare.");
}

static void insurer(struct byte_buffer *out, const struct coverage *one, const char *day) {
  (void)day;
  byte_buffer_add_word(out, "Another insurer pays first: ");
  add_both(out, one->payer_name != NULL ? one->payer_name : "not named", one->detail);
  byte_buffer_add_word(out, ".");
}

static void qmb(struct byte_buffer *out, const struct coverage *one, const char *day) {
  (void)one, (void)day;
  byte_buffer_add_word(out,
                       "Qualified Medicare Beneficiary: do not bill the patient for Medicare's deductible, "
                       "coinsurance or copayment.");
}

static void hospice(struct byte_buffer *out, const struct coverage *one, const char *day) {
  (void)day;
  byte_buffer_add_word(out, "In hospice care since ");
  add_day(out, one->from);
  byte_buffer_add_word(out, ": the hospice bills for care of the terminal illness.");
}

static void home_health(struct byte_buffer *out, const struct coverage *one, const char *day) {
  (void)day;
  byte_buffer_add_word(out, "In a home health episode since ");
  add_day(out, one->from);
  byte_buffer_add_word(out, ": the home health agency bills for much of the care.");
}

static void deductible(struct byte_buffer *out, const struct coverage *one, const char *day) {
  (void)day;
  byte_buffer_add_word(out, "$");
  byte_buffer_add_word(out, one->remaining);
  byte_buffer_add_word(out, " of the ");
  byte_buffer_add_word(out, coverage_words(one->kind));
  byte_buffer_add_word(out, " is left.");
}

/* ---------------------------------------------------------------- the alerts */

struct alerts {
  struct arena *arena;
  struct coverage_alert *list;
  int count; /* -1: out of memory */
};

static void add_alert(struct alerts *alerts, int place, const char *kind, struct byte_buffer *words) {
  byte_buffer_add(words, "", 1);
  if (words->failed || alerts->count < 0) alerts->count = -1;
  else
    alerts->list[alerts->count++] =
        (struct coverage_alert){.place = place, .kind = kind, .words = words->data};
}

static const struct coverage *active(const struct coverage *all, size_t count, const char *kind) {
  for (size_t i = 0; i < count; i++)
    if (all[i].active && strcmp(all[i].kind, kind) == 0) return &all[i];
  return NULL;
}

/* A QMB's deductible is nothing to collect, because the patient does not have to pay it. */
static bool is_told(const struct kind *kind, const struct coverage *one, bool is_qmb) {
  if (!one->active || kind->alert == NULL) return false;
  return kind->alert != deductible || (!is_qmb && one->remaining != NULL && strtod(one->remaining, NULL) > 0);
}

static int compare_alerts(const void *first, const void *second) {
  const struct coverage_alert *a = first, *b = second;
  if (a->place != b->place) return a->place - b->place;
  int order = strcmp(a->kind, b->kind);
  return order != 0 ? order : strcmp(a->words, b->words);
}

int coverage_alerts(struct arena *arena, const struct coverage *all, size_t count, const char *day,
                    const char *died, struct coverage_alert *list) {
  struct alerts alerts = {.arena = arena, .list = list};
  bool is_qmb = active(all, count, "qmb") != NULL;
  if (died != NULL) {
    struct byte_buffer words = {.arena = arena};
    byte_buffer_add_word(&words, "The records show that the patient died on ");
    add_day(&words, died);
    byte_buffer_add_word(&words, ".");
    add_alert(&alerts, 1, "death", &words);
  }
  for (size_t at = 0; at < KINDS; at++) {
    if (!kinds[at].expected || active(all, count, kinds[at].code) != NULL) continue;
    struct byte_buffer words = {.arena = arena};
    byte_buffer_format(&words, "No %s on ", kinds[at].words);
    add_day(&words, day);
    byte_buffer_add_word(&words, ".");
    add_alert(&alerts, kinds[at].place, kinds[at].code, &words);
  }
  for (size_t i = 0; i < count; i++) {
    size_t at = kind_of(all[i].kind);
    if (at == KINDS || !is_told(&kinds[at], &all[i], is_qmb)) continue;
    struct byte_buffer words = {.arena = arena};
    kinds[at].alert(&words, &all[i], day);
    add_alert(&alerts, kinds[at].place, kinds[at].code, &words);
  }
  if (alerts.count > 1) qsort(list, (size_t)alerts.count, sizeof *list, compare_alerts);
  return alerts.count;
}
