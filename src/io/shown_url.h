// Urls as people and files may see them: without user information and without keys.
#pragma once

#include <string>
#include <string_view>

namespace ashore::io {

// Pure. The text with "***" in place of what urls in it keep secret: user and password (of any
// scheme, also where a password holds a raw '@' or '/'), and the values of query parameters whose
// names carry keys (is_key_name), in whole and in relative urls ("/orders?page=2&api_key=***").
// All else stays: hosts, paths, page numbers, dates. Every url that is kept or shown goes through
// this.
std::string without_keys(std::string_view text);

// Pure. Whether a parameter of this name carries a key: one of its words ("api_key", "apiKey",
// "X-Amz-Signature") is key, apikey, token, secret, password, signature and the like.
bool is_key_name(std::string_view name);

}  // namespace ashore::io
