/*
 * The words of code lists (connex.reason_code: CARC, RARC, and the groups of
 * adjustments), kept by each process. A claim has several codes, and the database
 * would look each of them up for each reader. What is read with a claim tells the
 * version of the lists, so that a process notices when its words are old.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_CODE_WORDS_H
#define CONNEX_FCGI_CODE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "db/db.h"

struct code_words;

struct code_words *code_words_new(void); /* without any codes; NULL: out of memory */
void code_words_free(struct code_words *words);

/* Whether these are the words of this version; NULL: of any. */
bool code_words_are(struct code_words *words, const char *version);

/* Takes the rows of the statement claim_get_words (version, list, code, words). False: out of memory; what
 * was there before stays. */
bool code_words_take(struct code_words *words, const struct db *db, size_t statement);

/* The words stay the same between these two. Other threads may read at the same time. */
void code_words_lock(struct code_words *words);
void code_words_unlock(struct code_words *words);

/* The words of a code of a list ("CARC"), or NULL. Call it, and use the text, under the lock. */
const char *code_words_find(const struct code_words *words, const char *list, const char *code);

#endif
