/*
 * Following the envelope: interchanges, groups, and transactions, and what is wrong with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <string.h>

#include "format/x12/x12_internal.h"

/* ---------------------------------------------------------------- control numbers */

static void keep(const struct x12_segment *segment, size_t position, char *field) {
  (void)x12_copy(x12_element(segment, position), field, X12_CONTROL_SIZE);
}

/* ISA13/IEA02 and GS06/GE02 are numbers: 0001 and 1 are the same. */
static bool same_control(const char *a, struct x12_text b) {
  char other[X12_CONTROL_SIZE];
  (void)x12_copy(b, other, sizeof other);
  return strcmp(a + strspn(a, "0"), other + strspn(other, "0")) == 0;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * UINT64_C(1099511628211); /* FNV-1a */
  return hash;
}

/* Remembers a control number within its scope; false when it was there already. To limit memory, the set
 * is emptied when it is half full: after that, a repetition more than 32,768 control numbers away is
 * found only by the database's key. */
static bool control_is_new(struct x12_reader *reader, char level, uint64_t scope, const char *more,
                           const char *number) {
  uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), &level, 1);
  hash = hash_bytes(hash, &scope, sizeof scope);
  hash = hash_bytes(hash, more, strlen(more) + 1);
  hash = hash_bytes(hash, number, strlen(number)) | 1;
  if (reader->seen_count >= SEEN_SIZE / 2) {
    memset(reader->seen, 0, SEEN_SIZE * sizeof *reader->seen);
    reader->seen_count = 0;
  }
  size_t at = (size_t)(hash >> 1) & (SEEN_SIZE - 1);
  while (reader->seen[at] != 0) {
    if (reader->seen[at] == hash) return false;
    at = (at + 1) & (SEEN_SIZE - 1);
  }
  reader->seen[at] = hash;
  reader->seen_count++;
  return true;
}

/* ---------------------------------------------------------------- what was broken off, opened, and ended */

static void begin_digest(struct x12_reader *reader) {
  if (EVP_DigestInit_ex2(reader->digest, reader->sha256, NULL) != 1) x12_fail(reader, ENOMEM);
}

/* Counts a segment of the transaction and adds it to the digest. */
static void take_segment(struct x12_reader *reader) {
  reader->segment.number_in_transaction = ++reader->segments;
  if (EVP_DigestUpdate(reader->digest, reader->segment.text.data, reader->segment.text.length) != 1 ||
      EVP_DigestUpdate(reader->digest, "\n", 1) != 1)
    x12_fail(reader, ENOMEM);
}

static void close_transaction(struct x12_reader *reader) {
  unsigned length = 0;
  if (EVP_DigestFinal_ex(reader->digest, reader->digest_value, &length) != 1) x12_fail(reader, ENOMEM);
  reader->in_transaction = false;
  x12_queue_event(reader, X12_TRANSACTION_END);
}

static void break_off_transaction(struct x12_reader *reader) {
  reader->faults |= X12_FAULT_NO_TRAILER;
  x12_report(reader, X12_REFUSE, "se_missing", "999 IK502 2",
             "Transaction %s has no SE: it was broken off after %llu segments.",
             reader->envelope.transaction_control, (unsigned long long)reader->segments);
  close_transaction(reader);
}

static void break_off_group(struct x12_reader *reader) {
  x12_report(reader, X12_FLAG, "ge_missing", "999 AK905 3", "Functional group %s has no GE.",
             reader->envelope.group_control);
  reader->in_group = false;
  x12_queue_event(reader, X12_GROUP_END);
}

static void break_off_interchange(struct x12_reader *reader, bool source_ended) {
  x12_report(reader, X12_FLAG, "iea_missing", source_ended ? "TA105 023" : "TA105 022",
             "Interchange %s has no IEA%s.", reader->envelope.interchange_control,
             source_ended ? ": the file ends before it" : "");
  reader->in_interchange = false;
  x12_queue_event(reader, X12_INTERCHANGE_END);
}

/* Closes what is still open at this level and below. True when something was; the caller then returns and is
 * called again. */
bool x12_close_levels(struct x12_reader *reader, enum level level, bool source_ended) {
  size_t before = reader->tail;
  if (reader->in_transaction) break_off_transaction(reader);
  if (reader->in_group && level <= LEVEL_GROUP) break_off_group(reader);
  if (reader->in_interchange && level <= LEVEL_INTERCHANGE) break_off_interchange(reader, source_ended);
  return reader->tail > before;
}

static void report_stray(struct x12_reader *reader, const char *why) {
  if (!reader->stray_reported) {
    x12_report(reader, X12_FLAG, "segment_unexpected", reader->in_interchange ? "999 IK304 2" : "TA105 022",
               "Segment %llu is not expected here (%s); it was left out.",
               (unsigned long long)reader->segment.number, why);
  }
  reader->stray_reported = true;
}

void x12_open_interchange(struct x12_reader *reader, struct x12_text text) {
  struct x12_envelope *envelope = &reader->envelope;
  struct x12_delimiters delimiters = envelope->delimiters;
  memset(envelope, 0, sizeof *envelope);
  envelope->delimiters = delimiters;
  keep(&reader->segment, 6, envelope->sender);
  keep(&reader->segment, 8, envelope->receiver);
  keep(&reader->segment, 13, envelope->interchange_control);
  keep(&reader->segment, 15, envelope->usage);
  reader->in_interchange = true;
  reader->bare = false;
  reader->stray_reported = false;
  reader->groups = 0;
  reader->interchange_serial++;
  if (text.length + 1 != ISA_WIDTH) {
    x12_report(reader, X12_FLAG, "isa_width", "TA105 024",
               "The ISA is %zu characters wide instead of %d; its delimiters were found by counting.",
               text.length + 1, ISA_WIDTH);
  }
  if (!control_is_new(reader, 'I', 0, envelope->sender, envelope->interchange_control)) {
    x12_report(reader, X12_FLAG, "isa_duplicate", "TA105 025",
               "Interchange control number %s of this sender was used before in this file.",
               envelope->interchange_control);
  }
  x12_queue_event(reader, X12_INTERCHANGE);
}

static void open_group(struct x12_reader *reader) {
  if (x12_close_levels(reader, LEVEL_GROUP, false)) return;
  struct x12_envelope *envelope = &reader->envelope;
  keep(&reader->segment, 1, envelope->group_function);
  keep(&reader->segment, 2, envelope->group_sender);
  keep(&reader->segment, 6, envelope->group_control);
  keep(&reader->segment, 8, envelope->group_version);
  reader->held = false;
  reader->in_group = true;
  reader->stray_reported = false;
  reader->transactions = 0;
  reader->groups++;
  reader->group_serial++;
  if (!control_is_new(reader, 'G', reader->interchange_serial, envelope->group_function,
                      envelope->group_control)) {
    x12_report(reader, X12_FLAG, "gs_duplicate", "999 AK905 19",
               "Group control number %s was used before in this interchange.", envelope->group_control);
  }
  x12_queue_event(reader, X12_GROUP);
}

static void open_transaction(struct x12_reader *reader) {
  if (x12_close_levels(reader, LEVEL_TRANSACTION, false)) return;
  struct x12_envelope *envelope = &reader->envelope;
  keep(&reader->segment, 1, envelope->transaction_set);
  keep(&reader->segment, 2, envelope->transaction_control);
  reader->held = false;
  reader->in_transaction = true;
  reader->stray_reported = false;
  reader->segments = 0;
  reader->faults = 0;
  reader->transactions++;
  begin_digest(reader);
  take_segment(reader);
  if (!reader->in_group && !reader->bare) {
    x12_report(reader, X12_FLAG, "gs_missing", "TA105 024", "Transaction %s is outside a functional group.",
               envelope->transaction_control);
  }
  if (envelope->transaction_control[0] == '\0') {
    x12_report(reader, X12_FLAG, "st_control_missing", "999 IK502 7",
               "The ST has no transaction set control number.");
  } else if (!control_is_new(reader, 'T', reader->group_serial, "", envelope->transaction_control)) {
    reader->faults |= X12_FAULT_DUPLICATE;
    x12_report(reader, X12_FLAG, "st_duplicate", "999 IK502 23",
               "Transaction control number %s was used before in this group.", envelope->transaction_control);
  }
  x12_queue_event(reader, X12_TRANSACTION);
}

static bool counts_agree(struct x12_text text, uint64_t counted) {
  uint64_t stated = 0;
  return x12_count(text, &stated) == X12_VALUE_OK && stated == counted;
}

static int shown(struct x12_text text) { return text.length < 20 ? (int)text.length : 20; }

static void end_transaction(struct x12_reader *reader) {
  reader->held = false;
  if (!reader->in_transaction) {
    report_stray(reader, "an SE without its ST");
    return;
  }
  take_segment(reader);
  struct x12_text count = x12_element(&reader->segment, 1);
  struct x12_text control = x12_element(&reader->segment, 2);
  if (!counts_agree(count, reader->segments)) {
    reader->faults |= X12_FAULT_COUNT;
    x12_report(reader, X12_FLAG, "se01_count", "999 IK502 4",
               "SE01 says %.*s segments, the transaction has %llu.", shown(count), count.data,
               (unsigned long long)reader->segments);
  }
  if (!same_control(reader->envelope.transaction_control, control)) {
    reader->faults |= X12_FAULT_CONTROL;
    x12_report(reader, X12_REFUSE, "se02_control", "999 IK502 3",
               "SE02 is %.*s, but the transaction began as ST02 %s.", shown(control), control.data,
               reader->envelope.transaction_control);
  }
  close_transaction(reader);
}

static void end_group(struct x12_reader *reader) {
  if (x12_close_levels(reader, LEVEL_TRANSACTION, false)) return;
  reader->held = false;
  if (!reader->in_group) {
    report_stray(reader, "a GE without its GS");
    return;
  }
  struct x12_text count = x12_element(&reader->segment, 1);
  struct x12_text control = x12_element(&reader->segment, 2);
  if (!counts_agree(count, reader->transactions)) {
    x12_report(reader, X12_FLAG, "ge01_count", "999 AK905 5",
               "GE01 says %.*s transactions, the group has %llu.", shown(count), count.data,
               (unsigned long long)reader->transactions);
  }
  if (!same_control(reader->envelope.group_control, control)) {
    x12_report(reader, X12_FLAG, "ge02_control", "999 AK905 4",
               "GE02 is %.*s, but the group began as GS06 %s.", shown(control), control.data,
               reader->envelope.group_control);
  }
  reader->in_group = false;
  x12_queue_event(reader, X12_GROUP_END);
}

static void end_interchange(struct x12_reader *reader) {
  if (x12_close_levels(reader, LEVEL_GROUP, false)) return;
  reader->held = false;
  if (!reader->in_interchange) {
    report_stray(reader, "an IEA without its ISA");
    return;
  }
  struct x12_text count = x12_element(&reader->segment, 1);
  struct x12_text control = x12_element(&reader->segment, 2);
  if (!counts_agree(count, reader->groups)) {
    x12_report(reader, X12_FLAG, "iea01_count", "TA105 021",
               "IEA01 says %.*s groups, the interchange has %llu.", shown(count), count.data,
               (unsigned long long)reader->groups);
  }
  if (!same_control(reader->envelope.interchange_control, control)) {
    x12_report(reader, X12_FLAG, "iea02_control", "TA105 001",
               "IEA02 is %.*s, but the interchange began as ISA13 %s.", shown(control), control.data,
               reader->envelope.interchange_control);
  }
  reader->in_interchange = false;
  reader->state = BETWEEN_INTERCHANGES;
  x12_queue_event(reader, X12_INTERCHANGE_END);
}

/* A segment name is a letter and one or two letters or digits. */
static bool name_is_good(struct x12_text name) {
  bool good = name.length >= 2 && name.length <= 3 && name.data[0] >= 'A' && name.data[0] <= 'Z';
  for (size_t i = 1; good && i < name.length; i++)
    good = x12_is_letter_or_digit(name.data[i]) && !(name.data[i] >= 'a' && name.data[i] <= 'z');
  return good;
}

static void other_segment(struct x12_reader *reader) {
  reader->held = false;
  struct x12_text name = x12_element(&reader->segment, 0);
  if (!reader->in_transaction) {
    if (x12_is(name, "TA1") && reader->in_interchange) x12_queue_event(reader, X12_SEGMENT);
    else report_stray(reader, "it is outside a transaction");
    return;
  }
  take_segment(reader);
  if (!name_is_good(name)) {
    x12_report(reader, X12_FLAG, "segment_name", "999 IK304 1",
               "Segment %llu does not begin with a segment name.",
               (unsigned long long)reader->segment.number);
  }
  x12_queue_event(reader, X12_SEGMENT);
}

void x12_follow_segment(struct x12_reader *reader) {
  static const struct {
    const char *name;
    void (*follow)(struct x12_reader *reader);
  } envelope_segments[] = {
      {"ST", open_transaction}, {"SE", end_transaction},  {"GS", open_group},
      {"GE", end_group},        {"IEA", end_interchange},
  };
  struct x12_text name = x12_element(&reader->segment, 0);
  for (size_t i = 0; i < sizeof envelope_segments / sizeof envelope_segments[0]; i++) {
    if (x12_is(name, envelope_segments[i].name)) {
      envelope_segments[i].follow(reader);
      return;
    }
  }
  other_segment(reader);
}
