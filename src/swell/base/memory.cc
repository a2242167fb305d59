#include "swell/base/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <sstream>
#include <string>

namespace swell {

namespace {

namespace fs = std::filesystem;

// The number after `key` in a file of lines "key value"; `otherwise` where there is none.
int64_t number_after(const fs::path& file, const std::string& key, int64_t otherwise) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    int64_t number = 0;
    if (words >> word && word == key && words >> number) return number;
  }
  return otherwise;
}

// The one number of a file; `otherwise` where there is none ("max", no such file).
int64_t number_in(const fs::path& file, int64_t otherwise) {
  std::ifstream text(file);
  int64_t number = 0;
  return text >> number ? number : otherwise;
}

struct GroupFiles {
  const char *limit, *used, *droppable;
};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file"};

// The least room under the limits of a group and those above it. In a container the group's own path may not be
// visible; the mount is then the group.
int64_t room(const fs::path& mount, const std::string& group, const GroupFiles& files) {
  int64_t least = INT64_MAX;
  for (fs::path path = fs::path(group).relative_path();; path = path.parent_path()) {
    const fs::path folder = mount / path;
    const int64_t limit = number_in(folder / files.limit, INT64_MAX), used = number_in(folder / files.used, 0);
    const int64_t droppable = number_after(folder / "memory.stat", files.droppable, 0);
    if (limit < INT64_MAX) least = std::min(least, std::max<int64_t>(0, limit - used + std::min(droppable, used)));
    if (path.empty()) return least;
  }
}

int64_t room_in_groups(const fs::path& root) {
  int64_t least = INT64_MAX;
  std::ifstream lines(root / "proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {  // number:controllers:path
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") least = std::min(least, room(root / "sys/fs/cgroup", group, kVersion2));
    if (controllers.find(",memory,") != std::string::npos) {
      least = std::min(least, room(root / "sys/fs/cgroup/memory", group, kVersion1));
    }
  }
  return least;
}

int64_t room_in_address_space(const fs::path& root) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return INT64_MAX;
  const int64_t used = number_after(root / "proc/self/status", "VmSize:", 0) * 1024;
  return std::max<int64_t>(0, static_cast<int64_t>(limit.rlim_cur) - used);
}

}  // namespace

int64_t available_memory(const fs::path& root) {
  const int64_t kilobytes = number_after(root / "proc/meminfo", "MemAvailable:", INT64_MAX / 1024);
  return std::min({kilobytes * 1024, room_in_groups(root), room_in_address_space(root)});
}

int64_t resident_memory() { return number_after("/proc/self/status", "VmRSS:", 0) * 1024; }
int64_t peak_memory() { return number_after("/proc/self/status", "VmHWM:", 0) * 1024; }

namespace {

constexpr size_t kLineBytes = 64, kLargePageBytes = size_t{2} << 20;

std::align_val_t alignment_of(size_t bytes) {
  return std::align_val_t{bytes < kLargePageBytes ? kLineBytes : kLargePageBytes};
}

}  // namespace

void* allocate_lines(size_t bytes) {
  void* const memory = ::operator new(bytes, alignment_of(bytes));
#ifdef MADV_HUGEPAGE
  // Whole pages only, so that no memory is taken beyond the array's. A refusal costs time and nothing else.
  if (bytes >= kLargePageBytes) madvise(memory, bytes / kLargePageBytes * kLargePageBytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void release_lines(void* memory, size_t bytes) { ::operator delete(memory, alignment_of(bytes)); }

}  // namespace swell
