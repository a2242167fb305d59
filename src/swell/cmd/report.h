#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/cmd/command.h"
#include "swell/ledger/bill.h"

namespace swell::cmd {

// What a command was asked for, taken from its flag table: every option with its value, and the files that it reads.
class Request {
 public:
  // Of the command that was typed, before it begins: what lies under the names of files is what is read.
  explicit Request(const CLI::App& command);

  // {option: value in force, null where it is left to the program, files: [{name, sha256}]}.
  nlohmann::ordered_json inputs() const;

 private:
  nlohmann::ordered_json options_ = nlohmann::ordered_json::object();
  std::vector<std::string> files_;
};

// Of commands that train and run nothing as a device.
Bill training_bill(double wall_s);

// The one shape of every report: docs/report.schema.json.
nlohmann::ordered_json make_report(const std::string& command, const Request& request, const Common& common,
                                   const Result& result, double wall_s);

}  // namespace swell::cmd
