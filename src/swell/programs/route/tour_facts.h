#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/io/tsplib.h"

namespace swell::route {

struct Tour {
  std::vector<int64_t> order;  // cities from 0, each once
  int64_t length = 0;
};

// The shortest of all tours; throws InputError above kMostExactCities.
constexpr int64_t kMostExactCities = 12;
Tour exact_tour(const Tsplib& problem);

// The length from the problem's own distances; throws InputError where `order` is no tour or leaves a fixed edge out.
int64_t check_tour(const Tsplib& problem, std::span<const int64_t> order);

// The proven optimum that is published for these very cities, whatever the file's name.
std::optional<int64_t> known_optimum(const Tsplib& problem);

// The tour as a TSPLIB file.
std::string tour_text(const Tsplib& problem, const Tour& tour);

}  // namespace swell::route
