// swell neural: functions and classifiers read at a set time, in equilibrium or not.

#include "swell/cmd/neural.h"

#include "swell/base/errors.h"

namespace swell::cmd {

Command neural_command() {
  return {"neural", "functions and classifiers read out of equilibrium", [](CLI::App& app) -> Action {
            struct Part {
              CLI::App* app;
              Action action;
            };
            std::vector<Part> parts;
            app.require_subcommand(1);
            for (const Command& command :
                 {neuron_command(), neural_train_command(), neural_test_command(), neural_compare_command()}) {
              CLI::App* sub = app.add_subcommand(command.name, command.summary);
              sub->fallthrough();  // the options of every command
              parts.push_back({sub, command.set_up(*sub)});
            }
            return [parts](const Common& common) {
              Result result;
              for (const Part& part : parts) {
                if (part.app->parsed()) result = part.action(common);
              }
              return result;
            };
          }};
}

}  // namespace swell::cmd
