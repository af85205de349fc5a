/*
 * Mail out: plain text over SMTP by libcurl, one connection kept for many messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A mail_session belongs to one thread.
 */
#ifndef CONNEX_FORMAT_MAIL_H
#define CONNEX_FORMAT_MAIL_H

#include <stddef.h>
#include <time.h>

struct mail_session;

/* All texts are copied by mail_open.
 *   smtps://[USER:PASSWORD@]HOST[:465]   TLS from the start
 *   smtp://[USER:PASSWORD@]HOST[:587]    STARTTLS, which must succeed; except on this machine itself
 *                                        (127.0.0.1, [::1], localhost), where mail is sent without TLS
 *   smtp+insecure://HOST[:25]            without TLS: only for a relay inside the contractor's own network
 */
struct mail_server {
  const char *url;
  const char *from_address;
  const char *from_name; /* shown with it; NULL or "" for none */
  const char *ca_file;   /* PEM certificates to trust in place of the system's, or NULL */
  unsigned timeout_s;    /* of one message, connecting included; 0 = 30 */
};

struct mail_message {
  const char *to_address;
  const char *subject; /* UTF-8, at most MAIL_SUBJECT_MAX bytes */
  const char *text;    /* UTF-8 plain text; lines end with '\n' or "\r\n" */
  const char
      *message_id; /* unique, the same when the same message is sent again: letters, digits, '.', '-' */
  time_t sent_at;
};

enum { MAIL_SUBJECT_MAX = 400, MAIL_ERROR_SIZE = 96 };

enum mail_result {
  MAIL_SENT,      /* the server took it */
  MAIL_TRY_AGAIN, /* no connection, a time limit, a 4yz answer, or an error in our own setup: it may work
                     later */
  MAIL_REFUSED,   /* a 5yz answer, or a message that can never be sent: do not try again */
};

/* A session that is not yet connected; NULL when out of memory or the URL or sender cannot be used. */
struct mail_session *mail_open(const struct mail_server *server);
void mail_close(struct mail_session *session);

/* Sends one message. `error` (MAIL_ERROR_SIZE bytes) says why not, "" when it was sent. It has our own words
 * and the server's three digits, but not the server's text, which may quote the address; so it can be logged.
 */
enum mail_result mail_send(struct mail_session *session, const struct mail_message *message, char *error);

/* True when mail can be sent to this address: one '@', plain ASCII without quotes, at most 254 bytes (RFC
 * 5321 4.5.3.1). */
int mail_address_usable(const char *address);

#endif
