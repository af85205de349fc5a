/*
 * Mail out over SMTP. See mail.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * libcurl speaks SMTP, stuffs dots, breaks lines (quoted-printable) and checks certificates. The headers
 * are ours: text that has a line end is refused, so that no text from outside can become a header (CWE-93).
 */
#include "format/mail.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  ADDRESS_MAX = 254,
  LOCAL_PART_MAX = 64,
  TIMEOUT_S = 30,
  CONNECT_TIMEOUT_S = 10,
  IDLE_MOST_S = 15, /* a connection that was idle longer is not used again */
  WORD_BYTES = 45,  /* of an encoded word: 60 characters of base64, 72 with its frame; RFC 2047 allows 75 */
  HEADER_SIZE = 1100
};

static const char LETTERS_AND_DIGITS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

struct mail_session {
  CURL *curl;
  char *url; /* as libcurl knows it */
  char *from_address;
  char *from_name;
  char *ca_file;
  long use_ssl;
  long timeout_s;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

/* ---------------------------------------------------------------- what is allowed in a header */

static bool consists_of(const char *text, size_t length, const char *also) {
  for (size_t i = 0; i < length; i++)
    if (text[i] == '\0' || (!strchr(LETTERS_AND_DIGITS, text[i]) && !strchr(also, text[i]))) return false;
  return length > 0;
}

int mail_address_usable(const char *address) {
  const char *at = address ? strchr(address, '@') : NULL;
  size_t local_length;

  if (!at || strlen(address) > ADDRESS_MAX) return 0;
  local_length = (size_t)(at - address);
  return local_length <= LOCAL_PART_MAX && consists_of(address, local_length, "!#$%&'*+-/=?^_`{|}~.") &&
         consists_of(at + 1, strlen(at + 1), "-.") && address[0] != '.' && at[1] != '.' && at[1] != '-' &&
         at[-1] != '.' && !strstr(address, "..");
}

static bool has_control(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7f) return true;
  return false;
}

static bool is_ascii(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text >= 0x80) return false;
  return true;
}

/* How many bytes of `text` go into one encoded word without cutting a character in two (RFC 2047 section 5).
 */
static size_t word_length(const char *text) {
  size_t length = strnlen(text, WORD_BYTES + 1);

  if (length <= WORD_BYTES) return length;
  length = WORD_BYTES;
  while (length > 1 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
  return length;
}

/* Writes `text` for a header: as it is when it is short ASCII that cannot be taken for an encoded word, else
 * as encoded words on lines of their own (RFC 2047). `out` has HEADER_SIZE bytes; text has at most
 * MAIL_SUBJECT_MAX. */
static void encode_words(char *out, const char *text) {
  size_t used = 0;

  if (is_ascii(text) && strlen(text) <= 60 && !strstr(text, "=?")) {
    snprintf(out, HEADER_SIZE, "%s", text);
    return;
  }
  out[0] = '\0';
  while (*text) {
    unsigned char encoded[4 * (WORD_BYTES / 3) + 1];
    size_t length = word_length(text);

    EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)length);
    used +=
        (size_t)snprintf(out + used, HEADER_SIZE - used, "%s=?UTF-8?B?%s?=", used ? "\r\n " : "", encoded);
    text += length;
  }
}

/* "Sat, 21 Nov 2026 19:20:00 +0000" (RFC 5322 section 3.3), in English regardless of the locale. */
static void format_date(char *text, size_t size, time_t at) {
  static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  struct tm tm = {0};

  gmtime_r(&at, &tm);
  snprintf(text, size, "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
           tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---------------------------------------------------------------- a message for libcurl */

static bool add_header(struct curl_slist **headers, const char *name, const char *value) {
  char line[HEADER_SIZE + 64];
  struct curl_slist *longer;

  if (snprintf(line, sizeof line, "%s: %s", name, value) >= (int)sizeof line) return false;
  longer = curl_slist_append(*headers, line);
  if (longer) *headers = longer;
  return longer != NULL;
}

static bool add_sender(struct curl_slist **headers, const struct mail_session *session) {
  char name[HEADER_SIZE], value[HEADER_SIZE + ADDRESS_MAX + 8];

  if (!session->from_name[0]) return add_header(headers, "From", session->from_address);
  encode_words(name, session->from_name);
  /* A plain name goes in quotes: it may hold commas or dots. mail_open refused quotes and backslashes. */
  snprintf(value, sizeof value, name[0] == '=' && name[1] == '?' ? "%s <%s>" : "\"%s\" <%s>", name,
           session->from_address);
  return add_header(headers, "From", value);
}

/* NULL when out of memory. */
static struct curl_slist *make_headers(const struct mail_session *session,
                                       const struct mail_message *message) {
  struct curl_slist *headers = NULL;
  char subject[HEADER_SIZE], date[64], message_id[300];
  const char *domain = strchr(session->from_address, '@');

  encode_words(subject, message->subject);
  format_date(date, sizeof date, message->sent_at);
  snprintf(message_id, sizeof message_id, "<%.40s%s>", message->message_id, domain);
  if (add_header(&headers, "Date", date) && add_sender(&headers, session) &&
      add_header(&headers, "To", message->to_address) && add_header(&headers, "Subject", subject) &&
      add_header(&headers, "Message-ID", message_id) &&
      /* RFC 3834: asks for no out-of-office replies. */
      add_header(&headers, "Auto-Submitted", "auto-generated"))
    return headers;
  curl_slist_free_all(headers);
  return NULL;
}

/* The text with CRLF at every line's end; malloc'ed, NULL when out of memory. The caller wipes and frees. */
static char *canonical_text(const char *text) {
  char *copy = malloc(2 * strlen(text) + 1), *out = copy;

  if (!copy) return NULL;
  for (; *text; text++) {
    if (*text == '\r') continue;
    if (*text == '\n') *out++ = '\r';
    *out++ = *text;
  }
  *out = '\0';
  return copy;
}

static bool set_text(curl_mime *mime, const char *text) {
  curl_mimepart *part = curl_mime_addpart(mime);

  return part && curl_mime_data(part, text, CURL_ZERO_TERMINATED) == CURLE_OK &&
         curl_mime_type(part, "text/plain; charset=utf-8") == CURLE_OK &&
         curl_mime_encoder(part, "quoted-printable") == CURLE_OK;
}

/* Why a message can never be sent, or NULL. */
static const char *message_fault(const struct mail_message *message) {
  if (!mail_address_usable(message->to_address)) return "address cannot be used";
  if (!message->subject || has_control(message->subject)) return "subject contains a control character";
  if (strlen(message->subject) > MAIL_SUBJECT_MAX) return "subject is too long";
  if (!message->message_id || !consists_of(message->message_id, strlen(message->message_id), ".-"))
    return "message id cannot be used";
  if (!message->text) return "text is missing";
  return NULL;
}

/* RFC 5321 4.2.1: after 4yz the message may succeed later, after 5yz it will not. That holds only once the
 * server has started on the message. Before that, and with 530 to 538, the answer is about our set-up or
 * log-in: when an operator has fixed that, the message can be sent. */
static enum mail_result judge(CURLcode code, long reply, bool begun, char *error) {
  if (code == CURLE_OK) return MAIL_SENT;
  if (reply >= 400 && reply < 600) snprintf(error, MAIL_ERROR_SIZE, "server answered %ld", reply);
  else snprintf(error, MAIL_ERROR_SIZE, "%s", curl_easy_strerror(code));
  if (!begun || code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED || (reply >= 530 && reply <= 538))
    return MAIL_TRY_AGAIN;
  return reply >= 500 && reply < 600 ? MAIL_REFUSED : MAIL_TRY_AGAIN;
}

static enum mail_result perform(struct mail_session *session, struct curl_slist *recipients,
                                struct curl_slist *headers, curl_mime *mime, char *error) {
  CURL *curl = session->curl;
  CURLcode code;
  long reply = 0;
  curl_off_t begun = 0; /* when, in microseconds; 0 when never */

  curl_easy_setopt(curl, CURLOPT_URL, session->url);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_USE_SSL, session->use_ssl);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, session->timeout_s);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
  /* Servers end idle connections with 421 after a minute or so; a security code must not have to wait for a
   * second try. */
  curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_MOST_S);
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, session->from_address);
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
  if (session->ca_file) curl_easy_setopt(curl, CURLOPT_CAINFO, session->ca_file);
  code = curl_easy_perform(curl);
  if (code != CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &begun);
  /* The connection is kept for the next message; nothing else from this one is. */
  curl_easy_reset(curl);
  /* libcurl returns CURLE_SEND_ERROR when MAIL, RCPT, or DATA was refused. */
  return judge(code, reply, begun > 0 || code == CURLE_SEND_ERROR, error);
}

enum mail_result mail_send(struct mail_session *session, const struct mail_message *message, char *error) {
  const char *fault = message_fault(message);
  struct curl_slist *headers = NULL, *recipients = NULL;
  curl_mime *mime = NULL;
  char *text = NULL;
  enum mail_result result = MAIL_TRY_AGAIN;

  error[0] = '\0';
  if (fault) {
    snprintf(error, MAIL_ERROR_SIZE, "%s", fault);
    return MAIL_REFUSED;
  }
  text = canonical_text(message->text);
  headers = make_headers(session, message);
  recipients = curl_slist_append(NULL, message->to_address);
  mime = curl_mime_init(session->curl);
  if (text && headers && recipients && mime && set_text(mime, text))
    result = perform(session, recipients, headers, mime, error);
  else snprintf(error, MAIL_ERROR_SIZE, "out of memory");

  if (text) OPENSSL_cleanse(text, strlen(text)); /* it may hold a security code */
  free(text);
  curl_mime_free(mime);
  curl_slist_free_all(headers);
  curl_slist_free_all(recipients);
  return result;
}

/* ---------------------------------------------------------------- sessions */

/* True when the URL's host is this machine. */
static bool is_loopback(const char *url) {
  CURLU *parts = curl_url();
  char *host = NULL;
  bool here = false;

  if (parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
    here = strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
  curl_free(host);
  curl_url_cleanup(parts);
  return here;
}

/* The URL for libcurl and whether TLS is required; NULL when the scheme is not one of ours. The caller frees.
 */
static char *read_url(const char *url, long *use_ssl) {
  static const char insecure[] = "smtp+insecure://";
  char *plain = NULL;

  if (strncmp(url, insecure, strlen(insecure)) == 0) {
    *use_ssl = CURLUSESSL_NONE;
    return asprintf(&plain, "smtp://%s", url + strlen(insecure)) < 0 ? NULL : plain;
  }
  if (strncmp(url, "smtp://", 7) != 0 && strncmp(url, "smtps://", 8) != 0) return NULL;
  *use_ssl = strncmp(url, "smtp://", 7) == 0 && is_loopback(url) ? CURLUSESSL_NONE : CURLUSESSL_ALL;
  return strdup(url);
}

static bool server_usable(const struct mail_server *server) {
  const char *name = server->from_name ? server->from_name : "";

  return server->url && mail_address_usable(server->from_address) && strlen(name) <= 100 &&
         !has_control(name) && !strpbrk(name, "\"\\");
}

struct mail_session *mail_open(const struct mail_server *server) {
  struct mail_session *session;

  if (!server_usable(server)) return NULL;
  pthread_once(&curl_once, start_curl);
  session = calloc(1, sizeof *session);
  if (!session) return NULL;
  session->curl = curl_easy_init();
  session->url = read_url(server->url, &session->use_ssl);
  session->from_address = strdup(server->from_address);
  session->from_name = strdup(server->from_name ? server->from_name : "");
  session->ca_file = server->ca_file ? strdup(server->ca_file) : NULL;
  session->timeout_s = server->timeout_s ? (long)server->timeout_s : TIMEOUT_S;
  if (session->curl && session->url && session->from_address && session->from_name &&
      (session->ca_file || !server->ca_file))
    return session;
  mail_close(session);
  return NULL;
}

void mail_close(struct mail_session *session) {
  if (!session) return;
  curl_easy_cleanup(session->curl);
  if (session->url) OPENSSL_cleanse(session->url, strlen(session->url)); /* it may hold a password */
  free(session->url);
  free(session->from_address);
  free(session->from_name);
  free(session->ca_file);
  free(session);
}
