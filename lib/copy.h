/*
 * A plain connection for work that is not a request: COPY of many rows, and
 * the fixed statements around it. One struct copy belongs to one thread.
 *
 * After a failure copy_error() says why, and the transaction, if one is open,
 * can only be rolled back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_COPY_H
#define CONNEX_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct copy;

/* Connects. NULL only when memory is out; otherwise look at copy_error(). The caller ends it with copy_close(). */
struct copy *copy_open(const char *conninfo, const char *application_name);
void copy_close(struct copy *copy);

/* What went wrong last, in PostgreSQL's words; "" when nothing did. Valid until the next call. */
const char *copy_error(const struct copy *copy);
/* SQLSTATE of it; "" when there is none. */
const char *copy_sqlstate(const struct copy *copy);

/* A statement, or several, without parameters. */
bool copy_execute(struct copy *copy, const char *sql);

/* A statement with text parameters (NULL = SQL NULL). *rows, where not NULL: rows returned, or else affected. */
bool copy_execute_with(struct copy *copy, const char *sql, int count, const char *const *parameters, int64_t *rows);

/* First column of the first row as text; "" for no row or SQL NULL. False also when it does not fit. */
bool copy_value(struct copy *copy, const char *sql, char *value, size_t size);

/* The rows of the last copy_execute_with() that returned some, until the next call. NULL = SQL NULL or no such cell. */
const char *copy_cell(const struct copy *copy, int row, int column);

/* COPY target FROM STDIN in text format; target is "schema.table (column, ...)". */
bool copy_begin(struct copy *copy, const char *target);
bool copy_text(struct copy *copy, const char *data, size_t length);
bool copy_end(struct copy *copy, int64_t *rows); /* rows may be NULL */

#endif
