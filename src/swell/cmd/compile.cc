// swell compile: a machine onto a chip that a file describes, or what of it does not fit.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/machine_file.h"
#include "swell/cmd/progress.h"
#include "swell/hardware/target_files.h"
#include "swell/io/atomic_file.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/linear/matrix_files.h"
#include "swell/report/page.h"
#include "swell/report/placement.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::string model, target, output, set;
  int64_t moves = 2'000'000;
};

// A machine of one of three kinds, and how it is written with the chip's numbers.
struct Machine {
  hardware::Wanted wanted;
  std::string name, kind;
  std::function<void(const hardware::Target&, const std::string& file)> write;
};

bool is_matrix(const std::string& file) {
  return file.ends_with(".mtx") || file.ends_with(".mtx.gz") || file.ends_with(".npy") || file.ends_with(".npz");
}

Machine langevin_units(const Flags& flags) {
  const auto trained = std::make_shared<Trained>(load_machine(flags.model));
  const Design& design = trained->design;
  if (design.computer.sets.empty()) throw InputError(fmt::format("{} has no couplings", flags.model));
  if (design.stages) throw InputError(fmt::format("{} is a machine of stages, whose couplings change", flags.model));
  const int set = flags.set.empty() ? 0 : find_set(design.computer, flags.set);
  if (set < 0) throw InputError(fmt::format("{} has no couplings named '{}'", flags.model, flags.set));
  return {hardware::wanted_of(design.computer, design.computer.sets[set]), design.name, "Langevin units",
          [trained, set](const hardware::Target& target, const std::string& file) {
            Trained chip = *trained;
            chip.design.computer = hardware::compiled(chip.design.computer, set, target);
            round_parameters(chip.design.computer);
            chip.training["target"] = target.name;
            write_trained(file, chip);
          }};
}

Machine linear_machine(const Flags& flags) {
  const linear::Matrix a = linear::read_matrix(flags.model);
  linear::require_square(a, flags.model);
  LinearSystem system{a, std::vector<double>(a.rows), Matrix(a.rows, a.rows)};
  for (int64_t i = 0; i < a.rows; ++i) system.noise(i, i) = 2;
  return {hardware::wanted_of(system), flags.model, "a linear machine",
          [system](const hardware::Target& target, const std::string& file) {
            linear::write_matrix(file, hardware::compiled(system, target).drift, "as '" + target.name + "' holds it");
          }};
}

// Couplings J off the diagonal and fields h on it, E = -sum J m m - sum h m.
std::string matrix_market(const IsingModel& model) {
  const hardware::Wanted wanted = hardware::wanted_of(model);
  std::string lines;
  size_t count = wanted.couplings.size();
  for (int64_t i = 0; i < model.units; ++i) {
    const double h = model.h.empty() ? 0 : model.h[i];
    if (h == 0) continue;
    lines += fmt::format("{0} {0} {1}\n", i + 1, h);
    ++count;
  }
  for (const IsingEdge& edge : wanted.couplings) lines += fmt::format("{} {} {}\n", edge.b + 1, edge.a + 1, edge.J);
  return fmt::format("%%MatrixMarket matrix coordinate real symmetric\n{0} {0} {1}\n{2}", model.units, count, lines);
}

Machine p_bits(const Flags& flags) {
  const auto problem = std::make_shared<ising::Problem>(ising::read_problem(flags.model));
  return {hardware::wanted_of(problem->model), problem->name, "p-bits",
          [problem](const hardware::Target& target, const std::string& file) {
            write_file_atomically(file, matrix_market(hardware::compiled(problem->model, target)));
          }};
}

Machine read_machine(const Flags& flags) {
  if (is_langevin_machine(flags.model)) return langevin_units(flags);
  return is_matrix(flags.model) ? linear_machine(flags) : p_bits(flags);
}

std::string sizes(const Machine& machine, const hardware::Target& target) {
  return fmt::format("{}: {}, {} units, {} couplings; chip '{}': {} places, at most {} neighbours each", machine.name,
                     machine.kind, machine.wanted.units, machine.wanted.couplings.size(), target.name, target.units,
                     target.most_neighbours());
}

// Of a machine that fits: how, and what the chip makes of its numbers.
std::vector<std::string> good_news(const hardware::Target& target, const hardware::Placement& placement) {
  std::vector<std::string> news = {placement.tried > 0
                                       ? fmt::format("it fits, after {} exchanges of places", placement.tried)
                                       : std::string("it fits as it is numbered, or by its own rows or sides")};
  if (target.bits > 0) news.push_back(fmt::format("couplings are rounded to {} bits", target.bits));
  if (target.bias_bits > 0) news.push_back(fmt::format("biases are rounded to {} bits", target.bias_bits));
  if (placement.scale != 1)
    news.push_back(fmt::format("energies and kT of the chip are {:.4g} of the machine's", placement.scale));
  return news;
}

std::string page_of(const Machine& machine, const hardware::Target& target, const hardware::Placement& placement,
                    const std::string& complaint) {
  std::string body = fmt::format(
      "<h1>{} on {}</h1>\n<p>{}.</p>\n<p><b>{}.</b></p>\n", escaped(machine.name), escaped(target.name),
      escaped(sizes(machine, target)),
      escaped(complaint.empty() ? fmt::format("{}", fmt::join(good_news(target, placement), "; ")) : complaint));
  if (!target.description.empty()) body += fmt::format("<p>The chip: {}.</p>\n", escaped(target.description));
  body += figure(placement_drawing(machine.wanted, target, placement),
                 "Units at their places; lines are couplings, red ones those that the chip has not got.");
  if (!target.source.empty()) body += fmt::format("<p>Source of the chip: {}</p>\n", escaped(target.source));
  if (!target.unpublished.empty())
    body += fmt::format("<p>Not published, or assumed: {}</p>\n", escaped(target.unpublished));
  return html_page(fmt::format("{} on {}", machine.name, target.name), body);
}

Result run(const Flags& flags, const Common& common) {
  if (!flags.output.empty()) require_writable_file(flags.output);
  const hardware::Target target = hardware::read_target(flags.target);
  const Machine machine = read_machine(flags);
  const int64_t moves = common.quick ? std::min<int64_t>(flags.moves, 10000) : flags.moves;
  NothingToKeep nothing(!common.random_bits.feed);  // a tape that is recorded is something
  const hardware::Placement placement = hardware::place(machine.wanted, target, common.seed, moves);
  nothing.end();
  const std::string complaint = hardware::complaint(machine.wanted, target, placement);
  common.say(sizes(machine, target));
  Result result;
  result.inputs = {{"target_name", target.name},
                   {"kind", machine.kind},
                   {"moves", moves},
                   {"source", target.source},
                   {"unpublished", target.unpublished}};
  Json unheld = Json::array();
  for (const IsingEdge& edge : placement.unheld) unheld.push_back({edge.a, edge.b});
  result.result = {{"fits", placement.fits()},
                   {"units", machine.wanted.units},
                   {"couplings", machine.wanted.couplings.size()},
                   {"left_over", placement.unheld.size()},
                   {"wrong_sign", placement.wrong_sign.size()},
                   {"moves", placement.tried},
                   {"scale", placement.scale},
                   {"place", placement.place},
                   {"left_over_pairs", std::move(unheld)}};
  result.page = page_of(machine, target, placement, complaint);
  result.check("fits the chip", placement.fits(), complaint);
  if (!placement.fits()) {
    fmt::print(stderr, "swell: {}\n", complaint);
    result.exit_code = 5;
    return result;
  }
  for (const std::string& news : good_news(target, placement)) common.say(news);
  if (!flags.output.empty()) {
    machine.write(target, flags.output);
    result.result["files"] = {{"machine", flags.output}};
    common.say(fmt::format("wrote {}", flags.output));
  }
  return result;
}

}  // namespace

Command compile_command() {
  return {
      "compile", "a machine onto a chip, or what of it does not fit", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("MODEL", flags->model,
                       "trained computer or design with couplings; positive definite matrix of a linear machine (.mtx, "
                       ".npy); or a file of p-bits, as 'swell ising' takes")
            ->required();
        app.add_option("--onto", flags->target, "what the chip can hold (TOML; targets/, docs/hardware.md)")
            ->option_text("FILE")
            ->required();
        app.add_option("--save", flags->output,
                       "the machine with the chip's numbers: safetensors, matrix, or Matrix Market of p-bits");
        app.add_option("--couplings", flags->set, "coupling set, where the machine has several; the first without it")
            ->option_text("NAME");
        app.add_option("--moves", flags->moves, "exchanges of two places to try on a grid")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
        return [flags](const Common& common) { return run(*flags, common); };
      }};
}

}  // namespace swell::cmd
