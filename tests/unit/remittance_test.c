/*
 * The 835 mapper: what each segment becomes, that money adds up or is flagged and never lost, and that a
 * fault affects only its own part (standards.md sections 2 and 5.3; X12 005010X221A1). People and numbers are
 * invented here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/remittance_reader.h"
#include "x12_text.h"

enum { MOST = 8 };

/* What a text gave, kept for the checks. */
struct seen {
  struct remittance_claim claims[MOST];
  char raw[MOST][1024], supplement[MOST][1024], line_supplement[MOST][512];
  struct remittance_line lines[MOST];
  struct remittance_adjustment adjustments[32];
  struct remittance_provider_adjustment provider_adjustments[MOST];
  struct remittance remittances[MOST];
  char outside[MOST][2048];
  char findings[4096];
  int claim_count, line_count, adjustment_count, provider_adjustment_count, remittance_count, others,
      finding_count;
  enum remittance_step last;
};

static void copy_text(char *to, size_t size, const struct byte_buffer *from) {
  ck_assert_uint_lt(from->length, size);
  if (from->length > 0) memcpy(to, from->data, from->length);
  to[from->length] = '\0';
}

static bool begin(void *context, const struct x12_envelope *envelope) {
  (void)context;
  ck_assert_str_eq(envelope->transaction_set, "835");
  return true;
}

static bool take_line(void *context, const struct remittance_line *line) {
  struct seen *seen = context;
  ck_assert_int_lt(seen->line_count, MOST);
  copy_text(seen->line_supplement[seen->line_count], sizeof seen->line_supplement[0], line->supplement);
  seen->lines[seen->line_count++] = *line;
  return true;
}

static bool take_adjustment(void *context, const struct remittance_adjustment *adjustment) {
  struct seen *seen = context;
  ck_assert_int_lt(seen->adjustment_count, 32);
  seen->adjustments[seen->adjustment_count++] = *adjustment;
  return true;
}

static bool take_claim(void *context, const struct remittance_claim *claim) {
  struct seen *seen = context;
  ck_assert_int_lt(seen->claim_count, MOST);
  copy_text(seen->raw[seen->claim_count], sizeof seen->raw[0], claim->raw);
  copy_text(seen->supplement[seen->claim_count], sizeof seen->supplement[0], claim->supplement);
  seen->claims[seen->claim_count++] = *claim;
  return true;
}

static bool take_provider_adjustment(void *context, const struct remittance_provider_adjustment *adjustment) {
  struct seen *seen = context;
  ck_assert_int_lt(seen->provider_adjustment_count, MOST);
  seen->provider_adjustments[seen->provider_adjustment_count++] = *adjustment;
  return true;
}

static bool end(void *context, const struct remittance *remittance, const struct x12_envelope *envelope,
                const unsigned char *digest) {
  struct seen *seen = context;
  (void)envelope;
  ck_assert_ptr_nonnull(digest);
  ck_assert_int_lt(seen->remittance_count, MOST);
  copy_text(seen->outside[seen->remittance_count], sizeof seen->outside[0], remittance->raw);
  seen->remittances[seen->remittance_count++] = *remittance;
  return true;
}

static bool take_finding(void *context, const struct x12_finding *finding) {
  struct seen *seen = context;
  size_t at = strlen(seen->findings);
  seen->finding_count++;
  (void)snprintf(seen->findings + at, sizeof seen->findings - at, "%s%s ",
                 finding->severity == X12_REFUSE ? "!" : "", finding->code);
  ck_assert_msg(strlen(finding->message) > 10, "a finding has words: %s", finding->code);
  return true;
}

static bool take_other(void *context, const struct x12_envelope *envelope) {
  (void)envelope;
  ((struct seen *)context)->others++;
  return true;
}

static const struct seen *read_whole(const char *text, size_t length) {
  static struct seen seen;
  memset(&seen, 0, sizeof seen);
  struct text_source source = {text, length, 0, 4096, 0};
  struct x12_reader *x12 = x12_reader_new(text_read, &source, NULL);
  struct remittance_sink sink = {
      &seen, begin,        take_line, take_adjustment, take_claim, take_provider_adjustment,
      end,   take_finding, take_other};
  struct remittance_reader *reader = remittance_reader_new(x12, &sink);
  ck_assert_ptr_nonnull(reader);
  while ((seen.last = remittance_next(reader)) == REMITTANCE_MORE) {
  }
  remittance_reader_free(reader);
  x12_reader_free(x12);
  return &seen;
}

/* Reads a transaction whose segments between ST and SE are given. */
static const struct seen *read_body(const char *body) {
  static char text[16384];
  size_t segments = 2;
  for (const char *at = body; *at != '\0'; at++) segments += *at == '~' ? 1 : 0;
  (void)snprintf(text, sizeof text, TEST_ISA TEST_GS "ST*835*0001~%sSE*%zu*0001~" TEST_END, body, segments);
  return read_whole(text, strlen(text));
}

#define HEADER                                                                                               \
  "BPR*I*80*C*ACH*CCP*01*1*DA*1*1999999999**01*2*DA*2*20261105~TRN*1*EFT0007*1999999999~"                    \
  "DTM*405*20261101~N1*PR*CONTRACTOR*XV*06102~REF*2U*06102~N1*PE*OFFICE*XX*1234567893~REF*TJ*123456789~REF*" \
  "PQ*IL1234~LX*1~"

START_TEST(the_header_names_payment_payer_and_payee) {
  const struct seen *seen = read_body(HEADER "CLP*A*1*100*80**MB*1126001000001~CAS*CO*45*20~");
  const struct remittance *remittance = &seen->remittances[0];
  ck_assert_int_eq(seen->remittance_count, 1);
  ck_assert_int_eq(remittance->amount, 8000);
  ck_assert(remittance->credit);
  ck_assert_str_eq(remittance->method, "ACH");
  ck_assert_str_eq(remittance->paid_on, "2026-11-05");
  ck_assert_str_eq(remittance->produced_on, "2026-11-01");
  ck_assert_str_eq(remittance->payment_number, "EFT0007");
  ck_assert_str_eq(remittance->originator_id, "1999999999");
  ck_assert_str_eq(remittance->payer_name, "CONTRACTOR");
  ck_assert_str_eq(remittance->payer_id, "06102");
  ck_assert_str_eq(remittance->payer_number, "06102");
  ck_assert_str_eq(remittance->payee_npi, "1234567893");
  ck_assert_str_eq(remittance->payee_tin, "123456789");
  ck_assert_str_eq(remittance->payee_number, "IL1234");
  ck_assert(remittance->balanced);
  ck_assert_str_eq(seen->findings, "");
  ck_assert_int_eq(seen->last, REMITTANCE_END);
}
END_TEST

START_TEST(a_claim_is_kept_with_all_its_values) {
  const struct seen *seen = read_body(
      HEADER
      "CLP*ACCT7*1*100*80*20*MA*22613100001IL*11*1**470~CAS*CO*45*15**253*5*2~NM1*QC*1*LARKSPUR*ADA***"
      "*MI*1EG4TE5MK73~"
      "NM1*IL*1******MI*9S~NM1*74*1******C*1EG4TE5MK74~NM1*82*1******XX*1234567893~NM1*TT*2*SECOND "
      "PAYER*****PI*7~"
      "NM1*PR*2*FIRST "
      "PAYER*****PI*8~MIA*3****N211****************MA01~MOA***MA18*N4***M76~REF*EA*55~DTM*232*20261001~"
      "DTM*233*20261003~DTM*050*20261005~DTM*036*20261231~AMT*AU*100~QTY*CA*3~");
  const struct remittance_claim *claim = &seen->claims[0];
  ck_assert_int_eq(seen->claim_count, 1);
  ck_assert_str_eq(claim->patient_control_no, "ACCT7");
  ck_assert_str_eq(claim->status, "1");
  ck_assert_int_eq(claim->charge, 10000);
  ck_assert_int_eq(claim->paid, 8000);
  ck_assert_int_eq(claim->patient_responsibility, 2000);
  ck_assert_str_eq(claim->filing_indicator, "MA");
  ck_assert_str_eq(claim->control_no, "22613100001IL");
  ck_assert_str_eq(claim->facility, "11");
  ck_assert_str_eq(claim->frequency, "1");
  ck_assert_str_eq(claim->drg, "470");
  ck_assert_str_eq(claim->patient_last_name, "LARKSPUR");
  ck_assert_str_eq(claim->patient_first_name, "ADA");
  ck_assert_str_eq(claim->patient_id, "1EG4TE5MK73");
  ck_assert_str_eq(claim->insured_id, "9S");
  ck_assert_str_eq(claim->corrected_id, "1EG4TE5MK74");
  ck_assert_str_eq(claim->rendering_provider_id, "1234567893");
  ck_assert_str_eq(claim->crossover_payer, "SECOND PAYER");
  ck_assert_str_eq(claim->corrected_payer, "FIRST PAYER");
  ck_assert_str_eq(claim->from_on, "2026-10-01");
  ck_assert_str_eq(claim->through_on, "2026-10-03");
  ck_assert_str_eq(claim->received_on, "2026-10-05");
  ck_assert_str_eq(claim->coverage_expires_on, "2026-12-31");
  ck_assert_str_eq(claim->remark_codes, "{\"N211\",\"MA01\",\"MA18\",\"N4\",\"M76\"}");
  ck_assert(claim->balanced);
  ck_assert_int_eq(seen->adjustment_count, 2);
  ck_assert_str_eq(seen->adjustments[1].reason_code, "253");
  ck_assert_str_eq(seen->adjustments[1].quantity, "2");
  ck_assert_int_eq(seen->adjustments[1].amount, 500);
  ck_assert_int_eq(seen->adjustments[1].number, 2);
  ck_assert_int_eq(seen->adjustments[1].line_number, 0);
  ck_assert_str_eq(seen->supplement[0],
                   "[[\"MIA\",\"3\",\"\",\"\",\"\",\"N211\",\"\",\"\",\"\",\"\",\"\","
                   "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"MA01\"],"
                   "[\"MOA\",\"\",\"\",\"MA18\",\"N4\",\"\",\"\",\"M76\"],[\"REF\",\"EA\",\"55\"],["
                   "\"AMT\",\"AU\",\"100\"],[\"QTY\",\"CA\",\"3\"]]");
}
END_TEST

START_TEST(a_line_is_kept_with_all_its_values) {
  const struct seen *seen = read_body(
      HEADER "CLP*A*1*100*80**MB*1126001000001~SVC*HC:99213:25:59:76:LT*100*80*0510*2*HC:99214~DTM*150*"
             "20261001~DTM*151*20261002~"
             "CAS*CO*45*10~CAS*PR*1*6**2*4~REF*6R*L1~REF*LU*11~AMT*B6*90~LQ*HE*N365~LQ*HE*M15~");
  const struct remittance_line *line = &seen->lines[0];
  ck_assert_int_eq(seen->line_count, 1);
  ck_assert_str_eq(line->procedure_qualifier, "HC");
  ck_assert_str_eq(line->procedure_code, "99213");
  ck_assert_str_eq(line->modifiers, "{\"25\",\"59\",\"76\",\"LT\"}");
  ck_assert_str_eq(line->submitted_procedure_code, "99214");
  ck_assert_str_eq(line->revenue_code, "0510");
  ck_assert_str_eq(line->units, "2");
  ck_assert_str_eq(line->from_on, "2026-10-01");
  ck_assert_str_eq(line->through_on, "2026-10-02");
  ck_assert_int_eq(line->charge, 10000);
  ck_assert_int_eq(line->paid, 8000);
  ck_assert(line->allowed_given);
  ck_assert_int_eq(line->allowed, 9000);
  ck_assert_str_eq(line->line_control_no, "L1");
  ck_assert_str_eq(line->remark_codes, "{\"N365\",\"M15\"}");
  ck_assert(line->balanced);
  ck_assert_str_eq(seen->line_supplement[0], "[[\"REF\",\"LU\",\"11\"]]");
  ck_assert_int_eq(seen->adjustment_count, 3);
  ck_assert_int_eq(seen->adjustments[2].line_number, 1);
  ck_assert_int_eq(seen->adjustments[2].number, 3);
  /* Dates of the claim, where it gives none itself. */
  ck_assert_str_eq(seen->claims[0].first_service_on, "2026-10-01");
  ck_assert_str_eq(seen->claims[0].last_service_on, "2026-10-02");
}
END_TEST

START_TEST(six_adjustments_fit_one_cas) {
  const struct seen *seen =
      read_body(HEADER "CLP*A*1*101*80**MB*1126001000001~CAS*OA*1*1*1*2*2*2*3*3*3*4*4*4*5*5*5*6*6*6~");
  ck_assert_int_eq(seen->adjustment_count, 6);
  for (int i = 0; i < 6; i++) {
    ck_assert_int_eq(seen->adjustments[i].amount, (i + 1) * 100);
    ck_assert_int_eq(seen->adjustments[i].number, i + 1);
  }
  ck_assert(seen->claims[0].balanced);
}
END_TEST

START_TEST(provider_adjustments_reduce_the_payment) {
  const struct seen *seen =
      read_body("BPR*I*70*C*CHK************20261105~TRN*1*7*1~LX*1~CLP*A*1*100*80**MB*1~CAS*CO*45*20~"
                "PLB*1234567893*20261231*FB:REF9*12.5*L6*-2.5~");
  ck_assert_int_eq(seen->provider_adjustment_count, 2);
  ck_assert_str_eq(seen->provider_adjustments[0].provider_id, "1234567893");
  ck_assert_str_eq(seen->provider_adjustments[0].fiscal_on, "2026-12-31");
  ck_assert_str_eq(seen->provider_adjustments[0].reason_code, "FB");
  ck_assert_str_eq(seen->provider_adjustments[0].reference, "REF9");
  ck_assert_int_eq(seen->provider_adjustments[0].amount, 1250);
  ck_assert_int_eq(seen->provider_adjustments[1].amount, -250);
  ck_assert_int_eq(seen->remittances[0].provider_adjustments, 1000);
  ck_assert(seen->remittances[0].balanced);
}
END_TEST

START_TEST(what_does_not_balance_is_flagged_and_kept) {
  const struct seen *seen =
      read_body("BPR*I*81*C*CHK~TRN*1*7*1~LX*1~CLP*A*1*100*80**MB*1~SVC*HC:1*60*50~CAS*CO*45*9~"
                "SVC*HC:2*30*30~CAS*CO*45*0~");
  ck_assert_str_eq(seen->findings,
                   "line_unbalanced claim_unbalanced claim_charges_differ remittance_unbalanced ");
  ck_assert_int_eq(seen->claim_count, 1);
  ck_assert(!seen->claims[0].balanced);
  ck_assert(!seen->claims[0].unusable);
  ck_assert_str_eq(seen->claims[0].findings,
                   "{\"line_unbalanced\",\"claim_unbalanced\",\"claim_charges_differ\"}");
  ck_assert(!seen->lines[0].balanced);
  ck_assert(seen->lines[1].balanced);
  const struct remittance *total = &seen->remittances[0];
  ck_assert(!total->balanced);
  ck_assert(!total->unusable);
  ck_assert_int_eq(total->difference, 100);
  ck_assert_uint_eq(total->claims_balanced, 0);
  ck_assert_uint_eq(total->lines, 2);
  ck_assert_uint_eq(total->lines_balanced, 1);
  ck_assert_uint_eq(total->claims_with_lines, 1);
  ck_assert_uint_eq(total->claims_with_equal_charges, 0);
}
END_TEST

START_TEST(a_debit_counts_against_the_payee) {
  const struct seen *seen = read_body("BPR*I*20*D*ACH~TRN*1*7*1~LX*1~CLP*A*22*-100*-20**MB*1~CAS*CO*45*-80~");
  ck_assert(!seen->remittances[0].credit);
  ck_assert(seen->remittances[0].balanced);
}
END_TEST

START_TEST(a_reversal_and_its_correction_are_two_claims_of_one_number) {
  const struct seen *seen = read_body("BPR*I*5*C*ACH~TRN*1*7*1~LX*1~CLP*A*22*-100*-20**MB*11~CAS*CO*45*-80~"
                                      "CLP*A*1*100*25**MB*11~CAS*CO*45*75~");
  ck_assert_int_eq(seen->claim_count, 2);
  ck_assert_str_eq(seen->claims[0].status, "22");
  ck_assert_int_eq(seen->claims[0].paid, -2000);
  ck_assert_str_eq(seen->claims[0].control_no, seen->claims[1].control_no);
  ck_assert(seen->remittances[0].balanced);
}
END_TEST

/* ---------------------------------------------------------------- what is broken */

START_TEST(a_claim_without_number_or_amount_is_refused_alone) {
  const struct seen *seen = read_body(
      "BPR*I*10*C*ACH~TRN*1*7*1~LX*1~CLP*A*1*1e2*80**MB*11~CLP*B*1*10*10**MB~CLP*C*1*10*10**MB*13~");
  ck_assert_int_eq(seen->claim_count, 3);
  ck_assert(seen->claims[0].unusable);
  ck_assert(seen->claims[1].unusable);
  ck_assert(!seen->claims[2].unusable);
  ck_assert_uint_eq(seen->remittances[0].claims_refused, 2);
  ck_assert(!seen->remittances[0].unusable);
  ck_assert_ptr_nonnull(strstr(seen->findings, "amount_unreadable !claim_unusable !claim_unusable"));
}
END_TEST

START_TEST(an_unreadable_amount_of_a_line_refuses_its_claim_and_a_missing_one_does_not) {
  const struct seen *seen = read_body("BPR*I*10*C*ACH~TRN*1*7*1~LX*1~CLP*A*1*10*10**MB*11~SVC*HC:1*12.3456*1~"
                                      "CLP*B*1*0*0**MB*12~SVC*HC:1**~");
  ck_assert(seen->claims[0].unusable);
  ck_assert(!seen->claims[1].unusable);
  ck_assert_ptr_nonnull(strstr(seen->claims[1].findings, "amount_unreadable"));
}
END_TEST

START_TEST(an_unreadable_adjustment_is_left_out_and_reported) {
  const struct seen *seen = read_body(HEADER "CLP*A*1*100*80**MB*11~CAS*CO*45*amount**96*20~");
  ck_assert_int_eq(seen->adjustment_count, 1);
  ck_assert_str_eq(seen->adjustments[0].reason_code, "96");
  ck_assert_str_eq(seen->findings, "amount_unreadable ");
  ck_assert(seen->claims[0].balanced);
}
END_TEST

START_TEST(an_unreadable_payment_refuses_the_transaction) {
  ck_assert(read_body("BPR*I*x*C*ACH~TRN*1*7*1~")->remittances[0].unusable);
  ck_assert(read_body("TRN*1*7*1~")->remittances[0].unusable);
  ck_assert(!read_body("BPR*I*0*C*NON~TRN*1*7*1~")->remittances[0].unusable);
}
END_TEST

START_TEST(an_envelope_that_lost_a_part_refuses_the_transaction_and_a_wrong_count_does_not) {
  static const struct {
    const char *end;
    bool unusable;
  } cases[] = {{"SE*5*0001~" TEST_END, false},
               {"SE*99*0001~" TEST_END, false},
               {"SE*5*0002~" TEST_END, true},
               {TEST_END, true},
               {"", true}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[1024];
    (void)snprintf(text, sizeof text, TEST_ISA TEST_GS "ST*835*0001~BPR*I*0*C*NON~TRN*1*7*1~LX*1~%s",
                   cases[i].end);
    const struct seen *seen = read_whole(text, strlen(text));
    ck_assert_int_eq(seen->remittance_count, 1);
    ck_assert_msg(seen->remittances[0].unusable == cases[i].unusable, "%s", cases[i].end);
  }
}
END_TEST

START_TEST(other_transaction_sets_are_skipped_and_reported) {
  const char *text = TEST_ISA TEST_GS "ST*837*0001~BHT*1~CLP*A*1*1*1~SE*4*0001~ST*835*0002~BPR*I*0*C*NON~TRN*"
                                      "1*7*1~SE*4*0002~GE*2*1~IEA*1*000000001~";
  const struct seen *seen = read_whole(text, strlen(text));
  ck_assert_int_eq(seen->others, 1);
  ck_assert_int_eq(seen->claim_count, 0);
  ck_assert_int_eq(seen->remittance_count, 1);
  ck_assert_str_eq(seen->findings, "!set_unsupported ");
}
END_TEST

START_TEST(unknown_and_misplaced_segments_are_reported_and_kept) {
  const struct seen *seen =
      read_body("BPR*I*0*C*NON~TRN*1*7*1~SVC*HC:1*1*1~ZZ9*x~CLP*A*1*0*0**MB*11~BPR*I*9*C~");
  ck_assert_str_eq(seen->findings, "segment_misplaced segment_unknown segment_misplaced ");
  ck_assert_int_eq(seen->remittances[0].amount, 0);
  ck_assert_str_eq(seen->raw[0], "CLP*A*1*0*0**MB*11\nBPR*I*9*C\n");
  ck_assert_str_eq(seen->outside[0],
                   "ST*835*0001\nBPR*I*0*C*NON\nTRN*1*7*1\nSVC*HC:1*1*1\nZZ9*x\nSE*8*0001\n");
}
END_TEST

START_TEST(dates_that_do_not_exist_are_left_out_and_reported) {
  const struct seen *seen =
      read_body("BPR*I*0*C*NON************20261399~TRN*1*7*1~CLP*A*1*0*0**MB*11~DTM*232*20260230~"
                "SVC*HC:1*0*0~DTM*472****RD8*20261001-20261003~");
  ck_assert_str_eq(seen->remittances[0].paid_on, "");
  ck_assert_str_eq(seen->claims[0].from_on, "");
  ck_assert_str_eq(seen->lines[0].from_on, "2026-10-01");
  ck_assert_str_eq(seen->lines[0].through_on, "2026-10-03");
  ck_assert_str_eq(seen->findings, "date_unreadable date_unreadable ");
}
END_TEST

START_TEST(a_code_with_quotes_cannot_break_the_list) {
  const struct seen *seen = read_body("BPR*I*0*C*NON~TRN*1*7*1~CLP*A*1*0*0**MB*11~MOA***M\"},{\"A*MA01~");
  ck_assert_str_eq(seen->claims[0].remark_codes, "{\"MA01\"}");
  ck_assert_str_eq(seen->findings, "code_unreadable ");
}
END_TEST

START_TEST(very_long_texts_are_cut_and_reported) {
  char name[600], body[1024];
  memset(name, 'N', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  (void)snprintf(body, sizeof body, "BPR*I*0*C*NON~TRN*1*7*1~CLP*A*1*0*0**MB*11~NM1*QC*1*%s*ADA~", name);
  const struct seen *seen = read_body(body);
  ck_assert_uint_eq(strlen(seen->claims[0].patient_last_name), REMITTANCE_TEXT_SIZE - 1);
  ck_assert_str_eq(seen->findings, "text_cut ");
}
END_TEST

START_TEST(sums_of_the_largest_amounts_are_exact) {
  const struct seen *seen =
      read_body("BPR*I*9999999999.99*C*NON~TRN*1*7*1~CLP*A*1*-9999999999.99*9999999999.99**MB*11~"
                "PLB*1*20261231*L6*-9999999999.99*L6*-9999999999.99~");
  ck_assert_int_eq(seen->remittances[0].difference, INT64_C(-1999999999998));
  ck_assert(!seen->claims[0].balanced);
}
END_TEST

static bool stop_at_claim(void *context, const struct remittance_claim *claim) {
  (void)take_claim(context, claim);
  return false;
}

START_TEST(a_sink_may_stop_the_reading) {
  const char *text = TEST_ISA TEST_GS "ST*835*0001~BPR*I*0*C*NON~CLP*A*1*0*0**MB*11~CLP*B*1*0*0**MB*12~CLP*C*"
                                      "1*0*0**MB*13~SE*6*0001~" TEST_END;
  static struct seen seen;
  struct text_source source = {text, strlen(text), 0, 4096, 0};
  struct x12_reader *x12 = x12_reader_new(text_read, &source, NULL);
  struct remittance_sink sink = {
      &seen, begin,        take_line, take_adjustment, stop_at_claim, take_provider_adjustment,
      end,   take_finding, take_other};
  struct remittance_reader *reader = remittance_reader_new(x12, &sink);
  while ((seen.last = remittance_next(reader)) == REMITTANCE_MORE) {
  }
  ck_assert_int_eq(seen.last, REMITTANCE_STOPPED);
  ck_assert_int_eq(seen.claim_count, 1);
  ck_assert_int_eq(seen.remittance_count, 0);
  remittance_reader_free(reader);
  x12_reader_free(x12);
}
END_TEST

static Suite *remittance_suite(void) {
  Suite *suite = suite_create("remittance");
  TCase *mapping = tcase_create("mapping");
  tcase_add_test(mapping, the_header_names_payment_payer_and_payee);
  tcase_add_test(mapping, a_claim_is_kept_with_all_its_values);
  tcase_add_test(mapping, a_line_is_kept_with_all_its_values);
  tcase_add_test(mapping, six_adjustments_fit_one_cas);
  tcase_add_test(mapping, provider_adjustments_reduce_the_payment);
  tcase_add_test(mapping, what_does_not_balance_is_flagged_and_kept);
  tcase_add_test(mapping, a_debit_counts_against_the_payee);
  tcase_add_test(mapping, a_reversal_and_its_correction_are_two_claims_of_one_number);
  suite_add_tcase(suite, mapping);
  TCase *broken = tcase_create("broken");
  tcase_add_test(broken, a_claim_without_number_or_amount_is_refused_alone);
  tcase_add_test(broken, an_unreadable_amount_of_a_line_refuses_its_claim_and_a_missing_one_does_not);
  tcase_add_test(broken, an_unreadable_adjustment_is_left_out_and_reported);
  tcase_add_test(broken, an_unreadable_payment_refuses_the_transaction);
  tcase_add_test(broken, an_envelope_that_lost_a_part_refuses_the_transaction_and_a_wrong_count_does_not);
  tcase_add_test(broken, other_transaction_sets_are_skipped_and_reported);
  tcase_add_test(broken, unknown_and_misplaced_segments_are_reported_and_kept);
  tcase_add_test(broken, dates_that_do_not_exist_are_left_out_and_reported);
  tcase_add_test(broken, a_code_with_quotes_cannot_break_the_list);
  tcase_add_test(broken, very_long_texts_are_cut_and_reported);
  tcase_add_test(broken, sums_of_the_largest_amounts_are_exact);
  tcase_add_test(broken, a_sink_may_stop_the_reading);
  suite_add_tcase(suite, broken);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(remittance_suite());
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
