#pragma once

#include <span>
#include <utility>
#include <vector>

#include "swell/engine/cuda/machine.h"

namespace swell::cuda {

// An array in the memory of a machine, zeros at first.
template <class T>
class Array {
 public:
  Array() = default;
  Array(const Machine& machine, size_t size)
      : machine_(&machine), data_(size ? static_cast<T*>(machine.allocate(size * sizeof(T))) : nullptr), size_(size) {}
  Array(const Machine& machine, std::span<const T> values) : Array(machine, values.size()) { put(values); }
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() {
    if (data_) machine_->release(data_);
  }

  T* data() const { return data_; }
  size_t size() const { return size_; }
  void put(std::span<const T> values) { machine_->upload(data_, values.data(), values.size() * sizeof(T)); }
  std::vector<T> get(size_t count) const {
    std::vector<T> values(count);
    machine_->download(values.data(), data_, count * sizeof(T));
    return values;
  }

 private:
  void swap(Array& other) {
    std::swap(machine_, other.machine_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  const Machine* machine_ = nullptr;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace swell::cuda
