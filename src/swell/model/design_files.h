#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/design.h"

namespace swell {

// Where the arrays lie that a design names with `file = "..."` instead of writing their numbers down: beside the
// design, or, of a trained computer, in its own file. Either throws InputError or IoError saying what it needs.
struct DesignArrays {
  // Couplings of two groups (rows x columns units; `within`: the same group) in the set of this name.
  std::function<CouplingWeights(const std::string& file, const std::string& set, const Group& rows,
                                const Group& columns, bool within)>
      couplings;
  std::function<std::vector<double>(const std::string& file, const std::string& set, const Group& group)> biases;
};

// Files of a folder: FILE.npy, FILE.npz:NAME, FILE.safetensors[:NAME] and array .mtx for full matrices, coordinate .mtx
// for sparse ones; gzip or not where the reader takes it. A matrix within a group is symmetric up to rounding in single
// precision and has a zero diagonal. Biases are of any shape with as many numbers as the group has units.
DesignArrays arrays_in_folder(std::filesystem::path folder);

// Whether a design names any: told by its text.
bool names_files(const Design& design);
// The files themselves, of a design in the file `name`: by their paths, NAME of FILE.npz:NAME included.
std::vector<std::filesystem::path> files_named_in(std::string_view text, const std::string& name);

// As in design.h, with the arrays from elsewhere.
Design parse_design(std::string_view text, std::string_view name, const DesignArrays& arrays);

}  // namespace swell
