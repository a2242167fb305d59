// run(): any machine under a protocol, and what it did as views of its memory.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "arrays.h"
#include "entropy.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "precision.h"
#include "protocol.h"
#include "ranks.h"
#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/io/npy_stream.h"
#include "swell/ledger/diagnose.h"
#include "swell/ledger/first_law.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/simulate/simulate.h"
#include "watch.h"

namespace swell::python {

namespace {

// A run with what is needed to read it by names.
struct NamedRun {
  Run run;
  Protocol protocol;
  std::vector<Group> groups;
  System::Kind kind = System::Kind::langevin;
  double dt = 0, kT = 0;
  int64_t first_step = 0, first_trajectory = 0;    // for the draws
  std::optional<Diagnostics> diagnostics;          // where something was watched on the way
  int64_t first_unit = 0, kept_units = 0;          // of the snapshots
  int64_t first_observed = 0, observed_units = 0;  // of the averages
};

// All that a run is told, with the arrays that its options refer to.
struct Told {
  RunOptions options;
  Patterns patterns;
  nb::object start;
  Segment earlier;  // that it goes on from
  std::vector<double> kT_of_trajectory;
  double snapshot_time = 0, snapshot_from = 0, observe_time = 0, observe_from = 0, course_time = 0;
  std::string snapshots_to, snapshot_group, observed_group;
  int64_t snapshot_trajectories = 0;
};

void set_start(Told& told, nb::handle value) {
  told.start = nb::borrow(value);
  In<int8_t, 2> spins;
  if (nb::try_cast(value, spins, false)) {
    told.options.start_spins = {spins.data(), spins.size()};
  } else {
    const auto states = nb::cast<In<double, 2>>(value);
    told.options.start = {states.data(), states.size()};
  }
}

// The end states of an earlier run are the start, and the change from its last control to the first one is work.
void go_on_from(Told& told, nb::handle value) {
  const auto& earlier = nb::cast<const NamedRun&>(value);
  if (earlier.run.interrupted || earlier.protocol.segments.empty())
    throw InputError("after= takes a run that came to the end of its protocol; this one was interrupted");
  told.start = nb::borrow(value);
  told.earlier = earlier.protocol.segments.back();
  RunOptions& options = told.options;
  options.came_from = &told.earlier;
  options.first_step = earlier.first_step + earlier.run.steps;
  options.first_trajectory = earlier.first_trajectory;
  if (earlier.kind == System::Kind::pbits) {
    options.start_spins = earlier.run.spins;
  } else {
    options.start = earlier.run.states;
  }
}

void set_patterns(Told& told, nb::handle value) {
  const auto rows = nb::cast<In<double, 2>>(value);
  told.patterns = {static_cast<int64_t>(rows.shape(0)), to_vector(rows)};
  told.options.patterns = &told.patterns;
}

// Every option of a run by its name in Python; one that is not named keeps the library's default.
const Options<Told>& options_of_a_run() {
  static const Options<Told> all = {
      {"dt", SWELL_INTO(options.dt)},
      {"seed", SWELL_INTO(options.noise.seed)},
      {"entropy",
       [](Told& told, nb::handle value) {
         const auto& source = nb::cast<const PythonFeed&>(value);
         told.options.noise.seed = source.seed;
         told.options.noise.entropy = source.feed.get();
       }},
      {"trajectories", SWELL_INTO(options.trajectories)},
      {"first_trajectory", SWELL_INTO(options.first_trajectory)},
      {"threads", SWELL_INTO(options.threads)},
      {"ranks", kNoteRanks},
      {"tile", SWELL_INTO(options.tile)},
      {"first_step", SWELL_INTO(options.first_step)},
      {"isa", SWELL_INTO(options.isa)},
      {"checkpoint", SWELL_INTO(options.checkpoint.path)},
      {"checkpoint_every", SWELL_INTO(options.checkpoint.every_s)},
      {"snapshots", SWELL_INTO(snapshot_time)},
      {"snapshots_from", SWELL_INTO(snapshot_from)},
      {"snapshots_to", SWELL_INTO(snapshots_to)},
      {"snapshot_group", SWELL_INTO(snapshot_group)},
      {"snapshot_trajectories", SWELL_INTO(snapshot_trajectories)},
      {"observe", SWELL_INTO(observe_time)},
      {"observe_from", SWELL_INTO(observe_from)},
      {"observe_group", SWELL_INTO(observed_group)},
      {"course", SWELL_INTO(course_time)},
      {"by_group", SWELL_INTO(options.observables.by_group)},
      {"start", set_start},
      {"after", go_on_from},
      {"patterns", set_patterns},
      {"kT_of_trajectory",
       [](Told& told, nb::handle value) {
         told.kT_of_trajectory = to_vector(nb::cast<In<double, 1>>(value));
         told.options.kT_of_trajectory = told.kT_of_trajectory;
       }},
      {"integrator",
       [](Told& told, nb::handle value) {
         told.options.integrator =
             one_of<Integrator>(value, "integrator",
                                {{name_of(Integrator::euler_maruyama), Integrator::euler_maruyama},
                                 {name_of(Integrator::leimkuhler_matthews), Integrator::leimkuhler_matthews},
                                 {name_of(Integrator::exact), Integrator::exact}});
       }},
      {"rule",
       [](Told& told, nb::handle value) {
         told.options.rule = one_of<FlipRule>(
             value, "rule",
             {{name_of(FlipRule::gibbs), FlipRule::gibbs}, {name_of(FlipRule::metropolis), FlipRule::metropolis}});
       }},
      {"precision", [](Told& told, nb::handle value) { set_precision(told.options, value); }},
      {"engine",
       [](Told& told, nb::handle value) {
         const auto word = nb::cast<std::string>(value);
         const auto engine = engine_named(word);
         if (!engine) throw InputError(fmt::format("engine '{}' is not known; cpu, reference, cuda, auto are", word));
         told.options.engine = *engine;
       }},
  };
  return all;
}

void read_options(const nb::dict& given, Told& told) {
  told.options.noise.seed = simulate::Options().seed.number;  // as on the command line
  read_options(given, options_of_a_run(), "run()", told, told.options.threads);
  if (told.options.checkpoint.path.empty()) told.options.kept = Kept::part;
}

int64_t steps_between(const char* what, double time, double dt) {
  if (time == 0) return 0;
  const double count = time / dt, whole = std::round(count);
  if (!(whole >= 1 && whole < 1e12) || std::abs(count - whole) > 1e-6 * whole)
    throw InputError(fmt::format("{} {} is not allowed; a multiple of dt = {} is", what, time, dt));
  return static_cast<int64_t>(whole);
}

// Units of a group, or all.
std::pair<int64_t, int64_t> units_of(std::span<const Group> groups, const std::string& name, int64_t units) {
  if (name.empty()) return {0, units};
  std::vector<std::string> names;
  for (const Group& group : groups) {
    if (group.name == name) return {group.first, group.size};
    names.push_back(group.name);
  }
  throw InputError(fmt::format("there is no group '{}' to keep; the machine has {}", name, fmt::join(names, ", ")));
}

void choose_kept(const System& system, Told& told, NamedRun& result) {
  RunOptions& options = told.options;
  const double dt = system.kind() == System::Kind::pbits ? 1 : options.dt;
  if (told.snapshot_time != 0) {
    const auto [first, units] = units_of(system.groups(), told.snapshot_group, system.units());
    options.snapshots = {steps_between("snapshots", told.snapshot_time, dt),
                         steps_between("snapshots_from", told.snapshot_from, dt), first, units,
                         told.snapshot_trajectories ? told.snapshot_trajectories : options.trajectories};
    result.first_unit = first;
    result.kept_units = units;
  }
  if (told.observe_time != 0) {
    const auto [first, units] = units_of(system.groups(), told.observed_group, system.units());
    options.observables.every = steps_between("observe", told.observe_time, dt);
    options.observables.from_step = steps_between("observe_from", told.observe_from, dt);
    options.observables.first_unit = result.first_observed = first;
    options.observables.units = result.observed_units = units;
  }
  options.observables.course_every = steps_between("course", told.course_time, dt);
}

// The file that snapshots go to while the run goes on; null where they are kept in memory. Until the run is over it is
// called PATH.part.
std::unique_ptr<NpyStream> snapshot_file(Told& told, int64_t steps) {
  if (told.snapshots_to.empty()) return nullptr;
  Snapshots& shots = told.options.snapshots;
  if (shots.every == 0) throw InputError("snapshots_to= names a file for snapshots; say how often with snapshots=");
  const std::vector<int64_t> shape{count_snapshots(shots, steps), shots.trajectories, shots.units};
  auto file = std::make_unique<NpyStream>(told.snapshots_to, shape);
  shots.file = file.get();
  told.options.files = {{told.snapshots_to, static_cast<double>(file->size()) * sizeof(float),
                         "a longer time between snapshots, or fewer trajectories or units in them"}};
  return file;
}

// A clamped or driven group whose pattern is zero everywhere does nothing, which nobody asks for on purpose.
void require_patterns(const System& system, const Protocol& protocol, const Patterns& patterns) {
  const int64_t units = system.units();
  const auto moves = [&](const Group& group) {
    for (int64_t row = 0; row < patterns.rows; ++row) {
      const auto first = patterns.values.begin() + row * units + group.first;
      if (std::any_of(first, first + group.size, [](double value) { return value != 0; })) return true;
    }
    return false;
  };
  if (patterns.rows > 0 && static_cast<int64_t>(patterns.values.size()) != patterns.rows * units)
    return;  // run() says so
  for (const Segment& segment : protocol.segments) {
    for (size_t g = 0; g < segment.drive.size(); ++g) {
      if (!segment.drive[g].is_zero() && !moves(system.groups()[g]))
        throw InputError(
            fmt::format("segment '{0}' drives group '{1}', which has no pattern other than 0; give one, such as "
                        "patterns={{'{1}': 1.0}} for a uniform drive",
                        segment.name, system.groups()[g].name));
    }
  }
}

// Work that is over before anybody could want to stop it.
constexpr double kBriefOperations = 5e6;

nb::object run_named(nb::handle system, const NamedProtocol& protocol, const nb::dict& given, nb::object progress) {
  const AnySystem any(system);
  Told told;
  read_options(given, told);
  const std::unique_ptr<Ranks> ranks = ranks_of(given);
  told.options.ranks = ranks.get();
  auto result = std::make_unique<NamedRun>();
  result->protocol = bind(protocol, any);
  require_patterns(any.system(), result->protocol, told.patterns);
  choose_kept(any.system(), told, *result);
  RunOptions& options = told.options;
  const double dt = any.system().kind() == System::Kind::pbits ? 1 : options.dt;
  const auto units = static_cast<double>(any.system().units());
  double time = 0;
  for (const Segment& segment : result->protocol.segments) time += segment.duration;
  const double operations = time / dt * units * (units + 10) * static_cast<double>(options.trajectories);
  const std::unique_ptr<NpyStream> file = snapshot_file(told, count_steps(result->protocol, dt));
  Watch watch(progress);
  // A function of Python's as a source needs the interpreter's lock while the run waits for it.
  const bool brief = progress.is_none() && operations < kBriefOperations && !options.noise.entropy && !ranks;
  if (!brief) {
    options.progress = [&](const Progress& at) { return watch.tell("running", at.done, at.total); };
  } else {
    options.threads = 1;
    options.one_of_many = true;
  }
  watch.run(brief, [&] {
    result->run = swell::run(any.system(), result->protocol, options);
    if (file) file->finish();
    if (!result->run.observed.empty() && !result->run.interrupted)
      result->diagnostics = diagnose(any.system(), result->protocol, options, result->run);
  });
  const std::span<const Group> groups = any.system().groups();
  result->groups.assign(groups.begin(), groups.end());
  result->kind = any.system().kind();
  result->dt = dt;
  result->kT = any.system().kT();
  result->first_step = options.first_step;
  result->first_trajectory = options.first_trajectory;
  result->protocol.segments.resize(result->run.segments);
  return nb::make_tuple(nb::cast(result.release(), nb::rv_policy::take_ownership),
                        watch.was_interrupted() ? watch.pending() : nb::none());
}

const NamedRun& of(nb::handle self) { return nb::cast<const NamedRun&>(self); }

// A column of the books, [trajectories, segments].
template <double SegmentBooks::*kField>
Out<const double> books(nb::handle self) {
  const Run& run = of(self).run;
  static const SegmentBooks none{};
  const SegmentBooks& first = run.books.empty() ? none : run.books[0];
  constexpr int64_t kStride = sizeof(SegmentBooks) / sizeof(double);
  return view(&(first.*kField), {run.trajectories, run.segments}, self, {run.segments * kStride, kStride});
}

nb::object states(nb::handle self) {
  const Run& run = of(self).run;
  if (of(self).kind == System::Kind::pbits) return nb::cast(view(run.spins, {run.trajectories, run.units}, self));
  return nb::cast(view(run.states, {run.trajectories, run.units}, self));
}

nb::tuple pair_of(const std::vector<Estimate>& estimates, int64_t rows, int64_t columns) {
  std::vector<double> mean, error;
  for (const Estimate& each : estimates) {
    mean.push_back(each.mean);
    error.push_back(each.has_error() ? each.stderr_of_mean : NAN);
  }
  if (columns == 0) return nb::make_tuple(give(std::move(mean), {rows}), give(std::move(error), {rows}));
  return nb::make_tuple(give(std::move(mean), {rows, columns}), give(std::move(error), {rows, columns}));
}

// What course_of() reads of a design.
Design outline_of(const NamedRun& run) {
  Design design;
  design.computer.groups = run.groups;
  design.computer.kT = run.kT;
  design.dt = run.dt;
  return design;
}

// {column: (means, standard errors)}, with times and segments.
nb::object course(nb::handle self) {
  const NamedRun& named = of(self);
  if (named.run.course_steps.empty()) return nb::none();
  const simulate::Course made = simulate::course_of(outline_of(named), named.protocol, named.run);
  const auto points = static_cast<int64_t>(made.points.size()), groups = static_cast<int64_t>(made.groups.size());
  std::vector<double> times;
  nb::list segments;
  std::array<std::vector<Estimate>, 9> columns;
  for (const simulate::CoursePoint& point : made.points) {
    times.push_back(point.time);
    segments.append(point.segment);
    columns[0].push_back(point.work);
    columns[1].push_back(point.heat);
    columns[2].push_back(point.entropy);
    columns[3].push_back(point.energy);
    columns[4].push_back(point.heat_kT);
    columns[5].insert(columns[5].end(), point.mean.begin(), point.mean.end());
    columns[6].insert(columns[6].end(), point.variance.begin(), point.variance.end());
    columns[7].insert(columns[7].end(), point.group_heat.begin(), point.group_heat.end());
    columns[8].insert(columns[8].end(), point.group_work.begin(), point.group_work.end());
  }
  nb::dict all;
  all["times"] = give(std::move(times), {points});
  all["segments"] = segments;
  const char* names[] = {"work", "heat", "entropy", "energy", "heat_kT"};
  for (size_t k = 0; k < std::size(names); ++k) all[names[k]] = pair_of(columns[k], points, 0);
  all["mean"] = pair_of(columns[5], points, groups);
  all["variance"] = pair_of(columns[6], points, groups);
  if (!columns[7].empty()) {
    all["group_heat"] = pair_of(columns[7], points, groups);
    all["group_work"] = pair_of(columns[8], points, groups);
  }
  return all;
}

// The sums of observables over observations as they are kept, [trajectories, sums].
nb::object observed(nb::handle self) {
  const Run& run = of(self).run;
  if (run.observed.empty()) return nb::none();
  return nb::cast(view(run.observed, {run.trajectories, run.sums.size()}, self));
}

// Means over observations and trajectories with errors over trajectories: of x and its variance by unit, and of V.
nb::object averages(nb::handle self) {
  const NamedRun& named = of(self);
  const Run& run = named.run;
  if (run.observations == 0) return nb::none();
  const simulate::Averages made = simulate::average(run, named.first_observed);
  nb::dict all;
  all["mean"] = pair_of(made.mean, run.sums.units, 0);
  all["variance"] = pair_of(made.variance, run.sums.units, 0);
  all["energy"] = pair_of({made.energy}, 1, 0);
  all["energy_variance"] = pair_of({made.energy_variance}, 1, 0);
  return all;
}

nb::list groups_of(const NamedRun& run) {
  nb::list groups;
  for (const Group& group : run.groups)
    groups.append(nb::make_tuple(group.name, group.first, nb::tuple(nb::cast(group.shape))));
  return groups;
}

}  // namespace

namespace {

// Arrays of the run, all of them views.
void add_arrays(Class<NamedRun>& run) {
  run.def_prop_ro("_states", &states)
      .def_prop_ro("_groups", &groups_of)
      .def_prop_ro("_kept", [](const NamedRun& r) { return nb::make_tuple(r.first_unit, r.kept_units); })
      .def_prop_ro("_observed_units",
                   [](const NamedRun& r) { return nb::make_tuple(r.first_observed, r.observed_units); })
      .def_prop_ro("_snapshots",
                   [](nb::handle self) {
                     const Run& run = of(self).run;
                     return view(run.snapshots,
                                 {static_cast<int64_t>(run.snapshot_times.size()), run.filmed, of(self).kept_units},
                                 self);
                   })
      .def_prop_ro(
          "_diagnostics",
          [](const NamedRun& run) { return run.diagnostics ? to_python(to_json(*run.diagnostics)) : nb::none(); })
      .def_prop_ro("_course", &course)
      .def_prop_ro("_averages", &averages)
      .def_prop_ro("observed", &observed,
                   "Sums over observations as the library keeps them, [trajectories, sums] float64, or None without "
                   "observe= or course=. A view. engine/run.h (ObservedSums) says what stands where.")
      .def_prop_ro("heat", &books<&SegmentBooks::heat>,
                   "Heat given to the bath, [trajectories, segments] float64, E0. A view. Change of V = work - heat.")
      .def_prop_ro("work", &books<&SegmentBooks::work>,
                   "Work done by changes of the control, [trajectories, segments] float64, E0. A view.")
      .def_prop_ro("entropy", &books<&SegmentBooks::entropy>,
                   "Entropy given to the bath, heat over kT step by step, [trajectories, segments] float64, k. A view.")
      .def_prop_ro(
          "start_energy",
          [](nb::handle self) {
            return view(of(self).run.start_energy, {static_cast<int64_t>(of(self).run.start_energy.size())}, self);
          },
          "V before the first step, [trajectories] float64, E0. A view.")
      .def_prop_ro(
          "end_energy",
          [](nb::handle self) {
            return view(of(self).run.end_energy, {static_cast<int64_t>(of(self).run.end_energy.size())}, self);
          },
          "V after the last step, [trajectories] float64, E0. A view.")
      .def_prop_ro(
          "times",
          [](nb::handle self) {
            const auto& times = of(self).run.snapshot_times;
            return view(times, {static_cast<int64_t>(times.size())}, self);
          },
          "Times of the snapshots, [snapshots] float64, 1/mu. A view.")
      .def_prop_ro(
          "flips",
          [](nb::handle self) {
            return view(of(self).run.flips, {static_cast<int64_t>(of(self).run.flips.size())}, self);
          },
          "Flips of each trajectory of p-bits, [trajectories] int64. A view; empty for other machines.")
      .def_prop_ro(
          "best_energy",
          [](nb::handle self) {
            return view(of(self).run.best_energy, {static_cast<int64_t>(of(self).run.best_energy.size())}, self);
          },
          "The lowest energy of each trajectory of p-bits, [trajectories] float64. A view; empty for others.")
      .def_prop_ro(
          "best_spins",
          [](nb::handle self) {
            const Run& run = of(self).run;
            return view(run.best_spins, {run.best_spins.empty() ? 0 : run.trajectories, run.units}, self);
          },
          "The state with it, [trajectories, units] int8. A view.");
}

void add_figures(Class<NamedRun>& run) {
  run.def_prop_ro(
         "segments",
         [](const NamedRun& r) {
           nb::list names;
           for (const Segment& segment : r.protocol.segments) names.append(segment.name);
           return names;
         },
         "Names of the segments that were run.")
      .def_prop_ro(
          "trajectories", [](const NamedRun& r) { return r.run.trajectories; }, "How many there are.")
      .def_prop_ro(
          "units", [](const NamedRun& r) { return r.run.units; }, "Units of the machine.")
      .def_prop_ro(
          "steps", [](const NamedRun& r) { return r.run.steps; }, "Steps that each trajectory took.")
      .def_prop_ro(
          "dt", [](const NamedRun& r) { return r.dt; }, "Step, 1/mu; 1 (a sweep) of p-bits.")
      .def_prop_ro(
          "kT", [](const NamedRun& r) { return r.kT; }, "Thermal energy of the machine, E0.")
      .def_prop_ro(
          "observations", [](const NamedRun& r) { return r.run.observations; }, "Observations that averages are over.")
      .def_prop_ro(
          "interrupted", [](const NamedRun& r) { return r.run.interrupted; },
          "Whether it was stopped, and holds what was done until then.")
      .def_prop_ro(
          "books_known", [](const NamedRun& r) { return r.run.books_known; },
          "False where forces have no potential, or noise is no bath's: work, heat and energies are 0, and entropy but "
          "that "
          "of p-bits.")
      .def_prop_ro(
          "first_law", [](const NamedRun& r) { return first_law(r.run).residual; },
          "Largest |change of V - work + heat| of a trajectory, E0: rounding.")
      .def_prop_ro(
          "multiply_adds", [](const NamedRun& r) { return r.run.multiply_adds; },
          "Multiply-adds of the simulation, couplings only.")
      .def_prop_ro(
          "wall_s", [](const NamedRun& r) { return r.run.wall_s; }, "Wall time of the simulation, s.");
}

}  // namespace

void add_runs(nb::module_& module) {
  module.attr("_run_options") = tuple_of(options_of_a_run());
  Class<NamedRun> run(module, "Run");
  add_arrays(run);
  add_figures(run);
  module.def("_run", &run_named, nb::arg("system").none(), nb::arg("protocol"), nb::arg("options"),
             nb::arg("progress").none());
}

}  // namespace swell::python
