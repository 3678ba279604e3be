/*
 * How fast SQLite itself takes the rows of a database: limit FROM.sqlite TO.sqlite
 * Reads all rows into memory first, then times the making of a new database with the same tables, rows,
 * indexes and views: each INSERT prepared once and bound row by row, one transaction, no journal, no
 * syncing. Prints the seconds.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 64

typedef struct {
  int type, length;
  union {
    sqlite3_int64 integer;
    double real;
    char *bytes;
  } as;
} Value;

typedef struct {
  char *name;
  int columns;
  size_t count, room;
  Value *values;
} Table;

static void check(int code, sqlite3 *db) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  fprintf(stderr, "limit: %s\n", sqlite3_errmsg(db));
  exit(1);
}

static void run(sqlite3 *db, const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL), db); }

/* The first column of a query: pages, or SQL to repeat. */
static int strings(sqlite3 *db, const char *sql, char **found) {
  int count = 0;
  sqlite3_stmt *query;
  check(sqlite3_prepare_v2(db, sql, -1, &query, NULL), db);
  while (sqlite3_step(query) == SQLITE_ROW) {
    if (count == MOST) exit(1);
    found[count++] = strdup((const char *)sqlite3_column_text(query, 0));
  }
  check(sqlite3_finalize(query), db);
  return count;
}

static Value copy_of(sqlite3_stmt *query, int column) {
  Value value = {.type = sqlite3_column_type(query, column)};
  if (value.type == SQLITE_INTEGER) value.as.integer = sqlite3_column_int64(query, column);
  if (value.type == SQLITE_FLOAT) value.as.real = sqlite3_column_double(query, column);
  if (value.type == SQLITE_TEXT || value.type == SQLITE_BLOB) {
    const void *bytes = sqlite3_column_blob(query, column);
    value.length = sqlite3_column_bytes(query, column);
    value.as.bytes = malloc(value.length + 1);
    if (value.length > 0) memcpy(value.as.bytes, bytes, value.length);
  }
  return value;
}

static Table read_table(sqlite3 *db, char *name) {
  char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
  sqlite3_stmt *query;
  check(sqlite3_prepare_v2(db, sql, -1, &query, NULL), db);
  Table table = {.name = name, .columns = sqlite3_column_count(query)};
  while (sqlite3_step(query) == SQLITE_ROW) {
    if (table.count + table.columns > table.room) {
      table.room = 2 * table.room + table.columns;
      table.values = realloc(table.values, table.room * sizeof(Value));
      if (table.values == NULL) exit(1);
    }
    for (int i = 0; i < table.columns; i++) table.values[table.count++] = copy_of(query, i);
  }
  check(sqlite3_finalize(query), db);
  sqlite3_free(sql);
  return table;
}

static void bind(sqlite3_stmt *insert, int at, const Value *value) {
  switch (value->type) {
    case SQLITE_INTEGER: sqlite3_bind_int64(insert, at, value->as.integer); break;
    case SQLITE_FLOAT: sqlite3_bind_double(insert, at, value->as.real); break;
    case SQLITE_TEXT: sqlite3_bind_text(insert, at, value->as.bytes, value->length, SQLITE_STATIC); break;
    case SQLITE_BLOB: sqlite3_bind_blob(insert, at, value->as.bytes, value->length, SQLITE_STATIC); break;
    default: sqlite3_bind_null(insert, at);
  }
}

static void write_table(sqlite3 *db, const Table *table) {
  char *sql = sqlite3_mprintf("INSERT INTO \"%w\" VALUES (?", table->name);
  for (int i = 1; i < table->columns; i++) sql = sqlite3_mprintf("%z, ?", sql);
  sql = sqlite3_mprintf("%z)", sql);
  sqlite3_stmt *insert;
  check(sqlite3_prepare_v2(db, sql, -1, &insert, NULL), db);
  for (size_t row = 0; row < table->count; row += table->columns) {
    for (int i = 0; i < table->columns; i++) bind(insert, i + 1, &table->values[row + i]);
    check(sqlite3_step(insert), db);
    sqlite3_reset(insert);
  }
  check(sqlite3_finalize(insert), db);
  sqlite3_free(sql);
}

int main(int argc, char **argv) {
  sqlite3 *from, *to;
  char *names[MOST], *made[MOST], *indexes[MOST], *settings[MOST];
  Table tables[MOST];
  struct timespec begin, end;
  if (argc != 3) return 2;
  check(sqlite3_open_v2(argv[1], &from, SQLITE_OPEN_READONLY, NULL), from);
  int name_count = strings(from, "SELECT name FROM sqlite_schema WHERE type = 'table'", names);
  int made_count = strings(from, "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'view')", made);
  int index_count = strings(from, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL", indexes);
  int setting_count = strings(from,
      "SELECT 'PRAGMA page_size = ' || page_size FROM pragma_page_size UNION ALL "
      "SELECT 'PRAGMA application_id = ' || application_id FROM pragma_application_id UNION ALL "
      "SELECT 'PRAGMA user_version = ' || user_version FROM pragma_user_version", settings);
  for (int i = 0; i < name_count; i++) tables[i] = read_table(from, names[i]);
  sqlite3_close(from);
  unlink(argv[2]);

  clock_gettime(CLOCK_MONOTONIC, &begin);
  check(sqlite3_open(argv[2], &to), to);
  for (int i = 0; i < setting_count; i++) run(to, settings[i]);
  run(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN");
  for (int i = 0; i < made_count; i++) run(to, made[i]);
  for (int i = 0; i < name_count; i++) write_table(to, &tables[i]);
  for (int i = 0; i < index_count; i++) run(to, indexes[i]);
  run(to, "COMMIT");
  check(sqlite3_close(to), to);
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.6f\n", end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9);
  return 0;
}
