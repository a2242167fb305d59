#include "swell/programs/neural/report.h"

#include <fmt/format.h>

#include "swell/report/plot.h"

namespace swell::neural {

std::string activation_plot(const NeuronReport& report) {
  Plot plot{"input I, E0", "activation <x>", false, false, {}};
  int color = -1;
  for (size_t k = 0; k < report.rows.size(); ++k) {
    const Activation& row = report.rows[k];
    const bool new_kT = k == 0 || row.kT != report.rows[k - 1].kT;
    if (!new_kT && row.time == report.rows[k - 1].time) continue;
    ++color;
    const auto curve = [&](const std::string& name, auto value, Mark mark, bool errors) {
      Series series{name, {}, {}, {}, mark, color};
      for (const Activation& point : report.rows) {
        if (point.kT != row.kT || point.time != row.time) continue;
        series.x.push_back(point.input);
        series.y.push_back(value(point));
        if (errors) series.error.push_back(point.simulated.stderr_of_mean);
      }
      plot.series.push_back(std::move(series));
    };
    // One name for a temperature and time: its line and its points have one colour.
    if (new_kT) {
      curve(
          fmt::format("kT = {:g}, equilibrium", row.kT), [](const auto& p) { return p.equilibrium; }, Mark::dashed,
          false);
    }
    curve(
        fmt::format("kT = {:g}, t = {:g}", row.kT, row.time), [](const auto& p) { return p.fokker_planck; }, Mark::line,
        false);
    curve(
        "", [](const auto& p) { return p.simulated.mean; }, Mark::points, true);
  }
  return draw(plot);
}

std::string time_plot(const TestReport& report, double trained_time) {
  Series accuracy{"single run", {}, {}, {}, Mark::line};
  for (const auto& at : report.by_time) {
    accuracy.x.push_back(at.where);
    accuracy.y.push_back(100 * at.single.value);
    accuracy.error.push_back(100 * at.single.stderr_of_value);
  }
  const Series trained{fmt::format("read time of the design, {:g}", trained_time),
                       {trained_time, trained_time},
                       {0, 100},
                       {},
                       Mark::dashed};
  return draw({"read time, 1/mu", "right answers, %", false, false, {accuracy, trained}});
}

std::string temperature_plot(const TestReport& report) {
  Series single{"single run", {}, {}, {}, Mark::line}, averaged{"mean of 3 runs", {}, {}, {}, Mark::line};
  for (const auto& at : report.by_temperature) {
    single.x.push_back(at.where);
    single.y.push_back(100 * at.single.value);
    single.error.push_back(100 * at.single.stderr_of_value);
    averaged.x.push_back(at.where);
    averaged.y.push_back(100 * at.averaged.value);
    averaged.error.push_back(100 * at.averaged.stderr_of_value);
  }
  return draw({"kT, E0", "right answers, %", true, false, {single, averaged}});
}

std::string function_plot(const FunctionReport& report) {
  Series target{"target", {}, {}, {}, Mark::line}, mean{"mean of the runs", {}, {}, {}, Mark::points},
      single{"spread of a single run", {}, {}, {}, Mark::points};
  for (const auto& value : report.values) {
    for (Series* series : {&target, &mean, &single}) series->x.push_back(value.input[0]);
    target.y.push_back(value.target);
    mean.y.push_back(value.answer.mean);
    mean.error.push_back(value.answer.stderr_of_mean);
    single.y.push_back(value.answer.mean);
    single.error.push_back(value.spread);
  }
  return draw({"input", "answer", false, false, {target, single, mean}});
}

std::string function_error_plot(const FunctionReport& report) {
  Series mean{"mean of the runs", {}, {}, {}, Mark::line}, single{"single run", {}, {}, {}, Mark::line};
  for (const auto& at : report.by_time) {
    mean.x.push_back(at.time);
    mean.y.push_back(at.of_mean);
    single.x.push_back(at.time);
    single.y.push_back(at.of_single);
  }
  return draw({"read time, 1/mu", "root mean square error", false, true, {mean, single}});
}

std::string confusion_table(const TestReport& report) {
  std::string text = "label\\answer";
  for (int64_t k = 0; k < report.classes; ++k) text += fmt::format("{:>6}", k);
  for (int64_t label = 0; label < report.classes; ++label) {
    text += fmt::format("\n{:>12}", label);
    for (int64_t k = 0; k < report.classes; ++k)
      text += fmt::format("{:>6}", report.confusion[label * report.classes + k]);
  }
  return text;
}

}  // namespace swell::neural
