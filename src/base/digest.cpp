// Computes SHA-256 by OpenSSL, which picks the CPU's own instructions at run time.
#include "base/digest.h"

#include <openssl/evp.h>

#include <cassert>
#include <utility>

namespace ashore::base {

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  State() {
    [[maybe_unused]] const int ok = EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
    assert(ok == 1);
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view bytes) {
  [[maybe_unused]] const int ok = EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
  assert(ok == 1);
}

Sha256 Sha256Stream::finish() && {
  Sha256 digest{};
  [[maybe_unused]] const int ok = EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  assert(ok == 1);
  return digest;
}

Sha256 sha256(std::string_view bytes) {
  Sha256Stream stream;
  stream.update(bytes);
  return std::move(stream).finish();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
  }
  return text;
}

std::string to_hex(const Sha256& digest) { return to_hex(std::span<const std::uint8_t>(digest)); }

}  // namespace ashore::base
