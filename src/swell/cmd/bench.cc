// swell bench: the engine's figures in units of the field, each with its share of what the processor can do at most.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/progress.h"
#include "swell/kernels/ceilings.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/bench/bench.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string only;
  double seconds = 0.5;
};

constexpr double kQuickSeconds = 0.02;
// Buffers that lie in the first, second and third cache and in none of a present processor's core.
constexpr int64_t kBuffers[] = {16 << 10, 512 << 10, 8 << 20, 256 << 20};

using Json = nlohmann::ordered_json;

// A number with its decimal prefix: 1.23 G.
std::string prefixed(double value) {
  const char* const prefixes[] = {"", "k", "M", "G", "T"};
  int step = 0;
  while (step < 4 && value >= 999.5) {
    value /= 1000;
    ++step;
  }
  return fmt::format("{:.3g} {}", value, prefixes[step]);
}

Json ceilings_json(bench::Ceilings& ceilings, int threads) {
  Json json = {{"threads", threads},
               {"f32_gflops", 2e-9 * ceilings.multiply_adds_f32(threads)},
               {"f64_gflops", 2e-9 * ceilings.multiply_adds_f64(threads)},
               {"bf16_gflops", 2e-9 * ceilings.multiply_adds_bf16(threads)},
               {"normals_per_s", ceilings.normals(threads)}};
  for (const int64_t bytes : kBuffers) {
    json["reads"].push_back({{"bytes", bytes}, {"bytes_per_s", ceilings.reads(bytes, threads)}});
  }
  return json;
}

void say_ceilings(const Json& ceilings, const Common& common) {
  std::string reads;
  for (const Json& read : ceilings["reads"]) {
    const double kib = read["bytes"].get<double>() / 1024;
    reads += fmt::format("{}{:.0f} from {}", reads.empty() ? "" : ", ", 1e-9 * read["bytes_per_s"].get<double>(),
                         kib < 1024 ? fmt::format("{} KiB", kib) : fmt::format("{} MiB", kib / 1024));
  }
  common.say(
      fmt::format("ceilings of {} thread{}: {:.1f} GFLOP/s f32, {:.1f} bf16, {:.1f} f64; {}normals/s; reading GB/s: {}",
                  ceilings["threads"].get<int>(), ceilings["threads"] == 1 ? "" : "s",
                  ceilings["f32_gflops"].get<double>(), ceilings["bf16_gflops"].get<double>(),
                  ceilings["f64_gflops"].get<double>(), prefixed(ceilings["normals_per_s"].get<double>()), reads));
}

Json to_json(const bench::Figure& figure) {
  const double units = static_cast<double>(figure.units);
  const bool step = figure.what.what == bench::Case::What::step;
  Json json = {{"name", figure.what.name()},
               {"units", figure.units},
               {"batch", figure.what.batch},
               {"threads", figure.what.threads},
               {"precision", name_of(figure.what.precision)},
               {"unit", figure.unit},
               {"median", figure.median},
               {"best", figure.best},
               {"spread", figure.spread},
               {"rates", figure.rates}};
  if (step) json["unit_steps_per_s"] = units * figure.median;
  if (figure.cost.normals > 0) json["normals_per_s"] = figure.cost.normals * figure.median;
  json["gflops"] = 2e-9 * figure.cost.multiply_adds * figure.median;
  json["cost"] = {{"multiply_adds", figure.cost.multiply_adds},
                  {"normals", figure.cost.normals},
                  {"bytes", figure.cost.bytes},
                  {"working_set_bytes", figure.cost.working_set},
                  {"lines", figure.cost.lines},
                  {"scattered_bytes", figure.cost.scattered_set}};
  json["least_s"] = {{"arithmetic", figure.multiply_add_s},
                     {"noise", figure.normal_s},
                     {"memory", figure.byte_s},
                     {"scattered memory", figure.line_s},
                     {"without", figure.limit_s}};
  json["bound"] = figure.bound;
  json["share"] = figure.share;
  if (figure.of_limit.count > 0) json["of_rate_without"] = swell::to_json(figure.of_limit, "1");
  return json;
}

std::string table_row(const bench::Figure& figure) {
  const bool step = figure.what.what == bench::Case::What::step;
  const std::string rate = prefixed(figure.median) + figure.unit;
  const std::string unit_steps =
      step ? prefixed(static_cast<double>(figure.units) * figure.median) + "unit-steps/s" : "";
  const std::string pairs =
      figure.of_limit.count > 0 ? fmt::format("; pair by pair {}", to_text(scaled(figure.of_limit, 100))) + " %" : "";
  return fmt::format("{:<34} {:>26} {:>20} {:>7.1f} {:>6.0f} %  {:>5.0f} % of {}{}", figure.what.name(), rate,
                     unit_steps, 2e-9 * figure.cost.multiply_adds * figure.median, 100 * figure.spread,
                     100 * figure.share, figure.bound == "without" ? "the rate without" : figure.bound, pairs);
}

Result run(const Flags& flags, const Common& common) {
  const auto cases = bench::choose(bench::all_cases(common.threads, common.quick), flags.only);
  bench::Options options;
  options.seconds = common.quick ? std::min(flags.seconds, kQuickSeconds) : flags.seconds;
  options.seed = common.seed;
  options.go_on = [] { return !interrupted(); };
  // The lines of the cases that were measured are all there is to keep, but for a file.
  const NothingToKeep nothing(common.json.empty() && common.report.empty());
  bench::Bench bench(options);
  Result result;
  result.inputs = {{"time", options.seconds}};
  result.result["instruction_set"] = instruction_sets().front();
  for (const int threads : std::set<int>{1, common.threads}) {
    result.result["ceilings"].push_back(ceilings_json(bench.ceilings(), threads));
    say_ceilings(result.result["ceilings"].back(), common);
  }
  common.say(fmt::format("\n{:<34} {:>26} {:>20} {:>7} {:>8}  {}", "case", "median", "", "GFLOP/s", "spread",
                         "best as share of its ceiling"));
  for (const bench::Case& each : cases) {
    bench::Figure figure;
    try {
      if (interrupted()) throw Interrupted("the benchmark was interrupted");
      figure = bench.measure(each);
    } catch (const Interrupted&) {
      if (result.result["cases"].empty()) throw;
      warn("interrupted: the cases before are kept");
      result.check("all cases measured", false, "interrupted: the cases before are kept");
      result.exit_code = 130;
      break;
    }
    common.say(table_row(figure));
    std::fflush(stdout);
    result.result["cases"].push_back(to_json(figure));
  }
  return result;
}

}  // namespace

Command bench_command() {
  return {"bench", "figures in units of the field, with their share of what the processor can do at most",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("--only", flags->only,
                           "only cases whose name contains this, for example dense/1296 or batch64");
            app.add_option("--time", flags->seconds, "measured time of each case (500ms, 2s); its set-up comes on top")
                ->capture_default_str()
                ->check(CLI::Range(1e-3, 3600.0))
                ->transform(in_seconds())
                ->option_text("TIME");
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
