#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace swell::entropy {

// An open file, pipe, device or socket of the system that is read without blocking.
class Descriptor {
 public:
  Descriptor(int number, std::string name) : number_(number), name_(std::move(name)) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  // As Source::read.
  int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience, bool may_have_no_writer = false);
  bool ended() const { return ended_; }
  int number() const { return number_; }

 private:
  int number_;
  std::string name_;
  bool begun_ = false, ended_ = false;
};

}  // namespace swell::entropy
