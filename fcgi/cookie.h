/*
 * The session cookie: its name, and how to find it in a Cookie header.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_COOKIE_H
#define CONNEX_FCGI_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* Browsers keep a __Host- cookie only from this host, over TLS, for the path / (RFC 6265bis section 4.1.3.2).
 */
#define COOKIE_NAME "__Host-connex"

/* True when the session cookie is in a Cookie header; its value (in the header's text) and length. A name
 * that occurs twice counts as none. `header` may be NULL. */
bool cookie_find(const char *header, const char **value, size_t *length);

#endif
