/*
 * Counters and histograms by route: see metrics.h. A request adds to a few
 * relaxed atomics and takes no lock. A reader may see a request in one counter
 * and not yet in another, which Prometheus allows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "metrics.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/byte_buffer.h"
#include "pool/pool.h"
#include "read_copy.h"

static const int64_t bounds_us[] = {500,    1000,   2500,   5000,    10000,   25000,   50000,
                                    100000, 250000, 500000, 1000000, 2500000, 10000000};
enum { BOUNDS = sizeof bounds_us / sizeof bounds_us[0], CLASSES = 6 };

struct counters {
  _Alignas(64) atomic_ullong status[CLASSES]; /* by hundreds */
  atomic_ullong buckets[BOUNDS + 1];          /* not cumulative here */
  atomic_ullong sum_us, db_us, bytes;
};

/* The first SQLSTATEs that were seen, each in the place that a worker took for it. */
enum { SQLSTATES = 64, SQLSTATE_LENGTH = 5 };
struct sqlstate {
  atomic_ullong name; /* its five bytes; 0: free */
  atomic_ullong count;
  atomic_llong last_ms;
};

static const struct route_map *routes;
static struct sqlstate *sqlstates; /* behind the counters, in the same memory */
static struct counters *counters;  /* one a route, and one for what matched none */

static size_t shared_size(void) {
  return (route_count(routes) + 1) * sizeof *counters + SQLSTATES * sizeof *sqlstates;
}

int metrics_open(const struct route_map *map) {
  metrics_close();
  routes = map;
  void *memory = mmap(NULL, shared_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  counters = memory;
  sqlstates = (struct sqlstate *)(counters + route_count(map) + 1);
  return 0;
}

void metrics_close(void) {
  if (counters != NULL) munmap(counters, shared_size());
  counters = NULL;
}

static void add(atomic_ullong *counter, int64_t value) {
  atomic_fetch_add_explicit(counter, (unsigned long long)value, memory_order_relaxed);
}

static unsigned long long get(const atomic_ullong *counter) {
  return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(size_t route, int status, int64_t microseconds, int64_t db_microseconds, size_t bytes) {
  if (counters == NULL) return;
  struct counters *of = &counters[route < route_count(routes) ? route : route_count(routes)];
  size_t bucket = 0;
  while (bucket < BOUNDS && microseconds > bounds_us[bucket]) bucket++;
  add(&of->buckets[bucket], 1);
  add(&of->status[status >= 100 && status < 600 ? status / 100 : 5], 1);
  add(&of->sum_us, microseconds);
  add(&of->db_us, db_microseconds);
  add(&of->bytes, (int64_t)bytes);
}

/* ---------------------------------------------------------------- SQLSTATEs */

/* The place of one; with `take`, a free one becomes it. NULL: there is none. */
static struct sqlstate *find_sqlstate(const char *sqlstate, bool take) {
  unsigned long long name = 0;
  if (counters == NULL || strlen(sqlstate) != SQLSTATE_LENGTH) return NULL;
  memcpy(&name, sqlstate, SQLSTATE_LENGTH);
  for (size_t i = 0; i < SQLSTATES; i++) {
    unsigned long long there = get(&sqlstates[i].name);
    if (there == 0 && take && atomic_compare_exchange_strong(&sqlstates[i].name, &there, name))
      return &sqlstates[i];
    if (there == name) return &sqlstates[i];
    if (there == 0) return NULL;
  }
  return NULL;
}

void metrics_sqlstate(const char *sqlstate, int64_t now_ms) {
  struct sqlstate *seen = find_sqlstate(sqlstate, true);
  if (seen == NULL) return;
  add(&seen->count, 1);
  atomic_store_explicit(&seen->last_ms, now_ms, memory_order_relaxed);
}

bool metrics_sqlstate_within(const char *sqlstate, int64_t since_ms) {
  struct sqlstate *seen = find_sqlstate(sqlstate, false);
  return seen != NULL && atomic_load_explicit(&seen->last_ms, memory_order_relaxed) >= since_ms;
}

static void print_sqlstates(struct byte_buffer *text) {
  byte_buffer_format(text, "# HELP connex_sqlstate_total Transactions that PostgreSQL refused, by SQLSTATE.\n"
                           "# TYPE connex_sqlstate_total counter\n");
  for (size_t i = 0; counters != NULL && i < SQLSTATES; i++) {
    unsigned long long name = get(&sqlstates[i].name);
    if (name == 0) return;
    byte_buffer_format(text, "connex_sqlstate_total{sqlstate=\"%.*s\"} %llu\n", SQLSTATE_LENGTH,
                       (const char *)&name, get(&sqlstates[i].count));
  }
}

/* ---------------------------------------------------------------- the text */

/* {method="GET",route="/api/v1/..." of one route. The caller closes the brace. */
static void print_labels(struct byte_buffer *text, size_t number) {
  if (number == route_count(routes)) {
    byte_buffer_format(text, "{method=\"\",route=\"none\"");
    return;
  }
  const struct route *route = route_at(routes, number);
  byte_buffer_format(text, "{method=\"%s\",route=\"%s\"", route_method_name(route->method), route->path);
}

static void print_histogram(struct byte_buffer *text, size_t number) {
  const struct counters *of = &counters[number];
  unsigned long long total = 0;
  for (size_t i = 0; i <= BOUNDS; i++) total += get(&of->buckets[i]);
  if (total == 0) return; /* hundreds of empty series are useless */
  unsigned long long so_far = 0;
  for (size_t i = 0; i < BOUNDS; i++) {
    so_far += get(&of->buckets[i]);
    byte_buffer_format(text, "connex_request_seconds_bucket");
    print_labels(text, number);
    byte_buffer_format(text, ",le=\"%g\"} %llu\n", (double)bounds_us[i] / 1e6, so_far);
  }
  byte_buffer_format(text, "connex_request_seconds_bucket");
  print_labels(text, number);
  byte_buffer_format(text, ",le=\"+Inf\"} %llu\nconnex_request_seconds_sum", total);
  print_labels(text, number);
  byte_buffer_format(text, "} %.6f\nconnex_request_seconds_count", (double)get(&of->sum_us) / 1e6);
  print_labels(text, number);
  byte_buffer_format(text, "} %llu\n", total);
}

static void print_totals(struct byte_buffer *text, size_t number) {
  const struct counters *of = &counters[number];
  for (int class = 1; class < CLASSES; class ++) {
    unsigned long long count = get(&of->status[class]);
    if (count == 0) continue;
    byte_buffer_format(text, "connex_requests_total");
    print_labels(text, number);
    byte_buffer_format(text, ",status=\"%dxx\"} %llu\n", class, count);
  }
}

static void print_sum(struct byte_buffer *text, const char *name, size_t number, const atomic_ullong *sum,
                      double scale) {
  if (get(sum) == 0) return;
  byte_buffer_format(text, "%s", name);
  print_labels(text, number);
  byte_buffer_format(text, "} %.6f\n", (double)get(sum) / scale);
}

static void print_pool(struct byte_buffer *text) {
  struct pool_figures pool;
  pool_figures(&pool);
  byte_buffer_format(
      text,
      "# HELP connex_pool_threads Threads that answer requests.\n# TYPE connex_pool_threads gauge\n"
      "connex_pool_threads %u\n",
      pool.threads);
  byte_buffer_format(text,
                     "# HELP connex_pool_busy_threads Threads that are answering a request.\n# TYPE "
                     "connex_pool_busy_threads gauge\n"
                     "connex_pool_busy_threads %u\n",
                     pool.busy);
  byte_buffer_format(
      text,
      "# HELP connex_pool_connections Connections from nginx.\n# TYPE connex_pool_connections gauge\n"
      "connex_pool_connections %u\n",
      pool.connections);
  byte_buffer_format(
      text,
      "# HELP connex_pool_accepted_total Connections taken.\n# TYPE connex_pool_accepted_total counter\n"
      "connex_pool_accepted_total %llu\n",
      (unsigned long long)pool.accepted);
  byte_buffer_format(text,
                     "# HELP connex_pool_handed_over_total Connections passed to an idle process.\n"
                     "# TYPE connex_pool_handed_over_total counter\nconnex_pool_handed_over_total %llu\n",
                     (unsigned long long)pool.handed_over);
  byte_buffer_format(
      text,
      "# HELP connex_pool_restarts_total Workers that ended unexpectedly.\n# TYPE connex_pool_restarts_total "
      "counter\n"
      "connex_pool_restarts_total %llu\n",
      (unsigned long long)pool.restarts);
}

/* As this process found it at its last look. */
static void print_read_copy(struct byte_buffer *text) {
  byte_buffer_format(
      text,
      "# HELP connex_read_copy_used Whether CONNEX_DB_READ answers and is not too far behind.\n"
      "# TYPE connex_read_copy_used gauge\nconnex_read_copy_used %d\n",
      read_copy_was_usable() ? 1 : 0);
  double lag = read_copy_lag();
  if (lag < 0 || lag > 1e9) return;
  byte_buffer_format(text,
                     "# HELP connex_read_copy_lag_seconds Age of the last commit that CONNEX_DB_READ has.\n"
                     "# TYPE connex_read_copy_lag_seconds gauge\nconnex_read_copy_lag_seconds %.3f\n",
                     lag);
}

const char *metrics_text(struct arena *arena, const char *more, size_t *length) {
  struct byte_buffer text = {.arena = arena};
  size_t count = counters == NULL ? 0 : route_count(routes) + 1;
  byte_buffer_format(&text, "# HELP connex_requests_total Answers by route and class of status.\n# TYPE "
                            "connex_requests_total counter\n");
  for (size_t i = 0; i < count; i++) print_totals(&text, i);
  byte_buffer_format(&text, "# HELP connex_request_seconds Time from the request's head to its answer.\n"
                            "# TYPE connex_request_seconds histogram\n");
  for (size_t i = 0; i < count; i++) print_histogram(&text, i);
  byte_buffer_format(&text, "# HELP connex_database_seconds_total Time spent waiting for PostgreSQL.\n"
                            "# TYPE connex_database_seconds_total counter\n");
  for (size_t i = 0; i < count; i++)
    print_sum(&text, "connex_database_seconds_total", i, &counters[i].db_us, 1e6);
  byte_buffer_format(
      &text, "# HELP connex_reply_bytes_total Bytes of answers.\n# TYPE connex_reply_bytes_total counter\n");
  for (size_t i = 0; i < count; i++) print_sum(&text, "connex_reply_bytes_total", i, &counters[i].bytes, 1);
  print_pool(&text);
  print_read_copy(&text);
  print_sqlstates(&text);
  byte_buffer_add_word(&text, more);
  *length = text.length;
  return text.failed ? NULL : text.data;
}
