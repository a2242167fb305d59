#include "swell/io/leave_files.h"

#include <atomic>

namespace swell {

namespace {

std::atomic<bool> g_left = false;

}  // namespace

void leave_files_to_another() { g_left = true; }
bool leaves_files() { return g_left; }

void remove_file(const std::filesystem::path& path) {
  if (!leaves_files()) std::filesystem::remove(path);
}

}  // namespace swell
