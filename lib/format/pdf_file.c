/*
 * The file that a PDF document becomes: its bytes, its metadata, its language.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Cairo 1.16 has no way to set a document's language: add_language() appends it as an incremental update (ISO
 * 32000-1 section 7.5.6).
 */
#include <cairo-pdf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/byte_buffer.h"
#include "format/pdf_internal.h"

/* Fontconfig keeps its list of fonts until the process ends. The leak sanitizer must not report it, so that
 * it can report all other leaks of a program that makes a PDF. */
#ifdef __SANITIZE_ADDRESS__
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig.so"; }
const char *__lsan_default_options(void);
const char *__lsan_default_options(void) { return "print_suppressions=0"; }
#endif

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned int length) {
  struct byte_buffer *buffer = closure;

  byte_buffer_add(buffer, (const char *)bytes, length);
  return buffer->failed || buffer->cut ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static bool language_is_plain(const char *language) {
  return language && *language &&
         strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
             strlen(language);
}

/* The last place of `needle` in the buffer, or NULL. */
static const char *find_last(const struct byte_buffer *buffer, const char *needle) {
  size_t length = strlen(needle);

  for (size_t at = buffer->length; at >= length; at--)
    if (memcmp(buffer->data + at - length, needle, length) == 0) return buffer->data + at - length;
  return NULL;
}

/* Appends a second catalog with /Lang and the flag that makes viewers show the title in place of the file
 * name: an incremental update. When the file does not end the way Cairo 1.16 writes it, nothing is added, and
 * it is still a valid document. */
static bool add_language(struct byte_buffer *buffer, const char *language) {
  const char *trailer, *start, *catalog;
  unsigned int size, root, info;
  unsigned long old_table;
  size_t dictionary_length, catalog_at, table_at;
  char text[400];

  if (!byte_buffer_reserve(buffer, 1)) return false;
  buffer->data[buffer->length] = '\0'; /* so that sscanf below ends with the file */
  trailer = find_last(buffer, "trailer\n");
  start = find_last(buffer, "startxref\n");
  if (!trailer || !start || sscanf(start, "startxref %lu", &old_table) != 1 ||
      sscanf(trailer, "trailer << /Size %u /Root %u 0 R /Info %u 0 R", &size, &root, &info) != 3)
    return true;
  snprintf(text, sizeof text, "\n%u 0 obj\n<< /Type /Catalog", root);
  catalog = find_last(buffer, text);
  if (!catalog) return true;
  catalog += strlen(text);
  for (dictionary_length = 0; catalog + dictionary_length < trailer; dictionary_length++)
    if (memcmp(catalog + dictionary_length, ">>\nendobj", 9) == 0) break;
  if (dictionary_length > 4096 || !byte_buffer_reserve(buffer, dictionary_length + 2 * sizeof text))
    return false;
  catalog = find_last(buffer, text) + strlen(text); /* the reserve may have moved it */

  catalog_at = buffer->length;
  snprintf(text, sizeof text,
           "%u 0 obj\n<< /Type /Catalog\n   /Lang (%s)\n   /ViewerPreferences << /DisplayDocTitle true >>",
           root, language);
  byte_buffer_add_word(buffer, text);
  byte_buffer_add(buffer, catalog, dictionary_length);
  byte_buffer_add_word(buffer, ">>\nendobj\n");
  table_at = buffer->length;
  snprintf(text, sizeof text,
           "xref\n%u 1\n%010zu 00000 n \ntrailer\n<< /Size %u\n   /Root %u 0 R\n   /Info %u 0 R\n   /Prev "
           "%lu\n>>\n"
           "startxref\n%zu\n%%%%EOF\n",
           root, catalog_at, size, root, info, old_table, table_at);
  byte_buffer_add_word(buffer, text);
  return !buffer->failed && !buffer->cut;
}

static cairo_surface_t *open_surface(const struct pdf_properties *properties, struct byte_buffer *buffer) {
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream(write_bytes, buffer, PAGE_WIDTH, PAGE_HEIGHT);
  char *title = pdf_clean_text(properties->title);
  char made_at[32] = "";
  struct tm tm;

  /* Always set, because otherwise Cairo would take the current local time. */
  if (gmtime_r(&properties->made_at, &tm)) strftime(made_at, sizeof made_at, "%Y-%m-%dT%H:%M:%SZ", &tm);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made_at);
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Connex");
  g_free(title);
  return surface;
}

static void write_pages(struct pdf_document *document, pdf_writer *write, const void *data) {
  document->page = 1;
  document->y = TOP;
  pdf_tag_begin(document, "Document");
  write(document, data);
  pdf_tag_end(document, "Document");
  pdf_end_page(document);
}

/* Widths must not be rounded to the pixels of a screen: they would differ from page to printer. */
static PangoContext *make_context(const char *language) {
  PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
  cairo_font_options_t *options = cairo_font_options_create();

  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context, options);
  pango_cairo_context_set_resolution(context, 72);
  pango_context_set_language(context, pango_language_from_string(language));
  pango_context_set_round_glyph_positions(context, FALSE);
  cairo_font_options_destroy(options);
  return context;
}

unsigned char *pdf_make(const struct pdf_properties *properties, pdf_writer *write, const void *data,
                        size_t *length) {
  struct byte_buffer buffer = {.limit = PDF_BYTES_MAX};
  struct pdf_document document = {.properties = properties};
  cairo_surface_t *surface = NULL;
  bool good = false;

  *length = 0;
  if (!language_is_plain(properties->language) || !properties->title || !*properties->title) return NULL;
  document.context = make_context(properties->language);
  write_pages(&document, write, data);
  if (document.page >= PDF_PAGES_MAX) goto end;

  document.page_count = document.page;
  surface = open_surface(properties, &buffer);
  document.cairo = cairo_create(surface);
  write_pages(&document, write, data);
  good = cairo_status(document.cairo) == CAIRO_STATUS_SUCCESS;
  cairo_destroy(document.cairo);
  cairo_surface_finish(surface);
  good = good && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS &&
         add_language(&buffer, properties->language);

end:
  if (surface) cairo_surface_destroy(surface);
  g_object_unref(document.context);
  if (!good) {
    byte_buffer_free(&buffer);
    return NULL;
  }
  *length = buffer.length;
  return (unsigned char *)buffer.data;
}
