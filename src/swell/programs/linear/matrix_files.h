#pragma once

#include <filesystem>
#include <string_view>

#include "swell/programs/linear/matrix.h"

namespace swell::linear {

// A file of Matrix Market (.mtx, .mtx.gz) or NumPy (.npy, .npz, FILE.npz:NAME; two dimensions, or one for a column);
// under another name the first bytes tell. Throws IoError, and InputError where the file is neither, or the matrix is
// empty or has an entry that is not finite.
Matrix read_matrix(const std::filesystem::path& path);
// By the file's name likewise; each line of `comment` becomes a comment where the format has any.
void write_matrix(const std::filesystem::path& path, const Matrix& a, std::string_view comment);

}  // namespace swell::linear
