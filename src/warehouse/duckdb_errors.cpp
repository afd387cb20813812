// Classifies DuckDB's failures.
// DuckDB names the class of a failure in its text ("IO Error: ..."); there are
// no codes over ADBC.
#include "warehouse/duckdb_errors.h"

#include <string>

#include "warehouse/connection.h"

namespace ashore::warehouse {

namespace {

constexpr std::string_view kFileHeld = "database file is held by another process: ";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The message without the excerpt of the statement, without links and stack traces.
std::string essence(std::string_view message) {
  message = message.substr(0, message.find("Stack Trace:"));
  message = message.substr(0, message.find("\n\nLINE"));
  message = message.substr(0, message.find(". See also"));
  std::string text;
  for (const char character : message) text += character == '\n' ? ' ' : character;
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

}  // namespace

bool is_file_held(const base::Error& error) { return error.what().rfind(kFileHeld, 0) == 0; }

base::Error duckdb_error(std::string_view message) {
  const std::string text = essence(message);
  if (contains(text, "Could not set lock")) {
    return base::transient(std::string(kFileHeld) + text)
        .with_remedy("Close the program that holds it, or wait for it and run again");
  }
  if (contains(text, "not a valid DuckDB database") || contains(text, "Serialization Error") ||
      contains(text, "created with a newer version") || contains(text, "Corrupt database file") ||
      contains(text, "checksum")) {
    return base::permanent("not a DuckDB database this version can read: " + text)
        .with_remedy(
            "If it was one, move it away: 'ashore load' makes it again from the published tables. "
            "Else name another file with --to duckdb:PATH");
  }
  if (contains(text, "Out of Memory Error")) {
    return base::permanent("DuckDB needs more memory: " + text).with_remedy("Raise --memory");
  }
  const bool is_open_failure =
      contains(text, "Cannot open file") || contains(text, "Cannot open database");
  if (is_open_failure && contains(text, "database does not exist")) {
    return base::not_found("there is no database file yet: " + text);
  }
  const bool is_path_wrong =
      contains(text, "Permission denied") || contains(text, "No such file or directory") ||
      contains(text, "Is a directory") || contains(text, "Not a directory") ||
      contains(text, "does not exist") || contains(text, "Read-only file system");
  if (is_open_failure && is_path_wrong) {
    return base::permanent("cannot open database file: " + text)
        .with_remedy("Make its folder, or give rights to it");
  }
  if (text.rfind("IO Error", 0) == 0 || contains(text, "TransactionContext Error") ||
      contains(text, "No space left")) {
    return base::transient("DuckDB: " + text);
  }
  return base::permanent("DuckDB: " + text);
}

}  // namespace ashore::warehouse
