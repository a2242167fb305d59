#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "swell/hardware/spice/circuit.h"
#include "swell/hardware/spice/neurons.h"

namespace swell::spice {

// The folder of an exported machine: machine.json, from which everything follows; machine.cir, the subcircuit;
// machine.xyce.cir, the same with expressions as Xyce reads them; machine.va (verilog_a.h); a bench for each check;
// README.md. All are text.
void write_folder(const std::filesystem::path& folder, const Circuit& machine);
void write_folder(const std::filesystem::path& folder, const Neurons& neurons);

// Names of the files that write_folder() leaves, in order.
std::vector<std::string> files_of(const Circuit& machine);

// What a folder holds: one of the two, and the text of its machine.cir.
struct Exported {
  Circuit machine;
  Neurons neurons;  // 0 units where it is a machine
  std::string subcircuit;
};
// Reads machine.json and machine.cir. Throws IoError where they are not there or not what they should be, InputError
// where the numbers are not allowed.
Exported read_folder(const std::filesystem::path& folder);

// As machine.json, and back; `name` starts the messages of IoError.
std::string to_json_text(const Circuit& machine);
std::string to_json_text(const Neurons& neurons);
Exported parse_machine_json(std::string_view text, const std::string& name);

std::string readme(const Circuit& machine);
std::string readme(const Neurons& neurons);

}  // namespace swell::spice
