#include "swell/io/tsplib.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

constexpr int64_t kMostCities = 1'000'000;
constexpr int64_t kMostMatrix = 20'000;
constexpr int64_t kMostDistance = int64_t{1} << 40;  // so that a tour of a million cities can be added up

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : lines_(text, name) {}

  Tsplib read() {
    bool ended = false;
    while (!ended && lines_.next()) ended = section();
    if (problem_.cities == 0) lines_.fail_at_end("there is no DIMENSION");
    if (!weighted_) lines_.fail_at_end("there is no EDGE_WEIGHT_TYPE");
    if (problem_.weights == Tsplib::Weights::matrix) {
      if (problem_.matrix.empty()) lines_.fail_at_end("there is no EDGE_WEIGHT_SECTION");
    } else if (problem_.x.empty()) {
      lines_.fail_at_end("there is no NODE_COORD_SECTION");
    }
    return std::move(problem_);
  }

 private:
  // "KEY : value", "KEY: value", or a section's name. True at EOF.
  bool section() {
    const std::string_view line = lines_.line();
    const size_t colon = line.find(':');
    std::string_view key = lines_.words()[0];
    key = key.substr(0, key.find(':'));
    std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!value.empty() && blank(value.front())) value.remove_prefix(1);
    while (!value.empty() && blank(value.back())) value.remove_suffix(1);
    if (key == "EOF") return true;
    if (key == "NAME") {
      problem_.name = value;
    } else if (key == "TYPE") {
      if (value != "TSP") lines_.fail(fmt::format("the type is {}; allowed is TSP", printable(value)));
    } else if (key == "DIMENSION") {
      problem_.cities = lines_.whole(value, 3, kMostCities, "the dimension");
    } else if (key == "EDGE_WEIGHT_TYPE") {
      set_weights(value);
    } else if (key == "EDGE_WEIGHT_FORMAT") {
      format_ = value;
    } else if (key == "NODE_COORD_SECTION" || key == "DISPLAY_DATA_SECTION") {
      read_places();
    } else if (key == "EDGE_WEIGHT_SECTION") {
      read_matrix();
    } else if (key != "COMMENT" && key != "DISPLAY_DATA_TYPE" && key != "NODE_COORD_TYPE") {
      lines_.fail(fmt::format("{} is not a key or section of a symmetric TSP", printable(lines_.words()[0])));
    }
    return false;
  }

  void set_weights(std::string_view value) {
    using W = Tsplib::Weights;
    weighted_ = true;
    if (value == "EUC_2D") {
      problem_.weights = W::euc_2d;
    } else if (value == "CEIL_2D") {
      problem_.weights = W::ceil_2d;
    } else if (value == "GEO") {
      problem_.weights = W::geo;
    } else if (value == "ATT") {
      problem_.weights = W::att;
    } else if (value == "EXPLICIT") {
      problem_.weights = W::matrix;
    } else {
      lines_.fail(fmt::format("the edge weight type is {}; allowed are EUC_2D, CEIL_2D, GEO, ATT and EXPLICIT",
                              printable(value)));
    }
  }

  void need_dimension() {
    if (problem_.cities == 0) lines_.fail("a section before DIMENSION; it comes after");
    if (problem_.cities > static_cast<int64_t>(lines_.bytes_left() + 1) / 2)
      lines_.fail(fmt::format("{} cities are promised, the {} bytes that follow cannot hold them", problem_.cities,
                              lines_.bytes_left()));
  }

  void read_places() {
    need_dimension();
    const int64_t n = problem_.cities;
    std::vector<double> x(n), y(n);
    std::vector<char> seen(n, 0);
    for (int64_t k = 0; k < n; ++k) {
      if (!lines_.next()) lines_.fail_at_end(fmt::format("the file ends after {} of {} cities", k, n));
      if (lines_.words().size() != 3)
        lines_.fail(
            fmt::format("{} words; a city is 'number x y', and {} of {} are there", lines_.words().size(), k, n));
      const int64_t city = lines_.whole(lines_.words()[0], 1, n, "the city's number") - 1;
      if (seen[city]) lines_.fail(fmt::format("city {} stands here for the second time", city + 1));
      seen[city] = 1;
      x[city] = place(lines_.words()[1]);
      y[city] = place(lines_.words()[2]);
    }
    problem_.x = std::move(x);
    problem_.y = std::move(y);
  }

  double place(std::string_view word) {
    const double value = lines_.real(word, "a coordinate");
    if (std::abs(value) > 1e9) lines_.fail(fmt::format("a coordinate is {:g}; allowed are -1e9 to 1e9", value));
    return value;
  }

  void read_matrix() {
    need_dimension();
    const int64_t n = problem_.cities;
    if (n > kMostMatrix) lines_.fail(fmt::format("a matrix of {} cities; allowed are up to {}", n, kMostMatrix));
    if (format_ != "FULL_MATRIX" && format_ != "UPPER_ROW" && format_ != "LOWER_ROW" && format_ != "UPPER_DIAG_ROW" &&
        format_ != "LOWER_DIAG_ROW")
      lines_.fail(
          fmt::format("the edge weight format is {}; allowed are FULL_MATRIX, UPPER_ROW, LOWER_ROW, "
                      "UPPER_DIAG_ROW and LOWER_DIAG_ROW",
                      printable(format_)));
    if (n > static_cast<int64_t>(lines_.bytes_left()) / n * 4 + 4)
      lines_.fail(fmt::format("a matrix of {} cities is promised, the {} bytes that follow cannot hold it", n,
                              lines_.bytes_left()));
    problem_.matrix.assign(n * n, 0);
    const bool full = format_ == "FULL_MATRIX", upper = format_.starts_with("UPPER"),
               diagonal = full || format_.ends_with("DIAG_ROW");
    size_t word = lines_.words().size();
    for (int64_t i = 0; i < n; ++i) {
      const int64_t from = full || !upper ? 0 : diagonal ? i : i + 1;
      const int64_t to = full || upper ? n : diagonal ? i + 1 : i;
      for (int64_t j = from; j < to; ++j) {
        while (word >= lines_.words().size()) {
          if (!lines_.next()) lines_.fail_at_end(fmt::format("the file ends in row {} of the matrix", i + 1));
          word = 0;
        }
        set(i, j, lines_.whole(lines_.words()[word++], 0, kMostDistance, "a distance"), full);
      }
    }
    if (word < lines_.words().size()) lines_.fail("numbers follow the last of the matrix; none may");
  }

  void set(int64_t i, int64_t j, int64_t value, bool full) {
    int64_t *here = &problem_.matrix[i * problem_.cities + j], *mirror = &problem_.matrix[j * problem_.cities + i];
    if (full && j < i && *mirror != value)
      lines_.fail(fmt::format("entry ({}, {}) is {} and its mirror image {}; distances are symmetric", i + 1, j + 1,
                              value, *mirror));
    *here = value;
    if (!full) *mirror = value;
  }

  TextLines lines_;
  Tsplib problem_;
  bool weighted_ = false;
  std::string format_;
};

// Degrees and minutes as TSPLIB writes them, DDD.MM, in radians; its pi and its earth.
double geo_radians(double value) {
  const double degrees = std::trunc(value), minutes = value - degrees;
  return 3.141592 * (degrees + 5.0 * minutes / 3.0) / 180.0;
}

int64_t geo_distance(const Tsplib& p, int64_t a, int64_t b) {
  const double latitude_a = geo_radians(p.x[a]), longitude_a = geo_radians(p.y[a]);
  const double latitude_b = geo_radians(p.x[b]), longitude_b = geo_radians(p.y[b]);
  const double q1 = std::cos(longitude_a - longitude_b), q2 = std::cos(latitude_a - latitude_b),
               q3 = std::cos(latitude_a + latitude_b);
  return static_cast<int64_t>(6378.388 * std::acos(std::clamp(0.5 * ((1 + q1) * q2 - (1 - q1) * q3), -1.0, 1.0)) + 1);
}

}  // namespace

Tsplib parse_tsplib(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(as_text(bytes), name).read();
}

int64_t distance(const Tsplib& p, int64_t a, int64_t b) {
  if (a == b) return 0;
  if (p.weights == Tsplib::Weights::matrix) return p.matrix[a * p.cities + b];
  if (p.weights == Tsplib::Weights::geo) return geo_distance(p, a, b);
  const double dx = p.x[a] - p.x[b], dy = p.y[a] - p.y[b];
  const double plain = std::sqrt(dx * dx + dy * dy);
  if (p.weights == Tsplib::Weights::euc_2d) return static_cast<int64_t>(plain + 0.5);
  if (p.weights == Tsplib::Weights::ceil_2d) return static_cast<int64_t>(std::ceil(plain));
  return static_cast<int64_t>(std::ceil(std::sqrt((dx * dx + dy * dy) / 10.0)));
}

}  // namespace swell
