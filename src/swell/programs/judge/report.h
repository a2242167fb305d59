#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "swell/io/image.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/judge/judge.h"

namespace swell::judge {

// The figures of a line, each with its error.
nlohmann::ordered_json to_json(const Line& line);
// Sizes, the network, the samples' figures and what was found of copies.
nlohmann::ordered_json to_json(const Report& report);
// The reference lines, a list of objects with `what` first.
nlohmann::ordered_json references_of(const Report& report);

// The lines as a table of text for a terminal.
std::string table_of_lines(const Report& report);

// What is shown beside the figures.
struct Shown {
  const Images& samples;  // as they were judged
  const Images& train;
};

// At most `most` images, ten side by side, each pixel as 2 x 2.
Image sheet(const Images& images, int64_t most = 100);
// The samples that are nearest to one training image, measured by the next one, each above that image.
Image nearest_sheet(const Report& report, const Shown& shown);

std::string report_page(const Report& report, const JudgeOptions& options, const Shown& shown);

}  // namespace swell::judge
