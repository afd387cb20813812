// PostgreSQL's failures as Errors.
#pragma once

#include <string_view>

#include "base/error.h"

namespace ashore::warehouse {

// Pure. A connection that could not be made, of which only libpq's text is
// known. kPermanent: authentication, unknown database or role, missing rights,
// a malformed url (whose text is not repeated, because it may hold a password);
// kTransient: all else (refused, unreachable, starting up, too many
// connections, time-out).
base::Error postgres_connect_error(std::string_view message);

// Pure. A statement that failed; `sqlstate` is empty where the driver does not
// say. kTransient: the connection is lost, conflicts, locks not had in time,
// disk full, shutting down; kAlreadyExists: a key that must be unique comes twice; kPermanent: all
// else.
base::Error postgres_statement_error(std::string_view message, std::string_view sqlstate);

}  // namespace ashore::warehouse
