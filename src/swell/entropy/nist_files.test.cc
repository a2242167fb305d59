// The sample files of NIST's own tool (repository usnistgov/SP800-90B_EntropyAssessment) with its results, which are
// not part of this one. SWELL_90B_DATA names their folder: NAME.bin with samples, NAME.res with what `ea_non_iid -v -v`
// printed. Skipped without it.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include "swell/entropy/assess.h"

namespace swell::entropy {

namespace {

// Estimators and figures by the names that the tool prints.
const std::map<std::string, Estimator> kEstimatorOf = {
    {"Most Common Value", Estimator::most_common_value},
    {"Collision", Estimator::collision},
    {"Markov", Estimator::markov},
    {"Compression", Estimator::compression},
    {"t-Tuple", Estimator::t_tuple},
    {"LRS", Estimator::lrs},
    {"MultiMCW Prediction", Estimator::multi_mcw},
    {"Lag Prediction", Estimator::lag},
    {"MultiMMC Prediction", Estimator::multi_mmc},
    {"LZ78Y Prediction", Estimator::lz78y},
};
const std::map<std::string, std::string> kFigureOf = {
    {"Mode count", "mode_count"},
    {"p-hat", "p_hat"},
    {"p_u", "p_u"},
    {"v", "v"},
    {"Sum t_i", "sum_t"},
    {"X-bar", "x_bar"},
    {"sigma-hat", "sigma_hat"},
    {"X-bar'", "x_bar_lower"},
    {"p", "p"},
    {"P_0", "p_0"},
    {"P_1", "p_1"},
    {"P_{0,0}", "p_00"},
    {"P_{0,1}", "p_01"},
    {"P_{1,0}", "p_10"},
    {"P_{1,1}", "p_11"},
    {"p-hat_max", "p_hat_max"},
    {"t", "t"},
    {"u", "u"},
    {"C", "c"},
    {"r", "r"},
    {"N", "n"},
    {"P_global", "p_global"},
    {"P_global'", "p_global_upper"},
    {"P_local", "p_local"},
};
constexpr double kTolerance = 1e-9;  // relative: iterations of both sides stop near 1e-11

struct Compared {
  int figures = 0, entropies = 0;
  double worst = 0;

  void hold(double got, double wanted, const std::string& what) {
    const double off = std::abs(got - wanted) / std::max(std::abs(wanted), 1e-300);
    worst = std::max(worst, off);
    EXPECT_LE(off, kTolerance) << what << ": " << got << ", the tool has " << wanted;
  }
};

const EstimatorResult* find(const std::vector<EstimatorResult>& row, Estimator estimator) {
  for (const EstimatorResult& result : row) {
    if (result.estimator == estimator) return &result;
  }
  return nullptr;
}

void compare_line(const Assessment& assessment, const std::string& line, Compared& compared) {
  static const std::regex kFigure(R"((Literal|Bitstring) (.+) Estimate: (.+) = (\S+))");
  static const std::regex kTotal(R"((H_bitstring|H_original|Assessed min entropy)(?: =|:) (\S+))");
  std::smatch match;
  if (std::regex_match(line, match, kTotal)) {
    const double got = match[1] == "H_bitstring"  ? assessment.H_bitstring.value_or(NAN)
                       : match[1] == "H_original" ? assessment.H_original
                                                  : assessment.H_assessed;
    compared.hold(got, std::stod(match[2]), match[1]);
    ++compared.entropies;
  } else if (std::regex_match(line, match, kFigure)) {
    const auto& row = match[1] == "Literal" ? assessment.literal : assessment.bitstring;
    const EstimatorResult* result = find(row, kEstimatorOf.at(match[2]));
    ASSERT_TRUE(result) << line;
    ++compared.figures;
    const std::optional<double> got =
        match[3] == "min entropy" ? result->min_entropy : result->figure(kFigureOf.at(match[3]));
    ASSERT_TRUE(got) << line;
    compared.hold(*got, std::stod(match[4]), line);
  } else if (line.ends_with("can't change the result.")) {
    const std::string name = line.substr(line.find(' ') + 1, line.find(" Estimate") - line.find(' ') - 1);
    const auto& row = line.starts_with("Literal") ? assessment.literal : assessment.bitstring;
    const EstimatorResult* result = find(row, kEstimatorOf.at(name));
    ASSERT_TRUE(result) << line;
    EXPECT_LE(*result->figure("p_local"), std::max(*result->figure("p_global_upper"), 1.0 / assessment.distinct))
        << line;
  }
}

std::vector<uint8_t> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void compare_file(const std::filesystem::path& results) {
  std::ifstream file(results);
  std::vector<std::string> lines;
  int bits = 0;
  static const std::regex kBits(R"(Loaded \d+ samples of \d+ distinct (\d)-bit-wide symbols)");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kBits)) bits = std::stoi(match[1]);
    lines.push_back(line);
  }
  ASSERT_GT(bits, 0) << results;
  const Assessment assessment = assess(read_bytes(std::filesystem::path(results).replace_extension("bin")), bits);
  Compared compared;
  for (const std::string& line : lines) compare_line(assessment, line, compared);
  EXPECT_GE(compared.figures, 40) << results;
  EXPECT_GE(compared.entropies, 2) << results;
  std::printf("%-20s %3d figures, largest relative difference %.1e, assessed %.6f\n", results.stem().c_str(),
              compared.figures + compared.entropies, compared.worst, assessment.H_assessed);
}

}  // namespace

TEST(nist_files, every_figure_is_that_of_the_tool) {
  const char* folder = std::getenv("SWELL_90B_DATA");
  if (!folder) GTEST_SKIP() << "SWELL_90B_DATA names no folder with the sample files of NIST's tool";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".res") continue;
    compare_file(entry.path());
    ++files;
  }
  EXPECT_GT(files, 0) << folder << " has no .res files";
}

}  // namespace swell::entropy
