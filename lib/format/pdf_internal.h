/*
 * What the two files that make a PDF share: pdf.c sets pages, pdf_file.c makes the file of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_FORMAT_PDF_INTERNAL_H
#define CONNEX_FORMAT_PDF_INTERNAL_H

#include <pango/pangocairo.h>

#include "format/pdf.h"

/* Letter size in points (1/72 inch), with one inch at the sides. */
enum { PAGE_WIDTH = 612, PAGE_HEIGHT = 792, SIDE = 72, TOP = 64, BOTTOM = 724, FOOT = 744 };
enum { TEXT_WIDTH = PAGE_WIDTH - 2 * SIDE, LABEL_WIDTH = 150, COLUMN_GAP = 8, ROW_GAP = 4 };

struct pdf_document {
  const struct pdf_properties *properties;
  PangoContext *context;
  cairo_t *cairo;                   /* NULL while pages are only counted */
  int page;                         /* from 1 */
  int page_count;                   /* 0 while pages are only counted */
  double y;                         /* where the next part starts, from the upper edge */
  const struct pdf_column *columns; /* of the table being written */
  size_t column_count;
};

/* A copy that is safe to show; the caller frees it with g_free. NULL and "" become a dash. */
char *pdf_clean_text(const char *text);

void pdf_tag_begin(struct pdf_document *document, const char *name);
void pdf_tag_end(struct pdf_document *document, const char *name);
/* Writes the foot and shows the page. */
void pdf_end_page(struct pdf_document *document);

#endif
