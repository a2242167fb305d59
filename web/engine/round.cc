// Mail rounds for JavaScript: a town, a chain that cools, and the least round through every street beside it.

#include <emscripten.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "calls.h"
#include "swell/io/street_lines.h"
#include "swell/programs/route/connect.h"
#include "swell/programs/route/round_chain.h"

using namespace swell;
using namespace swell::web;

namespace {

struct MailRound {
  StreetNetwork network;
  route::RoundTask task;
  route::Ways ways;
  route::Cooling cooling;
  std::unique_ptr<route::RoundChain> chain;
  std::optional<route::Round> exact;  // where nothing is shorter

  explicit MailRound(StreetNetwork town, const std::string& duty, double most_length)
      : network(std::move(town)),
        task(route::round_task(network, duty, most_length)),
        ways(network, route::junctions_of_plan(task), [] { return true; }) {}
  MailRound(const MailRound&) = delete;  // task, ways and chain refer to its parts
};

StreetNetwork read_town(const std::string& text) {
  StreetNetwork network = parse_street_lines(std::as_bytes(std::span(text)), "the town");
  keep_part_of_depot(network, "the town");
  return network;
}

// 2 street + 1 where it is walked backwards.
Json coded(const route::Round& round) {
  Json steps = Json::array();
  for (const auto& step : round.steps) steps.push_back(2 * step.street + (step.back ? 1 : 0));
  return steps;
}

}  // namespace

extern "C" {

// {town: text as io/street_lines.h has it, duty: all, required, rewards or auto, most_length: 0 for none, moves: of the
// cooling, 0 for as many as let it settle, seed, run}. The chain begins with the streets in an order at random.
EMSCRIPTEN_KEEPALIVE MailRound* round_start(const char* json) {
  return attempt([&]() -> MailRound* {
    const Json options = options_of(json);
    const std::string duty = text(options, "duty", "all");
    if (duty != "all" && duty != "required" && duty != "rewards" && duty != "auto")
      throw InputError(fmt::format("duty is '{}'; all, required, rewards and auto are allowed", duty));
    StreetNetwork network = read_town(text(options, "town", ""));
    constexpr int64_t kMostStreets = 1000;  // so that the table of ways is small
    if (std::ssize(network.streets) > kMostStreets)
      throw InputError(fmt::format("the town has {} streets; {} are allowed", network.streets.size(), kMostStreets));
    auto made = std::make_unique<MailRound>(std::move(network), duty, number(options, "most_length", 0, 0, 1e12));
    const route::RoundTask& task = made->task;
    const route::Plan start(task, made->ways);
    if (start.size() == 0) throw InputError("no street of the town has the duty that is asked for");
    made->cooling = route::cooling_of(task, start);
    made->cooling.moves = whole(options, "moves", 0, 0, 1'000'000'000);
    if (made->cooling.moves == 0) made->cooling.moves = route::cooling_of(task, start).moves;
    if (!task.rewards) made->exact = route::relaxed_round(task, route::whole_lengths(made->network)).round;
    made->chain = std::make_unique<route::RoundChain>(start, made->cooling, true,
                                                      static_cast<uint64_t>(whole(options, "seed", 1, 0, 1LL << 53)),
                                                      whole(options, "run", 0, 0, 1'000'000));
    return made.release();
  });
}

// {junctions: [{name, x, y}], streets: [{a, b, length, back: null for a one-way street, name, duty, reward, bends}],
// start, must: [street] whether it is to be walked, hot, cold, moves, exact: {length, steps} or null}.
EMSCRIPTEN_KEEPALIVE const char* round_town(const MailRound* round) {
  return attempt([&] {
    Json junctions = Json::array(), streets = Json::array(), must = Json::array();
    for (const auto& junction : round->network.junctions)
      junctions.push_back({{"name", junction.name}, {"x", junction.place.x}, {"y", junction.place.y}});
    for (const auto& street : round->network.streets) {
      Json bends = Json::array();
      for (const auto& bend : street.bends) bends.push_back({bend.x, bend.y});
      streets.push_back({{"a", street.a},
                         {"b", street.b},
                         {"length", street.length},
                         {"back", street.one_way() ? Json() : Json(street.back)},
                         {"name", street.name},
                         {"duty", street.duty},
                         {"reward", street.reward},
                         {"bends", bends}});
    }
    for (const char needed : round->task.must) must.push_back(needed != 0);
    Json exact;
    if (round->exact) exact = {{"length", round->exact->length}, {"steps", coded(*round->exact)}};
    return say({{"junctions", junctions},
                {"streets", streets},
                {"start", round->task.start},
                {"must", must},
                {"hot", round->cooling.hot},
                {"cold", round->cooling.cold},
                {"moves", round->cooling.moves},
                {"exact", exact}});
  });
}

// Takes so many moves of the cooling; how many have been taken of it.
EMSCRIPTEN_KEEPALIVE int round_advance(MailRound* round, int moves) {
  return attempt([&] {
    round->chain->advance(at_least_one(moves, "moves"));
    return static_cast<int>(round->chain->cooled());
  });
}

// Takes so many moves at kT, which are no part of the cooling.
EMSCRIPTEN_KEEPALIVE int round_hold(MailRound* round, double kT, int moves) {
  return attempt([&] {
    round->chain->hold(number(Json{{"kT", kT}}, "kT", 1, 0, 1e12), at_least_one(moves, "moves"));
    return static_cast<int>(round->chain->cooled());
  });
}

// {cooled, kT: of the cooling's next move, moves, accepted, length, reward: of the plan as it is, steps, best: {length,
// reward, steps} or null where no plan has kept the limit yet}; lengths in the town's unit.
EMSCRIPTEN_KEEPALIVE const char* round_report(const MailRound* round) {
  return attempt([&] {
    const route::Plan& plan = round->chain->plan();
    Json best;
    if (plan.best_cost() < 1e300) {
      const route::Round walk = plan.best_round();
      const route::RoundCheck check = check_round(round->task, walk);
      best = {{"length", check.length}, {"reward", check.reward}, {"steps", coded(walk)}};
    }
    return say({{"cooled", round->chain->cooled()},
                {"kT", round->chain->kT()},
                {"moves", round->chain->moves()},
                {"accepted", round->chain->accepted()},
                {"length", plan.length()},
                {"reward", plan.reward()},
                {"steps", coded(plan.round())},
                {"best", best}});
  });
}

EMSCRIPTEN_KEEPALIVE void round_free(MailRound* round) { delete round; }

}  // extern "C"
