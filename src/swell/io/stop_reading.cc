#include "swell/io/stop_reading.h"

#include <atomic>

namespace swell {

namespace {

std::atomic<bool (*)()> g_asked = nullptr;

}  // namespace

void stop_reading_when(bool (*asked)()) { g_asked = asked; }

bool is_asked_to_stop_reading() {
  const auto asked = g_asked.load();
  return asked && asked();
}

}  // namespace swell
