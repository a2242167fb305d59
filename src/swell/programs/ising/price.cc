#include "swell/programs/ising/price.h"

#include <algorithm>
#include <vector>

namespace swell::ising {

Bill price(std::span<const Seeded> searches, const IsingModel& model, bool continuous, const Prices& prices) {
  std::vector<double> flips, entropy;
  double host = 0, seconds = 0, device_s = 0;
  RunCosts costs;
  for (const Seeded& one : searches) {
    flips.push_back(one.search.flips);
    entropy.push_back(one.search.entropy);
    host += one.search.host_flips;
    seconds += one.search.seconds;
    device_s += continuous ? one.search.time * prices.time_unit_s
                           : static_cast<double>(one.search.sweeps) * prices.update_time_s;
    costs.add(one.search.costs);
  }
  Bill bill;
  bill.prices = prices;
  bill.per = "answer";
  bill.results = static_cast<int64_t>(searches.size());
  bill.preparation_kT = Known<Estimate>::none("a search is one piece");
  bill.work_kT = Known<Estimate>::unknown("the work of changing the temperature is not booked");
  if (continuous) {
    bill.heat_kT = estimate(entropy);
    bill.flips = Known<Estimate>::none("continuous units have no flips");
  } else {
    bill.heat_kT = Known<Estimate>::none("p-bits are priced by the flip; their heat is in units of the couplings");
    bill.flips = estimate(flips);
  }
  // In a sweep every p-bit updates once, all of them side by side.
  const Known<double> update = update_time(prices);
  bill.time_s = continuous || update ? Known<double>(device_s / static_cast<double>(searches.size()))
                                     : Known<double>::unknown(update.why() + "; say how long an update takes");
  bill.side_by_side_s = Known<double>::unknown("how many devices could share a search is not counted");
  bill.readouts = Known<double>::unknown("how often the host reads the units is not counted");
  const auto fields = std::count_if(model.h.begin(), model.h.end(), [](double h) { return h != 0; });
  bill.inputs = static_cast<double>(model.edges() + fields);
  bill.writes = Known<double>::none("the couplings are the problem: they are inputs");
  bill.multiply_adds = costs.multiply_adds;
  bill.engine = costs.engine.empty() ? Known<std::string>::none("solved by exact reduction: nothing was simulated")
                                     : Known<std::string>(costs.engine);
  bill.draws = costs.draws;
  bill.host_flips = host;
  bill.wall_s = seconds;
  bill.training_wall_s = Known<double>::none("nothing is trained");
  const char* no_digital = "no digital solver was run beside it";
  bill.digital_method = Known<std::string>::none(no_digital);
  bill.digital_multiply_adds = Known<double>::none(no_digital);
  bill.digital_wall_s = Known<double>::none(no_digital);
  return bill;
}

}  // namespace swell::ising
