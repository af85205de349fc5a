/*
 * Several threads in one transaction: see db_run_shared() in db.h.
 *
 * There is a lane for each mode. A thread that finds nobody leading in its lane
 * leads: it takes along those who wait there, runs all of them on a connection of
 * the share, and tells each what came of it. Those who come meanwhile wait, and
 * the first of them leads next. So nobody waits who is alone, and the more there
 * are, the more go together. When a leader takes longer than the patience of those
 * who wait (a slow disk, a lock), a second one leads beside it.
 *
 * The connections of the share are few, so that they stay in the processor's
 * caches: the same lookup costs PostgreSQL up to 1.9 times as much when sixteen
 * connections take turns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "db/db_internal.h"

enum { RIDERS_MOST = 32, CARRIERS = 2, TRIES = 3, MODES = DB_READ_ONLY + 1, HASH_LENGTH = 32 };

struct lane {
  struct db *first, *last; /* who waits, in the order in which they came */
  unsigned leading;
};

struct db_share {
  pthread_mutex_t lock;
  unsigned patience_ms;
  struct db *carriers[CARRIERS], *idle[CARRIERS]; /* idle: the one used last is on top */
  size_t idle_count, warmed;
  struct lane lanes[MODES];
  uint64_t transactions, shared;
};

struct db_share *db_share_new(const struct db_options *options, unsigned patience_ms) {
  struct db_share *share = calloc(1, sizeof *share);
  if (share == NULL) return NULL;
  share->patience_ms = patience_ms;
  pthread_mutex_init(&share->lock, NULL);
  for (size_t i = 0; i < CARRIERS; i++) {
    share->carriers[i] = db_open(options);
    if (share->carriers[i] != NULL) share->idle[share->idle_count++] = share->carriers[i];
  }
  if (share->idle_count == CARRIERS) return share;
  db_share_free(share);
  return NULL;
}

void db_share_free(struct db_share *share) {
  if (share == NULL) return;
  for (size_t i = 0; i < CARRIERS; i++) db_close(share->carriers[i]);
  pthread_mutex_destroy(&share->lock);
  free(share);
}

static struct db *take_idle(struct db_share *share) {
  return share->idle_count > 0 ? share->idle[--share->idle_count] : NULL;
}

struct db *db_share_warm(struct db_share *share) {
  pthread_mutex_lock(&share->lock);
  struct db *carrier = share->warmed < CARRIERS ? take_idle(share) : NULL;
  share->warmed += carrier != NULL;
  pthread_mutex_unlock(&share->lock);
  return carrier;
}

void db_share_give(struct db_share *share, struct db *carrier) {
  pthread_mutex_lock(&share->lock);
  /* At the bottom, so that the next one to be warmed is another. */
  memmove(share->idle + 1, share->idle, share->idle_count * sizeof share->idle[0]);
  share->idle[0] = carrier;
  share->idle_count++;
  pthread_mutex_unlock(&share->lock);
}

void db_share_read(struct db_share *share, uint64_t *transactions, uint64_t *shared) {
  pthread_mutex_lock(&share->lock);
  *transactions = share->transactions;
  *shared = share->shared;
  pthread_mutex_unlock(&share->lock);
}

/* ---------------------------------------------------------------- the lane; with the lock held */

static void wait_in(struct lane *lane, struct db *db) {
  db->ride = RIDE_WAITS;
  db->next = NULL;
  if (lane->first == NULL) lane->first = db;
  else lane->last->next = db;
  lane->last = db;
}

/* Takes `db`, wherever it waits, and others from the front. */
static size_t take_riders(struct lane *lane, struct db *db, struct db *riders[static RIDERS_MOST]) {
  size_t count = 0;
  struct db **link = &lane->first, *last = NULL;
  riders[count++] = db;
  while (*link != NULL) {
    struct db *one = *link;
    if (one == db || count < RIDERS_MOST) {
      *link = one->next;
      if (one != db) riders[count++] = one;
      one->ride = RIDE_TAKEN;
    } else {
      last = one;
      link = &one->next;
    }
  }
  lane->last = last;
  return count;
}

/* Until this thread is to lead, because nobody does or because those who do are slow, or until it was taken
 * along and is told what came of it. */
static void wait_for_word(struct db_share *share, const struct lane *lane, struct db *db) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  struct timespec until = deadline_after(now, share->patience_ms);
  int outcome = 0;
  while (db->ride == RIDE_TAKEN || (db->ride == RIDE_WAITS && lane->leading > 0 && outcome == 0))
    if (db->ride == RIDE_TAKEN) pthread_cond_wait(&db->told, &share->lock);
    else outcome = pthread_cond_timedwait(&db->told, &share->lock, &until);
  if (db->ride == RIDE_WAITS) db->ride = RIDE_LEADS;
}

/* ---------------------------------------------------------------- leading */

static int by_credential(const void *a, const void *b) {
  const struct db *one = *(struct db *const *)a, *two = *(struct db *const *)b;
  return memcmp(one->values[one->added[0].first], two->values[two->added[0].first], HASH_LENGTH);
}

/* Takes out the one that was refused, with its fault; returns how many are left. */
static size_t drop(struct db *carrier, struct db *riders[], size_t count, const struct db *refused) {
  size_t left = 0;
  for (size_t i = 0; i < count; i++)
    if (riders[i] == refused) db_take_fault(riders[i], carrier);
    else riders[left++] = riders[i];
  return left;
}

/* Runs them together, without those that are refused meanwhile. Sets what the others are to be told. When the
 * server took too long to answer, another attempt of each would take as long again. */
static void carry(struct db *carrier, struct db *riders[], size_t count) {
  const struct db *refused = NULL;
  enum db_outcome outcome = DB_REFUSED;
  int64_t start_ms = db_now_ms();
  for (int i = 0; i < TRIES && count > 0 && outcome == DB_REFUSED; i++) {
    outcome = db_run_together(carrier, riders, count, &refused);
    if (outcome == DB_REFUSED && refused == NULL) break;
    if (outcome == DB_REFUSED) count = drop(carrier, riders, count, refused);
    if (refused == carrier) break; /* another run would clear its fault */
  }
  bool late = db_now_ms() - start_ms > carrier->answer_most_ms / 2;
  for (size_t i = 0; i < count; i++) {
    riders[i]->word = outcome == DB_DONE ? RIDE_DONE : outcome == DB_AWAY && late ? RIDE_AWAY : RIDE_ALONE;
    if (riders[i]->word == RIDE_AWAY) db_take_trouble(riders[i], carrier);
  }
}

/* Tells the others what came of it, and the next one that it leads. */
static void tell(struct lane *lane, const struct db *db, struct db *const *riders, size_t count) {
  for (size_t i = 0; i < count; i++) {
    riders[i]->ride = riders[i]->word;
    if (riders[i] != db) pthread_cond_signal(&riders[i]->told);
  }
  if (--lane->leading > 0 || lane->first == NULL) return;
  lane->first->ride = RIDE_LEADS;
  pthread_cond_signal(&lane->first->told);
}

/* Runs those who wait, this thread among them. Called and left with the lock held. */
static void lead(struct db_share *share, struct lane *lane, struct db *db) {
  struct db *riders[RIDERS_MOST], *going[RIDERS_MOST];
  size_t count = take_riders(lane, db, riders);
  struct db *lent = take_idle(share), *carrier = lent != NULL ? lent : db;
  lane->leading++;
  share->transactions++;
  share->shared += count;
  pthread_mutex_unlock(&share->lock);
  for (size_t i = 0; i < count; i++) riders[i]->word = RIDE_REFUSED;
  memcpy(going, riders, count * sizeof riders[0]);
  qsort(going, count, sizeof going[0], by_credential);
  carrier->mode = db->mode;
  carry(carrier, going, count);
  pthread_mutex_lock(&share->lock);
  if (lent != NULL) share->idle[share->idle_count++] = lent;
  tell(lane, db, riders, count);
}

static bool may_share(const struct db *db) {
  return db->misuse == NULL && !db->hold && !db->going_on && !db->open && db->mode != DB_WRITE &&
         db->count > 0 && db->added[0].count > 0 && db->added[0].binary &&
         db->lengths[db->added[0].first] == HASH_LENGTH;
}

enum db_outcome db_run_shared(struct db *db, struct db_share *share) {
  if (share == NULL || !may_share(db)) return db_run(db);
  struct lane *lane = &share->lanes[db->mode];
  pthread_mutex_lock(&share->lock);
  wait_in(lane, db);
  wait_for_word(share, lane, db);
  if (db->ride == RIDE_LEADS) lead(share, lane, db);
  enum ride word = db->ride;
  pthread_mutex_unlock(&share->lock);
  switch (word) {
    case RIDE_DONE: return DB_DONE;
    case RIDE_REFUSED: return DB_REFUSED;
    case RIDE_AWAY: return DB_AWAY;
    default: return db_run(db);
  }
}
