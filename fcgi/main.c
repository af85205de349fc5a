/*
 * connex-fcgi: reads the settings, makes what all workers share, and runs the
 * pool. `--check` only checks that everything is in order (a reload runs the new
 * program this way before it takes over), `--settings` lists the settings,
 * `--routes` prints who may reach what, and `--version` the build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "build.h"
#include "code_words.h"
#include "contract.h"
#include "db/db.h"
#include "dispatch.h"
#include "format/json_in.h"
#include "limit.h"
#include "metrics.h"
#include "pool/pool.h"
#include "route.h"
#include "secret/password.h"
#include "secret/token.h"

enum { EXIT_CONFIGURATION = 78 }; /* sysexits.h EX_CONFIG */

static const struct route *const tables[] = {contract_routes, NULL};

struct program {
  struct config config;
  struct route_map *map;
  struct token_key key;
  struct services services;
  struct dispatch_settings dispatch;
  char *const *arguments;
  char build[BUILD_ID_SIZE];
};

/* A core file or a debugger would show passwords and people's data. */
static void harden(void) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static bool worker_begin(void *shared) {
  struct program *program = shared;
  unsigned char warm[16];
  json_in_prepare();
  program->services.share = dispatch_share_new(&program->dispatch);
  program->services.words = code_words_new();
  return program->services.share != NULL && program->services.words != NULL &&
         RAND_bytes(warm, sizeof warm) == 1; /* opens its files before there are threads */
}

static void *thread_begin(void *shared) {
  const struct program *program = shared;
  return dispatcher_new(&program->dispatch);
}

static void thread_warm(void *context) { dispatcher_warm(context); }

static void thread_end(void *context) { dispatcher_free(context); }

static void serve(void *context, const struct head *head, struct upload *upload, struct answer *answer) {
  dispatch(context, head, upload, answer);
}

/* Asks the program that is now on disk whether it could start. */
static bool may_reload(void *shared) {
  struct program *program = shared;
  char path[4096];
  snprintf(path, sizeof path, "%s", program->arguments[0]);
  char check[] = "--check";
  char *const arguments[] = {path, check, NULL};
  pid_t pid = fork();
  if (pid == 0) {
    execvp(path, arguments);
    _exit(127);
  }
  int status = 0;
  return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int read_key(struct program *program) {
  const char *why = NULL;
  if (program->config.key_file == NULL) {
    fputs("CONNEX_KEY_FILE: name the file with the key for mailed and printed codes\n", stderr);
    return 1;
  }
  if (token_key_read(program->config.key_file, &program->key, &why) != 0) {
    fprintf(stderr, "CONNEX_KEY_FILE: %s\n", why);
    return 1;
  }
  program->services.token_key = &program->key;
  return 0;
}

/* Finds and reports everything that is wrong at once. */
static int prepare(struct program *program) {
  int faults = config_read(&program->config, stderr);
  program->map = route_map_new(tables, stderr);
  if (program->map == NULL) faults++;
  faults += read_key(program);
  if (log_open(program->config.log) != 0) {
    fprintf(stderr, "CONNEX_LOG: %s: %s\n", program->config.log, strerror(errno));
    faults++;
  }
  return faults;
}

/* Makes what all workers share, before they are forked. */
static bool share(struct program *program) {
  const struct config *config = &program->config;
  const struct password_gate_options gate = {.permits = (unsigned)config->hash_permits,
                                             .queue = (unsigned)config->hash_queue,
                                             .memory_kib = (uint32_t)config->hash_memory_kib};
  program->services.password_gate = password_gate_new(&gate);
  program->services.build = program->build;
  program->dispatch = (struct dispatch_settings){
      .map = program->map,
      .services = &program->services,
      .gate = {.body_limit = config->body_limit_bytes, .upload_limit = config->upload_limit_bytes},
      .db = config->db,
      .db_read = config->db_read,
      .read_lag_seconds = config->read_lag_seconds,
      .areas = contract_areas};
  return program->services.password_gate != NULL && metrics_open(program->map) == 0 &&
         limit_open(config->rate_per_minute, config->rate_burst) == 0;
}

static int run(struct program *program) {
  const struct config *config = &program->config;
  const struct pool_settings settings = {.socket = config->socket,
                                         .arguments = program->arguments,
                                         .processes = (unsigned)config->processes,
                                         .threads = (unsigned)config->threads,
                                         .body_seconds = (unsigned)config->body_seconds,
                                         .linger_seconds = (unsigned)config->linger_seconds,
                                         .stop_seconds = (unsigned)config->stop_seconds,
                                         .shared = program,
                                         .worker_begin = worker_begin,
                                         .thread_begin = thread_begin,
                                         .thread_end = thread_end,
                                         .thread_warm = thread_warm,
                                         .serve = serve,
                                         .may_reload = may_reload};
  return pool_run(&settings);
}

/* Who may reach what, one line per route, for reviews. */
static void print_routes(const struct route_map *map) {
  static const char *const modes[] = {[DB_WRITE] = "write",
                                      [DB_READ_OFFICE] = "office",
                                      [DB_READ_OFFICER] = "officer",
                                      [DB_READ_STAFF] = "staff",
                                      [DB_READ_ONLY] = "read only"};
  for (size_t i = 0; i < route_count(map); i++) {
    const struct route *route = route_at(map, i);
    printf("%-6s %-72s right=%s mode=%s audit=%s\n", route_method_name(route->method), route->path,
           route_right_name(route->right), modes[route->mode], route->audit == NULL ? "-" : route->audit);
  }
}

int main(int count, char **arguments) {
  static struct program program;
  const char *verb = count > 1 ? arguments[1] : "";
  program.arguments = arguments;
  if (strcmp(verb, "--settings") == 0) {
    config_describe(stdout);
    return EXIT_SUCCESS;
  }
  build_id(program.build);
  if (strcmp(verb, "--version") == 0) {
    printf("connex-fcgi %s\n", program.build);
    return EXIT_SUCCESS;
  }
  harden();
  int status = EXIT_SUCCESS;
  if (prepare(&program) != 0) status = EXIT_CONFIGURATION;
  else if (strcmp(verb, "--routes") == 0) print_routes(program.map);
  else if (strcmp(verb, "--check") == 0) status = EXIT_SUCCESS;
  else if (!share(&program)) status = EXIT_FAILURE;
  else status = run(&program);
  token_key_wipe(&program.key);
  password_gate_free(program.services.password_gate);
  db_share_free(program.services.share);
  code_words_free(program.services.words);
  limit_close();
  metrics_close();
  route_map_free(program.map);
  return status;
}
