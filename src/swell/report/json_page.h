#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace swell {

// A report page from the JSON object of a command that has no page of its own: its answer on top, then a table for each
// of its parts. {mean, stderr} stand as "mean +- stderr"; long lists are plotted where they are numbers and counted
// where they are not.
std::string json_page(const nlohmann::ordered_json& result);

}  // namespace swell
