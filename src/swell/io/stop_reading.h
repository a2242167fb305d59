#pragma once

namespace swell {

// read_file() asks this ten times a second while a pipe or a device keeps it waiting, and throws Interrupted where it
// is true. A program whose signals ask running work to stop sets it; without it nothing is asked.
void stop_reading_when(bool (*asked)());
bool is_asked_to_stop_reading();

}  // namespace swell
