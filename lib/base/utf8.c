/*
 * UTF-8 read strictly: see utf8.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/utf8.h"

#include <string.h>

/* Bytes that follow the first, and the lowest code point that may be written with so many (no overlong
 * forms). */
static size_t followers(unsigned char first, uint32_t *lowest) {
  *lowest = first < 0xe0 ? 0x80 : first < 0xf0 ? 0x800 : 0x10000;
  if (first >= 0xc2 && first <= 0xdf) return 1;
  if (first >= 0xe0 && first <= 0xef) return 2;
  if (first >= 0xf0 && first <= 0xf4) return 3;
  return 0;
}

size_t utf8_next(const char *text, size_t length, uint32_t *character) {
  if (length == 0) return 0;
  const unsigned char *bytes = (const unsigned char *)text;
  uint32_t lowest, value = bytes[0];
  size_t more = 0;
  if (value >= 0x80) {
    more = followers(bytes[0], &lowest);
    if (more == 0 || more >= length) return 0;
    value &= 0x3fu >> more;
    for (size_t i = 1; i <= more; i++) {
      if ((bytes[i] & 0xc0) != 0x80) return 0;
      value = value << 6 | (bytes[i] & 0x3fu);
    }
    if (value < lowest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
  }
  if (character != NULL) *character = value;
  return more + 1;
}

size_t utf8_count(const char *text, size_t length) {
  size_t count = 0;
  for (size_t at = 0, step; at < length; at += step, count++) {
    step = utf8_next(text + at, length - at, NULL);
    if (step == 0) return SIZE_MAX;
  }
  return count;
}

bool utf8_is_blank(uint32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0xa0 || c == 0x1680 || c == 0x180e ||
         (c >= 0x2000 && c <= 0x200d) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

bool utf8_is_control(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f) || (c >= 0xe000 && c <= 0xf8ff) ||
         (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f) || c >= 0xf0000;
}

bool utf8_is_invisible(uint32_t c) {
  return c == 0xad || c == 0x180e || c == 0x200b || (c >= 0x2060 && c <= 0x2065) || c == 0xfeff;
}

const char *utf8_sign(uint32_t c) {
  static const char pictures[32][4] = {"\u2400", "\u2401", "\u2402", "\u2403", "\u2404", "\u2405", "\u2406",
                                       "\u2407", "\u2408", "\u2409", "\u240a", "\u240b", "\u240c", "\u240d",
                                       "\u240e", "\u240f", "\u2410", "\u2411", "\u2412", "\u2413", "\u2414",
                                       "\u2415", "\u2416", "\u2417", "\u2418", "\u2419", "\u241a", "\u241b",
                                       "\u241c", "\u241d", "\u241e", "\u241f"};
  if (utf8_is_invisible(c)) return "\ufffd";
  if (c == '\n' || c == '\r' || !utf8_is_control(c)) return NULL;
  if (c < 0x20) return pictures[c];
  return c == 0x7f ? "\u2421" : "\ufffd";
}

size_t utf8_visible(const char *text, size_t length, char *out, size_t size) {
  size_t used = 0;
  for (size_t at = 0, step; at < length; at += step) {
    uint32_t character = 0;
    step = utf8_next(text + at, length - at, &character);
    const char *sign = step == 0           ? "\ufffd"
                       : character == '\n' ? "\u240a"
                       : character == '\r' ? "\u240d"
                                           : utf8_sign(character);
    size_t bytes = sign != NULL ? strlen(sign) : step;
    if (used + bytes >= size) break;
    memcpy(out + used, sign != NULL ? sign : text + at, bytes);
    used += bytes;
    if (step == 0) step = 1;
  }
  if (size > 0) out[used] = '\0';
  return used;
}
