/*
 * Any bytes through the X12 reader and the 835 mapper: no crash, no endless reading, every transaction that
 * began ends, and every text that is passed on can be read to its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/x12/remittance_reader.h"

struct input {
  const uint8_t *data;
  size_t size, at, piece;
};

struct count {
  int64_t open;     /* transactions that began and have not ended */
  uint64_t touched; /* so that no reading is optimized away */
};

static ssize_t read_input(void *context, void *buffer, size_t size) {
  struct input *input = context;
  size_t left = input->size - input->at;
  size_t length = left < size ? left : size;
  length = length < input->piece ? length : input->piece;
  if (length > 0) memcpy(buffer, input->data + input->at, length);
  input->at += length;
  return (ssize_t)length;
}

static void touch(struct count *count, const char *data, size_t length) {
  for (size_t i = 0; i < length; i++) count->touched += (unsigned char)data[i];
}

static bool begin(void *context, const struct x12_envelope *envelope) {
  struct count *count = context;
  count->open++;
  touch(count, envelope->transaction_control, strlen(envelope->transaction_control));
  return true;
}

static bool take_line(void *context, const struct remittance_line *line) {
  touch(context, line->supplement->data, line->supplement->length);
  touch(context, line->modifiers, strlen(line->modifiers));
  return true;
}

static bool take_adjustment(void *context, const struct remittance_adjustment *adjustment) {
  touch(context, adjustment->reason_code, strlen(adjustment->reason_code));
  return true;
}

static bool take_claim(void *context, const struct remittance_claim *claim) {
  touch(context, claim->raw->data, claim->raw->length);
  touch(context, claim->supplement->data, claim->supplement->length);
  touch(context, claim->findings, strlen(claim->findings));
  return true;
}

static bool take_provider_adjustment(void *context, const struct remittance_provider_adjustment *adjustment) {
  touch(context, adjustment->reference, strlen(adjustment->reference));
  return true;
}

static bool end(void *context, const struct remittance *remittance, const struct x12_envelope *envelope,
                const unsigned char *digest) {
  struct count *count = context;
  (void)envelope;
  count->open--;
  touch(count, remittance->raw->data, remittance->raw->length);
  touch(count, (const char *)digest, X12_DIGEST_SIZE);
  return true;
}

static bool take_finding(void *context, const struct x12_finding *finding) {
  touch(context, finding->message, strlen(finding->message));
  touch(context, finding->segment_name, strlen(finding->segment_name));
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct count count = {0, 0};
  /* The last byte chooses how it is read, so that the corpus stays readable as X12. */
  uint8_t choice = size > 0 ? data[size - 1] : 0;
  struct input input = {data, size, 0, (choice & 1) != 0 ? 7 : 65536};
  struct x12_options options = {.segment_limit = (choice & 2) != 0 ? 64 : 0,
                                .without_envelope = (choice & 4) != 0};
  struct x12_reader *x12 = x12_reader_new(read_input, &input, &options);
  struct remittance_sink sink = {
      &count, begin,        take_line, take_adjustment, take_claim, take_provider_adjustment,
      end,    take_finding, NULL};
  struct remittance_reader *reader = x12 == NULL ? NULL : remittance_reader_new(x12, &sink);
  if (reader != NULL) {
    while (remittance_next(reader) == REMITTANCE_MORE) {
    }
    if (count.open != 0) abort();
  }
  remittance_reader_free(reader);
  x12_reader_free(x12);
  return 0;
}
