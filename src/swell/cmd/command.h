#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace swell::cmd {

// Options that every command has.
struct Common {
  uint64_t seed = 1;
  int threads = 1;
  std::string json;    // file, or "-" for standard output; empty for none
  std::string report;  // page to write, HTML; empty for none
  bool quick = false;
  bool quiet = false;  // nothing for people but warnings and errors
  bool force = false;  // results of another command may be replaced

  // Prints a line for people, unless they asked for quiet: on standard output, or on standard error where that carries
  // the JSON.
  void say(const std::string& line) const;
};

// Does the work and returns the command's own part of the JSON object (command, version, seed, threads and wall_s are
// added by main). Throws swell::Error.
struct Result {
  nlohmann::ordered_json json;
  int exit_code = 0;
  std::string page = "";  // for --report; empty for one made from the JSON
};
using Action = std::function<Result(const Common&)>;

// One subcommand: its flag table is set up on a CLI11 app, which gives parsing, help and the reference page.
struct Command {
  std::string name;
  std::string summary;
  std::function<Action(CLI::App&)> set_up;
};

// One per file in this folder; main lists them.
Command demo_command();
Command train_command();
Command generate_command();
Command run_command();
Command inspect_command();
Command data_command();
Command bench_command();
std::vector<Command> linear_commands();  // solve, inv, logdet, lyapunov, expm, gaussian
Command ising_command();
Command route_command();
Command neural_command();

std::vector<Command> all_commands();

// The command-line reference as Markdown, from the flag tables: docs/commands.md.
std::string reference_page(const CLI::App& app);
// A page for man, and what completes command lines in bash, zsh or fish, from the same tables.
std::string manual_page(const CLI::App& app);
std::string completion_script(const CLI::App& app, const std::string& shell);

// Command lines worth trying, as help shows them, one a line; for the name that is typed behind "swell".
std::string examples_of(const std::string& command);

}  // namespace swell::cmd
