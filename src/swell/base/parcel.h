#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace swell {

// Numbers, arrays and texts one behind the other as they lie in memory, for another process of the same program on a
// processor of the same kind. They are taken out in the order in which they were put in.
class Parcel {
 public:
  Parcel() = default;
  explicit Parcel(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

  template <typename T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(std::as_bytes(std::span(&value, 1)));
  }
  template <typename T>
  void put_all(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    put(values.size());
    append(std::as_bytes(values));
  }
  template <typename T>
  void put_all(const std::vector<T>& values) {
    put_all(std::span<const T>(values));
  }
  void put_text(const std::string& text) { put_all(std::span<const char>(text)); }

  template <typename T>
  T take() {
    T value;
    std::memcpy(&value, next(sizeof(T)), sizeof(T));
    return value;
  }
  template <typename T>
  std::vector<T> take_all() {
    std::vector<T> values(take<size_t>());
    const std::byte* const from = next(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), from, values.size() * sizeof(T));
    return values;
  }
  std::string take_text() {
    const std::vector<char> text = take_all<char>();
    return {text.begin(), text.end()};
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void append(std::span<const std::byte> more) {
    const size_t before = bytes_.size();
    bytes_.resize(before + more.size());
    if (!more.empty()) std::memcpy(bytes_.data() + before, more.data(), more.size());
  }
  const std::byte* next(size_t size) {
    if (size > bytes_.size() - at_) throw std::logic_error("a parcel between processes is shorter than what it holds");
    at_ += size;
    return bytes_.data() + at_ - size;
  }

  std::vector<std::byte> bytes_;
  size_t at_ = 0;
};

}  // namespace swell
