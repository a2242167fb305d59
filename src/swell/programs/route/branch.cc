#include "swell/programs/route/branch.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "swell/base/clock.h"
#include "swell/programs/route/relaxation.h"

namespace swell::route {

namespace {

// With a fixed number of runs the work does not depend on the clock.
constexpr int64_t kMostNodes = 300, kMostSolutions = 1500, kMostIdleCuts = 8;

class Tree {
 public:
  Tree(const RoundTask& task, const WholeLengths& whole, const SearchOptions& options, RoundAnswer& answer)
      : task_(task), whole_(whole), options_(options), answer_(answer), relaxation_(task, whole) {
    const double grain = whole.unit * (1 - 1e-6);
    exact_ = whole.exact && grain > 1e-9 * answer.round.length;
    grain_ = exact_ ? grain : 1e-9 * answer.round.length;
    const double left = options.seconds - elapsed();
    until_ = options.seconds > 0 ? elapsed() + 0.6 * left : 1e300;
  }

  void grow() {
    struct Node {
      double bound;
      int64_t number;
      std::vector<Relaxation::Change> changes;
      bool operator<(const Node& other) const {
        return bound != other.bound ? bound > other.bound : number < other.number;
      }
    };
    std::priority_queue<Node> open;
    open.push({-1e300, 0, {}});
    int64_t numbers = 1;
    double closed = 1e300;  // least bound of nodes that end here
    bool stopped = false;
    while (!open.empty() && !stopped) {
      const Node node = open.top();
      if (node.bound >= best() - grain_) break;
      open.pop();
      relaxation_.apply(node.changes);
      const Outcome outcome = bound_node();
      if (outcome.stopped) {
        open.push({std::max(node.bound, outcome.bound), node.number, node.changes});
        stopped = true;
        break;
      }
      if (outcome.bound >= best() - grain_ || outcome.column < 0) {
        closed = std::min(closed, outcome.bound);
        continue;
      }
      for (const bool up : {true, false}) {
        Node child = {outcome.bound, numbers++, node.changes};
        child.changes.push_back({outcome.column, up, outcome.value});
        open.push(std::move(child));
      }
      if (options_.seconds <= 0 && numbers > kMostNodes) stopped = true;
    }
    const double least = open.empty() ? 1e300 : open.top().bound;
    const bool done = !stopped || least >= best() - grain_;
    if (done && exact_) {
      answer_.bound = best();
      answer_.proved = true;
    } else if (done) {
      answer_.bound = std::max(*answer_.bound, best() * (1 - 2e-9));
    } else {
      answer_.bound = std::max(*answer_.bound, std::min({least, closed, best()}));
    }
  }

 private:
  struct Outcome {
    double bound = -1e300;
    int column = -1;
    double value = 0;
    bool stopped = false;
  };

  double elapsed() const { return seconds_since(options_.start); }
  double best() const { return answer_.round.length; }

  // Solves and cuts until no cut is found, or the cuts no longer gain much.
  Outcome bound_node() {
    Outcome outcome;
    double gained_from = -1e300;
    for (int64_t since_gain = 0;; ++since_gain) {
      const bool reached = options_.target && measure_.reaches(best(), *options_.target);
      if (reached || !options_.go_on() || elapsed() > until_ ||
          (options_.seconds <= 0 && solutions_ >= kMostSolutions)) {
        outcome.stopped = true;
        return outcome;
      }
      if (!relaxation_.solve(until_ - elapsed())) {
        outcome.stopped = !relaxation_.infeasible();  // out of time, or out of digits
        if (!outcome.stopped) outcome.bound = 1e300;  // no round is here
        return outcome;
      }
      ++solutions_;
      if (!tell(options_.progress, {"searching", elapsed(), options_.seconds, best()})) {
        outcome.stopped = true;
        return outcome;
      }
      outcome.bound = std::max(outcome.bound, relaxation_.bound());
      if (outcome.bound >= best() - grain_) return outcome;
      offer();
      if (outcome.bound > gained_from + 1e-5 * std::abs(outcome.bound)) {
        gained_from = outcome.bound;
        since_gain = 0;
      }
      const bool tired = since_gain > kMostIdleCuts && relaxation_.fractional().first >= 0;
      if (!tired && relaxation_.cut()) continue;
      const auto [column, value] = relaxation_.fractional();
      outcome.column = column;
      outcome.value = value;
      return outcome;
    }
  }

  // Rounds that the relaxation suggests; often at first, now and then later.
  void offer() {
    if (solutions_ > 40 && solutions_ % 8 != 0 && relaxation_.fractional().first >= 0) return;
    Round round = construct_round(task_, whole_, relaxation_.prices(), relaxation_.forward());
    if (!measure_.less(round.length, best())) return;
    answer_.round = std::move(round);
    answer_.method = "branch and cut with a classical construction";
  }

  const RoundTask& task_;
  const WholeLengths& whole_;
  const SearchOptions& options_;
  RoundAnswer& answer_;
  const Measure measure_ = measure_of_lengths(task_.network);
  Relaxation relaxation_;
  bool exact_ = true;
  double grain_ = 0, until_ = 0;
  int64_t solutions_ = 0;
};

}  // namespace

void prove_round(const RoundTask& task, const WholeLengths& whole, const SearchOptions& options, RoundAnswer& answer) {
  if (!answer.bound) answer.bound = 0;
  Tree(task, whole, options, answer).grow();
}

double most_reward(const RoundTask& task, const WholeLengths& whole, const SearchOptions& options) {
  double all = 0, grain = 1;
  for (size_t s = 0; s < task.must.size(); ++s) {
    const double reward = task.network.streets[s].reward;
    all += reward;
    if (std::round(reward) != reward || all > 0x1p40) grain = 0;
  }
  Relaxation relaxation(task, whole);
  const auto elapsed = [&] { return seconds_since(options.start); };
  const double until = options.seconds > 0 ? elapsed() + 0.15 * (options.seconds - elapsed()) : 1e300;
  double bound = all;
  for (int64_t k = 0; k < 200 && elapsed() < until && options.go_on(); ++k) {
    if (!relaxation.solve(until - elapsed())) break;
    bound = std::min(bound, -relaxation.bound());
    if (!relaxation.cut()) break;
  }
  // Whole rewards have a whole sum.
  return grain > 0 ? std::floor(bound + 1e-6) : bound;
}

}  // namespace swell::route
