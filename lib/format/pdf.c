/*
 * Pages of accessible PDF documents with Cairo (pages, tags) and Pango (text). See pdf.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Cairo 1.16 marks the innermost tag of each piece of text and has no "artifact". So rules, repeated table
 * headers, and page feet are drawn outside any innermost tag, where a screen reader passes over them.
 */
#include <cairo.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "format/pdf_internal.h"

#define BODY_FONT "Liberation Sans, DejaVu Sans 10.5"
#define BOLD_FONT "Liberation Sans, DejaVu Sans Bold 10.5"
#define CELL_FONT "Liberation Sans, DejaVu Sans 9"
#define CELL_BOLD_FONT "Liberation Sans, DejaVu Sans Bold 9"
#define FOOT_FONT "Liberation Sans, DejaVu Sans 8.5"
#define TITLE_FONT "Liberation Sans, DejaVu Sans Bold 18"
#define HEADING_FONT "Liberation Sans, DejaVu Sans Bold 13"
#define CODE_FONT "Liberation Mono, DejaVu Sans Mono Bold 20"

static const float LINE_SPACING = 1.1f;
enum { CELL_LINES_MAX = 24, NO_LIMIT = G_MAXINT }; /* a row of a table always fits a page */

/* ---------------------------------------------------------------- text */

/* A copy that is safe to show; the caller frees it with g_free. Fonts have no pictures of control characters,
 * so the sign is always U+FFFD here. */
char *pdf_clean_text(const char *text) {
  char *valid = g_utf8_make_valid(text && *text ? text : "\xE2\x80\x93", -1);
  GString *clean = g_string_sized_new(strlen(valid) + 1);

  for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    bool hidden = (utf8_is_control(c) && c != '\n') || utf8_is_invisible(c);
    g_string_append_unichar(clean, hidden ? 0xfffd : c);
  }
  g_free(valid);
  return g_string_free(clean, FALSE);
}

/* Text set in a font and broken to a width (points). The caller frees with g_object_unref. */
static PangoLayout *set_text(struct pdf_document *document, const char *font, double width,
                             const char *text) {
  PangoLayout *layout = pango_layout_new(document->context);
  PangoFontDescription *description = pango_font_description_from_string(font);
  char *clean = pdf_clean_text(text);

  pango_layout_set_font_description(layout, description);
  pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_auto_dir(layout, FALSE);
  pango_layout_set_line_spacing(layout, LINE_SPACING); /* read back by line_height() */
  pango_layout_set_text(layout, clean, -1);
  g_free(clean);
  pango_font_description_free(description);
  return layout;
}

/* Height of one line of a layout; all lines of one layout have the same font. */
static double line_height(PangoLayout *layout) {
  PangoRectangle extents;

  pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), NULL, &extents);
  return (double)extents.height / PANGO_SCALE * pango_layout_get_line_spacing(layout);
}

static double layout_height(PangoLayout *layout, int lines_max) {
  return line_height(layout) * MIN(pango_layout_get_line_count(layout), lines_max);
}

/* ---------------------------------------------------------------- pages and tags */

void pdf_tag_begin(struct pdf_document *document, const char *name) {
  if (document->cairo) cairo_tag_begin(document->cairo, name, NULL);
}

void pdf_tag_end(struct pdf_document *document, const char *name) {
  if (document->cairo) cairo_tag_end(document->cairo, name);
}

/* Shows one line of a layout with its upper left corner at x, y; `end` follows its text.
 *
 * The line is set again as a separate text, so that the space at its end stays. Pango gives the space at
 * which it breaks a line no glyph, and then a screen reader joins the last word of one line to the first of
 * the next.
 */
static void show_line(struct pdf_document *document, PangoLayout *layout, int number, double x, double y,
                      const char *end) {
  PangoLayoutLine *line = pango_layout_get_line_readonly(layout, number);
  PangoLayout *alone;
  PangoRectangle extents;
  GString *text;

  if (!document->cairo) return;
  text = g_string_new_len(pango_layout_get_text(layout) + line->start_index, line->length);
  while (text->len > 0 && text->str[text->len - 1] == ' ') g_string_truncate(text, text->len - 1);
  if (pango_layout_get_alignment(layout) == PANGO_ALIGN_RIGHT) {
    pango_layout_line_get_extents(line, NULL, &extents);
    x += (double)(pango_layout_get_width(layout) - extents.width) / PANGO_SCALE;
  }
  g_string_append(text, end);
  alone = pango_layout_new(document->context);
  pango_layout_set_font_description(alone, pango_layout_get_font_description(layout));
  pango_layout_set_auto_dir(alone, FALSE);
  pango_layout_set_text(alone, text->str, (int)text->len);
  cairo_move_to(document->cairo, x, y);
  pango_cairo_show_layout(document->cairo, alone);
  g_object_unref(alone);
  g_string_free(text, TRUE);
}

/* What is written after a line: nothing after the last one or where a long word was broken, otherwise a
 * space; an ellipsis where text is left out. */
static const char *line_end(PangoLayout *layout, int number, int lines_max) {
  PangoLayoutLine *line = pango_layout_get_line_readonly(layout, number);
  const char *next = pango_layout_get_text(layout) + line->start_index + line->length;

  if (number + 1 == pango_layout_get_line_count(layout)) return "";
  if (number + 1 >= lines_max) return "\xE2\x80\xA6";
  return *next == '\n' || (line->length > 0 && next[-1] == ' ') ? " " : "";
}

static void show_layout(struct pdf_document *document, PangoLayout *layout, double x, double y,
                        int lines_max) {
  int count = MIN(pango_layout_get_line_count(layout), lines_max);

  for (int i = 0; i < count; i++)
    show_line(document, layout, i, x, y + i * line_height(layout), line_end(layout, i, lines_max));
}

static void show_rule(struct pdf_document *document, double y, double thickness) {
  if (!document->cairo) return;
  cairo_rectangle(document->cairo, SIDE, y, TEXT_WIDTH, thickness);
  cairo_fill(document->cairo);
}

static void show_foot(struct pdf_document *document) {
  char number[48];
  PangoLayout *layout;

  if (!document->cairo) return;
  show_rule(document, FOOT - 6, 0.5);
  if (document->properties->footer) {
    layout = set_text(document, FOOT_FONT, TEXT_WIDTH - 90, document->properties->footer);
    show_layout(document, layout, SIDE, FOOT, 2);
    g_object_unref(layout);
  }
  snprintf(number, sizeof number, "Page %d of %d", document->page, document->page_count);
  layout = set_text(document, FOOT_FONT, 90, number);
  pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
  show_layout(document, layout, PAGE_WIDTH - SIDE - 90, FOOT, 1);
  g_object_unref(layout);
}

void pdf_end_page(struct pdf_document *document) {
  show_foot(document);
  if (document->cairo) cairo_show_page(document->cairo);
}

static void new_page(struct pdf_document *document) {
  pdf_end_page(document);
  document->page++;
  document->y = TOP;
}

/* Starts a new page when `height` more points do not fit; true when it did. */
static bool make_room(struct pdf_document *document, double height) {
  if (document->y + height <= BOTTOM || document->y <= TOP || document->page >= PDF_PAGES_MAX) return false;
  new_page(document);
  return true;
}

/* ---------------------------------------------------------------- parts */

/* One innermost tag that fits what is left of the page. */
static void show_whole(struct pdf_document *document, const char *tag, PangoLayout *layout, double x) {
  pdf_tag_begin(document, tag);
  show_layout(document, layout, x, document->y, NO_LIMIT);
  pdf_tag_end(document, tag);
  document->y += layout_height(layout, NO_LIMIT);
}

/* Text that may run over several pages, line by line. Each page's part is a Span of its own, since Cairo
 * cannot carry an innermost tag over a page. */
static void show_lines(struct pdf_document *document, const char *tag, PangoLayout *layout, double x) {
  double height = line_height(layout);
  int count = pango_layout_get_line_count(layout);

  pdf_tag_begin(document, tag);
  pdf_tag_begin(document, "Span");
  for (int i = 0; i < count; i++) {
    if (document->y + height > BOTTOM) {
      pdf_tag_end(document, "Span");
      make_room(document, height);
      pdf_tag_begin(document, "Span");
    }
    show_line(document, layout, i, x, document->y, line_end(layout, i, NO_LIMIT));
    document->y += height;
  }
  pdf_tag_end(document, "Span");
  pdf_tag_end(document, tag);
}

static void show_text(struct pdf_document *document, const char *tag, const char *font, const char *text) {
  PangoLayout *layout = set_text(document, font, TEXT_WIDTH, text);

  if (document->y + layout_height(layout, NO_LIMIT) <= BOTTOM) show_whole(document, tag, layout, SIDE);
  else show_lines(document, tag, layout, SIDE);
  g_object_unref(layout);
}

void pdf_heading(struct pdf_document *document, int level, const char *text) {
  double above = document->y <= TOP ? 0 : 10;

  make_room(document, above + 100); /* a heading is never alone at the foot of a page */
  if (document->y > TOP) document->y += above;
  show_text(document, level == 1 ? "H1" : "H2", level == 1 ? TITLE_FONT : HEADING_FONT, text);
  document->y += 6;
}

void pdf_paragraph(struct pdf_document *document, const char *text) {
  show_text(document, "P", BODY_FONT, text);
  document->y += 8;
}

void pdf_code(struct pdf_document *document, const char *text) {
  make_room(document, 48);
  document->y += 6;
  show_text(document, "P", CODE_FONT, text);
  document->y += 12;
}

void pdf_address(struct pdf_document *document, double top, const char *text) {
  pdf_gap_to(document, top);
  show_text(document, "P", BODY_FONT, text);
}

void pdf_gap_to(struct pdf_document *document, double top) { document->y = MAX(document->y, top); }

static void show_definition(struct pdf_document *document, const struct pdf_definition *item) {
  PangoLayout *label = set_text(document, BOLD_FONT, LABEL_WIDTH - COLUMN_GAP, item->label);
  PangoLayout *value = set_text(document, BODY_FONT, TEXT_WIDTH - LABEL_WIDTH, item->value);
  double height = MAX(layout_height(label, CELL_LINES_MAX), layout_height(value, CELL_LINES_MAX));

  make_room(document, height);
  pdf_tag_begin(document, "LI");
  pdf_tag_begin(document, "Lbl");
  show_layout(document, label, SIDE, document->y, CELL_LINES_MAX);
  pdf_tag_end(document, "Lbl");
  pdf_tag_begin(document, "LBody");
  show_layout(document, value, SIDE + LABEL_WIDTH, document->y, CELL_LINES_MAX);
  pdf_tag_end(document, "LBody");
  pdf_tag_end(document, "LI");
  document->y += height + ROW_GAP;
  g_object_unref(label);
  g_object_unref(value);
}

void pdf_definitions(struct pdf_document *document, const struct pdf_definition *items, size_t count) {
  pdf_tag_begin(document, "L");
  for (size_t i = 0; i < count; i++) show_definition(document, &items[i]);
  pdf_tag_end(document, "L");
  document->y += ROW_GAP;
}

/* ---------------------------------------------------------------- tables */

/* Sets one row of cells (the header's when cells is NULL) without showing it; returns its height. */
static double set_row(struct pdf_document *document, const char *font, const char *const *cells,
                      PangoLayout **row) {
  double height = 0;

  for (size_t i = 0; i < document->column_count; i++) {
    const struct pdf_column *column = &document->columns[i];

    row[i] =
        set_text(document, font, column->share * TEXT_WIDTH - COLUMN_GAP, cells ? cells[i] : column->title);
    if (column->align_right) pango_layout_set_alignment(row[i], PANGO_ALIGN_RIGHT);
    height = MAX(height, layout_height(row[i], CELL_LINES_MAX));
  }
  return height;
}

/* `tag` is TH or TD; NULL shows the row outside the structure (a header repeated on a further page). */
static void show_row(struct pdf_document *document, const char *tag, PangoLayout **row, double height) {
  double x = SIDE;

  if (tag) pdf_tag_begin(document, "TR");
  for (size_t i = 0; i < document->column_count; i++) {
    if (tag) pdf_tag_begin(document, tag);
    show_layout(document, row[i], x, document->y, CELL_LINES_MAX);
    if (tag) pdf_tag_end(document, tag);
    x += document->columns[i].share * TEXT_WIDTH;
    g_object_unref(row[i]);
  }
  if (tag) pdf_tag_end(document, "TR");
  document->y += height + ROW_GAP / 2.0;
  show_rule(document, document->y, tag && strcmp(tag, "TD") == 0 ? 0.25 : 1);
  document->y += ROW_GAP;
}

static void show_header(struct pdf_document *document, const char *tag) {
  PangoLayout *row[PDF_COLUMNS_MAX];
  double height = set_row(document, CELL_BOLD_FONT, NULL, row);

  show_row(document, tag, row, height);
}

void pdf_table_begin(struct pdf_document *document, const struct pdf_column *columns, size_t column_count) {
  document->columns = columns;
  document->column_count = MIN(column_count, PDF_COLUMNS_MAX);
  make_room(document, 64); /* the header and a first row stay together */
  pdf_tag_begin(document, "Table");
  show_header(document, "TH");
}

void pdf_table_row(struct pdf_document *document, const char *const *cells) {
  PangoLayout *row[PDF_COLUMNS_MAX];
  double height = set_row(document, CELL_FONT, cells, row);

  if (make_room(document, height + 2 * ROW_GAP)) show_header(document, NULL);
  show_row(document, "TD", row, height);
}

void pdf_table_end(struct pdf_document *document) {
  pdf_tag_end(document, "Table");
  document->y += ROW_GAP;
}
