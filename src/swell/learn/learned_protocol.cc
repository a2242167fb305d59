#include "swell/learn/learned_protocol.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/model/toml_reader.h"

namespace swell {

LearnedProtocol learned_protocol(const Design& design, std::string_view name) {
  LearnedProtocol protocol{find_protocol(design, name), {}};
  const toml::table root = parse_toml(design.text, design.file);
  auto protocols = TomlReader(root, design.file, "").table("protocol");
  if (protocols) {
    for (TomlReader& segment : protocols->tables(name)) protocol.learned.push_back(segment.flag("learned", false));
  }
  protocol.learned.resize(protocol.segments.size(), 0);
  return protocol;
}

void require_learned(const LearnedProtocol& protocol) {
  if (protocol.learned.size() != protocol.segments.size()) {
    throw InputError(fmt::format("protocol '{}' has {} segments, and it is said of {} whether they are learned",
                                 protocol.name, protocol.segments.size(), protocol.learned.size()));
  }
  if (std::ranges::none_of(protocol.learned, [](char learned) { return learned != 0; })) {
    throw InputError(
        fmt::format("protocol '{}' has no segment with learned = true; at least one is needed", protocol.name));
  }
}

}  // namespace swell
