/*
 * See code_words.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "code_words.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  const char *list, *code, *words;
};

struct code_words {
  pthread_rwlock_t lock;
  struct arena *arena; /* of the entries */
  const struct entry *entries;
  size_t count;
  const char *version; /* NULL: none are there yet */
};

struct code_words *code_words_new(void) {
  struct code_words *words = calloc(1, sizeof *words);
  if (words == NULL) return NULL;
  pthread_rwlock_init(&words->lock, NULL);
  return words;
}

void code_words_free(struct code_words *words) {
  if (words == NULL) return;
  pthread_rwlock_destroy(&words->lock);
  arena_free(words->arena);
  free(words);
}

bool code_words_are(struct code_words *words, const char *version) {
  pthread_rwlock_rdlock(&words->lock);
  bool are = words->version != NULL && (version == NULL || strcmp(words->version, version) == 0);
  pthread_rwlock_unlock(&words->lock);
  return are;
}

static int compare(const void *a, const void *b) {
  const struct entry *one = a, *two = b;
  int lists = strcmp(one->list, two->list);
  return lists != 0 ? lists : strcmp(one->code, two->code);
}

/* The rows of the statement, sorted. Without any code, its one row has only the version. */
static struct entry *copy_rows(struct arena *arena, const struct db *db, size_t statement, size_t *count) {
  size_t rows = (size_t)db_rows(db, statement);
  struct entry *entries = arena_zero(arena, rows + 1, sizeof *entries);
  *count = 0;
  for (size_t i = 0; entries != NULL && i < rows; i++) {
    if (db_value(db, statement, (int)i, 1) == NULL) continue;
    struct entry *entry = &entries[(*count)++];
    *entry = (struct entry){arena_text(arena, db_value(db, statement, (int)i, 1)),
                            arena_text(arena, db_value(db, statement, (int)i, 2)),
                            arena_text(arena, db_value(db, statement, (int)i, 3))};
    if (entry->list == NULL || entry->code == NULL || entry->words == NULL) return NULL;
  }
  if (entries != NULL) qsort(entries, *count, sizeof *entries, compare);
  return entries;
}

bool code_words_take(struct code_words *words, const struct db *db, size_t statement) {
  size_t count = 0;
  struct arena *arena = arena_new(0);
  const char *version = arena == NULL ? NULL : arena_text(arena, db_value(db, statement, 0, 0));
  struct entry *entries = version == NULL ? NULL : copy_rows(arena, db, statement, &count);
  if (entries == NULL) {
    arena_free(arena);
    return false;
  }
  pthread_rwlock_wrlock(&words->lock);
  struct arena *former = words->arena;
  words->arena = arena;
  words->entries = entries;
  words->count = count;
  words->version = version;
  pthread_rwlock_unlock(&words->lock);
  arena_free(former);
  return true;
}

void code_words_lock(struct code_words *words) { pthread_rwlock_rdlock(&words->lock); }

void code_words_unlock(struct code_words *words) { pthread_rwlock_unlock(&words->lock); }

const char *code_words_find(const struct code_words *words, const char *list, const char *code) {
  const struct entry wanted = {.list = list, .code = code};
  const struct entry *found =
      words->count == 0 ? NULL : bsearch(&wanted, words->entries, words->count, sizeof wanted, compare);
  return found == NULL ? NULL : found->words;
}
