/*
 * connex demo --remittances FILE: the invented world as an 835 (005010X221A1),
 * for trying `connex load 835` at any size. One interchange, one functional
 * group, a transaction set for each remittance; all of them balance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo/demo.h"

enum { CLAIMS_OF_ONE = 50, ACCOUNTS = 24 };

struct writer {
  FILE *file;
  int64_t segments; /* of the transaction set, for SE01 */
};

static void segment(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void segment(struct writer *writer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(writer->file, format, arguments);
  va_end(arguments);
  fputs("~\n", writer->file);
  writer->segments++;
}

static const char *day_text(int32_t day, char text[CALENDAR_COMPACT_SIZE]) {
  calendar_format_compact(calendar_from_number(day), text);
  return text;
}

static void write_line(struct writer *writer, const struct demo_claim *claim, const struct demo_line *line,
                       int number) {
  char charge[24], paid[24], day[CALENDAR_COMPACT_SIZE];
  segment(writer, "SVC*HC:%s%s%s*%s*%s*%s*%d", line->procedure_code, line->modifier ? ":" : "",
          line->modifier ? line->modifier : "", cents_text(line->charge, charge),
          cents_text(line->paid, paid), line->revenue_code ? line->revenue_code : "", line->units);
  segment(writer, "DTM*472*%s", day_text(claim->from_on, day));
  for (int k = 0; k < line->adjustment_count; k++) {
    segment(writer, "CAS*%s*%s*%s", line->adjustments[k].group_code, line->adjustments[k].reason_code,
            cents_text(line->adjustments[k].amount, charge));
  }
  segment(writer, "REF*6R*%d", number);
  if (line->allowed > 0) segment(writer, "AMT*B6*%s", cents_text(line->allowed, charge));
  if (line->remark_code) segment(writer, "LQ*HE*%s", line->remark_code);
}

static void write_claim(struct demo *demo, struct writer *writer, const struct demo_account *account,
                        const struct demo_claim *claim) {
  struct demo_beneficiary patient;
  char charge[24], paid[24], share[24], day[CALENDAR_COMPACT_SIZE];
  bool part_b = account->contractor->line_of_business == DEMO_PART_B;
  demo_beneficiary_make(demo->seed, claim->beneficiary_index, demo->today, &patient);
  segment(writer, "CLP*%s*%s*%s*%s*%s*%s*%s*%.2s*%s", claim->patient_control_no, demo_claim_clp_status(claim),
          cents_text(claim->charge, charge), cents_text(claim->paid, paid),
          cents_text(claim->patient_responsibility, share), part_b ? "MB" : "MA", claim->control_no,
          part_b ? "11" : claim->bill_type, part_b ? "1" : claim->bill_type + 2);
  segment(writer, "NM1*QC*1*%s*%s****MI*%s", patient.last_name, patient.first_name, patient.mbi);
  if (claim->remark_code) segment(writer, part_b ? "MOA***%s" : "MIA*0****%s", claim->remark_code);
  segment(writer, "DTM*232*%s", day_text(claim->from_on, day));
  segment(writer, "DTM*233*%s", day_text(claim->through_on, day));
  segment(writer, "DTM*050*%s", day_text(claim->received_on, day));
  for (int i = 0; i < claim->line_count; i++) write_line(writer, claim, &claim->lines[i], i + 1);
}

static void write_remittance(struct demo *demo, struct writer *writer, int64_t number,
                             const struct demo_account *account, const struct demo_claim *claims,
                             int64_t count) {
  char amount[24], day[CALENDAR_COMPACT_SIZE];
  int64_t total = 0;
  for (int64_t i = 0; i < count; i++) total += claims[i].paid;
  day_text(demo->today - (int32_t)(number % 300) - 1, day);
  writer->segments = 0;
  segment(writer, "ST*835*%04" PRId64, number);
  segment(writer, "BPR*I*%s*C*ACH*CCP*01*000000001*DA*1*%s**01*000000002*DA*2*%s", cents_text(total, amount),
          account->contractor->contractor_no, day);
  segment(writer, "TRN*1*EFT8%09" PRId64 "*1%s0000", number + demo->serial,
          account->contractor->contractor_no);
  segment(writer, "DTM*405*%s", day);
  segment(writer, "N1*PR*%s*XV*%s", account->contractor->name, account->contractor->contractor_no);
  segment(writer, "REF*2U*%s", account->contractor->contractor_no);
  segment(writer, "N1*PE*%s*XX*%s", account->name, account->npi);
  segment(writer, "REF*PQ*%s", account->ptan);
  segment(writer, "REF*TJ*%s", account->tin);
  segment(writer, "LX*1");
  for (int64_t i = 0; i < count; i++) write_claim(demo, writer, account, &claims[i]);
  segment(writer, "SE*%" PRId64 "*%04" PRId64, writer->segments + 1, number);
}

bool demo_write_remittances(struct demo *demo, const char *path) {
  struct writer writer = {strcmp(path, "-") == 0 ? stdout : fopen(path, "we"), 0};
  struct demo_claim *claims = calloc(CLAIMS_OF_ONE, sizeof *claims);
  bool done = writer.file && claims;
  char day[CALENDAR_COMPACT_SIZE];
  int64_t remittances = (demo->claims + CLAIMS_OF_ONE - 1) / CLAIMS_OF_ONE, first_serial = demo->serial;
  if (done) {
    day_text(demo->today, day);
    segment(&writer,
            "ISA*00*          *00*          *ZZ*DEMONSTRATION  *ZZ*CONNEX         *%s*0600*^*00501*%09" PRId64
            "*0*T*:",
            day + 2, first_serial % 1000000000);
    segment(&writer, "GS*HP*DEMONSTRATION*CONNEX*%s*0600*%" PRId64 "*X*005010X221A1", day,
            first_serial % 1000000000);
  }
  for (int64_t r = 0; done && r < remittances; r++) {
    struct demo_account account;
    struct demo_random random = demo_random_of(demo->seed, 9, (uint64_t)(first_serial + r));
    int64_t count =
        demo->claims - r * CLAIMS_OF_ONE < CLAIMS_OF_ONE ? demo->claims - r * CLAIMS_OF_ONE : CLAIMS_OF_ONE;
    demo_account_make(demo->seed, r % ACCOUNTS, &account);
    int32_t paid_on = demo->today - (int32_t)((r + 1) % 300) - 1;
    for (int64_t i = 0; i < count; i++) {
      enum demo_fate fate = demo_random_chance(&random, 180) ? DEMO_DENIED : DEMO_PAID;
      demo_claim_make(demo->seed, ++demo->serial, &account, demo->beneficiaries, fate,
                      paid_on - (int32_t)demo_random_between(&random, 14, 29), &claims[i]);
    }
    write_remittance(demo, &writer, r + 1, &account, claims, count);
    done = !ferror(writer.file);
  }
  if (done) {
    segment(&writer, "GE*%" PRId64 "*%" PRId64, remittances, first_serial % 1000000000);
    segment(&writer, "IEA*1*%09" PRId64, first_serial % 1000000000);
  }
  if (writer.file && (writer.file == stdout ? fflush(stdout) : fclose(writer.file)) != 0) done = false;
  free(claims);
  if (!done) fprintf(stderr, "connex demo: %s could not be written\n", path);
  return done;
}
