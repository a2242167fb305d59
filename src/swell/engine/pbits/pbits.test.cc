#include "swell/engine/pbits/pbits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/kernels/dispatch.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell {

namespace {

constexpr FlipRule kUpdates[] = {FlipRule::gibbs, FlipRule::metropolis};
constexpr Coding kCodings[] = {Coding::bits, Coding::wide, Coding::narrow};

double uniform(uint64_t table, uint64_t index) { return draw_uniform({11, stream::kTesting}, table, index); }

// Couplings on a part of all pairs: +-1, small whole numbers, or real ones; with fields of the same kind.
enum class Numbers { signs, whole, real };
IsingModel random_model(int64_t units, double density, Numbers numbers, uint64_t table) {
  uint64_t next = 0;
  const auto number = [&] {
    const double u = uniform(table, next++);
    if (numbers == Numbers::signs) return u < 0.5 ? -1.0 : 1.0;
    return numbers == Numbers::whole ? std::floor(7 * u) - 3 : 2 * u - 1;
  };
  std::vector<IsingEdge> edges;
  for (int64_t a = 0; a < units; ++a) {
    for (int64_t b = a + 1; b < units; ++b) {
      if (uniform(table, next++) < density) edges.push_back({a, b, number()});
    }
  }
  std::vector<double> h(units, 0.0);
  for (double& field : h) field = number();
  return make_ising(units, edges, h);
}

std::vector<int8_t> spins_of_state(int64_t state, int64_t units) {
  std::vector<int8_t> spins(units);
  for (int64_t i = 0; i < units; ++i) spins[i] = (state >> i & 1) != 0 ? 1 : -1;
  return spins;
}

int64_t state_of(std::span<const int8_t> spins) {
  int64_t state = 0;
  for (size_t i = 0; i < spins.size(); ++i) state |= static_cast<int64_t>(spins[i] > 0) << i;
  return state;
}

// Upper tail of chi-square by Wilson and Hilferty's cube root, as a standard normal.
double chi_square_z(double chi_square, double freedom) {
  const double k = 2 / (9 * freedom);
  return (std::cbrt(chi_square / freedom) - (1 - k)) / std::sqrt(k);
}

PbitOptions options_of(Coding coding, FlipRule update, int64_t replicas, std::vector<double> beta) {
  PbitOptions options;
  options.coding = coding;
  options.update = update;
  options.replicas = replicas;
  options.beta = std::move(beta);
  options.noise = {5, stream::kPbits};
  options.threads = 2;
  return options;
}

}  // namespace

// Independent replicas after 40 sweeps at kT of the couplings' size; their starts are forgotten to far below the
// resolution of 20480 samples. False-alarm rate 5 sigmas = 3e-7 for each of 12 cases. A flip probability off by 2 %
// would be seen (tried: exp(-1.02 x) gives 40 sigmas).
TEST(pbits, replicas_follow_the_boltzmann_distribution_by_enumeration) {
  constexpr int64_t units = 6, states = 1 << units;
  constexpr double beta = 0.4;
  for (const Numbers numbers : {Numbers::signs, Numbers::whole}) {
    const IsingModel model = random_model(units, 0.7, numbers, 1);
    const Pbits pbits(model);
    std::vector<double> expected(states);
    double total = 0;
    for (int64_t s = 0; s < states; ++s)
      total += expected[s] = std::exp(-beta * ising_energy(model, spins_of_state(s, units)));
    for (const Coding coding : kCodings) {
      for (const FlipRule update : kUpdates) {
        constexpr int64_t replicas = 20480;
        const PbitRun run = pbits.sample(options_of(coding, update, replicas, std::vector<double>(40, beta)));
        std::vector<double> seen(states);
        for (int64_t r = 0; r < replicas; ++r) seen[state_of(run.spins_of(r))] += 1;
        // States that are expected fewer than ten times are counted together.
        double chi_square = 0, rest_seen = 0, rest_expected = 0, freedom = -1;
        const auto add = [&](double count, double mean) {
          chi_square += (count - mean) * (count - mean) / mean;
          freedom += 1;
        };
        for (int64_t s = 0; s < states; ++s) {
          const double mean = replicas * expected[s] / total;
          if (mean >= 10) {
            add(seen[s], mean);
          } else {
            rest_seen += seen[s];
            rest_expected += mean;
          }
        }
        if (rest_expected > 0) add(rest_seen, rest_expected);
        EXPECT_GT(freedom, 15);
        EXPECT_LT(chi_square_z(chi_square, freedom), 5)
            << static_cast<int>(coding) << static_cast<int>(update) << " chi-square " << chi_square << " / " << freedom;
      }
    }
  }
}

// From every state of a pair in fields, the flips of one sweep occur as often as the rates say, p_ij P_i = p_ji P_j:
// the two units are two colours, so that a sweep is one update of each. 6 sigmas, 2e-9 for each of 48 figures.
TEST(pbits, single_updates_obey_detailed_balance) {
  constexpr double beta = 0.5;
  const std::vector<IsingEdge> edges = {{0, 1, 1.0}};
  const IsingModel model = make_ising(2, edges, {0.0, 1.0});
  const Pbits pbits(model);
  constexpr int64_t replicas = 1 << 17;
  for (const Coding coding : kCodings) {
    for (const FlipRule update : kUpdates) {
      for (int64_t state = 0; state < 4; ++state) {
        std::vector<int8_t> start;
        for (int64_t r = 0; r < replicas; ++r) {
          const auto spins = spins_of_state(state, 2);
          start.insert(start.end(), spins.begin(), spins.end());
        }
        PbitOptions options = options_of(coding, update, replicas, {beta});
        options.start = start;
        options.first_sweep = 1000 * state;
        const PbitRun run = pbits.sample(options);
        std::vector<double> seen(4);
        for (int64_t r = 0; r < replicas; ++r) seen[state_of(run.spins_of(r))] += 1;
        const auto first_flips = [&](int64_t s) {
          const auto spins = spins_of_state(s, 2);
          const double cost = 2 * spins[0] * local_field(model, spins, 0);
          const double back = flip_probability(update, beta * -cost), there = flip_probability(update, beta * cost);
          EXPECT_NEAR(there / back, std::exp(-beta * cost), 1e-12);  // detailed balance of the formula itself
          return there;
        };
        const double p = first_flips(state);
        const double flipped = seen[(state ^ 1) & 3] + seen[state ^ 3];
        EXPECT_LE(std::abs(flipped - replicas * p), 6 * std::sqrt(replicas * p * (1 - p)) + 1e-9 * replicas)
            << static_cast<int>(coding) << static_cast<int>(update) << state;
      }
    }
  }
}

// L. Onsager, Phys. Rev. 65, 117 (1944); C. N. Yang, Phys. Rev. 85, 808 (1952), for the infinite lattice: at these
// temperatures the correlation length is below 6 spacings, and a 64 x 64 torus differs by far less than the resolution.
TEST(pbits, lattice_has_the_energy_of_onsager_and_the_magnetisation_of_yang) {
  const Pbits pbits(square_lattice(64, 64, 1));
  for (const double kT : {1.8, 2.1, 3.0}) {
    const double beta = 1 / kT;
    PbitOptions options =
        options_of(Coding::bits, FlipRule::metropolis, 512, std::vector<double>(kT < 2.2 ? 500 : 300, beta));
    const std::vector<int8_t> up(512 * 4096, 1);
    options.start = up;
    const PbitRun run = pbits.sample(options);
    std::vector<double> energy, magnetisation;
    for (int64_t r = 0; r < 512; ++r) {
      energy.push_back(run.energy[r] / 4096);
      const auto spins = run.spins_of(r);
      magnetisation.push_back(std::accumulate(spins.begin(), spins.end(), 0.0) / 4096);
    }
    const auto check = [&](const std::vector<double>& values, double truth, const char* what) {
      double sum = 0, squares = 0;
      for (const double v : values) sum += v;
      const double mean = sum / 512;
      for (const double v : values) squares += (v - mean) * (v - mean);
      const double error = std::sqrt(squares / (512.0 * 511.0));
      EXPECT_LE(std::abs(mean - truth), 6 * error + 1e-6) << what << " at kT " << kT << ": " << mean << " +- " << error;
      EXPECT_LE(error, 3e-3);  // 6 of them are 1 to 2 % of the energy
    };
    const double q = 2 * std::sinh(2 * beta) / std::pow(std::cosh(2 * beta), 2);
    const double t = std::tanh(2 * beta);
    check(energy, -(1 / std::tanh(2 * beta)) * (1 + 2 / M_PI * (2 * t * t - 1) * std::comp_ellint_1(q)), "energy");
    check(magnetisation, beta > 0.4406868 ? std::pow(1 - std::pow(std::sinh(2 * beta), -4), 0.125) : 0.0,
          "magnetisation");
  }
}

TEST(pbits, kernels_take_every_step_of_the_reference_with_whole_couplings) {
  const IsingModel models[] = {square_lattice(8, 6, 1),
                               square_lattice(6, 8, -1, 2),
                               square_lattice(5, 7, 1),
                               random_model(150, 0.05, Numbers::signs, 3),
                               random_model(150, 0.08, Numbers::whole, 4),
                               random_model(40, 0.9, Numbers::whole, 5)};
  for (const IsingModel& model : models) {
    const Pbits pbits(model);
    ASSERT_TRUE(pbits.fits_bits());
    for (const Coding coding : kCodings) {
      for (const FlipRule update : kUpdates) {
        PbitOptions options = options_of(coding, update, 20, {0.0, 0.1, 0.3, 0.3, 0.6, 1.0, 2.0});
        options.first_sweep = (int64_t{1} << 33) - 2;
        options.first_replica = 1024;
        options.engine = EngineKind::reference;
        const PbitRun truth = pbits.sample(options);
        options.engine = EngineKind::cpu;
        for (const std::string_view isa : cpu::available_isas()) {
          options.isa = isa;
          const PbitRun run = pbits.sample(options);
          EXPECT_EQ(run.spins, truth.spins) << isa << static_cast<int>(coding) << static_cast<int>(update);
          EXPECT_EQ(run.flips, truth.flips);
          EXPECT_EQ(run.heat, truth.heat);
          EXPECT_EQ(run.energy, truth.energy);
        }
      }
    }
  }
}

// Heat is summed flip by flip, the energies are taken from the states.
TEST(pbits, heat_closes_the_first_law) {
  for (const Numbers numbers : {Numbers::whole, Numbers::real}) {
    const Pbits pbits(random_model(100, 0.1, numbers, 6));
    for (const Coding coding : {Coding::wide, Coding::narrow}) {
      const PbitRun run = pbits.sample(options_of(coding, FlipRule::gibbs, 20, std::vector<double>(300, 0.7)));
      for (int64_t r = 0; r < 20; ++r) {
        // Local fields in single precision: a rounding of 2^-24 of a field of about 6, some 6000 flips.
        const double tolerance = numbers == Numbers::whole ? 0 : 6000 * 6 * 0x1p-24;
        EXPECT_NEAR(run.heat[r], run.start_energy[r] - run.energy[r], tolerance);
        EXPECT_GT(run.flips[r], 300);
      }
    }
  }
}

TEST(pbits, real_couplings_agree_between_layouts_and_reference_until_a_rounding_decides) {
  const Pbits pbits(random_model(60, 0.2, Numbers::real, 7));
  const auto spins = [&](Coding coding, EngineKind engine) {
    PbitOptions options = options_of(coding, FlipRule::metropolis, 40, std::vector<double>(20, 0.5));
    options.engine = engine;
    return pbits.sample(options).spins;
  };
  const auto truth = spins(Coding::wide, EngineKind::reference);
  for (const Coding coding : {Coding::wide, Coding::narrow}) {
    const auto found = spins(coding, EngineKind::cpu);
    int64_t different = 0;
    for (size_t i = 0; i < truth.size(); ++i) different += found[i] != truth[i];
    // 48,000 updates, each decided by a rounding of 1e-7 with a chance of about 1e-7: none is expected to differ.
    EXPECT_LE(different, 60) << static_cast<int>(coding);
  }
}

TEST(pbits, states_do_not_depend_on_threads_tiles_or_the_cut_into_calls) {
  const Pbits pbits(random_model(200, 0.05, Numbers::whole, 8));
  for (const Coding coding : kCodings) {
    PbitOptions options = options_of(coding, FlipRule::metropolis, 1100, {0.2, 0.4, 0.6, 0.8});
    options.threads = 1;
    const PbitRun whole = pbits.sample(options);
    options.threads = 3;
    EXPECT_EQ(pbits.sample(options).spins, whole.spins);
    options.beta = {0.2, 0.4};
    const PbitRun half = pbits.sample(options);
    options.beta = {0.6, 0.8};
    options.first_sweep = 2;
    options.start = half.spins;
    EXPECT_EQ(pbits.sample(options).spins, whole.spins);
    options.first_replica = 512;
    options.first_sweep = 0;
    options.beta = {0.2, 0.4, 0.6, 0.8};
    options.replicas = 300;
    options.start = {};
    const PbitRun part = pbits.sample(options);
    EXPECT_TRUE(std::equal(part.spins.begin(), part.spins.end(), whole.spins.begin() + 512 * 200));
  }
}

TEST(pbits, ladder_gives_each_replica_its_own_temperature) {
  const Pbits pbits(square_lattice(10, 10, 1));
  PbitOptions options = options_of(Coding::wide, FlipRule::metropolis, 32, {});
  options.sweeps = 30;
  for (int r = 0; r < 32; ++r) options.ladder.push_back(0.05 * r);
  const PbitRun ladder = pbits.sample(options);
  options.coding = Coding::narrow;
  EXPECT_EQ(pbits.sample(options).spins, ladder.spins);
  options.ladder.clear();
  options.beta.assign(30, 0.05 * 20);
  const PbitRun constant = pbits.sample(options);
  EXPECT_TRUE(std::equal(constant.spins.begin() + 2000, constant.spins.begin() + 2100, ladder.spins.begin() + 2000));
}

// Annealed, most of 512 replicas of each glass end in the ground state that enumeration finds, and none below it.
TEST(pbits, annealing_finds_the_ground_states_of_random_glasses) {
  for (uint64_t glass = 0; glass < 6; ++glass) {
    constexpr int64_t units = 20;
    const IsingModel model = random_model(units, 0.5, glass % 2 == 0 ? Numbers::whole : Numbers::real, 20 + glass);
    double lowest = 1e300;
    // Gray code: one flip from state to state.
    std::vector<int8_t> spins(units, -1);
    double energy = ising_energy(model, spins);
    for (int64_t k = 1; k < int64_t{1} << units; ++k) {
      lowest = std::min(lowest, energy);
      const int unit = __builtin_ctzll(static_cast<uint64_t>(k));
      energy += 2 * spins[unit] * local_field(model, spins, unit);
      spins[unit] = static_cast<int8_t>(-spins[unit]);
    }
    lowest = std::min(lowest, energy);
    std::vector<double> beta;
    for (int k = 0; k < 200; ++k) beta.push_back(0.1 * std::pow(50.0, k / 199.0));
    const Pbits pbits(model);
    for (const Coding coding : kCodings) {
      if (coding == Coding::bits && !pbits.fits_bits()) continue;
      const PbitRun run = pbits.sample(options_of(coding, FlipRule::metropolis, 512, beta));
      const double best = *std::min_element(run.best_energy.begin(), run.best_energy.end());
      EXPECT_NEAR(best, lowest, 1e-9) << glass;
      int64_t found = 0;
      for (const double end : run.best_energy) found += end < lowest + 1e-9;
      EXPECT_GT(found, 100) << glass;
    }
  }
}

TEST(pbits, what_cannot_be_sampled_is_refused_with_a_sentence) {
  const Pbits pbits(random_model(10, 0.5, Numbers::real, 9));
  EXPECT_FALSE(pbits.fits_bits());
  const auto refused = [&](const PbitOptions& options, const char* words) {
    try {
      pbits.sample(options);
      ADD_FAILURE() << words;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  refused(options_of(Coding::bits, FlipRule::gibbs, 64, {1}), "whole multiples");
  refused(options_of(Coding::wide, FlipRule::gibbs, 0, {1}), "0 replicas");
  refused(options_of(Coding::wide, FlipRule::gibbs, 1, {std::nan("")}), "beta is nan");
  PbitOptions options = options_of(Coding::wide, FlipRule::gibbs, 2, {1});
  options.ladder = {1};
  refused(options, "ladder");
  const std::vector<int8_t> start(10, 1);
  options.ladder = {};
  options.start = start;
  refused(options, "start");
}

}  // namespace swell
