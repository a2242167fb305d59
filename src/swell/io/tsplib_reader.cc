#include "swell/io/tsplib_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

constexpr int64_t kMostCities = 1'000'000;
constexpr int64_t kMostMatrix = 20'000;
constexpr int64_t kMostDistance = int64_t{1} << 40;  // so that a tour of a million cities can be added up
constexpr int kMostDecimals = 9;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// Digits behind the decimal point that the number needs: 0 for "3", "3.0" and "12e3", 2 for "0.25" and "25e-2".
int decimals_of(std::string_view word) {
  const size_t e = std::min(word.find_first_of("eE"), word.size());
  const std::string_view mantissa = word.substr(0, e);
  const size_t point = mantissa.find('.');
  int64_t digits = 0;
  if (point != std::string_view::npos)
    digits = static_cast<int64_t>(mantissa.find_last_not_of('0')) - static_cast<int64_t>(point);
  if (e < word.size()) digits -= std::atoi(std::string(word.substr(e + 1)).c_str());
  return static_cast<int>(std::clamp<int64_t>(digits, 0, 400));
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : lines_(text, name) {}

  Tsplib read() {
    bool ended = false;
    while (!ended && (again_ || lines_.next())) {
      again_ = false;
      ended = section();
    }
    if (problem_.cities == 0) lines_.fail_at_end("there is no DIMENSION, as a TSPLIB problem has");
    if (!weighted_) lines_.fail_at_end("there is no EDGE_WEIGHT_TYPE");
    if (problem_.weights == Tsplib::Weights::matrix) {
      if (problem_.matrix.empty()) lines_.fail_at_end("there is no EDGE_WEIGHT_SECTION");
      problem_.x.clear();
      problem_.y.clear();
      problem_.z.clear();
    } else {
      check_places();
    }
    return std::move(problem_);
  }

 private:
  using W = Tsplib::Weights;

  // "KEY : value", "KEY: value", "KEY value", or a section's name. True at EOF.
  bool section() {
    const std::string_view line = lines_.line(), word = lines_.words()[0];
    const std::string key = upper(word.substr(0, word.find(':')));
    const size_t begin = static_cast<size_t>(word.data() - line.data()) + key.size();
    std::string_view value = line.substr(std::min(line.find_first_not_of(" \t:", begin), line.size()));
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    if (key == "EOF") return true;
    if (key == "NAME") {
      problem_.name = value;
    } else if (key == "TYPE") {
      check_type(value);
    } else if (key == "DIMENSION") {
      problem_.cities = lines_.whole(value, 3, kMostCities, "the dimension");
    } else if (key == "EDGE_WEIGHT_TYPE") {
      set_weights(value);
    } else if (key == "EDGE_WEIGHT_FORMAT") {
      format_ = upper(value);
    } else if (key == "NODE_COORD_SECTION") {
      read_places(problem_.x, problem_.y, problem_.z);
    } else if (key == "DISPLAY_DATA_SECTION") {
      std::vector<double> height;
      read_places(problem_.draw_x, problem_.draw_y, height);
    } else if (key == "EDGE_WEIGHT_SECTION") {
      read_matrix();
    } else if (key == "FIXED_EDGES_SECTION" || key == "FIXED_EDGES") {
      read_fixed();
    } else if (key == "TOUR_SECTION") {
      skip_section();
    } else if (key != "COMMENT" && key != "DISPLAY_DATA_TYPE" && key != "NODE_COORD_TYPE") {
      refuse(key);
    }
    known_ = true;
    return false;
  }

  [[noreturn]] void refuse(const std::string& key) {
    if (key == "EDGE_DATA_FORMAT" || key == "EDGE_DATA_SECTION")
      lines_.fail(fmt::format("{} allows only some edges; route takes problems with all of them", key));
    if (key == "DEMAND_SECTION" || key == "CAPACITY" || key == "DEPOT_SECTION")
      lines_.fail(fmt::format("{} belongs to vehicle routing (CVRP); route takes a symmetric TSP, one tour", key));
    if (!known_)
      lines_.fail(
          fmt::format("{} is not how a TSPLIB file begins; expected are lines such as 'NAME : x', 'TYPE : TSP', "
                      "'DIMENSION : 52'",
                      printable(lines_.line())));
    lines_.fail(fmt::format("{} is not a key or section of a symmetric TSP", printable(lines_.words()[0])));
  }

  // "TSP", with anything behind it: some files name an author there.
  void check_type(std::string_view value) {
    const std::string type = upper(value.substr(0, value.find_first_of(" \t(,;")));
    if (type == "TSP") return;
    const auto kind = [&]() -> std::string_view {
      if (type == "ATSP") return "asymmetric, with a distance for each direction";
      if (type == "HCP") return "a search for a Hamiltonian cycle";
      if (type == "CVRP") return "vehicle routing with capacities";
      if (type == "SOP") return "sequential ordering";
      if (type == "TOUR") return "a tour, the answer to a problem";
      return "";
    }();
    lines_.fail(fmt::format("the type is {}{}; allowed is TSP, the symmetric travelling salesman",
                            kind.empty() ? printable(value) : type, kind.empty() ? "" : fmt::format(" ({})", kind)));
  }

  void set_weights(std::string_view value) {
    const std::string name = upper(value.substr(0, value.find_first_of(" \t(")));
    std::string allowed;
    for (int k = 0; k <= static_cast<int>(W::matrix); ++k) {
      const auto weights = static_cast<W>(k);
      if (name == name_of(weights)) {
        problem_.weights = weights;
        weighted_ = true;
        return;
      }
      allowed += fmt::format("{}{}", k == 0 ? "" : weights == W::matrix ? " and " : ", ", name_of(weights));
    }
    lines_.fail(fmt::format("the edge weight type is {}; allowed are {}", printable(value), allowed));
  }

  void need_dimension() {
    if (problem_.cities == 0) lines_.fail("a section before DIMENSION; it comes after");
    if (problem_.cities > static_cast<int64_t>(lines_.bytes_left() + 1) / 2)
      lines_.fail(fmt::format("{} cities are promised, the {} bytes that follow cannot hold them", problem_.cities,
                              lines_.bytes_left()));
  }

  void read_places(std::vector<double>& x, std::vector<double>& y, std::vector<double>& z) {
    need_dimension();
    const int64_t n = problem_.cities;
    x.assign(n, 0);
    y.assign(n, 0);
    z.clear();
    std::vector<char> seen(n, 0);
    for (int64_t k = 0; k < n; ++k) {
      if (!lines_.next()) lines_.fail_at_end(fmt::format("the file ends after {} of {} cities", k, n));
      const auto& words = lines_.words();
      if (k == 0 && words.size() == 4) z.assign(n, 0);
      const size_t needed = z.empty() ? 3 : 4;
      if (words.size() != needed)
        lines_.fail(fmt::format("{} words; a city is 'number x y{}', and {} of {} are there", words.size(),
                                z.empty() ? "" : " z", k, n));
      if (k == 0 && words[0] == "0") problem_.first_city = 0;
      const int64_t first = problem_.first_city;
      const int64_t city = lines_.whole(words[0], first, n - 1 + first, "the city's number") - first;
      if (seen[city]) lines_.fail(fmt::format("city {} stands here for the second time", city + first));
      seen[city] = 1;
      x[city] = place(words[1]);
      y[city] = place(words[2]);
      if (!z.empty()) z[city] = place(words[3]);
    }
  }

  double place(std::string_view word) {
    const double value = lines_.real(word, "a coordinate");
    if (std::abs(value) > 1e9) lines_.fail(fmt::format("a coordinate is {:g}; allowed are -1e9 to 1e9", value));
    return value;
  }

  // The coordinates are those that the rule asks for; without a drawing of its own a problem is drawn by them.
  void check_places() {
    const W weights = problem_.weights;
    if (problem_.x.empty())
      lines_.fail_at_end(
          fmt::format("there is no NODE_COORD_SECTION; {} takes its distances from there", name_of(weights)));
    const bool solid = name_of(weights).ends_with("3D") || weights == W::xray1 || weights == W::xray2;
    if (solid && problem_.z.empty())
      lines_.fail_at_end(fmt::format("{} needs three coordinates of each city; the file gives two", name_of(weights)));
    if (!solid) problem_.z.clear();
    if (!problem_.draw_x.empty()) return;
    const bool sphere = weights == W::geo || weights == W::geom;  // x is the latitude there
    problem_.draw_x = sphere ? problem_.y : problem_.x;
    problem_.draw_y = sphere ? problem_.x : problem_.y;
  }

  // The next word of a section that may break its lines anywhere; empty at the file's end.
  std::string_view next_word() {
    while (word_ >= lines_.words().size()) {
      if (!lines_.next()) return {};
      word_ = 0;
    }
    return lines_.words()[word_++];
  }

  void read_matrix() {
    need_dimension();
    const int64_t n = problem_.cities;
    if (n > kMostMatrix) lines_.fail(fmt::format("a matrix of {} cities; allowed are up to {}", n, kMostMatrix));
    const std::string_view formats[] = {"FULL_MATRIX",    "UPPER_ROW",      "LOWER_ROW",
                                        "UPPER_DIAG_ROW", "LOWER_DIAG_ROW", "UPPER_COL",
                                        "LOWER_COL",      "UPPER_DIAG_COL", "LOWER_DIAG_COL"};
    if (std::find(std::begin(formats), std::end(formats), format_) == std::end(formats))
      lines_.fail(
          fmt::format("the edge weight format is {}; allowed are {}", printable(format_), fmt::join(formats, ", ")));
    if (n > static_cast<int64_t>(lines_.bytes_left()) / n * 4 + 4)
      lines_.fail(fmt::format("a matrix of {} cities is promised, the {} bytes that follow cannot hold it", n,
                              lines_.bytes_left()));
    problem_.matrix.assign(n * n, 0);
    // By columns, one triangle is the other by rows.
    const bool full = format_ == "FULL_MATRIX", upper = format_.starts_with("UPPER") == format_.ends_with("ROW"),
               diagonal = full || format_.find("DIAG") != std::string::npos;
    word_ = lines_.words().size();
    for (int64_t i = 0; i < n; ++i) {
      const int64_t from = full || !upper ? 0 : diagonal ? i : i + 1;
      const int64_t to = full || upper ? n : diagonal ? i + 1 : i;
      for (int64_t j = from; j < to; ++j) {
        const std::string_view word = next_word();
        if (word.empty()) lines_.fail_at_end(fmt::format("the file ends in row {} of the matrix", i + 1));
        if (i == j) lines_.real(word, "an entry of the diagonal");  // it says nothing, but is a number
        if (i != j) set(i, j, units(word), full);
      }
    }
    if (word_ < lines_.words().size()) lines_.fail("numbers follow the last of the matrix; none may");
  }

  // A distance in units of 10^-decimals; finer ones, while they fit, make the unit finer.
  int64_t units(std::string_view word) {
    const double value = lines_.real(word, "a distance");
    const auto most = static_cast<double>(kMostDistance);
    if (value < 0 || value > most)
      lines_.fail(fmt::format("a distance is {}; allowed are 0 to {}", printable(word), kMostDistance));
    if (decimals_of(word) > problem_.decimals) refine(decimals_of(word), value);
    while (value * std::pow(10, problem_.decimals) > most) {
      for (int64_t& entry : problem_.matrix) entry = (entry + 5) / 10;
      --problem_.decimals;
      problem_.rounded = true;
    }
    const auto whole = std::llround(value * std::pow(10, problem_.decimals));
    largest_ = std::max<int64_t>(largest_, whole);
    return whole;
  }

  void refine(int decimals, double value) {
    while (problem_.decimals < std::min(decimals, kMostDecimals) && largest_ <= kMostDistance / 10 &&
           value * std::pow(10, problem_.decimals + 1) <= static_cast<double>(kMostDistance)) {
      for (int64_t& entry : problem_.matrix) entry *= 10;
      largest_ *= 10;
      ++problem_.decimals;
    }
    problem_.rounded = problem_.rounded || problem_.decimals < decimals;
  }

  void set(int64_t i, int64_t j, int64_t value, bool full) {
    int64_t *here = &problem_.matrix[i * problem_.cities + j], *mirror = &problem_.matrix[j * problem_.cities + i];
    if (full && j < i && std::abs(*mirror - value) > (problem_.rounded ? 1 : 0))
      lines_.fail(fmt::format("entry ({}, {}) is {} and its mirror image {}; the distances of a TSP are symmetric",
                              i + 1, j + 1, length_text(problem_, value), length_text(problem_, *mirror)));
    if (full && j < i) {
      *here = *mirror;
    } else {
      *here = *mirror = value;
    }
  }

  // Pairs of cities up to -1.
  void read_fixed() {
    need_dimension();
    word_ = lines_.words().size();
    const int64_t n = problem_.cities, first = problem_.first_city;
    std::vector<std::array<int32_t, 2>> mates(n, {-1, -1});
    std::vector<int32_t> part(n);
    std::iota(part.begin(), part.end(), 0);
    const auto root = [&](int32_t city) {
      while (part[city] != city) city = part[city] = part[part[city]];
      return city;
    };
    for (std::string_view word = next_word(); word != "-1" && word != "EOF" && !word.empty(); word = next_word()) {
      const auto a = static_cast<int32_t>(lines_.whole(word, first, n - 1 + first, "a city of a fixed edge") - first);
      const auto b =
          static_cast<int32_t>(lines_.whole(next_word(), first, n - 1 + first, "a city of a fixed edge") - first);
      if (a == b) lines_.fail(fmt::format("the fixed edge {} {} joins a city to itself", a + first, b + first));
      if (mates[a][0] == b || mates[a][1] == b) continue;
      if (mates[a][1] >= 0 || mates[b][1] >= 0)
        lines_.fail(fmt::format("the edge {} {} is the third that is fixed at one city; a tour has two there",
                                a + first, b + first));
      mates[a][mates[a][0] >= 0] = b;
      mates[b][mates[b][0] >= 0] = a;
      problem_.fixed.emplace_back(std::min(a, b), std::max(a, b));
      if (root(a) == root(b) && static_cast<int64_t>(problem_.fixed.size()) < n)
        lines_.fail(fmt::format("the fixed edge {} {} closes a circle that leaves cities out", a + first, b + first));
      part[root(a)] = root(b);
    }
    std::sort(problem_.fixed.begin(), problem_.fixed.end());
  }

  // A tour that came with the problem: numbers up to a line with another word.
  void skip_section() {
    while (lines_.next()) {
      const std::string_view word = lines_.words()[0];
      if (word != "-1" && !std::isdigit(static_cast<unsigned char>(word[0]))) {
        again_ = true;
        return;
      }
    }
  }

  TextLines lines_;
  Tsplib problem_;
  bool weighted_ = false, known_ = false;
  bool again_ = false;  // the line at hand is not read yet
  std::string format_;
  size_t word_ = 0;  // of the line at hand, the next one of a section
  int64_t largest_ = 0;
};

}  // namespace

Tsplib parse_tsplib(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(as_text(bytes), name).read();
}

}  // namespace swell
