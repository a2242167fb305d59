#include "swell/cmd/group.h"

#include <algorithm>
#include <utility>

namespace swell::cmd {

Command group(std::string name, std::string summary, std::vector<Command> parts) {
  const bool shared = std::ranges::any_of(parts, &Command::shared);
  return {name, std::move(summary),
          [name, parts = std::move(parts)](CLI::App& app) -> Action {
            struct Part {
              CLI::App* app;
              Action action;
              bool shared;
            };
            std::vector<Part> made;
            app.require_subcommand(1);
            for (const Command& command : parts) {
              CLI::App* sub = app.add_subcommand(command.name, command.summary);
              sub->fallthrough();  // the options of every command
              made.push_back({sub, command.set_up(*sub), command.shared});
            }
            return [name, made](const Common& common) {
              Result result;
              for (const Part& part : made) {
                if (!part.app->parsed()) continue;
                Common own = common;
                if (!part.shared) own.leave_to_first("swell " + name + " " + part.app->get_name());
                result = part.action(own);
              }
              return result;
            };
          },
          shared};
}

}  // namespace swell::cmd
