/*
 * The name of a file as a browser or script sends it (RFC 6266, RFC 8187),
 * cleaned: it is shown, printed on receipts, and sent back with a download, and
 * never used as a path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_DISPOSITION_H
#define CONNEX_FORMAT_DISPOSITION_H

#include <stdbool.h>
#include <stddef.h>

/* Longest name with its closing NUL; a longer one loses its middle, not its ending. */
enum { DISPOSITION_NAME_SIZE = 201 };

/* Reads filename* (UTF-8, percent-encoded) or else filename of a Content-Disposition header into `name`:
 * without folders of either kind of slash, control characters, marks that change the direction of text, and
 * dots or blanks at the ends. False when there is no header, no name in it, nothing left of it, or bytes that
 * are not UTF-8. */
bool disposition_file_name(const char *header, char name[DISPOSITION_NAME_SIZE]);

#endif
