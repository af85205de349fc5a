/*
 * A list as CSV (RFC 4180), for programs and for spreadsheets.
 *
 *  - The first line names the columns, as JSON names the members.
 *  - true and false are written as such; null is an empty cell; money, dates, and ids are as in JSON.
 *  - A list of values is one cell: the values, joined by "; ". There are no nested objects.
 *  - A cell that a spreadsheet would run as a formula begins with an apostrophe.
 *  - Control, bidirectional, and invisible characters are shown as visible signs (utf8_sign()).
 *  - The text is UTF-8 without a byte order mark. `Accept: text/csv; bom=true` asks for one; some
 * spreadsheets need it.
 *  - It has all rows: without a limit up to 10,000, and more are 422 too_many_rows. With a limit, the
 * header Connex-Next holds the cursor of the next page while there is one (the JSON's `next`), and for a GET
 *    Link rel="next" its address.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FCGI_LIST_CSV_H
#define CONNEX_FCGI_LIST_CSV_H

#include "request.h"

/* The first `rows` rows as request->reply_body, without the columns `skip` and `skip_too` (-1: none). */
enum status list_write_csv(struct request *request, size_t statement, int rows, int skip, int skip_too);

#endif
