/*
 * Claims of a provider account: search, and one claim with everything known
 * about it and what can be done now (sql/claim.sql, sql/rules/claim.sql).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "code_words.h"
#include "contract.h"
#include "cursor.h"
#include "db/array.h"
#include "request_statements.h"

/* What every search takes: the provider account, the range of days, and where the previous page ended. */
struct range {
  const char *from, *to, *day, *id;
};

/* Runs the statement whose index finds the fewest claims. It checks the other conditions on what it finds. */
static size_t add_search(struct request *request, const struct range *range) {
  const char *const *v = request->values;
  const struct param_provider_account_id account =
      P(provider_account_id, request->path[CLAIM_SEARCH_PATH_PROVIDER_ACCOUNT_ID]);
  const struct param_from_on from = P(from_on, range->from);
  const struct param_to_on to = P(to_on, range->to);
  const struct param_after_on day = P(after_on, range->day);
  const struct param_after_claim_id id = P(after_claim_id, range->id);
  const struct param_row_limit most = P(row_limit, request_limit(request));
  const struct param_status status = P(status, v[CLAIM_SEARCH_STATUS]);
  const struct param_mbi mbi = P(mbi, v[CLAIM_SEARCH_MBI]);
  const struct param_patient_control_no patient = P(patient_control_no, v[CLAIM_SEARCH_PATIENT_CONTROL_NO]);
  const struct param_control_no control = P(control_no, v[CLAIM_SEARCH_CONTROL_NO]);
  if (control.text != NULL)
    return add_claim_search_control(request, account, from, to, day, id, most, control,
                                    P(wanted, request_record(request)));
  if (mbi.text != NULL)
    return add_claim_search_patient(request, account, from, to, day, id, most, status, mbi, patient);
  if (patient.text != NULL)
    return add_claim_search_patient_control(request, account, from, to, day, id, most, status, mbi, patient);
  if (status.text != NULL) return add_claim_search_status(request, account, from, to, day, id, most, status);
  return add_claim_search_service(request, account, from, to, day, id, most);
}

enum status claim_search(struct request *request) {
  struct range range = {.from = request->values[CLAIM_SEARCH_FROM], .to = request->values[CLAIM_SEARCH_TO]};
  if (!cursor_read(request, request->values[CLAIM_SEARCH_AFTER], CURSOR_NEWEST_FIRST, &range.day, &range.id))
    return STATUS_UNPROCESSABLE;
  if (!cursor_days(request, &range.from, &range.to)) return STATUS_UNPROCESSABLE;
  size_t list = add_search(request, &range);
  enum status status = request_run(request);
  return status == STATUS_OK ? reply_list(request, list) : status;
}

/* ---------------------------------------------------------------- one claim */

/* The statements of a claim. */
struct claim {
  size_t row, lines, adjudications;
};

/* One item of four lists that are read side by side. */
struct adjustment_lists {
  struct db_array groups, reasons, amounts, quantities;
};

static const char *column(const struct request *request, size_t statement, int row, const char *name) {
  return db_named(request->db, statement, row, name);
}

static void write_code(struct request *request, const char *name, const char *words_name, const char *list,
                       const char *code) {
  struct json_out *out = &request->out;
  json_out_key(out, name);
  json_out_string(out, code);
  json_out_key(out, words_name);
  json_out_string(out, code == NULL ? NULL : code_words_find(request->services->words, list, code));
}

/* 1.500 as 1.5, and 2.000 as 2. */
static void write_quantity(struct json_out *out, const struct db_array *quantities) {
  const char *text = quantities->item;
  size_t length = quantities->length;
  if (text != NULL && memchr(text, '.', length) != NULL) {
    while (text[length - 1] == '0') length--;
    if (text[length - 1] == '.') length--;
  }
  json_out_string_n(out, text, length);
}

static void write_adjustment(struct request *request, const struct adjustment_lists *lists) {
  struct json_out *out = &request->out;
  json_out_object(out);
  write_code(request, "group_code", "group_words", "group", lists->groups.item);
  write_code(request, "reason_code", "reason_words", "CARC", lists->reasons.item);
  json_out_key(out, "amount");
  json_out_string(out, lists->amounts.item);
  json_out_key(out, "quantity");
  write_quantity(out, &lists->quantities);
  json_out_end_object(out);
}

/* The adjustments of one row; connex.claim_line says that the lists are equally long. */
static bool write_adjustments(struct request *request, size_t statement, int row) {
  struct adjustment_lists lists;
  struct arena *arena = request->arena;
  if (!db_array_open(&lists.groups, arena, column(request, statement, row, "_groups")) ||
      !db_array_open(&lists.reasons, arena, column(request, statement, row, "_reasons")) ||
      !db_array_open(&lists.amounts, arena, column(request, statement, row, "_amounts")) ||
      !db_array_open(&lists.quantities, arena, column(request, statement, row, "_quantities")))
    return false;
  json_out_key(&request->out, "adjustments");
  json_out_array(&request->out);
  while (db_array_next(&lists.groups) && db_array_next(&lists.reasons) && db_array_next(&lists.amounts)) {
    (void)db_array_next(&lists.quantities); /* without an item if none has a quantity */
    write_adjustment(request, &lists);
  }
  json_out_end_array(&request->out);
  return true;
}

static bool write_remarks(struct request *request, size_t statement, int row) {
  struct db_array codes;
  if (!db_array_open(&codes, request->arena, column(request, statement, row, "_remarks"))) return false;
  json_out_key(&request->out, "remarks");
  json_out_array(&request->out);
  while (db_array_next(&codes)) {
    json_out_object(&request->out);
    write_code(request, "code", "words", "RARC", codes.item);
    json_out_end_object(&request->out);
  }
  json_out_end_array(&request->out);
  return true;
}

/* The lines of the last adjudication. */
static bool write_lines(struct request *request, size_t lines, const char *last) {
  struct json_out *out = &request->out;
  json_out_key(out, "lines");
  json_out_array(out);
  for (int row = 0; row < db_rows(request->db, lines); row++) {
    if (strcmp(column(request, lines, row, "_adjudication_no"), last) != 0) continue;
    json_out_object(out);
    json_out_members(out, request->db, lines, row);
    if (!write_adjustments(request, lines, row) || !write_remarks(request, lines, row)) return false;
    json_out_end_object(out);
  }
  json_out_end_array(out);
  return true;
}

/* What the last adjudication says of the whole claim; empty lists while there is none. */
static bool write_of_claim(struct request *request, size_t adjudications, const char *last) {
  int row = 0, rows = db_rows(request->db, adjudications);
  while (row < rows && strcmp(column(request, adjudications, row, "adjudication_no"), last) != 0) row++;
  return write_adjustments(request, adjudications, row) && write_remarks(request, adjudications, row);
}

static bool write_claim(struct request *request, const struct claim *claim) {
  const char *last = column(request, claim->row, 0, "_last_adjudication_no");
  struct json_out *out = &request->out;
  json_out_init(out, request->arena);
  json_out_object(out);
  json_out_members(out, request->db, claim->row, 0);
  bool good = write_lines(request, claim->lines, last) && write_of_claim(request, claim->adjudications, last);
  json_out_key(out, "adjudications");
  json_out_rows(out, request->db, claim->adjudications);
  json_out_end_object(out);
  return good;
}

/* Runs the statements of a claim, with the words of all codes if `fetch`. */
static enum status read_claim(struct request *request, bool fetch, struct claim *claim) {
  const struct param_claim_id id = P(claim_id, request->path[CLAIM_GET_PATH_CLAIM_ID]);
  *claim = (struct claim){.row = add_claim_get(request, id),
                          .lines = add_claim_get_lines(request, id),
                          .adjudications = add_claim_get_adjudications(request, id)};
  size_t words = fetch ? add_claim_get_words(request) : SIZE_MAX;
  enum status status = request_run(request);
  if (status != STATUS_OK) return status;
  if (db_rows(request->db, claim->row) == 0) return reply_not_found(request);
  if (!fetch || code_words_take(request->services->words, request->db, words)) return STATUS_OK;
  return reply_problem(request, STATUS_INTERNAL, "failed", NULL);
}

/* The first request of a process fetches the words, and so does the first one after they have changed. */
enum status claim_get(struct request *request) {
  struct code_words *words = request->services->words;
  struct claim claim;
  bool fetch = !code_words_are(words, NULL);
  enum status status = read_claim(request, fetch, &claim);
  if (status == STATUS_OK && !code_words_are(words, column(request, claim.row, 0, "_code_version")))
    status = read_claim(request, true, &claim);
  if (status != STATUS_OK) return status;
  code_words_lock(words);
  bool good = write_claim(request, &claim);
  code_words_unlock(words);
  return good ? STATUS_OK : reply_problem(request, STATUS_INTERNAL, "failed", NULL);
}
