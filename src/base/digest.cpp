// Computes SHA-256 by OpenSSL, which picks the CPU's own instructions at run time.
#include "base/digest.h"

#include <openssl/evp.h>

#include <cassert>
#include <utility>

namespace ashore::base {

namespace {

// Looked up once: OpenSSL 3 looks EVP_sha256() up by its name each time, which takes longer than
// the digest of a short text. Never freed: digests are made until the process ends.
const EVP_MD* algorithm() {
  static const EVP_MD* const kFetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(kFetched != nullptr);
  return kFetched;
}

class Digester {
 public:
  Digester() { begin(); }
  ~Digester() { EVP_MD_CTX_free(context_); }
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;

  void begin() {
    [[maybe_unused]] const int ok = EVP_DigestInit_ex(context_, algorithm(), nullptr);
    assert(ok == 1);
  }
  void update(std::string_view bytes) {
    [[maybe_unused]] const int ok = EVP_DigestUpdate(context_, bytes.data(), bytes.size());
    assert(ok == 1);
  }
  Sha256 finish() {
    Sha256 digest{};
    [[maybe_unused]] const int ok = EVP_DigestFinal_ex(context_, digest.data(), nullptr);
    assert(ok == 1);
    return digest;
  }

 private:
  EVP_MD_CTX* context_ = EVP_MD_CTX_new();
};

}  // namespace

struct Sha256Stream::State : Digester {};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view bytes) { state_->update(bytes); }

Sha256 Sha256Stream::finish() && { return state_->finish(); }

Sha256 sha256(std::string_view bytes) {
  // One per thread: keys are hashed by the million, and making a context takes as long as a key.
  static thread_local Digester digester;
  digester.begin();
  digester.update(bytes);
  return digester.finish();
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
