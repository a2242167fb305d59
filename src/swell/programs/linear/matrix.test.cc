#include "swell/programs/linear/matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/io/npy.h"
#include "swell/io/test_folder.h"
#include "swell/programs/linear/matrix_files.h"

namespace swell::linear {
namespace {

Matrix of(int64_t rows, int64_t columns, std::vector<double> values) {
  Matrix a(rows, columns);
  a.values = std::move(values);
  return a;
}

TEST(matrix, halves_that_single_precision_sets_apart_become_one) {
  const float below = -0.0395342F, above = std::nextafter(below, -1.0F);
  Matrix a = of(2, 2, {1, above, below, 1});
  EXPECT_TRUE(is_symmetric(a));
  EXPECT_NEAR(require_positive_definite(a, "A"), std::abs(double{below} - above), 1e-15);
  EXPECT_EQ(a(0, 1), a(1, 0));
  EXPECT_EQ(a(0, 1), (double{below} + above) / 2);
  Matrix exact = of(2, 2, {1, 0.5, 0.5, 1});
  EXPECT_EQ(require_symmetric(exact, "A"), 0);
}

TEST(matrix, what_is_not_symmetric_is_told_with_digits_that_differ) {
  Matrix a = of(2, 2, {1, -0.0395342, -0.0395343, 1e-3});
  EXPECT_FALSE(is_symmetric(a));
  const std::string told = test::error_of<InputError>([&] { require_symmetric(a, "A"); });
  EXPECT_TRUE(test::contains(told, "(2, 1) is -0.0395343")) << told;
  EXPECT_TRUE(test::contains(told, "(1, 2) is -0.0395342")) << told;
}

// An inverse that overflows ended as "kT is inf", or as a pivot that is no number.
TEST(matrix, scales_whose_inverses_are_no_numbers_are_refused) {
  for (const double scale : {1e-310, 1e-301, 1e301, 1e308}) {
    const std::string told = test::error_of<InputError>([&] { require_square(of(1, 1, {scale}), "A"); });
    EXPECT_TRUE(test::contains(told, "1e-300 to 1e+300 is allowed")) << told;
  }
  for (const double scale : {0.0, 1e-300, 1.0, 1e300}) EXPECT_NO_THROW(require_square(of(1, 1, {scale}), "A"));
}

TEST(matrix, norms_hold_at_any_scale) {
  EXPECT_DOUBLE_EQ(frobenius_norm(of(1, 2, {3e200, 4e200})), 5e200);
  EXPECT_DOUBLE_EQ(frobenius_norm(of(1, 2, {3e-200, 4e-200})), 5e-200);
  EXPECT_EQ(frobenius_norm(of(1, 2, {0, 0})), 0);
  EXPECT_TRUE(std::isnan(frobenius_norm(of(1, 2, {std::nan(""), 0}))));
  EXPECT_EQ(scale_of(std::vector<double>{0.3, -5}), 4);
}

TEST(matrix, units_do_not_decide_whether_a_matrix_is_definite) {
  for (const double scale : {1e-150, 1.0, 1e150}) {
    Matrix a = of(2, 2, {2 * scale, scale, scale, 2 * scale});
    EXPECT_EQ(require_positive_definite(a, "A"), 0) << scale;
  }
  Matrix uneven = of(2, 2, {1e-14, 1e-1, 1e-1, 1e14});
  EXPECT_EQ(require_positive_definite(uneven, "A"), 0);
  Matrix singular = of(2, 2, {1e-14, 1, 1, 1e14});
  EXPECT_THROW(require_positive_definite(singular, "A"), InputError);
  const std::vector<double> t = equilibration(uneven);
  const Matrix even = equilibrated(uneven, t);
  for (int64_t i = 0; i < 2; ++i) {
    EXPECT_GE(even(i, i), 0.49);
    EXPECT_LE(even(i, i), 2.01);
  }
}

TEST(matrix, files_are_told_by_name_or_by_their_first_bytes) {
  const test::TestFolder folder;
  const std::string text = "%%MatrixMarket matrix array real general\n1 2\n3\n4\n";
  for (const char* name : {"a.mtx", "A.MTX", "a.txt"}) {
    std::ofstream(folder / name, std::ios::binary) << text;
    EXPECT_EQ(read_matrix(folder / name).values, (std::vector<double>{3, 4})) << name;
  }
  write_npy(folder / "b.npy", std::vector<int64_t>{2}, std::span<const double>(std::vector<double>{5, 6}));
  EXPECT_EQ(read_matrix(folder / "b.npy").rows, 2);
  std::ofstream(folder / "c.csv") << "1,2\n";
  const std::string told = test::error_of<InputError>([&] { read_matrix(folder / "c.csv"); });
  EXPECT_TRUE(test::contains(told, "c.csv: not a matrix file")) << told;
  EXPECT_THROW(read_matrix(folder / "missing"), IoError);
}

}  // namespace
}  // namespace swell::linear
