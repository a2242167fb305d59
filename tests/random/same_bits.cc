// The noise has the same bits on every instruction set, from any compiler, at any optimisation.
// By hand the digest was also met by a build with clang++ 14.0 at -O0 (docs/noise.md).

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <string>

#include "random/battery.h"
#include "swell/kernels/dispatch.h"

namespace swell::test {

namespace {

// FNV-1a over words, in the order of the address: trajectory, unit.
class Digest {
 public:
  void add(float x) { state_ = (state_ ^ std::bit_cast<uint32_t>(x)) * 0x100000001b3u; }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

// Addresses whose parts lie below and above every boundary of 16 and 32 bits.
TileAddress spread_address(uint64_t tile) {
  const uint64_t far = (tile % 4) << 31;
  return {
      {tile * 0x9e3779b97f4a7c15u, static_cast<uint32_t>(tile % 5)}, far + tile * 64 - 32 * (tile % 2), far * 3 + tile};
}

uint64_t digest_of(const Source& source, uint64_t tiles) {
  alignas(64) static std::array<float, kTileDraws> draws;
  Digest digest;
  for (uint64_t tile = 1; tile <= tiles; ++tile) {
    source(spread_address(tile), draws.data());
    for (const float x : draws) digest.add(x);
  }
  return digest.value();
}

// The same tile by the plain scalar formula of random/normal.h.
void draw_one_by_one(const TileAddress& address, float* draws) {
  for (int trajectory = 0; trajectory < kTileTrajectories; ++trajectory) {
    for (int unit = 0; unit < kTileUnits; ++unit) {
      draws[tile_index(trajectory, unit)] =
          draw_normal(address.key, address.trajectory + trajectory, address.step, unit);
    }
  }
}

constexpr uint64_t kTiles = 121;                     // 1.0e7 draws
constexpr uint64_t kPublished = 0xa8520f66d2d49306;  // frozen: a change of any bit changes every published result

}  // namespace

TEST(same_bits, every_instruction_set_and_layout_draws_the_published_normals) {
  for (const std::string_view isa : cpu::available_isas()) {
    EXPECT_EQ(digest_of(engine_draws(isa, cpu::Layout::wide), kTiles), kPublished) << isa << ", wide";
    EXPECT_EQ(digest_of(engine_draws(isa, cpu::Layout::narrow), kTiles), kPublished) << isa << ", narrow";
  }
}

TEST(same_bits, the_scalar_formula_draws_the_published_normals) {
  EXPECT_EQ(digest_of(draw_one_by_one, kTiles), kPublished);
}

// A digest that overlooked a bit would prove nothing.
TEST(same_bits, the_digest_sees_the_last_bit_of_one_draw) {
  const Source engine = engine_draws();
  const Source flipped = [&](const TileAddress& address, float* draws) {
    engine(address, draws);
    if (address.step == spread_address(2).step)
      draws[777] = std::bit_cast<float>(std::bit_cast<uint32_t>(draws[777]) ^ 1u);
  };
  EXPECT_NE(digest_of(flipped, 3), digest_of(engine, 3));
}

}  // namespace swell::test
