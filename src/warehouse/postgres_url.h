// What a PostgreSQL url says, without ever showing its user and password.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace ashore::warehouse {

// Pure. kPermanent: a uri in which libpq would end the password too early, at a raw '@', '/' or '?'
// in it, and take the rest for the host. The text is not repeated.
base::Status check_postgres_url(const base::Secret& url);

// Pure. "postgresql://host:5432/database" of a uri or a keyword=value text,
// without user, password and parameters; parts that are not said are left out;
// "postgresql://" for an empty url (libpq's PG* variables decide) and for a
// text in which a password cannot be told from the rest.
std::string postgres_place(const base::Secret& url);

// Pure. The url with a connect time-out of 10 seconds unless it says one, and
// the name of this program as fallback_application_name.
base::Secret with_session_defaults(const base::Secret& url);

// Pure. `text` with the url, and the password in it, replaced by "***" wherever
// they stand.
std::string without_secrets(std::string text, const base::Secret& url);

}  // namespace ashore::warehouse
