#include "swell/programs/judge/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "swell/ledger/to_json.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::judge {

namespace {

using Json = nlohmann::ordered_json;

// A value down to the digits of its error, of which `digits` are given.
std::string short_text(const Estimate& estimate, const char* sign = " &plusmn; ", int digits = 2) {
  if (estimate.count < 1 || !std::isfinite(estimate.mean)) return "-";
  const double error = estimate.stderr_of_mean;
  if (!estimate.has_error() || error <= 0) return fmt::format("{:.4g}", estimate.mean);
  const int places = std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(error))), 0, 6);
  return fmt::format("{:.{}f}{}{:.{}f}", estimate.mean, places, sign, error, places);
}

struct Column {
  const char* head;
  Estimate Line::*figure;
};
const Column kColumns[] = {
    {"agreement", &Line::agreement}, {"confidence", &Line::confidence}, {"FD", &Line::frechet},
    {"KD", &Line::kernel},           {"precision", &Line::precision},   {"recall", &Line::recall},
    {"variance", &Line::variance},   {"nearest", &Line::distance},      {"copied", &Line::copied}};
// Neither a terminal nor a page has room for all side by side.
constexpr size_t kInFirstTable = 4, kOfCopies = 2;

std::vector<const Line*> lines_of(const Report& report) {
  std::vector<const Line*> lines{&report.samples};
  for (const Line& line : report.references) lines.push_back(&line);
  return lines;
}

// Images beside each other, a pixel as 2 x 2, on gray.
Image tiles(const std::vector<const float*>& images, int columns) {
  constexpr int kZoom = 2, kGap = 2, kCell = static_cast<int>(kSide) * kZoom + kGap;
  const int count = static_cast<int>(images.size()), rows = std::max(1, (count + columns - 1) / columns);
  Image image;
  image.width = columns * kCell + kGap;
  image.height = rows * kCell + kGap;
  image.pixels.assign(static_cast<size_t>(image.width) * image.height, 96);
  for (int k = 0; k < count; ++k) {
    for (int y = 0; y < kSide * kZoom; ++y) {
      for (int x = 0; x < kSide * kZoom; ++x) {
        const float level = std::clamp(images[k][y / kZoom * kSide + x / kZoom], 0.0f, 1.0f);
        const int row = kGap + k / columns * kCell + y, column = kGap + k % columns * kCell + x;
        image.pixels[static_cast<size_t>(row) * image.width + column] =
            static_cast<uint8_t>(std::lround(255 * static_cast<double>(level)));
      }
    }
  }
  return image;
}

// Shares of a line's images whose nearest training image is nearer than each distance.
Series distances(const Line& line, Mark mark) {
  std::vector<double> sorted = line.nearest.distance;
  std::ranges::sort(sorted);
  Series series{line.what, {}, {}, {}, mark};
  const size_t points = std::min<size_t>(sorted.size(), 200);
  for (size_t k = 0; k < points; ++k) {
    const size_t at = k * (sorted.size() - 1) / std::max<size_t>(points - 1, 1);
    series.x.push_back(sorted[at]);
    series.y.push_back(static_cast<double>(at + 1) / static_cast<double>(sorted.size()));
  }
  return series;
}

std::string distance_plot(const Report& report) {
  return draw({"distance to the nearest training image",
               "share of images nearer than that",
               false,
               false,
               {distances(report.samples, Mark::line), distances(report.references[1], Mark::dashed),
                distances(report.references[0], Mark::dashed)}});
}

std::string variance_plot(const Report& report) {
  Plot plot{"class", "variance / that of the training images", false, false, {}};
  for (const Line* line : {&report.samples, &report.references[1], &report.references[3]}) {
    Series series{line->what, {}, {}, {}, Mark::points};
    for (int64_t c = 0; c < kClasses; ++c) {
      if (line->class_variance[c].count < 1) continue;
      series.x.push_back(static_cast<double>(c));
      series.y.push_back(line->class_variance[c].mean);
      series.error.push_back(line->class_variance[c].stderr_of_mean);
    }
    plot.series.push_back(std::move(series));
  }
  return draw(plot);
}

std::string html_table(const Report& report, const std::string& caption, std::span<const Column> columns,
                       bool with_numbers) {
  std::vector<std::string> head{"images"};
  if (with_numbers) head.emplace_back("number");
  for (const Column& column : columns) head.emplace_back(column.head);
  std::vector<std::vector<std::string>> rows;
  for (const Line* line : lines_of(report)) {
    std::vector<std::string> row{line == &report.samples ? "<b>samples</b>" : escaped(line->what)};
    if (with_numbers) row.push_back(fmt::format("{}", line->images));
    for (const Column& column : columns) row.push_back(short_text(line->*column.figure, " &plusmn; ", 1));
    rows.push_back(std::move(row));
  }
  return number_table(caption, head, rows);
}

// Columns of text, the first to the left and the others to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows) {
    for (size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], row[k].size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{}{:<{}}", text.empty() ? "" : "\n", row[0], widths[0]);
    for (size_t k = 1; k < row.size(); ++k) text += fmt::format("  {:>{}}", row[k], widths[k]);
  }
  return text;
}

std::string copies_sentence(const Report& report) {
  const Estimate& copied = report.samples.copied;
  return fmt::format(
      "{:.3g} % of the samples are much nearer to one training image than to the next (1 % of the test images are, by "
      "definition)",
      100 * copied.mean);
}

}  // namespace

Json to_json(const Line& line) {
  Json json = {{"images", line.images}};
  const auto put = [&](const char* key, const Estimate& estimate) {
    json[key] = estimate.count < 1 ? Json(nullptr) : swell::to_json(estimate, "1");
  };
  put("agreement", line.agreement);
  put("confidence", line.confidence);
  put("frechet_distance", line.frechet);
  put("kernel_distance", line.kernel);
  put("precision", line.precision);
  put("recall", line.recall);
  put("variance", line.variance);
  json["class_variance"] = Json::array();
  for (const Estimate& ratio : line.class_variance) json["class_variance"].push_back(swell::to_json(ratio, "1"));
  put("nearest_distance", line.distance);
  put("copied", line.copied);
  json["class_counts"] = line.class_counts;
  return json;
}

Json to_json(const Report& report) {
  Json json = to_json(report.samples);
  json["sizes"] = {{"test_images", report.test_images},
                   {"train_images", report.train_images},
                   {"kernel_distance_test_images", report.kernel_images},
                   {"precision_and_recall_images", report.covered},
                   {"nearest_images", report.searched}};
  json["judge"] = {{"data", report.data}, {"test_accuracy", report.test_accuracy}, {"features", kFeatures}};
  json["copied_ratio"] = report.copied_ratio;
  json["memorised"] = report.memorised;
  return json;
}

Json references_of(const Report& report) {
  Json references = Json::array();
  for (const Line& line : report.references) {
    Json reference = {{"what", line.what}};
    reference.update(to_json(line));
    references.push_back(std::move(reference));
  }
  return references;
}

std::string table_of_lines(const Report& report) {
  const std::span<const Column> all(kColumns);
  std::string text;
  for (const auto& columns : {all.first(kInFirstTable), all.subspan(kInFirstTable)}) {
    const bool with_numbers = text.empty();
    std::vector<std::vector<std::string>> rows{{""}};
    if (with_numbers) rows[0].emplace_back("images");
    for (const Column& column : columns) rows[0].emplace_back(column.head);
    for (const Line* line : lines_of(report)) {
      std::vector<std::string>& row = rows.emplace_back();
      row.push_back(line->what);
      if (with_numbers) row.push_back(fmt::format("{}", line->images));
      for (const Column& column : columns) row.push_back(short_text(line->*column.figure, " +- ", 1));
    }
    text += (text.empty() ? "" : "\n\n") + aligned(rows);
  }
  return text;
}

Image sheet(const Images& images, int64_t most) {
  std::vector<const float*> shown;
  for (int64_t k = 0; k < std::min(most, images.count()); ++k) shown.push_back(images.pixels.data() + k * kPixels);
  return tiles(shown, 10);
}

Image nearest_sheet(const Report& report, const Shown& shown) {
  constexpr size_t kPairs = 20;
  const Nearest& nearest = report.samples.nearest;
  std::vector<int64_t> order(nearest.distance.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto ratio = [&](int64_t i) { return nearest.second[i] > 0 ? nearest.distance[i] / nearest.second[i] : 1.0; };
  std::ranges::stable_sort(order, {}, ratio);
  order.resize(std::min(order.size(), kPairs));
  std::vector<const float*> images;
  for (size_t first = 0; first < order.size(); first += 10) {
    const size_t end = std::min(first + 10, order.size());
    for (size_t k = first; k < end; ++k) images.push_back(shown.samples.pixels.data() + order[k] * kPixels);
    images.resize((images.size() + 9) / 10 * 10, images.back());
    for (size_t k = first; k < end; ++k)
      images.push_back(shown.train.pixels.data() + nearest.index[order[k]] * kPixels);
    images.resize((images.size() + 9) / 10 * 10, images.back());
  }
  return tiles(images, 10);
}

std::string report_page(const Report& report, const JudgeOptions& options, const Shown& shown) {
  const Line& samples = report.samples;
  std::string page = fmt::format("<h1>Images judged beside {}</h1>\n", escaped(report.data));
  const std::string agreement =
      report.has_labels
          ? fmt::format("The judge sees the class asked for in {} of the samples, at a mean confidence of {}. ",
                        short_text(samples.agreement), short_text(samples.confidence))
          : fmt::format("No classes were given, so there is no agreement; the judge's mean confidence is {}. ",
                        short_text(samples.confidence));
  page +=
      answer(fmt::format("Fr\u00e9chet distance of {} samples to {} test images", samples.images, report.test_images),
             short_text(samples.frechet),
             agreement + fmt::format("As many training images have {}, class Gaussians {}. {}.",
                                     short_text(report.references[0].frechet), short_text(report.references[3].frechet),
                                     copies_sentence(report)));
  if (report.memorised)
    page += warning(copies_sentence(report) + ": the machine repeats images that it was trained on");
  page += explain_errors(fmt::format("{} images", samples.images));
  const std::span<const Column> all(kColumns);
  page += html_table(report, "How far from the data", all.first(kInFirstTable), true);
  const std::span<const Column> others = all.subspan(kInFirstTable);
  page += html_table(report, "What is false or missing", others.first(others.size() - kOfCopies), false);
  page += html_table(report, "What is copied", others.last(kOfCopies), false);
  page += fmt::format(
      "<p>Features: the {} numbers before the last layer of a small network that recognises {:.2f} % of the test "
      "images. FD: Fr\u00e9chet distance to all {} test images; it grows as samples get fewer, so compare lines of the "
      "same number. KD: kernel distance to a random half of them ({}), without bias; the line of test images has the "
      "other half. Precision and recall: {} "
      "images on each side, {} neighbours. Variance: within classes, over that of the training images. Nearest: mean "
      "distance of {} images to the nearest of {} training images. Copied: share of those whose nearest training image "
      "is less than {:.3f} times as far as the next.{}</p>\n",
      kFeatures, 100 * report.test_accuracy, report.test_images, report.kernel_images, report.covered, kNeighbours,
      report.searched, report.train_images, report.copied_ratio,
      options.threshold >= 0
          ? fmt::format(" All images, those of the data too, are black up to {:g} and white above.", options.threshold)
          : std::string());
  page += "<h2>What it looks like</h2>\n";
  page += figure(sheet(shown.samples), "Samples, drawn at random.");
  page += figure(sheet(shown.train), "Training images.");
  page +=
      figure(nearest_sheet(report, shown),
             "The samples nearest to one training image, measured by the next (first and third row), and that image "
             "below each.");
  page += "<h2>Is it memorised?</h2>\n";
  page +=
      figure(distance_plot(report), "Distance to the nearest training image: root of the sum of squares over pixels.");
  page += "<h2>Is it varied?</h2>\n";
  page += figure(variance_plot(report), "Variance of the pixels within each class, over that of the training images.");
  return html_page("judged beside " + report.data, page);
}

}  // namespace swell::judge
