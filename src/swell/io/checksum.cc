#include "swell/io/checksum.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace swell {

namespace {

void require_done(int result) {
  if (result != 1) throw std::runtime_error("OpenSSL has no SHA-256");
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require_done(state_->context == nullptr ? 0 : EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  require_done(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

std::array<std::byte, 32> Sha256::digest() {
  std::array<std::byte, 32> digest{};
  require_done(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()), nullptr));
  require_done(EVP_DigestInit_ex(state_->context, nullptr, nullptr));  // keeps what it has looked up
  return digest;
}

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 sum;
  sum.update(bytes);
  return hex(sum.digest());
}

}  // namespace swell
