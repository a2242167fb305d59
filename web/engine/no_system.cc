// base/threads.h and base/memory.h where there is one thread and no operating system.

#include <emscripten/heap.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "swell/base/memory.h"
#include "swell/base/threads.h"

namespace swell {

void parallel_for(int64_t count, int, const std::function<void(int64_t)>& task) {
  for (int64_t i = 0; i < count; ++i) task(i);
}

int hardware_threads() { return 1; }

int64_t resident_memory() { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(::sbrk(0))); }
int64_t peak_memory() { return resident_memory(); }
int64_t available_memory(const std::filesystem::path&) {
  return static_cast<int64_t>(::emscripten_get_heap_max()) - resident_memory();
}

void* allocate_lines(size_t bytes) {
  constexpr size_t kLine = 64;
  void* const memory = std::aligned_alloc(kLine, (bytes + kLine - 1) / kLine * kLine);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void release_lines(void* memory, size_t) { std::free(memory); }

}  // namespace swell
