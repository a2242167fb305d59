#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "swell/io/safetensors.h"
#include "swell/model/design.h"

namespace swell {

// A machine with numbers in its couplings, as a file: its design, and what else whoever made it wants to keep.
struct MachineFile {
  Design design;
  std::map<std::string, Tensor> arrays;      // beside the parameters, by names that begin with neither set nor "design"
  std::map<std::string, std::string> notes;  // likewise, by keys other than "swell" and "design"
};

// Safetensors: a tensor "SET.J.ROWGROUP.COLUMNGROUP" per coupling block and "SET.b.GROUP" per biased group, in E0 and
// f32; of sparse couplings that the design takes from a file also ".row_start" and ".column"; where they differ from
// the design "J2", "J3", "J4", "mobility", "kT" and "SET.J2" in f64; of a machine of stages instead of all these the
// tensors "stages.W" and so on (model/stages.h), InputError where its couplings do not follow from them; then the
// arrays. Metadata "swell" (format version) and "design" (TOML), then the notes.
void write_machine(const std::filesystem::path& path, const MachineFile& machine);
// The bytes of that file.
std::vector<std::byte> encode_machine(const MachineFile& machine);

// Throws IoError where the file is not such a file or its tensors do not fit its design.
MachineFile read_machine(const std::filesystem::path& path);
MachineFile parse_machine(std::span<const std::byte> bytes, const std::string& name);

// Parameters are kept in single precision: rounds them, so that a computer behaves the same before and after a file.
void round_parameters(Computer& computer);

// The tensor of that name, of that shape and finite; IoError otherwise. `file` starts the message.
const Tensor& require_tensor(const std::map<std::string, Tensor>& tensors, const std::string& tensor,
                             const std::vector<int64_t>& shape, const std::string& file);

}  // namespace swell
