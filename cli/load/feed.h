/*
 * A CSV feed as a table: its columns, and the statement that merges its staged rows. cli/load/feeds.c has the
 * tables; sql/feeds.md describes them for people.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_LOAD_FEED_H
#define CONNEX_CLI_LOAD_FEED_H

#include "load/load.h"

enum feed_type {
  FEED_TEXT,           /* at most 200 characters, blanks trimmed */
  FEED_CONTRACTOR,     /* five digits */
  FEED_NPI,            /* ten digits; a wrong check digit is flagged */
  FEED_PTAN,           /* flagged where it does not have the form of its line of business */
  FEED_TIN,            /* nine digits */
  FEED_MBI,            /* eleven letters and digits; flagged where CMS's rule is broken */
  FEED_STATE,          /* two letters */
  FEED_DATE,           /* YYYY-MM-DD, MM/DD/YYYY or YYYYMMDD */
  FEED_MONEY,          /* 1234.56 */
  FEED_PAYMENT_NUMBER, /* check or EFT number */
  FEED_WORD            /* one of `words`; case, blanks and dashes do not matter */
};

struct feed_column {
  const char *name;
  enum feed_type type;
  bool required;
  const char *const *words; /* FEED_WORD: the list, ended by NULL */
};

struct feed {
  const struct feed_column *columns;
  size_t column_count;
  struct db_statement (*merge)(struct param_load_run_id load_run_id);
};

bool load_feed(struct load *load, const struct feed *feed);

enum { FEED_VALUE_SIZE = 808 }; /* 200 characters of UTF-8, with the closing NUL and some more */

/* The result of checking a value. */
struct verdict {
  bool refused;
  const char *flag;  /* code word of a flag, or NULL */
  const char *words; /* of the flag or refusal */
};

/* Checks a value that is not empty and writes it in canonical form. */
struct verdict feed_check_value(const struct feed_column *column, bool synthetic_mbi_allowed,
                                const char *text, size_t length, char value[FEED_VALUE_SIZE]);

#endif
