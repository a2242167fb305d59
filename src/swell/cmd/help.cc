#include "swell/cmd/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "swell/cmd/console.h"

namespace swell::cmd {

namespace {

constexpr int kWidest = 100, kNarrowest = 40;
constexpr int kIndent = 2, kColumn = 26;

// Lines of at most `width` characters; the first begins behind `used` others, the rest at `indent`.
std::string wrap(const std::string& text, int used, int indent, int width) {
  std::istringstream words(text);
  std::string wrapped, word;
  int column = used;
  bool first = true;
  while (words >> word) {
    const int length = static_cast<int>(word.size());
    if (!first && column + 1 + length > width) {
      wrapped += "\n" + std::string(static_cast<size_t>(indent), ' ');
      column = indent;
      first = true;
    }
    if (!first) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += length;
    first = false;
  }
  return wrapped;
}

int page_width() { return std::clamp(terminal_columns(), kNarrowest, kWidest); }

std::string entry(const std::string& name, const std::string& text) {
  const int column = std::min(kColumn, page_width() / 3);
  std::string line = std::string(kIndent, ' ') + name;
  if (static_cast<int>(line.size()) + 2 > column) {
    line += "\n" + std::string(static_cast<size_t>(column), ' ');
  } else {
    line.resize(static_cast<size_t>(column), ' ');
  }
  return line + wrap(text, column, column, page_width()) + "\n";
}

}  // namespace

bool takes_value(const CLI::Option& option) { return option.get_expected_max() > 0; }

std::string value_name(const CLI::Option& option) {
  if (!takes_value(option)) return "";
  if (!option.get_option_text().empty()) return option.get_option_text();
  if (option.check_lname("output")) return "FOLDER";
  if (option.check_lname("save")) return "FILE";
  const std::string type = option.get_type_name();
  if (const size_t open = type.find(":{"); open != std::string::npos && type.ends_with('}')) {
    std::string choices = type.substr(open + 2, type.size() - open - 3);
    std::ranges::replace(choices, ',', '|');
    return choices;
  }
  const std::string name = type.starts_with("INT") || type.starts_with("UINT") ? "N"
                           : type.starts_with("FLOAT")                         ? "X"
                                                                               : "TEXT";
  return option.get_delimiter() != '\0' ? name + ",..." : name;
}

std::string meaning(const CLI::Option& option) {
  std::string text = option.get_description();
  if (option.get_required()) text += " (required)";
  const std::string value = option.get_default_str();
  if (!value.empty() && value != "\"\"" && takes_value(option)) text += fmt::format(" [default: {}]", value);
  return text;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  if (!parent) return "";
  const std::string before = full_name(*parent);
  return before.empty() ? command.get_name() : before + " " + command.get_name();
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  std::string text = app->get_description();
  if (text.empty()) return "";
  if (app->get_parent()) text = fmt::format("{}: {}.", coloured(stdout, "1", "swell " + full_name(*app)), text);
  return wrap(text, 0, 0, page_width()) + "\n\n";
}

std::string HelpFormatter::make_group(std::string group, bool is_positional,
                                      std::vector<const CLI::Option*> options) const {
  if (is_positional) group = "Arguments";
  std::string text = coloured(stdout, "1", group + ":") + "\n";
  for (const CLI::Option* option : options) text += make_option(option, is_positional);
  return is_positional ? "\n" + text : text;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  if (is_positional) return entry(option->get_name(true, false), meaning(*option));
  std::string name = option->get_name(false, true);
  if (const size_t comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
  const std::string value = value_name(*option);
  return entry(value.empty() ? name : name + " " + value, meaning(*option));
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
  return entry(sub->get_name(), sub->get_description());
}

}  // namespace swell::cmd
