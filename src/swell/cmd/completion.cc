// Completion of command lines in a shell, printed from the flag tables.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/help.h"

namespace swell::cmd {

namespace {

// What may stand behind one command: its parts, and its options with their choices.
struct Choices {
  std::string option;  // with its dashes
  std::vector<std::string> values;
};
struct Entry {
  std::string command;                                     // as typed behind "swell"; empty for the program
  std::vector<std::pair<std::string, std::string>> words;  // parts of a command or words of its argument, with meanings
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::string> taking_values;  // options whose next word is theirs
  std::vector<Choices> choices;
};

std::string first_clause(std::string text) {
  text = text.substr(0, text.find_first_of(";:\n"));
  return text.substr(0, 70);
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find(":{");
  if (open == std::string::npos || !type.ends_with('}')) return {};
  return CLI::detail::split(type.substr(open + 2, type.size() - open - 3), ',');
}

void add_options(Entry& entry, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::vector<std::string> values = choices_of(*option);
    if (option->get_positional()) {
      for (const std::string& value : values) entry.words.emplace_back(value, first_clause(option->get_description()));
      continue;
    }
    std::vector<std::string> names;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : names) {
      entry.options.emplace_back(name, first_clause(option->get_description()));
      if (takes_value(*option)) entry.taking_values.push_back(name);
      if (!values.empty()) entry.choices.push_back({name, values});
    }
  }
}

void collect(const CLI::App& app, std::vector<Entry>& entries) {
  Entry entry;
  entry.command = full_name(app);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
    entry.words.emplace_back(sub->get_name(), first_clause(sub->get_description()));
  }
  add_options(entry, app);
  std::ranges::sort(entry.options);
  entry.options.erase(std::ranges::unique(entry.options).begin(), entry.options.end());
  if (entry.command == "help") {
    for (const CLI::App* sub :
         app.get_parent()->get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
      entry.words.emplace_back(sub->get_name(), first_clause(sub->get_description()));
  }
  entries.push_back(entry);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
    collect(*sub, entries);
}

std::string words_of(const std::vector<std::pair<std::string, std::string>>& named) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : named) words.push_back(word);
  return fmt::format("{}", fmt::join(words, " "));
}

// Inside single quotes of a shell.
std::string quoted(std::string text) {
  size_t at = 0;
  while ((at = text.find('\'', at)) != std::string::npos) {
    text.replace(at, 1, "'\\''");
    at += 4;
  }
  return "'" + text + "'";
}

constexpr const char* kBashHead = R"(# Completion of 'swell' in bash, printed by 'swell completion bash'.
_swell() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= k words= options= values=
  for ((k = 1; k < COMP_CWORD && k < 3; ++k)); do
    case "${COMP_WORDS[k]}" in
      -*) break ;;
    esac
    case "${command:+$command }${COMP_WORDS[k]}" in
)";

constexpr const char* kBashTail = R"(  if [ -n "$values" ]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ $before == -* && " $taking " == *" $before "* ]] || [ -z "$words" ]; then
    COMPREPLY=($(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}
complete -o filenames -o bashdefault -F _swell swell
)";

std::string bash_script(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    if (!entry.command.empty()) names.push_back(quoted(entry.command));
  }
  std::string script = kBashHead;
  script += fmt::format(
      "      {}) command=\"${{command:+$command }}${{COMP_WORDS[k]}}\" ;;\n      *) break ;;\n    esac\n  done\n",
      fmt::join(names, "|"));
  script += "  local taking=\n  case \"$command\" in\n";
  for (const Entry& entry : entries) {
    script += fmt::format("    {})\n      words='{}'\n      options='{}'\n      taking='{}'\n", quoted(entry.command),
                          words_of(entry.words), words_of(entry.options), fmt::join(entry.taking_values, " "));
    if (!entry.choices.empty()) {
      script += "      case \"$before\" in\n";
      for (const Choices& choice : entry.choices)
        script += fmt::format("        {}) values='{}' ;;\n", choice.option, fmt::join(choice.values, " "));
      script += "      esac\n";
    }
    script += "      ;;\n";
  }
  return script + "  esac\n" + kBashTail;
}

constexpr const char* kZshHead = R"(#compdef swell
# Completion of 'swell' in zsh, printed by 'swell completion zsh'.
_swell() {
  local command= k
  for ((k = 2; k < CURRENT && k < 4; ++k)); do
    [[ ${words[k]} == -* ]] && break
    case "${command:+$command }${words[k]}" in
)";

// In the descriptions of _describe a colon ends the word.
std::string zsh_items(const std::vector<std::pair<std::string, std::string>>& named) {
  std::string items;
  for (const auto& [word, meaning] : named) items += " " + quoted(word + ":" + meaning);
  return items;
}

std::string zsh_script(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    if (!entry.command.empty()) names.push_back(quoted(entry.command));
  }
  std::string script = kZshHead;
  script += fmt::format(
      "      {}) command=\"${{command:+$command }}${{words[k]}}\" ;;\n      *) break ;;\n    esac\n  done\n",
      fmt::join(names, "|"));
  script += "  local -a parts options values taking\n  case \"$command\" in\n";
  for (const Entry& entry : entries) {
    script += fmt::format("    {})\n      parts=({} )\n      options=({} )\n      taking=({})\n", quoted(entry.command),
                          zsh_items(entry.words), zsh_items(entry.options), fmt::join(entry.taking_values, " "));
    if (!entry.choices.empty()) {
      script += "      case \"${words[CURRENT-1]}\" in\n";
      for (const Choices& choice : entry.choices)
        script += fmt::format("        {}) values=({}) ;;\n", choice.option, fmt::join(choice.values, " "));
      script += "      esac\n";
    }
    script += "      ;;\n";
  }
  return script + R"(  esac
  if (( $#values )); then
    compadd -a values
  elif [[ ${words[CURRENT]} == -* ]]; then
    _describe option options
  elif (( ${taking[(Ie)${words[CURRENT-1]}]} )) || (( ! $#parts )); then
    _files
  else
    _describe command parts
  fi
}
if [ "$funcstack[1]" = "_swell" ]; then
  _swell "$@"
else
  compdef _swell swell
fi
)";
}

std::string fish_script(const std::vector<Entry>& entries) {
  std::string script = "# Completion of 'swell' in fish, printed by 'swell completion fish'.\n";
  for (const Entry& entry : entries) {
    std::string condition = "__fish_use_subcommand";
    if (!entry.command.empty()) {
      condition.clear();
      for (const std::string& word : CLI::detail::split(entry.command, ' '))
        condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", word);
    }
    for (const auto& [word, meaning] : entry.words)
      script += fmt::format("complete -c swell -n {} {}-a {} -d {}\n", quoted(condition),
                            entry.command.empty() ? "-f " : "", quoted(word), quoted(meaning));
    for (const auto& [name, meaning] : entry.options) {
      const auto choice = std::ranges::find(entry.choices, name, &Choices::option);
      const bool takes = std::ranges::find(entry.taking_values, name) != entry.taking_values.end();
      script += fmt::format("complete -c swell -n {} {} {}{} -d {}\n", quoted(condition),
                            name.starts_with("--") ? "-l" : "-s", name.substr(name.find_first_not_of('-')),
                            choice != entry.choices.end() ? fmt::format(" -x -a '{}'", fmt::join(choice->values, " "))
                            : takes                       ? " -r"
                                                          : "",
                            quoted(meaning));
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Entry> entries;
  collect(app, entries);
  if (shell == "bash") return bash_script(entries);
  if (shell == "zsh") return zsh_script(entries);
  if (shell == "fish") return fish_script(entries);
  throw InputError(fmt::format("there is no completion for '{}'; bash, zsh and fish have one", shell));
}

}  // namespace swell::cmd
