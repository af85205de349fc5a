/*
 * The invented world: see world.h. Procedure and reason codes are
 * those that an office sees every week. Their descriptions are copyrighted and are left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "demo/world.h"

#include <stdio.h>
#include <string.h>

#include "medicare/ident.h"

const char *const demo_lines_of_business[3] = {"part_a", "part_b", "hhh"};

const struct demo_contractor demo_contractors[DEMO_CONTRACTORS] = {
    {"90101",
     "Granite Medicare Services, Part A",
     "Jurisdiction North",
     DEMO_PART_A,
     "Concord",
     "NH",
     "03301",
     {"ME", "NH", "VT", "MA", NULL}},
    {"90102",
     "Granite Medicare Services, Part B",
     "Jurisdiction North",
     DEMO_PART_B,
     "Concord",
     "NH",
     "03301",
     {"ME", "NH", "VT", "MA", NULL}},
    {"90103",
     "Granite Medicare Services, Home Health and Hospice",
     "Jurisdiction North",
     DEMO_HHH,
     "Concord",
     "NH",
     "03301",
     {"ME", "NH", "VT", "MA", NULL}},
    {"90201",
     "Granite Medicare Services, Part A",
     "Jurisdiction Lakes",
     DEMO_PART_A,
     "Madison",
     "WI",
     "53703",
     {"IL", "WI", "MN", NULL}},
    {"90202",
     "Granite Medicare Services, Part B",
     "Jurisdiction Lakes",
     DEMO_PART_B,
     "Madison",
     "WI",
     "53703",
     {"IL", "WI", "MN", NULL}},
    {"90203",
     "Granite Medicare Services, Home Health and Hospice",
     "Jurisdiction Lakes",
     DEMO_HHH,
     "Madison",
     "WI",
     "53703",
     {"IL", "WI", "MN", NULL}},
};

static const char *const last_names[] = {
    "Abernethy-Oak", "Birchwood",    "Calderbrook",    "Dunmorrow",   "Elmsworth",
    "Fairlocke",     "Greystone",    "Hollowell-Pine", "Ivorsen",     "Juniperfield",
    "Kestrelman",    "Larkspurne",   "Mapleton-Rue",   "Northgale",   "Oakhaven",
    "Pemberlow",     "Quillfeather", "Rosewarne",      "Silverbrook", "Thornbury-Lee",
    "Underhollow",   "Vexforth",     "Willowmere",     "Yarrowdale",  "Zephyrine"};
static const char *const first_names_f[] = {"Adeline",    "Beatrix",   "Clementine", "Dorothea", "Evangeline",
                                            "Florentina", "Gwendolyn", "Henrietta",  "Isadora",  "Josephine",
                                            "Lavinia",    "Marigold",  "Ottilie",    "Philippa", "Rosalind",
                                            "Theodora",   "Winifred"};
static const char *const first_names_m[] = {"Ambrose",   "Barnaby",    "Cornelius", "Desmond",  "Ephraim",
                                            "Ferdinand", "Gideon",     "Horatio",   "Ignatius", "Jasper",
                                            "Leopold",   "Montgomery", "Obadiah",   "Percival", "Reginald",
                                            "Sebastian", "Thaddeus"};
static const char *const place_names[] = {
    "Birch Harbor", "Cedar Falls Landing", "Elm Hollow",    "Fern Ridge",   "Granite Cove",
    "Heron Lake",   "Ivy Crossing",        "Juniper Bluff", "Larch Mills",  "Maple Junction",
    "Otter Creek",  "Pine Meadow",         "Quarry Bend",   "Spruce Point", "Willow Station"};
static const char *const streets[] = {"Orchard Street", "Mill Road",      "Harbor Avenue",  "Meadow Lane",
                                      "Quarry Drive",   "Station Street", "Lighthouse Road"};
static const char *const practice_kinds[3][4] = {
    {"Community Hospital", "Regional Medical Center", "Skilled Nursing", "Critical Access Hospital"},
    {"Family Practice", "Cardiology Associates", "Orthopedic Group", "Internal Medicine"},
    {"Home Health", "Visiting Nurses", "Hospice Care", "Home Care Services"}};
static const char letters[] = "ACDEFGHJKMNPQRTUVWXY"; /* an MBI's: without S L O I B Z */

#define COUNT(list) ((int64_t)(sizeof(list) / sizeof((list)[0])))
#define PICK(random, list) ((list)[demo_random_between((random), 0, COUNT(list) - 1)])

struct demo_random demo_random_of(uint64_t seed, uint64_t kind, uint64_t index) {
  struct demo_random random = {seed * 0x9e3779b97f4a7c15u ^ kind * 0xbf58476d1ce4e5b9u ^
                               index * 0x94d049bb133111ebu};
  demo_random_next(&random);
  return random;
}

uint64_t demo_random_next(struct demo_random *random) {
  uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int64_t demo_random_between(struct demo_random *random, int64_t low, int64_t high) {
  return low + (int64_t)(demo_random_next(random) % (uint64_t)(high - low + 1));
}

bool demo_random_chance(struct demo_random *random, int per_mille) {
  return demo_random_between(random, 1, 1000) <= per_mille;
}

void demo_account_make(uint64_t seed, int64_t index, struct demo_account *account) {
  struct demo_random random = demo_random_of(seed, 1, (uint64_t)index);
  memset(account, 0, sizeof *account);
  account->provider_account_id = index + 1;
  /* Half of all accounts are Part B, as offices are; the rest hospitals and agencies. */
  static const int of_contractor[8] = {1, 4, 0, 1, 3, 4, 2, 5};
  account->contractor = &demo_contractors[of_contractor[index % 8]];
  int states = 0;
  while (account->contractor->states[states]) states++;
  account->state = account->contractor->states[demo_random_between(&random, 0, states - 1)];

  /* Bijective in the index, so that no two accounts share a number. */
  snprintf(account->npi, sizeof account->npi, "1%08d",
           (int)((index * 7368787 + 40507 + (int64_t)(seed % 1000) * 331) % 100000000));
  account->npi[9] = ident_npi_check_digit(account->npi);
  if (account->contractor->line_of_business == DEMO_PART_B) {
    snprintf(account->ptan, sizeof account->ptan, "%c%c%06d", letters[index % 20], letters[(index / 20) % 20],
             (int)((index * 48271 + 11) % 1000000));
  } else {
    snprintf(account->ptan, sizeof account->ptan, "%02d%04d", (int)(index % 50 + 1),
             (int)((index * 733 + 7) % 10000));
  }
  snprintf(account->tin, sizeof account->tin, "%02d%07d", (int)demo_random_between(&random, 20, 26),
           (int)((index * 1299709 + 3) % 10000000));
  snprintf(account->csn, sizeof account->csn, "C%c%c%07d", letters[index % 20], letters[(index / 7) % 20],
           (int)((index * 611953 + 1000003) % 10000000));

  const char *place = PICK(&random, place_names);
  snprintf(account->city, sizeof account->city, "%s", place);
  snprintf(account->name, sizeof account->name, "%s %s", place,
           practice_kinds[account->contractor->line_of_business][demo_random_between(&random, 0, 3)]);
  snprintf(account->street, sizeof account->street, "%d %s", (int)demo_random_between(&random, 1, 999),
           PICK(&random, streets));
  snprintf(account->zip, sizeof account->zip, "%05d", (int)demo_random_between(&random, 1001, 99950));
  snprintf(account->phone, sizeof account->phone, "603-555-01%02d", (int)demo_random_between(&random, 0, 99));
}

/* Gives each index its own MBI: a multiplication modulo the number of possible ones, with which the factor
 * has no common divisor. */
static void make_mbi(uint64_t seed, int64_t index, char mbi[12]) {
  const int64_t possible = 9LL * 10 * 10 * 20 * 20 * 10 * 20 * 20 * 100;
  int64_t n = (int64_t)(((__int128)index * 48271 * 69621 + (int64_t)(seed % 100000) * 7919) % possible);
  mbi[9] = (char)('0' + n / 10 % 10);
  mbi[10] = (char)('0' + n % 10);
  n /= 100;
  mbi[8] = letters[n % 20];
  n /= 20;
  mbi[7] = letters[n % 20];
  n /= 20;
  mbi[6] = (char)('0' + n % 10);
  n /= 10;
  mbi[5] = letters[n % 20];
  n /= 20;
  mbi[4] = letters[n % 20];
  n /= 20;
  mbi[3] = (char)('0' + n % 10);
  n /= 10;
  mbi[2] = (char)('0' + n % 10);
  n /= 10;
  mbi[1] = 'S';
  mbi[0] = (char)('1' + n % 9);
  mbi[11] = '\0';
}

void demo_beneficiary_make(uint64_t seed, int64_t index, int32_t today,
                           struct demo_beneficiary *beneficiary) {
  struct demo_random random = demo_random_of(seed, 2, (uint64_t)index);
  memset(beneficiary, 0, sizeof *beneficiary);
  beneficiary->beneficiary_id = index + 1;
  make_mbi(seed, index, beneficiary->mbi);
  beneficiary->sex = demo_random_chance(&random, 540) ? 'F' : 'M';
  beneficiary->last_name = PICK(&random, last_names);
  beneficiary->first_name =
      beneficiary->sex == 'F' ? PICK(&random, first_names_f) : PICK(&random, first_names_m);
  beneficiary->birth_on = today - (int32_t)demo_random_between(&random, 65 * 365 + 400, 92 * 365);
  beneficiary->death_on =
      demo_random_chance(&random, 15) ? today - (int32_t)demo_random_between(&random, 10, 300) : INT32_MAX;
  const struct demo_contractor *contractor = &demo_contractors[demo_random_chance(&random, 500) ? 1 : 4];
  beneficiary->state = contractor->states[demo_random_between(&random, 0, 2)];
  beneficiary->city = PICK(&random, place_names);
  snprintf(beneficiary->street, sizeof beneficiary->street, "%d %s",
           (int)demo_random_between(&random, 1, 999), PICK(&random, streets));
  snprintf(beneficiary->zip, sizeof beneficiary->zip, "%05d", (int)demo_random_between(&random, 1001, 99950));
}

/* A procedure or revenue code with its usual charge and allowed share. */
struct demo_service {
  const char *procedure_code, *revenue_code;
  int charge; /* dollars */
  int allowed_per_mille;
};
static const struct demo_service services[3][8] = {{{"99284", "0450", 890, 420},
                                                    {"71046", "0324", 240, 350},
                                                    {"85025", "0305", 62, 300},
                                                    {"96365", "0260", 410, 460},
                                                    {"J1100", "0636", 48, 510},
                                                    {"70450", "0351", 1120, 380},
                                                    {"93005", "0730", 150, 410},
                                                    {"80053", "0301", 96, 330}},
                                                   {{"99213", NULL, 145, 640},
                                                    {"99214", NULL, 215, 620},
                                                    {"93000", NULL, 60, 580},
                                                    {"20610", NULL, 190, 540},
                                                    {"36415", NULL, 12, 700},
                                                    {"G0439", NULL, 180, 690},
                                                    {"73030", NULL, 88, 520},
                                                    {"11721", NULL, 95, 560}},
                                                   {{"G0299", "0551", 210, 720},
                                                    {"G0151", "0421", 195, 710},
                                                    {"G0156", "0571", 90, 690},
                                                    {"G0152", "0431", 195, 710},
                                                    {"Q5001", "0651", 230, 800},
                                                    {"G0153", "0441", 195, 700},
                                                    {"A4217", "0270", 24, 520},
                                                    {"G0300", "0551", 170, 720}}};
static const char *const diagnoses[] = {"E119", "I10",  "M1711", "J449", "I2510",
                                        "N183", "R079", "Z0000", "M545", "F0390"};

/* Why claims are denied in practice: reason, remark, and how often. */
static const struct {
  const char *reason_code, *remark_code;
  int weight;
} denials[] = {{"50", "N115", 34}, {"97", "M15", 16},  {"18", NULL, 12},
               {"29", NULL, 6},    {"22", "MA04", 8},  {"96", "N425", 8},
               {"197", "N54", 5},  {"151", "N362", 6}, {"109", "N418", 5}};

static void add_adjustment(struct demo_line *line, const char *group_code, const char *reason_code,
                           int64_t amount) {
  if (amount != 0)
    line->adjustments[line->adjustment_count++] = (struct demo_adjustment){group_code, reason_code, amount};
}

/* Medicare pays 80 % of what it allows less the sequestration of 2 %; the rest is the patient's or the
 * contract's. */
static void pay_line(struct demo_random *random, struct demo_line *line, bool deductible) {
  line->adjustment_count = 0;
  int64_t of_patient = deductible ? (line->allowed < 4000 ? line->allowed : 4000) : 0;
  int64_t coinsurance = (line->allowed - of_patient) / 5;
  int64_t before = line->allowed - of_patient - coinsurance;
  int64_t sequestration = before / 50;
  line->paid = before - sequestration;
  add_adjustment(line, "CO", "45", line->charge - line->allowed);
  add_adjustment(line, "PR", "1", of_patient);
  add_adjustment(line, "PR", "2", coinsurance);
  add_adjustment(line, "CO", "253", sequestration);
  line->remark_code = demo_random_chance(random, 60) ? "N782" : NULL;
}

static void deny_line(struct demo_random *random, struct demo_line *line) {
  int64_t draw = demo_random_between(random, 1, 100);
  size_t chosen = 0;
  while (chosen + 1 < (size_t)COUNT(denials) && draw > denials[chosen].weight)
    draw -= denials[chosen++].weight;
  line->adjustment_count = 0;
  line->allowed = line->paid = 0;
  add_adjustment(line, chosen == 5 ? "PR" : "CO", denials[chosen].reason_code, line->charge);
  line->remark_code = denials[chosen].remark_code;
}

static void add_up(struct demo_claim *claim) {
  claim->charge = claim->paid = claim->patient_responsibility = 0;
  for (int i = 0; i < claim->line_count; i++) {
    const struct demo_line *line = &claim->lines[i];
    claim->charge += line->charge;
    claim->paid += line->paid;
    for (int k = 0; k < line->adjustment_count; k++)
      if (line->adjustments[k].group_code[0] == 'P')
        claim->patient_responsibility += line->adjustments[k].amount;
  }
}

static void adjudicate(struct demo_random *random, struct demo_claim *claim) {
  for (int i = 0; i < claim->line_count; i++) {
    struct demo_line *line = &claim->lines[i];
    if (claim->fate == DEMO_UNPROCESSABLE) {
      add_adjustment(line, "CO", "16", line->charge);
      line->allowed = 0;
      line->remark_code = "N290";
    } else if (claim->fate == DEMO_DENIED ||
               (claim->fate == DEMO_PAID && i > 0 && demo_random_chance(random, 40))) {
      deny_line(random, line);
    } else if (claim->fate != DEMO_OPEN) {
      pay_line(random, line, i == 0 && demo_random_chance(random, 120));
    }
  }
  claim->remark_code = claim->fate == DEMO_UNPROCESSABLE ? "MA130" : claim->fate == DEMO_OPEN ? NULL : "MA01";
}

void demo_claim_make(uint64_t seed, int64_t serial, const struct demo_account *account, int64_t beneficiaries,
                     enum demo_fate fate, int32_t received_on, struct demo_claim *claim) {
  struct demo_random random = demo_random_of(seed, 3, (uint64_t)serial);
  enum demo_line_of_business line_of_business = account->contractor->line_of_business;
  memset(claim, 0, sizeof *claim);
  claim->serial = serial;
  claim->fate = fate;
  claim->beneficiary_index = demo_random_between(&random, 0, beneficiaries - 1);
  claim->received_on = received_on;
  claim->through_on = received_on - (int32_t)demo_random_between(&random, 2, 20);
  claim->from_on = line_of_business == DEMO_PART_B
                       ? claim->through_on
                       : claim->through_on - (int32_t)demo_random_between(&random, 0, 6);
  struct calendar_day day = calendar_from_number(received_on);
  int julian = calendar_days_between((struct calendar_day){day.year, 1, 1}, day) + 1;
  if (line_of_business == DEMO_PART_B) {
    claim->system = "mcs"; /* ICN, 13 digits: kind, year, Julian day, sequence (standards 1.7); the kind also
                              counts millions */
    snprintf(claim->control_no, sizeof claim->control_no, "%02d%02d%03d%06d",
             (int)(10 + serial / 1000000 % 89), day.year % 100, julian, (int)(serial % 1000000));
  } else {
    claim->system = "fiss"; /* DCN: century, year, Julian day, batch and sequence, suffix */
    claim->bill_type = line_of_business == DEMO_HHH       ? "329"
                       : demo_random_chance(&random, 700) ? "131"
                                                          : "111";
    snprintf(claim->control_no, sizeof claim->control_no, "2%02d%03d%08dNHA", day.year % 100, julian,
             (int)(serial % 100000000));
  }
  snprintf(claim->patient_control_no, sizeof claim->patient_control_no, "P%08d",
           (int)((serial * 7919) % 100000000));
  for (int i = 0; i < 2; i++) claim->diagnoses[i] = PICK(&random, diagnoses);
  if (claim->diagnoses[1] == claim->diagnoses[0]) claim->diagnoses[1] = NULL;

  static const int line_counts[8] = {1, 1, 2, 2, 3, 3, 4, 6};
  claim->line_count = line_counts[demo_random_between(&random, 0, 7)];
  for (int i = 0; i < claim->line_count; i++) {
    const struct demo_service *service = &services[line_of_business][demo_random_between(&random, 0, 7)];
    struct demo_line *line = &claim->lines[i];
    line->procedure_code = service->procedure_code;
    line->revenue_code = service->revenue_code;
    line->modifier =
        line_of_business == DEMO_PART_B && i > 0 && demo_random_chance(&random, 200) ? "59" : NULL;
    line->units = demo_random_chance(&random, 850) ? 1 : (int)demo_random_between(&random, 2, 4);
    line->charge = (int64_t)line->units * service->charge * 100 * demo_random_between(&random, 90, 115) / 100;
    line->allowed = line->charge * service->allowed_per_mille / 1000;
  }
  adjudicate(&random, claim);
  add_up(claim);
}

/* The office had billed one unit too few of the first line; the correction adds a tenth of what was not
 * allowed. */
void demo_claim_correct(struct demo_claim *claim) {
  struct demo_random random = demo_random_of((uint64_t)claim->serial, 4, 0);
  claim->lines[0].allowed += (claim->lines[0].charge - claim->lines[0].allowed) / 10;
  pay_line(&random, &claim->lines[0], false);
  add_up(claim);
}

const char *demo_claim_clp_status(const struct demo_claim *claim) {
  return claim->fate == DEMO_DENIED || claim->fate == DEMO_UNPROCESSABLE ? "4" : "1";
}
