#pragma once

#include <cstdint>

namespace swell {

// One number per purpose, so that two uses of one seed never share a draw.
namespace stream {
constexpr uint32_t kRun = 0;         // a plain run
constexpr uint32_t kNoising = 1;     // noising trajectories of the gradient training
constexpr uint32_t kGeneration = 2;  // generated samples
constexpr uint32_t kProjection = 3;  // fixed random projections of data onto hidden units
constexpr uint32_t kTesting = 4;     // check points and random test machines
constexpr uint32_t kRounding = 5;    // stochastic rounding of parameters
constexpr uint32_t kStart = 6;       // states that runs start from
constexpr uint32_t kStyle = 7;       // which of a class's styles an image has
constexpr uint32_t kLinear = 16;     // replicas of a linear machine
constexpr uint32_t kProbe = 17;      // perturbations that show how fast a linear machine forgets
constexpr uint32_t kShuffle = 18;    // shuffles of the tests for independent samples
constexpr uint32_t kPbits = 20;      // acceptance of p-bit updates
constexpr uint32_t kPbitStart = 21;  // random starts of p-bits
constexpr uint32_t kPbitSwaps = 22;  // replica exchange and cluster moves
constexpr uint32_t kRoute = 23;      // moves of tours
constexpr uint32_t kInitial = 24;    // parameters that training starts from
constexpr uint32_t kLearning = 25;   // trajectories that training learns from
constexpr uint32_t kOrder = 26;      // the order in which training takes its examples
constexpr uint32_t kMutation = 27;   // perturbed machines of the genetic training
constexpr uint32_t kPlacement = 28;  // moves of units over the places of a chip
constexpr uint32_t kBootstrap = 40;  // resamples for standard errors
constexpr uint32_t kStandIn = 41;    // images that others are compared with: noise, classes, pixels
}  // namespace stream

// The seed of a part of a computation, where parts draw from the same streams.
constexpr uint64_t seed_of_part(uint64_t seed, uint64_t part) { return seed + 0x9e3779b97f4a7c15u * part; }

}  // namespace swell
