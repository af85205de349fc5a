/*
 * Small accessible PDF documents: receipts and letters of one to a few letter-size pages, made in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A document is written by one function that is called twice with the same data: once to count pages (so that
 * the footer can say "Page 1 of 2"), once to draw. It must therefore depend on nothing but its data.
 *
 * What a screen reader needs is in the file: tagged structure (H1, H2, P, L/LI/Lbl/LBody, Table/TR/TH/TD),
 * title, language, embedded fonts with Unicode maps (PDF 1.7, ISO 32000-1 section 14.8).
 *
 * Thread safe: nothing is shared between calls. Pango's font map is one per thread and is kept for the next
 * call.
 */
#ifndef CONNEX_FORMAT_PDF_H
#define CONNEX_FORMAT_PDF_H

#include <stddef.h>
#include <time.h>

/* Pages and bytes beyond which a document is refused. Our documents are far smaller. */
#define PDF_PAGES_MAX 200
#define PDF_BYTES_MAX (16u * 1024u * 1024u)

struct pdf_document;

struct pdf_properties {
  const char *title;    /* shown by viewers in place of the file name; not empty */
  const char *language; /* BCP 47, e.g. "en-US"; letters, digits and hyphens only */
  const char *footer;   /* left part of every page's foot, or NULL; the page number is on the right */
  time_t made_at;       /* the document's creation date: the same data makes the same bytes */
};

struct pdf_definition {
  const char *label;
  const char *value;
};

struct pdf_column {
  const char *title;
  double share;    /* of the text width; the shares of a table add up to 1 */
  int align_right; /* for amounts and counts */
};

typedef void pdf_writer(struct pdf_document *document, const void *data);

/* Makes a document. Returns malloc'ed bytes (the caller frees) and sets *length, or NULL when out of memory,
 * a property is unusable, or the document grew beyond the limits above. */
unsigned char *pdf_make(const struct pdf_properties *properties, pdf_writer *write, const void *data,
                        size_t *length);

/* The parts of a document, for use inside a pdf_writer. Text is UTF-8. What is not valid, control characters,
 * and bidirectional controls (which can make a file name look like another) are shown as U+FFFD. '\n' breaks
 * a line. */

/* Level 1 (the document's name, once) or 2. Kept on one page with what follows. */
void pdf_heading(struct pdf_document *document, int level, const char *text);

void pdf_paragraph(struct pdf_document *document, const char *text);

/* A paragraph in large fixed-width bold type: a code that a person copies by hand (0 and O differ). */
void pdf_code(struct pdf_document *document, const char *text);

/* Label and value pairs, one under another, as a tagged list. A NULL or empty value shows as a dash. */
void pdf_definitions(struct pdf_document *document, const struct pdf_definition *items, size_t count);

/* A table, row after row: pdf_table_begin shows the header, each pdf_table_row one text per column (NULL or
 * empty shows a dash). `columns` must live until pdf_table_end. A row is never split between pages; the
 * header is repeated on every page. At most PDF_COLUMNS_MAX columns. */
#define PDF_COLUMNS_MAX 12
void pdf_table_begin(struct pdf_document *document, const struct pdf_column *columns, size_t column_count);
void pdf_table_row(struct pdf_document *document, const char *const *cells);
void pdf_table_end(struct pdf_document *document);

/* A block of lines whose first line starts `top` points from the upper edge of the page, for an envelope's
 * window. The next part starts below the block. */
void pdf_address(struct pdf_document *document, double top, const char *text);

/* Continues `top` points from the upper edge, unless the page is already written below that. */
void pdf_gap_to(struct pdf_document *document, double top);

#endif
