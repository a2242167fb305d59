#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/integrator.h"
#include "swell/model/protocol.h"
#include "swell/model/stages.h"

namespace swell {

// How the drive pattern of a group follows from the data that a user gives (an image, say).
enum class PatternMap {
  none,        // the group has no pattern, and so can be neither driven nor clamped
  zeros,       // 0 everywhere: to clamp units at 0
  ones,        // 1 everywhere: a uniform drive
  data,        // the data themselves, one value per unit
  repeat,      // value of unit h = data value (h mod data size)
  label,       // 1 for the unit whose number is the class of the data, or the class asked for; 0 elsewhere
  projection,  // fixed random projection of the data, entries N(0, 1/data size)
};

// A computer with its protocols and numerical settings: what a design file (TOML) describes.
struct Design {
  std::string name;
  std::string description;
  std::string text;  // the TOML that it was read from, kept with trained computers
  std::string file;  // what messages call it
  Computer computer;
  double dt = 0;  // step, units of 1/mu
  Integrator integrator = Integrator::euler_maruyama;
  std::vector<PatternMap> patterns;  // [groups]
  std::vector<Protocol> protocols;
  std::optional<Stages> stages;  // of a machine of many stages, whose coupling sets and generation follow from them
};

// Reads a design. Throws InputError naming file, line, key, value and what is allowed; IoError where the file cannot
// be read. `name` stands for the file in messages.
Design parse_design(std::string_view text, std::string_view name);
Design read_design(const std::filesystem::path& path);

// Another step than the design's, 1/mu: what the step does to an answer is so found out. Throws InputError where a
// protocol's durations are not whole numbers of steps; segments of a machine of stages, whose times come from its
// noise, then take the nearest whole number.
void set_step(Design& design, double dt);

// Throws InputError where the design has no protocol of this name.
const Protocol& find_protocol(const Design& design, std::string_view name);

// Whether the text that a design was read from has this table. Tables that say how a machine is trained or asked are
// not the model's: who uses them reads them from the text (learn/learned_protocol.h, programs/neural/neural_design.h).
bool has_table(const Design& design, std::string_view name);

// The group that says which class is wanted, or -1.
int label_group(const Design& design);

// How many classes can be asked for: a group of label units is [classes] or [classes, styles]. 0 without label units.
int64_t count_classes(const Design& design);

// The group whose pattern is the data. Throws InputError where there is none.
int data_group(const Design& design);

}  // namespace swell
