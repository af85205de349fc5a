/*
 * Settings from the environment: see config.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { TEXT, OPTIONAL_TEXT, NUMBER };

struct setting {
  const char *name;
  enum kind kind;
  size_t offset; /* of the member in struct config */
  const char *fallback;
  long lowest, highest;
  const char *about;
};

#define MEMBER(member) offsetof(struct config, member)

static const struct setting settings[] = {
    {"CONNEX_DB", TEXT, MEMBER(db), "dbname=connex", 0, 0, "libpq connection string of the primary"},
    {"CONNEX_DB_READ", OPTIONAL_TEXT, MEMBER(db_read), NULL, 0, 0,
     "libpq connection string of a copy (a standby), read where nobody is logged in; CONNEX_DB when not set"},
    {"CONNEX_READ_LAG", NUMBER, MEMBER(read_lag_seconds), "10", 1, 3600,
     "seconds that CONNEX_DB_READ may be behind; CONNEX_DB is read while it is more, or away"},
    {"CONNEX_SOCKET", TEXT, MEMBER(socket), "/run/connex/connex.sock", 0, 0,
     "Unix socket on which the workers wait for nginx"},
    {"CONNEX_LOG", TEXT, MEMBER(log), "-", 0, 0, "log file; - is standard error"},
    {"CONNEX_KEY_FILE", OPTIONAL_TEXT, MEMBER(key_file), NULL, 0, 0,
     "file of the 32-byte key of the access and security codes, mode 0600"},
    {"CONNEX_SMTP_URL", OPTIONAL_TEXT, MEMBER(smtp_url), NULL, 0, 0, "smtp://host:port of the mail server"},
    {"CONNEX_MAIL_FROM", OPTIONAL_TEXT, MEMBER(mail_from), NULL, 0, 0, "sender of our mail"},
    {"CONNEX_BASE_URL", OPTIONAL_TEXT, MEMBER(base_url), NULL, 0, 0,
     "the portal's address, for links in mail"},
    {"CONNEX_PROCESSES", NUMBER, MEMBER(processes), NULL, 1, 256,
     "worker processes; the number of cores when not set"},
    {"CONNEX_THREADS", NUMBER, MEMBER(threads), NULL, 1, 256,
     "threads of each worker process; 32 in all processes together when not set, but 4 to 16 in each. Each "
     "holds "
     "one connection to PostgreSQL, and each process two more. More threads let more lookups share a "
     "transaction"},
    {"CONNEX_BODY_LIMIT", NUMBER, MEMBER(body_limit_bytes), "1048576", 1024, 16777216,
     "largest JSON body in bytes"},
    {"CONNEX_UPLOAD_LIMIT", NUMBER, MEMBER(upload_limit_bytes), "67108864", 1024, 2147483647,
     "largest attachment in bytes"},
    {"CONNEX_BODY_SECONDS", NUMBER, MEMBER(body_seconds), "10", 1, 600,
     "time a request's head and body may take to arrive"},
    {"CONNEX_LINGER_SECONDS", NUMBER, MEMBER(linger_seconds), "8", 1, 600,
     "how long a stopping worker serves kept connections; longer than nginx's upstream keepalive_timeout (5 "
     "s)"},
    {"CONNEX_STOP_SECONDS", NUMBER, MEMBER(stop_seconds), "30", 2, 3600,
     "a stopping worker ends after this time at the latest"},
    {"CONNEX_RATE_PER_MINUTE", NUMBER, MEMBER(rate_per_minute), "30", 1, 1000000,
     "requests that hash passwords or check codes, for one address"},
    {"CONNEX_RATE_BURST", NUMBER, MEMBER(rate_burst), "20", 1, 100000, "how many of them may come at once"},
    {"CONNEX_HASH_PERMITS", NUMBER, MEMBER(hash_permits), NULL, 1, 64,
     "passwords hashed at once over all workers; one less than the cores when not set"},
    {"CONNEX_HASH_QUEUE", NUMBER, MEMBER(hash_queue), NULL, 1, 256,
     "how many more may wait; all other threads when not set, because nginx lets log-ins come one after "
     "another (LOG_IN_PACE). Past it, log in answers 503 at once"},
    {"CONNEX_HASH_MEMORY", NUMBER, MEMBER(hash_memory_kib), "19456", 8, 1048576,
     "KiB of memory kept for each hash at once (Argon2id)"},
};
enum { SETTING_COUNT = sizeof settings / sizeof settings[0] };

static int read_number(const struct setting *setting, const char *text, long *value, FILE *faults) {
  char *end = NULL;
  errno = 0;
  *value = strtol(text, &end, 10);
  if (errno == 0 && end != text && *end == '\0' && *value >= setting->lowest && *value <= setting->highest)
    return 0;
  if (faults != NULL)
    fprintf(faults, "%s: must be a whole number from %ld to %ld (%s)\n", setting->name, setting->lowest,
            setting->highest, setting->about);
  return 1;
}

static int read_setting(const struct setting *setting, struct config *config, FILE *faults) {
  const char *text = getenv(setting->name);
  if (text == NULL || text[0] == '\0') text = setting->fallback;
  char *member = (char *)config + setting->offset;
  if (setting->kind != NUMBER) {
    memcpy(member, &text, sizeof text);
    return 0;
  }
  long value = 0;
  int faulty = text == NULL ? 0 : read_number(setting, text, &value, faults);
  if (faulty) value = setting->lowest; /* so that values computed from it stay in bounds */
  memcpy(member, &value, sizeof value);
  return faulty;
}

int config_read(struct config *config, FILE *faults) {
  int count = 0;
  *config = (struct config){0};
  for (size_t i = 0; i < SETTING_COUNT; i++) count += read_setting(&settings[i], config, faults);
  if (config->db_read == NULL) config->db_read = config->db;
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (config->processes == 0) config->processes = cores < 1 ? 1 : cores > 256 ? 256 : cores;
  if (config->threads == 0) {
    long each = 32 / config->processes;
    config->threads = each < 4 ? 4 : each > 16 ? 16 : each;
  }
  long all = config->processes * config->threads;
  if (config->hash_permits == 0) config->hash_permits = cores < 3 ? 1 : cores > 65 ? 64 : cores - 1;
  if (config->hash_queue == 0) config->hash_queue = all < 3 ? 2 : all > 256 ? 256 : all - 1;
  if (config->stop_seconds <= config->linger_seconds) {
    count++;
    if (faults != NULL) fputs("CONNEX_STOP_SECONDS: must be longer than CONNEX_LINGER_SECONDS\n", faults);
  }
  if (strlen(config->socket) > 107) { /* sun_path, unix(7) */
    count++;
    if (faults != NULL) fputs("CONNEX_SOCKET: a socket's path has at most 107 bytes\n", faults);
  }
  return count;
}

void config_describe(FILE *out) {
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    const struct setting *setting = &settings[i];
    fprintf(out, "%s", setting->name);
    if (setting->fallback != NULL) fprintf(out, "=%s", setting->fallback);
    if (setting->kind == NUMBER) fprintf(out, "  (%ld to %ld)", setting->lowest, setting->highest);
    fprintf(out, "\n    %s\n", setting->about);
  }
}
