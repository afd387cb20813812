// Percent-encoding (RFC 3986, section 2.1) for urls, log paths and names of folders.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ashore::base {

// Which bytes stay as they are; all others become %XX, digits in upper case.
enum class PlainBytes {
  kUnreserved,  // RFC 3986's: letters, digits and -._~; safe in any part of a url
  kUrlPath,     // and those that a written path may have: / ! $ & ' ( ) * + , ; = : @
  kLogPath,     // unreserved and / =, as Delta logs write paths (RFC 2396)
  kFolderName,  // letters, digits and . _ -: names of run folders
  kHive,        // all but those that Hive's FileUtils and Spark's ExternalCatalogUtils escape
};

// Pure. What is encoded already is encoded again: "%" is never plain.
std::string percent_encoded(std::string_view text, PlainBytes plain = PlainBytes::kUnreserved);

// Pure. A text as written in a pipeline file, where %XX may stand already and then stays.
std::string percent_encoded_once(std::string_view text, PlainBytes plain);

// Pure. Nothing where a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

// Pure. The same, where such a '%' stands for itself, as libpq reads urls.
std::string percent_decoded_where_valid(std::string_view text);

}  // namespace ashore::base
