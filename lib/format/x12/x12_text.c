/*
 * Pieces of text in an X12 segment: elements, components, copies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "format/x12/x12_internal.h"

bool x12_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '\x1a';
}

bool x12_is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

struct x12_text x12_trim(struct x12_text text) {
  while (text.length > 0 && x12_is_blank(text.data[0])) {
    text.data++;
    text.length--;
  }
  while (text.length > 0 && x12_is_blank(text.data[text.length - 1])) text.length--;
  return text;
}

struct x12_text x12_element(const struct x12_segment *segment, size_t position) {
  if (position >= segment->element_count) return (struct x12_text){"", 0};
  return x12_trim(segment->elements[position]);
}

struct x12_text x12_component(struct x12_text text, char separator, size_t position) {
  const char *at = text.data;
  const char *end = at + text.length;
  for (size_t i = 1;; i++) {
    const char *stop = separator == '\0' || at == end ? NULL : memchr(at, separator, (size_t)(end - at));
    if (i == position) return x12_trim((struct x12_text){at, (size_t)((stop == NULL ? end : stop) - at)});
    if (stop == NULL) return (struct x12_text){"", 0};
    at = stop + 1;
  }
}

bool x12_is(struct x12_text text, const char *word) {
  return text.length == strlen(word) && memcmp(text.data, word, text.length) == 0;
}

bool x12_copy(struct x12_text text, char *buffer, size_t size) {
  size_t length = text.length < size ? text.length : size - 1;
  if (length < text.length) /* never leave half a UTF-8 character at the end */
    while (length > 0 && ((unsigned char)text.data[length] & 0xC0) == 0x80) length--;
  if (length > 0) memcpy(buffer, text.data, length);
  buffer[length] = '\0';
  return length == text.length;
}
