/*
 * Rows of the last transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "db/db_internal.h"

static const PGresult *result_of(const struct db *db, size_t statement) {
  return statement < db->count ? db->results[statement] : NULL;
}

static bool inside(const PGresult *result, int row, int column) {
  return result != NULL && row >= 0 && row < PQntuples(result) && column >= 0 && column < PQnfields(result);
}

int db_rows(const struct db *db, size_t statement) {
  const PGresult *result = result_of(db, statement);
  return result == NULL ? 0 : PQntuples(result);
}

int db_columns(const struct db *db, size_t statement) {
  const PGresult *result = result_of(db, statement);
  return result == NULL ? 0 : PQnfields(result);
}

const char *db_column_name(const struct db *db, size_t statement, int column) {
  const PGresult *result = result_of(db, statement);
  return result == NULL || column < 0 ? NULL : PQfname(result, column);
}

const char *db_value(const struct db *db, size_t statement, int row, int column) {
  const PGresult *result = result_of(db, statement);
  if (!inside(result, row, column) || PQgetisnull(result, row, column)) return NULL;
  return PQgetvalue(result, row, column);
}

size_t db_length(const struct db *db, size_t statement, int row, int column) {
  const PGresult *result = result_of(db, statement);
  return inside(result, row, column) ? (size_t)PQgetlength(result, row, column) : 0;
}

/* PQfnumber() copies and folds the name at every call; ours are plain. */
const char *db_named(const struct db *db, size_t statement, int row, const char *column) {
  int columns = db_columns(db, statement);
  for (int i = 0; i < columns; i++)
    if (strcmp(db_column_name(db, statement, i), column) == 0) return db_value(db, statement, row, i);
  return NULL;
}

enum db_json db_json_kind(const struct db *db, size_t statement, int column) {
  const PGresult *result = result_of(db, statement);
  if (result == NULL || column < 0 || column >= PQnfields(result)) return DB_JSON_STRING;
  switch (PQftype(result, column)) { /* fixed since pg_type began: catalog/pg_type.dat */
    case 16: return DB_JSON_BOOL;    /* bool */
    case 1009: return DB_JSON_LIST;  /* text[] */
    case 21:                         /* int2 */
    case 23:                         /* int4 */
    case 114:                        /* json */
    case 700:                        /* float4 */
    case 701:                        /* float8 */
    case 3802: return DB_JSON_BARE;  /* jsonb */
    default: return DB_JSON_STRING;
  }
}
