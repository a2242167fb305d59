#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace swell {

// Bytes that this process can still take: what the system says is available, the room under each memory limit of the
// process's control groups (versions 1 and 2; files that only wait to be dropped do not count as used), and under the
// limit of its address space, whichever is least. INT64_MAX where the system says nothing. `root` is for tests.
int64_t available_memory(const std::filesystem::path& root = "/");

// Bytes of this process in memory now, and the most so far; 0 where the system does not say.
int64_t resident_memory();
int64_t peak_memory();

// Memory for arrays that vector loads read: aligned to a cache line, and large ones to a large page, for which the
// system is asked, so that reads here and there do not wait for page tables.
void* allocate_lines(size_t bytes);
void release_lines(void* memory, size_t bytes);

// A vector in such memory.
template <class T>
struct LineAligned {
  using value_type = T;
  LineAligned() = default;
  template <class U>
  LineAligned(const LineAligned<U>&) {}
  T* allocate(size_t count) { return static_cast<T*>(allocate_lines(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) { release_lines(memory, count * sizeof(T)); }
  bool operator==(const LineAligned&) const { return true; }
};
template <class T>
using AlignedVector = std::vector<T, LineAligned<T>>;

}  // namespace swell
