/*
 * The CSV feeds, for what no public format carries: provider accounts with PTAN and TIN, payments, and
 * beneficiaries with coverage. A column has one name in the file, here, and in stage_feed (sql/rules/).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load/feed.h"

static const char *const lines_of_business[] = {"part_a", "part_b", "hhh", NULL};
static const char *const methods[] = {"check", "eft", NULL};
static const char *const sexes[] = {"f", "m", "u", NULL};

static const struct feed_column provider_account_columns[] = {
    {"contractor_no", FEED_CONTRACTOR, true, NULL},
    {"line_of_business", FEED_WORD, true, lines_of_business},
    {"npi", FEED_NPI, true, NULL},
    {"ptan", FEED_PTAN, true, NULL},
    {"tin", FEED_TIN, true, NULL},
    {"name", FEED_TEXT, true, NULL},
    {"state", FEED_STATE, true, NULL},
    {"physical_street", FEED_TEXT, false, NULL},
    {"physical_city", FEED_TEXT, false, NULL},
    {"physical_state", FEED_STATE, false, NULL},
    {"physical_zip", FEED_TEXT, false, NULL},
    {"billing_street", FEED_TEXT, false, NULL},
    {"billing_city", FEED_TEXT, false, NULL},
    {"billing_state", FEED_STATE, false, NULL},
    {"billing_zip", FEED_TEXT, false, NULL},
    {"phone", FEED_TEXT, false, NULL},
    {"effective_on", FEED_DATE, false, NULL},
    {"ended_on", FEED_DATE, false, NULL},
    {"contractor_name", FEED_TEXT, false, NULL},
    {"jurisdiction", FEED_TEXT, false, NULL},
};

static const struct feed_column payment_columns[] = {
    {"contractor_no", FEED_CONTRACTOR, true, NULL},
    {"payment_number", FEED_PAYMENT_NUMBER, true, NULL},
    {"method", FEED_WORD, true, methods},
    {"amount", FEED_MONEY, true, NULL},
    {"issued_on", FEED_DATE, true, NULL},
    {"npi", FEED_NPI, true, NULL},
    {"ptan", FEED_PTAN, true, NULL},
    {"tin", FEED_TIN, false, NULL},
};

static const struct feed_column beneficiary_columns[] = {
    {"person_key", FEED_TEXT, false, NULL},
    {"mbi", FEED_MBI, true, NULL},
    {"mbi_effective_on", FEED_DATE, false, NULL},
    {"mbi_ended_on", FEED_DATE, false, NULL},
    {"last_name", FEED_TEXT, true, NULL},
    {"first_name", FEED_TEXT, true, NULL},
    {"birth_on", FEED_DATE, true, NULL},
    {"death_on", FEED_DATE, false, NULL},
    {"sex", FEED_WORD, false, sexes},
    {"street", FEED_TEXT, false, NULL},
    {"city", FEED_TEXT, false, NULL},
    {"state", FEED_STATE, false, NULL},
    {"zip", FEED_TEXT, false, NULL},
    {"as_of", FEED_DATE, false, NULL},
    {"coverage", FEED_TEXT, false, NULL},
    {"coverage_from", FEED_DATE, false, NULL},
    {"coverage_through", FEED_DATE, false, NULL},
    {"amount", FEED_MONEY, false, NULL},
    {"remaining", FEED_MONEY, false, NULL},
    {"payer_name", FEED_TEXT, false, NULL},
    {"payer_id", FEED_TEXT, false, NULL},
    {"policy", FEED_TEXT, false, NULL},
    {"detail", FEED_TEXT, false, NULL},
    {"phone", FEED_TEXT, false, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool load_provider_accounts(struct load *load) {
  const struct feed feed = {provider_account_columns, COUNT(provider_account_columns),
                            q_load_provider_accounts};
  return load_feed(load, &feed);
}

bool load_payments(struct load *load) {
  const struct feed feed = {payment_columns, COUNT(payment_columns), q_load_payments};
  return load_feed(load, &feed);
}

bool load_beneficiaries(struct load *load) {
  const struct feed feed = {beneficiary_columns, COUNT(beneficiary_columns), q_load_beneficiaries};
  return load_feed(load, &feed);
}
