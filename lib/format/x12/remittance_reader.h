/*
 * Reads X12 835 remittances (005010X221A1) from an x12_reader and calls a sink with their claims, service
 * lines, adjustments, provider adjustments, and for each transaction whether it balances. It does not use the
 * database.
 *
 * Nothing is corrected, and nothing is refused because it does not balance: remittances that do not balance
 * are common, and are flagged. A claim is unusable only when its control number or an amount that makes up
 * its balance cannot be read; a transaction only when BPR02 cannot, or its envelope says that a part is
 * missing.
 *
 * Memory: one claim at a time, with a limit on the text that is kept of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_X12_REMITTANCE_READER_H
#define CONNEX_FORMAT_X12_REMITTANCE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_buffer.h"
#include "format/x12/x12.h"

enum {
  REMITTANCE_TEXT_SIZE = 128, /* a name or number with its NUL; X12 names have at most 60 characters */
  REMITTANCE_CODE_SIZE = 16,
  REMITTANCE_CODES_SIZE = 512 /* several codes, {"A","B"}: an array literal of PostgreSQL */
};

/* One CAS triplet. */
struct remittance_adjustment {
  uint64_t claim_number;
  int line_number;                        /* 0: of the whole claim */
  int number;                             /* within the claim, or within the line */
  char group_code[REMITTANCE_CODE_SIZE];  /* CAS01 */
  char reason_code[REMITTANCE_CODE_SIZE]; /* CAS02, 05, 08... */
  int64_t amount;                         /* cents */
  char quantity[REMITTANCE_CODE_SIZE];    /* decimal text, or "" */
};

/* One service line (loop 2110). */
struct remittance_line {
  uint64_t claim_number;
  int number; /* 1 is the first */
  uint64_t segment_number;
  char procedure_qualifier[REMITTANCE_CODE_SIZE]; /* SVC01-1: HC... */
  char procedure_code[REMITTANCE_TEXT_SIZE];
  char modifiers[REMITTANCE_CODES_SIZE];
  char submitted_procedure_code[REMITTANCE_TEXT_SIZE]; /* SVC06-2, when the payer changed it */
  char revenue_code[REMITTANCE_CODE_SIZE];
  char units[REMITTANCE_CODE_SIZE];
  char from_on[11], through_on[11]; /* DTM*472, or *150 and *151; "YYYY-MM-DD" or "" */
  int64_t charge, paid;             /* cents: SVC02, SVC03 */
  int64_t adjustments;              /* cents: sum of the line's CAS */
  int64_t allowed;                  /* cents: AMT*B6 */
  bool allowed_given;
  char line_control_no[REMITTANCE_TEXT_SIZE]; /* REF*6R */
  char remark_codes[REMITTANCE_CODES_SIZE];   /* LQ*HE */
  const struct byte_buffer *supplement; /* JSON: the segments that have no column, each a list of elements */
  bool balanced;                        /* SVC02 - adjustments = SVC03 */
};

/* One CLP with what follows it (loop 2100). */
struct remittance_claim {
  uint64_t number; /* in the transaction, 1 is the first */
  uint64_t segment_number;
  char patient_control_no[REMITTANCE_TEXT_SIZE]; /* CLP01 */
  char status[REMITTANCE_CODE_SIZE];             /* CLP02: 1, 2, 3, 4, 19 to 23, 25; 22 is a reversal */
  int64_t charge, paid;                          /* cents: CLP03, CLP04 */
  int64_t patient_responsibility;                /* cents: CLP05 */
  char filing_indicator[REMITTANCE_CODE_SIZE];   /* CLP06: MA, MB */
  char control_no[REMITTANCE_TEXT_SIZE];         /* CLP07: ICN or DCN */
  char facility[REMITTANCE_CODE_SIZE];           /* CLP08 */
  char frequency[REMITTANCE_CODE_SIZE];          /* CLP09 */
  char drg[REMITTANCE_CODE_SIZE];                /* CLP11 */
  char patient_last_name[REMITTANCE_TEXT_SIZE];  /* NM1*QC */
  char patient_first_name[REMITTANCE_TEXT_SIZE];
  char patient_id[REMITTANCE_TEXT_SIZE];
  char insured_id[REMITTANCE_TEXT_SIZE];            /* NM1*IL */
  char corrected_id[REMITTANCE_TEXT_SIZE];          /* NM1*74 */
  char rendering_provider_id[REMITTANCE_TEXT_SIZE]; /* NM1*82 */
  char crossover_payer[REMITTANCE_TEXT_SIZE];       /* NM1*TT */
  char corrected_payer[REMITTANCE_TEXT_SIZE];       /* NM1*PR */
  char from_on[11], through_on[11];                 /* DTM*232, *233 */
  char received_on[11];                             /* DTM*050 */
  char coverage_expires_on[11];                     /* DTM*036 */
  char first_service_on[11], last_service_on[11];   /* of the lines, where the claim gives no dates */
  char remark_codes[REMITTANCE_CODES_SIZE];         /* MIA05, 20 to 23; MOA03 to 07 */
  char findings[REMITTANCE_CODES_SIZE];             /* stable words of what was flagged */
  int line_count, lines_balanced;
  int64_t adjustments;                  /* cents: claim and lines */
  int64_t line_charges;                 /* cents: sum of SVC02 */
  const struct byte_buffer *supplement; /* as for a line */
  const struct byte_buffer *raw;        /* the claim's segments, unchanged, one per line */
  bool balanced;                        /* CLP03 - adjustments = CLP04 */
  bool unusable;                        /* refused: leave out everything that came with this claim_number */
};

/* One PLB pair: an amount that does not belong to a claim. */
struct remittance_provider_adjustment {
  int number;
  char provider_id[REMITTANCE_TEXT_SIZE]; /* PLB01 */
  char fiscal_on[11];                     /* PLB02 */
  char reason_code[REMITTANCE_CODE_SIZE]; /* PLB03-1 */
  char reference[REMITTANCE_TEXT_SIZE];   /* PLB03-2 */
  int64_t amount;                         /* cents; positive reduces the payment */
};

/* The whole transaction, at its SE. */
struct remittance {
  int64_t amount;                            /* cents: BPR02 */
  bool credit;                               /* BPR03 is not D */
  char method[REMITTANCE_CODE_SIZE];         /* BPR04: ACH, CHK, NON */
  char paid_on[11];                          /* BPR16 */
  char produced_on[11];                      /* DTM*405 */
  char payment_number[REMITTANCE_TEXT_SIZE]; /* TRN02: check or EFT */
  char originator_id[REMITTANCE_TEXT_SIZE];  /* TRN03 */
  char payer_name[REMITTANCE_TEXT_SIZE];     /* N1*PR */
  char payer_id[REMITTANCE_TEXT_SIZE];       /* N104 of N1*PR */
  char payer_number[REMITTANCE_TEXT_SIZE];   /* REF*2U: the contractor's number in Medicare */
  char payee_name[REMITTANCE_TEXT_SIZE];     /* N1*PE */
  char payee_npi[REMITTANCE_TEXT_SIZE];      /* N104 with XX */
  char payee_tin[REMITTANCE_TEXT_SIZE];      /* N104 with FI, or REF*TJ */
  char payee_number[REMITTANCE_TEXT_SIZE];   /* REF*PQ: the PTAN in Medicare */
  char findings[REMITTANCE_CODES_SIZE];
  uint64_t claims, claims_balanced, claims_with_lines, claims_with_equal_charges, claims_refused;
  uint64_t lines, lines_balanced;
  int64_t claims_paid;          /* cents: sum of CLP04 */
  int64_t provider_adjustments; /* cents: sum of PLB */
  int64_t difference; /* cents: BPR02 - (claims_paid - provider_adjustments); BPR02 counts negative with D */
  bool balanced;
  const struct byte_buffer *supplement; /* REF, PER, TS3, TS2 of the transaction */
  const struct byte_buffer *raw;        /* the segments outside claims, unchanged */
  unsigned faults;                      /* X12_FAULT_... */
  bool unusable;                        /* refused; a finding says why */
};

/* What the reader calls. Every pointer is valid only during the call. Functions return false to stop.
 */
struct remittance_sink {
  void *context;
  bool (*begin)(void *context, const struct x12_envelope *envelope);
  bool (*line)(void *context,
               const struct remittance_line *line); /* before its claim, when its last segment was read */
  bool (*adjustment)(void *context,
                     const struct remittance_adjustment *adjustment); /* before its line or claim */
  bool (*claim)(void *context, const struct remittance_claim *claim);
  bool (*provider_adjustment)(void *context, const struct remittance_provider_adjustment *adjustment);
  bool (*end)(void *context, const struct remittance *remittance, const struct x12_envelope *envelope,
              const unsigned char *digest);
  bool (*finding)(void *context, const struct x12_finding *finding);
  /* A transaction set of another kind was skipped; may be NULL. */
  bool (*other)(void *context, const struct x12_envelope *envelope);
};

/* Adds a code word to a list of the form {"A","B"}, once. False when there is no room. */
bool remittance_add_code(char codes[REMITTANCE_CODES_SIZE], const char *code);

struct remittance_reader;

/* The x12_reader and the sink still belong to the caller. NULL when out of memory. Free with
 * remittance_reader_free. */
struct remittance_reader *remittance_reader_new(struct x12_reader *reader,
                                                const struct remittance_sink *sink);
void remittance_reader_free(struct remittance_reader *reader);

enum remittance_step {
  REMITTANCE_MORE,
  REMITTANCE_END,
  REMITTANCE_STOPPED, /* a function of the sink returned false */
  REMITTANCE_FAILED   /* the source could not be read, or out of memory: errno says which */
};

/* Reads the next segment or finding. */
enum remittance_step remittance_next(struct remittance_reader *reader);

/* Whether the source has had an ISA that can be read, or an ST, so far. A source that ends without either is
 * not an X12 file at all (it is empty, or of another format), however few findings it has. */
bool remittance_reader_found(const struct remittance_reader *reader);

#endif
