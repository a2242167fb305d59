#include "swell/cmd/diagnostics.h"

#include "swell/cmd/console.h"
#include "swell/ledger/to_json.h"

namespace swell::cmd {

void add_diagnostics(Result& result, const Diagnostics& diagnostics) {
  if (diagnostics.first_law) {
    const std::string complaint = diagnostics.first_law->complaint();
    result.check("first law", complaint.empty(), complaint,
                 {{"residual", diagnostics.first_law->residual}, {"share", diagnostics.first_law->share}});
    if (!complaint.empty()) {
      warn(complaint);
      result.exit_code = 5;
    }
  }
  const std::string complaint = diagnostics.complaint();
  result.check("equilibrium", complaint.empty(), complaint, to_json(diagnostics));
  if (!diagnostics.tells()) result.diagnostics.back()["passed"] = nullptr;
}

void say_interruption(Result& result, const std::string& sentence) {
  result.check("ended by itself", sentence.empty(), sentence);
  if (sentence.empty()) return;
  say(sentence);
  if (result.exit_code == 0) result.exit_code = 130;
}

void say_diagnostics(const Diagnostics& diagnostics) {
  const std::string complaint = diagnostics.complaint(), verdict = diagnostics.verdict();
  if (!complaint.empty()) return warn(complaint);
  if (!verdict.empty()) say(verdict);
}

}  // namespace swell::cmd
