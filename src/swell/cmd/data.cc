// swell data: fetches a public data set into the user's data folder, checked by SHA-256.

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/progress.h"
#include "swell/io/datasets.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string name, from;
};

Result run(const Flags& flags, const Common& common) {
  std::optional<std::filesystem::path> from;
  if (!flags.from.empty()) from = flags.from;
  const auto files = fetch_dataset(flags.name, user_data_folder(), from, [&](std::string_view line) {
    if (interrupted()) throw Interrupted("the download was interrupted; nothing of it was kept");
    common.say(std::string(line));
  });
  Result result;
  result.result["files"] = nlohmann::ordered_json::array();
  for (const auto& file : files) {
    result.result["files"].push_back(file.string());
    common.say(fmt::format("{} (checksum right)", file.string()));
  }
  common.say(fmt::format("Use it with --data {}.", flags.name));
  return result;
}

}  // namespace

Command data_command() {
  return {
      "data", "fetch a public data set, checked by SHA-256", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        std::vector<std::string> names;
        for (const Dataset& dataset : known_datasets()) names.push_back(dataset.name);
        app.add_option("NAME", flags->name, "data set")->required()->check(CLI::IsMember(names));
        app.add_option("--from", flags->from, "a folder, file or .tgz that has the files already")->option_text("FILE");
        return [flags](const Common& common) { return run(*flags, common); };
      }};
}

}  // namespace swell::cmd
