#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace swell::cmd {

// Help for people: one option after the other, wrapped to the terminal, each with its default and the values allowed.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* app) const override;
  std::string make_group(std::string group, bool is_positional, std::vector<const CLI::Option*> options) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* sub) const override;
};

// False for flags that are only given or not.
bool takes_value(const CLI::Option& option);

// What stands for the value of an option: N, X, TIME, TEXT or its choices; empty for a flag.
std::string value_name(const CLI::Option& option);

// Its meaning with the default behind it.
std::string meaning(const CLI::Option& option);

// A command with the names before it, as typed behind "swell": "neural train".
std::string full_name(const CLI::App& command);

}  // namespace swell::cmd
