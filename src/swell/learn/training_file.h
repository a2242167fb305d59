#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include "swell/engine/run.h"
#include "swell/learn/training.h"

namespace swell {

// A training that was stopped, as a file from which it goes on with the same bytes as if it had not been. `purpose`
// says what is trained on what (design, data, method, seed and options): another purpose is refused.
void write_training(const std::filesystem::path& path, const TrainingState& state, const std::string& purpose);

// Throws IoError where the file is damaged, InputError where it is of another training.
TrainingState read_training(const std::filesystem::path& path, const std::string& purpose);

// Such a file, written now and then while a training goes on.
class TrainingCheckpoint {
 public:
  TrainingCheckpoint(CheckpointFile file, std::string purpose) : file_(std::move(file)), purpose_(std::move(purpose)) {}

  bool wanted() const { return !file_.path.empty(); }
  const std::filesystem::path& path() const { return file_.path; }
  // Writes it where the time has come, or now.
  void keep(const TrainingState& state, bool now);
  // What the file holds; a new training where there is none.
  TrainingState resume() const;
  void remove() const;

 private:
  using Clock = std::chrono::steady_clock;
  CheckpointFile file_;
  std::string purpose_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace swell
