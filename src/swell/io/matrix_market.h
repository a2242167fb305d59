#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A real matrix of the Matrix Market exchange format (Boisvert, Pozo, Remington, NISTIR 5935, 1996): real, integer or
// pattern (ones); coordinate or array; general, symmetric or skew-symmetric. Complex and Hermitian ones are refused.
// Read as well, because files have them: gzip around it, a byte order mark, lines that end in a lone carriage return,
// exponents with D, entries of a symmetric file above the diagonal (or on both sides, where they agree), and entries
// given more than once, which are summed.
struct MarketMatrix {
  struct Entry {
    int64_t row = 0, column = 0;  // from 0
    double value = 0;
  };
  int64_t rows = 0, columns = 0;
  bool coordinate = false;     // false: array, every entry stands in the file
  std::vector<Entry> entries;  // both halves where the file gives one; in the order of the file, a mirror image next to
                               // its entry; none twice
};

// Throws IoError with `name` and the line: wrong header, sizes that the file is too short for, indices out of range,
// entries that are not finite or contradict the symmetry, text after the last entry.
MarketMatrix parse_matrix_market(std::span<const std::byte> bytes, std::string_view name);
MarketMatrix read_matrix_market(const std::filesystem::path& path);

// [rows][columns], row-major. Throws InputError above 2^28 entries (2 GiB); `name` stands in the message.
std::vector<double> to_dense(const MarketMatrix& matrix, std::string_view name);

// An array file, general; 17 digits, so that reading gives the same doubles. Each line of `comment` becomes a comment.
// Throws InputError where sizes disagree.
std::string encode_matrix_market(std::span<const double> values, int64_t rows, int64_t columns,
                                 std::string_view comment);

}  // namespace swell
