/*
 * UTF-8 read strictly (RFC 3629): no overlong forms, no surrogates, nothing
 * beyond U+10FFFF. Text from outside is checked here, once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_BASE_UTF8_H
#define CONNEX_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1 to 4) of the character at text[0..length), its code point in *character (may be NULL);
 * 0 when the bytes are not UTF-8 or length is 0. */
size_t utf8_next(const char *text, size_t length, uint32_t *character);

/* Number of characters, or SIZE_MAX when the text is not UTF-8. */
size_t utf8_count(const char *text, size_t length);

/* Blank of any kind: ASCII white space, no-break and typographic spaces, zero-width characters, byte order
 * mark. People paste them along with the text. */
bool utf8_is_blank(uint32_t character);

/* Characters that do not belong in a person's text: C0 and C1 controls, bidirectional controls,
 * noncharacters, private use. */
bool utf8_is_control(uint32_t character);

/* Format characters that show nothing and are no part of a word: soft hyphen, zero-width space, word joiner,
 * invisible operators, Mongolian vowel separator, byte order mark. Two texts that differ in them look alike.
 * The zero-width joiner and non-joiner are not among them: words of several scripts need those. */
bool utf8_is_invisible(uint32_t character);

/* The visible sign that a reply shows for a control character (utf8_is_control) or an invisible one in a
 * value that came from a file: U+2400 to U+241F for C0, U+2421 for DELETE, U+FFFD for all others. Such a
 * character would be invisible, or would reorder the text around it. NULL for every other character, and for
 * line feed and carriage return, which texts of several lines need. Three bytes and a NUL. */
const char *utf8_sign(uint32_t character);

/* Writes a text that came from a file so that it can be shown on one line of a terminal or a report: signs as
 * above, also for line feed (U+240A) and carriage return (U+240D), and U+FFFD for each byte that is not
 * UTF-8. Cut after a whole character to `size` - 1 bytes. Returns the length. */
size_t utf8_visible(const char *text, size_t length, char *out, size_t size);

#endif
