#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/learn/descent.h"

namespace swell {

// A small digital network that shows a machine what to do: layers of tanh units, then one softmax output per class.
class Teacher {
 public:
  // Weights drawn from a normal law of variance 1 / inputs of the layer.
  Teacher(int64_t inputs, const std::vector<int64_t>& hidden, int64_t classes, uint64_t seed);

  int64_t multiply_adds() const;  // of one answer
  int64_t hidden_units() const;

  // Adam on the cross entropy plus decay / 2 times the sum of the squares of all parameters, in portions of 128
  // examples, each epoch in an order of its own. inputs: [rows][inputs]. Returns false where after_update stopped it.
  bool train(std::span<const float> inputs, std::span<const int> labels, int epochs, double decay, uint64_t seed,
             int threads, const AfterUpdate& after_update = {});

  // Of each row: the activations of the hidden units, layer after layer, then the probabilities of the classes.
  std::vector<float> activations(std::span<const float> inputs, int64_t rows, int threads) const;

  // Share of rows whose most probable class is the label.
  double accuracy(std::span<const float> inputs, std::span<const int> labels, int threads) const;

  // Cross entropy, mean over these rows, and its derivative by all weights; for tests.
  double loss_and_gradient(std::span<const float> parameters, const float* inputs, const int* labels, int64_t rows,
                           std::vector<float>& gradient) const;

  const std::vector<float>& parameters() const { return parameters_; }

 private:
  // Values of every layer for some rows, [layers][rows][units of the layer].
  std::vector<std::vector<float>> forward(std::span<const float> parameters, const float* inputs, int64_t rows) const;

  std::vector<int64_t> sizes_;     // inputs, hidden layers, classes
  std::vector<float> parameters_;  // of each layer: [units before][units], then a bias for each unit
};

// Numbers 0 to count - 1 in the order of one epoch.
std::vector<int64_t> order_of_epoch(int64_t count, uint64_t seed, int64_t epoch);

}  // namespace swell
