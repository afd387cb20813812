// Builds the one-line messages that users read and maps kinds to exit codes.
#include "base/error.h"

#include <cstdio>
#include <utility>

namespace ashore::base {

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTransient:
      return 1;
    case ErrorKind::kPermanent:
    case ErrorKind::kNotFound:
    case ErrorKind::kAlreadyExists:
      return 2;
    case ErrorKind::kBlockedByCheck:
      return 3;
    case ErrorKind::kBlockedByQuarantine:
      return 4;
    case ErrorKind::kInterrupted:
      return 130;
    case ErrorKind::kBug:
      return 70;
  }
  return 70;
}

Error::Error(ErrorKind kind, std::string what) : kind_(kind), what_(std::move(what)) {}

Error Error::within(std::string_view step) && {
  steps_ = steps_.empty() ? std::string(step) : std::string(step) + ": " + steps_;
  return std::move(*this);
}

Error Error::with_remedy(std::string_view remedy) && {
  if (remedy_.empty()) remedy_ = remedy;
  return std::move(*this);
}

Error Error::as(ErrorKind kind) && {
  kind_ = kind;
  return std::move(*this);
}

namespace {

// Server text and file names may hold anything; a terminal must not obey them.
std::string escape_controls(const std::string& text) {
  std::string escaped;
  escaped.reserve(text.size());
  const auto append_code = [&](char character) {
    char buffer[8];
    const unsigned byte = static_cast<unsigned char>(character);
    (void)std::snprintf(buffer, sizeof buffer, "\\x%02x", byte);
    escaped += buffer;
  };
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    const auto next = static_cast<unsigned char>(index + 1 < text.size() ? text[index + 1] : 0);
    if (text[index] == '\n') {
      escaped += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      append_code(text[index]);
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F are controls too
      append_code(text[index]);
      append_code(text[++index]);
    } else {
      escaped += text[index];
    }
  }
  return escaped;
}

}  // namespace

std::string Error::message() const {
  std::string text = steps_.empty() ? what_ : steps_ + ": " + what_;
  if (!remedy_.empty()) {
    text += text.ends_with('.') ? " " : ". ";
    text += remedy_;
  }
  return escape_controls(text);
}

Error transient(std::string what) { return {ErrorKind::kTransient, std::move(what)}; }
Error permanent(std::string what) { return {ErrorKind::kPermanent, std::move(what)}; }
Error not_found(std::string what) { return {ErrorKind::kNotFound, std::move(what)}; }
Error bug(std::string what) { return {ErrorKind::kBug, std::move(what)}; }

}  // namespace ashore::base
