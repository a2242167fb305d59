#pragma once

#include <span>
#include <utility>
#include <vector>

#include "swell/engine/cuda/device_calls.h"

namespace swell::cuda {

// An array in the memory of a device, zeros at first.
template <class T>
class Array {
 public:
  Array() = default;
  Array(const DeviceCalls& device, size_t size)
      : device_(&device), data_(size ? static_cast<T*>(device.allocate(size * sizeof(T))) : nullptr), size_(size) {}
  Array(const DeviceCalls& device, std::span<const T> values) : Array(device, values.size()) { put(values); }
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() {
    if (data_) device_->release(data_);
  }

  T* data() const { return data_; }
  size_t size() const { return size_; }
  void put(std::span<const T> values) { device_->upload(data_, values.data(), values.size() * sizeof(T)); }
  std::vector<T> get(size_t count) const {
    std::vector<T> values(count);
    device_->download(values.data(), data_, count * sizeof(T));
    return values;
  }

 private:
  void swap(Array& other) {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  const DeviceCalls* device_ = nullptr;
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace swell::cuda
