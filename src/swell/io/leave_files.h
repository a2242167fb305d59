#pragma once

#include <filesystem>

namespace swell {

// A process that works beside another one of the same job leaves all files to that one: from now on,
// write_file_atomically() writes nothing and remove_file() removes nothing.
void leave_files_to_another();
bool leaves_files();

// Removes it, where it is there.
void remove_file(const std::filesystem::path& path);

}  // namespace swell
