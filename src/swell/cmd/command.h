#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/random/entropy.h"

namespace swell {
class Ranks;  // base/ranks.h
}
namespace swell::entropy {
class Feed;
}

namespace swell::cmd {

// Random bits from outside in place of those of a seed (cmd/random_bits.h).
struct RandomBits {
  std::string source;  // empty for none
  std::string use = "auto", conditioning = "auto";
  std::string tape;                     // to record it on; empty for none
  std::shared_ptr<entropy::Feed> feed;  // while the command runs
};

// Options that every command has.
struct Common {
  uint64_t seed = 1;  // with random bits from outside, their first eight bytes
  RandomBits random_bits;
  int threads = 1;
  std::string json;    // file, or "-" for standard output; empty for none
  std::string report;  // page to write, HTML; empty for none
  bool quick = false;
  bool quiet = false;      // nothing for people but warnings and errors
  bool force = false;      // results of another command may be replaced
  Ranks* ranks = nullptr;  // that share the work; null where this process is alone

  // For work that is not shared: the first rank goes on with it alone, and the others are done.
  void leave_to_first(const std::string& what);

  // Prints a line for people, unless they asked for quiet: on standard output, or on standard error where that carries
  // the JSON.
  void say(const std::string& line) const;
  // What runs draw from: the seed, and the source from outside where there is one.
  Seed draws() const;
};

// Does the work and returns the parts of the report that are the command's own: main makes the whole of it
// (cmd/report.h). Throws swell::Error.
struct Result {
  using Json = nlohmann::ordered_json;
  int exit_code = 0;
  std::string page = "";  // for --report; empty for one made from the JSON

  Json inputs = Json::object();  // values in force that the options do not tell: what --quick made smaller, sizes, dt
  Json result = Json::object();  // whatever has an error as {value, stderr, count, unit} (ledger/statistics.h)
  Json diagnostics = Json::array();
  Json bill = nullptr;              // null where nothing is priced
  Json references = Json::array();  // {what, value, ...}: published, exact, or by other means

  // A check that tells whether to trust the result: {check, passed, figures ..., message where it did not pass}.
  void check(const std::string& what, bool passed, const std::string& message, const Json& figures = Json::object());
};
using Action = std::function<Result(const Common&)>;

// One subcommand: its flag table is set up on a CLI11 app, which gives parsing, help and the reference page.
struct Command {
  std::string name;
  std::string summary;
  std::function<Action(CLI::App&)> set_up;
  bool shared = false;  // among the ranks of a job; else the first one does it alone
};

// Thrown by the ranks that are done because the first one works alone.
struct LeftToFirst {};

// One per file in this folder; main lists them.
Command demo_command();
Command train_command();
Command generate_command();
Command run_command();
Command inspect_command();
Command data_command();
Command entropy_command();
Command bench_command();
std::vector<Command> linear_commands();  // solve, inv, logdet, lyapunov, expm, gaussian
Command ising_command();
Command route_command();
Command neural_command();
Command judge_command();
Command rival_command();
Command spice_command();
Command circuit_command();
Command compile_command();

std::vector<Command> all_commands();

// The command-line reference as Markdown, from the flag tables: docs/commands.md.
std::string reference_page(const CLI::App& app);
// A page for man, and what completes command lines in bash, zsh or fish, from the same tables.
std::string manual_page(const CLI::App& app);
std::string completion_script(const CLI::App& app, const std::string& shell);

// Command lines worth trying, as help shows them, one a line; for the name that is typed behind "swell".
std::string examples_of(const std::string& command);

}  // namespace swell::cmd
