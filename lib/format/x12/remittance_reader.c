/*
 * The 835 mapper: see remittance_reader.h. One function for each segment, found by name; what a segment means
 * depends on the loop that is open (header, claim, service line), as in the X221 guide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/x12/remittance_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  RAW_LIMIT = 4 * 1024 * 1024, /* bytes of one claim's text, and of the text outside claims */
  SUPPLEMENT_LIMIT = 64 * 1024,
  CAS_TRIPLETS = 6,
  PLB_PAIRS = 6
};

enum party { PARTY_NONE, PARTY_PAYER, PARTY_PAYEE };

struct remittance_reader {
  struct x12_reader *x12;
  struct remittance_sink sink;
  bool stopped;
  bool found;   /* an ISA or ST, see remittance_reader_found */
  bool reading; /* inside an ST*835 */
  bool detail;  /* an LX or CLP was seen: the header is over */
  bool claim_open, line_open;
  bool payment_read;
  enum party party;
  int adjustment_count; /* in the claim or line that is open */
  int provider_adjustment_count;
  struct remittance remittance;
  struct remittance_claim claim;
  struct remittance_line line;
  struct byte_buffer raw, supplement;             /* of the transaction, owned */
  struct byte_buffer claim_raw, claim_supplement; /* owned */
  struct byte_buffer line_supplement;             /* owned */
};

/* ---------------------------------------------------------------- findings */

/* Adds a stable word or code to {"A","B"}; a word that is there stays single. Returns false when there is no
 * room. */
static bool add_code(char codes[REMITTANCE_CODES_SIZE], const char *code, bool repeat) {
  char quoted[REMITTANCE_TEXT_SIZE + 4];
  (void)snprintf(quoted, sizeof quoted, "\"%s\"", code);
  if (!repeat && strstr(codes, quoted) != NULL) return true;
  size_t length = strlen(codes);
  if (length + strlen(quoted) + 3 > REMITTANCE_CODES_SIZE) return false;
  size_t at = length == 0 ? 0 : length - 1; /* over the closing brace */
  (void)snprintf(codes + at, REMITTANCE_CODES_SIZE - at, "%s%s}", length == 0 ? "{" : ",", quoted);
  return true;
}

bool remittance_add_code(char codes[REMITTANCE_CODES_SIZE], const char *code) {
  return add_code(codes, code, false);
}

static void hand_out(struct remittance_reader *reader, const struct x12_finding *finding) {
  reader->stopped = !reader->sink.finding(reader->sink.context, finding) || reader->stopped;
}

/* Reports about the segment `number`, and marks the claim or the transaction with the code. */
__attribute__((format(printf, 7, 8))) static void report_at(struct remittance_reader *reader, uint64_t number,
                                                            const char *name, enum x12_severity severity,
                                                            const char *code, const char *acknowledgment,
                                                            const char *format, ...) {
  struct x12_finding finding = {.code = code, .severity = severity, .acknowledgment = acknowledgment};
  finding.segment_number = number;
  (void)snprintf(finding.segment_name, sizeof finding.segment_name, "%s", name);
  memcpy(finding.transaction_control, x12_envelope(reader->x12)->transaction_control, X12_CONTROL_SIZE);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(finding.message, sizeof finding.message, format, arguments);
  va_end(arguments);
  (void)add_code(reader->claim_open ? reader->claim.findings : reader->remittance.findings, code, false);
  hand_out(reader, &finding);
}

#define REPORT(reader, severity, code, acknowledgment, ...)                                                  \
  report_at(reader, x12_segment((reader)->x12)->number, segment_name(reader).text, severity, code,           \
            acknowledgment, __VA_ARGS__)

struct name {
  char text[4];
};

static struct name segment_name(const struct remittance_reader *reader) {
  struct name name;
  (void)x12_copy(x12_element(x12_segment(reader->x12), 0), name.text, sizeof name.text);
  return name;
}

/* ---------------------------------------------------------------- reading elements */

static struct x12_text element(const struct remittance_reader *reader, size_t position) {
  return x12_element(x12_segment(reader->x12), position);
}

static void report_cut(struct remittance_reader *reader, const char *what) {
  REPORT(reader, X12_FLAG, "text_cut", "999 IK403 5", "%s is longer than can be kept and was cut.", what);
}

static void keep(struct remittance_reader *reader, struct x12_text text, const char *what, char *field,
                 size_t size) {
  if (!x12_copy(text, field, size)) report_cut(reader, what);
}

#define KEEP(reader, position, what, field)                                                                  \
  keep(reader, element(reader, position), what, field, sizeof(field))

/* Money in an element. False, with a finding, when it cannot be read; 0 where it is absent and may be. */
static bool money(struct remittance_reader *reader, size_t position, const char *what, bool required,
                  int64_t *cents) {
  enum x12_value value = x12_money(element(reader, position), cents);
  if (value == X12_VALUE_OK || (value == X12_VALUE_ABSENT && !required)) return true;
  REPORT(reader, X12_FLAG, "amount_unreadable", value == X12_VALUE_ABSENT ? "999 IK403 1" : "999 IK403 6",
         "The amount in %s %s.", what, x12_value_words(value));
  return false;
}

static void quantity(struct remittance_reader *reader, size_t position, const char *what, char *field,
                     size_t size) {
  struct x12_text text = element(reader, position);
  enum x12_value value = x12_decimal(text, 9, 3);
  field[0] = '\0';
  if (value == X12_VALUE_OK && x12_copy(text, field, size)) return;
  if (value != X12_VALUE_ABSENT) {
    field[0] = '\0';
    REPORT(reader, X12_FLAG, "quantity_unreadable", "999 IK403 6", "The quantity in %s %s and was left out.",
           what, value == X12_VALUE_OK ? "is too long" : x12_value_words(value));
  }
}

static void date(struct remittance_reader *reader, size_t position, const char *what, char iso[11]) {
  enum x12_value value = x12_date(element(reader, position), iso);
  if (value != X12_VALUE_OK && value != X12_VALUE_ABSENT) {
    REPORT(reader, X12_FLAG, "date_unreadable", "999 IK403 8",
           "The date in %s is not a day of the calendar and was left out.", what);
  }
}

/* Adds without ever overflowing: amounts in a hostile file may be as large as they like. */
static void add_cents(int64_t *sum, int64_t cents) {
  if (__builtin_add_overflow(*sum, cents, sum)) *sum = cents < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t minus(int64_t a, int64_t b) {
  int64_t result;
  return __builtin_sub_overflow(a, b, &result) ? (b < 0 ? INT64_MAX : INT64_MIN) : result;
}

static void code_list(struct remittance_reader *reader, struct x12_text text, const char *what,
                      char codes[REMITTANCE_CODES_SIZE]) {
  char code[REMITTANCE_TEXT_SIZE];
  if (text.length == 0) return;
  for (size_t i = 0; i < text.length; i++) { /* what is no code would break the list's syntax */
    if (text.data[i] == '"' || text.data[i] == '\\' || (unsigned char)text.data[i] >= 0x7F ||
        text.data[i] < ' ') {
      REPORT(reader, X12_FLAG, "code_unreadable", "999 IK403 6",
             "The code in %s has characters that no code has.", what);
      return;
    }
  }
  if (!x12_copy(text, code, sizeof code) || !add_code(codes, code, true)) report_cut(reader, what);
}

/* The segment as a JSON list of its elements, for what has no column of its own. */
static void supplement(struct remittance_reader *reader, struct byte_buffer *buffer) {
  if (buffer->length + x12_segment(reader->x12)->text.length * 2 + 16 > SUPPLEMENT_LIMIT) {
    if (!buffer->cut) {
      buffer->cut = true;
      report_cut(reader, "What a claim or transaction says beside its columns");
    }
    return;
  }
  size_t last = x12_segment(reader->x12)->element_count;
  while (last > 1 && element(reader, last - 1).length == 0) last--;
  byte_buffer_add_word(buffer, buffer->length == 0 ? "[[" : ",[");
  for (size_t i = 0; i < last; i++) {
    struct x12_text text = element(reader, i);
    byte_buffer_add_word(buffer, i == 0 ? "" : ",");
    byte_buffer_add_json(buffer, text.data, text.length);
  }
  byte_buffer_add_word(buffer, "]");
}

static void finish_supplement(struct byte_buffer *buffer) {
  if (buffer->length > 0) byte_buffer_add_word(buffer, "]");
}

/* Where the segment's supplement goes: to the innermost loop that is open. */
static struct byte_buffer *open_supplement(struct remittance_reader *reader) {
  if (reader->line_open) return &reader->line_supplement;
  return reader->claim_open ? &reader->claim_supplement : &reader->supplement;
}

/* ---------------------------------------------------------------- closing loops, and whether they balance */

static void close_line(struct remittance_reader *reader) {
  if (!reader->line_open) return;
  struct remittance_line *line = &reader->line;
  struct remittance_claim *claim = &reader->claim;
  line->balanced = minus(line->charge, line->adjustments) == line->paid; /* SVC02 - CAS = SVC03 */
  reader->line_open = false;
  claim->lines_balanced += line->balanced ? 1 : 0;
  if (!line->balanced) {
    report_at(reader, line->segment_number, "SVC", X12_FLAG, "line_unbalanced", "",
              "Claim %llu, line %d: charge less adjustments is not the amount paid (SVC02 - CAS = SVC03).",
              (unsigned long long)claim->number, line->number);
  }
  if (line->from_on[0] != '\0' &&
      (claim->first_service_on[0] == '\0' || strcmp(line->from_on, claim->first_service_on) < 0))
    memcpy(claim->first_service_on, line->from_on, sizeof line->from_on);
  const char *last = line->through_on[0] != '\0' ? line->through_on : line->from_on;
  if (strcmp(last, claim->last_service_on) > 0)
    memcpy(claim->last_service_on, last, sizeof claim->last_service_on);
  finish_supplement(&reader->line_supplement);
  line->supplement = &reader->line_supplement;
  reader->stopped = !reader->sink.line(reader->sink.context, line) || reader->stopped;
}

static void report_balance(struct remittance_reader *reader) {
  struct remittance_claim *claim = &reader->claim;
  if (!claim->balanced) {
    report_at(reader, claim->segment_number, "CLP", X12_FLAG, "claim_unbalanced", "",
              "Claim %llu: charge less all adjustments is not the amount paid (CLP03 - CAS = CLP04).",
              (unsigned long long)claim->number);
  }
  if (claim->line_count > 0 && claim->line_charges != claim->charge) {
    report_at(reader, claim->segment_number, "CLP", X12_FLAG, "claim_charges_differ", "",
              "Claim %llu: the charges of its lines do not add up to its charge (SVC02, CLP03).",
              (unsigned long long)claim->number);
  }
}

static void close_claim(struct remittance_reader *reader) {
  close_line(reader);
  if (!reader->claim_open) return;
  struct remittance_claim *claim = &reader->claim;
  struct remittance *total = &reader->remittance;
  claim->balanced = minus(claim->charge, claim->adjustments) == claim->paid;
  if (claim->unusable) total->claims_refused++;
  else report_balance(reader);
  total->claims++;
  total->claims_balanced += claim->balanced ? 1 : 0;
  total->claims_with_lines += claim->line_count > 0 ? 1 : 0;
  total->claims_with_equal_charges += claim->line_count > 0 && claim->line_charges == claim->charge ? 1 : 0;
  total->lines += (uint64_t)claim->line_count;
  total->lines_balanced += (uint64_t)claim->lines_balanced;
  add_cents(&total->claims_paid, claim->paid);
  finish_supplement(&reader->claim_supplement);
  claim->supplement = &reader->claim_supplement;
  claim->raw = &reader->claim_raw;
  reader->claim_open = false;
  reader->stopped = !reader->sink.claim(reader->sink.context, claim) || reader->stopped;
}

/* ---------------------------------------------------------------- header segments */

static void read_bpr(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  if (!money(reader, 2, "BPR02", true, &total->amount)) {
    total->unusable = true;
    REPORT(reader, X12_REFUSE, "payment_unreadable", "999 IK502 5",
           "Without BPR02 the remittance cannot be used.");
  }
  reader->payment_read = true;
  total->credit = !x12_is(element(reader, 3), "D");
  KEEP(reader, 4, "BPR04", total->method);
  date(reader, 16, "BPR16", total->paid_on);
}

static void read_trn(struct remittance_reader *reader) {
  KEEP(reader, 2, "TRN02", reader->remittance.payment_number);
  KEEP(reader, 3, "TRN03", reader->remittance.originator_id);
}

static void read_n1(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  struct x12_text entity = element(reader, 1);
  reader->party = x12_is(entity, "PR") ? PARTY_PAYER : x12_is(entity, "PE") ? PARTY_PAYEE : PARTY_NONE;
  if (reader->party == PARTY_PAYER) {
    KEEP(reader, 2, "N102", total->payer_name);
    KEEP(reader, 4, "N104", total->payer_id);
  } else if (reader->party == PARTY_PAYEE) {
    KEEP(reader, 2, "N102", total->payee_name);
    if (x12_is(element(reader, 3), "XX")) KEEP(reader, 4, "N104", total->payee_npi);
    else if (x12_is(element(reader, 3), "FI")) KEEP(reader, 4, "N104", total->payee_tin);
  }
}

static void read_summary(struct remittance_reader *reader) { supplement(reader, &reader->supplement); }

static void read_lx(struct remittance_reader *reader) {
  close_claim(reader);
  reader->detail = true;
}

/* ---------------------------------------------------------------- claim segments */

static void refuse_claim(struct remittance_reader *reader, const char *why) {
  reader->claim.unusable = true;
  REPORT(reader, X12_REFUSE, "claim_unusable", "999 IK502 5", "Claim %llu cannot be used: %s.",
         (unsigned long long)reader->claim.number, why);
}

static void read_clp(struct remittance_reader *reader) {
  close_claim(reader);
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
  bool charge = money(reader, 3, "CLP03", true, &claim->charge);
  bool paid = money(reader, 4, "CLP04", true, &claim->paid);
  (void)money(reader, 5, "CLP05", false, &claim->patient_responsibility);
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
    if (element(reader, position).length == 0 && element(reader, position + 1).length == 0) continue;
    char what[REMITTANCE_CODE_SIZE];
    (void)snprintf(what, sizeof what, "CAS%02zu", position + 1);
    if (!money(reader, position + 1, what, true, &adjustment.amount)) continue;
    KEEP(reader, position, "A reason code of CAS", adjustment.reason_code);
    quantity(reader, position + 2, "CAS", adjustment.quantity, sizeof adjustment.quantity);
    adjustment.number = ++reader->adjustment_count;
    add_cents(&reader->claim.adjustments, adjustment.amount);
    if (reader->line_open) add_cents(&reader->line.adjustments, adjustment.amount);
    reader->stopped = !reader->sink.adjustment(reader->sink.context, &adjustment) || reader->stopped;
  }
}

static void read_nm1(struct remittance_reader *reader) {
  struct remittance_claim *claim = &reader->claim;
  struct x12_text entity = element(reader, 1);
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
    code_list(reader, element(reader, remarks[i]), "MIA", reader->claim.remark_codes);
  supplement(reader, &reader->claim_supplement);
}

static void read_moa(struct remittance_reader *reader) {
  for (size_t position = 3; position <= 7; position++)
    code_list(reader, element(reader, position), "MOA", reader->claim.remark_codes);
  supplement(reader, &reader->claim_supplement);
}

/* ---------------------------------------------------------------- line segments */

/* SVC01 and SVC06: qualifier, code, up to four modifiers. */
static void read_procedure(struct remittance_reader *reader, struct remittance_line *line) {
  char separator = x12_envelope(reader->x12)->delimiters.component;
  struct x12_text procedure = element(reader, 1);
  struct x12_text code = x12_component(procedure, separator, 2);
  if (procedure.length > 0 && code.length == 0) {
    REPORT(reader, X12_FLAG, "procedure_unreadable", "999 IK403 6",
           "SVC01 does not have a qualifier and a code; it was kept as it came.");
    keep(reader, procedure, "SVC01", line->procedure_code, sizeof line->procedure_code);
    return;
  }
  keep(reader, x12_component(procedure, separator, 1), "SVC01", line->procedure_qualifier,
       sizeof line->procedure_qualifier);
  if (strcmp(line->procedure_qualifier, "NU") == 0) /* a revenue code stands where a procedure would */
    keep(reader, code, "SVC01", line->revenue_code, sizeof line->revenue_code);
  else keep(reader, code, "SVC01", line->procedure_code, sizeof line->procedure_code);
  for (size_t i = 3; i <= 6; i++)
    code_list(reader, x12_component(procedure, separator, i), "SVC01", line->modifiers);
}

/* A line's amount that is missing is flagged and counts as nothing, and the claim's own balance tells whether
 * that is true; one that is there and cannot be read makes the claim unusable, since our guess would be
 * somebody's money. */
static bool line_money(struct remittance_reader *reader, size_t position, const char *what, int64_t *cents) {
  return money(reader, position, what, true, cents) || element(reader, position).length == 0;
}

static void read_svc(struct remittance_reader *reader) {
  close_line(reader);
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
  if (element(reader, 4).length > 0) KEEP(reader, 4, "SVC04", line->revenue_code);
  quantity(reader, 5, "SVC05", line->units, sizeof line->units);
  char separator = x12_envelope(reader->x12)->delimiters.component;
  keep(reader, x12_component(element(reader, 6), separator, 2), "SVC06", line->submitted_procedure_code,
       sizeof line->submitted_procedure_code);
  add_cents(&reader->claim.line_charges, line->charge);
  if (!charge || !paid) refuse_claim(reader, "the charge or payment of a line cannot be read");
}

static void read_lq(struct remittance_reader *reader) {
  if (reader->line_open && x12_is(element(reader, 1), "HE"))
    code_list(reader, element(reader, 2), "LQ02", reader->line.remark_codes);
  else supplement(reader, open_supplement(reader));
}

/* ---------------------------------------------------------------- segments of several loops */

/* A date of the claim or line: DTM02, or a range RD8 in DTM06. */
static void service_date(struct remittance_reader *reader, char from[11], char through[11]) {
  if (element(reader, 2).length == 0 && x12_is(element(reader, 5), "RD8")) {
    if (x12_date_range(element(reader, 6), from, through) != X12_VALUE_OK) {
      REPORT(reader, X12_FLAG, "date_unreadable", "999 IK403 8",
             "The range of dates in DTM06 cannot be read.");
    }
    return;
  }
  date(reader, 2, "DTM02", from);
}

static void read_dtm(struct remittance_reader *reader) {
  struct remittance_claim *claim = &reader->claim;
  struct remittance_line *line = &reader->line;
  struct x12_text qualifier = element(reader, 1);
  if (reader->line_open) {
    if (x12_is(qualifier, "472") || x12_is(qualifier, "150"))
      service_date(reader, line->from_on, line->through_on);
    else if (x12_is(qualifier, "151")) date(reader, 2, "DTM02", line->through_on);
  } else if (reader->claim_open) {
    if (x12_is(qualifier, "232")) service_date(reader, claim->from_on, claim->through_on);
    else if (x12_is(qualifier, "233")) date(reader, 2, "DTM02", claim->through_on);
    else if (x12_is(qualifier, "050")) date(reader, 2, "DTM02", claim->received_on);
    else if (x12_is(qualifier, "036")) date(reader, 2, "DTM02", claim->coverage_expires_on);
  } else if (x12_is(qualifier, "405")) {
    date(reader, 2, "DTM02", reader->remittance.produced_on);
  }
}

static void read_ref(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  struct x12_text qualifier = element(reader, 1);
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
  supplement(reader, open_supplement(reader));
}

static void read_amt(struct remittance_reader *reader) {
  if (reader->line_open && x12_is(element(reader, 1), "B6")) {
    reader->line.allowed_given = money(reader, 2, "AMT02", true, &reader->line.allowed);
    return;
  }
  int64_t cents;
  (void)money(reader, 2, "AMT02", true, &cents);
  supplement(reader, open_supplement(reader));
}

static void read_further(struct remittance_reader *reader) { supplement(reader, open_supplement(reader)); }

static void read_nothing(struct remittance_reader *reader) { (void)reader; /* kept in the raw text alone */ }

static void read_plb(struct remittance_reader *reader) {
  close_claim(reader);
  struct remittance_provider_adjustment adjustment = {0};
  char separator = x12_envelope(reader->x12)->delimiters.component;
  KEEP(reader, 1, "PLB01", adjustment.provider_id);
  date(reader, 2, "PLB02", adjustment.fiscal_on);
  for (size_t i = 0; i < PLB_PAIRS; i++) {
    size_t position = 3 + 2 * i;
    struct x12_text reason = element(reader, position);
    if (reason.length == 0 && element(reader, position + 1).length == 0) continue;
    char what[REMITTANCE_CODE_SIZE];
    (void)snprintf(what, sizeof what, "PLB%02zu", position + 1);
    if (!money(reader, position + 1, what, true, &adjustment.amount)) continue;
    keep(reader, x12_component(reason, separator, 1), "PLB03", adjustment.reason_code,
         sizeof adjustment.reason_code);
    keep(reader, x12_component(reason, separator, 2), "PLB03", adjustment.reference,
         sizeof adjustment.reference);
    adjustment.number = ++reader->provider_adjustment_count;
    add_cents(&reader->remittance.provider_adjustments, adjustment.amount);
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

/* Keeps the segment as it came, with the claim or with the transaction. */
static void keep_raw(struct remittance_reader *reader) {
  struct byte_buffer *raw = reader->claim_open ? &reader->claim_raw : &reader->raw;
  bool was_cut = raw->cut;
  struct x12_text text = x12_segment(reader->x12)->text;
  byte_buffer_add(raw, text.data, text.length);
  byte_buffer_add(raw, "\n", 1);
  if (raw->cut && !was_cut) report_cut(reader, "The text kept for audit");
}

static void read_segment(struct remittance_reader *reader) {
  struct x12_text name = element(reader, 0);
  const struct segment_reader *found = find_reader(name);
  if (found != NULL && is_in_place(reader, found->place)) {
    found->read(reader);
  } else {
    REPORT(reader, X12_FLAG, found == NULL ? "segment_unknown" : "segment_misplaced",
           found == NULL ? "999 IK304 1" : "999 IK304 2", "Segment %.*s %s and was not read.",
           (int)(name.length < 3 ? name.length : 3), name.data,
           found == NULL ? "is not part of an 835" : "does not belong here");
  }
  keep_raw(reader);
}

/* ---------------------------------------------------------------- transactions */

static void begin_transaction(struct remittance_reader *reader) {
  const struct x12_envelope *envelope = x12_envelope(reader->x12);
  reader->reading = strcmp(envelope->transaction_set, "835") == 0;
  reader->detail = false;
  reader->claim_open = false;
  reader->line_open = false;
  reader->payment_read = false;
  reader->party = PARTY_NONE;
  reader->provider_adjustment_count = 0;
  memset(&reader->remittance, 0, sizeof reader->remittance);
  byte_buffer_clear(&reader->raw);
  byte_buffer_clear(&reader->supplement);
  if (!reader->reading) {
    REPORT(reader, X12_REFUSE, "set_unsupported", "999 IK502 1",
           "Transaction %s is a %s, not an 835; it was passed over.", envelope->transaction_control,
           envelope->transaction_set);
    return;
  }
  reader->remittance.credit = true;
  reader->stopped = !reader->sink.begin(reader->sink.context, envelope) || reader->stopped;
  keep_raw(reader);
}

static void check_transaction(struct remittance_reader *reader) {
  struct remittance *total = &reader->remittance;
  if (!reader->payment_read) {
    total->unusable = true;
    REPORT(reader, X12_REFUSE, "bpr_missing", "999 IK304 3",
           "The remittance has no BPR: its payment is not known.");
  }
  if (total->payment_number[0] == '\0') {
    REPORT(reader, X12_FLAG, "trn_missing", "999 IK304 3",
           "The remittance has no check or EFT number (TRN02).");
  }
  int64_t paid = total->credit ? total->amount : -total->amount;
  total->difference = minus(paid, minus(total->claims_paid, total->provider_adjustments));
  total->balanced = total->difference == 0;
  if (!total->balanced) {
    char text[24];
    REPORT(reader, X12_FLAG, "remittance_unbalanced", "",
           "The payment is not the claims' payments less the provider adjustments (BPR02 = CLP04 - PLB); the "
           "difference is %s.",
           cents_text(total->difference, text));
  }
}

static void end_transaction(struct remittance_reader *reader) {
  if (!reader->reading) {
    if (reader->sink.other != NULL) {
      reader->stopped =
          !reader->sink.other(reader->sink.context, x12_envelope(reader->x12)) || reader->stopped;
    }
    return;
  }
  struct remittance *total = &reader->remittance;
  close_claim(reader);
  reader->reading = false;
  total->faults = x12_transaction_faults(reader->x12);
  total->unusable =
      total->unusable ||
      (total->faults & (X12_FAULT_NO_TRAILER | X12_FAULT_CONTROL | X12_FAULT_SEGMENT_LOST)) != 0;
  if ((total->faults & X12_FAULT_NO_TRAILER) == 0) {
    keep_raw(reader); /* the SE; where it is missing the segment at hand is not this transaction's */
    check_transaction(reader);
  }
  finish_supplement(&reader->supplement);
  total->supplement = &reader->supplement;
  total->raw = &reader->raw;
  reader->stopped = !reader->sink.end(reader->sink.context, total, x12_envelope(reader->x12),
                                      x12_transaction_digest(reader->x12)) ||
                    reader->stopped;
}

/* A finding of the envelope that belongs to a remittance is also kept with it. */
static void pass_finding(struct remittance_reader *reader) {
  const struct x12_finding *finding = x12_finding(reader->x12);
  reader->found = reader->found ||
                  strcmp(finding->code, "envelope_missing") == 0; /* an ST, which --without-envelope reads */
  if (reader->reading && finding->transaction_control[0] != '\0')
    (void)add_code(reader->remittance.findings, finding->code, false);
  hand_out(reader, finding);
}

static bool memory_is_out(const struct remittance_reader *reader) {
  return reader->raw.failed || reader->supplement.failed || reader->claim_raw.failed ||
         reader->claim_supplement.failed || reader->line_supplement.failed;
}

enum remittance_step remittance_next(struct remittance_reader *reader) {
  enum x12_event event = x12_next(reader->x12);
  switch (event) {
    case X12_END: return REMITTANCE_END;
    case X12_FAILED: return REMITTANCE_FAILED;
    case X12_FINDING: pass_finding(reader); break;
    case X12_TRANSACTION:
      reader->found = true;
      begin_transaction(reader);
      break;
    case X12_TRANSACTION_END: end_transaction(reader); break;
    case X12_SEGMENT:
      if (reader->reading) read_segment(reader);
      break;
    case X12_INTERCHANGE: reader->found = true; break;
    case X12_GROUP:
    case X12_GROUP_END:
    case X12_INTERCHANGE_END: break;
  }
  if (memory_is_out(reader)) {
    errno = ENOMEM;
    return REMITTANCE_FAILED;
  }
  return reader->stopped ? REMITTANCE_STOPPED : REMITTANCE_MORE;
}

bool remittance_reader_found(const struct remittance_reader *reader) { return reader->found; }

struct remittance_reader *remittance_reader_new(struct x12_reader *x12, const struct remittance_sink *sink) {
  struct remittance_reader *reader = calloc(1, sizeof *reader);
  if (reader != NULL) {
    reader->x12 = x12;
    reader->sink = *sink;
    reader->raw.limit = RAW_LIMIT;
    reader->claim_raw.limit = RAW_LIMIT;
  }
  return reader;
}

void remittance_reader_free(struct remittance_reader *reader) {
  if (reader == NULL) return;
  byte_buffer_free(&reader->raw);
  byte_buffer_free(&reader->supplement);
  byte_buffer_free(&reader->claim_raw);
  byte_buffer_free(&reader->claim_supplement);
  byte_buffer_free(&reader->line_supplement);
  free(reader);
}
