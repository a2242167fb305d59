#include "swell/programs/route/price.h"

namespace swell::route {

Bill price(const SearchFigures& figures, bool penalty, const Prices& prices) {
  Bill bill;
  bill.prices = prices;
  bill.per = "route";
  bill.results = 1;
  const char* no_device = "thermal moves are made by the digital host; no device is priced";
  const char* by_flips = "p-bits are priced by the flip";
  bill.heat_kT = bill.work_kT = Known<Estimate>::none(penalty ? by_flips : no_device);
  bill.preparation_kT = Known<Estimate>::none("a search is one piece");
  bill.flips = penalty ? Known<Estimate>(Estimate{figures.accepted, 0, 1}) : Known<Estimate>::none(no_device);
  const char* no_clock = penalty ? "updates of p-bits are counted, not sweeps" : no_device;
  bill.time_s = bill.side_by_side_s = Known<double>::none(no_clock);
  bill.readouts = bill.inputs = Known<double>::none(penalty ? "reading and writing bits is not priced" : no_device);
  bill.writes = Known<double>::none("the problem is an input");
  bill.engine = penalty ? Known<std::string>(std::string("p-bits"))
                        : Known<std::string>::none("moves of a route are made by the search itself");
  bill.multiply_adds = Known<double>::unknown("the search does not count them");
  bill.draws = penalty ? Known<double>(figures.moves) : Known<double>::unknown("the moves do not count their draws");
  bill.host_flips = penalty ? 0.0 : figures.accepted;
  bill.wall_s = figures.seconds;
  bill.training_wall_s = Known<double>::none("nothing is trained");
  const char* no_digital = "no digital solver is priced beside it";
  bill.digital_method = Known<std::string>::none(no_digital);
  bill.digital_multiply_adds = Known<double>::none(no_digital);
  bill.digital_wall_s = Known<double>::none(no_digital);
  return bill;
}

}  // namespace swell::route
