/*
 * lib/format/mail.c against a peer that speaks SMTP by a script, so that it can also refuse, stop answering,
 * and hang up. tests/api/jobs.test.mjs sends mail into a real mailbox.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <check.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "format/mail.h"

/* ---------------------------------------------------------------- the peer */

enum { MESSAGE_MAX = 65536 };

struct peer {
  const char *at;     /* the command (its first four letters) that is answered otherwise, or NULL */
  const char *answer; /* that answer; "hang up" or "stay silent" */
  int listener;
  int port;
  int connections;
  int messages;
  char data[MESSAGE_MAX];     /* of the last message, as it came over the wire */
  char commands[MESSAGE_MAX]; /* all of them */
  pthread_t thread;
};

/* False when the conversation ends here. */
static bool answer(struct peer *peer, FILE *out, const char *command, const char *usual) {
  const char *reply = peer->at && strncmp(command, peer->at, 4) == 0 ? peer->answer : usual;

  if (strcmp(reply, "hang up") == 0) return false;
  if (strcmp(reply, "stay silent") == 0) {
    sleep(5);
    return false;
  }
  fprintf(out, "%s\r\n", reply);
  return fflush(out) == 0 && strncmp(command, "QUIT", 4) != 0;
}

static bool take_data(struct peer *peer, FILE *in, FILE *out) {
  char line[2048];
  size_t used = 0;

  fprintf(out, "354 go on\r\n");
  fflush(out);
  while (fgets(line, sizeof line, in)) {
    if (strcmp(line, ".\r\n") == 0) {
      peer->messages++;
      return answer(peer, out, ".end", "250 taken");
    }
    used += (size_t)snprintf(peer->data + used, MESSAGE_MAX - used, "%s", line);
  }
  return false;
}

static void converse(struct peer *peer, int connection) {
  FILE *in = fdopen(connection, "r"), *out = fdopen(dup(connection), "w");
  char line[2048];
  bool more = answer(peer, out, "open", "220 peer");

  while (more && fgets(line, sizeof line, in)) {
    size_t used = strlen(peer->commands);

    snprintf(peer->commands + used, MESSAGE_MAX - used, "%s", line);
    if (strncmp(line, "DATA", 4) == 0 && !(peer->at && strcmp(peer->at, "DATA") == 0))
      more = take_data(peer, in, out);
    else if (strncmp(line, "QUIT", 4) == 0) more = answer(peer, out, line, "221 bye");
    else if (strncmp(line, "EHLO", 4) == 0) more = answer(peer, out, line, "250-peer\r\n250 AUTH PLAIN");
    else more = answer(peer, out, line, "250 well");
  }
  fclose(in);
  fclose(out);
}

static void *serve(void *data) {
  struct peer *peer = data;
  int connection;

  while ((connection = accept(peer->listener, NULL, NULL)) >= 0) {
    peer->connections++;
    converse(peer, connection);
  }
  return NULL;
}

static struct peer *peer_start(const char *at, const char *otherwise) {
  struct peer *peer = calloc(1, sizeof *peer);
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
  socklen_t length = sizeof address;
  int off = 0;

  ck_assert_ptr_nonnull(peer);
  peer->at = at;
  peer->answer = otherwise;
  peer->listener = socket(AF_INET6, SOCK_STREAM, 0);
  ck_assert_int_ge(peer->listener, 0);
  setsockopt(peer->listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  ck_assert_int_eq(bind(peer->listener, (struct sockaddr *)&address, length), 0);
  ck_assert_int_eq(listen(peer->listener, 8), 0);
  ck_assert_int_eq(getsockname(peer->listener, (struct sockaddr *)&address, &length), 0);
  peer->port = ntohs(address.sin6_port);
  ck_assert_int_eq(pthread_create(&peer->thread, NULL, serve, peer), 0);
  return peer;
}

static void peer_stop(struct peer *peer) {
  shutdown(peer->listener, SHUT_RDWR);
  pthread_join(peer->thread, NULL);
  close(peer->listener);
  free(peer);
}

/* ---------------------------------------------------------------- what is sent */

static struct mail_session *session_to(const struct peer *peer, const char *host) {
  char url[128];
  struct mail_session *session;

  snprintf(url, sizeof url, "smtp://%s:%d", host, peer->port);
  session = mail_open(&(struct mail_server){
      .url = url, .from_address = "portal@contractor.example", .from_name = "Connex", .timeout_s = 2});
  ck_assert_ptr_nonnull(session);
  return session;
}

static struct mail_message example_message(void) {
  return (struct mail_message){.to_address = "clerk@office.example",
                               .subject = "Your security code",
                               .text =
                                   "Good day,\n\nyour code is 123456.\n.\n.leading dot\nGr\xC3\xBC\xC3\x9F"
                                   "e\n",
                               .message_id = "connex.42.1795288805",
                               .sent_at = 1795288805};
}

/* Sends the example through a peer that answers `otherwise` at the command `at`. */
static enum mail_result send_against(const char *at, const char *otherwise, char *error) {
  struct peer *peer = peer_start(at, otherwise);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message = example_message();
  enum mail_result result = mail_send(session, &message, error);

  mail_close(session);
  peer_stop(peer);
  return result;
}

static void must_say(const char *text, const char *words) {
  ck_assert_msg(strstr(text, words) != NULL, "'%s' is missing in:\n%.1500s", words, text);
}

START_TEST(message_arrives_with_its_headers) {
  struct peer *peer = peer_start(NULL, NULL);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message = example_message();
  char error[MAIL_ERROR_SIZE] = "x";

  ck_assert_int_eq(mail_send(session, &message, error), MAIL_SENT);
  ck_assert_str_eq(error, "");
  mail_close(session);
  must_say(peer->commands, "MAIL FROM:<portal@contractor.example>");
  must_say(peer->commands, "RCPT TO:<clerk@office.example>");
  must_say(peer->data, "Date: Sat, 21 Nov 2026 19:20:05 +0000\r\n");
  must_say(peer->data, "From: \"Connex\" <portal@contractor.example>\r\n");
  must_say(peer->data, "To: clerk@office.example\r\n");
  must_say(peer->data, "Subject: Your security code\r\n");
  must_say(peer->data, "Message-ID: <connex.42.1795288805@contractor.example>\r\n");
  must_say(peer->data, "Auto-Submitted: auto-generated\r\n");
  must_say(peer->data, "Content-Type: text/plain; charset=utf-8\r\n");
  must_say(peer->data, "\r\nyour code is 123456.\r\n");
  must_say(peer->data, "Gr=C3=BC=C3=9Fe");
  peer_stop(peer);
}
END_TEST

START_TEST(line_of_one_dot_does_not_end_the_message) { /* RFC 5321 section 4.5.2 */
  struct peer *peer = peer_start(NULL, NULL);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message = example_message();
  char error[MAIL_ERROR_SIZE];

  ck_assert_int_eq(mail_send(session, &message, error), MAIL_SENT);
  mail_close(session);
  must_say(peer->data, "\r\n..\r\n..leading dot\r\n");
  must_say(peer->data, "Gr=C3=BC"); /* what follows it came too */
  peer_stop(peer);
}
END_TEST

START_TEST(messages_share_one_connection) {
  struct peer *peer = peer_start(NULL, NULL);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message = example_message();
  char error[MAIL_ERROR_SIZE];

  for (int i = 0; i < 5; i++) ck_assert_int_eq(mail_send(session, &message, error), MAIL_SENT);
  mail_close(session);
  ck_assert_int_eq(peer->messages, 5);
  ck_assert_int_eq(peer->connections, 1);
  peer_stop(peer);
}
END_TEST

/* The text after "Subject: " with its encoded words read as a mail program does (RFC 2047). */
static void read_subject(const char *data, char *text) {
  const char *at = strstr(data, "Subject: "), *end;

  ck_assert_ptr_nonnull(at);
  end = at;
  do end = strstr(end, "\r\n") + 2;
  while (*end == ' ');
  while ((at = strstr(at, "=?UTF-8?B?")) != NULL && at < end) {
    const char *last = strstr(at + 10, "?=");
    int length =
        EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)at + 10, (int)(last - at - 10));

    ck_assert_int_ge(length, 0);
    ck_assert_int_le(last + 2 - at, 75);
    for (const char *fill = last; fill[-1] == '='; fill--) length--;
    text += length;
    at = last;
  }
  *text = '\0';
}

START_TEST(subject_in_any_language_is_encoded_without_cutting_a_character) {
  struct peer *peer = peer_start(NULL, NULL);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message = example_message();
  char error[MAIL_ERROR_SIZE], text[MESSAGE_MAX];

  message.subject =
      "Su solicitud fue aprobada \xE2\x80\x94 "
      "\xE4\xBA\x86\xE8\xA7\xA3\xE6\x82\xA8\xE7\x9A\x84\xE6\x9D\x83\xE5\x88\xA9"
      "\xE4\xBA\x86\xE8\xA7\xA3\xE6\x82\xA8\xE7\x9A\x84\xE6\x9D\x83\xE5\x88\xA9 \xF0\x9F\x93\x84";
  ck_assert_int_eq(mail_send(session, &message, error), MAIL_SENT);
  read_subject(peer->data, text);
  ck_assert_str_eq(text, message.subject);
  /* A long plain one is cut into lines too, and one that looks like an encoded word is not read as one. */
  message.subject = "=?UTF-8?B?QUFB?=";
  ck_assert_int_eq(mail_send(session, &message, error), MAIL_SENT);
  read_subject(peer->data, text);
  ck_assert_str_eq(text, message.subject);
  mail_close(session);
  peer_stop(peer);
}
END_TEST

START_TEST(nothing_from_outside_becomes_a_header) { /* CWE-93 */
  static const char *const addresses[] = {NULL,
                                          "",
                                          "clerk",
                                          "@office.example",
                                          "clerk@",
                                          "clerk@office.example\r\nBcc: thief@evil.example",
                                          "clerk@office.example\nDATA",
                                          "a b@office.example",
                                          "a@b@office.example",
                                          "<clerk@office.example>",
                                          "clerk@office.example,thief@evil.example",
                                          "\"clerk\"@office.example",
                                          ".clerk@office.example",
                                          "clerk@.example",
                                          "clerk..x@office.example",
                                          "cl\xC3\xA9rk@office.example",
                                          "clerk@-office.example"};
  static const char *const subjects[] = {
      NULL, "Code\r\nBcc: thief@evil.example", "Code\nX: y", "Code\rX: y", "a\tb", "\x7f"};
  static const char *const ids[] = {NULL, "", "a b", "a>\r\nX: y", "a@b"};
  struct peer *peer = peer_start(NULL, NULL);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message;
  char error[MAIL_ERROR_SIZE];

  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    message = example_message();
    message.to_address = addresses[i];
    ck_assert_msg(mail_send(session, &message, error) == MAIL_REFUSED, "address %zu", i);
    ck_assert_str_eq(error, "address cannot be used");
  }
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
    message = example_message();
    message.subject = subjects[i];
    ck_assert_msg(mail_send(session, &message, error) == MAIL_REFUSED, "subject %zu", i);
  }
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    message = example_message();
    message.message_id = ids[i];
    ck_assert_msg(mail_send(session, &message, error) == MAIL_REFUSED, "message id %zu", i);
  }
  mail_close(session);
  ck_assert_int_eq(peer->messages, 0);
  peer_stop(peer);
}
END_TEST

START_TEST(long_addresses_are_held_to_the_limits_of_smtp) { /* RFC 5321 section 4.5.3.1 */
  char address[300];

  snprintf(address, sizeof address, "%064d@office.example", 1);
  ck_assert_int_eq(mail_address_usable(address), 1);
  snprintf(address, sizeof address, "%065d@office.example", 1);
  ck_assert_int_eq(mail_address_usable(address), 0);
  snprintf(address, sizeof address, "a@%0252d", 1);
  ck_assert_int_eq(mail_address_usable(address), 1);
  snprintf(address, sizeof address, "a@%0253d", 1);
  ck_assert_int_eq(mail_address_usable(address), 0);
}
END_TEST

START_TEST(answers_of_the_server_decide_whether_to_try_again) {
  static const struct {
    const char *at, *answer;
    enum mail_result result;
  } cases[] = {
      {"RCPT", "450 mailbox busy", MAIL_TRY_AGAIN},
      {"RCPT", "550 <clerk@office.example> no such user", MAIL_REFUSED},
      {"MAIL", "421 shutting down", MAIL_TRY_AGAIN},
      {"MAIL", "530 log in first", MAIL_TRY_AGAIN},
      {"DATA", "452 no space", MAIL_TRY_AGAIN},
      {".end", "554 refused as spam", MAIL_REFUSED},
      {".end", "451 later", MAIL_TRY_AGAIN},
      {".end", "hang up", MAIL_TRY_AGAIN},
      {"RCPT", "hang up", MAIL_TRY_AGAIN},
      {"open", "hang up", MAIL_TRY_AGAIN},
      {"open", "554 not for you", MAIL_TRY_AGAIN}, /* the server speaks of us, not of the message */
      {".end", "stay silent", MAIL_TRY_AGAIN},
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char error[MAIL_ERROR_SIZE] = "";
    enum mail_result result = send_against(cases[i].at, cases[i].answer, error);

    ck_assert_msg(result == cases[i].result, "%s %s: %d, %s", cases[i].at, cases[i].answer, (int)result,
                  error);
    ck_assert_str_ne(error, "");
    ck_assert_msg(!strstr(error, "clerk"), "an address is in the error: %s", error);
  }
}
END_TEST

START_TEST(no_server_is_tried_again) {
  struct peer *peer = peer_start(NULL, NULL);
  struct mail_session *session = session_to(peer, "127.0.0.1");
  struct mail_message message = example_message();
  char error[MAIL_ERROR_SIZE];

  peer_stop(peer);
  ck_assert_int_eq(mail_send(session, &message, error), MAIL_TRY_AGAIN);
  ck_assert_str_ne(error, "");
  mail_close(session);
}
END_TEST

START_TEST(mail_leaves_this_machine_under_tls_or_not_at_all) {
  struct peer *peer = peer_start(NULL, NULL);                            /* offers no STARTTLS */
  struct mail_session *session = session_to(peer, "[::ffff:127.0.0.1]"); /* not known as this machine */
  struct mail_message message = example_message();
  char error[MAIL_ERROR_SIZE];

  ck_assert_int_eq(mail_send(session, &message, error), MAIL_TRY_AGAIN);
  ck_assert_ptr_null(strstr(peer->commands, "MAIL"));
  ck_assert_int_eq(peer->messages, 0);
  mail_close(session);
  peer_stop(peer);
}
END_TEST

START_TEST(unusable_servers_are_refused_at_once) {
  static const char *const urls[] = {NULL, "", "http://localhost", "file:///etc/passwd", "localhost:25"};

  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
    ck_assert_ptr_null(mail_open(&(struct mail_server){.url = urls[i], .from_address = "a@b.example"}));
  ck_assert_ptr_null(mail_open(&(struct mail_server){.url = "smtp://localhost", .from_address = "nobody"}));
  ck_assert_ptr_null(mail_open(&(struct mail_server){
      .url = "smtp://localhost", .from_address = "a@b.example", .from_name = "A\r\nX: y"}));
  ck_assert_ptr_null(mail_open(
      &(struct mail_server){.url = "smtp://localhost", .from_address = "a@b.example", .from_name = "A\""}));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("mail");
  TCase *sending = tcase_create("sending");
  SRunner *runner = srunner_create(suite);
  int failed;

  tcase_set_timeout(sending, 60);
  tcase_add_test(sending, message_arrives_with_its_headers);
  tcase_add_test(sending, line_of_one_dot_does_not_end_the_message);
  tcase_add_test(sending, messages_share_one_connection);
  tcase_add_test(sending, subject_in_any_language_is_encoded_without_cutting_a_character);
  tcase_add_test(sending, nothing_from_outside_becomes_a_header);
  tcase_add_test(sending, long_addresses_are_held_to_the_limits_of_smtp);
  tcase_add_test(sending, answers_of_the_server_decide_whether_to_try_again);
  tcase_add_test(sending, no_server_is_tried_again);
  tcase_add_test(sending, mail_leaves_this_machine_under_tls_or_not_at_all);
  tcase_add_test(sending, unusable_servers_are_refused_at_once);
  suite_add_tcase(suite, sending);
  srunner_run_all(runner, CK_NORMAL);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
