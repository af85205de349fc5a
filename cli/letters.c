/*
 * connex letters: hands the rendered letters to the print shop as PDF files and marks them printed.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * LSO-04: only the person who opens the envelope may read the code. So only its owner can read the file,
 * and none of its content is shown here. A letter is marked only after its file is safely on disk;
 * if a run ends before that, the next one writes the same file again.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "db/db.h"
#include "secret/token.h"
#include "statements.h"
#include "verb.h"

enum { NAME_SIZE = 96 };

/* ---------------------------------------------------------------- files */

/* A bytea as PostgreSQL writes it ("\x25504446") as bytes, malloc'ed; the caller wipes and frees. NULL when
 * it is not one, or memory ran out. */
static unsigned char *read_bytea(const char *text, size_t *length) {
  unsigned char *bytes;

  if (text == NULL || strncmp(text, "\\x", 2) != 0) return NULL;
  text += 2;
  *length = strlen(text) / 2;
  bytes = malloc(*length + 1);
  if (bytes != NULL && !token_unhex(text, strlen(text), bytes, *length)) {
    free(bytes);
    bytes = NULL;
  }
  return bytes;
}

static bool write_all(int file, const unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(file, bytes, length);

    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    length -= (size_t)written;
  }
  return true;
}

/* Written completely or not at all: under another name, synced, then renamed. False with errno. */
static bool write_file(int directory, const char *name, const unsigned char *bytes, size_t length) {
  char beside[NAME_SIZE + 8];
  int file;
  bool good;

  snprintf(beside, sizeof beside, ".%s.new", name);
  unlinkat(directory, beside, 0);
  file = openat(directory, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return false;
  good = write_all(file, bytes, length) && fsync(file) == 0;
  good = close(file) == 0 && good;
  good = good && renameat(directory, beside, directory, name) == 0 && fsync(directory) == 0;
  if (!good) {
    int why = errno;

    unlinkat(directory, beside, 0);
    errno = why;
  }
  return good;
}

/* ---------------------------------------------------------------- letters */

enum outcome { WRITTEN, NO_MORE, FAILED };

static bool run(struct db *db, struct db_statement statement) {
  db_start(db, DB_WRITE);
  db_add_statement(db, &statement);
  switch (db_run(db)) {
    case DB_DONE: return true;
    case DB_REFUSED:
      fprintf(stderr, "connex letters: the database refused (SQLSTATE %s)\n", db_fault(db)->sqlstate);
      return false;
    case DB_AWAY: fprintf(stderr, "connex letters: no database: %s\n", db_trouble(db)); return false;
  }
  return false;
}

/* Writes the first letter after `letter_id`, marks it, and moves `letter_id` on. */
static enum outcome write_next(struct db *db, int directory, char letter_id[static 24]) {
  char name[NAME_SIZE];
  unsigned char *pdf;
  size_t length;
  bool good;

  if (!run(db, q_letters_next(P(after_letter_id, letter_id)))) return FAILED;
  if (db_rows(db, 0) == 0) return NO_MORE;
  snprintf(letter_id, 24, "%s", db_named(db, 0, 0, "letter_id"));
  snprintf(name, sizeof name, "letter-%s-%s.pdf", letter_id, db_named(db, 0, 0, "kind"));
  pdf = read_bytea(db_named(db, 0, 0, "pdf"), &length);
  good = pdf != NULL && write_file(directory, name, pdf, length);
  if (!good)
    fprintf(stderr, "connex letters: %s: %s\n", name,
            pdf == NULL ? "the PDF cannot be read" : strerror(errno));
  if (pdf != NULL) OPENSSL_cleanse(pdf, length);
  free(pdf);
  if (!good || !run(db, q_letters_printed(P(letter_id, letter_id)))) return FAILED;
  printf("%s\n", name);
  return WRITTEN;
}

/* Counts letters that have no PDF yet or failed, because somebody is waiting for each of them. */
static int close_with_count(struct db *db, int written) {
  const char *queued, *failed;

  if (!run(db, q_letters_count())) return VERB_FAILED;
  queued = db_named(db, 0, 0, "queued");
  failed = db_named(db, 0, 0, "failed");
  printf("%d written, %s not yet rendered, %s failed\n", written, queued, failed);
  return strcmp(failed, "0") == 0 ? VERB_CLEAN : VERB_FINDINGS;
}

static int write_letters(struct db *db, int directory) {
  char letter_id[24] = "0";
  enum outcome outcome;
  int written = 0;

  if (!run(db, q_letters_lock())) return VERB_FAILED;
  if (strcmp(db_named(db, 0, 0, "locked"), "t") != 0) {
    fputs("connex letters: another connex letters is running\n", stderr);
    return VERB_FAILED;
  }
  while ((outcome = write_next(db, directory, letter_id)) == WRITTEN) written++;
  return outcome == FAILED ? VERB_FAILED : close_with_count(db, written);
}

static void print_help(FILE *out) {
  fputs("usage: connex letters --to DIR\n\n"
        "Writes the letters that are ready for the print shop as DIR/letter-NUMBER-KIND.pdf (readable by you "
        "alone)\n"
        "and marks them printed. DIR may also be named by CONNEX_LETTERS.\n"
        "The exit status is 2 if letters failed: connex admin jobs lists and retries them.\n",
        out);
}

int verb_letters(int argc, char **argv) {
  static const char *const areas[] = {"letters", NULL};
  const char *path = argc == 3 && strcmp(argv[1], "--to") == 0 ? argv[2]
                     : argc == 1                               ? getenv("CONNEX_LETTERS")
                                                               : NULL;
  struct config config;
  struct db *db;
  int directory, status;

  if (path == NULL || path[0] == '\0') {
    bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;

    print_help(asked ? stdout : stderr);
    return asked ? VERB_CLEAN : VERB_USAGE;
  }
  if (config_read(&config, stderr) != 0) return VERB_FAILED;
  directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    fprintf(stderr, "connex letters: %s: %s\n", path, strerror(errno));
    return VERB_FAILED;
  }
  db = db_open(
      &(struct db_options){.conninfo = config.db, .application_name = "connex letters", .areas = areas});
  status = db == NULL ? VERB_FAILED : write_letters(db, directory);
  db_close(db);
  close(directory);
  return status;
}
