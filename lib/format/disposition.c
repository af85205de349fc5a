/*
 * File names out of Content-Disposition: see disposition.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format/disposition.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

enum { RAW_SIZE = 4096 };

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Reads one parameter's value into `value`, with quotes and backslashes resolved, and moves *at past it.
 * False when it is too long. */
static bool read_value(const char **at, char value[RAW_SIZE]) {
  size_t length = 0;
  bool quoted = **at == '"';
  if (quoted) (*at)++;
  while (**at != '\0' && (quoted ? **at != '"' : **at != ';')) {
    if (quoted && **at == '\\' && (*at)[1] != '\0') (*at)++;
    if (length + 1 >= RAW_SIZE) return false;
    value[length++] = *(*at)++;
  }
  if (quoted && **at == '"') (*at)++;
  while (!quoted && length > 0 && is_blank(value[length - 1])) length--;
  value[length] = '\0';
  return true;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* UTF-8''percent%20encoded, in place. False when it is of another charset or badly encoded. */
static bool decode_extended(char *value) {
  if (strncasecmp(value, "UTF-8'", 6) != 0) return false;
  const char *from = strchr(value + 6, '\'');
  if (from == NULL) return false;
  char *to = value;
  for (from++; *from != '\0'; to++) {
    int high = *from == '%' ? hex_digit(from[1]) : 0,
        low = *from == '%' && high >= 0 ? hex_digit(from[2]) : 0;
    if (high < 0 || low < 0 || (*from == '%' && high == 0 && low == 0)) return false;
    *to = *from == '%' ? (char)(high * 16 + low) : *from;
    from += *from == '%' ? 3 : 1;
  }
  *to = '\0';
  return true;
}

/* The raw name: filename* if it is valid, otherwise filename. */
static bool find_name(const char *header, char name[RAW_SIZE]) {
  char value[RAW_SIZE];
  bool found = false;
  const char *at = header + strcspn(header, ";");
  while (*at == ';') {
    at++;
    while (is_blank(*at)) at++;
    const char *key = at;
    at += strcspn(at, "=;");
    size_t length = (size_t)(at - key);
    if (*at != '=') continue;
    at++;
    if (!read_value(&at, value)) return false;
    at += strcspn(at, ";");
    bool extended = length == 9 && strncasecmp(key, "filename*", 9) == 0;
    bool plain = length == 8 && strncasecmp(key, "filename", 8) == 0;
    if ((extended && decode_extended(value)) || (plain && !found)) {
      memcpy(name, value, RAW_SIZE);
      found = true;
      if (extended) return true;
    }
  }
  return found;
}

/* Characters that would disguise a name: controls, among them marks that change the direction of text
 * (evil<U+202E>fdp.exe), and characters that show nothing. */
static bool is_disguise(uint32_t character) {
  return utf8_is_control(character) || utf8_is_invisible(character) ||
         (character >= 0x200C && character <= 0x200D);
}

static void trim_ends(char *name) {
  size_t lead = strspn(name, ". \t"), length = strlen(name + lead);
  memmove(name, name + lead, length + 1);
  while (length > 0 && (name[length - 1] == '.' || is_blank(name[length - 1]))) name[--length] = '\0';
}

/* Keeps the beginning and the last 20 bytes (the ending) of a long name, cut between characters. */
static void shorten(char *name) {
  size_t length = strlen(name);
  if (length < DISPOSITION_NAME_SIZE) return;
  size_t keep = DISPOSITION_NAME_SIZE - 1 - 20, tail = length - 20;
  while (keep > 0 && ((unsigned char)name[keep] & 0xC0) == 0x80) keep--;
  while (((unsigned char)name[tail] & 0xC0) == 0x80) tail++;
  memmove(name + keep, name + tail, length - tail + 1);
}

bool disposition_file_name(const char *header, char name[DISPOSITION_NAME_SIZE]) {
  char raw[RAW_SIZE];
  if (header == NULL || !find_name(header, raw)) return false;
  const char *base = raw;
  for (const char *at = raw; *at != '\0'; at++)
    if (*at == '/' || *at == '\\') base = at + 1;
  size_t size = strlen(base), length = 0;
  if (utf8_count(base, size) == SIZE_MAX) return false;
  for (size_t at = 0, step; at < size; at += step) {
    uint32_t character = 0;
    step = utf8_next(base + at, size - at, &character);
    if (step == 0) return false;
    if (is_disguise(character)) continue;
    memmove(raw + length, base + at, step);
    length += step;
  }
  raw[length] = '\0';
  trim_ends(raw);
  shorten(raw);
  memcpy(name, raw, strlen(raw) + 1);
  return name[0] != '\0';
}
