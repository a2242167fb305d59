#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace swell::cmd {

// What stands around a command's own flag table, the same for every command.

// Counts in every spelling (1e3, 1_000, 10k) for each option that takes whole numbers, and finite numbers alone for
// those that take any; an option is no value of another.
void accept_numbers(CLI::App& command);

// The command line with names that options once had replaced by those that they have now. Says so.
std::vector<std::string> with_new_names(std::vector<std::string> words);

// One sentence on what is wrong with the command line, and where to read on. A name that does not exist comes before
// what its absence entails.
std::string explain(const CLI::App& app, const CLI::ParseError& error);

// The command named by these words. Throws InputError with a suggestion where there is none.
const CLI::App& find_command(const CLI::App& app, const std::vector<std::string>& words);

// The command that was typed, the innermost one.
const CLI::App& typed_command(const CLI::App& app);

}  // namespace swell::cmd
