// The command-line reference, printed from the flag tables.

#include <fmt/format.h>

#include "swell/cmd/command.h"

namespace swell::cmd {

namespace {

std::string option_row(const CLI::Option& option) {
  std::string name = option.get_positional() ? option.get_name(true, false) : option.get_name(false, true);
  std::string remark = option.get_description();
  if (option.get_required()) remark += " (required)";
  const std::string value = option.get_default_str();
  return fmt::format("| `{}` | {} | {} |\n", name, remark, value.empty() || value == "\"\"" ? "" : "`" + value + "`");
}

// The commands that help lists, those with parts by their parts.
std::vector<std::pair<std::string, const CLI::App*>> shown_commands(const CLI::App& app,
                                                                    const std::string& before = "") {
  std::vector<std::pair<std::string, const CLI::App*>> shown;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
    const auto parts = shown_commands(*command, before + command->get_name() + " ");
    if (parts.empty()) shown.emplace_back(before + command->get_name(), command);
    shown.insert(shown.end(), parts.begin(), parts.end());
  }
  return shown;
}

}  // namespace

std::string reference_page(const CLI::App& app) {
  std::string page =
      "# Command line\n\nPrinted by `swell reference`; a test compares this page with the program.\n\n"
      "Exit codes: 0 done; 2 the input is wrong; 3 a file is wrong or cannot be written; 4 the state diverged; 5 ran, "
      "but missed the tolerance "
      "asked for; 130 interrupted.\n\n## Every command\n\n| option | meaning | default |\n| --- | --- | --- |\n";
  const std::string common_group = "Common";
  bool first = true;
  std::string sections;
  for (const auto& [name, command] : shown_commands(app)) {
    sections += fmt::format("\n## swell {}\n\n{}.\n\n| option | meaning | default |\n| --- | --- | --- |\n", name,
                            command->get_description());
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_group() == common_group) {
        if (first) page += option_row(*option);
      } else if (option->get_name() != "--help") {
        sections += option_row(*option);
      }
    }
    first = false;
  }
  return page + sections;
}

}  // namespace swell::cmd
