#include "swell/ledger/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/ledger/to_json.h"

namespace swell {

namespace {

using Json = nlohmann::ordered_json;

// A deviation of the temperature that discrete steps and single precision may leave in equilibrium.
constexpr double kSlack = 0.02;
// Chance allows R-hat more than kMost where halves hold few independent draws, but never more than this: chains that do
// nothing but drift along one straight line have B / (N W) = 3 and R-hat = 2, and must not pass for slow ones.
constexpr double kMostByChance = 1.5, kErrors = 5;

bool has_kT(const Diagnostics& diagnostics) { return diagnostics.kT && diagnostics.kT->has_error(); }

bool is_too_far(const Diagnostics& diagnostics) {
  if (!has_kT(diagnostics)) return false;
  const Estimate& kT = *diagnostics.kT;
  const double off = std::abs(kT.mean - diagnostics.kT_set);
  if (off <= kSlack * diagnostics.kT_set) return false;
  return !(kT.stderr_of_mean > 0) || chance_of(off / kT.stderr_of_mean, kT.count, diagnostics.temperatures) < kChance;
}

bool is_too_large(const Diagnostics& diagnostics) {
  return diagnostics.r_hat && *diagnostics.r_hat > diagnostics.r_hat_limit;
}

double deviation(const Diagnostics& diagnostics) {
  return has_kT(diagnostics) ? std::abs(diagnostics.kT->mean - diagnostics.kT_set) / diagnostics.kT->stderr_of_mean : 0;
}

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

double r_hat_limit(const Chains& chains) {
  const double by_chance = expected_r_hat(correlation_of_draws(chains), chains.draws / 2, chains.chains, kErrors);
  return std::clamp(by_chance, Diagnostics::kMost, kMostByChance);
}

bool Diagnostics::tells() const { return no_claim.empty() && (r_hat || has_kT(*this) || !start.empty()); }

std::string Diagnostics::complaint() const {
  if (!tells()) return "";
  std::string seen;
  const auto add = [&](const std::string& more) { seen += (seen.empty() ? "" : "; ") + more; };
  if (!start.empty()) add(start);
  if (is_too_large(*this)) {
    add(
        fmt::format("split R-hat of {} is {:.3g} where {:.3g} is the most: the {} differ from each other, or drift, by "
                    "more than each of them varies, so that none has seen what all have seen",
                    r_hat_of, *r_hat, r_hat_limit, chain));
  }
  if (is_too_far(*this)) {
    add(
        fmt::format("the units' own temperature is {} {} where {:.4g} is set: their states are not those of that "
                    "temperature",
                    swell::to_text(*kT, 4), kT_unit, kT_set));
  }
  return seen.empty() ? "" : fmt::format("this has not equilibrated: {}; what helps: {}", seen, advice);
}

std::string Diagnostics::verdict() const {
  if (!tells()) return "";
  if (const std::string bad = complaint(); !bad.empty()) return bad;
  const std::string agree = r_hat ? fmt::format("the {} agree", chain) : "";
  const char* warm = has_kT(*this) ? "the units have the temperature that was set" : "";
  return fmt::format("in equilibrium, as far as this run can tell: {}{}{}", agree,
                     agree.empty() || *warm == 0 ? "" : ", and ", warm);
}

Diagnostics no_diagnostics(const std::string& why) {
  Diagnostics diagnostics;
  diagnostics.r_hat = diagnostics.effective_draws = Known<double>::none(why);
  diagnostics.kT = Known<Estimate>::none(why);
  diagnostics.first_law = Known<FirstLaw>::none(why);
  return diagnostics;
}

void watch(Diagnostics& diagnostics, const std::string& quantity, const Chains& chains, double limit) {
  const double r_hat = split_r_hat(chains), effective = effective_draws(chains);
  if (std::isnan(r_hat) || std::isnan(effective)) return;
  if (!diagnostics.r_hat || r_hat / limit > *diagnostics.r_hat / diagnostics.r_hat_limit) {
    diagnostics.r_hat = r_hat;
    diagnostics.r_hat_of = quantity;
    diagnostics.r_hat_limit = limit;
  }
  if (!diagnostics.effective_draws || effective < *diagnostics.effective_draws) diagnostics.effective_draws = effective;
  diagnostics.chains = chains.chains;
  diagnostics.draws = chains.draws;
}

void take_worse(Diagnostics& diagnostics, const Diagnostics& other) {
  const auto excess = [](const Diagnostics& each) { return *each.r_hat / each.r_hat_limit; };
  if (other.r_hat && (!diagnostics.r_hat || excess(other) > excess(diagnostics))) {
    diagnostics.r_hat = other.r_hat;
    diagnostics.r_hat_of = other.r_hat_of;
    diagnostics.r_hat_limit = other.r_hat_limit;
    diagnostics.chains = other.chains;
    diagnostics.draws = other.draws;
  }
  if (other.effective_draws && (!diagnostics.effective_draws || *other.effective_draws < *diagnostics.effective_draws))
    diagnostics.effective_draws = other.effective_draws;
  if (has_kT(diagnostics) && has_kT(other)) diagnostics.temperatures += other.temperatures;
  if (has_kT(other) && (!has_kT(diagnostics) || deviation(other) > deviation(diagnostics))) {
    diagnostics.kT = other.kT;
    diagnostics.kT_set = other.kT_set;
    diagnostics.kT_of_step = other.kT_of_step;
  }
  if (other.first_law && (!diagnostics.first_law || other.first_law->share > diagnostics.first_law->share))
    diagnostics.first_law = other.first_law;
  if (diagnostics.start.empty()) diagnostics.start = other.start;
}

Json to_json(const Diagnostics& diagnostics) {
  Json json, unknown = Json::object();
  const auto number = [&](const char* key, const Known<double>& value) {
    json[key] = value ? finite(*value) : Json(nullptr);
    if (!value) unknown[key] = value.why();
    if (value && !std::isfinite(*value)) unknown[key] = "infinite: nothing varies but from one chain to the next";
  };
  number("r_hat", diagnostics.r_hat);
  if (diagnostics.r_hat) {
    json["r_hat_limit"] = diagnostics.r_hat_limit;
    json["r_hat_of"] = diagnostics.r_hat_of;
    json["chains"] = diagnostics.chains;
    json["draws"] = diagnostics.draws;
  }
  number("effective_draws", diagnostics.effective_draws);
  json["kT"] = diagnostics.kT ? swell::to_json(*diagnostics.kT, diagnostics.kT_unit) : Json(nullptr);
  if (diagnostics.kT) {
    json["kT_set"] = diagnostics.kT_set;
    json["kT_of_step"] = diagnostics.kT_of_step;
  } else {
    unknown["kT"] = diagnostics.kT.why();
  }
  if (!diagnostics.first_law) unknown["first_law"] = diagnostics.first_law.why();
  if (!diagnostics.no_claim.empty()) json["note"] = diagnostics.no_claim;
  json["unknown"] = unknown;
  return json;
}

}  // namespace swell
