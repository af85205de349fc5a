/*
 * Shared by the tests of X12 readers: text in memory as a source that returns any number of bytes at a time,
 * and envelopes around transactions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_TESTS_UNIT_X12_TEXT_H
#define CONNEX_TESTS_UNIT_X12_TEXT_H

#include <errno.h>
#include <string.h>
#include <sys/types.h>

struct text_source {
  const char *text;
  size_t length, at;
  size_t piece;       /* most bytes of one read */
  size_t fails_after; /* 0: never; else reading fails once so many bytes were read */
};

static inline ssize_t text_read(void *context, void *buffer, size_t size) {
  struct text_source *source = context;
  if (source->fails_after > 0 && source->at >= source->fails_after) {
    errno = EIO;
    return -1;
  }
  size_t left = source->length - source->at;
  size_t length = left < size ? left : size;
  length = length < source->piece ? length : source->piece;
  memcpy(buffer, source->text + source->at, length);
  source->at += length;
  return (ssize_t)length;
}

#define TEST_ISA                                                                                             \
  "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "                                    \
  "*261121*0600*^*00501*000000001*0*T*:~"
#define TEST_GS "GS*HP*SENDERAPP*RECEIVER*20261121*0600*1*X*005010X221A1~"
#define TEST_END "GE*1*1~IEA*1*000000001~"

#endif
