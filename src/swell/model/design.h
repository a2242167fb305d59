#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/integrator.h"
#include "swell/model/protocol.h"

namespace swell {

// How the drive pattern of a group follows from the data that a user gives (an image, say).
enum class PatternMap {
  none,        // the group has no pattern, and so can be neither driven nor clamped
  zeros,       // 0 everywhere: to clamp units at 0
  ones,        // 1 everywhere: a uniform drive
  data,        // the data themselves, one value per unit
  repeat,      // value of unit h = data value (h mod data size)
  projection,  // fixed random projection of the data, entries N(0, 1/data size)
};

// What a machine that answers questions (functions, classes) needs besides: how data become inputs, which group is the
// answer, and how training sets out.
struct NeuralSettings {
  int output = 0;                // group read at the end of the protocol "answer"
  double mean = 0, sigma = 1;    // a datum d in [0, 1] (a pixel) is clamped as (d - mean) / sigma
  bool equal_norm = false;       // then every input row is scaled to the largest norm of the training set
  double sharpness = 1;          // classes: training takes exp(sharpness x_o) as weights of the classes o
  double spread = 1;             // deviation of the force of inputs of unit size on a unit before training
  std::vector<int64_t> teacher;  // hidden units of the digital teacher, layer by layer; empty for none
  std::vector<double> guide;     // [groups] guide drive on a unit per unit of the teacher's activation
};

// A computer with its protocols and numerical settings: what a design file (TOML) describes.
struct Design {
  std::string name;
  std::string description;
  std::string text;  // the TOML that it was read from, kept with trained computers
  Computer computer;
  double dt = 0;  // step, units of 1/mu
  Integrator integrator = Integrator::euler_maruyama;
  std::vector<PatternMap> patterns;  // [groups]
  std::vector<Protocol> protocols;
  std::optional<NeuralSettings> neural;
};

// Reads a design. Throws InputError naming file, line, key, value and what is allowed; IoError where the file cannot
// be read. `name` stands for the file in messages.
Design parse_design(std::string_view text, std::string_view name);
Design read_design(const std::filesystem::path& path);

// Throws InputError where the design has no protocol of this name.
const Protocol& find_protocol(const Design& design, std::string_view name);

// The group whose pattern is the data. Throws InputError where there is none.
int data_group(const Design& design);

}  // namespace swell
