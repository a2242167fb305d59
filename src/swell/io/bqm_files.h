#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/quadratic_files.h"

namespace swell {

// dimod's binary quadratic models with offset and names of variables: what to_serializable() gives as JSON (schemas 2
// and 3, numbers as lists). Energies are to be made small. All readers throw IoError.
Quadratic parse_bqm_json(std::span<const std::byte> bytes, std::string_view name);

// The same as BinaryQuadraticModel.to_file() writes it, versions 1 and 2: "DIMODBQM", a header in JSON, offset, linear
// biases with the start of each neighbourhood, neighbourhoods, names.
Quadratic parse_bqm_binary(std::span<const std::byte> bytes, std::string_view name);

// bqpjson: scale (offset + linear_terms + quadratic_terms), variables named by numbers, spin or boolean.
Quadratic parse_bqpjson(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
