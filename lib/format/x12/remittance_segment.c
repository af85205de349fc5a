/*
 * One function for each segment of an 835.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "format/x12/remittance_internal.h"

enum { CAS_TRIPLETS = 6, PLB_PAIRS = 6 };

/* ---------------------------------------------------------------- header segments */

static void read_bpr(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  if (!remittance_money(reader, 2, "BPR02", true, &total->amount)) {
    total->unusable = true;
    REPORT(reader, X12_REFUSE, "payment_unreadable", "999 IK502 5",
           "Without BPR02 the remittance cannot be used.");
  }
  reader->payment_read = true;
  total->credit = !x12_is(remittance_element(reader, 3), "D");
  KEEP(reader, 4, "BPR04", total->method);
  remittance_date(reader, 16, "BPR16", total->paid_on);
}

static void read_trn(struct remittance_reader *reader) {
  KEEP(reader, 2, "TRN02", reader->remittance.payment_number);
  KEEP(reader, 3, "TRN03", reader->remittance.originator_id);
}

static void read_n1(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  struct x12_text entity = remittance_element(reader, 1);
  reader->party = x12_is(entity, "PR") ? PARTY_PAYER : x12_is(entity, "PE") ? PARTY_PAYEE : PARTY_NONE;
  if (reader->party == PARTY_PAYER) {
    KEEP(reader, 2, "N102", total->payer_name);
    KEEP(reader, 4, "N104", total->payer_id);
  } else if (reader->party == PARTY_PAYEE) {
    KEEP(reader, 2, "N102", total->payee_name);
    if (x12_is(remittance_element(reader, 3), "XX")) KEEP(reader, 4, "N104", total->payee_npi);
    else if (x12_is(remittance_element(reader, 3), "FI")) KEEP(reader, 4, "N104", total->payee_tin);
  }
}

static void read_summary(struct remittance_reader *reader) {
  remittance_supplement(reader, &reader->supplement);
}

static void read_lx(struct remittance_reader *reader) {
  remittance_close_claim(reader);
  reader->detail = true;
}

/* ---------------------------------------------------------------- claim segments */

static void refuse_claim(struct remittance_reader *reader, const char *why) {
  reader->claim.unusable = true;
  REPORT(reader, X12_REFUSE, "claim_unusable", "999 IK502 5", "Claim %llu cannot be used: %s.",
         (unsigned long long)reader->claim.number, why);
}

static void read_clp(struct remittance_reader *reader) {
  remittance_close_claim(reader);
  struct remittance_claim *claim = &reader->claim;
  memset(claim, 0, sizeof *claim);
  byte_buffer_clear(&reader->claim_raw);
  byte_buffer_clear(&reader->claim_supplement);
  reader->detail = true;
  reader->claim_open = true;
  reader->adjustment_count = 0;
  claim->number = reader->remittance.claims + 1;
  claim->segment_number = x12_segment(reader->x12)->number;
  KEEP(reader, 1, "CLP01", claim->patient_control_no);
  KEEP(reader, 2, "CLP02", claim->status);
  bool charge = remittance_money(reader, 3, "CLP03", true, &claim->charge);
  bool paid = remittance_money(reader, 4, "CLP04", true, &claim->paid);
  (void)remittance_money(reader, 5, "CLP05", false, &claim->patient_responsibility);
  KEEP(reader, 6, "CLP06", claim->filing_indicator);
  KEEP(reader, 7, "CLP07", claim->control_no);
  KEEP(reader, 8, "CLP08", claim->facility);
  KEEP(reader, 9, "CLP09", claim->frequency);
  KEEP(reader, 11, "CLP11", claim->drg);
  if (!charge || !paid) refuse_claim(reader, "its charge or its payment cannot be read");
  if (claim->control_no[0] == '\0') refuse_claim(reader, "it has no control number (CLP07)");
}

static void read_cas(struct remittance_reader *reader) {
  struct remittance_adjustment adjustment = {.claim_number = reader->claim.number};
  adjustment.line_number = reader->line_open ? reader->line.number : 0;
  KEEP(reader, 1, "CAS01", adjustment.group_code);
  for (size_t i = 0; i < CAS_TRIPLETS; i++) {
    size_t position = 2 + 3 * i;
    if (remittance_element(reader, position).length == 0 &&
        remittance_element(reader, position + 1).length == 0)
      continue;
    char what[REMITTANCE_CODE_SIZE];
    (void)snprintf(what, sizeof what, "CAS%02zu", position + 1);
    if (!remittance_money(reader, position + 1, what, true, &adjustment.amount)) continue;
    KEEP(reader, position, "A reason code of CAS", adjustment.reason_code);
    remittance_quantity(reader, position + 2, "CAS", adjustment.quantity, sizeof adjustment.quantity);
    adjustment.number = ++reader->adjustment_count;
    remittance_add_cents(&reader->claim.adjustments, adjustment.amount);
    if (reader->line_open) remittance_add_cents(&reader->line.adjustments, adjustment.amount);
    reader->stopped = !reader->sink.adjustment(reader->sink.context, &adjustment) || reader->stopped;
  }
}

static void read_nm1(struct remittance_reader *reader) {
  struct remittance_claim *claim = &reader->claim;
  struct x12_text entity = remittance_element(reader, 1);
  if (x12_is(entity, "QC")) {
    KEEP(reader, 3, "NM103", claim->patient_last_name);
    KEEP(reader, 4, "NM104", claim->patient_first_name);
    KEEP(reader, 9, "NM109", claim->patient_id);
  } else if (x12_is(entity, "IL")) {
    KEEP(reader, 9, "NM109", claim->insured_id);
  } else if (x12_is(entity, "74")) {
    KEEP(reader, 9, "NM109", claim->corrected_id);
  } else if (x12_is(entity, "82")) {
    KEEP(reader, 9, "NM109", claim->rendering_provider_id);
  } else if (x12_is(entity, "TT")) {
    KEEP(reader, 3, "NM103", claim->crossover_payer);
  } else if (x12_is(entity, "PR")) {
    KEEP(reader, 3, "NM103", claim->corrected_payer);
  }
}

static void read_mia(struct remittance_reader *reader) {
  static const size_t remarks[] = {5, 20, 21, 22, 23};
  for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++)
    remittance_code_list(reader, remittance_element(reader, remarks[i]), "MIA", reader->claim.remark_codes);
  remittance_supplement(reader, &reader->claim_supplement);
}

static void read_moa(struct remittance_reader *reader) {
  for (size_t position = 3; position <= 7; position++)
    remittance_code_list(reader, remittance_element(reader, position), "MOA", reader->claim.remark_codes);
  remittance_supplement(reader, &reader->claim_supplement);
}

/* ---------------------------------------------------------------- line segments */

/* SVC01 and SVC06: qualifier, code, up to four modifiers. */
static void read_procedure(struct remittance_reader *reader, struct remittance_line *line) {
  char separator = x12_envelope(reader->x12)->delimiters.component;
  struct x12_text procedure = remittance_element(reader, 1);
  struct x12_text code = x12_component(procedure, separator, 2);
  if (procedure.length > 0 && code.length == 0) {
    REPORT(reader, X12_FLAG, "procedure_unreadable", "999 IK403 6",
           "SVC01 does not have a qualifier and a code; it was kept unchanged.");
    remittance_keep(reader, procedure, "SVC01", line->procedure_code, sizeof line->procedure_code);
    return;
  }
  remittance_keep(reader, x12_component(procedure, separator, 1), "SVC01", line->procedure_qualifier,
                  sizeof line->procedure_qualifier);
  if (strcmp(line->procedure_qualifier, "NU") == 0) /* a revenue code in place of a procedure code */
    remittance_keep(reader, code, "SVC01", line->revenue_code, sizeof line->revenue_code);
  else remittance_keep(reader, code, "SVC01", line->procedure_code, sizeof line->procedure_code);
  for (size_t i = 3; i <= 6; i++)
    remittance_code_list(reader, x12_component(procedure, separator, i), "SVC01", line->modifiers);
}

/* A line's amount that is missing is flagged and counts as zero; the claim's balance shows whether that is
 * right. An amount that is there and cannot be read makes the claim unusable, because a guess could be wrong.
 */
static bool line_money(struct remittance_reader *reader, size_t position, const char *what, int64_t *cents) {
  return remittance_money(reader, position, what, true, cents) ||
         remittance_element(reader, position).length == 0;
}

static void read_svc(struct remittance_reader *reader) {
  remittance_close_line(reader);
  struct remittance_line *line = &reader->line;
  memset(line, 0, sizeof *line);
  byte_buffer_clear(&reader->line_supplement);
  reader->line_open = true;
  reader->adjustment_count = 0;
  line->claim_number = reader->claim.number;
  line->number = ++reader->claim.line_count;
  line->segment_number = x12_segment(reader->x12)->number;
  read_procedure(reader, line);
  bool charge = line_money(reader, 2, "SVC02", &line->charge);
  bool paid = line_money(reader, 3, "SVC03", &line->paid);
  if (remittance_element(reader, 4).length > 0) KEEP(reader, 4, "SVC04", line->revenue_code);
  remittance_quantity(reader, 5, "SVC05", line->units, sizeof line->units);
  char separator = x12_envelope(reader->x12)->delimiters.component;
  remittance_keep(reader, x12_component(remittance_element(reader, 6), separator, 2), "SVC06",
                  line->submitted_procedure_code, sizeof line->submitted_procedure_code);
  remittance_add_cents(&reader->claim.line_charges, line->charge);
  if (!charge || !paid) refuse_claim(reader, "the charge or payment of a line cannot be read");
}

static void read_lq(struct remittance_reader *reader) {
  if (reader->line_open && x12_is(remittance_element(reader, 1), "HE"))
    remittance_code_list(reader, remittance_element(reader, 2), "LQ02", reader->line.remark_codes);
  else remittance_supplement(reader, remittance_open_supplement(reader));
}

/* ---------------------------------------------------------------- segments of several loops */

/* A date of the claim or line: DTM02, or a range RD8 in DTM06. */
static void service_date(struct remittance_reader *reader, char from[11], char through[11]) {
  if (remittance_element(reader, 2).length == 0 && x12_is(remittance_element(reader, 5), "RD8")) {
    if (x12_date_range(remittance_element(reader, 6), from, through) != X12_VALUE_OK) {
      REPORT(reader, X12_FLAG, "date_unreadable", "999 IK403 8",
             "The range of dates in DTM06 cannot be read.");
    }
    return;
  }
  remittance_date(reader, 2, "DTM02", from);
}

static void read_dtm(struct remittance_reader *reader) {
  struct remittance_claim *claim = &reader->claim;
  struct remittance_line *line = &reader->line;
  struct x12_text qualifier = remittance_element(reader, 1);
  if (reader->line_open) {
    if (x12_is(qualifier, "472") || x12_is(qualifier, "150"))
      service_date(reader, line->from_on, line->through_on);
    else if (x12_is(qualifier, "151")) remittance_date(reader, 2, "DTM02", line->through_on);
  } else if (reader->claim_open) {
    if (x12_is(qualifier, "232")) service_date(reader, claim->from_on, claim->through_on);
    else if (x12_is(qualifier, "233")) remittance_date(reader, 2, "DTM02", claim->through_on);
    else if (x12_is(qualifier, "050")) remittance_date(reader, 2, "DTM02", claim->received_on);
    else if (x12_is(qualifier, "036")) remittance_date(reader, 2, "DTM02", claim->coverage_expires_on);
  } else if (x12_is(qualifier, "405")) {
    remittance_date(reader, 2, "DTM02", reader->remittance.produced_on);
  }
}

static void read_ref(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  struct x12_text qualifier = remittance_element(reader, 1);
  if (reader->line_open && x12_is(qualifier, "6R")) {
    KEEP(reader, 2, "REF02", reader->line.line_control_no);
    return;
  }
  if (!reader->claim_open && reader->party == PARTY_PAYEE && x12_is(qualifier, "TJ"))
    KEEP(reader, 2, "REF02", total->payee_tin);
  else if (!reader->claim_open && reader->party == PARTY_PAYEE && x12_is(qualifier, "PQ"))
    KEEP(reader, 2, "REF02", total->payee_number);
  else if (!reader->claim_open && reader->party == PARTY_PAYER && x12_is(qualifier, "2U"))
    KEEP(reader, 2, "REF02", total->payer_number);
  remittance_supplement(reader, remittance_open_supplement(reader));
}

static void read_amt(struct remittance_reader *reader) {
  if (reader->line_open && x12_is(remittance_element(reader, 1), "B6")) {
    reader->line.allowed_given = remittance_money(reader, 2, "AMT02", true, &reader->line.allowed);
    return;
  }
  int64_t cents;
  (void)remittance_money(reader, 2, "AMT02", true, &cents);
  remittance_supplement(reader, remittance_open_supplement(reader));
}

static void read_further(struct remittance_reader *reader) {
  remittance_supplement(reader, remittance_open_supplement(reader));
}

static void read_nothing(struct remittance_reader *reader) { (void)reader; /* kept only in the raw text */ }

static void read_plb(struct remittance_reader *reader) {
  remittance_close_claim(reader);
  struct remittance_provider_adjustment adjustment = {0};
  char separator = x12_envelope(reader->x12)->delimiters.component;
  KEEP(reader, 1, "PLB01", adjustment.provider_id);
  remittance_date(reader, 2, "PLB02", adjustment.fiscal_on);
  for (size_t i = 0; i < PLB_PAIRS; i++) {
    size_t position = 3 + 2 * i;
    struct x12_text reason = remittance_element(reader, position);
    if (reason.length == 0 && remittance_element(reader, position + 1).length == 0) continue;
    char what[REMITTANCE_CODE_SIZE];
    (void)snprintf(what, sizeof what, "PLB%02zu", position + 1);
    if (!remittance_money(reader, position + 1, what, true, &adjustment.amount)) continue;
    remittance_keep(reader, x12_component(reason, separator, 1), "PLB03", adjustment.reason_code,
                    sizeof adjustment.reason_code);
    remittance_keep(reader, x12_component(reason, separator, 2), "PLB03", adjustment.reference,
                    sizeof adjustment.reference);
    adjustment.number = ++reader->provider_adjustment_count;
    remittance_add_cents(&reader->remittance.provider_adjustments, adjustment.amount);
    reader->stopped = !reader->sink.provider_adjustment(reader->sink.context, &adjustment) || reader->stopped;
  }
}

/* ---------------------------------------------------------------- which function reads which segment */

enum place { ANYWHERE, IN_HEADER, IN_CLAIM };

struct segment_reader {
  const char *name;
  enum place place;
  void (*read)(struct remittance_reader *reader);
};

static const struct segment_reader segment_readers[] = {
    {"CAS", IN_CLAIM, read_cas},      {"SVC", IN_CLAIM, read_svc},      {"DTM", ANYWHERE, read_dtm},
    {"REF", ANYWHERE, read_ref},      {"AMT", IN_CLAIM, read_amt},      {"LQ", IN_CLAIM, read_lq},
    {"CLP", ANYWHERE, read_clp},      {"NM1", IN_CLAIM, read_nm1},      {"MOA", IN_CLAIM, read_moa},
    {"MIA", IN_CLAIM, read_mia},      {"QTY", IN_CLAIM, read_further},  {"LX", ANYWHERE, read_lx},
    {"TS3", ANYWHERE, read_summary},  {"TS2", ANYWHERE, read_summary},  {"PLB", ANYWHERE, read_plb},
    {"BPR", IN_HEADER, read_bpr},     {"TRN", IN_HEADER, read_trn},     {"N1", IN_HEADER, read_n1},
    {"PER", ANYWHERE, read_further},  {"N3", ANYWHERE, read_nothing},   {"N4", ANYWHERE, read_nothing},
    {"CUR", IN_HEADER, read_further}, {"RDM", IN_HEADER, read_nothing},
};

static bool is_in_place(const struct remittance_reader *reader, enum place place) {
  return place == ANYWHERE || (place == IN_HEADER && !reader->detail) ||
         (place == IN_CLAIM && reader->claim_open);
}

static const struct segment_reader *find_reader(struct x12_text name) {
  for (size_t i = 0; i < sizeof segment_readers / sizeof segment_readers[0]; i++)
    if (x12_is(name, segment_readers[i].name)) return &segment_readers[i];
  return NULL;
}

/* Keeps the segment unchanged, with the claim or with the transaction. */
void remittance_keep_raw(struct remittance_reader *reader) {
  struct byte_buffer *raw = reader->claim_open ? &reader->claim_raw : &reader->raw;
  bool was_cut = raw->cut;
  struct x12_text text = x12_segment(reader->x12)->text;
  byte_buffer_add(raw, text.data, text.length);
  byte_buffer_add(raw, "\n", 1);
  if (raw->cut && !was_cut) remittance_report_cut(reader, "The text kept for audit");
}

void remittance_read_segment(struct remittance_reader *reader) {
  struct x12_text name = remittance_element(reader, 0);
  const struct segment_reader *found = find_reader(name);
  if (found != NULL && is_in_place(reader, found->place)) {
    found->read(reader);
  } else {
    REPORT(reader, X12_FLAG, found == NULL ? "segment_unknown" : "segment_misplaced",
           found == NULL ? "999 IK304 1" : "999 IK304 2", "Segment %.*s %s and was not read.",
           (int)(name.length < 3 ? name.length : 3), name.data,
           found == NULL ? "is not part of an 835" : "does not belong here");
  }
  remittance_keep_raw(reader);
}
