// Classifies PostgreSQL's failures.
// Failed connections come without SQLSTATE: libpq's text is all that tells them
// apart (the texts below are those of libpq and of servers 9.6 to 17 with
// lc_messages=C).
#include "warehouse/postgres_errors.h"

#include <algorithm>
#include <array>
#include <string>

namespace ashore::warehouse {

namespace {

template <std::size_t count>
bool contains_any(std::string_view text, const std::array<std::string_view, count>& parts) {
  return std::any_of(parts.begin(), parts.end(), [text](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

// What libpq says of a url or keyword=value text that it cannot read.
constexpr std::array<std::string_view, 8> kMalformed = {
    "connection info string",    "in connection URI",       "URI query parameter",
    "invalid connection option", "invalid percent-encoded", "forbidden value %00",
    "invalid port number",       "invalid integer value"};

constexpr std::array<std::string_view, 3> kUnknownPlace = {"database \"", "role \"", "user \""};

constexpr std::array<std::string_view, 11> kNotAllowed = {"authentication failed",
                                                          "no password supplied",
                                                          "no pg_hba.conf entry",
                                                          "permission denied",
                                                          "not permitted to log in",
                                                          "authentication method",
                                                          "certificate",
                                                          "does not support SSL",
                                                          "pg_hba.conf rejects",
                                                          "SASL authentication",
                                                          "not currently accepting connections"};

constexpr std::array<std::string_view, 8> kConnectionLost = {"server closed the connection",
                                                             "terminating connection",
                                                             "connection not open",
                                                             "no connection to the server",
                                                             "could not receive data",
                                                             "could not send data",
                                                             "SSL SYSCALL",
                                                             "SSL connection has been closed"};

// Failures that pass, where the driver lost the SQLSTATE (queries that run as COPY).
constexpr std::array<std::string_view, 7> kPassing = {
    "due to lock timeout",        "due to statement timeout", "deadlock detected",
    "could not serialize access", "No space left on device",  "system is shutting down",
    "system is in recovery mode"};

// The driver's text without the statement's excerpt, on one line.
std::string essence(std::string_view message) {
  for (const std::string_view end : {"\nLINE ", "\n\nQuery was:", "\nQuery was:", "\nCONTEXT:"}) {
    message = message.substr(0, message.find(end));
  }
  message = message.substr(0, message.find(". SQLSTATE:"));
  std::string text;
  for (const char character : message) {
    const bool is_blank = character == '\n' || character == '\t' || character == ' ';
    if (!is_blank) {
      text += character;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

bool is_transient_state(std::string_view sqlstate) {
  const auto in_class = [sqlstate](std::string_view part) { return sqlstate.rfind(part, 0) == 0; };
  // 08 connection, 40 rollback (serialization, deadlock), 53 resources (disk
  // full, too many connections), 55P03 lock not available, 57 operator
  // intervention, 58 system error.
  return in_class("08") || in_class("40") || in_class("53") || in_class("55P03") ||
         in_class("57") || in_class("58");
}

}  // namespace

base::Error postgres_connect_error(std::string_view message) {
  if (contains_any(message, kMalformed)) {
    return base::permanent("PostgreSQL url cannot be read")
        .with_remedy(
            "Write postgresql://user:password@host:5432/database, "
            "with % escapes for special "
            "characters in the password");
  }
  const std::string text = essence(message);
  const bool is_unknown =
      text.find("does not exist") != std::string::npos && contains_any(text, kUnknownPlace);
  if (is_unknown || contains_any(text, kNotAllowed)) {
    return base::permanent("PostgreSQL refuses the login: " + text)
        .with_remedy("Check user, password, database and the rights of this user");
  }
  return base::transient("cannot connect to PostgreSQL: " + text)
      .with_remedy("Check that the server runs and can be reached, then run again");
}

base::Error postgres_statement_error(std::string_view message, std::string_view sqlstate) {
  const std::string text = essence(message);
  const bool is_lost = contains_any(text, kConnectionLost);
  if (is_lost || is_transient_state(sqlstate) || contains_any(text, kPassing)) {
    return base::transient(std::string(is_lost ? "PostgreSQL connection lost: " : "PostgreSQL: ") +
                           text)
        .with_remedy("Its transaction was undone: run again when the server is well");
  }
  if (sqlstate == "23505") {  // unique_violation
    return base::Error(base::ErrorKind::kAlreadyExists, "PostgreSQL: " + text);
  }
  auto error = base::permanent("PostgreSQL: " + text);
  if (sqlstate == "42501" || text.find("permission denied") != std::string::npos) {
    return std::move(error).with_remedy("Have the database's owner GRANT this right to the user");
  }
  return error;
}

}  // namespace ashore::warehouse
