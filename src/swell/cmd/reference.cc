// The command-line reference and the manual page, printed from the flag tables.

#include <fmt/format.h>

#include "swell/cmd/command.h"
#include "swell/cmd/help.h"
#include "swell/version.h"

namespace swell::cmd {

namespace {

constexpr std::pair<int, const char*> kExitCodes[] = {{0, "done"},
                                                      {2, "the input is wrong"},
                                                      {3, "a file is wrong or cannot be written"},
                                                      {4, "the state diverged"},
                                                      {5, "ran, but missed the tolerance asked for"},
                                                      {130, "interrupted"}};

std::string exit_codes() {
  std::string text;
  for (const auto& [code, what] : kExitCodes) text += fmt::format("{}{} {}", text.empty() ? "" : "; ", code, what);
  return text;
}

// A bar would end the cell of a table.
std::string in_cell(std::string text) {
  size_t at = 0;
  while ((at = text.find('|', at)) != std::string::npos) {
    text.replace(at, 1, "\\|");
    at += 2;
  }
  return text;
}

std::string option_row(const CLI::Option& option) {
  const std::string value = value_name(option);
  std::string name = option.get_positional() ? option.get_name(true, false) : option.get_name(false, true);
  if (!option.get_positional() && !value.empty()) name += " " + value;
  std::string remark = option.get_description();
  if (option.get_required()) remark += " (required)";
  const std::string usual = takes_value(option) ? option.get_default_str() : "";
  return fmt::format("| `{}` | {} | {} |\n", in_cell(name), in_cell(remark),
                     usual.empty() || usual == "\"\"" ? "" : "`" + usual + "`");
}

// By four, as Markdown has code; help has two.
std::string indented(const std::string& lines) {
  std::string text = "  ";
  for (const char c : lines.substr(0, lines.size() - 1)) text += c == '\n' ? "\n  " : std::string(1, c);
  return text + "\n";
}

// The commands that help lists, those with parts by their parts.
std::vector<std::pair<std::string, const CLI::App*>> shown_commands(const CLI::App& app,
                                                                    const std::string& before = "") {
  std::vector<std::pair<std::string, const CLI::App*>> shown;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
    const auto parts = shown_commands(*command, before + command->get_name() + " ");
    // A command made of parts alone has nothing of its own to show.
    const bool works =
        parts.empty() ||
        !command->get_options([](const CLI::Option* option) { return option->get_positional(); }).empty();
    if (works) shown.emplace_back(before + command->get_name(), command);
    shown.insert(shown.end(), parts.begin(), parts.end());
  }
  return shown;
}

}  // namespace

std::string reference_page(const CLI::App& app) {
  std::string page =
      "# Command line\n\nPrinted by `swell reference`; a test compares this page with the program.\n\n"
      "Counts are written 1000, 1e3, 1_000 or 1k (M, G); times with their unit, 250ms, 10s, 2m, 1h or 1h30m.\n\n"
      "Exit codes: " +
      exit_codes() + ".\n\n## Every command\n\n| option | meaning | default |\n| --- | --- | --- |\n";
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
    if (const std::string examples = examples_of(name); !examples.empty()) sections += "\n" + indented(examples);
    first = false;
  }
  return page + sections;
}

namespace {

// What man takes for its own: a backslash, and a dot or quote where a line begins.
std::string for_man(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    const bool begins = plain.empty() || plain.back() == '\n';
    if (begins && (c == '.' || c == '\'')) plain += "\\&";
    plain += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  }
  return plain;
}

std::string man_option(const CLI::Option& option) {
  std::string name = option.get_positional() ? option.get_name(true, false) : option.get_name(false, true);
  const std::string value = option.get_positional() ? "" : value_name(option);
  if (!value.empty()) name += " " + value;
  return fmt::format(".TP\n.B {}\n{}\n", for_man(name), for_man(meaning(option)));
}

}  // namespace

std::string manual_page(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH SWELL 1 \"\" \"swell {}\" \"User commands\"\n.SH NAME\nswell \\- design, train, run and price "
      "thermodynamic computers\n.SH SYNOPSIS\n.B swell\n.I COMMAND\n[options]\n.SH DESCRIPTION\n{}\n",
      kVersion, for_man(app.get_description()));
  std::string sections, common;
  for (const auto& [name, command] : shown_commands(app)) {
    sections += fmt::format(".SS swell {}\n{}.\n", for_man(name), for_man(command->get_description()));
    const bool first = common.empty();
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_group() == "Common") {
        if (first) common += man_option(*option);
      } else if (option->get_name() != "--help") {
        sections += man_option(*option);
      }
    }
    if (const std::string examples = examples_of(name); !examples.empty())
      sections += fmt::format(".PP\nExamples:\n.PP\n.nf\n{}.fi\n", for_man(examples));
  }
  page += ".SH OPTIONS OF EVERY COMMAND\n" + common + ".SH COMMANDS\n" + sections;
  page += ".SH EXIT STATUS\n";
  for (const auto& [code, what] : kExitCodes) page += fmt::format(".TP\n.B {}\n{}\n", code, what);
  return page +
         ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours, if not empty\n.TP\n.B COLUMNS\nwidth of the terminal, "
         "where it does not say so itself\n.TP\n.B XDG_DATA_HOME\nwhere fetched data sets are kept\n";
}

}  // namespace swell::cmd
