#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "swell/hardware/spice/raw_file.h"

namespace swell::spice {

// ngspice, looked up in the caller's PATH, in a temporary folder with machine.cir in it, and nothing but benches that
// were made here. What it may take is limited.
class Simulator {
 public:
  // subcircuit: what safe_subcircuit() let through, or what this library wrote. Throws IoError where ngspice is not
  // installed.
  explicit Simulator(const std::string& subcircuit);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  ~Simulator();

  // Runs one bench; files of earlier ones go. Throws IoError with the end of what it said where it fails.
  void run(const std::string& bench);
  RawFile raw(const std::string& file) const;
  std::vector<std::vector<double>> columns(const std::string& file) const;
  // wrdata of units in pieces (benches.h), the scale in front left out: [rows][units].
  std::vector<std::vector<double>> chunks(const std::string& stem, int64_t units, bool complex = false) const;

  static bool installed();

 private:
  std::vector<std::byte> bytes(const std::string& file) const;

  std::filesystem::path folder_;
  std::string said_;
};

}  // namespace swell::spice
