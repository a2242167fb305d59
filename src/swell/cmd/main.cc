// The program: one subcommand per file in this folder.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/ranks.h"
#include "swell/base/threads.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/files.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/help.h"
#include "swell/cmd/job.h"
#include "swell/cmd/progress.h"
#include "swell/cmd/random_bits.h"
#include "swell/cmd/report.h"
#include "swell/cmd/usage.h"
#include "swell/io/atomic_file.h"
#include "swell/io/json.h"
#include "swell/io/stop_reading.h"
#include "swell/report/json_page.h"
#include "swell/version.h"

namespace swell::cmd {

void Common::say(const std::string& line) const { cmd::say(line); }

void Common::leave_to_first(const std::string& what) {
  if (!ranks) return;
  if (ranks->rank() > 0) throw LeftToFirst();
  say(fmt::format("{} is not shared among processes: the first of the {} does it alone", what, ranks->size()));
  ranks = nullptr;
}

std::vector<Command> all_commands() {
  std::vector<Command> commands = {demo_command(), train_command(), generate_command(), run_command(),
                                   inspect_command()};
  for (Command& command : linear_commands()) commands.push_back(std::move(command));
  commands.push_back(ising_command());
  commands.push_back(route_command());
  commands.push_back(neural_command());
  commands.push_back(judge_command());
  commands.push_back(rival_command());
  commands.push_back(spice_command());
  commands.push_back(circuit_command());
  commands.push_back(compile_command());
  commands.push_back(entropy_command());
  commands.push_back(data_command());
  commands.push_back(bench_command());
  return commands;
}

namespace {

// CLI11 would wrap a negative number and cut a large one.
std::string check_seed(const std::string& text) {
  uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seed);
  if (error == std::errc() && stop == end) return "";
  return fmt::format("{} is not a whole number from 0 to 2^64 - 1", text);
}

void add_common_flags(CLI::App& app, Common& common) {
  for (CLI::App* part : app.get_subcommands([](CLI::App*) { return true; })) add_common_flags(*part, common);
  CLI::Option* const seed = app.add_option("--seed", common.seed, "seed of every random draw")
                                ->capture_default_str()
                                ->check(check_seed)
                                ->group("Common");
  add_random_bits_flags(app, common.random_bits, seed);
  // The default depends on the machine, so the reference page does not show it.
  app.add_option("--threads", common.threads, "worker threads (default: all processors); results do not depend on it")
      ->check(CLI::Range(1, 4096))
      ->group("Common");
  app.add_option("--json", common.json, "write one JSON object with all results to this file, - for standard output")
      ->option_text("FILE")
      ->group("Common");
  app.add_option("--report", common.report, "write one self-contained page with all results to this file (HTML)")
      ->option_text("FILE")
      ->group("Common");
  app.add_flag("--quick", common.quick, "a smaller version of the work, to try things out")->group("Common");
  app.add_flag("-q,--quiet", common.quiet, "print nothing but warnings and errors")->group("Common");
  app.add_flag("--force", common.force, "write into a folder that holds the results of another command")
      ->group("Common");
}

int carry_out(const Action& action, bool shared, Common common, const CLI::App& app) {
  console().command = full_name(typed_command(app));
  console().quiet = common.quiet;
  console().force = common.force;
  console().json_on_stdout = common.json == "-";
  if (common.ranks && !common.random_bits.source.empty())
    throw InputError("--entropy is for one process: random bits from outside come to one; a job of several has --seed");
  if (!shared) common.leave_to_first(fmt::format("swell {}", console().command));
  if (!common.json.empty() && common.json != "-") require_writable_file(common.json);
  if (!common.report.empty()) require_writable_file(common.report);
  const auto start = std::chrono::steady_clock::now();
  const Request request(typed_command(app));
  open_random_bits(common, console().command);
  Result result;
  try {
    result = action(common);
  } catch (const Interrupted& error) {
    const std::string failure = failure_of(common.random_bits);
    if (failure.empty()) throw;
    throw IoError(failure + "; " + error.what());
  }
  close_random_bits(common, result);
  const double wall_s = seconds_since(start);
  const std::filesystem::path folder = console().folder;
  nlohmann::ordered_json json;
  if (!folder.empty() || !common.json.empty() || (!common.report.empty() && result.page.empty()))
    json = make_report(console().command, request, common, result, wall_s);
  if (common.ranks && !json.is_null()) {
    const Ranks::Traffic traffic = common.ranks->traffic();
    json["ranks"] = {{"count", common.ranks->size()},
                     {"calls", traffic.calls},
                     {"bytes", traffic.bytes},
                     {"waited_s", traffic.waited_s}};
  }
  if (!folder.empty()) {
    write_json(folder / "report.json", json);
    write_contents(folder, console().command);
  }
  if (common.json == "-") {
    put(stdout, to_text(json));
  } else if (!common.json.empty()) {
    write_json(common.json, json);
  }
  if (!common.report.empty()) {
    write_file_atomically(common.report, result.page.empty() ? json_page(json) : result.page);
    common.say("wrote " + common.report);
  }
  return result.exit_code;
}

// Help, examples and spelling of numbers, for the command and its parts.
void finish(CLI::App& command) {
  command.group("Commands");
  for (CLI::App* part : command.get_subcommands([](CLI::App*) { return true; })) finish(*part);
  accept_numbers(command);
  const std::string examples = examples_of(full_name(command));
  if (!examples.empty()) command.footer(coloured(stdout, "1", "Examples:") + "\n" + examples);
}

// Commands about the program itself. They have no part in the common flags.
void add_own_commands(CLI::App& app) {
  CLI::App* const help = app.add_subcommand("help", "how to use the program, or one command");
  const auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("COMMAND", *words, "the command, for example: neural train");
  help->callback([&app, words] {
    const CLI::App& command = find_command(app, *words);
    put(stdout, app.get_formatter()->make_help(&command, words->empty() ? "swell" : "swell " + full_name(command),
                                               CLI::AppFormatMode::Normal));
  });
  CLI::App* const completion = app.add_subcommand("completion", "print what completes command lines in a shell");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, shell] { put(stdout, completion_script(app, *shell)); });
  CLI::App* const reference = app.add_subcommand("reference", "print the command-line reference as Markdown");
  const auto files = std::make_shared<bool>(false);
  reference->add_flag("--files", *files, "the page on output files instead");
  reference->group("")->callback([&app, files] { put(stdout, *files ? files_page() : reference_page(app)); });
  app.add_subcommand("manual", "print the manual page")->group("")->callback([&] { put(stdout, manual_page(app)); });
  for (const char* name : {"help", "completion"}) finish(*app.get_subcommand(name));
}

int parse_and_run(int argc, char** argv, Ranks* ranks) {
  CLI::App app("Swell designs, trains, runs and prices thermodynamic computers.", "swell");
  const auto formatter = std::make_shared<HelpFormatter>();
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("Subcommands", "Commands");
  app.formatter(formatter);
  app.set_help_flag("-h,--help", "print this help and exit");
  app.set_version_flag("--version", std::string("swell ") + kVersion, "print the version and exit");
  app.require_subcommand(1);
  app.footer(examples_of(""));
  Common common;
  common.threads = hardware_threads();
  if (ranks && ranks->size() > 1) common.ranks = ranks;
  int exit_code = 0;
  for (const Command& command : all_commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    const Action action = command.set_up(*sub);
    add_common_flags(*sub, common);
    finish(*sub);
    sub->callback([=, &app, &common, &exit_code] { exit_code = carry_out(action, command.shared, common, app); });
  }
  add_own_commands(app);
  try {
    std::vector<std::string> words = with_new_names({argv + 1, argv + argc});
    std::ranges::reverse(words);  // as CLI11 takes them
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    warn(explain(app, error));
    return 2;
  } catch (const LeftToFirst&) {
    return 0;
  }
  return exit_code;
}

}  // namespace

}  // namespace swell::cmd

namespace {

struct Ending {
  int exit_code = 0;
  std::string sentence = "";  // that was said of it
};

Ending complain(const std::string& sentence, int exit_code) {
  swell::cmd::warn(sentence);
  return {exit_code, sentence};
}

Ending run(int argc, char** argv, swell::Ranks* ranks) {
  const int exit_code = swell::cmd::parse_and_run(argc, argv, ranks);
  // What was printed may still wait in a buffer; a full disk or a reader that has gone shows only here.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return complain("cannot write standard output: the disk is full, or its reader has gone", 3);
  }
  return {exit_code};
}

Ending run_and_tell(int argc, char** argv, swell::Ranks* ranks) {
  try {
    return run(argc, argv, ranks);
  } catch (const swell::Error& error) {
    return complain(error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    return complain("this needs more memory than the machine has; ask for fewer samples or units at once", 2);
  } catch (const std::system_error& error) {
    return complain(error.what(), 3);
  } catch (const std::exception& error) {
    return complain(fmt::format("unexpected: {}", error.what()), 1);
  }
}

// Where a standard stream is closed, the next file opened would take its number, and messages would end up in it.
void occupy_standard_streams() {
  int file = 0;
  while (file >= 0 && file <= STDERR_FILENO) file = ::open("/dev/null", O_RDONLY);
  if (file > STDERR_FILENO) ::close(file);
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a write to a closed pipe is an error like any other, and files are finished first
  swell::cmd::watch_interrupts();
  swell::stop_reading_when(swell::cmd::interrupted);
  const auto job = swell::cmd::join_job();
  const Ending ending = run_and_tell(argc, argv, job ? &job->ranks() : nullptr);
  if (job) swell::cmd::leave_job(*job, ending.exit_code, ending.sentence);
  return ending.exit_code;
}
