#include "swell/cmd/usage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <regex>

#include "swell/base/errors.h"
#include "swell/base/quantity.h"
#include "swell/cmd/console.h"
#include "swell/cmd/help.h"

namespace swell::cmd {

namespace {

std::string check_finite(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + text.starts_with('+'), end, value);
  return error == std::errc() && stop == end && std::isfinite(value) ? "" : fmt::format("{} is not a number", text);
}

std::string check_time(const std::string& text) {
  try {
    seconds_in(text);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

std::string rewrite_count(std::string& text) {
  try {
    text = plain_count(text);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

// Names that options once had. What is left out meant something else elsewhere: one name means one thing.
struct OldName {
  const char *commands, *old_name, *new_name;  // commands with commas between
};
constexpr const char* kWithSave =
    "train, inspect, neural train, neural compare, rival train, spice images, compile, entropy record";
constexpr const char* kLinear = "solve, inv, logdet, lyapunov, expm, gaussian";
constexpr OldName kOldNames[] = {
    {kWithSave, "--output", "--save"},
    {kWithSave, "-o", "--save"},
    {kLinear, "--noise", "--noise-current"},
    {kLinear, "--tol", "--tolerance"},
    {"rival generate", "--noise", "--first-noise"},
    {"compile", "--target", "--onto"},
    {"entropy record", "--device", "--device-name"},
    {"entropy record", "--samples", "--bytes"},
    {"entropy check", "--samples", "--symbols"},
    {"entropy record, entropy check", "--bits", "--symbol-bits"},
    {"ising, route", "--time", "--budget"},
    {"run", "--points", "--course-points"},
    {"neural train", "--start", "--warm-start"},
    {"neural train", "--only", "--trainable"},
    {"neural test", "--runs", "--answers"},
    {"expm", "--time", "--t"},
    {"bench", "--seconds", "--time"},
    {"run", "--precision", "--arithmetic"},
    {"generate", "--precision", "--arithmetic"},
    {"neural neuron", "--from", "--lowest"},
    {"neural neuron", "--to", "--highest"},
    {"neural train", "--from", "--warm-start"},
    {"neural test", "--times", "--read-times"},
    {"circuit", "--time", "--duration"},
    {"circuit", "--every", "--step"},
    {"circuit", "--trajectories", "--samples"},
};

// Insertions, deletions, changes and swaps of neighbours that turn one word into the other.
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> cost(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = static_cast<int>(i);
  std::iota(cost[0].begin(), cost[0].end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

// The name nearest to the word, where one is near enough to have been meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& names) {
  std::optional<std::string> best;
  const size_t dashes = std::min(word.find_first_not_of('-'), word.size());  // every option has them right
  int least = std::max(1, static_cast<int>(word.size() - dashes) / 3) + 1;
  for (const std::string& name : names) {
    const bool cut_short = word.size() > 3 && name.starts_with(word);
    const int distance = cut_short ? 1 : edit_distance(word, name);
    if (distance >= least) continue;
    least = distance;
    best = name;
  }
  return best;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
    names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_positional()) continue;
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string help_of(const CLI::App& command) {
  const std::string name = full_name(command);
  return name.empty() ? "'swell --help' lists the commands" : fmt::format("'swell {} --help' says what is", name);
}

std::string strange_command(const CLI::App& app, const std::string& word) {
  const std::string before = full_name(app);
  const auto guess = nearest(word, command_names(app));
  const std::string meant = guess ? fmt::format("; did you mean '{}'?", *guess) : ".";
  return fmt::format(
      "'{}' is not a command{}{} {}.", word, before.empty() ? "" : " of 'swell " + before + "'", meant,
      before.empty() ? "'swell --help' lists them" : fmt::format("'swell {} --help' lists them", before));
}

std::string strange_option(const CLI::App& command, std::string word) {
  word = word.substr(0, word.find('='));
  const std::string name = full_name(command);
  const auto guess = nearest(word, option_names(command));
  return fmt::format("'{}' is not an option{}{} {} allowed.", word, name.empty() ? "" : " of 'swell " + name + "'",
                     guess ? fmt::format("; did you mean '{}'?", *guess) : ".", help_of(command));
}

constexpr const char* kNoValue = "a value is missing";

// "0.000000" and "1000000000.000000", as CLI11 has bounds that are no whole numbers.
std::string plain_bound(const std::string& bound) {
  return bound.find('.') == std::string::npos ? bound : fmt::format("{:g}", std::stod(bound));
}

// CLI11 says "NAME: Value 0 not in range 1 to 5" and "NAME: x not in {a,b}".
std::string reworded(const std::string& what) {
  static const std::regex range(R"(^(\S+): Value (.*) not in range (\S+) to (\S+)$)");
  static const std::regex choice(R"(^(\S+): (.*) not in \{(.*)\}$)");
  std::smatch part;
  if (std::regex_match(what, part, range)) {
    if (!check_finite(part[2]).empty()) return fmt::format("{}: {} is not a number", part[1].str(), part[2].str());
    // A bound that six decimals cannot tell from 0, which was refused.
    if (plain_bound(part[3]) == "0" && std::stod(part[2]) == 0)
      return fmt::format("{} is {}; more than 0 and at most {} is allowed", part[1].str(), part[2].str(),
                         plain_bound(part[4]));
    return fmt::format("{} is {}; from {} to {} is allowed", part[1].str(), part[2].str(), plain_bound(part[3]),
                       plain_bound(part[4]));
  }
  if (std::regex_match(what, part, choice)) {
    std::string choices = part[3];
    size_t comma = 0;
    while ((comma = choices.find(',', comma)) != std::string::npos) choices.replace(comma, 1, ", "), comma += 2;
    return fmt::format("{} is '{}'; one of {} is allowed", part[1].str(), part[2].str(), choices);
  }
  return what;
}

std::string missing_option(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    const std::string name = option->get_positional() ? option->get_name(true, false) : option->get_name(false, true);
    return fmt::format("'swell {}' needs {}: {}.", full_name(command), name, option->get_description());
  }
  return "";
}

}  // namespace

void accept_numbers(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    if (!takes_value(*option)) continue;
    // '--json --film 0': CLI11 takes '--film' for the name of a file.
    option->check(CLI::Validator(
        [&command](const std::string& value) {
          const bool is_option = value.size() > 1 && value[0] == '-' && command.get_option_no_throw(value);
          return is_option ? fmt::format("{}: '{}' is an option", kNoValue, value) : std::string();
        },
        ""));
    if (type.starts_with("INT") || type.starts_with("UINT")) option->transform(CLI::Validator(rewrite_count, ""));
    if (type.starts_with("FLOAT")) option->check(check_finite);
    if (type.starts_with("TEXT") && option->get_option_text() == "TIME") option->check(check_time);
  }
}

std::vector<std::string> with_new_names(std::vector<std::string> words) {
  const std::string first = words.empty() ? "" : words[0], both = words.size() < 2 ? "" : first + " " + words[1];
  for (const OldName& known : kOldNames) {
    const std::string commands = fmt::format(", {},", known.commands), old_name = known.old_name;
    const bool by_both = commands.find(", " + both + ",") != std::string::npos;
    if (!by_both && commands.find(", " + first + ",") == std::string::npos) continue;
    for (std::string& word : words) {
      if (!word.starts_with(old_name)) continue;
      std::string value = word.substr(old_name.size());
      const bool is_joined = old_name.size() == 2 && !value.empty() && value[0] != '=';  // -oFILE
      if (is_joined) value = "=" + value;
      if (!value.empty() && value[0] != '=') continue;
      word = known.new_name + value;
      warn(fmt::format("{} of 'swell {}' is now called {}; the old name still works", old_name, by_both ? both : first,
                       known.new_name));
    }
  }
  return words;
}

const CLI::App& typed_command(const CLI::App& app) {
  const std::vector<CLI::App*> typed = app.get_subcommands();
  return typed.empty() ? app : typed_command(*typed.back());
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = typed_command(app);
  const std::vector<std::string> strange = app.remaining(true);
  // The word behind a swallowed option would be one too many.
  const std::string what = error.what();
  if (what.find(kNoValue) != std::string::npos) return fmt::format("{}. {} allowed.", what, help_of(command));
  for (const std::string& word : strange) {
    if (word.size() > 1 && word.starts_with('-')) return strange_option(command, word);
  }
  const bool has_parts = !command_names(command).empty();
  if (has_parts && !strange.empty()) return strange_command(command, strange.front());
  if (has_parts && typeid(error) == typeid(CLI::RequiredError)) {
    return fmt::format("a command is needed{}: {}.",
                       command.get_parent() ? " behind 'swell " + full_name(command) + "'" : "",
                       fmt::join(command_names(command), ", "));
  }
  if (typeid(error) == typeid(CLI::RequiredError)) {
    if (const std::string missing = missing_option(command); !missing.empty()) return missing;
  }
  if (!strange.empty()) return fmt::format("'{}' is one word too many. {} allowed.", strange.front(), help_of(command));
  return fmt::format("{}. {} allowed.", reworded(error.what()), help_of(command));
}

const CLI::App& find_command(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  for (const std::string& word : words) {
    const auto subs = command->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
    if (subs.empty()) throw InputError(strange_command(*command, word));
    command = subs.front();
  }
  return *command;
}

}  // namespace swell::cmd
