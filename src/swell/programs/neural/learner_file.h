#pragma once

#include <filesystem>
#include <string>

#include "swell/learn/descent.h"

namespace swell::neural {

// A training that was stopped, as a file from which it goes on with the same bytes as if it had not been. `purpose`
// says what is trained on what (design, data, method, seed and options): another purpose is refused.
void write_learner(const std::filesystem::path& path, const Learner& learner, const std::string& purpose);

// Throws IoError where the file is damaged, InputError where it is of another training.
Learner read_learner(const std::filesystem::path& path, const std::string& purpose);

}  // namespace swell::neural
