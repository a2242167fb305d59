#include "swell/cmd/chip_flags.h"

#include <algorithm>

#include "swell/hardware/chip_files.h"

namespace swell::cmd {

void add_chip_flags(CLI::App& app, ChipFlags& flags) {
  app.add_option(
         "--chip", flags.spec,
         "faults of chips (TOML; docs/hardware.md): the error of the task over --chips of them, each with draws "
         "of its own")
      ->group("Chips");
  app.add_option("--chips", flags.chips, "number of chips")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{100000}))
      ->group("Chips");
}

std::optional<hardware::Imperfections> chip_of(const ChipFlags& flags) {
  if (flags.spec.empty()) return {};
  return hardware::read_imperfections(flags.spec);
}

int64_t chip_count(const ChipFlags& flags, const Common& common) {
  return common.quick ? std::min<int64_t>(flags.chips, 4) : flags.chips;
}

void add_chips(Result& result, const ChipErrors& chips, const Common& common) {
  common.say(sentence(chips));
  result.result["chips"] = swell::to_json(chips);
  const size_t end = result.page.rfind("</body>");
  if (end != std::string::npos) result.page.insert(end, section(chips));
}

}  // namespace swell::cmd
