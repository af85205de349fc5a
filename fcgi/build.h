/*
 * Which build of the program this is: a reload is over when the new one
 * answers, and `make run` waits for that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_BUILD_H
#define CONNEX_FCGI_BUILD_H

enum { BUILD_ID_SIZE = 13 };

/* The first 12 hexadecimal digits of the SHA-256 of the running program, so that the same program always has
 * the same ID; "unknown" if the program's file cannot be read. Reads the whole file: call it once. */
void build_id(char id[static BUILD_ID_SIZE]);

#endif
