#include "swell/cmd/group.h"

#include <utility>

namespace swell::cmd {

Command group(std::string name, std::string summary, std::vector<Command> parts) {
  return {std::move(name), std::move(summary), [parts = std::move(parts)](CLI::App& app) -> Action {
            struct Part {
              CLI::App* app;
              Action action;
            };
            std::vector<Part> made;
            app.require_subcommand(1);
            for (const Command& command : parts) {
              CLI::App* sub = app.add_subcommand(command.name, command.summary);
              sub->fallthrough();  // the options of every command
              made.push_back({sub, command.set_up(*sub)});
            }
            return [made](const Common& common) {
              Result result;
              for (const Part& part : made) {
                if (part.app->parsed()) result = part.action(common);
              }
              return result;
            };
          }};
}

}  // namespace swell::cmd
