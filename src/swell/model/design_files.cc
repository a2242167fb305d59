#include "swell/model/design_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"
#include "swell/io/gzip.h"
#include "swell/io/matrix_market.h"
#include "swell/io/npy.h"
#include "swell/io/safetensors.h"
#include "swell/model/sparse.h"

namespace swell {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxDesignBytes = size_t{64} << 20;
constexpr size_t kMaxBytes = size_t{16} << 30;
constexpr double kSinglePrecision = 1e-6;  // relative; a matrix that was computed in f32 is symmetric to a few 6e-8

struct Numbers {
  std::vector<int64_t> shape;
  std::vector<double> values;
};

// One tensor of a safetensors file, by name or the only one.
Numbers take_tensor(const Safetensors& file, const std::string& member, const std::string& name) {
  std::string known;
  for (const auto& [key, tensor] : file.tensors) known += (known.empty() ? "" : ", ") + printable(key);
  if (member.empty() && file.tensors.size() != 1) {
    throw InputError(fmt::format("{} holds the tensors {}; name one of them, as in {}:{}", name, known, name,
                                 file.tensors.empty() ? "NAME" : file.tensors.begin()->first));
  }
  const auto found = member.empty() ? file.tensors.begin() : file.tensors.find(member);
  if (found == file.tensors.end())
    throw InputError(fmt::format("{} has no tensor {}; it holds {}", name, printable(member), known));
  return {found->second.shape, found->second.values};
}

// What a file of the folder holds: a full array, or a Matrix Market file with entries.
struct Source {
  Numbers numbers;
  std::optional<MarketMatrix> sparse;
  std::string name;
};

Source read_source(const fs::path& folder, const std::string& text) {
  const fs::path path = fs::path(text).is_absolute() ? fs::path(text) : folder / text;
  const auto [file, member] = split_array_name(path);
  Source source;
  source.name = path.string();
  std::vector<std::byte> bytes = read_file(file, kMaxBytes);
  if (is_gzip(bytes)) bytes = inflate_gzip(bytes, file.string(), kMaxBytes);
  switch (file_kind(bytes)) {
    case FileKind::npy:
    case FileKind::zip: {
      NpyArray array = parse_npy_or_npz(bytes, member, file.string());
      source.numbers = {std::move(array.shape), std::move(array.values)};
      break;
    }
    case FileKind::safetensors:
      source.numbers = take_tensor(parse_safetensors(bytes, file.string()), member, file.string());
      break;
    case FileKind::matrix_market: {
      MarketMatrix market = parse_matrix_market(bytes, file.string());
      if (market.coordinate) {
        source.sparse = std::move(market);
      } else {
        source.numbers = {{market.rows, market.columns}, to_dense(market, file.string())};
      }
      break;
    }
    default:
      throw IoError(
          fmt::format("{}: no array ({}); .npy, .npz, .mtx or .safetensors is needed", source.name, looks_like(bytes)));
  }
  for (const double value : source.numbers.values) {
    if (!std::isfinite(value))
      throw InputError(fmt::format("{} holds {}; finite numbers are needed", source.name, value));
  }
  return source;
}

void require_shape(const Source& source, int64_t got_rows, int64_t got_columns, const Group& rows,
                   const Group& columns) {
  if (got_rows == rows.size && got_columns == columns.size) return;
  throw InputError(fmt::format("{} is {} x {}; {} x {} ('{}' x '{}') is needed", source.name, got_rows, got_columns,
                               rows.size, columns.size, rows.name, columns.name));
}

[[noreturn]] void refuse_asymmetry(const std::string& name, int64_t i, int64_t j, double a, double b) {
  throw InputError(
      fmt::format("{}: not symmetric: entry ({}, {}) is {:.9g} and entry ({}, {}) is {:.9g}, counted from 1; couplings "
                  "within a group "
                  "have both equal",
                  name, i + 1, j + 1, a, j + 1, i + 1, b));
}

// Both halves of a matrix within a group made equal where they differ by rounding.
void make_symmetric(std::vector<double>& values, int64_t n, const std::string& name) {
  for (int64_t i = 0; i < n; ++i) {
    if (values[i * n + i] != 0) {
      throw InputError(
          fmt::format("{}: entry ({}, {}) of the diagonal is {:g}; couplings within a group have zeros there (J2 of "
                      "the group is the "
                      "place for x^2)",
                      name, i + 1, i + 1, values[i * n + i]));
    }
    for (int64_t j = 0; j < i; ++j) {
      double &a = values[i * n + j], &b = values[j * n + i];
      if (std::abs(a - b) > kSinglePrecision * std::max(std::abs(a), std::abs(b))) refuse_asymmetry(name, i, j, a, b);
      a = b = 0.5 * (a + b);
    }
  }
}

CouplingWeights sparse_weights(const Source& source, const Group& rows, const Group& columns, bool within) {
  require_shape(source, source.sparse->rows, source.sparse->columns, rows, columns);
  std::vector<Edge> edges;
  if (!within) {
    for (const auto& entry : source.sparse->entries) edges.push_back({entry.row, entry.column, entry.value});
    return sparse_from_edges(rows.size, columns.size, false, std::move(edges));
  }
  // Each pair once: the entries below the diagonal, held against those above.
  std::vector<MarketMatrix::Entry> lower, upper;
  for (const auto& entry : source.sparse->entries) {
    if (entry.row == entry.column && entry.value != 0) {
      throw InputError(
          fmt::format("{}: entry ({}, {}) of the diagonal is {:g}; couplings within a group have none (J2 of "
                      "the group is the place for x^2)",
                      source.name, entry.row + 1, entry.row + 1, entry.value));
    }
    if (entry.row > entry.column) lower.push_back(entry);
    if (entry.row < entry.column) upper.push_back({entry.column, entry.row, entry.value});
  }
  const auto place = [](const MarketMatrix::Entry& a, const MarketMatrix::Entry& b) {
    return std::pair(a.row, a.column) < std::pair(b.row, b.column);
  };
  std::ranges::sort(lower, place);
  std::ranges::sort(upper, place);
  for (size_t k = 0; k < std::max(lower.size(), upper.size()); ++k) {
    const bool low = k < lower.size(), up = k < upper.size();
    if (low && up && lower[k].row == upper[k].row && lower[k].column == upper[k].column) {
      const double a = lower[k].value, b = upper[k].value;
      if (std::abs(a - b) > kSinglePrecision * std::max(std::abs(a), std::abs(b)))
        refuse_asymmetry(source.name, lower[k].row, lower[k].column, a, b);
      edges.push_back({lower[k].row, lower[k].column, 0.5 * (a + b)});
    } else if (low && (!up || place(lower[k], upper[k]))) {
      refuse_asymmetry(source.name, lower[k].row, lower[k].column, lower[k].value, 0);
    } else {
      refuse_asymmetry(source.name, upper[k].row, upper[k].column, 0, upper[k].value);
    }
  }
  return sparse_from_edges(rows.size, columns.size, true, std::move(edges));
}

}  // namespace

DesignArrays arrays_in_folder(fs::path folder) {
  DesignArrays arrays;
  arrays.couplings = [folder](const std::string& file, const std::string&, const Group& rows, const Group& columns,
                              bool within) -> CouplingWeights {
    Source source = read_source(folder, file);
    if (source.sparse) return sparse_weights(source, rows, columns, within);
    Numbers& numbers = source.numbers;
    if (numbers.shape.size() != 2) {
      throw InputError(
          fmt::format("{} has the shape ({}); a matrix is needed", source.name, fmt::join(numbers.shape, ", ")));
    }
    require_shape(source, numbers.shape[0], numbers.shape[1], rows, columns);
    if (within) make_symmetric(numbers.values, rows.size, source.name);
    return DenseWeights{std::move(numbers.values)};
  };
  arrays.biases = [folder](const std::string& file, const std::string&, const Group& group) {
    Source source = read_source(folder, file);
    if (source.sparse) {
      source.numbers = {{source.sparse->rows, source.sparse->columns}, to_dense(*source.sparse, source.name)};
    }
    if (static_cast<int64_t>(source.numbers.values.size()) != group.size) {
      throw InputError(fmt::format("{} has {} values; {} (the units of '{}') are needed", source.name,
                                   source.numbers.values.size(), group.size, group.name));
    }
    return std::move(source.numbers.values);
  };
  return arrays;
}

Design read_design(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path, kMaxDesignBytes);
  return parse_design({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string(),
                      arrays_in_folder(path.parent_path()));
}

}  // namespace swell
